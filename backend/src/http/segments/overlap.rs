//! Who is in several segments at once.

use super::asking::{Asking, Of, stated, turn};
use crate::{
    http::{
        Problem, Shared,
        auth::{At, Views},
        body::Body,
        preview::{started, unanswered},
    },
    segment::{self, ast::Node},
};
use axum::{Json, extract::State, http::StatusCode};
use clickhouse::Row;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// Most segments that are laid over each other.
const MOST: usize = 10;

/// Which segments.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Compared {
    /// Ids of 2 to 10 segments.
    #[schema(example = json!(["loyal", "left-a-cart"]), min_items = 2, max_items = 10)]
    segments: Vec<String>,
    /// The moment asked about, milliseconds since the epoch; now where it is left out.
    as_of: Option<i64>,
}

/// How segments lie over each other.
#[derive(Serialize, ToSchema)]
pub struct Overlap {
    /// How many people are in some of them.
    people: u64,
    /// How many are in each, in the order that was asked.
    sizes: Vec<u64>,
    /// Of each combination that somebody is in: who is in exactly these. The largest first.
    exactly: Vec<Combination>,
    /// The moment asked about, milliseconds since the epoch.
    as_of: i64,
}

/// Segments, and how many people are in exactly these of those that were asked.
#[derive(Serialize, ToSchema)]
pub struct Combination {
    /// Their ids.
    segments: Vec<String>,
    /// How many people.
    people: u64,
}

#[derive(Row, Deserialize)]
struct Together {
    places: Vec<u32>,
    people: u64,
}

/// Tells how many people are in which of several segments.
#[utoipa::path(
    post, path = "/v1/sites/{site}/segment-overlap", tag = "segments", request_body = Compared,
    params(("site" = String, Path, description = "the site's slug")),
    responses((status = 200, description = "how they lie over each other", body = Overlap), Problem),
    security(("key" = ["view"]))
)]
pub async fn overlap(
    at: At<Views>,
    State(app): Shared,
    Body(compared): Body<Compared>,
) -> Result<Json<Overlap>, Problem> {
    started(&app)?;
    let ids = &compared.segments;
    let distinct: BTreeSet<&String> = ids.iter().collect();
    if !(2..=MOST).contains(&ids.len()) || distinct.len() != ids.len() {
        let detail = format!("2 to {MOST} segments fit, each once");
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_setting", detail);
        return Err(problem.at("/segments".to_owned()));
    }
    let of = Of {
        as_of: compared.as_of,
        suppress: None,
    };
    let mut askings = Vec::with_capacity(ids.len());
    for id in ids {
        askings.push(Asking::of(&app, &at.site, id, &of).await?);
    }
    let all = Node::Any(
        askings
            .iter()
            .map(|asking| asking.definition.clone())
            .collect(),
    );
    let asking = Asking::of_definition(&app, &at.site, all, of.as_of).await?;
    let definitions: Vec<&Node> = askings.iter().map(|asking| &asking.definition).collect();
    let statement = stated(segment::together(&definitions, &asking.question()))?;
    let _turn = turn(&app).await?;
    let rows = app.store.question(&statement, &app.bounds).await;
    let rows: Vec<Together> = rows.map_err(unanswered)?;
    let mut sizes = vec![0; ids.len()];
    let mut exactly: Vec<Combination> = Vec::with_capacity(rows.len());
    for Together { places, people } in rows {
        // They are numbered from 1.
        let places: Vec<usize> = places
            .iter()
            .filter_map(|place| usize::try_from(*place).ok()?.checked_sub(1))
            .collect();
        for place in &places {
            if let Some(size) = sizes.get_mut(*place) {
                *size += people;
            }
        }
        let segments = places.iter().filter_map(|place| ids.get(*place).cloned());
        exactly.push(Combination {
            segments: segments.collect(),
            people,
        });
    }
    Ok(Json(Overlap {
        people: exactly.iter().map(|combination| combination.people).sum(),
        sizes,
        exactly,
        as_of: asking.as_of_ms,
    }))
}
