//! What happened: events about the instants at which windows begin and end.

use super::super::event::{Event, Item};
use super::{CHANNELS, COLUMNS, CURRENCIES, KEYS, KINDS, ORDER_IDS, PATHS, Scene, Texts};
use super::{maybe, word};
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
            let start = date.to_zoned(zone.clone()).unwrap();
            instants.push(start.timestamp().as_millisecond());
        }
    }
    instants
}

/// A moment near such an instant, or any of the last days.
pub(super) fn moment(scene: &Scene) -> BoxedStrategy<i64> {
    const DAY: i64 = 86_400_000;
    let near = (select(scene.instants.clone()), -1..=1i64);
    let near = near.prop_map(|(instant, off)| instant + off);
    let whenever = (scene.as_of - 40 * DAY)..(scene.as_of + DAY);
    let recently = (scene.as_of - 2 * DAY)..scene.as_of;
    prop_oneof![2 => near, 2 => whenever, 1 => recently].boxed()
}

pub(super) fn event(scene: &Scene) -> impl Strategy<Value = Event> + Clone + use<> {
    let who = (
        1..=scene.visitors,
        1..4u64,
        any::<bool>(),
        prop::bool::weighted(0.05),
        0..3u8,
    );
    let place = (
        moment(scene),
        select(&[0, 1, 2, u64::MAX][..]),
        0..4u32,
        select(KINDS),
    );
    let numbers = (
        prop::option::of(0..500u32),
        prop::option::of(0..=100u8),
        prop::option::of(cents()),
    );
    let things = (prop::collection::vec(item(scene.texts), 0..4), props(scene));
    (place, who, numbers, columns(scene), things).prop_map(
        |((ts, tab_id, seq, kind), who, numbers, mut texts, (items, props))| {
            let (visitor, session, is_session_start, excluded, which) = who;
            let (dwell_ms, scroll_percent, value_cents) = numbers;
            if kind != "purchase" {
                texts.remove("order_id");
            }
            Event {
                visitor,
                session: visitor * 10 + session,
                id: 0,
                ts,
                tab_id,
                seq,
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
        },
    )
}

fn columns(
    scene: &Scene,
) -> impl Strategy<Value = BTreeMap<&'static str, &'static str>> + Clone + use<> {
    (
        prop::collection::btree_map(select(COLUMNS), word(&scene.texts), 2..5),
        word(PATHS),
        word(CHANNELS),
        word(CURRENCIES),
        maybe(ORDER_IDS),
        maybe(&scene.texts),
    )
        .prop_map(|(mut texts, path, channel, currency, order_id, coupon)| {
            texts.extend([("path", path), ("channel", channel), ("currency", currency)]);
            texts.extend([("order_id", order_id), ("coupon", coupon)]);
            texts.retain(|_, text| !text.is_empty());
            texts
        })
}

pub(super) fn cents() -> impl Strategy<Value = i64> + Clone {
    prop_oneof![8 => 0..500i64, 1 => -500..0i64, 1 => Just(i64::MAX)]
}

pub(super) fn item(texts: Texts) -> impl Strategy<Value = Item> + Clone {
    let text = || maybe(&texts);
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

fn props(scene: &Scene) -> impl Strategy<Value = Map<String, Value>> + Clone + use<> {
    let value = prop_oneof![
        4 => word(&scene.texts).prop_map(Value::from),
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
