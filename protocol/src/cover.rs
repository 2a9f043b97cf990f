//! Masking once more: what a batch should not hold is masked by the pixel already, but anybody
//! can write a batch. Where one holds such a text it is written anew, else its bytes stay.

use crate::{
    batch::{Batch, Header},
    event::{Action, Event, PropValue},
    mask::{Kind, is_masked, mask},
};
use alloc::{string::String, vec::Vec};

/// The batch with its texts masked; `None` where they all are.
///
/// What says who a visitor is stays, for it is said on purpose; so do ids of products and
/// orders, by which facts are joined.
#[must_use]
pub fn cover(batch: &mut Batch<'_>) -> Option<Vec<u8>> {
    let mut found: Vec<Option<String>> = Vec::new();
    let mut is_clean = true;
    each_text(batch, &mut |text, kind| {
        is_clean &= is_masked(text, kind);
    });
    if is_clean {
        return None;
    }
    each_text(batch, &mut |text, kind| found.push(Some(mask(text, kind))));
    let mut covered = batch.clone();
    let mut masked = found.iter();
    each_text(&mut covered, &mut |text, _| {
        if let Some(Some(masked)) = masked.next() {
            *text = masked;
        }
    });
    Some(Batch::encode(&covered.header, &covered.events))
}

/// Shows every text that is masked, with its kind; always in the same order.
fn each_text<'a>(batch: &mut Batch<'a>, show: &mut impl FnMut(&mut &'a str, Kind)) {
    let Header { session, page, .. } = &mut batch.header;
    let origin = &mut session.origin;
    for path in [
        &mut origin.landing_path,
        &mut page.path,
        &mut page.query,
        &mut page.canonical,
    ] {
        show(path, Kind::Path);
    }
    for text in [
        &mut origin.referrer_host,
        &mut origin.utm_source,
        &mut origin.utm_medium,
        &mut origin.utm_campaign,
        &mut origin.utm_term,
        &mut origin.utm_content,
        &mut page.title,
        &mut page.category,
    ] {
        show(text, Kind::Prose);
    }
    for event in &mut batch.events {
        each_text_of(event, show);
    }
}

fn each_text_of<'a>(event: &mut Event<'a>, show: &mut impl FnMut(&mut &'a str, Kind)) {
    match &mut event.action {
        Action::PageView
        | Action::Dwell { .. }
        | Action::Filter
        | Action::Identify(_)
        | Action::SignOut => {}
        Action::Click(click) => {
            show(&mut click.text, Kind::Prose);
            show(&mut click.path, Kind::Path);
            show(&mut click.cta, Kind::Prose);
        }
        Action::Search { term } => show(term, Kind::Prose),
        Action::Commerce(commerce) => {
            for item in &mut commerce.items {
                show(&mut item.name, Kind::Prose);
                show(&mut item.category, Kind::Prose);
                show(&mut item.brand, Kind::Prose);
            }
        }
        Action::Custom { name } => show(name, Kind::Prose),
        Action::Form(form) => show(&mut form.name, Kind::Prose),
    }
    for prop in &mut event.props {
        show(&mut prop.name, Kind::Prose);
        if let PropValue::Text(text) = &mut prop.value {
            show(text, Kind::Prose);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use proptest::prelude::*;

    #[test]
    fn personal_texts_are_masked_wherever_they_stand() {
        let mut header = fixture::header();
        header.page.path = "/u/dan@example.com";
        header.page.title = "050-1234567";
        header.session.origin.utm_campaign = "dan@example.com";
        let mut events = fixture::events();
        for event in &mut events {
            if let Action::Search { term } = &mut event.action {
                *term = "dan@example.com";
            }
        }
        let bytes = Batch::encode(&header, &events);
        let covered = cover(&mut Batch::decode(&bytes).unwrap()).unwrap();
        let batch = Batch::decode(&covered).unwrap();
        assert_eq!(batch.header.page.path, "/u/[mail]");
        assert_eq!(batch.header.page.title, "[phone]");
        assert_eq!(batch.header.session.origin.utm_campaign, "[mail]");
        let text = alloc::format!("{batch:?}");
        assert!(!text.contains("dan@example.com"));
        // Said on purpose.
        assert!(text.contains("noa@example.com"));
        assert_eq!(batch.events.len(), events.len());
    }

    proptest! {
        #[test]
        fn a_covered_batch_needs_no_cover(header in fixture::any_header(), events in fixture::any_events()) {
            let bytes = Batch::encode(&header, &events);
            let mut batch = Batch::decode(&bytes).unwrap();
            if let Some(covered) = cover(&mut batch) {
                prop_assert!(covered.len() <= bytes.len());
                prop_assert_eq!(cover(&mut Batch::decode(&covered).unwrap()), None);
            }
        }
    }
}
