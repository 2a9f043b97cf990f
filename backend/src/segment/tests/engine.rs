//! The real engine, for tests.

use super::event::Event;
use crate::{
    people::field::Fields,
    segment::{Known, Param, SiteSettings, Statement, Told, contact},
};
use clickhouse::{Client, Row, RowOwned, RowRead};
use serde::Deserialize;
use serde_json::Value;
use std::{collections::BTreeMap, env, fmt::Display, sync::LazyLock, time::Duration};

/// A client of the engine that `cargo xtask test` starts.
pub(super) fn client() -> Client {
    let url = env::var("CRUMBTRAIL_TEST_CLICKHOUSE")
        .expect("this test needs ClickHouse: run `cargo xtask test`, which starts it");
    let client = Client::default().with_url(url);
    match env::var("CRUMBTRAIL_TEST_CLICKHOUSE_SECRET") {
        Ok(secret) => client.with_user("default").with_password(secret),
        Err(_) => client,
    }
}

/// A database of that name with empty tables.
pub(super) async fn fresh(name: &str) -> Client {
    let (client, _) = crate::store::fresh(name).await;
    client.with_setting("async_insert", "0")
}

/// What the sites of tests have.
pub(super) static KNOWN: LazyLock<Known> = LazyLock::new(|| Known {
    fields: contact::fields(&Fields::standard("IL")),
    groups: ["vip".to_owned()].into(),
    segments: BTreeMap::new(),
});

/// Stores events of a site.
pub(super) async fn store(client: &Client, site: &str, events: &[Event]) {
    let rows: Vec<_> = events.iter().map(|event| event.row(site)).collect();
    insert(client, "events", &rows).await;
}

/// Stores rows of a table.
pub(super) async fn insert(client: &Client, table: &str, rows: &[Value]) {
    if rows.is_empty() {
        return;
    }
    let rows: Vec<String> = rows.iter().map(Value::to_string).collect();
    let mut insert = client
        .clone()
        .with_setting("date_time_input_format", "basic")
        .insert_formatted_with(format!("INSERT INTO {table} FORMAT JSONEachRow"));
    insert.send(rows.join("\n").into()).await.unwrap();
    insert.end().await.unwrap();
}

/// The ids that a statement of members gives.
pub(super) async fn ids(client: &Client, statement: &Statement) -> Vec<u64> {
    rows(client, statement).await
}

/// What a statement of previews gives.
pub(super) async fn previews(client: &Client, statement: &Statement) -> Vec<Preview> {
    rows(client, statement).await
}

/// What a statement of explanations gives.
pub(super) async fn told(client: &Client, statement: &Statement) -> Vec<Told> {
    rows(client, statement).await
}

/// The rows that a statement gives, in good time.
async fn rows<T: RowOwned + RowRead>(client: &Client, statement: &Statement) -> Vec<T> {
    let rows = bound(client, statement).fetch_all();
    let failed =
        |error: &dyn Display| panic!("{error}\n{}\n{:#?}", statement.text, statement.params);
    match tokio::time::timeout(Duration::from_secs(120), rows).await {
        Ok(rows) => rows.unwrap_or_else(|error| failed(&error)),
        Err(late) => failed(&late),
    }
}

/// Of each node for how many it is true, and how many more would be in without it; and members.
#[derive(Row, Deserialize)]
pub(super) struct Preview {
    pub counts: Vec<(u64, u64)>,
    pub sample: Vec<u64>,
}

/// The query with its parameters.
pub(super) fn bound(client: &Client, statement: &Statement) -> clickhouse::query::Query {
    // The crate reads a question mark as a place to bind; the text has none.
    assert!(!statement.text.contains('?'));
    let params: &[(String, Param)] = &statement.params;
    // Whatever it asks, it is asked of a few rows.
    let query = client
        .query(&statement.text)
        .with_setting("max_execution_time", "30");
    params
        .iter()
        .fold(query, |query, (name, value)| query.param(name, value))
}

/// Settings of a site.
pub(super) fn settings(zone: &str, week_start: jiff::civil::Weekday) -> SiteSettings {
    SiteSettings::new(zone, week_start, "ILS").unwrap()
}
