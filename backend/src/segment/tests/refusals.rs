//! What is refused: where, by which code, in which words.

use super::engine::{self, settings};
use crate::segment::words::Word as _;
use crate::segment::{Definition, Question, parse, resolve};
use expect_test::{Expect, expect};
use jiff::civil::Weekday;
use serde_json::{Value, json};

/// The first refusal, or the word `accepted`.
fn answer(definition: &Value) -> String {
    let settings = settings("Asia/Jerusalem", Weekday::Sunday);
    let question = Question {
        site: "shop",
        settings: &settings,
        known: &engine::KNOWN,
        as_of_ms: 1_795_255_200_000,
    };
    match parse(definition).and_then(|node| resolve(&node, &question)) {
        Ok(_) => "accepted".to_owned(),
        Err(invalid) => {
            format!(
                "{} {}: {}",
                invalid.pointer,
                invalid.code.as_str(),
                invalid.message
            )
        }
    }
}

fn check(definitions: &[Value], expected: Expect) {
    let answers: Vec<String> = definitions.iter().map(answer).collect();
    expected.assert_eq(&format!("{}\n", answers.join("\n")));
}

/// A leaf with these keys besides its kind.
fn leaf(keys: Value) -> Value {
    let mut leaf = json!({"kind": "event", "event": "page_view"});
    for (key, value) in keys.as_object().unwrap() {
        leaf[key] = value.clone();
    }
    leaf
}

fn filter(field: &str, op: &str, value: Value) -> Value {
    leaf(json!({"where": [{"field": field, "op": op, "value": value}]}))
}

fn window(window: Value) -> Value {
    leaf(json!({"window": window}))
}

#[test]
fn nodes() {
    check(
        &[
            json!(null),
            json!([]),
            json!({}),
            json!({"and": []}),
            json!({"all": []}),
            json!({"all": {}}),
            json!({"all": [leaf(json!({}))], "not": leaf(json!({}))}),
            json!({"all": [leaf(json!({})), {"any": [{"not": 3}]}]}),
            json!({"kind": "event", "all": []}),
        ],
        expect![[r#"
             wrong_type: a node is an object, not null
             wrong_type: a node is an object, not a list
             missing_key: a node without `kind` needs `all`, `any` or `not`
            /and unknown_key: a node without `kind` has no key `and`; it may have `all`, `any` or `not`
            /all empty_list: this list of nodes is empty
            /all wrong_type: a list of nodes stands here, not an object
            /not unknown_key: a node without `kind` has one key; `all` stands beside `not`
            /all/1/any/0/not wrong_type: a node is an object, not a number
            /all unknown_key: an event leaf has no key `all`; it may have `kind`, `event`, `where`, `measure`, `per`, `compare` or `window`
        "#]],
    );
}

#[test]
fn limits() {
    let nested = |times| (1..times).fold(leaf(json!({})), |node, _| json!({"not": node}));
    let wide = |nodes: usize| json!({"any": vec![leaf(json!({})); nodes - 1]});
    check(
        &[nested(16), nested(17), wide(200), wide(201)],
        expect![[r#"
        accepted
        /not/not/not/not/not/not/not/not/not/not/not/not/not/not/not/not too_deep: this node is 17 deep; 16 is the most
        accepted
        /any/199 too_many_nodes: a definition has at most 200 nodes; this is one more
    "#]],
    );
}

#[test]
fn leaves() {
    check(
        &[
            json!({"kind": "event"}),
            json!({"kind": "page"}),
            json!({"kind": 1}),
            json!({"kind": "order"}),
            json!({"all": [{"kind": "sequence", "steps": []}]}),
            leaf(json!({"latest": true})),
            leaf(json!({"a/b~c": true})),
            leaf(json!({"event": "pageview"})),
            leaf(json!({"event": ["any"]})),
            leaf(json!({"event": []})),
            leaf(json!({"event": null})),
            leaf(json!({"per": "visit"})),
        ],
        expect![[r#"
             missing_key: an event leaf needs `event`
            /kind unknown_word: `page` is no kind of leaf; `event`, `order`, `message`, `last`, `cart`, `contact`, `group`, `segment` or `sequence` would fit
            /kind wrong_type: kind of leaf is text, not a number
            accepted
            /all/0/steps empty_list: this list of steps is empty
            /latest unknown_key: an event leaf has no key `latest`; it may have `kind`, `event`, `where`, `measure`, `per`, `compare` or `window`
            /a~1b~0c unknown_key: an event leaf has no key `a/b~c`; it may have `kind`, `event`, `where`, `measure`, `per`, `compare` or `window`
            /event unknown_word: `pageview` is no event type; `page_view`, `dwell`, `click`, `search`, `filter`, `share`, `file_download`, `form_start`, `form_submit`, `view_item_list`, `view_item`, `add_to_cart`, `remove_from_cart`, `view_cart`, `begin_checkout`, `purchase`, `refund` or `custom` would fit
            /event/0 unknown_word: `any` is no event type; `page_view`, `dwell`, `click`, `search`, `filter`, `share`, `file_download`, `form_start`, `form_submit`, `view_item_list`, `view_item`, `add_to_cart`, `remove_from_cart`, `view_cart`, `begin_checkout`, `purchase`, `refund` or `custom` would fit
            /event empty_list: this list of event types is empty
            /event wrong_type: event type is text, not null
            /per unknown_word: `visit` is no grouping; `session` or `product` would fit
        "#]],
    );
}

#[test]
fn filters() {
    check(
        &[
            leaf(json!({"where": []})),
            leaf(json!({"where": {"field": "host"}})),
            leaf(json!({"where": [{"op": "eq", "value": "x"}]})),
            leaf(
                json!({"where": [{"field": "host", "op": "exists"}, {"field": "host", "op": "eq"}]}),
            ),
            filter("hostname", "eq", json!("x")),
            filter("props.", "eq", json!("x")),
            filter("props.a.:`Int64`", "eq", json!("x")),
            filter("items.", "eq", json!("x")),
            filter("click_path", "eq", json!("x")),
            filter("host", "is", json!("x")),
            filter("host", "gt", json!("x")),
            filter("host", "matches_path", json!("x")),
            filter("host", "exists", json!("x")),
            filter("host", "contains", json!("")),
            filter("path", "matches_path", json!("")),
            filter("host", "eq", json!(3)),
            filter("host", "eq", json!(["x"])),
            filter("host", "eq", json!({})),
            filter("host", "in", json!("x")),
            filter("host", "in", json!([])),
            filter("host", "in", json!(["x", 3])),
            filter("host", "in", json!(["x", null])),
            filter("props.size", "eq", json!(42)),
            filter("dwell_ms", "eq", json!("3")),
            filter("dwell_ms", "contains", json!("3")),
            filter("dwell_ms", "between", json!([3, 2])),
            filter("dwell_ms", "between", json!([3])),
            filter("dwell_ms", "between", json!(3)),
            filter("items.price_cents", "in", json!([3, true])),
            filter("device", "in", json!(["Mobile", "phone"])),
            filter("channel", "eq", json!("e-mail")),
            filter("channel", "contains", json!("ai")),
        ],
        expect![[r#"
            /where empty_list: this list of filters is empty
            /where wrong_type: a list of filters stands here, not an object
            /where/0 missing_key: a filter needs `field`
            /where/1 missing_key: the operator `eq` needs `value`
            /where/0/field unknown_word: events have no field `hostname`; their own begin with `props.`
            /where/0/field unknown_word: events have no field `props.`; their own begin with `props.`
            /where/0/field unknown_word: events have no field `props.a.:`Int64``; their own begin with `props.`
            /where/0/field unknown_word: events have no field `items.`; their own begin with `props.`
            /where/0/field unknown_word: events have no field `click_path`; their own begin with `props.`
            /where/0/op unknown_word: `is` is no operator; `eq`, `ne`, `in`, `not_in`, `contains`, `starts_with`, `exists`, `matches_path`, `gt`, `gte`, `lt`, `lte`, `between`, `in_window` or `anniversary_in` would fit
            /where/0/op does_not_fit: `gt` does not fit `host`; `eq`, `ne`, `in`, `not_in`, `contains`, `starts_with` or `exists` would
            /where/0/op does_not_fit: `matches_path` does not fit `host`; `eq`, `ne`, `in`, `not_in`, `contains`, `starts_with` or `exists` would
            /where/0/value does_not_fit: `exists` takes no value; its opposite is `not`
            /where/0/value empty_text: every text would fit this operator's empty one
            /where/0/value empty_text: every text would fit this operator's empty one
            /where/0/value wrong_type: this field is text, and so is what it is tested for
            /where/0/value wrong_type: this operator takes one value
            /where/0/value wrong_type: text, a number, true or false stands here, not an object
            /where/0/value wrong_type: this operator takes a list
            /where/0/value empty_list: this list of values is empty
            /where/0/value/1 wrong_type: this field is text, and so is what it is tested for
            /where/0/value/1 wrong_type: text, a number, true or false stands here, not null
            /where/0/value wrong_type: this field is text, and so is what it is tested for
            /where/0/value wrong_type: this field is a number, as is what it is tested for
            /where/0/op does_not_fit: `contains` does not fit `dwell_ms`; `eq`, `ne`, `in`, `not_in`, `gt`, `gte`, `lt`, `lte`, `between` or `exists` would
            /where/0/value reversed: the lesser bound stands first
            /where/0/value wrong_type: `between` takes two numbers
            /where/0/value wrong_type: this operator takes a list
            /where/0/value/1 wrong_type: this field is a number, as is what it is tested for
            /where/0/value/1 unknown_word: this is none of its values; `mobile`, `tablet`, `desktop` or `other` would fit
            /where/0/value unknown_word: this is none of its values; `direct`, `organic`, `paid`, `social`, `mail`, `sms`, `whatsapp`, `push` or `referral` would fit
            accepted
        "#]],
    );
}

#[test]
fn measures_and_comparisons() {
    check(
        &[
            leaf(json!({"measure": "sessions"})),
            leaf(json!({"measure": {}})),
            leaf(json!({"measure": {"median": "dwell_ms"}})),
            leaf(json!({"measure": {"sum": "dwell_ms", "avg": "dwell_ms"}})),
            leaf(json!({"measure": {"sum": 3}})),
            leaf(json!({"measure": {"sum": "title"}})),
            leaf(json!({"measure": {"max": "props.size"}})),
            leaf(json!({"measure": {"distinct": "nothing"}})),
            leaf(json!({"event": "any", "measure": {"distinct": "dwell_ms"}})),
            leaf(json!({"measure": {"sum": "dwell_ms"}})),
            leaf(json!({"compare": 3})),
            leaf(json!({"compare": {}})),
            leaf(json!({"compare": {"ne": 3}})),
            leaf(json!({"compare": {"gte": "3"}})),
            leaf(json!({"compare": {"gte": 1, "lte": 3}})),
            leaf(json!({"compare": {"between": [3, 2]}})),
            leaf(json!({"compare": {"between": [1, 2, 3]}})),
            leaf(json!({"compare": {"between": [1, "2"]}})),
        ],
        expect![[r#"
            /measure unknown_word: `sessions` is no measure; `count`, `visits` or `days` would fit
            /measure missing_key: a measure of a field needs `sum`, `avg`, `min`, `max` or `distinct`
            /measure/median unknown_key: a measure of a field has no key `median`; it may have `sum`, `avg`, `min`, `max` or `distinct`
            /measure/avg unknown_key: a measure of a field has one key; `sum` stands beside `avg`
            /measure/sum wrong_type: a field's name is text, not a number
            /measure/sum does_not_fit: `sum` takes a number or money, not text
            /measure/max does_not_fit: `max` takes a number or money, not text
            /measure/distinct unknown_word: events have no field `nothing`; their own begin with `props.`
            /measure/distinct does_not_fit: `any` leaves `dwell` out, which alone has it: ask `dwell`
            accepted
            /compare wrong_type: a comparison is an object, not a number
            /compare missing_key: a comparison needs `gte`, `gt`, `lte`, `lt`, `eq` or `between`
            /compare/ne unknown_key: a comparison has no key `ne`; it may have `gte`, `gt`, `lte`, `lt`, `eq` or `between`
            /compare/gte wrong_type: what is compared with is a number, not text
            /compare/lte unknown_key: a comparison has one key; `gte` stands beside `lte`
            /compare/between reversed: the lesser bound stands first
            /compare/between wrong_type: two numbers stand here; found 3
            /compare/between/1 wrong_type: a bound is a number, not text
        "#]],
    );
}

#[test]
fn windows() {
    let day = |n| json!({"n": n, "unit": "day"});
    check(
        &[
            window(json!("always")),
            window(json!(7)),
            window(json!({})),
            window(json!({"past": day(7)})),
            window(json!({"last": day(7), "since": {}})),
            window(json!({"last": day(0)})),
            window(json!({"last": day(1827)})),
            window(json!({"last": {"n": 61, "unit": "month"}})),
            window(json!({"last": {"n": 2_629_441, "unit": "minute"}})),
            window(json!({"last": {"n": 1.5, "unit": "day"}})),
            window(json!({"last": {"n": "7", "unit": "day"}})),
            window(json!({"last": {"n": 7, "unit": "days"}})),
            window(json!({"last": {"n": 7}})),
            window(json!({"last": {"n": 7, "unit": "day", "of": 1}})),
            window(json!({"between": ["2026-02-01"]})),
            window(json!({"between": ["2026-02-29", "2026-03-01"]})),
            window(json!({"between": ["2026-2-1", "2026-03-01"]})),
            window(json!({"between": ["2026-03-01T00:00", "2026-03-01"]})),
            window(json!({"between": ["2026-03-02", "2026-03-01"]})),
            window(json!({"between_ago": [day(7), day(6)]})),
            window(json!({"between_ago": [{"n": 1, "unit": "month"}, day(30)]})),
            window(json!({"between_ago": [{"n": 1, "unit": "month"}, day(31)]})),
            window(json!({"next": day(7)})),
            window(json!({"calendar": "tomorrow"})),
            window(json!({"calendar": "easter"})),
            window(json!({"calendar": "today", "years_ago": 101})),
            window(json!({"calendar": "today", "years_ago": -1})),
            window(json!({"years_ago": 1})),
            window(json!({"since": {"kind": "event", "event": "click", "window": "ever"}})),
            window(json!({"since": {"kind": "order"}})),
            window(json!({"since": {"kind": "message", "event": "sent"}})),
            window(json!({"since": {"kind": "event", "event": "clack"}})),
            window(json!({"since": filter("host", "gt", json!("x"))})),
        ],
        expect![[r#"
            /window unknown_word: `always` is no window; `ever` or an object would fit
            /window wrong_type: a window, where it is not `ever`, is an object, not a number
            /window missing_key: a window needs `last`, `between`, `between_ago`, `since`, `calendar` or `next`
            /window/past unknown_key: a window has no key `past`; it may have `last`, `between`, `between_ago`, `since`, `calendar` or `next`
            /window/since unknown_key: a window has one key; `last` stands beside `since`
            /window/last/n out_of_range: a duration in `day` is a whole number from 1 to 1826, not 0
            /window/last/n out_of_range: a duration in `day` is a whole number from 1 to 1826, not 1827
            /window/last/n out_of_range: a duration in `month` is a whole number from 1 to 60, not 61
            /window/last/n out_of_range: a duration in `minute` is a whole number from 1 to 2629440, not 2629441
            /window/last/n wrong_type: a duration in `day` is a whole number from 1 to 1826, not 1.5
            /window/last/n wrong_type: a duration in `day` is a number, not text
            /window/last/unit unknown_word: `days` is no unit; `minute`, `hour`, `day`, `week`, `month` or `year` would fit
            /window/last missing_key: a duration needs `unit`
            /window/last/of unknown_key: a duration has no key `of`; it may have `n` or `unit`
            /window/between wrong_type: two dates stand here; found 1
            /window/between/0 bad_date: `2026-02-29` is no date; one as `2026-11-21` would fit
            /window/between/0 bad_date: `2026-2-1` is no date; one as `2026-11-21` would fit
            /window/between/0 bad_date: `2026-03-01T00:00` is no date; one as `2026-11-21` would fit
            /window/between reversed: the earlier date stands first
            /window/between_ago reversed: the nearer duration stands first
            /window/between_ago reversed: the nearer duration stands first
            accepted
            /window/next does_not_fit: `next` fits dates of contacts only
            /window/calendar does_not_fit: `tomorrow` fits dates of contacts only; `today`, `yesterday`, `this_week`, `last_week`, `this_month`, `last_month`, `this_quarter`, `last_quarter`, `this_year` or `last_year` would fit
            /window/calendar unknown_word: `easter` is no period; `today`, `yesterday`, `this_week`, `last_week`, `this_month`, `last_month`, `this_quarter`, `last_quarter`, `this_year` or `last_year` would fit
            /window/years_ago out_of_range: years_ago is a whole number from 0 to 100, not 101
            /window/years_ago out_of_range: years_ago is a whole number from 0 to 100, not -1
            /window/years_ago unknown_key: a window has no key `years_ago`; it may have `last`, `between`, `between_ago`, `since`, `calendar` or `next`
            /window/since/window unknown_key: a leaf without measure and window has no key `window`; it may have `kind`, `event` or `where`
            accepted
            /window/since/kind does_not_fit: `message` does not fit here; `event` or `order` would
            /window/since/event unknown_word: `clack` is no event type; `page_view`, `dwell`, `click`, `search`, `filter`, `share`, `file_download`, `form_start`, `form_submit`, `view_item_list`, `view_item`, `add_to_cart`, `remove_from_cart`, `view_cart`, `begin_checkout`, `purchase`, `refund` or `custom` would fit
            /window/since/where/0/op does_not_fit: `gt` does not fit `host`; `eq`, `ne`, `in`, `not_in`, `contains`, `starts_with` or `exists` would
        "#]],
    );
}

#[test]
fn keys_that_stand_twice() {
    let check = |text: &str, expected: Expect| {
        let definition: Definition = serde_json::from_str(text).unwrap();
        let answer = definition
            .json()
            .map_or_else(|invalid| invalid.to_string(), Value::to_string);
        expected.assert_eq(&answer);
    };
    check(
        r#"{"all":[{"kind":"event","event":"click","n":[1,-1,1.5,null,true]}]}"#,
        expect![[r#"{"all":[{"event":"click","kind":"event","n":[1,-1,1.5,null,true]}]}"#]],
    );
    check(
        r#"{"all":[{"kind":"event"},{"kind":"event","a/b":1,"a/b":2,"kind":"x"}]}"#,
        expect!["/all/1/a~1b: this key stands here twice"],
    );
    check(
        r#"{"all":[],"\u0061ll":[]}"#,
        expect!["/all: this key stands here twice"],
    );
}
