//! The first bytes of every message: what it is, and in which version.

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The version that this crate writes. All versions that a living pixel may still
/// have written are read; so far there is one.
const VERSION: u8 = 1;

/// Why bytes are not the message they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// It doesn't begin as such a message does.
    #[error("not a message of Crumbtrail")]
    Magic,
    /// A version that this build doesn't read.
    #[error("wire version {0} is not read by this build")]
    Version(u8),
    /// It ends too early, or a value is out of its range.
    #[error("the bytes don't fit the message's structure")]
    Structure,
    /// Bytes are left after the end.
    #[error("bytes are left after the message's end")]
    Trailing,
    /// A text or a list is longer than its bound.
    #[error("{field} is longer than {limit}")]
    TooLong {
        /// Which.
        field: &'static str,
        /// Its bound, in bytes or entries.
        limit: usize,
    },
    /// A number that is none, or infinite.
    #[error("a number is not finite, or not written as JSON writes it")]
    NotANumber,
    /// A form or an answer has no name that fits.
    #[error("a name is not 1 to 64 characters of a-z, 0-9 and _")]
    Name,
    /// The site is no slug.
    #[error(transparent)]
    Site(#[from] crate::id::NotASite),
    /// Events must come in the order of their seq, each once.
    #[error("events are not in the order of their seq")]
    Order,
    /// A batch without events says nothing.
    #[error("a batch needs at least one event")]
    Empty,
}

impl DecodeError {
    /// A stable code for answers and metrics.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Magic => "bad_magic",
            Self::Version(_) => "unknown_version",
            Self::Structure | Self::Trailing => "bad_structure",
            Self::TooLong { .. } => "too_long",
            Self::NotANumber => "not_a_number",
            Self::Name => "bad_name",
            Self::Site(_) => "bad_site",
            Self::Order => "bad_order",
            Self::Empty => "empty",
        }
    }
}

/// Begins a message of `kind`.
pub(crate) fn open(kind: u8, out: &mut Vec<u8>) {
    out.extend_from_slice(&[b'C', kind, VERSION]);
}

/// Takes the frame off and gives what follows it.
pub(crate) fn strip(kind: u8, bytes: &[u8]) -> Result<&[u8], DecodeError> {
    match bytes {
        [b'C', found, version, rest @ ..] if *found == kind => match *version {
            VERSION => Ok(rest),
            other => Err(DecodeError::Version(other)),
        },
        _ => Err(DecodeError::Magic),
    }
}

/// Appends one value.
pub(crate) fn put<T: Serialize>(value: &T, out: Vec<u8>) -> Vec<u8> {
    // The only error of postcard's encoder into a growing vector is a sequence of
    // unknown length, and no type of this crate has one.
    postcard::to_extend(value, out).unwrap_or_default()
}

/// Takes one value from the front.
pub(crate) fn take<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<(T, &'a [u8]), DecodeError> {
    postcard::take_from_bytes(bytes).map_err(|_| DecodeError::Structure)
}
