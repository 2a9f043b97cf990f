//! Whole files, as shops have them.

mod messy;

use super::*;
use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// 2026-11-22, at noon in Jerusalem.
const NOW_MS: i64 = 1_795_341_600_000;

fn fields() -> Fields {
    let mut fields = Fields::standard("IL");
    let own = json!({
        "vip": {"type": "bool", "labels": {"he": "לקוח VIP"}},
        "size": {"type": "choice", "several": true, "labels": {"he": "מידה"},
                 "options": [{"value": "s", "labels": {"he": "קטן"}},
                             {"value": "l", "labels": {"he": "גדול"}}]},
        "spent": {"type": "number", "labels": {"he": "סך רכישות", "en": "Total spent"}},
        "stars": {"type": "rating", "scale": 5, "labels": {"he": "שביעות רצון"}},
        "renewal": {"type": "date", "labels": {"he": "חידוש מנוי"}},
    });
    for (name, field) in own.as_object().unwrap() {
        let field = serde_json::from_value(field.clone()).unwrap();
        fields.by_name.insert(name.clone(), field);
    }
    fields
}

fn import(bytes: &[u8], options: Value) -> Result<Import, Refused> {
    let fields = fields();
    let place = Place {
        fields: &fields,
        zone: &TimeZone::get("Asia/Jerusalem").unwrap(),
        received_at: NOW_MS,
    };
    read(bytes, &serde_json::from_value(options).unwrap(), &place)
}

/// A report as text: each list by its first lines.
fn told(report: &Report, most: usize) -> String {
    let mut text = String::new();
    let encoding = serde_json::to_value(report.encoding).unwrap();
    let (separator, header) = (report.separator, report.header);
    writeln!(text, "{encoding}, separator {separator:?}, header {header}").unwrap();
    for column in &report.columns {
        let field = column.field.as_deref().unwrap_or("nothing");
        let found = serde_json::to_value(column.found).unwrap();
        write!(text, "  {} {:?} is {field}", column.index, column.header).unwrap();
        write!(text, " by {found}, in {} rows", column.filled).unwrap();
        if let Some(dates) = &column.dates {
            write!(text, ", {}: {}", dates.order.as_words(), dates.why).unwrap();
        }
        text.push('\n');
    }
    let (rows, accepted, rejected) = (report.rows, report.accepted, report.rejected);
    writeln!(
        text,
        "{rows} rows: {accepted} accepted, {rejected} rejected"
    )
    .unwrap();
    for row in report.rejected_rows.iter().take(most) {
        for bad in &row.problems {
            let (code, line) = (bad.code, row.line);
            let (column, value, detail) = (&bad.column, &bad.value, &bad.detail);
            writeln!(text, "  line {line}: {code} {column:?} {value:?}: {detail}").unwrap();
        }
    }
    for warning in &report.warnings {
        let (code, count) = (warning.code, warning.count);
        writeln!(text, "{code}, {count}: {}", warning.detail).unwrap();
        for at in warning.at.iter().take(most) {
            let (lines, rows, column) = (&at.lines, at.rows, &at.column);
            let (value, detail) = (&at.value, &at.detail);
            writeln!(
                text,
                "  {column:?} {value:?}, {rows} rows {lines:?}: {detail}"
            )
            .unwrap();
        }
    }
    text
}

fn taken(import: &Import) -> String {
    let mut text = String::new();
    for TakenRow { line, fact } in &import.rows {
        let who = fact.who.iter().map(|who| who.value.as_str());
        write!(text, "{line}: {}", who.collect::<Vec<_>>().join(" ")).unwrap();
        for (name, fitting) in &fact.fields {
            write!(text, " {name}={}", fitting.as_ref().unwrap().json).unwrap();
        }
        writeln!(text, " +{}", fact.at - NOW_MS).unwrap();
    }
    text
}

fn check(csv: &str, options: Value, expected: Expect) {
    let import = import(csv.as_bytes(), options).unwrap();
    expected.assert_eq(&(told(&import.report, 9) + &taken(&import)));
}

#[test]
fn a_small_file() {
    check(
        "שם מלא,נייד,דוא\"ל,מין,ת. לידה,לקוח VIP,מידה,סך רכישות,הערות\n\
         דנה כהן,050-2345678,Dana@Example.com,נ,21/3/85,כן,\"קטן, גדול\",\"1,250.50\",\n\
         \n\
         \"לוי, משה\",=\"0523456789\",,ז,1990-05-01,V,s,₪300,חבר של דנה\n\
         דנה כהן,,dana@example.com,,,,,,\n",
        json!({}),
        expect![[r#"
            "utf-8", separator ',', header true
              0 "שם מלא" is full_name by "header", in 3 rows
              1 "נייד" is phone by "header", in 2 rows
              2 "דוא\"ל" is mail by "header", in 2 rows
              3 "מין" is gender by "header", in 2 rows
              4 "ת. לידה" is birthday by "header", in 2 rows, day first: `21/3/85` in line 2 can only be day first
              5 "לקוח VIP" is vip by "header", in 2 rows
              6 "מידה" is size by "header", in 2 rows
              7 "סך רכישות" is spent by "header", in 2 rows
              8 "הערות" is nothing by null, in 1 rows
            3 rows: 3 accepted, 0 rejected
            unmapped_column, 1: nothing of these columns was taken; name their fields in the mapping, or add fields for them
              "הערות" "", 1 rows []: 
            repeated_contact, 1: several rows name the same contact; the lowest row counts where they differ, unless `updated_at` says otherwise
              "mail" "dana@example.com", 2 rows [2, 5]: 
            empty_rows, 1: rows without anything in them were skipped
            2: dana@example.com +972502345678 birthday="1985-03-21" first_name="דנה" gender="female" last_name="כהן" mail="dana@example.com" phone="+972502345678" size=["l","s"] spent=1250.5 vip=true +0
            4: +972523456789 birthday="1990-05-01" first_name="משה" gender="male" last_name="לוי" phone="+972523456789" size=["s"] spent=300 vip=true +0
            5: dana@example.com first_name="דנה" last_name="כהן" mail="dana@example.com" +1
        "#]],
    );
}

#[test]
fn what_does_not_fit_is_named_with_its_line() {
    let csv = "id;mail;phone;birthday;vip;stars\n\
               1;dana@example.com;;31/2/1990;אולי;7\n\
               2;dana;12;;;\n\
               ;;;1/1/1990;;5\n\
               3;\"noa@example.com\";9.72502E+11;;;4;x\n\
               4;;9.72502E+11;;;4\n\
               ;not;;;;\n";
    check(
        csv,
        json!({}),
        expect![[r#"
            "utf-8", separator ';', header true
              0 "id" is id by "header", in 4 rows
              1 "mail" is mail by "header", in 4 rows
              2 "phone" is phone by "header", in 3 rows
              3 "birthday" is birthday by "header", in 2 rows, day first: `31/2/1990` in line 2 can only be day first
              4 "vip" is vip by "header", in 1 rows
              5 "stars" is stars by "header", in 4 rows
            6 rows: 0 accepted, 6 rejected
              line 2: bad_value "birthday" "31/2/1990": there is no such day; the column is read day first, such as 21/11/1985
              line 2: bad_value "vip" "אולי": כן or לא, yes or no, 1 or 0, v or x fits
              line 2: bad_value "stars" "7": a whole number from 1 to 5 fits
              line 3: bad_value "mail" "dana": a mail address such as dana@example.com fits
              line 3: bad_value "phone" "12": a phone number of IL, or one with + and its country, fits
              line 4: missing "" "": a contact needs an `id`, a `mail` or a `phone`
              line 5: bad_shape "" "x": 7 cells stand below 6 columns: put a text that has the separator in it into quotes
              line 6: bad_value "phone" "9.72502E+11": Excel has shortened the number; format the column as text, enter it again and save
              line 7: bad_value "mail" "not": a mail address such as dana@example.com fits
        "#]],
    );
    check(
        csv,
        json!({"on_bad_value": "skip_value"}),
        expect![[r#"
            "utf-8", separator ';', header true
              0 "id" is id by "header", in 4 rows
              1 "mail" is mail by "header", in 4 rows
              2 "phone" is phone by "header", in 3 rows
              3 "birthday" is birthday by "header", in 2 rows, day first: `31/2/1990` in line 2 can only be day first
              4 "vip" is vip by "header", in 1 rows
              5 "stars" is stars by "header", in 4 rows
            6 rows: 3 accepted, 3 rejected
              line 4: missing "" "": a contact needs an `id`, a `mail` or a `phone`
              line 5: bad_shape "" "x": 7 cells stand below 6 columns: put a text that has the separator in it into quotes
              line 7: bad_value "mail" "not": a mail address such as dana@example.com fits
            value_left_out, 6: these values don't fit and were left out; the rest of their rows was taken
              "birthday" "31/2/1990", 1 rows [2]: there is no such day; the column is read day first, such as 21/11/1985
              "vip" "אולי", 1 rows [2]: כן or לא, yes or no, 1 or 0, v or x fits
              "stars" "7", 1 rows [2]: a whole number from 1 to 5 fits
              "mail" "dana", 1 rows [3]: a mail address such as dana@example.com fits
              "phone" "12", 1 rows [3]: a phone number of IL, or one with + and its country, fits
              "phone" "9.72502E+11", 1 rows [6]: Excel has shortened the number; format the column as text, enter it again and save
            2: 1 dana@example.com mail="dana@example.com" +0
            3: 2 +0
            6: 4 stars=4 +0
        "#]],
    );
}

#[test]
fn the_mapping_is_corrected() {
    check(
        "name,0,tel,tel,when\n\
         Dana Cohen,7,03-6123456,050-2345678,02/01/1990\n",
        json!({
            "columns": {"0": "id", "2": null, "3": "phone", "when": "birthday"},
            "dates": "mdy",
        }),
        expect![[r#"
            "utf-8", separator ',', header true
              0 "name" is full_name by "header", in 1 rows
              1 "0" is id by "mapping", in 1 rows
              2 "tel" is nothing by null, in 1 rows
              3 "tel" is phone by "mapping", in 1 rows
              4 "when" is birthday by "mapping", in 1 rows, month first: as the mapping says
            1 rows: 1 accepted, 0 rejected
            unmapped_column, 1: nothing of these columns was taken; name their fields in the mapping, or add fields for them
              "tel" "", 1 rows []: 
            2: 7 +972502345678 birthday="1990-02-01" first_name="Dana" last_name="Cohen" phone="+972502345678" +0
        "#]],
    );
    for (columns, problem) in [
        (json!({"nobody": "id"}), "no column"),
        (json!({"name": "shoe"}), "no field"),
        (json!({"tel": "phone"}), "several columns"),
        (json!({"2": "phone", "3": "phone"}), "two columns"),
        (
            json!({"name": "full_name", "2": "first_name"}),
            "two columns",
        ),
        (json!({"0": "id", "1": "mail"}), "twice"),
    ] {
        let refused = import(b"name,0,tel,tel\na,b,c,d\n", json!({"columns": columns}));
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains(problem), "{columns}: {refused}");
    }
}

#[test]
fn columns_without_telling_names_are_told_by_their_values() {
    check(
        "a,b,c,d,ת.ז.\n\
         dana@example.com,050-2345678,21.3.1985,חיפה,0502345678\n\
         noa@example.com,+972523456789,1.5.1990,תל אביב,0502345679\n",
        json!({}),
        expect![[r#"
            "utf-8", separator ',', header true
              0 "a" is mail by "values", in 2 rows
              1 "b" is phone by "values", in 2 rows
              2 "c" is birthday by "values", in 2 rows, day first: `21.3.1985` in line 2 can only be day first
              3 "d" is nothing by null, in 2 rows
              4 "ת.ז." is nothing by null, in 2 rows
            2 rows: 2 accepted, 0 rejected
            unmapped_column, 2: nothing of these columns was taken; name their fields in the mapping, or add fields for them
              "d" "", 2 rows []: 
              "ת.ז." "", 2 rows []: 
            2: dana@example.com +972502345678 birthday="1985-03-21" mail="dana@example.com" phone="+972502345678" +0
            3: noa@example.com +972523456789 birthday="1990-05-01" mail="noa@example.com" phone="+972523456789" +0
        "#]],
    );
    check(
        "dana@example.com,0502345678\n",
        json!({}),
        expect![[r#"
            "utf-8", separator ',', header false
              0 "column 1" is mail by "values", in 1 rows
              1 "column 2" is phone by "values", in 1 rows
            1 rows: 1 accepted, 0 rejected
            1: dana@example.com +972502345678 mail="dana@example.com" phone="+972502345678" +0
        "#]],
    );
}

/// What the columns are, by their headers and one row.
fn fields_of(header: &str, row: &str) -> Vec<String> {
    let csv = format!("{header}\n{row}\n");
    let columns = import(csv.as_bytes(), json!({})).unwrap().report.columns;
    let fields = columns.into_iter().map(|column| column.field);
    fields.map(Option::unwrap_or_default).collect()
}

#[test]
fn headers_are_understood() {
    let row = "דנה כהן,050-2345678,03-6123456,x";
    for (header, fields) in [
        ("שם,נייד,טלפון,a", ["full_name", "phone", "", ""]),
        ("Name,Phone,Mobile,a", ["full_name", "", "phone", ""]),
        (
            "שם,טל' בבית,b,שם משפחה",
            ["first_name", "phone", "", "last_name"],
        ),
        (
            "Full Name,a,fax,First-Name",
            ["", "phone", "", "first_name"],
        ),
        (
            "FULL_NAME,ת.ז.,PHONE,Stars",
            ["full_name", "", "phone", "stars"],
        ),
        (
            "לקוח vip,תז,טלפון:,סך רכישות",
            ["vip", "", "phone", "spent"],
        ),
    ] {
        assert_eq!(fields_of(header, row), fields, "{header}");
    }
}

#[test]
fn moments_are_of_the_shop_s_zone_and_days_are_days() {
    check(
        "id,updated_at,created_at,renewal\n\
         1,2026-11-21T10:00:00Z,21/11/2026 14:30,1.2.30\n\
         2,21/11/2026,46347.5,\n\
         3,23/11/2026,,\n",
        json!({}),
        expect![[r#"
            "utf-8", separator ',', header true
              0 "id" is id by "header", in 3 rows
              1 "updated_at" is updated_at by "header", in 3 rows, day first: `21/11/2026` in line 3 can only be day first
              2 "created_at" is created_at by "header", in 2 rows, day first: `21/11/2026 14:30` in line 2 can only be day first
              3 "renewal" is renewal by "header", in 1 rows, day first: no value tells, so they are read day first
            3 rows: 2 accepted, 1 rejected
              line 4: too_far_ahead "updated_at" "23/11/2026": at most 5 minutes ahead fit
            date_order, 1: the days of these columns may be read wrongly; say `dates` in the mapping
              "renewal" "", 1 rows []: no value tells, so they are read day first
            2: 1 created_at=1795264200000 renewal="2030-02-01" +-86400000
            3: 2 created_at=1795255200000 +-129600000
        "#]],
    );
}

#[test]
fn a_quote_that_is_not_closed_is_found() {
    let mut csv = "id,city\n1,חיפה\n2,\"תל אביב\n".to_owned();
    for id in 3..100 {
        writeln!(csv, "{id},חיפה").unwrap();
    }
    let report = import(csv.as_bytes(), json!({})).unwrap().report;
    assert_eq!((report.accepted, report.rejected), (1, 1));
    let bad = &report.rejected_rows[0];
    assert_eq!((bad.line, bad.problems[0].code), (3, "bad_shape"));
}

#[test]
fn too_many_rows_are_refused() {
    let csv = "id\n".to_owned() + &"1\n".repeat(MOST_ROWS + 1);
    let refused = import(csv.as_bytes(), json!({})).unwrap_err();
    assert_eq!(refused, Refused::TooMany);
}

proptest! {
    #[test]
    fn every_row_is_accounted_for(bytes: Vec<u8>, skip: bool) {
        let options = json!({"on_bad_value": if skip { "skip_value" } else { "reject_row" }});
        if let Ok(import) = import(&bytes, options) {
            let report = import.report;
            prop_assert_eq!(report.rows, report.accepted + report.rejected);
            prop_assert_eq!(report.accepted, import.rows.len());
        }
    }

    #[test]
    fn no_table_panics(text in "(id|mail|birthday|vip|stars|size|spent|name|updated_at)(,(phone|gender|created_at))*\n(([0-9./:@a-zא-ת\"; -]{0,9},?){0,4}\n){0,9}") {
        if let Ok(import) = import(text.as_bytes(), json!({"on_bad_value": "skip_value"})) {
            prop_assert_eq!(import.report.rows, import.report.accepted + import.report.rejected);
        }
    }
}
