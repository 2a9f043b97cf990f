//! Who is who: which visitors and which identifiers are one person.
//!
//! | edge | comes from |
//! |---|---|
//! | a visitor is a contact | a proof, strong before weak, the earliest first ([`protocol::link`]) |
//! | a mail address, or a phone number, is a contact | a row that names both: the earliest such row. Two of the shop's own ids are never joined by a row |
//! | anything | what a person decided by hand, which outweighs both: a link, a merge, or that it stands alone |
//!
//! A phone number belongs to a mail address or an id, a mail address to an id, never the other
//! way round; a merge by hand goes the same way, and within a kind where it closes no circle. What
//! only a message's token named may turn out to be any of them, so by hand it becomes part of an
//! id alone. So the edges make trees, and a person is a tree: its id is the root's.
//!
//! What a fact says is the same whenever it is read, and the earliest wins by its own time, so
//! facts may come twice and in any order.

use super::identifier::{Identifier, IdentifierKind};
use protocol::id::{ContactId, Site, VisitorId};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What an identity is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An identifier of a contact.
    Identifier(IdentifierKind),
    /// A contact of whom a message's token knows nothing but its id.
    Contact,
    /// A browser.
    Visitor,
}

/// The words of the column `kind`.
const KINDS: [(Kind, &str); 5] = [
    (Kind::Identifier(IdentifierKind::Id), "id"),
    (Kind::Identifier(IdentifierKind::Mail), "mail"),
    (Kind::Identifier(IdentifierKind::Phone), "phone"),
    (Kind::Contact, "contact"),
    (Kind::Visitor, "visitor"),
];

impl Kind {
    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let known = KINDS.iter().find(|(kind, _)| *kind == self);
        known.map_or("", |(_, word)| word)
    }

    /// The kind of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let known = KINDS.iter().find(|(_, known)| *known == word);
        known.map(|(kind, _)| *kind)
    }

    /// Whether one of this kind may be part of one of that kind, by hand, whatever either turns
    /// out to be.
    #[must_use]
    pub fn may_be_part_of(self, parent: Self) -> bool {
        match self {
            Self::Contact => parent == Self::Identifier(IdentifierKind::Id),
            Self::Identifier(_) | Self::Visitor => parent <= self,
        }
    }
}

/// Where facts put an identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// When the fact was, in milliseconds since the epoch.
    pub at: i64,
    /// The identity that it is part of.
    pub parent: u64,
    /// What said so: `row`, or the kind of a proof.
    pub by: String,
}

/// Where a person put it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// When.
    pub at: i64,
    /// Where.
    pub choice: Choice,
    /// Who.
    pub by: String,
}

/// One identity, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// What it is.
    pub kind: Kind,
    /// The identifier's text; of others nothing.
    pub value: String,
    /// Where facts put it.
    pub found: Option<Found>,
    /// Where a person put it.
    pub set: Option<Set>,
    /// The person, as of the last time it was settled.
    pub person: u64,
    /// When it was first named.
    pub first_at: i64,
    /// Grows with each change.
    pub version: u64,
}

impl Identity {
    /// What it is part of.
    #[must_use]
    pub fn parent(&self) -> Option<u64> {
        let found = self.found.as_ref();
        let found = match &self.set {
            Some(Set {
                choice: Choice::Into(parent),
                ..
            }) => return Some(*parent),
            // What was proved of a visitor since is news.
            Some(Set {
                choice: Choice::Alone,
                at,
                ..
            }) => found.filter(|found| self.kind == Kind::Visitor && found.at > *at),
            Some(Set {
                choice: Choice::AsFound,
                ..
            })
            | None => found,
        };
        found.map(|found| found.parent)
    }

    /// Since when it is part of another one, and what says so.
    #[must_use]
    pub fn joined(&self) -> Option<(i64, &str)> {
        self.parent()?;
        match (&self.set, &self.found) {
            (Some(set), _) if self.is_decided() => Some((set.at, &set.by)),
            (_, Some(found)) => Some((found.at, &found.by)),
            _ => None,
        }
    }

    /// Whether a person decided what it is part of.
    #[must_use]
    pub fn is_decided(&self) -> bool {
        let choice = self.set.as_ref().map(|set| set.choice);
        matches!(choice, Some(Choice::Into(_)))
    }

    /// From when on proofs count, in milliseconds since the epoch.
    #[must_use]
    pub fn counts_from(&self) -> i64 {
        match &self.set {
            Some(set) if set.choice != Choice::AsFound => set.at.saturating_add(1),
            _ => i64::MIN,
        }
    }
}

/// What a person decides by hand about an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Choice {
    /// It is part of another one.
    Into(u64),
    /// It stands alone, whatever facts say, or said until now of a visitor.
    Alone,
    /// What facts say is right.
    AsFound,
}

/// Identities, as far as they are loaded.
#[derive(Debug, Default)]
pub struct Book {
    rows: HashMap<u64, Identity>,
    /// As they were loaded.
    before: HashMap<u64, Identity>,
    /// Those that were asked for, there or not.
    asked: HashSet<u64>,
    /// Persons all of whose identities are loaded.
    whole: HashSet<u64>,
    /// Contacts that have rows of their own in what is applied.
    told: HashSet<u64>,
}

/// What has to be loaded before a book can be settled.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Wants {
    /// Identities, by their ids.
    pub ids: Vec<u64>,
    /// All identities of these persons.
    pub members_of: Vec<u64>,
}

impl Wants {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.ids.is_empty() && self.members_of.is_empty()
    }
}

/// What a settled book says is to be written.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Persons whose contact has to be folded anew, each with its contacts' ids; none: there is
    /// no such person any more.
    pub persons: BTreeMap<u64, Vec<u64>>,
    /// Identities that are new or other than before.
    pub changed: Vec<u64>,
}

impl Book {
    /// Says that these identities are loaded, as far as they are there.
    pub fn asked_for(&mut self, ids: impl IntoIterator<Item = u64>) {
        self.asked.extend(ids);
    }

    /// Says that all identities of these persons are loaded.
    pub fn has_whole(&mut self, persons: impl IntoIterator<Item = u64>) {
        self.whole.extend(persons);
    }

    /// Takes what is stored of an identity, before any fact that names it.
    pub fn load(&mut self, id: u64, identity: Identity) {
        self.asked.insert(id);
        if !self.before.contains_key(&id) {
            self.rows.insert(id, identity.clone());
            self.before.insert(id, identity);
        }
    }

    /// An identity.
    #[must_use]
    pub fn get(&self, id: u64) -> Option<&Identity> {
        self.rows.get(&id)
    }

    /// Whether anything is stored of an identity.
    #[must_use]
    pub fn was_there(&self, id: u64) -> bool {
        self.before.contains_key(&id)
    }

    /// Takes a fact that names somebody: the identifiers, the most decisive first. Gives the
    /// contact of the first.
    pub fn name(&mut self, who: &[(u64, &Identifier)], at: i64) -> Option<ContactId> {
        let (first, _) = *who.first()?;
        for (id, identifier) in who {
            let row = self.rows.entry(*id).or_insert_with(|| Identity {
                kind: Kind::Identifier(identifier.kind),
                value: identifier.value.clone(),
                ..unknown(Kind::Contact, *id, at)
            });
            row.first_at = row.first_at.min(at);
            if row.value.is_empty() {
                // A message's token named it before.
                row.kind = Kind::Identifier(identifier.kind);
                row.value.clone_from(&identifier.value);
            }
            if *id != first {
                row.find(Found {
                    at,
                    parent: first,
                    by: "row".into(),
                });
            }
        }
        Some(ContactId::new(first))
    }

    /// A contact of whom only the id is known.
    pub fn name_contact(&mut self, contact: ContactId, at: i64) {
        let row = self
            .rows
            .entry(contact.get())
            .or_insert_with(|| unknown(Kind::Contact, contact.get(), at));
        row.first_at = row.first_at.min(at);
    }

    /// Says that a contact has rows of its own, so that its person is folded anew.
    pub fn tell(&mut self, contact: u64) {
        self.told.insert(contact);
    }

    /// Says what all proofs together say of a visitor.
    pub fn link(&mut self, visitor: VisitorId, found: Option<Found>) {
        let id = visitor.get();
        match (self.rows.get_mut(&id), found) {
            (Some(row), found) => row.found = found,
            (None, Some(found)) => {
                let row = unknown(Kind::Visitor, id, found.at);
                let found = Some(found);
                self.rows.insert(id, Identity { found, ..row });
            }
            (None, None) => {}
        }
    }

    /// Takes what a person decided; what was decided later stands. What would close a circle, or
    /// make a decisive identity part of a less decisive one, changes nothing.
    pub fn decide(&mut self, id: u64, choice: Choice, at: i64, by: &str) {
        let kind = if is_contact(id) {
            Kind::Contact
        } else {
            Kind::Visitor
        };
        let row = self.rows.entry(id).or_insert_with(|| unknown(kind, id, at));
        let before = row.set.as_ref();
        if before.is_some_and(|set| set.at >= at) {
            return;
        }
        let before = before.map_or(Choice::AsFound, |set| set.choice);
        let own_kind = row.kind;
        let choice = match choice {
            Choice::Into(parent) if !self.takes(parent, id, own_kind, at) => before,
            choice => choice,
        };
        if let Some(row) = self.rows.get_mut(&id) {
            let by = by.to_owned();
            row.set = Some(Set { at, choice, by });
        }
    }

    /// Whether an identity may be part of another one.
    fn takes(&mut self, parent: u64, id: u64, kind: Kind, at: i64) -> bool {
        if !is_contact(parent) {
            return false;
        }
        let unknown = || unknown(Kind::Contact, parent, at);
        let parent_kind = self.rows.entry(parent).or_insert_with(unknown).kind;
        kind.may_be_part_of(parent_kind) && !self.way(parent).any(|step| step == id)
    }

    /// An identity, what it is part of, and so on up to its root, as far as it is loaded.
    fn way(&self, id: u64) -> impl Iterator<Item = u64> {
        let parent = |id: &u64| self.rows.get(id).and_then(Identity::parent);
        // Edges close no circle; the bound is for a table that somebody else wrote.
        std::iter::successors(Some(id), parent).take(MOST_STEPS)
    }

    /// The root of an identity's tree, as far as it is loaded.
    #[must_use]
    pub fn root(&self, id: u64) -> u64 {
        self.way(id).last().unwrap_or(id)
    }

    /// What is to be loaded before the book can be settled.
    #[must_use]
    pub fn wants(&self) -> Wants {
        let parents = self.rows.values().filter_map(Identity::parent);
        let ids = parents.filter(|id| !self.asked.contains(id));
        // Who is told of, or moves, takes along all that it was one with.
        let moved = self.rows.iter().filter(|(id, row)| {
            let before = self.before.get(id);
            before.is_some_and(|before| before.parent() != row.parent())
        });
        let moved = moved.map(|(id, _)| *id);
        let touched = moved.chain(self.told.iter().copied());
        let persons = touched.flat_map(|id| {
            let before = self.before.get(&id).map(|row| row.person);
            let now = self.before.get(&self.root(id)).map(|row| row.person);
            [before, now].into_iter().flatten()
        });
        let members_of = persons.filter(|person| !self.whole.contains(person));
        Wants {
            ids: each_once(ids),
            members_of: each_once(members_of),
        }
    }

    /// Says whose each identity is, and what is to be written for it. `now` is the next version.
    pub fn settle(&mut self, now: u64) -> Settled {
        let roots: Vec<_> = self.rows.keys().map(|id| (*id, self.root(*id))).collect();
        let mut touched: HashSet<u64> = HashSet::new();
        let mut settled = Settled::default();
        for (id, root) in &roots {
            let Some(row) = self.rows.get_mut(id) else {
                continue;
            };
            row.person = *root;
            let before = self.before.get(id);
            if before.is_none_or(|before| before.person != *root) && row.kind != Kind::Visitor {
                touched.extend(before.map(|before| before.person));
                if before.is_some() {
                    touched.insert(*root);
                }
            }
            if self.told.contains(id) {
                touched.insert(*root);
            }
        }
        for person in touched.into_iter().filter(|person| is_contact(*person)) {
            settled.persons.insert(person, Vec::new());
        }
        for (id, root) in roots.into_iter().filter(|(id, _)| is_contact(*id)) {
            if let Some(contacts) = settled.persons.get_mut(&root) {
                contacts.push(id);
            }
        }
        for (id, row) in &mut self.rows {
            let before = self.before.get(id);
            // A contact that is folded anew has the version of its identity.
            if before != Some(row) || settled.persons.contains_key(id) {
                row.version = now.max(before.map_or(0, |before| before.version + 1));
                settled.changed.push(*id);
            }
        }
        settled
    }
}

/// The longest way from an identity to its person. Visitor, phone, mail and id are four; merges
/// by hand make it longer.
const MOST_STEPS: usize = 64;

impl Identity {
    /// Takes where a fact puts it: the earliest stands.
    fn find(&mut self, found: Found) {
        if self.found.as_ref().is_none_or(|known| found < *known) {
            self.found = Some(found);
        }
    }
}

impl Book {
    /// Whose identities a settled book changes: each with the persons that it was and is part of.
    pub fn whose(&self, settled: &Settled) -> impl Iterator<Item = u64> {
        settled.changed.iter().flat_map(|id| {
            let person = |row: Option<&Identity>| row.map(|row| row.person);
            let persons = [person(self.before.get(id)), person(self.rows.get(id))];
            persons.into_iter().flatten().chain([*id])
        })
    }
}

const fn unknown(kind: Kind, id: u64, at: i64) -> Identity {
    Identity {
        kind,
        value: String::new(),
        found: None,
        set: None,
        person: id,
        first_at: at,
        version: 0,
    }
}

/// Ids in order, each once.
pub fn each_once(ids: impl IntoIterator<Item = u64>) -> Vec<u64> {
    let mut ids: Vec<_> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Whether an id is a contact's, and no visitor's.
#[must_use]
pub const fn is_contact(id: u64) -> bool {
    id >> 63 == 1
}

/// The identifiers of a fact, each with its contact.
pub fn contacts<'i>(
    who: &'i [Identifier],
    site: Site<'_>,
    key: &[u8],
) -> Vec<(u64, &'i Identifier)> {
    who.iter()
        .map(|identifier| (identifier.contact(site, key).get(), identifier))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: u64 = 1 << 63;
    const MAIL: u64 = ID + 1;

    fn identifier(kind: IdentifierKind, value: &str) -> Identifier {
        let value = value.to_owned();
        Identifier { kind, value }
    }

    #[test]
    fn what_a_token_named_closes_no_circle_whatever_it_turns_out_to_be() {
        let id = identifier(IdentifierKind::Id, "c-1047");
        let mail = identifier(IdentifierKind::Mail, "dana@example.com");
        let mut book = Book::default();
        book.name_contact(ContactId::new(ID), 1);
        book.name(&[(MAIL, &mail)], 1);
        book.decide(ID, Choice::Into(MAIL), 2, "Dana");
        assert_eq!((book.root(ID), book.root(MAIL)), (ID, MAIL));
        book.name(&[(ID, &id), (MAIL, &mail)], 3);
        assert_eq!((book.root(ID), book.root(MAIL)), (ID, ID));
    }

    #[test]
    fn what_a_token_named_is_part_of_an_id() {
        let id = identifier(IdentifierKind::Id, "c-1047");
        let (named, whole) = (MAIL, ID);
        let mut book = Book::default();
        book.name_contact(ContactId::new(named), 1);
        book.name(&[(whole, &id)], 1);
        book.decide(named, Choice::Into(whole), 2, "Dana");
        assert_eq!(book.root(named), whole);
    }
}
