//! People who sign in to the web app: by a link that is good once, for a session.
//!
//! A link reads `cl_<id>_<secret>` and a session `cs_<id>_<secret>`, as keys do: neither is one.

use super::{
    Control, ControlError,
    key::{Caller, KeyError, NewKey, Scope, hash_of, minted, parted},
    number,
};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;
use subtle::ConstantTimeEq as _;

/// How long a link is good, in milliseconds: a week.
const LINK_MS: u64 = 7 * 24 * 60 * 60 * 1000;
/// How long a session lasts, in milliseconds: thirty days.
pub const SESSION_MS: u64 = 30 * 24 * 60 * 60 * 1000;
/// How exactly a session's last use is remembered, in milliseconds.
const USE_STEP_MS: i64 = 60_000;
/// Most users.
const MOST_USERS: i64 = 1000;
/// Most characters of a name.
const MOST_NAME: usize = 100;

/// What a user may do.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    ValueEnum,
    Serialize,
    Deserialize,
    sqlx::Type,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Role {
    /// Everything, sites, keys and users too.
    Owner,
    /// Questions, asked once or kept, and data in.
    Marketer,
    /// Questions; sees no mail address and no phone number.
    Viewer,
}

impl Role {
    /// What it allows, as of a key.
    #[must_use]
    pub const fn scope(self) -> Scope {
        match self {
            Self::Owner => Scope::Admin,
            Self::Marketer => Scope::Write,
            Self::Viewer => Scope::View,
        }
    }

    /// Whose scope it is.
    #[must_use]
    pub fn of(scope: Scope) -> Option<Self> {
        [Self::Owner, Self::Marketer, Self::Viewer]
            .into_iter()
            .find(|role| role.scope() == scope)
    }

    /// Its name in answers and on disk.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Marketer => "marketer",
            Self::Viewer => "viewer",
        }
    }
}

/// Somebody who may sign in. Times are milliseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct User {
    /// Their id.
    pub id: String,
    /// Their site; null: all of them.
    pub site: Option<String>,
    /// What others call them.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// When they were added.
    pub created_at: i64,
    /// When they were last there, to a minute; null: never.
    pub last_seen_at: Option<i64>,
}

/// A user to be added.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// Their site; all of them where it is left out.
    pub site: Option<String>,
    /// What others call them, at most 100 characters.
    #[schema(example = "דנה")]
    pub name: String,
    /// What they may do.
    pub role: Role,
}

impl NewUser {
    /// Whether it can be one.
    ///
    /// # Errors
    /// [`ControlError::Field`] with what doesn't fit.
    pub fn check(&self) -> Result<(), ControlError> {
        check_name(&self.name)
    }
}

/// What is to become of a user. What is left out stays.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UserChange {
    /// What others call them, at most 100 characters.
    pub name: Option<String>,
    /// What they may do.
    pub role: Option<Role>,
}

/// Why a user could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// None of that id, or of another site.
    #[error("there is no user `{0}`")]
    Unknown(String),
    /// Nobody could manage users any more.
    #[error("somebody has to be left who is owner of all sites")]
    LastOwner,
    /// The control data could not be read or changed.
    #[error(transparent)]
    Control(#[from] ControlError),
}

impl From<sqlx::Error> for UserError {
    fn from(error: sqlx::Error) -> Self {
        Self::Control(error.into())
    }
}

const USERS: &str = "
SELECT id, site, name, role, created_at,
       (SELECT max(last_used_at) FROM tickets WHERE user = users.id) AS last_seen_at
FROM users WHERE removed_at IS NULL";

#[derive(sqlx::FromRow)]
struct Ticket {
    user: String,
    name: String,
    site: Option<String>,
    role: Role,
    hash: Vec<u8>,
    expires_at: i64,
    last_used_at: Option<i64>,
}

impl Control {
    /// Those who may sign in, by their names: of a site its own, of `None` all.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn users(&self, site: Option<&str>) -> Result<Vec<User>, ControlError> {
        let sql = format!("{USERS} AND (?1 IS NULL OR site = ?1) ORDER BY name, id");
        let users = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(site);
        Ok(users.fetch_all(&self.pool).await?)
    }

    /// Whether nobody may sign in.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn has_no_users(&self) -> Result<bool, ControlError> {
        let (none,): (bool,) =
            sqlx::query_as("SELECT NOT EXISTS (SELECT 1 FROM users WHERE removed_at IS NULL)")
                .fetch_one(&self.pool)
                .await?;
        Ok(none)
    }

    /// Adds somebody, whose id comes of 8 random bytes.
    ///
    /// # Errors
    /// [`ControlError::NoSite`] where the site is not there, [`ControlError::Field`] where
    /// something doesn't fit.
    pub async fn add_user(
        &self,
        new: &NewUser,
        random: [u8; 8],
        now_ms: u64,
    ) -> Result<User, ControlError> {
        new.check()?;
        if let Some(site) = &new.site {
            self.site(site).await?;
        }
        let user = User {
            id: hex::encode(random),
            site: new.site.clone(),
            name: new.name.clone(),
            role: new.role,
            created_at: number(now_ms),
            last_seen_at: None,
        };
        let added = sqlx::query(
            "INSERT INTO users (id, site, name, role, created_at)
             SELECT ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM users WHERE removed_at IS NULL) < ?",
        )
        .bind(&user.id)
        .bind(&user.site)
        .bind(&user.name)
        .bind(user.role)
        .bind(user.created_at)
        .bind(MOST_USERS)
        .execute(&self.pool)
        .await?;
        if added.rows_affected() == 0 {
            let fits = format!("there are {MOST_USERS} users, and there can't be more");
            return Err(ControlError::Field { key: "name", fits });
        }
        Ok(user)
    }

    /// Changes a user, of a site where one is named.
    ///
    /// # Errors
    /// [`UserError`] with why not.
    pub async fn change_user(
        &self,
        id: &str,
        site: Option<&str>,
        change: &UserChange,
    ) -> Result<User, UserError> {
        if let Some(name) = &change.name {
            check_name(name)?;
        }
        let mut work = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let mut user = user(&mut work, id, site).await?;
        user.name = change.name.clone().unwrap_or(user.name);
        user.role = change.role.unwrap_or(user.role);
        sqlx::query("UPDATE users SET name = ?, role = ? WHERE id = ?")
            .bind(&user.name)
            .bind(user.role)
            .bind(id)
            .execute(&mut *work)
            .await?;
        check_owners(&mut work).await?;
        work.commit().await?;
        Ok(user)
    }

    /// Removes a user, of a site where one is named. Their sessions and links end at once.
    ///
    /// # Errors
    /// [`UserError`] with why not.
    pub async fn remove_user(
        &self,
        id: &str,
        site: Option<&str>,
        now_ms: u64,
    ) -> Result<User, UserError> {
        let mut work = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let user = user(&mut work, id, site).await?;
        sqlx::query("UPDATE users SET removed_at = ? WHERE id = ?")
            .bind(number(now_ms))
            .bind(id)
            .execute(&mut *work)
            .await?;
        check_owners(&mut work).await?;
        work.commit().await?;
        Ok(user)
    }

    /// Makes a link of 40 random bytes by which a user, of a site where one is named, may sign in,
    /// once.
    ///
    /// # Errors
    /// [`UserError::Unknown`] where there is none.
    pub async fn link_user(
        &self,
        id: &str,
        site: Option<&str>,
        random: [u8; 40],
        now_ms: u64,
    ) -> Result<(User, NewKey), UserError> {
        let mut work = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let user = user(&mut work, id, site).await?;
        let link = add_ticket(
            &mut work,
            "cl",
            &user.id,
            random,
            (now_ms, now_ms + LINK_MS),
        )
        .await?;
        work.commit().await?;
        Ok((user, link))
    }

    /// Exchanges a link for a session made of 40 random bytes. Of two who come with one link the
    /// second is refused.
    ///
    /// # Errors
    /// [`KeyError::Invalid`] where the link is none, has ended, or was used.
    pub async fn sign_in(
        &self,
        link: &str,
        random: [u8; 40],
        now_ms: u64,
    ) -> Result<(User, NewKey), KeyError> {
        let mut work = self
            .pool
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(ControlError::from)?;
        let (id, ticket) = ticket(&mut work, "cl", link, now_ms).await?;
        end(&mut work, id, now_ms).await?;
        let session = start(&mut work, &ticket.user, random, now_ms).await?;
        let user = user(&mut work, &ticket.user, None)
            .await
            .map_err(|error| match error {
                UserError::Control(error) => KeyError::Control(error),
                UserError::Unknown(_) | UserError::LastOwner => KeyError::Invalid,
            })?;
        work.commit().await.map_err(ControlError::from)?;
        Ok((user, session))
    }

    /// Starts a session of a user, made of 40 random bytes.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn start_session(
        &self,
        user: &str,
        random: [u8; 40],
        now_ms: u64,
    ) -> Result<NewKey, ControlError> {
        start(&mut *self.pool.acquire().await?, user, random, now_ms).await
    }

    /// Finds whose session it is. Nothing is cached: what was ended ends at once.
    ///
    /// # Errors
    /// [`KeyError::Invalid`], or what SQLite says.
    pub async fn signed_in(&self, session: &str, now_ms: u64) -> Result<Caller, KeyError> {
        let mut reading = self.pool.acquire().await.map_err(ControlError::from)?;
        let (id, ticket) = ticket(&mut reading, "cs", session, now_ms).await?;
        let is_fresh = ticket
            .last_used_at
            .is_some_and(|last| number(now_ms) < last.saturating_add(USE_STEP_MS));
        if !is_fresh {
            sqlx::query("UPDATE tickets SET last_used_at = ? WHERE id = ?")
                .bind(number(now_ms))
                .bind(id)
                .execute(&mut *reading)
                .await
                .map_err(ControlError::from)?;
        }
        Ok(Caller {
            key_id: ticket.user,
            label: ticket.name,
            site: ticket.site,
            scope: ticket.role.scope(),
        })
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`KeyError::Invalid`] where it is none, or what SQLite says.
    pub async fn sign_out(&self, session: &str, now_ms: u64) -> Result<(), KeyError> {
        let mut work = self.pool.acquire().await.map_err(ControlError::from)?;
        let (id, _) = ticket(&mut work, "cs", session, now_ms).await?;
        end(&mut work, id, now_ms).await?;
        Ok(())
    }
}

async fn end(work: &mut SqliteConnection, id: &str, now_ms: u64) -> Result<(), ControlError> {
    sqlx::query("UPDATE tickets SET ended_at = ? WHERE id = ?")
        .bind(number(now_ms))
        .bind(id)
        .execute(work)
        .await?;
    Ok(())
}

fn check_name(name: &str) -> Result<(), ControlError> {
    let is_blank = name.trim().is_empty();
    if is_blank || name.chars().count() > MOST_NAME || name.chars().any(char::is_control) {
        let fits = format!("a name has 1 to {MOST_NAME} characters, on one line");
        return Err(ControlError::Field { key: "name", fits });
    }
    Ok(())
}

async fn user(
    reading: &mut SqliteConnection,
    id: &str,
    site: Option<&str>,
) -> Result<User, UserError> {
    let sql = format!("{USERS} AND id = ?1 AND (?2 IS NULL OR site = ?2)");
    let user = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).bind(site);
    let user = user.fetch_optional(reading).await?;
    user.ok_or_else(|| UserError::Unknown(id.to_owned()))
}

async fn check_owners(reading: &mut SqliteConnection) -> Result<(), UserError> {
    let owners: Option<(i64,)> = sqlx::query_as(
        "SELECT 1 FROM users WHERE role = 'owner' AND site IS NULL AND removed_at IS NULL LIMIT 1",
    )
    .fetch_optional(reading)
    .await?;
    owners.map(|_| ()).ok_or(UserError::LastOwner)
}

async fn start(
    work: &mut SqliteConnection,
    user: &str,
    random: [u8; 40],
    now_ms: u64,
) -> Result<NewKey, ControlError> {
    add_ticket(work, "cs", user, random, (now_ms, now_ms + SESSION_MS)).await
}

/// A secret of a user, from a moment to another.
async fn add_ticket(
    work: &mut SqliteConnection,
    kind: &str,
    user: &str,
    random: [u8; 40],
    (now_ms, end_ms): (u64, u64),
) -> Result<NewKey, ControlError> {
    let (id, hash, text) = minted(kind, random);
    sqlx::query(
        "INSERT INTO tickets (id, kind, user, hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(id)
    .bind(kind)
    .bind(user)
    .bind(hash)
    .bind(number(now_ms))
    .bind(number(end_ms))
    .execute(work)
    .await?;
    Ok(text)
}

/// A ticket that is good, with its id.
async fn ticket<'t>(
    reading: &mut SqliteConnection,
    kind: &str,
    text: &'t str,
    now_ms: u64,
) -> Result<(&'t str, Ticket), KeyError> {
    let (id, secret) = parted(kind, text)?;
    let found: Option<Ticket> = sqlx::query_as(
        "SELECT user, name, site, role, hash, expires_at, last_used_at
         FROM tickets JOIN users ON users.id = user
         WHERE tickets.id = ? AND kind = ? AND ended_at IS NULL AND removed_at IS NULL",
    )
    .bind(id)
    .bind(kind)
    .fetch_optional(reading)
    .await
    .map_err(ControlError::from)?;
    let found = found.ok_or(KeyError::Invalid)?;
    let is_good = bool::from(hash_of(secret).ct_eq(found.hash.as_slice()));
    if number(now_ms) >= found.expires_at || !is_good {
        return Err(KeyError::Invalid);
    }
    Ok((id, found))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn control(folder: &tempfile::TempDir) -> Control {
        let path = folder.path().join("control.sqlite");
        Control::open(&path).await.unwrap()
    }

    fn new(name: &str, role: Role) -> NewUser {
        NewUser {
            site: None,
            name: name.to_owned(),
            role,
        }
    }

    #[tokio::test]
    async fn a_link_signs_in_once_and_a_session_ends_when_it_is_told_to() {
        let folder = tempfile::tempdir().unwrap();
        let control = control(&folder).await;
        assert!(control.has_no_users().await.unwrap());
        let dana = control
            .add_user(&new("דנה", Role::Viewer), [1; 8], 1)
            .await
            .unwrap();
        let (_, link) = control.link_user(&dana.id, None, [2; 40], 2).await.unwrap();
        let link = link.reveal();
        let (user, session) = control.sign_in(link, [3; 40], 3).await.unwrap();
        assert_eq!(user, dana);
        let again = control.sign_in(link, [4; 40], 4).await;
        assert!(matches!(again, Err(KeyError::Invalid)));

        let session = session.reveal();
        let caller = control.signed_in(session, 5).await.unwrap();
        assert_eq!(
            (caller.name().as_str(), caller.scope),
            ("0101010101010101 (דנה)", Scope::View)
        );
        assert_eq!(control.users(None).await.unwrap()[0].last_seen_at, Some(5));
        // A session is no key, a key no session, and each ends.
        assert!(control.caller(session, 5).await.is_err());
        assert!(
            control
                .signed_in(&session.replacen("cs", "cl", 1), 5)
                .await
                .is_err()
        );
        assert!(control.signed_in(session, 3 + SESSION_MS).await.is_err());
        control.sign_out(session, 6).await.unwrap();
        assert!(matches!(
            control.signed_in(session, 7).await,
            Err(KeyError::Invalid)
        ));
        assert!(control.sign_out(session, 8).await.is_err());
    }

    #[tokio::test]
    async fn a_link_ends_and_so_does_all_of_a_user_who_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let control = control(&folder).await;
        control
            .add_user(&new("owner", Role::Owner), [9; 8], 1)
            .await
            .unwrap();
        let user = control
            .add_user(&new("u", Role::Marketer), [1; 8], 1)
            .await
            .unwrap();
        let (_, late) = control.link_user(&user.id, None, [2; 40], 2).await.unwrap();
        assert!(
            control
                .sign_in(late.reveal(), [3; 40], 2 + LINK_MS)
                .await
                .is_err()
        );
        let session = control.start_session(&user.id, [4; 40], 3).await.unwrap();
        let (_, other) = control.link_user(&user.id, None, [5; 40], 3).await.unwrap();
        assert!(control.signed_in(session.reveal(), 4).await.is_ok());
        control.remove_user(&user.id, None, 5).await.unwrap();
        assert!(control.signed_in(session.reveal(), 6).await.is_err());
        assert!(control.sign_in(other.reveal(), [6; 40], 6).await.is_err());
        let gone = control.remove_user(&user.id, None, 7).await;
        assert!(matches!(gone, Err(UserError::Unknown(_))));
    }

    #[tokio::test]
    async fn an_owner_of_all_sites_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let control = control(&folder).await;
        let owner = control
            .add_user(&new("a", Role::Owner), [1; 8], 1)
            .await
            .unwrap();
        let less = UserChange {
            role: Some(Role::Viewer),
            ..UserChange::default()
        };
        let refused = control.change_user(&owner.id, None, &less).await;
        assert!(matches!(refused, Err(UserError::LastOwner)));
        let refused = control.remove_user(&owner.id, None, 2).await;
        assert!(matches!(refused, Err(UserError::LastOwner)));
        control
            .add_user(&new("b", Role::Owner), [2; 8], 3)
            .await
            .unwrap();
        assert_eq!(
            control
                .change_user(&owner.id, None, &less)
                .await
                .unwrap()
                .role,
            Role::Viewer
        );
        let of_a_site = control.change_user(&owner.id, Some("one"), &less).await;
        assert!(matches!(of_a_site, Err(UserError::Unknown(_))));
    }

    #[tokio::test]
    async fn names_are_told_apart_by_eye() {
        let folder = tempfile::tempdir().unwrap();
        let control = control(&folder).await;
        for bad in ["", "  ", "a\nb", &"x".repeat(MOST_NAME + 1)] {
            let refused = control.add_user(&new(bad, Role::Viewer), [1; 8], 1).await;
            assert!(
                matches!(refused, Err(ControlError::Field { key: "name", .. })),
                "{bad:?}"
            );
        }
    }
}
