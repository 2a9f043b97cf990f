//! The real engine, for tests.

use super::event::Event;
use crate::segment::{Param, SiteSettings, Statement};
use clickhouse::Client;
use std::env;

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

/// A database of that name with an empty table of events, and nothing else.
pub(super) async fn fresh(name: &str) -> Client {
    let client = client();
    for statement in ["DROP DATABASE IF EXISTS", "CREATE DATABASE"] {
        client
            .query(&format!("{statement} {name}"))
            .execute()
            .await
            .unwrap();
    }
    let client = client.with_database(name).with_setting("async_insert", "0");
    for statement in [
        include_str!("../../store/migrations/0001_events.sql"),
        include_str!("../../store/migrations/0003_pages_and_forms.sql"),
        include_str!("../../store/migrations/0010_people.sql"),
    ] {
        client.query(statement).execute().await.unwrap();
    }
    client
}

/// Stores events of a site.
pub(super) async fn store(client: &Client, site: &str, events: &[Event]) {
    if events.is_empty() {
        return;
    }
    let rows: Vec<String> = events
        .iter()
        .map(|event| event.row(site).to_string())
        .collect();
    let mut insert = client
        .clone()
        .with_setting("date_time_input_format", "basic")
        .insert_formatted_with("INSERT INTO events FORMAT JSONEachRow");
    insert.send(rows.join("\n").into()).await.unwrap();
    insert.end().await.unwrap();
}

/// The ids that a statement of members gives.
pub(super) async fn ids(client: &Client, statement: &Statement) -> Vec<u64> {
    bound(client, statement)
        .fetch_all()
        .await
        .unwrap_or_else(|error| panic!("{error}\n{}\n{:#?}", statement.text, statement.params))
}

/// The query with its parameters.
pub(super) fn bound(client: &Client, statement: &Statement) -> clickhouse::query::Query {
    // The crate reads a question mark as a place to bind; the text has none.
    assert!(!statement.text.contains('?'));
    let params: &[(String, Param)] = &statement.params;
    let query = client.query(&statement.text);
    params
        .iter()
        .fold(query, |query, (name, value)| query.param(name, value))
}

/// Settings of a site.
pub(super) fn settings(zone: &str, week_start: jiff::civil::Weekday) -> SiteSettings {
    SiteSettings::new(zone, week_start, "ILS").unwrap()
}
