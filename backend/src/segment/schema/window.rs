//! Windows, durations and dates.

use super::super::words::{Period, Unit, WindowKey, Word as _};
use super::limits::{YEARS_AGO, is_ahead, most};
use super::{Part, ascending, part, spelt};
use serde_json::{Value, json};

pub(super) fn parts() -> Vec<Part> {
    let of_facts = WindowKey::ALL.iter().copied();
    let of_facts = of_facts.filter(|key| *key != WindowKey::Next);
    let behind = Period::ALL
        .iter()
        .copied()
        .filter(|period| !is_ahead(*period));
    vec![
        (
            "window".to_owned(),
            window("When facts happened.", of_facts, behind),
        ),
        (
            "window_of_dates".to_owned(),
            window(
                "When a contact's date is; it may lie ahead.",
                WindowKey::ALL.iter().copied(),
                Period::ALL.iter().copied(),
            ),
        ),
        ("duration".to_owned(), duration()),
        ("date".to_owned(), date()),
    ]
}

fn window(
    description: &str,
    keys: impl Iterator<Item = WindowKey>,
    periods: impl Iterator<Item = Period>,
) -> Value {
    let ever = json!({"title": "Ever", "description": "Whenever.", "const": "ever"});
    let periods = spelt(periods);
    let keyed = keys.map(|key| keyed(key, &periods));
    let windows: Vec<_> = [ever].into_iter().chain(keyed).collect();
    json!({
        "title": "Window",
        "description": format!("{description} Days and longer are those of the site's time zone."),
        "oneOf": windows,
        "examples": ["ever", {"last": {"n": 30, "unit": "day"}}],
    })
}

/// A window that is an object.
fn keyed(key: WindowKey, periods: &[&str]) -> Value {
    let (title, description, value) = match key {
        WindowKey::Last => ("Last", "From so long ago until now.", part("duration")),
        WindowKey::Between => (
            "Between",
            "From the start of the first day to the end of the second.",
            ascending(&part("date")),
        ),
        WindowKey::BetweenAgo => (
            "Between ago",
            "From the farther, which stands second, to the nearer.",
            ascending(&part("duration")),
        ),
        WindowKey::Since => (
            "Since",
            "After the person's latest such fact; with none it is empty.",
            json!({"oneOf": [part("bare_event"), part("bare_order")]}),
        ),
        WindowKey::Next => ("Next", "From now on.", part("duration")),
        WindowKey::Calendar => (
            "Calendar",
            "A whole period of the calendar.",
            json!({"enum": periods}),
        ),
    };
    let key_word = key.as_str();
    let mut window = json!({
        "title": title,
        "description": description,
        "type": "object",
        "properties": {key_word: value},
        "required": [key_word],
        "additionalProperties": false,
    });
    if key == WindowKey::Calendar {
        window["properties"]["years_ago"] = json!({
            "description": "That period so many years before.",
            "type": "integer",
            "minimum": 0,
            "maximum": YEARS_AGO,
            "default": 0,
        });
    }
    window
}

fn duration() -> Value {
    let units = Unit::ALL.iter().map(|unit| {
        json!({
            "title": unit.as_str(),
            "properties": {
                "n": {"type": "integer", "minimum": 1, "maximum": most(*unit)},
                "unit": {"const": unit.as_str()},
            },
        })
    });
    json!({
        "title": "Duration",
        "description": "A length of time of at most five years. Minutes and hours are exact, \
                        days and longer go by the clock on the wall.",
        "type": "object",
        "required": ["n", "unit"],
        "oneOf": units.collect::<Vec<_>>(),
        "unevaluatedProperties": false,
        "examples": [{"n": 30, "unit": "day"}],
    })
}

fn date() -> Value {
    json!({
        "title": "Date",
        "description": "A day of the site's calendar.",
        "type": "string",
        "format": "date",
        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        "examples": ["2026-11-21"],
    })
}
