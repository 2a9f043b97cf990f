//! How much a tab says that it recorded, by which loss is measured.

use super::row::millis;
use clickhouse::Row;
use protocol::batch::Batch;
use serde::Serialize;
use std::collections::BTreeMap;

/// A row of `tabs`. ClickHouse keeps of each tab the greatest counts, so that to insert it
/// again changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Row, Serialize)]
pub struct TabRow<'a> {
    site: &'a str,
    tab_id: u64,
    recorded: u32,
    lost: u32,
    dropped: u32,
    first_ts: i64,
    last_ts: i64,
}

/// The tabs of a chunk, by site and tab.
#[derive(Debug, Default)]
pub struct Tabs<'a>(BTreeMap<(&'a str, u64), TabRow<'a>>);

impl<'a> Tabs<'a> {
    /// What a batch tells of its own tab, and of the one before it in the browser; `ts` is when
    /// its first event happened, and its last.
    pub fn read(&mut self, batch: &Batch<'a>, ts: (u64, u64)) {
        let site = batch.site.as_str();
        let header = &batch.header;
        let recorded = batch.events.last().map_or(0, |last| last.seq + 1);
        self.add(TabRow {
            site,
            tab_id: header.tab_id.0,
            recorded,
            lost: header.lost,
            dropped: header.dropped,
            first_ts: millis(ts.0),
            last_ts: millis(ts.1),
        });
        if let Some(previous) = header.previous {
            self.add(TabRow {
                site,
                tab_id: previous.tab_id.0,
                recorded: previous.events,
                lost: 0,
                dropped: 0,
                first_ts: millis(ts.0),
                last_ts: millis(ts.0),
            });
        }
    }

    fn add(&mut self, row: TabRow<'a>) {
        let known = self.0.entry((row.site, row.tab_id)).or_insert(row.clone());
        known.recorded = known.recorded.max(row.recorded);
        known.lost = known.lost.max(row.lost);
        known.dropped = known.dropped.max(row.dropped);
        known.first_ts = known.first_ts.min(row.first_ts);
        known.last_ts = known.last_ts.max(row.last_ts);
    }

    /// The rows, in the table's order.
    pub fn rows(&self) -> Vec<TabRow<'a>> {
        self.0.values().cloned().collect()
    }
}
