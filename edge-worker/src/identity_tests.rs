use super::*;
use proptest::prelude::*;

const NOW_MS: u64 = 1_790_000_000_000;
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

/// Decides for a cookie of the site `demo`, with the tab 7.
fn decide_at(ring: &KeyRing, cookie: Option<&str>, now_ms: u64) -> Visitor {
    let mint = key(99);
    let keys = Keys { ring, mint: &mint };
    decide(
        keys,
        site("demo"),
        Carrier::Cookie,
        cookie,
        TabId(7),
        now_ms,
    )
}

fn opened(ring: &KeyRing, sealed: &str) -> Option<VisitorId> {
    open(ring, site("demo"), Carrier::Cookie, sealed, NOW_MS / 1000).map(|opened| opened.id)
}

#[test]
fn a_seal_stays_as_it_is() {
    let sealed = seal(
        &ring(&["k1"]),
        site("demo"),
        Carrier::Cookie,
        VisitorId::new(77),
        NOW_MS / 1000,
        0,
    );
    expect_test::expect!["4d.6ab13b80.0.k1.04PQuDGPTcpDTz9PAXm6rw"].assert_eq(&sealed);
    expect_test::expect!["crumb=4d.6ab13b80.0.k1.04PQuDGPTcpDTz9PAXm6rw; Max-Age=34560000; Path=/; Secure; HttpOnly; SameSite=Lax"].assert_eq(&set_cookie(&sealed));
}

#[test]
fn a_new_browser_gets_the_same_id_for_the_same_tab() {
    let (ring, mint) = (ring(&["k"]), key(99));
    let keys = Keys {
        ring: &ring,
        mint: &mint,
    };
    let id = |slug, tab, now| decide(keys, site(slug), Carrier::Cookie, None, TabId(tab), now).id;
    assert_eq!(id("demo", 7, NOW_MS), id("demo", 7, NOW_MS + DAY_MS));
    assert_ne!(id("demo", 7, NOW_MS), id("demo", 8, NOW_MS));
    assert_ne!(id("demo", 7, NOW_MS), id("other", 7, NOW_MS));
}

#[test]
fn a_seal_is_kept_for_a_day_then_renewed_then_forgotten() {
    let ring = ring(&["k"]);
    let first = decide_at(&ring, None, NOW_MS);
    assert!(first.renewed && first.minted);
    let cookie = Some(first.sealed.as_str());

    let within_a_day = decide_at(&ring, cookie, NOW_MS + DAY_MS);
    assert_eq!((within_a_day.id, within_a_day.renewed), (first.id, false));
    assert_eq!(within_a_day.sealed, first.sealed);

    let later = decide_at(&ring, cookie, NOW_MS + DAY_MS + 1000);
    assert_eq!(
        (later.id, later.renewed, later.minted),
        (first.id, true, false)
    );
    assert_ne!(later.sealed, first.sealed);
    assert!(!decide_at(&ring, Some(&later.sealed), NOW_MS + 2 * DAY_MS).renewed);

    let other_tab = |now_ms| {
        let mint = key(99);
        let keys = Keys {
            ring: &ring,
            mint: &mint,
        };
        decide(
            keys,
            site("demo"),
            Carrier::Cookie,
            cookie,
            TabId(8),
            now_ms,
        )
        .id
    };
    assert_eq!(other_tab(NOW_MS + MAX_AGE_S * 1000), first.id);
    assert_ne!(other_tab(NOW_MS + (MAX_AGE_S + 1) * 1000), first.id);
}

#[test]
fn keys_rotate_without_losing_anyone() {
    let old = decide_at(&ring(&["a"]), None, NOW_MS);
    let rotated = ring(&["b", "a"]);
    let renewed = decide_at(&rotated, Some(&old.sealed), NOW_MS);
    assert_eq!((renewed.id, renewed.renewed), (old.id, true));
    assert!(renewed.sealed.contains(".b."), "{}", renewed.sealed);
    // The old key is gone: its seals are nothing, the new one's hold.
    let after = ring(&["b"]);
    assert_eq!(opened(&after, &old.sealed), None);
    assert_eq!(opened(&after, &renewed.sealed), Some(old.id));
}

#[test]
fn a_seal_is_good_for_its_site_and_its_carrier_alone() {
    let ring = ring(&["k"]);
    let now_s = NOW_MS / 1000;
    let sealed = seal(
        &ring,
        site("demo"),
        Carrier::Cookie,
        VisitorId::new(5),
        now_s,
        0,
    );
    let id = |slug, carrier| {
        open(&ring, site(slug), carrier, &sealed, now_s).map(|opened| opened.id.get())
    };
    assert_eq!(id("demo", Carrier::Cookie), Some(5));
    assert_eq!(id("demo", Carrier::Token), None);
    assert_eq!(id("other", Carrier::Cookie), None);
}

#[test]
fn of_several_cookies_the_good_one_counts() {
    let ring = ring(&["k"]);
    let visitor = decide_at(&ring, None, NOW_MS);
    let header = format!("a=1; crumb=forged; crumbs=2; crumb={}; b", visitor.sealed);
    assert_eq!(
        cookies(&header).collect::<Vec<_>>(),
        ["forged", &visitor.sealed]
    );
    let mint = key(99);
    let keys = Keys {
        ring: &ring,
        mint: &mint,
    };
    let again = decide(
        keys,
        site("demo"),
        Carrier::Cookie,
        cookies(&header),
        TabId(8),
        NOW_MS,
    );
    assert_eq!(
        again,
        Visitor {
            renewed: false,
            minted: false,
            ..visitor
        }
    );
    assert_eq!(cookies(&"crumb=x;".repeat(99)).count(), MAX_COOKIES);
}

proptest! {
    #[test]
    fn what_was_sealed_is_opened(id: u64, link: u64, age_s in 0..=MAX_AGE_S) {
        let (ring, now_s) = (ring(&["k", "old"]), NOW_MS / 1000);
        let id = VisitorId::new(id);
        for carrier in [Carrier::Cookie, Carrier::Token] {
            let sealed = seal(&ring, site("demo"), carrier, id, now_s - age_s, link);
            prop_assert!(sealed.len() <= protocol::limit::TOKEN_BYTES);
            let opened = open(&ring, site("demo"), carrier, &sealed, now_s).unwrap();
            prop_assert_eq!((opened.id, opened.link, opened.issued_s), (id, link, now_s - age_s));
        }
    }

    #[test]
    fn a_seal_with_any_byte_changed_is_nothing(id: u64, at: prop::sample::Index, to: char) {
        let ring = ring(&["k"]);
        let now_s = NOW_MS / 1000;
        let sealed = seal(&ring, site("demo"), Carrier::Cookie, VisitorId::new(id), now_s, 3);
        let at = at.index(sealed.len());
        let mut changed = sealed.clone();
        changed.replace_range(at..=at, &to.to_string());
        prop_assume!(changed != sealed);
        prop_assert_eq!(opened(&ring, &changed), None);
        changed.replace_range(at.., "");
        prop_assert_eq!(opened(&ring, &changed), None);
        prop_assert_eq!(opened(&ring, &format!("{sealed}{to}")), None);
    }

    #[test]
    fn every_other_character_of_the_alphabet_is_refused_too(
        id: u64, at: prop::sample::Index, to in "[0-9a-zA-Z._+-]",
    ) {
        let ring = ring(&["k"]);
        let sealed = seal(&ring, site("demo"), Carrier::Cookie, VisitorId::new(id), NOW_MS / 1000, 0);
        let at = at.index(sealed.len());
        let mut changed = sealed.clone();
        changed.replace_range(at..=at, &to);
        prop_assert_eq!(opened(&ring, &changed).is_some(), changed == sealed);
    }

    #[test]
    fn no_input_panics(text in "\\PC{0,80}", parts in prop::collection::vec("[0-9a-f]{0,20}", 0..7)) {
        let ring = ring(&["k"]);
        prop_assert_eq!(opened(&ring, &text), None);
        prop_assert_eq!(opened(&ring, &parts.join(".")), None);
        prop_assert!(cookies(&text).count() <= MAX_COOKIES);
    }

    #[test]
    fn a_minted_id_never_has_the_top_bit(tab: u64) {
        prop_assert_eq!(mint(&key(1), site("demo"), TabId(tab)).get() >> 63, 0);
    }
}
