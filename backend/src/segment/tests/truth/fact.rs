//! Facts: which of them a leaf asks for, and the values of their fields.

use super::super::event::{Event, Item};
use super::super::facts::{Message, Order, RATE};
use super::people::Person;
use super::value::{Found, fold, passes, worded};
use super::{World, listed, text};
use serde_json::Value;

#[derive(Clone, Copy, Debug)]
pub(super) enum Fact<'a> {
    Event(&'a Event),
    Order(&'a Order),
    Message(&'a Message),
}

/// What a fact is known by.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(in super::super) enum FactId {
    Event(u128),
    Order(&'static str),
    Message(u128),
}

/// A fact that a leaf asks for, with those of its items that are meant.
#[derive(Clone, Debug)]
pub(super) struct Match<'a> {
    pub fact: Fact<'a>,
    pub items: Vec<&'a Item>,
}

impl<'a> Fact<'a> {
    pub fn ts(self) -> i64 {
        match self {
            Fact::Event(event) => event.ts,
            Fact::Order(order) => order.ts,
            Fact::Message(message) => message.ts,
        }
    }

    pub fn id(self) -> FactId {
        match self {
            Fact::Event(event) => FactId::Event(event.id),
            Fact::Order(order) => FactId::Order(order.order_id),
            Fact::Message(message) => FactId::Message(message.id),
        }
    }

    fn items(self) -> &'a [Item] {
        match self {
            Fact::Event(event) => &event.items,
            Fact::Order(order) => &order.items,
            Fact::Message(_) => &[],
        }
    }

    fn currency(self) -> &'a str {
        match self {
            Fact::Event(event) => event.texts.get("currency").copied().unwrap_or_default(),
            Fact::Order(order) => order.currency,
            Fact::Message(_) => "",
        }
    }

    /// Whether it is of the kind and the types that the leaf names.
    fn is_of(self, leaf: &Value) -> bool {
        let is_named = |kind: &str| listed(&leaf["event"]).iter().any(|named| named == kind);
        match (text(&leaf["kind"]), self) {
            ("event", Fact::Event(event)) if leaf["event"] == "any" => event.kind != "dwell",
            ("event", Fact::Event(event)) => is_named(event.kind),
            ("order", Fact::Order(_)) => true,
            ("message", Fact::Message(message)) => {
                let channel = &leaf["channel"];
                is_named(message.event) && (channel.is_null() || channel == message.channel)
            }
            _ => false,
        }
    }
}

impl<'a> Person<'a> {
    /// All that happened before `as_of`.
    pub fn facts(&self) -> Vec<Fact<'_>> {
        let events = self.events.iter().map(|event| Fact::Event(event));
        let orders = self.orders.iter().map(Fact::Order);
        let messages = self.messages.iter().map(|message| Fact::Message(message));
        events.chain(orders).chain(messages).collect()
    }
}

impl World<'_> {
    /// The person's facts that the leaf asks for, at any time before `as_of`.
    pub(super) fn matches<'p>(&self, leaf: &Value, person: &'p Person<'_>) -> Vec<Match<'p>> {
        let facts = person.facts().into_iter();
        facts.filter_map(|fact| self.matched(leaf, fact)).collect()
    }

    pub(super) fn matched<'p>(&self, leaf: &Value, fact: Fact<'p>) -> Option<Match<'p>> {
        let filters = listed(&leaf["where"]);
        let mut of_fact = filters.iter().filter(|filter| !is_of_items(filter));
        let holds = fact.is_of(leaf)
            && of_fact.all(|filter| passes(&self.values(fact, text(&filter["field"])), filter));
        if !holds {
            return None;
        }
        let items = self.meant(filters, fact.items(), self.rate(fact))?;
        Some(Match { fact, items })
    }

    /// The items that all positive filters meet, if some are and if no item is
    /// as a negated one denies.
    pub(super) fn meant<'p>(
        &self,
        filters: &[Value],
        items: &'p [Item],
        rate: Option<u64>,
    ) -> Option<Vec<&'p Item>> {
        let of_items = filters.iter().filter(|filter| is_of_items(filter));
        let (negated, positive): (Vec<&Value>, Vec<&Value>) =
            of_items.partition(|filter| filter["op"] == "ne" || filter["op"] == "not_in");
        let meets = |item: &Item, filter: &Value| {
            passes(&item_values(item, text(&filter["field"]), rate), filter)
        };
        // A negated filter passes for the item that is not so: all have to pass.
        let denied = items
            .iter()
            .any(|item| negated.iter().any(|filter| !meets(item, filter)));
        let meant: Vec<&Item> = items
            .iter()
            .filter(|item| positive.iter().all(|filter| meets(item, filter)))
            .collect();
        let enough = positive.is_empty() || !meant.is_empty();
        (enough && !denied).then_some(meant)
    }

    /// What one of the fact's currency is worth in the site's.
    pub(super) fn rate(&self, fact: Fact<'_>) -> Option<u64> {
        let currency = fact.currency();
        if currency.is_empty() || fold(currency) == fold(self.currency) {
            return Some(RATE);
        }
        match fact {
            Fact::Order(order) => Some(order.rate_e8).filter(|rate| *rate > 0),
            _ => None,
        }
    }

    /// The values of a fact's field, but for those of its items.
    pub(super) fn values(&self, fact: Fact<'_>, field: &str) -> Vec<Found> {
        if field == "currency" && fact.currency().is_empty() {
            return worded(self.currency);
        }
        match fact {
            Fact::Event(event) => event_values(event, field, self.rate(fact)),
            Fact::Order(order) => order_values(order, field, self.rate(fact)),
            Fact::Message(message) => message_values(message, field),
        }
    }
}

/// Those of a match's field: of the meant items, where it is one of theirs.
impl Match<'_> {
    pub fn values(&self, world: &World<'_>, field: &str) -> Vec<Found> {
        if !field.starts_with("items.") {
            return world.values(self.fact, field);
        }
        let rate = world.rate(self.fact);
        let items = self.items.iter();
        items
            .flat_map(|item| item_values(item, field, rate))
            .collect()
    }
}

fn is_of_items(filter: &Value) -> bool {
    text(&filter["field"]).starts_with("items.")
}

fn event_values(event: &Event, field: &str, rate: Option<u64>) -> Vec<Found> {
    if let Some(key) = field.strip_prefix("props.") {
        return match event.props.get(key) {
            Some(Value::String(found)) => worded(found),
            Some(Value::Number(found)) => worded(&found.to_string()),
            Some(Value::Bool(found)) => worded(&found.to_string()),
            _ => Vec::new(),
        };
    }
    match field {
        "dwell_ms" => number(event.dwell_ms),
        "scroll_percent" => number(event.scroll_percent),
        "value_cents" => money(event.value_cents.map(i128::from), rate),
        column => worded(event.texts.get(column).copied().unwrap_or_default()),
    }
}

fn order_values(order: &Order, field: &str, rate: Option<u64>) -> Vec<Found> {
    match field {
        "order_id" => worded(order.order_id),
        "channel" => worded(order.channel),
        "store" => worded(order.store),
        "currency" => worded(order.currency),
        "coupons" => order.coupons.iter().flat_map(|text| worded(text)).collect(),
        "returns" => vec![Found::Number(order.returns.len() as i128)],
        "value_cents" => money(order.value_cents.map(i128::from), rate),
        "net_cents" => money(net_cents(order), rate),
        other => unreachable!("{other}"),
    }
}

/// What was sent, or else the value less its returns.
fn net_cents(order: &Order) -> Option<i128> {
    if let Some(sent) = order.net_cents {
        return Some(sent.into());
    }
    let returned = order.returns.iter().filter_map(|row| row.value_cents);
    let returned: i128 = returned.map(i128::from).sum();
    order.value_cents.map(|value| i128::from(value) - returned)
}

fn message_values(message: &Message, field: &str) -> Vec<Found> {
    match field {
        "campaign" => worded(message.campaign),
        "link" => worded(message.link),
        "topic" => worded(message.topic),
        other => unreachable!("{other}"),
    }
}

fn item_values(item: &Item, field: &str, rate: Option<u64>) -> Vec<Found> {
    let price = item.price_cents.map(i128::from);
    match field {
        "items.id" => worded(item.id),
        "items.name" => worded(item.name),
        "items.category" => worded(item.category),
        "items.brand" => worded(item.brand),
        "items.quantity" => number(Some(item.quantity)),
        "items.price_cents" => money(price, rate),
        "items.value_cents" => money(price.map(|price| price * i128::from(item.quantity)), rate),
        other => unreachable!("{other}"),
    }
}

fn number(found: Option<impl Into<i128>>) -> Vec<Found> {
    let found = found.map(|found| Found::Number(found.into()));
    found.into_iter().collect()
}

/// An amount in the site's currency, halves of a cent rounded up.
fn money(cents: Option<i128>, rate: Option<u64>) -> Vec<Found> {
    let (Some(cents), Some(rate)) = (cents, rate) else {
        return Vec::new();
    };
    let (rate, one) = (i128::from(rate), i128::from(RATE));
    vec![Found::Number((cents * rate + one / 2).div_euclid(one))]
}
