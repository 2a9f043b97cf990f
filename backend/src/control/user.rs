//! People who sign in to the web app, and what each may do.

use super::{Control, ControlError, key::Scope, number};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;

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
        let change = |user: User| User {
            name: change.name.clone().unwrap_or(user.name),
            role: change.role.unwrap_or(user.role),
            ..user
        };
        self.rewrite(id, site, change, None).await
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
        let removed_at = Some(number(now_ms));
        self.rewrite(id, site, |user| user, removed_at).await
    }

    async fn rewrite(
        &self,
        id: &str,
        site: Option<&str>,
        change: impl FnOnce(User) -> User,
        removed_at: Option<i64>,
    ) -> Result<User, UserError> {
        let mut work = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let user = change(user(&mut work, id, site).await?);
        sqlx::query("UPDATE users SET name = ?, role = ?, removed_at = ? WHERE id = ?")
            .bind(&user.name)
            .bind(user.role)
            .bind(removed_at)
            .bind(id)
            .execute(&mut *work)
            .await?;
        check_owners(&mut work).await?;
        work.commit().await?;
        Ok(user)
    }
}

fn check_name(name: &str) -> Result<(), ControlError> {
    let is_blank = name.trim().is_empty();
    if is_blank || name.chars().count() > MOST_NAME || name.chars().any(char::is_control) {
        let fits = format!("a name has 1 to {MOST_NAME} characters, on one line");
        return Err(ControlError::Field { key: "name", fits });
    }
    Ok(())
}

/// A user who is there, of a site where one is named.
pub(super) async fn user(
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

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub async fn control(folder: &tempfile::TempDir) -> Control {
        let path = folder.path().join("control.sqlite");
        Control::open(&path).await.unwrap()
    }

    pub fn new(name: &str, role: Role) -> NewUser {
        NewUser {
            site: None,
            name: name.to_owned(),
            role,
        }
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
