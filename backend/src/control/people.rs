//! What a site says of its people: fields, groups, and who did what to them.

use super::{Control, ControlError, SiteSettings, number};
use crate::people::field::{Field, Fields, Labels, MOST_FIELDS};
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;

/// Most groups of a site.
const MOST_GROUPS: i64 = 10_000;

/// A group of contacts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Group {
    /// What people call it.
    #[schema(example = "VIP")]
    pub name: String,
    /// What people read, by language.
    pub labels: Labels,
}

/// The receipt of a person's erasure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Erasure {
    /// Its id.
    pub id: String,
    /// Whom it is of, as text.
    pub person_id: String,
    /// When it was asked for, in milliseconds since the epoch: what was before is erased.
    pub asked_at_ms: i64,
    /// By which key: its id, and its label.
    pub asked_by: String,
    /// When nothing was left; nothing until then.
    pub done_at_ms: Option<i64>,
}

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Deed {
    /// Grows with each.
    pub id: i64,
    /// When, in milliseconds since the epoch.
    pub at_ms: i64,
    /// By which key: its id, and its label.
    pub who: String,
    /// What.
    pub action: String,
    /// To whom or what: an id, never a mail address or a phone number.
    pub target: String,
    /// More of it.
    pub detail: String,
}

impl Control {
    /// The fields of a site's contacts.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn fields(&self, site: &SiteSettings) -> Result<Fields, ControlError> {
        fields(&mut *self.pool.acquire().await?, site).await
    }

    /// Adds a field, or changes what people read and what there is to choose.
    ///
    /// # Errors
    /// [`ControlError::Field`] with the key that is wrong.
    pub async fn put_field(
        &self,
        site: &SiteSettings,
        name: &str,
        field: &Field,
    ) -> Result<(), ControlError> {
        let wrong = |(key, fits)| ControlError::Field { key, fits };
        field.check(name).map_err(wrong)?;
        let mut change = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let own: Vec<(String, String)> =
            sqlx::query_as("SELECT name, definition FROM fields WHERE site = ?")
                .bind(&site.slug)
                .fetch_all(&mut *change)
                .await?;
        match own.iter().find(|(known, _)| known == name) {
            Some((_, before)) => field.check_change(&read(before)?).map_err(wrong)?,
            None if own.len() >= MOST_FIELDS => {
                let fits = format!("a site has at most {MOST_FIELDS} fields of its own");
                return Err(wrong(("name", fits)));
            }
            None => {}
        }
        sqlx::query(
            "INSERT INTO fields (site, name, definition) VALUES (?, ?, ?)
             ON CONFLICT DO UPDATE SET definition = excluded.definition",
        )
        .bind(&site.slug)
        .bind(name)
        .bind(write(field)?)
        .execute(&mut *change)
        .await?;
        change.commit().await?;
        Ok(())
    }

    /// The groups of a site, by their ids.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn groups(&self, site: &str) -> Result<Vec<(String, Group)>, ControlError> {
        let groups: Vec<(String, String)> =
            sqlx::query_as("SELECT id, definition FROM groups WHERE site = ? ORDER BY id")
                .bind(site)
                .fetch_all(&self.pool)
                .await?;
        let groups = groups.into_iter();
        groups
            .map(|(id, definition)| Ok((id, read(&definition)?)))
            .collect()
    }

    /// Whether a site has a group.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn has_group(&self, site: &str, id: &str) -> Result<bool, ControlError> {
        let found: Option<(i64,)> =
            sqlx::query_as("SELECT 1 FROM groups WHERE site = ? AND id = ?")
                .bind(site)
                .bind(id)
                .fetch_optional(&self.pool)
                .await?;
        Ok(found.is_some())
    }

    /// Adds a group, or changes what it is called.
    ///
    /// # Errors
    /// [`ControlError::Field`] where its id doesn't fit, or there are too many.
    pub async fn put_group(&self, site: &str, id: &str, group: &Group) -> Result<(), ControlError> {
        if !is_id(id) {
            return Err(ControlError::Field {
                key: "id",
                fits: ID_FITS.into(),
            });
        }
        let put = sqlx::query(
            "INSERT INTO groups (site, id, definition) SELECT ?1, ?2, ?3
             WHERE (SELECT count(*) FROM groups WHERE site = ?1) < ?4
                OR EXISTS (SELECT 1 FROM groups WHERE site = ?1 AND id = ?2)
             ON CONFLICT DO UPDATE SET definition = excluded.definition",
        )
        .bind(site)
        .bind(id)
        .bind(write(group)?)
        .bind(MOST_GROUPS)
        .execute(&self.pool)
        .await?;
        if put.rows_affected() == 0 {
            return Err(ControlError::Field {
                key: "id",
                fits: format!("a site has at most {MOST_GROUPS} groups"),
            });
        }
        Ok(())
    }

    /// Writes a receipt.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn begin_erasure(&self, site: &str, erasure: &Erasure) -> Result<(), ControlError> {
        sqlx::query(
            "INSERT INTO erasures (id, site, person_id, asked_at_ms, asked_by)
             VALUES (?, ?, ?, ?, ?)",
        )
        .bind(&erasure.id)
        .bind(site)
        .bind(&erasure.person_id)
        .bind(erasure.asked_at_ms)
        .bind(&erasure.asked_by)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// A receipt.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn erasure(&self, site: &str, id: &str) -> Result<Option<Erasure>, ControlError> {
        let erasure = sqlx::query_as(
            "SELECT id, person_id, asked_at_ms, asked_by, done_at_ms FROM erasures
             WHERE site = ? AND id = ?",
        );
        Ok(erasure
            .bind(site)
            .bind(id)
            .fetch_optional(&self.pool)
            .await?)
    }

    /// Says on the receipts of these people that nothing is left of what was before.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn finish_erasures(
        &self,
        site: &str,
        people: impl Iterator<Item = (u64, i64)>,
        now_ms: u64,
    ) -> Result<(), ControlError> {
        let mut finish = self.pool.begin().await?;
        for (id, erased_at) in people {
            sqlx::query(
                "UPDATE erasures SET done_at_ms = ?
                 WHERE site = ? AND person_id = ? AND done_at_ms IS NULL AND asked_at_ms <= ?",
            )
            .bind(number(now_ms))
            .bind(site)
            .bind(id.to_string())
            .bind(erased_at)
            .execute(&mut *finish)
            .await?;
        }
        finish.commit().await?;
        Ok(())
    }

    /// Notes what was done.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn note(&self, site: &str, deed: &Deed) -> Result<(), ControlError> {
        sqlx::query(
            "INSERT INTO audit (site, at_ms, who, action, target, detail) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(site)
        .bind(deed.at_ms)
        .bind(&deed.who)
        .bind(&deed.action)
        .bind(&deed.target)
        .bind(&deed.detail)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// What was done on a site, and `with_all`, to none in particular, the latest first: what is
    /// before the deed `before`.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn deeds(
        &self,
        site: &str,
        with_all: bool,
        before: Option<i64>,
        most: u32,
    ) -> Result<Vec<Deed>, ControlError> {
        let deeds = sqlx::query_as(
            "SELECT id, at_ms, who, action, target, detail FROM audit
             WHERE site IN (?, ?) AND id < ? ORDER BY id DESC LIMIT ?",
        )
        .bind(site)
        .bind(if with_all { "" } else { site })
        .bind(before.unwrap_or(i64::MAX))
        .bind(number(u64::from(most)));
        Ok(deeds.fetch_all(&self.pool).await?)
    }
}

/// The fields of a site's contacts.
pub(super) async fn fields(
    control: &mut SqliteConnection,
    site: &SiteSettings,
) -> Result<Fields, ControlError> {
    let mut fields = Fields::standard(&site.country);
    let own: Vec<(String, String)> =
        sqlx::query_as("SELECT name, definition FROM fields WHERE site = ?")
            .bind(&site.slug)
            .fetch_all(control)
            .await?;
    for (name, definition) in own {
        fields.by_name.insert(name, read(&definition)?);
    }
    Ok(fields)
}

/// What [`is_id`] asks for.
pub(super) const ID_FITS: &str = "1 to 64 characters of a-z, 0-9, - and _ fit";

/// Whether a group or a segment may be called so.
pub(super) fn is_id(id: &str) -> bool {
    let fits = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
    (1..=64).contains(&id.len()) && id.bytes().all(fits)
}

/// What this or an earlier build wrote.
pub(super) fn read<T: for<'de> Deserialize<'de>>(definition: &str) -> Result<T, ControlError> {
    serde_json::from_str(definition)
        .map_err(|error| ControlError::Sqlite(sqlx::Error::decode(error)))
}

pub(super) fn write<T: Serialize>(definition: &T) -> Result<String, ControlError> {
    serde_json::to_string(definition)
        .map_err(|error| ControlError::Sqlite(sqlx::Error::decode(error)))
}
