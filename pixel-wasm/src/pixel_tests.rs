use super::*;
use crate::queue::tests::Shelf;
use proptest::prelude::*;
use protocol::{
    batch::{Batch, Consent, PageSource},
    event::{Action, ClickKind, CommerceKind, PropValue},
};

const NOW: u64 = 1_760_000_000_000;

/// A pixel with its clock, and what it sent.
struct Page {
    pixel: Box<Pixel<Shelf>>,
    now_ms: u64,
    sent: Vec<Vec<u8>>,
}

/// What is looked at of an event that was sent.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    tab: u64,
    seq: u32,
    at_ms: u64,
    session: (u64, u32),
    starts: bool,
    path: String,
    what: String,
}

impl Page {
    fn start(shelf: Shelf, seed: u64, consent_required: bool) -> Self {
        let mut pixel = Box::new(Pixel::new(shelf));
        pixel.start(b"demo", seed, consent_required);
        let mut page = Self {
            pixel,
            now_ms: NOW,
            sent: Vec::new(),
        };
        page.wait(0);
        page
    }

    fn open() -> Self {
        let mut page = Self::start(Shelf::default(), 1, false);
        page.tell(Tell::Shown, 1, "");
        page.tell(Tell::Page, 0, &facts("/", ""));
        page
    }

    /// Another page load, with what the browser remembers.
    fn next(&mut self, seed: u64) -> Self {
        let shelf = std::mem::take(&mut self.pixel.queue.store);
        let mut page = Self::start(shelf, seed, false);
        page.now_ms = self.now_ms;
        page.wait(1_000);
        page.tell(Tell::Shown, 1, "");
        page.tell(Tell::Page, 0, &facts("/next", ""));
        page
    }

    fn wait(&mut self, ms: u64) {
        self.now_ms += ms;
        self.pixel.clock(self.now_ms, self.now_ms - NOW);
    }

    fn tell(&mut self, tell: Tell, number: u32, text: &str) -> bool {
        self.pixel.tell(tell, number, text.as_bytes())
    }

    fn command(&mut self, by: u32, lines: &[&str]) -> bool {
        self.tell(Tell::Command, by, &lines.join("\n"))
    }

    /// Sends all that is due; the edge takes it.
    fn send(&mut self) {
        let mut out = Box::new(Bytes::EMPTY);
        loop {
            self.pixel.give(false, &mut out);
            if out.written() == 0 {
                break;
            }
            self.sent.push(out.get().to_vec());
            self.tell(Tell::Answered, 204, "");
        }
    }

    /// Everything that was sent, decoded as the edge does.
    fn seen(&mut self) -> Vec<Seen> {
        self.send();
        self.sent.iter().flat_map(|bytes| seen(bytes)).collect()
    }

    fn whats(&mut self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.what).collect()
    }
}

/// Lines of a page's facts, with the campaign.
fn facts(path: &str, campaign: &str) -> String {
    let mut lines = vec!["shop.example", path, "כותרת dan@example.com"];
    lines.extend([
        "https",
        "he-IL",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "ref.example",
        "",
        "",
        campaign,
    ]);
    lines.join("\n")
}

fn seen(bytes: &[u8]) -> Vec<Seen> {
    let attempt = protocol::attempt::Attempt::decode(bytes).unwrap();
    let batch = Batch::decode(attempt.batch).unwrap();
    let header = &batch.header;
    let seen = |event: &protocol::event::Event<'_>| Seen {
        tab: header.tab_id.0,
        seq: event.seq,
        at_ms: event.at_ms,
        session: (header.session.id.0, header.session.number),
        starts: event.session_start,
        path: header.page.path.to_owned(),
        what: what(&event.action),
    };
    batch.events.iter().map(seen).collect()
}

fn what(action: &Action<'_>) -> String {
    match action {
        Action::Dwell {
            dwell_ms,
            scroll_percent,
        } => format!("dwell {dwell_ms} {scroll_percent}"),
        Action::Click(click) => format!("{:?} {} {}", click.kind, click.text, click.path),
        Action::Search { term } => format!("search {term}"),
        Action::Form(form) => format!("{:?} {}", form.stage, form.name),
        Action::Identify(identify) => format!("{:?} {}", identify.by, identify.value),
        Action::Commerce(commerce) => {
            let items = commerce.items.iter();
            let items: Vec<_> = items
                .map(|item| format!("{}×{:?}", item.id, item.quantity))
                .collect();
            format!("{} {}", commerce.kind.as_str(), items.join(" "))
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn a_page_is_viewed_when_it_is_in_view() {
    let mut page = Page::start(Shelf::default(), 1, false);
    page.tell(Tell::Page, 0, &facts("/", ""));
    page.tell(Tell::Tick, 0, "");
    assert_eq!(page.whats(), [""; 0], "in the background");
    page.tell(Tell::Search, 0, "נר");
    assert_eq!(page.whats(), ["search נר"], "told, and still not in view");
    page.tell(Tell::Shown, 1, "");
    page.tell(Tell::Search, 0, "קערה");
    page.tell(Tell::Tick, 0, "");
    assert_eq!(page.whats(), ["search נר", "PageView", "search קערה"]);
}

#[test]
fn facts_are_written_as_the_wire_has_them() {
    let mut page = Page::open();
    let lines = [
        "shop.example",
        "/בית/050-1234567",
        "שלום dan@example.com",
        "/canonical",
        "he-IL",
        "size=m",
        "",
        "P-1",
        "layered",
        "P-2",
        "json",
        "P-3",
        "og",
        "P-4",
        "www.google.com",
        "newsletter",
        "email",
        "סתיו",
        "term",
        "top",
        "gclid",
    ];
    page.tell(Tell::Page, 0, &lines.join("\n"));
    page.tell(Tell::Staff, 1, "");
    page.tell(
        Tell::Track,
        0,
        "guide\ncolour\ntכחול\nrating\nn4.5\ngift\nb1\nnothing\nt",
    );
    page.send();
    let attempt = protocol::attempt::Attempt::decode(page.sent.last().unwrap()).unwrap();
    let batch = Batch::decode(attempt.batch).unwrap();
    let header = batch.header;
    let found = header.page;
    assert_eq!(
        [
            found.host,
            found.path,
            found.title,
            found.canonical,
            found.language,
            found.query,
            found.category,
            found.product
        ],
        [
            "shop.example",
            "/בית/[phone]",
            "שלום [mail]",
            "/canonical",
            "he-IL",
            "size=m",
            "layered",
            "P-1"
        ]
    );
    assert_eq!(found.source, PageSource::Explicit);
    assert!(header.staff);
    assert_eq!(header.consent, Consent::Unset);
    let origin = header.session.origin;
    assert_eq!(
        [
            origin.landing_path,
            origin.referrer_host,
            origin.utm_source,
            origin.utm_medium,
            origin.utm_campaign,
            origin.utm_term,
            origin.utm_content,
            origin.click_id_kind
        ],
        [
            "/בית/[phone]",
            "www.google.com",
            "newsletter",
            "email",
            "סתיו",
            "term",
            "top",
            "gclid"
        ]
    );
    let event = batch.events.last().unwrap();
    let props: Vec<_> = event
        .props
        .iter()
        .map(|prop| (prop.name, prop.value.clone()))
        .collect();
    let expected = [
        ("colour", PropValue::Text("כחול")),
        ("rating", PropValue::Number("4.5")),
        ("gift", PropValue::Bool(true)),
        ("nothing", PropValue::Text("")),
    ];
    assert_eq!(props, expected);
    assert_eq!(event.action, Action::Custom { name: "guide" });
}

#[test]
fn clicks_keep_no_address_of_a_person() {
    let mut page = Page::open();
    page.tell(
        Tell::Click,
        0,
        "Write\n\n\nmailto:\ndan@example.com\n\ndan@example.com\n\n.com.",
    );
    page.tell(
        Tell::Click,
        0,
        "To the shop\nhero\n\nhttps:\nshop.example/x\nshop.example\n/x\n\n.",
    );
    assert_eq!(
        page.whats()[1..],
        [
            format!("{:?} Write ", ClickKind::Mail),
            format!("{:?} To the shop /x", ClickKind::Link)
        ]
    );
}

#[test]
fn commerce_is_written_with_its_items() {
    let mut page = Page::open();
    let order = ["1299", "ILS", "A-1", "CRUMB10"];
    let item = ["CER-01", "קערה", "ceramics", "Hamra", "8990", "2", ""];
    assert!(page.command(0, &[&["purchase", ""][..], &order, &item, &item].concat()));
    page.send();
    let attempt = protocol::attempt::Attempt::decode(&page.sent[0]).unwrap();
    let batch = Batch::decode(attempt.batch).unwrap();
    let Action::Commerce(found) = &batch.events[1].action else {
        panic!()
    };
    assert_eq!(found.kind, CommerceKind::Purchase);
    assert_eq!(
        (
            found.value_cents,
            found.currency,
            found.order_id,
            found.coupon
        ),
        (Some(1299), "ILS", "A-1", "CRUMB10")
    );
    assert_eq!(found.items.len(), 2);
    let item = &found.items[1];
    assert_eq!(
        (
            item.id,
            item.name,
            item.category,
            item.brand,
            item.price_cents,
            item.quantity
        ),
        ("CER-01", "קערה", "ceramics", "Hamra", Some(8990), Some(2))
    );
    assert!(!page.command(0, &["purchased"]), "no such command");
}

#[test]
fn a_change_of_quantity_is_pieces_added_or_removed() {
    let mut page = Page::open();
    let item = |id, now, before| [id, "", "", "", "", now, before];
    page.command(
        0,
        &[
            &["update_cart", "", "", "", "", ""][..],
            &item("a", "3", "1"),
            &item("b", "0", "2"),
            &item("c", "1", "1"),
        ]
        .concat(),
    );
    page.command(
        0,
        &[
            &["update_cart", "", "", "", "", ""][..],
            &item("c", "1", "1"),
        ]
        .concat(),
    );
    assert_eq!(
        page.whats()[1..],
        ["add_to_cart a×Some(2)", "remove_from_cart b×Some(2)"]
    );
}

#[test]
fn what_two_sources_tell_at_once_is_one_and_so_is_an_order_told_again() {
    let mut page = Page::open();
    let add = [
        "add_to_cart",
        "",
        "",
        "",
        "",
        "",
        "a",
        "",
        "",
        "",
        "",
        "1",
        "",
    ];
    page.command(0, &add);
    page.command(1, &add);
    page.command(0, &add);
    page.wait(TWIN_MS);
    page.command(1, &add);
    fn buy(id: &str) -> [&str; 6] {
        ["purchase", "", "", "", id, ""]
    }
    page.command(0, &buy("A-1"));
    page.wait(5_000);
    page.command(1, &buy("A-1"));
    page.command(1, &buy("A-2"));
    assert_eq!(
        page.whats()
            .iter()
            .filter(|what| what.starts_with("add"))
            .count(),
        3
    );
    assert_eq!(
        page.whats()
            .iter()
            .filter(|what| what.starts_with("purchase"))
            .count(),
        2
    );
    // The thank-you page is loaded again.
    let mut again = page.next(2);
    again.command(0, &buy("A-1"));
    for n in 0..MOST_ORDERS {
        again.command(0, &buy(&format!("B-{n}")));
    }
    assert_eq!(
        again
            .whats()
            .iter()
            .filter(|what| what.starts_with("purchase"))
            .count(),
        MOST_ORDERS
    );
}

#[test]
fn forms_are_begun_sent_and_left() {
    let mut page = Page::open();
    for (tell, name) in [
        (Tell::FormStart, "newsletter"),
        (Tell::FormStart, "newsletter"),
        (Tell::FormStart, "contact"),
        (Tell::FormSubmit, "newsletter"),
        (Tell::Left, ""),
        (Tell::Left, ""),
    ] {
        page.tell(tell, 0, name);
    }
    assert_eq!(
        page.whats()[1..],
        [
            "Start newsletter",
            "Start contact",
            "Submit newsletter",
            "Abandon contact"
        ]
    );
}

#[test]
fn an_application_puts_one_page_in_the_place_of_another() {
    let mut page = Page::open();
    page.wait(4_000);
    page.tell(Tell::FormStart, 0, "search");
    page.tell(Tell::Moving, 0, "");
    page.wait(1_000);
    page.tell(Tell::Changed, 0, &facts("/shoes", ""));
    page.tell(Tell::Tick, 0, "");
    page.wait(2_000);
    page.tell(Tell::Changed, 0, &facts("/shoes", ""));
    page.tell(Tell::Shown, 0, "");
    let seen = page.seen();
    let seen: Vec<_> = seen.iter().map(|seen| (&*seen.path, &*seen.what)).collect();
    assert_eq!(
        seen,
        [
            ("/", "PageView"),
            ("/", "Start search"),
            ("/", "dwell 4000 0"),
            ("/", "Abandon search"),
            ("/shoes", "PageView"),
            ("/shoes", "dwell 3000 0"),
        ]
    );
}

#[test]
fn a_campaign_begins_a_visit_and_a_later_one_is_a_returning_visitors() {
    let mut page = Page::open();
    page.tell(Tell::Page, 0, &facts("/", "autumn"));
    page.tell(Tell::Tick, 0, "");
    page.wait(31 * 60 * 1000);
    page.tell(Tell::Search, 0, "a");
    let seen = page.seen();
    let visits: Vec<_> = seen
        .iter()
        .map(|seen| (seen.session.1, seen.starts))
        .collect();
    // The first page was never in view before another took its place.
    assert_eq!(visits[0], (1, true));
    assert_eq!(visits.last(), Some(&(2, true)));
    let mut again = page.next(7);
    again.tell(Tell::Search, 0, "b");
    assert_eq!(
        again.seen().last().unwrap().session,
        seen.last().unwrap().session,
        "tabs share it"
    );
}

#[test]
fn before_consent_nothing_is_stored_or_given_and_then_all_of_it() {
    let mut page = Page::start(Shelf::default(), 1, true);
    page.pixel.queue.store.set(b"crumb.w", b"1");
    page.tell(Tell::Shown, 1, "");
    page.tell(Tell::Page, 0, &facts("/", ""));
    page.wait(3_000);
    page.tell(Tell::Search, 0, "held");
    page.tell(Tell::Shown, 0, "");
    page.wait(60_000);
    assert_eq!(page.whats(), [""; 0]);
    assert_eq!(page.pixel.queue.store.entries.len(), 1);
    page.tell(Tell::Consent, 1, "");
    let seen = page.seen();
    let told: Vec<_> = seen
        .iter()
        .map(|seen| (seen.at_ms - NOW, &*seen.what))
        .collect();
    assert_eq!(
        told,
        [
            (3_000, "PageView"),
            (3_000, "search held"),
            (3_000, "dwell 3000 0")
        ]
    );
    let attempt = protocol::attempt::Attempt::decode(&page.sent[0]).unwrap();
    let header = Batch::decode(attempt.batch).unwrap().header;
    assert_eq!((header.consent, header.staff), (Consent::Granted, true));
}

#[test]
fn what_is_held_is_bounded_and_the_rest_counted() {
    let mut page = Page::start(Shelf::default(), 1, true);
    page.tell(Tell::Shown, 1, "");
    page.tell(Tell::Page, 0, &facts("/", ""));
    for n in 0..100 {
        page.tell(Tell::Search, 0, &format!("{n}{}", "a".repeat(1_000)));
    }
    page.tell(Tell::Consent, 1, "");
    let recorded = page.seen().len() as u64;
    assert!(recorded < 60);
    let lost = page.pixel.queue.lost();
    assert_eq!(recorded + lost, 101, "one page view and all the searches");
}

#[test]
fn a_no_forgets_everything_and_a_later_yes_begins_anew() {
    let mut page = Page::open();
    page.tell(Tell::Search, 0, "forgotten");
    let before = page.pixel.queue.tab;
    assert!(!page.pixel.queue.store.entries.is_empty());
    page.pixel.queue.store.set(b"cart", b"the shop's own");
    assert!(page.tell(Tell::Consent, 2, ""), "the edge has to know");
    let kept: Vec<_> = page.pixel.queue.store.entries.iter().collect();
    assert_eq!(kept, [(&b"cart".to_vec(), &b"the shop's own".to_vec())]);
    assert!(!page.tell(Tell::Consent, 2, ""));
    page.tell(Tell::Search, 0, "unheard");
    assert_eq!(page.whats(), [""; 0]);
    page.tell(Tell::Consent, 0, "");
    page.tell(Tell::Consent, 1, "");
    page.tell(Tell::Search, 0, "heard");
    let seen = page.seen();
    let told: Vec<_> = seen.iter().map(|seen| (seen.seq, &*seen.what)).collect();
    assert_eq!(told, [(0, "PageView"), (1, "search heard")]);
    assert_ne!(seen[0].tab, before);
}

#[test]
fn a_no_from_the_start_is_nobodys_business() {
    let mut page = Page::start(Shelf::default(), 1, false);
    assert!(!page.tell(Tell::Consent, 2, ""));
    assert!(page.pixel.queue.store.entries.is_empty());
}

#[test]
fn who_somebody_is_stands_first_in_its_batch_and_is_not_masked() {
    let mut page = Page::open();
    let token = "eyJhbGciOiJIUzI1NiIsImtpZCI6ImsxIn0.e30.c2lnbmF0dXJl0123456789";
    page.tell(Tell::Search, 0, "before");
    page.tell(Tell::Identify, 0, token);
    page.tell(Tell::Search, 0, "after");
    page.tell(Tell::Identify, 3, "dan@example.com");
    page.tell(Tell::Identify, 4, "");
    page.send();
    let batches: Vec<Vec<_>> = page
        .sent
        .iter()
        .map(|bytes| seen(bytes).into_iter().map(|seen| seen.what).collect())
        .collect();
    assert_eq!(
        batches,
        [
            vec!["PageView".to_owned(), "search before".into()],
            vec![format!("Login {token}"), "search after".into()],
            vec!["Mail dan@example.com".into()],
        ]
    );
}

#[test]
fn on_a_page_of_which_nothing_is_recorded_who_somebody_is_comes_after_its_view() {
    let mut page = Page::open();
    page.tell(Tell::Identify, 1, "a.token");
    assert_eq!(page.whats(), ["PageView", "Landing a.token"]);
    assert_eq!(page.sent.len(), 2);
}

#[test]
fn after_a_sign_out_somebody_else_begins_a_visit() {
    let mut page = Page::open();
    page.tell(Tell::Search, 0, "hers");
    page.tell(Tell::SignOut, 0, "");
    page.tell(Tell::Search, 0, "somebody's");
    let seen = page.seen();
    let told: Vec<_> = seen.iter().map(|seen| (seen.starts, &*seen.what)).collect();
    assert_eq!(
        told,
        [
            (true, "PageView"),
            (false, "search hers"),
            (false, "SignOut"),
            (true, "search somebody's"),
        ]
    );
    assert_eq!(page.sent.len(), 2, "the sign-out is the last of its batch");
    assert_eq!(seen[3].session.1, 1, "of that one's it is the first");
    assert_ne!(seen[3].session.0, seen[0].session.0);
}

#[test]
fn a_default_of_no_holds_until_the_visitor_chooses() {
    let mut page = Page::open();
    page.tell(Tell::Consent, 0, "");
    page.tell(Tell::Search, 0, "held");
    assert_eq!(page.whats(), [""; 0]);
    page.tell(Tell::Consent, 1, "");
    page.tell(Tell::Consent, 0, "");
    assert_eq!(
        page.whats(),
        ["PageView", "search held"],
        "a choice outlasts a default"
    );
}

#[test]
fn a_token_is_sent_along_until_it_is_refused() {
    let mut page = Page::open();
    let token = |page: &mut Page| {
        let mut out = Box::new(Bytes::EMPTY);
        page.pixel.give(false, &mut out);
        protocol::attempt::Attempt::decode(out.get())
            .unwrap()
            .head
            .token
            .to_owned()
    };
    page.tell(Tell::Search, 0, "a");
    assert_eq!(token(&mut page), "");
    page.tell(Tell::Answered, 201, "1.2.3.4.k.mac");
    page.tell(Tell::Search, 0, "b");
    assert_eq!(token(&mut page), "1.2.3.4.k.mac");
    page.tell(Tell::Answered, 400, "");
    page.tell(Tell::Search, 0, "c");
    assert_eq!(token(&mut page), "");
}

#[test]
fn retry_after_is_heeded() {
    let mut page = Page::open();
    page.tell(Tell::Search, 0, "a");
    let mut out = Box::new(Bytes::EMPTY);
    page.pixel.give(false, &mut out);
    page.tell(Tell::Answered, 503 + 60 * 1000, "");
    page.wait(59_000);
    page.pixel.give(false, &mut out);
    assert_eq!(out.written(), 0);
    page.wait(1_000);
    page.pixel.give(false, &mut out);
    assert!(out.written() > 0);
}

#[test]
fn the_scripts_numbers_are_these() {
    let script = include_str!("../../js-snippet/src/tell.ts");
    let (_, list) = script.split_once("const enum What {").unwrap();
    let (list, _) = list.split_once('}').unwrap();
    let names: Vec<_> = list
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let ours: Vec<_> = Tell::ALL.iter().map(|tell| format!("{tell:?}")).collect();
    assert_eq!(names, ours);
    for (place, tell) in Tell::ALL.into_iter().enumerate() {
        assert_eq!(tell as usize, place);
    }
}

fn step() -> impl Strategy<Value = (Tell, u32, &'static str, i64)> {
    let tell = prop_oneof![
        4 => Just((Tell::Input, 50, "")),
        4 => Just((Tell::Tick, 0, "")),
        2 => (0..2_u32).prop_map(|visible| (Tell::Shown, visible, "")),
        2 => Just((Tell::Search, 0, "נר dan@example.com")),
        2 => Just((Tell::Command, 0, "add_to_cart\n\n\n\n\n\na\n\n\n\n100\n1\n")),
        1 => Just((Tell::FormStart, 0, "contact")),
        1 => Just((Tell::Left, 0, "")),
        1 => Just((Tell::Moving, 0, "")),
        1 => Just((Tell::Changed, 0, "shop.example\n/other")),
        1 => Just((Tell::Page, 0, "shop.example\n/again")),
        1 => Just((Tell::Consent, 0, "")),
        1 => Just((Tell::Consent, 1, "")),
        1 => Just((Tell::Track, 0, "x\na\nn1\nb\nb0")),
    ];
    (tell, -5_000..40_000_i64).prop_map(|((tell, number, text), jump)| (tell, number, text, jump))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Any interleaving of what pages tell, with a wall clock that jumps: what is sent is
    /// always decodable and masked, no seq is missing without being counted, and dwell never
    /// exceeds the time that went by.
    #[test]
    fn any_history_is_sent_whole(steps in prop::collection::vec(step(), 1..120)) {
        let mut page = Page::open();
        let mut steady_ms = 0;
        for (tell, number, text, jump) in steps {
            // The wall clock may be set; the other never goes back.
            steady_ms += jump.unsigned_abs();
            page.now_ms = page.now_ms.saturating_add_signed(jump);
            page.pixel.clock(page.now_ms, steady_ms);
            page.tell(tell, number, text);
            if number == 0 {
                page.send();
            }
        }
        page.tell(Tell::Consent, 1, "");
        page.tell(Tell::Shown, 0, "");
        let seen = page.seen();
        let lost = page.pixel.queue.lost();
        let mut seqs: Vec<_> = seen.iter().map(|seen| u64::from(seen.seq)).collect();
        seqs.sort_unstable();
        seqs.dedup();
        let recorded = seqs.last().map_or(0, |last| last + 1);
        prop_assert_eq!(seqs.len() as u64 + lost, recorded.max(lost));
        let dwell_ms: u64 = seen
            .iter()
            .filter_map(|seen| seen.what.strip_prefix("dwell ")?.split_once(' ')?.0.parse::<u64>().ok())
            .sum();
        prop_assert!(dwell_ms <= steady_ms, "{dwell_ms} of {steady_ms}");
        prop_assert!(seen.iter().all(|seen| !seen.what.contains('@')));
    }

    /// Whatever text a page tells, what is sent can be decoded.
    #[test]
    fn any_text_is_sent_so_that_it_can_be_read(
        place in 0..Tell::ALL.len(), number in 0..4_u32, text in "[\\PC\n]{0,3000}",
    ) {
        let mut page = Page::open();
        let tell = Tell::ALL[place];
        // The script says which props are numbers.
        let text = text.replace("\nn", "\nt");
        if tell != Tell::Consent && tell != Tell::Answered {
            page.tell(tell, number, &text);
        }
        page.tell(Tell::Tick, 0, "");
        page.seen();
    }
}
