use super::*;
use expect_test::{Expect, expect};

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// The configuration of a good set of variables, one of them changed or taken away.
fn parse(name: &str, value: Option<&str>) -> Result<Config, Misconfigured> {
    let keys = format!("k2:{KEY},k1:{KEY}ff");
    let sites =
        r#"{"demo":{"origins":["https://shop.example"],"backend":"http://127.0.0.1:8080/"}}"#;
    Config::parse(|asked| match asked {
        _ if asked == name => value.map(String::from),
        PREFIX => None,
        SITES => Some(sites.into()),
        MINT_KEY => Some(KEY.into()),
        LOGIN_KEYS | MESSAGE_KEYS => None,
        _ => Some(keys.clone()),
    })
}

fn check(name: &str, value: Option<&str>, expected: Expect) {
    expected.assert_eq(&match parse(name, value) {
        Ok(_) => "good".into(),
        Err(fault) => fault.to_string(),
    });
}

#[test]
fn a_good_configuration_is_read_whole() {
    let config = parse("", None).unwrap();
    assert_eq!(config.prefix, "/c");
    let site = config.site(Site::new("demo").unwrap()).unwrap();
    assert_eq!(site.ingest_url, "http://127.0.0.1:8080/v1/ingest");
    assert!(site.allows("https://shop.example") && config.allows("https://shop.example"));
    assert!(!site.allows("https://evil.example") && !config.allows("https://evil.example"));
    assert!(config.site(Site::new("other").unwrap()).is_none());
    assert_eq!(config.cookie_keys.first().0, "k2");
    assert_eq!(config.cookie_keys.get("k1").unwrap().bytes().len(), 33);
    assert!(config.cookie_keys.get("k3").is_none());
}

#[test]
fn a_key_is_never_shown() {
    let shown = format!("{:?}", parse("", None).unwrap());
    assert!(
        !shown.contains("31, ") && !shown.to_lowercase().contains(&KEY[..8]),
        "{shown}"
    );
}

#[test]
fn what_is_missing_is_named_with_its_remedy() {
    check(
        SITES,
        None,
        expect!["SITES is not set. Set it under [vars] in wrangler.toml, where it is explained"],
    );
    check(
        COOKIE_KEYS,
        None,
        expect![
            "COOKIE_KEYS is not set. `cargo xtask edge keys` makes one; `wrangler secret put` takes it"
        ],
    );
    check(
        MINT_KEY,
        None,
        expect![
            "MINT_KEY is not set. `cargo xtask edge keys` makes one; `wrangler secret put` takes it"
        ],
    );
    check(
        FORWARD_KEYS,
        None,
        expect![
            "FORWARD_KEYS is not set. Set it to the key that the backend has in CRUMBTRAIL_EDGE_KEYS: wrangler secret put FORWARD_KEYS"
        ],
    );
}

#[test]
fn prefixes_are_plain_paths() {
    for good in ["/c", "/a/b-c_d", "/0"] {
        assert_eq!(parse(PREFIX, Some(good)).unwrap().prefix, good);
    }
    for bad in ["", "/", "c", "/c/", "/C", "/a b", "/é"] {
        let fault = parse(PREFIX, Some(bad)).unwrap_err().fault;
        assert_eq!(fault, Fault::NotAPrefix, "{bad}");
    }
}

#[test]
fn keys_are_long_random_and_named() {
    let fault = |name, value: &str| parse(name, Some(value)).map(|_| ()).map_err(|e| e.fault);
    let short = &KEY[2..];
    assert_eq!(fault(MINT_KEY, KEY), Ok(()));
    assert_eq!(fault(MINT_KEY, &format!("{KEY}\n")), Ok(()));
    assert_eq!(fault(MINT_KEY, short), Err(Fault::Short));
    assert_eq!(fault(MINT_KEY, ""), Err(Fault::Short));
    assert_eq!(fault(MINT_KEY, "zz"), Err(Fault::NotHex));
    assert_eq!(fault(MINT_KEY, &"07".repeat(32)), Err(Fault::NotRandom));
    assert_eq!(fault(COOKIE_KEYS, &format!("a:{KEY}, b:{KEY}")), Ok(()));
    assert_eq!(fault(COOKIE_KEYS, KEY), Err(Fault::NotNamedKeys));
    assert_eq!(fault(COOKIE_KEYS, ""), Err(Fault::NotNamedKeys));
    assert_eq!(
        fault(COOKIE_KEYS, &format!("a.b:{KEY}")),
        Err(Fault::NotNamedKeys)
    );
    assert_eq!(
        fault(COOKIE_KEYS, &format!("A:{KEY}")),
        Err(Fault::NotNamedKeys)
    );
    assert_eq!(
        fault(COOKIE_KEYS, &format!("ninechars:{KEY}")),
        Err(Fault::NotNamedKeys)
    );
    assert_eq!(
        fault(COOKIE_KEYS, &format!("a:{KEY},")),
        Err(Fault::NotNamedKeys)
    );
    assert_eq!(
        fault(COOKIE_KEYS, &format!("a:{KEY},a:{KEY}")),
        Err(Fault::NameTwice)
    );
    assert_eq!(
        fault(FORWARD_KEYS, &format!("a:{short}")),
        Err(Fault::Short)
    );
}

#[test]
fn each_site_has_keys_of_its_own() {
    let sites = r#"{"demo":{"origins":["https://a"],"backend":"http://b","consent":"required"},
        "news":{"origins":["https://c"],"backend":"http://d","consent":"assumed"}}"#;
    let parse = |login: &str| {
        Config::parse(|asked| match asked {
            PREFIX | MESSAGE_KEYS => None,
            SITES => Some(sites.into()),
            MINT_KEY => Some(KEY.into()),
            LOGIN_KEYS => Some(login.into()),
            _ => Some(format!("k1:{KEY}")),
        })
        .map_err(|misconfigured| misconfigured.fault)
    };
    let config = parse(&format!("demo/b:{KEY}, demo/a:{KEY},")).unwrap();
    let [demo, news] = config.sites.as_slice() else {
        panic!("two sites");
    };
    assert_eq!(demo.login_keys.as_ref().unwrap().first().0, "b");
    assert!(demo.login_keys.as_ref().unwrap().get("a").is_some());
    assert!(demo.message_keys.is_none() && news.login_keys.is_none());
    assert!(demo.needs_consent && !news.needs_consent);

    let fault = |login: &str| parse(login).map(|_| ()).unwrap_err();
    assert_eq!(fault(&format!("k1:{KEY}")), Fault::NotNamedKeys);
    assert_eq!(fault(&format!("demo/{KEY}")), Fault::NotNamedKeys);
    assert_eq!(
        fault(&format!("shop/a:{KEY}")),
        Fault::OfNoSite("shop".into())
    );
    assert_eq!(
        fault(&format!("demo/a:{KEY},demo/a:{KEY}")),
        Fault::NameTwice
    );
}

#[test]
fn sites_are_checked_and_their_faults_told() {
    let site = |slug: &str, origins: &str, backend: &str| {
        format!(r#"{{"{slug}":{{"origins":{origins},"backend":"{backend}"}}}}"#)
    };
    let check = |sites: &str, expected| check(SITES, Some(sites), expected);
    let (origins, backend) = (r#"["https://a.example"]"#, "https://b.example/base");
    check(&site("demo", origins, backend), expect!["good"]);
    check(
        &site(
            "demo",
            r#"["http://localhost:8787","https://[::1]:1"]"#,
            backend,
        ),
        expect!["good"],
    );
    check(
        "{}",
        expect!["SITES names no site. Set it under [vars] in wrangler.toml, where it is explained"],
    );
    check(
        "[]",
        expect![
            "SITES is not the JSON that is expected: invalid type: sequence, expected a map at line 1 column 0. Set it under [vars] in wrangler.toml, where it is explained"
        ],
    );
    check(
        r#"{"demo":{"origins":[],"backend":"x","beckend":1}}"#,
        expect![
            "SITES is not the JSON that is expected: unknown field `beckend`, expected one of `origins`, `backend`, `consent` at line 1 column 45. Set it under [vars] in wrangler.toml, where it is explained"
        ],
    );
    check(
        r#"{"demo":{"origins":["https://a"],"backend":"http://b","consent":"no"}}"#,
        expect![[
            r#"SITES has for the site demo a consent that is neither "assumed" nor "required". Set it under [vars] in wrangler.toml, where it is explained"#
        ]],
    );
    check(
        &site("De mo", origins, backend),
        expect![
            "SITES has a site whose name is not 3 to 32 characters of a-z, 0-9 and -. Set it under [vars] in wrangler.toml, where it is explained"
        ],
    );
    check(
        &site("demo", "[]", backend),
        expect![
            "SITES has the site demo without origins. Set it under [vars] in wrangler.toml, where it is explained"
        ],
    );
    for origin in [
        "*",
        "https://",
        "shop.example",
        "https://A.example",
        "https://a.example/",
        "https://a.example/x",
    ] {
        let sites = site("demo", &format!("[\"{origin}\"]"), backend);
        assert_eq!(
            parse(SITES, Some(&sites)).unwrap_err().fault,
            Fault::NotAnOrigin("demo".into())
        );
    }
    for backend in [
        "",
        "b.example",
        "https://",
        "https:///x",
        "https://b.example?x",
        "https://u@b.example",
        "https://b example",
    ] {
        let sites = site("demo", origins, backend);
        assert_eq!(
            parse(SITES, Some(&sites)).unwrap_err().fault,
            Fault::NotABackend("demo".into())
        );
    }
}
