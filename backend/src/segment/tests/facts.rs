//! All that is known of a site, as tests make it.

use super::event::{Event, Item};
use jiff::civil::Date;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Keys of contacts are told from visitors by this bit.
pub(super) const CONTACT: u64 = 1 << 63;

/// A rate of 1.
pub(super) const RATE: u64 = 100_000_000;

#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub events: Vec<Event>,
    /// The rows of the feed and of the pixel, in all their versions.
    pub orders: Vec<Order>,
    pub messages: Vec<Message>,
    pub contacts: Vec<Contact>,
    pub memberships: Vec<Membership>,
    pub identities: Vec<Identity>,
    pub fields: Vec<CustomField>,
    pub segments: BTreeMap<String, Value>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    pub order_id: &'static str,
    /// The shop's row, or else the pixel's.
    pub is_feed: bool,
    /// Of the rows with one id and one source the greatest counts.
    pub version: u64,
    /// 0 is none.
    pub visitor: u64,
    /// 0 is none.
    pub contact: u64,
    pub ts: i64,
    /// `online` or `store`.
    pub channel: &'static str,
    pub store: &'static str,
    pub currency: &'static str,
    /// What one of its currency is worth in the site's, times `RATE`; 0 is none.
    pub rate_e8: u64,
    pub value_cents: Option<i64>,
    /// Where the shop sent it.
    pub net_cents: Option<i64>,
    pub coupons: Vec<&'static str>,
    pub cancelled: bool,
    pub items: Vec<Item>,
    pub returns: Vec<Return>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Return {
    pub value_cents: Option<i64>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Message {
    pub contact: u64,
    pub message_id: &'static str,
    pub channel: &'static str,
    /// Its type.
    pub event: &'static str,
    pub campaign: &'static str,
    pub link: &'static str,
    pub topic: &'static str,
    pub machine: bool,
    pub ts: i64,
    pub id: u128,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Contact {
    /// The person's own id.
    pub id: u64,
    /// Those standard fields of text that are not empty, and the gender.
    pub texts: BTreeMap<&'static str, &'static str>,
    pub birthday: Option<Date>,
    pub anniversary: Option<Date>,
    pub created_at: Option<i64>,
    pub consent_mail: Option<bool>,
    pub consent_sms: Option<bool>,
    pub consent_whatsapp: Option<bool>,
    /// Custom fields by name.
    pub own: Map<String, Value>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Membership {
    pub contact: u64,
    pub group: &'static str,
    pub ts: i64,
    pub is_in: bool,
}

/// Which person a visitor or a contact is now; one without a row is itself.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub id: u64,
    pub person: u64,
    pub is_visitor: bool,
}

#[derive(Clone, Debug)]
pub(super) struct CustomField {
    pub name: &'static str,
    pub kind: FieldKind,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum FieldKind {
    Bool,
    Text,
    Choice,
    /// A choice of several.
    List,
    Date,
    Number,
    Rating,
}
