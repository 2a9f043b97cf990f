//! Sessions of the web app: a cookie that scripts don't see and that other sites don't send.

use super::{App, Problem, Shared, auth::from_control, body::Body, users::random};
use crate::control::{KeyError, NewUser, Role, SESSION_MS, Scope, User};
use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, uri::Authority},
    middleware::Next,
    response::{AppendHeaders, IntoResponse, Response},
};
use cookie::{Cookie, SameSite, time::Duration};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The cookie.
pub const COOKIE: &str = "crumbtrail_session";

/// What signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// What stands behind the `#` of a one-time link: `cl_…`; or the key that the first start
    /// prints, which makes the first owner of all sites.
    link: String,
    /// What others call the first owner.
    #[serde(default)]
    name: String,
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub struct SignedIn {
    /// Their id.
    id: String,
    /// What others call them.
    name: String,
    /// Their site; null: all of them.
    site: Option<String>,
    /// What they may do.
    role: Role,
}

impl From<User> for SignedIn {
    fn from(user: User) -> Self {
        let User {
            id,
            name,
            site,
            role,
            ..
        } = user;
        Self {
            id,
            name,
            site,
            role,
        }
    }
}

/// Exchanges a one-time link for a session, as a cookie.
#[utoipa::path(
    post, path = "/v1/session", tag = "users", request_body = SignIn,
    responses((status = 201, description = "who is signed in; the session is a cookie", body = SignedIn), Problem)
)]
pub async fn sign_in(
    State(app): Shared,
    headers: HeaderMap,
    Body(given): Body<SignIn>,
) -> Result<impl IntoResponse, Problem> {
    let now_ms = (app.now_ms)();
    let (user, session) = if given.link.starts_with("ct_") {
        let user = first_owner(&app, &given, now_ms).await?;
        let session = app.control.start_session(&user.id, random()?, now_ms).await;
        (user, session.map_err(from_control)?)
    } else {
        let signed_in = app.control.sign_in(&given.link, random()?, now_ms).await;
        signed_in.map_err(|problem| match problem {
            KeyError::Control(problem) => from_control(problem),
            _ => bad_link(),
        })?
    };
    let seconds = i64::try_from(SESSION_MS / 1000).unwrap_or(i64::MAX);
    let cookie = cookie(session.reveal(), Duration::seconds(seconds), &headers);
    Ok((
        StatusCode::CREATED,
        AppendHeaders([(header::SET_COOKIE, cookie)]),
        Json(SignedIn::from(user)),
    ))
}

/// Spends the key of the first start for an owner of all sites.
async fn first_owner(app: &App, given: &SignIn, now_ms: u64) -> Result<User, Problem> {
    let caller = app.control.caller(&given.link, now_ms).await;
    let caller = caller.map_err(|problem| match problem {
        KeyError::Control(problem) => from_control(problem),
        _ => bad_link(),
    })?;
    if caller.scope != Scope::Setup {
        return Err(bad_link());
    }
    let new = NewUser {
        site: None,
        name: given.name.clone(),
        role: Role::Owner,
    };
    new.check().map_err(from_control)?;
    if !app
        .control
        .spend(&caller, now_ms)
        .await
        .map_err(from_control)?
    {
        return Err(bad_link());
    }
    let added = app.control.add_user(&new, random()?, now_ms).await;
    added.map_err(from_control)
}

fn bad_link() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "bad_link",
        "the link was used, or is too old; whoever manages users can make another",
    )
}

/// Tells who is signed in.
#[utoipa::path(
    get, path = "/v1/session", tag = "users",
    responses((status = 200, description = "who is signed in", body = SignedIn), Problem),
    security(("session" = []))
)]
pub async fn tell(State(app): Shared, headers: HeaderMap) -> Result<Json<SignedIn>, Problem> {
    let session = of(&headers).ok_or_else(no_session)?;
    let caller = app.control.signed_in(&session, (app.now_ms)()).await;
    let caller = caller.map_err(refused)?;
    let role = Role::of(caller.scope).ok_or_else(no_session)?;
    Ok(Json(SignedIn {
        id: caller.key_id,
        name: caller.label,
        site: caller.site,
        role,
    }))
}

/// Ends the session.
#[utoipa::path(
    delete, path = "/v1/session", tag = "users",
    responses((status = 204, description = "it has ended"), Problem),
    security(("session" = []))
)]
pub async fn sign_out(
    State(app): Shared,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let session = of(&headers).ok_or_else(no_session)?;
    let ended = app.control.sign_out(&session, (app.now_ms)()).await;
    ended.map_err(refused)?;
    let cookie = cookie("", Duration::ZERO, &headers);
    Ok((
        StatusCode::NO_CONTENT,
        AppendHeaders([(header::SET_COOKIE, cookie)]),
    ))
}

/// The session of a request.
pub fn of(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).into_iter();
    let mut sent = cookies.filter_map(|value| value.to_str().ok());
    sent.find_map(|text| {
        let mut cookies = Cookie::split_parse(text).flatten();
        let session = cookies.find(|cookie| cookie.name() == COOKIE)?;
        Some(session.value().to_owned())
    })
}

/// Why a session is refused.
pub fn refused(problem: KeyError) -> Problem {
    match problem {
        KeyError::Control(problem) => from_control(problem),
        _ => no_session(),
    }
}

fn no_session() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "no_session",
        "nobody is signed in, or the session has ended; a new link signs in",
    )
}

/// The session as a cookie. Over HTTPS browsers send it over HTTPS alone.
fn cookie(value: &str, lasts: Duration, headers: &HeaderMap) -> String {
    let origin = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
    let is_secure = origin.is_some_and(|origin| origin.starts_with(b"https://"));
    Cookie::build((COOKIE, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(is_secure)
        .max_age(lasts)
        .build()
        .to_string()
}

/// Refuses what a page of another site sends in the name of whoever is signed in: what changes
/// something by a session has to come from the address that it is sent to.
pub async fn from_here(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let method = request.method();
    let is_safe = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    let by_session = !headers.contains_key(header::AUTHORIZATION) && of(headers).is_some();
    let signs_in = *method == Method::POST && request.uri().path() == "/v1/session";
    if (signs_in || by_session && !is_safe) && !is_from_here(headers) {
        return Problem::new(
            StatusCode::FORBIDDEN,
            "foreign_origin",
            "a session is good for requests of the web app's own pages; programs send an API key",
        )
        .into_response();
    }
    next.run(request).await
}

fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let (Some(origin), Some(host)) = (text(header::ORIGIN), text(header::HOST)) else {
        return false;
    };
    let of_origin = origin.split_once("://").map(|(_, authority)| authority);
    let parsed = |text: &str| text.parse::<Authority>().ok();
    match (of_origin.and_then(parsed), parsed(host)) {
        (Some(origin), Some(host)) => origin == host,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter().cloned();
        pairs
            .map(|(name, value)| (name, HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn a_session_is_found_among_cookies() {
        let sent = headers(&[(header::COOKIE, "a=1; crumbtrail_session=cs_1_2; b=2")]);
        assert_eq!(of(&sent).as_deref(), Some("cs_1_2"));
        assert_eq!(
            of(&headers(&[(header::COOKIE, "xcrumbtrail_session=cs")])),
            None
        );
    }

    #[test]
    fn an_origin_is_where_the_request_went() {
        let is_ours = |origin, host| {
            is_from_here(&headers(&[(header::ORIGIN, origin), (header::HOST, host)]))
        };
        assert!(is_ours(
            "https://crumbs.shop.example",
            "crumbs.shop.example"
        ));
        assert!(is_ours("http://127.0.0.1:8080", "127.0.0.1:8080"));
        assert!(!is_ours("https://shop.example", "crumbs.shop.example"));
        assert!(!is_ours("http://127.0.0.1:8081", "127.0.0.1:8080"));
        assert!(!is_ours("null", "null"));
        assert!(!is_from_here(&headers(&[(header::HOST, "a.example")])));
    }

    #[test]
    fn over_https_the_cookie_is_secure() {
        let sent = headers(&[(header::ORIGIN, "https://crumbs.shop.example")]);
        let text = cookie("cs_1_2", Duration::seconds(9), &sent);
        assert_eq!(
            text,
            "crumbtrail_session=cs_1_2; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=9"
        );
        let plain = headers(&[(header::ORIGIN, "http://127.0.0.1:8080")]);
        assert!(!cookie("", Duration::ZERO, &plain).contains("Secure"));
    }
}
