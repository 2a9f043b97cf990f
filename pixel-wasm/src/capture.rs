//! From what a page says to what is recorded: plain values in, events out.

use protocol::{
    event::{ClickKind, CommerceKind},
    limit,
};

/// GA4's name of a commerce event, if it is one.
#[must_use]
pub fn commerce_kind(name: &str) -> Option<CommerceKind> {
    CommerceKind::ALL
        .into_iter()
        .find(|kind| kind.as_str() == name)
}

/// A price as pages write it (`89.9`) in whole cents, rounded half away from zero.
///
/// `None` for what is no number or beyond ±90 billion, where a float no longer holds
/// each cent.
#[must_use]
pub fn cents(amount: f64) -> Option<i64> {
    const MOST: f64 = 9e12;
    let cents = amount * 100.0;
    // A NaN compares false.
    if cents.abs() <= MOST {
        let half = if cents < 0.0 { -0.5 } else { 0.5 };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "bounded above; the cast cuts towards zero, which with the half rounds"
        )]
        let whole = (cents + half) as i64;
        Some(whole)
    } else {
        None
    }
}

/// A number of pieces; `None` for what is no whole number of at least 0.
#[must_use]
pub fn pieces(number: f64) -> Option<u32> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "only what survives the way back is taken"
    )]
    let whole = number as u32;
    (f64::from(whole).to_bits() == number.to_bits()).then_some(whole)
}

/// What a click on something is: a link that leads to `link_host`, or a button.
#[must_use]
pub fn click_kind(page_host: &str, link_host: Option<&str>) -> ClickKind {
    match link_host {
        None => ClickKind::Button,
        Some("") => ClickKind::Link,
        Some(host) if host == page_host => ClickKind::Link,
        Some(_) => ClickKind::Outbound,
    }
}

/// The advertisers' click ids that are recognized; their values are never kept.
pub const CLICK_IDS: [&str; 8] = [
    "gclid",
    "gbraid",
    "wbraid",
    "fbclid",
    "msclkid",
    "ttclid",
    "twclid",
    "li_fat_id",
];

/// The parameters of a campaign, in the order of [`Source::utm`](crate::session::Source).
pub const UTM: [&str; 5] = [
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_term",
    "utm_content",
];

/// A text as it is recorded: runs of white space are one blank, and it is cut at the
/// bound and marked there.
#[must_use]
pub fn text(raw: &str, limit: usize) -> alloc::string::String {
    let mut out = alloc::string::String::new();
    for word in raw.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
        if out.len() > limit {
            break;
        }
    }
    let (kept, was_cut) = limit::cut(&out, limit);
    let length = kept.len();
    out.truncate(length);
    if was_cut {
        out.push(limit::CUT_MARK);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn prices_become_cents() {
        for (amount, expected) in [
            (89.9, Some(8990)),
            (0.0, Some(0)),
            (1.005, Some(100)),
            (0.29, Some(29)),
            (-12.5, Some(-1250)),
            (f64::NAN, None),
            (f64::INFINITY, None),
            (1e12, None),
        ] {
            assert_eq!(cents(amount), expected, "{amount}");
        }
    }

    #[test]
    fn pieces_are_whole() {
        assert_eq!(pieces(3.0), Some(3));
        for bad in [2.5, -1.0, f64::NAN, 1e10] {
            assert_eq!(pieces(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_link_within_the_page_stays_within() {
        assert_eq!(click_kind("a.example", Some("a.example")), ClickKind::Link);
        assert_eq!(
            click_kind("a.example", Some("b.example")),
            ClickKind::Outbound
        );
        assert_eq!(click_kind("a.example", None), ClickKind::Button);
    }

    #[test]
    fn every_name_of_ga4_is_known() {
        for kind in CommerceKind::ALL {
            assert_eq!(commerce_kind(kind.as_str()), Some(kind));
        }
        assert_eq!(commerce_kind("purchased"), None);
    }

    #[test]
    fn white_space_is_folded() {
        assert_eq!(text("  הוספה \n\t לסל  ", 100), "הוספה לסל");
    }

    proptest! {
        #[test]
        fn cents_written_as_a_decimal_come_back(cents_in in -1_000_000_000_i64..1_000_000_000) {
            #[expect(clippy::cast_precision_loss, reason = "small enough")]
            let amount = cents_in as f64 / 100.0;
            prop_assert_eq!(cents(amount), Some(cents_in));
        }

        #[test]
        fn a_text_never_exceeds_its_bound(raw in "\\PC{0,80}", limit in 8_usize..60) {
            prop_assert!(text(&raw, limit).len() <= limit);
        }
    }
}
