//! What of a site's events came, by what its tabs say that they recorded.

use super::{Store, StoreError, in_time};
use clickhouse::Row;
use serde::{Deserialize, Serialize};

/// A span of time, in milliseconds since the epoch; its end is no part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its beginning.
    pub from_ms: i64,
    /// Its end.
    pub until_ms: i64,
}

/// The events of a day's tabs.
#[derive(Clone, Debug, PartialEq, Eq, Row, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Day {
    /// The day, `YYYY-MM-DD`.
    pub day: String,
    /// Tabs, that is page loads, that began on it.
    pub tabs: u64,
    /// Events that these say they recorded.
    pub recorded: u64,
    /// Of these, stored.
    pub stored: u64,
    /// Set aside in `rejected_events`, with the reason; for two weeks.
    pub rejected: u64,
    /// Not recorded, for the browser had no room.
    pub no_room: u64,
    /// None of these: given up, or still on their way.
    pub missing: u64,
    /// Events that tabs of this day gave up, their own or an earlier tab's: refused for good,
    /// or older than 29 days. They are among the missing of their own tab's day.
    pub given_up: u64,
}

/// Events are looked for up to a week after their tab began.
const SQL: &str = "
SELECT
    toString(toDate(told.first, {zone:String})) AS day,
    count() AS tabs,
    sum(told.most) AS recorded,
    sum(kept.seqs) AS stored,
    sum(aside.seqs) AS rejected,
    sum(told.unrecorded) AS no_room,
    sum(greatest(0, toInt64(told.most) - told.unrecorded - kept.seqs - aside.seqs))::UInt64 AS missing,
    sum(told.refused) AS given_up
FROM (
    SELECT tab_id, min(first_ts) AS first, max(recorded) AS most, max(lost) AS unrecorded,
           max(dropped) AS refused
    FROM tabs
    WHERE site = {site:String}
    GROUP BY tab_id
    HAVING first >= fromUnixTimestamp64Milli({from:Int64})
       AND first < fromUnixTimestamp64Milli({until:Int64})
) AS told
LEFT JOIN (
    SELECT tab_id, uniqExact(seq) AS seqs
    FROM events
    WHERE site = {site:String}
      AND ts >= fromUnixTimestamp64Milli({from:Int64}) - INTERVAL 1 DAY
      AND ts < fromUnixTimestamp64Milli({until:Int64}) + INTERVAL 7 DAY
    GROUP BY tab_id
) AS kept USING tab_id
LEFT JOIN (
    SELECT tab_id, uniqExact(seq) AS seqs
    FROM rejected_events
    WHERE site = {site:String}
    GROUP BY tab_id
) AS aside USING tab_id
GROUP BY day
ORDER BY day";

impl Store {
    /// What became of the events of tabs that began in a span, by days of the zone.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn quality(
        &self,
        site: &str,
        zone: &str,
        span: Span,
    ) -> Result<Vec<Day>, StoreError> {
        let days = self
            .client
            .query(SQL)
            .with_setting("readonly", "2")
            .param("site", site)
            .param("zone", zone)
            .param("from", span.from_ms)
            .param("until", span.until_ms)
            .fetch_all();
        in_time(self.patience.look_up, days).await
    }
}
