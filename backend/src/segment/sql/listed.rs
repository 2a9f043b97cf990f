//! Members with what is known of them.

use super::super::contact::{ContactField, Kind};
use super::super::plan::Plan;
use super::params::{Param, Statement};
use super::{Sql, members};

/// For whom a list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For programs: values are what they are.
    Typed,
    /// For spreadsheets: values are texts that none of them takes for a formula.
    Spreadsheet,
}

/// A statement of rows of `id` (text) and the columns by their fields' names, in the order of ids:
/// at most `limit` people for whom the first definition is true, of those after `after`. Of
/// somebody who is no contact the columns are empty.
#[must_use]
pub fn listed(
    plan: &Plan,
    columns: &[ContactField],
    form: Form,
    after: Option<u64>,
    limit: u64,
) -> Statement {
    let Statement { text, params } = members(plan, after, limit);
    let mut sql = Sql::new(plan);
    sql.params = params.into();
    let mut names = String::new();
    let mut values = String::new();
    for (place, column) in columns.iter().enumerate() {
        let value = sql.shown(column, form);
        values += &format!(", {value} AS v{place}");
        names += &format!(", contact.v{place} AS {}", alias(column, place));
    }
    let site = sql.site();
    sql.statement(format!(
        "SELECT toString(member.person) AS id{names} FROM (\n{text}\n) AS member\n\
         LEFT ANY JOIN (SELECT contact_id{values} FROM contacts FINAL WHERE site = {site} AND NOT gone) AS contact\n\
         ON contact.contact_id = member.person\nORDER BY member.person"
    ))
}

/// What the column of a field is called: its name, which has no letter that means anything to the
/// engine.
fn alias(column: &ContactField, place: usize) -> String {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if column.name.chars().all(is_plain) {
        format!("`{}`", column.name)
    } else {
        format!("column_{place}")
    }
}

impl Sql<'_> {
    /// A field as people or programs read it.
    fn shown(&mut self, field: &ContactField, form: Form) -> String {
        let value = if field.is_standard {
            format!("`{}`", field.name)
        } else {
            let name = self.params.bind(Param::Text(field.name.clone()));
            format!("getSubcolumn(fields, {name})")
        };
        let text = match (field.kind, form) {
            (Kind::List, Form::Spreadsheet) => {
                format!("arrayStringConcat({}, '; ')", list(&value))
            }
            (Kind::List, Form::Typed) => return list(&value),
            (Kind::Number, Form::Typed) => return format!("toFloat64OrNull(toString({value}))"),
            (Kind::Bool, Form::Typed) if field.is_standard => return value,
            (Kind::Bool, Form::Typed) => {
                return format!(
                    "CAST(multiIf(toString({value}) = 'true', true, toString({value}) = 'false', false, NULL), 'Nullable(Bool)')"
                );
            }
            (Kind::Instant, Form::Typed) => return format!("toUnixTimestamp64Milli({value})"),
            (Kind::Instant, Form::Spreadsheet) => {
                let zone = self.plan.settings.time_zone_name().to_owned();
                let zone = self.params.bind(Param::Text(zone));
                format!("ifNull(formatDateTime({value}, '%Y-%m-%d %H:%i', {zone}), '')")
            }
            _ => format!("ifNull(toString({value}), '')"),
        };
        match form {
            Form::Typed => text,
            Form::Spreadsheet => harmless(&text),
        }
    }
}

fn list(value: &str) -> String {
    format!("arrayMap(t -> ifNull(t, ''), dynamicElement({value}, 'Array(Nullable(String))'))")
}

/// A text that begins as formulas do, behind an apostrophe. A plus before nothing but digits is a
/// phone number.
fn harmless(text: &str) -> String {
    format!(
        "if(match({text}, '^[=+@\\\\t\\\\r-]') AND NOT match({text}, '^[+][0-9]+$'), concat('\\'', {text}), {text})"
    )
}
