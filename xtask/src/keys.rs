//! The edge worker's secrets: `cargo xtask edge keys`, and those of a chain on this machine.

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};

/// The secrets by the names that the worker has for them; `wrangler.toml` says what each is.
#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub struct EdgeKeys {
    pub cookie_keys: String,
    pub mint_key: String,
    pub forward_keys: String,
    pub login_keys: String,
    pub message_keys: String,
}

impl EdgeKeys {
    /// New random ones, for these sites.
    pub fn make(sites: &[String]) -> Result<Self> {
        let of_each = |name: &str| -> Result<String> {
            let keys = sites
                .iter()
                .map(|site| Ok(format!("{site}/{name}:{}", random_key()?)));
            Ok(keys.collect::<Result<Vec<_>>>()?.join(","))
        };
        Ok(Self {
            cookie_keys: format!("k1:{}", random_key()?),
            mint_key: random_key()?,
            forward_keys: format!("f1:{}", random_key()?),
            login_keys: of_each("l1")?,
            message_keys: of_each("m1")?,
        })
    }
}

/// Prints new secrets as the JSON that `wrangler secret bulk` takes, and where each belongs.
pub fn print(sites: &[String]) -> Result<()> {
    for site in sites {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        ensure!(
            (3..=32).contains(&site.len()) && site.bytes().all(plain),
            "{site} is no site: 3 to 32 characters of a-z, 0-9 and -"
        );
    }
    println!("{}", serde_json::to_string_pretty(&EdgeKeys::make(sites)?)?);
    eprintln!(
        "All of them go to the worker: npx wrangler secret bulk FILE.
FORWARD_KEYS is also the backend's CRUMBTRAIL_EDGE_KEYS.
LOGIN_KEYS is also the shop's own backend's: it signs who is logged in.
MESSAGE_KEYS is also the backend's: it signs the links in messages.
Keep them where no repository is."
    );
    Ok(())
}

fn random_key() -> Result<String> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).context("the system gives no random bytes")?;
    Ok(hex::encode(key))
}
