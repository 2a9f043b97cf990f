//! The rows that a round of ours stored, as others would send them.

use crate::bodies::BODY_EVENTS;
use anyhow::Result;
use bytes::Bytes;
use serde_json::{Map, Value};
use tests::clickhouse::ClickHouse;

/// Rows of a bare insert.
const BLOCK_ROWS: u64 = 100_000;

/// The same rows in two forms.
pub struct Rows {
    /// How many.
    pub count: u64,
    /// Blocks of 100,000 in ClickHouse's own format, each sorted by the table's key.
    pub native: Vec<Bytes>,
    /// Bodies of 2,000 as a browser would say it: a JSON array of objects, without what is
    /// empty.
    pub json: Vec<Json>,
}

/// A body.
pub struct Json {
    /// Its bytes.
    pub bytes: Bytes,
    /// How many rows it holds.
    pub rows: u64,
}

impl Rows {
    /// Reads the table `events`, in blocks and bodies as the rows came in.
    pub async fn export(database: &ClickHouse) -> Result<Self> {
        let count = database.number("SELECT count() FROM events").await?;
        let mut native = Vec::new();
        let mut json = Vec::new();
        for block in 0..count.div_ceil(BLOCK_ROWS) {
            let came_in = format!(
                "SELECT * FROM events ORDER BY received_at, tab_id, seq
                 LIMIT {BLOCK_ROWS} OFFSET {}",
                block * BLOCK_ROWS
            );
            let sorted = format!(
                "SELECT * FROM ({came_in}) ORDER BY site, visitor_id, ts, event_id
                 SETTINGS max_block_size = {BLOCK_ROWS} FORMAT Native"
            );
            native.push(database.ask(&sorted).await?.into());
            let lines = database
                .ask(&format!("{came_in} FORMAT JSONEachRow"))
                .await?;
            json.extend(bodies(&String::from_utf8(lines)?)?);
        }
        Ok(Self {
            count,
            native,
            json,
        })
    }
}

fn bodies(lines: &str) -> Result<Vec<Json>> {
    let rows = lines.lines().map(|line| {
        let mut row: Map<String, Value> = serde_json::from_str(line)?;
        row.retain(|_, value| !is_empty(value));
        Ok(row)
    });
    let rows: Vec<_> = rows.collect::<Result<_>>()?;
    let bodies = rows.chunks(usize::try_from(BODY_EVENTS)?).map(|rows| {
        Ok(Json {
            bytes: serde_json::to_vec(rows)?.into(),
            rows: rows.len() as u64,
        })
    });
    bodies.collect()
}

/// What a column has anyway where nothing is said.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    }
}
