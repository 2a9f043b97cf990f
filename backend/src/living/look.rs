//! A look at a site: who may have changed, who did, and what is written of it.

use super::{
    LivingError,
    diff::{Cause, In, Move, diff},
    edges::{Edges, edges},
    keep::Kept,
};
use crate::{
    control::{LiveSegment, SiteSettings},
    segment::{self, Known, Question, Resolved, ast::Node},
    store::{Bounds, Facts, Store, Stretch},
};
use clickhouse::Row;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    mem,
};

/// Of more ids than these it is cheaper to ask about everyone.
const MOST_IDS: usize = 100_000;
/// Ids that are asked about at once: they stand in a statement several times, of 8 MiB at most.
const IDS_AT_ONCE: usize = 30_000;
/// Definitions that everyone is asked about at once.
const WHOLE_AT_ONCE: usize = 16;

/// A look at a site.
pub struct Look<'a> {
    /// Where facts and memberships are.
    pub store: &'a Store,
    /// What a question may cost.
    pub bounds: Bounds,
    /// The site.
    pub site: &'a SiteSettings,
    /// What its settings mean to segments.
    pub settings: segment::SiteSettings,
    /// Its live segments.
    pub live: Vec<LiveSegment>,
    /// What it has that they name.
    pub known: Known,
    /// The moment, in milliseconds since the epoch.
    pub as_of_ms: i64,
    /// People who are being erased: what is stored of them doesn't count.
    pub erasing: &'a BTreeSet<u64>,
}

/// Why a segment is asked of everyone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// Anybody may have changed, by what came of them or by time.
    Changed,
    /// For this cause.
    As(Cause),
}

/// Who may have changed.
#[derive(Debug, Default)]
struct Candidates {
    /// Ids, each with the person that it is part of; of others it is the id itself.
    persons: HashMap<u64, u64>,
    /// Persons of whom something came.
    noted: BTreeSet<u64>,
    /// Persons over whose facts a bound moved.
    timed: BTreeSet<u64>,
}

/// What the bounds of windows moved over.
type Moved<'l> = BTreeMap<Facts, Stretches<'l>>;

/// The stretches of a table's facts.
#[derive(Debug, Default)]
struct Stretches<'l> {
    /// Whose facts lie here may come or leave.
    over: Vec<Stretch>,
    /// Whose facts lie here may leave these segments, and do nothing else.
    past: BTreeMap<Stretch, BTreeSet<&'l str>>,
}

#[derive(Row, Deserialize)]
struct Belongs {
    person: u64,
    places: Vec<u32>,
}

impl Look<'_> {
    /// Brings memberships up to the moment. Gives how many ids were looked at; of those of whom
    /// everyone's were, none.
    ///
    /// # Errors
    /// [`LivingError`]; the next look does what is left.
    pub async fn bring_up(&self, kept: &mut Kept) -> Result<u64, LivingError> {
        kept.write(self.store).await?;
        self.end_archived(kept).await?;
        let mut whole = self.whole(kept);
        let mut rest: Vec<usize> = (0..self.live.len()).collect();
        rest.retain(|place| !whole.contains_key(place));

        let mut moved = Moved::new();
        if !rest.is_empty() {
            let mut edges = self.edges(&rest, kept.as_of_ms)?;
            let by_day = mem::take(&mut edges.whole).into_iter();
            moved = self.moved(&rest, edges);
            let asked = by_day.filter_map(|at| rest.get(at));
            whole.extend(asked.map(|place| (*place, Why::Changed)));
            rest.retain(|place| !whole.contains_key(place));
            if kept.latest_ms >= kept.as_of_ms {
                self.add_ahead(kept.as_of_ms, &mut moved);
            }
        }
        let candidates = self.candidates(kept, &moved).await?;
        if candidates.noted.len() + candidates.timed.len() > MOST_IDS {
            whole.extend(rest.drain(..).map(|place| (place, Why::Changed)));
        }
        let people = self.ask_candidates(kept, &rest, &candidates).await?;
        let whole: Vec<_> = whole.into_iter().collect();
        for some in whole.chunks(WHOLE_AT_ONCE) {
            self.ask_everyone(kept, some, &candidates).await?;
        }
        if kept.as_of_ms == i64::MIN {
            let ahead = self.store.latest_fact(&self.site.slug, self.as_of_ms);
            kept.latest_ms = kept.latest_ms.max(ahead.await?);
        }
        self.settle(kept);
        Ok(people)
    }

    /// The look is done.
    fn settle(&self, kept: &mut Kept) {
        kept.as_of_ms = self.as_of_ms;
        kept.site = self.site.clone();
        let asked = self.live.iter();
        kept.asked = asked
            .map(|segment| (segment.id.clone(), segment.asks.clone()))
            .collect();
        kept.is_lost = false;
        kept.waiting.clear();
    }

    /// Which segments everyone is asked about, and why.
    fn whole(&self, kept: &Kept) -> BTreeMap<usize, Why> {
        let why = |segment: &LiveSegment| {
            let is_first = kept.as_of_ms == i64::MIN;
            let is_new = is_first && !kept.sizes.contains_key(&segment.id);
            let asks_other = !is_first && kept.asked.get(&segment.id) != Some(&segment.asks);
            if is_new || asks_other || !kept.is_reckoned_as(self.site) {
                return Some(Why::As(Cause::Definition));
            }
            if kept.is_lost || kept.as_of_ms > self.as_of_ms {
                return Some(Why::As(Cause::CatchUp));
            }
            // What is too old goes at any time, and nothing says whose it was.
            let forgets = self.site.retention_days.is_some();
            (forgets && self.is_another_day(kept.as_of_ms)).then_some(Why::Changed)
        };
        let live = self.live.iter().enumerate();
        live.filter_map(|(place, segment)| Some((place, why(segment)?)))
            .collect()
    }

    fn is_another_day(&self, ms: i64) -> bool {
        let day = |ms: i64| {
            let moment = jiff::Timestamp::from_millisecond(ms).ok()?;
            let zone = self.settings.time_zone().clone();
            Some(moment.to_zoned(zone).date())
        };
        day(ms) != day(self.as_of_ms)
    }

    /// Whoever is in a segment that is not live any more leaves it.
    async fn end_archived(&self, kept: &mut Kept) -> Result<(), LivingError> {
        let live: BTreeSet<&str> = self.live.iter().map(|segment| &*segment.id).collect();
        let ended = kept.sizes.iter();
        let ended: Vec<String> = ended
            .filter(|(id, size)| **size > 0 && !live.contains(&***id))
            .map(|(id, _)| id.clone())
            .collect();
        for id in ended {
            let people = self.store.kept_in(&self.site.slug, &[&*id]).await?;
            let moves = people.into_iter().map(|who| Move {
                who,
                is_in: false,
                cause: Cause::Archived,
            });
            self.write(kept, moves.collect()).await?;
        }
        Ok(())
    }

    fn edges(&self, places: &[usize], before_ms: i64) -> Result<Edges, LivingError> {
        let definitions = self.definitions(places);
        let resolved = |as_of_ms| -> Result<Resolved, LivingError> {
            segment::resolve_all(&definitions, &self.question(as_of_ms))
                .map_err(LivingError::Invalid)
        };
        let (before, after) = (resolved(before_ms)?, resolved(self.as_of_ms)?);
        let as_of_ms = (before_ms, self.as_of_ms);
        Ok(edges(&before, &after, as_of_ms, &self.settings))
    }

    /// What edges of the definitions of these places come to.
    fn moved(&self, places: &[usize], edges: Edges) -> Moved<'_> {
        let segment = |place: usize| Some(&*self.live.get(*places.get(place)?)?.id);
        let mut moved = Moved::new();
        for (facts, over) in edges.stretches {
            moved.entry(facts).or_default().over = over;
        }
        for (facts, leaving) in edges.leaving {
            let past = leaving.into_iter().map(|(stretch, places)| {
                (stretch, places.into_iter().filter_map(segment).collect())
            });
            moved.entry(facts).or_default().past = past.collect();
        }
        moved
    }

    /// Facts that lay ahead, and don't any more.
    fn add_ahead(&self, before_ms: i64, moved: &mut Moved<'_>) {
        for facts in [Facts::Events, Facts::Orders, Facts::Messages] {
            moved.entry(facts).or_default().over.push(Stretch {
                from_ms: before_ms,
                to_ms: self.as_of_ms,
                types: None,
            });
        }
    }

    /// Whose facts bounds moved over: who may come or leave by it, and who may leave these
    /// segments and do nothing else.
    async fn passed<'l>(
        &self,
        moved: &Moved<'l>,
    ) -> Result<(BTreeSet<u64>, BTreeMap<u64, BTreeSet<&'l str>>), LivingError> {
        let site = &self.site.slug;
        let mut timed = BTreeSet::new();
        let mut may_leave: BTreeMap<u64, BTreeSet<&str>> = BTreeMap::new();
        for (facts, Stretches { over, past }) in moved {
            timed.extend(self.store.owners(site, *facts, over).await?);
            let stretches: Vec<Stretch> = past.keys().cloned().collect();
            let Some(moments) = self.store.facts_about(site, *facts, &stretches).await? else {
                timed.extend(self.store.owners(site, *facts, &stretches).await?);
                continue;
            };
            for moment in moments {
                for (_, segments) in past.iter().filter(|(one, _)| one.holds(&moment)) {
                    may_leave.entry(moment.id).or_default().extend(segments);
                }
            }
        }
        Ok((timed, may_leave))
    }

    /// Of these ids those whose persons are in any of the segments beside them.
    async fn members_among(
        &self,
        mut ids: BTreeMap<u64, BTreeSet<&str>>,
        persons: &HashMap<u64, u64>,
    ) -> Result<BTreeSet<u64>, LivingError> {
        let person = |id: u64| persons.get(&id).copied().unwrap_or(id);
        let people: BTreeSet<u64> = ids.keys().copied().map(person).collect();
        let people: Vec<u64> = people.into_iter().collect();
        let kept = self.store.kept_of(&self.site.slug, &people).await?;
        let kept: HashSet<(String, u64)> = kept.into_iter().collect();
        let is_in = |id: u64, segment: &str| kept.contains(&(segment.to_owned(), person(id)));
        ids.retain(|id, segments| segments.iter().any(|segment| is_in(*id, segment)));
        Ok(ids.into_keys().collect())
    }

    async fn candidates(&self, kept: &Kept, moved: &Moved<'_>) -> Result<Candidates, LivingError> {
        let (mut timed, may_leave) = self.passed(moved).await?;
        let ids = kept.waiting.iter().chain(&timed).chain(may_leave.keys());
        let ids: BTreeSet<u64> = ids.copied().collect();
        let ids: Vec<u64> = ids.into_iter().collect();
        let mut persons: HashMap<u64, u64> = ids.iter().map(|id| (*id, *id)).collect();
        persons.extend(self.store.kin(&self.site.slug, &ids).await?);
        timed.extend(self.members_among(may_leave, &persons).await?);

        let whose = |ids: &BTreeSet<u64>| -> BTreeSet<u64> {
            let persons = ids.iter().filter_map(|id| persons.get(id));
            persons.chain(ids).copied().collect()
        };
        let (noted, timed) = (whose(&kept.waiting), whose(&timed));
        persons.retain(|_, person| noted.contains(person) || timed.contains(person));
        let whole: Vec<u64> = persons.values().copied().collect();
        persons.extend(whole.into_iter().map(|person| (person, person)));
        Ok(Candidates {
            persons,
            noted,
            timed,
        })
    }

    /// Asks about those who may have changed. Gives how many ids they have.
    async fn ask_candidates(
        &self,
        kept: &mut Kept,
        places: &[usize],
        candidates: &Candidates,
    ) -> Result<u64, LivingError> {
        if places.is_empty() {
            return Ok(0);
        }
        let site = &self.site.slug;
        for ids in candidates.slices() {
            let before = self.store.kept_of(site, &ids).await?;
            let before = before.into_iter().filter(|(segment, _)| {
                let mut live = places.iter().filter_map(|place| self.live.get(*place));
                live.any(|live| live.id == *segment)
            });
            let before: BTreeSet<In> = before.collect();
            let now = self.members(places, Some(ids)).await?;
            let person = |id| candidates.persons.get(&id).copied().unwrap_or(id);
            let why = |person, is_in| candidates.cause(person, is_in);
            self.write(kept, diff(&before, &now, person, why)).await?;
        }
        Ok(candidates.persons.len() as u64)
    }

    /// Asks everyone about some segments.
    async fn ask_everyone(
        &self,
        kept: &mut Kept,
        segments: &[(usize, Why)],
        candidates: &Candidates,
    ) -> Result<(), LivingError> {
        let site = &self.site.slug;
        for why in [
            Why::Changed,
            Why::As(Cause::Definition),
            Why::As(Cause::CatchUp),
        ] {
            let places = segments.iter().filter(|(_, of)| *of == why);
            let places: Vec<usize> = places.map(|(place, _)| *place).collect();
            if places.is_empty() {
                continue;
            }
            let ids = places.iter().filter_map(|place| self.live.get(*place));
            let ids: Vec<&str> = ids.map(|segment| &*segment.id).collect();
            let before = self.store.kept_in(site, &ids).await?.into_iter().collect();
            let now = self.members(&places, None).await?;
            let gone: BTreeSet<u64> = BTreeSet::difference(&before, &now)
                .map(|(_, person)| *person)
                .collect();
            let gone: Vec<u64> = gone.into_iter().collect();
            let kin = self.store.kin(site, &gone).await?;
            let persons: HashMap<u64, u64> = kin.into_iter().collect();
            let person = |id| persons.get(&id).copied().unwrap_or(id);
            let cause = |person, is_in| match why {
                Why::Changed => candidates.cause(person, is_in),
                Why::As(cause) => cause,
            };
            self.write(kept, diff(&before, &now, person, cause)).await?;
        }
        Ok(())
    }

    /// Who is in these segments: of all, or of those whom these ids name.
    async fn members(
        &self,
        places: &[usize],
        only: Option<Vec<u64>>,
    ) -> Result<BTreeSet<In>, LivingError> {
        let asked: Option<BTreeSet<u64>> = only.as_ref().map(|ids| ids.iter().copied().collect());
        let question = self.question(self.as_of_ms);
        let statement = segment::memberships(&self.definitions(places), &question, only);
        let statement = statement.map_err(LivingError::Invalid)?;
        let rows: Vec<Belongs> = self.store.question(&statement, &self.bounds).await?;
        let mut members = BTreeSet::new();
        for Belongs { person, places: of } in rows {
            // An order of somebody who is asked about may be another one's, of whom the rest
            // was not asked.
            let is_asked = asked.as_ref().is_none_or(|asked| asked.contains(&person));
            if !is_asked || self.erasing.contains(&person) {
                continue;
            }
            let of = of.into_iter().filter_map(|place| {
                let place = usize::try_from(place).ok()?.checked_sub(1)?;
                self.live.get(*places.get(place)?)
            });
            members.extend(of.map(|segment| (segment.id.clone(), person)));
        }
        Ok(members)
    }

    async fn write(&self, kept: &mut Kept, moves: Vec<Move>) -> Result<(), LivingError> {
        for one in &moves {
            let cause = one.cause.as_str();
            metrics::counter!("crumbtrail_living_changes_total", "cause" => cause).increment(1);
        }
        kept.change(self.store, moves, &self.live, self.as_of_ms)
            .await?;
        Ok(())
    }

    fn definitions(&self, places: &[usize]) -> Vec<&Node> {
        let live = places.iter().filter_map(|place| self.live.get(*place));
        live.map(|segment| &segment.definition).collect()
    }

    fn question(&self, as_of_ms: i64) -> Question<'_> {
        Question {
            site: &self.site.slug,
            settings: &self.settings,
            known: &self.known,
            as_of_ms,
        }
    }
}

impl Candidates {
    /// Their ids, all of a person together.
    fn slices(&self) -> Vec<Vec<u64>> {
        let mut of_persons: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for (id, person) in &self.persons {
            of_persons.entry(*person).or_default().push(*id);
        }
        let mut slices: Vec<Vec<u64>> = Vec::new();
        for ids in of_persons.into_values() {
            match slices.last_mut() {
                Some(slice) if slice.len() + ids.len() <= IDS_AT_ONCE => slice.extend(ids),
                _ => slices.push(ids),
            }
        }
        slices
    }

    /// Why somebody came or left. Both may be the cause: what came of somebody lets them in, and
    /// time lets them go.
    fn cause(&self, person: u64, is_in: bool) -> Cause {
        let is_noted = self.noted.contains(&person);
        let is_timed = self.timed.contains(&person);
        if is_noted && (is_in || !is_timed) {
            Cause::Event
        } else {
            Cause::Window
        }
    }
}
