//! Who is who, as people decide it by hand.

use super::{
    App, Problem, Shared,
    auth::{At, Writes},
    body::Body,
    bulk::{self, Bringer, Wait},
    people::find,
};
use crate::people::{
    book::{Choice, Identity, Kind, is_contact},
    fact::Fact,
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an identity is part of.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Any identifier of the person whom it is part of; null: it stands alone.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(example = "c-1047", required = true)]
    part_of: Option<String>,
}

/// What was decided.
#[derive(Serialize, ToSchema)]
pub struct Decided {
    /// The identity, as text.
    identity: String,
    /// The person whom it is part of now, as text.
    person_id: String,
}

/// Decides by hand what an identity is part of, whatever rows and proofs say.
///
/// To link a browser to a contact, or unlink it, name the visitor; to merge two contacts, name
/// the one that is to be part of the other. All that was ever known of it is that person's from
/// then on, everywhere; undone, everything is as it was. What is proved later of a visitor who
/// was unlinked counts again.
#[utoipa::path(
    put, path = "/v1/sites/{site}/identities/{identity}", tag = "people", request_body = Decision,
    params(("site" = String, Path, description = "the site's slug"),
           ("identity" = String, Path,
            description = "a visitor, a mail address, a phone number or a contact's id, as for people")),
    responses((status = 200, description = "it is so now", body = Decided), Problem),
    security(("key" = ["write"]))
)]
pub async fn decide(
    at: At<Writes>,
    State(app): Shared,
    Path(place): Path<(String, String)>,
    Body(decision): Body<Decision>,
) -> Result<Json<Decided>, Problem> {
    let found = find(&app, &at.site, &place.1).await?;
    let own = found.named;
    let choice = match &decision.part_of {
        None => Choice::Alone,
        Some(whom) => {
            let whom = find(&app, &at.site, whom).await?;
            check(
                (own, found.identities.get(&own)),
                (whom.person, whom.identities.get(&whom.person)),
            )?;
            Choice::Into(whom.person)
        }
    };
    put(&app, at.bringer(), own, choice).await
}

/// Takes back what was decided of an identity: rows and proofs say what it is part of.
#[utoipa::path(
    delete, path = "/v1/sites/{site}/identities/{identity}", tag = "people",
    params(("site" = String, Path, description = "the site's slug"),
           ("identity" = String, Path, description = "as for people")),
    responses((status = 200, description = "it is so now", body = Decided), Problem),
    security(("key" = ["write"]))
)]
pub async fn undo(
    at: At<Writes>,
    State(app): Shared,
    Path(place): Path<(String, String)>,
) -> Result<Json<Decided>, Problem> {
    let found = find(&app, &at.site, &place.1).await?;
    put(&app, at.bringer(), found.named, Choice::AsFound).await
}

/// Whether one may be part of the other.
fn check(
    (own, identity): (u64, Option<&Identity>),
    (whom, person): (u64, Option<&Identity>),
) -> Result<(), Problem> {
    let conflict = |code, detail: &str| Err(Problem::new(StatusCode::CONFLICT, code, detail));
    if !is_contact(whom) {
        let detail =
            "a visitor is nobody known: a contact's id, a mail address or a phone number fits";
        return conflict("not_a_contact", detail);
    }
    if own == whom {
        let detail = "they are one person, and this is what the others are part of";
        return conflict("merge_circle", detail);
    }
    // A browser of whom nothing is stored may be anybody's.
    let Some((own, person)) = identity.zip(person) else {
        return Ok(());
    };
    if own.kind.may_be_part_of(person.kind) {
        return Ok(());
    }
    let detail = match own.kind {
        Kind::Contact => {
            "only a message's token named this contact yet, and it may turn out to be anything: \
             by hand it is part of a contact with an id of the shop's own alone"
        }
        _ => "what is more decisive is not part of what is less: merge them the other way round",
    };
    conflict("merge_direction", detail)
}

async fn put(
    app: &App,
    bringer: Bringer<'_>,
    id: u64,
    choice: Choice,
) -> Result<Json<Decided>, Problem> {
    let action = match choice {
        Choice::Into(_) => "identity_joined",
        Choice::Alone => "identity_separated",
        Choice::AsFound => "identity_decision_undone",
    };
    let detail = match choice {
        Choice::Into(person) => format!("part of {person}"),
        _ => String::new(),
    };
    bulk::note(app, bringer, action, &id.to_string(), &detail).await?;
    let fact = Fact::Decided {
        id,
        choice,
        at: bulk::now(app),
    };
    let stored = bulk::put(app, bringer, vec![fact], Wait::UNTIL_STORED).await?;
    if stored != StatusCode::OK {
        let detail = "it is decided, and takes effect once ClickHouse answers again";
        return Err(Problem::unavailable("not_stored_yet", detail, 5));
    }
    let now = find(app, bringer.site, &format!("person:{id}")).await?;
    Ok(Json(Decided {
        identity: id.to_string(),
        person_id: now.person.to_string(),
    }))
}
