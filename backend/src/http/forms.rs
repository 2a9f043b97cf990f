//! Forms that were filled in, by servers; and what came of browsers through the edge.

use super::{
    App, Problem, Shared,
    auth::{At, Writes, from_control},
    body::Query,
    bulk::{self, Answered, Taken, Wait},
};
use crate::{
    control::SiteSettings,
    people::{
        fact::{Fact, Facts},
        given::{GivenForm, SentForm},
        import::Place,
    },
};
use axum::{body::Bytes, extract::State, http::HeaderMap};
use jiff::tz::TimeZone;

/// Takes forms and surveys that people filled in: a JSON array, or NDJSON. At most 10,000 and
/// 8 MiB at once.
///
/// The answers become fields of the contact, as of the form's time. Where the browser is known it
/// is that contact's from then on, as by a login, and has an event `form_submit`. The same `id`
/// and `ts` twice is one.
#[utoipa::path(
    post, path = "/v1/sites/{site}/forms", tag = "people",
    params(("site" = String, Path, description = "the site's slug"), Wait),
    request_body(content(
        (Vec<GivenForm> = "application/json"),
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
    let check = |form: GivenForm, received_at| {
        let form = form.check(&fields, received_at)?;
        Ok(Fact::Form(Box::new(form)))
    };
    bulk::take(&app, at.bringer(), (&headers, &body), wait, check).await
}

/// What forms that came through the edge say, by the fields that their sites have.
pub async fn facts(
    app: &App,
    sites: &[SiteSettings],
    forms: &[SentForm],
) -> Result<Vec<Facts>, Problem> {
    let mut all = Vec::with_capacity(forms.len());
    for form in forms {
        let Some(site) = sites.iter().find(|site| site.slug == form.site) else {
            continue;
        };
        let fields = app.control.fields(site).await.map_err(from_control)?;
        let zone = TimeZone::get(&site.time_zone).unwrap_or(TimeZone::UTC);
        let place = Place {
            fields: &fields,
            zone: &zone,
            received_at: form.received_at,
        };
        all.push(Facts {
            site: site.slug.clone(),
            received_at: form.received_at,
            by: format!("form {}", form.form),
            facts: vec![Fact::Form(Box::new(form.fact(&place)))],
        });
    }
    Ok(all)
}
