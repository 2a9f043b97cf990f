//! What becomes of segments: kept, refused, archived, and always answerable.

use super::*;
use crate::{
    control::{Group, SiteSettings},
    segment::{Question, parse, resolve},
};
use expect_test::expect;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const NOW_MS: i64 = 1_800_000_000_000;

struct Shop {
    control: Control,
    site: SiteSettings,
    /// It goes with the shop.
    _folder: tempfile::TempDir,
}

impl Shop {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("control.sqlite");
        let control = Control::open(&file).await.unwrap();
        let site = |slug: &str| SiteSettings {
            slug: slug.into(),
            currency: "ILS".into(),
            ..SiteSettings::default()
        };
        for slug in ["one", "two"] {
            control.add_site(&site(slug)).await.unwrap();
        }
        let vip = Group::default();
        control.put_group("one", "vip", &vip).await.unwrap();
        Self {
            control,
            site: site("one"),
            _folder: folder,
        }
    }

    async fn put(&self, id: &str, draft: &Draft) -> Result<(Outcome, Segment), SegmentError> {
        let by = ("k1 (till)", NOW_MS);
        self.control.put_segment(&self.site, id, draft, by).await
    }

    /// Puts a definition: what became of it.
    async fn define(&self, id: &str, definition: Value) -> String {
        told(self.put(id, &draft(&definition)).await)
    }

    async fn archive(&self, id: &str) -> String {
        let archived = self.control.archive_segment("one", id, NOW_MS + 1);
        told(archived.await)
    }

    async fn restore(&self, id: &str) -> String {
        let restored = self.control.restore_segment(&self.site, id, NOW_MS + 2);
        told(restored.await)
    }

    /// Asserts that every live segment is answerable, and gives how many there are.
    async fn live(&self) -> usize {
        let live = self.control.segments("one", false).await.unwrap();
        for listed in &live {
            let segment = self.control.segment("one", &listed.id).await.unwrap();
            let definition = read_definition(segment.definition.get()).unwrap();
            let known = self.control.known(&self.site, &definition).await.unwrap();
            let question = Question {
                site: "one",
                settings: &self.site.reckoning().unwrap(),
                known: &known,
                as_of_ms: NOW_MS,
            };
            resolve(&definition, &question).unwrap();
            for used in &segment.uses.segments {
                let used = self.control.segment("one", used).await.unwrap();
                assert!(used.used_by.contains(&listed.id));
            }
        }
        live.len()
    }
}

fn told(became: Result<(Outcome, Segment), SegmentError>) -> String {
    match became {
        Ok((outcome, segment)) => format!("{outcome:?} {}", segment.listed.version),
        Err(error) => error.to_string(),
    }
}

fn draft(definition: &Value) -> Draft {
    Draft {
        names: [("en".to_owned(), "A name".to_owned())].into(),
        descriptions: BTreeMap::new(),
        definition: RawValue::from_string(definition.to_string()).unwrap(),
        version: None,
    }
}

fn views(least: u32) -> Value {
    json!({ "kind": "event", "event": "page_view", "compare": { "gte": least } })
}

/// A definition of so many nodes, at least two, before others are put in.
fn of_nodes(nodes: u32, others: &[&str]) -> Value {
    let parts = (1..nodes).map(views);
    let others = others.iter().map(|id| segment(id));
    json!({ "any": parts.chain(others).collect::<Vec<_>>() })
}

fn segment(id: &str) -> Value {
    json!({ "kind": "segment", "segment": id })
}

#[tokio::test]
async fn a_change_makes_a_version_and_what_was_before_stays() {
    let shop = Shop::open().await;
    let mut draft = draft(&views(1));
    draft.version = Some(1);
    let early = shop.put("seen", &draft).await;
    assert_eq!(
        told(early),
        "it is not there yet; leave `version` out, or send 0"
    );
    draft.version = Some(0);
    assert_eq!(told(shop.put("seen", &draft).await), "Made 1");
    let again = shop.put("seen", &draft).await;
    assert_eq!(told(again), "it was changed meanwhile: its version is 1");
    draft.version = Some(1);
    let spaced = format!(" {} ", serde_json::to_string_pretty(&views(1)).unwrap());
    draft.definition = serde_json::from_str(&spaced).unwrap();
    assert_eq!(told(shop.put("seen", &draft).await), "Same 1");

    let text = r#"{"kind":"event",  "event":"page_view","compare":{"gte":2.0}}"#;
    draft.definition = RawValue::from_string(text.to_owned()).unwrap();
    assert_eq!(told(shop.put("seen", &draft).await), "Changed 2");
    draft.version = None;
    draft.names.insert("he".into(), "ראו".into());
    let (outcome, whole) = shop.put("seen", &draft).await.unwrap();
    assert_eq!((outcome, whole.listed.version), (Outcome::Changed, 3));
    assert_eq!(whole.definition.get(), text, "as it was given");

    let history = |before, most| shop.control.segment_history("one", "seen", before, most);
    let history: Vec<_> = history(Some(3), 2).await.unwrap();
    let versions: Vec<_> = history.iter().map(|version| version.version).collect();
    assert_eq!(versions, [2, 1]);
    assert_eq!(history[0].definition.get(), text);
    assert_eq!(history[0].names.len(), 1);
    assert_eq!(history[1].definition.get(), views(1).to_string());
    assert_eq!(history[1].changed_by, "k1 (till)");
    let none = shop.control.segment_history("one", "none", None, 2).await;
    assert!(matches!(none, Err(SegmentError::NoSegment(_))));
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_nothing_is_kept() {
    let shop = Shop::open().await;
    let good = draft(&views(1));
    let text = |text: &str| Draft {
        definition: RawValue::from_string(text.to_owned()).unwrap(),
        ..good.clone()
    };
    let names = |names: &[(&str, &str)]| {
        let names = names.iter();
        let names = names.map(|(language, name)| ((*language).to_owned(), (*name).to_owned()));
        Draft {
            names: names.collect(),
            ..good.clone()
        }
    };
    let (long, large) = ("x".repeat(201), format!("[{}]", " ".repeat(100 << 10)));
    let many = Draft {
        descriptions: [("en".to_owned(), "x".repeat(2001))].into(),
        ..good.clone()
    };
    let mut said = String::new();
    for (id, draft) in [
        ("Big", &good),
        ("", &good),
        (&*"x".repeat(65), &good),
        ("a", &names(&[])),
        ("a", &names(&[("en", " ")])),
        ("a", &names(&[("en", &long)])),
        ("a", &names(&[("english language", "x")])),
        ("a", &many),
        ("a", &text(&large)),
        ("a", &text(r#"{"kind": "\ud800"}"#)),
        ("a", &text(r#"{"all": [], "all": []}"#)),
        ("a", &text(r#"{"all": [{"kind": "segment"}]}"#)),
        ("a", &text(r#"{"kind": "segment", "segment": "b"}"#)),
        (
            "a",
            &text(r#"{"not": {"kind": "group", "group": "staff"}}"#),
        ),
        (
            "a",
            &text(r#"{"kind": "contact", "field": "shoe", "op": "exists"}"#),
        ),
    ] {
        let refused = shop.put(id, draft).await.unwrap_err();
        said += &format!("{refused}\n");
    }
    expect![[r#"
        id: 1 to 64 characters of a-z, 0-9, - and _ fit
        id: 1 to 64 characters of a-z, 0-9, - and _ fit
        id: 1 to 64 characters of a-z, 0-9, - and _ fit
        names: a name in some language has to be
        names: 1 to 200 characters fit, not blanks alone; `en` has 1
        names: 1 to 200 characters fit, not blanks alone; `en` has 201
        names: `english language` is no language; one as `he` or `en-GB` fits
        descriptions: 1 to 2000 characters fit, not blanks alone; `en` has 2001
        definition: at most 102400 bytes fit
        the definition is no JSON: unexpected end of hex escape at line 1 column 17
        /all: this key stands here twice
        /all/0: a segment leaf needs `segment`
        /segment: the site has no segment `b`
        /not/group: the site has no group `staff`
        /field: contacts of this site have no field `shoe`
    "#]]
    .assert_eq(&said);
    assert_eq!(shop.live().await, 0);
    let fits = names(&[("en-GB", &"ש".repeat(200))]);
    assert_eq!(told(shop.put("a", &fits).await), "Made 1");
}

#[tokio::test]
async fn no_segment_is_asked_in_itself() {
    let shop = Shop::open().await;
    let own = shop.put("a", &draft(&json!({ "not": segment("a") }))).await;
    assert!(
        matches!(own, Err(SegmentError::Circle { way, pointer }) if way == ["a", "a"] && pointer == "/not/segment")
    );
    for (id, definition) in [
        ("a", views(1)),
        ("b", segment("a")),
        (
            "c",
            json!({ "any": [views(2), segment("b"), segment("a")] }),
        ),
        ("d", segment("c")),
    ] {
        assert_eq!(shop.define(id, definition).await, "Made 1");
    }
    let round = json!({ "all": [views(1), segment("c")] });
    let error = shop.put("a", &draft(&round)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "it would be asked in itself: `a` uses `c` uses `a`"
    );
    assert!(matches!(error, SegmentError::Circle { pointer, .. } if pointer == "/all/1/segment"));
    assert_eq!(shop.live().await, 4);
    let a = shop.control.segment("one", "a").await.unwrap();
    assert_eq!(
        (a.listed.version, a.used_by),
        (1, vec!["b".into(), "c".into()])
    );
}

#[tokio::test]
async fn what_is_used_stays_and_what_is_archived_is_not_used() {
    let shop = Shop::open().await;
    let vip = json!({ "all": [{ "kind": "group", "group": "vip" },
        { "kind": "contact", "field": "city", "op": "eq", "value": "Haifa" }] });
    shop.define("vip", vip.clone()).await;
    shop.define("b", json!({ "not": segment("vip") })).await;
    let whole = shop.control.segment("one", "vip").await.unwrap();
    assert_eq!(
        serde_json::to_value(&whole.uses).unwrap(),
        json!({ "segments": [], "groups": ["vip"], "fields": ["city"] })
    );
    assert_eq!(shop.archive("vip").await, "it is used by `b`");
    assert_eq!(shop.archive("b").await, "Changed 1");
    assert_eq!(shop.archive("b").await, "Same 1");
    assert_eq!(
        shop.archive("vip").await,
        "Changed 1",
        "its user is archived"
    );
    let gone = shop.control.segment("one", "vip").await.unwrap();
    assert_eq!(
        (gone.listed.archived_at, gone.used_by.len()),
        (Some(NOW_MS + 1), 0)
    );

    let dangling = "/segment: the site has no segment `vip`";
    assert_eq!(shop.define("c", segment("vip")).await, dangling);
    assert_eq!(
        shop.restore("b").await,
        "/not/segment: the site has no segment `vip`"
    );
    // A change of what is archived is one, and it stays archived.
    assert_eq!(shop.define("vip", views(3)).await, "Changed 2");
    assert_eq!(shop.live().await, 0);
    assert_eq!(shop.restore("vip").await, "Changed 2");
    assert_eq!(shop.restore("vip").await, "Same 2");
    assert_eq!(shop.restore("b").await, "Changed 1");
    assert_eq!(shop.restore("none").await, "there is no segment `none`");
    assert_eq!(shop.live().await, 2);
    assert_eq!(shop.define("b", views(1)).await, "Changed 2");
    assert_eq!(
        shop.archive("vip").await,
        "Changed 2",
        "nobody uses it any more"
    );
}

#[tokio::test]
async fn a_change_that_would_break_a_user_is_refused() {
    let shop = Shop::open().await;
    shop.define("small", of_nodes(2, &[])).await;
    shop.define("twice", of_nodes(50, &["small", "small"]))
        .await;
    shop.define("far", of_nodes(90, &["twice"])).await;
    assert_eq!(shop.define("small", of_nodes(30, &[])).await, "Changed 2");
    assert_eq!(
        shop.define("small", of_nodes(31, &[])).await,
        "`far` uses it and would be invalid, at `/any/89/segment`: in `twice`, at `/any/50/segment`: \
         in `small`, at `/any/28`: with nested segments put in, a definition has at most 200 nodes; \
         this is one more"
    );
    shop.archive("far").await;
    assert_eq!(shop.define("small", of_nodes(31, &[])).await, "Changed 3");
    assert!(shop.restore("far").await.ends_with("this is one more"));
    assert_eq!(shop.live().await, 2);
}

#[tokio::test]
async fn segments_that_are_nothing_but_others_end_too() {
    let shop = Shop::open().await;
    shop.define("s0", views(1)).await;
    for depth in 1..=16 {
        let below = segment(&format!("s{}", depth - 1));
        assert_eq!(shop.define(&format!("s{depth}"), below).await, "Made 1");
    }
    assert_eq!(
        shop.define("s17", segment("s16")).await,
        ": segments stand in each other more than 16 deep"
    );
    shop.define("below", views(1)).await;
    assert_eq!(
        shop.define("s0", segment("below")).await,
        "`s16` uses it and would be invalid, at ``: segments stand in each other more than 16 deep"
    );
    assert_eq!(shop.live().await, 18);
}

#[tokio::test]
async fn a_definition_is_read_with_what_it_reaches_alone() {
    let shop = Shop::open().await;
    let other = SiteSettings {
        slug: "two".into(),
        ..shop.site.clone()
    };
    let by = ("k2", NOW_MS);
    let theirs = draft(&views(1));
    shop.control
        .put_segment(&other, "theirs", &theirs, by)
        .await
        .unwrap();
    for id in ["vip", "other"] {
        let group = json!({ "kind": "group", "group": "vip" });
        shop.define(id, group).await;
    }
    shop.define("b", json!({ "all": [segment("vip"), segment("vip")] }))
        .await;
    assert_eq!(
        shop.define("c", segment("theirs")).await,
        "/segment: the site has no segment `theirs`"
    );
    let asked = json!({ "any": [segment("b"), segment("theirs"), segment("none"),
        { "kind": "group", "group": "none" }] });
    let asked = parse(&asked).unwrap();
    let known = shop.control.known(&shop.site, &asked).await.unwrap();
    assert_eq!(known.segments.keys().collect::<Vec<_>>(), ["b", "vip"]);
    assert_eq!(known.groups.iter().collect::<Vec<_>>(), ["vip"]);
    assert!(known.fields.contains_key("mail"));
    let listed = shop.control.segments("two", false).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].id, "theirs");
}

#[tokio::test]
async fn a_few_segments_are_found_without_a_look_at_all() {
    let shop = Shop::open().await;
    for sql in [known::REACHED, check::USERS] {
        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
        let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain)
            .bind("one")
            .bind("[]")
            .fetch_all(&shop.control.pool)
            .await
            .unwrap();
        let steps: Vec<_> = steps.into_iter().map(|step| step.3).collect();
        let looks = |columns: &str| steps.iter().any(|step| step.ends_with(columns));
        assert!(looks("(site=? AND id=?)"), "{steps:#?}");
        assert!(
            !looks("(site=?)") && !looks("(site=? AND kind=?)"),
            "{steps:#?}"
        );
    }
}

#[tokio::test]
async fn of_changes_at_once_none_is_lost_and_none_breaks_another() {
    let shop = Shop::open().await;
    for id in ["a", "b", "c"] {
        shop.define(id, views(1)).await;
    }
    let many = |version| {
        let puts = (0..8).map(|least| {
            let mut draft = draft(&views(10 + least));
            draft.version = version;
            let shop = &shop;
            async move { told(shop.put("c", &draft).await) }
        });
        futures_util::future::join_all(puts)
    };
    let mut expecting = many(Some(1)).await;
    expecting.sort();
    let mut wanted = vec!["it was changed meanwhile: its version is 2"; 7];
    wanted.insert(0, "Changed 2");
    assert_eq!(expecting, wanted);
    // One of them is so already.
    many(None).await;
    let history = shop.control.segment_history("one", "c", None, 100).await;
    let history = history.unwrap().into_iter();
    let versions: Vec<_> = history.rev().map(|version| version.version).collect();
    let last = u32::try_from(versions.len()).unwrap();
    assert_eq!(versions, (1..=last).collect::<Vec<_>>());
    assert!(last >= 9, "{last}");

    let (a, b) = tokio::join!(
        shop.define("a", segment("b")),
        shop.define("b", segment("a"))
    );
    assert_ne!(a == "Changed 2", b == "Changed 2", "{a} {b}");
    assert_eq!(shop.live().await, 3);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_what_is_live_is_answerable(
        deeds in prop::collection::vec((0..6_u8, 0..6_usize, 2..120_u32, prop::collection::vec(0..6_usize, 0..3)), 40)
    ) {
        const IDS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let shop = Shop::open().await;
            for (what, id, nodes, others) in deeds {
                let others: Vec<_> = others.into_iter().map(|other| IDS[other]).collect();
                match what {
                    0 => shop.archive(IDS[id]).await,
                    1 => shop.restore(IDS[id]).await,
                    _ => shop.define(IDS[id], of_nodes(nodes, &others)).await,
                };
                shop.live().await;
            }
        });
    }
}
