//! Visits: when one ends and the next begins.
//!
//! A visit is shared by all tabs of a browser. It ends after [`IDLE_MS`] without an
//! event, or when the visitor comes back by another campaign. Knows no storage: it
//! is handed what the browser remembers, and gives back what it should remember.

use crate::hex::hex;
use alloc::string::String;
use protocol::{
    batch::{Origin, Session},
    id::SessionId,
};

/// A visit ends after this long without an event: 30 minutes, as GA4 has it.
pub const IDLE_MS: u64 = 30 * 60 * 1000;

/// The visit as a browser remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    id: u64,
    started_at_ms: u64,
    last_at_ms: u64,
    origin: Source,
}

/// Where a page view came from; what is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Host of the referring page, where it is another site's.
    pub referrer_host: String,
    /// utm_source, utm_medium, utm_campaign, utm_term, utm_content.
    pub utm: [String; 5],
    /// The kind of an advertiser's click id.
    pub click_id_kind: String,
}

impl Source {
    /// Whether the address named a campaign or an advertiser's click.
    fn is_campaign(&self) -> bool {
        !self.click_id_kind.is_empty() || self.utm.iter().any(|value| !value.is_empty())
    }

    fn is_same_campaign(&self, other: &Self) -> bool {
        self.utm == other.utm && self.click_id_kind == other.click_id_kind
    }
}

impl Visit {
    /// The visit that something done at `now_ms` belongs to: the remembered one, or a
    /// new one with `new_id`. Says whether it is new.
    ///
    /// `source` is given by a page view alone; whatever else happens continues.
    #[must_use]
    pub fn continued(
        remembered: Option<Self>,
        now_ms: u64,
        source: Option<&Source>,
        new_id: u64,
    ) -> (Self, bool) {
        match remembered {
            Some(visit) if !visit.ends_before(now_ms, source) => {
                let last_at_ms = visit.last_at_ms.max(now_ms);
                (
                    Self {
                        last_at_ms,
                        ..visit
                    },
                    false,
                )
            }
            _ => {
                let visit = Self {
                    id: new_id,
                    started_at_ms: now_ms,
                    last_at_ms: now_ms,
                    origin: source.cloned().unwrap_or_default(),
                };
                (visit, true)
            }
        }
    }

    fn ends_before(&self, now_ms: u64, source: Option<&Source>) -> bool {
        // A clock that was set back says nothing of idleness; one set back to before
        // the visit began can't be told from a jump, so the visit ends.
        now_ms < self.started_at_ms
            || now_ms.saturating_sub(self.last_at_ms) >= IDLE_MS
            || source.is_some_and(|new| new.is_campaign() && !new.is_same_campaign(&self.origin))
    }

    /// The visit as it stands in a batch.
    #[must_use]
    pub fn session(&self) -> Session<'_> {
        let [utm_source, utm_medium, utm_campaign, utm_term, utm_content] = &self.origin.utm;
        Session {
            id: SessionId(self.id),
            started_at_ms: self.started_at_ms,
            origin: Origin {
                referrer_host: &self.origin.referrer_host,
                utm_source,
                utm_medium,
                utm_campaign,
                utm_term,
                utm_content,
                click_id_kind: &self.origin.click_id_kind,
            },
        }
    }

    /// What the browser should remember: fields on lines, numbers in hex.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut out = hex(self.id);
        for number in [self.started_at_ms, self.last_at_ms] {
            out.push('\n');
            out.push_str(&hex(number));
        }
        let [source, medium, campaign, term, content] = &self.origin.utm;
        let texts = [
            &self.origin.referrer_host,
            source,
            medium,
            campaign,
            term,
            content,
            &self.origin.click_id_kind,
        ];
        for text in texts {
            out.push('\n');
            // A line break in a parameter would shift the fields behind it.
            out.extend(text.chars().map(|c| if c == '\n' { ' ' } else { c }));
        }
        out
    }

    /// Reads what [`to_text`](Self::to_text) wrote; anything else is no visit.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let mut lines = text.split('\n');
        let mut number = || u64::from_str_radix(lines.next()?, 16).ok();
        let (id, started_at_ms, last_at_ms) = (number()?, number()?, number()?);
        let mut line = || lines.next().map(String::from);
        let referrer_host = line()?;
        let utm = [line()?, line()?, line()?, line()?, line()?];
        let click_id_kind = line()?;
        Some(Self {
            id,
            started_at_ms,
            last_at_ms,
            origin: Source {
                referrer_host,
                utm,
                click_id_kind,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: u64 = 1_760_000_000_000;

    fn campaign(name: &str) -> Source {
        let mut source = Source::default();
        name.clone_into(&mut source.utm[2]);
        source
    }

    #[test]
    fn a_visit_ends_after_half_an_hour() {
        let (first, new) = Visit::continued(None, NOW, None, 1);
        assert!(new);
        let (second, new) = Visit::continued(Some(first.clone()), NOW + IDLE_MS - 1, None, 2);
        assert!(!new);
        assert_eq!(second.session().id, SessionId(1));
        let (third, new) = Visit::continued(Some(first), NOW + IDLE_MS, None, 3);
        assert!(new);
        assert_eq!(third.session().started_at_ms, NOW + IDLE_MS);
    }

    #[test]
    fn another_campaign_begins_a_visit_and_the_same_does_not() {
        let (first, _) = Visit::continued(None, NOW, Some(&campaign("autumn")), 1);
        let at =
            |source: &Source| Visit::continued(Some(first.clone()), NOW + 1, Some(source), 2).1;
        assert!(at(&campaign("winter")));
        assert!(!at(&campaign("autumn")));
        assert!(!at(&Source::default()));
    }

    #[test]
    fn a_clock_set_back_before_the_visit_ends_it() {
        let (first, _) = Visit::continued(None, NOW, None, 1);
        assert!(Visit::continued(Some(first), NOW - 1, None, 2).1);
    }

    #[test]
    fn what_is_no_visit_is_not_remembered() {
        for text in ["", "1", "1\n2\n3", "x\n2\n3\na\nb\nc\nd\ne\nf\ng"] {
            assert_eq!(Visit::from_text(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_visit_is_remembered_as_it_was(
            id: u64,
            started: u64,
            texts in prop::array::uniform7("\\PC{0,20}"),
        ) {
            let [referrer_host, a, b, c, d, e, click_id_kind] = texts;
            let source = Source { referrer_host, utm: [a, b, c, d, e], click_id_kind };
            let (visit, _) = Visit::continued(None, started, Some(&source), id);
            prop_assert_eq!(Visit::from_text(&visit.to_text()), Some(visit));
        }

        #[test]
        fn a_break_within_is_never_longer_than_the_bound(
            steps in prop::collection::vec(0..2 * IDLE_MS, 1..40),
        ) {
            let (mut now, mut visit) = (NOW, None::<Visit>);
            for (id, step) in (0..).zip(steps) {
                now += step;
                let before = visit.as_ref().map(|visit: &Visit| visit.session().id);
                let (next, new) = Visit::continued(visit.take(), now, None, id);
                prop_assert_eq!(new, step >= IDLE_MS || before.is_none());
                prop_assert!(new || before == Some(next.session().id));
                visit = Some(next);
            }
        }
    }
}
