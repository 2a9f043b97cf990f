//! `POST /v1/sites/{site}/contacts/import`: contacts out of a file.

use super::{
    App, Problem, Shared,
    auth::{At, Writes, from_control},
    body::Query,
    bulk::{self, Wait},
    ingest,
};
use crate::{
    control::SiteSettings,
    people::{
        fact::{ContactFact, Fact, Facts},
        field::Fields,
        identifier::clean,
        import::{self, Import, Options, Place, Refused, Report, TakenRow},
    },
};
use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header},
};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tracing::error;
use utoipa::{IntoParams, ToSchema};

/// Longest file, in bytes.
pub const BODY_BYTES: usize = 32 << 20;
/// Rows that a dry run shows.
const SAMPLE_ROWS: usize = 20;
/// Most characters of a file's name that are kept.
const NAME_CHARS: usize = 200;
/// The kinds of content that browsers and programs say CSV files are: on a Windows that has Excel,
/// browsers say its own.
const KINDS: [&str; 6] = [
    "text/csv",
    "text/plain",
    "text/tab-separated-values",
    "application/csv",
    "application/octet-stream",
    "application/vnd.ms-excel",
];

/// How a file is taken.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// How to read the file, where that isn't to be guessed: JSON, an `ImportOptions` of the
    /// schemas.
    #[param(example = json!("{\"columns\": {\"נייד\": \"phone\", \"הערות\": null}, \"dates\": \"dmy\"}"))]
    mapping: Option<String>,
    /// With `true` nothing is taken: the answer says what would be.
    dry_run: bool,
    /// The file's name: what is taken is said by `file` and that name, in place of the key's.
    #[param(example = "customers.csv")]
    name: String,
    /// With `true` it is answered once the rows are in the tables and every question sees them,
    /// by 200; without it, and where that takes over 30 seconds, once they are on the disk,
    /// by 202.
    wait: bool,
}

/// What became of a file.
#[derive(Serialize, ToSchema)]
pub struct Imported {
    /// What was read, taken, and rejected.
    #[serde(flatten)]
    report: Report,
    /// Of a dry run: the first 20 rows that would be taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    sample: Option<Vec<SampleRow>>,
}

/// A row as it would be taken.
#[derive(Serialize, ToSchema)]
pub struct SampleRow {
    /// The line of the file that it begins in, from 1.
    line: usize,
    /// The identifiers and fields, each in its one form, as `POST …/contacts` takes them.
    #[schema(value_type = Object)]
    row: Map<String, Value>,
}

/// Takes contacts out of a file: a table with a row of names above it, as spreadsheets save it.
/// At most 200,000 rows and 32 MiB; UTF-8, UTF-16, windows-1255 or windows-1252, with commas,
/// semicolons, tabs or bars.
///
/// Which field each column fills is guessed by its name, in Hebrew or English, and else by what
/// is in it; `mapping` corrects that. Send the file with `dry_run=true` first, and look at the
/// answer. An empty cell says nothing: the field stays as it is. A row is taken whole or not at
/// all, unless the mapping says `"on_bad_value": "skip_value"`.
///
/// What is accepted is on the disk when this is answered. Where it is answered by a 503, part of
/// it may be: send the file again, as what is said twice counts once.
#[utoipa::path(
    post, path = "/v1/sites/{site}/contacts/import", tag = "people",
    params(("site" = String, Path, description = "the site's slug"), Asked),
    request_body(content((String = "text/csv"), (String = "text/plain"))),
    responses(
        (status = 200, description = "what became of the file; its rows are in the tables, or it was a dry run", body = Imported),
        (status = 202, description = "what became of the file; its rows are on the disk", body = Imported),
        Problem,
    ),
    security(("key" = ["write"]))
)]
pub async fn take(
    at: At<Writes>,
    State(app): Shared,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Imported>), Problem> {
    check_kind(&headers)?;
    let file = body.map_err(|rejection| not_read(&rejection))?;
    let _slot = ingest::slot(&app)?;
    let reading = Reading {
        file,
        options: options(asked.mapping.as_deref())?,
        fields: app.control.fields(&at.site).await.map_err(from_control)?,
        zone: zone(&at.site)?,
        received_at: bulk::now(&app),
    };
    let received_at = reading.received_at;
    // It computes for seconds where the file is long.
    let read = tokio::task::spawn_blocking(move || reading.read()).await;
    let Import { report, rows } = read.map_err(|error| {
        error!("a file could not be read: {error}");
        refused(Refused::File("the file can't be read".into()))
    })??;
    if asked.dry_run {
        let sample = rows.into_iter().take(SAMPLE_ROWS).map(SampleRow::of);
        let sample = Some(sample.collect());
        return Ok((StatusCode::OK, Json(Imported { report, sample })));
    }
    let detail = format!("{} rows", rows.len());
    bulk::note(
        &app,
        at.bringer(),
        "contacts_imported",
        &asked.name,
        &detail,
    )
    .await?;
    let mut facts = Facts {
        site: at.site.slug.clone(),
        received_at,
        by: said_by(&asked.name).unwrap_or_else(|| at.caller.name()),
        facts: Vec::new(),
    };
    let wait = Wait { wait: asked.wait };
    let status = put(&app, &mut facts, rows, wait).await?;
    let sample = None;
    Ok((status, Json(Imported { report, sample })))
}

/// Spools rows, as many at once as other requests may bring.
async fn put(
    app: &App,
    facts: &mut Facts,
    rows: Vec<TakenRow>,
    wait: Wait,
) -> Result<StatusCode, Problem> {
    let mut last = None;
    let mut rows = rows.into_iter().map(|row| Fact::Contact(row.fact));
    loop {
        facts.facts.clear();
        facts.facts.extend(rows.by_ref().take(bulk::MOST_ROWS));
        if facts.facts.is_empty() {
            break;
        }
        last = Some(bulk::put_facts(app, facts).await?);
    }
    match last {
        Some(place) => Ok(bulk::answer(app, place, wait).await),
        None => Ok(StatusCode::OK),
    }
}

/// All that a file is read by.
struct Reading {
    file: Bytes,
    options: Options,
    fields: Fields,
    zone: TimeZone,
    received_at: i64,
}

impl Reading {
    fn read(&self) -> Result<Import, Problem> {
        let place = Place {
            fields: &self.fields,
            zone: &self.zone,
            received_at: self.received_at,
        };
        import::read(&self.file, &self.options, &place).map_err(refused)
    }
}

impl SampleRow {
    fn of(taken: TakenRow) -> Self {
        let ContactFact { who, fields, .. } = taken.fact;
        let mut row = Map::new();
        for identifier in who {
            let kind = identifier.kind.as_str().to_owned();
            row.insert(kind, identifier.value.into());
        }
        for (name, fitting) in fields {
            let json = fitting.and_then(|fitting| serde_json::from_str(&fitting.json).ok());
            row.insert(name, json.unwrap_or_default());
        }
        let line = taken.line;
        Self { line, row }
    }
}

fn check_kind(headers: &HeaderMap) -> Result<(), Problem> {
    let Some(said) = headers.get(header::CONTENT_TYPE) else {
        return Ok(());
    };
    let said = said.to_str().unwrap_or_default();
    let kind = said.split(';').next().unwrap_or_default().trim();
    if KINDS.iter().any(|known| known.eq_ignore_ascii_case(kind)) {
        return Ok(());
    }
    let detail = "send the file as it is, with `Content-Type: text/csv`";
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "not_csv",
        detail,
    ))
}

fn not_read(rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let detail = format!("a file may have {BODY_BYTES} bytes; send it in parts");
        return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail);
    }
    Problem::new(
        StatusCode::BAD_REQUEST,
        "broken_body",
        rejection.body_text(),
    )
}

fn options(mapping: Option<&str>) -> Result<Options, Problem> {
    let Some(mapping) = mapping else {
        return Ok(Options::default());
    };
    // Fields without their names, as an array, would be taken for options by serde.
    let object: Result<Map<String, Value>, _> = serde_json::from_str(mapping);
    let options = object.and_then(|object| serde_json::from_value(object.into()));
    options.map_err(|error| {
        let detail = format!("`mapping` is an object of JSON: {error}");
        Problem::new(StatusCode::BAD_REQUEST, "bad_query", detail)
    })
}

fn zone(site: &SiteSettings) -> Result<TimeZone, Problem> {
    TimeZone::get(&site.time_zone).map_err(|problem| {
        error!(
            "the settings of the site `{}` are damaged: {problem}",
            site.slug
        );
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "bad_settings",
            problem.to_string(),
        )
    })
}

/// Who says what is in a file of that name; nobody where it has none.
fn said_by(name: &str) -> Option<String> {
    let name: String = clean(name).chars().take(NAME_CHARS).collect();
    (!name.is_empty()).then(|| format!("file {name}"))
}

fn refused(refused: Refused) -> Problem {
    let (status, code) = match refused {
        Refused::File(_) => (StatusCode::UNPROCESSABLE_ENTITY, "bad_file"),
        Refused::Mapping(_) => (StatusCode::UNPROCESSABLE_ENTITY, "bad_mapping"),
        Refused::TooMany => (StatusCode::PAYLOAD_TOO_LARGE, "too_many"),
    };
    Problem::new(status, code, refused.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn dry_run(file: &str, mapping: &str) -> Result<String, Problem> {
        let reading = Reading {
            file: Bytes::copy_from_slice(file.as_bytes()),
            options: options(Some(mapping))?,
            fields: Fields::standard("IL"),
            zone: TimeZone::UTC,
            received_at: 1_795_341_600_000,
        };
        let Import { report, rows } = reading.read()?;
        let sample = rows.into_iter().take(SAMPLE_ROWS).map(SampleRow::of);
        let sample = Some(sample.collect());
        Ok(serde_json::to_string_pretty(&Imported { report, sample }).unwrap())
    }

    #[test]
    fn a_dry_run_shows_rows_as_they_would_be_taken() {
        let mapping = "{\"dates\": \"dmy\"}";
        let file = "מס' לקוח,נייד,ת. לידה,הערות\n7,050-2345678,21/3/85,\n8,12,,x\n";
        expect![[r#"
            {
              "encoding": "utf-8",
              "separator": ",",
              "header": true,
              "columns": [
                {
                  "index": 0,
                  "header": "מס' לקוח",
                  "field": "id",
                  "found": "header",
                  "filled": 2
                },
                {
                  "index": 1,
                  "header": "נייד",
                  "field": "phone",
                  "found": "header",
                  "filled": 2
                },
                {
                  "index": 2,
                  "header": "ת. לידה",
                  "field": "birthday",
                  "found": "header",
                  "filled": 1,
                  "dates": {
                    "order": "dmy",
                    "is_sure": true,
                    "why": "as the mapping says"
                  }
                },
                {
                  "index": 3,
                  "header": "הערות",
                  "field": null,
                  "found": null,
                  "filled": 1
                }
              ],
              "rows": 2,
              "accepted": 1,
              "rejected": 1,
              "rejected_rows": [
                {
                  "line": 3,
                  "problems": [
                    {
                      "column": "נייד",
                      "value": "12",
                      "code": "bad_value",
                      "detail": "a phone number of IL, or one with + and its country, fits"
                    }
                  ]
                }
              ],
              "warnings": [
                {
                  "code": "unmapped_column",
                  "count": 1,
                  "detail": "nothing of these columns was taken; name their fields in the mapping, or add fields for them",
                  "at": [
                    {
                      "rows": 1,
                      "column": "הערות"
                    }
                  ]
                }
              ],
              "sample": [
                {
                  "line": 2,
                  "row": {
                    "birthday": "1985-03-21",
                    "id": "7",
                    "phone": "+972502345678"
                  }
                }
              ]
            }"#]].assert_eq(&dry_run(file, mapping).unwrap());
    }

    #[test]
    fn what_can_not_be_read_is_a_problem_of_the_catalogue() {
        for (file, mapping, code) in [
            ("", "{}", "bad_file"),
            (
                "id\n1\n",
                "{\"columns\": {\"id\": \"shoe\"}}",
                "bad_mapping",
            ),
            ("id\n1\n", "{\"order\": \"dmy\"}", "bad_query"),
            ("id\n1\n", "[]", "bad_query"),
        ] {
            assert_eq!(
                dry_run(file, mapping).unwrap_err().code(),
                code,
                "{mapping}"
            );
        }
        let many = "id\n".to_owned() + &"1\n".repeat(import::MOST_ROWS + 1);
        assert_eq!(dry_run(&many, "{}").unwrap_err().code(), "too_many");
    }

    #[test]
    fn kinds_of_content() {
        let check = |kind: &'static str| {
            let headers = [(header::CONTENT_TYPE, kind.parse().unwrap())];
            check_kind(&headers.into_iter().collect())
        };
        for kind in [
            "text/csv",
            "Text/CSV; charset=utf-8",
            "application/vnd.ms-excel",
        ] {
            assert!(check(kind).is_ok(), "{kind}");
        }
        assert_eq!(check("application/json").unwrap_err().code(), "not_csv");
        assert!(check_kind(&HeaderMap::new()).is_ok());
    }

    #[test]
    fn files_are_named_as_who_said_it() {
        assert_eq!(
            said_by(" customers.csv "),
            Some("file customers.csv".into())
        );
        assert_eq!(said_by("\u{200F} "), None);
    }
}
