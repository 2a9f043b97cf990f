//! Visitors who withdraw their consent (`POST /w`), or want to be forgotten (`POST /f`): the
//! browser forgets who it was, and of the second the backend is told.
//!
//! ```text
//! body = site ['\n' token]       UTF-8; token: as in an attempt's head, from another site
//! ```

use super::{
    Answer, Asked, Refusal, identify,
    step::{self, Sender, Stamped},
};
use crate::{
    config::{Config, SiteConfig},
    enrich::Origins,
    identity::clear_cookie,
};
use protocol::{
    DecodeError,
    id::{Site, VisitorId},
    limit,
    notice::{Notice, What},
};

/// Longest body, in bytes.
pub(super) const MAX_BYTES: usize = limit::TOKEN_BYTES + 64;

/// Who leaves which site.
pub(super) struct Leaving<'a> {
    slug: Site<'a>,
    site: &'a SiteConfig,
    token: &'a str,
}

/// Reads the body, and refuses pages that may send only for other sites.
pub(super) fn read<'a>(
    config: &'a Config,
    sender: &Sender<'_>,
    bytes: &'a [u8],
) -> Result<Leaving<'a>, Refusal> {
    let text = str::from_utf8(bytes).map_err(|_| DecodeError::Structure)?;
    let (slug, token) = text.split_once('\n').unwrap_or((text, ""));
    let slug = Site::new(slug).map_err(DecodeError::from)?;
    let site = step::serve(config, slug, sender)?;
    Ok(Leaving { slug, site, token })
}

impl<'a> Leaving<'a> {
    /// The visitor, where the browser proves to be one.
    pub(super) fn visitor(&self, config: &Config, asked: &Asked, now_ms: u64) -> Option<VisitorId> {
        identify::known(config, asked, (self.slug, self.token), now_ms)
    }

    /// Says yes, and lets the browser forget who it was.
    pub(super) fn forgotten(&self) -> Answer {
        Answer::nothing().with("set-cookie", clear_cookie(self.slug))
    }

    /// That the visitor is to be forgotten.
    pub(super) fn stamp(&self, visitor: VisitorId, now_ms: u64) -> Stamped<'a> {
        let notice = Notice {
            site: self.slug,
            what: What::Forget,
        };
        // Of who wants to be forgotten no more is told than that.
        step::stamp_notice(self.site, &notice, visitor, &Origins::default(), now_ms)
    }
}
