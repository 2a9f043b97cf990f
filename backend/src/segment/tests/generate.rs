//! Random sites and random definitions over the same few words, so that they
//! meet often.

mod definition;
mod filter;
mod leaf;
mod people;
mod sale;
mod sequence;
mod trail;
mod window;

use super::facts::{CONTACT, CustomField, Facts, FieldKind};
use definition::{definition, saved};
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use people::{contacts, identities, memberships, messages};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use sale::{feed, pixel};
use serde_json::Value;
use trail::{event, instants};

/// A site at a moment, what is known of it, and what is asked.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub zone: &'static str,
    pub week_start: Weekday,
    pub as_of: i64,
    pub facts: Facts,
    pub definitions: Vec<Value>,
}

/// How many definitions are asked of each site.
pub(super) const DEFINITIONS: usize = 8;

/// The money of all the sites.
pub(super) const CURRENCY: &str = "ILS";

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
    "dwell",
    "click",
    "search",
    "view_item",
    "add_to_cart",
    "add_to_cart",
    "remove_from_cart",
    "purchase",
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
const ORDER_IDS: &[&str] = &[
    "A-1", "a-1", "B'2", "C\\3", "ד-4", "E-5", "E-6", "E-7", "E-8", "E-9", "é", "e\u{301}",
];
const MESSAGE_TYPES: &[&str] = &["sent", "sent", "delivered", "opened", "opened", "clicked"];
pub(super) const GROUPS: &[&str] = &["g", "G"];
const SEGMENTS: &[&str] = &["s", "S"];
const GENDERS: &[&str] = &["female", "male"];

/// Fields of text with a column, of which tests use these.
const COLUMNS: &[&str] = &[
    "category",
    "product",
    "title",
    "search_term",
    "name",
    "utm_campaign",
];
const CONTACT_TEXTS: &[&str] = &["key", "first_name", "city", "source"];
const FIELDS: &[(&str, FieldKind)] = &[
    ("vip", FieldKind::Bool),
    ("note", FieldKind::Text),
    ("Größe", FieldKind::Choice),
    ("likes it's", FieldKind::List),
    ("renewal", FieldKind::Date),
    ("points", FieldKind::Number),
    ("stars", FieldKind::Rating),
];

/// The texts of a case.
type Texts = [&'static str; 4];

/// What the facts and the questions of a case are made of.
#[derive(Clone, Debug)]
struct Scene {
    zone: &'static str,
    as_of: i64,
    texts: Texts,
    /// About which windows begin and end.
    instants: Vec<i64>,
    /// Likewise.
    dates: Vec<Date>,
    visitors: u64,
    contacts: u64,
}

impl Scene {
    /// A contact, where there are some.
    fn contact(&self) -> BoxedStrategy<u64> {
        (1..=self.contacts).prop_map(|n| CONTACT | n).boxed()
    }
}

pub(super) fn case() -> impl Strategy<Value = Case> {
    let week_start = select(&[Weekday::Sunday, Weekday::Monday][..]);
    (scene(), week_start).prop_flat_map(|(scene, week_start)| {
        let definitions = prop::collection::vec(definition(&scene), DEFINITIONS);
        (facts(&scene), definitions).prop_map(move |(facts, definitions)| Case {
            zone: scene.zone,
            week_start,
            as_of: scene.as_of,
            facts,
            definitions,
        })
    })
}

fn scene() -> impl Strategy<Value = Scene> {
    // Few words a case, so that its definitions meet its facts.
    let texts = subsequence(TEXTS, 4).prop_map(|texts| Texts::try_from(texts).unwrap());
    let visitors = prop_oneof![1 => 1..=4u64, 6 => 6..=8u64];
    let contacts = prop_oneof![1 => 0..=2u64, 6 => 3..=4u64];
    (select(MOMENTS), texts, visitors, contacts).prop_map(
        |((zone, moment), texts, visitors, contacts)| {
            let as_of = moment.parse::<Timestamp>().unwrap().as_millisecond();
            Scene {
                zone,
                as_of,
                texts,
                instants: instants(zone, as_of),
                dates: dates(zone, as_of),
                visitors,
                contacts,
            }
        },
    )
}

fn facts(scene: &Scene) -> impl Strategy<Value = Facts> + use<> {
    let many = prop_oneof![1 => 0..20usize, 8 => 60..140usize];
    let event = event(scene);
    let events = many.prop_flat_map(move |n| prop::collection::vec(event.clone(), n));
    let people = (identities(scene), memberships(scene), messages(scene));
    let pixel_rate = select(&[0, 370_000_000][..]);
    let scene = scene.clone();
    (events, feed(&scene), pixel_rate, people, saved(&scene)).prop_flat_map(
        move |(mut events, mut orders, pixel_rate, people, segments)| {
            for (event, id) in events.iter_mut().zip(1..) {
                event.id = id;
            }
            orders.extend(pixel(&events, pixel_rate));
            let (identities, memberships, messages) = people;
            let facts = Facts {
                events,
                orders,
                messages,
                contacts: Vec::new(),
                memberships,
                identities,
                fields: fields(),
                segments,
            };
            contacts(&scene, &facts.identities).prop_map(move |contacts| Facts {
                contacts,
                ..facts.clone()
            })
        },
    )
}

fn fields() -> Vec<CustomField> {
    let fields = FIELDS.iter();
    fields
        .map(|(name, kind)| CustomField { name, kind: *kind })
        .collect()
}

/// Dates about today, of this year and of a leap year, and a leap day.
fn dates(zone: &str, as_of: i64) -> Vec<Date> {
    let zone = TimeZone::get(zone).unwrap();
    let now = Timestamp::from_millisecond(as_of).unwrap().to_zoned(zone);
    let mut dates = vec![Date::constant(1992, 2, 29)];
    for days in [-31, -7, -1, 0, 1, 6, 7, 31] {
        let date = now.date().saturating_add(jiff::Span::new().days(days));
        dates.push(date);
        dates.extend(Date::new(1992, date.month(), date.day()));
    }
    dates
}

/// A choice among words.
fn word(words: &[&'static str]) -> BoxedStrategy<&'static str> {
    select(words.to_vec()).boxed()
}

/// A word, or now and then an empty text.
fn maybe(words: &[&'static str]) -> BoxedStrategy<&'static str> {
    prop_oneof![1 => Just(""), 3 => word(words)].boxed()
}
