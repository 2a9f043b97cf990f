//! What has come of a site lately.

use super::{Store, StoreError, in_time};
use clickhouse::Row;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What came from the pages of a host.
#[derive(Clone, Debug, PartialEq, Eq, Row, Serialize, Deserialize, ToSchema)]
pub struct Arrivals {
    /// The host; empty for what comes from servers, and for what can't be read.
    pub host: String,
    /// Events of the last 24 hours that are stored.
    pub stored: u64,
    /// Those that were set aside.
    pub rejected: u64,
    /// When the last one was received, milliseconds since the epoch.
    pub last_received_at: i64,
}

const SQL: &str = "
SELECT host, countIf(NOT aside) AS stored, countIf(aside) AS rejected,
       toUnixTimestamp64Milli(max(received_at)) AS last_received_at
FROM (
    SELECT toString(host) AS host, received_at, FALSE AS aside FROM events
    WHERE site = {site:String} AND received_at >= fromUnixTimestamp64Milli({since:Int64})
      AND ts >= fromUnixTimestamp64Milli({since:Int64}) - INTERVAL 31 DAY
    UNION ALL
    SELECT '' AS host, received_at, TRUE AS aside FROM rejected_events
    WHERE site = {site:String} AND received_at >= fromUnixTimestamp64Milli({since:Int64})
)
GROUP BY host
ORDER BY stored DESC, host
LIMIT 20";

impl Store {
    /// What came of a site since a moment, by host: the 20 hosts with the most.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn arrivals(&self, site: &str, since_ms: i64) -> Result<Vec<Arrivals>, StoreError> {
        let arrivals = self
            .client
            .query(SQL)
            .with_setting("readonly", "2")
            .param("site", site)
            .param("since", since_ms)
            .fetch_all();
        in_time(self.patience.look_up, arrivals).await
    }
}
