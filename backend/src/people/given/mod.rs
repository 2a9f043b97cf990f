//! What servers say of people, as they write it: checked, it becomes a [`Fact`](super::fact::Fact).

mod contact;
mod form;
mod message;
mod order;

pub use contact::contact;
pub use form::{GivenForm, SentForm};
pub use message::{GivenMember, GivenMessage};
pub use order::{GivenOrder, GivenReturn, ReturnedItem};

use crate::ingest::given::{Moment, Wrong};
use protocol::limit;

/// The least and the greatest moment that a fact may state, beside those that are ahead: the
/// years 1970 and 2100.
const MOMENTS: std::ops::Range<i64> = 1..4_102_444_800_000;

/// A moment that may have been left out.
fn moment(
    moment: Moment,
    pointer: &str,
    received_at: i64,
    usual: Option<i64>,
) -> Result<i64, Wrong> {
    let ahead = i64::try_from(limit::MAX_AHEAD_MS).unwrap_or(i64::MAX);
    match (moment.0, usual) {
        (0, Some(usual)) => Ok(usual),
        (0, None) => Err(Wrong::missing(pointer, "it has to be there")),
        (at, _) if !MOMENTS.contains(&at) => {
            let fits = "milliseconds since the epoch fit";
            Err(Wrong::value(pointer, &at.to_string(), fits))
        }
        (at, _) if at > received_at.saturating_add(ahead) => Err(Wrong::new(
            "too_far_ahead",
            pointer,
            "at most 5 minutes ahead fit",
        )),
        (at, _) => Ok(at),
    }
}

/// A text within its bound.
fn text(text: &str, pointer: &str) -> Result<String, Wrong> {
    if text.len() > limit::TEXT_BYTES {
        let fits = format!("at most {} bytes fit", limit::TEXT_BYTES);
        return Err(Wrong::new("too_long", pointer, fits));
    }
    Ok(text.to_owned())
}

/// A text that has to be there.
fn needed(given: &str, pointer: &str) -> Result<String, Wrong> {
    if given.trim().is_empty() {
        return Err(Wrong::missing(pointer, "it has to be there"));
    }
    text(given, pointer)
}
