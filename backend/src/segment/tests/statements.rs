//! The SQL of each kind of leaf, and that no value becomes part of it.

use super::engine;
use super::event::Event;
use crate::segment::fields::{Column, ItemField};
use crate::segment::words::Word as _;
use crate::segment::{Question, Statement, count, members, parse};
use expect_test::{Expect, expect};
use jiff::civil::Weekday;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

const AS_OF_MS: i64 = 1_795_255_200_000;

fn statement(definition: &Value) -> Statement {
    let settings = engine::settings("Asia/Jerusalem", Weekday::Sunday);
    let question = Question {
        site: "shop",
        settings: &settings,
        as_of_ms: AS_OF_MS,
    };
    members(&parse(definition).unwrap(), &question, None, 100).unwrap()
}

fn check(definition: &Value, expected: Expect) {
    let statement = statement(definition);
    let params = statement
        .params
        .iter()
        .map(|(name, value)| format!("-- {name}: {value:?}\n"));
    expected.assert_eq(&format!(
        "{}\n{}",
        statement.text,
        params.collect::<String>()
    ));
}

#[test]
fn count_of_one_type_in_a_window() {
    check(
        &json!({
            "kind": "event", "event": "view_item", "compare": {"gte": 3},
            "where": [{"field": "category", "op": "eq", "value": "נעליים"}],
            "window": {"last": {"n": 7, "unit": "day"}},
        }),
        expect![[r#"
            SELECT visitor_id FROM (
              SELECT visitor_id,
                countIf(type IN {p2:Array(String)} AND if(isValidASCII(category), lower(category), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(category)))) = normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p3:String}))) AND ts >= fromUnixTimestamp64Milli({p1:Int64}) AND ts < fromUnixTimestamp64Milli({p0:Int64})) AS m0
              FROM events
              WHERE site = {p4:String} AND NOT bot AND NOT machine AND NOT staff AND type IN {p2:Array(String)} AND (ts >= fromUnixTimestamp64Milli({p1:Int64}) AND ts < fromUnixTimestamp64Milli({p0:Int64}))
              GROUP BY visitor_id
            )
            WHERE ifNull(m0 >= {p5:Int64}, false)
            ORDER BY visitor_id
            LIMIT {p6:UInt64}
            -- p0: Int(1795255200000)
            -- p1: Int(1794650400000)
            -- p2: Texts(["view_item"])
            -- p3: Text("נעליים")
            -- p4: Text("shop")
            -- p5: Int(3)
            -- p6: Id(100)
        "#]],
    );
}

#[test]
fn the_negative_reads_everyone() {
    check(
        &json!({"not": {"kind": "event", "event": ["purchase", "refund"]}}),
        expect![[r#"
            SELECT visitor_id FROM (
              SELECT visitor_id,
                countIf(type IN {p1:Array(String)} AND ts < fromUnixTimestamp64Milli({p0:Int64})) AS m0
              FROM events
              WHERE site = {p2:String} AND NOT bot AND NOT machine AND NOT staff AND ts < fromUnixTimestamp64Milli({p0:Int64})
              GROUP BY visitor_id
            )
            WHERE NOT ifNull(m0 >= {p3:Int64}, false)
            ORDER BY visitor_id
            LIMIT {p4:UInt64}
            -- p0: Int(1795255200000)
            -- p1: Texts(["purchase", "refund"])
            -- p2: Text("shop")
            -- p3: Int(1)
            -- p4: Id(100)
        "#]],
    );
}

#[test]
fn equal_leaves_are_one_and_windows_are_pruned_to() {
    let visits = |compare: Value, n: i64| {
        json!({
            "kind": "event", "event": "any", "measure": "visits", "compare": compare,
            "window": {"last": {"n": n, "unit": "day"}},
        })
    };
    check(
        &json!({"all": [
            visits(json!({"gte": 2}), 30), {"any": [visits(json!({"lt": 5}), 30), visits(json!({"eq": 1.5}), 7)]},
        ]}),
        expect![[r#"
            SELECT visitor_id FROM (
              SELECT visitor_id,
                countIf(is_session_start AND ts >= fromUnixTimestamp64Milli({p1:Int64}) AND ts < fromUnixTimestamp64Milli({p0:Int64})) AS m0,
                countIf(is_session_start AND ts >= fromUnixTimestamp64Milli({p2:Int64}) AND ts < fromUnixTimestamp64Milli({p0:Int64})) AS m1
              FROM events
              WHERE site = {p3:String} AND NOT bot AND NOT machine AND NOT staff AND (ts >= fromUnixTimestamp64Milli({p1:Int64}) AND ts < fromUnixTimestamp64Milli({p0:Int64}))
              GROUP BY visitor_id
            )
            WHERE (ifNull(m0 >= {p4:Int64}, false) AND (ifNull(m0 < {p5:Int64}, false) OR ifNull(m1 = {p6:Float64}, false)))
            ORDER BY visitor_id
            LIMIT {p7:UInt64}
            -- p0: Int(1795255200000)
            -- p1: Int(1792659600000)
            -- p2: Int(1794650400000)
            -- p3: Text("shop")
            -- p4: Int(2)
            -- p5: Int(5)
            -- p6: Float(1.5)
            -- p7: Id(100)
        "#]],
    );
}

#[test]
fn days_dwell_and_averages() {
    let dwell = |measure: Value| {
        json!({
            "kind": "event", "event": "dwell", "measure": measure,
            "where": [{"field": "path", "op": "matches_path", "value": "/shoes/**"}],
        })
    };
    check(
        &json!({"any": [
            dwell(json!("days")), dwell(json!({"sum": "dwell_ms"})), dwell(json!({"avg": "scroll_percent"})),
        ]}),
        expect![[r#"
            SELECT visitor_id FROM (
              SELECT visitor_id,
                uniqExactIf(toDate(ts, {p0:String}), type IN {p2:Array(String)} AND match(if(isValidASCII(path), lower(path), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(path)))), concat('\\A', regexpQuoteMeta(normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p3:String})))), '[\\s\\S]*', '\\z')) AND ts < fromUnixTimestamp64Milli({p1:Int64})) AS m0,
                sumIf(toInt128(ifNull(dwell_ms, 0)), type IN {p2:Array(String)} AND match(if(isValidASCII(path), lower(path), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(path)))), concat('\\A', regexpQuoteMeta(normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p3:String})))), '[\\s\\S]*', '\\z')) AND ts < fromUnixTimestamp64Milli({p1:Int64}) AND isNotNull(dwell_ms)) AS m1,
                avgOrNullIf(toInt128(ifNull(scroll_percent, 0)), type IN {p2:Array(String)} AND match(if(isValidASCII(path), lower(path), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(path)))), concat('\\A', regexpQuoteMeta(normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p3:String})))), '[\\s\\S]*', '\\z')) AND ts < fromUnixTimestamp64Milli({p1:Int64}) AND isNotNull(scroll_percent)) AS m2
              FROM events
              WHERE site = {p4:String} AND NOT bot AND NOT machine AND NOT staff AND type IN {p2:Array(String)} AND (ts < fromUnixTimestamp64Milli({p1:Int64}))
              GROUP BY visitor_id
            )
            WHERE (ifNull(m0 >= {p5:Int64}, false) OR ifNull(m1 >= {p5:Int64}, false) OR ifNull(m2 >= {p5:Int64}, false))
            ORDER BY visitor_id
            LIMIT {p6:UInt64}
            -- p0: Text("Asia/Jerusalem")
            -- p1: Int(1795255200000)
            -- p2: Texts(["dwell"])
            -- p3: Text("/shoes/")
            -- p4: Text("shop")
            -- p5: Int(1)
            -- p6: Id(100)
        "#]],
    );
}

#[test]
fn items_meet_on_one_item() {
    check(
        &json!({
            "kind": "event", "event": "purchase", "measure": {"sum": "items.value_cents"},
            "compare": {"gt": 30000},
            "where": [
                {"field": "items.category", "op": "in", "value": ["shoes", "boots"]},
                {"field": "items.price_cents", "op": "gte", "value": 1000},
                {"field": "items.brand", "op": "ne", "value": "none"},
            ],
        }),
        expect![[r#"
            SELECT visitor_id FROM (
              SELECT visitor_id,
                sumArrayIf(arrayFilter((v, item_category, item_quantity, item_price_cents) -> if(isValidASCII(item_category), lower(item_category), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(item_category)))) IN arrayMap(t -> if(isValidASCII(t), lower(t), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(t)))), {p2:Array(String)}) AND ifNull(if((currency = '' OR if(isValidASCII(currency), lower(currency), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(currency)))) = normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p3:String})))), item_price_cents, NULL) >= {p4:Int64}, false) AND isNotNull(item_price_cents) AND (currency = '' OR if(isValidASCII(currency), lower(currency), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(currency)))) = normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p3:String})))), arrayMap((p, q) -> toInt128(ifNull(p, 0)) * q, `items.price_cents`, `items.quantity`), `items.category`, `items.quantity`, `items.price_cents`), type IN {p1:Array(String)} AND arrayExists((item_category, item_price_cents) -> if(isValidASCII(item_category), lower(item_category), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(item_category)))) IN arrayMap(t -> if(isValidASCII(t), lower(t), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(t)))), {p2:Array(String)}) AND ifNull(if((currency = '' OR if(isValidASCII(currency), lower(currency), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(currency)))) = normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p3:String})))), item_price_cents, NULL) >= {p4:Int64}, false), `items.category`, `items.price_cents`) AND NOT arrayExists((item_brand) -> if(isValidASCII(item_brand), lower(item_brand), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(item_brand)))) = normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p5:String}))), `items.brand`) AND ts < fromUnixTimestamp64Milli({p0:Int64})) AS m0
              FROM events
              WHERE site = {p6:String} AND NOT bot AND NOT machine AND NOT staff AND type IN {p1:Array(String)} AND (ts < fromUnixTimestamp64Milli({p0:Int64}))
              GROUP BY visitor_id
            )
            WHERE ifNull(m0 > {p7:Int64}, false)
            ORDER BY visitor_id
            LIMIT {p8:UInt64}
            -- p0: Int(1795255200000)
            -- p1: Texts(["purchase"])
            -- p2: Texts(["boots", "shoes"])
            -- p3: Text("ILS")
            -- p4: Int(1000)
            -- p5: Text("none")
            -- p6: Text("shop")
            -- p7: Int(30000)
            -- p8: Id(100)
        "#]],
    );
}

#[test]
fn groups_by_session_and_by_product() {
    let leaf = |per: &str, measure: Value| json!({"kind": "event", "event": "add_to_cart", "per": per, "measure": measure});
    check(
        &json!({"all": [
            leaf("session", json!("count")), leaf("product", json!({"distinct": "items.brand"})),
        ]}),
        expect![[r#"
            SELECT visitor_id FROM (
              SELECT visitor_id,
                countArrayMapIf(map(session_id, [1]), type IN {p1:Array(String)} AND ts < fromUnixTimestamp64Milli({p0:Int64})) AS m0,
                uniqExactArrayMapIf(mapFromArrays(arrayDistinct(arrayFilter(k -> k != '', arrayPushBack(arrayFilter((v, item_id) -> item_id != '', arrayMap(t -> if(isValidASCII(t), lower(t), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(t)))), `items.id`), `items.id`), if(isValidASCII(product), lower(product), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(product))))))), arrayMap(k -> arrayFilter((v, item_id, item_brand) -> if(isValidASCII(item_id), lower(item_id), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(item_id)))) = k AND item_brand != '', arrayMap(t -> if(isValidASCII(t), lower(t), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(t)))), `items.brand`), `items.id`, `items.brand`), arrayDistinct(arrayFilter(k -> k != '', arrayPushBack(arrayFilter((v, item_id) -> item_id != '', arrayMap(t -> if(isValidASCII(t), lower(t), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(t)))), `items.id`), `items.id`), if(isValidASCII(product), lower(product), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(product))))))))), type IN {p1:Array(String)} AND ts < fromUnixTimestamp64Milli({p0:Int64})) AS m1
              FROM events
              WHERE site = {p2:String} AND NOT bot AND NOT machine AND NOT staff AND type IN {p1:Array(String)} AND (ts < fromUnixTimestamp64Milli({p0:Int64}))
              GROUP BY visitor_id
            )
            WHERE (arrayExists(v -> ifNull(v >= {p3:Int64}, false), mapValues(m0)) AND arrayExists(v -> ifNull(v >= {p3:Int64}, false), mapValues(m1)))
            ORDER BY visitor_id
            LIMIT {p4:UInt64}
            -- p0: Int(1795255200000)
            -- p1: Texts(["add_to_cart"])
            -- p2: Text("shop")
            -- p3: Int(1)
            -- p4: Id(100)
        "#]],
    );
}

#[test]
fn since_looks_back_first() {
    check(
        &json!({
            "kind": "event", "event": "page_view",
            "window": {"since": {"kind": "event", "event": "purchase"}},
        }),
        expect![[r#"
            SELECT visitor_id FROM (
              SELECT visitor_id,
                countIf(type IN {p1:Array(String)} AND ts < fromUnixTimestamp64Milli({p0:Int64}) AND ifNull(ts > s0, false)) AS m0
              FROM (
                SELECT *,
                  maxOrNullIf(ts, type IN {p4:Array(String)}) OVER (PARTITION BY visitor_id) AS s0
                FROM events
                WHERE site = {p2:String} AND NOT bot AND NOT machine AND NOT staff AND type IN {p3:Array(String)} AND (ts < fromUnixTimestamp64Milli({p0:Int64}))
              )
              GROUP BY visitor_id
            )
            WHERE ifNull(m0 >= {p5:Int64}, false)
            ORDER BY visitor_id
            LIMIT {p6:UInt64}
            -- p0: Int(1795255200000)
            -- p1: Texts(["page_view"])
            -- p2: Text("shop")
            -- p3: Texts(["page_view", "purchase"])
            -- p4: Texts(["purchase"])
            -- p5: Int(1)
            -- p6: Id(100)
        "#]],
    );
}

#[test]
fn properties_and_money_of_other_currencies() {
    check(
        &json!({
            "kind": "event", "event": "custom", "measure": {"max": "value_cents"}, "where": [
                {"field": "props.צבע", "op": "contains", "value": "כחול"},
                {"field": "currency", "op": "ne", "value": "usd"},
            ],
        }),
        expect![[r#"
            SELECT visitor_id FROM (
              SELECT visitor_id,
                maxOrNullIf(toInt128(ifNull(if((currency = '' OR if(isValidASCII(currency), lower(currency), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(currency)))) = normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p0:String})))), value_cents, NULL), 0)), type IN {p2:Array(String)} AND position(normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(if(startsWith(dynamicType(getSubcolumn(props, {p3:String})), 'Array'), '', toString(getSubcolumn(props, {p3:String})))))), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p4:String})))) > 0 AND NOT (normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(if(currency = '', {p0:String}, currency)))) = normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p5:String})))) AND ts < fromUnixTimestamp64Milli({p1:Int64}) AND isNotNull(if((currency = '' OR if(isValidASCII(currency), lower(currency), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(currency)))) = normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p0:String})))), value_cents, NULL))) AS m0
              FROM events
              WHERE site = {p6:String} AND NOT bot AND NOT machine AND NOT staff AND type IN {p2:Array(String)} AND (ts < fromUnixTimestamp64Milli({p1:Int64}))
              GROUP BY visitor_id
            )
            WHERE ifNull(m0 >= {p7:Int64}, false)
            ORDER BY visitor_id
            LIMIT {p8:UInt64}
            -- p0: Text("ILS")
            -- p1: Int(1795255200000)
            -- p2: Texts(["custom"])
            -- p3: Text("צבע")
            -- p4: Text("כחול")
            -- p5: Text("usd")
            -- p6: Text("shop")
            -- p7: Int(1)
            -- p8: Id(100)
        "#]],
    );
}

/// Texts that would do harm, were they ever part of a statement.
const HARMFUL: &[&str] = &[
    "' OR 1=1 --",
    "\\' OR 1=1 --",
    "`; DROP TABLE events; --",
    "{p0:String}",
    "?",
    "??",
    "a\0b",
    "\t\n\r\\N",
    "\\",
    "'",
    "\u{2028}",
    "%s",
    "*/",
    "');--",
    "a\u{feff}",
    "\\t",
];

#[test]
fn no_value_is_part_of_a_statement() {
    let ask = |text: &str, key: &str| {
        let filter =
            |field: &str, op: &str, value: Value| json!({"field": field, "op": op, "value": value});
        json!({
            "kind": "event", "event": "custom", "where": [
                filter(&format!("props.{key}"), "eq", json!(text)),
                filter("title", "in", json!([text, "other"])),
                filter("title", "starts_with", json!(text)),
                filter("title", "contains", json!(text)),
                filter("path", "matches_path", json!(format!("*{text}*"))),
                filter("items.name", "eq", json!(text)),
            ],
        })
    };
    let plain = statement(&ask("x", "key of x")).text;
    let runtime = Runtime::new().unwrap();
    let client = runtime.block_on(engine::fresh("segment_harmful"));
    for text in HARMFUL {
        let key = format!("key of {}", text.replace('`', "'"));
        let statement = statement(&ask(text, &key));
        // `*` in the text is a star of the pattern.
        if !text.contains('*') {
            assert_eq!(statement.text, plain);
        }
        let found = runtime.block_on(async {
            engine::store(&client, "shop", &[event_with(text, &key)]).await;
            let found = engine::ids(&client, &statement).await;
            client
                .query("TRUNCATE TABLE events")
                .execute()
                .await
                .unwrap();
            found
        });
        assert_eq!(found, [7], "{text:?}");
    }
}

fn event_with(text: &'static str, key: &str) -> Event {
    Event {
        visitor: 7,
        ts: AS_OF_MS - 1,
        kind: "custom",
        texts: [("title", text), ("path", text)].into(),
        props: [(key.to_owned(), json!(text))].into_iter().collect(),
        items: vec![super::event::Item {
            name: text,
            ..Default::default()
        }],
        ..Event::default()
    }
}

#[test]
fn members_come_in_pages_and_are_as_many_as_counted() {
    let settings = engine::settings("Asia/Jerusalem", Weekday::Sunday);
    let question = Question {
        site: "shop",
        settings: &settings,
        as_of_ms: AS_OF_MS,
    };
    let definition = parse(&json!({"kind": "event", "event": "any"})).unwrap();
    let visitors = [3, 1, u64::MAX >> 1, 2];
    let event = |visitor| Event {
        visitor,
        kind: "click",
        ts: AS_OF_MS - 1,
        ..Event::default()
    };
    let events: Vec<Event> = visitors.into_iter().map(event).collect();
    Runtime::new().unwrap().block_on(async {
        let client = engine::fresh("segment_pages").await;
        engine::store(&client, "shop", &events).await;
        let page = async |after| {
            let statement = members(&definition, &question, after, 2).unwrap();
            engine::ids(&client, &statement).await
        };
        assert_eq!(page(None).await, [1, 2]);
        assert_eq!(page(Some(2)).await, [3, u64::MAX >> 1]);
        assert_eq!(page(Some(u64::MAX >> 1)).await, [0_u64; 0]);
        let count = count(&definition, &question).unwrap();
        assert_eq!(
            engine::bound(&client, &count)
                .fetch_one::<u64>()
                .await
                .unwrap(),
            4
        );
    });
}

#[test]
fn moments_beyond_the_dates_of_the_engine() {
    let settings = engine::settings("Asia/Jerusalem", Weekday::Sunday);
    let all = json!({
        "kind": "event", "event": "any", "window": {"between": ["0000-01-01", "9999-12-31"]},
    });
    let none =
        json!({"kind": "event", "event": "any", "window": {"calendar": "today", "years_ago": 100}});
    let event = Event {
        visitor: 7,
        kind: "click",
        ts: AS_OF_MS,
        ..Event::default()
    };
    Runtime::new().unwrap().block_on(async {
        let client = engine::fresh("segment_beyond").await;
        engine::store(&client, "shop", &[event]).await;
        let ask = async |definition: &Value, as_of_ms| {
            let question = Question {
                site: "shop",
                settings: &settings,
                as_of_ms,
            };
            let statement = members(&parse(definition).unwrap(), &question, None, 9).unwrap();
            engine::ids(&client, &statement).await
        };
        let (year_0, year_9999) = (-62_135_596_800_000, 253_370_764_800_000);
        assert_eq!(ask(&all, year_9999).await, [7]);
        assert_eq!(ask(&all, AS_OF_MS + 1).await, [7]);
        assert_eq!(ask(&all, AS_OF_MS).await, [0_u64; 0]);
        assert_eq!(ask(&all, year_0).await, [0_u64; 0]);
        assert_eq!(ask(&none, AS_OF_MS + 1).await, [0_u64; 0]);
        assert_eq!(ask(&json!({"not": none}), AS_OF_MS + 1).await, [7]);
    });
}

#[test]
fn every_field_can_be_asked() {
    let settings = engine::settings("Asia/Jerusalem", Weekday::Sunday);
    let question = Question {
        site: "shop",
        settings: &settings,
        as_of_ms: AS_OF_MS,
    };
    let columns = Column::ALL.iter().map(|column| column.as_str());
    let items = ItemField::ALL.iter().map(|item| item.as_str());
    let leaves: Vec<Value> = columns
        .chain(items)
        .chain(["props.x"])
        .map(|field| {
            json!({
                "kind": "event", "event": ["dwell", "purchase"], "measure": {"distinct": field},
                "where": [{"field": field, "op": "exists"}],
            })
        })
        .collect();
    Runtime::new().unwrap().block_on(async {
        let client = engine::fresh("segment_fields").await;
        let statement = members(&parse(&json!({"any": leaves})).unwrap(), &question, None, 9);
        assert_eq!(engine::ids(&client, &statement.unwrap()).await, [0_u64; 0]);
    });
}

#[test]
fn the_largest_definition_is_answered() {
    let settings = engine::settings("Asia/Jerusalem", Weekday::Sunday);
    let question = Question {
        site: "shop",
        settings: &settings,
        as_of_ms: AS_OF_MS,
    };
    let leaf = |n: usize| {
        let filter =
            |field: &str| json!({"field": field, "op": "contains", "value": format!("{n}")});
        let filters: Vec<Value> = ["title", "path", "props.a", "items.name", "search_term"]
            .map(filter)
            .to_vec();
        json!({"kind": "event", "event": "any", "per": "product", "where": filters})
    };
    let leaves: Vec<Value> = (1..200).map(leaf).collect();
    Runtime::new().unwrap().block_on(async {
        let client = engine::fresh("segment_large").await;
        let statement = count(&parse(&json!({"any": leaves})).unwrap(), &question).unwrap();
        eprintln!("{} bytes", statement.text.len());
        let started = std::time::Instant::now();
        let answer = engine::bound(&client, &statement)
            .fetch_one::<u64>()
            .await
            .unwrap();
        eprintln!("{:?}", started.elapsed());
        assert_eq!(answer, 0);
    });
}
