//! A definition as it was written: shapes and words are checked, names of
//! fields and the types of values are not yet. Plain data, without pointers:
//! the tree has the shape of its JSON, so that a place is found by walking.

use super::number::Number;
use super::words::{EventType, Function, Op, Per, Period, Unit};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// A definition, or a part of one that is true or false of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// True where every part is.
    All(Vec<Node>),
    /// True where some part is.
    Any(Vec<Node>),
    /// True where the part is not.
    Not(Box<Node>),
    /// A question about the events of a person.
    Event(EventLeaf),
}

/// A question about events: measured, compared, within a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventLeaf {
    /// Which events.
    pub facts: Bare,
    /// What is measured of them.
    pub measure: Measure,
    /// What they are grouped by first, if by anything.
    pub per: Option<Per>,
    /// What the measure must be.
    pub compare: Compare,
    /// When they happened.
    pub window: Window,
}

/// Which events, and nothing more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bare {
    /// Of which types.
    pub events: Events,
    /// What holds of each of them.
    pub filters: Vec<Filter>,
}

/// Types of events.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Events {
    /// Every type but `dwell`.
    Any,
    /// These types, at least one.
    These(BTreeSet<EventType>),
}

/// A test of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// The field's name as written.
    pub field: String,
    /// How it is tested.
    pub op: Op,
    /// Against what; nothing for `exists`.
    pub value: Option<Operand>,
}

/// What a field is tested against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// One value.
    One(Scalar),
    /// Several, at least one.
    List(Vec<Scalar>),
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// Text.
    Text(String),
    /// A number.
    Number(Number),
    /// Yes or no.
    Bool(bool),
}

/// What is measured of the facts of a leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    /// How many.
    Count,
    /// In how many visits.
    Visits,
    /// On how many local dates.
    Days,
    /// A function of a field, which is named as written.
    Of(Function, String),
}

/// What a measure, or a number, must be. In the column's unit: cents, ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compare {
    /// At least.
    Gte(Number),
    /// More than.
    Gt(Number),
    /// At most.
    Lte(Number),
    /// Less than.
    Lt(Number),
    /// Exactly.
    Eq(Number),
    /// From the first to the second, both included.
    Between(Number, Number),
}

/// When the facts of a leaf happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Window {
    /// Whenever.
    Ever,
    /// From so long ago until now.
    Last(Duration),
    /// From the start of the first day to the end of the second.
    Between(Date, Date),
    /// From the farther to the nearer.
    BetweenAgo {
        /// The later bound.
        near: Duration,
        /// The earlier bound.
        far: Duration,
    },
    /// After the person's latest such fact.
    Since(Bare),
    /// A whole period of the calendar.
    Calendar {
        /// Which one.
        period: Period,
        /// How many years before, 0 to 100.
        years_ago: i32,
    },
}

/// A length of time. Of a day and longer: by the clock on the wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duration {
    /// How many, at least 1 and at most five years' worth.
    pub n: i32,
    /// Of what.
    pub unit: Unit,
}
