//! API keys: shown once, stored hashed, of one site or of all, of one scope.
//!
//! A key reads `ct_<id>_<secret>`, with 64 random bits of id and 256 of secret, in hex.

use super::{Control, ControlError, number};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

/// How exactly a key's last use is remembered, in milliseconds.
const USE_STEP_MS: u64 = 60_000;

/// What a key allows.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// SDKs' events in, and nothing out: for what others may see, as a browser's SDK shows its
    /// key. What comes by it proves nothing.
    Ingest,
    /// Questions, without mail addresses and phone numbers.
    View,
    /// Questions.
    Read,
    /// Questions, asked once or kept, and data in.
    Write,
    /// Everything, sites and keys too.
    Admin,
    /// To set up: it is exchanged once for a key of scope admin, of all sites.
    #[value(skip)]
    Setup,
}

impl Scope {
    const ALL: [Self; 6] = [
        Self::Ingest,
        Self::View,
        Self::Read,
        Self::Write,
        Self::Admin,
        Self::Setup,
    ];

    /// Its name in answers and on disk.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::View => "view",
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
            Self::Setup => "setup",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }

    /// Whether a key of this scope may do what takes that one.
    #[must_use]
    pub const fn allows(self, wanted: Self) -> bool {
        match self {
            Self::Ingest => matches!(wanted, Self::Ingest),
            Self::View => matches!(wanted, Self::View),
            Self::Read => matches!(wanted, Self::View | Self::Read),
            Self::Write => !matches!(wanted, Self::Admin | Self::Setup),
            Self::Admin => !matches!(wanted, Self::Setup),
            Self::Setup => matches!(wanted, Self::Setup),
        }
    }
}

impl Caller {
    /// Whether they may do for a site what takes a scope.
    ///
    /// # Errors
    /// [`KeyError`] with why not.
    pub fn may(&self, site: &str, scope: Scope) -> Result<(), KeyError> {
        if self.site.as_deref().is_some_and(|own| own != site) {
            return Err(KeyError::OtherSite);
        }
        if !self.scope.allows(scope) {
            return Err(KeyError::Scope);
        }
        Ok(())
    }

    /// Whether mail addresses and phone numbers are shown to them.
    #[must_use]
    pub const fn sees_contacts(&self) -> bool {
        self.scope.allows(Scope::Read)
    }

    /// Who it is, for those who read what was done: the key's id, and its label.
    #[must_use]
    pub fn name(&self) -> String {
        let Self { key_id, label, .. } = self;
        if label.is_empty() {
            key_id.clone()
        } else {
            format!("{key_id} ({label})")
        }
    }
}

/// Why a key was not taken.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It is none, is unknown, has ended, or was revoked. Which of these is not told.
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

    /// Its id, which is no secret.
    #[must_use]
    pub fn id(&self) -> &str {
        self.0.split('_').nth(1).unwrap_or_default()
    }
}

/// What a key is to be.
#[derive(Clone, Debug)]
pub struct KeySpec<'a> {
    /// Its site; all of them where there is none.
    pub site: Option<&'a str>,
    /// What it allows.
    pub scope: Scope,
    /// What its owner calls it.
    pub label: &'a str,
    /// When it ends, in milliseconds since the epoch.
    pub expires_at_ms: Option<u64>,
}

/// What is known of a key. Times are milliseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct KeyInfo {
    /// Its id: what stands between its two underscores.
    pub id: String,
    /// Its site; null: all of them.
    pub site: Option<String>,
    /// What it allows.
    pub scope: String,
    /// What its owner calls it.
    pub label: String,
    /// When it was made.
    pub created_at: i64,
    /// When it ends by itself.
    pub expires_at: Option<i64>,
    /// When it was last used, to a minute.
    pub last_used_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
}

/// Whose key came with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The key's id.
    pub key_id: String,
    /// What people call it.
    pub label: String,
    /// The key's site; all of them where there is none.
    pub site: Option<String>,
    /// What it allows.
    pub scope: Scope,
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    site: Option<String>,
    label: String,
    scope: String,
    hash: Vec<u8>,
    expires_at: Option<i64>,
    last_used_at: Option<i64>,
}

/// A secret of a kind: its id, its hash, and its text.
pub(super) fn minted(kind: &str, random: [u8; 40]) -> (String, Vec<u8>, NewKey) {
    let (id, secret) = random.split_at(8);
    let (id, secret) = (hex::encode(id), hex::encode(secret));
    let text = NewKey(format!("{kind}_{id}_{secret}"));
    (id, hash_of(&secret), text)
}

/// The id and the secret of a text of a kind.
pub(super) fn parted<'t>(kind: &str, text: &'t str) -> Result<(&'t str, &'t str), KeyError> {
    let rest = text
        .strip_prefix(kind)
        .and_then(|rest| rest.strip_prefix('_'));
    rest.and_then(|rest| rest.split_once('_'))
        .ok_or(KeyError::Invalid)
}

/// What is stored of a secret. It has 256 random bits, and so needs no slow hash.
pub(super) fn hash_of(secret: &str) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}

impl Control {
    /// Makes a key out of 40 random bytes.
    ///
    /// # Errors
    /// [`ControlError::NoSite`] where the site is not there.
    pub async fn create_key(
        &self,
        spec: &KeySpec<'_>,
        random: [u8; 40],
        now_ms: u64,
    ) -> Result<NewKey, ControlError> {
        if let Some(site) = spec.site {
            self.site(site).await?;
        }
        let (id, hash, key) = minted("ct", random);
        sqlx::query(
            "INSERT INTO keys (id, site, scope, label, hash, created_at, expires_at)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&id)
        .bind(spec.site)
        .bind(spec.scope.as_str())
        .bind(spec.label)
        .bind(hash)
        .bind(number(now_ms))
        .bind(spec.expires_at_ms.map(number))
        .execute(&self.pool)
        .await?;
        Ok(key)
    }

    /// Finds whose key it is. Nothing is cached: a revoked key ends at once.
    ///
    /// # Errors
    /// [`KeyError::Invalid`], or what SQLite says.
    pub async fn caller(&self, key: &str, now_ms: u64) -> Result<Caller, KeyError> {
        let (id, secret) = parted("ct", key)?;
        let row: Option<KeyRow> = sqlx::query_as(
            "SELECT site, label, scope, hash, expires_at, last_used_at FROM keys
             WHERE id = ? AND revoked_at IS NULL",
        )
        .bind(id)
        .fetch_optional(&self.pool)
        .await
        .map_err(ControlError::from)?;
        let row = row.ok_or(KeyError::Invalid)?;
        let is_over = row.expires_at.is_some_and(|end| number(now_ms) >= end);
        if is_over || !bool::from(hash_of(secret).ct_eq(row.hash.as_slice())) {
            return Err(KeyError::Invalid);
        }
        let scope = Scope::parse(&row.scope).ok_or(KeyError::Invalid)?;
        let is_fresh = row
            .last_used_at
            .is_some_and(|last| number(now_ms) < last.saturating_add(number(USE_STEP_MS)));
        if !is_fresh {
            self.remember_use(id, now_ms).await?;
        }
        Ok(Caller {
            key_id: id.to_owned(),
            label: row.label,
            site: row.site,
            scope,
        })
    }

    async fn remember_use(&self, id: &str, now_ms: u64) -> Result<(), ControlError> {
        sqlx::query("UPDATE keys SET last_used_at = ? WHERE id = ?")
            .bind(number(now_ms))
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// All keys of a site, the oldest first; of `None` those of all sites at once.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn keys(&self, site: Option<&str>) -> Result<Vec<KeyInfo>, ControlError> {
        let keys = sqlx::query_as(
            "SELECT id, site, scope, label, created_at, expires_at, last_used_at, revoked_at
             FROM keys WHERE site IS ? ORDER BY created_at, id",
        );
        Ok(keys.bind(site).fetch_all(&self.pool).await?)
    }

    /// Whether no key was ever made.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn has_no_keys(&self) -> Result<bool, ControlError> {
        let (none,): (bool,) = sqlx::query_as("SELECT NOT EXISTS (SELECT 1 FROM keys)")
            .fetch_one(&self.pool)
            .await?;
        Ok(none)
    }

    /// Revokes the key with this id, at once or as of a moment to come, so that the one that
    /// takes its place can be put in meanwhile; false where there is none.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn revoke_key(
        &self,
        id: &str,
        site: Option<&str>,
        (now_ms, as_of_ms): (u64, u64),
    ) -> Result<bool, ControlError> {
        let column = if as_of_ms > now_ms {
            "expires_at = min(?1, coalesce(expires_at, ?1))"
        } else {
            "revoked_at = ?1"
        };
        let sql = format!(
            "UPDATE keys SET {column} WHERE id = ?2 AND revoked_at IS NULL
             AND (?3 IS NULL OR site = ?3)"
        );
        let done = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(number(as_of_ms))
            .bind(id)
            .bind(site)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Revokes a key of scope setup; false where another request did before.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn spend(&self, caller: &Caller, now_ms: u64) -> Result<bool, ControlError> {
        self.revoke_key(&caller.key_id, None, (now_ms, now_ms))
            .await
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
                ..SiteSettings::default()
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
        let spec = KeySpec {
            site: Some("one"),
            scope: Scope::Write,
            label: "",
            expires_at_ms: None,
        };
        let key = control.create_key(&spec, [7; 40], 1).await.unwrap();
        let check =
            async |key: &str, site: &str, scope| control.caller(key, 5).await?.may(site, scope);
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
        let known = control.keys(Some("one")).await.unwrap();
        let times = (known[0].created_at, known[0].last_used_at);
        assert_eq!(times, (1, Some(5)));
        let id = key.split('_').nth(1).unwrap();
        let revoke = async |site| control.revoke_key(id, site, (2, 2)).await.unwrap();
        assert!(!revoke(Some("two")).await, "another site's");
        assert!(revoke(Some("one")).await);
        assert!(!revoke(Some("one")).await);
        assert!(matches!(
            check(key, "one", Scope::Read).await,
            Err(KeyError::Invalid)
        ));
    }

    #[tokio::test]
    async fn a_key_of_all_sites_opens_each_and_one_that_ends_ends() {
        let folder = tempfile::tempdir().unwrap();
        let control = control(&folder).await;
        let spec = KeySpec {
            site: None,
            scope: Scope::Admin,
            label: "ours",
            expires_at_ms: None,
        };
        let key = control.create_key(&spec, [7; 40], 1).await.unwrap();
        for site in ["one", "two"] {
            let caller = control.caller(key.reveal(), 2).await.unwrap();
            assert!(caller.may(site, Scope::Admin).is_ok());
            assert_eq!(caller.site, None);
        }
        assert!(control.revoke_key(key.id(), None, (3, 10)).await.unwrap());
        assert!(control.caller(key.reveal(), 9).await.is_ok(), "an overlap");
        assert!(matches!(
            control.caller(key.reveal(), 10).await,
            Err(KeyError::Invalid)
        ));
    }

    #[test]
    fn what_each_scope_allows() {
        let rows: Vec<String> = Scope::ALL
            .iter()
            .map(|scope| {
                let allowed = Scope::ALL.iter().filter(|wanted| scope.allows(**wanted));
                let allowed: Vec<_> = allowed.map(|scope| scope.as_str()).collect();
                format!("{} → {}", scope.as_str(), allowed.join(" "))
            })
            .collect();
        expect_test::expect![[r#"
            ingest → ingest
            view → view
            read → view read
            write → ingest view read write
            admin → ingest view read write admin
            setup → setup"#]]
        .assert_eq(&rows.join("\n"));
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
                "time_zone",
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
