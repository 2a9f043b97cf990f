//! Every exception of the table, and some beside it: what the drainer does, as the architecture
//! page says it, and that afterwards everything is stored once.

use crate::{
    draining::{ALL, BUT_ONE, Draining, MARKED, rows, store},
    harness::Database,
    proxy::{Fault, Shape, What},
};
use backend::{
    ingest::drain::DrainState,
    store::{EXCEPTIONS, Meaning},
};
use futures_util::{StreamExt as _, stream};
use std::{collections::BTreeSet, time::Duration};
use tokio::time::timeout;

const INSERT: &str = "INSERT INTO events";
const LOOK_UP: &str = "FROM events";

/// The page that says it to people.
const PAGE: &str = include_str!("../../../ARCHITECTURE.md");

/// The codes in the page's row that begins so.
fn told(row: &str) -> BTreeSet<u32> {
    let row = PAGE.lines().find(|line| line.starts_with(row)).unwrap();
    let codes = row.split('|').nth(2).unwrap().split(' ');
    codes.filter_map(|word| word.parse().ok()).collect()
}

/// Exceptions that need a hand; the table doesn't name them.
const OTHERS: [(u32, &str); 12] = [
    (16, "NO_SUCH_COLUMN_IN_TABLE"),
    (47, "UNKNOWN_IDENTIFIER"),
    (53, "TYPE_MISMATCH"),
    (60, "UNKNOWN_TABLE"),
    (70, "CANNOT_CONVERT_TYPE"),
    (81, "UNKNOWN_DATABASE"),
    (115, "UNKNOWN_SETTING"),
    (164, "READONLY"),
    (194, "REQUIRED_PASSWORD"),
    (425, "SYSTEM_ERROR"),
    (497, "ACCESS_DENIED"),
    (516, "AUTHENTICATION_FAILED"),
];

#[tokio::test]
async fn the_table_is_the_pages_and_its_names_are_clickhouses() {
    let database = Database::open();
    let of = |meaning| {
        let those = EXCEPTIONS.iter().filter(|known| known.0 == meaning);
        those.map(|known| known.1).collect::<BTreeSet<_>>()
    };
    assert_eq!(told("| it passes"), of(Meaning::Passes));
    assert_eq!(told("| too much is asked"), of(Meaning::Heavy));
    assert_eq!(told("| a row's value"), of(Meaning::Row));
    assert_eq!(told("| anything else"), OTHERS.map(|(code, _)| code).into());

    let codes: BTreeSet<_> = EXCEPTIONS.iter().map(|known| known.1).collect();
    assert_eq!(codes.len(), EXCEPTIONS.len(), "each stands there once");
    let named = EXCEPTIONS.iter().map(|(_, code, name)| (*code, *name));
    for (code, name) in named.chain(OTHERS) {
        let sql = format!("SELECT errorCodeToName({code})");
        assert_eq!(database.value(&sql).await, name, "{code}");
    }
}

/// What befalls an insert of events, or the look-up before it: so the drainer fares.
async fn meets(
    database: &Database,
    number: usize,
    code: u32,
    name: &'static str,
    shape: Shape,
) -> String {
    let site = format!("site-{number}");
    let on = [INSERT, LOOK_UP][number % 2];
    let fault = Fault::new(on, What::Exception(shape, code, name));
    let mut draining = Draining::start(database, &site, fault).await;
    let fares = match draining.says().await {
        DrainState::Retrying(why) => ("is tried again", why),
        DrainState::Stopped(why) => ("stops", why),
        other => panic!("{code}: {other:?}"),
    };
    assert!(
        fares.1.contains(&format!("code {code})")),
        "{code}: {}",
        fares.1
    );
    draining.end().await;
    assert_eq!(rows(database, &site).await, ALL, "{code}");
    fares.0.to_owned()
}

#[tokio::test]
async fn each_exception_is_met_as_the_table_says_and_then_everything_is_stored_once() {
    let database = Database::open();
    store(&database.url()).migrate().await.unwrap();
    let known = EXCEPTIONS.iter().copied();
    let others = OTHERS
        .iter()
        .map(|(code, name)| (Meaning::Hand, *code, *name));
    let shapes = [
        Shape::Whole,
        Shape::Header,
        Shape::Text,
        Shape::Late,
        Shape::LateUntagged,
    ];
    let cases = known
        .chain(others)
        .zip(shapes.into_iter().cycle())
        .enumerate();
    let met = cases.filter(|(_, ((meaning, ..), _))| *meaning != Meaning::Row);
    let met = met.map(async |(number, ((meaning, code, name), shape))| {
        let expected = if meaning == Meaning::Hand {
            "stops"
        } else {
            "is tried again"
        };
        let fares = meets(&database, number, code, name, shape).await;
        assert_eq!(fares, expected, "{code} {shape:?}");
    });
    let met = stream::iter(met).buffer_unordered(8).count().await;
    assert!(met > 80, "{met}");
}

#[tokio::test]
async fn a_row_that_clickhouse_cannot_take_is_set_aside_alone_by_whatever_code() {
    let database = Database::open();
    store(&database.url()).migrate().await.unwrap();
    let codes = EXCEPTIONS.iter().filter(|known| known.0 == Meaning::Row);
    let cases = codes.enumerate().map(async |(number, (_, code, name))| {
        let site = format!("row-{number}");
        let fault = Fault {
            with: MARKED,
            ..Fault::new(INSERT, What::Exception(Shape::Whole, *code, name))
        };
        let mut draining = Draining::start(&database, &site, fault).await;
        assert_eq!(draining.says().await, DrainState::Running, "{code}");
        assert!(draining.proxy.met() > 1, "by halves");
        draining.end().await;
        assert_eq!(rows(&database, &site).await, BUT_ONE, "{code}");
        let why = format!(
            "SELECT DISTINCT reason FROM rejected_events WHERE site = '{site}' ORDER BY reason"
        );
        assert_eq!(database.value(&why).await, "refused_by_store\ntoo_old");
    });
    stream::iter(cases).buffer_unordered(8).count().await;
}

#[tokio::test]
async fn a_code_about_a_rows_value_where_no_row_is_to_blame_stops() {
    let database = Database::open();
    store(&database.url()).migrate().await.unwrap();
    let what = What::Exception(Shape::Whole, 117, "INCORRECT_DATA");
    let places = [
        LOOK_UP,
        "INTO proofs",
        "INTO messages",
        "INTO tabs",
        "INTO rejected_events",
        "INTO erasure_requests",
    ];
    for (number, on) in places.into_iter().enumerate() {
        let site = format!("place-{number}");
        let mut draining = Draining::start(&database, &site, Fault::new(on, what)).await;
        let says = draining.says().await;
        assert!(matches!(says, DrainState::Stopped(_)), "{on}: {says:?}");
        draining.end().await;
        assert_eq!(rows(&database, &site).await, ALL, "{on}");
    }
}

#[tokio::test]
async fn once_it_is_mended_the_drainer_goes_on_by_itself() {
    let database = Database::open();
    let cases = [
        (241, "MEMORY_LIMIT_EXCEEDED", 10),
        (60, "UNKNOWN_TABLE", 20),
    ];
    let cases =
        cases.map(|(code, name, within_s)| (What::Exception(Shape::Whole, code, name), within_s));
    let went_on = cases.map(async |(what, within_s)| {
        let site = format!("within-{within_s}");
        let mut draining = Draining::start(&database, &site, Fault::new("", what)).await;
        assert_ne!(draining.says().await, DrainState::Running);
        draining.proxy.set(None);
        let runs = draining
            .state
            .wait_for(|state| *state == DrainState::Running);
        let runs = timeout(Duration::from_secs(within_s), runs).await;
        runs.expect("it waits for somebody").unwrap();
        assert_eq!(rows(&database, &site).await, ALL);
    });
    futures_util::future::join_all(went_on).await;
}
