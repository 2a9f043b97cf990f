//! How much: comparisons, measures, groups.

use super::{buy, check, event, not};
use expect_test::expect;
use serde_json::{Value, json};

#[test]
fn comparisons() {
    let compares = [
        json!({"gte": 1}),
        json!({"gte": 2}),
        json!({"gte": 1000}),
        json!({"gt": 0}),
        json!({"gt": 1}),
        json!({"gt": 2}),
        json!({"lte": 0}),
        json!({"lte": 2}),
        json!({"lt": 1}),
        json!({"lt": 2}),
        json!({"lt": 5}),
        json!({"eq": 0}),
        json!({"eq": 1}),
        json!({"eq": 2.5}),
        json!({"between": [0, 2]}),
        json!({"between": [3, 5]}),
    ];
    let bought = compares
        .iter()
        .map(|compare| buy(&json!({"compare": compare})));
    let negated = bought.clone().skip(1).step_by(2).map(not);
    check(
        &bought.chain(negated).collect::<Vec<_>>(),
        &expect![[r#"
            People who bought.
            אנשים שקנו.
            People who bought at least twice.
            אנשים שקנו לפחות פעמיים.
            People who bought at least 1,000 times.
            אנשים שקנו לפחות 1,000 פעמים.
            People who bought.
            אנשים שקנו.
            People who bought more than once.
            אנשים שקנו יותר מפעם אחת.
            People who bought more than twice.
            אנשים שקנו יותר מפעמיים.
            People who never bought.
            אנשים שמעולם לא קנו.
            People who bought at most twice (or not at all).
            אנשים שקנו לכל היותר פעמיים (או בכלל לא).
            People who never bought.
            אנשים שמעולם לא קנו.
            People who bought less than twice (or not at all).
            אנשים שקנו פחות מפעמיים (או בכלל לא).
            People who bought fewer than 5 times (or not at all).
            אנשים שקנו פחות מ־5 פעמים (או בכלל לא).
            People who never bought.
            אנשים שמעולם לא קנו.
            People who bought exactly once.
            אנשים שקנו בדיוק פעם אחת.
            People who bought exactly 2.5 times.
            אנשים שקנו בדיוק 2.5 פעמים.
            People who bought between 0 and 2 times.
            אנשים שקנו בין 0 ל־2 פעמים.
            People who bought between 3 and 5 times.
            אנשים שקנו בין 3 ל־5 פעמים.
            People who bought less than twice (or not at all).
            אנשים שקנו פחות מפעמיים (או בכלל לא).
            People who never bought.
            אנשים שמעולם לא קנו.
            People who bought at most twice (or not at all).
            אנשים שקנו לכל היותר פעמיים (או בכלל לא).
            People who bought more than twice.
            אנשים שקנו יותר מפעמיים.
            People who bought at least twice.
            אנשים שקנו לפחות פעמיים.
            People who bought.
            אנשים שקנו.
            People who did not buy exactly 2.5 times.
            אנשים שלא קנו בדיוק 2.5 פעמים.
            People who did not buy between 3 and 5 times.
            אנשים שלא קנו בין 3 ל־5 פעמים.
        "#]],
    );
}

#[test]
fn measures() {
    let of = |measure: Value, compare: Value| json!({"measure": measure, "compare": compare});
    let mut definitions = vec![
        event("any", &of(json!("visits"), json!({"gte": 3}))),
        event("any", &of(json!("visits"), json!({"lt": 3}))),
        event("any", &of(json!("count"), json!({"gte": 15}))),
        event("any", &of(json!("days"), json!({"gte": 2}))),
        event("any", &of(json!({"distinct": "device"}), json!({"gte": 2}))),
        event(
            "any",
            &of(json!({"distinct": "props.size"}), json!({"eq": 1})),
        ),
        event(
            "dwell",
            &of(json!({"max": "scroll_percent"}), json!({"gte": 90})),
        ),
        event(
            "dwell",
            &of(json!({"sum": "dwell_ms"}), json!({"lt": 61_001})),
        ),
        buy(&of(json!({"sum": "value_cents"}), json!({"gt": 100_000}))),
        buy(&of(
            json!({"sum": "value_cents"}),
            json!({"between": [0, 5050]}),
        )),
        buy(&of(json!({"avg": "value_cents"}), json!({"gte": 10_005}))),
        buy(&of(json!({"min": "items.quantity"}), json!({"gte": 2}))),
        buy(&of(json!({"sum": "returns"}), json!({"gte": 2}))),
        buy(&of(json!({"distinct": "items.category"}), json!({"lt": 3}))),
    ];
    for compare in ["gte", "gt", "lt"] {
        for n in [2, 3] {
            definitions.push(event("search", &of(json!("visits"), json!({compare: n}))));
            definitions.push(event("search", &of(json!("days"), json!({compare: n}))));
        }
    }
    definitions.push(event(
        "search",
        &of(json!("visits"), json!({"between": [2, 3]})),
    ));
    definitions.push(not(buy(&of(
        json!({"avg": "value_cents"}),
        json!({"gte": 10_000}),
    ))));
    definitions.push(not(buy(&of(
        json!({"sum": "value_cents"}),
        json!({"gte": 10_000}),
    ))));
    check(
        &definitions,
        &expect![[r#"
            People who visited the site at least 3 times.
            אנשים שביקרו באתר לפחות 3 פעמים.
            People who visited the site fewer than 3 times (or not at all).
            אנשים שביקרו באתר פחות מ־3 פעמים (או בכלל לא).
            People who did something on the site at least 15 times.
            אנשים שביצעו פעולה באתר לפחות 15 פעמים.
            People who visited the site on at least 2 different days.
            אנשים שביקרו באתר ביומיים שונים לפחות.
            People who visited the site with at least 2 different kinds of device.
            אנשים שביקרו באתר עם לפחות 2 סוגי מכשירים שונים.
            People who visited the site with exactly 1 value of the property “size”.
            אנשים שביקרו באתר עם בדיוק ערך אחד של המאפיין ”size”.
            People who spent time on a page with a maximum scroll depth of at least 90%.
            אנשים ששהו בדף (עומק הגלילה הגבוה ביותר: לפחות 90%).
            People who spent less than 1 minute and 1 second and 1 millisecond on the site (or not at all).
            אנשים ששהו באתר פחות מדקה אחת ושנייה אחת ואלפית שנייה (או בכלל לא).
            People who bought for more than ₪1,000 in total.
            אנשים שקנו בסכום כולל של יותר מ־₪1,000.
            People who bought for between ₪0 and ₪50.50 in total.
            אנשים שקנו בסכום כולל של בין ₪0 ל־₪50.50.
            People who bought with an average order value of at least ₪100.05.
            אנשים שקנו (סכום ההזמנה בממוצע: לפחות ₪100.05).
            People who bought with a minimum quantity of at least 2.
            אנשים שקנו (הכמות הנמוכה ביותר: לפחות 2).
            People who returned goods at least twice.
            אנשים שהחזירו מוצרים לפחות פעמיים.
            People who bought with fewer than 3 different categories (or not at all).
            אנשים שקנו עם פחות מ־3 קטגוריות שונות (או בכלל לא).
            People who searched the site in at least 2 visits.
            אנשים שחיפשו באתר ב־2 ביקורים לפחות.
            People who searched the site on at least 2 different days.
            אנשים שחיפשו באתר ביומיים שונים לפחות.
            People who searched the site in at least 3 visits.
            אנשים שחיפשו באתר ב־3 ביקורים לפחות.
            People who searched the site on at least 3 different days.
            אנשים שחיפשו באתר ב־3 ימים שונים לפחות.
            People who searched the site in more than 2 visits.
            אנשים שחיפשו באתר ביותר מ־2 ביקורים.
            People who searched the site on more than 2 different days.
            אנשים שחיפשו באתר ביותר מיומיים שונים.
            People who searched the site in more than 3 visits.
            אנשים שחיפשו באתר ביותר מ־3 ביקורים.
            People who searched the site on more than 3 different days.
            אנשים שחיפשו באתר ביותר מ־3 ימים שונים.
            People who searched the site in fewer than 2 visits (or not at all).
            אנשים שחיפשו באתר בפחות מ־2 ביקורים (או בכלל לא).
            People who searched the site on fewer than 2 different days (or not at all).
            אנשים שחיפשו באתר בפחות מיומיים שונים (או בכלל לא).
            People who searched the site in fewer than 3 visits (or not at all).
            אנשים שחיפשו באתר בפחות מ־3 ביקורים (או בכלל לא).
            People who searched the site on fewer than 3 different days (or not at all).
            אנשים שחיפשו באתר בפחות מ־3 ימים שונים (או בכלל לא).
            People who searched the site in 2 to 3 visits.
            אנשים שחיפשו באתר ב־2 עד 3 ביקורים.
            People who did not buy with an average order value of at least ₪100.
            אנשים שלא קנו (סכום ההזמנה בממוצע: לפחות ₪100).
            People who bought for less than ₪100 in total (or not at all).
            אנשים שקנו בסכום כולל של פחות מ־₪100 (או בכלל לא).
        "#]],
    );
}

#[test]
fn groups_of_facts() {
    check(
        &[
            event(
                "view_item",
                &json!({"per": "product", "compare": {"gte": 3}}),
            ),
            event("click", &json!({"per": "session"})),
            not(event(
                "click",
                &json!({"per": "session", "compare": {"gte": 10}}),
            )),
            json!({"kind": "event", "event": ["click", "share"], "compare": {"gte": 3},
                "where": [{"field": "host", "op": "eq", "value": "a.example"}]}),
            not(json!({"kind": "event", "event": ["click", "share"]})),
        ],
        &expect![[r#"
            People who viewed a product at least 3 times (the same product each time).
            אנשים שצפו במוצר לפחות 3 פעמים (אותו מוצר בכל פעם).
            People who clicked on the site at least once (all in the same visit).
            אנשים שלחצו על משהו באתר לפחות פעם אחת (הכול באותו ביקור).
            People who did not click on the site at least 10 times (all in the same visit).
            אנשים שלא לחצו על משהו באתר לפחות 10 פעמים (הכול באותו ביקור).
            People who (clicked on the site or shared a page) (the site's host is “a.example”) at least 3 times.
            אנשים ש(לחצו על משהו באתר או שיתפו דף) (שם המתחם הוא ”a.example”) לפחות 3 פעמים.
            People who never (clicked on the site or shared a page).
            אנשים שמעולם לא (לחצו על משהו באתר או שיתפו דף).
        "#]],
    );
}
