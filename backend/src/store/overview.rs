//! What happened on a site and in its stores: figures by day, and what was looked at most.

use super::{Bounds, Store, StoreError};
use crate::{
    segment::{Param, Statement, converted},
    store::Span,
};
use clickhouse::Row;
use serde::Deserialize;

/// What visitors did in a day, or in all days of a period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Row, Deserialize)]
pub struct Visited {
    /// The day in the site's time zone, `YYYY-MM-DD`; empty for the whole period.
    pub day: String,
    /// Browsers that did more than stay.
    pub visitors: u64,
    /// Their visits.
    pub visits: u64,
    /// How long pages were looked at, in milliseconds.
    pub dwell_ms: u64,
    /// Visits in which something was put in the cart.
    pub carts: u64,
}

/// What was bought on a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Row, Deserialize)]
pub struct Sold {
    /// The day in the site's time zone, `YYYY-MM-DD`.
    pub day: String,
    /// Whether in a store, and not online.
    pub is_in_store: bool,
    /// Orders.
    pub orders: u64,
    /// Their value, in cents of the site's currency; without those whose rate isn't known.
    pub value_cents: i64,
}

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Fields of the segment language, each a column of events.
    pub fields: &'static [&'static str],
    /// Which events count: words of ours, as SQL.
    pub among: &'static str,
}

/// What was looked at, and by how many.
#[derive(Clone, Debug, PartialEq, Eq, Row, Deserialize)]
pub struct CountedRow {
    /// A value for each field.
    pub values: Vec<String>,
    /// Browsers.
    pub visitors: u64,
    /// Events.
    pub events: u64,
}

const THEIRS: &str = "site = {site:String} AND ts >= fromUnixTimestamp64Milli({from:Int64}) \
     AND ts < fromUnixTimestamp64Milli({until:Int64}) AND NOT bot AND NOT machine AND NOT staff";

/// The whole period is what the days don't add up to: who came on two of them is one visitor.
fn visited() -> String {
    format!(
        "SELECT if(grouping(date) = 1, '', toString(date)) AS day,
           uniqExactIf(visitor_id, type != 'dwell') AS visitors, uniqExact(session_id) AS visits,
           sum(ifNull(toUInt64(dwell_ms), 0)) AS dwell_ms, uniqExactIf(session_id, type = 'add_to_cart') AS carts
         FROM (
           SELECT toDate(ts, {{zone:String}}) AS date, visitor_id, session_id, type, dwell_ms
           FROM events PREWHERE {THEIRS}
         )
         GROUP BY GROUPING SETS ((date), ()) ORDER BY day"
    )
}

/// Of an order the shop's row counts, and without one the pixel's.
fn sold() -> String {
    let is_own = "currency = '' OR upper(currency) = {currency:String}";
    let cents = converted("value_cents", "rate_e8", is_own);
    format!(
        "SELECT toString(toDate(ts, {{zone:String}})) AS day, channel = 'store' AS is_in_store,
           count() AS orders, toInt64(sum(ifNull({cents}, 0))) AS value_cents
         FROM (
           SELECT ts, channel, currency, rate_e8, value_cents, cancelled FROM orders FINAL
           WHERE site = {{site:String}}
           ORDER BY order_id, is_feed DESC LIMIT 1 BY order_id
         )
         WHERE NOT cancelled AND ts >= fromUnixTimestamp64Milli({{from:Int64}})
           AND ts < fromUnixTimestamp64Milli({{until:Int64}})
         GROUP BY day, is_in_store ORDER BY day, is_in_store"
    )
}

impl Store {
    /// What visitors did in a span, by days of the zone, and in all of it.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn visited(
        &self,
        (site, zone): (&str, &str),
        span: Span,
        bounds: &Bounds,
    ) -> Result<Vec<Visited>, StoreError> {
        let mut statement = of(site, span, visited());
        statement.params.push(text("zone", zone));
        self.question(&statement, bounds).await
    }

    /// What was bought in a span, by days of the zone, online and in stores.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn sold(
        &self,
        (site, zone, currency): (&str, &str, &str),
        span: Span,
        bounds: &Bounds,
    ) -> Result<Vec<Sold>, StoreError> {
        let mut statement = of(site, span, sold());
        statement.params.push(text("zone", zone));
        statement.params.push(text("currency", currency));
        self.question(&statement, bounds).await
    }

    /// What most visitors of a span looked at.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn most(
        &self,
        site: &str,
        counted: &Counted,
        (span, most): (Span, u32),
        bounds: &Bounds,
    ) -> Result<Vec<CountedRow>, StoreError> {
        let values: Vec<String> = counted
            .fields
            .iter()
            .map(|field| format!("toString({field})"))
            .collect();
        let sql = format!(
            "SELECT [{}] AS values, uniqExact(visitor_id) AS visitors, count() AS events
             FROM events PREWHERE {THEIRS} AND {}
             GROUP BY values ORDER BY visitors DESC, events DESC, values
             LIMIT {{most:UInt32}}",
            values.join(", "),
            counted.among
        );
        let mut statement = of(site, span, sql);
        statement
            .params
            .push(("most".into(), Param::Int(most.into())));
        self.question(&statement, bounds).await
    }
}

fn of(site: &str, span: Span, text_of: String) -> Statement {
    Statement {
        text: text_of,
        params: vec![
            text("site", site),
            ("from".into(), Param::Int(span.from_ms.into())),
            ("until".into(), Param::Int(span.until_ms.into())),
        ],
    }
}

fn text(name: &str, value: &str) -> (String, Param) {
    (name.into(), Param::Text(value.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fresh;

    const BOUNDS: Bounds = Bounds {
        seconds: 30,
        memory_bytes: 1 << 30,
    };

    /// 20 and 21 November 2026 in Jerusalem.
    const DAYS: Span = Span {
        from_ms: 1_795_125_600_000,
        until_ms: 1_795_298_400_000,
    };

    #[tokio::test]
    async fn a_day_begins_at_its_midnight_and_one_visitor_of_two_days_is_one() {
        let (client, store) = fresh("store_overview").await;
        let events = "
            INSERT INTO events (site, visitor_id, session_id, ts, type, dwell_ms, path, is_session_start, channel,
                                utm_source, bot) VALUES
            ('shop', 1, 11, '2026-11-19 22:00:00.000', 'page_view', NULL, '/a', true, 'paid', 'ads', false),
            ('shop', 1, 11, '2026-11-19 22:01:00.000', 'dwell', 4000, '/a', false, 'paid', 'ads', false),
            ('shop', 1, 11, '2026-11-19 22:02:00.000', 'add_to_cart', NULL, '/a', false, 'paid', 'ads', false),
            ('shop', 1, 12, '2026-11-20 22:00:00.000', 'page_view', NULL, '/a', true, 'direct', '', false),
            ('shop', 2, 21, '2026-11-20 23:00:00.000', 'page_view', NULL, '/b', true, 'direct', '', false),
            ('shop', 2, 21, '2026-11-20 23:01:00.000', 'dwell', 500, '/b', false, 'direct', '', false),
            ('shop', 3, 31, '2026-11-20 23:00:00.000', 'page_view', NULL, '/b', true, 'direct', '', true),
            ('shop', 4, 41, '2026-11-19 21:59:59.999', 'page_view', NULL, '/b', true, 'direct', '', false),
            ('shop', 4, 41, '2026-11-21 22:00:00.000', 'page_view', NULL, '/b', true, 'direct', '', false),
            ('other', 5, 51, '2026-11-20 12:00:00.000', 'page_view', NULL, '/c', true, 'direct', '', false)";
        client.query(events).execute().await.unwrap();
        let of = ("shop", "Asia/Jerusalem");
        let visited = store.visited(of, DAYS, &BOUNDS).await.unwrap();
        let day = |day: &str, visitors, visits, dwell_ms, carts| Visited {
            day: day.into(),
            visitors,
            visits,
            dwell_ms,
            carts,
        };
        assert_eq!(
            visited,
            [
                day("", 2, 3, 4500, 1),
                day("2026-11-20", 1, 1, 4000, 1),
                day("2026-11-21", 2, 2, 500, 0),
            ]
        );
        let pages = Counted {
            fields: &["path"],
            among: "type = 'page_view'",
        };
        let pages = store.most("shop", &pages, (DAYS, 10), &BOUNDS).await;
        let row = |values: &[&str], visitors, events| CountedRow {
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            visitors,
            events,
        };
        assert_eq!(pages.unwrap(), [row(&["/a"], 1, 2), row(&["/b"], 1, 1)]);
        let sources = Counted {
            fields: &["channel", "utm_source"],
            among: "is_session_start",
        };
        let sources = store.most("shop", &sources, (DAYS, 1), &BOUNDS).await;
        assert_eq!(sources.unwrap(), [row(&["direct", ""], 2, 2)]);
    }

    #[tokio::test]
    async fn of_an_order_the_shops_row_counts_in_the_sites_currency() {
        let (client, store) = fresh("store_overview_orders").await;
        let orders = "
            INSERT INTO orders (site, order_id, is_feed, version, visitor_id, ts, channel, currency, rate_e8,
                                value_cents, cancelled) VALUES
            ('shop', 'both', false, 1, 1, '2026-11-20 10:00:00', 'online', 'ILS', 0, 5000, false),
            ('shop', 'both', true, 2, 0, '2026-11-20 10:00:00', 'online', 'ils', 0, 4000, false),
            ('shop', 'seen', false, 1, 1, '2026-11-20 11:00:00', 'online', '', 0, 100, false),
            ('shop', 'nobody', true, 1, 0, '2026-11-20 11:00:00', 'store', 'ILS', 0, 7000, false),
            ('shop', 'dollars', true, 1, 0, '2026-11-20 11:00:00', 'store', 'USD', 350000000, 1001, false),
            ('shop', 'unknown', true, 1, 0, '2026-11-20 11:00:00', 'store', 'USD', 0, 9999, false),
            ('shop', 'cancelled', false, 1, 1, '2026-11-20 10:00:00', 'online', 'ILS', 0, 5000, false),
            ('shop', 'cancelled', true, 2, 0, '2026-11-20 10:00:00', 'online', 'ILS', 0, 5000, true),
            ('shop', 'moved', false, 1, 1, '2026-11-21 10:00:00', 'online', 'ILS', 0, 5000, false),
            ('shop', 'moved', true, 2, 0, '2026-11-23 10:00:00', 'online', 'ILS', 0, 5000, false),
            ('other', 'theirs', true, 1, 0, '2026-11-20 11:00:00', 'store', 'ILS', 0, 7000, false)";
        client.query(orders).execute().await.unwrap();
        let of = ("shop", "Asia/Jerusalem", "ILS");
        let sold = store.sold(of, DAYS, &BOUNDS).await.unwrap();
        let on = |is_in_store, orders, value_cents| Sold {
            day: "2026-11-20".into(),
            is_in_store,
            orders,
            value_cents,
        };
        assert_eq!(sold, [on(false, 2, 4100), on(true, 3, 7000 + 3504)]);
    }
}
