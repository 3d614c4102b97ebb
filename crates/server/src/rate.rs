//! Call rates: a bucket for each command of an application, as deep as its rate, and one for the application.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A bucket, kept as the time at which it will be full again (the generic cell rate algorithm): one number, no lock, no timer.
#[derive(Debug, Default)]
struct Bucket(AtomicU64);

const SECOND: u64 = 1_000_000_000;

impl Bucket {
    /// Takes one call out; false where it is empty. 0 a second is no limit.
    fn take(&self, per_second: u32, now: Duration) -> bool {
        if per_second == 0 {
            return true;
        }
        let interval = SECOND / u64::from(per_second);
        let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX - 2 * SECOND);
        let take = |full_at: u64| {
            let next = full_at.max(now) + interval;
            (next - now <= SECOND).then_some(next)
        };
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }
}

impl Bucket {
    fn fill(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// How many calls are in it; none where it is no limit.
    fn left(&self, per_second: u32, now: Duration) -> Option<u32> {
        let interval = SECOND.checked_div(u64::from(per_second))?;
        let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX - 2 * SECOND);
        let taken = self.0.load(Ordering::Relaxed).saturating_sub(now).min(SECOND);
        Some(u32::try_from((SECOND - taken) / interval).unwrap_or(per_second).min(per_second))
    }
}

/// The most commands that a surface has.
pub(crate) const COMMANDS_MAX: usize = 128;

/// The buckets of an application, full at first.
#[derive(Debug)]
pub(crate) struct Buckets {
    commands: [Bucket; COMMANDS_MAX],
    total: Bucket,
}

impl Default for Buckets {
    fn default() -> Self {
        Self { commands: std::array::from_fn(|_| Bucket::default()), total: Bucket::default() }
    }
}

impl Buckets {
    /// Takes a call of the `index`th command; false where its bucket is empty.
    pub(crate) fn take(&self, index: usize, per_second: u32, now: Duration) -> bool {
        self.commands.get(index).is_none_or(|bucket| bucket.take(per_second, now))
    }

    /// Makes all of them full.
    pub(crate) fn fill(&self) {
        self.commands.iter().chain([&self.total]).for_each(Bucket::fill);
    }

    /// How many calls are in the bucket of the `index`th command; none where there is no limit.
    pub(crate) fn left(&self, index: usize, per_second: u32, now: Duration) -> Option<u32> {
        self.commands.get(index)?.left(per_second, now)
    }

    /// How many calls of the application are left.
    pub(crate) fn left_total(&self, per_second: u32, now: Duration) -> Option<u32> {
        self.total.left(per_second, now)
    }

    /// Takes a call of the application.
    pub(crate) fn take_total(&self, per_second: u32, now: Duration) -> bool {
        self.total.take(per_second, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(bucket: &Bucket, per_second: u32, at_ms: u64, times: u32) -> usize {
        (0..times).filter(|_| bucket.take(per_second, Duration::from_millis(at_ms))).count()
    }

    #[test]
    fn r_003_a_bucket_is_as_deep_as_its_rate_and_fills_at_it() {
        for rate in [1, 3, 100, 200, 7] {
            let bucket = Bucket::default();
            let depth = usize::try_from(rate).unwrap();
            assert_eq!(taken(&bucket, rate, 5000, 3 * rate), depth, "{rate}");
            assert_eq!(taken(&bucket, rate, 5500, 3 * rate), depth / 2, "{rate}");
            assert_eq!(taken(&bucket, rate, 9000, 3 * rate), depth, "{rate}");
        }
    }

    #[test]
    fn what_is_left_is_what_can_be_taken_and_a_filled_bucket_is_full() {
        let buckets = Buckets::default();
        let now = Duration::from_secs(9);
        assert_eq!((buckets.left(0, 0, now), buckets.left_total(0, now)), (None, None));
        for taken in 0..=7 {
            assert_eq!(buckets.left(0, 7, now), Some(7 - taken));
            assert_eq!(buckets.take(0, 7, now), taken < 7);
        }
        assert_eq!(buckets.left_total(3, now), Some(3));
        buckets.fill();
        assert_eq!(buckets.left(0, 7, now), Some(7));
    }

    #[test]
    fn zero_is_off() {
        assert_eq!(taken(&Bucket::default(), 0, 0, 10_000), 10_000);
    }
}
