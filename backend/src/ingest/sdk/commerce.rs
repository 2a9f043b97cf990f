//! What commerce messages say: values, orders, items.

use super::text_of;
use crate::ingest::given::{Given, GivenItem};
use serde_json::{Map, Value};

/// Types of messages that may be about one product.
const ABOUT_ONE: [&str; 3] = ["view_item", "add_to_cart", "remove_from_cart"];

/// Adds what the properties say, by Segment's names and by GA4's.
pub fn add(properties: &Map<String, Value>, given: &mut Given) {
    let first = |names: &[&str]| {
        let found = names.iter().find_map(|name| properties.get(*name));
        text_of(found)
    };
    given.order_id = first(&["order_id", "transaction_id"]);
    given.coupon = first(&["coupon"]);
    given.currency = first(&["currency"]).to_ascii_uppercase();
    given.value_cents = ["total", "revenue", "value"]
        .iter()
        .find_map(|name| cents(properties.get(*name)));
    let list = properties
        .get("products")
        .or_else(|| properties.get("items"));
    given.items = match list {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_object).map(item).collect(),
        // A message about one product is itself the item.
        _ if ABOUT_ONE.contains(&given.r#type.as_str()) => vec![item(properties)],
        _ => Vec::new(),
    };
    given
        .items
        .retain(|item| !item.id.is_empty() || !item.name.is_empty());
    if given.r#type == "view_item"
        && let [item] = given.items.as_slice()
    {
        (given.product, given.category) = (item.id.clone(), item.category.clone());
    }
}

fn item(properties: &Map<String, Value>) -> GivenItem {
    let first = |names: &[&str]| {
        let found = names.iter().find_map(|name| properties.get(*name));
        text_of(found)
    };
    GivenItem {
        id: first(&["product_id", "item_id", "sku", "id"]),
        name: first(&["name", "item_name"]),
        category: first(&["category", "item_category"]),
        brand: first(&["brand", "item_brand"]),
        price_cents: cents(properties.get("price")),
        quantity: first(&["quantity"]).parse().ok(),
    }
}

/// A price in whole cents. JSON's numbers are decimal, and so is the shift.
fn cents(price: Option<&Value>) -> Option<i64> {
    let text = text_of(price);
    let (sign, digits) = text
        .strip_prefix('-')
        .map_or((1, text.as_str()), |rest| (-1, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let part: String = part.chars().chain("00".chars()).take(3).collect();
    let (part, rest) = part.split_at_checked(2)?;
    let whole: i64 = whole.parse().ok()?;
    let part: i64 = part.parse().ok()?;
    let up = i64::from(rest.starts_with(['5', '6', '7', '8', '9']));
    whole
        .checked_mul(100)?
        .checked_add(part + up)?
        .checked_mul(sign)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn prices_become_whole_cents() {
        for (price, expected) in [
            (json!(19.99), Some(1999)),
            (json!("19.99"), Some(1999)),
            (json!(19), Some(1900)),
            (json!(0.1), Some(10)),
            (json!(1.005), Some(101)),
            (json!(-3.5), Some(-350)),
            (json!("free"), None),
            (json!(null), None),
            (json!(1e30), None),
        ] {
            assert_eq!(cents(Some(&price)), expected, "{price}");
        }
    }
}
