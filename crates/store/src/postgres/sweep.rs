//! What is left of removed records: rows without a value, which a write leaves behind because one statement cannot both remove and write.
//! They are swept a while later, a partition at a time. A hint that is lost leaves rows that are read as nothing, until the partition is
//! swept the next time.

use super::names::Partition;
use super::pool::Connections;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::mpsc;

/// Partitions that may wait to be swept; beyond them hints are dropped.
const WAITING: usize = 4096;

/// How long hints are gathered, so that a partition that is busy is swept once.
const GATHER: Duration = Duration::from_secs(5);

const SWEEP: &str = "DELETE FROM cubby_records WHERE app = $1 AND owner = $2 AND key <> '\\x'::bytea AND value IS NULL";

/// Where hints go.
#[derive(Debug)]
pub(super) struct Sweeper(mpsc::Sender<Partition>);

impl Sweeper {
    pub(super) fn new() -> (Self, mpsc::Receiver<Partition>) {
        let (hints, waiting) = mpsc::channel(WAITING);
        (Self(hints), waiting)
    }

    /// Says that records of these partitions were removed.
    pub(super) fn sweep(&self, partitions: Vec<Partition>) {
        for partition in partitions {
            if self.0.try_send(partition).is_err() {
                return;
            }
        }
    }
}

/// Sweeps for as long as there is an engine.
pub(super) async fn run(mut hints: mpsc::Receiver<Partition>, connections: Connections) {
    while let Some(first) = hints.recv().await {
        tokio::time::sleep(GATHER).await;
        let rest = std::iter::from_fn(|| hints.try_recv().ok());
        let partitions: BTreeSet<Partition> = std::iter::once(first).chain(rest).collect();
        for Partition { app, owner } in partitions {
            if let Ok(lease) = connections.get().await
                && let Ok(statement) = lease.prepare_cached(SWEEP).await
                && lease.execute(&statement, &[&app, &owner]).await.is_ok()
            {
                lease.done();
            }
        }
    }
}
