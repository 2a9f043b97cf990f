//! Random definitions over random trails: the engine and the evaluator name
//! the same members.

use super::engine;
use super::generate::{Case, DEFINITIONS, case};
use super::truth::World;
use crate::segment::{Question, members, parse};
use clickhouse::Client;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use serde_json::json;
use std::cell::Cell;
use std::env;
use tokio::runtime::Runtime;

#[test]
fn the_engine_agrees_with_the_definition_of_the_language() {
    let runtime = Runtime::new().unwrap();
    let client = runtime.block_on(engine::fresh("segment_random"));
    let (sites, telling) = (Cell::new(0), Cell::new(0));
    // PROPTEST_CASES makes it as many as one has patience for.
    let cases = env::var("PROPTEST_CASES").map_or(40, |cases| cases.parse().unwrap());
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&case(), |case| {
        sites.set(sites.get() + 1);
        let site = format!("site-{}", sites.get());
        telling.set(telling.get() + runtime.block_on(agree(&client, &site, &case))?);
        Ok(())
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(difference, case)) => panic!("{difference}\n{:#?}", case.events),
        Err(other) => panic!("{other}"),
    }
    let pairs = cases * DEFINITIONS as u32;
    eprintln!(
        "{pairs} pairs agree, {} of them on some people but not all",
        telling.get()
    );
    assert!(
        telling.get() * 8 > pairs,
        "most answers are nobody or everyone: they prove little"
    );
}

/// Asks all of the case; gives how many answers are neither nobody nor everyone.
async fn agree(client: &Client, site: &str, case: &Case) -> Result<u32, TestCaseError> {
    engine::store(client, site, &case.events).await;
    let settings = engine::settings(case.zone, case.week_start);
    let question = Question {
        site,
        settings: &settings,
        as_of_ms: case.as_of,
    };
    let world = World {
        events: &case.events,
        zone: case.zone,
        week_start: case.week_start,
        currency: "ILS",
        as_of: case.as_of,
    };
    let everyone = world.members(&json!({"not": {"any": []}}));
    let mut telling = 0;
    for definition in &case.definitions {
        let parsed = parse(definition).unwrap_or_else(|error| panic!("{error}: {definition}"));
        let statement = members(&parsed, &question, None, 1000).unwrap();
        let found = engine::ids(client, &statement).await;
        let expected: Vec<u64> = world.members(definition).into_iter().collect();
        if found != expected {
            let message = format!(
                "engine {found:?}, language {expected:?}\n{definition:#}\n{}\n{:?}",
                statement.text, statement.params
            );
            return Err(TestCaseError::fail(message));
        }
        telling += u32::from(!found.is_empty() && found.len() < everyone.len());
    }
    Ok(telling)
}
