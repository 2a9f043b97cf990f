//! JSON to [`ast`](super::ast): shapes, words and limits. Whatever a
//! definition says that the language doesn't is refused here, at its pointer.

mod fact;
mod leaf;
mod object;
mod sequence;
mod window;

use super::ast::Node;
use super::invalid::{At, Code, Invalid};
use super::words::Join;
use object::Object;
use serde_json::Value;

/// How deep a definition may nest, its root being 1.
pub const MAX_DEPTH: usize = 16;
/// How many nodes a definition may have, leaves included.
pub const MAX_NODES: usize = 200;

/// Reads a definition.
///
/// # Errors
/// [`Invalid`] for the first mistake, in the order of the document.
pub fn parse(definition: &Value) -> Result<Node, Invalid> {
    Walk { nodes: 0 }.node(definition, &At::Root, 1)
}

struct Walk {
    nodes: usize,
}

impl Walk {
    fn node(&mut self, value: &Value, at: &At<'_>, depth: usize) -> Result<Node, Invalid> {
        self.admit(at, depth)?;
        let node = Object::read(value, *at, "a node")?;
        if node.has("kind") {
            return leaf::leaf(&node);
        }
        let (join, value, at) = node.single("a node without `kind`")?;
        match join {
            Join::All => Ok(Node::All(self.nodes(value, &at, depth + 1)?)),
            Join::Any => Ok(Node::Any(self.nodes(value, &at, depth + 1)?)),
            Join::Not => Ok(Node::Not(Box::new(self.node(value, &at, depth + 1)?))),
        }
    }

    fn nodes(&mut self, value: &Value, at: &At<'_>, depth: usize) -> Result<Vec<Node>, Invalid> {
        let parts = object::list(value, at, "nodes")?;
        let parts = parts.iter().enumerate();
        parts
            .map(|(index, part)| self.node(part, &at.index(index), depth))
            .collect()
    }

    fn admit(&mut self, at: &At<'_>, depth: usize) -> Result<(), Invalid> {
        self.nodes += 1;
        if depth > MAX_DEPTH {
            let message = format!("this node is {depth} deep; {MAX_DEPTH} is the most");
            return Err(at.refuse(Code::TooDeep, message));
        }
        if self.nodes > MAX_NODES {
            let message = format!("a definition has at most {MAX_NODES} nodes; this is one more");
            return Err(at.refuse(Code::TooManyNodes, message));
        }
        Ok(())
    }
}
