//! The route table.
//!
//! The pixel's files lie under the same prefix, but the platform answers those
//! itself: see `[assets]` in `wrangler.toml`.

use super::{Asked, Refusal};

/// What there is to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// `POST {prefix}/e`: a batch.
    Collect,
    /// `OPTIONS {prefix}/e`: whether a page of another origin may post one.
    Preflight,
    /// `GET {prefix}/n.gif?site=slug`: the page view of a browser without JavaScript.
    Image,
    /// `POST {prefix}/x`: what went wrong in a pixel. Its body is plain text, of which
    /// browsers ask nothing beforehand (Fetch standard, CORS-safelisted content types).
    Fault,
    /// `GET {prefix}/health`: whether the worker runs and is configured.
    Health,
}

impl Route {
    /// Finds the route.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] or [`Refusal::WrongMethod`].
    pub fn find(prefix: &str, asked: &Asked) -> Result<Self, Refusal> {
        let rest = asked.path.strip_prefix(prefix);
        match (rest.ok_or(Refusal::NotFound)?, asked.method.as_str()) {
            ("/e", "POST") => Ok(Self::Collect),
            ("/e", "OPTIONS") => Ok(Self::Preflight),
            ("/e", _) => Err(Refusal::WrongMethod("POST, OPTIONS")),
            ("/n.gif", "GET") => Ok(Self::Image),
            ("/n.gif", _) => Err(Refusal::WrongMethod("GET")),
            ("/x", "POST") => Ok(Self::Fault),
            ("/x", _) => Err(Refusal::WrongMethod("POST")),
            ("/health", "GET") => Ok(Self::Health),
            ("/health", _) => Err(Refusal::WrongMethod("GET")),
            _ => Err(Refusal::NotFound),
        }
    }
}
