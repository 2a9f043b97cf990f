//! Sequences: every choice of rows is tried.

use super::fact::{Fact, Match};
use super::leaf::Answer;
use super::measure::{products, session};
use super::people::Person;
use super::window::Window;
use super::{World, listed, text};
use serde_json::Value;
use std::collections::BTreeSet;

/// The person's events and orders in their order.
pub(super) fn rows<'p>(person: &'p Person<'_>) -> Vec<Fact<'p>> {
    let mut rows = person.facts();
    rows.retain(|row| !matches!(row, Fact::Message(_)));
    rows.sort_by_key(|row| match row {
        Fact::Event(event) => (row.ts(), false, event.tab_id, event.seq, row.id()),
        _ => (row.ts(), true, 0, 0, row.id()),
    });
    rows
}

/// A row chosen for a present step.
#[derive(Clone, Copy)]
struct Chosen {
    step: usize,
    row: usize,
}

struct Search<'s> {
    world: &'s World<'s>,
    window: Window,
    steps: &'s [Value],
    rows: Vec<Fact<'s>>,
    /// By step and row: the row as a fact of the step's leaf.
    matches: Vec<Vec<Option<Match<'s>>>>,
}

impl World<'_> {
    pub(super) fn sequence(&self, leaf: &Value, person: &Person<'_>) -> Answer {
        let Some(window) = self.window(&leaf["window"], person) else {
            return Answer::yes_or_no(false);
        };
        let rows = rows(person);
        let steps = listed(&leaf["steps"]);
        let of_step = |step: &Value| {
            let rows = rows.iter();
            rows.map(|row| self.matched(&step["of"], *row)).collect()
        };
        let search = Search {
            world: self,
            window,
            steps,
            matches: steps.iter().map(of_step).collect(),
            rows,
        };
        let choice = search.choice(0, None);
        let ids = choice.iter().flatten().map(|row| search.rows[*row].id());
        Answer {
            facts: ids.collect(),
            ..Answer::yes_or_no(choice.is_some())
        }
    }
}

impl Search<'_> {
    /// The first rows that fit the steps from one on, after the row chosen last.
    fn choice(&self, from: usize, before: Option<Chosen>) -> Option<Vec<usize>> {
        let is_present = |step: &usize| self.steps[*step]["absent"] != true;
        let Some(step) = (from..self.steps.len()).find(is_present) else {
            let mut absent = from..self.steps.len();
            return absent
                .all(|step| self.stays_away(step, before.unwrap()))
                .then(Vec::new);
        };
        let first = before.map_or(0, |before| before.row + 1);
        for row in first..self.rows.len() {
            let occurs = |step| before.is_some_and(|before| self.occurs(step, before, row));
            let fits = self.window.holds(self.rows[row].ts())
                && self.fits(step, row, before)
                && !(from..step).any(occurs);
            if fits && let Some(rest) = self.choice(step + 1, Some(Chosen { step, row })) {
                return Some([vec![row], rest].concat());
            }
        }
        None
    }

    /// Whether the row is as the step says, seen from the row chosen last.
    fn fits(&self, step: usize, row: usize, before: Option<Chosen>) -> bool {
        let Some(now) = &self.matches[step][row] else {
            return false;
        };
        let Some(before) = before else {
            return true;
        };
        let then = self.matches[before.step][before.row].as_ref().unwrap();
        let step = &self.steps[step];
        let in_time = step["within"].is_null() || now.fact.ts() < self.end(step, before);
        let shares = |key: &Value| !keys(key, now).is_disjoint(&keys(key, then));
        in_time
            && listed(&step["same"]).iter().all(shares)
            && !listed(&step["differs"]).iter().any(shares)
    }

    /// Whether such a row stands between the one chosen last and this one.
    fn occurs(&self, step: usize, before: Chosen, until: usize) -> bool {
        let mut between = before.row + 1..until;
        between.any(|row| self.fits(step, row, Some(before)))
    }

    /// Whether the time in which such a row might have come passed without one.
    fn stays_away(&self, step: usize, before: Chosen) -> bool {
        let end = self.end(&self.steps[step], before);
        end <= self.world.as_of && !self.occurs(step, before, self.rows.len())
    }

    fn end(&self, step: &Value, before: Chosen) -> i64 {
        let start = self.rows[before.row].ts();
        self.world.after(start, &step["within"])
    }
}

fn keys(key: &Value, one: &Match<'_>) -> BTreeSet<String> {
    match text(key) {
        "session" => session(one.fact).iter().map(u64::to_string).collect(),
        "product" => products(one),
        other => unreachable!("{other}"),
    }
}
