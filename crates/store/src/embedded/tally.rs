//! What the writer counts of its batches, for whoever asks. It never looks at what is in them.

use crate::figures::{Batches, COMMIT_TIMES, Commits, Disk, Histogram};
use fjall::{Database, Keyspace};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Bounds of batches in commands, up to the bound of a batch.
const COMMANDS: &[u64] = &[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/// Bounds of batches in bytes; one command alone may be larger than a batch.
const BYTES: &[u64] = &[256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20];

/// What is counted.
#[derive(Debug)]
pub(super) struct Tally {
    took: Histogram,
    commands: Histogram,
    bytes: Histogram,
    journals: AtomicU64,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            took: Histogram::new(COMMIT_TIMES),
            commands: Histogram::new(COMMANDS),
            bytes: Histogram::new(BYTES),
            journals: AtomicU64::new(0),
        }
    }
}

impl Tally {
    /// A batch was written.
    pub(super) fn written(&self, commands: usize, bytes: usize, took: Duration) {
        self.commands.observe(commands as u64);
        self.bytes.observe(bytes as u64);
        self.took.observe_time(took);
    }

    /// Notes how large the journals are. Only the writer asks that: the answer waits for a write that is under way, which may be for as long
    /// as the disk likes.
    pub(super) fn measure(&self, database: &Database, keyspace: &Keyspace) {
        if let Ok(all) = database.disk_space() {
            self.journals.store(all.saturating_sub(keyspace.disk_space()), Ordering::Relaxed);
        }
    }

    pub(super) fn commits(&self) -> Commits {
        let batches = Batches { commands: self.commands.read(), bytes: self.bytes.read() };
        Commits { took: self.took.read(), batches: Some(batches) }
    }

    pub(super) fn disk(&self, keyspace: &Keyspace) -> Disk {
        Disk { tables: keyspace.disk_space(), journals: self.journals.load(Ordering::Relaxed) }
    }
}
