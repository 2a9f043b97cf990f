//! What is to be sent next: the plan's row, as far as it is let go, and what has to be sent again.

use crate::{
    plan::{Plan, Sending, Way},
    status::lock,
};
use anyhow::{Result, ensure};
use std::{collections::VecDeque, sync::Mutex, time::Duration};
use tokio::time::sleep;

/// How often an empty desk is looked at again.
const POLL: Duration = Duration::from_millis(5);
/// A batch is given up after so many tries, which fails the run.
const TRIES: u32 = 2_000;

/// A sending, and how often it was tried before.
#[derive(Clone, Copy, Debug)]
pub struct Task {
    /// What is to be sent.
    pub sending: Sending,
    /// Tries that failed.
    pub tries: u32,
}

/// Where senders fetch what to send.
pub struct Desk(Mutex<State>);

#[derive(Default)]
struct State {
    rows: [VecDeque<Task>; Way::ALL.len()],
    /// Places before this one are let go.
    released: u32,
    /// Tasks that a sender holds.
    held: usize,
}

impl Desk {
    /// All of the plan's sendings, none of them let go.
    pub fn new(plan: &Plan) -> Self {
        let mut state = State::default();
        for sending in &plan.sendings {
            state.row(sending.way).push_back(Task {
                sending: *sending,
                tries: 0,
            });
        }
        Self(Mutex::new(state))
    }

    /// Lets all places before this one go.
    pub fn release(&self, end: u32) {
        lock(&self.0).released = end;
    }

    /// Whether nothing that was let go is left, in the row or in a sender's hands.
    pub fn is_idle(&self) -> bool {
        let state = lock(&self.0);
        let waits = |row: &VecDeque<Task>| row.front().is_some_and(|task| state.may_go(task));
        state.held == 0 && !state.rows.iter().any(waits)
    }

    /// How much is still to be sent, resent or answered.
    pub fn left(&self) -> usize {
        let state = lock(&self.0);
        state.held + state.rows.iter().map(VecDeque::len).sum::<usize>()
    }

    /// The next tasks of a way, at most so many, once one was let go; none when all is done.
    pub async fn fetch(&self, way: Way, most: usize) -> Option<Vec<Task>> {
        loop {
            {
                let mut state = lock(&self.0);
                let mut tasks = Vec::new();
                while tasks.len() < most
                    && let Some(task) = state.next(way)
                {
                    tasks.push(task);
                }
                if !tasks.is_empty() {
                    state.held += tasks.len();
                    return Some(tasks);
                }
                if state.held == 0 && state.rows.iter().all(VecDeque::is_empty) {
                    return None;
                }
            }
            sleep(POLL).await;
        }
    }

    /// Takes tasks back, each with whether its batch is acknowledged: one that insists and isn't
    /// is sent again, before others.
    pub fn give_back(&self, tasks: impl IntoIterator<Item = (Task, bool)>) -> Result<()> {
        let mut state = lock(&self.0);
        for (task, is_acknowledged) in tasks {
            state.held -= 1;
            if is_acknowledged || !task.sending.insists {
                continue;
            }
            let tries = task.tries + 1;
            ensure!(
                tries < TRIES,
                "batch {} was not acknowledged in {TRIES} tries over {:?}",
                task.sending.batch,
                task.sending.way
            );
            let again = Task { tries, ..task };
            state.row(task.sending.way).push_front(again);
        }
        Ok(())
    }
}

impl State {
    fn row(&mut self, way: Way) -> &mut VecDeque<Task> {
        let [worker, signed, server] = &mut self.rows;
        match way {
            Way::Worker => worker,
            Way::Signed => signed,
            Way::Server => server,
        }
    }

    fn may_go(&self, task: &Task) -> bool {
        task.sending.place < self.released
    }

    fn next(&mut self, way: Way) -> Option<Task> {
        let released = self.released;
        self.row(way)
            .pop_front_if(|task| task.sending.place < released)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_let_go_is_sent_and_what_insists_is_sent_again() {
        let plan = Plan::draw(1, 0, 2_000);
        let desk = Desk::new(&plan);
        assert!(desk.is_idle() && desk.left() == plan.sendings.len());
        desk.release(u32::MAX);
        let tasks = desk.fetch(Way::Signed, 10).await.unwrap();
        assert_eq!(tasks.len(), 10);
        let insisting = tasks.iter().filter(|task| task.sending.insists).count();
        desk.give_back(tasks.into_iter().map(|task| (task, false)))
            .unwrap();
        assert_eq!(desk.left(), plan.sendings.len() - 10 + insisting);
        let again = desk.fetch(Way::Signed, insisting).await.unwrap();
        assert!(again.iter().all(|task| task.tries == 1));
    }

    #[tokio::test]
    async fn a_batch_that_is_never_acknowledged_fails_the_run() {
        let plan = Plan::draw(1, 0, 10);
        let desk = Desk::new(&plan);
        desk.release(u32::MAX);
        let insists = plan.sendings.iter().find(|sending| sending.insists);
        let way = insists.unwrap().way;
        let refused = loop {
            let tasks = desk.fetch(way, 1).await.unwrap();
            if let Err(error) = desk.give_back(tasks.into_iter().map(|task| (task, false))) {
                break error.to_string();
            }
        };
        assert!(refused.contains("batch 0"), "{refused}");
    }
}
