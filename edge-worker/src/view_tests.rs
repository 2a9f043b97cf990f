use super::*;
use expect_test::{Expect, expect};
use proptest::prelude::*;

const NOW_MS: u64 = 1_790_000_000_000;

fn key() -> Key {
    Key::new((0..32).collect())
}

/// The batch of a view.
fn encode(referer: &str, accept_language: &str, is_new: bool, at_ms: u64) -> Vec<u8> {
    let page = Page::read(referer, accept_language).unwrap();
    let view = View {
        site: Site::new("demo").unwrap(),
        tab: TabId(9),
        visitor: VisitorId::new(7),
        is_new,
        at_ms,
    };
    view.encode(&page, &key())
}

#[test]
fn a_view_is_one_event_about_its_page() {
    let bytes = encode(
        "https://shop.example:8443/product/%D7%A7%D7%A2%D7%A8%D7%94/?mail=dan@example.com",
        "he-IL,he;q=0.9,en;q=0.8",
        true,
        NOW_MS,
    );
    let batch = Batch::decode(&bytes).unwrap();
    expect![[r#"
        Header {
            site: "demo",
            tab_id: TabId(
                9,
            ),
            previous: None,
            lost: 0,
            dropped: 0,
            consent: Unset,
            staff: false,
            session: Session {
                id: SessionId(
                    6257025607983429121,
                ),
                started_at_ms: 1789999200000,
                number: 0,
                origin: Origin {
                    landing_path: "/product/קערה/",
                    referrer_host: "",
                    utm_source: "",
                    utm_medium: "",
                    utm_campaign: "",
                    utm_term: "",
                    utm_content: "",
                    click_id_kind: "",
                },
            },
            page: Page {
                source: None,
                host: "shop.example:8443",
                path: "/product/קערה/",
                query: "",
                title: "",
                canonical: "",
                category: "",
                product: "",
                language: "he-IL",
            },
        }
    "#]]
    .assert_debug_eq(&batch.header);
    expect![[r#"
        [
            Event {
                seq: 0,
                at_ms: 1790000000000,
                session_start: true,
                action: PageView,
                props: [],
            },
        ]
    "#]]
    .assert_debug_eq(&batch.events);
}

#[test]
fn only_a_new_visitor_begins_a_visit() {
    let bytes = encode("https://shop.example/a", "", false, NOW_MS);
    let batch = Batch::decode(&bytes).unwrap();
    assert!(batch.events.iter().all(|event| !event.session_start));
    assert_eq!(batch.header.session.origin, Origin::default());
}

#[test]
fn a_visit_is_half_an_hour_of_a_visitor_on_a_site() {
    let id = |site, visitor, at_ms: u64| {
        let site = Site::new(site).unwrap();
        identity::visit(&key(), site, VisitorId::new(visitor), at_ms / VISIT_MS)
    };
    let start = NOW_MS / VISIT_MS * VISIT_MS;
    assert_eq!(id("demo", 7, start), id("demo", 7, start + VISIT_MS - 1));
    for other in [
        id("demo", 7, start - 1),
        id("demo", 7, start + VISIT_MS),
        id("demo", 8, start),
        id("news", 7, start),
    ] {
        assert_ne!(id("demo", 7, start), other);
    }
}

fn check(referer: &str, expected: Expect) {
    expected.assert_eq(&match Page::read(referer, "") {
        Some(page) => format!("{} | {} | {}", page.origin, page.host, page.path),
        None => "no page".into(),
    });
}

#[test]
fn pages_are_read_from_referers() {
    check("", expect!["no page"]);
    check("about:blank", expect!["no page"]);
    check(
        "https://a.example",
        expect!["https://a.example | a.example | /"],
    );
    check(
        "https://a.example/?q=a/b",
        expect!["https://a.example | a.example | /"],
    );
    check(
        "https://a.example?x://y",
        expect!["https://a.example | a.example | /"],
    );
    check(
        "http://[::1]:8080/a//b#c",
        expect!["http://[::1]:8080 | [::1]:8080 | /a//b"],
    );
    // Whose page it is, is asked of the whole origin: this is one of no site's.
    check(
        "https://shop.example@evil.example/",
        expect!["https://shop.example@evil.example | shop.example@evil.example | /"],
    );
}

#[test]
fn paths_are_decoded_where_that_gives_text_and_masked() {
    for (raw, expected) in [
        ("/%D7%A9%D7%9C", "/של"),
        ("/a%20b+c%2Fd", "/a b+c%2Fd"),
        ("/%", "/%"),
        ("/%4", "/%4"),
        ("/%zz/%D7%A9", "/%zz/%D7%A9"),
        ("/%+4", "/%+4"),
        ("/%D7", "/%D7"),
        ("/%D7%", "/%D7%"),
        ("/u/dan%40example.com/orders", "/u/[mail]/orders"),
        ("/reset/9f86d081884c7d659a2feaa0c55ad015", "/reset/[token]"),
        ("/product/7290001234567/", "/product/7290001234567/"),
    ] {
        assert_eq!(clean_path(raw), expected, "{raw}");
    }
}

#[test]
fn bounds_are_kept_at_and_past_their_edge() {
    let path = |length: usize| format!("/{}", "-".repeat(length - 1));
    assert_eq!(clean_path(&path(limit::URL_BYTES)), path(limit::URL_BYTES));
    let long = clean_path(&path(limit::URL_BYTES + 1));
    assert_eq!(long.len(), limit::URL_BYTES);
    assert!(long.ends_with(limit::CUT_MARK));

    let origin = "https://a.example";
    let longest = origin.to_owned() + &path(REFERER_BYTES - origin.len());
    assert!(Page::read(&longest, "").is_some());
    assert!(Page::read(&(longest + "-"), "").is_none());

    let language = "a".repeat(LANGUAGE_BYTES);
    assert_eq!(first_language(&language), language);
    assert_eq!(first_language(&(language + "a")), "");
}

#[test]
fn the_first_language_counts() {
    for (accept, expected) in [
        ("he-IL", "he-IL"),
        (" he ;q=1, en", "he"),
        ("*", ""),
        ("", ""),
        ("עברית", ""),
    ] {
        assert_eq!(first_language(accept), expected, "{accept}");
    }
}

#[test]
fn the_site_stands_in_the_query() {
    for (query, expected) in [
        ("site=demo", "demo"),
        ("a=1&site=demo&site=other", "demo"),
        ("mysite=demo", ""),
        ("site", ""),
        ("", ""),
    ] {
        assert_eq!(slug(query), expected, "{query}");
    }
}

#[test]
fn what_is_fetched_ahead_is_told_apart() {
    assert!(is_ahead("prefetch") && is_ahead("prefetch;prerender"));
    assert!(!is_ahead(""));
}

proptest! {
    #[test]
    fn whatever_is_read_makes_a_batch(
        rest in "[/?#%a-f0-9@.א-ת-]{0,300}", language in "\\PC{0,50}", at_ms: u64, is_new: bool,
    ) {
        let referer = format!("https://a.example{rest}");
        if let Some(page) = Page::read(&referer, &language) {
            prop_assert!(referer.starts_with(page.origin));
            let (site, visitor) = (Site::new("demo").unwrap(), VisitorId::new(7));
            let view = View { site, tab: TabId(1), visitor, is_new, at_ms };
            let bytes = view.encode(&page, &key());
            let batch = Batch::decode(&bytes).unwrap();
            prop_assert_eq!(batch.header.page.path, page.path);
        }
    }

    #[test]
    fn no_referer_panics(referer in "\\PC{0,80}", query in "\\PC{0,40}") {
        let _ = Page::read(&referer, &referer);
        let _ = slug(&query);
    }

    #[test]
    fn what_was_encoded_is_decoded(text in "\\PC{0,40}") {
        let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        // What means something in an address stays as it is.
        let kept = |sign: char| {
            let escaped = format!("%{:02X}", u32::from(sign));
            if ";/?:@&=+$,#".contains(sign) { escaped } else { sign.to_string() }
        };
        prop_assert_eq!(decode(&encoded), Some(text.chars().map(kept).collect()));
    }
}
