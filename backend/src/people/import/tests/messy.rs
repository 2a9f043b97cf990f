//! A file of ten thousand customers, as a till's Excel in Israel saves it.

use super::{import, told};
use encoding_rs::WINDOWS_1255;
use expect_test::expect;
use serde_json::json;
use std::fmt::Write as _;

const FIRST: [&str; 8] = [
    "דנה",
    "נועה",
    "משה",
    "יוסי",
    "מרים",
    "אבי",
    "שרה לאה",
    "תמר",
];
const LAST: [&str; 6] = ["כהן", "לוי", "בן דוד", "מזרחי", "פרץ", "אברג'יל"];
const CITIES: [&str; 5] = ["תל אביב", "גבעתיים", "ראשל\"צ", "חיפה ", " באר שבע"];

/// A customer, all made of their number.
fn customer(number: usize) -> String {
    let first = FIRST[number % FIRST.len()];
    let last = LAST[number / 3 % LAST.len()];
    let (day, month, year) = (number % 28 + 1, number % 12 + 1, 1950 + number % 55);
    let digits = 2_000_000 + number * 37;
    let (high, low) = (digits / 10_000, digits % 10_000);
    let phone = match number % 9 {
        0 => format!("050-{digits}"),
        1 => format!("050{digits}"),
        2 => format!("50{digits}"),
        3 => format!("+972-50-{digits}"),
        4 => format!("\u{200F}050 {high} {low:04}\u{200E} "),
        5 => format!("97250{digits}"),
        6 => format!("(050) {high}-{low:04}"),
        _ => String::new(),
    };
    let phone = match number % 997 {
        1 => "אין".to_owned(),
        2 => "9.72502E+11".to_owned(),
        3 => format!("050-{high}"),
        // A couple with one phone.
        5 => "050-9999999".to_owned(),
        _ => phone,
    };
    let mail = match number % 401 {
        1 => format!("customer{number}@gmail"),
        2 => "אין מייל".to_owned(),
        // Somebody else's.
        3 => format!("customer{}@example.com", number - 3),
        _ if number.is_multiple_of(5) => String::new(),
        _ => format!(" Customer{number}@Example.com "),
    };
    let birthday = match number % 7 {
        0 => String::new(),
        1 => format!("{day:02}.{month:02}.{:02}", year % 100),
        _ => format!("{day}/{month}/{year}"),
    };
    let birthday = match number % 1_999 {
        4 => "31/02/1980".to_owned(),
        6 => "12/31/1980".to_owned(),
        _ => birthday,
    };
    let id = match number % 50 {
        0 => String::new(),
        // The row above, once more.
        _ if number % 1_250 == 9 => (100_000 + number - 1).to_string(),
        _ => (100_000 + number).to_string(),
    };
    let gender = ["ז", "נ", "זכר", "נקבה", ""][number % 5];
    let consent = ["כן", "לא", "V", "", "כן "][number % 5];
    let joined = format!(
        "{day:02}/{month:02}/{} 09:{:02}",
        2015 + number % 11,
        number % 60
    );
    let spent = format!("\"{},{:03}.50\"", number % 9 + 1, number % 1000);
    let city = CITIES[number % CITIES.len()].replace('"', "\"\"");
    let note = match number % 300 {
        7 => "\"לקוחה ותיקה\r\nלהתקשר אחרי החג\"",
        8 => "מעדיפה וואטסאפ",
        _ => "",
    };
    format!(
        "{id},{first} {last},{phone},{mail},{birthday},{gender},{joined},{consent},{spent},\
         \"{city}\",{note}\r\n"
    )
}

fn file() -> Vec<u8> {
    let mut text = "מס' לקוח,שם לקוח,טל' נייד,מייל,ת. לידה,מין,תאריך הצטרפות,אישור דיוור,\
                    סך רכישות,עיר,הערות\r\n"
        .to_owned();
    for number in 1..=10_000 {
        write!(text, "{}", customer(number)).unwrap();
        if number.is_multiple_of(2_500) {
            text.push_str(",,,,,,,,,,\r\n");
        }
    }
    WINDOWS_1255.encode(&text).0.into_owned()
}

#[test]
fn ten_thousand_customers() {
    let import = import(&file(), json!({})).unwrap();
    expect![[r#"
        "windows-1255", separator ',', header true
          0 "מס' לקוח" is id by "header", in 9800 rows
          1 "שם לקוח" is full_name by "header", in 10000 rows
          2 "טל' נייד" is phone by "header", in 7787 rows
          3 "מייל" is mail by "header", in 8015 rows
          4 "ת. לידה" is birthday by "header", in 8573 rows, day first: 4999 values can only be day first; `12/31/1980` in line 7 can only be month first
          5 "מין" is gender by "header", in 8000 rows
          6 "תאריך הצטרפות" is created_at by "header", in 10000 rows, day first: `13/01/2016 09:12` in line 14 can only be day first
          7 "אישור דיוור" is consent_mail by "header", in 8000 rows
          8 "סך רכישות" is spent by "header", in 10000 rows
          9 "עיר" is city by "header", in 10000 rows
          10 "הערות" is nothing by null, in 68 rows
        10000 rows: 9899 accepted, 101 rejected
          line 2: bad_value "מייל" "customer1@gmail": a mail address such as dana@example.com fits
          line 3: bad_value "טל' נייד" "9.72502E+11": Excel has shortened the number; format the column as text, enter it again and save
          line 4: bad_value "טל' נייד" "050-200": a phone number of IL, or one with + and its country, fits
          line 5: bad_value "ת. לידה" "31/02/1980": there is no such day; the column is read day first, such as 21/11/1985
          line 7: bad_value "ת. לידה" "12/31/1980": there is no such day; the column is read day first, such as 21/11/1985
          line 252: missing "" "": a contact needs an `id`, a `mail` or a `phone`
          line 353: missing "" "": a contact needs an `id`, a `mail` or a `phone`
          line 405: bad_value "מייל" "customer402@gmail": a mail address such as dana@example.com fits
        unmapped_column, 1: nothing of these columns was taken; name their fields in the mapping, or add fields for them
          "הערות" "", 68 rows []: 
        repeated_contact, 8: several rows name the same contact; the lowest row counts where they differ, unless `updated_at` says otherwise
          "id" "100008", 2 rows [10, 11]: 
          "id" "101258", 2 rows [1264, 1265]: 
          "id" "102508", 2 rows [2519, 2520]: 
          "id" "103758", 2 rows [3773, 3774]: 
          "id" "105008", 2 rows [5028, 5029]: 
          "id" "106258", 2 rows [6282, 6283]: 
          "id" "107508", 2 rows [7538, 7539]: 
          "id" "108758", 2 rows [8792, 8793]: 
        shared_identifier, 21: contacts with different ids have the same mail address or phone number; find out whose it is, and correct the others
          "phone" "+972509999999", 11 rows [6, 1007, 2007, 3008, 4009, 5009, 6010, 7011, 8012, 9012]: 100005, 101002, 101999, 102996, 103993, 104990, 105987, 106984, 107981, 108978
          "mail" "customer401@example.com", 2 rows [404, 407]: 100401, 100404
          "mail" "customer802@example.com", 2 rows [806, 809]: 100802, 100805
          "mail" "customer1203@example.com", 2 rows [1208, 1211]: 101203, 101206
          "mail" "customer1604@example.com", 2 rows [1611, 1614]: 101604, 101607
          "mail" "customer2406@example.com", 2 rows [2415, 2419]: 102406, 102409
          "mail" "customer2807@example.com", 2 rows [2819, 2822]: 102807, 102810
          "mail" "customer3208@example.com", 2 rows [3221, 3224]: 103208, 103211
        empty_rows, 4: rows without anything in them were skipped
    "#]].assert_eq(&told(&import.report, 8));
}

#[test]
fn the_same_with_all_that_fits() {
    let import = import(&file(), json!({"on_bad_value": "skip_value"})).unwrap();
    expect![[r#"
        "windows-1255", separator ',', header true
          0 "מס' לקוח" is id by "header", in 9800 rows
          1 "שם לקוח" is full_name by "header", in 10000 rows
          2 "טל' נייד" is phone by "header", in 7787 rows
          3 "מייל" is mail by "header", in 8015 rows
          4 "ת. לידה" is birthday by "header", in 8573 rows, day first: 4999 values can only be day first; `12/31/1980` in line 7 can only be month first
          5 "מין" is gender by "header", in 8000 rows
          6 "תאריך הצטרפות" is created_at by "header", in 10000 rows, day first: `13/01/2016 09:12` in line 14 can only be day first
          7 "אישור דיוור" is consent_mail by "header", in 8000 rows
          8 "סך רכישות" is spent by "header", in 10000 rows
          9 "עיר" is city by "header", in 10000 rows
          10 "הערות" is nothing by null, in 68 rows
        10000 rows: 9955 accepted, 45 rejected
          line 252: missing "" "": a contact needs an `id`, a `mail` or a `phone`
          line 353: missing "" "": a contact needs an `id`, a `mail` or a `phone`
          line 704: missing "" "": a contact needs an `id`, a `mail` or a `phone`
          line 804: missing "" "": a contact needs an `id`, a `mail` or a `phone`
          line 1005: bad_value "טל' נייד" "050-203": a phone number of IL, or one with + and its country, fits
          line 1155: missing "" "": a contact needs an `id`, a `mail` or a `phone`
          line 1256: missing "" "": a contact needs an `id`, a `mail` or a `phone`
          line 1607: missing "" "": a contact needs an `id`, a `mail` or a `phone`
        value_left_out, 56: these values don't fit and were left out; the rest of their rows was taken
          "מייל" "customer1@gmail", 1 rows [2]: a mail address such as dana@example.com fits
          "טל' נייד" "9.72502E+11", 1 rows [3]: Excel has shortened the number; format the column as text, enter it again and save
          "טל' נייד" "050-200", 1 rows [4]: a phone number of IL, or one with + and its country, fits
          "ת. לידה" "31/02/1980", 1 rows [5]: there is no such day; the column is read day first, such as 21/11/1985
          "ת. לידה" "12/31/1980", 1 rows [7]: there is no such day; the column is read day first, such as 21/11/1985
          "מייל" "customer402@gmail", 1 rows [405]: a mail address such as dana@example.com fits
          "מייל" "customer803@gmail", 1 rows [807]: a mail address such as dana@example.com fits
          "טל' נייד" "9.72502E+11", 1 rows [1004]: Excel has shortened the number; format the column as text, enter it again and save
        unmapped_column, 1: nothing of these columns was taken; name their fields in the mapping, or add fields for them
          "הערות" "", 68 rows []: 
        repeated_contact, 8: several rows name the same contact; the lowest row counts where they differ, unless `updated_at` says otherwise
          "id" "100008", 2 rows [10, 11]: 
          "id" "101258", 2 rows [1264, 1265]: 
          "id" "102508", 2 rows [2519, 2520]: 
          "id" "103758", 2 rows [3773, 3774]: 
          "id" "105008", 2 rows [5028, 5029]: 
          "id" "106258", 2 rows [6282, 6283]: 
          "id" "107508", 2 rows [7538, 7539]: 
          "id" "108758", 2 rows [8792, 8793]: 
        shared_identifier, 21: contacts with different ids have the same mail address or phone number; find out whose it is, and correct the others
          "phone" "+972509999999", 11 rows [6, 1007, 2007, 3008, 4009, 5009, 6010, 7011, 8012, 9012]: 100005, 101002, 101999, 102996, 103993, 104990, 105987, 106984, 107981, 108978
          "mail" "customer401@example.com", 2 rows [404, 407]: 100401, 100404
          "mail" "customer802@example.com", 2 rows [806, 809]: 100802, 100805
          "mail" "customer1203@example.com", 2 rows [1208, 1211]: 101203, 101206
          "mail" "customer1604@example.com", 2 rows [1611, 1614]: 101604, 101607
          "mail" "customer2406@example.com", 2 rows [2415, 2419]: 102406, 102409
          "mail" "customer2807@example.com", 2 rows [2819, 2822]: 102807, 102810
          "mail" "customer3208@example.com", 2 rows [3221, 3224]: 103208, 103211
        empty_rows, 4: rows without anything in them were skipped
    "#]].assert_eq(&told(&import.report, 8));
}
