//! The API described: `/openapi.json`, generated from the code, and `/docs` to read it.

use super::{App, Problem};
use crate::people::import::Options;
use axum::Router;
use std::sync::Arc;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        self,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_swagger_ui::SwaggerUi;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Crumbtrail",
        description = "The backend of Crumbtrail: events in, sites and keys, questions about people.\n\n\
            Keys are sent as `Authorization: Bearer ct_…`. Ids of 64 bits are texts, since JavaScript's \
            numbers hold fewer. Times are milliseconds since the epoch. What goes wrong is answered as a \
            problem (RFC 9457), whose `code` stays the same from release to release."
    ),
    components(schemas(Problem, Options)),
    modifiers(&Key),
    tags(
        (name = "sites", description = "Sites and their settings"),
        (name = "keys", description = "API keys: shown once, stored hashed"),
        (name = "events", description = "Events in, and what became of them"),
        (name = "people", description = "Contacts, orders, messages, groups: what the shop knows, joined with what browsers did"),
        (name = "segments", description = "Questions about people, asked once or kept"),
        (name = "operating", description = "For those who watch over the backend"),
    )
)]
struct About;

struct Key;

impl Modify for Key {
    fn modify(&self, api: &mut openapi::OpenApi) {
        let key = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "An API key. Its scope is ingest, read, write or admin; write holds ingest and read, admin all.",
            ))
            .build();
        let components = api.components.get_or_insert_default();
        components.add_security_scheme("key", SecurityScheme::Http(key));
    }
}

/// What the description begins with.
pub fn about() -> openapi::OpenApi {
    About::openapi()
}

/// The routes of the description.
pub fn routes(api: openapi::OpenApi) -> Router<Arc<App>> {
    Router::from(SwaggerUi::new("/docs").url("/openapi.json", api))
}
