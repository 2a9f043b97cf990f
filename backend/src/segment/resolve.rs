//! [`ast`](super::ast) to a question that can be planned: fields are known,
//! operators and values fit their types, windows are absolute, and equal
//! leaves are one.

mod facts;

use super::Question;
use super::ast::{self, Compare, Events, Node};
use super::fields::Field;
use super::invalid::{At, Code, Invalid};
use super::number::Number;
use super::time::{Span, Wall};
use super::words::{Function, Per};

/// A definition as of a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// What must be true; of the shape of the definition.
    pub tree: Tree,
    /// What is measured of every person, each once.
    pub leaves: Vec<Leaf>,
}

/// A boolean over the measures of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tree {
    /// True where every part is.
    All(Vec<Tree>),
    /// True where some part is.
    Any(Vec<Tree>),
    /// True where the part is not.
    Not(Box<Tree>),
    /// True where the measure of a leaf satisfies the comparison.
    Leaf {
        /// Its place in [`Resolved::leaves`].
        leaf: usize,
        /// What its measure must be.
        compare: Compare,
    },
}

/// What is measured: leaves that differ in their comparison only are one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Which events.
    pub facts: Facts,
    /// When they happened.
    pub span: Span,
    /// They come after the person's latest of these; with none there are none.
    pub since: Option<Facts>,
    /// What is measured of them.
    pub measure: Measure,
    /// What they are grouped by first.
    pub per: Option<Per>,
}

/// Which events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Of which types.
    pub events: Events,
    /// What holds of each. Those of items that are not negated meet on one
    /// item; a negated one says that no item is so.
    pub filters: Vec<Filter>,
}

/// A test of a field that fits its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Which field.
    pub field: Field,
    /// What it must be.
    pub test: Test,
    /// Whether the test must fail, which it does for what is absent.
    pub negated: bool,
}

/// What a field must be. Nothing that is absent is so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// Anything.
    Exists,
    /// One of these texts, folded; none of them is empty, but the list may be.
    OneOf(Vec<String>),
    /// A text with this in it, folded.
    Contains(String),
    /// A text that begins with this, folded.
    StartsWith(String),
    /// A path of this pattern, folded.
    MatchesPath(String),
    /// One of these numbers.
    OneOfNumbers(Vec<Number>),
    /// A number so compared.
    Number(Compare),
}

/// What is measured of the facts of a leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    /// How many.
    Count,
    /// In how many sessions.
    Visits,
    /// How many sessions began.
    SessionStarts,
    /// On how many local dates.
    Days,
    /// A function of a field.
    Of(Function, Field),
}

/// Resolves a definition.
///
/// # Errors
/// [`Invalid`] for the first part, in the order of the document, that doesn't
/// fit.
pub fn resolve(definition: &Node, question: &Question<'_>) -> Result<Resolved, Invalid> {
    let settings = question.settings;
    let wall = Wall::new(
        question.as_of_ms,
        settings.time_zone(),
        settings.week_start(),
    );
    let wall = wall.map_err(|error| beyond(&At::Root, &error))?;
    let mut walk = Walk {
        wall,
        leaves: Vec::new(),
    };
    let tree = walk.node(definition, &At::Root)?;
    Ok(Resolved {
        tree,
        leaves: walk.leaves,
    })
}

struct Walk {
    wall: Wall,
    leaves: Vec<Leaf>,
}

impl Walk {
    fn node(&mut self, node: &Node, at: &At<'_>) -> Result<Tree, Invalid> {
        Ok(match node {
            Node::All(parts) => Tree::All(self.nodes(parts, &at.key("all"))?),
            Node::Any(parts) => Tree::Any(self.nodes(parts, &at.key("any"))?),
            Node::Not(part) => Tree::Not(Box::new(self.node(part, &at.key("not"))?)),
            Node::Event(leaf) => {
                let compare = leaf.compare;
                let leaf = self.leaf(leaf, at)?;
                Tree::Leaf {
                    leaf: self.place(leaf),
                    compare,
                }
            }
        })
    }

    fn nodes(&mut self, parts: &[Node], at: &At<'_>) -> Result<Vec<Tree>, Invalid> {
        let parts = parts.iter().enumerate();
        parts
            .map(|(index, part)| self.node(part, &at.index(index)))
            .collect()
    }

    /// The place of an equal leaf, or of this one as a new one.
    fn place(&mut self, leaf: Leaf) -> usize {
        if let Some(place) = self.leaves.iter().position(|known| *known == leaf) {
            return place;
        }
        self.leaves.push(leaf);
        self.leaves.len() - 1
    }

    fn leaf(&self, leaf: &ast::EventLeaf, at: &At<'_>) -> Result<Leaf, Invalid> {
        let facts = facts::facts(&leaf.facts, at)?;
        let measure = facts::measure(&leaf.measure, &facts, &at.key("measure"))?;
        let at = at.key("window");
        let span = self
            .wall
            .span(&leaf.window)
            .map_err(|error| beyond(&at, &error))?;
        let since = match &leaf.window {
            ast::Window::Since(bare) => Some(facts::facts(bare, &at.key("since"))?),
            _ => None,
        };
        Ok(Leaf {
            facts,
            span,
            since,
            measure,
            per: leaf.per,
        })
    }
}

fn beyond(at: &At<'_>, error: &jiff::Error) -> Invalid {
    at.refuse(
        Code::OutOfRange,
        format!("this reaches beyond the calendar: {error}"),
    )
}

impl Leaf {
    /// Whether it counts the starts of sessions, whatever their type: a
    /// session may begin with any, `dwell` too. (In a group they are those of
    /// the group's facts.)
    #[must_use]
    pub fn is_of_starts(&self) -> bool {
        self.measure == Measure::SessionStarts && self.per.is_none()
    }

    /// Its answer for a person without any fact.
    #[must_use]
    pub fn of_nothing(&self, compare: &Compare) -> bool {
        let is_number = match &self.measure {
            Measure::Count | Measure::Visits | Measure::SessionStarts | Measure::Days => true,
            Measure::Of(function, _) => matches!(function, Function::Sum | Function::Distinct),
        };
        self.per.is_none() && is_number && compare.holds(Number::Int(0))
    }
}

impl Compare {
    /// Whether a number satisfies it.
    #[must_use]
    pub fn holds(&self, found: Number) -> bool {
        match self {
            Self::Gte(bound) => found >= *bound,
            Self::Gt(bound) => found > *bound,
            Self::Lte(bound) => found <= *bound,
            Self::Lt(bound) => found < *bound,
            Self::Eq(bound) => found == *bound,
            Self::Between(least, most) => found >= *least && found <= *most,
        }
    }
}
