//! What people did on the site, and bought: each event, each field.

use super::{buy, check, duration, event, filter, not};
use expect_test::expect;
use serde_json::{Value, json};

#[test]
fn events() {
    check(
        &each_event(),
        &expect![[r#"
            People who viewed a page.
            אנשים שצפו בדף.
            People who spent time on a page.
            אנשים ששהו בדף.
            People who clicked on the site.
            אנשים שלחצו על משהו באתר.
            People who searched the site.
            אנשים שחיפשו באתר.
            People who changed a filter on the site.
            אנשים ששינו סינון באתר.
            People who shared a page.
            אנשים ששיתפו דף.
            People who downloaded a file.
            אנשים שהורידו קובץ.
            People who began a form.
            אנשים שהתחילו למלא טופס.
            People who sent a form.
            אנשים ששלחו טופס.
            People who viewed a list of products.
            אנשים שצפו ברשימת מוצרים.
            People who viewed a product.
            אנשים שצפו במוצר.
            People who put a product in the cart.
            אנשים שהוסיפו מוצר לעגלה.
            People who took a product out of the cart.
            אנשים שהוציאו מוצר מהעגלה.
            People who looked into the cart.
            אנשים שצפו בעגלה.
            People who went to the checkout.
            אנשים שהגיעו לקופה.
            People who bought on the site.
            אנשים שביצעו רכישה באתר.
            People who got a refund on the site.
            אנשים שקיבלו החזר כספי באתר.
            People who did an action of the site's own.
            אנשים שביצעו פעולה מותאמת של האתר.
            People who visited the site.
            אנשים שביקרו באתר.
            People who did not view a page in the last day.
            אנשים שלא צפו בדף ביממה האחרונה.
            People who did not search the site in the last day.
            אנשים שלא חיפשו באתר ביממה האחרונה.
            People who did not take a product out of the cart in the last day.
            אנשים שלא הוציאו מוצר מהעגלה ביממה האחרונה.
            People who did not go to the checkout in the last day.
            אנשים שלא הגיעו לקופה ביממה האחרונה.
            People who did not visit the site in the last day.
            אנשים שלא ביקרו באתר ביממה האחרונה.
        "#]],
    );
}

fn each_event() -> Vec<Value> {
    let events = [
        "page_view",
        "dwell",
        "click",
        "search",
        "filter",
        "share",
        "file_download",
        "form_start",
        "form_submit",
        "view_item_list",
        "view_item",
        "add_to_cart",
        "remove_from_cart",
        "view_cart",
        "begin_checkout",
        "purchase",
        "refund",
        "custom",
        "any",
    ];
    let nothing = json!({});
    let did = events.iter().map(|name| event(name, &nothing));
    let lately = json!({"window": {"last": duration(1, "day")}});
    let some = [
        "page_view",
        "search",
        "remove_from_cart",
        "begin_checkout",
        "any",
    ];
    let did_not = some.iter().map(|name| not(event(name, &lately)));
    did.chain(did_not).collect()
}

#[test]
fn what_events_are_about() {
    check(
        &[
            event(
                "page_view",
                &filter("category", "in", json!(["A", "B", "C"])),
            ),
            event("page_view", &filter("product", "eq", json!("P"))),
            event(
                "dwell",
                &json!({"where": [{"field": "category", "op": "eq", "value": "A"}],
                "measure": {"sum": "dwell_ms"}, "compare": {"gte": 5_400_000}}),
            ),
            event("search", &filter("search_term", "eq", json!("שמלה"))),
            event("custom", &filter("name", "eq", json!("size_guide"))),
            event("add_to_cart", &filter("items.id", "eq", json!("P"))),
            event("view_item", &filter("items.category", "eq", json!("A"))),
            event("purchase", &filter("coupon", "eq", json!("SALE"))),
            buy(
                &json!({"where": [{"field": "channel", "op": "eq", "value": "store"},
                {"field": "items.id", "op": "eq", "value": "P"},
                {"field": "items.category", "op": "eq", "value": "A"},
                {"field": "coupons", "op": "in", "value": ["X", "Y"]},
                {"field": "store", "op": "eq", "value": "Haifa"}]}),
            ),
            event("any", &filter("channel", "eq", json!("Paid"))),
            not(event(
                "any",
                &filter("channel", "in", json!(["mail", "sms"])),
            )),
        ],
        &expect![[r#"
            People who viewed a page of category “A”, “B” or “C”.
            אנשים שצפו בדף מהקטגוריה ”A”, ”B” או ”C”.
            People who viewed a page of the product “P”.
            אנשים שצפו בדף של המוצר ”P”.
            People who spent at least 1 hour and 30 minutes on a page of category “A”.
            אנשים ששהו בדף מהקטגוריה ”A” לפחות שעה אחת ו־30 דקות.
            People who searched the site for “שמלה”.
            אנשים שחיפשו באתר את ”שמלה”.
            People who did the action “size_guide”.
            אנשים שביצעו את הפעולה ”size_guide”.
            People who put the product “P” in the cart.
            אנשים שהוסיפו את המוצר ”P” לעגלה.
            People who viewed a product of category “A”.
            אנשים שצפו במוצר מהקטגוריה ”A”.
            People who bought on the site with the coupon “SALE”.
            אנשים שביצעו רכישה באתר עם הקופון ”SALE”.
            People who bought the product “P” of category “A” in the store with the coupon “X” or “Y” (the store is “Haifa”).
            אנשים שקנו את המוצר ”P” מהקטגוריה ”A” בחנות עם הקופון ”X” או ”Y” (החנות היא ”Haifa”).
            People who visited the site from a paid ad.
            אנשים שהגיעו לאתר מפרסום ממומן.
            People who never visited the site from a mail or an SMS.
            אנשים שמעולם לא הגיעו לאתר ממייל או SMS.
        "#]],
    );
}

#[test]
fn filters() {
    let of_page =
        |field: &str, op: &str, value: Value| event("page_view", &filter(field, op, value));
    check(
        &[
            of_page("title", "eq", json!("A")),
            of_page("title", "ne", json!("A")),
            of_page("category", "ne", json!("A")),
            of_page("title", "not_in", json!(["A", "B"])),
            of_page("title", "contains", json!("A")),
            of_page("title", "starts_with", json!("A")),
            of_page("path", "matches_path", json!("/shoes/**")),
            of_page("props.size", "eq", json!("42")),
            of_page("device", "in", json!(["mobile", "tablet"])),
            of_page("scroll_percent", "gte", json!(75)),
            of_page("value_cents", "between", json!([1050, 100_000])),
            of_page("dwell_ms", "gt", json!(1500)),
            of_page("no_such", "eq", json!("A")),
            event(
                "page_view",
                &json!({"where": [{"field": "cta", "op": "exists"}]}),
            ),
            event(
                "page_view",
                &json!({"where": [{"field": "os", "op": "eq", "value": "iOS"},
                {"field": "browser", "op": "ne", "value": "Safari"}, {"field": "city", "op": "exists"}]}),
            ),
            buy(&filter("items.name", "ne", json!("A"))),
            buy(&filter("items.price_cents", "lt", json!(-1))),
            buy(&filter("returns", "lte", json!(1.5))),
            buy(&filter("channel", "ne", json!("store"))),
        ],
        &expect![[r#"
            People who viewed a page (the title is “A”).
            אנשים שצפו בדף (כותרת הדף היא ”A”).
            People who viewed a page (the title is not “A”).
            אנשים שצפו בדף (כותרת הדף אינה ”A”).
            People who viewed a page (the page category is not “A”).
            אנשים שצפו בדף (קטגוריית הדף אינה ”A”).
            People who viewed a page (the title is none of “A”, “B”).
            אנשים שצפו בדף (כותרת הדף אינה אחת מאלה: ”A”, ”B”).
            People who viewed a page (the title contains “A”).
            אנשים שצפו בדף (כותרת הדף מכילה ”A”).
            People who viewed a page (the title begins with “A”).
            אנשים שצפו בדף (כותרת הדף מתחילה ב־”A”).
            People who viewed a page (the path matches “/shoes/**”).
            אנשים שצפו בדף (נתיב הדף מתאים לתבנית ”/shoes/**”).
            People who viewed a page (the property “size” is “42”).
            אנשים שצפו בדף (המאפיין ”size” הוא ”42”).
            People who viewed a page (the device is a phone or a tablet).
            אנשים שצפו בדף (המכשיר הוא טלפון נייד או טאבלט).
            People who viewed a page (the scroll depth is at least 75%).
            אנשים שצפו בדף (עומק הגלילה הוא לפחות 75%).
            People who viewed a page (the value is between ₪10.50 and ₪1,000).
            אנשים שצפו בדף (הסכום הוא בין ₪10.50 ל־₪1,000).
            People who viewed a page (the time spent is more than 1 second and 500 milliseconds).
            אנשים שצפו בדף (זמן השהייה הוא יותר משנייה אחת ו־500 אלפיות שנייה).
            People who viewed a page (the field “no_such” is “A”).
            אנשים שצפו בדף (השדה ”no_such” הוא ”A”).
            People who viewed a page (the call to action is given).
            אנשים שצפו בדף (הקריאה לפעולה צוינה).
            People who viewed a page (the operating system is “iOS”, the browser is not “Safari”, and the visit's city is given).
            אנשים שצפו בדף (מערכת ההפעלה היא ”iOS”, והדפדפן אינו ”Safari”, ועיר הביקור צוינה).
            People who bought (there is no product of which the product name is “A”).
            אנשים שקנו (אין מוצר שבו שם המוצר הוא ”A”).
            People who bought (the product price is less than -₪0.01).
            אנשים שקנו (מחיר המוצר הוא פחות מ־-₪0.01).
            People who bought (the number of returns is at most 1.5).
            אנשים שקנו (מספר ההחזרות הוא לכל היותר 1.5).
            People who bought (the place of the purchase is not the store).
            אנשים שקנו (מקום הקנייה אינו החנות).
        "#]],
    );
}
