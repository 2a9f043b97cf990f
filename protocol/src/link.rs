//! Whose visitor somebody is, by all that was proved of them.
//!
//! | rule | |
//! |---|---|
//! | a token proves once | for the visitor who showed it first; who shows it later is nobody by it |
//! | strong before weak | a login outweighs every link in a message, whichever came first |
//! | first come | of proofs of the same strength the earliest counts; the others are claims |
//!
//! The answer depends on the set of proofs alone and not on the order in which they are looked
//! at, so links can be made anew from proofs at any time, and come out the same. Judged by when
//! the edge took them, a new proof never undoes a link of its own strength.
//!
//! What a page merely claims is no proof, and not judged here.

use crate::{id::VisitorId, token::TokenId};
use alloc::{collections::BTreeMap, vec::Vec};

/// How much a proof proves. The greater outweighs the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// A link in a message was followed, or a form filled in.
    Weak,
    /// The shop's own backend says so.
    Strong,
}

/// A proof that a visitor is a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proven<C> {
    /// The visitor.
    pub visitor: VisitorId,
    /// The contact.
    pub contact: C,
    /// How much it proves.
    pub strength: Strength,
    /// The token that proved it.
    pub token: TokenId,
    /// When the edge took it, in milliseconds since the epoch.
    pub received_at_ms: u64,
}

/// The contact of each visitor who is linked to one, and by what strength.
///
/// What was proved of a visitor before `counts_from` links nobody; that is for one whom a person
/// unlinked by hand.
#[must_use]
pub fn links<C: Copy + Ord>(
    proofs: &[Proven<C>],
    counts_from: impl Fn(VisitorId) -> u64,
) -> BTreeMap<VisitorId, (C, Strength)> {
    let mut sorted: Vec<_> = proofs.iter().collect();
    sorted.sort_by_key(|proof| {
        let Proven {
            visitor,
            contact,
            strength,
            token,
            received_at_ms,
        } = proof;
        (*received_at_ms, *token, *strength, *visitor, *contact)
    });
    let mut shown_by: BTreeMap<(TokenId, Strength), VisitorId> = BTreeMap::new();
    let mut links: BTreeMap<VisitorId, (C, Strength)> = BTreeMap::new();
    for proof in sorted {
        let Proven {
            visitor,
            contact,
            strength,
            token,
            received_at_ms,
        } = *proof;
        let is_first = *shown_by.entry((token, strength)).or_insert(visitor) == visitor;
        if !is_first || received_at_ms < counts_from(visitor) {
            continue;
        }
        let link = links.entry(visitor).or_insert((contact, strength));
        if strength > link.1 {
            *link = (contact, strength);
        }
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn proof(visitor: u64, contact: u8, strength: Strength, token: u64, at: u64) -> Proven<u8> {
        Proven {
            visitor: VisitorId::new(visitor),
            contact,
            strength,
            token: TokenId(token),
            received_at_ms: at,
        }
    }

    fn of(proofs: &[Proven<u8>], visitor: u64) -> Option<u8> {
        links(proofs, |_| 0)
            .get(&VisitorId::new(visitor))
            .map(|(contact, _)| *contact)
    }

    #[test]
    fn the_rules() {
        use Strength::{Strong, Weak};
        assert_eq!(of(&[], 1), None);
        let weak = proof(1, 7, Weak, 1, 10);
        assert_eq!(of(&[weak], 1), Some(7));
        // Weak proofs link only who is linked to nobody, and give way to a strong one.
        assert_eq!(of(&[weak, proof(1, 8, Weak, 2, 20)], 1), Some(7));
        assert_eq!(of(&[weak, proof(1, 8, Strong, 3, 30)], 1), Some(8));
        assert_eq!(of(&[proof(1, 8, Strong, 3, 5), weak], 1), Some(8));
        // Of strong ones the first counts.
        let strong = proof(1, 8, Strong, 3, 30);
        assert_eq!(of(&[strong, proof(1, 9, Strong, 4, 40)], 1), Some(8));
        // A token proves for whom it was shown first.
        assert_eq!(of(&[strong, proof(2, 8, Strong, 3, 40)], 2), None);
        // What was decided meanwhile outweighs what was proved before.
        let proofs = [strong, proof(1, 9, Strong, 4, 40)];
        let later = links(&proofs, |_| 31);
        assert_eq!(later.get(&VisitorId::new(1)), Some(&(9, Strong)));
        // A contact has many visitors.
        assert_eq!(of(&[strong, proof(2, 8, Strong, 5, 40)], 2), Some(8));
    }

    proptest! {
        #[test]
        fn the_order_of_looking_does_not_matter(
            proofs in prop::collection::vec(
                (0..4_u64, 0..3_u8, any::<bool>(), 0..6_u64, 0..5_u64).prop_map(|(v, c, strong, t, at)| {
                    let strength = if strong { Strength::Strong } else { Strength::Weak };
                    proof(v, c, strength, t, at)
                }),
                0..12,
            ),
            turn: prop::sample::Index,
        ) {
            let mut turned = proofs.clone();
            if !turned.is_empty() {
                turned.rotate_left(turn.index(proofs.len()));
            }
            turned.reverse();
            prop_assert_eq!(links(&proofs, |_| 2), links(&turned, |_| 2));
        }
    }
}
