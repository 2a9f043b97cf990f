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

pub mod ast;
pub mod contact;
pub mod describe;
pub mod estimate;
pub mod explain;
pub mod fields;
pub mod gate;
pub mod invalid;
pub mod json;
pub mod nodes;
pub mod number;
pub mod parse;
pub mod plan;
pub mod resolve;
pub mod schema;
pub mod settings;
pub mod sql;
pub mod templates;
pub mod time;
pub mod words;

pub use contact::ContactField;
pub use estimate::{margin, one_in};
pub use explain::{Explaining, Fact, FactId, Found, Reason, Told, explain};
pub use invalid::{Code, Invalid};
pub use json::Definition;
pub use parse::parse;
pub use plan::{Person, Plan, plan};
pub use resolve::{Resolved, resolve, resolve_all};
pub use settings::{SettingsError, SiteSettings};
pub use sql::{Form, Param, Statement, converted};

use std::collections::{BTreeMap, BTreeSet};

/// What a site has that definitions name.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Fields of contacts, by their names.
    pub fields: BTreeMap<String, ContactField>,
    /// Ids of groups.
    pub groups: BTreeSet<String>,
    /// Definitions of segments, by their ids.
    pub segments: BTreeMap<String, ast::Node>,
}

/// What a definition is asked of.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The site's slug.
    pub site: &'a str,
    /// The site's settings.
    pub settings: &'a SiteSettings,
    /// What the site has.
    pub known: &'a Known,
    /// The moment that is asked about, in milliseconds since the epoch: no
    /// event of that moment or later counts.
    pub as_of_ms: i64,
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

/// Of each definition its nodes, and a statement of a row for each: for how many people each node
/// is true and how many more would be in the segment without it, an array of pairs of `UInt64`;
/// and the `sample` members with the least ids, an array of `UInt64`. Of `one_in` people one is
/// asked, who is always the same one.
///
/// # Errors
/// [`Invalid`] of the first definition that is.
pub fn preview(
    definitions: &[&ast::Node],
    question: &Question<'_>,
    sample: u16,
    one_in: u32,
) -> Result<(Vec<Vec<nodes::Node>>, Statement), Invalid> {
    let resolved = resolve_all(definitions, question)?;
    let nodes: Vec<_> = resolved.trees.iter().map(nodes::nodes).collect();
    let mut plan = plan::of_nodes(resolved, &nodes, question);
    plan.one_in = one_in;
    let statement = sql::preview(&plan, &nodes, sample);
    Ok((nodes, statement))
}

/// Who is in the segment, with what is known of them: a statement of rows as
/// [`sql::listed`] says.
///
/// # Errors
/// [`Invalid`] where the definition is.
pub fn listed(
    definition: &ast::Node,
    question: &Question<'_>,
    columns: &[ContactField],
    form: Form,
    (after, limit): (Option<u64>, u64),
) -> Result<Statement, Invalid> {
    let plan = plan(resolve(definition, question)?, question);
    Ok(sql::listed(&plan, columns, form, after, limit))
}

/// How many people are in which of several segments at once: a statement of rows of the places of
/// the definitions, from 1 on (an array of `UInt32`), and how many people these and no others are
/// true of (`UInt64`), the most first.
///
/// # Errors
/// [`Invalid`] of the first definition that is.
pub fn together(definitions: &[&ast::Node], question: &Question<'_>) -> Result<Statement, Invalid> {
    let Statement { text, params } = memberships(definitions, question, None)?;
    let text = format!(
        "SELECT places, count() AS people FROM (\n{text})\nGROUP BY places ORDER BY people DESC, places"
    );
    Ok(Statement { text, params })
}

/// Who is in which of several segments: a statement of rows of a person (`UInt64`) and the places
/// of the definitions that are true of them, from 1 on (an array of `UInt32`); in no order. Where
/// `only` is given, of the people whom these ids name, all ids of each being there.
///
/// # Errors
/// [`Invalid`] of the first definition that is.
pub fn memberships(
    definitions: &[&ast::Node],
    question: &Question<'_>,
    only: Option<Vec<u64>>,
) -> Result<Statement, Invalid> {
    let mut plan = plan(resolve_all(definitions, question)?, question);
    plan.only = only;
    Ok(sql::memberships(&plan))
}

#[cfg(test)]
mod tests;
