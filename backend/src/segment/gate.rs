//! The rarest first: where a question gathers what people did, and asks besides what contacts,
//! groups or messages tell, only of those who meet that is anything gathered.

use super::fields::Source;
use super::plan::{Plan, collect};
use super::resolve::{Leaf, Tree};

/// The part of a question that is cheap to answer and that everyone in it meets: a plan of its
/// own. Nothing where the rest is cheap too, or people are chosen already.
#[must_use]
pub fn gate(plan: &Plan) -> Option<Plan> {
    let [tree] = plan.trees.as_slice() else {
        return None;
    };
    if plan.only.is_some() || plan.one_in > 1 || !plan.leaves.iter().any(is_gathered) {
        return None;
    }
    let of_nothing = |leaf, asked| {
        let mut answers = plan.answers.iter();
        answers.any(|known| known.leaf == leaf && known.asked == asked && known.of_nothing)
    };
    let mut leaves = Vec::new();
    let cheap: Vec<Tree> = parts(tree)
        .into_iter()
        .filter(|part| !part.is_true(&of_nothing))
        .filter_map(|part| {
            let mut with_its_own = leaves.clone();
            let part = of_cheap(part, &plan.leaves, &mut with_its_own)?;
            leaves = with_its_own;
            Some(part)
        })
        .collect();
    if cheap.is_empty() {
        return None;
    }
    let tree = Tree::All(cheap);
    let mut answers = Vec::new();
    collect(&tree, &leaves, &mut answers);
    Some(Plan {
        trees: vec![tree],
        leaves,
        answers,
        everyone: false,
        events: None,
        ..plan.clone()
    })
}

/// What must all be true.
pub(super) fn parts(tree: &Tree) -> Vec<&Tree> {
    match tree {
        Tree::All(all) => all.iter().flat_map(parts).collect(),
        Tree::Nested(part) => parts(part),
        part => vec![part],
    }
}

/// The same of leaves that are counted anew; nothing where some leaf is not cheap.
fn of_cheap(tree: &Tree, known: &[Leaf], leaves: &mut Vec<Leaf>) -> Option<Tree> {
    let mut all = |parts: &[Tree]| -> Option<Vec<Tree>> {
        let parts = parts.iter();
        parts.map(|part| of_cheap(part, known, leaves)).collect()
    };
    Some(match tree {
        Tree::All(parts) => Tree::All(all(parts)?),
        Tree::Any(parts) => Tree::Any(all(parts)?),
        Tree::Not(part) => Tree::Not(Box::new(of_cheap(part, known, leaves)?)),
        Tree::Nested(part) => of_cheap(part, known, leaves)?,
        Tree::Leaf { leaf, asked } => {
            let leaf = known.get(*leaf).filter(|leaf| is_cheap(leaf))?;
            let place = leaves.iter().position(|counted| counted == leaf);
            let place = place.unwrap_or_else(|| {
                leaves.push(leaf.clone());
                leaves.len() - 1
            });
            Tree::Leaf {
                leaf: place,
                asked: *asked,
            }
        }
    })
}

/// Whether contacts, groups or messages alone tell of it: there are far fewer than events.
fn is_cheap(leaf: &Leaf) -> bool {
    match leaf {
        Leaf::Measured(leaf) => {
            leaf.facts.source() == Source::Messages && leaf.when.since.is_none()
        }
        Leaf::Last(leaf) => {
            let of_messages = |facts: &super::resolve::Facts| facts.source() == Source::Messages;
            leaf.facts.as_ref().is_some_and(of_messages) && leaf.when.since.is_none()
        }
        Leaf::Contact(test) => test.since.is_none(),
        Leaf::Group(_) => true,
        Leaf::Cart(_) | Leaf::Sequence(_) => false,
    }
}

/// Whether events are gathered for it.
fn is_gathered(leaf: &Leaf) -> bool {
    match leaf {
        Leaf::Measured(leaf) => {
            leaf.facts.source() == Source::Events
                && (leaf.when.since.is_some() || leaf.per.is_some())
        }
        Leaf::Cart(_) | Leaf::Sequence(_) => true,
        Leaf::Last(_) | Leaf::Contact(_) | Leaf::Group(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::SiteSettings;
    use super::super::{Known, Question, parse, plan::plan, resolve};
    use super::*;
    use jiff::civil::Weekday;
    use serde_json::{Value, json};

    /// How many leaves the gate asks.
    fn leaves(definition: &Value) -> Option<usize> {
        let settings = SiteSettings::new("UTC", Weekday::Sunday, "ILS").unwrap();
        let question = Question {
            site: "shop",
            settings: &settings,
            known: &Known {
                groups: ["vip".to_owned()].into(),
                ..Known::default()
            },
            as_of_ms: 73 * 86_400_000,
        };
        let resolved = resolve(&parse(definition).unwrap(), &question).unwrap();
        Some(gate(&plan(resolved, &question))?.leaves.len())
    }

    #[test]
    fn what_is_cheap_and_must_be_true_comes_first() {
        let vip = json!({"kind": "group", "group": "vip"});
        let sent = json!({"kind": "message", "channel": "sms", "event": "sent"});
        let cart = json!({"kind": "cart", "state": "abandoned"});
        let since = json!({"since": {"kind": "event", "event": "purchase"}});
        let since = json!({"kind": "event", "event": "click", "window": since});
        let click = json!({"kind": "event", "event": "click"});
        let all = |parts: &[&Value]| json!({"all": parts});
        let any = json!({"any": [vip, sent]});
        assert_eq!(leaves(&all(&[&vip, &cart])), Some(1));
        assert_eq!(leaves(&all(&[&any, &all(&[&sent, &since])])), Some(2));
        // Nothing is gathered; nothing is cheap; it need not be true; it is true of nobody known.
        assert_eq!(leaves(&all(&[&vip, &click])), None);
        assert_eq!(leaves(&all(&[&click, &cart])), None);
        assert_eq!(leaves(&json!({"any": [vip, cart]})), None);
        assert_eq!(leaves(&all(&[&json!({"not": vip}), &cart])), None);
        assert_eq!(leaves(&json!({"all": [{"any": [vip, click]}, cart]})), None);
    }
}
