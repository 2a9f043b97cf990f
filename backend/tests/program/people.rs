//! People by the API: what servers say of them, joined with what browsers did.

use crate::{
    harness::Database,
    server::{Server, now_ms, stamped},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use protocol::{
    envelope::append_to_body,
    form::Answers,
    id::Site,
    notice::{Notice, What},
    token::{Token, TokenId},
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const SITE: &str = "/v1/sites/demo";

/// A server with a site of Israel, and keys that write and that change settings.
async fn open(database: &Database) -> (Server, String, String) {
    let server = Server::start(database);
    let admin = server.key_of("demo", "admin");
    let country = json!({ "country": "IL" });
    let changed = server.ask(Method::PATCH, SITE, &admin, Some(country)).await;
    assert_eq!(changed.status(), 200);
    let write = server.key_of("demo", "write");
    (server, admin, write)
}

/// Posts rows and waits until they are stored.
async fn post(server: &Server, key: &str, to: &str, rows: Value) -> Value {
    let path = format!("{SITE}/{to}?wait=true");
    let answer = server.ask(Method::POST, &path, key, Some(rows)).await;
    assert_eq!(answer.status(), 200, "{to}");
    answer.json().await.unwrap()
}

async fn put(server: &Server, key: &str, to: &str, what: Value) {
    let path = format!("{SITE}/{to}");
    let answer = server.ask(Method::PUT, &path, key, Some(what)).await;
    assert_eq!(answer.status(), 200, "{to}");
}

async fn get(server: &Server, key: &str, path: &str) -> (StatusCode, Value) {
    let path = format!("{SITE}/{path}");
    let answer = server.ask(Method::GET, &path, key, None).await;
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test]
async fn people_are_found_by_what_they_are_called() {
    let database = Database::open();
    let (server, _, key) = open(&database).await;
    let rows = json!([
        { "id": "c-1", "mail": "dana@example.com", "phone": "050-234-5678", "first_name": "דנה", "last_name": "Cohen" },
        { "id": "c-2", "mail": "noa@example.com", "first_name": "Noa", "last_name": "Danan" },
        { "id": "c-3", "first_name": "100%", "last_name": "O'Hara" },
    ]);
    post(&server, &key, "contacts", rows).await;
    let seen = json!([{ "id": "e", "type": "page_view", "ts": now_ms(), "visitor_id": "77" }]);
    let to = format!("{SITE}/events");
    let sent = server.ask(Method::POST, &to, &key, Some(seen)).await;
    assert_eq!(sent.status(), 202);
    server.drained().await;
    let viewer = server.key_of("demo", "view");
    let names = async |key: &str, text: &str| {
        let path = format!(
            "people?search={}",
            text.replace('%', "%25").replace(' ', "%20")
        );
        let (status, found) = get(&server, key, &path).await;
        assert_eq!(status, 200, "{text}: {found}");
        let found = found.as_array().unwrap().iter();
        let names: Vec<String> = found
            .map(|person| person["last_name"].as_str().unwrap().to_owned())
            .collect();
        names
    };
    assert_eq!(names(&key, "דנה").await, ["Cohen"]);
    assert_eq!(names(&key, "dan").await, ["Cohen", "Danan"]);
    assert_eq!(names(&key, "DANAN").await, ["Danan"]);
    assert_eq!(names(&key, "c-3").await, ["O'Hara"]);
    assert_eq!(names(&key, "0% o'h").await, ["O'Hara"]);
    assert_eq!(names(&key, "050 234-56").await, ["Cohen"]);
    assert_eq!(names(&key, "").await.len(), 3);
    // A visitor of whom nothing more is known.
    assert_eq!(names(&key, "77").await, [""]);
    assert_eq!(names(&key, "nobody").await, [""; 0]);
    // Letter by letter an address could be learned.
    assert_eq!(names(&viewer, "Danan").await, ["Danan"]);
    for hidden in ["noa@", "noa@example.com", "2345678"] {
        assert_eq!(names(&viewer, hidden).await, [""; 0], "{hidden}");
    }
    let (_, found) = get(&server, &viewer, "people?search=cohen").await;
    assert_eq!(
        (&found[0]["mail"], &found[0]["phone"]),
        (&json!(""), &json!(""))
    );
}

#[tokio::test]
async fn what_the_shop_knows_and_what_browsers_did_is_one_person() {
    let database = Database::open();
    let (server, admin, key) = open(&database).await;
    let club = json!({ "type": "choice", "options": [{ "value": "gold" }, { "value": "silver" }] });
    put(&server, &admin, "fields/club", club).await;
    let vip = json!({ "name": "VIP" });
    put(&server, &admin, "groups/vip", vip).await;

    let now = i64::try_from(now_ms()).unwrap();
    let hours = |n: i64| now - n * 3_600_000;
    let taken = post(
        &server,
        &key,
        "contacts",
        json!([
            { "id": "c-1", "mail": "Dana@Example.com", "phone": "050-234-5678", "first_name": "דנה",
              "city": "גבעתיים", "club": "gold", "consent_sms": true, "updated_at": hours(90) },
            { "id": "c-1", "city": "חיפה", "updated_at": hours(10) },
            { "id": "c-1", "club": "tin" },
            { "first_name": "nobody" },
        ]),
    );
    let taken = taken.await;
    assert_eq!(taken["accepted"], 2);
    let codes: Vec<_> = taken["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["row"].as_u64().unwrap(),
                row["pointer"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(codes, [(2, "/club"), (3, "/id")]);

    // A browser that was nobody's, and logs in; the pixel's purchase is the feed's order.
    let event = |id: &str, at: i64, more: Value| {
        let mut event = json!({ "id": id, "ts": at, "visitor_id": "77", "device": "mobile",
                                "url": "https://shop.example/shoes/7", "category": "shoes" });
        event
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        event
    };
    let cart = json!([{ "id": "p1", "name": "נעל", "price_cents": 5000, "quantity": 2 }]);
    let events = json!([
        event(
            "e1",
            hours(80),
            json!({ "type": "page_view", "session_start": true,
                                       "utm_source": "g", "click_id_kind": "gclid" })
        ),
        event(
            "e2",
            hours(79),
            json!({ "type": "dwell", "dwell_ms": 60_000 })
        ),
        event(
            "e3",
            hours(78),
            json!({ "type": "purchase", "order_id": "1001", "value_cents": 100 })
        ),
        event(
            "e4",
            hours(5),
            json!({ "type": "add_to_cart", "items": cart })
        ),
        event(
            "e5",
            hours(4),
            json!({ "type": "identify", "contact": "c-1" })
        ),
        event(
            "e6",
            hours(3),
            json!({ "type": "identify", "contact": "c-2" })
        ),
    ]);
    post(
        &server,
        &key,
        "orders",
        json!([{ "order_id": "1001", "placed_at": hours(78), "value_cents": 12_990, "coupons": ["SPRING"],
                 "items": [{ "id": "p9", "price_cents": 12_990 }],
                 "returns": [{ "id": "r1", "returned_at": hours(20) }] },
               { "order_id": "2001", "placed_at": hours(50), "channel": "store", "store": "Dizengoff",
                 "contact": { "phone": "0502345678" }, "value_cents": 5000 }]),
    )
    .await;
    let sent = server
        .ask(Method::POST, &format!("{SITE}/events"), &key, Some(events))
        .await;
    assert_eq!(sent.status(), 202);
    server.drained().await;
    let message = |id: &str, event: &str, at: i64| {
        json!({ "id": id, "contact": { "mail": "dana@example.com" }, "message_id": "m1", "channel": "sms",
                "event": event, "ts": at, "campaign": "spring" })
    };
    let messages = json!([
        message("1", "sent", hours(30)),
        message("2", "unsubscribed", hours(29)),
        message("1", "sent", hours(30)),
    ]);
    post(&server, &key, "messages", messages).await;
    let member = json!([{ "contact": { "id": "c-1" }, "since": hours(60) }]);
    post(&server, &key, "groups/vip/members", member).await;

    let (status, person) = get(&server, &key, "people/c-1").await;
    assert_eq!(status, 200, "{person}");
    let fields = &person["fields"];
    assert_eq!(fields["city"]["value"], "חיפה");
    assert_eq!(fields["mail"]["given"], "Dana@Example.com");
    assert_eq!(fields["phone"]["value"], "+972502345678");
    assert_eq!(fields["club"]["value"], "gold");
    assert_eq!(fields["consent_sms"]["value"], false);
    let kinds: Vec<_> = person["identities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|known| known["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["id", "mail", "phone", "visitor"]);
    assert_eq!(person["claims"][0]["kind"], "link_conflict");
    assert_eq!(person["claims"][0]["names"], "c-2");
    assert_eq!(person["browsing"]["visits"], 1);
    assert_eq!(person["browsing"]["dwell_ms"], 60_000);
    assert_eq!(person["browsing"]["first_origin"]["channel"], "paid");
    assert_eq!(person["browsing"]["categories"][0]["id"], "shoes");
    assert_eq!(person["cart"]["items"][0]["quantity"], 2);
    let buying = &person["buying"];
    assert_eq!(
        (&buying["online"], &buying["in_store"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        (&buying["value_cents"], &buying["net_cents"]),
        (&json!(17_990), &json!(5000))
    );
    assert_eq!(person["orders"][1]["seen_by_pixel"], true);
    assert_eq!(
        person["messages"][0]["messages"],
        json!({ "sent": 1, "unsubscribed": 1 })
    );
    assert_eq!(person["groups"][0]["group"], "vip");

    // Whoever asks for people finds one, with the whole past of the browser.
    let loyal = json!({ "all": [
        { "kind": "event", "event": "page_view" },
        { "kind": "event", "event": "add_to_cart", "measure": { "sum": "items.quantity" }, "compare": { "eq": 2 } },
    ]});
    let asked = server
        .preview(&key, json!({ "site": "demo", "definition": loyal }))
        .await;
    let asked: Value = asked.json().await.unwrap();
    assert_eq!(
        (&asked["count"], &asked["sample"]),
        (&json!(1), &json!([person["person_id"]]))
    );

    // By whatever is known of them it is the same person.
    for id in [
        "id:c-1",
        "dana@EXAMPLE.com",
        "050-2345678",
        "+972502345678",
        "visitor:77",
        "77",
    ] {
        let (status, same) = get(&server, &key, &format!("people/{id}")).await;
        assert_eq!(status, 200, "{id}");
        assert_eq!(same, person, "{id}");
    }
    let (status, problem) = get(&server, &key, "people/nobody").await;
    assert_eq!(
        (status.as_u16(), &problem["code"]),
        (404, &json!("unknown_person"))
    );
    timeline(&server, &key).await;
    decisions(&server, &key, &person).await;
    let (_, deeds) = get(&server, &admin, "audit").await;
    let actions: Vec<_> = deeds
        .as_array()
        .unwrap()
        .iter()
        .map(|deed| deed["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions
            .iter()
            .filter(|action| action.starts_with("identity"))
            .count(),
        4,
        "{actions:?}"
    );
    assert!(actions.contains(&"field_put"));
}

async fn timeline(server: &Server, key: &str) {
    let (status, whole) = get(server, key, "people/c-1/timeline?limit=500").await;
    assert_eq!(status, 200, "{whole}");
    let whole = whole["entries"].as_array().unwrap();
    let count = |kind: &str| whole.iter().filter(|entry| entry["kind"] == kind).count();
    let counts: Vec<_> = [
        "event", "order", "return", "message", "group", "field", "identity",
    ]
    .iter()
    .map(|kind| count(kind))
    .collect();
    assert_eq!(counts, [6, 2, 1, 2, 1, 8, 3]);
    let times: Vec<_> = whole
        .iter()
        .map(|entry| entry["at"].as_i64().unwrap())
        .collect();
    assert!(times.is_sorted_by(|a, b| a >= b));
    // Page by page it is the same.
    let mut paged = Vec::new();
    let mut after = String::new();
    loop {
        let (_, page) = get(server, key, &format!("people/c-1/timeline?limit=3{after}")).await;
        paged.extend(page["entries"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(&paged, whole);
    let (_, some) = get(
        server,
        key,
        "people/c-1/timeline?kinds=event&types=purchase,dwell",
    )
    .await;
    assert_eq!(some["entries"].as_array().unwrap().len(), 2);
}

/// What is decided by hand takes everything along, and undone everything is as it was.
async fn decisions(server: &Server, key: &str, before: &Value) {
    let decide = async |identity: &str, whom: Value| {
        let path = format!("{SITE}/identities/{identity}");
        let whom = json!({ "part_of": whom });
        let answer = server.ask(Method::PUT, &path, key, Some(whom)).await;
        (
            answer.status().as_u16(),
            answer.json::<Value>().await.unwrap(),
        )
    };
    let undo = async |identity: &str| {
        let path = format!("{SITE}/identities/{identity}");
        let answer = server.ask(Method::DELETE, &path, key, None).await;
        assert_eq!(answer.status(), 200, "{identity}");
    };
    let person = async |id: &str| get(server, key, &format!("people/{id}")).await.1;

    let (status, alone) = decide("visitor:77", Value::Null).await;
    assert_eq!((status, alone["person_id"].as_str()), (200, Some("77")));
    let rest = person("c-1").await;
    assert_eq!(rest["browsing"]["visits"], 0);
    // Its order is the shop's too, which names no buyer: it goes with the browser that bought.
    assert_eq!(rest["buying"]["online"], 0);
    assert_eq!(person("77").await["buying"]["online"], 1);
    undo("visitor:77").await;
    assert_eq!(&person("c-1").await, before);

    let row = json!([{ "id": "c-9", "last_name": "כהן", "city": "לוד", "updated_at": 1_000 }]);
    post(server, key, "contacts", row).await;
    let other = person("c-9").await;
    let (status, merged) = decide("id:c-9", json!("c-1")).await;
    assert_eq!((status, &merged["person_id"]), (200, &before["person_id"]));
    let one = person("c-9").await;
    assert_eq!(one["fields"]["last_name"]["value"], "כהן");
    assert_eq!(one["fields"]["city"]["value"], "חיפה");
    assert_eq!(one["person_id"], before["person_id"]);
    let (status, problem) = decide("id:c-1", json!("c-9")).await;
    assert_eq!(
        (status, problem["code"].as_str()),
        (409, Some("merge_circle"))
    );
    let row = json!([{ "mail": "tal@example.com", "updated_at": 1_000 }]);
    post(server, key, "contacts", row).await;
    let (status, problem) = decide("id:c-9", json!("tal@example.com")).await;
    assert_eq!(
        (status, problem["code"].as_str()),
        (409, Some("merge_direction"))
    );
    let (status, problem) = decide("id:c-9", json!("visitor:5")).await;
    assert_eq!(
        (status, problem["code"].as_str()),
        (404, Some("unknown_person"))
    );
    undo("id:c-9").await;
    assert_eq!(person("c-9").await, other);
    assert_eq!(&person("c-1").await, before);
}

const CANARY_MAIL: &str = "canary.qx7zt@birdcage-zw.example";
const CANARY_PHONE: &str = "+972502223344";
const CANARY_NAME: &str = "Qwxzvkanarit";

/// Every file below a folder that has any of the canary's texts in it.
fn traces(folder: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // A file may just be going.
            let bytes = std::fs::read(&path).unwrap_or_default();
            for text in [CANARY_MAIL, &CANARY_PHONE[1..], CANARY_NAME] {
                let has = bytes
                    .windows(text.len())
                    .any(|part| part == text.as_bytes());
                if has {
                    found.push(format!("{}: {text}", path.display()));
                }
            }
        }
    }
    found
}

#[tokio::test]
async fn who_is_erased_is_in_no_file_and_stays_out() {
    let database = Database::open();
    let (server, admin, key) = open(&database).await;
    let group = json!({ "name": "birds" });
    put(&server, &admin, "groups/birds", group).await;
    let now = i64::try_from(now_ms()).unwrap();
    let contact = json!([{ "id": "bird", "mail": CANARY_MAIL, "phone": CANARY_PHONE,
                           "first_name": CANARY_NAME, "updated_at": now - 5000 }]);
    let order = json!([{ "order_id": "77", "contact": { "mail": CANARY_MAIL }, "placed_at": now - 4000,
                         "value_cents": 500 }]);
    let message = json!([{ "id": "m", "contact": { "phone": CANARY_PHONE }, "message_id": "m", "channel": "sms",
                           "event": "sent", "ts": now - 3000 }]);
    let member = json!([{ "contact": { "id": "bird" }, "since": now - 3000 }]);
    let event = |id: &str, visitor: &str, ts: i64, more: Value| {
        let mut event = json!({ "id": id, "type": "page_view", "ts": ts, "visitor_id": visitor, "title": CANARY_NAME });
        event
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        event
    };
    let events = json!([
        event("1", "5", now - 2000, json!({ "contact": "bird" })),
        // Another browser claims to be them, and is not theirs.
        event(
            "2",
            "6",
            now - 2000,
            json!({ "claimed_mail": CANARY_MAIL, "title": "" })
        ),
    ]);
    let send = async || {
        post(&server, &key, "contacts", contact.clone()).await;
        post(&server, &key, "orders", order.clone()).await;
        post(&server, &key, "messages", message.clone()).await;
        post(&server, &key, "groups/birds/members", member.clone()).await;
        let sent = server
            .ask(
                Method::POST,
                &format!("{SITE}/events"),
                &key,
                Some(events.clone()),
            )
            .await;
        assert_eq!(sent.status(), 202);
        server.drained().await;
    };
    send().await;
    let (status, person) = get(&server, &key, "people/bird").await;
    assert_eq!(status, 200);
    assert_eq!(person["buying"]["online"], 1);
    assert!(
        !traces(database.directory.path()).is_empty(),
        "nothing would be found"
    );
    archive(&server, &key).await;

    let erase = server
        .ask(Method::DELETE, &format!("{SITE}/people/bird"), &key, None)
        .await;
    assert_eq!(erase.status(), 202);
    let receipt: Value = erase.json().await.unwrap();
    let receipt = format!("erasures/{}", receipt["id"].as_str().unwrap());
    let done = async {
        while get(&server, &key, &receipt).await.1["done_at_ms"].is_null() {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(240), done)
        .await
        .unwrap();
    // It all comes again, late.
    send().await;
    for id in ["bird", CANARY_MAIL, CANARY_PHONE, "visitor:5"] {
        assert_eq!(
            get(&server, &key, &format!("people/{id}")).await.0,
            404,
            "{id}"
        );
    }
    let rows = "SELECT (SELECT count() FROM contacts), (SELECT count() FROM identities), (SELECT count() FROM messages),
                       (SELECT count() FROM group_members), (SELECT count() FROM contact_rows),
                       (SELECT groupArray(visitor_id) FROM events), (SELECT count() FROM proofs),
                       (SELECT (count(), sum(value_cents), any(contact_id)) FROM orders FINAL)";
    assert_eq!(
        database.value(rows).await,
        "0\t0\t0\t0\t0\t[6]\t0\t(1,500,0)"
    );
    let clean = async {
        let folders = [database.directory.path(), server.data.path()];
        while folders.iter().any(|folder| !traces(folder).is_empty()) {
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        }
    };
    let clean = tokio::time::timeout(std::time::Duration::from_secs(120), clean).await;
    assert!(
        clean.is_ok(),
        "{:?}",
        [
            traces(database.directory.path()),
            traces(server.data.path())
        ]
    );

    // What comes of later is a new trail.
    let again = json!([{ "id": "bird", "city": "חיפה" }]);
    post(&server, &key, "contacts", again).await;
    let (_, person) = get(&server, &key, "people/bird").await;
    let fields: Vec<_> = person["fields"].as_object().unwrap().keys().collect();
    assert_eq!(fields, ["city"]);
}

/// Everything that is held is given, as an archive that anybody can open.
async fn archive(server: &Server, key: &str) {
    let path = format!("{SITE}/people/bird/export");
    let answer = server.ask(Method::GET, &path, key, None).await;
    assert_eq!(answer.status(), 200);
    let bytes = answer.bytes().await.unwrap();
    assert!(bytes.starts_with(b"PK"));
    let text = String::from_utf8_lossy(&bytes);
    for part in [
        "README.txt",
        "person.json",
        "timeline.ndjson",
        "rows.ndjson",
        CANARY_MAIL,
        CANARY_NAME,
    ] {
        assert!(text.contains(part), "{part}");
    }
}

#[tokio::test]
async fn a_form_fills_fields_and_ties_its_browser() {
    let database = Database::open();
    let (server, _, key) = open(&database).await;
    let now = i64::try_from(now_ms()).unwrap();
    let known = json!([{ "id": "c-1", "mail": "dana@example.com", "city": "חיפה", "updated_at": now - 9000 }]);
    post(&server, &key, "contacts", known).await;

    // By a server: what it says holds, and the browser is theirs.
    let form = json!([{ "id": "f1", "form": "club", "contact": { "mail": "dana@example.com" }, "visitor_id": "5",
                        "answers": { "city": "לוד", "family_status": "נשואה" }, "source": "kiosk",
                        "ts": now - 8000 }]);
    for _ in 0..2 {
        let taken = post(&server, &key, "forms", form.clone()).await;
        assert_eq!(taken["accepted"], 1);
    }
    let (_, dana) = get(&server, &key, "people/c-1").await;
    assert_eq!(dana["fields"]["city"]["value"], "לוד");
    assert_eq!(dana["browsing"]["devices"][0]["visitor_id"], "5");

    // Through the edge: what it says fills what nobody else spoke of.
    let sent = |answers: &[(&'static str, &'static str)], visitor: u64, token: u64| {
        let what = What::Form(Answers {
            token_id: TokenId(token),
            form: "newsletter",
            answers: answers.to_vec(),
        });
        let site = Site::new("demo").unwrap();
        let notice = Notice { site, what }.encode();
        let envelope = stamped(visitor, now_ms(), None, &notice);
        let mut body = Vec::new();
        append_to_body(&mut body, &envelope);
        body
    };
    let answers = [
        ("email", "DANA@example.com"),
        ("city", "אילת"),
        ("first_name", "דנה"),
        ("why", "a friend"),
    ];
    for body in [
        sent(&answers, 6, 11),
        sent(&answers, 6, 11),
        sent(&[("first_name", "x")], 7, 12),
    ] {
        assert_eq!(server.ingest(body).await.status(), 202);
    }
    server.drained().await;
    let (_, dana) = get(&server, &key, "people/c-1").await;
    let field = |name: &str| {
        dana["fields"][name]["value"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(
        [field("city"), field("first_name"), field("family_status")],
        ["לוד", "דנה", "נשואה"]
    );
    let devices: Vec<_> = dana["browsing"]["devices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|device| device["visitor_id"].as_str().unwrap())
        .collect();
    assert_eq!(devices, ["6", "5"]);
    let forms = "SELECT form, visitor_id, props.source, props.why FROM events WHERE type = 'form_submit' ORDER BY visitor_id";
    assert_eq!(
        database.value(forms).await,
        "club\t5\tkiosk\t\\N\nnewsletter\t6\twebsite\ta friend\nnewsletter\t7\twebsite\t\\N"
    );
}

#[tokio::test]
async fn a_hebrew_file_of_customers_is_taken_with_a_report() {
    let database = Database::open();
    let (server, _, key) = open(&database).await;
    let file = "מספר לקוח,שם מלא,דוא\"ל,נייד,תאריך לידה,אישור דיוור\r\n\
                7,דנה כהן,Dana@Example.com ,050-234-5678,23/04/1985,כן\r\n\
                8,יוסי לוי,yossi@example,0523334444,1.2.90,לא\r\n\
                9,מיכל,michal@example.com,,,\r\n";
    let (windows, _, _) = encoding_rs::WINDOWS_1255.encode(file);
    // Once this is stored the tables are there.
    post(&server, &key, "contacts", json!([{ "id": "1" }])).await;
    let send = async |query: &str| {
        let url = format!("{}{SITE}/contacts/import?{query}", server.url);
        let request = server.http.post(url).bearer_auth(&key);
        let request = request.header("content-type", "text/csv");
        let answer = request.body(windows.to_vec()).send().await.unwrap();
        (
            answer.status().as_u16(),
            answer.json::<Value>().await.unwrap(),
        )
    };
    let (status, dry) = send("dry_run=true").await;
    assert_eq!(status, 200, "{dry}");
    assert_eq!(get(&server, &key, "people/7").await.0, 404);
    let (status, report) = send("wait=true&name=customers.csv").await;
    assert_eq!(status, 200, "{report}");
    assert_eq!(
        (&report["accepted"], &dry["accepted"]),
        (&json!(2), &json!(2)),
        "{report}"
    );
    let rejected = &report["rejected_rows"][0];
    assert_eq!(
        (&rejected["line"], &rejected["problems"][0]["code"]),
        (&json!(3), &json!("bad_value"))
    );
    let (_, dana) = get(&server, &key, "people/mail:dana@example.com").await;
    assert_eq!(dana["fields"]["last_name"]["value"], "כהן");
    assert_eq!(dana["fields"]["birthday"]["value"], "1985-04-23");
    assert_eq!(dana["fields"]["phone"]["value"], "+972502345678");
    assert_eq!(dana["fields"]["consent_mail"]["value"], true);
    assert_eq!(dana["fields"]["city"], Value::Null);
    assert_eq!(dana["fields"]["first_name"]["by"], "file customers.csv");
}

#[tokio::test]
async fn links_of_messages_are_their_recipients() {
    let database = Database::open();
    let message_key = [0xA7; 32];
    let data = crate::server::folder();
    let mut command = crate::server::command(data.path(), &database.url());
    command.env(
        "CRUMBTRAIL_MESSAGE_KEYS",
        format!("demo/m1:{}", hex::encode(message_key)),
    );
    let server = Server::begin(data, &mut command, &database.url());
    let key = server.key_of("demo", "write");
    let wanted = json!({
        "edge": "https://shop.example/c/", "message_id": "spring-1", "campaign": "spring", "channel": "mail",
        "links": [{ "url": "https://shop.example/shoes", "topic": "shoes" }],
        "recipients": [{ "id": "c-1", "mail": "dana@example.com" }, { "mail": "nobody" }],
    });
    let path = format!("{SITE}/message-links");
    let answer = server
        .ask(Method::POST, &path, &key, Some(wanted.clone()))
        .await;
    assert_eq!(answer.status(), 200);
    let minted: Value = answer.json().await.unwrap();
    assert_eq!(minted["rejected"][0]["pointer"], "/recipients/1/mail");
    let dana = &minted["recipients"][0];
    let link = dana["links"][0].as_str().unwrap();
    let token = link.strip_prefix("https://shop.example/c/r/").unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(token).unwrap();
    let opened = Token::open(&bytes, now_ms() / 1000, |_, name| {
        (name == "m1").then_some(&message_key[..])
    });
    let opened = opened.unwrap();
    assert_eq!(
        opened.message.contact.to_string(),
        dana["contact_id"].as_str().unwrap()
    );
    assert_eq!(opened.message.campaign, "spring");
    assert!(dana["open"].as_str().unwrap().ends_with(".gif"));
    // Whoever gets a message is known from then on.
    server.drained().await;
    let (status, person) = get(&server, &key, "people/dana@example.com").await;
    assert_eq!(
        (status.as_u16(), &person["person_id"]),
        (200, &dana["contact_id"])
    );

    let other = Server::start(&database);
    let key = other.key_of("demo", "write");
    let answer = other.ask(Method::POST, &path, &key, Some(wanted)).await;
    assert_eq!(
        crate::server::code(answer).await,
        (409, "no_message_key".to_owned())
    );
}
