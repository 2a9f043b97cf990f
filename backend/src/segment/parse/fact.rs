//! Facts: which ones, what holds of each, what is measured of them.

use super::super::ast::{Bare, Compare, Events, Filter, Measure, Of, Operand, Scalar};
use super::super::invalid::{At, Code, Invalid};
use super::super::words::{Comparison, LeafKind, MessageType, Op, Plain, Word as _, one_of};
use super::object::{self, Object};
use serde_json::Value;
use std::collections::BTreeSet;

/// Reads a leaf that says which facts and nothing more: one of these kinds.
pub(super) fn bare(value: &Value, at: At<'_>, fitting: &[LeafKind]) -> Result<Bare, Invalid> {
    let leaf = Object::read(value, at, "a leaf")?;
    let kind = kind(&leaf)?;
    if !fitting.contains(&kind) {
        let fits = one_of(fitting.iter().copied());
        let message = format!("`{}` does not fit here; {fits} would", kind.as_str());
        return Err(leaf.at.key("kind").refuse(Code::DoesNotFit, message));
    }
    let keys: &[&str] = match kind {
        LeafKind::Event => &["kind", "event", "where"],
        LeafKind::Message => &["kind", "channel", "event", "where"],
        _ => &["kind", "where"],
    };
    leaf.only(keys, "a leaf without measure and window")?;
    facts(&leaf, kind)
}

/// The kind of a leaf.
pub(super) fn kind(leaf: &Object<'_>) -> Result<LeafKind, Invalid> {
    object::word(
        leaf.need("kind", "a leaf")?,
        &leaf.at.key("kind"),
        "kind of leaf",
    )
}

/// Which facts a leaf of that kind asks about.
pub(super) fn facts(leaf: &Object<'_>, kind: LeafKind) -> Result<Bare, Invalid> {
    let at = leaf.at.key("event");
    let of = match kind {
        LeafKind::Event => Of::Events(events(leaf.need("event", "an event leaf")?, &at)?),
        LeafKind::Message => Of::Messages {
            channel: leaf
                .get("channel")
                .map(|value| object::word(value, &leaf.at.key("channel"), "channel"))
                .transpose()?,
            events: message_types(leaf.need("event", "a message leaf")?, &at)?,
        },
        _ => Of::Orders,
    };
    Ok(Bare {
        of,
        filters: filters(leaf)?,
    })
}

fn events(value: &Value, at: &At<'_>) -> Result<Events, Invalid> {
    match value {
        Value::String(word) if word == "any" => Ok(Events::Any),
        _ => Ok(Events::These(words(value, at, "event type")?)),
    }
}

fn message_types(value: &Value, at: &At<'_>) -> Result<BTreeSet<MessageType>, Invalid> {
    words(value, at, "type of messages")
}

/// One word, or a list of words.
fn words<W: super::super::words::Word + Ord>(
    value: &Value,
    at: &At<'_>,
    what: &str,
) -> Result<BTreeSet<W>, Invalid> {
    if !value.is_array() {
        return Ok([object::word(value, at, what)?].into());
    }
    let words = object::list(value, at, &format!("{what}s"))?
        .iter()
        .enumerate();
    words
        .map(|(index, value)| object::word(value, &at.index(index), what))
        .collect()
}

/// What holds of each fact.
pub(super) fn filters(leaf: &Object<'_>) -> Result<Vec<Filter>, Invalid> {
    let Some(value) = leaf.get("where") else {
        return Ok(Vec::new());
    };
    let at = leaf.at.key("where");
    let filters = object::list(value, &at, "filters")?.iter().enumerate();
    filters
        .map(|(index, value)| filter(value, at.index(index)))
        .collect()
}

fn filter(value: &Value, at: At<'_>) -> Result<Filter, Invalid> {
    let written = Object::read(value, at, "a filter")?;
    written.only(&["field", "op", "value"], "a filter")?;
    test(&written, "a filter", |op| !op.is_windowed())
}

/// The test of a field: `field`, `op` and `value` of an object. Operators that don't fit there are
/// those of dates of contacts.
pub(super) fn test(
    written: &Object<'_>,
    what: &str,
    fits: fn(Op) -> bool,
) -> Result<Filter, Invalid> {
    let at = &written.at;
    let field = written.need("field", what)?;
    let field = object::text(field, &at.key("field"), "a field's name")?.to_owned();
    let op: Op = object::word(written.need("op", what)?, &at.key("op"), "operator")?;
    if !fits(op) {
        let message = format!("`{}` fits dates of contacts only", op.as_str());
        return Err(at.key("op").refuse(Code::DoesNotFit, message));
    }
    let value = match (op, written.get("value")) {
        (Op::Exists | Op::InWindow | Op::AnniversaryIn, None) => None,
        (Op::Exists, Some(_)) => {
            let message = "`exists` takes no value; its opposite is `not`";
            return Err(at.key("value").refuse(Code::DoesNotFit, message));
        }
        (Op::InWindow | Op::AnniversaryIn, Some(_)) => {
            let message = format!("`{}` takes a `window` and no value", op.as_str());
            return Err(at.key("value").refuse(Code::DoesNotFit, message));
        }
        (_, _) => {
            let value = written.need("value", &format!("the operator `{}`", op.as_str()))?;
            Some(operand(value, &at.key("value"))?)
        }
    };
    Ok(Filter { field, op, value })
}

impl Op {
    /// Whether it asks when, and takes a window.
    #[must_use]
    pub const fn is_windowed(self) -> bool {
        matches!(self, Self::InWindow | Self::AnniversaryIn)
    }
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

/// What is measured.
pub(super) fn measure(value: &Value, at: At<'_>) -> Result<Measure, Invalid> {
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

/// What a measure must be.
pub(super) fn compare(value: &Value, at: At<'_>) -> Result<Compare, Invalid> {
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
