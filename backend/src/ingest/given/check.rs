//! Whether a given event fits, and the row that it is.

use super::{Given, GivenItem};
use crate::{
    ingest::{channel, identity::ProofRow, row::EventRow},
    people::identifier::quoted,
    segment::words::{Channel, Device, EventType, Word, one_of},
};
use protocol::{
    batch::Origin,
    event::{ClickKind, IdentifyBy, Item},
    id::{EventId, SessionId, Site, TabId, VisitorId},
    limit,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The longest that an event may be back, in milliseconds: five years.
const MAX_AGE_MS: i64 = 5 * 366 * 24 * 60 * 60 * 1000;
const MAX_AHEAD_MS: i64 = limit::MAX_AHEAD_MS as i64;
/// Without its own word of it, a visit is what a visitor does within this time of the clock.
const VISIT_MS: i64 = 30 * 60 * 1000;

/// What is wrong with an event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {detail}")]
pub struct Wrong {
    /// Stable.
    pub code: &'static str,
    /// The wrong part (RFC 6901).
    pub pointer: String,
    /// What would fit.
    pub detail: String,
}

impl Wrong {
    /// Something that doesn't fit.
    #[must_use]
    pub fn new(code: &'static str, pointer: &str, detail: impl Into<String>) -> Self {
        wrong(code, pointer, detail)
    }

    /// A part that has to be there.
    #[must_use]
    pub fn missing(pointer: &str, detail: &str) -> Self {
        wrong("missing", pointer, detail)
    }

    /// A value that doesn't fit.
    #[must_use]
    pub fn value(pointer: &str, value: &str, fits: &str) -> Self {
        let detail = format!("{}: {fits}", quoted(value));
        wrong("bad_value", pointer, detail)
    }
}

/// An event that fits.
#[derive(Debug)]
pub struct Checked<'a> {
    /// Its row.
    pub row: EventRow<'a>,
    /// Who it proves or claims its visitor to be.
    pub proofs: Vec<ProofRow>,
}

pub(super) fn wrong(code: &'static str, pointer: &str, detail: impl Into<String>) -> Wrong {
    Wrong {
        code,
        pointer: pointer.to_owned(),
        detail: detail.into(),
    }
}

impl GivenItem {
    fn item(&self) -> Item<'_> {
        Item {
            id: &self.id,
            name: &self.name,
            category: &self.category,
            brand: &self.brand,
            price_cents: self.price_cents,
            quantity: self.quantity,
        }
    }
}

impl Given {
    /// Checks it, as of when it came, and makes its row. `hash_key` makes visitors' ids out of
    /// those of the giver.
    ///
    /// # Errors
    /// [`Wrong`] with the first part that doesn't fit.
    pub fn check<'a>(
        &'a self,
        site: Site<'a>,
        received_at_ms: i64,
        hash_key: &[u8],
    ) -> Result<Checked<'a>, Wrong> {
        self.check_words()?;
        self.check_lengths()?;
        let ts = self.check_ts(received_at_ms)?;
        let visitor_id = self.visitor(site, hash_key)?;
        let tab_id = hex(&self.tab_id, "/tab_id")?;
        let event_id = self.event_id(site, ts, tab_id)?;
        let (host, path, query) = self.address()?;
        let row = EventRow {
            site: site.as_str(),
            visitor_id: visitor_id.get(),
            session_id: self.session(visitor_id, ts).0,
            tab_id,
            seq: self.seq,
            event_id: Uuid::from_u128(event_id.0),
            ts,
            received_at: received_at_ms,
            r#type: &self.r#type,
            name: &self.name,
            is_session_start: self.session_start,
            dwell_ms: self.dwell_ms,
            scroll_percent: self.scroll_percent,
            click_kind: &self.click_kind,
            click_text: &self.click_text,
            click_host: &self.click_host,
            click_path: &self.click_path,
            cta: &self.cta,
            search_term: &self.search_term,
            value_cents: self.value_cents,
            currency: &self.currency,
            order_id: &self.order_id,
            coupon: &self.coupon,
            form: &self.form,
            props: self.props()?,
            host,
            path,
            query,
            title: &self.title,
            canonical: &self.canonical,
            category: &self.category,
            product: &self.product,
            visit_number: self.visit_number,
            landing_path: &self.landing_path,
            referrer_host: &self.referrer_host,
            channel: self.channel(),
            utm_source: &self.utm_source,
            utm_medium: &self.utm_medium,
            utm_campaign: &self.utm_campaign,
            utm_term: &self.utm_term,
            utm_content: &self.utm_content,
            click_id_kind: &self.click_id_kind,
            device: &self.device,
            browser: &self.browser,
            os: &self.os,
            language: &self.language,
            country: &self.country,
            region: &self.region,
            city: &self.city,
            time_zone: &self.time_zone,
            consent: if self.consent.is_empty() {
                "unset"
            } else {
                &self.consent
            },
            bot: self.bot,
            machine: self.machine,
            staff: self.staff,
            ..EventRow::default()
        };
        let row = row.with_items(self.items.iter().map(GivenItem::item));
        let token = u64::try_from(event_id.0 & u128::from(u64::MAX)).unwrap_or_default();
        let said = [
            (IdentifyBy::Login, &self.contact, token),
            (IdentifyBy::Id, &self.claimed_id, 0),
            (IdentifyBy::Mail, &self.claimed_mail, 0),
            (IdentifyBy::Phone, &self.claimed_phone, 0),
        ];
        let said = said.into_iter().filter(|(_, who, _)| !who.is_empty());
        let proofs = said
            .map(|(kind, who, token)| ProofRow::given(&row, (kind, who.clone(), token)))
            .collect();
        Ok(Checked { row, proofs })
    }

    fn check_words(&self) -> Result<(), Wrong> {
        let word = |pointer, value: &str, known: bool, fits: String| {
            if value.is_empty() || known {
                return Ok(());
            }
            Err(wrong(
                "unknown_word",
                pointer,
                format!("`{value}` is none of {fits}"),
            ))
        };
        let kind = self.r#type.as_str();
        let is_type = kind == "identify" || EventType::from_word(kind).is_some();
        if !is_type {
            let fits = one_of(EventType::ALL.iter().copied());
            return Err(wrong(
                "unknown_word",
                "/type",
                format!("`{kind}` is none of {fits}"),
            ));
        }
        word(
            "/channel",
            &self.channel,
            Channel::from_word(&self.channel).is_some(),
            one_of(Channel::ALL.iter().copied()),
        )?;
        word(
            "/device",
            &self.device,
            Device::from_word(&self.device).is_some(),
            one_of(Device::ALL.iter().copied()),
        )?;
        let is_kind = ClickKind::ALL
            .iter()
            .any(|kind| kind.as_str() == self.click_kind);
        word(
            "/click_kind",
            &self.click_kind,
            is_kind,
            "the kinds of clicks".into(),
        )?;
        let is_consent = matches!(self.consent.as_str(), "granted" | "unset");
        word(
            "/consent",
            &self.consent,
            is_consent,
            "`granted` and `unset`".into(),
        )?;
        for (is_missing, pointer) in [
            (kind == "custom" && self.name.is_empty(), "/name"),
            (kind == "dwell" && self.dwell_ms.is_none(), "/dwell_ms"),
            (
                kind == "search" && self.search_term.is_empty(),
                "/search_term",
            ),
            (kind == "identify" && self.says_nobody(), "/contact"),
        ] {
            if is_missing {
                return Err(wrong(
                    "missing",
                    pointer,
                    format!("an event of type {kind} needs it"),
                ));
            }
        }
        Ok(())
    }

    fn says_nobody(&self) -> bool {
        let said = [
            &self.contact,
            &self.claimed_id,
            &self.claimed_mail,
            &self.claimed_phone,
        ];
        said.iter().all(|who| who.is_empty())
    }

    fn check_ts(&self, received_at_ms: i64) -> Result<i64, Wrong> {
        let ts = self.ts.0;
        if ts == 0 {
            return Err(wrong("missing", "/ts", "an event needs its time"));
        }
        if ts > received_at_ms.saturating_add(MAX_AHEAD_MS) {
            return Err(wrong("too_far_ahead", "/ts", "at most 5 minutes ahead fit"));
        }
        if ts < received_at_ms.saturating_sub(MAX_AGE_MS) {
            return Err(wrong("too_old", "/ts", "at most 5 years ago fit"));
        }
        Ok(ts)
    }

    /// Whose it is: by our id, by the giver's, or as whom the contact acts where no browser is
    /// known.
    fn visitor(&self, site: Site<'_>, hash_key: &[u8]) -> Result<VisitorId, Wrong> {
        if !self.visitor_id.is_empty() {
            let id: Option<u64> = self.visitor_id.parse().ok();
            return id
                .filter(|id| id >> 63 == 0)
                .map(VisitorId::new)
                .ok_or_else(|| {
                    wrong(
                        "bad_value",
                        "/visitor_id",
                        "a whole number below 2^63 fits, as text",
                    )
                });
        }
        let (kind, id) = if self.anonymous_id.is_empty() {
            ("contact", &self.contact)
        } else {
            ("anonymous", &self.anonymous_id)
        };
        if id.is_empty() {
            let detail = "an event needs `visitor_id`, `anonymous_id` or `contact`";
            return Err(wrong("missing", "/visitor_id", detail));
        }
        Ok(VisitorId::new(
            hashed(hash_key, [kind, site.as_str(), id]) >> 1,
        ))
    }

    fn event_id(&self, site: Site<'_>, ts: i64, tab_id: u64) -> Result<EventId, Wrong> {
        let at_ms = self.id_ts.unwrap_or(ts).unsigned_abs();
        if !self.id.is_empty() {
            return Ok(EventId::of_message(at_ms, site, &self.id));
        }
        if tab_id == 0 {
            let detail = "an event needs an `id`, or `tab_id` and `seq`";
            return Err(wrong("missing", "/id", detail));
        }
        Ok(EventId::derive(at_ms, site, TabId(tab_id), self.seq))
    }

    /// The id of the event, where it has one.
    pub fn event_id_in(&self, site: Site<'_>) -> Option<Uuid> {
        let tab_id = hex(&self.tab_id, "/tab_id").ok()?;
        let id = self.event_id(site, self.ts.0, tab_id).ok()?;
        Some(Uuid::from_u128(id.0))
    }

    fn session(&self, visitor: VisitorId, ts: i64) -> SessionId {
        let own = if self.session_id.is_empty() {
            format!("{}.{}", visitor.get(), ts.div_euclid(VISIT_MS))
        } else {
            self.session_id.clone()
        };
        SessionId(first_bits(
            Sha256::new().chain_update("visit\0").chain_update(own),
        ))
    }

    fn channel(&self) -> &str {
        if !self.channel.is_empty() {
            return &self.channel;
        }
        channel::of(&Origin {
            landing_path: &self.landing_path,
            referrer_host: &self.referrer_host,
            utm_source: &self.utm_source,
            utm_medium: &self.utm_medium,
            utm_campaign: &self.utm_campaign,
            utm_term: &self.utm_term,
            utm_content: &self.utm_content,
            click_id_kind: &self.click_id_kind,
        })
    }

    /// Host, path and query.
    fn address(&self) -> Result<(&str, &str, &str), Wrong> {
        if self.url.is_empty() {
            return Ok((&self.host, &self.path, &self.query));
        }
        let rest = self.url.split_once("://").map(|(_, rest)| rest);
        let rest = rest.ok_or_else(|| {
            wrong(
                "bad_value",
                "/url",
                "an address such as https://shop.example/ fits",
            )
        })?;
        let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let at = place.find('/').unwrap_or(place.len());
        let (host, path) = place.split_at(at);
        Ok((host, if path.is_empty() { "/" } else { path }, query))
    }

    fn props(&self) -> Result<String, Wrong> {
        if self.props.len() > limit::PROPS {
            return Err(wrong(
                "too_many",
                "/props",
                format!("at most {} fit", limit::PROPS),
            ));
        }
        for (name, value) in &self.props {
            let fits = match value {
                serde_json::Value::String(text) => text.len() <= limit::TEXT_BYTES,
                serde_json::Value::Number(_) | serde_json::Value::Bool(_) => true,
                _ => false,
            };
            if !fits || name.is_empty() || name.len() > limit::TEXT_BYTES {
                let detail = "texts of at most 1 KiB, numbers, yes and no fit";
                return Err(wrong("bad_value", &format!("/props/{name}"), detail));
            }
        }
        // A map of texts, numbers and yes or no: there is nothing in it that can fail.
        Ok(serde_json::to_string(&self.props).unwrap_or_default())
    }
}

fn hex(text: &str, pointer: &str) -> Result<u64, Wrong> {
    if text.is_empty() {
        return Ok(0);
    }
    u64::from_str_radix(text, 16)
        .map_err(|_| wrong("bad_value", pointer, "1 to 16 digits of hex fit"))
}

/// 64 bits of HMAC-SHA256 over the parts, each ended by a zero byte.
fn hashed(key: &[u8], parts: [&str; 3]) -> u64 {
    let text = parts.join("\0");
    let mac = protocol::signature::sign(key, 0, text.as_bytes());
    mac.first_chunk()
        .map_or(0, |first| u64::from_be_bytes(*first))
}

fn first_bits(digest: Sha256) -> u64 {
    digest
        .finalize()
        .first_chunk()
        .map_or(0, |first| u64::from_be_bytes(*first))
}
