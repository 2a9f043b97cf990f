//! The real worker, in workerd, that sends to the backend over a bad network.

use anyhow::Result;
use serde::Deserialize;
use serde_json::json;
use std::{fs, net::SocketAddr, path::Path};
use tests::{backend::edge_key, page::SITE, process::Process};
use tokio::process::Command;

/// Secrets of a worker that nobody else reaches, which ends soon.
const SECRET: &str = "5d5bddb577102d0a960bcf6fea9050c10fe5e9feddcb5c2170ccab872db9ee87";

#[derive(Deserialize)]
struct Ready {
    url: String,
}

/// Starts the worker by `script` (`edge-worker/local.mjs`), with its log under `home`; gives
/// where it listens.
pub async fn start(
    script: &Path,
    home: &Path,
    backend: SocketAddr,
) -> Result<(Process, SocketAddr)> {
    let config = json!({
        "vars": { "SITES": { SITE: {
            "origins": ["https://shop.example"],
            "backend": format!("http://{backend}"),
        } } },
        "secrets": {
            "COOKIE_KEYS": format!("k1:{SECRET}"),
            "MINT_KEY": SECRET,
            "FORWARD_KEYS": edge_key(),
        },
    });
    let file = home.join("worker.json");
    fs::write(&file, config.to_string())?;
    // Never killed: workerd would stay behind.
    let mut command = Command::new("node");
    command.arg(script).arg("--config").arg(file);
    let (process, Ready { url }) = Process::start(&mut command, &home.join("worker.log")).await?;
    let address = url.trim_start_matches("http://").parse()?;
    Ok((process, address))
}
