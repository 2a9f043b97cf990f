//! Contacts, found by what people call them.

use super::{Store, StoreError, in_time};
use clickhouse::Row;
use serde::Deserialize;

/// A contact that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Row, Deserialize)]
#[expect(missing_docs, reason = "the columns say it")]
pub struct FoundRow {
    pub contact_id: u64,
    pub first_name: String,
    pub last_name: String,
    pub mail: String,
    pub phone: String,
    pub city: String,
    pub created_at: Option<i64>,
}

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Wanted<'w> {
    /// A part of a name, or of a mail address or phone number; empty: whoever came last.
    pub text: &'w str,
    /// Ids of contacts that the text names.
    pub ids: &'w [u64],
    /// Whether mail addresses and phone numbers are looked at.
    pub in_addresses: bool,
    /// Most contacts.
    pub most: u32,
}

/// Whom an id names comes first, then names that begin so. The digits of a phone number are found
/// however they are grouped.
const SEARCH: &str = "
WITH normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({text:String}))) AS wanted,
     replaceRegexpAll(wanted, '[^0-9]', '') AS digits,
     normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(concat(first_name, ' ', last_name)))) AS name,
     has({ids:Array(UInt64)}, contact_id) AS is_named
SELECT contact_id, first_name, last_name, mail, phone, city,
       toUnixTimestamp64Milli(created_at) AS created_at
FROM contacts FINAL
WHERE site = {site:String} AND NOT gone
  AND (wanted = '' OR is_named OR position(name, wanted) > 0
       OR ({in_addresses:Bool} AND (position(lower(mail), wanted) > 0
           OR length(digits) >= 4 AND position(phone, trimLeft(digits, '0')) > 0)))
ORDER BY is_named DESC, wanted != '' AND startsWith(name, wanted) DESC,
         if(wanted = '', contacts.created_at, NULL) DESC, last_name, first_name, contact_id
LIMIT {most:UInt32}";

impl Store {
    /// Contacts that fit.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn search(
        &self,
        site: &str,
        wanted: &Wanted<'_>,
    ) -> Result<Vec<FoundRow>, StoreError> {
        let found = self
            .client
            .query(SEARCH)
            .with_setting("readonly", "2")
            .param("site", site)
            .param("text", wanted.text.trim())
            .param("ids", wanted.ids)
            .param("in_addresses", wanted.in_addresses)
            .param("most", wanted.most)
            .fetch_all();
        in_time(self.patience.look_up, found).await
    }
}
