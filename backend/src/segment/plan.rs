//! Which rows of the table matter to a question.

use super::Question;
use super::ast::Events;
use super::resolve::{Leaf, Resolved, Tree};
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
    let own = (!leaf.is_of_starts()).then(|| leaf.facts.events.clone());
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

#[cfg(test)]
mod tests {
    use super::super::{parse, resolve};
    use super::*;
    use expect_test::{Expect, expect};
    use jiff::civil::Weekday;
    use serde_json::{Value, json};

    fn check(definition: &Value, expected: Expect) {
        let settings = SiteSettings::new("UTC", Weekday::Sunday, "ILS").unwrap();
        let question = Question {
            site: "shop",
            settings: &settings,
            as_of_ms: 73 * 86_400_000,
        };
        let resolved = resolve(&parse(definition).unwrap(), &question).unwrap();
        let answer = match plan(resolved, &question).scan {
            Scan::Everyone => "everyone".to_owned(),
            Scan::Asked { types, spans } => {
                let day = |ms: i64| ms / 86_400_000;
                let spans = spans
                    .iter()
                    .map(|span| (span.from_ms.map(day), day(span.to_ms)));
                format!("{types:?} {:?}", spans.collect::<Vec<_>>())
            }
        };
        expected.assert_eq(&answer);
    }

    fn leaf(event: Value, near: i64, far: i64) -> Value {
        let ago = |n| json!({"n": n, "unit": "day"});
        json!({"kind": "event", "event": event, "window": {"between_ago": [ago(near), ago(far)]}})
    }

    #[test]
    fn only_rows_that_some_leaf_asks_about() {
        let (far, near) = (
            leaf(json!("click"), 50, 60),
            leaf(json!(["click", "search"]), 1, 8),
        );
        check(
            &json!({"any": [near, far, leaf(json!("share"), 8, 10)]}),
            expect!["Some(These({Click, Search, Share})) [(Some(13), 23), (Some(63), 72)]"],
        );
        check(
            &json!({"all": [near, {"not": leaf(json!("any"), 5, 9)}]}),
            expect!["Some(Any) [(Some(64), 72)]"],
        );
        check(
            &json!({"all": [near, leaf(json!("dwell"), 5, 9), leaf(json!("any"), 5, 9)]}),
            expect!["None [(Some(64), 72)]"],
        );
        // Bounds that cross make a window empty.
        let crossed = json!([{"n": 30, "unit": "day"}, {"n": 1, "unit": "month"}]);
        let crossed = json!({"kind": "event", "event": "any", "window": {"between_ago": crossed}});
        check(&crossed, expect!["Some(Any) []"]);
    }

    #[test]
    fn everyone_where_nothing_is_enough() {
        let click = leaf(json!("click"), 1, 2);
        check(&json!({"not": click}), expect!["everyone"]);
        check(
            &json!({"any": [click, {"not": click}]}),
            expect!["everyone"],
        );
        check(
            &json!({"all": [click, {"not": click}]}),
            expect!["Some(These({Click})) [(Some(71), 72)]"],
        );
        let with = |key: &str, value: Value| {
            let mut leaf = leaf(json!("click"), 1, 2);
            leaf[key] = value;
            leaf["compare"] = json!({"lt": 5});
            leaf
        };
        check(&with("measure", json!("days")), expect!["everyone"]);
        check(
            &with("measure", json!({"sum": "value_cents"})),
            expect!["everyone"],
        );
        check(
            &with("measure", json!({"avg": "value_cents"})),
            expect!["Some(These({Click})) [(Some(71), 72)]"],
        );
        check(
            &with("per", json!("session")),
            expect!["Some(These({Click})) [(Some(71), 72)]"],
        );
    }

    #[test]
    fn what_a_window_begins_after_is_read_too() {
        let since = json!({"since": {"kind": "event", "event": "purchase"}});
        let leaf = json!({"kind": "event", "event": "click", "window": since});
        check(
            &leaf,
            expect!["Some(These({Click, Purchase})) [(None, 73)]"],
        );
        // A visit may begin with any type.
        let visits = json!({"kind": "event", "event": "any", "measure": "visits"});
        check(&visits, expect!["None [(None, 73)]"]);
    }
}
