//! The segment compiler: who are the people for whom all of this is true?
//!
//! A definition goes through stages, each with types of its own, so that none
//! can be left out:
//!
//! 1. [`json`]: text to JSON that says nothing twice
//! 2. [`parse()`]: JSON to [`ast`], a tree of the language's [`words`]
//! 3. [`resolve()`]: names to [`fields`], values checked against their types,
//!    windows to absolute bounds by [`time`], equal leaves to one
//! 4. [`plan()`]: which rows matter
//! 5. [`sql`]: one statement and its typed parameters
//!
//! Whatever is refused is an [`Invalid`] that names the place. Here is no I/O
//! and no clock: the moment that is asked about comes in with the [`Question`],
//! and the statements go out as text. Only `sql` knows how a table looks.
//!
//! People are visitors so far, and the leaves ask about events; the other
//! kinds of leaves are refused as not there yet.

pub mod ast;
pub mod fields;
pub mod invalid;
pub mod json;
pub mod number;
pub mod parse;
pub mod plan;
pub mod resolve;
pub mod settings;
pub mod sql;
pub mod time;
pub mod words;

pub use invalid::{Code, Invalid};
pub use json::Definition;
pub use parse::parse;
pub use plan::{Plan, plan};
pub use resolve::{Resolved, resolve};
pub use settings::{SettingsError, SiteSettings};
pub use sql::{Param, Statement};

/// What a definition is asked of.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The site's slug.
    pub site: &'a str,
    /// The site's settings.
    pub settings: &'a SiteSettings,
    /// The moment that is asked about, in milliseconds since the epoch: no
    /// event of that moment or later counts.
    pub as_of_ms: i64,
}

/// How many people are in the segment: a statement of one `UInt64`.
///
/// # Errors
/// [`Invalid`] where the definition is.
pub fn count(definition: &ast::Node, question: &Question<'_>) -> Result<Statement, Invalid> {
    Ok(sql::count(&plan(resolve(definition, question)?, question)))
}

/// Who is in the segment: a statement of rows of one `UInt64`, ascending, at
/// most `limit` of those greater than `after`.
///
/// # Errors
/// [`Invalid`] where the definition is.
pub fn members(
    definition: &ast::Node,
    question: &Question<'_>,
    after: Option<u64>,
    limit: u64,
) -> Result<Statement, Invalid> {
    Ok(sql::members(
        &plan(resolve(definition, question)?, question),
        after,
        limit,
    ))
}

#[cfg(test)]
mod tests;
