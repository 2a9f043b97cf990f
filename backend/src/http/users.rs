//! Users: those who may sign in to the web app.

use super::{
    App, Problem, Shared,
    auth::{Administers, Of, from_control},
    body::Body,
    bulk,
};
use crate::control::{Caller, ControlError, Deed, NewUser, User, UserChange, UserError};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::Serialize;
use utoipa::ToSchema;

/// A user who was just added, or is to sign in anew.
#[derive(Serialize, ToSchema)]
pub struct Invited {
    /// The user.
    user: User,
    /// What stands behind the `#` of the link that signs them in, once, within a week. It is shown
    /// this once.
    #[schema(example = "cl_…")]
    link: String,
}

/// Lists the users: for an owner of one site, that site's.
#[utoipa::path(
    get, path = "/v1/users", tag = "users",
    responses((status = 200, description = "the users, by their names", body = Vec<User>), Problem),
    security(("key" = ["admin"]))
)]
pub async fn list(of: Of<Administers>, State(app): Shared) -> Result<Json<Vec<User>>, Problem> {
    let users = app.control.users(of.caller.site.as_deref()).await;
    Ok(Json(users.map_err(from_control)?))
}

/// Adds a user, and gives the link by which they sign in.
#[utoipa::path(
    post, path = "/v1/users", tag = "users", request_body = NewUser,
    responses((status = 201, description = "the user, and the link, this once", body = Invited), Problem),
    security(("key" = ["admin"]))
)]
pub async fn add(
    of: Of<Administers>,
    State(app): Shared,
    Body(new): Body<NewUser>,
) -> Result<(StatusCode, Json<Invited>), Problem> {
    let caller = &of.caller;
    if caller.site.is_some() && caller.site != new.site {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "other_site",
            "who manages the users of one site adds none of others; name the site",
        ));
    }
    let now_ms = (app.now_ms)();
    let user = app.control.add_user(&new, random()?, now_ms).await;
    let user = user.map_err(from_control)?;
    let linked = app.control.link_user(&user.id, None, random()?, now_ms);
    let (user, link) = linked.await.map_err(refused)?;
    note(&app, caller, "user_added", &user).await?;
    let link = link.reveal().to_owned();
    Ok((StatusCode::CREATED, Json(Invited { user, link })))
}

/// Makes a user's next link; those before stay good until they end or are used.
#[utoipa::path(
    post, path = "/v1/users/{user}/link", tag = "users",
    params(("user" = String, Path, description = "the user's id")),
    responses((status = 201, description = "the user, and the link, this once", body = Invited), Problem),
    security(("key" = ["admin"]))
)]
pub async fn invite(
    of: Of<Administers>,
    State(app): Shared,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Invited>), Problem> {
    let site = of.caller.site.as_deref();
    let linked = app.control.link_user(&id, site, random()?, (app.now_ms)());
    let (user, link) = linked.await.map_err(refused)?;
    note(&app, &of.caller, "user_linked", &user).await?;
    let link = link.reveal().to_owned();
    Ok((StatusCode::CREATED, Json(Invited { user, link })))
}

/// Changes a user's name or role, at once for their sessions too. What is left out stays.
#[utoipa::path(
    patch, path = "/v1/users/{user}", tag = "users", request_body = UserChange,
    params(("user" = String, Path, description = "the user's id")),
    responses((status = 200, description = "the user from here on", body = User), Problem),
    security(("key" = ["admin"]))
)]
pub async fn change(
    of: Of<Administers>,
    State(app): Shared,
    Path(id): Path<String>,
    Body(change): Body<UserChange>,
) -> Result<Json<User>, Problem> {
    let user = app
        .control
        .change_user(&id, of.caller.site.as_deref(), &change);
    let user = user.await.map_err(refused)?;
    note(&app, &of.caller, "user_changed", &user).await?;
    Ok(Json(user))
}

/// Removes a user. Their sessions and links end at once.
#[utoipa::path(
    delete, path = "/v1/users/{user}", tag = "users",
    params(("user" = String, Path, description = "the user's id")),
    responses((status = 204, description = "they are removed"), Problem),
    security(("key" = ["admin"]))
)]
pub async fn remove(
    of: Of<Administers>,
    State(app): Shared,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let removed = app
        .control
        .remove_user(&id, of.caller.site.as_deref(), (app.now_ms)());
    let user = removed.await.map_err(refused)?;
    note(&app, &of.caller, "user_removed", &user).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn refused(problem: UserError) -> Problem {
    let text = problem.to_string();
    match problem {
        UserError::Unknown(_) => Problem::new(StatusCode::NOT_FOUND, "unknown_user", text),
        UserError::LastOwner => Problem::new(StatusCode::CONFLICT, "last_owner", text),
        UserError::Control(problem) => from_control(problem),
    }
}

/// Writes down what was done to a user: with their site's deeds, or with those of all sites.
async fn note(app: &App, caller: &Caller, action: &str, user: &User) -> Result<(), Problem> {
    let deed = Deed {
        id: 0,
        at_ms: bulk::now(app),
        who: caller.name(),
        action: action.to_owned(),
        target: user.id.clone(),
        detail: user.role.as_str().to_owned(),
    };
    let site = user.site.as_deref().unwrap_or_default();
    let noted: Result<(), ControlError> = app.control.note(site, &deed).await;
    noted.map_err(from_control)
}

/// Bytes that nobody can guess.
pub fn random<const N: usize>() -> Result<[u8; N], Problem> {
    let mut random = [0; N];
    getrandom::fill(&mut random).map_err(|error| {
        let detail = format!("the system gives no random bytes: {error}");
        Problem::unavailable("no_randomness", detail, 5)
    })?;
    Ok(random)
}
