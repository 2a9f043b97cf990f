//! How many people came into segments and left them, day by day.

use super::{Store, StoreError, in_time};
use clickhouse::Row;
use serde::Deserialize;

/// A day on which somebody came into a segment or left it.
#[derive(Row, Deserialize, Debug, PartialEq, Eq)]
pub struct Moves {
    /// The segment's id.
    pub segment: String,
    /// The day in the site's time zone, `YYYY-MM-DD`.
    pub day: String,
    /// How often somebody came.
    pub entered: u64,
    /// How often somebody left.
    pub left: u64,
}

const MOVES: &str = "
SELECT toString(segment) AS segment, toString(toDate(at, {zone:String})) AS day,
       countIf(is_in) AS entered, countIf(NOT is_in) AS left
FROM segment_changes FINAL
WHERE site = {site:String} AND ({segment:String} = '' OR segment_changes.segment = {segment:String})
GROUP BY segment, day ORDER BY segment, day";

impl Store {
    /// All days on which somebody came into a segment or left it, by their segments; of one
    /// segment where it is named.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn moves(
        &self,
        site: &str,
        segment: Option<&str>,
        zone: &str,
    ) -> Result<Vec<Moves>, StoreError> {
        let moves = self
            .client
            .query(MOVES)
            .param("site", site)
            .param("segment", segment.unwrap_or_default())
            .param("zone", zone)
            .fetch_all();
        in_time(self.patience.look_up, moves).await
    }
}
