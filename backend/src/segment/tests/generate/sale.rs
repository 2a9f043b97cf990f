//! Orders: the feed's rows, and the pixel's as its purchase events make them.

use super::super::event::Event;
use super::super::facts::{Order, RATE, Return};
use super::trail::{cents, item, moment};
use super::{CURRENCIES, ORDER_IDS, Scene, maybe, word};
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeMap;

/// The feed's rows, each a version of its own.
pub(super) fn feed(scene: &Scene) -> impl Strategy<Value = Vec<Order>> + use<> {
    prop::collection::vec(order(scene), 0..24).prop_map(|mut orders| {
        for (order, version) in orders.iter_mut().zip(1..) {
            order.version = version;
        }
        orders
    })
}

fn order(scene: &Scene) -> impl Strategy<Value = Order> + use<> {
    let texts = &scene.texts;
    let place = (
        word(ORDER_IDS),
        moment(scene),
        buyer(scene),
        word(&["online", "online", "store"]),
        prop::bool::weighted(0.1),
    );
    let money = (
        word(CURRENCIES),
        select(&[0, RATE, 370_000_000, 33_333_333][..]),
        prop::option::weighted(0.8, cents()),
        prop::option::weighted(0.2, cents()),
        prop::collection::vec(prop::option::weighted(0.8, 0..300i64), 0..3),
    );
    let things = (
        maybe(texts),
        prop::collection::vec(maybe(texts), 0..3),
        prop::collection::vec(item(scene.texts), 0..4),
    );
    (place, money, things).prop_map(|(place, money, (store, coupons, items))| {
        let (order_id, ts, (visitor, contact), channel, cancelled) = place;
        let (currency, rate_e8, value_cents, net_cents, returns) = money;
        let returns = returns
            .into_iter()
            .map(|value_cents| Return { value_cents });
        Order {
            order_id,
            is_feed: true,
            version: 0,
            visitor,
            contact,
            ts,
            channel,
            store,
            currency,
            rate_e8,
            value_cents,
            net_cents,
            coupons,
            cancelled,
            items,
            returns: returns.collect(),
        }
    })
}

/// A visitor and a contact, where they are named.
fn buyer(scene: &Scene) -> BoxedStrategy<(u64, u64)> {
    let visitor = (1..=scene.visitors).prop_map(|visitor| (visitor, 0));
    let nobody = Just((0, 0));
    if scene.contacts == 0 {
        return prop_oneof![nobody, visitor].boxed();
    }
    let contact = scene.contact().prop_map(|contact| (0, contact));
    let both = (1..=scene.visitors, scene.contact());
    prop_oneof![5 => nobody, 5 => visitor, 5 => contact, 1 => both].boxed()
}

/// The pixel's rows: of the purchase events with one id that count, the earliest.
pub(super) fn pixel(events: &[Event], rate_e8: u64) -> Vec<Order> {
    let mut first: BTreeMap<&str, &Event> = BTreeMap::new();
    for event in events {
        let counts = !event.bot && !event.machine && !event.staff;
        if let Some(id) = event.texts.get("order_id")
            && counts
            && event.kind == "purchase"
        {
            let known = first.entry(id).or_insert(event);
            if (event.ts, event.id) < (known.ts, known.id) {
                *known = event;
            }
        }
    }
    let purchases = first.into_values();
    purchases.map(|event| seen(event, rate_e8)).collect()
}

fn seen(event: &Event, rate_e8: u64) -> Order {
    let text = |column| event.texts.get(column).copied().unwrap_or_default();
    let coupons = event.texts.get("coupon").into_iter().copied();
    Order {
        order_id: text("order_id"),
        is_feed: false,
        version: 1,
        visitor: event.visitor,
        contact: 0,
        ts: event.ts,
        channel: "online",
        store: "",
        currency: text("currency"),
        rate_e8,
        value_cents: event.value_cents,
        net_cents: None,
        coupons: coupons.collect(),
        cancelled: false,
        items: event.items.clone(),
        returns: Vec::new(),
    }
}

#[test]
fn the_earliest_purchase_that_counts_makes_the_order() {
    let purchase = |visitor, ts, id| Event {
        visitor,
        ts,
        id,
        kind: "purchase",
        texts: [("order_id", "a")].into(),
        ..Event::default()
    };
    let by_a_bot = Event {
        bot: true,
        ..purchase(1, 1, 1)
    };
    let refund = Event {
        kind: "refund",
        ..purchase(2, 1, 2)
    };
    let nameless = Event {
        texts: BTreeMap::new(),
        ..purchase(3, 1, 3)
    };
    let events = [
        by_a_bot,
        refund,
        nameless,
        purchase(4, 3, 4),
        purchase(5, 2, 9),
        purchase(6, 2, 8),
    ];
    let buyers = pixel(&events, 0).into_iter().map(|order| order.visitor);
    assert_eq!(buyers.collect::<Vec<_>>(), [6]);
}
