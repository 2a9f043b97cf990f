//! Orders as rows: what the pixel saw of one, and what the shop says of it.

use super::fact::OrderFact;
use crate::{ingest::row::EventRow, store::OrderRow};
use protocol::id::Site;
use sha2::{Digest, Sha256};

/// Times are below this, in milliseconds: the year 2527.
const TIME_BITS: u32 = 44;
/// What two states of one time are told apart by.
const DIGEST_BITS: u32 = 64 - TIME_BITS;

impl OrderRow {
    /// The order of a purchase that counts, where it has an id. Of several with one id the
    /// earliest counts, by (time, id).
    #[must_use]
    pub fn of_purchase(event: &EventRow<'_>) -> Option<Self> {
        let is_order = event.r#type == "purchase" && !event.order_id.is_empty();
        if !is_order || event.bot || event.machine || event.staff {
            return None;
        }
        let texts = |texts: &[&str]| -> Vec<String> {
            texts.iter().map(|text| (*text).to_owned()).collect()
        };
        let (_, low) = event.event_id.as_u64_pair();
        Some(Self {
            site: event.site.to_owned(),
            order_id: event.order_id.to_owned(),
            version: u64::MAX - version(event.ts, low),
            visitor_id: event.visitor_id,
            ts: event.ts,
            channel: "online",
            currency: event.currency.to_owned(),
            value_cents: event.value_cents,
            coupons: match event.coupon {
                "" => Vec::new(),
                coupon => texts(&[coupon]),
            },
            item_ids: texts(&event.item_ids),
            item_names: texts(&event.item_names),
            item_categories: texts(&event.item_categories),
            item_brands: texts(&event.item_brands),
            item_prices: event.item_prices.clone(),
            item_quantities: event.item_quantities.clone(),
            updated_at: event.ts,
            received_at: event.received_at,
            ..Self::default()
        })
    }

    /// The order as the shop has it, and the contact who bought it, 0 for none. Of several
    /// states the latest counts; which of two of the same time is the same whichever came first.
    #[must_use]
    pub fn of_fact(fact: &OrderFact, site: Site<'_>, contact_id: u64, received_at: i64) -> Self {
        // Texts and numbers: there is nothing in it that can fail.
        let digest = Sha256::digest(postcard::to_allocvec(fact).unwrap_or_default());
        let digest = digest
            .first_chunk()
            .map_or(0, |first| u64::from_be_bytes(*first));
        let each = |text: fn(&super::fact::ItemFact) -> &String| {
            fact.items.iter().map(|item| text(item).clone()).collect()
        };
        Self {
            site: site.as_str().to_owned(),
            order_id: fact.order_id.clone(),
            is_feed: true,
            version: version(fact.updated_at, digest),
            visitor_id: fact.visitor_id,
            contact_id,
            ts: fact.at,
            channel: if fact.is_in_store { "store" } else { "online" },
            store: fact.store.clone(),
            currency: fact.currency.clone(),
            rate_e8: fact.rate_e8,
            value_cents: fact.value_cents,
            net_cents: fact.net_cents,
            shipping_cents: fact.shipping_cents,
            coupons: fact.coupons.clone(),
            cancelled: fact.is_cancelled,
            item_ids: each(|item| &item.id),
            item_names: each(|item| &item.name),
            item_categories: each(|item| &item.category),
            item_brands: each(|item| &item.brand),
            item_prices: fact.items.iter().map(|item| item.price_cents).collect(),
            item_quantities: fact.items.iter().map(|item| item.quantity).collect(),
            return_ids: fact.returns.iter().map(|back| back.id.clone()).collect(),
            return_times: fact.returns.iter().map(|back| back.at).collect(),
            return_values: fact.returns.iter().map(|back| back.value_cents).collect(),
            return_items: fact.returns.iter().map(|back| back.items.clone()).collect(),
            updated_at: fact.updated_at,
            received_at,
        }
    }
}

/// A number that grows with time, and among things of one time is the same for the same thing.
fn version(at: i64, digest: u64) -> u64 {
    let at = u64::try_from(at).unwrap_or_default();
    (at << DIGEST_BITS) | (digest >> TIME_BITS)
}
