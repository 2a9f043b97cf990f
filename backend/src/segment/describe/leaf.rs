//! Leaves: what each says of people, or its opposite.

use super::super::ast::{
    CartLeaf, Compare, Duration, Events, LastLeaf, LastOf, Measure, MeasuredLeaf, MessageLeaf,
    Node, Of, SequenceLeaf, Window,
};
use super::super::fields::{Column, Field, OrderField, Source};
use super::super::number::Number;
use super::super::words::{EventType, Function, Unit};
use super::Walk;
use super::facts::{acts, source};
use super::tongue::{About, Act, Amount, Polarity, Then};
use std::collections::BTreeMap;

/// What a cart's leaf that doesn't say so takes as untouched.
const IDLE: Duration = Duration {
    n: 1,
    unit: Unit::Hour,
};

impl Walk<'_> {
    /// The clause of a leaf, or of its opposite.
    pub(super) fn leaf(&self, leaf: &Node, negated: bool) -> String {
        let name = |names: &BTreeMap<String, String>, id: &String| {
            self.tongue.quoted(names.get(id).unwrap_or(id))
        };
        match leaf {
            Node::Measured(leaf) => self.measured(leaf, negated),
            Node::Message(leaf) => self.message(leaf, negated),
            Node::Last(leaf) => self.last(leaf, negated),
            Node::Cart(leaf) => self.cart(leaf, negated),
            Node::Contact(leaf) => self.contact(leaf, negated),
            Node::Group(id) => self.tongue.group(&name(&self.names.groups, id), negated),
            Node::Segment(id) => {
                let name = name(&self.names.segments, id);
                self.tongue.segment(&name, negated)
            }
            Node::Sequence(leaf) => self.sequence(leaf, negated),
            Node::All(_) | Node::Any(_) | Node::Not(_) => self.node(leaf, negated).text,
        }
    }

    fn measured(&self, leaf: &MeasuredLeaf, negated: bool) -> String {
        let facts = &leaf.facts;
        let window = self.when(&leaf.window);
        let is_plain = matches!(
            leaf.measure,
            Measure::Count | Measure::Visits | Measure::Days
        );
        if let (true, None, Some(some)) = (is_plain, leaf.per, existence(leaf.compare)) {
            let acts = match facts.of {
                Of::Events(Events::Any) => vec![Act::Visit],
                _ => acts(&facts.of),
            };
            let polarity = polarity(some != negated, &leaf.window);
            let done = self.done(&acts, source(&facts.of), &facts.filters, polarity);
            return self.clause(&[done, window]);
        }
        let said = Said::of(leaf, negated);
        let (acts, amount) = self.amount(leaf, said.compare);
        let done = self.done(&acts, source(&facts.of), &facts.filters, said.polarity);
        let never = said.or_never.then(|| self.tongue.or_never());
        let per = leaf.per.map(|per| self.tongue.per(per));
        self.clause(&[
            done,
            amount,
            never.unwrap_or_default(),
            per.unwrap_or_default(),
            window,
        ])
    }

    /// The acts of a leaf, and how much of them.
    fn amount(&self, leaf: &MeasuredLeaf, compare: Compare) -> (Vec<Act>, String) {
        let facts = &leaf.facts;
        let mut acts = acts(&facts.of);
        let is_any = acts == [Act::Anything];
        if is_any && leaf.measure != Measure::Count {
            acts = vec![Act::Visit];
        }
        let amount = match &leaf.measure {
            Measure::Count => Amount::Times(compare),
            Measure::Visits if is_any => Amount::Times(compare),
            Measure::Visits => Amount::Visits(compare),
            Measure::Days => Amount::Days(compare),
            Measure::Of(function, name) => {
                let field = Field::named(name, source(&facts.of));
                let show = |number| self.figure(number, field.as_ref());
                let compared = || self.tongue.compared(compare, &show);
                match (function, &field) {
                    (Function::Sum, Some(Field::Column(Column::DwellMs)))
                        if acts == [Act::Event(EventType::Dwell)] =>
                    {
                        return (vec![Act::Spend(compared())], String::new());
                    }
                    (Function::Sum, Some(Field::Order(OrderField::ValueCents))) => {
                        return (acts, self.tongue.worth(&compared()));
                    }
                    // A window would be the orders', not the returns'.
                    (Function::Sum, Some(Field::Order(OrderField::Returns)))
                        if leaf.window == Window::Ever && facts.filters.is_empty() =>
                    {
                        let amount = self.tongue.amount(&Amount::Times(compare));
                        return (vec![Act::Return], amount);
                    }
                    _ => {}
                }
                let subject = self.subject(name, source(&facts.of));
                match function {
                    Function::Distinct => Amount::Distinct(subject, compare),
                    _ => Amount::Of(*function, subject, compared()),
                }
            }
        };
        (acts, self.tongue.amount(&amount))
    }

    fn message(&self, leaf: &MessageLeaf, negated: bool) -> String {
        let mut acts = acts(&leaf.facts.of);
        for act in &mut acts {
            if let Act::Message { latest, .. } = act {
                *latest = leaf.latest;
            }
        }
        let window = self.when(&leaf.window);
        let done = |polarity| self.done(&acts, Source::Messages, &leaf.facts.filters, polarity);
        if let Some(some) = existence(leaf.compare) {
            let polarity = match polarity(some != negated, &leaf.window) {
                Polarity::Never if leaf.latest => Polarity::DidNot,
                polarity => polarity,
            };
            return self.clause(&[done(polarity), window]);
        }
        let said = Said::of_count(leaf.compare, negated);
        let amount = self.tongue.amount(&Amount::Times(said.compare));
        let never = said.or_never.then(|| self.tongue.or_never());
        self.clause(&[
            done(said.polarity),
            amount,
            never.unwrap_or_default(),
            window,
        ])
    }

    fn last(&self, leaf: &LastLeaf, negated: bool) -> String {
        let done = |polarity| match &leaf.of {
            LastOf::Visit => self.tongue.did(&[Act::Visit], &About::default(), polarity),
            LastOf::Fact(bare) => self.bare(bare, polarity),
        };
        if leaf.window == Window::Ever {
            return self.clause(&[done(polarity(!negated, &leaf.window))]);
        }
        let window = self.when(&leaf.window);
        self.tongue.last(&done(Polarity::Did), &window, negated)
    }

    fn cart(&self, leaf: &CartLeaf, negated: bool) -> String {
        let acts = [Act::LeaveInCart];
        let done = self.done(&acts, Source::Events, &leaf.filters, did_or_not(negated));
        let idle = (leaf.idle != IDLE).then(|| self.tongue.idle(leaf.idle));
        self.clause(&[done, idle.unwrap_or_default(), self.when(&leaf.window)])
    }

    fn sequence(&self, leaf: &SequenceLeaf, negated: bool) -> String {
        let mut steps = leaf.steps.iter().map(|step| Then {
            did: self.bare(&step.of, did_or_not(step.absent)),
            within: step.within,
            same: step.same.iter().copied().collect(),
            differs: step.differs.iter().copied().collect(),
        });
        let first = steps.next().map(|step| step.did).unwrap_or_default();
        let then: Vec<Then> = steps.collect();
        let window = self.when(&leaf.window);
        self.tongue.sequence(&first, &then, &window, negated)
    }

    /// The window, if it says anything.
    pub(super) fn when(&self, window: &Window) -> String {
        match window {
            Window::Ever => String::new(),
            Window::Since(bare) => self.tongue.since(&self.bare(bare, Polarity::Did)),
            window => self.tongue.window(window),
        }
    }

    /// A clause of what people did, by its pieces.
    fn clause(&self, pieces: &[String]) -> String {
        let pieces = pieces.iter().filter(|piece| !piece.is_empty());
        let pieces: Vec<&str> = pieces.map(String::as_str).collect();
        self.tongue.who(&pieces.join(" "))
    }
}

/// How a comparison is said.
struct Said {
    compare: Compare,
    polarity: Polarity,
    /// Whether nothing at all satisfies it too.
    or_never: bool,
}

impl Said {
    fn of(leaf: &MeasuredLeaf, negated: bool) -> Self {
        let of_nothing = match leaf.measure {
            Measure::Count | Measure::Visits | Measure::Days => true,
            Measure::Of(function, _) => matches!(function, Function::Sum | Function::Distinct),
        };
        if of_nothing && leaf.per.is_none() {
            return Self::of_count(leaf.compare, negated);
        }
        Self {
            compare: leaf.compare,
            polarity: did_or_not(negated),
            or_never: false,
        }
    }

    /// Of what is 0 where there is nothing: not at least 3 is less than 3.
    fn of_count(compare: Compare, negated: bool) -> Self {
        if let (true, Some(compare)) = (negated, opposite(compare)) {
            return Self::of_count(compare, false);
        }
        Self {
            compare,
            polarity: did_or_not(negated),
            or_never: !negated && holds_of_0(compare),
        }
    }
}

const fn did_or_not(negated: bool) -> Polarity {
    if negated {
        Polarity::DidNot
    } else {
        Polarity::Did
    }
}

const fn polarity(did: bool, window: &Window) -> Polarity {
    match (did, window) {
        (true, _) => Polarity::Did,
        (false, Window::Ever) => Polarity::Never,
        (false, _) => Polarity::DidNot,
    }
}

/// Whether the comparison of a count asks for something, or for nothing, and no more than that.
fn existence(compare: Compare) -> Option<bool> {
    let (zero, one) = (Number::Int(0), Number::Int(1));
    match compare {
        Compare::Gte(n) if n == one => Some(true),
        Compare::Gt(n) if n == zero => Some(true),
        Compare::Lt(n) if n == one => Some(false),
        Compare::Lte(n) | Compare::Eq(n) if n == zero => Some(false),
        _ => None,
    }
}

const fn opposite(compare: Compare) -> Option<Compare> {
    Some(match compare {
        Compare::Gte(n) => Compare::Lt(n),
        Compare::Gt(n) => Compare::Lte(n),
        Compare::Lte(n) => Compare::Gt(n),
        Compare::Lt(n) => Compare::Gte(n),
        Compare::Eq(_) | Compare::Between(..) => return None,
    })
}

fn holds_of_0(compare: Compare) -> bool {
    let zero = Number::Int(0);
    match compare {
        Compare::Gte(n) => zero >= n,
        Compare::Gt(n) => zero > n,
        Compare::Lte(n) => zero <= n,
        Compare::Lt(n) => zero < n,
        Compare::Eq(n) => zero == n,
        // From 0 on says so itself.
        Compare::Between(first, second) => first < zero && zero <= second,
    }
}
