//! Reads what is stored, and compares it with the ledger.

use crate::ledger::{Ledger, Row, Verdict};
use ::tests::clickhouse::ClickHouse;
use anyhow::{Context as _, Result};

/// So many times a part of the rows is read, so that memory is bounded.
const PARTS: u32 = 16;

/// Compares all rows: each as it is stored, for FINAL would hide the ones to be found.
pub async fn judge(database: &ClickHouse, ledger: &mut Ledger) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    for part in 0..PARTS {
        let rows = format!(
            "SELECT toUInt128(event_id), tab_id, seq, toUnixTimestamp64Milli(ts), type
             FROM events WHERE tab_id % {PARTS} = {part} FORMAT TabSeparated"
        );
        let rows = String::from_utf8(database.ask(&rows).await?)?;
        for line in rows.lines() {
            ledger.judge_row(row(line).context("a row of events")?, &mut verdict)?;
        }
    }
    let tabs = "SELECT tab_id, max(recorded) FROM tabs GROUP BY tab_id FORMAT TabSeparated";
    let tabs = String::from_utf8(database.ask(tabs).await?)?;
    for line in tabs.lines() {
        let (tab, recorded) = line.split_once('\t').context("a row of tabs")?;
        ledger.judge_tab(tab.parse()?, recorded.parse()?, &mut verdict);
    }
    let aside = "SELECT reason, count() FROM rejected_events GROUP BY reason FORMAT TabSeparated";
    let aside = String::from_utf8(database.ask(aside).await?)?;
    for line in aside.lines() {
        verdict.wrong("reasons for which events were set aside", || {
            line.to_owned()
        });
    }
    ledger.sum_up(&mut verdict);
    Ok(verdict)
}

fn row(line: &str) -> Option<Row<'_>> {
    let mut fields = line.split('\t');
    Some(Row {
        id: fields.next()?.parse().ok()?,
        tab_id: fields.next()?.parse().ok()?,
        seq: fields.next()?.parse().ok()?,
        ts: fields.next()?.parse().ok()?,
        kind: fields.next()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read() {
        let row = row("12\t3\t4\t-5\tclick").unwrap();
        assert_eq!((row.id, row.tab_id, row.seq, row.ts), (12, 3, 4, -5));
        assert_eq!(row.kind, "click");
        assert!(super::row("12\t3").is_none());
    }
}
