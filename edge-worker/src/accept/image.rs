//! The first steps of a view without JavaScript, up to where it is stamped and
//! forwarded as a batch is.

use super::{
    Asked, Details, Refusal,
    identify::{self, Browser},
    step::{self, Identified, Sender},
};
use crate::{
    config::{Config, SiteConfig},
    view::{self, Page, View},
};
use protocol::{
    DecodeError,
    id::{Site, TabId},
};
use std::borrow::Cow;

/// A view of a page of a site of ours.
pub(super) struct Seen<'a> {
    slug: Site<'a>,
    site: &'a SiteConfig,
    page: Page<'a>,
}

impl Seen<'_> {
    /// Whether a view may be kept: without JavaScript nobody could have been asked.
    pub(super) const fn may_be_kept(&self) -> bool {
        !self.site.needs_consent
    }
}

/// Finds the site by the query and the page by the `Referer`, and refuses pages that
/// are not the site's.
pub(super) fn see<'a>(config: &'a Config, details: &'a Details) -> Result<Seen<'a>, Refusal> {
    let slug = Site::new(view::slug(&details.query)).map_err(DecodeError::from)?;
    let page = Page::read(&details.referer, &details.accept_language).ok_or(Refusal::NoReferrer)?;
    let site = step::serve(config, slug, &Sender::of(page.origin))?;
    Ok(Seen { slug, site, page })
}

/// Decides whose browser it is, and makes the batch of this one view. `tab` stands for
/// the tab.
///
/// On a page of another site nothing lasts, as an image can carry no token: then the
/// visitor is the tab's.
pub(super) fn record<'a>(
    config: &Config,
    asked: &Asked,
    seen: &Seen<'a>,
    tab: TabId,
    now_ms: u64,
) -> Identified<'a> {
    let browser = Browser {
        site: seen.slug,
        tab,
        token: "",
    };
    let who = identify::look(config, asked, &browser, now_ms);
    let view = View {
        site: seen.slug,
        tab,
        visitor: who.visitor,
        is_new: who.minted,
        at_ms: now_ms,
    };
    Identified {
        batch: Cow::Owned(view.encode(&seen.page, &config.mint_key)),
        site: seen.site,
        sent_at_ms: now_ms,
        received_at_ms: now_ms,
        who,
        proved: None,
    }
}
