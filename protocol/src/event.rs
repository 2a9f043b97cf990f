//! Events: what a visitor did.
//!
//! Texts are borrowed: the pixel encodes from its own strings, a decoder points
//! into the bytes it was given. Money is integer cents, never a float.

use crate::{DecodeError, limit};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// One thing that a visitor did on a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event<'a> {
    /// The event's place in its tab's sequence, from 0. A gap is a loss.
    pub seq: u32,
    /// When, by the client's clock, in milliseconds since the epoch.
    pub at_ms: u64,
    /// Whether it is the first of its session.
    pub session_start: bool,
    /// What was done.
    #[serde(borrow)]
    pub action: Action<'a>,
    /// What else the site wants to know, at most [`limit::PROPS`].
    #[serde(borrow)]
    pub props: Vec<Prop<'a>>,
}

/// What was done. The order of the variants is the wire's: new ones go last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Action<'a> {
    /// A page came into view.
    PageView,
    /// Time spent since the last dwell event.
    Dwell {
        /// Active milliseconds: visible, with input in the last 30 seconds.
        dwell_ms: u32,
        /// Greatest share of the page's height seen so far, 0 to 100.
        scroll_percent: u8,
    },
    /// A click on a link, a button or a call to action.
    #[serde(borrow)]
    Click(Click<'a>),
    /// A search on the site.
    Search {
        /// What was searched for.
        term: &'a str,
    },
    /// Something about items: seen, put in the cart, bought.
    #[serde(borrow)]
    Commerce(Commerce<'a>),
    /// An event of the site's own.
    Custom {
        /// Its name.
        name: &'a str,
    },
}

/// A click.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Click<'a> {
    /// What was clicked.
    pub kind: ClickKind,
    /// Its visible text.
    pub text: &'a str,
    /// The host that a link leads to, empty where there is none.
    pub host: &'a str,
    /// The path that a link leads to, empty where there is none.
    pub path: &'a str,
    /// The name of the call to action, empty where it is none.
    pub cta: &'a str,
}

/// What was clicked. The order is the wire's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClickKind {
    /// A link within the site.
    Link,
    /// A button.
    Button,
    /// A link to another host.
    Outbound,
}

impl ClickKind {
    /// The name in a stored event.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Button => "button",
            Self::Outbound => "outbound",
        }
    }
}

/// What a commerce event says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Commerce<'a> {
    /// Which of GA4's commerce events it is.
    pub kind: CommerceKind,
    /// The whole value in cents, where the site sent one.
    pub value_cents: Option<i64>,
    /// ISO 4217, empty for the site's own.
    pub currency: &'a str,
    /// The order's id, empty where it is no order.
    pub order_id: &'a str,
    /// The coupon used, empty where none was.
    pub coupon: &'a str,
    /// The items, at most [`limit::ITEMS`].
    #[serde(borrow)]
    pub items: Vec<Item<'a>>,
}

/// GA4's commerce events. The order is the wire's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CommerceKind {
    /// A list of items was shown.
    ViewItemList,
    /// An item's page was shown.
    ViewItem,
    /// Pieces were put in the cart.
    AddToCart,
    /// Pieces were taken out of the cart.
    RemoveFromCart,
    /// The cart was looked at.
    ViewCart,
    /// The checkout was begun.
    BeginCheckout,
    /// An order was placed.
    Purchase,
    /// Money was given back.
    Refund,
}

impl CommerceKind {
    /// Every kind, in the wire's order.
    pub const ALL: [Self; 8] = [
        Self::ViewItemList,
        Self::ViewItem,
        Self::AddToCart,
        Self::RemoveFromCart,
        Self::ViewCart,
        Self::BeginCheckout,
        Self::Purchase,
        Self::Refund,
    ];

    /// GA4's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ViewItemList => "view_item_list",
            Self::ViewItem => "view_item",
            Self::AddToCart => "add_to_cart",
            Self::RemoveFromCart => "remove_from_cart",
            Self::ViewCart => "view_cart",
            Self::BeginCheckout => "begin_checkout",
            Self::Purchase => "purchase",
            Self::Refund => "refund",
        }
    }
}

/// One item of a commerce event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item<'a> {
    /// The shop's id of the product.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its category.
    pub category: &'a str,
    /// Its brand.
    pub brand: &'a str,
    /// Price of one piece in cents, where known.
    pub price_cents: Option<i64>,
    /// Pieces, where known; without it an item is one piece.
    pub quantity: Option<u32>,
}

/// A property that the site gave an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prop<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value.
    #[serde(borrow)]
    pub value: PropValue<'a>,
}

/// The value of a property. The order is the wire's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PropValue<'a> {
    /// Text.
    Text(&'a str),
    /// A number; never NaN or infinite.
    Number(f64),
    /// Yes or no.
    Bool(bool),
}

impl Action<'_> {
    /// The event type's name in the segment language.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::PageView => "page_view",
            Self::Dwell { .. } => "dwell",
            Self::Click(_) => "click",
            Self::Search { .. } => "search",
            Self::Commerce(commerce) => commerce.kind.as_str(),
            Self::Custom { .. } => "custom",
        }
    }
}

impl Event<'_> {
    /// Checks the event against [`limit`].
    ///
    /// # Errors
    /// [`DecodeError`] naming the first field that doesn't fit.
    pub(crate) fn check(&self) -> Result<(), DecodeError> {
        match &self.action {
            Action::PageView | Action::Dwell { .. } => {}
            Action::Click(click) => {
                text("click text", click.text)?;
                text("click host", click.host)?;
                url("click path", click.path)?;
                text("cta", click.cta)?;
            }
            Action::Search { term } => text("search term", term)?,
            Action::Commerce(commerce) => commerce.check()?,
            Action::Custom { name } => text("event name", name)?,
        }
        count("props", self.props.len(), limit::PROPS)?;
        for prop in &self.props {
            text("prop name", prop.name)?;
            match prop.value {
                PropValue::Text(value) => text("prop", value)?,
                PropValue::Number(value) if !value.is_finite() => {
                    return Err(DecodeError::NotANumber);
                }
                PropValue::Number(_) | PropValue::Bool(_) => {}
            }
        }
        Ok(())
    }
}

impl Commerce<'_> {
    fn check(&self) -> Result<(), DecodeError> {
        text("currency", self.currency)?;
        text("order id", self.order_id)?;
        text("coupon", self.coupon)?;
        count("items", self.items.len(), limit::ITEMS)?;
        for item in &self.items {
            text("item id", item.id)?;
            text("item name", item.name)?;
            text("item category", item.category)?;
            text("item brand", item.brand)?;
        }
        Ok(())
    }
}

pub(crate) fn text(field: &'static str, value: &str) -> Result<(), DecodeError> {
    count(field, value.len(), limit::TEXT_BYTES)
}

pub(crate) fn url(field: &'static str, value: &str) -> Result<(), DecodeError> {
    count(field, value.len(), limit::URL_BYTES)
}

fn count(field: &'static str, found: usize, limit: usize) -> Result<(), DecodeError> {
    if found > limit {
        return Err(DecodeError::TooLong { field, limit });
    }
    Ok(())
}
