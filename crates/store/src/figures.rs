//! What a store tells of its work: counts, levels and distributions in its own terms. How they are named and shown is the server's.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counts values by size: a few relaxed atomics and no lock, so that it may stand in everybody's way.
#[derive(Debug)]
pub struct Histogram {
    bounds: &'static [u64],
    /// One for each bound, and one for what is beyond the last.
    counts: Box<[AtomicU64]>,
    sum: AtomicU64,
}

impl Histogram {
    /// One that counts values up to each of these bounds, which ascend.
    pub fn new(bounds: &'static [u64]) -> Self {
        Self { bounds, counts: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(), sum: AtomicU64::new(0) }
    }

    /// Counts a value.
    pub fn observe(&self, value: u64) {
        let place = self.bounds.partition_point(|bound| *bound < value);
        if let Some(count) = self.counts.get(place) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    /// Counts a time, in nanoseconds.
    pub fn observe_time(&self, time: Duration) {
        self.observe(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
    }

    /// What was counted so far. Values that are counted meanwhile may be in it in part.
    pub fn read(&self) -> Distribution {
        let counts = self.counts.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        Distribution { bounds: self.bounds, counts, sum: self.sum.load(Ordering::Relaxed) }
    }
}

/// What a [`Histogram`] has counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// The bounds.
    pub bounds: &'static [u64],
    /// How many values were at most as large as each bound and larger than the one before; and, in the end, how many were larger than all.
    pub counts: Vec<u64>,
    /// All values together.
    pub sum: u64,
}

/// How much there is of something that has a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// How much there is.
    pub now: usize,
    /// How much there may be.
    pub max: usize,
}

/// What a store tells of its work since it was opened; none of what an engine does not have.
#[derive(Debug, Default)]
pub struct Figures {
    /// Requests that wait for the store or are in its hands; more than the bound are refused.
    pub queue: Option<Level>,
    /// Queries that read.
    pub readers: Option<Level>,
    /// Durable writes.
    pub commits: Option<Commits>,
    /// Its files.
    pub disk: Option<Disk>,
    /// Its database, where that is another process.
    pub remote: Option<Remote>,
}

/// Durable writes.
#[derive(Debug)]
pub struct Commits {
    /// How long they took, with their syncs, in nanoseconds.
    pub took: Distribution,
    /// Where one write is of many commands, how large they were.
    pub batches: Option<Batches>,
}

/// How large the batches were.
#[derive(Debug)]
pub struct Batches {
    /// In commands.
    pub commands: Distribution,
    /// In bytes of keys and values.
    pub bytes: Distribution,
}

/// The size of a store's files, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disk {
    /// What is kept for good.
    pub tables: u64,
    /// The latest writes, which are in no table yet. As of the last write.
    pub journals: u64,
}

/// A database that is reached over connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remote {
    /// Connections that are in use.
    pub connections: Level,
    /// Connections that wait for use.
    pub idle: usize,
    /// Requests that wait for a connection.
    pub waiting: usize,
    /// Times that it was read from and its answer waited for.
    pub reads: u64,
    /// Times that it was written to and its answer waited for.
    pub writes: u64,
    /// Times that a request began anew because another writer came first.
    pub conflicts: u64,
    /// Times that a connection was lost or refused in the middle of a request.
    pub lost: u64,
}

/// Bounds of times, in nanoseconds: from a sync on a fast disk to one that is stuck.
pub(crate) const COMMIT_TIMES: &[u64] = &[
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    1_000_000_000,
    2_500_000_000,
    5_000_000_000,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_counted_below_the_first_bound_that_it_is_not_above() {
        let histogram = Histogram::new(&[10, 20]);
        for value in [0, 10, 11, 20, 21, 1000] {
            histogram.observe(value);
        }
        assert_eq!(histogram.read(), Distribution { bounds: &[10, 20], counts: vec![2, 2, 2], sum: 1062 });
    }

    #[test]
    fn what_many_threads_count_is_all_there() {
        let histogram = Histogram::new(COMMIT_TIMES);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..1000).for_each(|n| histogram.observe_time(Duration::from_micros(n))));
            }
        });
        let read = histogram.read();
        assert_eq!((read.counts.iter().sum::<u64>(), read.sum), (4000, 4 * 499_500 * 1000));
        assert!(read.bounds.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
