use super::*;
use expect_test::{Expect, expect};
use serde_json::json;

const NOW_MS: i64 = 1_790_000_000_000;

/// What a message becomes, without what it doesn't say.
fn check(sender: Sender, message: Value, expected: Expect) {
    let message: Message = serde_json::from_value(message).unwrap();
    let given = serde_json::to_value(message.given(sender, NOW_MS)).unwrap();
    let mut told = String::new();
    for (name, value) in given.as_object().unwrap() {
        let nothing = [
            json!(""),
            json!(null),
            json!(false),
            json!(0),
            json!([]),
            json!({}),
        ];
        if !nothing.contains(value) {
            told += &format!("{name} {value}\n");
        }
    }
    expected.assert_eq(&told);
}

#[test]
fn a_page_is_a_view() {
    let message = json!({
        "type": "page", "messageId": "m1", "anonymousId": "a1", "name": "Sale",
        "originalTimestamp": "2026-09-21T13:40:00.000Z", "sentAt": "2026-09-21T13:40:05.000Z",
        "context": {
            "page": {
                "url": "https://shop.example/sale/dan@example.com?utm_source=fb&gclid=x#top",
                "title": "מבצע", "referrer": "https://www.google.com/search?q=x",
            },
            "userAgent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148",
            "locale": "he-IL", "timezone": "Asia/Jerusalem", "ip": "1.2.3.4",
        },
    });
    check(
        Sender::Browser,
        message,
        expect![[r#"
        anonymous_id "a1"
        click_id_kind "gclid"
        device "mobile"
        host "shop.example"
        id "m1"
        language "he-IL"
        path "/sale/[mail]"
        referrer_host "www.google.com"
        time_zone "Asia/Jerusalem"
        title "מבצע"
        ts 1789999995000
        type "page_view"
        utm_source "fb"
    "#]],
    );
}

#[test]
fn an_order_is_a_purchase_with_its_items() {
    let message = json!({
        "type": "track", "event": "Order Completed", "messageId": "m2", "userId": 1042,
        "timestamp": "2026-09-21T13:40:00Z",
        "properties": {
            "order_id": "o-7", "total": 129.9, "currency": "ils", "coupon": "FALL",
            "products": [
                { "product_id": "p1", "name": "קערה", "price": 64.95, "quantity": 2, "category": "בית" },
            ],
        },
    });
    check(
        Sender::Server,
        message,
        expect![[r#"
        contact "1042"
        coupon "FALL"
        currency "ILS"
        id "m2"
        items [{"brand":"","category":"בית","id":"p1","name":"קערה","price_cents":6495,"quantity":2}]
        order_id "o-7"
        ts 1789998000000
        type "purchase"
        value_cents 12990
    "#]],
    );
}

#[test]
fn an_identify_of_a_browser_is_a_claim_and_of_a_server_a_proof() {
    let message = json!({
        "type": "identify", "messageId": "m3", "userId": "1042",
        "traits": { "email": "noa@example.com" },
    });
    check(
        Sender::Browser,
        message.clone(),
        expect![[r#"
        anonymous_id "claimed:1042"
        claimed_id "1042"
        claimed_mail "noa@example.com"
        id "m3"
        ts 1790000000000
        type "identify"
    "#]],
    );
    check(
        Sender::Server,
        message,
        expect![[r#"
        claimed_mail "noa@example.com"
        contact "1042"
        id "m3"
        ts 1790000000000
        type "identify"
    "#]],
    );
}

#[test]
fn what_is_the_shops_own_keeps_its_name_and_plain_properties() {
    let message = json!({
        "type": "track", "event": "Coffee Brewed", "messageId": "m4", "anonymousId": "a",
        "properties": { "strength": 3, "milk": true, "note": "call 054-1234567", "deep": { "x": 1 } },
    });
    check(
        Sender::Browser,
        message,
        expect![[r#"
        anonymous_id "a"
        id "m4"
        name "Coffee Brewed"
        props {"milk":true,"note":"call [phone]","strength":3}
        ts 1790000000000
        type "custom"
    "#]],
    );
}

#[test]
fn names_of_segment_and_ga4_are_known() {
    for (name, expected) in [
        ("Product Added", Some("add_to_cart")),
        ("product_added", Some("add_to_cart")),
        ("add_to_cart", Some("add_to_cart")),
        ("Products Searched", Some("search")),
        ("purchase", Some("purchase")),
        ("Coffee Brewed", None),
        ("", None),
    ] {
        assert_eq!(names::of(name), expected, "{name}");
    }
}
