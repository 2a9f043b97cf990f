//! Visits: when one ends and the next begins.
//!
//! A visit is shared by all tabs of a browser. It ends after [`IDLE_MS`] without an
//! event, or when the visitor comes back by another campaign. Knows no storage: it
//! is handed what the browser remembers, and gives back what it should remember.

use crate::{
    bytes::{Bytes, hash, take_number},
    lines::same,
};

/// A visit ends after this long without an event: 30 minutes, as GA4 has it.
pub const IDLE_MS: u64 = 30 * 60 * 1000;

/// An origin of which nothing is known: eight texts as [`Bytes::text`] writes them. The
/// first two are the landing path and the referring host, the others the campaign.
pub const UNKNOWN: [u8; 16] = [
    0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0,
];

/// The visit as a browser remembers it. An id of 0: there was none.
#[derive(Debug)]
pub struct Visit {
    /// Its id.
    pub id: u64,
    started_at_ms: u64,
    last_at_ms: u64,
    /// Which of the browser's visits it is.
    pub number: u64,
    origin: Bytes,
}

impl Visit {
    /// None yet.
    pub const NONE: Self = Self {
        id: 0,
        started_at_ms: 0,
        last_at_ms: 0,
        number: 0,
        origin: Bytes::EMPTY,
    };

    /// Goes on to something done at `now_ms`: it belongs to this visit, or begins the next,
    /// which then has `new_id`. Says whether it is new.
    ///
    /// `origin` is that of the page. It counts at its first view; of a page that was left
    /// open, a visit that begins there knows where it lands and nothing else.
    pub fn go_on(&mut self, now_ms: u64, origin: &[u8], is_first: bool, new_id: u64) -> bool {
        let new = if is_first { campaign(origin) } else { &[] };
        let is_new_campaign = !new.is_empty()
            && !same(new, campaign(&UNKNOWN))
            && !same(new, campaign(self.origin.get()));
        // A clock that was set back says nothing of idleness; one set back to before
        // the visit began can't be told from a jump, so the visit ends.
        let is_new = self.id == 0
            || now_ms < self.started_at_ms
            || now_ms.saturating_sub(self.last_at_ms) >= IDLE_MS
            || is_new_campaign;
        if is_new {
            self.id = new_id;
            self.started_at_ms = now_ms;
            self.last_at_ms = 0;
            self.number += 1;
            let known = if is_first { origin } else { landing(origin) };
            let missing = match known {
                [] => 0,
                _ if is_first => UNKNOWN.len(),
                // All but the first text, which is as long as its length says.
                _ => 2,
            };
            self.origin.set(known);
            self.origin.add(UNKNOWN.get(missing..).unwrap_or_default());
        }
        self.last_at_ms = self.last_at_ms.max(now_ms);
        is_new
    }

    /// Writes the visit as it stands in a batch.
    pub fn write(&self, out: &mut Bytes) {
        out.number(self.id);
        out.number(self.started_at_ms);
        out.number(self.number);
        out.add(self.origin.get());
    }

    /// Writes what the browser should remember.
    pub fn remember(&self, out: &mut Bytes) {
        out.number(hash(self.origin.get()));
        out.number(self.last_at_ms);
        self.write(out);
    }

    /// Becomes the one that [`remember`](Self::remember) wrote, if that began later.
    pub fn gives_way(&mut self, bytes: &[u8]) -> bool {
        let mut rest = bytes;
        // What stands before its beginning: checksum, last event, id.
        for _ in 0..3 {
            take_number(&mut rest);
        }
        let is_later = take_number(&mut rest) > self.started_at_ms;
        if is_later {
            self.recall(bytes);
        }
        is_later
    }

    /// Becomes what [`remember`](Self::remember) wrote. What can't be an origin would spoil
    /// the batch, so the visit is then nobody's and ends.
    pub fn recall(&mut self, mut bytes: &[u8]) {
        let checksum = take_number(&mut bytes);
        self.last_at_ms = take_number(&mut bytes);
        self.id = take_number(&mut bytes);
        self.started_at_ms = take_number(&mut bytes);
        self.number = take_number(&mut bytes);
        self.origin.set(bytes);
        if hash(bytes) != checksum {
            self.id = 0;
        }
    }
}

/// The first text, with its length before it.
fn landing(origin: &[u8]) -> &[u8] {
    let mut rest = origin;
    let length = take_number(&mut rest) as usize;
    origin.get(..2 + length).unwrap_or_default()
}

/// What follows the first two texts.
fn campaign(mut origin: &[u8]) -> &[u8] {
    for _ in 0..2 {
        let length = take_number(&mut origin);
        origin = origin.get(length as usize..).unwrap_or_default();
    }
    origin
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::As;
    use proptest::prelude::*;

    const NOW: u64 = 1_760_000_000_000;

    fn origin(texts: [&str; 8]) -> Vec<u8> {
        let mut out = Bytes::EMPTY;
        for text in texts {
            out.text(text.as_bytes(), As::Code);
        }
        out.get().to_vec()
    }

    fn from(landing: &str, name: &str) -> Vec<u8> {
        origin([landing, "", "", "", name, "", "", ""])
    }

    fn again(visit: &Visit) -> Visit {
        let (mut bytes, mut again) = (Bytes::EMPTY, Visit::NONE);
        visit.remember(&mut bytes);
        again.recall(bytes.get());
        again
    }

    #[test]
    fn nothing_known_is_eight_empty_texts() {
        assert_eq!(origin([""; 8]), UNKNOWN);
    }

    #[test]
    fn a_visit_ends_after_half_an_hour() {
        let mut visit = Visit::NONE;
        assert!(visit.go_on(NOW, &[], true, 1));
        assert_eq!(visit.number, 1);
        assert!(!visit.go_on(NOW + IDLE_MS - 1, &[], true, 2));
        assert_eq!((visit.id, visit.number), (1, 1));
        let late = NOW + 2 * IDLE_MS - 1;
        assert!(visit.go_on(late, &[], true, 3));
        assert_eq!((visit.id, visit.started_at_ms, visit.number), (3, late, 2));
    }

    #[test]
    fn another_campaign_begins_a_visit_and_the_same_does_not() {
        let mut first = Visit::NONE;
        first.go_on(NOW, &from(&"/".repeat(500), "autumn"), true, 1);
        let at = |origin: &[u8]| again(&first).go_on(NOW + 1, origin, true, 2);
        assert!(at(&from("/", "winter")));
        assert!(!at(&from("/", "autumn")));
        assert!(!at(&from("/other", "")));
        assert!(!at(&[]));
    }

    #[test]
    fn a_visit_gives_way_to_one_that_began_later() {
        let (mut first, mut second) = (Visit::NONE, Visit::NONE);
        first.go_on(NOW, &[], true, 1);
        second.go_on(NOW + 1, &[], true, 2);
        let mut bytes = Bytes::EMPTY;
        first.remember(&mut bytes);
        assert!(!second.gives_way(bytes.get()) && !first.gives_way(bytes.get()));
        assert!(!second.gives_way(&[]));
        bytes.truncate(0);
        second.remember(&mut bytes);
        assert!(first.gives_way(bytes.get()));
        assert_eq!(first.id, 2);
    }

    #[test]
    fn a_visit_that_begins_on_a_page_left_open_knows_where_it_lands() {
        let mut visit = Visit::NONE;
        let page = from("/נרות", "autumn");
        visit.go_on(NOW, &page, true, 1);
        assert_eq!(visit.origin.get(), page);
        assert!(
            !visit.go_on(NOW + 1, &from("/", "winter"), false, 2),
            "it is not where it came from"
        );
        assert!(visit.go_on(NOW + IDLE_MS + 1, &page, false, 3));
        assert_eq!(visit.origin.get(), from("/נרות", ""));
    }

    #[test]
    fn a_clock_set_back_before_the_visit_ends_it() {
        let mut visit = Visit::NONE;
        visit.go_on(NOW, &[], true, 1);
        assert!(visit.go_on(NOW - 1, &[], true, 2));
    }

    proptest! {
        #[test]
        fn a_visit_is_remembered_as_it_was(
            id in 1..u64::MAX,
            started: u64,
            texts in prop::array::uniform8("\\PC{0,20}"),
        ) {
            let origin = origin(texts.each_ref().map(|text| &**text));
            let mut visit = Visit::NONE;
            visit.go_on(started, &origin, true, id);
            prop_assert_eq!(format!("{:?}", again(&visit)), format!("{visit:?}"));
        }

        #[test]
        fn a_break_within_is_never_longer_than_the_bound(
            steps in prop::collection::vec(0..2 * IDLE_MS, 1..40),
        ) {
            let (mut now, mut visit) = (NOW, Visit::NONE);
            for (id, step) in (1..).zip(steps) {
                now += step;
                let before = visit.id;
                let new = visit.go_on(now, &[], true, id);
                prop_assert_eq!(new, step >= IDLE_MS || before == 0);
                prop_assert!(new || before == visit.id);
            }
        }
    }
}
