//! Reports of pixels' faults.

use super::*;
use crate::fault::MAX_BYTES;

/// A report from the shop's own page.
fn asked() -> Asked {
    Asked {
        path: "/c/x".into(),
        ..super::asked()
    }
}

/// The answer summed up, and what the operator is told.
fn check(asked: &Asked, body: impl Into<Vec<u8>>, expected: Expect) {
    let world = World::new(body.into());
    let answer = sum_up(&world.ask(asked));
    assert!(world.posts.borrow().is_empty(), "nothing is forwarded");
    expected.assert_eq(&format!("{answer} | {}", world.log.borrow().join(" | ")));
}

#[test]
fn a_report_is_told_to_the_operator() {
    check(
        &asked(),
        "demo\nmodule\nRuntimeError: unreachable",
        expect!["204 | pixel of demo: module RuntimeError: unreachable"],
    );
    let longest = format!("demo\n{}", "-".repeat(MAX_BYTES - 5));
    assert_eq!(World::new(longest.into()).ask(&asked()).status, 204);
    let answer = World::new(b"demo\ntrap".to_vec()).ask(&asked());
    assert_eq!(header(&answer, "access-control-allow-origin"), Some(SHOP));
}

#[test]
fn bad_reports_are_refused_and_not_told() {
    check(&asked(), "", expect!["400 bad_fault | "]);
    check(&asked(), "demo", expect!["400 bad_fault | "]);
    check(&asked(), "a site\ntrap", expect!["400 bad_fault | "]);
    check(&asked(), *b"demo\n\xff", expect!["400 bad_fault | "]);
    check(&asked(), "dem0\ntrap", expect!["400 unknown_site | "]);
    check(&asked(), "news\ntrap", expect!["403 origin_not_allowed | "]);
    check(
        &asked(),
        [b'\n'; MAX_BYTES + 1],
        expect!["413 too_large | "],
    );
    let declared = Asked {
        content_length: Some(MAX_BYTES as u64 + 1),
        ..asked()
    };
    check(&declared, "demo\ntrap", expect!["413 too_large | "]);
}

#[test]
fn only_pages_of_the_site_are_heard() {
    for origin in [None, Some(EVIL), Some(NEWS), Some("null")] {
        let asked = Asked {
            origin: origin.map(Into::into),
            ..asked()
        };
        check(&asked, "demo\ntrap", expect!["403 origin_not_allowed | "]);
    }
}

#[test]
fn global_privacy_control_silences_reports_too() {
    let asked = Asked {
        privacy_control: Some("1".into()),
        ..asked()
    };
    check(&asked, "demo\ntrap", expect!["204 | "]);
}
