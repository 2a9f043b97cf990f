//! Definitions as sentences that people read: "People who bought, and who live in …".
//!
//! The walk over the tree stands here, and what each leaf says in `leaf`,
//! `contact` and `facts`; they know no language. A `Tongue` gives the words, and
//! knows no tree. Nothing of a definition is left out but what the
//! language takes for granted: a window of `ever`, an idle time of one hour.

mod contact;
mod english;
mod facts;
mod figure;
mod hebrew;
mod leaf;
mod quote;
mod tongue;

use super::ast::Node;
use english::English;
use hebrew::Hebrew;
use std::collections::BTreeMap;
use tongue::Tongue;

/// In which language a sentence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English, left to right.
    English,
    /// Hebrew, right to left.
    Hebrew,
}

impl Language {
    /// Each of them.
    pub const ALL: [Self; 2] = [Self::English, Self::Hebrew];

    /// Its tag of BCP 47: `en` or `he`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Hebrew => "he",
        }
    }

    /// The language of such a tag, if any.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }
}

/// What a site calls what it has, in the language of the sentence. What has no
/// name here is called by its id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The site's own fields of contacts, by their names. The sentences have
    /// words of their own for the standard ones.
    pub fields: BTreeMap<String, String>,
    /// Options of those that are choices: by the field, then by the value.
    pub choices: BTreeMap<String, BTreeMap<String, String>>,
    /// Groups, by their ids.
    pub groups: BTreeMap<String, String>,
    /// Segments, by their ids.
    pub segments: BTreeMap<String, String>,
    /// The site's currency, a code of ISO 4217; all money is in its hundredths.
    pub currency: String,
}

/// The definition as one sentence of plain text.
///
/// Texts of the site's own stand in quotes and in bidi isolates (U+2068 to
/// U+2069, Unicode's UAX #9), so that neither language turns the other around.
/// Brackets say what belongs together where `and` and `or` meet.
#[must_use]
pub fn describe(definition: &Node, names: &Names, language: Language) -> String {
    let tongue: &dyn Tongue = match language {
        Language::English => &English,
        Language::Hebrew => &Hebrew,
    };
    let walk = Walk { tongue, names };
    tongue.sentence(&walk.node(definition, false).text)
}

/// What a sentence is made with.
struct Walk<'a> {
    tongue: &'a dyn Tongue,
    names: &'a Names,
}

/// What is said of people, as `who bought`.
struct Clause {
    text: String,
    /// Whether it is several, joined, which stand in brackets among others.
    is_joined: bool,
}

impl Walk<'_> {
    /// The clause of a node, or of its opposite.
    fn node(&self, node: &Node, negated: bool) -> Clause {
        match node {
            Node::Not(part) => return self.node(part, !negated),
            Node::All(parts) | Node::Any(parts) => {
                if let [part] = parts.as_slice() {
                    return self.node(part, negated);
                }
                let parts: Vec<_> = parts.iter().map(|part| self.part(part)).collect();
                let joined = match node {
                    Node::All(_) => self.tongue.all(&parts),
                    _ => self.tongue.any(&parts),
                };
                if !negated {
                    return Clause {
                        text: joined,
                        is_joined: true,
                    };
                }
                return Clause {
                    text: self.tongue.except(&joined),
                    is_joined: false,
                };
            }
            _ => {}
        }
        Clause {
            text: self.leaf(node, negated),
            is_joined: false,
        }
    }

    /// The clause of a node among others.
    fn part(&self, node: &Node) -> String {
        let Clause { text, is_joined } = self.node(node, false);
        if is_joined { format!("({text})") } else { text }
    }
}

#[cfg(test)]
mod tests;
