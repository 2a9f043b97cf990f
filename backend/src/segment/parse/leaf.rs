//! Leaves, and what stands in them but for the window.

use super::super::ast::{
    Bare, Compare, EventLeaf, Events, Filter, Measure, Node, Operand, Scalar, Window,
};
use super::super::invalid::{At, Code, Invalid};
use super::super::number::Number;
use super::super::words::{Comparison, EventType, LeafKind, Op, Plain, Word as _};
use super::object::{self, Object};
use super::window;
use serde_json::Value;

/// The keys of an event leaf.
const KEYS: &[&str] = &[
    "kind", "event", "where", "measure", "per", "compare", "window",
];
/// The keys of one that only says which events.
const BARE_KEYS: &[&str] = &["kind", "event", "where"];

/// Reads a node that has a `kind`.
pub(super) fn leaf(node: &Object<'_>) -> Result<Node, Invalid> {
    match kind(node)? {
        LeafKind::Event => Ok(Node::Event(event_leaf(node)?)),
        other => Err(not_there_yet(node, other)),
    }
}

/// Reads what `since` looks back to.
pub(super) fn bare(value: &Value, at: At<'_>) -> Result<Bare, Invalid> {
    let leaf = Object::read(value, at, "a leaf")?;
    match kind(&leaf)? {
        LeafKind::Event => {
            leaf.only(BARE_KEYS, "a leaf without measure and window")?;
            facts(&leaf)
        }
        LeafKind::Order => Err(not_there_yet(&leaf, LeafKind::Order)),
        other => {
            let message = format!(
                "`{}` does not fit here; `event` or `order` does",
                other.as_str()
            );
            Err(at.key("kind").refuse(Code::DoesNotFit, message))
        }
    }
}

fn kind(leaf: &Object<'_>) -> Result<LeafKind, Invalid> {
    object::word(
        leaf.need("kind", "a leaf")?,
        &leaf.at.key("kind"),
        "kind of leaf",
    )
}

fn not_there_yet(leaf: &Object<'_>, kind: LeafKind) -> Invalid {
    let message = format!(
        "leaves of kind `{}` are not there yet; `event` is",
        kind.as_str()
    );
    leaf.at.key("kind").refuse(Code::NotThereYet, message)
}

fn event_leaf(leaf: &Object<'_>) -> Result<EventLeaf, Invalid> {
    leaf.only(KEYS, "an event leaf")?;
    let at = &leaf.at;
    let facts = facts(leaf)?;
    let measure = leaf
        .get("measure")
        .map(|value| measure(value, at.key("measure")));
    let per = leaf
        .get("per")
        .map(|value| object::word(value, &at.key("per"), "grouping"));
    let compare = leaf
        .get("compare")
        .map(|value| compare(value, at.key("compare")));
    let window = leaf
        .get("window")
        .map(|value| window::window(value, &at.key("window")));
    Ok(EventLeaf {
        facts,
        measure: measure.transpose()?.unwrap_or(Measure::Count),
        per: per.transpose()?,
        compare: compare.transpose()?.unwrap_or(Compare::Gte(Number::Int(1))),
        window: window.transpose()?.unwrap_or(Window::Ever),
    })
}

fn facts(leaf: &Object<'_>) -> Result<Bare, Invalid> {
    let events = events(leaf.need("event", "an event leaf")?, &leaf.at.key("event"))?;
    let filters = match leaf.get("where") {
        None => Vec::new(),
        Some(value) => filters(value, &leaf.at.key("where"))?,
    };
    Ok(Bare { events, filters })
}

fn events(value: &Value, at: &At<'_>) -> Result<Events, Invalid> {
    match value {
        Value::String(word) if word == "any" => Ok(Events::Any),
        Value::Array(_) => {
            let types = object::list(value, at, "event types")?.iter().enumerate();
            let types =
                types.map(|(index, value)| object::word(value, &at.index(index), "event type"));
            Ok(Events::These(types.collect::<Result<_, _>>()?))
        }
        _ => Ok(Events::These(
            [object::word::<EventType>(value, at, "event type")?].into(),
        )),
    }
}

fn filters(value: &Value, at: &At<'_>) -> Result<Vec<Filter>, Invalid> {
    let filters = object::list(value, at, "filters")?.iter().enumerate();
    filters
        .map(|(index, value)| filter(value, at.index(index)))
        .collect()
}

fn filter(value: &Value, at: At<'_>) -> Result<Filter, Invalid> {
    let filter = Object::read(value, at, "a filter")?;
    filter.only(&["field", "op", "value"], "a filter")?;
    let field = filter.need("field", "a filter")?;
    let field = object::text(field, &at.key("field"), "a field's name")?.to_owned();
    let op = object::word(filter.need("op", "a filter")?, &at.key("op"), "operator")?;
    let value = match (op, filter.get("value")) {
        (Op::Exists, None) => None,
        (Op::Exists, Some(_)) => {
            let message = "`exists` takes no value; its opposite is `not`";
            return Err(at.key("value").refuse(Code::DoesNotFit, message));
        }
        (_, _) => {
            let value = filter.need("value", &format!("the operator `{}`", op.as_str()))?;
            Some(operand(value, &at.key("value"))?)
        }
    };
    Ok(Filter { field, op, value })
}

fn operand(value: &Value, at: &At<'_>) -> Result<Operand, Invalid> {
    if !value.is_array() {
        return Ok(Operand::One(scalar(value, at)?));
    }
    let values = object::list(value, at, "values")?.iter().enumerate();
    let values = values.map(|(index, value)| scalar(value, &at.index(index)));
    Ok(Operand::List(values.collect::<Result<_, _>>()?))
}

fn scalar(value: &Value, at: &At<'_>) -> Result<Scalar, Invalid> {
    match value {
        Value::String(text) => Ok(Scalar::Text(text.clone())),
        Value::Bool(flag) => Ok(Scalar::Bool(*flag)),
        Value::Number(_) => Ok(Scalar::Number(object::number(value, at, "a value")?)),
        other => Err(object::wrong_type(
            at,
            "text, a number, true or false stands here",
            other,
        )),
    }
}

fn measure(value: &Value, at: At<'_>) -> Result<Measure, Invalid> {
    if value.is_string() {
        return Ok(match object::word(value, &at, "measure")? {
            Plain::Count => Measure::Count,
            Plain::Visits => Measure::Visits,
            Plain::Days => Measure::Days,
        });
    }
    let measure = Object::read(value, at, "a measure, where it is no word,")?;
    let (function, field, at) = measure.single("a measure of a field")?;
    Ok(Measure::Of(
        function,
        object::text(field, &at, "a field's name")?.to_owned(),
    ))
}

fn compare(value: &Value, at: At<'_>) -> Result<Compare, Invalid> {
    let compare = Object::read(value, at, "a comparison")?;
    let (comparison, value, at) = compare.single("a comparison")?;
    let number = || object::number(value, &at, "what is compared with");
    Ok(match comparison {
        Comparison::Gte => Compare::Gte(number()?),
        Comparison::Gt => Compare::Gt(number()?),
        Comparison::Lte => Compare::Lte(number()?),
        Comparison::Lt => Compare::Lt(number()?),
        Comparison::Eq => Compare::Eq(number()?),
        Comparison::Between => {
            let (first, second) = object::pair(value, &at, "numbers")?;
            let first = object::number(first, &at.index(0), "a bound")?;
            let second = object::number(second, &at.index(1), "a bound")?;
            if first > second {
                return Err(at.refuse(Code::Reversed, "the lesser bound stands first"));
            }
            Compare::Between(first, second)
        }
    })
}
