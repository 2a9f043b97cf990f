//! Segments that are kept, over HTTP: made, changed, archived, and asked for by others.

use crate::{
    harness::Database,
    server::{Server, body, code},
};
use reqwest::{Method, Response};
use serde_json::{Value, json};

const SEGMENTS: &str = "/v1/sites/demo/segments";

fn views(least: u64) -> Value {
    json!({ "kind": "event", "event": "page_view", "compare": { "gte": least } })
}

fn named(name: &str, definition: &Value) -> Value {
    json!({ "names": { "en": name }, "definition": definition })
}

/// A segment leaf.
fn within(id: &str) -> Value {
    json!({ "kind": "segment", "segment": id })
}

struct Marketer<'s> {
    server: &'s Server,
    key: String,
}

impl<'s> Marketer<'s> {
    fn new(server: &'s Server, site: &str, scope: &str) -> Self {
        let key = server.key_of(site, scope);
        Self { server, key }
    }

    async fn ask(&self, method: Method, of: &str, body: Option<Value>) -> Response {
        let path = format!("{SEGMENTS}{of}");
        self.server.ask(method, &path, &self.key, body).await
    }

    /// What is answered, by its status.
    async fn told(&self, method: Method, of: &str, body: Option<Value>) -> (u16, Value) {
        let answer = self.ask(method, of, body).await;
        (
            answer.status().as_u16(),
            answer.json().await.unwrap_or_default(),
        )
    }

    async fn get(&self, of: &str) -> Value {
        let (status, told) = self.told(Method::GET, of, None).await;
        assert_eq!(status, 200, "{of}: {told}");
        told
    }

    async fn put(&self, id: &str, segment: Value) -> (u16, Value) {
        let of = format!("/{id}");
        self.told(Method::PUT, &of, Some(segment)).await
    }

    async fn post(&self, of: &str) -> (u16, Value) {
        self.told(Method::POST, of, None).await
    }
}

#[tokio::test]
async fn segments_are_kept_with_their_history_and_asked_for_in_others() {
    let database = Database::open();
    let server = Server::start(&database);
    for (visitor, events) in [(1, 1), (2, 5), (3, 9)] {
        let taken = server.ingest(body("demo", visitor, events, 60_000)).await;
        assert_eq!(taken.status(), 202);
    }
    server.drained().await;
    let marketer = Marketer::new(&server, "demo", "write");

    let hebrew = json!({ "names": { "en": "Loyal", "he": "נאמנים" }, "definition": views(5),
                         "descriptions": { "he": "ראו חמישה דפים" }, "version": 0 });
    let (status, made) = marketer.put("loyal", hebrew.clone()).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(made["names"]["he"], "נאמנים");
    assert_eq!(
        (&made["version"], &made["archived_at"]),
        (&json!(1), &Value::Null)
    );
    assert_eq!(made["definition"], views(5));
    let (status, problem) = marketer.put("loyal", hebrew).await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("changed_meanwhile"))
    );
    let but = json!({ "all": [views(1), { "not": within("loyal") }] });
    let (status, rest) = marketer.put("rest", named("The rest", &but)).await;
    assert_eq!(
        (status, &rest["uses"]["segments"]),
        (201, &json!(["loyal"]))
    );
    assert_eq!(marketer.get("/loyal").await["used_by"], json!(["rest"]));

    // Whoever asks for others within a definition gets who they are now.
    let counted = async |definition: Value| {
        let question = json!({ "site": "demo", "definition": definition });
        let answer = server.preview(&marketer.key, question).await;
        let answer: Value = answer.json().await.unwrap();
        answer["count"].as_u64().unwrap()
    };
    assert_eq!(counted(within("loyal")).await, 2);
    assert_eq!(counted(within("rest")).await, 1);
    let (status, changed) = marketer.put("loyal", named("Loyal", &views(9))).await;
    assert_eq!((status, &changed["version"]), (200, &json!(2)));
    let (status, same) = marketer.put("loyal", named("Loyal", &views(9))).await;
    assert_eq!((status, &same), (200, &changed));
    assert_eq!(counted(within("rest")).await, 2);
    let history = marketer.get("/loyal/history").await;
    let history = history.as_array().unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!(history[1]["definition"], views(5));
    let older = marketer.get("/loyal/history?before=2&limit=1").await;
    assert_eq!(older, json!([history[1]]));

    // What is used can't be archived; what is archived can't be asked for.
    let (status, problem) = marketer.post("/loyal/archive").await;
    assert_eq!((status, &problem["code"]), (409, &json!("segment_in_use")));
    assert!(problem["detail"].as_str().unwrap().contains("`rest`"));
    let (status, archived) = marketer.post("/rest/archive").await;
    assert_eq!(status, 200);
    assert!(archived["archived_at"].is_i64());
    let ids = async |of: &str| {
        let listed = marketer.get(of).await;
        let listed = listed.as_array().unwrap().iter();
        listed
            .map(|one| one["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids("").await, ["loyal"]);
    assert_eq!(ids("?archived=true").await, ["rest"]);
    let question = json!({ "site": "demo", "definition": within("rest") });
    let refused = server.preview(&marketer.key, question).await;
    assert_eq!(code(refused).await, (422, "unknown_word".into()));
    let (status, restored) = marketer.post("/rest/restore").await;
    assert_eq!((status, &restored["archived_at"]), (200, &Value::Null));
    assert_eq!(counted(within("rest")).await, 2);

    let admin = Marketer::new(&server, "demo", "admin");
    let deeds = server
        .ask(Method::GET, "/v1/sites/demo/audit", &admin.key, None)
        .await;
    let deeds: Value = deeds.json().await.unwrap();
    let deeds: Vec<_> = deeds.as_array().unwrap().iter().rev().collect();
    let done: Vec<_> = deeds
        .iter()
        .map(|deed| {
            let part = |key: &str| deed[key].as_str().unwrap().to_owned();
            format!("{} {} {}", part("action"), part("target"), part("detail"))
        })
        .collect();
    expect_test::expect![[r#"
        segment_put loyal version 1
        segment_put rest version 1
        segment_put loyal version 2
        segment_archived rest 
        segment_restored rest "#]]
    .assert_eq(&done.join("\n"));
    assert_eq!(deeds[0]["who"], made["changed_by"]);
}

#[tokio::test]
async fn what_does_not_fit_is_a_problem_that_points() {
    let database = Database::open();
    let server = Server::start(&database);
    let marketer = Marketer::new(&server, "demo", "write");
    let good = named("x", &views(1));
    for id in ["a", "b"] {
        assert_eq!(marketer.put(id, good.clone()).await.0, 201);
    }
    let user = named("x", &json!({ "any": [views(2), within("a")] }));
    assert_eq!(marketer.put("b", user).await.0, 200);
    let with = |key: &str, value: Value| {
        let mut segment = good.clone();
        segment[key] = value;
        segment
    };
    let many: Vec<_> = (0..199).map(views).collect();
    let mut said = String::new();
    for (id, segment) in [
        ("A", good.clone()),
        ("c", with("names", json!({}))),
        ("c", with("names", json!({ "en": "" }))),
        ("c", with("descriptions", json!({ "?": "x" }))),
        ("c", with("definition", json!("x".repeat(100 << 10)))),
        ("c", with("definition", json!({ "all": [views(1), {}] }))),
        ("c", with("definition", json!({ "not": within("none") }))),
        ("a", with("definition", json!({ "not": within("b") }))),
        ("a", with("definition", json!({ "any": many }))),
        ("a", with("version", json!(7))),
        ("c", with("version", json!(7))),
        ("c", with("version", json!(-1))),
        ("c", with("site", json!("other"))),
        ("c", json!({ "names": { "en": "x" } })),
        ("c", json!([])),
    ] {
        let (status, problem) = marketer.put(id, segment).await;
        let (code, pointer) = (&problem["code"], &problem["pointer"]);
        let detail: String = problem["detail"]
            .as_str()
            .unwrap()
            .chars()
            .take(100)
            .collect();
        said += &format!("{status} {code} {pointer} {detail}\n");
    }
    expect_test::expect![[r#"
        422 "bad_setting" "/id" id: 1 to 64 characters of a-z, 0-9, - and _ fit
        422 "bad_setting" "/names" names: a name in some language has to be
        422 "bad_setting" "/names" names: 1 to 200 characters fit, not blanks alone; `en` has 0
        422 "bad_setting" "/descriptions" descriptions: `?` is no language; one as `he` or `en-GB` fits
        422 "bad_setting" "/definition" definition: at most 102400 bytes fit
        422 "missing_key" "/all/1" a node without `kind` needs `all`, `any` or `not`
        422 "unknown_word" "/not/segment" the site has no segment `none`
        409 "segment_circle" "/not/segment" it would be asked in itself: `a` uses `b` uses `a`
        409 "breaks_segment" null `b` uses it and would be invalid, at `/any/1/segment`: in `a`, at `/any/197`: with nested segments p
        409 "changed_meanwhile" null it was changed meanwhile: its version is 1
        409 "changed_meanwhile" null it is not there yet; leave `version` out, or send 0
        422 "bad_body" null Failed to deserialize the JSON body into the target type: version: invalid value: integer `-1`, expe
        422 "bad_body" null Failed to deserialize the JSON body into the target type: site: unknown field `site`, expected one o
        422 "bad_body" null Failed to deserialize the JSON body into the target type: missing field `definition` at line 1 colum
        422 "bad_body" null Failed to deserialize the JSON body into the target type: invalid type: sequence, expected an object
    "#]].assert_eq(&said);
    assert_eq!(marketer.get("").await.as_array().unwrap().len(), 2);
    let refused = async |method, of: &str| {
        let (status, problem) = marketer.told(method, of, None).await;
        (status, problem["code"].as_str().unwrap().to_owned())
    };
    for (method, of) in [
        (Method::GET, "/c"),
        (Method::GET, "/c/history"),
        (Method::POST, "/c/archive"),
        (Method::POST, "/c/restore"),
    ] {
        let none = (404, "unknown_segment".to_owned());
        assert_eq!(refused(method, of).await, none, "{of}");
    }
    for of in ["?archived=maybe", "?all=true", "/a/history?limit=101"] {
        let bad = (400, "bad_query".to_owned());
        assert_eq!(refused(Method::GET, of).await, bad, "{of}");
    }
}

#[tokio::test]
async fn segments_are_their_sites_alone_and_changed_by_who_may_write() {
    let database = Database::open();
    let server = Server::start(&database);
    let mut rows = String::new();
    let good = || Some(named("x", &views(1)));
    for (site, scope) in [
        ("demo", "ingest"),
        ("demo", "read"),
        ("demo", "write"),
        ("demo", "admin"),
        ("other", "admin"),
    ] {
        let who = Marketer::new(&server, site, scope);
        rows += &format!("{site} {scope}:");
        for (method, of, body) in [
            (Method::PUT, "/mine", good()),
            (Method::GET, "", None),
            (Method::GET, "/mine", None),
            (Method::GET, "/mine/history", None),
            (Method::POST, "/mine/archive", None),
            (Method::POST, "/mine/restore", None),
        ] {
            rows += &format!(" {}", who.ask(method, of, body).await.status().as_u16());
        }
        rows += "\n";
    }
    expect_test::expect![[r#"
        demo ingest: 403 403 403 403 403 403
        demo read: 403 200 404 404 403 403
        demo write: 201 200 200 200 200 200
        demo admin: 200 200 200 200 200 200
        other admin: 403 403 403 403 403 403
    "#]]
    .assert_eq(&rows);

    let other = server.key_of("other", "write");
    let ask = async |method, of: &str, body| {
        let path = format!("/v1/sites/other/segments{of}");
        server.ask(method, &path, &other, body).await
    };
    let listed: Value = ask(Method::GET, "", None).await.json().await.unwrap();
    assert_eq!(listed, json!([]));
    let whole = ask(Method::GET, "/mine", None).await;
    assert_eq!(code(whole).await, (404, "unknown_segment".into()));
    let user = Some(named("x", &within("mine")));
    let user = ask(Method::PUT, "/theirs", user).await;
    assert_eq!(code(user).await, (422, "unknown_word".into()));
    let same_id = ask(Method::PUT, "/mine", good()).await;
    assert_eq!(same_id.status(), 201);
}
