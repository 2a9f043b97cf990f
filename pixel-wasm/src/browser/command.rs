//! The commands of `crumb(...)`: what the site tells.
//!
//! | call | records |
//! |---|---|
//! | `crumb('add_to_cart', {currency, value, items, …})` and GA4's other commerce events | that event |
//! | `crumb('search', {search_term})` | a search |
//! | `crumb('track', name, props)` | an event of the site's own |
//!
//! An unknown command records nothing and says so on the console.

use super::pixel::Pixel;
use crate::capture;
use alloc::{string::String, vec::Vec};
use js_sys::{Array, Object, Reflect};
use protocol::{
    event::{Action, Commerce, CommerceKind, Item, Prop, PropValue},
    limit::{ITEMS, PROPS, TEXT_BYTES},
};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The language's own conversion, which spares us the formatting of floats.
    #[wasm_bindgen(js_name = String)]
    fn to_text(value: &JsValue) -> String;

    #[wasm_bindgen(js_name = Number)]
    fn to_number(value: &JsValue) -> f64;

    #[wasm_bindgen(js_namespace = console)]
    fn warn(message: &str, value: &JsValue);
}

/// Runs one call, given its arguments.
pub fn run(pixel: &mut Pixel, arguments: &Array) {
    let name = arguments.get(0);
    let parameters = arguments.get(1);
    match name.as_string().as_deref() {
        Some("search") => {
            let term = text(&parameters, "search_term");
            pixel.record(Action::Search { term: &term }, Vec::new());
        }
        Some("track") => {
            let name = as_text(&parameters);
            track(pixel, &name, &arguments.get(2));
        }
        Some(name) if let Some(kind) = capture::commerce_kind(name) => {
            commerce(pixel, kind, &parameters);
        }
        _ => warn("crumb: unknown command", &name),
    }
}

fn track(pixel: &mut Pixel, name: &str, given: &JsValue) {
    let mut names = Vec::new();
    let mut texts = Vec::new();
    if let Some(object) = given.dyn_ref::<Object>() {
        for key in Object::keys(object).iter().take(PROPS) {
            let value = Reflect::get(object, &key).unwrap_or_default();
            names.push(as_text(&key));
            texts.push((as_text(&value), value));
        }
    }
    let values = texts
        .iter()
        .map(|(text, value)| match (value.as_bool(), value.as_f64()) {
            (Some(yes), _) => PropValue::Bool(yes),
            (_, Some(number)) if number.is_finite() => PropValue::Number(number),
            _ => PropValue::Text(text),
        });
    let props = names
        .iter()
        .zip(values)
        .map(|(name, value)| Prop { name, value });
    let props = props.collect();
    pixel.record(Action::Custom { name }, props);
}

/// An item's texts, owned while the event borrows them.
struct Texts {
    id: String,
    name: String,
    category: String,
    brand: String,
    price: Option<i64>,
    quantity: Option<u32>,
}

impl Texts {
    fn item(&self) -> Item<'_> {
        Item {
            id: &self.id,
            name: &self.name,
            category: &self.category,
            brand: &self.brand,
            price_cents: self.price,
            quantity: self.quantity,
        }
    }
}

fn commerce(pixel: &mut Pixel, kind: CommerceKind, parameters: &JsValue) {
    let items = get(parameters, "items");
    let items = items.dyn_ref::<Array>().map(|items| {
        let read = |item: JsValue| Texts {
            id: text(&item, "item_id"),
            name: text(&item, "item_name"),
            category: text(&item, "item_category"),
            brand: text(&item, "item_brand"),
            price: number(&item, "price").and_then(capture::cents),
            quantity: number(&item, "quantity").and_then(capture::pieces),
        };
        items.iter().take(ITEMS).map(read).collect::<Vec<_>>()
    });
    let items = items.unwrap_or_default();
    let items = items.iter().map(Texts::item).collect();
    pixel.record(
        Action::Commerce(Commerce {
            kind,
            value_cents: number(parameters, "value").and_then(capture::cents),
            currency: &text(parameters, "currency"),
            order_id: &text(parameters, "transaction_id"),
            coupon: &text(parameters, "coupon"),
            items,
        }),
        Vec::new(),
    );
}

fn get(object: &JsValue, key: &str) -> JsValue {
    // Reading from what is no object, or from a getter that throws, finds nothing.
    Reflect::get(object, &key.into()).unwrap_or_default()
}

fn text(object: &JsValue, key: &str) -> String {
    as_text(&get(object, key))
}

/// Texts and numbers as text; everything else is empty.
fn as_text(value: &JsValue) -> String {
    match (value.as_string(), value.as_f64()) {
        (Some(text), _) => capture::text(&text, TEXT_BYTES),
        (None, Some(_)) => to_text(value),
        (None, None) => String::new(),
    }
}

/// A number, also where it was written as text, as data layers often have it.
fn number(object: &JsValue, key: &str) -> Option<f64> {
    let value = get(object, key);
    let is_written = value.as_f64().is_some() || value.as_string().is_some_and(|t| !t.is_empty());
    let number = is_written.then(|| to_number(&value));
    number.filter(|number| !number.is_nan())
}
