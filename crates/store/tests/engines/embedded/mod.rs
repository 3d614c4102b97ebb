//! The embedded engine: the suite over it, and what it promises beside the suite.

mod cost;
mod failure;
mod older_format;
mod opening;
mod overload;
mod raw;
mod tampering;
mod uncommitted;

use crate::suite::reopening::Home;
use cubby_store::{Bounds, Embedded, Engine, StoreError};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

suite!(crate::embedded::engine(&crate::embedded::bounds()));
suite_of_reopening!(crate::embedded::Directory::new());

/// The suite again, with batches that are full after one or two commands, and room in memory for little.
mod in_small_batches {
    suite!(crate::embedded::engine(&crate::embedded::small_batches()));
}

/// Small tables, and a deadline that nothing but a hanging store comes to.
pub fn bounds() -> Bounds {
    const MIB: u64 = 1024 * 1024;
    Bounds {
        deadline: Duration::from_secs(60),
        memtable_bytes: 4 * MIB,
        journal_bytes: 64 * MIB,
        cache_bytes: 4 * MIB,
        ..Bounds::default()
    }
}

fn small_batches() -> Bounds {
    Bounds { batch_jobs: 2, batch_bytes: 1024, mirror_bytes: 4096, ..bounds() }
}

/// A directory of its own.
pub struct Directory(TempDir);

impl Directory {
    pub fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Opens the store; waits where the thread of one that was dropped still holds it.
    pub async fn open_with(&self, bounds: &Bounds) -> Result<Embedded, StoreError> {
        for _ in 0..2000 {
            match Embedded::open(self.path(), bounds) {
                Err(StoreError::Locked(_)) => tokio::time::sleep(Duration::from_millis(5)).await,
                other => return other,
            }
        }
        panic!("the directory stays locked");
    }

    pub async fn open(&self) -> Embedded {
        self.open_with(&bounds()).await.unwrap()
    }
}

impl Home for Directory {
    type Store = Embedded;

    async fn open(&self) -> Embedded {
        Self::open(self).await
    }

    async fn close(&self, store: Embedded) {
        store.close().await.unwrap();
    }
}

/// An empty store for a case of the suite.
pub fn engine(bounds: &Bounds) -> (Arc<Engine>, Directory) {
    let directory = Directory::new();
    let engine = Engine::Embedded(Embedded::open(directory.path(), bounds).unwrap());
    (Arc::new(engine), directory)
}
