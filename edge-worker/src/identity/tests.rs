use super::{
    seal::{MAX_COOKIES, Opened, open, seal},
    *,
};
use proptest::prelude::*;

pub const NOW_MS: u64 = 1_790_000_000_000;
const DAY_MS: u64 = DAY_S * 1000;

fn key(seed: u8) -> Key {
    Key::new((0..32).map(|i| seed ^ i).collect())
}

fn ring(names: &[&str]) -> KeyRing {
    let named = |name: &&str| ((*name).to_owned(), key(name.as_bytes()[0]));
    KeyRing::new(names.iter().map(named).collect()).unwrap()
}

fn site(slug: &str) -> Site<'_> {
    Site::new(slug).unwrap()
}

/// What a test needs of a registry, and of a browser that was recognized.
pub struct Desk {
    ring: KeyRing,
    mint: Key,
}

impl Desk {
    pub fn new(names: &[&str]) -> Self {
        Self {
            ring: ring(names),
            mint: key(99),
        }
    }

    pub fn at(&self, now_ms: u64) -> Registry<'_> {
        Registry {
            ring: &self.ring,
            mint: &self.mint,
            site: site("demo"),
            carrier: Carrier::Cookie,
            now_ms,
        }
    }

    /// A visit of a browser with this cookie: who it is, and what carries that on.
    fn visit(&self, cookie: Option<&str>, tab: u64, now_ms: u64) -> (Identity, Carried) {
        let registry = self.at(now_ms);
        let recognized = registry.recognize(cookie, TabId(tab));
        let identity = recognized.identity;
        (identity, registry.carry(recognized, identity))
    }

    fn opened(&self, sealed: &str) -> Option<Identity> {
        let open = open(
            &self.ring,
            site("demo"),
            Carrier::Cookie,
            sealed,
            NOW_MS / 1000,
        );
        open.map(|Opened { identity, .. }| identity)
    }
}

const fn identity(id: u64) -> Identity {
    Identity {
        id: VisitorId::new(id),
        link: 0,
        since_ms: 0,
        began_ms: 0,
    }
}

fn sealed(ring: &KeyRing, identity: Identity) -> String {
    seal(ring, site("demo"), Carrier::Cookie, identity, NOW_MS / 1000)
}

#[test]
fn a_seal_stays_as_it_is() {
    let logged_in = Identity {
        link: 0x1234,
        since_ms: NOW_MS,
        began_ms: NOW_MS - DAY_MS,
        ..identity(77)
    };
    let sealed = sealed(&ring(&["k1"]), logged_in);
    expect_test::expect!["4d.6ab13b80.1234.1a0c4506c00.1a0bf2a1000.k1.fsntQchHf0jJYdHgWZrIOw"]
        .assert_eq(&sealed);
    expect_test::expect!["__Host-crumb-demo=4d.6ab13b80.1234.1a0c4506c00.1a0bf2a1000.k1.fsntQchHf0jJYdHgWZrIOw; Max-Age=34560000; Path=/; Secure; HttpOnly; SameSite=Lax"].assert_eq(&set_cookie(site("demo"), &sealed));
    expect_test::expect!["__Host-crumb-demo=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax"]
        .assert_eq(&clear_cookie(site("demo")));
}

#[test]
fn a_new_browser_gets_the_same_id_for_the_same_tab() {
    let desk = Desk::new(&["k"]);
    let id = |slug, tab, now_ms| {
        let registry = Registry {
            site: site(slug),
            ..desk.at(now_ms)
        };
        registry.recognize(None, TabId(tab)).identity.id
    };
    assert_eq!(id("demo", 7, NOW_MS), id("demo", 7, NOW_MS + DAY_MS));
    assert_ne!(id("demo", 7, NOW_MS), id("demo", 8, NOW_MS));
    assert_ne!(id("demo", 7, NOW_MS), id("other", 7, NOW_MS));
}

#[test]
fn a_seal_is_kept_for_a_day_then_renewed_then_forgotten() {
    let desk = Desk::new(&["k"]);
    let (first, carried) = desk.visit(None, 7, NOW_MS);
    assert!(carried.renewed);
    let cookie = Some(carried.sealed.as_str());

    let (within_a_day, same) = desk.visit(cookie, 7, NOW_MS + DAY_MS);
    assert_eq!((within_a_day, same.renewed), (first, false));
    assert_eq!(same.sealed, carried.sealed);

    let (later, renewed) = desk.visit(cookie, 7, NOW_MS + DAY_MS + 1000);
    assert_eq!((later, renewed.renewed), (first, true));
    assert_ne!(renewed.sealed, carried.sealed);
    assert!(
        !desk
            .visit(Some(&renewed.sealed), 7, NOW_MS + 2 * DAY_MS)
            .1
            .renewed
    );

    let other_tab = |now_ms| desk.visit(cookie, 8, now_ms).0;
    assert_eq!(other_tab(NOW_MS + MAX_AGE_S * 1000), first);
    assert_ne!(other_tab(NOW_MS + (MAX_AGE_S + 1) * 1000), first);
}

#[test]
fn keys_rotate_without_losing_anyone() {
    let (old, carried) = Desk::new(&["a"]).visit(None, 7, NOW_MS);
    let rotated = Desk::new(&["b", "a"]);
    let (same, renewed) = rotated.visit(Some(&carried.sealed), 7, NOW_MS);
    assert_eq!((same, renewed.renewed), (old, true));
    assert!(renewed.sealed.contains(".b."), "{}", renewed.sealed);
    // The old key is gone: its seals are nothing, the new one's hold.
    let after = Desk::new(&["b"]);
    assert_eq!(after.opened(&carried.sealed), None);
    assert_eq!(after.opened(&renewed.sealed), Some(old));
}

#[test]
fn a_seal_is_good_for_its_site_and_its_carrier_alone() {
    let ring = ring(&["k"]);
    let sealed = sealed(&ring, identity(5));
    let id = |slug, carrier| {
        let opened = open(&ring, site(slug), carrier, &sealed, NOW_MS / 1000);
        opened.map(|opened| opened.identity)
    };
    assert_eq!(id("demo", Carrier::Cookie), Some(identity(5)));
    assert_eq!(id("demo", Carrier::Token), None);
    assert_eq!(id("other", Carrier::Cookie), None);
}

#[test]
fn of_several_cookies_the_good_one_counts() {
    let desk = Desk::new(&["k"]);
    let (visitor, Carried { sealed, .. }) = desk.visit(None, 7, NOW_MS);
    let name = "__Host-crumb-demo";
    let header = format!("a=1; {name}=forged; {name}s=2; crumb=3; {name}={sealed}; b");
    let all: Vec<_> = cookies(&header, site("demo")).collect();
    assert_eq!(all, ["forged", &sealed]);
    let again = desk.at(NOW_MS).recognize(all, TabId(8));
    assert_eq!((again.identity, again.minted), (visitor, false));
    assert_eq!(cookies(&header, site("dem")).count(), 0);
    let many = format!("{name}=x;").repeat(99);
    assert_eq!(cookies(&many, site("demo")).count(), MAX_COOKIES);
}

#[test]
fn a_login_keeps_the_visitor_and_another_contacts_begins_another() {
    let desk = Desk::new(&["k"]);
    let registry = desk.at(NOW_MS);
    let noa = registry.log_in(identity(5), "noa", 100);
    assert_eq!((noa.visitor, noa.next.id), (identity(5).id, identity(5).id));
    assert_eq!(registry.log_in(noa.next, "noa", 200), noa);

    let dan = registry.log_in(noa.next, "dan", 300);
    assert_ne!(dan.visitor, noa.visitor);
    assert_eq!(dan.next.id, dan.visitor);
    assert_ne!(dan.next.link, noa.next.link);
    // Told at once by two requests, each with a token of its own: the same visitor.
    assert_eq!(registry.log_in(noa.next, "dan", 300), dan);
}

#[test]
fn a_sign_out_makes_room_for_the_next() {
    let desk = Desk::new(&["k"]);
    let registry = desk.at(NOW_MS);
    let noa = registry.log_in(identity(5), "noa", 100).next;
    let out = registry.sign_out(noa, (TabId(7), 3), 200);
    assert_ne!(out.id, noa.id);
    assert_eq!((out.link, out.since_ms), (0, 200));
    assert_eq!(registry.sign_out(noa, (TabId(7), 3), 200), out);
    assert_eq!(registry.sign_out(out, (TabId(7), 3), 200), out);
}

#[test]
fn what_comes_late_changes_nothing_any_more() {
    let desk = Desk::new(&["k"]);
    let registry = desk.at(NOW_MS);
    let noa = registry.log_in(identity(5), "noa", 100).next;
    let out = registry.sign_out(noa, (TabId(7), 3), 200);
    // The login is told once more: the next visitor is not taken for noa.
    let again = registry.log_in(out, "noa", 100);
    assert_eq!(again.next, out);
    assert_ne!(again.visitor, out.id);
    // The sign-out is told once more: dan stays logged in.
    let dan = registry.log_in(out, "dan", 300).next;
    assert_eq!(registry.sign_out(dan, (TabId(7), 3), 200), dan);
}

#[test]
fn what_was_recorded_before_a_visitor_began_is_not_theirs() {
    let desk = Desk::new(&["k"]);
    let registry = desk.at(NOW_MS);
    let whose = |identity, at_ms| registry.recorded_by(identity, TabId(7), at_ms);
    let first = registry.recognize(None, TabId(7)).identity;
    let noa = registry.log_in(first, "noa", NOW_MS - DAY_MS).next;
    assert_eq!(whose(noa, 0), noa.id, "who logs in stays who it was");
    let out = registry.sign_out(noa, (TabId(1), 3), NOW_MS);
    let dan = registry.log_in(noa, "dan", NOW_MS).next;
    for next in [out, dan] {
        assert_eq!(next.began_ms, NOW_MS);
        assert_eq!(whose(next, NOW_MS - JITTER_MS), next.id);
        assert_eq!(whose(next, NOW_MS - JITTER_MS - 1), first.id);
    }
}

proptest! {
    #[test]
    fn what_was_sealed_is_opened(id: u64, link: u64, at: [u64; 2], age_s in 0..=MAX_AGE_S) {
        let (ring, now_s) = (ring(&["k", "old"]), NOW_MS / 1000);
        let [since_ms, began_ms] = at;
        let identity = Identity { link, since_ms, began_ms, ..identity(id) };
        for carrier in [Carrier::Cookie, Carrier::Token] {
            let sealed = seal(&ring, site("demo"), carrier, identity, now_s - age_s);
            prop_assert!(sealed.len() <= protocol::limit::TOKEN_BYTES);
            let opened = open(&ring, site("demo"), carrier, &sealed, now_s).unwrap();
            prop_assert_eq!((opened.identity, opened.issued_s), (identity, now_s - age_s));
        }
    }

    #[test]
    fn a_seal_with_any_byte_changed_is_nothing(id: u64, at: prop::sample::Index, to: char) {
        let desk = Desk::new(&["k"]);
        let sealed = sealed(&desk.ring, identity(id));
        let at = at.index(sealed.len());
        let mut changed = sealed.clone();
        changed.replace_range(at..=at, &to.to_string());
        prop_assume!(changed != sealed);
        prop_assert_eq!(desk.opened(&changed), None);
        changed.replace_range(at.., "");
        prop_assert_eq!(desk.opened(&changed), None);
        prop_assert_eq!(desk.opened(&format!("{sealed}{to}")), None);
    }

    #[test]
    fn every_other_character_of_the_alphabet_is_refused_too(
        id: u64, at: prop::sample::Index, to in "[0-9a-zA-Z._+-]",
    ) {
        let desk = Desk::new(&["k"]);
        let sealed = sealed(&desk.ring, identity(id));
        let at = at.index(sealed.len());
        let mut changed = sealed.clone();
        changed.replace_range(at..=at, &to);
        prop_assert_eq!(desk.opened(&changed).is_some(), changed == sealed);
    }

    #[test]
    fn no_input_panics(text in "\\PC{0,80}", parts in prop::collection::vec("[0-9a-f]{0,20}", 0..8)) {
        let desk = Desk::new(&["k"]);
        prop_assert_eq!(desk.opened(&text), None);
        prop_assert_eq!(desk.opened(&parts.join(".")), None);
        prop_assert!(cookies(&text, site("demo")).count() <= MAX_COOKIES);
    }

    #[test]
    fn a_minted_id_never_has_the_top_bit(tab: u64, seq: u32, contact in "[a-z]{1,3}", at_ms: u64) {
        let desk = Desk::new(&["k"]);
        let registry = desk.at(NOW_MS);
        let first = registry.recognize(None, TabId(tab)).identity;
        let out = registry.sign_out(first, (TabId(tab), seq), at_ms);
        let other = registry.log_in(registry.log_in(out, "noa", at_ms).next, &contact, at_ms);
        for id in [first.id, out.id, other.visitor] {
            prop_assert_eq!(id.get() >> 63, 0);
        }
    }
}
