//! The truths of a definition's nodes, each a column: so what is true without one of them is said
//! in as many words as the node is deep.

use super::super::nodes::{Node, taken_out};
use super::super::resolve::Tree;
use super::Sql;

/// What the columns of a definition's nodes are called, by the definition's place.
pub(super) struct Names(pub usize);

impl Names {
    /// Whether a node is true.
    pub fn truth(&self, place: usize) -> String {
        format!("t{}_{place}", self.0)
    }

    /// How many of a node's parts are true.
    fn sum(&self, place: usize) -> String {
        format!("n{}_{place}", self.0)
    }

    /// Whether the whole is true without a node; [`super::super::nodes::without`] in SQL.
    pub fn without(&self, nodes: &[Node], place: usize) -> Option<String> {
        let mut place = taken_out(nodes, place)?;
        let mut instead: Option<String> = None;
        while let Some(parent) = nodes.get(place)?.parent {
            let tree = &nodes.get(parent)?.tree;
            let others = format!("{} - {}", self.sum(parent), self.truth(place));
            instead = Some(match (tree, instead) {
                (Tree::Not(_), instead) => format!("(NOT {})", instead?),
                (_, None) => is_true(tree, &others, parts(tree) - 1),
                (_, Some(instead)) => is_true(tree, &format!("{others} + {instead}"), parts(tree)),
            });
            place = parent;
        }
        instead
    }
}

impl Sql<'_> {
    /// The columns of a node.
    pub(super) fn truth_of(&self, nodes: &[Node], place: usize, names: &Names) -> String {
        let Some(Node { tree, .. }) = nodes.get(place) else {
            return String::new();
        };
        let of_parts = nodes.iter().enumerate();
        let of_parts: Vec<String> = of_parts
            .filter(|(_, node)| node.parent == Some(place))
            .map(|(part, _)| names.truth(part))
            .collect();
        let (truth, sum) = (names.truth(place), names.sum(place));
        match tree {
            Tree::All(_) | Tree::Any(_) => {
                let is_so = is_true(tree, &sum, parts(tree));
                format!(",\n  {} AS {sum}, {is_so} AS {truth}", of_parts.join(" + "))
            }
            Tree::Not(_) => format!(",\n  NOT {} AS {truth}", of_parts.join(" + ")),
            Tree::Nested(_) | Tree::Leaf { .. } => format!(",\n  {} AS {truth}", self.tree(tree)),
        }
    }
}

/// Whether a node is true of which so many parts are, of so many.
fn is_true(tree: &Tree, so: &str, parts: usize) -> String {
    match tree {
        Tree::Any(_) => format!("({so} > 0)"),
        _ => format!("({so} = {parts})"),
    }
}

fn parts(tree: &Tree) -> usize {
    match tree {
        Tree::All(parts) | Tree::Any(parts) => parts.len(),
        _ => 1,
    }
}
