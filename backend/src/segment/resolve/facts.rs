//! Which events: the names of fields, and what is asked of each.

use super::super::ast::{self, Compare, Events, Of, Operand, Scalar};
use super::super::fields::{Column, Field, MessageField, OrderField, Source};
use super::super::invalid::{At, Code, Invalid};
use super::super::number::Number;
use super::super::words::{EventType, Function, Op, Word as _, list, one_of};
use super::{Facts, Filter, Measure, Test};

/// Resolves the part of a leaf that says which events.
pub(super) fn facts(bare: &ast::Bare, at: &At<'_>) -> Result<Facts, Invalid> {
    let source = match bare.of {
        Of::Events(_) => Source::Events,
        Of::Orders => Source::Orders,
        Of::Messages { .. } => Source::Messages,
    };
    let at = at.key("where");
    let filters = bare.filters.iter().enumerate();
    let filters = filters.map(|(index, written)| filter(written, source, &at.index(index)));
    Ok(Facts {
        of: bare.of.clone(),
        filters: filters.collect::<Result<_, _>>()?,
    })
}

/// Resolves what holds of what is left in a cart.
pub(super) fn items(filters: &[ast::Filter], at: &At<'_>) -> Result<Vec<Filter>, Invalid> {
    let filters = filters.iter().enumerate().map(|(index, written)| {
        let at = at.index(index);
        let read = filter(written, Source::Events, &at)?;
        if !matches!(read.field, Field::Item(_)) {
            let message = "a cart has items: their fields begin with `items.`";
            return Err(at.key("field").refuse(Code::DoesNotFit, message));
        }
        Ok(read)
    });
    filters.collect()
}

/// Resolves what is measured of those events.
pub(super) fn measure(
    measure: &ast::Measure,
    facts: &Facts,
    at: &At<'_>,
) -> Result<Measure, Invalid> {
    Ok(match measure {
        ast::Measure::Count => Measure::Count,
        ast::Measure::Days => Measure::Days,
        ast::Measure::Visits if facts.of == Of::Events(Events::Any) && facts.filters.is_empty() => {
            Measure::SessionStarts
        }
        ast::Measure::Visits => Measure::Visits,
        ast::Measure::Of(function, name) => {
            let at = at.key(function.as_str());
            let field = field(name, facts.source(), &at)?;
            check_measure(*function, &field, facts, &at)?;
            Measure::Of(*function, field)
        }
    })
}

fn check_measure(
    function: Function,
    field: &Field,
    facts: &Facts,
    at: &At<'_>,
) -> Result<(), Invalid> {
    if function != Function::Distinct && !field.kind().is_number() {
        let message = format!("`{}` takes a number or money, not text", function.as_str());
        return Err(at.refuse(Code::DoesNotFit, message));
    }
    if *field == Field::Column(Column::DwellMs) && facts.of == Of::Events(Events::Any) {
        let dwell = EventType::Dwell.as_str();
        let message = format!("`any` leaves `{dwell}` out, which alone has it: ask `{dwell}`");
        return Err(at.refuse(Code::DoesNotFit, message));
    }
    Ok(())
}

fn field(name: &str, source: Source, at: &At<'_>) -> Result<Field, Invalid> {
    Field::named(name, source).ok_or_else(|| {
        let message = match source {
            Source::Events => {
                format!("events have no field `{name}`; their own begin with `props.`")
            }
            Source::Orders => {
                let known = list(OrderField::ALL.iter().map(|field| field.as_str()));
                format!("orders have no field `{name}`; besides `items.` they have {known}")
            }
            Source::Messages => {
                let known = list(MessageField::ALL.iter().map(|field| field.as_str()));
                format!("messages have no field `{name}`; they have {known}")
            }
        };
        at.refuse(Code::UnknownWord, message)
    })
}

fn filter(written: &ast::Filter, source: Source, at: &At<'_>) -> Result<Filter, Invalid> {
    let field = field(&written.field, source, &at.key("field"))?;
    let operators = field.kind().operators();
    if !operators.contains(&written.op) {
        let message = format!(
            "`{}` does not fit `{}`; {} would",
            written.op.as_str(),
            written.field,
            one_of(operators.iter().copied())
        );
        return Err(at.key("op").refuse(Code::DoesNotFit, message));
    }
    let at = at.key("value");
    let test = match &written.value {
        None => Test::Exists,
        Some(value) if field.kind().is_number() => number_test(written.op, value, &at)?,
        Some(value) => text_test(Some(&field), written.op, value, &at)?,
    };
    let negated = matches!(written.op, Op::Ne | Op::NotIn);
    Ok(Filter {
        field,
        test,
        negated,
    })
}

/// A test of text. The texts that a field may have are checked.
pub(super) fn text_test(
    field: Option<&Field>,
    op: Op,
    value: &Operand,
    at: &At<'_>,
) -> Result<Test, Invalid> {
    match op {
        Op::In | Op::NotIn => {
            let texts = each(value, at, text)?;
            check_choices(field, &texts, |index| at.index(index))?;
            Ok(one_of_texts(texts))
        }
        Op::Contains => Ok(Test::Contains(full_text(value, at)?)),
        Op::StartsWith => Ok(Test::StartsWith(full_text(value, at)?)),
        Op::MatchesPath => Ok(Test::MatchesPath(full_text(value, at)?)),
        _ => {
            let texts = vec![text(one(value, at)?, at)?];
            check_choices(field, &texts, |_| *at)?;
            Ok(one_of_texts(texts))
        }
    }
}

/// Nothing that is there is the empty text, so asking for it asks for nothing.
fn one_of_texts(mut texts: Vec<String>) -> Test {
    texts.retain(|text| !text.is_empty());
    texts.sort();
    texts.dedup();
    Test::OneOf(texts)
}

fn check_choices<'a>(
    field: Option<&Field>,
    texts: &[String],
    at: impl Fn(usize) -> At<'a>,
) -> Result<(), Invalid> {
    let Some(choices) = field.and_then(Field::choices) else {
        return Ok(());
    };
    let unknown = |text: &String| !choices.contains(&text.to_lowercase().as_str());
    match texts.iter().position(unknown) {
        None => Ok(()),
        Some(index) => {
            let message = format!("this is none of its values; {} would fit", list(choices));
            Err(at(index).refuse(Code::UnknownWord, message))
        }
    }
}

/// A test of a number.
pub(super) fn number_test(op: Op, value: &Operand, at: &At<'_>) -> Result<Test, Invalid> {
    let single = || number(one(value, at)?, at);
    Ok(match op {
        Op::In | Op::NotIn => {
            let mut numbers = each(value, at, number)?;
            numbers.sort();
            numbers.dedup();
            Test::OneOfNumbers(numbers)
        }
        Op::Gt => Test::Number(Compare::Gt(single()?)),
        Op::Gte => Test::Number(Compare::Gte(single()?)),
        Op::Lt => Test::Number(Compare::Lt(single()?)),
        Op::Lte => Test::Number(Compare::Lte(single()?)),
        Op::Between => Test::Number(between(&each(value, at, number)?, at)?),
        _ => Test::Number(Compare::Eq(single()?)),
    })
}

fn between(bounds: &[Number], at: &At<'_>) -> Result<Compare, Invalid> {
    match bounds {
        [least, most] if least > most => {
            Err(at.refuse(Code::Reversed, "the lesser bound stands first"))
        }
        [least, most] => Ok(Compare::Between(*least, *most)),
        _ => Err(at.refuse(Code::WrongType, "`between` takes two numbers")),
    }
}

/// The values of a list.
pub(super) fn each<T>(
    value: &Operand,
    at: &At<'_>,
    read: fn(&Scalar, &At<'_>) -> Result<T, Invalid>,
) -> Result<Vec<T>, Invalid> {
    match value {
        Operand::List(values) => {
            let values = values.iter().enumerate();
            values
                .map(|(index, value)| read(value, &at.index(index)))
                .collect()
        }
        Operand::One(_) => Err(at.refuse(Code::WrongType, "this operator takes a list")),
    }
}

/// The one value.
pub(super) fn one<'a>(value: &'a Operand, at: &At<'_>) -> Result<&'a Scalar, Invalid> {
    match value {
        Operand::One(value) => Ok(value),
        Operand::List(_) => Err(at.refuse(Code::WrongType, "this operator takes one value")),
    }
}

fn full_text(value: &Operand, at: &At<'_>) -> Result<String, Invalid> {
    let text = text(one(value, at)?, at)?;
    if text.is_empty() {
        return Err(at.refuse(
            Code::EmptyText,
            "every text would fit this operator's empty one",
        ));
    }
    Ok(text)
}

fn text(value: &Scalar, at: &At<'_>) -> Result<String, Invalid> {
    match value {
        Scalar::Text(text) => Ok(text.clone()),
        _ => Err(at.refuse(
            Code::WrongType,
            "this field is text, and so is what it is tested for",
        )),
    }
}

fn number(value: &Scalar, at: &At<'_>) -> Result<Number, Invalid> {
    match value {
        Scalar::Number(number) => Ok(*number),
        _ => Err(at.refuse(
            Code::WrongType,
            "this field is a number, as is what it is tested for",
        )),
    }
}
