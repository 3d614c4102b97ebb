//! Turns within one server: two of its requests never race for one partition. Without them many clients that write to one busy chat group
//! would each read, and all but one be refused, again and again; the conflicts that remain are between servers.

use super::names::Partition;
use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use tokio::sync::{Mutex, MutexGuard};

/// How many turns there are; partitions share them by their hashes.
const TURNS: usize = 4096;

/// The turns.
#[derive(Debug)]
pub(super) struct Turns {
    hasher: RandomState,
    all: Box<[Mutex<()>]>,
}

impl Turns {
    pub(super) fn new() -> Self {
        Self { hasher: RandomState::new(), all: (0..TURNS).map(|_| Mutex::new(())).collect() }
    }

    /// Waits for the turns of all these partitions: in one order, so that no two wait for each other, and each first come, first served.
    pub(super) async fn wait(&self, partitions: &[Partition]) -> Vec<MutexGuard<'_, ()>> {
        let places: BTreeSet<usize> = partitions.iter().map(|partition| self.place(partition)).collect();
        let mut turns = Vec::with_capacity(places.len());
        for place in places {
            if let Some(turn) = self.all.get(place) {
                turns.push(turn.lock().await);
            }
        }
        turns
    }

    fn place(&self, partition: &Partition) -> usize {
        usize::try_from(self.hasher.hash_one(partition) % TURNS as u64).unwrap_or_default()
    }
}
