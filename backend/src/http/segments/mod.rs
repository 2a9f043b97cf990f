//! The segments that a site keeps: listed, told, changed, archived; who is in them; and the
//! language that they are written in. What is asked as somebody types is in
//! [`preview`](super::preview).

mod asking;
mod change;
mod changes;
mod explain;
mod language;
mod members;
mod overlap;
mod tell;
mod trends;

pub use asking::{Asking, turn};
pub use change::*;
pub use changes::*;
pub use explain::*;
pub use language::*;
pub use members::*;
pub use overlap::*;
pub use tell::*;
pub use trends::*;

use super::{Problem, auth::from_control};
use crate::{
    control::SegmentError,
    segment::{Invalid, words::Word as _},
};
use axum::http::StatusCode;

/// Why a definition is refused; the pointer goes into the definition.
pub fn invalid(invalid: Invalid) -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        invalid.code.as_str(),
        invalid.message,
    )
    .at(invalid.pointer)
}

/// Why a segment is not told or changed.
fn refused(problem: SegmentError) -> Problem {
    let text = problem.to_string();
    let conflict = |code| Problem::new(StatusCode::CONFLICT, code, text.clone());
    match problem {
        SegmentError::Control(problem) => from_control(problem),
        SegmentError::NoSegment(_) => Problem::new(StatusCode::NOT_FOUND, "unknown_segment", text),
        SegmentError::Json(_) => Problem::new(StatusCode::BAD_REQUEST, "bad_body", text),
        SegmentError::Invalid(problem) => invalid(problem),
        SegmentError::ChangedMeanwhile { .. } => conflict("changed_meanwhile"),
        SegmentError::Circle { pointer, .. } => conflict("segment_circle").at(pointer),
        SegmentError::InUse { .. } => conflict("segment_in_use"),
        SegmentError::Breaks { .. } => conflict("breaks_segment"),
    }
}
