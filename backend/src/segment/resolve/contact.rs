//! Contacts: which field, read as what, and what it must be.

use super::super::ast::{self, Compare, Operand, Scalar, Window};
use super::super::contact::{ContactField, Kind};
use super::super::invalid::{At, Code, Invalid};
use super::super::number::Number;
use super::super::time::{Span, date};
use super::super::words::{Op, Word as _, one_of};
use super::facts::{each, facts, number_test, one, text_test};
use super::{ContactTest, Reading, Test, Walk, beyond};
use jiff::civil::Date;

/// Resolves a contact leaf.
pub(super) fn test(
    leaf: &ast::ContactLeaf,
    walk: &Walk<'_>,
    at: &At<'_>,
) -> Result<ContactTest, Invalid> {
    let ast::Filter { field, op, value } = &leaf.filter;
    let known = walk.known.fields.get(field).ok_or_else(|| {
        let message = format!("contacts of this site have no field `{field}`");
        at.key("field").refuse(Code::UnknownWord, message)
    })?;
    let operators = known.kind.operators();
    if !operators.contains(op) {
        let message = format!(
            "`{}` does not fit `{field}`; {} would",
            op.as_str(),
            one_of(operators.iter().copied())
        );
        return Err(at.key("op").refuse(Code::DoesNotFit, message));
    }
    let mut since = None;
    if let Some(Window::Since(bare)) = &leaf.window {
        since = Some(facts(bare, &at.key("window").key("since"))?);
    }
    let (reading, test) = match (&leaf.window, value) {
        (Some(window), _) => within(known, *op, window, walk, &at.key("window"))?,
        (None, None) => (reading(known.kind), Test::Exists),
        (None, Some(value)) => (
            reading(known.kind),
            value_test(known.kind, *op, value, &at.key("value"))?,
        ),
    };
    Ok(ContactTest {
        field: known.clone(),
        reading,
        test,
        negated: matches!(op, Op::Ne | Op::NotIn),
        since,
    })
}

/// As what a field is read that is compared with values.
const fn reading(kind: Kind) -> Reading {
    match kind {
        Kind::Text => Reading::Text,
        Kind::List => Reading::Texts,
        Kind::Number => Reading::Number,
        Kind::Date | Kind::Instant => Reading::Day,
        Kind::Bool => Reading::Flag,
    }
}

fn value_test(kind: Kind, op: Op, value: &Operand, at: &At<'_>) -> Result<Test, Invalid> {
    match kind {
        Kind::Text | Kind::List => text_test(None, op, value, at),
        Kind::Number => number_test(op, value, at),
        Kind::Date | Kind::Instant => day_test(op, value, at),
        Kind::Bool => match one(value, at)? {
            Scalar::Bool(flag) => Ok(Test::Number(Compare::Eq(Number::Int((*flag).into())))),
            _ => Err(at.refuse(Code::WrongType, "true or false stands here")),
        },
    }
}

/// Days are compared as numbers.
fn day_test(op: Op, value: &Operand, at: &At<'_>) -> Result<Test, Invalid> {
    let days = match value {
        Operand::One(scalar) => Operand::One(day(scalar, at)?),
        Operand::List(_) => Operand::List(each(value, at, day)?),
    };
    number_test(op, &days, at)
}

fn day(value: &Scalar, at: &At<'_>) -> Result<Scalar, Invalid> {
    let Scalar::Text(text) = value else {
        return Err(at.refuse(Code::WrongType, "a date as `2026-11-21` stands here"));
    };
    Ok(Scalar::Number(Number::Int(
        days_since_1970(date(text, at)?).into(),
    )))
}

/// What lies in a window, whole: dates may lie ahead.
fn within(
    field: &ContactField,
    op: Op,
    window: &Window,
    walk: &Walk<'_>,
    at: &At<'_>,
) -> Result<(Reading, Test), Invalid> {
    let whole = walk.wall.whole(window);
    let whole = whole.map_err(|error| beyond(at, &error))?;
    let is_anniversary = op == Op::AnniversaryIn;
    let reading = match (is_anniversary, field.kind) {
        (true, _) => Reading::DayOfYear,
        (false, Kind::Instant) => Reading::Moment,
        (false, _) => Reading::Day,
    };
    let Span {
        from_ms: Some(from_ms),
        to_ms,
    } = whole
    else {
        // Whenever: any date will do.
        return Ok((reading, Test::Exists));
    };
    let days = || -> Result<(Date, Date), Invalid> {
        let day = |ms| walk.wall.day_of(ms).map_err(|error| beyond(at, &error));
        Ok((day(from_ms)?, day(to_ms)?))
    };
    let test = match reading {
        Reading::Moment => range(from_ms, to_ms),
        Reading::DayOfYear => {
            let (first, next) = days()?;
            Test::OneOfNumbers(anniversaries(first, next))
        }
        _ => {
            let (first, next) = days()?;
            range(days_since_1970(first).into(), days_since_1970(next).into())
        }
    };
    Ok((reading, test))
}

/// From the first number to that before the second.
fn range(from: i64, to: i64) -> Test {
    if from >= to {
        return Test::OneOfNumbers(Vec::new());
    }
    let bounds = (Number::Int(from.into()), Number::Int((to - 1).into()));
    Test::Number(Compare::Between(bounds.0, bounds.1))
}

/// The days of the year between two dates. In years that have none, 29 February is the 28th.
fn anniversaries(first: Date, next: Date) -> Vec<Number> {
    let number = |month: i8, day: i8| Number::Int(i128::from(month) * 100 + i128::from(day));
    let mut days = Vec::new();
    let mut date = first;
    // A year has them all.
    for _ in 0..=366 {
        if date >= next {
            break;
        }
        days.push(number(date.month(), date.day()));
        if date.month() == 2 && date.day() == 28 && !date.in_leap_year() {
            days.push(number(2, 29));
        }
        let Ok(tomorrow) = date.tomorrow() else { break };
        date = tomorrow;
    }
    days.sort();
    days.dedup();
    days
}

/// How the engine counts days.
fn days_since_1970(date: Date) -> i32 {
    date.since(Date::constant(1970, 1, 1))
        .map_or(0, |span| span.get_days())
}
