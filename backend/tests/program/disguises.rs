//! What a stranger writes where a site, a value or a definition belongs.

use crate::stranger::Stranger;
use serde_json::{Value, json};

/// The site's name, straight and disguised.
pub const NAMES: [&str; 32] = [
    "canary",
    "canary",
    "canary",
    "CANARY",
    "Canary",
    "%63anary",
    "c%61n%61ry",
    "%2563anary",
    "canary%00",
    "canary%20",
    "%20canary",
    "canary%0a",
    "canary/",
    "canary%2f",
    "canary;",
    "canary.",
    "canary%e2%80%8b",
    "%ef%bd%83anary",
    "%d1%81anary",
    "c\u{430}nary",
    "./canary",
    "../sites/canary",
    "other/../canary",
    "other%2f..%2fcanary",
    "%2e%2e/canary",
    "other,canary",
    "other%00canary",
    "canary'%20OR%20'1'='1",
    "*",
    "%25",
    "_anary",
    "",
];

/// What is put where a value belongs.
const VALUES: [&str; 16] = [
    "canary",
    "",
    "%",
    "_%",
    "*",
    "/**",
    "' OR '1'='1",
    "' OR site = 'canary' --",
    "\\' OR site = 'canary' --",
    "') OR (site = 'canary",
    "x' UNION ALL SELECT toUInt64(visitor_id) FROM events --",
    "{site:String}",
    "\u{0}",
    "`site` = 'canary'",
    "\\",
    "1 OR 1 = 1",
];

const FIELDS: [&str; 12] = [
    "path",
    "title",
    "host",
    "category",
    "name",
    "search_term",
    "channel",
    "utm_source",
    "items.id",
    "props.kind",
    "value_cents",
    "site",
];

const OPERATORS: [&str; 8] = [
    "eq",
    "ne",
    "in",
    "not_in",
    "contains",
    "starts_with",
    "exists",
    "matches_path",
];

impl Stranger {
    /// A body for a path, which names a site of theirs or the other.
    pub fn body(&mut self, path: &str, own: &str, key: &str) -> Value {
        let name = match self.below(3) {
            0 => self.one_of(&NAMES),
            _ => own,
        };
        let event = json!({ "id": format!("s{}", self.below(99)), "type": "page_view", "ts": "2026-11-01T10:00:00Z", "anonymous_id": "s" });
        let with = |mut object: Value, field: &str, value: &str| {
            object[field] = value.into();
            object
        };
        let message = json!({ "messageId": "s", "anonymousId": "s", "event": "x", "context": { "site": name, "page": { "url": "https://x.example/" } } });
        match path {
            "/v1/segments/preview" => {
                json!({ "site": name, "definition": self.definition(0), "sample": self.below(2) })
            }
            "/v1/sites" => json!({ "site": name, "currency": "EUR" }),
            "/v1/sites/{site}" => json!({ "name": name }),
            "/v1/sites/{site}/keys" if self.below(4) > 0 => {
                json!({ "scope": "admin", "site": name })
            }
            "/v1/sites/{site}/keys" => json!({ "scope": "read", "label": name }),
            "/v1/sites/{site}/events" if self.below(2) == 0 => json!([event]),
            "/v1/sites/{site}/events" => {
                json!([with(event, "site", name), { "id": "b", "props": { "site": name } }])
            }
            "/v1/batch" => {
                json!({ "batch": [with(message, "type", "track")], "writeKey": key, "site": name })
            }
            _ => with(with(message, "site", name), "writeKey", key),
        }
    }

    /// A definition in the segment language, or nearly one.
    fn definition(&mut self, depth: usize) -> Value {
        match self.below(if depth < 3 { 8 } else { 5 }) {
            0 => json!({ "kind": "event", "event": "any" }),
            1 => {
                json!({ "kind": "event", "event": "page_view", "window": { "last": { "n": 1, "unit": "year" } } })
            }
            2 => json!({ "kind": "event", "event": "any", "site": "canary" }),
            3 | 4 => {
                let (field, operator) = (self.one_of(&FIELDS), self.one_of(&OPERATORS));
                let value = self.one_of(&VALUES);
                let value = if operator.ends_with("in") {
                    json!([value])
                } else {
                    json!(value)
                };
                let field = if self.below(6) == 0 {
                    format!("props.{}", self.one_of(&VALUES))
                } else {
                    field.to_owned()
                };
                let filter = json!({ "field": field, "op": operator, "value": value });
                json!({ "kind": "event", "event": "any", "where": [filter] })
            }
            5 => json!({ "not": self.definition(depth + 1) }),
            6 => json!({ "any": [self.definition(depth + 1), self.definition(depth + 1)] }),
            _ => {
                json!({ "all": [self.definition(depth + 1), { "not": self.definition(depth + 1) }] })
            }
        }
    }
}
