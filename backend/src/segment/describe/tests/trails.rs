//! Carts and sequences.

use super::{check, duration, filter, merged, not};
use expect_test::expect;
use serde_json::{Value, json};

#[test]
fn carts() {
    let cart = |rest: &Value| merged(json!({"kind": "cart", "state": "abandoned"}), rest);
    check(
        &[
            cart(&json!({})),
            cart(&json!({"idle": duration(2, "hour"), "window": {"last": duration(1, "week")}})),
            cart(&filter("items.category", "eq", json!("A"))),
            cart(&filter("items.quantity", "gte", json!(2))),
            not(cart(&json!({}))),
        ],
        &expect![[r#"
            People who left something in the cart.
            אנשים שהשאירו מוצר בעגלה.
            People who left something in the cart (untouched for at least 2 hours) in the last week.
            אנשים שהשאירו מוצר בעגלה (ללא שינוי במשך שעתיים לפחות) בשבוע האחרון.
            People who left a product of category “A” in the cart.
            אנשים שהשאירו מוצר מהקטגוריה ”A” בעגלה.
            People who left something in the cart (the quantity is at least 2).
            אנשים שהשאירו מוצר בעגלה (הכמות היא לפחות 2).
            People who did not leave anything in the cart.
            אנשים שלא השאירו מוצר בעגלה.
        "#]],
    );
}

#[test]
fn sequences() {
    let sequence = json!({"kind": "sequence", "window": {"last": duration(1, "month")}, "steps": [
        {"of": {"kind": "event", "event": "view_item"}},
        {"of": {"kind": "event", "event": "search"}, "absent": true, "differs": ["session"]},
        {"of": {"kind": "event", "event": "add_to_cart"}, "within": duration(1, "day"), "same": ["product", "session"]},
        {"of": {"kind": "order"}, "absent": true, "within": duration(3, "day"), "differs": ["product"]},
    ]});
    let single = json!({"kind": "sequence", "window": {"last": duration(2, "day")},
        "steps": [{"of": {"kind": "order"}}]});
    check(
        &[sequence.clone(), not(sequence), single],
        &expect![[r#"
            People who viewed a product, then did not search the site (in another visit), then within 1 day put a product in the cart (in the same visit, the same product), then within 3 days did not buy (another product), all in the last month.
            אנשים שצפו במוצר, ואז לא חיפשו באתר (בביקור אחר), ואז בתוך יום אחד הוסיפו מוצר לעגלה (באותו ביקור, אותו מוצר), ואז בתוך 3 ימים לא קנו (מוצר אחר), והכול בחודש האחרון.
            People who did not go through this: (viewed a product, then did not search the site (in another visit), then within 1 day put a product in the cart (in the same visit, the same product), then within 3 days did not buy (another product), all in the last month).
            אנשים שלא עברו את הרצף הזה: (צפו במוצר, ואז לא חיפשו באתר (בביקור אחר), ואז בתוך יום אחד הוסיפו מוצר לעגלה (באותו ביקור, אותו מוצר), ואז בתוך 3 ימים לא קנו (מוצר אחר), והכול בחודש האחרון).
            People who bought in the last 2 days.
            אנשים שקנו ביומיים האחרונים.
        "#]],
    );
}
