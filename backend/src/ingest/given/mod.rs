//! Events that another system gives, with a server's key: for history, and for what no pixel
//! sees. Every column of an event may be given.
//!
//! They take the same way as what the edge posts: they are spooled as they came
//! ([`Bundle`]), and read once more when they are drained.

mod check;
mod lengths;
mod moment;

pub use check::{Checked, Wrong};
pub use moment::Moment;

use super::sdk::{Message, Sender};
use protocol::DecodeError;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// One event. What isn't known is left out.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Given {
    /// Its id in the system that gives it, at most 256 bytes: the same id twice is one event.
    /// Without one it takes `tab_id` and `seq`.
    pub id: String,
    /// Of when its id is, where that isn't `ts`.
    #[serde(skip)]
    pub id_ts: Option<i64>,
    /// Its type: a word of the segment language, or `identify`.
    pub r#type: String,
    /// The name of an event of type `custom`.
    pub name: String,
    /// When it happened: milliseconds since the epoch, or RFC 3339. At most 5 years ago.
    pub ts: Moment,

    /// The visitor, where it is known by Crumbtrail's own id.
    pub visitor_id: String,
    /// The visitor by the giver's own id, at most 256 bytes.
    pub anonymous_id: String,
    /// The shop's own id of the contact whose browser or doing it is: a strong proof.
    pub contact: String,
    /// The shop's own id that somebody claims to have: it links nobody.
    pub claimed_id: String,
    /// The mail address that somebody claims to have.
    pub claimed_mail: String,
    /// The phone number that somebody claims to have.
    pub claimed_phone: String,
    /// The visit it belongs to, as text; without one those of a visitor within the same half
    /// hour of the clock are of one.
    pub session_id: String,
    /// Whether a visit began with it: visits are counted by these.
    pub session_start: bool,
    /// Which of its browser's visits it is, from 1.
    pub visit_number: u32,
    /// The page load it happened on, 64 bits in hex.
    pub tab_id: String,
    /// Which of its page load's events it is, from 0.
    pub seq: u32,

    /// An address, in place of `host`, `path` and `query`.
    pub url: String,
    /// Host of the page.
    pub host: String,
    /// Path of the page.
    pub path: String,
    /// Query of the page.
    pub query: String,
    /// Title of the page.
    pub title: String,
    /// Canonical address of the page.
    pub canonical: String,
    /// What kind of product the page shows.
    pub category: String,
    /// Which product it shows.
    pub product: String,
    /// Language, BCP 47.
    pub language: String,

    /// Path of the visit's first page.
    pub landing_path: String,
    /// Host of the page that the visit came from.
    pub referrer_host: String,
    /// What brought the visit: a word of the segment language; without it, it is judged by
    /// what else is known of where the visit came from.
    pub channel: String,
    /// utm_source.
    pub utm_source: String,
    /// utm_medium.
    pub utm_medium: String,
    /// utm_campaign.
    pub utm_campaign: String,
    /// utm_term.
    pub utm_term: String,
    /// utm_content.
    pub utm_content: String,
    /// The kind of an advertiser's click id, such as `gclid`.
    pub click_id_kind: String,

    /// `desktop`, `mobile`, `tablet` or `other`.
    pub device: String,
    /// The browser's name.
    pub browser: String,
    /// The operating system's name.
    pub os: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Region.
    pub region: String,
    /// City.
    pub city: String,
    /// IANA name of the visitor's time zone.
    pub time_zone: String,
    /// `granted`, or `unset` where the visitor made no choice.
    pub consent: String,
    /// Whether a crawler did it.
    pub bot: bool,
    /// Whether another program did.
    pub machine: bool,
    /// Whether the shop's own people did.
    pub staff: bool,

    /// Time in view, in milliseconds.
    pub dwell_ms: Option<u32>,
    /// How much of the page was seen, in percent.
    pub scroll_percent: Option<u8>,
    /// `link`, `button`, `outbound`, `mail`, `phone`, `whatsapp`, `download` or `share`.
    pub click_kind: String,
    /// Text of what was clicked.
    pub click_text: String,
    /// Host of where a clicked link leads.
    pub click_host: String,
    /// Path of where it leads.
    pub click_path: String,
    /// Name of the call to action.
    pub cta: String,
    /// What was searched for.
    pub search_term: String,
    /// Name of the form.
    pub form: String,
    /// The whole value, in cents.
    pub value_cents: Option<i64>,
    /// ISO 4217.
    pub currency: String,
    /// The order's id.
    pub order_id: String,
    /// The coupon.
    pub coupon: String,
    /// The items, at most 200.
    pub items: Vec<GivenItem>,
    /// Properties, at most 32: texts, numbers, yes or no.
    #[schema(value_type = Object)]
    pub props: BTreeMap<String, serde_json::Value>,
}

/// One item of an event.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GivenItem {
    /// The shop's id of the product.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its category.
    pub category: String,
    /// Its brand.
    pub brand: String,
    /// Price of one piece, in cents.
    pub price_cents: Option<i64>,
    /// Pieces; without it one.
    pub quantity: Option<u32>,
}

/// What the rows of a [`Bundle`] are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// Each a [`Given`].
    #[default]
    Given,
    /// Each a [`Message`] that a server sent.
    ServerMessage,
    /// Each a [`Message`] that a browser sent.
    BrowserMessage,
}

/// What a request brought, as it is spooled: rows of one site, each as it came.
///
/// ```text
/// bundle = 'C' 'G' version json
/// ```
#[derive(Debug, Serialize, Deserialize)]
pub struct Bundle<'a> {
    /// The site's slug.
    pub site: &'a str,
    /// When they came, in milliseconds since the epoch.
    pub received_at_ms: u64,
    /// What they are.
    #[serde(default)]
    pub kind: RowKind,
    /// The rows.
    #[serde(borrow)]
    pub rows: Vec<&'a RawValue>,
}

const MAGIC: [u8; 3] = *b"CG\x01";

impl<'a> Bundle<'a> {
    /// Whether bytes of the spool are one.
    #[must_use]
    pub fn is(bytes: &[u8]) -> bool {
        bytes.starts_with(b"CG")
    }

    /// Reads a row.
    ///
    /// # Errors
    /// What JSON's parser says.
    pub fn read(&self, row: &RawValue) -> Result<Given, serde_json::Error> {
        let sender = match self.kind {
            RowKind::Given => return serde_json::from_str(row.get()),
            RowKind::ServerMessage => Sender::Server,
            RowKind::BrowserMessage => Sender::Browser,
        };
        let message: Message = serde_json::from_str(row.get())?;
        let received_at = i64::try_from(self.received_at_ms).unwrap_or(i64::MAX);
        Ok(message.given(sender, received_at))
    }

    /// Its bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        // Texts and numbers: there is nothing in it that can fail.
        bytes.extend(serde_json::to_vec(self).unwrap_or_default());
        bytes
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`DecodeError`] where it is none, or another build's.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let version = bytes.get(2).copied().unwrap_or_default();
        let json = bytes
            .strip_prefix(&MAGIC)
            .ok_or(DecodeError::Version(version))?;
        serde_json::from_slice(json).map_err(|_| DecodeError::Structure)
    }
}
