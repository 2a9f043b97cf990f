//! Random trails and random definitions over the same few words, so that they
//! meet often.

mod definition;
mod trail;

use super::event::Event;
use definition::definition;
use jiff::Timestamp;
use jiff::civil::Weekday;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::Value;
use trail::{event, instants};

/// A site at a moment, what happened on it, and what is asked.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub zone: &'static str,
    pub week_start: Weekday,
    pub as_of: i64,
    pub events: Vec<Event>,
    pub definitions: Vec<Value>,
}

/// How many definitions are asked of each trail.
pub(super) const DEFINITIONS: usize = 8;

/// Zones and moments that are awkward there: changes of the clocks, ends of
/// months, a leap day, a change of half an hour.
const MOMENTS: &[(&str, &str)] = &[
    ("Asia/Jerusalem", "2026-11-21T10:00:00Z"),
    ("Asia/Jerusalem", "2026-03-28T00:30:00Z"),
    ("Asia/Jerusalem", "2026-10-25T23:30:00Z"),
    ("Asia/Jerusalem", "2024-02-29T21:59:59.999Z"),
    ("Asia/Jerusalem", "2026-03-31T09:15:00Z"),
    ("America/New_York", "2026-11-02T06:30:00Z"),
    ("Australia/Lord_Howe", "2026-04-06T12:00:00Z"),
    ("UTC", "2027-01-01T00:00:00Z"),
];

const KINDS: &[&str] = &[
    "page_view",
    "page_view",
    "dwell",
    "click",
    "search",
    "view_item",
    "add_to_cart",
    "purchase",
];

/// Equal and nearly equal texts.
const TEXTS: &[&str] = &[
    "Shoes",
    "SHOES",
    "shoe",
    "נעליים",
    "שִׂמְלָה",
    "שמלה",
    "Straße",
    "STRASSE",
    "İstanbul",
    "istanbul",
    "ΣΊΣΥΦΟΣ",
    "σίσυφος",
    "café",
    "cafe\u{301}",
    "a'b\\c\t\"`",
    "42",
    "1.5",
    "true",
];
const PATHS: &[&str] = &[
    "/",
    "/shoes/",
    "/shoes",
    "/shoes/7",
    "/SHOES/7/red",
    "/a/b",
    "/a/x/b",
    "/a/x/y/b",
    "/נעליים/א",
    "/straße.html",
];
const KEYS: &[&str] = &["size", "צבע", "a b", "x'y\\z", "dot.ted"];
const CURRENCIES: &[&str] = &["", "", "ILS", "ils", "USD"];
const CHANNELS: &[&str] = &["paid", "mail", "direct"];

/// The texts of a case.
type Texts = [&'static str; 5];

/// Fields of text with a column, of which tests use these.
const COLUMNS: &[&str] = &[
    "category",
    "product",
    "title",
    "search_term",
    "name",
    "utm_campaign",
];

pub(super) fn case() -> impl Strategy<Value = Case> {
    let week_start = select(&[Weekday::Sunday, Weekday::Monday][..]);
    // Few words a case, so that its definitions meet its events.
    let texts = subsequence(TEXTS, 5).prop_map(|texts| Texts::try_from(texts).unwrap());
    (select(MOMENTS), week_start, texts).prop_flat_map(|((zone, moment), week_start, texts)| {
        let as_of = moment.parse::<Timestamp>().unwrap().as_millisecond();
        let events = prop::collection::vec(event(texts, instants(zone, as_of), as_of), 0..120);
        let definitions = prop::collection::vec(definition(texts), DEFINITIONS);
        (events, definitions).prop_map(move |(mut events, definitions)| {
            for (index, event) in events.iter_mut().enumerate() {
                event.id = index as u128 + 1;
            }
            Case {
                zone,
                week_start,
                as_of,
                events,
                definitions,
            }
        })
    })
}
