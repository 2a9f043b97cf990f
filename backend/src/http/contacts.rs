//! What servers say of people: contacts, orders, messages, in bulk.

use super::{
    Problem, Shared,
    auth::{At, Writes, from_control},
    body::Query,
    bulk::{self, Answered, Taken, Wait},
};
use crate::people::{
    fact::Fact,
    given::{GivenMessage, GivenOrder, contact},
};
use axum::{body::Bytes, extract::State, http::HeaderMap};
use serde_json::{Map, Value};

/// Takes contacts: a JSON array, or NDJSON with `Content-Type: application/x-ndjson`. At most
/// 10,000 and 8 MiB at once.
///
/// A row has `id` (the shop's own), `mail` or `phone`, at least one of them; `updated_at`, of
/// when this is the state (milliseconds since the epoch or RFC 3339; without it, of now); and
/// fields by their names. What is left out stays as it is, null takes a field back. Of each
/// field the latest value counts, so rows may come twice and in any order.
///
/// A row that names a mail address or a phone number beside an id says that they are one person.
#[utoipa::path(
    post, path = "/v1/sites/{site}/contacts", tag = "people",
    params(("site" = String, Path, description = "the site's slug"), Wait),
    request_body(content(
        (Vec<Object> = "application/json", example = json!([{
            "id": "c-1047", "mail": "dana@example.com", "phone": "050-234-5678",
            "first_name": "דנה", "city": "גבעתיים", "consent_mail": true,
        }])),
        (String = "application/x-ndjson"),
    )),
    responses(
        (status = 200, description = "what became of each row; they are in the tables", body = Taken),
        (status = 202, description = "what became of each row; they are on the disk", body = Taken),
        Problem,
    ),
    security(("key" = ["write"]))
)]
pub async fn take(
    at: At<Writes>,
    State(app): Shared,
    Query(wait): Query<Wait>,
    headers: HeaderMap,
    body: Bytes,
) -> Answered {
    let fields = app.control.fields(&at.site).await.map_err(from_control)?;
    let check = |row: Map<String, Value>, received_at| {
        contact(&row, &fields, received_at).map(Fact::Contact)
    };
    bulk::take(&app, at.bringer(), (&headers, &body), wait, check).await
}

/// Takes orders, online and in stores: a JSON array, or NDJSON. At most 10,000 and 8 MiB at once.
///
/// A row is an order as the shop has it now, with its items and its returns: it takes the place
/// of what was sent of the order before, if that is of an earlier `updated_at`. It is one order
/// with the pixel's purchase of the same id.
#[utoipa::path(
    post, path = "/v1/sites/{site}/orders", tag = "people",
    params(("site" = String, Path, description = "the site's slug"), Wait),
    request_body(content(
        (Vec<GivenOrder> = "application/json"),
        (String = "application/x-ndjson"),
    )),
    responses(
        (status = 200, description = "what became of each row; they are in the tables", body = Taken),
        (status = 202, description = "what became of each row; they are on the disk", body = Taken),
        Problem,
    ),
    security(("key" = ["write"]))
)]
pub async fn orders(
    at: At<Writes>,
    State(app): Shared,
    Query(wait): Query<Wait>,
    headers: HeaderMap,
    body: Bytes,
) -> Answered {
    let check = |order: GivenOrder, received_at| {
        let fact = order.check(&at.site.country, received_at)?;
        Ok(Fact::Order(Box::new(fact)))
    };
    bulk::take(&app, at.bringer(), (&headers, &body), wait, check).await
}

/// Takes what became of messages: a JSON array, or NDJSON. At most 10,000 and 8 MiB at once.
///
/// The same `id` and `ts` twice is one. Who unsubscribes consents no longer, from then on.
#[utoipa::path(
    post, path = "/v1/sites/{site}/messages", tag = "people",
    params(("site" = String, Path, description = "the site's slug"), Wait),
    request_body(content(
        (Vec<GivenMessage> = "application/json"),
        (String = "application/x-ndjson"),
    )),
    responses(
        (status = 200, description = "what became of each row; they are in the tables", body = Taken),
        (status = 202, description = "what became of each row; they are on the disk", body = Taken),
        Problem,
    ),
    security(("key" = ["write"]))
)]
pub async fn messages(
    at: At<Writes>,
    State(app): Shared,
    Query(wait): Query<Wait>,
    headers: HeaderMap,
    body: Bytes,
) -> Answered {
    let check = |message: GivenMessage, received_at| {
        message
            .check(&at.site.country, received_at)
            .map(Fact::Message)
    };
    bulk::take(&app, at.bringer(), (&headers, &body), wait, check).await
}
