//! Random definitions over random trails: the engine and the evaluator name
//! the same members.

use super::engine;
use super::facts::{CustomField, Facts, FieldKind};
use super::generate::{CURRENCY, Case, DEFINITIONS, GROUPS, case};
use super::rows::rows;
use super::truth::{Count, World};
use crate::segment::ast::Node;
use crate::segment::contact::{ContactField, Kind};
use crate::segment::gate::gate;
use crate::segment::nodes::taken_out;
use crate::segment::plan::plan;
use crate::segment::sql::FEW;
use crate::segment::{Known, Person, Question, explain, members, parse, preview, resolve};
use clickhouse::Client;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use serde_json::{Value, json};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::env;
use std::fmt::Debug;
use tokio::runtime::Runtime;

#[test]
fn the_engine_agrees_with_the_definition_of_the_language() {
    agrees("segment_random", 1);
}

/// Half of it, so that both cores are at it.
#[test]
fn the_engine_agrees_on_other_sites() {
    agrees("segment_random_too", 2);
}

fn agrees(database: &str, seed: u64) {
    let runtime = Runtime::new().unwrap();
    let client = runtime.block_on(engine::fresh(database));
    let (sites, telling) = (Cell::new(0u32), Cell::new(0));
    // PROPTEST_CASES makes it as many as one has patience for.
    let cases = env::var("PROPTEST_CASES").map_or(313, |cases| cases.parse().unwrap());
    // The same ones each time, so that what fails once fails again; others by PROPTEST_RNG_SEED.
    let other = env::var("PROPTEST_RNG_SEED").map_or(0, |seed| seed.parse().unwrap());
    let seed = seed + 2 * other;
    let config = Config {
        cases,
        failure_persistence: None,
        // A smaller case is worth some minutes, not hours.
        max_shrink_time: 120_000,
        rng_seed: RngSeed::Fixed(seed),
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&case(), |case| {
        sites.set(sites.get() + 1);
        let site = format!("site-{}", sites.get());
        // Half of them ask leaves of one shape together, however few they are.
        FEW.set(sites.get().is_multiple_of(2).then_some(1));
        telling.set(telling.get() + runtime.block_on(agree(&client, &site, &case))?);
        if sites.get().is_multiple_of(SITES_AT_ONCE) {
            runtime.block_on(empty(&client));
        }
        Ok(())
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(difference, case)) => panic!("{difference}\n{:#?}", case.facts),
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

/// A visitor who never was.
const UNKNOWN: u64 = 12_345;

/// Sites that are there at once.
const SITES_AT_ONCE: u32 = 16;

/// The tables of facts.
const TABLES: [&str; 6] = [
    "events",
    "orders",
    "messages",
    "contacts",
    "identities",
    "group_members",
];

/// What the case's site has.
pub(super) fn known(facts: &Facts) -> Known {
    let own = facts.fields.iter().map(|CustomField { name, kind }| {
        let name = (*name).to_owned();
        let kind = match kind {
            FieldKind::Bool => Kind::Bool,
            FieldKind::Text | FieldKind::Choice => Kind::Text,
            FieldKind::List => Kind::List,
            FieldKind::Date => Kind::Date,
            FieldKind::Number | FieldKind::Rating => Kind::Number,
        };
        let field = ContactField {
            name: name.clone(),
            is_standard: false,
            kind,
        };
        (name, field)
    });
    let mut known = engine::KNOWN.clone();
    known.fields.extend(own);
    known.groups = GROUPS.iter().map(|group| (*group).to_owned()).collect();
    let segments = facts.segments.iter();
    known.segments = segments
        .map(|(id, definition)| (id.clone(), parse(definition).unwrap()))
        .collect();
    known
}

/// Asks all of the case; gives how many answers are neither nobody nor everyone.
async fn agree(client: &Client, site: &str, case: &Case) -> Result<u32, TestCaseError> {
    let settings = engine::settings(case.zone, case.week_start);
    let known = known(&case.facts);
    let question = Question {
        site,
        settings: &settings,
        known: &known,
        as_of_ms: case.as_of,
    };
    let world = World {
        facts: &case.facts,
        zone: case.zone,
        week_start: case.week_start,
        currency: CURRENCY,
        as_of: case.as_of,
    };
    engine::store(client, site, &case.facts.events).await;
    for (table, rows) in rows(site, &world) {
        engine::insert(client, table, &rows).await;
    }
    let parsed: Vec<Node> = case.definitions.iter().map(read).collect();
    let definitions: Vec<&Node> = parsed.iter().collect();
    let (nodes, statement) = preview(&definitions, &question, 1000, 1).unwrap();
    let previews = engine::previews(client, &statement).await;
    let differ = |what: &str, definition: &Value, found: &dyn Debug, expected: &dyn Debug| {
        Err(TestCaseError::fail(format!(
            "{what}: engine {found:?}, language {expected:?}\n{definition:#}\n{}\n{:?}",
            statement.text, statement.params
        )))
    };
    let everyone = world.everyone();
    let mut telling = 0;
    for ((definition, nodes), found) in case.definitions.iter().zip(nodes).zip(&previews) {
        let expected: Vec<u64> = world.members(definition).into_iter().collect();
        if found.sample != expected {
            return differ("members", definition, &found.sample, &expected);
        }
        let counts: Vec<Count> = nodes
            .iter()
            .zip(&found.counts)
            .enumerate()
            .map(|(place, (node, (alone, without)))| Count {
                pointer: node.pointer.clone(),
                alone: *alone,
                without: taken_out(&nodes, place).map(|_| *without),
            })
            .collect();
        let expected = world.counts(definition);
        if counts != expected {
            return differ("counts", definition, &counts, &expected);
        }
        telling += u32::from(!found.sample.is_empty() && found.sample.len() < everyone.len());
    }
    drawn(client, &definitions, &question, case, &world).await?;
    gated(client, &question, case, &world).await?;
    explained(client, &definitions, &question, case, &world).await?;
    Ok(telling)
}

/// Whether of every other person those are found who are in.
async fn drawn(
    client: &Client,
    definitions: &[&Node],
    question: &Question<'_>,
    case: &Case,
    world: &World<'_>,
) -> Result<(), TestCaseError> {
    let (_, statement) = preview(definitions, question, 1000, 2).unwrap();
    let everyone: Vec<u64> = world.everyone().into_iter().collect();
    let drawn = "SELECT arrayJoin(arrayFilter(id -> cityHash64(id) % 2 = 0, {ids:Array(UInt64)}))";
    let drawn = client
        .query(drawn)
        .param("ids", everyone)
        .fetch_all::<u64>();
    let drawn: BTreeSet<u64> = drawn.await.unwrap().into_iter().collect();
    let previews = engine::previews(client, &statement).await;
    for (definition, found) in case.definitions.iter().zip(&previews) {
        let members = world.members(definition).into_iter();
        let expected: Vec<u64> = members.filter(|id| drawn.contains(id)).collect();
        if found.sample != expected {
            return Err(TestCaseError::fail(format!(
                "drawn: engine {:?}, language {expected:?}\n{definition:#}\n{}\n{:?}",
                found.sample, statement.text, statement.params
            )));
        }
    }
    Ok(())
}

/// Whether those are found who are in two segments, where what is cheap is asked first.
async fn gated(
    client: &Client,
    question: &Question<'_>,
    case: &Case,
    world: &World<'_>,
) -> Result<(), TestCaseError> {
    for both in case.definitions.windows(2) {
        let both = json!({ "all": both });
        // Together they may be too large.
        let Ok(definition) = parse(&both) else {
            continue;
        };
        let resolved = resolve(&definition, question).unwrap();
        if gate(&plan(resolved, question)).is_none() {
            continue;
        }
        let statement = members(&definition, question, None, 1000).unwrap();
        let found = engine::ids(client, &statement).await;
        let expected: Vec<u64> = world.members(&both).into_iter().collect();
        if found != expected {
            return Err(TestCaseError::fail(format!(
                "gated: engine {found:?}, language {expected:?}\n{both:#}\n{}\n{:?}",
                statement.text, statement.params
            )));
        }
    }
    Ok(())
}

/// Forgets all sites: with many the engine would be busy with merges.
async fn empty(client: &Client) {
    for table in TABLES {
        let truncate = format!("TRUNCATE TABLE {table}");
        client.query(&truncate).execute().await.unwrap();
    }
}

/// Whether it is told of some people, and of one of whom nothing is known, why they are in each
/// segment, or out.
async fn explained(
    client: &Client,
    definitions: &[&Node],
    question: &Question<'_>,
    case: &Case,
    world: &World<'_>,
) -> Result<(), TestCaseError> {
    let everyone: Vec<u64> = world.everyone().into_iter().collect();
    let some = [0, everyone.len() / 2, everyone.len().saturating_sub(1)];
    let some: BTreeSet<u64> = some
        .iter()
        .filter_map(|place| everyone.get(*place).copied())
        .chain([UNKNOWN])
        .collect();
    let people: Vec<Person> = some.iter().map(|id| world.named(*id)).collect();
    let explaining = explain(definitions, question, &people).unwrap();
    let told = engine::told(client, &explaining.statement).await;
    let found: BTreeSet<u64> = told.iter().map(|told| told.person).collect();
    if found != some || told.len() != some.len() {
        let difference = format!("people: engine {found:?}, asked {some:?}");
        return Err(TestCaseError::fail(difference));
    }
    for told in &told {
        let reasons = explaining.reasons(told);
        for (definition, reasons) in case.definitions.iter().zip(reasons) {
            let expected = world.reasons(definition, told.person);
            for (found, expected) in reasons.iter().zip(&expected) {
                if found != expected {
                    return Err(TestCaseError::fail(format!(
                        "{}: engine {found:#?}, language {expected:#?}\n{definition:#}\n{}\n{:?}",
                        told.person, explaining.statement.text, explaining.statement.params
                    )));
                }
            }
            assert_eq!(reasons.len(), expected.len());
        }
    }
    Ok(())
}

fn read(definition: &Value) -> Node {
    parse(definition).unwrap_or_else(|error| panic!("{error}: {definition}"))
}
