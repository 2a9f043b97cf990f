//! Which tables matter to a question, and which of their rows.

use super::Question;
use super::ast::{Events, Of};
use super::fields::Source;
use super::nodes::{self, Node};
use super::resolve::{Asked, ContactTest, Facts, Leaf, Resolved, Tree};
use super::settings::SiteSettings;
use super::time::{Offsets, Span};
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
    /// What must be true, by definition.
    pub trees: Vec<Tree>,
    /// What is asked of every person.
    pub leaves: Vec<Leaf>,
    /// What their answers must be, each once.
    pub answers: Vec<Answer>,
    /// Whether something that is asked is true of people of whom no leaf knows anything, so that
    /// everyone must be seen.
    pub everyone: bool,
    /// The only people who matter, by all that names them; nothing where everyone does.
    pub only: Option<Vec<u64>>,
    /// Of so many people one is asked, drawn by their ids; 1: everyone.
    pub one_in: u32,
    /// People who are answered for though nothing may be known of them.
    pub people: Vec<u64>,
    /// Which events are read, if any.
    pub events: Option<Scan>,
    /// How the site's clock stands to the time.
    pub offsets: Offsets,
}

/// A person whom one asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their own id.
    pub id: u64,
    /// All ids that name them, in any order: of their contact, of what it absorbed, and of their
    /// visitors. What is known by an id that is left out is not theirs.
    pub ids: Vec<u64>,
}

/// What the answer of a leaf must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The leaf's place in [`Plan::leaves`].
    pub leaf: usize,
    /// What is asked of it.
    pub asked: Asked,
    /// Whether that is true of a person of whom nothing is known.
    pub of_nothing: bool,
}

/// Which of the site's events are read, of those that count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scan {
    /// All before the moment that is asked about.
    Everyone,
    /// Only those that some leaf asks about.
    Asked {
        /// Their types; `None` is every type.
        types: Option<Events>,
        /// They lie in one of these stretches, which are apart and in order.
        spans: Vec<Span>,
    },
}

/// What people do to a cart.
pub const CART_EVENTS: [EventType; 2] = [EventType::AddToCart, EventType::RemoveFromCart];

/// Plans a question.
#[must_use]
pub fn plan(resolved: Resolved, question: &Question<'_>) -> Plan {
    of_nodes(resolved, &[], question)
}

/// Plans a question about definitions and all nodes of each.
#[must_use]
pub fn of_nodes(resolved: Resolved, nodes: &[Vec<Node>], question: &Question<'_>) -> Plan {
    let Resolved {
        trees,
        leaves,
        offsets,
    } = resolved;
    let mut answers = Vec::new();
    for tree in &trees {
        collect(tree, &leaves, &mut answers);
    }
    let is_true = |tree| of_nothing(tree, &answers);
    let everyone = trees.iter().any(is_true)
        || nodes.iter().any(|nodes| {
            let truths: Vec<bool> = nodes.iter().map(|node| is_true(&node.tree)).collect();
            let without = |place| nodes::without(nodes, &truths, place) == Some(true);
            truths.contains(&true) || (0..nodes.len()).any(without)
        });
    let events = if everyone {
        Some(Scan::Everyone)
    } else {
        asked(&leaves, question.as_of_ms)
    };
    Plan {
        site: question.site.to_owned(),
        settings: question.settings.clone(),
        as_of_ms: question.as_of_ms,
        trees,
        leaves,
        answers,
        everyone,
        only: None,
        one_in: 1,
        people: Vec::new(),
        events,
        offsets,
    }
}

/// Plans a question about these people alone.
#[must_use]
pub fn of_people(resolved: Resolved, people: &[Person], question: &Question<'_>) -> Plan {
    let plan = plan(resolved, question);
    Plan {
        everyone: false,
        only: Some(people.iter().flat_map(Person::all).collect()),
        people: people.iter().map(|person| person.id).collect(),
        events: asked(&plan.leaves, question.as_of_ms),
        ..plan
    }
}

impl Person {
    fn all(&self) -> impl Iterator<Item = u64> {
        let others = self.ids.iter().copied().filter(|id| *id != self.id);
        std::iter::once(self.id).chain(others)
    }
}

impl Plan {
    /// The place of an answer.
    #[must_use]
    pub fn answer(&self, leaf: usize, asked: Asked) -> usize {
        let is_it = |answer: &Answer| answer.leaf == leaf && answer.asked == asked;
        self.answers.iter().position(is_it).unwrap_or_default()
    }
}

/// What the tree asks, each once.
pub(super) fn collect(tree: &Tree, leaves: &[Leaf], answers: &mut Vec<Answer>) {
    match tree {
        Tree::All(parts) | Tree::Any(parts) => {
            for part in parts {
                collect(part, leaves, answers);
            }
        }
        Tree::Not(part) | Tree::Nested(part) => collect(part, leaves, answers),
        Tree::Leaf { leaf, asked } => {
            let answer = Answer {
                leaf: *leaf,
                asked: *asked,
                of_nothing: leaves.get(*leaf).is_some_and(|leaf| leaf.of_nothing(asked)),
            };
            if !answers.contains(&answer) {
                answers.push(answer);
            }
        }
    }
}

/// The tree's answer where every leaf sees nothing.
fn of_nothing(tree: &Tree, answers: &[Answer]) -> bool {
    tree.is_true(&|leaf, asked| {
        answers
            .iter()
            .any(|answer| answer.leaf == leaf && answer.asked == asked && answer.of_nothing)
    })
}

/// The events that leaves ask about; nothing where none does.
pub(super) fn asked(leaves: &[Leaf], as_of_ms: i64) -> Option<Scan> {
    // The latest of all is looked for, wherever the window is.
    let before = Span {
        from_ms: None,
        to_ms: as_of_ms,
    };
    let mut types: Option<Option<Events>> = None;
    let mut spans = Vec::new();
    for leaf in leaves {
        let (facts, when, is_of_any) = match leaf {
            Leaf::Measured(leaf) => (Some(&leaf.facts), &leaf.when, leaf.is_of_starts()),
            Leaf::Last(leaf) => (leaf.facts.as_ref(), &leaf.when, leaf.facts.is_none()),
            Leaf::Cart(leaf) => (None, &leaf.when, false),
            Leaf::Sequence(leaf) => (None, &leaf.when, false),
            Leaf::Contact(ContactTest { since, .. }) => {
                if let Some(events) = since.as_ref().and_then(events_of) {
                    types = Some(match types {
                        None => Some(events),
                        Some(known) => known.and_then(|known| both(known, events)),
                    });
                    spans.push(before);
                }
                continue;
            }
            Leaf::Group(_) => continue,
        };
        let span = match leaf {
            Leaf::Last(_) | Leaf::Cart(_) | Leaf::Sequence(_) => before,
            _ => when.span,
        };
        let mut reads: Vec<(Option<Events>, Span)> = Vec::new();
        match leaf {
            _ if is_of_any => reads.push((None, span)),
            Leaf::Cart(_) => reads.push((Some(Events::These(CART_EVENTS.into())), span)),
            Leaf::Sequence(leaf) => {
                let steps = leaf.steps.iter().filter_map(|step| events_of(&step.facts));
                reads.extend(steps.map(|events| (Some(events), span)));
            }
            _ => reads.extend(facts.and_then(events_of).map(|events| (Some(events), span))),
        }
        let since = when.since.as_ref().and_then(events_of);
        reads.extend(since.map(|events| (Some(events), before)));
        for (read, span) in reads {
            types = Some(match types {
                None => read,
                Some(known) => known.zip(read).and_then(|(one, two)| both(one, two)),
            });
            spans.push(span);
        }
    }
    types.map(|types| Scan::Asked {
        types,
        spans: apart(spans),
    })
}

fn events_of(facts: &Facts) -> Option<Events> {
    match &facts.of {
        Of::Events(events) => Some(events.clone()),
        _ => None,
    }
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

impl Plan {
    /// Whether a leaf asks about facts of a source, of those whose places matter.
    #[must_use]
    pub fn reads(&self, source: Source, matters: impl Fn(usize) -> bool) -> bool {
        let is_of =
            |facts: &Option<Facts>| facts.as_ref().is_some_and(|facts| facts.source() == source);
        let mut leaves = self.leaves.iter().enumerate();
        leaves.any(|(place, leaf)| {
            matters(place)
                && match leaf {
                    Leaf::Measured(leaf) => {
                        leaf.facts.source() == source || is_of(&leaf.when.since)
                    }
                    Leaf::Last(leaf) => {
                        let of_visits = leaf.facts.is_none() && source == Source::Events;
                        of_visits || is_of(&leaf.facts) || is_of(&leaf.when.since)
                    }
                    Leaf::Cart(leaf) => source != Source::Messages || is_of(&leaf.when.since),
                    Leaf::Sequence(leaf) => {
                        let mut steps = leaf.steps.iter();
                        steps.any(|step| step.facts.source() == source) || is_of(&leaf.when.since)
                    }
                    Leaf::Contact(leaf) => is_of(&leaf.since),
                    Leaf::Group(_) => false,
                }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Known, parse, resolve};
    use super::*;
    use expect_test::{Expect, expect};
    use jiff::civil::Weekday;
    use serde_json::{Value, json};

    fn check(definition: &Value, expected: Expect) {
        let settings = SiteSettings::new("UTC", Weekday::Sunday, "ILS").unwrap();
        let question = Question {
            site: "shop",
            settings: &settings,
            known: &Known::default(),
            as_of_ms: 73 * 86_400_000,
        };
        let resolved = resolve(&parse(definition).unwrap(), &question).unwrap();
        let answer = match plan(resolved, &question).events {
            None => "nothing".to_owned(),
            Some(Scan::Everyone) => "everyone".to_owned(),
            Some(Scan::Asked { types, spans }) => {
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
