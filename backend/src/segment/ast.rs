//! A definition as it was written: shapes and words are checked, names of
//! fields and the types of values are not yet. Plain data, without pointers:
//! the tree has the shape of its JSON, so that a place is found by walking.

use super::number::Number;
use super::words::{EventType, Function, Key, MessageChannel, MessageType, Op, Per, Period, Unit};
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
    /// A question about events or orders.
    Measured(MeasuredLeaf),
    /// A question about messages.
    Message(MessageLeaf),
    /// When the latest of some facts was.
    Last(LastLeaf),
    /// Whether something was left in the cart.
    Cart(CartLeaf),
    /// A test of a contact's field.
    Contact(ContactLeaf),
    /// Whether the person is in a group, by its id.
    Group(String),
    /// Whether the person is in another segment, by its id.
    Segment(String),
    /// Whether some facts followed each other.
    Sequence(SequenceLeaf),
}

/// A question about events or orders: measured, compared, within a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeasuredLeaf {
    /// Which facts; no messages.
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

/// A question about messages: how many rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageLeaf {
    /// Which rows of messages.
    pub facts: Bare,
    /// Whether only rows of the newest message count.
    pub latest: bool,
    /// How many there must be.
    pub compare: Compare,
    /// When they happened.
    pub window: Window,
}

/// When the latest of some facts was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastLeaf {
    /// Of which facts.
    pub of: LastOf,
    /// When it must have been.
    pub window: Window,
}

/// What `last` looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LastOf {
    /// A visit, whose time is its start.
    Visit,
    /// Such a fact.
    Fact(Bare),
}

/// Whether something was left in the cart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CartLeaf {
    /// For how long nobody cared for it.
    pub idle: Duration,
    /// What holds of something that is left.
    pub filters: Vec<Filter>,
    /// When the cart was touched last.
    pub window: Window,
}

/// A test of a contact's field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactLeaf {
    /// The field, and how it is tested.
    pub filter: Filter,
    /// Of `in_window` and `anniversary_in`: when it must be.
    pub window: Option<Window>,
}

/// Whether some facts followed each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceLeaf {
    /// At least one; the first is present.
    pub steps: Vec<Step>,
    /// When those that are present happened.
    pub window: Window,
}

/// A step of a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which facts; no messages.
    pub of: Bare,
    /// How soon after the step before that is present.
    pub within: Option<Duration>,
    /// Whether there must be none.
    pub absent: bool,
    /// What it has in common with that step.
    pub same: BTreeSet<Key>,
    /// What it has not.
    pub differs: BTreeSet<Key>,
}

/// Which facts, and nothing more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bare {
    /// Of which kind.
    pub of: Of,
    /// What holds of each of them.
    pub filters: Vec<Filter>,
}

/// A kind of facts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Of {
    /// Events of these types.
    Events(Events),
    /// Orders.
    Orders,
    /// Rows of messages.
    Messages {
        /// On this channel; on any where there is none.
        channel: Option<MessageChannel>,
        /// At least one.
        events: BTreeSet<MessageType>,
    },
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
    /// From now on; dates of contacts only.
    Next(Duration),
    /// A whole period of the calendar; one that lies ahead of dates of contacts only.
    Calendar {
        /// Which one.
        period: Period,
        /// How many years before, 0 to 100.
        years_ago: i32,
    },
}

/// A length of time. Of a day and longer: by the clock on the wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Duration {
    /// How many, at least 1 and at most five years' worth.
    pub n: i32,
    /// Of what.
    pub unit: Unit,
}
