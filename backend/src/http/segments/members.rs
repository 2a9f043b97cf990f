//! Who is in a segment: page by page, or all of them as a file.

use super::asking::{Asking, Of, listed, stated, turn};
use crate::{
    control::SiteSettings,
    http::{
        App, Problem, Shared,
        auth::{At, Reads, Views, from_control},
        body::Query,
        bulk, discreet,
        preview::{started, unanswered},
    },
    people::field::{Field, Fields},
    segment::{self, ContactField, Form, contact},
    store::{Bounds, Dump, Format, StoreError},
};
use axum::{
    Json,
    body::Body,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

/// Most people of a page.
const MOST: u64 = 10_000;
/// Most columns.
const MOST_COLUMNS: usize = 100;
/// How long an export may take, in seconds.
const EXPORT_SECONDS: u32 = 600;
/// What tells a spreadsheet that a file is UTF-8.
const BOM: &str = "\u{feff}";

/// Which members, and what of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// The moment asked about, milliseconds since the epoch; now where it is left out. The next
    /// page is asked with that of the first.
    as_of: Option<i64>,
    /// Ids of segments, with commas between them, whose members are left out; at most 20.
    suppress: Option<String>,
    /// Fields of contacts, with commas between them; at most 100.
    #[param(example = "mail,city")]
    columns: Option<String>,
    /// Those after this person: the `next` of the page before.
    after: Option<String>,
    /// How many, at most 10,000; 1,000 where it is left out.
    #[param(minimum = 1, maximum = 10_000)]
    limit: Option<u64>,
}

/// Some members of a segment.
#[derive(Serialize, ToSchema)]
pub struct Members {
    /// Each with `id`, as text, and the columns; those of somebody who is no contact are empty.
    #[schema(value_type = Vec<Object>)]
    people: Vec<Map<String, Value>>,
    /// What the next page comes after; nothing where there is none.
    next: Option<String>,
    /// The moment asked about, milliseconds since the epoch.
    as_of: i64,
}

/// Tells who is in a segment, in the order of ids. Pages that are asked with the same `as_of`
/// tell nobody twice.
#[utoipa::path(
    get, path = "/v1/sites/{site}/segments/{segment}/members", tag = "segments",
    params(("site" = String, Path, description = "the site's slug"),
           ("segment" = String, Path, description = "the segment's id"), Page),
    responses((status = 200, description = "some of its members", body = Members), Problem),
    security(("key" = ["view"]))
)]
pub async fn members(
    at: At<Views>,
    State(app): Shared,
    Path(place): Path<(String, String)>,
    Query(page): Query<Page>,
) -> Result<Json<Members>, Problem> {
    started(&app)?;
    let limit = page.limit.unwrap_or(1000);
    let after: Option<u64> = match &page.after {
        None => None,
        Some(after) => Some(
            after
                .parse()
                .map_err(|_| bad_query("after: the `next` of the page before fits"))?,
        ),
    };
    if !(1..=MOST).contains(&limit) {
        return Err(bad_query(&format!("limit: 1 to {MOST} fit")));
    }
    let of = Of {
        as_of: page.as_of,
        suppress: page.suppress,
    };
    let asking = Asking::of(&app, &at.site, &place.1, &of).await?;
    let columns = columns(&app, &at.site, page.columns.as_deref()).await?;
    let hidden = columns
        .iter()
        .find(|(field, _)| discreet::is_hidden(&field.name));
    if let Some((field, _)) = hidden
        && !at.caller.sees_contacts()
    {
        let detail = format!("columns: `{}` is not shown to viewers", field.name);
        return Err(Problem::new(StatusCode::FORBIDDEN, "scope", detail));
    }
    let fields: Vec<ContactField> = columns.into_iter().map(|(field, _)| field).collect();
    let statement = segment::listed(
        &asking.definition,
        &asking.question(),
        &fields,
        Form::Typed,
        (after, limit),
    );
    let statement = stated(statement)?;
    let _turn = turn(&app).await?;
    let rows = app.store.stream(&statement, &app.bounds, Format::JsonLines);
    let rows = whole(rows.map_err(unanswered)?).await.map_err(unanswered)?;
    let people: Result<Vec<Map<String, Value>>, _> = rows
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(serde_json::from_slice)
        .collect();
    let people =
        people.map_err(|error| unanswered(StoreError::Unreadable(format!("a member: {error}"))))?;
    let is_more = people.len() as u64 == limit;
    let last = people.last().and_then(|person| person.get("id"));
    let next = last.and_then(Value::as_str).filter(|_| is_more);
    Ok(Json(Members {
        next: next.map(str::to_owned),
        people,
        as_of: asking.as_of_ms,
    }))
}

/// The kind of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// UTF-8 with a byte order mark, commas, and a line of names; texts that a spreadsheet would
    /// take for a formula stand behind an apostrophe.
    Csv,
    /// Apache Parquet, compressed with Zstandard.
    Parquet,
}

/// Which file.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Export {
    /// Which kind.
    #[param(inline)]
    format: FileKind,
    /// The moment asked about, milliseconds since the epoch; now where it is left out.
    as_of: Option<i64>,
    /// Ids of segments, with commas between them, whose members are left out; at most 20.
    suppress: Option<String>,
    /// Fields of contacts, with commas between them, at most 100; where they are left out: key,
    /// first_name, last_name, mail, phone and city.
    #[param(example = "mail,city")]
    columns: Option<String>,
    /// In which language the columns of CSV are named, where the field has a label in it.
    #[param(example = "he")]
    language: Option<String>,
}

/// Gives all members of a segment as a file, as they are read. Who asked is in the audit log.
#[utoipa::path(
    get, path = "/v1/sites/{site}/segments/{segment}/export", tag = "segments",
    params(("site" = String, Path, description = "the site's slug"),
           ("segment" = String, Path, description = "the segment's id"), Export),
    responses(
        (status = 200, description = "the file", content(
            (Vec<u8> = "text/csv"), (Vec<u8> = "application/vnd.apache.parquet"))),
        Problem,
    ),
    security(("key" = ["read"]))
)]
pub async fn export(
    at: At<Reads>,
    State(app): Shared,
    Path(place): Path<(String, String)>,
    Query(export): Query<Export>,
) -> Result<Response, Problem> {
    started(&app)?;
    let of = Of {
        as_of: export.as_of,
        suppress: export.suppress,
    };
    let asking = Asking::of(&app, &at.site, &place.1, &of).await?;
    let asked = export
        .columns
        .as_deref()
        .or(Some("key,first_name,last_name,mail,phone,city"));
    let columns = columns(&app, &at.site, asked).await?;
    let (form, format, kind, extension) = match export.format {
        FileKind::Csv => (
            Form::Spreadsheet,
            Format::Csv,
            "text/csv; charset=utf-8",
            "csv",
        ),
        FileKind::Parquet => (
            Form::Typed,
            Format::Parquet,
            "application/vnd.apache.parquet",
            "parquet",
        ),
    };
    let head = match export.format {
        FileKind::Csv => Bytes::from(names(&columns, export.language.as_deref())),
        FileKind::Parquet => Bytes::new(),
    };
    let fields: Vec<ContactField> = columns.into_iter().map(|(field, _)| field).collect();
    let statement = segment::listed(
        &asking.definition,
        &asking.question(),
        &fields,
        form,
        (None, u64::MAX),
    );
    let statement = stated(statement)?;
    let detail = format!("{extension}, {} columns", fields.len());
    bulk::note(&app, at.bringer(), "segment_exported", &place.1, &detail).await?;
    let turn = turn(&app).await?;
    let bounds = Bounds {
        seconds: EXPORT_SECONDS,
        ..app.bounds
    };
    let rows = app.store.stream(&statement, &bounds, format);
    let mut rows = rows.map_err(unanswered)?;
    // What is refused is refused before the file begins.
    let first = rows.next().await.map_err(unanswered)?;
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}.{extension}\"", place.1),
        ),
    ];
    let begun = stream::iter([Ok(head), Ok(first.clone().unwrap_or_default())]);
    // Its turn ends with the file, or when nobody reads it any more.
    let state = (rows, turn, first.is_some());
    let rest = stream::try_unfold(state, async |(mut rows, turn, is_more)| {
        if !is_more {
            return Ok(None);
        }
        let piece = rows.next().await?;
        Ok::<_, StoreError>(piece.map(|piece| (piece, (rows, turn, true))))
    });
    // A file that breaks off is no whole one: the connection says so.
    let body = Body::from_stream(futures_util::StreamExt::chain(begun, rest));
    Ok((headers, body).into_response())
}

fn bad_query(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad_query", detail)
}

async fn whole(mut rows: Dump) -> Result<Vec<u8>, StoreError> {
    let mut all = Vec::new();
    while let Some(piece) = rows.next().await? {
        all.extend_from_slice(&piece);
    }
    Ok(all)
}

/// The fields of those names.
async fn columns(
    app: &App,
    site: &SiteSettings,
    asked: Option<&str>,
) -> Result<Vec<(ContactField, Option<Field>)>, Problem> {
    let fields: Fields = app.control.fields(site).await.map_err(from_control)?;
    let known = contact::fields(&fields);
    let asked = listed(asked);
    if asked.len() > MOST_COLUMNS {
        return Err(bad_query(&format!("columns: at most {MOST_COLUMNS} fit")));
    }
    let mut columns: Vec<(ContactField, Option<Field>)> = Vec::new();
    for name in asked {
        let Some(field) = known.get(name) else {
            let detail = format!("columns: the site has no field `{name}`");
            return Err(bad_query(&detail));
        };
        if columns.iter().all(|(column, _)| column != field) {
            columns.push((field.clone(), fields.by_name.get(name).cloned()));
        }
    }
    Ok(columns)
}

/// The first line of a CSV file.
fn names(columns: &[(ContactField, Option<Field>)], language: Option<&str>) -> String {
    let mut line = format!("{BOM}\"id\"");
    for (column, field) in columns {
        let label = language.and_then(|language| field.as_ref()?.labels.get(language));
        let name = label.unwrap_or(&column.name).replace('"', "\"\"");
        // A label is a text that somebody typed.
        let quote = if name.starts_with(['=', '+', '-', '@', '\t', '\r']) {
            "'"
        } else {
            ""
        };
        line += &format!(",\"{quote}{name}\"");
    }
    line + "\r\n"
}
