//! Answers, and the table of all that can be refused.

use super::Unread;
use crate::{
    config::{Misconfigured, SiteConfig},
    fault::NotAReport,
    form::NotAForm,
    forward::Undelivered,
};
use protocol::{DecodeError, token::BadToken};
use serde::Serialize;
use std::borrow::Cow;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers, by lower-case names.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
    /// The body; empty means none.
    pub body: Vec<u8>,
}

/// An image of one transparent pixel: GIF89a, a palette of two colours of which the first
/// is transparent, and the LZW codes "clear, colour 0, end" (CompuServe's GIF89a
/// specification).
const GIF: &[u8; 43] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\
    \x00\x00\x00\xff\xff\xff\
    \x21\xf9\x04\x01\x00\x00\x00\x00\
    \x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\
    \x02\x02\x44\x01\x00\
    \x3b";

/// Why a request is refused. [`Refusal::row`] says what that means.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such path.
    #[error("there is nothing here")]
    NotFound,
    /// The path has other methods, which are given.
    #[error("this path takes {0}")]
    WrongMethod(&'static str),
    /// The body is longer than the path takes.
    #[error("a body is at most {limit} bytes here")]
    TooLarge {
        /// The bound, in bytes.
        limit: usize,
    },
    /// The body didn't come whole.
    #[error("the body did not come whole")]
    Broken,
    /// The page's origin isn't one of the site's.
    #[error("this origin may not send for this site")]
    OriginNotAllowed,
    /// The body is no attempt, or its batch none.
    #[error(transparent)]
    Malformed(#[from] DecodeError),
    /// The body is no report of a fault.
    #[error(transparent)]
    BadFault(#[from] NotAReport),
    /// The body is no form.
    #[error(transparent)]
    BadForm(#[from] NotAForm),
    /// A form leads on to what is not the site's.
    #[error("`next` is no address on one of the site's own origins, and no path from /")]
    BadNext,
    /// A view without the page it is of.
    #[error("the view names no page; let the browser send a Referer")]
    NoReferrer,
    /// The token in the address, or in a batch, isn't accepted.
    #[error(transparent)]
    BadToken(#[from] BadToken),
    /// The browser sends more than the platform lets it.
    #[error("too many requests; come again later")]
    TooMany,
    /// No site of that name is served here.
    #[error("this site is not served here")]
    UnknownSite,
    /// The backend doesn't have it.
    #[error("the backend did not take it")]
    Undelivered(#[from] Undelivered),
    /// The worker lacks a variable or a secret.
    #[error("the worker is not configured; its log says what is missing")]
    NotConfigured(#[from] Misconfigured),
}

/// When to come again after a body that didn't come whole, in seconds.
const AFTER_BROKEN_S: u32 = 1;
/// When to come again after too many requests, in seconds: a period of the platform's limits.
const AFTER_TOO_MANY_S: u32 = 60;

impl Refusal {
    /// Why a body of which at most `limit` bytes are taken wasn't read.
    #[must_use]
    pub const fn unread(unread: Unread, limit: usize) -> Self {
        match unread {
            Unread::TooLarge => Self::TooLarge { limit },
            Unread::Broken => Self::Broken,
        }
    }

    /// The table: (status, code, when to send it again in seconds).
    ///
    /// A pixel drops a batch that was answered 400 or 413, and sends it again for all
    /// else. An image is answered 200 whatever the table says, with the code in a header.
    #[must_use]
    pub const fn row(&self) -> (u16, &'static str, Option<u32>) {
        match self {
            Self::NotFound => (404, "not_found", None),
            Self::WrongMethod(_) => (405, "wrong_method", None),
            Self::TooLarge { .. } => (413, "too_large", None),
            Self::Broken => (503, "broken_body", Some(AFTER_BROKEN_S)),
            Self::OriginNotAllowed => (403, "origin_not_allowed", None),
            Self::Malformed(error) => (400, error.code(), None),
            Self::BadFault(_) => (400, "bad_fault", None),
            Self::BadForm(NotAForm::Kind) => (415, "unsupported_type", None),
            Self::BadForm(_) => (400, "bad_form", None),
            Self::BadNext => (400, "bad_next", None),
            Self::NoReferrer => (400, "no_referrer", None),
            Self::BadToken(BadToken::Expired) => (410, "expired_token", None),
            Self::BadToken(BadToken::NotAToken | BadToken::Unsigned) => (404, "bad_token", None),
            Self::TooMany => (429, "too_many", Some(AFTER_TOO_MANY_S)),
            Self::UnknownSite => (400, "unknown_site", None),
            Self::Undelivered(why) => (503, "not_delivered", Some(why.retry_after_s)),
            Self::NotConfigured(_) => (500, "not_configured", None),
        }
    }

    /// What the operator should know of it.
    #[must_use]
    pub fn message(&self) -> Option<String> {
        match self {
            Self::Undelivered(why) => Some(why.to_string()),
            Self::NotConfigured(why) => Some(why.to_string()),
            _ => None,
        }
    }
}

/// A problem as RFC 9457 has it.
#[derive(Serialize)]
struct Problem<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'a str,
    status: u16,
    code: &'static str,
}

impl Answer {
    /// 204.
    #[must_use]
    pub const fn nothing() -> Self {
        Self {
            status: 204,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// 201 with the token that a page of another site is to keep. (A 200 may be anybody's:
    /// networks answer with their login pages.)
    #[must_use]
    pub fn token(body: String) -> Self {
        Self::of(201, "text/plain; charset=utf-8", body.into())
    }

    /// The transparent image. Each view asks for it anew, since each is an event.
    #[must_use]
    pub fn image() -> Self {
        Self::of(200, "image/gif", GIF.to_vec()).with("cache-control", "no-store")
    }

    /// The image of a view that wasn't recorded. It must never break a page, so what
    /// was wrong stands only in the header `crumb-refused`, for whoever looks.
    #[must_use]
    pub fn image_in_spite_of(refusal: &Refusal) -> Self {
        let (_, code, _) = refusal.row();
        Self::image().with("crumb-refused", code)
    }

    /// Leads on.
    #[must_use]
    pub fn redirect(url: String) -> Self {
        Self::lead(302, url)
    }

    /// Leads on from what was posted, to a page that is asked for (RFC 9110, 15.4.4).
    #[must_use]
    pub fn see_other(url: String) -> Self {
        Self::lead(303, url)
    }

    fn lead(status: u16, url: String) -> Self {
        Self {
            status,
            headers: vec![
                ("location", url.into()),
                ("cache-control", "no-store".into()),
            ],
            body: Vec::new(),
        }
    }

    /// A link in a message that leads nowhere, for the person who followed it.
    #[must_use]
    pub fn dead_link(refusal: &Refusal) -> Self {
        let (status, code, _) = refusal.row();
        let text = "הקישור אינו תקף עוד.\nThis link is not valid any more.\n";
        Self::of(status, "text/plain; charset=utf-8", text.into())
            .with("cache-control", "no-store")
            .with("crumb-refused", code)
    }

    /// Adds why a token wasn't accepted, for whoever looks.
    #[must_use]
    pub fn in_spite_of(self, bad: Option<BadToken>) -> Self {
        match bad {
            Some(bad) => {
                let (_, code, _) = Refusal::from(bad).row();
                self.with("crumb-refused", code)
            }
            None => self,
        }
    }

    /// The worker runs and is configured, and serves the site that was asked for. It doesn't ask
    /// the backend.
    #[must_use]
    pub fn healthy(site: Option<&SiteConfig>) -> Self {
        let body = match site.map(|site| site.needs_consent) {
            None => r#"{"status":"ok"}"#,
            Some(false) => r#"{"status":"ok","consent":"assumed"}"#,
            Some(true) => r#"{"status":"ok","consent":"required"}"#,
        };
        Self::of(200, "application/json", body.into()).with("cache-control", "no-store")
    }

    /// A refusal, as a problem.
    #[must_use]
    pub fn refused(refusal: &Refusal) -> Self {
        let (status, code, retry_after_s) = refusal.row();
        let problem = Problem {
            kind: "about:blank",
            title: &refusal.to_string(),
            status,
            code,
        };
        // Strings and a number: there is nothing in it that can fail.
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut answer = Self::of(status, "application/problem+json", body);
        if let Some(seconds) = retry_after_s {
            answer = answer.with("retry-after", seconds.to_string());
        }
        if let Refusal::WrongMethod(methods) = refusal {
            answer = answer.with("allow", *methods);
        }
        answer
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Lets a page of that origin read the answer (Fetch standard, CORS). Never
    /// `*`, since the cookie goes with the request.
    #[must_use]
    pub(super) fn with_cors(self, origin: Option<&str>) -> Self {
        match origin {
            Some(origin) if self.status != 403 => self
                .with("access-control-allow-origin", origin.to_owned())
                .with("access-control-allow-credentials", "true")
                .with("access-control-expose-headers", "Retry-After")
                .with("vary", "Origin"),
            _ => self,
        }
    }

    fn of(status: u16, kind: &'static str, body: Vec<u8>) -> Self {
        Self {
            status,
            headers: vec![("content-type", kind.into())],
            body,
        }
    }
}
