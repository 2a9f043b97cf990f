//! Fetching a backup from a running backend.

use futures_util::StreamExt as _;
use reqwest::Client;
use std::{
    io,
    path::{Path, PathBuf},
};
use tokio::{fs::OpenOptions, io::AsyncWriteExt as _};

/// Why a backup was not fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The backend, or the way to it.
    #[error("{0}")]
    Backend(#[from] reqwest::Error),
    /// The backend refuses.
    #[error("the backend answers {0}")]
    Refused(String),
    /// The file.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
}

/// Fetches a backup from the backend at `url` into a file, which is there only once it is whole.
/// Gives its bytes.
///
/// # Errors
/// [`FetchError`]; what came so far is beside the file, with `.part` behind its name.
pub async fn fetch(url: &str, key: &str, to: &Path) -> Result<u64, FetchError> {
    let part = PathBuf::from(format!("{}.part", to.display()));
    let of_file = |error| FetchError::File(part.clone(), error);
    let asked = Client::new()
        .get(format!("{}/v1/backup", url.trim_end_matches('/')))
        .bearer_auth(key);
    let answer = asked.send().await?;
    let status = answer.status();
    if !status.is_success() {
        return Err(FetchError::Refused(format!(
            "{status}: {}",
            answer.text().await?
        )));
    }
    // It holds all that is known of people: nobody else is to read it.
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&part).await.map_err(of_file)?;
    let mut bytes = 0;
    let mut pieces = answer.bytes_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        file.write_all(&piece).await.map_err(of_file)?;
        bytes += piece.len() as u64;
    }
    file.sync_all().await.map_err(of_file)?;
    tokio::fs::rename(&part, to).await.map_err(of_file)?;
    Ok(bytes)
}
