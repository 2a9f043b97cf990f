//! Brings what a chunk says of a site's people into its tables.
//!
//! What is written last are the identities: until they are there, a replay finds everything as
//! it was and does the same again. So a crash at any point leaves nothing half.

use super::{
    book::{self, Book, Choice, Found, Identity, Kind, Set},
    fact::{ContactFact, Fact, Facts},
    field::Fitting,
    identifier::Identifier,
    profile::{Statement, Statements},
    tombs::Buried,
};
use crate::store::{
    ContactRow, IdentityRow, MemberRow, OrderRow, StatementRow, Store, StoreError, StoredProof,
    Tombstone,
};
use protocol::{
    event::IdentifyBy,
    id::{ContactId, Site, VisitorId},
    link::{Proven, Strength, links},
    token::TokenId,
};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

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
    /// In the order they are written.
    const IN_ORDER: [Self; 5] = [
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

impl News<'_> {
    /// Whether there is none.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.facts.is_empty() && self.orders.is_empty() && self.proofs.is_empty()
    }
}

impl Writer<'_> {
    /// Applies what a chunk says of a site's people. It may be repeated.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn apply(&self, site: Site<'_>, news: News<'_>) -> Result<(), StoreError> {
        if news.is_none() {
            return Ok(());
        }
        let rows = self.rows(site, news).await?;
        self.write(site, &rows, &Table::IN_ORDER).await
    }

    /// What there is to write.
    async fn rows(&self, site: Site<'_>, news: News<'_>) -> Result<Rows, StoreError> {
        let mut rows = self.said(site, &news);
        rows.orders.extend(news.orders);
        let mut book = self.open(site, &news.facts, &news.proofs).await?;
        for row in &rows.statements {
            book.tell(row.contact_id);
        }
        self.complete(site, &mut book).await?;
        let settled = book.settle(self.now_ms);
        rows.contacts = self.fold(site, &book, &settled, &rows.statements).await?;
        let identities = settled.changed.iter().filter_map(|id| {
            let identity = book.get(*id)?;
            Some(identity_row(site, *id, identity))
        });
        rows.identities = identities.collect();
        Ok(rows)
    }

    /// What was said, as it is kept.
    fn said(&self, site: Site<'_>, news: &News<'_>) -> Rows {
        let mut rows = Rows::default();
        for facts in &news.facts {
            for fact in &facts.facts {
                match fact {
                    Fact::Order(order) => {
                        let order = OrderRow::of_fact(order, site, self.key, facts.received_at);
                        rows.orders.push(order);
                    }
                    Fact::Member(member) => {
                        let named = member.who.first();
                        rows.members.extend(named.map(|who| MemberRow {
                            site: site.as_str().to_owned(),
                            group_id: member.group.clone(),
                            contact_id: who.contact(site, self.key).get(),
                            ts: member.at,
                            is_in: member.is_in,
                            received_at: facts.received_at,
                            said_by: facts.by.clone(),
                        }));
                    }
                    Fact::Contact(fact) => {
                        rows.statements
                            .push(statement_row(site, self.key, facts, fact));
                    }
                    Fact::Form(form) => {
                        let contact = form.contact.as_ref();
                        let row = contact.map(|fact| statement_row(site, self.key, facts, fact));
                        rows.statements.extend(row);
                    }
                    Fact::Message(message) => {
                        let taken_back = message.consent_taken_back();
                        let row =
                            taken_back.map(|fact| statement_row(site, self.key, facts, &fact));
                        rows.statements.extend(row);
                    }
                    Fact::Named { .. } | Fact::Decided { .. } | Fact::Erased { .. } => {}
                }
            }
        }
        rows
    }

    async fn write(&self, site: Site<'_>, rows: &Rows, tables: &[Table]) -> Result<(), StoreError> {
        let store = self.store;
        for table in tables {
            let name = table.as_str();
            let token = &format!("{}-{name}-{site}", self.token);
            match table {
                Table::Statements => {
                    store
                        .insert::<StatementRow>(name, &rows.statements, token)
                        .await?;
                }
                Table::Orders => store.insert::<OrderRow>(name, &rows.orders, token).await?,
                Table::Members => {
                    store
                        .insert::<MemberRow>(name, &rows.members, token)
                        .await?
                }
                Table::Contacts => {
                    store
                        .insert::<ContactRow>(name, &rows.contacts, token)
                        .await?
                }
                Table::Identities => {
                    store
                        .insert::<IdentityRow>(name, &rows.identities, token)
                        .await?;
                }
            }
        }
        Ok(())
    }

    /// A book of all that is named, with all that is said of it.
    async fn open(
        &self,
        site: Site<'_>,
        facts: &[&Facts],
        proofs: &[(VisitorId, TokenId)],
    ) -> Result<Book, StoreError> {
        // What a person decides of a visitor says which of their proofs count.
        let decided = facts.iter().flat_map(|facts| &facts.facts);
        let decided = decided.filter_map(|fact| match fact {
            Fact::Decided { id, .. } if !book::is_contact(*id) => {
                Some((VisitorId::new(*id), TokenId(0)))
            }
            _ => None,
        });
        let judged: Vec<_> = proofs.iter().copied().chain(decided).collect();
        let proven = self.proven(site, &judged).await?;
        let mut named = BTreeSet::new();
        for facts in facts {
            for fact in &facts.facts {
                let (who, _) = fact.named(facts.received_at);
                named.extend(who.iter().map(|who| who.contact(site, self.key).get()));
                if let Fact::Decided { id, choice, .. } = fact {
                    named.insert(*id);
                    if let Choice::Into(parent) = choice {
                        named.insert(*parent);
                    }
                }
            }
        }
        for proof in &proven.all {
            named.insert(proof.contact.get());
        }
        named.extend(proven.visitors.iter().map(|visitor| visitor.get()));
        let mut book = Book::default();
        let named: Vec<_> = named.into_iter().collect();
        self.load(site, &mut book, &named).await?;
        // The parents of what is named: a decision is judged by the trees as they are.
        self.complete(site, &mut book).await?;
        for facts in facts {
            for fact in &facts.facts {
                let (who, at) = fact.named(facts.received_at);
                book.name(&book::contacts(who, site, self.key), at);
                if let Fact::Decided { id, choice, at } = fact {
                    book.decide(*id, *choice, *at, &facts.by);
                }
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
        let mut proven = AllProven {
            visitors: visitors.into_iter().map(VisitorId::new).collect(),
            ..AllProven::default()
        };
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
    async fn fold(
        &self,
        site: Site<'_>,
        book: &Book,
        settled: &book::Settled,
        new: &[StatementRow],
    ) -> Result<Vec<ContactRow>, StoreError> {
        let persons = &settled.persons;
        // Of contacts that are new nothing is stored.
        let known = persons.values().flatten().copied();
        let known: Vec<_> = known.filter(|id| book.was_there(*id)).collect();
        let stored = self.store.statements(site.as_str(), &known).await?;
        let mut said: HashMap<u64, Vec<Statement>> = HashMap::new();
        let stored = stored
            .iter()
            .filter(|row| !self.buried.hides(&row.site, [row.contact_id], row.ts));
        for row in stored.chain(new) {
            said.entry(row.contact_id).or_default().push(statement(row));
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

/// The kind of proof of a form that the shop's server sends: it says who filled it in.
pub const FORM_OF_SERVER: &str = "server_form";
/// The kind of proof of a form that came through the edge.
pub const FORM: &str = "form";

/// All that bears on who some visitors are.
#[derive(Debug, Default)]
struct AllProven {
    /// The visitors who are judged.
    visitors: BTreeSet<VisitorId>,
    all: Vec<Proven<ContactId>>,
    /// What each contact that a login names is called.
    named: BTreeMap<ContactId, Identifier>,
    /// When each was proved, by what kind of proof.
    kinds: BTreeMap<(VisitorId, ContactId, Strength), BTreeSet<(u64, String)>>,
}

impl AllProven {
    fn take(&mut self, proof: &StoredProof) {
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
    fn judge(&self, book: &mut Book) {
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

/// A stored identity; nothing where its kind is another build's.
pub fn identity(row: IdentityRow) -> Option<Identity> {
    let found = (row.found_in != 0).then_some(Found {
        at: row.found_at,
        parent: row.found_in,
        by: row.found_by,
    });
    let choice = match row.choice.as_str() {
        "into" => Some(Choice::Into(row.set_to)),
        "alone" => Some(Choice::Alone),
        "as_found" => Some(Choice::AsFound),
        _ => None,
    };
    Some(Identity {
        kind: Kind::from_word(&row.kind)?,
        value: row.value,
        found,
        set: choice.map(|choice| Set {
            at: row.set_at,
            choice,
            by: row.set_by,
        }),
        person: row.person,
        first_at: row.first_at,
        version: row.version,
    })
}

fn identity_row(site: Site<'_>, id: u64, identity: &Identity) -> IdentityRow {
    let found = identity.found.as_ref();
    let set = identity.set.as_ref();
    IdentityRow {
        site: site.as_str().to_owned(),
        id,
        kind: identity.kind.as_str().to_owned(),
        value: identity.value.clone(),
        found_in: found.map_or(0, |found| found.parent),
        found_at: found.map_or(0, |found| found.at),
        found_by: found.map_or("", |found| &found.by).to_owned(),
        choice: match set.map(|set| set.choice) {
            Some(Choice::Into(_)) => "into",
            Some(Choice::Alone) => "alone",
            Some(Choice::AsFound) => "as_found",
            None => "",
        }
        .to_owned(),
        set_to: match set.map(|set| set.choice) {
            Some(Choice::Into(parent)) => parent,
            _ => 0,
        },
        set_at: set.map_or(0, |set| set.at),
        set_by: set.map_or("", |set| &set.by).to_owned(),
        person: identity.person,
        first_at: identity.first_at,
        version: identity.version,
    }
}

/// What a stored row says.
pub fn statement(row: &StatementRow) -> Statement {
    let told = row.values.iter().zip(&row.givens).map(|(json, given)| {
        (!json.is_empty()).then(|| Fitting {
            json: json.clone(),
            given: given.clone(),
        })
    });
    Statement {
        at: row.ts,
        id: row.id.as_u128(),
        contact: row.contact_id,
        by: row.said_by.clone(),
        is_weak: row.is_weak,
        fields: row.names.iter().cloned().zip(told).collect(),
    }
}

/// What a row says of a contact, as it is kept.
fn statement_row(site: Site<'_>, key: &[u8], facts: &Facts, fact: &ContactFact) -> StatementRow {
    let first = fact.who.first();
    let contact_id = first.map_or(0, |who| who.contact(site, key).get());
    let mut row = StatementRow {
        site: site.as_str().to_owned(),
        contact_id,
        ts: fact.at,
        id: Uuid::nil(),
        received_at: facts.received_at,
        said_by: facts.by.clone(),
        is_weak: fact.is_weak,
        names: Vec::with_capacity(fact.fields.len()),
        values: Vec::with_capacity(fact.fields.len()),
        givens: Vec::with_capacity(fact.fields.len()),
    };
    for (name, told) in &fact.fields {
        let (json, given) = told
            .as_ref()
            .map_or(("", ""), |told| (told.json.as_str(), told.given.as_str()));
        row.names.push(name.clone());
        row.values.push(json.to_owned());
        row.givens.push(given.to_owned());
    }
    row.id = statement_id(&row);
    row
}

/// The same for the same row.
fn statement_id(row: &StatementRow) -> Uuid {
    let said = (
        &row.contact_id,
        &row.ts,
        &row.said_by,
        &row.is_weak,
        &row.names,
        &row.values,
        &row.givens,
    );
    // Texts and numbers: there is nothing in it that can fail.
    let digest = Sha256::digest(postcard::to_allocvec(&said).unwrap_or_default());
    Uuid::new_v8(digest.first_chunk().copied().unwrap_or_default())
}

/// The contact that statements come to.
fn contact_row(mut row: ContactRow, said: &Statements) -> ContactRow {
    let mut own = serde_json::Map::new();
    for (field, held) in said.fields() {
        let json = held.told.as_ref().map_or("null", |told| &told.json);
        let value: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
        let text = || value.as_str().unwrap_or_default().to_owned();
        let day = || {
            let date: Option<jiff::civil::Date> = value.as_str().and_then(|day| day.parse().ok());
            let since = date.and_then(|date| date.since(jiff::civil::date(1970, 1, 1)).ok());
            since.map(|span| span.get_days())
        };
        match field {
            "first_name" => row.first_name = text(),
            "last_name" => row.last_name = text(),
            "mail" => row.mail = text(),
            "phone" => row.phone = text(),
            "gender" => row.gender = text(),
            "birthday" => row.birthday = day(),
            "anniversary" => row.anniversary = day(),
            "family_status" => row.family_status = text(),
            "street" => row.street = text(),
            "city" => row.city = text(),
            "region" => row.region = text(),
            "postal_code" => row.postal_code = text(),
            "country" => row.country = text(),
            "language" => row.language = text(),
            "source" => row.source = text(),
            "created_at" => row.created_at = value.as_i64(),
            "consent_mail" => row.consent_mail = value.as_bool(),
            "consent_sms" => row.consent_sms = value.as_bool(),
            "consent_whatsapp" => row.consent_whatsapp = value.as_bool(),
            own_field => drop(own.insert(own_field.to_owned(), value)),
        }
    }
    row.fields = serde_json::Value::Object(own).to_string();
    row
}

#[cfg(test)]
#[path = "apply_tests.rs"]
mod tests;
