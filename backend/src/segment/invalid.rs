//! The refusal of a definition: where, which kind, and what would fit.

use super::words::words;
use std::fmt;

/// Why a definition is refused. The HTTP layer answers it as a 422.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {message}")]
pub struct Invalid {
    /// The wrong part, as an RFC 6901 pointer into the definition. The pointer
    /// of the node that it stands in is a prefix of it.
    pub pointer: String,
    /// Which kind of mistake, for programs.
    pub code: Code,
    /// What is wrong and what would fit, for people.
    pub message: String,
}

words! {
    /// The kinds of mistakes. Their words are stable: programs read them.
    Code {
        WrongType = "wrong_type",
        UnknownKey = "unknown_key",
        MissingKey = "missing_key",
        DuplicateKey = "duplicate_key",
        /// A value that is none of the listed words.
        UnknownWord = "unknown_word",
        EmptyList = "empty_list",
        EmptyText = "empty_text",
        OutOfRange = "out_of_range",
        BadDate = "bad_date",
        /// The greater bound first, or the farther.
        Reversed = "reversed",
        /// A word of the language in a place where it has no meaning.
        DoesNotFit = "does_not_fit",
        TooDeep = "too_deep",
        TooManyNodes = "too_many_nodes",
    }
}

/// A place in a definition. It borrows its parents and is spelt out only when
/// something is refused.
#[derive(Clone, Copy, Debug)]
pub enum At<'a> {
    /// The definition itself.
    Root,
    /// The member of an object.
    Key(&'a At<'a>, &'a str),
    /// The element of a list.
    Index(&'a At<'a>, usize),
}

impl<'a> At<'a> {
    /// The member `key` of the object that stands here.
    #[must_use]
    pub const fn key(&'a self, key: &'a str) -> Self {
        Self::Key(self, key)
    }

    /// The element `index` of the list that stands here.
    #[must_use]
    pub const fn index(&'a self, index: usize) -> Self {
        Self::Index(self, index)
    }

    /// The refusal of what stands here.
    #[must_use]
    pub fn refuse(&self, code: Code, message: impl Into<String>) -> Invalid {
        Invalid {
            pointer: self.to_string(),
            code,
            message: message.into(),
        }
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(parent, key) => {
                write!(
                    out,
                    "{parent}/{}",
                    key.replace('~', "~0").replace('/', "~1")
                )
            }
            Self::Index(parent, index) => write!(out, "{parent}/{index}"),
        }
    }
}
