//! The catalogue of problems: every `code` that an answer may have, with its status and what it
//! means; OPERATING.md lists the same, and `/problems` tells it.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// What a code means.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Entry {
    /// The code.
    pub code: &'static str,
    /// The status that it comes with.
    pub status: u16,
    /// What it means.
    pub title: &'static str,
}

const fn entry(status: u16, code: &'static str, title: &'static str) -> Entry {
    Entry {
        code,
        status,
        title,
    }
}

/// All codes, by their statuses.
pub const CATALOGUE: &[Entry] = &[
    entry(400, "bad_body", "The body is not what the route takes"),
    entry(
        400,
        "bad_magic",
        "An envelope is no message of Crumbtrail's",
    ),
    entry(400, "bad_order", "The events of a batch are not in order"),
    entry(
        400,
        "bad_query",
        "A parameter of the address is not what the route takes",
    ),
    entry(
        400,
        "bad_shape",
        "The message has a field that it can't have",
    ),
    entry(
        400,
        "bad_site",
        "A site's name is not of the form that sites' names have",
    ),
    entry(
        400,
        "bad_structure",
        "An envelope's bytes don't fit its structure",
    ),
    entry(400, "bad_value", "A field has no such value"),
    entry(400, "broken_body", "The body broke off"),
    entry(
        400,
        "empty",
        "A batch has no events, or a body no envelopes",
    ),
    entry(400, "missing", "A field that has to be there is not"),
    entry(
        400,
        "not_a_number",
        "A property that should be a number is none",
    ),
    entry(
        400,
        "too_far_ahead",
        "The event is said to be of the future",
    ),
    entry(400, "too_long", "A text or a list is longer than it may be"),
    entry(400, "too_many", "There are more values than there may be"),
    entry(400, "too_old", "The event is older than events may be"),
    entry(
        400,
        "unknown_field",
        "A row has a field that the site's contacts don't have",
    ),
    entry(
        400,
        "unknown_site",
        "An envelope is of a site that is not known here",
    ),
    entry(
        400,
        "unknown_version",
        "An envelope is of another version of Crumbtrail",
    ),
    entry(
        400,
        "unknown_word",
        "A field has a word that is none of those it may have",
    ),
    entry(
        401,
        "bad_key",
        "The API key is not known, has ended or was revoked",
    ),
    entry(
        401,
        "bad_link",
        "The sign-in link was used, has ended, or is none",
    ),
    entry(401, "no_key", "There is no API key in the request"),
    entry(401, "no_session", "Nobody is signed in"),
    entry(
        401,
        "stale_signature",
        "The signature is more than five minutes old, or of the future",
    ),
    entry(
        401,
        "unsigned",
        "The body is not signed by a key of an edge",
    ),
    entry(
        403,
        "foreign_origin",
        "The request comes from a page of another address",
    ),
    entry(
        403,
        "other_site",
        "The API key is not for this site, or there is no such site",
    ),
    entry(403, "scope", "The API key does not allow this"),
    entry(404, "not_found", "There is nothing at this address"),
    entry(404, "unknown_erasure", "There is no such receipt"),
    entry(404, "unknown_group", "There is no such group"),
    entry(404, "unknown_key", "There is no such key"),
    entry(404, "unknown_person", "Nobody is known by this"),
    entry(404, "unknown_segment", "There is no such segment"),
    entry(404, "unknown_site", "There is no such site"),
    entry(404, "unknown_template", "There is no such template"),
    entry(404, "unknown_user", "There is no such user"),
    entry(
        405,
        "method_not_allowed",
        "The address is not for this method",
    ),
    entry(408, "slow_body", "The body took too long"),
    entry(
        409,
        "breaks_segment",
        "A segment that uses this one would be invalid",
    ),
    entry(
        409,
        "changed_meanwhile",
        "Another version is the current one",
    ),
    entry(
        409,
        "last_owner",
        "Somebody has to be left who manages users",
    ),
    entry(
        409,
        "merge_circle",
        "They are one person already, and this one holds the others",
    ),
    entry(
        409,
        "merge_direction",
        "What is more decisive is not part of what is less",
    ),
    entry(
        409,
        "no_message_key",
        "The site has no key by which its messages are signed",
    ),
    entry(
        409,
        "not_a_contact",
        "A visitor is nobody whom others are part of",
    ),
    entry(409, "segment_circle", "A segment would be asked in itself"),
    entry(409, "segment_in_use", "Other segments use this one"),
    entry(
        409,
        "site_exists",
        "There is such a site already, with other settings",
    ),
    entry(413, "bad_body", "The body is longer than the route takes"),
    entry(413, "too_large", "The body is longer than the route takes"),
    entry(
        413,
        "too_many",
        "The body has more rows than the route takes",
    ),
    entry(415, "bad_body", "The body is not said to be JSON"),
    entry(415, "not_csv", "The body is not said to be a CSV file"),
    entry(
        422,
        "bad_body",
        "A field of the body is not what the route takes",
    ),
    entry(422, "bad_date", "In a definition: there is no such date"),
    entry(422, "bad_file", "The file can't be read as a table"),
    entry(
        422,
        "bad_mapping",
        "The mapping of a file's columns doesn't fit the file, or the site's fields",
    ),
    entry(422, "bad_setting", "A setting has no such value"),
    entry(
        422,
        "does_not_fit",
        "In a definition: a word in a place where it means nothing",
    ),
    entry(
        422,
        "duplicate_key",
        "In a definition: an object has a key twice",
    ),
    entry(
        422,
        "empty_list",
        "In a definition: a list has to have something",
    ),
    entry(
        422,
        "empty_text",
        "In a definition: a text has to have something",
    ),
    entry(422, "missing_key", "In a definition: an object lacks a key"),
    entry(
        422,
        "out_of_range",
        "In a definition: a number is too small or too great",
    ),
    entry(
        422,
        "reversed",
        "In a definition: the greater bound comes first",
    ),
    entry(
        422,
        "too_deep",
        "In a definition: the tree is deeper than 16",
    ),
    entry(
        422,
        "too_heavy",
        "The question costs more than a question may",
    ),
    entry(
        422,
        "too_many_nodes",
        "In a definition: the tree has more than 200 nodes",
    ),
    entry(
        422,
        "unknown_key",
        "In a definition: an object has a key that it can't have",
    ),
    entry(
        422,
        "unknown_word",
        "In a definition: a word that is none of those that fit",
    ),
    entry(
        422,
        "wrong_type",
        "In a definition: a value of another type",
    ),
    entry(500, "bad_settings", "The site's settings are damaged"),
    entry(500, "no_randomness", "The system gives no random bytes"),
    entry(
        500,
        "store_failed",
        "ClickHouse refuses; the backend's log says why",
    ),
    entry(503, "busy", "Too many requests are being worked on"),
    entry(
        503,
        "control_unavailable",
        "Sites and keys can't be read at the moment",
    ),
    entry(
        503,
        "disk_full",
        "The disk is full; nothing is taken until there is room",
    ),
    entry(
        503,
        "not_stored_yet",
        "It is taken, and takes effect once ClickHouse answers again",
    ),
    entry(
        503,
        "spool_full",
        "Too much waits for ClickHouse; nothing is taken until some is stored",
    ),
    entry(503, "spool_unavailable", "The spool can't be written"),
    entry(503, "starting", "The tables are being prepared"),
    entry(
        503,
        "store_unavailable",
        "ClickHouse can't answer at the moment; events are taken all the same",
    ),
];

/// What a code means that comes with a status.
pub fn title(status: u16, code: &str) -> Option<&'static str> {
    let mut known = CATALOGUE.iter();
    let known = known.find(|entry| (entry.status, entry.code) == (status, code));
    known.map(|entry| entry.title)
}

/// Lists the codes that a problem may have.
#[utoipa::path(
    get, path = "/problems", tag = "operating",
    responses((status = 200, description = "the catalogue", body = Vec<Entry>))
)]
pub async fn list() -> Json<&'static [Entry]> {
    Json(CATALOGUE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_for_operators_lists_all() {
        let page = include_str!("../../../OPERATING.md");
        for Entry {
            code,
            status,
            title,
        } in CATALOGUE
        {
            let line = format!("| {status} | `{code}` | {title} |");
            assert!(page.contains(&line), "OPERATING.md lacks\n{line}");
        }
    }
}
