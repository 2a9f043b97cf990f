//! How much the random questions tell, and that they are valid.

use super::facts::CONTACT;
use super::generate::{CURRENCY, case};
use super::truth::World;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;
use std::collections::BTreeMap;

const CASES: usize = 1000;

#[derive(Default)]
struct Share {
    nobody: u32,
    everyone: u32,
    telling: u32,
}

#[test]
fn most_answers_are_neither_nobody_nor_everyone() {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        TestRng::deterministic_rng(RngAlgorithm::ChaCha),
    );
    let mut shares: BTreeMap<String, Share> = BTreeMap::new();
    let mut people = 0;
    for _ in 0..CASES {
        let case = case().new_tree(&mut runner).unwrap().current();
        let world = World {
            facts: &case.facts,
            zone: case.zone,
            week_start: case.week_start,
            currency: CURRENCY,
            as_of: case.as_of,
        };
        let everyone = world.everyone().len();
        people += everyone;
        for definition in &case.definitions {
            let found = world.members(definition).len();
            for name in ["of all".to_owned(), name(definition)] {
                let share = shares.entry(name).or_default();
                match found {
                    0 => share.nobody += 1,
                    found if found == everyone => share.everyone += 1,
                    _ => share.telling += 1,
                }
            }
            let root = &world.counts(definition)[0];
            assert_eq!(root.alone, found as u64);
        }
    }
    eprintln!("{} people a case", people as f64 / CASES as f64);
    for (name, share) in &shares {
        let all = share.nobody + share.everyone + share.telling;
        let percent = |n: u32| 100 * n / all;
        eprintln!(
            "{name}: {all} asked, {}% nobody, {}% everyone, {}% telling",
            percent(share.nobody),
            percent(share.everyone),
            percent(share.telling)
        );
    }
    let all = &shares["of all"];
    assert!(all.telling > all.nobody + all.everyone);
}

#[test]
fn what_is_generated_is_valid() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..CASES {
        let case = case().new_tree(&mut runner).unwrap().current();
        for identity in &case.facts.identities {
            assert_eq!(identity.is_visitor, identity.id & CONTACT == 0);
        }
        let saved = case.facts.segments.values();
        for definition in case.definitions.iter().chain(saved) {
            check_node(definition, 1);
        }
    }
}

fn check_node(node: &Value, depth: u32) {
    assert!(depth <= 4, "{node}");
    for key in ["all", "any"] {
        if let Some(parts) = node[key].as_array() {
            assert!(!parts.is_empty());
            parts.iter().for_each(|part| check_node(part, depth + 1));
        }
    }
    if node["not"].is_object() {
        check_node(&node["not"], depth + 1);
    }
    let measure = node["measure"].to_string();
    assert!(node["event"] != "any" || !measure.contains("dwell_ms"));
    assert!(node["measure"] != "visits" || node["kind"] == "event");
    if let Some(steps) = node["steps"].as_array() {
        check_steps(steps);
    }
}

fn check_steps(steps: &[Value]) {
    assert_eq!(steps[0].as_object().unwrap().len(), 1);
    let mut before = &steps[0];
    for (index, step) in steps.iter().enumerate().skip(1) {
        let is_trailing = steps[index..].iter().all(|step| step["absent"] == true);
        assert!(!is_trailing || step["within"].is_object(), "{steps:?}");
        let keys = [&step["same"], &step["differs"]];
        let of_session = keys.iter().any(|keys| keys.to_string().contains("session"));
        let are_events = [step, before]
            .iter()
            .all(|step| step["of"]["kind"] == "event");
        assert!(!of_session || are_events, "{steps:?}");
        if step["absent"] != true {
            before = step;
        }
    }
}

fn name(definition: &Value) -> String {
    match definition["kind"].as_str() {
        Some(kind) => kind.to_owned(),
        None => "tree".to_owned(),
    }
}
