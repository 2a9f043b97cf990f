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
    /// Another choice of filters on a page; the props name the ones that changed.
    Filter,
    /// A form was begun, sent or left. What was filled in is never recorded.
    #[serde(borrow)]
    Form(Form<'a>),
    /// Somebody said who the visitor is. With a token it stands first in its batch, and only
    /// there it proves anything: the edge looks nowhere else.
    #[serde(borrow)]
    Identify(Identify<'a>),
    /// The visitor signed out; what follows is somebody else's. It stands last in its batch,
    /// and only there the edge heeds it.
    SignOut,
}

/// What says who a visitor is. It is of no use but for that, and is stored nowhere with the
/// event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identify<'a> {
    /// What kind of saying it is.
    pub by: IdentifyBy,
    /// The token, id, address or number.
    pub value: &'a str,
}

/// What kind of saying it is. The order is the wire's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IdentifyBy {
    /// The token by which the shop's backend says who is logged in.
    Login,
    /// The token that a link in a message gave the page.
    Landing,
    /// The page says so: the shop's own id of a contact.
    Id,
    /// The page says so: a mail address.
    Mail,
    /// The page says so: a phone number.
    Phone,
}

impl IdentifyBy {
    /// The name in a stored event.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Landing => "landing",
            Self::Id => "id",
            Self::Mail => "mail",
            Self::Phone => "phone",
        }
    }
}

/// What became of a form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Form<'a> {
    /// How far it went.
    pub stage: FormStage,
    /// Its name on the page.
    pub name: &'a str,
}

/// How far a form went. The order is the wire's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FormStage {
    /// Something was filled in.
    Start,
    /// It was sent.
    Submit,
    /// It was begun, and the page was left before it was sent.
    Abandon,
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
    /// The path that a link leads to, empty where there is none or where it is somebody's
    /// address or number.
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
    /// A link to write a mail.
    Mail,
    /// A link to call or to write a text message.
    Phone,
    /// A link to write on WhatsApp.
    Whatsapp,
    /// A link to a file.
    Download,
    /// A link, or a call of the site's, to share the page.
    Share,
}

impl ClickKind {
    /// Every kind, in the wire's order.
    pub const ALL: [Self; 8] = [
        Self::Link,
        Self::Button,
        Self::Outbound,
        Self::Mail,
        Self::Phone,
        Self::Whatsapp,
        Self::Download,
        Self::Share,
    ];

    /// The name in a stored event.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Button => "button",
            Self::Outbound => "outbound",
            Self::Mail => "mail",
            Self::Phone => "phone",
            Self::Whatsapp => "whatsapp",
            Self::Download => "download",
            Self::Share => "share",
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
    /// A finite number, as JSON writes it.
    Number(&'a str),
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
            Self::Click(click) => match click.kind {
                ClickKind::Download => "file_download",
                ClickKind::Share => "share",
                _ => "click",
            },
            Self::Search { .. } => "search",
            Self::Commerce(commerce) => commerce.kind.as_str(),
            Self::Filter => "filter",
            Self::Form(form) => match form.stage {
                FormStage::Start => "form_start",
                FormStage::Submit => "form_submit",
                // GA4 has no name for it, hence neither has the segment language.
                FormStage::Abandon => "custom",
            },
            Self::Custom { .. } => "custom",
            Self::Identify(_) => "identify",
            Self::SignOut => "sign_out",
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
            Action::PageView | Action::Dwell { .. } | Action::Filter | Action::SignOut => {}
            Action::Form(form) => text("form name", form.name)?,
            Action::Click(click) => {
                text("click text", click.text)?;
                text("click host", click.host)?;
                url("click path", click.path)?;
                text("cta", click.cta)?;
            }
            Action::Search { term } => text("search term", term)?,
            Action::Commerce(commerce) => commerce.check()?,
            Action::Custom { name } => text("event name", name)?,
            Action::Identify(identify) => text("identity", identify.value)?,
        }
        count("props", self.props.len(), limit::PROPS)?;
        for prop in &self.props {
            text("prop name", prop.name)?;
            match prop.value {
                PropValue::Text(value) => text("prop", value)?,
                PropValue::Number(value) => number(value)?,
                PropValue::Bool(_) => {}
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

/// Checks a number as JSON has it (RFC 8259, section 6).
fn number(value: &str) -> Result<(), DecodeError> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    // What Rust reads besides: signs, leading zeros, bare points, names.
    let is_plain = digits.starts_with(|first: char| first.is_ascii_digit())
        && (!digits.starts_with('0') || !digits[1..].starts_with(|c: char| c.is_ascii_digit()))
        && !digits.contains(".e")
        && !digits.contains(".E")
        && !digits.ends_with('.');
    match value.parse::<f64>() {
        Ok(number) if is_plain && number.is_finite() => text("prop", value),
        _ => Err(DecodeError::NotANumber),
    }
}

pub(crate) fn count(field: &'static str, found: usize, limit: usize) -> Result<(), DecodeError> {
    if found > limit {
        return Err(DecodeError::TooLong { field, limit });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_json_writes_them() {
        for good in ["0", "-0", "1.5", "-12", "1e+21", "1e-7", "0.1"] {
            assert_eq!(number(good), Ok(()), "{good}");
        }
        for bad in [
            "", "-", "+1", "01", ".5", "1.", "1.e5", "NaN", "inf", "1e999", "1 ", "0x1",
        ] {
            assert_eq!(number(bad), Err(DecodeError::NotANumber), "{bad}");
        }
    }
}
