//! Orders as the shop has them.

use super::{moment, needed, text};
use crate::{
    ingest::given::{GivenItem, Moment, Wrong},
    people::{
        fact::{ItemFact, OrderFact, ReturnFact},
        identifier::Named,
    },
};
use protocol::limit;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most coupons, and most returns, of an order.
const MOST: usize = 200;
/// The greatest rate of one currency in another, in units of 10⁻⁸.
const MOST_RATE_E8: u64 = 1_000_000 * RATE_ONE;
const RATE_ONE: u64 = 100_000_000;

/// An order as the shop has it now: it takes the place of what was sent of it before, if that is
/// of an earlier `updated_at`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GivenOrder {
    /// The shop's id of it. A purchase that the pixel saw with this id is the same order.
    pub order_id: String,
    /// Who bought; nobody where that isn't known, and then the pixel's visitor stands.
    pub contact: Named,
    /// The browser that bought, where it is known.
    pub visitor_id: String,
    /// When it was placed: milliseconds since the epoch, or RFC 3339.
    pub placed_at: Moment,
    /// Of when this is the state of it; without it, of now.
    pub updated_at: Moment,
    /// `online`, or `store`; without it online.
    #[schema(example = "store")]
    pub channel: String,
    /// Which store.
    pub store: String,
    /// ISO 4217; without it the site's.
    pub currency: String,
    /// What one of its currency is in the site's, as a decimal such as `3.6512`: needed for its
    /// money to count where that is another one.
    pub rate: String,
    /// The whole, in cents.
    pub value_cents: Option<i64>,
    /// What is left after returns; without it the whole less the returns.
    pub net_cents: Option<i64>,
    /// Of the whole, shipping.
    pub shipping_cents: Option<i64>,
    /// The coupons that were used.
    pub coupons: Vec<String>,
    /// Whether it was cancelled.
    pub cancelled: bool,
    /// What was bought, at most 200.
    pub items: Vec<GivenItem>,
    /// What was returned, at most 200.
    pub returns: Vec<GivenReturn>,
}

/// What was returned at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GivenReturn {
    /// The shop's id of the return.
    pub id: String,
    /// When: milliseconds since the epoch, or RFC 3339.
    pub returned_at: Moment,
    /// What was given back, in cents; without it what its items cost.
    pub value_cents: Option<i64>,
    /// Which products; without any the whole order.
    pub items: Vec<ReturnedItem>,
}

/// Pieces of a product that were returned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReturnedItem {
    /// The shop's id of the product.
    pub id: String,
    /// Pieces; without it one.
    pub quantity: Option<u32>,
}

impl GivenOrder {
    /// Checks it, as of when it came.
    ///
    /// # Errors
    /// [`Wrong`] with the first part that doesn't fit.
    pub fn check(&self, country: &str, received_at: i64) -> Result<OrderFact, Wrong> {
        let is_in_store = match self.channel.as_str() {
            "" | "online" => false,
            "store" => true,
            other => return Err(Wrong::value("/channel", other, "online or store fits")),
        };
        for (list, pointer, most) in [
            (self.coupons.len(), "/coupons", MOST),
            (self.returns.len(), "/returns", MOST),
            (self.items.len(), "/items", limit::ITEMS),
        ] {
            if list > most {
                return Err(Wrong::new(
                    "too_many",
                    pointer,
                    format!("at most {most} fit"),
                ));
            }
        }
        let items = self
            .items
            .iter()
            .zip(0..)
            .map(|(item, place)| fit_item(item, place));
        let items: Vec<_> = items.collect::<Result<_, _>>()?;
        let value_cents = self.value_cents.or_else(|| sum(&items));
        let at = moment(self.placed_at, "/placed_at", received_at, None)?;
        let mut returns = Vec::with_capacity(self.returns.len());
        for (given, place) in self.returns.iter().zip(0_usize..) {
            let within = format!("/returns/{place}");
            returns.push(given.check(&within, (&items, value_cents), received_at)?);
        }
        let coupons = self.coupons.iter().map(|coupon| needed(coupon, "/coupons"));
        Ok(OrderFact {
            order_id: needed(&self.order_id, "/order_id")?,
            who: self.contact.identifiers(country, "/contact")?,
            visitor_id: match self.visitor_id.as_str() {
                "" => 0,
                id => visitor(id)?,
            },
            at,
            updated_at: moment(
                self.updated_at,
                "/updated_at",
                received_at,
                Some(received_at),
            )?,
            is_in_store,
            store: text(&self.store, "/store")?,
            currency: self.currency()?,
            rate_e8: rate_e8(&self.rate)?,
            value_cents,
            net_cents: self.net_cents,
            shipping_cents: self.shipping_cents,
            coupons: coupons.collect::<Result<_, _>>()?,
            is_cancelled: self.cancelled,
            items,
            returns,
        })
    }

    fn currency(&self) -> Result<String, Wrong> {
        let code = self.currency.as_bytes();
        if code.is_empty() || (code.len() == 3 && code.iter().all(u8::is_ascii_uppercase)) {
            return Ok(self.currency.clone());
        }
        let fits = "an ISO 4217 code such as ILS fits";
        Err(Wrong::value("/currency", &self.currency, fits))
    }
}

/// A visitor's id.
pub(super) fn visitor(id: &str) -> Result<u64, Wrong> {
    let number: Option<u64> = id.parse().ok();
    number.filter(|id| id >> 63 == 0).ok_or_else(|| {
        let fits = "a whole number below 2^63 fits, as text";
        Wrong::value("/visitor_id", id, fits)
    })
}

impl GivenReturn {
    fn check(
        &self,
        within: &str,
        (bought, value_cents): (&[ItemFact], Option<i64>),
        received_at: i64,
    ) -> Result<ReturnFact, Wrong> {
        let at = |key: &str| format!("{within}/{key}");
        let mut items = Vec::with_capacity(self.items.len());
        let mut price_cents = Some(0_i64);
        for (item, place) in self.items.iter().zip(0_usize..) {
            let known = bought.iter().find(|bought| bought.id == item.id);
            let known = known.ok_or_else(|| {
                let fits = "a product that the order has fits";
                Wrong::value(&at(&format!("items/{place}/id")), &item.id, fits)
            })?;
            let quantity = item.quantity.unwrap_or(1);
            let price = known
                .price_cents
                .and_then(|price| price.checked_mul(quantity.into()));
            price_cents = price_cents
                .zip(price)
                .and_then(|(sum, price)| sum.checked_add(price));
            items.push((item.id.clone(), quantity));
        }
        let usual = if items.is_empty() {
            value_cents
        } else {
            price_cents
        };
        Ok(ReturnFact {
            id: needed(&self.id, &at("id"))?,
            at: moment(self.returned_at, &at("returned_at"), received_at, None)?,
            value_cents: self.value_cents.or(usual),
            items,
        })
    }
}

fn fit_item(item: &GivenItem, place: usize) -> Result<ItemFact, Wrong> {
    let at = |key: &str| format!("/items/{place}/{key}");
    Ok(ItemFact {
        id: text(&item.id, &at("id"))?,
        name: text(&item.name, &at("name"))?,
        category: text(&item.category, &at("category"))?,
        brand: text(&item.brand, &at("brand"))?,
        price_cents: item.price_cents,
        quantity: item.quantity.unwrap_or(1),
    })
}

/// What the items cost, where all prices are known and there is any.
fn sum(items: &[ItemFact]) -> Option<i64> {
    if items.is_empty() {
        return None;
    }
    items.iter().try_fold(0_i64, |sum, item| {
        let price = item.price_cents?.checked_mul(item.quantity.into())?;
        sum.checked_add(price)
    })
}

/// A decimal in units of 10⁻⁸, rounded down; 0 where there is none.
fn rate_e8(text: &str) -> Result<u64, Wrong> {
    let wrong = || {
        let fits = "a decimal above 0 and up to 1000000 fits, such as 3.6512";
        Wrong::value("/rate", text, fits)
    };
    if text.is_empty() {
        return Ok(0);
    }
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 7 || !is_digits(whole) || !is_digits(part) {
        return Err(wrong());
    }
    let part: String = part.chars().chain("00000000".chars()).take(8).collect();
    let whole: u64 = whole.parse().map_err(|_| wrong())?;
    let part: u64 = part.parse().map_err(|_| wrong())?;
    let rate = whole * RATE_ONE + part;
    if (1..=MOST_RATE_E8).contains(&rate) {
        Ok(rate)
    } else {
        Err(wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const NOW_MS: i64 = 1_790_000_000_000;

    fn read(row: Value) -> Result<OrderFact, Wrong> {
        let order: GivenOrder = serde_json::from_value(row).unwrap();
        order.check("IL", NOW_MS)
    }

    #[test]
    fn what_is_not_said_is_worked_out() {
        let order = read(json!({
            "order_id": "1001", "placed_at": NOW_MS - 1000, "channel": "store", "rate": "3.65",
            "items": [{"id": "a", "price_cents": 1000, "quantity": 3}, {"id": "b", "price_cents": 50}],
            "returns": [{"id": "r1", "returned_at": NOW_MS, "items": [{"id": "a", "quantity": 2}]}],
        }))
        .unwrap();
        assert_eq!(order.value_cents, Some(3050));
        assert_eq!(order.returns[0].value_cents, Some(2000));
        assert_eq!(order.rate_e8, 365_000_000);
        assert_eq!(order.updated_at, NOW_MS);
        assert!(order.is_in_store);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let order = |more: Value| {
            let mut row = json!({"order_id": "1", "placed_at": NOW_MS});
            row.as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            row
        };
        for (row, code, pointer) in [
            (json!({"placed_at": NOW_MS}), "missing", "/order_id"),
            (json!({"order_id": "1"}), "missing", "/placed_at"),
            (order(json!({"channel": "shop"})), "bad_value", "/channel"),
            (
                order(json!({"currency": "shekel"})),
                "bad_value",
                "/currency",
            ),
            (order(json!({"rate": "-1"})), "bad_value", "/rate"),
            (order(json!({"rate": "0"})), "bad_value", "/rate"),
            (order(json!({"rate": "1e3"})), "bad_value", "/rate"),
            (
                order(json!({"visitor_id": "9223372036854775808"})),
                "bad_value",
                "/visitor_id",
            ),
            (
                order(json!({"contact": {"mail": "x"}})),
                "bad_value",
                "/contact/mail",
            ),
            (
                order(json!({"returns": [{"id": "r", "returned_at": 1, "items": [{"id": "z"}]}]})),
                "bad_value",
                "/returns/0/items/0/id",
            ),
        ] {
            let wrong = read(row.clone()).unwrap_err();
            assert_eq!(
                (wrong.code, wrong.pointer.as_str()),
                (code, pointer),
                "{row}"
            );
        }
    }
}
