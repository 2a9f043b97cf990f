//! A batch: the events of one tab on one page, in the order they happened.
//!
//! ```text
//! batch = 'C' 'B' version header event*      header, event: postcard
//! ```
//!
//! Events run to the end of the bytes, without a count before them. So a batch
//! that is still growing is at every moment a whole one, and sealing it is
//! merely to stop appending: what a dying tab left behind can be sent as it is.

use crate::{
    DecodeError,
    event::{Event, text, url},
    frame,
    id::{SessionId, Site, TabId},
    limit,
};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

const KIND: u8 = b'B';

/// What all events of a batch have in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header<'a> {
    /// The site's slug; checked by [`Batch::decode`].
    pub site: &'a str,
    /// The tab that recorded the events.
    pub tab_id: TabId,
    /// In the first batch of a page load: the browser's page load before it, so
    /// that a lost last beacon is seen as well.
    pub previous: Option<Previous>,
    /// Events of this tab that were not recorded for lack of room, so far. Each
    /// has consumed a seq.
    pub lost: u32,
    /// Events that this tab gave up since it was loaded, its own or those of a tab before
    /// it: the edge refused them for good, or they had grown too old. Their seqs are gaps.
    pub dropped: u32,
    /// The visitor's choice when the events were recorded.
    pub consent: Consent,
    /// Whether this is a browser of the shop's own people, who never count.
    pub staff: bool,
    /// The visit they belong to.
    #[serde(borrow)]
    pub session: Session<'a>,
    /// The page they happened on.
    #[serde(borrow)]
    pub page: Page<'a>,
}

/// The page load before this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    /// Its tab.
    pub tab_id: TabId,
    /// How many events it recorded.
    pub events: u32,
}

/// The visitor's choice. The order is the wire's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Consent {
    /// No choice was made; the site's settings say what that means.
    Unset,
    /// Yes.
    Granted,
}

impl Consent {
    /// The name in a stored event.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unset => "unset",
            Self::Granted => "granted",
        }
    }
}

/// A visit, and where it came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session<'a> {
    /// Its id.
    pub id: SessionId,
    /// When it began, by the client's clock, in milliseconds since the epoch.
    pub started_at_ms: u64,
    /// Which of this browser's visits it is, from 1; 0 where that isn't known. A later one is
    /// a returning visitor's.
    pub number: u32,
    /// Where it came from.
    #[serde(borrow)]
    pub origin: Origin<'a>,
}

/// Where a visit came from. What is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Origin<'a> {
    /// Path of the visit's first page.
    pub landing_path: &'a str,
    /// Host of the referring page, where it is another site's.
    pub referrer_host: &'a str,
    /// utm_source.
    pub utm_source: &'a str,
    /// utm_medium.
    pub utm_medium: &'a str,
    /// utm_campaign.
    pub utm_campaign: &'a str,
    /// utm_term.
    pub utm_term: &'a str,
    /// utm_content.
    pub utm_content: &'a str,
    /// The kind of an advertiser's click id (`gclid`, `fbclid`…), never its value.
    pub click_id_kind: &'a str,
}

/// What a page's product and category were read from, the best first. The order is the
/// wire's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PageSource {
    /// Nothing named any.
    #[default]
    None,
    /// The site: `crumb(…)` or an attribute.
    Explicit,
    /// GA4's e-commerce events in the data layer.
    DataLayer,
    /// JSON-LD of schema.org.
    JsonLd,
    /// OpenGraph.
    OpenGraph,
}

impl PageSource {
    /// The name in a stored event.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Explicit => "explicit",
            Self::DataLayer => "data_layer",
            Self::JsonLd => "json_ld",
            Self::OpenGraph => "open_graph",
        }
    }
}

/// A page. What is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Page<'a> {
    /// Which source named the product or, without one, the category.
    pub source: PageSource,
    /// Host.
    pub host: &'a str,
    /// Path, without a query, percent-decoded.
    pub path: &'a str,
    /// Those parameters of the query that the site allows to be kept, as `name=value&…`.
    pub query: &'a str,
    /// Title.
    pub title: &'a str,
    /// The canonical address that the page names: its path, or host and path where
    /// the host is another.
    pub canonical: &'a str,
    /// What kind of product it shows.
    pub category: &'a str,
    /// Which product it shows.
    pub product: &'a str,
    /// The browser's language, BCP 47.
    pub language: &'a str,
}

/// A batch, decoded and checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch<'a> {
    /// The site it belongs to.
    pub site: Site<'a>,
    /// What its events have in common.
    pub header: Header<'a>,
    /// The events, by rising seq.
    pub events: Vec<Event<'a>>,
}

/// Begins a batch.
#[must_use]
pub fn begin(header: &Header<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    frame::open(KIND, &mut out);
    frame::put(header, out)
}

/// One event as the bytes that [`append`](Vec::extend_from_slice) to a batch.
#[must_use]
pub fn encode_event(event: &Event<'_>) -> Vec<u8> {
    frame::put(event, Vec::new())
}

impl<'a> Batch<'a> {
    /// Decodes a batch and checks it whole: structure, order and [`limit`]s.
    ///
    /// # Errors
    /// [`DecodeError`] with what was wrong. Nothing of a bad batch is usable.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        if bytes.len() > limit::BATCH_BYTES {
            return Err(DecodeError::TooLong {
                field: "batch",
                limit: limit::BATCH_BYTES,
            });
        }
        let (header, mut rest): (Header<'a>, _) = frame::take(frame::strip(KIND, bytes)?)?;
        let site = Site::new(header.site)?;
        header.check()?;
        let mut events: Vec<Event<'a>> = Vec::new();
        while !rest.is_empty() {
            let (event, after) = frame::take::<Event<'a>>(rest)?;
            event.check()?;
            if events.last().is_some_and(|last| last.seq >= event.seq) {
                return Err(DecodeError::Order);
            }
            if events.len() == limit::BATCH_EVENTS {
                return Err(DecodeError::TooLong {
                    field: "events",
                    limit: limit::BATCH_EVENTS,
                });
            }
            events.push(event);
            rest = after;
        }
        if events.is_empty() {
            return Err(DecodeError::Empty);
        }
        Ok(Self {
            site,
            header,
            events,
        })
    }

    /// The site of a batch, of which no more is looked at.
    ///
    /// # Errors
    /// [`DecodeError`] where it begins as none.
    pub fn site(bytes: &'a [u8]) -> Result<Site<'a>, DecodeError> {
        let (header, _): (Header<'a>, _) = frame::take(frame::strip(KIND, bytes)?)?;
        Ok(Site::new(header.site)?)
    }

    /// Encodes a batch of events that are all at hand.
    #[must_use]
    pub fn encode(header: &Header<'_>, events: &[Event<'_>]) -> Vec<u8> {
        events
            .iter()
            .fold(begin(header), |bytes, event| frame::put(event, bytes))
    }
}

impl Header<'_> {
    fn check(&self) -> Result<(), DecodeError> {
        let origin = &self.session.origin;
        url("landing path", origin.landing_path)?;
        text("referrer host", origin.referrer_host)?;
        text("utm_source", origin.utm_source)?;
        text("utm_medium", origin.utm_medium)?;
        text("utm_campaign", origin.utm_campaign)?;
        text("utm_term", origin.utm_term)?;
        text("utm_content", origin.utm_content)?;
        text("click id kind", origin.click_id_kind)?;
        text("host", self.page.host)?;
        url("path", self.page.path)?;
        url("query", self.page.query)?;
        text("title", self.page.title)?;
        url("canonical", self.page.canonical)?;
        text("category", self.page.category)?;
        text("product", self.page.product)?;
        text("language", self.page.language)
    }
}

#[cfg(test)]
#[path = "batch_tests.rs"]
mod tests;
