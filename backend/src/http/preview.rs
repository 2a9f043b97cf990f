//! `POST /v1/segments/preview`: how many people a definition is true for, and some of them.

use super::{App, Problem, Shared, auth, body::Body};
use crate::{
    control::Scope,
    ingest::drain::DrainState,
    segment::{self, Definition, Invalid, Question, SiteSettings, Statement, words::Word as _},
    store::StoreError,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use clickhouse::{RowOwned, RowRead};
use jiff::civil::Weekday;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tracing::{error, warn};
use utoipa::ToSchema;

/// A question waits this long for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// Most people in a sample.
const SAMPLE: u32 = 100;

/// A question.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The site's slug.
    #[schema(example = "demo")]
    site: String,
    /// A definition in the segment language.
    #[schema(value_type = Object, example = json!({ "kind": "event", "event": "add_to_cart" }))]
    definition: Definition,
    /// The moment asked about, milliseconds since the epoch; now where it is left out.
    as_of: Option<i64>,
    /// How many people to name, at most 100; 10 where it is left out.
    sample: Option<u32>,
}

/// An answer.
#[derive(Serialize, ToSchema)]
pub struct Answered {
    /// How many people the definition is true for.
    count: u64,
    /// Some of them, by their ids as text, ascending.
    sample: Vec<String>,
    /// The moment asked about, milliseconds since the epoch.
    as_of: i64,
    /// How long it took, in milliseconds.
    took_ms: u64,
}

/// Counts the people that a definition is true for, and names some of them.
#[utoipa::path(
    post, path = "/v1/segments/preview", tag = "segments", request_body = Asked,
    responses((status = 200, description = "how many, and some of them", body = Answered), Problem),
    security(("key" = ["read"]))
)]
pub async fn answer(
    State(app): Shared,
    headers: HeaderMap,
    Body(asked): Body<Asked>,
) -> Result<Json<Answered>, Problem> {
    auth::check(&headers, &app, &asked.site, Scope::Read).await?;
    started(&app)?;
    let began_ms = (app.now_ms)();
    let now_ms = i64::try_from(began_ms).unwrap_or(i64::MAX);
    let as_of_ms = asked.as_of.unwrap_or(now_ms);
    let settings = settings(&app, &asked.site).await?;
    let question = Question {
        site: &asked.site,
        settings: &settings,
        as_of_ms,
    };
    let definition = segment::parse(asked.definition.json().map_err(invalid)?).map_err(invalid)?;
    let count = segment::count(&definition, &question).map_err(invalid)?;
    let wanted = asked.sample.unwrap_or(10).min(SAMPLE);
    let members = segment::members(&definition, &question, None, wanted.into()).map_err(invalid)?;

    let slot = tokio::time::timeout(PATIENCE, app.question_slots.acquire());
    let Ok(Ok(_slot)) = slot.await else {
        return Err(Problem::unavailable(
            "busy",
            "too many questions are being answered",
            5,
        ));
    };
    let count: Vec<u64> = run(&app, &count).await?;
    let sample: Vec<u64> = if wanted == 0 {
        Vec::new()
    } else {
        run(&app, &members).await?
    };
    Ok(Json(Answered {
        count: count.first().copied().unwrap_or(0),
        sample: sample.iter().map(u64::to_string).collect(),
        as_of: as_of_ms,
        took_ms: (app.now_ms)().saturating_sub(began_ms),
    }))
}

async fn run<T: RowOwned + RowRead>(app: &App, statement: &Statement) -> Result<Vec<T>, Problem> {
    let answer = app.store.question(statement, &app.bounds).await;
    answer.map_err(unanswered)
}

async fn settings(app: &App, site: &str) -> Result<SiteSettings, Problem> {
    let site = app.control.site(site).await.map_err(auth::from_control)?;
    let weekday = Weekday::from_monday_one_offset(site.week_start);
    let settings = weekday
        .map_err(|error| error.to_string())
        .and_then(|week_start| {
            SiteSettings::new(&site.time_zone, week_start, &site.currency)
                .map_err(|error| error.to_string())
        });
    settings.map_err(|problem| {
        error!(
            "the settings of the site `{}` are damaged: {problem}",
            site.slug
        );
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "bad_settings", problem)
    })
}

fn invalid(invalid: Invalid) -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        invalid.code.as_str(),
        invalid.message,
    )
    .at(invalid.pointer)
}

/// Before the tables are there nothing can be asked of them.
pub fn started(app: &App) -> Result<(), Problem> {
    if *app.drain.borrow() == DrainState::Starting {
        let detail = "the tables are being prepared";
        return Err(Problem::unavailable("starting", detail, 2));
    }
    Ok(())
}

pub fn unanswered(problem: StoreError) -> Problem {
    match problem {
        StoreError::Unreachable(_) | StoreError::NoRoom | StoreError::Overloaded { .. } => {
            warn!("a question could not be asked: {problem}");
            Problem::unavailable(
                "store_unavailable",
                "ClickHouse can't answer at the moment; events are taken all the same",
                5,
            )
        }
        StoreError::TooHeavy { .. } => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "too_heavy",
            "the question needs more time or memory than one may take; narrow its windows",
        ),
        StoreError::Data { .. }
        | StoreError::Vanished
        | StoreError::Refused { .. }
        | StoreError::Migration { .. } => {
            error!("a question failed: {problem}");
            Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "store_failed",
                "the question could not be answered; the log says why",
            )
        }
    }
}
