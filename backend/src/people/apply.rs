//! Brings what a chunk says of a site's people into its tables.
//!
//! What is written last are the identities: until they are there, a replay finds everything as
//! it was and does the same again. So a crash at any point leaves nothing half.

use super::{
    book::{self, Book, Choice},
    fact::{Fact, Facts},
    identifier::Identifier,
    profile::{Statement, Statements},
    proven::AllProven,
    rows::{contact_row, identity, identity_row, stated, statement, statement_row},
    tombs::Buried,
};
use crate::store::{
    ContactRow, IdentityRow, MemberRow, OrderRow, StatementRow, Store, StoreError, StoredProof,
    Tombstone,
};
use futures_util::future::try_join_all;
use protocol::{
    id::{Site, VisitorId},
    token::TokenId,
};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
};

/// What a chunk says of a site's people.
#[derive(Debug, Default)]
pub struct News<'c> {
    /// What servers said.
    pub facts: Vec<&'c Facts>,
    /// Orders that the pixel saw.
    pub orders: Vec<OrderRow>,
    /// The visitors and the tokens of the proofs that came; they are stored already.
    pub proofs: Vec<(VisitorId, TokenId)>,
}

/// Writes the tables of people.
pub struct Writer<'w> {
    /// Where to.
    pub store: &'w Store,
    /// Makes contacts' ids out of identifiers.
    pub key: &'w [u8],
    /// Now, in milliseconds since the epoch.
    pub now_ms: u64,
    /// Makes the tokens of this writing's inserts.
    pub token: &'w str,
    /// Who was erased.
    pub buried: &'w Buried,
}

/// The rows that news come to.
#[derive(Debug, Default)]
struct Rows {
    statements: Vec<StatementRow>,
    orders: Vec<OrderRow>,
    members: Vec<MemberRow>,
    contacts: Vec<ContactRow>,
    identities: Vec<IdentityRow>,
    /// Of whom there is something: ids, each with its moment; what is as now has 0.
    whose: Vec<(u64, i64)>,
}

/// The tables of people.
#[derive(Clone, Copy, Debug)]
enum Table {
    Statements,
    Orders,
    Members,
    Contacts,
    Identities,
}

impl Table {
    const ALL: [Self; 5] = [
        Self::Statements,
        Self::Orders,
        Self::Members,
        Self::Contacts,
        Self::Identities,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Statements => "contact_rows",
            Self::Orders => "orders",
            Self::Members => "group_members",
            Self::Contacts => "contacts",
            Self::Identities => "identities",
        }
    }
}

/// A fact, and the contacts that it names, the most decisive first.
struct Read<'c> {
    facts: &'c Facts,
    fact: &'c Fact,
    at: i64,
    who: Vec<(u64, &'c Identifier)>,
}

impl<'c> Read<'c> {
    fn contact(&self) -> Option<u64> {
        self.who.first().map(|(id, _)| *id)
    }

    /// What it says of a contact's fields, and when that came.
    fn statement(&self) -> Option<(Statement<'c>, i64)> {
        let Facts {
            by, received_at, ..
        } = self.facts;
        let (at, is_weak, fields) = match self.fact {
            Fact::Contact(fact) => (fact.at, fact.is_weak, Cow::Borrowed(&*fact.fields)),
            Fact::Form(form) => {
                let fact = form.contact.as_ref()?;
                (fact.at, fact.is_weak, Cow::Borrowed(&*fact.fields))
            }
            Fact::Message(message) => {
                let fact = message.consent_taken_back()?;
                (fact.at, fact.is_weak, fact.fields.into())
            }
            _ => return None,
        };
        let contact = self.contact().unwrap_or_default();
        let said = stated(contact, by, (at, is_weak), fields);
        Some((said, *received_at))
    }

    fn order(&self, site: Site<'_>) -> Option<OrderRow> {
        let Fact::Order(order) = self.fact else {
            return None;
        };
        let contact = self.contact().unwrap_or_default();
        let received_at = self.facts.received_at;
        Some(OrderRow::of_fact(order, site, contact, received_at))
    }

    fn member(&self, site: Site<'_>) -> Option<MemberRow> {
        let Fact::Member(member) = self.fact else {
            return None;
        };
        Some(MemberRow {
            site: site.as_str().to_owned(),
            group_id: member.group.clone(),
            contact_id: self.contact()?,
            ts: member.at,
            is_in: member.is_in,
            received_at: self.facts.received_at,
            said_by: self.facts.by.clone(),
        })
    }
}

impl News<'_> {
    /// Whether there is none.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.facts.is_empty() && self.orders.is_empty() && self.proofs.is_empty()
    }
}

impl Writer<'_> {
    /// Applies what a chunk says of a site's people. It may be repeated. Gives of whom it said
    /// something, and who lost something by it: ids, each with the moment of a fact in
    /// milliseconds since the epoch, or 0.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn apply(
        &self,
        site: Site<'_>,
        news: News<'_>,
    ) -> Result<Vec<(u64, i64)>, StoreError> {
        if news.is_none() {
            return Ok(Vec::new());
        }
        let rows = self.rows(site, news).await?;
        self.write(site, &rows, &Table::ALL).await?;
        Ok(rows.whose)
    }

    /// Of whom orders are, and were before these.
    async fn buyers(
        &self,
        site: Site<'_>,
        orders: &[OrderRow],
    ) -> Result<Vec<(u64, i64)>, StoreError> {
        let ids: Vec<&str> = orders.iter().map(|order| &*order.order_id).collect();
        let before = self.store.buyers(site.as_str(), &ids).await?;
        let now = orders.iter().flat_map(|order| {
            let ids = [order.visitor_id, order.contact_id].into_iter();
            ids.filter(|id| *id != 0).map(|id| (id, order.ts))
        });
        Ok(now.chain(before.into_iter().map(|id| (id, 0))).collect())
    }

    /// What there is to write.
    async fn rows(&self, site: Site<'_>, news: News<'_>) -> Result<Rows, StoreError> {
        let told: Vec<_> = news
            .facts
            .iter()
            .flat_map(|facts| facts.facts.iter().map(|fact| self.read(site, facts, fact)))
            .collect();
        let said: Vec<_> = told.iter().filter_map(Read::statement).collect();
        let mut rows = Rows {
            orders: news.orders,
            ..Rows::default()
        };
        rows.orders
            .extend(told.iter().filter_map(|read| read.order(site)));
        rows.members
            .extend(told.iter().filter_map(|read| read.member(site)));
        let kept = said
            .iter()
            .map(|(said, received_at)| statement_row(site, said, *received_at));
        rows.statements.extend(kept);
        rows.whose = self.buyers(site, &rows.orders).await?;
        let members = rows.members.iter().map(|member| (member.contact_id, 0));
        rows.whose.extend(members);

        let mut book = self.open(site, &told, &news.proofs).await?;
        for (said, _) in &said {
            book.tell(said.contact);
        }
        self.complete(site, &mut book).await?;
        let settled = book.settle(self.now_ms);
        let said = said.into_iter().map(|(said, _)| said).collect();
        rows.contacts = self.fold(site, &book, &settled, said).await?;
        let identities = settled.changed.iter().filter_map(|id| {
            let identity = book.get(*id)?;
            Some(identity_row(site, *id, identity))
        });
        rows.identities = identities.collect();
        let contacts = rows.contacts.iter().map(|contact| contact.contact_id);
        let whose = contacts.chain(book.whose(&settled)).map(|id| (id, 0));
        rows.whose.extend(whose);
        Ok(rows)
    }

    /// Makes the ids of whom a fact names, once.
    fn read<'c>(&self, site: Site<'_>, facts: &'c Facts, fact: &'c Fact) -> Read<'c> {
        let (who, at) = fact.named(facts.received_at);
        Read {
            facts,
            fact,
            at,
            who: book::contacts(who, site, self.key),
        }
    }

    /// Writes tables at once, and who is who after them.
    async fn write(&self, site: Site<'_>, rows: &Rows, tables: &[Table]) -> Result<(), StoreError> {
        let (last, first): (Vec<_>, Vec<_>) = tables
            .iter()
            .partition(|table| matches!(table, Table::Identities));
        for tables in [first, last] {
            try_join_all(tables.into_iter().map(|table| self.put(site, rows, table))).await?;
        }
        Ok(())
    }

    async fn put(&self, site: Site<'_>, rows: &Rows, table: Table) -> Result<(), StoreError> {
        let Self { store, .. } = self;
        let name = table.as_str();
        let token = &format!("{}-{name}-{site}", self.token);
        match table {
            Table::Statements => {
                let rows = &rows.statements;
                store.insert::<StatementRow>(name, rows, token).await
            }
            Table::Orders => store.insert::<OrderRow>(name, &rows.orders, token).await,
            Table::Members => store.insert::<MemberRow>(name, &rows.members, token).await,
            Table::Contacts => {
                let rows = &rows.contacts;
                store.insert::<ContactRow>(name, rows, token).await
            }
            Table::Identities => {
                let rows = &rows.identities;
                store.insert::<IdentityRow>(name, rows, token).await
            }
        }
    }

    /// A book of all that is named, with all that is said of it.
    async fn open(
        &self,
        site: Site<'_>,
        told: &[Read<'_>],
        proofs: &[(VisitorId, TokenId)],
    ) -> Result<Book, StoreError> {
        // What a person decides of a visitor says which of their proofs count.
        let decided = told.iter().filter_map(|read| match read.fact {
            Fact::Decided { id, .. } if !book::is_contact(*id) => {
                Some((VisitorId::new(*id), TokenId(0)))
            }
            _ => None,
        });
        let judged: Vec<_> = proofs.iter().copied().chain(decided).collect();
        let proven = self.proven(site, &judged).await?;
        let mut named = Vec::new();
        for read in told {
            named.extend(read.who.iter().map(|(id, _)| *id));
            if let Fact::Decided { id, choice, .. } = read.fact {
                named.push(*id);
                if let Choice::Into(parent) = choice {
                    named.push(*parent);
                }
            }
        }
        named.extend(proven.all.iter().map(|proof| proof.contact.get()));
        named.extend(proven.visitors.iter().map(|visitor| visitor.get()));
        let mut book = Book::default();
        self.load(site, &mut book, &book::each_once(named)).await?;
        // The parents of what is named: a decision is judged by the trees as they are.
        self.complete(site, &mut book).await?;
        for read in told {
            book.name(&read.who, read.at);
            if let Fact::Decided { id, choice, at } = read.fact {
                book.decide(*id, *choice, *at, &read.facts.by);
            }
        }
        proven.judge(&mut book);
        Ok(book)
    }

    /// All that bears on who the visitors of these proofs are.
    async fn proven(
        &self,
        site: Site<'_>,
        proofs: &[(VisitorId, TokenId)],
    ) -> Result<AllProven, StoreError> {
        if proofs.is_empty() {
            return Ok(AllProven::default());
        }
        let tokens: BTreeSet<u64> = proofs.iter().map(|(_, token)| token.0).collect();
        let tokens: Vec<_> = tokens.into_iter().filter(|token| *token != 0).collect();
        let mut visitors: BTreeSet<u64> = proofs.iter().map(|(visitor, _)| visitor.get()).collect();
        visitors.extend(self.store.showers(site.as_str(), &tokens).await?);
        let of = async |visitors: &BTreeSet<u64>| {
            let visitors: Vec<_> = visitors.iter().copied().collect();
            self.store.proofs(site.as_str(), &visitors).await
        };
        let mut stored = of(&visitors).await?;
        // A token proves for whom it was shown first, who may be somebody else.
        let tokens: BTreeSet<u64> = stored.iter().map(|proof| proof.token_id).collect();
        let tokens: Vec<_> = tokens.into_iter().collect();
        let showers = self.store.showers(site.as_str(), &tokens).await?;
        let others = showers.into_iter().filter(|id| !visitors.contains(id));
        let others: BTreeSet<u64> = others.collect();
        stored.extend(of(&others).await?);
        let mut proven = AllProven::default();
        proven.visitors = visitors.into_iter().map(VisitorId::new).collect();
        let slug = site.as_str();
        let is_hidden = |proof: &StoredProof| {
            let ids = [proof.visitor_id, proof.contact_id];
            self.buried.hides(slug, ids, proof.received_at)
        };
        for proof in stored.iter().filter(|proof| !is_hidden(proof)) {
            proven.take(proof);
        }
        Ok(proven)
    }

    async fn load(&self, site: Site<'_>, book: &mut Book, ids: &[u64]) -> Result<(), StoreError> {
        let rows = self.store.identities(site.as_str(), ids).await?;
        book.asked_for(ids.iter().copied());
        self.take(book, rows);
        Ok(())
    }

    /// Loads what the book wants until it wants nothing.
    async fn complete(&self, site: Site<'_>, book: &mut Book) -> Result<(), StoreError> {
        loop {
            let wants = book.wants();
            if wants.is_nothing() {
                return Ok(());
            }
            self.load(site, book, &wants.ids).await?;
            let members = self.store.members(site.as_str(), &wants.members_of);
            self.take(book, members.await?);
            book.has_whole(wants.members_of);
        }
    }

    /// Takes stored identities, but for those that were erased.
    fn take(&self, book: &mut Book, rows: Vec<IdentityRow>) {
        for row in rows {
            let id = row.id;
            if self.buried.hides(&row.site, [id], row.first_at) {
                continue;
            }
            if let Some(identity) = identity(row) {
                book.load(id, identity);
            }
        }
    }

    /// The tombstones of persons: of all that they are known by.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn tombstones(
        &self,
        site: Site<'_>,
        erased: &[(u64, i64)],
    ) -> Result<Vec<Tombstone>, StoreError> {
        let ids: Vec<_> = erased.iter().map(|(id, _)| *id).collect();
        let rows = self.store.identities(site.as_str(), &ids).await?;
        let mut at: BTreeMap<u64, i64> = erased.iter().copied().collect();
        for row in &rows {
            if let Some(erased_at) = at.get(&row.id).copied() {
                let person = at.entry(row.person).or_insert(erased_at);
                *person = (*person).max(erased_at);
            }
        }
        let persons: BTreeSet<u64> = rows.iter().map(|row| row.person).collect();
        let persons: Vec<_> = persons.into_iter().collect();
        for row in self.store.members(site.as_str(), &persons).await? {
            if let Some(erased_at) = at.get(&row.person).copied() {
                let member = at.entry(row.id).or_insert(erased_at);
                *member = (*member).max(erased_at);
            }
        }
        let tombstones = at.into_iter().map(|(id, erased_at)| Tombstone {
            site: site.as_str().to_owned(),
            id,
            erased_at,
            drained_at: self.now_ms,
            deleted: false,
        });
        Ok(tombstones.collect())
    }

    /// The contacts of persons that are other than before.
    async fn fold<'s>(
        &self,
        site: Site<'_>,
        book: &Book,
        settled: &book::Settled,
        new: Vec<Statement<'s>>,
    ) -> Result<Vec<ContactRow>, StoreError> {
        let persons = &settled.persons;
        // Of contacts that are new nothing is stored.
        let known = persons.values().flatten().copied();
        let known: Vec<_> = known.filter(|id| book.was_there(*id)).collect();
        let stored = self.store.statements(site.as_str(), &known).await?;
        let mut said: HashMap<u64, Vec<Statement<'_>>> = HashMap::new();
        let stored = stored
            .iter()
            .filter(|row| !self.buried.hides(&row.site, [row.contact_id], row.ts))
            .map(statement);
        for statement in stored.chain(new.into_iter().map(Ok)) {
            let statement = statement?;
            said.entry(statement.contact).or_default().push(statement);
        }
        let rows = persons.iter().map(|(person, contacts)| {
            let said = contacts.iter().filter_map(|id| said.remove(id));
            let said = Statements::new(said.flatten().collect());
            let row = ContactRow {
                site: site.as_str().to_owned(),
                contact_id: *person,
                key: book.get(*person).map_or("", |row| &row.value).to_owned(),
                gone: said.is_empty(),
                version: book.get(*person).map_or(self.now_ms, |row| row.version),
                ..ContactRow::default()
            };
            contact_row(row, &said)
        });
        Ok(rows.collect())
    }
}

#[cfg(test)]
#[path = "apply_tests.rs"]
mod tests;
