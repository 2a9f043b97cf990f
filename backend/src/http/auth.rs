//! Who may ask: bearer keys.

use super::Problem;
use crate::control::{Control, KeyError, Scope};
use axum::http::{HeaderMap, StatusCode, header};
use tracing::error;

/// Checks the bearer key of a request for a site and a scope.
///
/// A site that is not there and a key of another site are answered alike, so that
/// nobody learns which sites there are.
pub async fn check(
    headers: &HeaderMap,
    control: &Control,
    site: &str,
    scope: Scope,
) -> Result<(), Problem> {
    let key = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    let Some(key) = key else {
        return Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "no_key",
            "send an API key as `Authorization: Bearer ct_…`",
        ));
    };
    match control.check_key(key, site, scope).await {
        Ok(()) => Ok(()),
        Err(problem @ KeyError::Invalid) => Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "bad_key",
            problem.to_string(),
        )),
        Err(KeyError::OtherSite) => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "other_site",
            format!("the API key is not for the site `{site}`"),
        )),
        Err(problem @ KeyError::Scope) => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "scope",
            problem.to_string(),
        )),
        Err(KeyError::Control(problem)) => {
            error!("a key could not be checked: {problem}");
            Err(Problem::unavailable(
                "control_unavailable",
                "keys can't be checked at the moment",
                5,
            ))
        }
    }
}
