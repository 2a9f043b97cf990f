//! How segments grew and shrank, day by day.

use super::refused;
use crate::{
    http::{
        Problem, Shared,
        auth::{At, Views, from_control},
        body::Query,
        days::today,
        preview::{started, unanswered},
    },
    store::Moves,
};
use axum::{Json, extract::State, http::StatusCode};
use jiff::{ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// Most days at once.
const MOST: i32 = 366;

/// Which segments, and how far back.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Stretch {
    /// A segment's id; all live ones where it is left out.
    segment: Option<String>,
    /// How many days, today the last; 30 where it is left out.
    #[param(minimum = 1, maximum = 366)]
    days: Option<i32>,
}

/// How segments grew and shrank.
#[derive(Serialize, ToSchema)]
pub struct Trends {
    /// The site's time zone.
    time_zone: String,
    /// Of each segment its days, the earliest first.
    segments: BTreeMap<String, Vec<TrendDay>>,
}

/// A day of a segment.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TrendDay {
    /// The day in the site's time zone.
    #[schema(example = "2026-11-21")]
    day: String,
    /// How often somebody came in.
    entered: u64,
    /// How often somebody left.
    left: u64,
    /// How many people were in it at the day's end.
    size: u64,
}

/// Tells how many people came into segments and left them on each day.
#[utoipa::path(
    get, path = "/v1/sites/{site}/segment-trends", tag = "segments",
    params(("site" = String, Path, description = "the site's slug"), Stretch),
    responses((status = 200, description = "by segment and day", body = Trends), Problem),
    security(("key" = ["view"]))
)]
pub async fn trends(
    at: At<Views>,
    State(app): Shared,
    Query(stretch): Query<Stretch>,
) -> Result<Json<Trends>, Problem> {
    started(&app)?;
    let bad = |detail: String| Problem::new(StatusCode::BAD_REQUEST, "bad_query", detail);
    let days = stretch.days.unwrap_or(30);
    if !(1..=MOST).contains(&days) {
        return Err(bad(format!("days: 1 to {MOST} fit")));
    }
    let (site, zone) = (&at.site.slug, &at.site.time_zone);
    let named = stretch.segment.as_deref();
    let segments: Vec<String> = match named {
        Some(segment) => {
            app.control.segment(site, segment).await.map_err(refused)?;
            vec![segment.to_owned()]
        }
        None => {
            let listed = app
                .control
                .segments(site, false)
                .await
                .map_err(from_control)?;
            listed.into_iter().map(|segment| segment.id).collect()
        }
    };
    let last = today(zone, (app.now_ms)()).map_err(bad)?;
    let moves = app.store.moves(site, named, zone).await;
    let mut moves = by_segment(moves.map_err(unanswered)?);
    let days = segments.into_iter().map(|segment| {
        let moves = moves.remove(&segment).unwrap_or_default();
        (segment, trend(&moves, last, days))
    });
    Ok(Json(Trends {
        segments: days.collect(),
        time_zone: zone.clone(),
    }))
}

fn by_segment(moves: Vec<Moves>) -> BTreeMap<String, Vec<Moves>> {
    let mut all: BTreeMap<String, Vec<Moves>> = BTreeMap::new();
    for day in moves {
        all.entry(day.segment.clone()).or_default().push(day);
    }
    all
}

/// The last so many days, also those on which nothing happened, from all days on which something
/// did.
fn trend(moves: &[Moves], last: Date, days: i32) -> Vec<TrendDay> {
    let first = last.saturating_sub((days - 1).days());
    // Dates that are written so are in order as texts are.
    let before = moves.iter().filter(|moved| moved.day < first.to_string());
    let mut size = before.fold(0_u64, after);
    first
        .series(1.day())
        .take_while(|day| *day <= last)
        .map(|day| {
            let day = day.to_string();
            let moved = moves.iter().find(|moved| moved.day == day);
            let (entered, left) = moved.map_or((0, 0), |moved| (moved.entered, moved.left));
            size = moved.map_or(size, |moved| after(size, moved));
            TrendDay {
                day,
                entered,
                left,
                size,
            }
        })
        .collect()
}

fn after(size: u64, moved: &Moves) -> u64 {
    (size + moved.entered).saturating_sub(moved.left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn every_day_is_told_and_what_was_before_counts() {
        let moved = |day: &str, entered, left| Moves {
            segment: "loyal".into(),
            day: day.into(),
            entered,
            left,
        };
        let moves = [
            moved("2026-10-01", 10, 0),
            moved("2026-11-20", 3, 1),
            moved("2026-11-22", 0, 4),
        ];
        let days = trend(&moves, date(2026, 11, 22), 4);
        let told: Vec<_> = days
            .iter()
            .map(|day| (day.day.as_str(), day.entered, day.left, day.size))
            .collect();
        assert_eq!(
            told,
            [
                ("2026-11-19", 0, 0, 10),
                ("2026-11-20", 3, 1, 12),
                ("2026-11-21", 0, 0, 12),
                ("2026-11-22", 0, 4, 8)
            ]
        );
    }
}
