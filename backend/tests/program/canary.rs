//! One site's data never shows in another's answers: ten thousand requests of a stranger over
//! every route, and none of them finds the canary, or touches it.

use crate::{
    harness::Database,
    nest::{FEATHER, everything, hatch, marks},
    server::{Server, run},
    stranger::{Request, Stranger, send},
};
use futures_util::{StreamExt as _, stream};
use reqwest::Method;
use serde_json::{Value, json};

const REQUESTS: usize = 15_000;

/// The methods that are tried on every path, described or not.
const METHODS: [Method; 7] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::HEAD,
    Method::OPTIONS,
];

/// What to ask, in turns: everything that is described, what tells of rows more often than the
/// rest, and now and then every method on every path.
fn routes(api: &Value) -> Vec<(Method, String)> {
    let paths = api["paths"].as_object().unwrap();
    assert!(paths.len() >= 14, "{} paths", paths.len());
    let mut described = Vec::new();
    let mut routes = Vec::new();
    for (path, methods) in paths {
        routes.extend(METHODS.map(|method| (method, path.clone())));
        let tells = ["/preview", "/quality", "/top"]
            .iter()
            .any(|end| path.ends_with(end));
        let times = if tells { 8 } else { 1 };
        for method in methods.as_object().unwrap().keys() {
            let method: Method = method.to_uppercase().parse().unwrap();
            described.extend(vec![(method, path.clone()); times]);
        }
    }
    let often = described.iter().cycle().take(routes.len() * 10).cloned();
    routes.extend(often);
    routes.into_iter().cycle().take(REQUESTS).collect()
}

/// What is wrong with an answer.
fn leak(request: &Request, answer: &str, marks: &[String]) -> Option<String> {
    let shown = marks
        .iter()
        .find(|mark| answer.contains(*mark) && !request.wire.contains(*mark));
    if let Some(mark) = shown {
        return Some(format!("it shows {mark}"));
    }
    let (head, body) = answer.split_once("\r\n\r\n")?;
    if head.starts_with("HTTP/1.1 5") {
        return Some("it fails".to_owned());
    }
    if !head.starts_with("HTTP/1.1 200") || request.none.is_empty() {
        return None;
    }
    let told: Value = serde_json::from_str(body).unwrap();
    let wrong = request
        .none
        .iter()
        .find(|(place, none)| told.pointer(place) != Some(none));
    wrong.map(|(place, _)| format!("it has something at {place}"))
}

#[tokio::test]
async fn a_canary_is_never_seen_by_ten_thousand_requests_of_other_sites_keys() {
    let database = Database::open();
    let server = Server::start(&database);
    let silent = ["read", "write", "admin"].map(|scope| server.key_of("other", scope));
    let sending = ["ingest", "write", "admin"].map(|scope| server.key_of("demo", scope));
    // It listens from the beginning.
    let listening = server
        .ask(Method::GET, "/v1/sites/other/live", &silent[0], None)
        .await;
    let heard = listening
        .bytes_stream()
        .filter_map(async |bytes| bytes.ok());
    let heard = tokio::spawn(heard.map(|bytes| bytes.to_vec()).concat());

    let (admin, revoked) = hatch(&server).await;
    let ids = [&admin, &revoked].map(|key| key.split('_').nth(1).unwrap().to_owned());
    let secret = silent[2].rsplit('_').next().unwrap();
    let bad = vec![
        revoked,
        format!("ct_{}_{secret}", ids[0]),
        "ct__".to_owned(),
        "canary".to_owned(),
    ];
    let marks = marks(&database, &ids).await;
    let before = everything(&database, &server, &admin).await;
    assert!(before.contains(FEATHER));

    let api: Value = server.get("/openapi.json").await.json().await.unwrap();
    let mut stranger = Stranger::new(silent.into(), sending.into(), bad, ids.into());
    let requests: Vec<_> = routes(&api)
        .iter()
        .map(|(method, path)| stranger.request(method, path))
        .collect();

    let asked = requests.iter().map(async |request| {
        let answer = send(&server.url, &request.wire).await;
        let leak = leak(request, &answer, &marks);
        assert_eq!(leak, None, "{}\n\n{answer}", request.wire);
        let answered = answer.starts_with("HTTP/1.1 200");
        (answered, answered && !request.none.is_empty())
    });
    let asked: Vec<_> = stream::iter(asked).buffer_unordered(16).collect().await;
    assert_eq!(asked.len(), REQUESTS);
    let of = |is: fn(&(bool, bool)) -> bool| asked.iter().filter(|asked| is(asked)).count();
    let (answered, counted) = (of(|asked| asked.0), of(|asked| asked.1));
    // It is not for being refused that they saw nothing.
    assert!(answered > 2_000 && counted > 200, "{answered} {counted}");
    server.drained().await;
    assert_eq!(everything(&database, &server, &admin).await, before);
    drop(server);
    let heard = String::from_utf8(heard.await.unwrap()).unwrap();
    assert!(!marks.iter().any(|mark| heard.contains(mark)), "{heard}");
}

#[tokio::test]
async fn nobody_learns_which_sites_there_are() {
    let database = Database::open();
    let server = Server::start(&database);
    run(
        server.data.path(),
        &["site", "add", "canary", "--currency", "XPF"],
    );
    let stranger = server.key_of("other", "admin");
    let api: Value = server.get("/openapi.json").await.json().await.unwrap();
    let mut asked = 0;
    for (path, methods) in api["paths"].as_object().unwrap() {
        for (method, described) in methods.as_object().unwrap() {
            if described.get("security").is_none() {
                continue;
            }
            let method: Method = method.to_uppercase().parse().unwrap();
            let answer = async |site: &str| {
                let path = path
                    .replace("{site}", site)
                    .replace("{id}", "0011223344556677");
                let body = json!({ "site": site, "currency": "EUR", "definition": { "kind": "event", "event": "any" } });
                let answer = server
                    .ask(method.clone(), &path, &stranger, Some(body))
                    .await;
                let status = answer.status().as_u16();
                (status, answer.text().await.unwrap().replace(site, "…"))
            };
            let there = answer("canary").await;
            assert_eq!(there, answer("nowhere").await, "{method} {path}");
            if path.contains("{site}") {
                assert!(
                    there.0 == 403 && there.1.contains("other_site"),
                    "{method} {path} {there:?}"
                );
                asked += 1;
            }
        }
    }
    assert!(asked >= 7, "{asked} routes");
}
