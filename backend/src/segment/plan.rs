//! Which rows of the table matter to a question.

use super::Question;
use super::ast::Events;
use super::resolve::{Leaf, Measure, Resolved, Tree};
use super::settings::SiteSettings;
use super::time::Span;
use super::words::EventType;

/// All that the statement is made from.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The site's slug.
    pub site: String,
    /// The site's settings.
    pub settings: SiteSettings,
    /// The end of all windows, in milliseconds since the epoch.
    pub as_of_ms: i64,
    /// What must be true.
    pub tree: Tree,
    /// What is measured.
    pub leaves: Vec<Leaf>,
    /// Which rows are read.
    pub scan: Scan,
}

/// Which of the site's rows are read, of those that count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scan {
    /// All before the moment that is asked about: the definition is true of
    /// people of whom no leaf knows anything, so everyone must be seen.
    Everyone,
    /// Only those that some leaf asks about: who has none is not in.
    Asked {
        /// Their types; `None` is every type.
        types: Option<Events>,
        /// They lie in one of these stretches, which are apart and in order.
        spans: Vec<Span>,
    },
}

/// Plans a question.
#[must_use]
pub fn plan(resolved: Resolved, question: &Question<'_>) -> Plan {
    let Resolved { tree, leaves } = resolved;
    let scan = if of_nothing(&tree, &leaves) {
        Scan::Everyone
    } else {
        asked(&leaves)
    };
    Plan {
        site: question.site.to_owned(),
        settings: question.settings.clone(),
        as_of_ms: question.as_of_ms,
        tree,
        leaves,
        scan,
    }
}

/// The tree's answer where every leaf sees nothing.
fn of_nothing(tree: &Tree, leaves: &[Leaf]) -> bool {
    match tree {
        Tree::All(parts) => parts.iter().all(|part| of_nothing(part, leaves)),
        Tree::Any(parts) => parts.iter().any(|part| of_nothing(part, leaves)),
        Tree::Not(part) => !of_nothing(part, leaves),
        Tree::Leaf { leaf, compare } => leaves
            .get(*leaf)
            .is_some_and(|leaf| leaf.of_nothing(compare)),
    }
}

fn asked(leaves: &[Leaf]) -> Scan {
    let types = leaves
        .iter()
        .flat_map(types_of)
        .reduce(|one, two| both(one?, two?))
        .flatten();
    Scan::Asked {
        types,
        spans: apart(leaves.iter().map(|leaf| leaf.span).collect()),
    }
}

/// The types of the leaf's facts, and of those that its window begins after;
/// `None` is every type.
fn types_of(leaf: &Leaf) -> impl Iterator<Item = Option<Events>> {
    // A session may begin with any type, `dwell` too.
    let starts = leaf.measure == Measure::SessionStarts && leaf.per.is_none();
    let own = (!starts).then(|| leaf.facts.events.clone());
    let since = leaf.since.as_ref().map(|facts| Some(facts.events.clone()));
    [Some(own), since].into_iter().flatten()
}

fn both(one: Events, two: Events) -> Option<Events> {
    match (one, two) {
        (Events::Any, Events::Any) => Some(Events::Any),
        (Events::Any, Events::These(types)) | (Events::These(types), Events::Any) => {
            (!types.contains(&EventType::Dwell)).then_some(Events::Any)
        }
        (Events::These(mut one), Events::These(two)) => {
            one.extend(two);
            Some(Events::These(one))
        }
    }
}

/// The same stretches without overlaps and without empty ones.
fn apart(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|span| span.from_ms.is_none_or(|from| from < span.to_ms));
    spans.sort_by_key(|span| span.from_ms);
    let mut apart: Vec<Span> = Vec::new();
    for span in spans {
        match apart.last_mut() {
            Some(last) if span.from_ms.is_none_or(|from| from <= last.to_ms) => {
                last.to_ms = last.to_ms.max(span.to_ms);
            }
            _ => apart.push(span),
        }
    }
    apart
}
