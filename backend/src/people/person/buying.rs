//! What somebody bought, online and in stores, and what they gave back.

use crate::store::{PersonIds, StoredOrder};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What one of a currency is in units of 10⁻⁸ of a rate.
const RATE_ONE: i128 = 100_000_000;

/// An order. Money is in cents of the site's currency, and absent where its rate isn't known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Order {
    /// The shop's id.
    pub order_id: String,
    /// When it was placed, in milliseconds since the epoch.
    pub placed_at: i64,
    /// `online` or `store`.
    pub channel: String,
    /// Which store.
    pub store: String,
    /// Whether the shop cancelled it; it counts for nothing then.
    pub cancelled: bool,
    /// Whether the pixel saw it.
    pub seen_by_pixel: bool,
    /// Whether the shop sent it.
    pub sent_by_shop: bool,
    /// The whole.
    pub value_cents: Option<i64>,
    /// What is left after returns.
    pub net_cents: Option<i64>,
    /// Of the whole, shipping.
    pub shipping_cents: Option<i64>,
    /// Its own currency; empty where that is the site's.
    pub currency: String,
    /// Coupons.
    pub coupons: Vec<String>,
    /// What was bought.
    pub items: Vec<OrderItem>,
    /// What was given back.
    pub returns: Vec<Return>,
}

/// What was bought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct OrderItem {
    /// The product's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its category.
    pub category: String,
    /// Price of one piece.
    pub price_cents: Option<i64>,
    /// Pieces.
    pub quantity: u32,
}

/// What was given back at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Return {
    /// The shop's id.
    pub id: String,
    /// When, in milliseconds since the epoch.
    pub returned_at: i64,
    /// What it was worth.
    pub value_cents: Option<i64>,
    /// Pieces, by product; none: all of it.
    pub pieces: BTreeMap<String, u32>,
}

/// What somebody's orders come to. Cancelled ones count for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Buying {
    /// Orders online.
    pub online: u64,
    /// Orders in stores.
    pub in_store: u64,
    /// Orders with anything given back.
    pub returned: u64,
    /// Orders with a coupon.
    pub with_coupon: u64,
    /// What all were worth.
    pub value_cents: i64,
    /// What was left after returns.
    pub net_cents: i64,
    /// What one was worth on average, rounded down.
    pub average_cents: Option<i64>,
    /// The time between two, on average, rounded down.
    pub between_ms: Option<i64>,
    /// When the first was placed.
    pub first_at: Option<i64>,
    /// When the last was placed.
    pub last_at: Option<i64>,
    /// The coupons that were used, and how often.
    pub coupons: BTreeMap<String, u64>,
}

/// A person's orders, the latest first: of each the shop's row counts before the pixel's, but for
/// the buyer where it names none.
#[must_use]
pub fn orders(rows: &[StoredOrder], of: &PersonIds, site_currency: &str) -> Vec<Order> {
    let mut by_id: BTreeMap<&str, [Option<&StoredOrder>; 2]> = BTreeMap::new();
    for row in rows {
        let [pixel, feed] = by_id.entry(&row.order_id).or_default();
        *(if row.is_feed { feed } else { pixel }) = Some(row);
    }
    let theirs = by_id.into_values().filter_map(|[pixel, feed]| {
        let is_named = |row: &&StoredOrder| row.visitor_id != 0 || row.contact_id != 0;
        let buyer = feed.filter(is_named).or(pixel)?;
        let is_theirs = (buyer.contact_id != 0 && of.contacts.contains(&buyer.contact_id))
            || (buyer.visitor_id != 0 && of.visitors.contains(&buyer.visitor_id));
        let row = feed.or(pixel)?;
        is_theirs.then(|| Order {
            seen_by_pixel: pixel.is_some(),
            sent_by_shop: feed.is_some(),
            ..order(row, site_currency)
        })
    });
    let mut theirs: Vec<_> = theirs.collect();
    theirs.sort_by(|a, b| (b.placed_at, &b.order_id).cmp(&(a.placed_at, &a.order_id)));
    theirs
}

fn order(row: &StoredOrder, site_currency: &str) -> Order {
    let money = |cents: Option<i64>| in_site(cents?, row, site_currency);
    let returns: Vec<_> = row
        .return_ids
        .iter()
        .zip(&row.return_times)
        .zip(row.return_values.iter().zip(&row.return_items))
        .map(|((id, at), (value, items))| Return {
            id: id.clone(),
            returned_at: *at,
            value_cents: money(*value),
            pieces: items.iter().cloned().collect(),
        })
        .collect();
    let value_cents = money(row.value_cents);
    // Converted once, as a segment does.
    let net_cents = money(row.net_cents.or_else(|| {
        let back = row.return_values.iter().flatten().copied();
        Some(
            row.value_cents?
                .saturating_sub(back.fold(0, i64::saturating_add)),
        )
    }));
    let is_own = row.currency.is_empty() || row.currency == site_currency;
    Order {
        order_id: row.order_id.clone(),
        placed_at: row.ts,
        channel: row.channel.clone(),
        store: row.store.clone(),
        cancelled: row.cancelled,
        value_cents,
        net_cents,
        shipping_cents: money(row.shipping_cents),
        currency: if is_own {
            String::new()
        } else {
            row.currency.clone()
        },
        coupons: row.coupons.clone(),
        items: items(row)
            .map(|item| OrderItem {
                price_cents: money(item.price_cents),
                ..item
            })
            .collect(),
        returns,
        ..Order::default()
    }
}

fn items(row: &StoredOrder) -> impl Iterator<Item = OrderItem> + '_ {
    let texts = row
        .item_ids
        .iter()
        .zip(&row.item_names)
        .zip(&row.item_categories);
    let numbers = row.item_prices.iter().zip(&row.item_quantities);
    texts
        .zip(numbers)
        .map(|(((id, name), category), (price, quantity))| OrderItem {
            id: id.clone(),
            name: name.clone(),
            category: category.clone(),
            price_cents: *price,
            quantity: *quantity,
        })
}

/// Cents of an order in the site's currency, by the rate that it states; half a cent goes up.
fn in_site(cents: i64, row: &StoredOrder, site_currency: &str) -> Option<i64> {
    if row.currency.is_empty() || row.currency == site_currency {
        return Some(cents);
    }
    if row.rate_e8 == 0 {
        return None;
    }
    let exact = i128::from(cents) * i128::from(row.rate_e8);
    i64::try_from((exact + RATE_ONE / 2).div_euclid(RATE_ONE)).ok()
}

/// What orders come to; the latest first.
#[must_use]
pub fn buying(orders: &[Order]) -> Buying {
    let mut sum = Buying::default();
    let mut priced = 0_i64;
    let counted: Vec<_> = orders.iter().filter(|order| !order.cancelled).collect();
    for order in &counted {
        match order.channel.as_str() {
            "store" => sum.in_store += 1,
            _ => sum.online += 1,
        }
        sum.returned += u64::from(!order.returns.is_empty());
        sum.with_coupon += u64::from(!order.coupons.is_empty());
        if let Some(value) = order.value_cents {
            sum.value_cents = sum.value_cents.saturating_add(value);
            priced += 1;
        }
        sum.net_cents = sum
            .net_cents
            .saturating_add(order.net_cents.unwrap_or_default());
        for coupon in &order.coupons {
            *sum.coupons.entry(coupon.clone()).or_default() += 1;
        }
    }
    sum.last_at = counted.first().map(|order| order.placed_at);
    sum.first_at = counted.last().map(|order| order.placed_at);
    sum.average_cents = sum.value_cents.checked_div_euclid(priced);
    let gaps = i64::try_from(counted.len()).unwrap_or(i64::MAX) - 1;
    let span = sum.first_at.zip(sum.last_at);
    sum.between_ms = span
        .filter(|_| gaps > 0)
        .map(|(first, last)| (last - first).div_euclid(gaps));
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, ts: i64, is_feed: bool) -> StoredOrder {
        StoredOrder {
            order_id: id.into(),
            is_feed,
            ts,
            channel: "online".into(),
            value_cents: Some(1000),
            ..StoredOrder::default()
        }
    }

    fn dana() -> PersonIds {
        PersonIds {
            site: "demo".into(),
            visitors: vec![7],
            contacts: vec![1 << 63],
        }
    }

    #[test]
    fn the_shop_counts_before_the_pixel() {
        let rows = [
            StoredOrder {
                visitor_id: 7,
                ..row("1", 10, false)
            },
            // It names nobody: the pixel's buyer stands.
            StoredOrder {
                value_cents: Some(900),
                ..row("1", 11, true)
            },
            // It names another.
            StoredOrder {
                visitor_id: 7,
                ..row("2", 20, false)
            },
            StoredOrder {
                contact_id: 5 | 1 << 63,
                ..row("2", 20, true)
            },
            StoredOrder {
                contact_id: 1 << 63,
                channel: "store".into(),
                ..row("3", 30, true)
            },
        ];
        let theirs = orders(&rows, &dana(), "ILS");
        let found: Vec<_> = theirs
            .iter()
            .map(|order| {
                (
                    order.order_id.as_str(),
                    order.value_cents,
                    order.seen_by_pixel,
                )
            })
            .collect();
        assert_eq!(found, [("3", Some(1000), false), ("1", Some(900), true)]);
        let sum = buying(&theirs);
        assert_eq!((sum.online, sum.in_store, sum.value_cents), (1, 1, 1900));
        assert_eq!((sum.average_cents, sum.between_ms), (Some(950), Some(19)));
    }

    #[test]
    fn money_is_in_the_currency_of_the_site() {
        let usd = StoredOrder {
            contact_id: 1 << 63,
            currency: "USD".into(),
            rate_e8: 365_000_000,
            value_cents: Some(101),
            return_ids: vec!["r".into()],
            return_times: vec![5],
            return_values: vec![Some(1)],
            return_items: vec![Vec::new()],
            ..row("1", 1, true)
        };
        let theirs = orders(std::slice::from_ref(&usd), &dana(), "ILS");
        // 368.65 and 3.65, each to the nearest cent.
        assert_eq!(
            (theirs[0].value_cents, theirs[0].net_cents),
            (Some(369), Some(365))
        );
        let unknown = StoredOrder { rate_e8: 0, ..usd };
        let theirs = orders(&[unknown], &dana(), "ILS");
        assert_eq!((theirs[0].value_cents, theirs[0].net_cents), (None, None));
        let sum = buying(&theirs);
        assert_eq!((sum.online, sum.returned, sum.average_cents), (1, 1, None));
    }

    #[test]
    fn cancelled_orders_count_for_nothing() {
        let cancelled = StoredOrder {
            contact_id: 1 << 63,
            cancelled: true,
            ..row("1", 1, true)
        };
        let theirs = orders(&[cancelled], &dana(), "ILS");
        assert_eq!(theirs.len(), 1);
        assert_eq!(buying(&theirs), Buying::default());
    }
}
