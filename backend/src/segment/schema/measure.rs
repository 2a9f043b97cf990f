//! Measures, and what they are compared with.

use super::super::fields::{Column, Field, ItemField, Source};
use super::super::words::{Comparison, Function, Plain, Word as _};
use super::fact::fields;
use super::filter::prop_name;
use super::{Observed, Part, all, ascending, spelt};
use serde_json::{Map, Value, json};

pub(super) fn parts(observed: &Observed) -> Vec<Part> {
    let has_dwell = |field: &Field| *field != Field::Column(Column::DwellMs);
    let prop = prop_name(&observed.events);
    let of_orders = Plain::ALL.iter().copied();
    let of_orders = of_orders.filter(|plain| *plain != Plain::Visits);
    vec![
        (
            "measure_of_events".to_owned(),
            measure(&all::<Plain>(), &fields(Source::Events), Some(&prop)),
        ),
        (
            "measure_of_any".to_owned(),
            measure(
                &all::<Plain>(),
                &fields(Source::Events)
                    .into_iter()
                    .filter(|(_, field)| has_dwell(field))
                    .collect::<Vec<_>>(),
                Some(&prop),
            ),
        ),
        (
            "measure_of_orders".to_owned(),
            measure(&spelt(of_orders), &fields(Source::Orders), None),
        ),
        ("compare".to_owned(), compare()),
    ]
}

/// Measures of those words, or of those fields and perhaps of properties.
fn measure(plain: &[&str], fields: &[(&str, Field)], prop: Option<&Value>) -> Value {
    let numbers = fields.iter().filter(|(_, field)| field.kind().is_number());
    let numbers = json!({"enum": numbers.map(|(name, _)| name).collect::<Vec<_>>()});
    let names = json!({"enum": fields.iter().map(|(name, _)| name).collect::<Vec<_>>()});
    let any = match prop {
        Some(prop) => json!({"oneOf": [names, prop]}),
        None => names,
    };
    let functions = Function::ALL.iter().map(|function| {
        let of = match function {
            Function::Distinct => &any,
            Function::Sum | Function::Avg | Function::Min | Function::Max => &numbers,
        };
        (function.as_str().to_owned(), of.clone())
    });
    json!({
        "title": "Measure",
        "description": "What is measured of the facts.",
        "default": Plain::Count.as_str(),
        "examples": [Plain::Days.as_str(), {Function::Distinct.as_str(): ItemField::Id.as_str()}],
        "oneOf": [
            {"title": "How many", "enum": plain},
            one_of("Of a field", &functions.collect()),
        ],
    })
}

fn compare() -> Value {
    let number = json!({"type": "number"});
    let comparisons = Comparison::ALL.iter().map(|comparison| {
        let value = match comparison {
            Comparison::Between => ascending(&number),
            _ => number.clone(),
        };
        (comparison.as_str().to_owned(), value)
    });
    let mut compare = one_of("Comparison", &comparisons.collect());
    compare["description"] = "What the measure must be, in its unit: money in cents, dwell in \
                              milliseconds. `between` holds both ends."
        .into();
    compare["default"] = json!({Comparison::Gte.as_str(): 1});
    compare["examples"] = json!([{Comparison::Gte.as_str(): 3}]);
    compare
}

/// An object that has one of these keys.
fn one_of(title: &str, keys: &Map<String, Value>) -> Value {
    json!({
        "title": title,
        "type": "object",
        "properties": keys,
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": false,
    })
}
