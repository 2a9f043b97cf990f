//! Leaves: a question each.

use super::super::ast::{
    CartLeaf, Compare, ContactLeaf, Duration, LastLeaf, LastOf, Measure, MeasuredLeaf, MessageLeaf,
    Node, Window,
};
use super::super::invalid::{Code, Invalid};
use super::super::number::Number;
use super::super::words::{CartState, LastWord, LeafKind, Per, Unit};
use super::object::{self, Object};
use super::{fact, sequence, window};
use serde_json::Value;

/// Reads a node that has a `kind`.
pub(super) fn leaf(node: &Object<'_>) -> Result<Node, Invalid> {
    match fact::kind(node)? {
        LeafKind::Event => event(node).map(Node::Measured),
        LeafKind::Order => order(node).map(Node::Measured),
        LeafKind::Message => message(node).map(Node::Message),
        LeafKind::Last => last(node).map(Node::Last),
        LeafKind::Cart => cart(node).map(Node::Cart),
        LeafKind::Contact => contact(node).map(Node::Contact),
        LeafKind::Group => named(node, "group", "a group leaf").map(Node::Group),
        LeafKind::Segment => named(node, "segment", "a segment leaf").map(Node::Segment),
        LeafKind::Sequence => sequence::sequence(node).map(Node::Sequence),
    }
}

fn event(leaf: &Object<'_>) -> Result<MeasuredLeaf, Invalid> {
    let keys = [
        "kind", "event", "where", "measure", "per", "compare", "window",
    ];
    leaf.only(&keys, "an event leaf")?;
    measured(leaf, LeafKind::Event)
}

fn order(leaf: &Object<'_>) -> Result<MeasuredLeaf, Invalid> {
    let keys = ["kind", "where", "measure", "per", "compare", "window"];
    leaf.only(&keys, "an order leaf")?;
    let read = measured(leaf, LeafKind::Order)?;
    if read.measure == Measure::Visits {
        let message = "`visits` fits events only; orders have `count` and `days`";
        return Err(leaf.at.key("measure").refuse(Code::DoesNotFit, message));
    }
    if read.per == Some(Per::Session) {
        let message = "`session` fits events only; `product` would fit";
        return Err(leaf.at.key("per").refuse(Code::DoesNotFit, message));
    }
    Ok(read)
}

fn measured(leaf: &Object<'_>, kind: LeafKind) -> Result<MeasuredLeaf, Invalid> {
    let at = &leaf.at;
    let facts = fact::facts(leaf, kind)?;
    let measure = leaf
        .get("measure")
        .map(|value| fact::measure(value, at.key("measure")));
    let per = leaf
        .get("per")
        .map(|value| object::word(value, &at.key("per"), "grouping"));
    Ok(MeasuredLeaf {
        facts,
        measure: measure.transpose()?.unwrap_or(Measure::Count),
        per: per.transpose()?,
        compare: compare(leaf)?,
        window: window_of(leaf)?,
    })
}

fn message(leaf: &Object<'_>) -> Result<MessageLeaf, Invalid> {
    let keys = [
        "kind", "channel", "event", "where", "latest", "compare", "window",
    ];
    leaf.only(&keys, "a message leaf")?;
    let facts = fact::facts(leaf, LeafKind::Message)?;
    let latest = leaf
        .get("latest")
        .map(|value| object::flag(value, &leaf.at.key("latest"), "`latest`"));
    Ok(MessageLeaf {
        facts,
        latest: latest.transpose()?.unwrap_or(false),
        compare: compare(leaf)?,
        window: window_of(leaf)?,
    })
}

fn last(leaf: &Object<'_>) -> Result<LastLeaf, Invalid> {
    leaf.only(&["kind", "of", "window"], "a `last` leaf")?;
    let (of, at) = (leaf.need("of", "a `last` leaf")?, leaf.at.key("of"));
    let of = if of.is_string() {
        let LastWord::Visit = object::word(of, &at, "kind of facts")?;
        LastOf::Visit
    } else {
        let fitting = [LeafKind::Event, LeafKind::Order, LeafKind::Message];
        LastOf::Fact(fact::bare(of, at, &fitting)?)
    };
    let window = leaf.need("window", "a `last` leaf")?;
    Ok(LastLeaf {
        of,
        window: window::of_facts(window, &leaf.at.key("window"))?,
    })
}

/// For how long a cart is left where a leaf doesn't say.
const IDLE: Duration = Duration {
    n: 1,
    unit: Unit::Hour,
};

fn cart(leaf: &Object<'_>) -> Result<CartLeaf, Invalid> {
    leaf.only(&["kind", "state", "idle", "where", "window"], "a cart leaf")?;
    let state = leaf.need("state", "a cart leaf")?;
    let CartState::Abandoned = object::word(state, &leaf.at.key("state"), "state of a cart")?;
    let idle = leaf
        .get("idle")
        .map(|value| window::duration(value, leaf.at.key("idle")));
    Ok(CartLeaf {
        idle: idle.transpose()?.unwrap_or(IDLE),
        filters: fact::filters(leaf)?,
        window: window_of(leaf)?,
    })
}

fn contact(leaf: &Object<'_>) -> Result<ContactLeaf, Invalid> {
    leaf.only(
        &["kind", "field", "op", "value", "window"],
        "a contact leaf",
    )?;
    let filter = fact::test(leaf, "a contact leaf", |_| true)?;
    let at = leaf.at.key("window");
    let window = match (filter.op.is_windowed(), leaf.get("window")) {
        (true, None) => Some(Window::Ever),
        (true, Some(window)) => Some(window::of_dates(window, &at)?),
        (false, Some(_)) => {
            let message = "a window fits `in_window` and `anniversary_in` only";
            return Err(at.refuse(Code::DoesNotFit, message));
        }
        (false, None) => None,
    };
    Ok(ContactLeaf { filter, window })
}

fn named(leaf: &Object<'_>, key: &'static str, what: &str) -> Result<String, Invalid> {
    leaf.only(&["kind", key], what)?;
    let id = leaf.need(key, what)?;
    Ok(object::text(id, &leaf.at.key(key), "an id")?.to_owned())
}

fn compare(leaf: &Object<'_>) -> Result<Compare, Invalid> {
    let compare = leaf
        .get("compare")
        .map(|value| fact::compare(value, leaf.at.key("compare")));
    Ok(compare.transpose()?.unwrap_or(Compare::Gte(Number::Int(1))))
}

/// The window of a leaf about facts; without one whenever.
pub(super) fn window_of(leaf: &Object<'_>) -> Result<Window, Invalid> {
    let read = |value: &Value| window::of_facts(value, &leaf.at.key("window"));
    Ok(leaf
        .get("window")
        .map(read)
        .transpose()?
        .unwrap_or(Window::Ever))
}
