//! Who is in a segment, over HTTP: page by page, as files, beside others; and what a marketer
//! writes segments with.

use crate::{
    harness::Database,
    server::{Server, body},
};
use reqwest::Method;
use serde_json::{Value, json};

const SITE: &str = "/v1/sites/demo";

/// A server with three contacts, two of them in Haifa, and a visitor; a segment of those who are
/// in Haifa, and one of everybody.
async fn open(database: &Database) -> (Server, String) {
    let server = Server::start(database);
    let admin = server.key_of("demo", "admin");
    let country = json!({ "country": "IL" });
    let changed = server.ask(Method::PATCH, SITE, &admin, Some(country)).await;
    assert_eq!(changed.status(), 200);
    let children = json!({ "type": "bool", "labels": { "he": "ילדים" } });
    let (status, _) = told(
        &server,
        &admin,
        Method::PUT,
        "/fields/has_children",
        Some(children),
    )
    .await;
    assert_eq!(status, 200);
    let key = server.key_of("demo", "write");
    let rows = json!([
        { "id": "c-1", "mail": "dana@example.com", "phone": "050-2345678", "first_name": "דנה", "city": "חיפה",
          "has_children": true },
        { "id": "c-2", "first_name": "=HYPERLINK(\"http://evil.example\")", "last_name": "a \"quoted\", name",
          "city": "חיפה" },
        { "id": "c-3", "first_name": "נועה", "city": "לוד" },
    ]);
    let (status, taken) = told(
        &server,
        &key,
        Method::POST,
        "/contacts?wait=true",
        Some(rows),
    )
    .await;
    assert_eq!((status, &taken["accepted"]), (200, &json!(3)));
    assert_eq!(
        server.ingest(body("demo", 1, 3, 60_000)).await.status(),
        202
    );
    server.drained().await;
    let in_haifa = json!({ "kind": "contact", "field": "city", "op": "eq", "value": "חיפה" });
    let everybody = json!({ "any": [{ "kind": "event", "event": "any" },
                                    { "kind": "contact", "field": "key", "op": "exists" }] });
    for (id, definition) in [("haifa", in_haifa), ("all", everybody)] {
        let segment = json!({ "names": { "he": "חיפאים", "en": id }, "definition": definition });
        let of = format!("/segments/{id}");
        let (status, made) = told(&server, &key, Method::PUT, &of, Some(segment)).await;
        assert_eq!(status, 201, "{made}");
    }
    (server, key)
}

/// What is answered, by its status.
async fn told(
    server: &Server,
    key: &str,
    method: Method,
    of: &str,
    body: Option<Value>,
) -> (u16, Value) {
    let answer = server.ask(method, &format!("{SITE}{of}"), key, body).await;
    (
        answer.status().as_u16(),
        answer.json().await.unwrap_or_default(),
    )
}

async fn get(server: &Server, key: &str, of: &str) -> Value {
    let (status, told) = told(server, key, Method::GET, of, None).await;
    assert_eq!(status, 200, "{of}: {told}");
    told
}

#[tokio::test]
async fn members_come_in_pages_with_what_is_asked_of_them() {
    let database = Database::open();
    let (server, key) = open(&database).await;
    let first = get(
        &server,
        &key,
        "/segments/all/members?limit=3&columns=first_name,has_children,key",
    )
    .await;
    let as_of = &first["as_of"];
    let after = first["next"].as_str().unwrap();
    let rest = format!(
        "/segments/all/members?limit=3&columns=first_name,has_children,key&as_of={as_of}&after={after}"
    );
    let rest = get(&server, &key, &rest).await;
    assert_eq!(rest["next"], Value::Null);
    let people = [&first, &rest]
        .map(|page| page["people"].as_array().unwrap().clone())
        .concat();
    assert_eq!(people.len(), 4);
    let dana = people.iter().find(|person| person["key"] == "c-1").unwrap();
    assert_eq!(
        (&dana["first_name"], &dana["has_children"]),
        (&json!("דנה"), &json!(true))
    );
    let visitor = people.iter().find(|person| person["id"] == "1").unwrap();
    assert_eq!(visitor["first_name"], "");

    let rest = get(&server, &key, "/segments/all/members?suppress=haifa").await;
    assert_eq!(rest["people"].as_array().unwrap().len(), 2);
    for (of, status, code) in [
        ("/segments/none/members", 404, "unknown_segment"),
        (
            "/segments/all/members?suppress=none",
            404,
            "unknown_segment",
        ),
        ("/segments/all/members?columns=shoe_size", 400, "bad_query"),
        ("/segments/all/members?limit=0", 400, "bad_query"),
        ("/segments/all/members?after=first", 400, "bad_query"),
        ("/segments/all/export?format=xls", 400, "bad_query"),
    ] {
        let (found, problem) = told(&server, &key, Method::GET, of, None).await;
        assert_eq!((found, &problem["code"]), (status, &json!(code)), "{of}");
    }
    let (status, _) = told(&server, &key, Method::POST, "/segments/haifa/archive", None).await;
    assert_eq!(status, 200);
    let (status, _) = told(&server, &key, Method::GET, "/segments/haifa/members", None).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn a_file_is_safe_in_a_spreadsheet() {
    let database = Database::open();
    let (server, key) = open(&database).await;
    let export = async |of: &str| {
        let path = format!("{SITE}/segments/haifa/export?{of}");
        let answer = server.ask(Method::GET, &path, &key, None).await;
        assert_eq!(answer.status(), 200, "{of}");
        (
            answer.headers()["content-disposition"]
                .to_str()
                .unwrap()
                .to_owned(),
            answer.bytes().await.unwrap(),
        )
    };
    let columns = "key,first_name,last_name,phone,has_children";
    let (name, csv) = export(&format!("format=csv&language=he&columns={columns}")).await;
    assert_eq!(name, "attachment; filename=\"haifa.csv\"");
    let csv = String::from_utf8(csv.to_vec()).unwrap();
    let mut lines = csv.split("\r\n");
    assert_eq!(
        lines.next().unwrap(),
        "\u{feff}\"id\",\"key\",\"שם פרטי\",\"שם משפחה\",\"טלפון\",\"ילדים\""
    );
    let mut rows: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    rows.sort_by_key(|row| row.split_once(',').map(|(_, rest)| rest));
    let rest = |row: &str| row.split_once(',').unwrap().1.to_owned();
    assert_eq!(rows.len(), 2);
    assert_eq!(rest(rows[0]), r#""c-1","דנה","","+972502345678","true""#);
    assert_eq!(
        rest(rows[1]),
        r#""c-2","'=HYPERLINK(""http://evil.example"")","a ""quoted"", name","","""#
    );
    let (name, parquet) = export("format=parquet").await;
    assert_eq!(name, "attachment; filename=\"haifa.parquet\"");
    assert_eq!(
        (&parquet[..4], &parquet[parquet.len() - 4..]),
        (&b"PAR1"[..], &b"PAR1"[..])
    );

    let admin = server.key_of("demo", "admin");
    let audit = get(&server, &admin, "/audit").await;
    let exports = audit
        .as_array()
        .unwrap()
        .iter()
        .filter(|deed| deed["action"] == "segment_exported");
    assert_eq!(exports.count(), 2);
}

#[tokio::test]
async fn segments_lie_over_each_other() {
    let database = Database::open();
    let (server, key) = open(&database).await;
    let both = json!({ "segments": ["haifa", "all"] });
    let (status, overlap) = told(&server, &key, Method::POST, "/segment-overlap", Some(both)).await;
    assert_eq!(status, 200, "{overlap}");
    assert_eq!(
        (&overlap["people"], &overlap["sizes"]),
        (&json!(4), &json!([2, 4]))
    );
    let exactly = overlap["exactly"].as_array().unwrap();
    assert_eq!(exactly.len(), 2);
    assert!(exactly.contains(&json!({ "segments": ["haifa", "all"], "people": 2 })));
    for segments in [json!(["all"]), json!(["all", "all"])] {
        let twice = json!({ "segments": segments });
        let (status, problem) =
            told(&server, &key, Method::POST, "/segment-overlap", Some(twice)).await;
        assert_eq!((status, &problem["pointer"]), (422, &json!("/segments")));
    }
}

#[tokio::test]
async fn the_language_is_told_with_what_the_site_has() {
    let database = Database::open();
    let (server, key) = open(&database).await;
    let ask = async |method, path: &str, body| {
        let answer = server.ask(method, path, &key, body).await;
        (
            answer.status().as_u16(),
            answer.json::<Value>().await.unwrap(),
        )
    };
    let (status, schema) = ask(
        Method::GET,
        "/v1/segment-language?site=demo&segment=haifa",
        None,
    )
    .await;
    assert_eq!(status, 200);
    let text = schema.to_string();
    assert!(
        text.contains("has_children")
            && text.contains("חיפה")
            && text.contains("\"const\":\"all\"")
    );
    assert!(
        !text.contains("\"const\":\"haifa\""),
        "it can't ask for itself"
    );

    let (_, gallery) = ask(Method::GET, "/v1/segment-templates", None).await;
    assert!(gallery.as_array().unwrap().len() >= 40);
    let fill = "/v1/segment-templates/frequent-visitors";
    let (status, filled) = ask(
        Method::POST,
        fill,
        Some(json!({ "values": { "times": 7 } })),
    )
    .await;
    assert_eq!(
        (status, &filled["definition"]["compare"]["gte"]),
        (200, &json!(7))
    );
    let (status, problem) = ask(
        Method::POST,
        fill,
        Some(json!({ "values": { "times": "often" } })),
    )
    .await;
    assert_eq!(
        (status, &problem["pointer"]),
        (422, &json!("/values/times"))
    );
    let (status, _) = ask(Method::POST, "/v1/segment-templates/none", Some(json!({}))).await;
    assert_eq!(status, 404);

    let question = json!({ "site": "demo", "definition": filled["definition"] });
    let (_, sentences) = ask(Method::POST, "/v1/segments/describe", Some(question)).await;
    assert_eq!(
        sentences["en"],
        "People who visited the site at least 7 times in the last month."
    );
    assert_eq!(
        sentences["he"],
        "אנשים שביקרו באתר לפחות 7 פעמים בחודש האחרון."
    );
}

#[tokio::test]
async fn why_somebody_is_in_or_out_is_told() {
    let database = Database::open();
    let (server, key) = open(&database).await;
    let why = get(&server, &key, "/segments/haifa/people/c-1").await;
    assert_eq!(why["is_in"], true);
    assert_eq!(why["nodes"][0]["found"], "חיפה");
    assert_eq!(why["nodes"][0]["asked"]["value"], "חיפה");
    let why = get(&server, &key, "/segments/all/people/visitor:1").await;
    assert_eq!(why["nodes"][1]["found"], 3);
    assert_eq!(why["nodes"][1]["facts"].as_array().unwrap().len(), 3);
    assert_eq!(
        (&why["nodes"][2]["pointer"], &why["nodes"][2]["is_true"]),
        (&json!("/any/1"), &json!(false))
    );
    let nobody = "/segments/all/people/c-9";
    let (status, problem) = told(&server, &key, Method::GET, nobody, None).await;
    assert_eq!((status, &problem["code"]), (404, &json!("unknown_person")));
}

#[tokio::test]
async fn who_enters_is_told_once_and_stands_on_their_page() {
    let database = Database::open();
    let (server, key) = open(&database).await;
    let mut entered = Vec::new();
    // Everything is looked through several times a minute.
    for _ in 0..240 {
        let told = get(&server, &key, "/segments/haifa/changes").await;
        entered = told["changes"].as_array().unwrap().clone();
        if entered.len() == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    assert_eq!(entered.len(), 2);
    assert!(entered.iter().all(|change| change["change"] == "entered"));
    let last = entered[1]["cursor"].as_str().unwrap();
    let none = get(
        &server,
        &key,
        &format!("/segments/haifa/changes?after={last}"),
    )
    .await;
    assert_eq!(none["changes"], json!([]));
    let segments = get(&server, &key, "/segments").await;
    let haifa = segments
        .as_array()
        .unwrap()
        .iter()
        .find(|segment| segment["id"] == "haifa");
    assert_eq!(haifa.unwrap()["size"], 2);
    let dana = get(&server, &key, "/people/c-1").await;
    let ids: Vec<_> = dana["segments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|segment| &segment["id"])
        .collect();
    assert_eq!(ids, [&json!("all"), &json!("haifa")]);
    assert_eq!(dana["segments"][1]["since"], entered[0]["at"]);
}
