//! Who is in a file twice: rows that name one contact, and identifiers that contacts share.

use super::{
    report::{MOST_WARNED, WarningAt},
    rows::TakenRow,
};
use crate::people::identifier::{Identifier, IdentifierKind};
use std::collections::BTreeMap;

/// Most lines that are named of one identifier.
const MOST_LINES: usize = 10;

/// What is there twice: how often, and where first.
#[derive(Clone, Debug, Default)]
pub struct Doubled {
    /// Identifiers of one contact in several rows.
    pub repeated: usize,
    /// The first of them.
    pub repeated_at: Vec<WarningAt>,
    /// Mail addresses and phone numbers of several ids.
    pub shared: usize,
    /// The first of them.
    pub shared_at: Vec<WarningAt>,
}

/// Finds them.
#[must_use]
pub fn find(rows: &[TakenRow]) -> Doubled {
    let mut by_identifier: BTreeMap<&Identifier, Vec<&TakenRow>> = BTreeMap::new();
    for row in rows {
        for who in &row.fact.who {
            by_identifier.entry(who).or_default().push(row);
        }
    }
    let several = by_identifier.into_iter().filter(|(_, rows)| rows.len() > 1);
    let mut several: Vec<_> = several.collect();
    several.sort_by_key(|(_, rows)| rows.first().map(|row| row.line));
    let mut doubled = Doubled::default();
    for (who, rows) in several {
        let mut ids: Vec<Option<&str>> = rows.iter().map(|row| id(row)).collect();
        ids.sort_unstable();
        ids.dedup();
        let is_id = who.kind == IdentifierKind::Id;
        let different = ids.iter().flatten().count();
        let (count, at) = match (is_id, different) {
            (false, 2..) => (&mut doubled.shared, &mut doubled.shared_at),
            // That these rows are of one contact, their id says already.
            (false, 1) if ids.len() == 1 => continue,
            _ => (&mut doubled.repeated, &mut doubled.repeated_at),
        };
        *count += 1;
        if at.len() < MOST_WARNED {
            let ids = ids.into_iter().flatten().take(MOST_LINES);
            let ids: Vec<&str> = ids.filter(|_| !is_id && different > 1).collect();
            at.push(WarningAt {
                lines: rows.iter().take(MOST_LINES).map(|row| row.line).collect(),
                rows: rows.len(),
                column: who.kind.as_str().to_owned(),
                value: who.value.clone(),
                detail: ids.join(", "),
            });
        }
    }
    doubled
}

fn id(row: &TakenRow) -> Option<&str> {
    let mut who = row.fact.who.iter();
    let id = who.find(|who| who.kind == IdentifierKind::Id);
    id.map(|id| id.value.as_str())
}
