//! What happened: events about the instants at which windows begin and end.

use super::super::event::{Event, Item};
use super::{CHANNELS, COLUMNS, CURRENCIES, KEYS, KINDS, PATHS, Texts};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The instants about which windows begin and end.
pub(super) fn instants(zone: &str, as_of: i64) -> Vec<i64> {
    let zone = TimeZone::get(zone).unwrap();
    let now = Timestamp::from_millisecond(as_of)
        .unwrap()
        .to_zoned(zone.clone());
    let mut instants = vec![as_of, as_of - 3_600_000, as_of - 1_800_000];
    let spans = [
        0.days(),
        1.day(),
        2.days(),
        7.days(),
        30.days(),
        1.month(),
        3.months(),
        1.year(),
    ];
    for span in spans {
        let then = now.checked_sub(span).unwrap();
        instants.push(then.timestamp().as_millisecond());
        let date = then.date();
        for date in [
            date,
            date.first_of_month(),
            date.first_of_year(),
            date.tomorrow().unwrap(),
        ] {
            instants.push(
                date.to_zoned(zone.clone())
                    .unwrap()
                    .timestamp()
                    .as_millisecond(),
            );
        }
    }
    instants
}

pub(super) fn event(texts: Texts, instants: Vec<i64>, as_of: i64) -> impl Strategy<Value = Event> {
    const DAY: i64 = 86_400_000;
    let near = (select(instants), -1..=1i64).prop_map(|(instant, off)| instant + off);
    let whenever = (as_of - 40 * DAY)..(as_of + DAY);
    let who = (
        1..6u64,
        1..4u64,
        any::<bool>(),
        prop::bool::weighted(0.05),
        0..3u8,
    );
    let numbers = (
        prop::option::of(0..500u32),
        prop::option::of(0..=100u8),
        prop::option::of(cents()),
        select(CURRENCIES),
    );
    let columns = (
        prop::collection::btree_map(select(COLUMNS), select(texts.to_vec()), 1..4),
        select(PATHS),
        select(CHANNELS),
    );
    let items = prop::collection::vec(item(texts), 0..4);
    (
        prop_oneof![near, whenever],
        select(KINDS),
        who,
        numbers,
        columns,
        items,
        props(texts),
    )
        .prop_map(|(ts, kind, who, numbers, texts, items, props)| {
            let (visitor, session, is_session_start, excluded, which) = who;
            let (dwell_ms, scroll_percent, value_cents, currency) = numbers;
            let (columns, path, channel) = texts;
            let mut texts: BTreeMap<&str, &str> = columns;
            texts.extend([("path", path), ("channel", channel)]);
            if !currency.is_empty() {
                texts.insert("currency", currency);
            }
            Event {
                visitor,
                session: visitor * 10 + session,
                id: 0,
                ts,
                kind,
                is_session_start,
                texts,
                dwell_ms: dwell_ms.filter(|_| kind == "dwell"),
                scroll_percent: scroll_percent.filter(|_| kind == "dwell"),
                value_cents,
                items,
                props,
                bot: excluded && which == 0,
                machine: excluded && which == 1,
                staff: excluded && which == 2,
            }
        })
}

fn cents() -> impl Strategy<Value = i64> {
    prop_oneof![8 => 0..500i64, 1 => -500..0i64, 1 => Just(i64::MAX)]
}

fn item(texts: Texts) -> impl Strategy<Value = Item> {
    let text = || prop_oneof![1 => Just(""), 3 => select(texts.to_vec())];
    (
        text(),
        text(),
        text(),
        text(),
        prop::option::of(cents()),
        0..4u32,
    )
        .prop_map(|(id, name, category, brand, price_cents, quantity)| Item {
            id,
            name,
            category,
            brand,
            price_cents,
            quantity,
        })
}

fn props(texts: Texts) -> impl Strategy<Value = Map<String, Value>> {
    let value = prop_oneof![
        4 => select(texts.to_vec()).prop_map(Value::from),
        1 => Just(json!("")),
        1 => Just(json!(42)),
        1 => Just(json!(1.5)),
        1 => Just(json!(true)),
        1 => Just(json!(["Shoes"])),
        1 => Just(json!({"Shoes": "Shoes"})),
    ];
    prop::collection::btree_map(select(KEYS).prop_map(str::to_owned), value, 0..4)
        .prop_map(|props| props.into_iter().collect())
}
