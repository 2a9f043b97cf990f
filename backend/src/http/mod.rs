//! The HTTP API: its routes, and what they share.

mod audit;
mod auth;
mod backup;
mod body;
mod bulk;
mod codes;
mod contacts;
mod days;
mod discreet;
mod docs;
mod erasures;
mod events;
mod fields;
mod forms;
mod groups;
mod health;
mod identities;
mod import;
mod ingest;
mod keys;
mod links;
mod live;
mod observe;
mod overview;
mod people;
mod preview;
mod problem;
mod quality;
mod sdk;
mod segments;
mod session;
mod sites;
mod users;
mod verify;
mod web;

use crate::{
    control::Control,
    embedded::Health,
    ingest::{accept::EdgeKeys, drain::DrainState, live::Live, spool::Spool},
    living::Sizes,
    store::{Bounds, Store},
    verify::Reach,
};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{Extensions, HeaderMap, StatusCode, Version, header},
    middleware::{from_fn, from_fn_with_state},
};
use metrics_exporter_prometheus::PrometheusHandle;
use std::{path::PathBuf, sync::Arc};
use tokio::sync::{Semaphore, watch};
use tower_http::compression::CompressionLayer;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use links::{MessageKeys, MessageKeysError};
pub use observe::{Requests, Seldom};
pub use problem::Problem;

/// Longest body of JSON, in bytes.
const JSON_BYTES: usize = 1 << 20;

/// All routes.
pub fn routes(app: App) -> Router {
    let (router, api) = OpenApiRouter::with_openapi(docs::about())
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics))
        .routes(routes!(codes::list))
        .routes(routes!(backup::download))
        // It reads its body itself, up to the protocol's bound.
        .routes(routes!(ingest::take))
        .routes(routes!(sites::set_up))
        .routes(routes!(sites::list, sites::add))
        .routes(routes!(sites::tell, sites::change))
        .routes(routes!(keys::list, keys::create))
        .routes(routes!(keys::revoke))
        .routes(routes!(session::tell, session::sign_in, session::sign_out))
        .routes(routes!(users::list, users::add))
        .routes(routes!(users::change, users::remove))
        .routes(routes!(users::invite))
        .routes(routes!(quality::tell))
        .routes(routes!(overview::tell))
        .routes(routes!(overview::most))
        .routes(routes!(verify::tell, verify::examine))
        .routes(routes!(fields::list))
        .routes(routes!(fields::put))
        .routes(routes!(groups::list))
        .routes(routes!(groups::put))
        .routes(routes!(segments::list))
        .routes(routes!(segments::whole, segments::put))
        .routes(routes!(segments::history))
        .routes(routes!(segments::changes))
        .routes(routes!(segments::archive))
        .routes(routes!(segments::restore))
        .routes(routes!(segments::members))
        .routes(routes!(segments::export))
        .routes(routes!(segments::overlap))
        .routes(routes!(segments::trends))
        .routes(routes!(segments::explain))
        .routes(routes!(segments::language))
        .routes(routes!(segments::gallery))
        .routes(routes!(segments::fill))
        .routes(routes!(segments::tell_in_words))
        .routes(routes!(people::search))
        .routes(routes!(people::tell, erasures::erase))
        .routes(routes!(erasures::receipt))
        .routes(routes!(erasures::export))
        .routes(routes!(identities::decide, identities::undo))
        .routes(routes!(audit::tell))
        .routes(routes!(people::timeline))
        .merge(rows_in())
        .merge(files_in())
        .routes(routes!(live::watch))
        .routes(routes!(preview::answer))
        .split_for_parts();
    let app = Arc::new(app);
    router
        .merge(docs::routes(api))
        .fallback(web::serve)
        .method_not_allowed_fallback(problem::no_method)
        .layer(DefaultBodyLimit::max(JSON_BYTES))
        .layer(CompressionLayer::new().compress_when(is_json))
        .layer(from_fn(session::from_here))
        .layer(from_fn_with_state(Arc::clone(&app), observe::request))
        .with_state(app)
}

/// Answers of JSON are sent as small as the client takes them. Files are as small as they get, and
/// what is told as it happens waits for nobody.
fn is_json(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind == "application/json")
}

/// Those with bodies larger than others.
fn rows_in() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(events::take))
        .routes(routes!(contacts::take))
        .routes(routes!(contacts::orders))
        .routes(routes!(contacts::messages))
        .routes(routes!(forms::take))
        .routes(routes!(links::mint))
        .routes(routes!(groups::members))
        .merge(sdk::routes())
        .layer(DefaultBodyLimit::max(bulk::BODY_BYTES))
}

/// Those with the largest bodies.
fn files_in() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(import::take))
        .layer(DefaultBodyLimit::max(import::BODY_BYTES))
}

/// What the handlers work with.
pub struct App {
    /// Sites and keys.
    pub control: Control,
    /// ClickHouse.
    pub store: Store,
    /// The embedded ClickHouse's health; nothing where it is a server.
    pub engine: Option<watch::Receiver<Health>>,
    /// Where events go.
    pub spool: Spool,
    /// How the drainer fares.
    pub drain: watch::Receiver<DrainState>,
    /// Tells of events as they come.
    pub live: Live,
    /// Makes visitors' ids out of those of other systems.
    pub hash_key: Vec<u8>,
    /// The keys with which edges sign.
    pub edge_keys: EdgeKeys,
    /// The keys by which sites sign the tokens of messages.
    pub message_keys: MessageKeys,
    /// Bodies from the edge that are worked on at once.
    pub ingest_slots: Semaphore,
    /// Questions that are asked at once.
    pub question_slots: Arc<Semaphore>,
    /// How many are in segments.
    pub sizes: Sizes,
    /// What a question may cost.
    pub bounds: Bounds,
    /// How far looking at shops goes.
    pub reach: Reach,
    /// The metrics' text.
    pub metrics: PrometheusHandle,
    /// Where the data is.
    pub data: PathBuf,
    /// Numbers the requests.
    pub requests: Requests,
    /// Says of bodies that are refused, seldom.
    pub refusals: Seldom,
    /// The clock, in milliseconds since the epoch.
    pub now_ms: fn() -> u64,
}

type Shared = axum::extract::State<Arc<App>>;
