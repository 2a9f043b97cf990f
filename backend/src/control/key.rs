//! API keys: shown once, stored hashed, of one site and one scope.
//!
//! A key reads `ct_<id>_<secret>`, with 64 random bits of id and 256 of secret, in hex.

use super::{Control, ControlError};
use clap::ValueEnum;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

/// What a key allows. Each scope includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Scope {
    /// Questions.
    Read,
    /// Questions, and data in.
    Write,
    /// Everything.
    Admin,
}

impl Scope {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Read, Self::Write, Self::Admin]
            .into_iter()
            .find(|scope| scope.as_str() == text)
    }
}

/// Why a key was not taken.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It is none, is unknown, or was revoked. Which of these is not told.
    #[error("the API key is not valid")]
    Invalid,
    /// It is of another site.
    #[error("the API key is of another site")]
    OtherSite,
    /// It allows less.
    #[error("the API key does not allow this")]
    Scope,
    /// The control data could not be read.
    #[error(transparent)]
    Control(#[from] ControlError),
}

/// A key that was just made, and is shown this once.
#[derive(Clone)]
pub struct NewKey(String);

impl NewKey {
    /// The key's text, for its owner alone.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    site: String,
    scope: String,
    hash: Vec<u8>,
}

impl Control {
    /// Makes a key out of 40 random bytes.
    ///
    /// # Errors
    /// [`ControlError::NoSite`] where the site is not there.
    pub async fn create_key(
        &self,
        site: &str,
        scope: Scope,
        random: [u8; 40],
        now_ms: u64,
    ) -> Result<NewKey, ControlError> {
        self.site(site).await?;
        let (id, secret) = random.split_at(8);
        let (id, secret) = (hex::encode(id), hex::encode(secret));
        sqlx::query("INSERT INTO keys VALUES (?, ?, ?, ?, ?, NULL)")
            .bind(&id)
            .bind(site)
            .bind(scope.as_str())
            .bind(Sha256::digest(&secret).to_vec())
            .bind(i64::try_from(now_ms).unwrap_or(i64::MAX))
            .execute(&self.pool)
            .await?;
        Ok(NewKey(format!("ct_{id}_{secret}")))
    }

    /// Checks a key for a site and a scope. Nothing is cached: a revoked key ends at once.
    ///
    /// # Errors
    /// [`KeyError`] with why not.
    pub async fn check_key(&self, key: &str, site: &str, scope: Scope) -> Result<(), KeyError> {
        let (id, secret) = key
            .strip_prefix("ct_")
            .and_then(|rest| rest.split_once('_'))
            .ok_or(KeyError::Invalid)?;
        let row: Option<KeyRow> = sqlx::query_as(
            "SELECT site, scope, hash FROM keys WHERE id = ? AND revoked_at IS NULL",
        )
        .bind(id)
        .fetch_optional(&self.pool)
        .await
        .map_err(ControlError::from)?;
        let row = row.ok_or(KeyError::Invalid)?;
        if !bool::from(Sha256::digest(secret).ct_eq(row.hash.as_slice())) {
            return Err(KeyError::Invalid);
        }
        if row.site != site {
            return Err(KeyError::OtherSite);
        }
        match Scope::parse(&row.scope) {
            Some(allowed) if allowed >= scope => Ok(()),
            _ => Err(KeyError::Scope),
        }
    }

    /// Revokes the key with this id; false where there is none.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn revoke_key(&self, id: &str, now_ms: u64) -> Result<bool, ControlError> {
        let done =
            sqlx::query("UPDATE keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL")
                .bind(i64::try_from(now_ms).unwrap_or(i64::MAX))
                .bind(id)
                .execute(&self.pool)
                .await?;
        Ok(done.rows_affected() > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::SiteSettings;

    async fn control(folder: &tempfile::TempDir) -> Control {
        let control = Control::open(&folder.path().join("control.sqlite"))
            .await
            .unwrap();
        for slug in ["one", "two"] {
            let site = SiteSettings {
                slug: slug.into(),
                time_zone: "Asia/Jerusalem".into(),
                currency: "ILS".into(),
                week_start: 7,
            };
            control.add_site(&site).await.unwrap();
            control.add_site(&site).await.unwrap();
        }
        control
    }

    #[tokio::test]
    async fn a_key_opens_its_site_in_its_scope_until_it_is_revoked() {
        let folder = tempfile::tempdir().unwrap();
        let control = control(&folder).await;
        let key = control
            .create_key("one", Scope::Write, [7; 40], 1)
            .await
            .unwrap();
        let check = async |key: &str, site: &str, scope| control.check_key(key, site, scope).await;
        let key = key.reveal();
        assert!(check(key, "one", Scope::Read).await.is_ok());
        assert!(check(key, "one", Scope::Write).await.is_ok());
        assert!(matches!(
            check(key, "one", Scope::Admin).await,
            Err(KeyError::Scope)
        ));
        assert!(matches!(
            check(key, "two", Scope::Read).await,
            Err(KeyError::OtherSite)
        ));
        let mut forged = key.to_owned();
        forged.pop();
        for bad in ["", "ct_", "ct_x_y", forged.as_str()] {
            assert!(matches!(
                check(bad, "one", Scope::Read).await,
                Err(KeyError::Invalid)
            ));
        }
        let id = key.split('_').nth(1).unwrap();
        assert!(control.revoke_key(id, 2).await.unwrap());
        assert!(!control.revoke_key(id, 3).await.unwrap());
        assert!(matches!(
            check(key, "one", Scope::Read).await,
            Err(KeyError::Invalid)
        ));
    }

    #[tokio::test]
    async fn settings_that_do_not_fit_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let control = control(&folder).await;
        let good = control.site("one").await.unwrap();
        for (site, what) in [
            (
                SiteSettings {
                    slug: "No".into(),
                    ..good.clone()
                },
                "site",
            ),
            (
                SiteSettings {
                    time_zone: "Mars".into(),
                    ..good.clone()
                },
                "time zone",
            ),
            (
                SiteSettings {
                    currency: "shekel".into(),
                    ..good.clone()
                },
                "currency",
            ),
        ] {
            let error = control.add_site(&site).await.unwrap_err().to_string();
            assert!(error.starts_with(what), "{error}");
        }
        let other = SiteSettings {
            currency: "EUR".into(),
            ..good
        };
        let refused = control.add_site(&other).await;
        assert!(matches!(refused, Err(ControlError::SiteExists(_))));
    }
}
