//! Bodies and queries of requests, read with problems that say what is wrong with them.

use super::Problem;
use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Request, rejection::JsonRejection},
    http::{StatusCode, request::Parts},
};
use serde::de::DeserializeOwned;

/// A body of JSON.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let read = Json::from_request(request, state).await;
        let Json(value) = read.map_err(|rejection: JsonRejection| {
            Problem::new(rejection.status(), "bad_body", rejection.body_text())
        })?;
        Ok(Self(value))
    }
}

/// The query of an address.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = axum::extract::Query::from_request_parts(parts, state).await;
        let axum::extract::Query(value) = read.map_err(|rejection| {
            Problem::new(StatusCode::BAD_REQUEST, "bad_query", rejection.body_text())
        })?;
        Ok(Self(value))
    }
}
