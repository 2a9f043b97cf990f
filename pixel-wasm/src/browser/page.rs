//! What the page says of itself, and where its visitor came from.

use crate::{
    capture::{self, CLICK_IDS, UTM},
    session::Source,
};
use alloc::string::String;
use protocol::limit::{TEXT_BYTES, URL_BYTES};
use web_sys::{Url, UrlSearchParams, Window};

/// The page as it is recorded.
#[derive(Clone, Default)]
pub struct Page {
    pub host: String,
    pub path: String,
    pub title: String,
    pub category: String,
    pub product: String,
    pub language: String,
}

impl Page {
    /// Reads the page. `data-crumb-category` and `data-crumb-product` may stand on any
    /// element; the first one counts.
    pub fn read(window: &Window) -> Self {
        let location = window.location();
        let document = window.document();
        let marked = |attribute: &str| {
            let selector = String::from("[") + attribute + "]";
            let found = document.as_ref()?.query_selector(&selector).ok()??;
            Some(capture::text(&found.get_attribute(attribute)?, TEXT_BYTES))
        };
        let title = document.as_ref().map(|document| document.title());
        Self {
            host: location.host().unwrap_or_default(),
            path: capture::text(&location.pathname().unwrap_or_default(), URL_BYTES),
            title: capture::text(&title.unwrap_or_default(), TEXT_BYTES),
            category: marked("data-crumb-category").unwrap_or_default(),
            product: marked("data-crumb-product").unwrap_or_default(),
            language: window.navigator().language().unwrap_or_default(),
        }
    }
}

/// Where the visitor came from to this page.
pub fn source(window: &Window) -> Source {
    let location = window.location();
    let host = location.host().unwrap_or_default();
    let referrer = window.document().map(|document| document.referrer());
    let referrer_host = referrer
        .and_then(|referrer| Url::new(&referrer).ok())
        .map(|referrer| referrer.host())
        .filter(|referrer| *referrer != host);
    let search = location.search().unwrap_or_default();
    let Ok(parameters) = UrlSearchParams::new_with_str(&search) else {
        return Source::default();
    };
    let parameter =
        |name: &str| capture::text(&parameters.get(name).unwrap_or_default(), TEXT_BYTES);
    Source {
        referrer_host: referrer_host.unwrap_or_default(),
        utm: UTM.map(parameter),
        click_id_kind: CLICK_IDS
            .into_iter()
            .find(|kind| parameters.get(kind).is_some())
            .map(String::from)
            .unwrap_or_default(),
    }
}
