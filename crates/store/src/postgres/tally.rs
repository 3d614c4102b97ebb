//! What is counted of the way to the database, over all connections, for whoever asks.

use crate::figures::{COMMIT_TIMES, Commits, Histogram, Level, Remote};
use std::sync::atomic::{AtomicU64, Ordering};

/// What is counted.
#[derive(Debug)]
pub(super) struct Tally {
    /// How long durable writes took.
    pub(super) took: Histogram,
    pub(super) reads: AtomicU64,
    pub(super) writes: AtomicU64,
    pub(super) conflicts: AtomicU64,
    pub(super) lost: AtomicU64,
}

impl Default for Tally {
    fn default() -> Self {
        let zero = || AtomicU64::new(0);
        Self { took: Histogram::new(COMMIT_TIMES), reads: zero(), writes: zero(), conflicts: zero(), lost: zero() }
    }
}

impl Tally {
    pub(super) fn commits(&self) -> Commits {
        Commits { took: self.took.read(), batches: None }
    }

    pub(super) fn figures(&self, connections: Level, idle: usize, waiting: usize) -> Remote {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Remote {
            connections,
            idle,
            waiting,
            reads: read(&self.reads),
            writes: read(&self.writes),
            conflicts: read(&self.conflicts),
            lost: read(&self.lost),
        }
    }
}
