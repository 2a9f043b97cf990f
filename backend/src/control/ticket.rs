//! What a user signs in by: a link that is good once, and the session that it is exchanged for.
//!
//! A link reads `cl_<id>_<secret>` and a session `cs_<id>_<secret>`, as keys do: neither is one.

use super::{
    Control, ControlError,
    key::{Caller, KeyError, NewKey, hash_of, minted, parted},
    number,
    user::{Role, User, UserError, user},
};
use sqlx::SqliteConnection;
use subtle::ConstantTimeEq as _;

/// How long a link is good, in milliseconds: a week.
const LINK_MS: u64 = 7 * 24 * 60 * 60 * 1000;
/// How long a session lasts, in milliseconds: thirty days.
pub const SESSION_MS: u64 = 30 * 24 * 60 * 60 * 1000;
/// How exactly a session's last use is remembered, in milliseconds.
const USE_STEP_MS: i64 = 60_000;

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
    use super::super::{
        Scope,
        user::tests::{control, new},
    };
    use super::*;

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
}
