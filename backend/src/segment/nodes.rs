//! The nodes of a definition, each with its place, and what becomes of the whole without it.

use super::resolve::{Asked, Tree};

/// A node of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where it stands, as an RFC 6901 pointer into the definition.
    pub pointer: String,
    /// What it asks.
    pub tree: Tree,
    /// The place of the node that it is a part of; nothing for the whole.
    pub parent: Option<usize>,
}

/// Every node, parents before their parts. A nested segment is one.
#[must_use]
pub fn nodes(root: &Tree) -> Vec<Node> {
    let mut nodes = Vec::new();
    visit(root, None, String::new(), &mut nodes);
    nodes
}

fn visit(tree: &Tree, parent: Option<usize>, pointer: String, nodes: &mut Vec<Node>) {
    let place = nodes.len();
    nodes.push(Node {
        pointer: pointer.clone(),
        tree: tree.clone(),
        parent,
    });
    let (key, parts) = match tree {
        Tree::All(parts) => ("all", parts),
        Tree::Any(parts) => ("any", parts),
        Tree::Not(part) => return visit(part, Some(place), format!("{pointer}/not"), nodes),
        Tree::Nested(_) | Tree::Leaf { .. } => return,
    };
    for (index, part) in parts.iter().enumerate() {
        visit(part, Some(place), format!("{pointer}/{key}/{index}"), nodes);
    }
}

/// The node that goes where the one at `place` is taken out: with what is denied its denial goes.
/// Nothing where nothing would be left.
#[must_use]
pub fn taken_out(nodes: &[Node], place: usize) -> Option<usize> {
    let parent = nodes.get(place)?.parent?;
    match nodes.get(parent)?.tree {
        Tree::Not(_) => taken_out(nodes, parent),
        _ => Some(place),
    }
}

/// Whether the whole is true without the node at `place`, where `truths` says which nodes are
/// true. Nothing where nothing would be left.
#[must_use]
pub fn without(nodes: &[Node], truths: &[bool], place: usize) -> Option<bool> {
    let mut place = taken_out(nodes, place)?;
    // What stands in its place: nothing, and then what each parent becomes.
    let mut instead = None;
    while let Some(parent) = nodes.get(place)?.parent {
        let parts = nodes.iter().zip(truths).enumerate();
        let mut others = parts
            .filter(|(part, (node, _))| node.parent == Some(parent) && *part != place)
            .map(|(_, (_, is_so))| *is_so)
            .chain(instead);
        instead = Some(match nodes.get(parent)?.tree {
            Tree::Any(_) => others.any(|is_so| is_so),
            Tree::Not(_) => !others.all(|is_so| is_so),
            _ => others.all(|is_so| is_so),
        });
        place = parent;
    }
    instead
}

impl Tree {
    /// Whether it is true, where `is_so` says whether the answer of a leaf is as asked.
    #[must_use]
    pub fn is_true(&self, is_so: &impl Fn(usize, Asked) -> bool) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.is_true(is_so)),
            Self::Any(parts) => parts.iter().any(|part| part.is_true(is_so)),
            Self::Not(part) => !part.is_true(is_so),
            Self::Nested(part) => part.is_true(is_so),
            Self::Leaf { leaf, asked } => is_so(*leaf, *asked),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ast::Compare;
    use super::super::number::Number;
    use super::*;
    use expect_test::expect;

    fn leaf(leaf: usize) -> Tree {
        let asked = Asked::Number(Compare::Gte(Number::Int(1)));
        Tree::Leaf { leaf, asked }
    }

    fn tree() -> Tree {
        let nested = Tree::Nested(Box::new(Tree::All(vec![leaf(3)])));
        Tree::All(vec![
            leaf(0),
            Tree::Not(Box::new(Tree::Any(vec![leaf(1)]))),
            Tree::Not(Box::new(Tree::Not(Box::new(leaf(2))))),
            nested,
        ])
    }

    #[test]
    fn a_node_goes_with_its_denial() {
        let told = |tree: &Tree| {
            let nodes = nodes(tree);
            let lines = nodes.iter().enumerate().map(|(place, node)| {
                let goes = taken_out(&nodes, place).map(|place| nodes[place].pointer.clone());
                format!("{} {goes:?}", node.pointer)
            });
            lines.collect::<Vec<_>>().join("\n")
        };
        expect![[r#"
             None
            /all/0 Some("/all/0")
            /all/1 Some("/all/1")
            /all/1/not Some("/all/1")
            /all/1/not/any/0 Some("/all/1/not/any/0")
            /all/2 Some("/all/2")
            /all/2/not Some("/all/2")
            /all/2/not/not Some("/all/2")
            /all/3 Some("/all/3")"#]]
        .assert_eq(&told(&tree()));
        expect![[r#"
             None
            /not None"#]]
        .assert_eq(&told(&Tree::Not(Box::new(leaf(0)))));
    }

    #[test]
    fn the_whole_without_a_node() {
        let nodes = nodes(&tree());
        for bits in 0_u8..16 {
            let [zero, one, two, nested] = [0, 1, 2, 3].map(|bit| bits >> bit & 1 == 1);
            let all = zero && !one && two && nested;
            let truths = [all, zero, !one, one, one, two, !two, two, nested];
            let rest = |place| without(&nodes, &truths, place);
            assert_eq!(rest(0), None);
            assert_eq!(rest(1), Some(!one && two && nested));
            for denied in [2, 3] {
                assert_eq!(rest(denied), Some(zero && two && nested));
            }
            // Any of nothing is true of nobody.
            assert_eq!(rest(4), Some(zero && two && nested));
            for denied in [5, 6, 7] {
                assert_eq!(rest(denied), Some(zero && !one && nested));
            }
            assert_eq!(rest(8), Some(zero && !one && two));
        }
    }
}
