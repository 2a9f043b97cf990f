//! People: identities, what was said of contacts, and contacts as they are.

use super::{Store, StoreError, in_time};
use clickhouse::Row;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Ids that are asked for at once: each is 16 bytes of a statement.
const IDS: usize = 500_000;
/// Longest statement, in bytes.
pub(super) const STATEMENT_BYTES: &str = "16777216";

/// A row of `identities`. Times are milliseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Eq, Row, Serialize, Deserialize)]
pub struct IdentityRow {
    /// The site's slug.
    pub site: String,
    /// A visitor's id, or a contact's.
    pub id: u64,
    /// What it is.
    pub kind: String,
    /// The identifier.
    pub value: String,
    /// What facts say it is part of; 0: of nothing.
    pub found_in: u64,
    /// Since when.
    pub found_at: i64,
    /// What says so.
    pub found_by: String,
    /// What a person decided: `into`, `alone`, or nothing.
    pub choice: String,
    /// What it is part of by that.
    pub set_to: u64,
    /// When.
    pub set_at: i64,
    /// Who.
    pub set_by: String,
    /// The person.
    pub person: u64,
    /// When it was first named.
    pub first_at: i64,
    /// The greatest counts.
    pub version: u64,
}

/// A row of `contact_rows`.
#[derive(Clone, Debug, PartialEq, Eq, Row, Serialize, Deserialize)]
pub struct StatementRow {
    /// The site's slug.
    pub site: String,
    /// Which contact it named first.
    pub contact_id: u64,
    /// As of when.
    pub ts: i64,
    /// Made of all that it says.
    #[serde(with = "clickhouse::serde::uuid")]
    pub id: Uuid,
    /// When it came.
    pub received_at: i64,
    /// Who said it.
    pub said_by: String,
    /// Whether nobody vouches for it.
    pub is_weak: bool,
    /// What it says, as [`profile::encode`](crate::people::profile::encode) writes it.
    pub fields: String,
}

/// A row of `contacts`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Row, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the columns say it")]
pub struct ContactRow {
    pub site: String,
    pub contact_id: u64,
    pub key: String,
    pub first_name: String,
    pub last_name: String,
    pub mail: String,
    pub phone: String,
    pub gender: String,
    pub birthday: Option<i32>,
    pub anniversary: Option<i32>,
    pub family_status: String,
    pub street: String,
    pub city: String,
    pub region: String,
    pub postal_code: String,
    pub country: String,
    pub language: String,
    pub source: String,
    pub created_at: Option<i64>,
    pub consent_mail: Option<bool>,
    pub consent_sms: Option<bool>,
    pub consent_whatsapp: Option<bool>,
    /// JSON.
    pub fields: String,
    pub gone: bool,
    pub version: u64,
}

/// A row of `group_members`.
#[derive(Clone, Debug, PartialEq, Eq, Row, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the columns say it")]
pub struct MemberRow {
    pub site: String,
    pub group_id: String,
    pub contact_id: u64,
    pub ts: i64,
    pub is_in: bool,
    pub received_at: i64,
    pub said_by: String,
}

/// A proof, as it is judged: visitor, kind, contact, token, when the edge took it.
#[derive(Clone, Debug, PartialEq, Eq, Row, Deserialize)]
pub struct StoredProof {
    /// The visitor.
    pub visitor_id: u64,
    /// The kind.
    pub kind: String,
    /// What it names.
    pub contact: String,
    /// The contact that this is.
    pub contact_id: u64,
    /// The token.
    pub token_id: u64,
    /// When the edge took it first.
    pub received_at: i64,
}

const IDENTITIES: &str = "
SELECT site, id, kind, value, found_in, found_at, found_by, choice, set_to, set_at, set_by, person,
       first_at, version
FROM identities
WHERE site = {site:String} AND id IN (SELECT arrayJoin(reinterpret(unhex('{ids}'), 'Array(UInt64)')))
ORDER BY version DESC
LIMIT 1 BY id";

const MEMBERS: &str = "
SELECT site, id, kind, value, found_in, found_at, found_by, choice, set_to, set_at, set_by, person,
       first_at, version
FROM identities
WHERE site = {site:String} AND id IN (
    SELECT id FROM identities WHERE site = {site:String} AND person IN (SELECT arrayJoin(reinterpret(unhex('{ids}'), 'Array(UInt64)')))
)
ORDER BY version DESC
LIMIT 1 BY id";

/// By the person that any of the ids is, or was, part of.
const RELATIVES: &str = "
SELECT site, id, kind, value, found_in, found_at, found_by, choice, set_to, set_at, set_by, person,
       first_at, version
FROM identities
WHERE site = {site:String} AND id IN (
    SELECT id FROM identities WHERE site = {site:String} AND person IN (
        SELECT person FROM identities WHERE site = {site:String}
          AND id IN (SELECT arrayJoin(reinterpret(unhex('{ids}'), 'Array(UInt64)')))
    )
)
ORDER BY version DESC
LIMIT 1 BY id";

const STATEMENTS: &str = "
SELECT site, contact_id, ts, id, received_at, said_by, is_weak, fields
FROM contact_rows
WHERE site = {site:String} AND contact_id IN (SELECT arrayJoin(reinterpret(unhex('{ids}'), 'Array(UInt64)')))";

const SHOWERS: &str = "
SELECT DISTINCT visitor_id FROM proofs
WHERE site = {site:String} AND token_id IN (SELECT arrayJoin(reinterpret(unhex('{ids}'), 'Array(UInt64)'))) AND token_id != 0";

const PROOFS: &str = "
SELECT visitor_id, toString(kind) AS kind, contact, any(contact_id) AS contact_id, token_id,
       toUnixTimestamp64Milli(min(received_at)) AS received_at
FROM proofs
WHERE site = {site:String} AND visitor_id IN (SELECT arrayJoin(reinterpret(unhex('{ids}'), 'Array(UInt64)'))) AND token_id != 0
GROUP BY visitor_id, kind, contact, token_id";

impl Store {
    /// What is stored of identities, by their ids.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn identities(
        &self,
        site: &str,
        ids: &[u64],
    ) -> Result<Vec<IdentityRow>, StoreError> {
        self.of_ids(IDENTITIES, site, ids).await
    }

    /// All identities that are, or were, of these persons.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn members(
        &self,
        site: &str,
        persons: &[u64],
    ) -> Result<Vec<IdentityRow>, StoreError> {
        self.of_ids(MEMBERS, site, persons).await
    }

    /// All identities that are, or were, of the persons that these identities are, or were, of.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn relatives(&self, site: &str, ids: &[u64]) -> Result<Vec<IdentityRow>, StoreError> {
        self.of_ids(RELATIVES, site, ids).await
    }

    /// What was said of contacts.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn statements(
        &self,
        site: &str,
        ids: &[u64],
    ) -> Result<Vec<StatementRow>, StoreError> {
        self.of_ids(STATEMENTS, site, ids).await
    }

    /// The visitors who showed one of these tokens.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn showers(&self, site: &str, tokens: &[u64]) -> Result<Vec<u64>, StoreError> {
        self.of_ids(SHOWERS, site, tokens).await
    }

    /// All that proves who these visitors are.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn proofs(
        &self,
        site: &str,
        visitors: &[u64],
    ) -> Result<Vec<StoredProof>, StoreError> {
        self.of_ids(PROOFS, site, visitors).await
    }

    /// What is stored of ids. They stand in the statement as one text of hex digits: ClickHouse
    /// reads 300,000 of them in the time of 3,000 numbers of a parameter.
    pub(super) async fn of_ids<T>(
        &self,
        sql: &'static str,
        site: &str,
        ids: &[u64],
    ) -> Result<Vec<T>, StoreError>
    where
        T: clickhouse::RowOwned + clickhouse::RowRead,
    {
        let mut rows = Vec::new();
        for ids in ids.chunks(IDS) {
            let bytes: Vec<u8> = ids.iter().flat_map(|id| id.to_le_bytes()).collect();
            let found = self
                .client
                .query_raw(&sql.replace("{ids}", &hex::encode(bytes)))
                .with_setting("max_query_size", STATEMENT_BYTES)
                .param("site", site)
                .fetch_all::<T>();
            rows.extend(in_time(self.patience.look_up, found).await?);
        }
        Ok(rows)
    }
}
