//! Carts: what is left in one, worked out of all that was put in and taken out.
//!
//! Of each product the pieces run up and down, and never below none: what remains is the running
//! sum less the least that it ever was, where that was below none. Only what was done after the
//! last online order counts, for that empties the cart at its time, and of the same time events
//! come first.

use super::super::fields::ItemField;
use super::super::plan::CART_EVENTS;
use super::super::resolve::{Cart, Filter};
use super::super::words::{EventType, OrderChannel, Word as _};
use super::events::AT;
use super::filter::fold;
use super::item::ItemTest;
use super::later::EMPTIED;
use super::measure::Aggregate;
use super::params::Param;
use super::{Money, Sql};

impl Sql<'_> {
    /// Whether some leaf asks for carts.
    pub(super) fn has_cart(&self) -> bool {
        use super::super::resolve::Leaf;
        let mut leaves = self.plan.leaves.iter();
        leaves.any(|leaf| matches!(leaf, Leaf::Cart(_)))
    }

    /// All that was put into carts and taken out of them: an element each product of each event,
    /// with its moment, its place in the order of events, the product, the pieces (less than none
    /// where they were taken out), name, category, brand and price, and whether it was put in. One
    /// of no product says that the cart was touched.
    pub(super) fn cart_trail(&mut self) -> Aggregate {
        let types = CART_EVENTS.map(|kind| kind.as_str().to_owned()).to_vec();
        let types = self.params.bind(Param::Texts(types));
        let before = self.before_as_of();
        let condition = self.asking(vec![format!("type IN {types}"), before]);
        let added = self.text(EventType::AddToCart.as_str());
        let (id, own) = (fold("i"), self.is_own_money());
        let trail = format!(
            "arrayPushBack(arrayMap((n, i, name, category, brand, p, q) -> ({AT}, tab_id, seq, toUInt128(event_id), n, {id}, \
             if(type = {added}, 1, -1) * toInt64(q), name, category, brand, if({own}, p, NULL), type = {added}), \
             arrayEnumerate(`items.id`), `items.id`, `items.name`, `items.category`, `items.brand`, \
             `items.price_cents`, `items.quantity`), \
             ({AT}, tab_id, seq, toUInt128(event_id), toUInt32(0), '', toInt64(0), '', '', '', NULL, false))"
        );
        Aggregate {
            function: "groupArrayArray".to_owned(),
            argument: Some(trail),
            condition,
        }
    }

    /// When an online order last emptied the cart.
    pub(super) fn emptied(&mut self) -> Aggregate {
        let channel = self.order_column("channel");
        let online = self.text(OrderChannel::Online.as_str());
        let before = self.before_as_of();
        Aggregate {
            function: "maxOrNull".to_owned(),
            argument: Some(AT.to_owned()),
            condition: self.asking(vec![format!("{channel} = {online}"), before]),
        }
    }

    /// Whether something is left that is as asked; `trail` is all that was done.
    pub(super) fn is_left(&mut self, cart: &Cart, trail: &str, after: &str) -> String {
        let idle = self.params.bind(Param::Int(cart.idle_from_ms.into()));
        let to = self.params.bind(Param::Int(cart.when.span.to_ms.into()));
        let touched = self.named(format!("arrayMax(t -> t.1, {trail})"));
        let mut all = vec![
            format!("notEmpty({trail})"),
            format!("{touched} < {idle}"),
            format!("{touched} < {to}"),
            after.to_owned(),
        ];
        if let Some(from) = cart.when.span.from_ms {
            let from = self.params.bind(Param::Int(from.into()));
            all.push(format!("{touched} >= {from}"));
        }
        let left = self.left(trail);
        all.push(self.meets(&cart.filters, &left));
        format!("({})", all.join(" AND "))
    }

    /// Whether what is left is as asked: as the items of a fact are asked.
    fn meets(&mut self, filters: &[Filter], left: &str) -> String {
        let column = |item: ItemField| {
            let place = match item {
                ItemField::Id => "x.2.6",
                ItemField::Name => "x.2.8",
                ItemField::Category => "x.2.9",
                ItemField::Brand => "x.2.10",
                ItemField::PriceCents => "x.2.11",
                ItemField::Quantity | ItemField::ValueCents => "x.1",
            };
            format!("arrayMap(x -> {place}, {left})")
        };
        let some = |test: &ItemTest| test.exists_among(column);
        // Money was looked at when the trail was gathered.
        self.money = Money::Own;
        let met = self.met(filters);
        let mut all = vec![if met.is_empty() {
            format!("notEmpty({left})")
        } else {
            some(&met)
        }];
        for filter in filters.iter().filter(|filter| filter.negated) {
            let denied = self.denied(filter);
            all.push(format!("NOT {}", some(&denied)));
        }
        all.join(" AND ")
    }

    /// What is left: of each product the pieces, and the latest time that some were put in.
    pub(super) fn left(&mut self, trail: &str) -> String {
        let since = format!("arraySort(arrayFilter(t -> t.1 > {EMPTIED}, {trail}))");
        let since = self.named(since);
        let products =
            format!("arrayFilter(k -> k != '', arrayDistinct(arrayMap(t -> t.6, {since})))");
        let of_each = format!("arrayMap(k -> arrayFilter(t -> t.6 = k, {since}), {products})");
        let sums = "arrayCumSum(arrayMap(t -> t.7, o))";
        let pieces = format!("arrayElement({sums}, -1) - least(0, arrayMin({sums}))");
        let latest = "arrayLast(t -> t.12, o)";
        self.named(format!(
            "arrayFilter(x -> x.1 > 0, arrayMap(o -> ({pieces}, {latest}), {of_each}))"
        ))
    }

    fn text(&mut self, text: &str) -> String {
        self.params.bind(Param::Text(text.to_owned()))
    }
}
