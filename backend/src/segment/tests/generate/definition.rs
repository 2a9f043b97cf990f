//! What is asked: every kind of node.

use super::leaf::leaf;
use super::{SEGMENTS, Scene, word};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A definition of up to four levels; leaves may be saved segments.
pub(super) fn definition(scene: &Scene) -> BoxedStrategy<Value> {
    let nested = word(SEGMENTS).prop_map(|id| json!({"kind": "segment", "segment": id}));
    let leaf = prop_oneof![15 => leaf(scene), 1 => nested].boxed();
    prop_oneof![3 => leaf.clone(), 2 => tree(leaf, 3)].boxed()
}

/// The saved segments, the second of which may hold the first.
pub(super) fn saved(scene: &Scene) -> BoxedStrategy<BTreeMap<String, Value>> {
    let (one, two) = (SEGMENTS[0], SEGMENTS[1]);
    let first = json!({"kind": "segment", "segment": one});
    let leaves = prop_oneof![3 => leaf(scene), 1 => Just(first)].boxed();
    (tree(leaf(scene), 1), tree(leaves, 1))
        .prop_map(|(first, second)| [(one.to_owned(), first), (two.to_owned(), second)].into())
        .boxed()
}

fn tree(leaf: BoxedStrategy<Value>, depth: u32) -> BoxedStrategy<Value> {
    leaf.prop_recursive(depth, 6, 2, |node| {
        let nodes = || prop::collection::vec(node.clone(), 1..4);
        prop_oneof![
            2 => nodes().prop_map(|nodes| json!({"all": nodes})),
            2 => nodes().prop_map(|nodes| json!({"any": nodes})),
            1 => node.prop_map(|node| json!({"not": node})),
        ]
    })
    .boxed()
}
