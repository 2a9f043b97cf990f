//! What is going on, for whoever watches, and to say where a run hangs.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// What a run does at the moment, and what has become of it so far.
#[derive(Default)]
pub struct Status {
    stage: Mutex<String>,
    answers: Mutex<BTreeMap<String, u64>>,
    resets: AtomicU64,
    broken: AtomicU64,
    kills: AtomicU64,
    full_disks: AtomicU64,
}

impl Status {
    /// Says what is done now.
    pub fn stage(&self, stage: impl Into<String>) {
        *lock(&self.stage) = stage.into();
    }

    /// What is done now.
    pub fn now_at(&self) -> String {
        lock(&self.stage).clone()
    }

    /// Counts what a request was answered, or that it wasn't.
    pub fn answered(&self, answer: impl Into<String>) {
        *lock(&self.answers).entry(answer.into()).or_default() += 1;
    }

    /// How often each answer came.
    pub fn answers(&self) -> BTreeMap<String, u64> {
        lock(&self.answers).clone()
    }

    /// Counts a connection that was reset behind a whole request.
    pub fn reset(&self) {
        self.resets.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a connection that broke amid a request.
    pub fn broke(&self) {
        self.broken.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a kill.
    pub fn killed(&self) {
        self.kills.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a full disk that the backend was seen to fail by.
    pub fn disk_was_full(&self) {
        self.full_disks.fetch_add(1, Ordering::Relaxed);
    }

    /// Resets behind whole requests.
    pub fn resets(&self) -> u64 {
        self.resets.load(Ordering::Relaxed)
    }

    /// Connections that broke amid a request.
    pub fn broken(&self) -> u64 {
        self.broken.load(Ordering::Relaxed)
    }

    /// Kills.
    pub fn kills(&self) -> u64 {
        self.kills.load(Ordering::Relaxed)
    }

    /// Full disks that the backend was seen to fail by.
    pub fn full_disks(&self) -> u64 {
        self.full_disks.load(Ordering::Relaxed)
    }
}

/// What a panic left behind is still an account.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
