//! All that bears on who some visitors are, and what it comes to.

use super::{
    book::{Book, Found, Identity},
    identifier::Identifier,
};
use crate::store::StoredProof;
use protocol::{
    event::IdentifyBy,
    id::{ContactId, VisitorId},
    link::{Proven, Strength, links},
    token::TokenId,
};
use std::collections::{BTreeMap, BTreeSet};

/// The kind of proof of a form that the shop's server sends: it says who filled it in.
pub const FORM_OF_SERVER: &str = "server_form";
/// The kind of proof of a form that came through the edge.
pub const FORM: &str = "form";

/// All that bears on who some visitors are.
#[derive(Debug, Default)]
pub struct AllProven {
    /// The visitors who are judged.
    pub visitors: BTreeSet<VisitorId>,
    /// Every proof.
    pub all: Vec<Proven<ContactId>>,
    /// What each contact that a login names is called.
    named: BTreeMap<ContactId, Identifier>,
    /// When each was proved, by what kind of proof.
    kinds: BTreeMap<(VisitorId, ContactId, Strength), BTreeSet<(u64, String)>>,
}

impl AllProven {
    /// Takes a stored proof; nothing where it is a claim.
    pub fn take(&mut self, proof: &StoredProof) {
        let is = |kind: IdentifyBy| proof.kind == kind.as_str();
        let contact = ContactId::new(proof.contact_id);
        let strength = if proof.kind == FORM_OF_SERVER {
            Strength::Strong
        } else if proof.kind == FORM {
            Strength::Weak
        } else if is(IdentifyBy::Login) {
            if let Ok(id) = Identifier::id(&proof.contact) {
                self.named.insert(contact, id);
            }
            Strength::Strong
        } else if is(IdentifyBy::Landing) {
            Strength::Weak
        } else {
            return;
        };
        let visitor = VisitorId::new(proof.visitor_id);
        let received_at_ms = u64::try_from(proof.received_at).unwrap_or_default();
        self.all.push(Proven {
            visitor,
            contact,
            strength,
            token: TokenId(proof.token_id),
            received_at_ms,
        });
        let proven = (visitor, contact, strength);
        let proof = (received_at_ms, proof.kind.clone());
        self.kinds.entry(proven).or_default().insert(proof);
    }

    /// Says in the book whose the visitors are.
    pub fn judge(&self, book: &mut Book) {
        // What was proved before a person decided is decided.
        let counts_from = |visitor: VisitorId| {
            let from = book.get(visitor.get()).map_or(0, Identity::counts_from);
            u64::try_from(from).unwrap_or_default()
        };
        let links = links(&self.all, counts_from);
        let found = self.visitors.iter().map(|visitor| {
            let found = links.get(visitor).map(|(contact, strength)| {
                let proofs = self.kinds.get(&(*visitor, *contact, *strength));
                let from = (counts_from(*visitor), String::new());
                let first = proofs.and_then(|proofs| proofs.range(from..).next());
                let (at, by) = first.cloned().unwrap_or_default();
                let found = Found {
                    at: i64::try_from(at).unwrap_or(i64::MAX),
                    parent: contact.get(),
                    by,
                };
                (*contact, found)
            });
            (*visitor, found)
        });
        let found: Vec<_> = found.collect();
        for (visitor, found) in found {
            if let Some((contact, found)) = &found {
                match self.named.get(contact) {
                    Some(id) => drop(book.name(&[(contact.get(), id)], found.at)),
                    None => book.name_contact(*contact, found.at),
                }
            }
            book.link(visitor, found.map(|(_, found)| found));
        }
    }
}
