//! Definitions made of the schema alone, as a program without knowledge of the
//! language would make them: the pipeline takes them.

use super::{refusal, schema, validator, vocabulary};
use proptest::prelude::RngExt as _;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::string::string_regex;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const DEFINITIONS: usize = 5000;

/// So deep nodes stand in each other at most; the language's limits are beyond a schema.
const DEPTH: usize = 4;

/// What else the schema's description says to be beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Beyond {
    /// An absent step at the end of a sequence without `within`.
    EndlessAbsence,
    /// `session` of a step where the last present one is of orders.
    SessionAfterOrder,
}

#[test]
fn what_the_schema_lets_one_build_is_taken() {
    let schema = schema(&vocabulary());
    let validator = validator(&schema);
    let mut walk = Walk::of(&schema);
    let mut beyond: BTreeMap<Beyond, usize> = BTreeMap::new();
    for _ in 0..DEFINITIONS {
        let definition = walk.definition();
        assert!(validator.is_valid(&definition), "{definition}");
        match (broken_rule(&definition), refusal(&definition)) {
            (None, None) => {}
            (Some(rule), Some(_)) => *beyond.entry(rule).or_default() += 1,
            (rule, refusal) => panic!("{rule:?} {refusal:?}: {definition:#}"),
        }
    }
    // Nearly all are taken, and every part of the schema was used.
    let refused: usize = beyond.values().sum();
    assert!(beyond.len() == 2 && refused * 8 < DEFINITIONS, "{beyond:?}");
    let parts = schema["$defs"].as_object().unwrap().keys().cloned();
    assert_eq!(walk.used, parts.collect());
}

/// The first rule beyond the schema that a sequence in it breaks.
fn broken_rule(definition: &Value) -> Option<Beyond> {
    let within: Vec<&Value> = match definition {
        Value::Object(object) => object.values().collect(),
        Value::Array(list) => list.iter().collect(),
        _ => Vec::new(),
    };
    let steps = definition.get("steps").and_then(Value::as_array);
    let here = steps.and_then(|steps| broken_by(steps));
    here.or_else(|| within.into_iter().find_map(broken_rule))
}

fn broken_by(steps: &[Value]) -> Option<Beyond> {
    let is_absent = |step: &&Value| step["absent"] == json!(true);
    let at_end = steps.iter().rev().take_while(is_absent);
    if at_end.into_iter().any(|step| step.get("within").is_none()) {
        return Some(Beyond::EndlessAbsence);
    }
    let has_session = |step: &Value| {
        let keys = ["same", "differs"]
            .into_iter()
            .filter_map(|key| step.get(key));
        keys.flat_map(|keys| keys.as_array().unwrap())
            .any(|key| key == "session")
    };
    let after_order = |(index, step): (usize, &Value)| {
        let before = steps[..index].iter().rfind(|step| !is_absent(step));
        has_session(step) && before.is_some_and(|before| before["of"]["kind"] == "order")
    };
    let mut steps = steps.iter().enumerate();
    steps.any(after_order).then_some(Beyond::SessionAfterOrder)
}

/// Goes through a schema at random.
struct Walk<'a> {
    schema: &'a Value,
    runner: TestRunner,
    depth: usize,
    /// The names of the parts that it came by.
    used: BTreeSet<String>,
}

impl<'a> Walk<'a> {
    fn of(schema: &'a Value) -> Self {
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        Self {
            schema,
            runner: TestRunner::new_with_rng(Config::default(), rng),
            depth: 0,
            used: BTreeSet::new(),
        }
    }

    fn definition(&mut self) -> Value {
        self.value(&json!({"$ref": self.schema["$ref"]}))
    }

    fn value(&mut self, schema: &Value) -> Value {
        let is_node = schema.get("$ref") == self.schema.get("$ref");
        self.depth += usize::from(is_node);
        let mut said = Map::new();
        self.gather(schema, &mut said);
        let value = self.fitting(&said);
        self.depth -= usize::from(is_node);
        value
    }

    /// Puts together what is said of a value, of alternatives by one of them.
    fn gather(&mut self, schema: &Value, said: &mut Map<String, Value>) {
        for (keyword, value) in schema.as_object().unwrap() {
            match keyword.as_str() {
                "$ref" => {
                    let part = self.part(value);
                    self.gather(part, said);
                }
                "oneOf" => {
                    let alternative = self.choose(value);
                    self.gather(&alternative, said);
                }
                "properties" => {
                    let properties = said.entry(keyword).or_insert(json!({}));
                    let properties = properties.as_object_mut().unwrap();
                    properties.extend(value.as_object().unwrap().clone());
                }
                "required" => {
                    let required = said.entry(keyword).or_insert(json!([]));
                    let required = required.as_array_mut().unwrap();
                    required.extend(value.as_array().unwrap().iter().cloned());
                }
                "title"
                | "description"
                | "examples"
                | "default"
                | "x-labels"
                | "x-values"
                | "x-scale"
                | "additionalProperties"
                | "unevaluatedProperties" => {}
                "const" | "enum" | "type" | "format" | "pattern" | "not" | "minimum"
                | "maximum" | "minLength" | "items" | "prefixItems" | "minItems" | "maxItems"
                | "minProperties" | "maxProperties" | "x-order" => {
                    said.insert(keyword.clone(), value.clone());
                }
                other => panic!("the walk doesn't know `{other}`"),
            }
        }
    }

    fn part(&mut self, reference: &Value) -> &'a Value {
        let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
        let name = pointer.strip_prefix("/$defs/").unwrap();
        self.used.insert(name.to_owned());
        self.schema.pointer(pointer).unwrap()
    }

    /// One of the alternatives; one without nodes where it is deep enough.
    fn choose(&mut self, alternatives: &Value) -> Value {
        let mut alternatives = alternatives.as_array().unwrap().clone();
        if self.depth >= DEPTH {
            alternatives.retain(|alternative| {
                let name = alternative["$ref"].as_str().unwrap_or_default();
                !["#/$defs/all", "#/$defs/any", "#/$defs/not"].contains(&name)
            });
        }
        self.one_of(&alternatives)
    }

    fn fitting(&mut self, said: &Map<String, Value>) -> Value {
        if let Some(value) = said.get("const") {
            return value.clone();
        }
        if let Some(Value::Array(values)) = said.get("enum") {
            return self.one_of(values);
        }
        match said["type"].as_str().unwrap() {
            "object" => self.object(said),
            "array" => self.array(said),
            "string" => self.text(said).into(),
            "boolean" => self.runner.rng().random::<bool>().into(),
            "integer" => {
                let bound = |keyword| said[keyword].as_i64().unwrap();
                let (least, most) = (bound("minimum"), bound("maximum"));
                let any = self.runner.rng().random_range(least..=most);
                self.one_of(&[least, most, any]).into()
            }
            "number" => self.one_of(&[
                json!(0),
                json!(-1),
                json!(3.0),
                json!(2.5),
                json!(u64::MAX),
                json!(i64::MIN),
                json!(-1e300),
            ]),
            other => panic!("the walk doesn't know the type `{other}`"),
        }
    }

    fn object(&mut self, said: &Map<String, Value>) -> Value {
        let properties = said["properties"].as_object().unwrap();
        let mut keys: Vec<&String> = properties.keys().collect();
        if said.contains_key("maxProperties") {
            assert_eq!(
                (&said["minProperties"], &said["maxProperties"]),
                (&json!(1), &json!(1))
            );
            keys = vec![self.one_of(&keys)];
        } else {
            let required = said
                .get("required")
                .map_or(&[][..], |keys| keys.as_array().unwrap());
            keys.retain(|key| {
                required.contains(&json!(key)) || self.runner.rng().random_ratio(1, 3)
            });
        }
        let members = keys
            .into_iter()
            .map(|key| (key.clone(), self.value(&properties[key])));
        members.collect()
    }

    fn array(&mut self, said: &Map<String, Value>) -> Value {
        let bound = |keyword: &str| said.get(keyword).and_then(Value::as_u64);
        let bound = |keyword| bound(keyword).map(|bound| usize::try_from(bound).unwrap());
        let least = bound("minItems").unwrap_or(0);
        let most = bound("maxItems").unwrap_or(usize::MAX).min(least + 2);
        let many = self.runner.rng().random_range(least..=most);
        let first = said
            .get("prefixItems")
            .map_or(&[][..], |first| first.as_array().unwrap());
        let elements = (0..many).map(|index| first.get(index).unwrap_or(&said["items"]));
        let mut elements: Vec<Value> = elements.map(|element| self.value(element)).collect();
        if said.get("x-order") == Some(&json!("ascending")) {
            elements.sort_by(|one, two| rank(one).partial_cmp(&rank(two)).unwrap());
        }
        elements.into()
    }

    fn text(&mut self, said: &Map<String, Value>) -> String {
        if said.contains_key("format") {
            assert_eq!(said["format"], "date");
            let rng = self.runner.rng();
            let (year, month) = (rng.random_range(1900..=2100), rng.random_range(1..=12));
            return format!("{year}-{month:02}-{:02}", rng.random_range(1..=28));
        }
        let least = said.get("minLength").and_then(Value::as_u64).unwrap_or(0);
        let pattern = match said.get("pattern").and_then(Value::as_str) {
            Some(pattern) => pattern
                .trim_start_matches('^')
                .trim_end_matches('$')
                .to_owned(),
            None => format!(".{{{least},8}}"),
        };
        let text = string_regex(&pattern).unwrap().new_tree(&mut self.runner);
        let text = text.unwrap().current();
        let refused = said.get("not").map_or(&Value::Null, |not| &not["enum"]);
        assert!(
            refused
                .as_array()
                .is_none_or(|refused| !refused.contains(&json!(text)))
        );
        text
    }

    fn one_of<T: Clone>(&mut self, some: &[T]) -> T {
        let index = self.runner.rng().random_range(0..some.len());
        some[index].clone()
    }
}

/// By what values are ordered: numbers, dates, durations.
fn rank(value: &Value) -> (f64, String) {
    let days = |unit: &Value| match unit.as_str().unwrap() {
        "minute" => 1.0 / 1440.0,
        "hour" => 1.0 / 24.0,
        "day" => 1.0,
        "week" => 7.0,
        "month" => 30.4375,
        _ => 365.25,
    };
    match value {
        Value::String(date) => (0.0, date.clone()),
        Value::Object(duration) => {
            let n = duration["n"].as_f64().unwrap();
            (n * days(&duration["unit"]), String::new())
        }
        number => (number.as_f64().unwrap(), String::new()),
    }
}
