//! Statements as the engine takes them: whatever the values, whatever the
//! moment, every field, the largest definition.

use super::engine;
use super::event::{Event, Item};
use super::facts::CONTACT;
use super::statements::{AS_OF_MS, statement};
use crate::segment::fields::{Column, ItemField};
use crate::segment::words::Word as _;
use crate::segment::{Question, members, parse, preview};
use jiff::civil::Weekday;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

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
    "\u{202e}abc\u{202c}",
    "\u{200f}שלום\u{200e}",
    "/* */ -- #",
];

#[test]
fn no_value_is_part_of_a_statement() {
    let ask = |text: &str, key: &str| {
        let filter =
            |field: &str, op: &str, value: Value| json!({"field": field, "op": op, "value": value});
        json!({
            "kind": "event", "event": "custom", "where": [
                filter(&format!("props.{key}"), "eq", json!(text)),
                filter("title", "in", json!([text, format!("{text} other")])),
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
        items: vec![Item {
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
        known: &engine::KNOWN,
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
        let (_, statement) = preview(&[&definition], &question, 3, 1).unwrap();
        let previews = engine::previews(&client, &statement).await;
        assert_eq!(previews[0].counts, [(4, 0)]);
        assert_eq!(previews[0].sample, [1, 2, 3]);
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
                known: &engine::KNOWN,
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
        known: &engine::KNOWN,
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
        known: &engine::KNOWN,
        as_of_ms: AS_OF_MS,
    };
    let fields = ["title", "path", "props.a", "items.name", "search_term"];
    let leaf = |n: usize| {
        let filter = |field| json!({"field": field, "op": "contains", "value": n.to_string()});
        json!({"kind": "event", "event": "any", "where": fields.map(filter)})
    };
    let leaves: Vec<Value> = (1..200).map(leaf).collect();
    Runtime::new().unwrap().block_on(async {
        let client = engine::fresh("segment_large").await;
        let definition = parse(&json!({"any": leaves})).unwrap();
        let (_, statement) = preview(&[&definition], &question, 0, 1).unwrap();
        let previews = engine::previews(&client, &statement).await;
        assert_eq!(previews[0].counts, [(0, 0); 200]);
    });
}

#[test]
fn properties_are_texts_and_nested_ones_are_absent() {
    let settings = engine::settings("Asia/Jerusalem", Weekday::Sunday);
    let question = Question {
        site: "shop",
        settings: &settings,
        known: &engine::KNOWN,
        as_of_ms: AS_OF_MS,
    };
    let values = [
        json!("L"),
        json!(42),
        json!(1.5),
        json!(true),
        json!(["L"]),
        json!({"L": "L"}),
        json!(""),
        json!(null),
        json!("2026-11-21"),
    ];
    let events = values.into_iter().zip(1..).map(|(value, visitor)| Event {
        visitor,
        kind: "custom",
        ts: AS_OF_MS - 1,
        props: [("size".to_owned(), value)].into_iter().collect(),
        ..Event::default()
    });
    let events: Vec<Event> = events.collect();
    Runtime::new().unwrap().block_on(async {
        let client = engine::fresh("segment_props").await;
        engine::store(&client, "shop", &events).await;
        let ask = async |op: &str, value: Value| {
            let mut filter = json!({"field": "props.size", "op": op});
            if !value.is_null() {
                filter["value"] = value;
            }
            let leaf = json!({"kind": "event", "event": "custom", "where": [filter]});
            let statement = members(&parse(&leaf).unwrap(), &question, None, 9).unwrap();
            engine::ids(&client, &statement).await
        };
        assert_eq!(ask("exists", json!(null)).await, [1, 2, 3, 4, 9]);
        assert_eq!(ask("contains", json!("l")).await, [1]);
        assert_eq!(ask("in", json!(["42", "1.5"])).await, [2, 3]);
        assert_eq!(ask("eq", json!("TRUE")).await, [4]);
        assert_eq!(ask("eq", json!("2026-11-21")).await, [9]);
        assert_eq!(ask("ne", json!("l")).await, [2, 3, 4, 5, 6, 7, 8, 9]);
    });
}

/// A definition with a text in every kind of leaf; all of it is true of one person.
fn everywhere(text: &str) -> Value {
    let is = |field: &str| json!([{ "field": field, "op": "eq", "value": text }]);
    let month = json!({ "last": { "n": 1, "unit": "month" } });
    let mut all = vec![
        json!({ "kind": "contact", "field": "city", "op": "eq", "value": text }),
        json!({ "kind": "contact", "field": "region", "op": "in", "value": [text, format!("{text} other")] }),
        json!({ "kind": "cart", "state": "abandoned", "where": is("items.name") }),
        json!({ "kind": "order", "where": is("coupons"), "window": month }),
        json!({ "kind": "message", "channel": "mail", "event": "clicked", "where": is("link") }),
        json!({ "kind": "last", "of": { "kind": "event", "event": "search", "where": is("search_term") },
                "window": month }),
        json!({ "kind": "event", "event": "page_view", "where": is("title"),
                "window": { "since": { "kind": "order", "where": is("store") } } }),
        json!({ "kind": "sequence", "steps": [
            { "of": { "kind": "event", "event": "search", "where": is("search_term") } },
            { "of": { "kind": "order", "where": is("store") }, "within": { "n": 1, "unit": "week" } },
        ] }),
    ];
    // So many that they are asked together.
    all.extend((1..=10).map(|days| {
        json!({ "kind": "event", "event": "page_view", "where": is("title"),
                "window": { "last": { "n": days, "unit": "day" } } })
    }));
    json!({ "all": all })
}

#[test]
fn no_value_of_any_kind_of_leaf_is_part_of_a_statement() {
    let plain = statement(&everywhere("x")).text;
    assert!(plain.contains("ARRAY JOIN"), "{plain}");
    let runtime = Runtime::new().unwrap();
    let client = runtime.block_on(engine::fresh("segment_harmful_everywhere"));
    for text in HARMFUL {
        let statement = statement(&everywhere(text));
        assert_eq!(statement.text, plain);
        let found = runtime.block_on(async {
            for (table, row) in rows_with(text) {
                engine::insert(&client, table, &row).await;
            }
            let found = engine::ids(&client, &statement).await;
            for table in ["events", "orders", "messages", "contacts", "identities"] {
                let truncate = format!("TRUNCATE TABLE {table}");
                client.query(&truncate).execute().await.unwrap();
            }
            found
        });
        assert_eq!(found, [CONTACT], "{text:?}");
    }
}

#[test]
fn an_event_counts_once_however_often_its_word_is_listed() {
    // So many that they are asked together, one of them for a word in two spellings.
    let leaf = |days: i32, words: Value| {
        json!({
            "kind": "event", "event": "any", "compare": {"gte": 3},
            "where": [{"field": "props.kind", "op": "in", "value": words}],
            "window": {"last": {"n": days, "unit": "day"}},
        })
    };
    let mut all = vec![leaf(20, json!(["Shoes", "SHOES", "נעליים"]))];
    all.extend((1..=10).map(|days| leaf(days, json!(["shoes"]))));
    let any = json!({ "any": all });
    let none = json!({ "not": any });
    let event = |visitor, minutes: i64| Event {
        visitor,
        kind: "custom",
        ts: AS_OF_MS - minutes * 60_000,
        props: [("kind".to_owned(), json!("sHoes"))].into_iter().collect(),
        ..Event::default()
    };
    let events = [
        event(1, 1),
        event(1, 2),
        event(2, 1),
        event(2, 2),
        event(2, 3),
    ];
    let statement_of = |definition: &Value| {
        let statement = statement(definition);
        assert!(statement.text.contains("ARRAY JOIN"), "{}", statement.text);
        statement
    };
    Runtime::new().unwrap().block_on(async {
        let client = engine::fresh("segment_spellings").await;
        engine::store(&client, "shop", &events).await;
        assert_eq!(engine::ids(&client, &statement_of(&any)).await, [2]);
        assert_eq!(engine::ids(&client, &statement_of(&none)).await, [1]);
    });
}

/// What is known of a contact and their visitor, with a text wherever there may be one.
fn rows_with(text: &str) -> Vec<(&'static str, Vec<Value>)> {
    let at = |minutes: i64| {
        let ms = AS_OF_MS - minutes * 60_000;
        format!("{}.{:03}", ms / 1000, ms % 1000)
    };
    let event = |minutes: i64, kind: &str, field: &str, value: Value| {
        let mut row = json!({
            "site": "shop", "visitor_id": 7, "type": kind, "ts": at(minutes),
            "event_id": uuid::Uuid::from_u128(minutes.unsigned_abs().into()).to_string(),
        });
        row[field] = value;
        row
    };
    let mut put = event(200, "add_to_cart", "items.id", json!(["p"]));
    put["items.name"] = json!([text]);
    for (field, value) in [("category", json!([""])), ("brand", json!([""]))] {
        put[format!("items.{field}")] = value;
    }
    put["items.price_cents"] = json!([100]);
    put["items.quantity"] = json!([1]);
    let order = json!({
        "site": "shop", "order_id": "o", "is_feed": true, "version": 1, "contact_id": CONTACT,
        "ts": at(300), "channel": "store", "store": text, "coupons": [text],
    });
    let message = json!({
        "site": "shop", "contact_id": CONTACT, "message_id": "m", "channel": "mail", "event": "clicked",
        "link": text, "ts": at(60), "id": uuid::Uuid::from_u128(1).to_string(),
    });
    let identity = |id: u64, kind: &str| json!({ "site": "shop", "id": id, "kind": kind, "person": CONTACT, "version": 1 });
    vec![
        (
            "events",
            vec![
                event(400, "search", "search_term", json!(text)),
                put,
                event(100, "page_view", "title", json!(text)),
            ],
        ),
        ("orders", vec![order]),
        ("messages", vec![message]),
        (
            "contacts",
            vec![json!({
                "site": "shop", "contact_id": CONTACT, "city": text, "region": text, "gone": false, "version": 1,
            })],
        ),
        (
            "identities",
            vec![identity(7, "visitor"), identity(CONTACT, "id")],
        ),
    ]
}

#[test]
fn only_the_months_of_the_windows_are_read() {
    let runtime = Runtime::new().unwrap();
    let month = 31 * 86_400_000;
    let views: Vec<Event> = (0..20)
        .map(|months| Event {
            visitor: 1,
            kind: "page_view",
            ts: AS_OF_MS - 1 - months * month,
            ..Event::default()
        })
        .collect();
    let view = |days: u32, field: &str| {
        json!({ "kind": "event", "event": "page_view",
                "where": [{ "field": field, "op": "exists" }],
                "window": { "last": { "n": days, "unit": "day" } } })
    };
    runtime.block_on(async {
        let client = engine::fresh("segment_pruning").await;
        engine::store(&client, "shop", &views).await;
        let alone = view(10, "path");
        let parts = json!({ "all": [view(10, "path"), { "not": view(3, "title") }] });
        for (definition, most) in [(alone, 2), (parts, 2), (view(60, "path"), 3)] {
            let mut statement = statement(&definition);
            statement.text = format!("EXPLAIN indexes = 1 {}", statement.text);
            let told: Vec<String> = engine::bound(&client, &statement)
                .fetch_all()
                .await
                .unwrap();
            let read = told.iter().skip_while(|line| !line.contains(".events)"));
            // The first says how many the moments leave of all.
            let mut parts = read.filter_map(|line| line.split_once("Parts: ")?.1.split_once('/'));
            let (some, all) = parts.next().unwrap();
            assert_eq!(all, "20", "{told:#?}");
            assert!(some.parse::<u32>().unwrap() <= most, "{told:#?}");
        }
    });
}
