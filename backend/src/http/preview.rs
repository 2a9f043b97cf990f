//! `POST /v1/segments/preview`: how many people a definition is true for, and some of them.

use super::{
    App, Problem, Shared, auth,
    body::Body,
    discreet,
    segments::{Asking, invalid, turn},
};
use crate::{
    control::Scope,
    ingest::drain::DrainState,
    segment::{self, Definition, margin, nodes::taken_out, one_in},
    store::StoreError,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use clickhouse::Row;
use serde::{Deserialize, Serialize};
use tracing::{error, warn};
use utoipa::ToSchema;

/// Most people in a sample.
const SAMPLE: u16 = 100;

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
    sample: Option<u16>,
    /// Whether an estimate will do where the site is large, so that the answer comes as fast as
    /// one types. It says that it is one; the same question without this is answered exactly.
    #[serde(default)]
    estimate: bool,
}

/// An answer.
#[derive(Serialize, ToSchema)]
pub struct Answered {
    /// How many people the definition is true for.
    count: u64,
    /// The same of each node of the definition, the whole first.
    nodes: Vec<Counted>,
    /// Some of them, by their ids as text, ascending.
    sample: Vec<String>,
    /// Of which people the counts are an estimate; nothing where they are exact.
    estimate: Option<Estimate>,
    /// The moment asked about, milliseconds since the epoch.
    as_of: i64,
    /// How long it took, in milliseconds.
    took_ms: u64,
}

/// Counts of some people that stand for all.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Estimate {
    /// Of so many people one was asked, whatever they did; the counts are multiplied by it.
    one_in: u32,
    /// The exact `count` is nearer than this to the one that is told, in 19 of 20 cases.
    margin: u64,
}

/// A node of a definition.
#[derive(Serialize, ToSchema)]
pub struct Counted {
    /// Where it stands in the definition, by RFC 6901; empty for the whole.
    #[schema(example = "/all/0")]
    pointer: String,
    /// How many people it is true for.
    alone: u64,
    /// How many people who are not in the segment would be, without it; nothing for the whole.
    without: Option<u64>,
}

#[derive(Row, Deserialize)]
struct Previewed {
    counts: Vec<(u64, u64)>,
    sample: Vec<u64>,
}

/// Counts the people that a definition is true for, and names some of them.
#[utoipa::path(
    post, path = "/v1/segments/preview", tag = "segments", request_body = Asked,
    responses((status = 200, description = "how many, and some of them", body = Answered), Problem),
    security(("key" = ["view"]))
)]
pub async fn answer(
    State(app): Shared,
    headers: HeaderMap,
    Body(asked): Body<Asked>,
) -> Result<Json<Answered>, Problem> {
    let caller = auth::check(&headers, &app, &asked.site, Scope::View).await?;
    started(&app)?;
    let began_ms = (app.now_ms)();
    let now_ms = i64::try_from(began_ms).unwrap_or(i64::MAX);
    let as_of_ms = asked.as_of.unwrap_or(now_ms);
    let site = app
        .control
        .site(&asked.site)
        .await
        .map_err(auth::from_control)?;
    let definition = segment::parse(asked.definition.json().map_err(invalid)?).map_err(invalid)?;
    if !caller.sees_contacts() {
        discreet::check_question(&definition)?;
    }
    let asking = Asking::of_definition(&app, &site, definition, Some(as_of_ms)).await?;
    let wanted = asked.sample.unwrap_or(10).min(SAMPLE);
    let one_in = if asked.estimate {
        one_in(app.store.events_of(&site.slug).await.map_err(unanswered)?)
    } else {
        1
    };
    let preview = segment::preview(&[&asking.definition], &asking.question(), wanted, one_in);
    let (nodes, statement) = preview.map_err(invalid)?;

    let _turn = turn(&app).await?;
    let answer = app.store.question(&statement, &app.bounds).await;
    let Some(Previewed { counts, sample }) = answer.map_err(unanswered)?.pop() else {
        return Err(unanswered(StoreError::Vanished));
    };
    let nodes: Vec<Counted> = nodes
        .iter()
        .flat_map(|nodes| {
            (0..)
                .zip(nodes)
                .map(move |(place, node)| (nodes, place, node))
        })
        .zip(counts)
        .map(|((nodes, place, node), (alone, without))| Counted {
            pointer: node.pointer.clone(),
            alone: alone * u64::from(one_in),
            without: taken_out(nodes, place).map(|_| without * u64::from(one_in)),
        })
        .collect();
    let count = nodes.first().map_or(0, |root| root.alone);
    Ok(Json(Answered {
        count,
        estimate: (one_in > 1).then(|| Estimate {
            one_in,
            margin: margin(count / u64::from(one_in), one_in),
        }),
        nodes,
        sample: sample.iter().map(u64::to_string).collect(),
        as_of: as_of_ms,
        took_ms: (app.now_ms)().saturating_sub(began_ms),
    }))
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
        | StoreError::Unreadable(_)
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
