//! What is in somebody's cart now, and what was taken out of it.

use super::Order;
use crate::store::TrailRow;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Most of what was taken out.
const MOST: usize = 50;

/// A cart. Times are milliseconds since the epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Cart {
    /// What is in it.
    pub items: Vec<CartItem>,
    /// When anything was last put in or taken out.
    pub changed_at: Option<i64>,
    /// The 50 last things that were taken out, the latest first.
    pub taken_out: Vec<TakenOut>,
}

/// What is in a cart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct CartItem {
    /// The product's id.
    pub id: String,
    /// Its name, as it was last put in.
    pub name: String,
    /// Its category.
    pub category: String,
    /// Price of one piece, in cents.
    pub price_cents: Option<i64>,
    /// Pieces.
    pub quantity: u32,
    /// When it was last put in.
    pub added_at: i64,
}

/// What was taken out of a cart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct TakenOut {
    /// The product's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Pieces.
    pub quantity: u32,
    /// When.
    pub at: i64,
}

/// The cart that a trail leaves, the earliest event first. An order online empties it.
#[must_use]
pub fn cart<'t>(trail: impl Iterator<Item = &'t TrailRow>, orders: &[Order]) -> Cart {
    let emptied = orders
        .iter()
        .filter(|order| order.channel != "store" && !order.cancelled)
        .map(|order| order.placed_at);
    let mut emptied: Vec<_> = emptied.collect();
    emptied.sort_unstable_by_key(|at| std::cmp::Reverse(*at));
    let mut cart = Cart::default();
    let mut items: BTreeMap<&str, CartItem> = BTreeMap::new();
    for row in trail {
        // What happened at the same time came before the order.
        while emptied.pop_if(|at| *at < row.ts).is_some() {
            items.clear();
        }
        let is_added = match row.r#type.as_str() {
            "add_to_cart" => true,
            "remove_from_cart" => false,
            _ => continue,
        };
        cart.changed_at = Some(row.ts);
        for (place, id) in row.item_ids.iter().enumerate() {
            let text = |texts: &[String]| texts.get(place).cloned().unwrap_or_default();
            let quantity = row.item_quantities.get(place).copied().unwrap_or(1);
            let item = items.entry(id).or_default();
            if is_added {
                *item = CartItem {
                    id: id.clone(),
                    name: text(&row.item_names),
                    category: text(&row.item_categories),
                    price_cents: row.item_prices.get(place).copied().flatten(),
                    quantity: item.quantity.saturating_add(quantity),
                    added_at: row.ts,
                };
            } else {
                item.quantity = item.quantity.saturating_sub(quantity);
                cart.taken_out.push(TakenOut {
                    id: id.clone(),
                    name: text(&row.item_names),
                    quantity,
                    at: row.ts,
                });
            }
        }
    }
    if !emptied.is_empty() {
        items.clear();
    }
    cart.taken_out.reverse();
    cart.taken_out.truncate(MOST);
    let left = items.into_values().filter(|item| item.quantity > 0);
    cart.items = left.collect();
    cart
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(ts: i64, kind: &str, items: &[(&str, u32)]) -> TrailRow {
        TrailRow {
            ts,
            r#type: kind.into(),
            item_ids: items.iter().map(|(id, _)| (*id).to_owned()).collect(),
            item_quantities: items.iter().map(|(_, quantity)| *quantity).collect(),
            ..TrailRow::default()
        }
    }

    fn left(trail: &[TrailRow], orders: &[Order]) -> Vec<(String, u32)> {
        let cart = cart(trail.iter(), orders);
        cart.items
            .into_iter()
            .map(|item| (item.id, item.quantity))
            .collect()
    }

    #[test]
    fn what_is_left_is_what_was_put_in_less_what_was_taken_out() {
        let trail = [
            row(1, "add_to_cart", &[("a", 2), ("b", 1)]),
            row(2, "remove_from_cart", &[("a", 1), ("c", 5)]),
            row(3, "add_to_cart", &[("c", 1)]),
        ];
        assert_eq!(
            left(&trail, &[]),
            [("a".into(), 1), ("b".into(), 1), ("c".into(), 1)]
        );
        let cart = cart(trail.iter(), &[]);
        assert_eq!(cart.changed_at, Some(3));
        let out: Vec<_> = cart.taken_out.iter().map(|out| out.id.as_str()).collect();
        assert_eq!(out, ["c", "a"]);
    }

    #[test]
    fn an_order_online_empties_it_at_its_time() {
        let trail = [
            row(10, "add_to_cart", &[("a", 1)]),
            row(20, "add_to_cart", &[("b", 1)]),
        ];
        let order = |placed_at, channel: &str, cancelled| Order {
            placed_at,
            channel: channel.into(),
            cancelled,
            ..Order::default()
        };
        assert_eq!(
            left(&trail, &[order(15, "online", false)]),
            [("b".into(), 1)]
        );
        // At the same time: first the event, then the order.
        assert_eq!(left(&trail, &[order(20, "online", false)]), []);
        assert_eq!(
            left(&trail, &[order(10, "online", false)]),
            [("b".into(), 1)]
        );
        assert_eq!(
            left(
                &trail,
                &[order(30, "online", false), order(5, "online", false)]
            ),
            []
        );
        assert_eq!(left(&trail, &[order(30, "store", false)]).len(), 2);
        assert_eq!(left(&trail, &[order(30, "online", true)]).len(), 2);
    }
}
