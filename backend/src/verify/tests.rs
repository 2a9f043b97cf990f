//! Shops, each with something else that keeps its events from coming.

use super::*;
use axum::{
    Router,
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect},
    routing::get,
};
use expect_test::{Expect, expect};
use tokio::net::TcpListener;

const STUB: &str = "<script>window.crumb=window.crumb||function(){}</script>";
const LINE: &str = r#"<script async src="/c/crumb.js" data-site="demo"></script>"#;

/// What a shop answers.
#[derive(Clone)]
struct Shop {
    page: String,
    policy: &'static str,
    script: &'static str,
    worker: (StatusCode, &'static str),
}

impl Shop {
    /// A shop whose page has that in its head, and is well otherwise.
    fn with(head: &str) -> Self {
        Self {
            page: format!("<!doctype html><html><head>{head}</head><body>shop</body></html>"),
            policy: "",
            script: "text/javascript",
            worker: (StatusCode::OK, r#"{"status":"ok","consent":"assumed"}"#),
        }
    }

    async fn open(self) -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let Self {
            page,
            policy,
            script,
            worker,
        } = self;
        let page = move || async move {
            let policy =
                (!policy.is_empty()).then_some([(header::CONTENT_SECURITY_POLICY, policy)]);
            (policy, Html(page)).into_response()
        };
        let script = move || async move { [(header::CONTENT_TYPE, script)] };
        // Like the worker, it answers for pages of the shop alone.
        let worker = move |headers: HeaderMap| async move {
            if headers.contains_key(header::ORIGIN) {
                worker
            } else {
                (StatusCode::BAD_REQUEST, "")
            }
        };
        let routes = Router::new()
            .route("/", get(page))
            .route("/moved", get(|| async { Redirect::to("/") }))
            .route("/round", get(|| async { Redirect::to("/round") }))
            .route("/c/crumb.js", get(script))
            .route("/c/health", get(worker));
        tokio::spawn(async { axum::serve(listener, routes).await });
        url.parse().unwrap()
    }
}

/// What is found of the page there: `code value` of each that isn't as it should be.
async fn found(url: &Url) -> String {
    let checks = examine("demo", url, Reach::Anywhere).await;
    let port = format!("127.0.0.1:{}", url.port().unwrap());
    checks
        .iter()
        .filter(|check| check.verdict != Verdict::Good)
        .map(|check| {
            format!(
                "{:?} {:?} {}",
                check.verdict,
                check.code,
                check.value.replace(&port, "HOST")
            )
        })
        .collect::<Vec<_>>()
        .join("; ")
}

async fn table(shops: impl IntoIterator<Item = (&str, Shop)>, expected: Expect) {
    let mut rows = String::new();
    for (name, shop) in shops {
        rows += format!("{name}: {}", found(&shop.open().await).await).trim_end();
        rows += "\n";
    }
    expected.assert_eq(&rows);
}

#[tokio::test]
async fn a_shop_that_lacks_nothing_is_well_in_all() {
    let url = Shop::with(&format!("{STUB}{LINE}")).open().await;
    for path in ["", "moved"] {
        let checks = examine("demo", &url.join(path).unwrap(), Reach::Anywhere).await;
        let codes: Vec<_> = checks.iter().map(|check| check.code).collect();
        assert_eq!(
            codes,
            [
                Code::PageReached,
                Code::LineFound,
                Code::PolicyNone,
                Code::CookieLasts,
                Code::ScriptComes,
                Code::WorkerWell,
                Code::ConsentAssumed,
            ]
        );
    }
}

#[tokio::test]
async fn the_line_is_looked_for_as_a_browser_reads_it() {
    table(
        [
            ("none", Shop::with("<p>")),
            ("in a comment", Shop::with(&format!("<!-- {LINE} -->"))),
            (
                "in a text",
                Shop::with(&format!(
                    "<script>x = `{}`</script>",
                    LINE.replace("</", "<\\/")
                )),
            ),
            (
                "unquoted",
                Shop::with("<SCRIPT\nSRC = /c/crumb.js DATA-SITE=demo></SCRIPT>"),
            ),
            (
                "with a version",
                Shop::with(&LINE.replace("crumb.js", "crumb.js?v=2")),
            ),
            (
                "relative",
                Shop::with(&format!("<base href='/c/'>{}", LINE.replace("/c/", ""))),
            ),
            (
                "of another site",
                Shop::with(&LINE.replace("demo", "other")),
            ),
            (
                "of two sites",
                Shop::with(&(LINE.replace("demo", "other") + LINE)),
            ),
            ("twice", Shop::with(&format!("{LINE}{LINE}"))),
            (
                "held back",
                Shop::with(&LINE.replace("async", "type='text/plain'")),
            ),
            (
                "as a module",
                Shop::with(&LINE.replace("async", "type=module")),
            ),
            (
                "by tag manager",
                Shop::with(
                    "<script src=https://www.googletagmanager.com/gtm.js?id=GTM-1></script>",
                ),
            ),
            (
                "by tag manager's own",
                Shop::with(
                    "<script>j.src='https://www.googletagmanager.com/gtm.js?id='+i</script>",
                ),
            ),
            (
                "after its manager",
                Shop::with(&format!(
                    "<script>'googletagmanager.com/gtm.js'</script>{LINE}"
                )),
            ),
        ],
        expect![[r#"
            none: Bad LineMissing
            in a comment: Bad LineMissing
            in a text: Bad LineMissing
            unquoted:
            with a version:
            relative:
            of another site: Bad LineOfOtherSite other
            of two sites:
            twice: Warning LineTwice 2
            held back: Warning LineHeldBack text/plain
            as a module: Bad LineAsModule
            by tag manager: Warning LineByTagManager
            by tag manager's own: Warning LineByTagManager
            after its manager:
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_policy_is_asked_of_all_that_the_line_does() {
    let shop = |policy| Shop {
        policy,
        ..Shop::with(&format!("{STUB}{LINE}"))
    };
    let meta = |policy: &str| {
        Shop::with(&format!(
            "<meta http-equiv='Content-Security-Policy' content=\"{policy}\">{LINE}"
        ))
    };
    let nonce = |policy| Shop {
        policy,
        ..Shop::with(&format!("{STUB}{LINE}").replace("<script", "<script nonce=abc"))
    };
    table(
        [
            ("none of scripts", shop("img-src 'none'")),
            ("other hosts", shop("default-src https://cdn.example")),
            ("self", shop("default-src 'self'")),
            ("self and inline", shop("default-src 'self'; script-src 'self' 'unsafe-inline'")),
            ("all of it", shop("default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'")),
            ("no sending", shop("script-src 'self' 'unsafe-inline'; connect-src 'none'")),
            ("two, of which one refuses", shop("script-src 'self' 'unsafe-inline' 'unsafe-eval', script-src https://cdn.example")),
            ("nonces alone", nonce("script-src 'nonce-abc'")),
            ("nonces that hand on", nonce("script-src 'nonce-abc' 'strict-dynamic' 'wasm-unsafe-eval'")),
            ("handed on to nobody", shop("script-src 'nonce-abc' 'strict-dynamic'")),
            ("in the page", meta("script-src https://cdn.example")),
            ("in the page, and fitting", meta("script-src 'self' 'wasm-unsafe-eval'")),
        ],
        expect![[r#"
            none of scripts:
            other hosts: Bad PolicyRefusesScript script-src 'self'
            self: Warning PolicyRefusesInline script-src
            self and inline: Warning PolicyRefusesWasm script-src 'wasm-unsafe-eval'
            all of it:
            no sending: Bad PolicyRefusesConnect connect-src 'self'
            two, of which one refuses: Bad PolicyRefusesScript script-src 'self'
            nonces alone: Bad PolicyRefusesScript script-src 'self'
            nonces that hand on:
            handed on to nobody: Bad PolicyNeedsNonce
            in the page: Bad PolicyRefusesScript script-src 'self'
            in the page, and fitting:
        "#]],
    )
    .await;
}

#[tokio::test]
async fn the_worker_is_asked_as_the_page_would() {
    let shop = |status, worker| Shop {
        worker: (status, worker),
        ..Shop::with(LINE)
    };
    let asking = |consent: &str, worker| Shop {
        worker: (StatusCode::OK, worker),
        ..Shop::with(&LINE.replace("async", &format!("async data-consent='{consent}'")))
    };
    table(
        [
            ("the shop's own page", shop(StatusCode::OK, "<h1>shop</h1>")),
            (
                "unknown site",
                shop(StatusCode::BAD_REQUEST, r#"{"code":"unknown_site"}"#),
            ),
            (
                "other origin",
                shop(StatusCode::FORBIDDEN, r#"{"code":"origin_not_allowed"}"#),
            ),
            (
                "no secrets",
                shop(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    r#"{"code":"not_configured"}"#,
                ),
            ),
            ("no route", shop(StatusCode::NOT_FOUND, "")),
            ("an old worker", shop(StatusCode::OK, r#"{"status":"ok"}"#)),
            (
                "consent that nobody asks for",
                shop(StatusCode::OK, r#"{"status":"ok","consent":"required"}"#),
            ),
            (
                "consent that both ask for",
                asking("required", r#"{"status":"ok","consent":"required"}"#),
            ),
            (
                "a page for a script",
                Shop {
                    script: "text/html",
                    ..Shop::with(LINE)
                },
            ),
            ("no script", Shop::with(&LINE.replace("/c/", "/d/"))),
            (
                "a script elsewhere",
                Shop::with(&LINE.replace("/c/", "http://127.0.0.1:1/c/")),
            ),
        ],
        expect![[r#"
            the shop's own page: Bad WorkerElsewhere http://HOST/c/crumb.js
            unknown site: Bad WorkerUnknownSite demo
            other origin: Bad WorkerRefusesOrigin http://HOST
            no secrets: Bad WorkerNotConfigured
            no route: Bad WorkerElsewhere http://HOST/c/crumb.js
            an old worker:
            consent that nobody asks for: Warning ConsentByWorker
            consent that both ask for:
            a page for a script: Bad ScriptIsNone text/html
            no script: Bad ScriptStatus 404
            a script elsewhere: Bad ScriptUnreachable http://127.0.0.1:1/c/crumb.js
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_page_that_does_not_answer_is_said_to() {
    let url = Shop::with(LINE).open().await;
    for (path, code) in [
        ("nowhere", Code::PageStatus),
        ("round", Code::PageUnreachable),
    ] {
        let checks = examine("demo", &url.join(path).unwrap(), Reach::Anywhere).await;
        assert_eq!(
            checks.iter().map(|check| check.code).collect::<Vec<_>>(),
            [code]
        );
    }
    let nobody = Url::parse("http://127.0.0.1:1/").unwrap();
    assert_eq!(
        examine("demo", &nobody, Reach::Anywhere).await[0].code,
        Code::PageUnreachable
    );
    assert_eq!(
        examine("demo", &url, Reach::Public).await[0].code,
        Code::PageNotPublic
    );
}

#[test]
fn an_identity_lasts_where_the_worker_is_the_shops_own() {
    for (page, script, code) in [
        (
            "https://shop.co.il/",
            "https://shop.co.il/c/crumb.js",
            Code::CookieLasts,
        ),
        (
            "https://www.shop.co.il/",
            "https://t.shop.co.il/c/crumb.js",
            Code::CookieOfSubdomain,
        ),
        (
            "https://shop.co.il/",
            "https://other.co.il/c/crumb.js",
            Code::CookieOfOtherSite,
        ),
        (
            "https://a.github.io/",
            "https://b.github.io/c/crumb.js",
            Code::CookieOfOtherSite,
        ),
        (
            "https://10.0.0.1/",
            "https://10.0.0.2/c/crumb.js",
            Code::CookieOfOtherSite,
        ),
        (
            "http://shop.co.il/",
            "http://shop.co.il/c/crumb.js",
            Code::CookieInsecure,
        ),
        (
            "http://localhost:80/",
            "http://localhost:80/c/crumb.js",
            Code::CookieLasts,
        ),
    ] {
        let [at, from] = [page, script].map(|url| Url::parse(url).unwrap());
        assert_eq!(carrier(&at, &from).code, code, "{page} {script}");
    }
}
