//! What many build first: a service that takes events as JSON, answers at once, gathers them in
//! memory and inserts them as JSON. It keeps nothing on disk, looks for no copies, and drops
//! what it holds when it dies.

use crate::{
    ingest::{CONNECTIONS, Stored},
    rows::{Json as Body, Rows},
};
use anyhow::{Context as _, Result, ensure};
use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    routing::post,
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::{Client, StatusCode, header::CONTENT_TYPE};
use serde_json::{Map, Value};
use std::{net::Ipv4Addr, time::Duration};
use tests::{clickhouse::ClickHouse, clock::now};
use tokio::{
    net::TcpListener,
    sync::mpsc,
    time::{Instant, timeout_at},
};

/// Rows that are inserted together at most.
const INSERT_ROWS: u64 = 100_000;
/// How long rows gather.
const GATHER: Duration = Duration::from_secs(1);
/// Bodies that wait for an insert under way.
const WAITING: usize = 64;
/// Longest body, in bytes.
const BODY_BYTES: usize = 64 << 20;

/// Lines of JSON, and how many.
type Lines = (Vec<u8>, u64);

/// Posts all rows to such a service, until it has stored the last.
pub async fn measure(database: &ClickHouse, rows: &Rows) -> Result<Stored> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}/", listener.local_addr()?);
    let (gather, waiting) = mpsc::channel(WAITING);
    let routes = Router::new()
        .route("/", post(take))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .with_state(gather);
    let server = tokio::spawn(async { axum::serve(listener, routes).await });
    let before = database.usage()?;
    let began = now();
    let client = Client::new();
    let sending = stream::iter(&rows.json)
        .map(|body| send(&client, &url, body))
        .buffer_unordered(CONNECTIONS)
        .try_collect::<()>();
    tokio::try_join!(sending, store(database, waiting, rows.count))?;
    let stored = Stored {
        seconds: now().duration_since(began).as_secs_f64(),
        clickhouse_cpu_s: database.usage()?.since(before).cpu_s,
    };
    server.abort();
    Ok(stored)
}

async fn send(client: &Client, url: &str, body: &Body) -> Result<()> {
    let request = client.post(url).header(CONTENT_TYPE, "application/json");
    let response = request.body(body.bytes.clone()).send().await?;
    ensure!(
        response.status() == StatusCode::ACCEPTED,
        "{} for {} rows",
        response.status(),
        body.rows
    );
    response.bytes().await?;
    Ok(())
}

async fn take(
    State(gather): State<mpsc::Sender<Lines>>,
    Json(events): Json<Vec<Map<String, Value>>>,
) -> StatusCode {
    let mut lines = Vec::new();
    for event in &events {
        if serde_json::to_writer(&mut lines, event).is_err() {
            return StatusCode::INTERNAL_SERVER_ERROR;
        }
        lines.push(b'\n');
    }
    match gather.send((lines, events.len() as u64)).await {
        Ok(()) => StatusCode::ACCEPTED,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Inserts what gathers, until so many rows are stored.
async fn store(database: &ClickHouse, mut waiting: mpsc::Receiver<Lines>, rows: u64) -> Result<()> {
    let mut stored = 0;
    while stored < rows {
        let (mut lines, mut count) = waiting.recv().await.context("the service ended")?;
        let until = Instant::now() + GATHER;
        while count < INSERT_ROWS
            && let Ok(Some((more, rows))) = timeout_at(until, waiting.recv()).await
        {
            lines.extend(more);
            count += rows;
        }
        database.insert("json", "JSONEachRow", lines).await?;
        stored += count;
    }
    Ok(())
}
