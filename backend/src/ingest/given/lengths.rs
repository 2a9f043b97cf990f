//! How long the texts and lists of a given event may be.

use super::{
    Given,
    check::{Wrong, wrong},
};
use protocol::limit;

/// Longest id of another system, in bytes.
const ID_BYTES: usize = 256;

/// A text of an event, by its pointer.
type Text = (&'static str, fn(&Given) -> &str);

/// How long texts may be, in bytes.
const LENGTHS: &[(usize, &[Text])] = &[
    (
        ID_BYTES,
        &[
            ("/id", |given| &given.id),
            ("/anonymous_id", |given| &given.anonymous_id),
            ("/contact", |given| &given.contact),
            ("/claimed_id", |given| &given.claimed_id),
            ("/claimed_mail", |given| &given.claimed_mail),
            ("/claimed_phone", |given| &given.claimed_phone),
            ("/session_id", |given| &given.session_id),
        ],
    ),
    (
        limit::URL_BYTES,
        &[
            ("/url", |given| &given.url),
            ("/path", |given| &given.path),
            ("/query", |given| &given.query),
            ("/canonical", |given| &given.canonical),
            ("/landing_path", |given| &given.landing_path),
            ("/click_path", |given| &given.click_path),
        ],
    ),
    (
        limit::TEXT_BYTES,
        &[
            ("/name", |given| &given.name),
            ("/host", |given| &given.host),
            ("/title", |given| &given.title),
            ("/category", |given| &given.category),
            ("/product", |given| &given.product),
            ("/language", |given| &given.language),
            ("/referrer_host", |given| &given.referrer_host),
            ("/utm_source", |given| &given.utm_source),
            ("/utm_medium", |given| &given.utm_medium),
            ("/utm_campaign", |given| &given.utm_campaign),
            ("/utm_term", |given| &given.utm_term),
            ("/utm_content", |given| &given.utm_content),
            ("/click_id_kind", |given| &given.click_id_kind),
            ("/browser", |given| &given.browser),
            ("/os", |given| &given.os),
            ("/country", |given| &given.country),
            ("/region", |given| &given.region),
            ("/city", |given| &given.city),
            ("/time_zone", |given| &given.time_zone),
            ("/click_text", |given| &given.click_text),
            ("/click_host", |given| &given.click_host),
            ("/cta", |given| &given.cta),
            ("/search_term", |given| &given.search_term),
            ("/form", |given| &given.form),
            ("/currency", |given| &given.currency),
            ("/order_id", |given| &given.order_id),
            ("/coupon", |given| &given.coupon),
        ],
    ),
];

impl Given {
    pub(super) fn check_lengths(&self) -> Result<(), Wrong> {
        let most = |pointer: &str, value: &str, bytes| {
            if value.len() <= bytes {
                return Ok(());
            }
            Err(wrong(
                "too_long",
                pointer,
                format!("at most {bytes} bytes fit"),
            ))
        };
        for (bytes, texts) in LENGTHS {
            for (pointer, text) in *texts {
                most(pointer, text(self), *bytes)?;
            }
        }
        if self.items.len() > limit::ITEMS {
            return Err(wrong(
                "too_many",
                "/items",
                format!("at most {} fit", limit::ITEMS),
            ));
        }
        for (item, at) in self.items.iter().zip(0..) {
            for value in [&item.id, &item.name, &item.category, &item.brand] {
                most(&format!("/items/{at}"), value, limit::TEXT_BYTES)?;
            }
        }
        Ok(())
    }
}
