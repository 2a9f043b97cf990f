//! Definitions that are too large, ask for themselves, or are in disorder.

use super::draft::{Draft, Mutant, mutant};
use super::kind::{Kind, beyond_schema, kind};
use super::place::{Role, parent};
use super::site::{DEEP, LOOPS, WIDE};
use crate::segment::Code;
use proptest::prelude::RngExt as _;
use serde_json::{Value, json};

pub(super) fn kinds() -> Vec<Kind> {
    vec![
        beyond_schema("too deep", too_deep),
        beyond_schema("too deep with a segment put in", deep_segment),
        beyond_schema("too many nodes", too_many),
        beyond_schema("too many with segments put in", many_with_segments),
        beyond_schema("a segment in itself", endless),
        kind("a first step that is absent", |draft| {
            first_step(draft, "absent", json!(true))
        }),
        kind("a first step with a limit", |draft| {
            first_step(draft, "within", json!({"n": 1, "unit": "hour"}))
        }),
        kind("a first step with something in common", |draft| {
            first_step(draft, "same", json!(["product"]))
        }),
        kind("a first step with nothing in common", |draft| {
            first_step(draft, "differs", json!(["session"]))
        }),
        beyond_schema("an absence without end", endless_absence),
        kind("a session of orders", session_of_order),
        beyond_schema("a session after orders", session_after_order),
        kind("too many steps", too_many_steps),
    ]
}

/// How deep a node stands, the root being 1.
fn depth(pointer: &str) -> usize {
    let joins = pointer
        .split('/')
        .filter(|key| ["all", "any", "not"].contains(key));
    1 + joins.count()
}

/// The node, so often denied.
fn denied(node: &Value, times: usize) -> Value {
    (0..times).fold(node.clone(), |node, _| json!({"not": node}))
}

fn node(draft: &mut Draft<'_>) -> Option<String> {
    draft.place(&[Role::Leaf, Role::Join], |_, _| true)
}

/// The first node that is 17 deep.
fn too_deep(draft: &mut Draft<'_>) -> Option<Mutant> {
    let place = node(draft)?;
    let times = 17 - depth(&place);
    let more = draft.rng.random_range(0..4);
    let definition = draft.with(&place, denied(draft.value(&place), times + more));
    Some(mutant(
        &definition,
        &format!("{place}{}", "/not".repeat(times)),
        Code::TooDeep,
    ))
}

/// A segment takes its leaf's place, and is itself 10 deep.
fn deep_segment(draft: &mut Draft<'_>) -> Option<Mutant> {
    let place = node(draft)?;
    let segment = json!({"kind": "segment", "segment": DEEP});
    let times = draft
        .rng
        .random_range(8 - depth(&place)..=16 - depth(&place));
    let definition = draft.with(&place, denied(&segment, times));
    let wrong = format!("{place}{}/segment", "/not".repeat(times));
    Some(mutant(&definition, &wrong, Code::TooDeep))
}

/// A node of any type, beside which others stand.
fn beside(draft: &mut Draft<'_>, others: &Value, many: usize) -> Value {
    let join = draft.choose(&["all", "any"]);
    let mut nodes = vec![draft.definition.clone()];
    nodes.extend(vec![others.clone(); many]);
    json!({join: nodes})
}

/// The 201st node is the wrong one.
fn too_many(draft: &mut Draft<'_>) -> Option<Mutant> {
    let nodes = [Role::Leaf, Role::Join];
    let nodes = draft
        .places
        .iter()
        .filter(|place| nodes.contains(&place.role));
    // With the root, and without those that come.
    let before = 1 + nodes.count();
    let more = draft.rng.random_range(0..9);
    let definition = beside(draft, &json!({"kind": "order"}), 201 - before + more);
    let join = definition.as_object()?.keys().next()?;
    let wrong = format!("/{join}/{}", 201 - before);
    Some(mutant(&definition, &wrong, Code::TooManyNodes))
}

/// A segment of 150 nodes that is put in twice.
fn many_with_segments(draft: &mut Draft<'_>) -> Option<Mutant> {
    let segment = json!({"kind": "segment", "segment": WIDE});
    let definition = beside(draft, &segment, 2);
    let join = definition.as_object()?.keys().next()?;
    Some(mutant(
        &definition,
        &format!("/{join}/2/segment"),
        Code::TooManyNodes,
    ))
}

fn endless(draft: &mut Draft<'_>) -> Option<Mutant> {
    let place = node(draft)?;
    let segment = json!({"kind": "segment", "segment": draft.choose(LOOPS)});
    let definition = draft.with(&place, segment);
    Some(mutant(
        &definition,
        &format!("{place}/segment"),
        Code::DoesNotFit,
    ))
}

fn first_step(draft: &mut Draft<'_>, key: &str, value: Value) -> Option<Mutant> {
    let place = draft.place(&[Role::Step], |pointer, _| pointer.ends_with("/0"))?;
    Some(draft.set(&place, key, value, Code::DoesNotFit))
}

fn endless_absence(draft: &mut Draft<'_>) -> Option<Mutant> {
    let place = draft.any(Role::Steps)?;
    let mut steps = draft.value(&place).as_array()?.clone();
    let index = steps.len();
    steps.push(json!({"of": {"kind": "order"}, "absent": true}));
    if draft.rng.random::<bool>() {
        let within = json!({"n": 1, "unit": "day"});
        steps.push(json!({"of": {"kind": "order"}, "absent": true, "within": within}));
    }
    let definition = draft.with(&place, steps.into());
    Some(mutant(
        &definition,
        &format!("{place}/{index}"),
        Code::MissingKey,
    ))
}

/// Keys with `session` among them, and which it is.
fn with_session(draft: &mut Draft<'_>) -> (&'static str, Value, usize) {
    let (keys, index) = draft.choose(&[
        (json!(["session"]), 0),
        (json!(["session", "product"]), 0),
        (json!(["product", "session"]), 1),
    ]);
    (draft.choose(&["same", "differs"]), keys, index)
}

fn session_of_order(draft: &mut Draft<'_>) -> Option<Mutant> {
    let place = draft.place(&[Role::Step], |pointer, step| {
        !pointer.ends_with("/0") && step["of"]["kind"] == "order"
    })?;
    let (key, keys, index) = with_session(draft);
    let definition = draft.with_key(&place, key, keys);
    Some(mutant(
        &definition,
        &format!("{place}/{key}/{index}"),
        Code::DoesNotFit,
    ))
}

/// A step of events whose present one before is of orders.
fn session_after_order(draft: &mut Draft<'_>) -> Option<Mutant> {
    let definition = draft.definition;
    let place = draft.place(&[Role::Step], |pointer, step| {
        let steps = definition
            .pointer(parent(pointer))
            .unwrap()
            .as_array()
            .unwrap();
        let index: usize = pointer.rsplit_once('/').unwrap().1.parse().unwrap();
        let before = steps[..index]
            .iter()
            .rfind(|step| step["absent"] != json!(true));
        step["of"]["kind"] == "event" && before.is_some_and(|step| step["of"]["kind"] == "order")
    })?;
    let (key, keys, index) = with_session(draft);
    let definition = draft.with_key(&place, key, keys);
    Some(mutant(
        &definition,
        &format!("{place}/{key}/{index}"),
        Code::DoesNotFit,
    ))
}

fn too_many_steps(draft: &mut Draft<'_>) -> Option<Mutant> {
    let place = draft.any(Role::Steps)?;
    let mut steps = draft.value(&place).as_array()?.clone();
    let many = draft.rng.random_range(33..40);
    steps.resize(many, json!({"of": {"kind": "order"}}));
    Some(draft.put(&place, steps.into(), Code::OutOfRange))
}
