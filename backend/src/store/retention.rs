//! For how long events are kept: one rule a site, carried out by ClickHouse's merges.

use super::{Store, StoreError, in_time};
use clickhouse::Row;
use protocol::id::Site;
use serde::Deserialize;

/// The tables whose rows go with time.
const TABLES: [&str; 2] = ["events", "messages"];

/// Keeps a site's rows for so many days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention<'a> {
    /// The site.
    pub site: Site<'a>,
    /// The days.
    pub days: u16,
}

#[derive(Row, Deserialize)]
struct Table {
    create_table_query: String,
}

impl Store {
    /// Makes these the rules; sites without one keep their rows for good. Nothing is done where
    /// they are the rules already.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn retain(&self, rules: &[Retention<'_>]) -> Result<(), StoreError> {
        for table in TABLES {
            let made = self
                .client
                .query(
                    "SELECT create_table_query FROM system.tables
                     WHERE database = currentDatabase() AND name = {table:String}",
                )
                .param("table", table)
                .fetch_one::<Table>();
            let made = in_time(self.patience.look_up, made).await?;
            let rules: Vec<String> = rules.iter().map(clause).collect();
            let rules = rules.join(", ");
            let sql = match rules_of(&made.create_table_query) {
                made if made == rules => continue,
                _ if rules.is_empty() => format!("ALTER TABLE {table} REMOVE TTL"),
                _ => format!("ALTER TABLE {table} MODIFY TTL {rules}"),
            };
            self.alter(&sql).await?;
        }
        Ok(())
    }
}

/// The rules that a table was made with.
fn rules_of(create_table: &str) -> &str {
    let (_, rest) = create_table.split_once(" TTL ").unwrap_or_default();
    rest.split_once(" SETTINGS ")
        .map_or(rest, |(rules, _)| rules)
}

/// As ClickHouse writes it. A slug is of letters, digits and hyphens.
fn clause(rule: &Retention<'_>) -> String {
    let Retention { site, days } = rule;
    format!(
        "toDateTime(ts) + toIntervalDay({days}) WHERE site = '{}'",
        site.as_str()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fresh;

    #[tokio::test]
    async fn each_site_keeps_its_own_days() {
        let (client, store) = fresh("retention").await;
        let rule = |slug, days| Retention {
            site: Site::new(slug).unwrap(),
            days,
        };
        let insert = "INSERT INTO events (site, ts, event_id)
            SELECT arrayJoin(['week', 'month', 'good']), now64(3) - INTERVAL number DAY, generateUUIDv4()
            FROM numbers(40)";
        client.query(insert).execute().await.unwrap();
        let kept = async |rules: &[Retention<'_>]| -> Vec<(String, u64)> {
            store.retain(rules).await.unwrap();
            client
                .query("OPTIMIZE TABLE events FINAL")
                .execute()
                .await
                .unwrap();
            let count = "SELECT site, count() FROM events GROUP BY site ORDER BY site";
            client.query(count).fetch_all().await.unwrap()
        };
        let kept_of = |week, month| {
            [("good", 40), ("month", month), ("week", week)].map(|(site, n)| (site.to_owned(), n))
        };
        assert_eq!(kept(&[]).await, kept_of(40, 40));
        let rules = [rule("month", 30), rule("week", 7)];
        assert_eq!(kept(&rules).await, kept_of(7, 30));
        assert_eq!(
            kept(&rules).await,
            kept_of(7, 30),
            "again, it is nothing new"
        );
        assert_eq!(kept(&[rule("month", 10)]).await, kept_of(7, 10));
        assert_eq!(kept(&[]).await, kept_of(7, 10));
    }
}
