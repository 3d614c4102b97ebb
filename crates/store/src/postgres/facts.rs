//! What was found of other partitions a moment ago: that an account is imported, that a chat group exists. A database that is distributed
//! keeps each of them on a shard of its own, and a request that sorts a hundred conversations would look at a hundred of them.
//!
//! Only what exists is remembered, and only for [`HOLDS`]: a new account is seen at once, a deleted one for that long by other servers.

use super::names::Partition;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long a fact is believed.
pub(super) const HOLDS: Duration = Duration::from_secs(1);

/// How many are remembered; beyond it the rest are looked up each time.
const FACTS_MAX: usize = 1 << 16;

/// The memory of one server.
#[derive(Debug, Default)]
pub(super) struct Facts(Mutex<HashMap<Partition, Instant>>);

impl Facts {
    fn lock(&self) -> MutexGuard<'_, HashMap<Partition, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a partition was found to exist a moment ago.
    pub(super) fn knows(&self, partition: &Partition) -> bool {
        self.lock().get(partition).is_some_and(|found| found.elapsed() < HOLDS)
    }

    /// Remembers that it exists.
    pub(super) fn learn(&self, partition: &Partition) {
        let mut known = self.lock();
        if known.len() >= FACTS_MAX {
            known.retain(|_, found| found.elapsed() < HOLDS);
        }
        if known.len() < FACTS_MAX {
            known.insert(partition.clone(), Instant::now());
        }
    }

    /// Forgets it: this server writes to it.
    pub(super) fn forget(&self, partition: &Partition) {
        self.lock().remove(partition);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cubby_domain::{SdkAppId, UserId};

    #[tokio::test(start_paused = true)]
    async fn a_fact_holds_for_its_time_and_until_it_is_forgotten() {
        let (facts, of) = (Facts::default(), Partition::user(SdkAppId(7), &UserId::new("a").unwrap()));
        assert!(!facts.knows(&of));
        facts.learn(&of);
        assert!(facts.knows(&of));
        tokio::time::advance(HOLDS).await;
        assert!(!facts.knows(&of), "its time is over");
        facts.learn(&of);
        facts.forget(&of);
        assert!(!facts.knows(&of));
    }
}
