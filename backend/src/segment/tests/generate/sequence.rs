//! Sequences of up to four steps.

use super::Scene;
use super::leaf::{bare_event, bare_order, with};
use super::window::{duration, window};
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// A step before it is known what stands around it.
#[derive(Clone, Debug)]
struct Draft {
    of: Value,
    is_absent: bool,
    within: Value,
    has_within: bool,
    /// `same` or `differs`, with what.
    relation: Option<(&'static str, &'static [&'static str])>,
}

pub(super) fn sequence(scene: &Scene) -> BoxedStrategy<Value> {
    let many = prop_oneof![1 => Just(1usize), 4 => Just(2), 3 => Just(3), 1 => Just(4)];
    let draft = draft(scene).boxed();
    let drafts = many.prop_flat_map(move |n| prop::collection::vec(draft.clone(), n));
    (drafts, weighted(0.2, window(scene)))
        .prop_map(|(drafts, window)| {
            let steps = steps(&drafts);
            with(
                json!({"kind": "sequence", "steps": steps}),
                [("window", window)],
            )
        })
        .boxed()
}

fn draft(scene: &Scene) -> impl Strategy<Value = Draft> + use<> {
    let keys: &[&[&str]] = &[&["session"], &["product"], &["session", "product"]];
    let relation = (select(&["same", "differs"][..]), select(keys));
    (
        prop_oneof![4 => bare_event(scene), 1 => bare_order(scene)],
        prop::bool::weighted(0.25),
        duration(),
        prop::bool::weighted(0.3),
        weighted(0.3, relation),
    )
        .prop_map(|(of, is_absent, within, has_within, relation)| Draft {
            of,
            is_absent,
            within,
            has_within,
            relation,
        })
}

/// The steps, with what is not allowed where they stand left out.
fn steps(drafts: &[Draft]) -> Vec<Value> {
    let (first, rest) = drafts.split_first().unwrap();
    let mut steps = vec![json!({"of": first.of})];
    let mut before = first;
    for (index, draft) in rest.iter().enumerate() {
        let is_trailing = rest[index..].iter().all(|draft| draft.is_absent);
        steps.push(step(draft, before, is_trailing));
        if !draft.is_absent {
            before = draft;
        }
    }
    steps
}

fn step(draft: &Draft, before: &Draft, is_trailing: bool) -> Value {
    let are_events = draft.of["kind"] == "event" && before.of["kind"] == "event";
    let within = (draft.has_within || is_trailing).then(|| draft.within.clone());
    let absent = draft.is_absent.then_some(json!(true));
    let step = with(
        json!({"of": draft.of}),
        [("within", within), ("absent", absent)],
    );
    let Some((relation, keys)) = draft.relation else {
        return step;
    };
    let fitting = keys.iter().filter(|key| are_events || **key != "session");
    let keys: Vec<&str> = fitting.copied().collect();
    with(step, [(relation, (!keys.is_empty()).then(|| json!(keys)))])
}
