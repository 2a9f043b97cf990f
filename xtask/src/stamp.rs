//! Makes things only when what they are made of has changed.

use anyhow::{Context as _, Result};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What is noted beside a thing: what it was made of, and what the making gave.
#[derive(serde::Deserialize, Serialize)]
struct Note<T> {
    inputs: String,
    result: T,
}

/// Runs `make` unless `made` is there and was made of these very inputs, by this very
/// recipe (the source of what makes it). Gives what the making gave.
pub fn unless_made<T: Serialize + DeserializeOwned>(
    made: &Path,
    inputs: &[PathBuf],
    recipe: &str,
    make: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let note_path = made.with_extension("made.json");
    let digest = digest(inputs, recipe)?;
    if made.exists()
        && let Ok(note) = fs::read(&note_path)
        && let Ok(note) = serde_json::from_slice::<Note<T>>(&note)
        && note.inputs == digest
    {
        return Ok(note.result);
    }
    let note = Note {
        inputs: digest,
        result: make()?,
    };
    fs::write(&note_path, serde_json::to_vec(&note)?)?;
    Ok(note.result)
}

fn digest(inputs: &[PathBuf], recipe: &str) -> Result<String> {
    let mut digest = Sha256::new().chain_update(recipe);
    for input in inputs {
        let bytes = fs::read(input).with_context(|| format!("can't read {}", input.display()))?;
        digest.update(Sha256::digest(bytes));
    }
    Ok(hex::encode(digest.finalize()))
}
