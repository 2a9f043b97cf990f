//! Fields of contacts.

use super::{check, duration, not};
use expect_test::expect;
use serde_json::{Value, json};

#[test]
fn contacts() {
    let in_window = |field: &str, op: &str| json!({"kind": "contact", "field": field, "op": op, "window": {"next": duration(2, "week")}});
    let definitions = [
        contact("gender", "eq", json!("female")),
        contact("gender", "ne", json!("male")),
        contact("city", "in", json!(["Haifa", "Acre"])),
        contact("country", "ne", json!("IL")),
        contact("city", "contains", json!("Tel")),
        contact("mail", "starts_with", json!("a")),
        contact("source", "not_in", json!(["a", "b"])),
        contact("birthday", "lt", json!("2000-01-31")),
        contact("birthday", "between", json!(["1990-01-01", "1999-12-31"])),
        contact("created_at", "gte", json!("2026-01-01")),
        contact("anniversary", "gt", json!("2020-02-29")),
        contact("created_at", "lte", json!("2026-01-01")),
        contact("birthday", "eq", json!("2000-01-31")),
        contact("consent_mail", "eq", json!(true)),
        contact("consent_sms", "eq", json!(false)),
        contact("consent_whatsapp", "ne", json!(true)),
        contact("color", "eq", json!("red")),
        contact("color", "in", json!(["red", "blue"])),
        contact("color", "contains", json!("red")),
        contact("stars", "gte", json!(4)),
        contact("stars", "between", json!([2, 3])),
        contact("points", "in", json!([1000, 2000])),
        contact("vip", "eq", json!(true)),
        contact("vip", "ne", json!(false)),
        contact("renewal", "gt", json!("2026-03-31")),
        json!({"kind": "contact", "field": "phone", "op": "exists"}),
        json!({"kind": "contact", "field": "key", "op": "exists"}),
        json!({"kind": "contact", "field": "color", "op": "exists"}),
        in_window("birthday", "in_window"),
        in_window("anniversary", "in_window"),
        in_window("created_at", "in_window"),
        in_window("renewal", "in_window"),
        in_window("anniversary", "anniversary_in"),
        in_window("created_at", "anniversary_in"),
        in_window("renewal", "anniversary_in"),
        json!({"kind": "contact", "field": "birthday", "op": "in_window"}),
    ];
    let negated = definitions.iter().step_by(3).cloned().map(not);
    let all: Vec<Value> = definitions.iter().cloned().chain(negated).collect();
    check(
        &all,
        &expect![[r#"
        People whose gender is female.
        אנשים שהמגדר שלהם אישה.
        People whose gender is not male.
        אנשים שהמגדר שלהם אינו גבר.
        People who live in the city “Haifa” or “Acre”.
        אנשים שעיר המגורים שלהם היא ”Haifa” או ”Acre”.
        People who do not live in the country “IL”.
        אנשים שארץ המגורים שלהם אינה ”IL”.
        People whose city contains “Tel”.
        אנשים שעיר המגורים שלהם מכילה ”Tel”.
        People whose mail address begins with “a”.
        אנשים שכתובת המייל שלהם מתחילה ב־”a”.
        People whose sign-up source is none of “a”, “b”.
        אנשים שמקור ההצטרפות שלהם אינו אחד מאלה: ”a”, ”b”.
        People whose date of birth is before 2000-01-31.
        אנשים שתאריך הלידה שלהם הוא לפני 31.1.2000.
        People whose date of birth is from 1990-01-01 to 1999-12-31.
        אנשים שתאריך הלידה שלהם הוא מ־1.1.1990 עד 31.12.1999.
        People whose sign-up date is on or after 2026-01-01.
        אנשים שתאריך ההצטרפות שלהם הוא מ־1.1.2026 ואילך.
        People whose wedding date is after 2020-02-29.
        אנשים שתאריך הנישואין שלהם הוא אחרי 29.2.2020.
        People whose sign-up date is on or before 2026-01-01.
        אנשים שתאריך ההצטרפות שלהם הוא 1.1.2026 או קודם.
        People whose date of birth is 2000-01-31.
        אנשים שתאריך הלידה שלהם הוא 31.1.2000.
        People who agreed to mails.
        אנשים שאישרו דיוור במייל.
        People who refused SMS.
        אנשים שסירבו לדיוור ב־SMS.
        People who did not agree to WhatsApp messages.
        אנשים שלא אישרו דיוור בוואטסאפ.
        People whose “צבע אהוב” is “אדום”.
        אנשים שהשדה ”צבע אהוב” שלהם הוא ”אדום”.
        People whose “צבע אהוב” is “אדום” or “blue”.
        אנשים שהשדה ”צבע אהוב” שלהם הוא ”אדום” או ”blue”.
        People whose “צבע אהוב” contains “red”.
        אנשים שהשדה ”צבע אהוב” שלהם מכיל ”red”.
        People whose “stars” is at least 4.
        אנשים שהשדה ”stars” שלהם הוא לפחות 4.
        People whose “stars” is between 2 and 3.
        אנשים שהשדה ”stars” שלהם הוא בין 2 ל־3.
        People whose “points” is 1,000 or 2,000.
        אנשים שהשדה ”points” שלהם הוא 1,000 או 2,000.
        People whose “vip” is yes.
        אנשים שבשדה ”vip” שלהם מופיע ”כן”.
        People whose “vip” is not no.
        אנשים שבשדה ”vip” שלהם לא מופיע ”לא”.
        People whose “renewal” is after 2026-03-31.
        אנשים שהשדה ”renewal” שלהם הוא אחרי 31.3.2026.
        People whose phone is known.
        אנשים שמספר הטלפון שלהם ידוע.
        People who are known contacts.
        אנשים שהם אנשי קשר מוכרים.
        People whose “צבע אהוב” is known.
        אנשים שהשדה ”צבע אהוב” שלהם ידוע.
        People whose date of birth falls in the coming 2 weeks.
        אנשים שתאריך הלידה שלהם חל בשבועיים הקרובים.
        People whose wedding date falls in the coming 2 weeks.
        אנשים שתאריך הנישואין שלהם חל בשבועיים הקרובים.
        People who signed up in the coming 2 weeks.
        אנשים שהצטרפו בשבועיים הקרובים.
        People whose “renewal” falls in the coming 2 weeks.
        אנשים שהתאריך בשדה ”renewal” שלהם חל בשבועיים הקרובים.
        People whose wedding anniversary falls in the coming 2 weeks.
        אנשים שיום הנישואין שלהם חל בשבועיים הקרובים.
        People for whom the anniversary of the sign-up date falls in the coming 2 weeks.
        אנשים שיום השנה להצטרפות שלהם חל בשבועיים הקרובים.
        People for whom the anniversary of “renewal” falls in the coming 2 weeks.
        אנשים שיום השנה לתאריך בשדה ”renewal” שלהם חל בשבועיים הקרובים.
        People whose date of birth is known.
        אנשים שתאריך הלידה שלהם ידוע.
        People whose gender is not female.
        אנשים שהמגדר שלהם אינו אישה.
        People who live in the country “IL”.
        אנשים שארץ המגורים שלהם היא ”IL”.
        People whose sign-up source is “a” or “b”.
        אנשים שמקור ההצטרפות שלהם הוא ”a” או ”b”.
        People whose sign-up date is not on or after 2026-01-01.
        אנשים שתאריך ההצטרפות שלהם אינו מ־1.1.2026 ואילך.
        People whose date of birth is not 2000-01-31.
        אנשים שתאריך הלידה שלהם אינו 31.1.2000.
        People who agreed to WhatsApp messages.
        אנשים שאישרו דיוור בוואטסאפ.
        People whose “צבע אהוב” does not contain “red”.
        אנשים שהשדה ”צבע אהוב” שלהם אינו מכיל ”red”.
        People whose “points” is none of 1,000, 2,000.
        אנשים שהשדה ”points” שלהם אינו אחד מאלה: 1,000, 2,000.
        People whose “renewal” is not after 2026-03-31.
        אנשים שהשדה ”renewal” שלהם אינו אחרי 31.3.2026.
        People whose “צבע אהוב” is not known.
        אנשים שהשדה ”צבע אהוב” שלהם אינו ידוע.
        People who did not sign up in the coming 2 weeks.
        אנשים שלא הצטרפו בשבועיים הקרובים.
        People for whom the anniversary of the sign-up date does not fall in the coming 2 weeks.
        אנשים שיום השנה להצטרפות שלהם לא חל בשבועיים הקרובים.
    "#]],
    );
}

fn contact(field: &str, op: &str, value: Value) -> Value {
    json!({"kind": "contact", "field": field, "op": op, "value": value})
}
