//! Ten thousand definitions with one mistake each: every one is refused, at the
//! mistake, by a code that fits. The schema refuses what a schema can, and takes
//! what they were made of.

mod draft;
mod kind;
mod place;
mod shape;
mod site;
mod text;
mod tree;
mod value;
mod word;

use super::generate::{Case, DEFINITIONS, case};
use draft::{Draft, Mutant};
use jsonschema::Validator;
use kind::Kind;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;
use site::{Refusal, Site};
use std::collections::BTreeSet;

/// Of so many sites the definitions are.
const SITES: usize = 240;
/// So many mistakes are made of each kind.
const MISTAKES: usize = 80;
/// So often each definition is tried.
const ROUNDS: usize = 8;

#[test]
fn every_mistake_is_found_where_it_is() {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let valid = Valid::of(&mut runner);
    let (mut texts, mut wrong) = (BTreeSet::new(), Vec::new());
    for kind in kinds() {
        let found = valid.mistakes(&kind, runner.rng(), &mut texts);
        let made = found.len();
        assert!(made >= 50, "{}: {made}", kind.name);
        wrong.extend(found.into_iter().flatten().take(3));
    }
    assert!(texts.len() >= 10_000, "{}", texts.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn kinds() -> Vec<Kind> {
    let kinds = [
        shape::kinds(),
        word::kinds(),
        value::kinds(),
        tree::kinds(),
        text::kinds(),
    ];
    kinds.into_iter().flatten().collect()
}

/// Valid definitions, each with its site, and the schema of all the sites.
struct Valid {
    schema: Validator,
    definitions: Vec<(Site, Vec<Value>)>,
}

impl Valid {
    fn of(runner: &mut TestRunner) -> Self {
        let cases: Vec<Case> = (0..SITES)
            .map(|_| case().new_tree(runner).unwrap().current())
            .collect();
        let schema = site::schema_of(&cases[0].facts);
        let definitions = cases.into_iter().map(|case| {
            let site = Site::of(&case.facts);
            for definition in &case.definitions {
                assert!(
                    site.refusal(&definition.to_string()).is_none(),
                    "{definition}"
                );
                assert!(schema.is_valid(definition), "{definition}");
            }
            (site, case.definitions)
        });
        let definitions = definitions.collect();
        Self {
            schema,
            definitions,
        }
    }

    /// Makes so many mistakes of a kind, each in a text that is new; gives of
    /// each what is wrong with how it was found, if anything.
    fn mistakes(
        &self,
        kind: &Kind,
        rng: &mut TestRng,
        texts: &mut BTreeSet<String>,
    ) -> Vec<Option<String>> {
        let definitions = self.definitions.iter();
        let definitions = definitions.flat_map(|(site, definitions)| {
            definitions.iter().map(move |definition| (site, definition))
        });
        let mut found = Vec::new();
        // In some kinds a definition can be wrong in several ways.
        for (site, definition) in definitions.cycle().take(ROUNDS * SITES * DEFINITIONS) {
            if found.len() == MISTAKES {
                break;
            }
            let mutant = (kind.make)(&mut Draft::of(definition, rng));
            if let Some(mutant) = mutant.filter(|mutant| texts.insert(mutant.text.clone())) {
                found.push(self.difference(kind, site, &mutant));
            }
        }
        found
    }

    /// How the answer differs from what is right.
    fn difference(&self, kind: &Kind, site: &Site, mutant: &Mutant) -> Option<String> {
        let Mutant { text, wrong, codes } = mutant;
        let told = |answer: &str| {
            let name = &kind.name;
            Some(format!(
                "{name}: {answer}, not {codes:?} at {wrong:?}: {text}"
            ))
        };
        let json = serde_json::from_str::<Value>(text);
        if kind.is_in_schema && json.is_ok_and(|json| self.schema.is_valid(&json)) {
            return told("the schema takes it");
        }
        match site.refusal(text) {
            None => told("taken"),
            Some(Refusal::NoJson) if wrong.is_empty() => None,
            Some(Refusal::NoJson) => told("no JSON"),
            Some(Refusal::Invalid(found)) => {
                let is_right = wrong.contains(&found.pointer) && codes.contains(&found.code);
                let answer = format!("{:?} {found}", found.code);
                (!is_right).then(|| told(&answer)).flatten()
            }
        }
    }
}
