//! Who may ask: bearer keys, and sessions of the web app.

use super::{App, Problem, bulk::Bringer, session};
use crate::control::{Caller, ControlError, KeyError, Scope, SiteSettings};
use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use std::{marker::PhantomData, sync::Arc};
use tracing::error;

/// What a route needs of a key.
pub trait Needs: Send + Sync {
    /// The scope.
    const SCOPE: Scope;
}

/// Routes whose answers have no mail addresses and phone numbers, or leave them out for those who
/// don't see them.
pub struct Views;
/// Routes that answer questions.
pub struct Reads;
/// Routes that take what only a server may say, whose visitor it is, and who that is; and
/// segments.
pub struct Writes;
/// Routes that change settings.
pub struct Administers;
/// The route that takes the set-up key.
pub struct SetsUp;

impl Needs for Views {
    const SCOPE: Scope = Scope::View;
}
impl Needs for Reads {
    const SCOPE: Scope = Scope::Read;
}
impl Needs for Writes {
    const SCOPE: Scope = Scope::Write;
}
impl Needs for Administers {
    const SCOPE: Scope = Scope::Admin;
}
impl Needs for SetsUp {
    const SCOPE: Scope = Scope::Setup;
}

/// The site in a route's path, for which the request's key is good.
pub struct At<N> {
    /// Its settings.
    pub site: SiteSettings,
    /// Whose key it is.
    pub caller: Caller,
    needs: PhantomData<N>,
}

/// A request whose key is good for something; for which sites, its handler asks.
pub struct Of<N> {
    /// Whose key it is.
    pub caller: Caller,
    needs: PhantomData<N>,
}

impl<N> At<N> {
    /// Who brings something, and for which site.
    pub const fn bringer(&self) -> Bringer<'_> {
        Bringer {
            site: &self.site,
            caller: &self.caller,
        }
    }
}

impl<N: Needs> FromRequestParts<Arc<App>> for At<N> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, app).await;
        let slug = params.ok().and_then(|params| {
            let found = params.iter().find(|(name, _)| *name == "site");
            found.map(|(_, slug)| slug.to_owned())
        });
        let slug = slug.unwrap_or_default();
        let caller = check(&parts.headers, app, &slug, N::SCOPE).await?;
        let site = app.control.site(&slug).await.map_err(from_control)?;
        Ok(Self {
            site,
            caller,
            needs: PhantomData,
        })
    }
}

impl<N: Needs> FromRequestParts<Arc<App>> for Of<N> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let caller = caller(&parts.headers, app).await?;
        if !caller.scope.allows(N::SCOPE) {
            return Err(refused(KeyError::Scope, ""));
        }
        Ok(Self {
            caller,
            needs: PhantomData,
        })
    }
}

/// Checks who asks for a site and a scope.
///
/// A site that is not there and a key of another site are answered alike, so that
/// nobody learns which sites there are.
pub async fn check(
    headers: &HeaderMap,
    app: &App,
    site: &str,
    scope: Scope,
) -> Result<Caller, Problem> {
    let caller = caller(headers, app).await?;
    let may = caller.may(site, scope);
    may.map_err(|problem| refused(problem, site))?;
    Ok(caller)
}

/// Who asks: by a key, or without one by a session.
async fn caller(headers: &HeaderMap, app: &App) -> Result<Caller, Problem> {
    let now_ms = (app.now_ms)();
    if headers.contains_key(header::AUTHORIZATION) {
        let caller = app.control.caller(bearer(headers)?, now_ms).await;
        return caller.map_err(|problem| refused(problem, ""));
    }
    match session::of(headers) {
        Some(session) => {
            let caller = app.control.signed_in(&session, now_ms).await;
            caller.map_err(session::refused)
        }
        None => Err(no_key()),
    }
}

/// The key of a request.
pub fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or_else(no_key)
}

fn no_key() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "no_key",
        "send an API key as `Authorization: Bearer ct_…`",
    )
}

/// Why a key is refused.
pub fn refused(problem: KeyError, site: &str) -> Problem {
    match problem {
        KeyError::Invalid => Problem::new(StatusCode::UNAUTHORIZED, "bad_key", problem.to_string()),
        KeyError::OtherSite => Problem::new(
            StatusCode::FORBIDDEN,
            "other_site",
            format!("the API key is not for the site `{site}`"),
        ),
        KeyError::Scope => Problem::new(StatusCode::FORBIDDEN, "scope", problem.to_string()),
        KeyError::Control(problem) => from_control(problem),
    }
}

/// What the control data's errors mean for whoever asks.
pub fn from_control(problem: ControlError) -> Problem {
    let text = problem.to_string();
    match problem {
        ControlError::NoSite(_) => Problem::new(StatusCode::NOT_FOUND, "unknown_site", text),
        ControlError::SiteExists(_) => Problem::new(StatusCode::CONFLICT, "site_exists", text),
        ControlError::Field { key, .. } => {
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_setting", text)
                .at(format!("/{key}"))
        }
        ControlError::Setting { what, .. } => {
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_setting", text)
                .at(format!("/{what}"))
        }
        ControlError::Damaged { .. } => {
            error!("{text}");
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "bad_settings", text)
        }
        ControlError::Sqlite(_) | ControlError::Migrate(_) => {
            error!("{text}");
            let detail = "sites and keys can't be read at the moment";
            Problem::unavailable("control_unavailable", detail, 5)
        }
    }
}
