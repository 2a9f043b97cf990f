//! [`ast`](super::ast) to a question that can be planned: names are known,
//! operators and values fit their types, windows are absolute, nested segments
//! stand in their leaves' places, and equal leaves are one.

mod contact;
mod facts;

use super::ast::{self, Compare, Node, Of};
use super::contact::ContactField;
use super::fields::{Field, Source};
use super::invalid::{At, Code, Invalid};
use super::number::Number;
use super::parse::{MAX_DEPTH, MAX_NODES};
use super::time::{Offsets, Span, Wall};
use super::words::{Function, Key, Per};
use super::{Known, Question};
use std::collections::BTreeSet;

/// Definitions as of a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// What must be true: a tree each, of the shape of the definition.
    pub trees: Vec<Tree>,
    /// What is asked of every person, each once.
    pub leaves: Vec<Leaf>,
    /// How the site's clock stands to the time.
    pub offsets: Offsets,
}

/// A boolean over the answers of a person's leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tree {
    /// True where every part is.
    All(Vec<Tree>),
    /// True where some part is.
    Any(Vec<Tree>),
    /// True where the part is not.
    Not(Box<Tree>),
    /// Another segment, in its leaf's place.
    Nested(Box<Tree>),
    /// True where the answer of a leaf is as asked.
    Leaf {
        /// Its place in [`Resolved::leaves`].
        leaf: usize,
        /// What its answer must be.
        asked: Asked,
    },
}

/// What the answer of a leaf must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    /// A number that satisfies this.
    Number(Compare),
    /// Yes.
    Yes,
}

/// What is asked of a person: leaves that differ in their comparison only are one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaf {
    /// A number: what some facts come to.
    Measured(Measured),
    /// Whether the latest of some facts lies in the window.
    Last(Last),
    /// Whether a field of the contact is so.
    Contact(ContactTest),
    /// Whether the person is in a group.
    Group(String),
    /// Whether something was left in the cart.
    Cart(Cart),
    /// Whether some facts followed each other.
    Sequence(Sequence),
}

/// What some facts come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// Which facts.
    pub facts: Facts,
    /// Whether only rows of the newest message count.
    pub latest: bool,
    /// When they happened.
    pub when: When,
    /// What is measured of them.
    pub measure: Measure,
    /// What they are grouped by first.
    pub per: Option<Per>,
}

/// When the latest of some facts was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Last {
    /// Of which facts; none: of the starts of visits.
    pub facts: Option<Facts>,
    /// When it must have been.
    pub when: When,
}

/// Whether something was left in the cart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cart {
    /// Since when nobody cared for it, in milliseconds since the epoch.
    pub idle_from_ms: i64,
    /// What holds of what is left, as of the items of a fact.
    pub filters: Vec<Filter>,
    /// When it was touched last.
    pub when: When,
}

/// Whether some facts followed each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// At least one; the first is present.
    pub steps: Vec<Step>,
    /// When those that are present happened.
    pub when: When,
}

/// A step of a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which facts; no messages.
    pub facts: Facts,
    /// How soon after the step before that is present.
    pub within: Option<ast::Duration>,
    /// Whether there must be none.
    pub absent: bool,
    /// What it has in common with that step.
    pub same: BTreeSet<Key>,
    /// What it has not.
    pub differs: BTreeSet<Key>,
}

/// When facts happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// Between these bounds.
    pub span: Span,
    /// They come after the person's latest of these; with none there are none.
    pub since: Option<Facts>,
}

/// Which facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Of which kind.
    pub of: Of,
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

/// A test of a contact's field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactTest {
    /// Which field.
    pub field: ContactField,
    /// As what it is read.
    pub reading: Reading,
    /// What it must be.
    pub test: Test,
    /// Whether the test must fail, which it does for what is absent.
    pub negated: bool,
    /// It lies between the person's latest of these and now; with none it doesn't.
    pub since: Option<Facts>,
}

/// As what a contact's field is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reading {
    /// A text, folded.
    Text,
    /// Texts, folded.
    Texts,
    /// A number, which need not be whole.
    Number,
    /// Yes is 1, no is 0.
    Flag,
    /// A local day, in days since 1970-01-01.
    Day,
    /// A moment, in milliseconds since the epoch.
    Moment,
    /// A local day of any year: the month times 100 and the day.
    DayOfYear,
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
    resolve_all(&[definition], question)
}

/// Resolves definitions that are asked together: what several ask is asked once.
///
/// # Errors
/// [`Invalid`] for the first part of the first definition that doesn't fit.
pub fn resolve_all(definitions: &[&Node], question: &Question<'_>) -> Result<Resolved, Invalid> {
    let settings = question.settings;
    let wall = Wall::new(
        question.as_of_ms,
        settings.time_zone(),
        settings.week_start(),
    );
    let wall = wall.map_err(|error| beyond(&At::Root, &error))?;
    let mut walk = Walk {
        wall,
        known: question.known,
        leaves: Vec::new(),
        nodes: 0,
        within: Vec::new(),
    };
    let mut trees = Vec::with_capacity(definitions.len());
    for definition in definitions {
        walk.nodes = 0;
        trees.push(walk.node(definition, &At::Root, 1)?);
    }
    let offsets = Offsets::around(question.as_of_ms, settings.time_zone());
    Ok(Resolved {
        trees,
        leaves: walk.leaves,
        offsets: offsets.map_err(|error| beyond(&At::Root, &error))?,
    })
}

struct Walk<'a> {
    wall: Wall,
    known: &'a Known,
    leaves: Vec<Leaf>,
    nodes: usize,
    /// The segments whose definitions are being read, the outermost first.
    within: Vec<&'a str>,
}

impl<'a> Walk<'a> {
    fn node(&mut self, node: &'a Node, at: &At<'_>, depth: usize) -> Result<Tree, Invalid> {
        // A nested definition takes its leaf's place.
        if !matches!(node, Node::Segment(_)) {
            self.admit(at, depth)?;
        }
        let yes = |leaf: Leaf| Ok((leaf, Asked::Yes));
        let (leaf, asked) = match node {
            Node::All(parts) => {
                return Ok(Tree::All(self.nodes(parts, &at.key("all"), depth + 1)?));
            }
            Node::Any(parts) => {
                return Ok(Tree::Any(self.nodes(parts, &at.key("any"), depth + 1)?));
            }
            Node::Not(part) => {
                let part = self.node(part, &at.key("not"), depth + 1)?;
                return Ok(Tree::Not(Box::new(part)));
            }
            Node::Measured(leaf) => {
                let measured = self.measured(leaf, at)?;
                Ok((Leaf::Measured(measured), Asked::Number(leaf.compare)))
            }
            Node::Message(leaf) => {
                let measured = Measured {
                    facts: facts::facts(&leaf.facts, at)?,
                    latest: leaf.latest,
                    when: self.when(&leaf.window, at)?,
                    measure: Measure::Count,
                    per: None,
                };
                Ok((Leaf::Measured(measured), Asked::Number(leaf.compare)))
            }
            Node::Last(leaf) => yes(Leaf::Last(self.last(leaf, at)?)),
            Node::Contact(leaf) => yes(Leaf::Contact(contact::test(leaf, self, at)?)),
            Node::Group(id) => {
                if !self.known.groups.contains(id) {
                    let message = format!("the site has no group `{id}`");
                    return Err(at.key("group").refuse(Code::UnknownWord, message));
                }
                yes(Leaf::Group(id.clone()))
            }
            Node::Cart(leaf) => yes(Leaf::Cart(self.cart(leaf, at)?)),
            Node::Sequence(leaf) => yes(Leaf::Sequence(self.sequence(leaf, at)?)),
            Node::Segment(id) => return self.nested(id, at, depth),
        }?;
        let leaf = self.place(leaf);
        Ok(Tree::Leaf { leaf, asked })
    }

    fn nodes(
        &mut self,
        parts: &'a [Node],
        at: &At<'_>,
        depth: usize,
    ) -> Result<Vec<Tree>, Invalid> {
        let parts = parts.iter().enumerate();
        parts
            .map(|(index, part)| self.node(part, &at.index(index), depth))
            .collect()
    }

    /// The definition of another segment.
    fn nested(&mut self, id: &'a str, at: &At<'_>, depth: usize) -> Result<Tree, Invalid> {
        let at = at.key("segment");
        let refused = |code, message: String| Err(at.refuse(code, message));
        if self.within.contains(&id) {
            let way = self.within.join("` in `");
            return refused(
                Code::DoesNotFit,
                format!("`{id}` would be asked in itself: in `{way}`"),
            );
        }
        let Some(definition) = self.known.segments.get(id) else {
            return refused(Code::UnknownWord, format!("the site has no segment `{id}`"));
        };
        self.within.push(id);
        let tree = self.node(definition, &At::Root, depth);
        self.within.pop();
        // The place is one of another document.
        let tree = tree.map_err(|invalid| {
            let Invalid {
                pointer,
                code,
                message,
            } = invalid;
            at.refuse(code, format!("in `{id}`, at `{pointer}`: {message}"))
        })?;
        Ok(Tree::Nested(Box::new(tree)))
    }

    fn admit(&mut self, at: &At<'_>, depth: usize) -> Result<(), Invalid> {
        self.nodes += 1;
        if depth > MAX_DEPTH {
            let message = format!("this node is {depth} deep; {MAX_DEPTH} is the most");
            return Err(at.refuse(Code::TooDeep, message));
        }
        if self.nodes > MAX_NODES {
            let message = format!(
                "with nested segments put in, a definition has at most {MAX_NODES} nodes; this is one more"
            );
            return Err(at.refuse(Code::TooManyNodes, message));
        }
        Ok(())
    }

    /// The place of an equal leaf, or of this one as a new one.
    fn place(&mut self, leaf: Leaf) -> usize {
        if let Some(place) = self.leaves.iter().position(|known| *known == leaf) {
            return place;
        }
        self.leaves.push(leaf);
        self.leaves.len() - 1
    }

    fn measured(&self, leaf: &ast::MeasuredLeaf, at: &At<'_>) -> Result<Measured, Invalid> {
        let facts = facts::facts(&leaf.facts, at)?;
        let measure = facts::measure(&leaf.measure, &facts, &at.key("measure"))?;
        Ok(Measured {
            facts,
            latest: false,
            when: self.when(&leaf.window, at)?,
            measure,
            per: leaf.per,
        })
    }

    fn last(&self, leaf: &ast::LastLeaf, at: &At<'_>) -> Result<Last, Invalid> {
        let facts = match &leaf.of {
            ast::LastOf::Visit => None,
            ast::LastOf::Fact(bare) => Some(facts::facts(bare, &at.key("of"))?),
        };
        Ok(Last {
            facts,
            when: self.when(&leaf.window, at)?,
        })
    }

    fn cart(&self, leaf: &ast::CartLeaf, at: &At<'_>) -> Result<Cart, Invalid> {
        let idle = self.wall.ago(leaf.idle);
        Ok(Cart {
            idle_from_ms: idle.map_err(|error| beyond(&at.key("idle"), &error))?,
            filters: facts::items(&leaf.filters, &at.key("where"))?,
            when: self.when(&leaf.window, at)?,
        })
    }

    fn sequence(&self, leaf: &ast::SequenceLeaf, at: &At<'_>) -> Result<Sequence, Invalid> {
        let steps_at = at.key("steps");
        let steps = leaf.steps.iter().enumerate().map(|(index, step)| {
            let at = steps_at.index(index);
            Ok(Step {
                facts: facts::facts(&step.of, &at.key("of"))?,
                within: step.within,
                absent: step.absent,
                same: step.same.clone(),
                differs: step.differs.clone(),
            })
        });
        Ok(Sequence {
            steps: steps.collect::<Result<_, _>>()?,
            when: self.when(&leaf.window, at)?,
        })
    }

    /// The window of the leaf that stands here.
    fn when(&self, window: &ast::Window, at: &At<'_>) -> Result<When, Invalid> {
        let at = at.key("window");
        let span = self.wall.span(window);
        let span = span.map_err(|error| beyond(&at, &error))?;
        let since = match window {
            ast::Window::Since(bare) => Some(facts::facts(bare, &at.key("since"))?),
            _ => None,
        };
        Ok(When { span, since })
    }
}

fn beyond(at: &At<'_>, error: &jiff::Error) -> Invalid {
    at.refuse(
        Code::OutOfRange,
        format!("this reaches beyond the calendar: {error}"),
    )
}

impl Facts {
    /// Where they are from.
    #[must_use]
    pub const fn source(&self) -> Source {
        match self.of {
            Of::Events(_) => Source::Events,
            Of::Orders => Source::Orders,
            Of::Messages { .. } => Source::Messages,
        }
    }
}

impl Measured {
    /// Whether it counts the starts of sessions, whatever their type: a
    /// session may begin with any, `dwell` too. (In a group they are those of
    /// the group's facts.)
    #[must_use]
    pub fn is_of_starts(&self) -> bool {
        self.measure == Measure::SessionStarts && self.per.is_none()
    }

    /// Whether it is a float, where all else is whole.
    #[must_use]
    pub const fn is_average(&self) -> bool {
        matches!(self.measure, Measure::Of(Function::Avg, _))
    }

    /// What no facts come to, if to a number.
    #[must_use]
    pub fn of_nothing(&self) -> Option<Number> {
        let is_number = match &self.measure {
            Measure::Count | Measure::Visits | Measure::SessionStarts | Measure::Days => true,
            Measure::Of(function, _) => matches!(function, Function::Sum | Function::Distinct),
        };
        (self.per.is_none() && is_number).then_some(Number::Int(0))
    }
}

impl Leaf {
    /// The answer for a person of whom nothing is known.
    #[must_use]
    pub fn of_nothing(&self, asked: &Asked) -> bool {
        match (self, asked) {
            (Self::Measured(leaf), Asked::Number(compare)) => leaf
                .of_nothing()
                .is_some_and(|number| compare.holds(number)),
            (Self::Contact(test), _) => test.negated,
            _ => false,
        }
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
