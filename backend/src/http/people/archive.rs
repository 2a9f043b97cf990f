//! All that is held about a person, to be given to them.

use super::{
    Found,
    page::portrait,
    timeline::{Wanted, entries},
};
use crate::{
    control::SiteSettings,
    http::{App, Problem, preview::unanswered},
    people::person::timeline,
    store::StatementRow,
};
use serde::Serialize;
use serde_json::Value;
use std::io::Write as _;

/// All that is held about somebody, as texts in a ZIP archive.
pub async fn archive(app: &App, site: &SiteSettings, found: Found) -> Result<Vec<u8>, Problem> {
    let person = portrait(app, site, &found).await?;
    let rows = app.store.statements(&site.slug, &found.ids.contacts).await;
    let rows = rows.map_err(unanswered)?;
    let mut timeline = String::new();
    let mut which = Wanted::all();
    loop {
        let entries = entries(app, site, &found, &which).await?;
        let (entries, last) = timeline::page(entries.into_iter(), which.after.as_ref(), which.most);
        for entry in &entries {
            timeline.push_str(&written(entry));
            timeline.push('\n');
        }
        match last {
            Some(last) => which.after = Some(last),
            None => break,
        }
    }
    let rows: Vec<_> = rows.iter().map(|row| written(&readable(row))).collect();
    let files = [
        ("README.txt", ABOUT.to_owned()),
        ("person.json", pretty(&person)),
        ("timeline.ndjson", timeline),
        ("rows.ndjson", rows.join("\n")),
    ];
    zipped(&files).map_err(|error| {
        let detail = format!("the archive could not be made: {error}");
        Problem::unavailable("control_unavailable", detail, 5)
    })
}

/// A row with its fields as what they are, and no text of them.
fn readable(row: &StatementRow) -> Value {
    let mut readable = serde_json::to_value(row).unwrap_or_default();
    if let (Some(fields), Ok(parsed)) = (readable.get_mut("fields"), row.fields.parse()) {
        *fields = parsed;
    }
    readable
}

/// What an archive says of itself.
const ABOUT: &str = "This is all that is held about one person.

person.json      who they are known as, what is known of them, what they did and bought, in sum
timeline.ndjson  everything they did and everything that was said of them, a line each, the latest first
rows.ndjson      every row that was sent of them, a line each, as it was said

Times are milliseconds since 1970-01-01 00:00 UTC. Money is in hundredths of the shop's currency.
";

// Texts and numbers: there is nothing in these that can fail.
fn written(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn zipped(files: &[(&str, String)]) -> zip::result::ZipResult<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, text) in files {
        archive.start_file(*name, options)?;
        archive.write_all(text.as_bytes())?;
    }
    Ok(archive.finish()?.into_inner())
}
