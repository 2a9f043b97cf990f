//! The Segment HTTP API, so that SDKs made for it send here: their write key is a key of ours.
//!
//! A key of scope ingest may stand in a page, where everybody can read it: what comes by it
//! about who somebody is, is a claim. By one of scope write or admin it is proof, so that is
//! for servers alone.

use super::{
    App, Problem, Shared,
    auth::{self, from_control},
    bulk::{self, Bringer, Wait},
    events::sort,
    ingest::{slot, spool},
    problem::no_method,
};
use crate::{
    control::{Caller, KeyError, Scope},
    ingest::{given::RowKind, sdk::Message},
    people::fact::Fact,
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json, value::RawValue};
use std::sync::Arc;
use tower_http::{
    cors::{AllowHeaders, Any, CorsLayer},
    decompression::RequestDecompressionLayer,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Each message's paths, its type's whole name and the short one of browsers' SDKs.
const TYPES: [(&str, &str); 6] = [
    ("track", "t"),
    ("page", "p"),
    ("screen", "s"),
    ("identify", "i"),
    ("group", "g"),
    ("alias", "a"),
];

/// What a message is answered.
#[derive(Serialize, ToSchema)]
pub struct Answer {
    /// Always true: what is wrong with a request is a problem.
    success: bool,
    /// Messages that are on the disk.
    accepted: usize,
    /// Messages that don't fit.
    rejected: Vec<super::bulk::RejectedRow>,
}

/// All routes of SDKs.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    let mut rest = Router::new()
        .route("/v1/b", post(batch))
        .route("/v1/import", post(batch))
        .route("/v1/projects/{key}/settings", get(segment_settings))
        .route("/sourceConfig", get(rudder_settings));
    for (name, short) in TYPES {
        let take = async move |State(app): Shared, headers: HeaderMap, body: Bytes| {
            take_one(&app, &headers, &body, name).await
        };
        rest = rest.route(&format!("/v1/{short}"), post(take));
        if name != "track" {
            rest = rest.route(&format!("/v1/{name}"), post(take));
        }
    }
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(AllowHeaders::mirror_request());
    let (described, api) = OpenApiRouter::new()
        .routes(routes!(batch))
        .routes(routes!(track))
        .split_for_parts();
    let router = described
        .merge(rest)
        // Before what answers browsers that ask beforehand, which lies around it.
        .method_not_allowed_fallback(no_method)
        .layer(RequestDecompressionLayer::new())
        .layer(cors);
    let mut routes = OpenApiRouter::from(router);
    *routes.get_openapi_mut() = api;
    routes
}

/// Takes messages of the Segment HTTP API: `{"batch": […]}`.
///
/// The write key is an API key, as the user of HTTP's basic authentication, as `writeKey` in
/// the body, or as a bearer. JSON in any content type, plain or gzip.
#[utoipa::path(
    post, path = "/v1/batch", tag = "events",
    request_body(content = Object, example = json!({ "batch": [{ "type": "page", "anonymousId": "a1" }] })),
    responses((status = 200, description = "what became of the messages", body = Answer), Problem),
    security(("key" = ["ingest"]))
)]
pub async fn batch(
    State(app): Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Answer>, Problem> {
    let mut whole = object(&body)?;
    let caller = caller(&app, &headers, &mut whole).await?;
    let sent_at = whole.get("sentAt").cloned();
    let context = whole.get("context").cloned();
    let Some(Value::Array(messages)) = whole.remove("batch") else {
        let detail = "a batch is `{\"batch\": [messages]}`";
        return Err(Problem::new(StatusCode::BAD_REQUEST, "bad_body", detail));
    };
    let messages = messages.into_iter().map(|mut message| {
        if let Some(fields) = message.as_object_mut() {
            fields.remove("writeKey");
            for (name, value) in [("sentAt", &sent_at), ("context", &context)] {
                if let (Some(value), false) = (value, fields.contains_key(name)) {
                    fields.insert(name.into(), value.clone());
                }
            }
        }
        message
    });
    take(&app, &caller, messages).await
}

/// Takes one message of the Segment HTTP API. So do `/v1/page`, `/v1/screen`, `/v1/identify`,
/// `/v1/group` and `/v1/alias`, and the first letter of each.
#[utoipa::path(
    post, path = "/v1/track", tag = "events",
    request_body(content = Object, example = json!({ "event": "Order Completed", "anonymousId": "a1" })),
    responses((status = 200, description = "what became of it", body = Answer), Problem),
    security(("key" = ["ingest"]))
)]
pub async fn track(
    State(app): Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Answer>, Problem> {
    take_one(&app, &headers, &body, "track").await
}

async fn take_one(
    app: &App,
    headers: &HeaderMap,
    body: &[u8],
    kind: &str,
) -> Result<Json<Answer>, Problem> {
    let mut message = object(body)?;
    let caller = caller(app, headers, &mut message).await?;
    message.insert("type".into(), kind.into());
    take(app, &caller, [message.into()]).await
}

async fn take(
    app: &App,
    caller: &Caller,
    messages: impl IntoIterator<Item = Value>,
) -> Result<Json<Answer>, Problem> {
    let Some(site) = &caller.site else {
        let detail = "a write key is a key of one site";
        return Err(Problem::new(StatusCode::FORBIDDEN, "other_site", detail));
    };
    let _slot = slot(app)?;
    let kind = if caller.scope.allows(Scope::Write) {
        RowKind::ServerMessage
    } else {
        RowKind::BrowserMessage
    };
    let messages: Vec<Value> = messages.into_iter().collect();
    // What is no message is said when the events are sorted.
    let of_people = messages.iter().filter(|message| {
        let is_of_people = matches!(message["type"].as_str(), Some("identify" | "group"));
        is_of_people && kind == RowKind::ServerMessage
    });
    let of_people = of_people.filter_map(|message| Message::deserialize(message).ok());
    let of_people: Vec<Message> = of_people.collect();
    let raw = |message: Value| serde_json::value::to_raw_value(&message);
    let rows: Vec<Box<RawValue>> = messages
        .into_iter()
        .map(raw)
        .collect::<Result<_, _>>()
        .map_err(bad)?;
    let rows: Vec<&RawValue> = rows.iter().map(AsRef::as_ref).collect();
    let (taken, spooled) = sort(app, site, kind, &rows)?;
    if let (0, Some(first)) = (taken.accepted, taken.rejected.first()) {
        let detail = format!("{} {}", first.pointer, first.detail);
        return Err(Problem::new(StatusCode::BAD_REQUEST, first.code, detail));
    }
    spool(app, spooled).await?;
    tell(app, caller, site, &of_people).await?;
    let accepted = u64::try_from(taken.accepted).unwrap_or(u64::MAX);
    metrics::counter!("crumbtrail_events_accepted_total").increment(accepted);
    Ok(Json(Answer {
        success: true,
        accepted: taken.accepted,
        rejected: taken.rejected,
    }))
}

/// Spools what messages of a server say of contacts: their traits and groups.
async fn tell(app: &App, caller: &Caller, site: &str, said: &[Message]) -> Result<(), Problem> {
    if said.is_empty() {
        return Ok(());
    }
    let site = &app.control.site(site).await.map_err(from_control)?;
    let fields = app.control.fields(site).await.map_err(from_control)?;
    let groups = app.control.groups(&site.slug).await.map_err(from_control)?;
    let groups: Vec<_> = groups.into_iter().map(|(id, _)| id).collect();
    let received_at = bulk::now(app);
    let facts = said
        .iter()
        .filter_map(|message| message.fact(&fields, &groups, received_at));
    let (facts, unfit): (Vec<Fact>, Vec<usize>) = facts.unzip();
    let unfit: usize = unfit.into_iter().sum();
    metrics::counter!("crumbtrail_traits_unfit_total").increment(unfit as u64);
    let bringer = Bringer { site, caller };
    bulk::put(app, bringer, facts, Wait::default()).await?;
    Ok(())
}

fn bad(error: serde_json::Error) -> Problem {
    let detail = format!("the body is no JSON object: {error}");
    Problem::new(StatusCode::BAD_REQUEST, "bad_body", detail)
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Problem> {
    serde_json::from_slice(body).map_err(bad)
}

/// Whose write key it is. That is taken out of the body, so that it is kept nowhere.
async fn caller(
    app: &App,
    headers: &HeaderMap,
    body: &mut Map<String, Value>,
) -> Result<Caller, Problem> {
    let in_body = match body.remove("writeKey") {
        Some(Value::String(key)) => Some(key),
        _ => None,
    };
    let key = match basic(headers).or(in_body) {
        Some(key) => key,
        None => auth::bearer(headers)?.to_owned(),
    };
    let caller = app.control.caller(&key, (app.now_ms)()).await;
    let caller = caller.and_then(|caller| {
        let allowed = caller.scope.allows(Scope::Ingest);
        allowed.then_some(caller).ok_or(KeyError::Scope)
    });
    caller.map_err(|problem| auth::refused(problem, ""))
}

/// The user of HTTP's basic authentication (RFC 7617).
fn basic(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let bytes = STANDARD.decode(text.strip_prefix("Basic ")?).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (user, _) = text.split_once(':')?;
    Some(user.to_owned())
}

/// What Segment's SDK for browsers asks before it sends: where to.
async fn segment_settings(Path(key): Path<String>, headers: HeaderMap) -> Json<Value> {
    let host = headers.get(header::HOST).map(HeaderValue::to_str);
    let host = host.and_then(Result::ok).unwrap_or_default();
    Json(json!({
        "integrations": { "Segment.io": { "apiKey": key, "apiHost": format!("{host}/v1") } },
        "plan": {
            "track": { "__default": { "enabled": true } },
            "identify": { "__default": { "enabled": true } },
            "group": { "__default": { "enabled": true } },
        },
        "metrics": { "sampleRate": 0 },
        "analyticsNextEnabled": true,
        "remotePlugins": [],
    }))
}

/// What a RudderStack SDK asks.
#[derive(Deserialize)]
struct Source {
    #[serde(rename = "writeKey", default)]
    write_key: String,
}

/// What RudderStack's SDKs ask before they send: which destinations to load, of which there
/// are none.
async fn rudder_settings(Query(source): Query<Source>) -> Json<Value> {
    Json(json!({
        "source": {
            "id": "crumbtrail",
            "name": "crumbtrail",
            "writeKey": source.write_key,
            "enabled": true,
            "workspaceId": "crumbtrail",
            "config": { "statsCollection": { "errors": { "enabled": false }, "metrics": { "enabled": false } } },
            "destinations": [],
        },
    }))
}
