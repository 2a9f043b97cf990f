//! `GET /v1/sites/{site}/overview` and `…/top`: what happened on a site and in its stores.

use super::{
    App, Problem, Shared,
    auth::{At, Views},
    body::Query,
    days::{Days, Period},
    preview::{started, unanswered},
    segments::turn,
};
use crate::{
    control::SiteSettings,
    store::{Counted, Sold, Visited},
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use utoipa::{IntoParams, ToSchema};

/// How many days there are where nobody says which.
const USUAL_DAYS: i32 = 30;
/// How much of what was looked at is told.
const MOST: u32 = 10;

/// What happened in some days, and in as many before them.
#[derive(Serialize, ToSchema)]
pub struct Overview {
    /// The site's time zone.
    time_zone: String,
    /// The site's currency.
    #[schema(example = "ILS")]
    currency: String,
    /// The days that were asked about.
    now: Told,
    /// As many right before.
    before: Told,
}

/// What happened in some days.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Told {
    /// The first day, in the site's time zone.
    #[schema(example = "2026-10-24")]
    from: String,
    /// The last day.
    #[schema(example = "2026-11-22")]
    to: String,
    /// All of them together: who came on several days is one visitor.
    total: Happened,
    /// Each of them, also those on which nothing happened.
    days: Vec<HappenedOn>,
}

/// Figures.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Happened {
    /// Browsers that did something. A person may have several.
    visitors: u64,
    /// Visits.
    visits: u64,
    /// How long pages were looked at, in milliseconds.
    dwell_ms: u64,
    /// Visits in which something was put in the cart.
    carts: u64,
    /// Online.
    online: Sales,
    /// In stores.
    store: Sales,
}

/// What was bought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Sales {
    /// Orders that were not cancelled.
    orders: u64,
    /// Their value in cents of the site's currency, without those in another one that state no rate.
    value_cents: i64,
}

/// A day's figures.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HappenedOn {
    /// The day.
    #[schema(example = "2026-11-22")]
    day: String,
    /// What happened on it.
    #[serde(flatten)]
    happened: Happened,
}

/// Tells what happened on a site and in its stores, day by day, beside as many days before.
#[utoipa::path(
    get, path = "/v1/sites/{site}/overview", tag = "overview",
    params(("site" = String, Path, description = "the site's slug"), Days),
    responses((status = 200, description = "by day; thirty days by default", body = Overview), Problem),
    security(("key" = ["view"]))
)]
pub async fn tell(
    at: At<Views>,
    State(app): Shared,
    Query(days): Query<Days>,
) -> Result<Json<Overview>, Problem> {
    started(&app)?;
    let now = days.of(&at.site.time_zone, USUAL_DAYS, (app.now_ms)())?;
    let _turn = turn(&app).await?;
    Ok(Json(Overview {
        before: told(&app, &at.site, &now.before()).await?,
        now: told(&app, &at.site, &now).await?,
        time_zone: at.site.time_zone,
        currency: at.site.currency,
    }))
}

async fn told(app: &App, site: &SiteSettings, period: &Period) -> Result<Told, Problem> {
    let (slug, zone, span) = (&*site.slug, &*site.time_zone, period.span()?);
    let visited = app.store.visited((slug, zone), span, &app.bounds).await;
    let of = (slug, zone, &*site.currency);
    let sold = app.store.sold(of, span, &app.bounds).await;
    Ok(together(
        period,
        visited.map_err(unanswered)?,
        &sold.map_err(unanswered)?,
    ))
}

/// Figures of days by day, and of all of them.
fn together(period: &Period, visited: Vec<Visited>, sold: &[Sold]) -> Told {
    let mut visited: HashMap<String, Visited> = visited
        .into_iter()
        .map(|visited| (visited.day.clone(), visited))
        .collect();
    let mut happened = |day: &str, sold: &mut dyn Iterator<Item = &Sold>| {
        let visited = visited.remove(day).unwrap_or_default();
        let mut happened = Happened {
            visitors: visited.visitors,
            visits: visited.visits,
            dwell_ms: visited.dwell_ms,
            carts: visited.carts,
            ..Happened::default()
        };
        for sold in sold {
            let sales = if sold.is_in_store {
                &mut happened.store
            } else {
                &mut happened.online
            };
            sales.orders += sold.orders;
            sales.value_cents += sold.value_cents;
        }
        happened
    };
    Told {
        from: period.first.to_string(),
        to: period.last.to_string(),
        total: happened("", &mut sold.iter()),
        days: period
            .days()
            .map(|day| {
                let day = day.to_string();
                let happened = happened(&day, &mut sold.iter().filter(|sold| sold.day == day));
                HappenedOn { day, happened }
            })
            .collect(),
    }
}

/// What may be looked at.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Of {
    /// Pages, by their paths.
    Pages,
    /// Categories of pages.
    Categories,
    /// Products of pages.
    Products,
    /// Where visits came from.
    Sources,
    /// What was searched for on the site.
    Searches,
    /// Kinds of device.
    Devices,
}

/// What to tell of.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct OfWhat {
    /// What was looked at.
    #[param(inline)]
    of: Of,
    /// The first day, `YYYY-MM-DD` in the site's time zone; 29 days before the last one where it
    /// is left out.
    #[param(value_type = Option<String>, example = "2026-10-24")]
    from: Option<jiff::civil::Date>,
    /// The last day; today where it is left out.
    #[param(value_type = Option<String>, example = "2026-11-22")]
    to: Option<jiff::civil::Date>,
}

/// Something that was looked at.
#[derive(Serialize, ToSchema)]
pub struct Top {
    /// What it is: a value for each field of the segment language, as filters of an event ask it.
    #[schema(example = json!({ "path": "/sale" }))]
    fields: BTreeMap<String, String>,
    /// Browsers that did.
    visitors: u64,
    /// How often.
    events: u64,
}

/// Tells what most visitors looked at, at most ten.
#[utoipa::path(
    get, path = "/v1/sites/{site}/top", tag = "overview",
    params(("site" = String, Path, description = "the site's slug"), OfWhat),
    responses((status = 200, description = "the most visited first", body = Vec<Top>), Problem),
    security(("key" = ["view"]))
)]
pub async fn most(
    at: At<Views>,
    State(app): Shared,
    Query(OfWhat { of, from, to }): Query<OfWhat>,
) -> Result<Json<Vec<Top>>, Problem> {
    started(&app)?;
    let days = Days { from, to };
    let period = days.of(&at.site.time_zone, USUAL_DAYS, (app.now_ms)())?;
    let counted = of.counted();
    let _turn = turn(&app).await?;
    let most = (period.span()?, MOST);
    let rows = app
        .store
        .most(&at.site.slug, &counted, most, &app.bounds)
        .await;
    let top = rows.map_err(unanswered)?.into_iter().map(|row| Top {
        fields: counted
            .fields
            .iter()
            .map(|field| (*field).to_owned())
            .zip(row.values)
            .filter(|(_, value)| !value.is_empty())
            .collect(),
        visitors: row.visitors,
        events: row.events,
    });
    Ok(Json(top.collect()))
}

impl Of {
    /// As events know it.
    const fn counted(self) -> Counted {
        let (fields, among): (&[&str], &str) = match self {
            Self::Pages => (&["path"], "type = 'page_view'"),
            Self::Categories => (&["category"], "type = 'page_view' AND category != ''"),
            Self::Products => (&["product"], "type = 'view_item' AND product != ''"),
            Self::Sources => (
                &["channel", "utm_source", "referrer_host"],
                "is_session_start AND channel != ''",
            ),
            Self::Searches => (&["search_term"], "type = 'search' AND search_term != ''"),
            Self::Devices => (&["device"], "type = 'page_view' AND device != ''"),
        };
        Counted { fields, among }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_on_which_nothing_happened_are_told_and_periods_follow_each_other() {
        let days = Days {
            from: Some("2026-11-20".parse().unwrap()),
            to: Some("2026-11-21".parse().unwrap()),
        };
        let period = days.of("Asia/Jerusalem", USUAL_DAYS, 0).unwrap();
        let before = period.before();
        assert_eq!(
            (before.first.to_string(), before.last.to_string()),
            ("2026-11-18".into(), "2026-11-19".into())
        );
        assert_eq!(
            before.span().unwrap().until_ms,
            period.span().unwrap().from_ms
        );
        let visited = |day: &str| Visited {
            day: day.into(),
            visitors: 1,
            ..Visited::default()
        };
        let sold = |day: &str, is_in_store| Sold {
            day: day.into(),
            is_in_store,
            orders: 1,
            value_cents: 500,
        };
        let told = together(
            &period,
            vec![visited(""), visited("2026-11-21")],
            &[sold("2026-11-20", true), sold("2026-11-21", false)],
        );
        let told: Vec<_> = std::iter::once(("", told.total))
            .chain(
                told.days
                    .iter()
                    .map(|day| (&*day.day, day.happened.clone())),
            )
            .map(|(day, of)| (day, of.visitors, of.online.orders, of.store.value_cents))
            .collect();
        assert_eq!(
            told,
            [
                ("", 1, 1, 500),
                ("2026-11-20", 0, 0, 500),
                ("2026-11-21", 1, 1, 0)
            ]
        );
    }
}
