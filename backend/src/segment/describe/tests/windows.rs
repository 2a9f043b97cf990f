//! When: windows of every kind.

use super::{buy, check, duration};
use expect_test::expect;
use serde_json::json;

#[test]
fn windows() {
    let units = ["minute", "hour", "day", "week", "month", "year"];
    let stretches = units
        .iter()
        .flat_map(|unit| [1, 2, 3].map(|n| json!({"last": duration(n, unit)})));
    let others = [
        json!("ever"),
        json!({"between": ["2026-03-01", "2026-03-31"]}),
        json!({"between": ["2026-03-01", "2026-03-01"]}),
        json!({"between_ago": [duration(25, "day"), duration(35, "day")]}),
        json!({"between_ago": [duration(1, "month"), duration(2, "month")]}),
        json!({"between_ago": [duration(2, "week"), duration(3, "month")]}),
        json!({"between_ago": [duration(2, "month"), duration(5, "year")]}),
        json!({"since": {"kind": "event", "event": "view_item"}}),
        json!({"since": {"kind": "order", "where": [{"field": "store", "op": "eq", "value": "Haifa"}]}}),
    ];
    let windows = stretches.chain(others);
    check(
        &windows
            .map(|window| buy(&json!({"window": window})))
            .collect::<Vec<_>>(),
        &expect![[r#"
            People who bought in the last minute.
            אנשים שקנו בדקה האחרונה.
            People who bought in the last 2 minutes.
            אנשים שקנו ב־2 הדקות האחרונות.
            People who bought in the last 3 minutes.
            אנשים שקנו ב־3 הדקות האחרונות.
            People who bought in the last hour.
            אנשים שקנו בשעה האחרונה.
            People who bought in the last 2 hours.
            אנשים שקנו בשעתיים האחרונות.
            People who bought in the last 3 hours.
            אנשים שקנו ב־3 השעות האחרונות.
            People who bought in the last day.
            אנשים שקנו ביממה האחרונה.
            People who bought in the last 2 days.
            אנשים שקנו ביומיים האחרונים.
            People who bought in the last 3 days.
            אנשים שקנו ב־3 הימים האחרונים.
            People who bought in the last week.
            אנשים שקנו בשבוע האחרון.
            People who bought in the last 2 weeks.
            אנשים שקנו בשבועיים האחרונים.
            People who bought in the last 3 weeks.
            אנשים שקנו ב־3 השבועות האחרונים.
            People who bought in the last month.
            אנשים שקנו בחודש האחרון.
            People who bought in the last 2 months.
            אנשים שקנו בחודשיים האחרונים.
            People who bought in the last 3 months.
            אנשים שקנו ב־3 החודשים האחרונים.
            People who bought in the last year.
            אנשים שקנו בשנה האחרונה.
            People who bought in the last 2 years.
            אנשים שקנו בשנתיים האחרונות.
            People who bought in the last 3 years.
            אנשים שקנו ב־3 השנים האחרונות.
            People who bought.
            אנשים שקנו.
            People who bought from 2026-03-01 to 2026-03-31.
            אנשים שקנו מ־1.3.2026 עד 31.3.2026.
            People who bought on 2026-03-01.
            אנשים שקנו ב־1.3.2026.
            People who bought between 25 and 35 days ago.
            אנשים שקנו לפני 25 עד 35 ימים.
            People who bought between 1 and 2 months ago.
            אנשים שקנו לפני חודש עד חודשיים.
            People who bought between 2 weeks and 3 months ago.
            אנשים שקנו לפני שבועיים עד 3 חודשים.
            People who bought more than 2 months ago (up to 5 years back).
            אנשים שקנו לפני יותר מחודשיים (ועד 5 שנים לאחור).
            People who bought since they last viewed a product.
            אנשים שקנו מאז הפעם האחרונה שצפו במוצר.
            People who bought since they last bought (the store is “Haifa”).
            אנשים שקנו מאז הפעם האחרונה שקנו (החנות היא ”Haifa”).
        "#]],
    );
}

#[test]
fn periods() {
    let periods = [
        "today",
        "yesterday",
        "this_week",
        "last_week",
        "this_month",
        "last_month",
        "this_quarter",
        "last_quarter",
        "this_year",
        "last_year",
        "tomorrow",
        "next_week",
        "next_month",
        "next_year",
    ];
    let windows = periods.iter().map(|period| json!({"calendar": period}));
    let years = [
        ("today", 1),
        ("this_week", 1),
        ("this_month", 2),
        ("last_year", 3),
    ];
    let years_ago = years.map(|(period, n)| json!({"calendar": period, "years_ago": n}));
    let next = [
        json!({"next": duration(1, "week")}),
        json!({"next": duration(7, "day")}),
    ];
    let dates = windows.chain(years_ago).chain(next).map(|window| {
        json!({"kind": "contact", "field": "birthday", "op": "anniversary_in", "window": window})
    });
    check(
        &dates.collect::<Vec<_>>(),
        &expect![[r#"
            People whose birthday falls today.
            אנשים שיום ההולדת שלהם חל היום.
            People whose birthday falls yesterday.
            אנשים שיום ההולדת שלהם חל אתמול.
            People whose birthday falls this week.
            אנשים שיום ההולדת שלהם חל השבוע.
            People whose birthday falls last calendar week.
            אנשים שיום ההולדת שלהם חל בשבוע שעבר.
            People whose birthday falls this month.
            אנשים שיום ההולדת שלהם חל החודש.
            People whose birthday falls last calendar month.
            אנשים שיום ההולדת שלהם חל בחודש שעבר.
            People whose birthday falls this quarter.
            אנשים שיום ההולדת שלהם חל ברבעון הזה.
            People whose birthday falls last calendar quarter.
            אנשים שיום ההולדת שלהם חל ברבעון הקודם.
            People whose birthday falls this year.
            אנשים שיום ההולדת שלהם חל השנה.
            People whose birthday falls last calendar year.
            אנשים שיום ההולדת שלהם חל בשנה שעברה.
            People whose birthday falls tomorrow.
            אנשים שיום ההולדת שלהם חל מחר.
            People whose birthday falls next calendar week.
            אנשים שיום ההולדת שלהם חל בשבוע הבא.
            People whose birthday falls next calendar month.
            אנשים שיום ההולדת שלהם חל בחודש הבא.
            People whose birthday falls next calendar year.
            אנשים שיום ההולדת שלהם חל בשנה הבאה.
            People whose birthday falls on this day 1 year ago.
            אנשים שיום ההולדת שלהם חל היום לפני שנה.
            People whose birthday falls this week 1 year ago.
            אנשים שיום ההולדת שלהם חל השבוע לפני שנה.
            People whose birthday falls this month 2 years ago.
            אנשים שיום ההולדת שלהם חל החודש לפני שנתיים.
            People whose birthday falls last calendar year, counted from 3 years ago.
            אנשים שיום ההולדת שלהם חל בשנה שעברה, בספירה מלפני 3 שנים.
            People whose birthday falls in the coming week.
            אנשים שיום ההולדת שלהם חל בשבוע הקרוב.
            People whose birthday falls in the coming 7 days.
            אנשים שיום ההולדת שלהם חל ב־7 הימים הקרובים.
        "#]],
    );
}
