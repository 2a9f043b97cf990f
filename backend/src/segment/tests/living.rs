//! Living segments over random streams of facts and a clock that the test turns: whatever comes,
//! and however long nothing does, what is kept is what everyone's answers are, and the changes
//! replay to it.

use super::engine;
use super::facts::Facts;
use super::generate::{CURRENCY, Case, case};
use super::random::known;
use super::rows::rows;
use super::truth::World;
use crate::control::{LiveSegment, SiteSettings};
use crate::living::keep::Kept;
use crate::living::look::Look;
use crate::living::noted::Taken;
use crate::segment::ast::Node;
use crate::segment::{Known, Question, memberships, parse};
use crate::store::{Bounds, Change, Store, fresh};
use clickhouse::{Client, Row};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use serde::Deserialize;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::env;
use tokio::runtime::Runtime;

/// How often is looked at each site.
const LOOKS: usize = 9;
/// Before this look the keeper ends, with what was noted.
const RESTART: usize = 5;
/// At this look people are linked.
const LINKS: usize = 3;
const MINUTE: i64 = 60_000;

const BOUNDS: Bounds = Bounds {
    seconds: 30,
    memory_bytes: 2 << 30,
};

/// How long nobody looks.
fn strides() -> impl Strategy<Value = Vec<i64>> {
    let hour = 60 * MINUTE;
    let day = 24 * hour;
    let stride = prop_oneof![
        3 => select(&[20_000, MINUTE][..]),
        3 => select(vec![7 * MINUTE, 31 * MINUTE, hour, 5 * hour]),
        3 => select(vec![11 * hour, day, 2 * day, 9 * day, 33 * day]),
    ];
    prop::collection::vec(stride, LOOKS)
}

#[test]
fn what_is_kept_is_what_everyone_answers() {
    let runtime = Runtime::new().unwrap();
    let (client, store) = runtime.block_on(fresh("living_random"));
    let cases = env::var("PROPTEST_CASES").map_or(5, |cases| cases.parse().unwrap());
    let seed = env::var("PROPTEST_RNG_SEED").map_or(1, |seed| seed.parse().unwrap());
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_time: 60_000,
        rng_seed: RngSeed::Fixed(seed),
        ..Config::default()
    };
    let (sites, moved) = (Cell::new(0), Cell::new([0; 3]));
    let result = TestRunner::new(config).run(&(case(), strides()), |(case, strides)| {
        sites.set(sites.get() + 1);
        let mut shop = Shop::new(&client, &store, format!("site-{}", sites.get()), &case);
        let lived = runtime.block_on(shop.live(&strides))?;
        moved.set([0, 1, 2].map(|cause| moved.get()[cause] + lived[cause]));
        Ok(())
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(difference, (case, strides))) => {
            panic!("{difference}\n{strides:?}\n{:#?}", case.facts)
        }
        Err(other) => panic!("{other}"),
    }
    let [by_event, by_window, by_merge] = moved.get();
    eprintln!("{by_event} changes by events, {by_window} by windows, {by_merge} by merges");
    assert!(by_event > 8 && by_window > 8 && by_merge > 0);
}

/// A site that lives.
struct Shop<'a> {
    client: &'a Client,
    store: &'a Store,
    case: &'a Case,
    site: SiteSettings,
    known: Known,
    live: Vec<LiveSegment>,
    nobody: BTreeSet<u64>,
}

#[derive(Row, Deserialize)]
struct Belongs {
    person: u64,
    places: Vec<u32>,
}

impl<'a> Shop<'a> {
    fn new(client: &'a Client, store: &'a Store, slug: String, case: &'a Case) -> Self {
        let live = case.definitions.iter().enumerate();
        let site = SiteSettings {
            slug,
            time_zone: case.zone.to_owned(),
            currency: CURRENCY.to_owned(),
            week_start: case.week_start.to_monday_one_offset(),
            ..SiteSettings::default()
        };
        Self {
            client,
            store,
            case,
            site,
            known: known(&case.facts),
            live: live
                .map(|(place, definition)| segment(place, parse(definition).unwrap()))
                .collect(),
            nobody: BTreeSet::new(),
        }
    }

    /// Lives through all looks. Gives how many changes were of events, windows and merges.
    async fn live(&mut self, strides: &[i64]) -> Result<[usize; 3], TestCaseError> {
        let mut now = self.case.as_of;
        let mut kept = Kept::read(self.store, &self.site).await.unwrap();
        let mut before = BTreeSet::new();
        for (look, stride) in strides.iter().enumerate() {
            now += stride;
            let ids = self.bring(look, now).await;
            if look == RESTART {
                kept = Kept::read(self.store, &self.site).await.unwrap();
            } else {
                kept.note(&ids);
            }
            self.look(now).bring_up(&mut kept).await.unwrap();
            let is = self.everyone(now).await;
            let differ = |what: &str, found: &BTreeSet<(String, u64)>| {
                let more: Vec<_> = found.difference(&is).collect();
                let less: Vec<_> = is.difference(found).collect();
                let of = more.first().or(less.first()).map(|one| {
                    let place: usize = one.0[1..].parse().unwrap();
                    &self.case.definitions[place]
                });
                let of =
                    format!("look {look}, {what}: too many {more:?}, missing {less:?}\n{of:#?}");
                Err(TestCaseError::fail(of))
            };
            let members = self.members().await;
            if members != is {
                return differ("members", &members);
            }
            let replayed = replay(&self.changes().await)?;
            if replayed != is {
                return differ("replayed", &replayed);
            }
            if look == LINKS {
                self.are_merged(&before, &is, now).await?;
            }
            before = is;
        }
        let changes = self.changes().await;
        let of = |cause: &str| changes.iter().filter(|one| one.cause == cause).count();
        Ok(["event", "window", "merged"].map(of))
    }

    /// Brings a look's share of the facts, and gives of whom they are.
    async fn bring(&self, look: usize, now: i64) -> Taken {
        let case = &self.case.facts;
        let mut facts = Facts::default();
        let mut latest_ms = 0;
        // Most is there at first; of the rest some comes late, and some lies ahead.
        let mut share = |place: usize, ts: i64| {
            let at = if place.is_multiple_of(3) {
                1 + (place / 3) % (LOOKS - 1)
            } else {
                0
            };
            let off = i64::try_from(place).unwrap() * 7919;
            let ts = match place % 4 {
                _ if look == 0 => ts,
                0 => ts,
                1 => now + off % (20 * MINUTE),
                _ => now - 1 - off % MINUTE,
            };
            if at == look {
                latest_ms = latest_ms.max(ts);
            }
            (at == look).then_some(ts)
        };
        for (place, event) in case.events.iter().enumerate() {
            facts.events.extend(share(place, event.ts).map(|ts| {
                let mut event = event.clone();
                event.ts = ts;
                event
            }));
        }
        for (place, order) in case.orders.iter().enumerate() {
            facts.orders.extend(share(place, order.ts).map(|ts| {
                let mut order = order.clone();
                order.ts = ts;
                order
            }));
        }
        for (place, message) in case.messages.iter().enumerate() {
            facts.messages.extend(share(place, message.ts).map(|ts| {
                let mut message = message.clone();
                message.ts = ts;
                message
            }));
        }
        let members = case.memberships.iter().enumerate();
        let members = members.filter(|(place, one)| share(*place, one.ts).is_some());
        facts
            .memberships
            .extend(members.map(|(_, one)| one.clone()));
        let contacts = case.contacts.iter().enumerate();
        let contacts = contacts.filter(|(place, _)| share(*place, 0).is_some());
        facts.contacts.extend(contacts.map(|(_, one)| one.clone()));
        if look == LINKS {
            facts.identities.clone_from(&case.identities);
        }
        Taken {
            ids: self.store(&facts, now).await,
            losses: 0,
            latest_ms,
        }
    }

    /// Stores facts as the drainer does, and gives of whom they are.
    async fn store(&self, facts: &Facts, now: i64) -> BTreeSet<u64> {
        let world = World {
            facts,
            zone: self.case.zone,
            week_start: self.case.week_start,
            currency: CURRENCY,
            as_of: now,
        };
        let site = &self.site.slug;
        let mut ids: BTreeSet<u64> = world.everyone();
        ids.extend(facts.events.iter().map(|event| event.visitor));
        ids.extend(facts.messages.iter().map(|message| message.contact));
        let orders = facts.orders.iter();
        ids.extend(
            orders
                .clone()
                .flat_map(|order| [order.visitor, order.contact]),
        );
        ids.extend(facts.identities.iter().flat_map(|one| [one.id, one.person]));
        let orders: Vec<&str> = orders.map(|order| order.order_id).collect();
        ids.extend(self.store.buyers(site, &orders).await.unwrap());
        ids.remove(&0);
        engine::store(self.client, site, &facts.events).await;
        for (table, rows) in rows(site, &world) {
            engine::insert(self.client, table, &rows).await;
        }
        ids
    }

    fn look(&self, as_of_ms: i64) -> Look<'_> {
        Look {
            store: self.store,
            bounds: BOUNDS,
            site: &self.site,
            settings: self.site.reckoning().unwrap(),
            live: self.live.clone(),
            known: self.known.clone(),
            as_of_ms,
            erasing: &self.nobody,
        }
    }

    /// Who is in, by everyone's answers.
    async fn everyone(&self, as_of_ms: i64) -> BTreeSet<(String, u64)> {
        let question = Question {
            site: &self.site.slug,
            settings: &self.site.reckoning().unwrap(),
            known: &self.known,
            as_of_ms,
        };
        let definitions: Vec<&Node> = self.live.iter().map(|live| &live.definition).collect();
        let statement = memberships(&definitions, &question, None).unwrap();
        let rows: Vec<Belongs> = self.store.question(&statement, &BOUNDS).await.unwrap();
        let of = |Belongs { person, places }| {
            let places: Vec<u32> = places;
            let ids = places.into_iter().map(|place| format!("d{}", place - 1));
            ids.map(move |id| (id, person)).collect::<Vec<_>>()
        };
        rows.into_iter().flat_map(of).collect()
    }

    /// Who is in, as it is kept.
    async fn members(&self) -> BTreeSet<(String, u64)> {
        let ids: Vec<&str> = self.live.iter().map(|live| &*live.id).collect();
        let members = self.store.kept_in(&self.site.slug, &ids).await.unwrap();
        members.into_iter().collect()
    }

    /// All changes, a few at a time.
    async fn changes(&self) -> Vec<Change> {
        let mut changes = Vec::new();
        for live in &self.live {
            let mut after = 0;
            loop {
                let page = self.store.changes(&self.site.slug, &live.id, after, 7);
                let page = page.await.unwrap();
                let Some(last) = page.last() else { break };
                after = last.number;
                changes.extend(page);
            }
        }
        changes
    }

    /// Whoever was absorbed left because of it, and nobody who was in came again.
    async fn are_merged(
        &self,
        before: &BTreeSet<(String, u64)>,
        is: &BTreeSet<(String, u64)>,
        now: i64,
    ) -> Result<(), TestCaseError> {
        let changes = self.changes().await;
        let changed: Vec<_> = changes.iter().filter(|one| one.at == now).collect();
        for identity in self.case.facts.identities.iter() {
            for live in &self.live {
                let part = (live.id.clone(), identity.id);
                let whole = (live.id.clone(), identity.person);
                if !before.contains(&part) {
                    continue;
                }
                let of = |person| {
                    let of = changed.iter().filter(move |one| one.person == person);
                    of.filter(|one| one.segment == live.id).collect::<Vec<_>>()
                };
                let left: Vec<_> = of(identity.id);
                prop_assert_eq!(left.len(), 1);
                prop_assert_eq!((left[0].is_in, &*left[0].cause), (false, "merged"));
                if is.contains(&whole) {
                    let came = of(identity.person);
                    prop_assert_eq!(came.is_empty(), before.contains(&whole));
                    prop_assert!(came.iter().all(|one| one.is_in && one.cause == "merged"));
                }
            }
        }
        Ok(())
    }
}

fn segment(place: usize, definition: Node) -> LiveSegment {
    let id = format!("d{place}");
    LiveSegment {
        asks: [(id.clone(), 1)].into(),
        id,
        version: 1,
        definition,
    }
}

/// What changes come to, taken in their order: nobody comes who is in, or leaves who is not.
fn replay(changes: &[Change]) -> Result<BTreeSet<(String, u64)>, TestCaseError> {
    let mut is = BTreeSet::new();
    let mut numbers = BTreeSet::new();
    for change in changes {
        prop_assert!(numbers.insert(change.number), "{change:?} is there twice");
        let who = (change.segment.clone(), change.person);
        let is_other = if change.is_in {
            is.insert(who)
        } else {
            is.remove(&who)
        };
        prop_assert!(is_other, "{change:?} changes nothing");
    }
    Ok(is)
}
