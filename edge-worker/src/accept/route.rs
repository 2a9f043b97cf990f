//! The route table.
//!
//! The pixel's files lie under the same prefix, but the platform answers those
//! itself: see `[assets]` in `wrangler.toml`.

use super::{Asked, Refusal};

/// What there is to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route<'a> {
    /// `POST {prefix}/e`: a batch.
    Collect,
    /// `POST {prefix}/form`: a form of the shop's is sent.
    Form,
    /// `OPTIONS` of these two: whether a page of another origin may post there.
    Preflight,
    /// `GET {prefix}/n.gif?site=slug`: the page view of a browser without JavaScript.
    Image,
    /// `POST {prefix}/x`: what went wrong in a pixel. Its body is plain text, of which
    /// browsers ask nothing beforehand (Fetch standard, CORS-safelisted content types).
    Fault,
    /// `POST {prefix}/w`: the visitor withdrew their consent. Its body is as the next one's.
    Withdraw,
    /// `POST {prefix}/f`: the visitor wants to be forgotten, with all that is known of them.
    Forget,
    /// `GET {prefix}/r/{token}`: a link in a message is followed.
    Click(&'a str),
    /// `GET {prefix}/o/{token}.gif`: a message is opened.
    Open(&'a str),
    /// `GET {prefix}/health`: whether the worker runs and is configured; with `?site=slug`, whether
    /// it takes what pages of the request's `Origin` send for that site.
    Health,
}

impl<'a> Route<'a> {
    /// Finds the route.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] or [`Refusal::WrongMethod`].
    pub fn find(prefix: &str, asked: &'a Asked) -> Result<Self, Refusal> {
        let path = asked.path.strip_prefix(prefix).ok_or(Refusal::NotFound)?;
        let (route, methods) = Self::of(path).ok_or(Refusal::NotFound)?;
        match asked.method.as_str() {
            "OPTIONS" if methods.contains("OPTIONS") => Ok(Self::Preflight),
            method if methods.split(", ").any(|known| known == method) => Ok(route),
            _ => Err(Refusal::WrongMethod(methods)),
        }
    }

    /// The table: a path's route, and the methods it takes.
    fn of(path: &'a str) -> Option<(Self, &'static str)> {
        Some(match path {
            "/e" => (Self::Collect, "POST, OPTIONS"),
            "/form" => (Self::Form, "POST, OPTIONS"),
            "/n.gif" => (Self::Image, "GET"),
            "/x" => (Self::Fault, "POST"),
            "/w" => (Self::Withdraw, "POST"),
            "/f" => (Self::Forget, "POST"),
            "/health" => (Self::Health, "GET"),
            _ => match path.strip_prefix("/r/") {
                Some(token) => (Self::Click(token), "GET, HEAD"),
                None => {
                    let token = path.strip_prefix("/o/")?.strip_suffix(".gif")?;
                    (Self::Open(token), "GET, HEAD")
                }
            },
        })
    }
}
