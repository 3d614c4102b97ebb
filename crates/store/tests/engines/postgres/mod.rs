//! The engine over PostgreSQL: the suite over it, and what it promises beside the suite.

mod cost;
mod cuts;
mod overload;
mod versions;

use crate::suite::reopening::Home;
use cubby_pg_cluster::Cluster;
use cubby_store::Engine;
use cubby_store::postgres::{Bounds, Postgres};
use std::sync::Arc;
use std::time::Duration;

suite!(crate::postgres::engine().await);
suite_of_reopening!(crate::postgres::Database::new());

/// A deadline that nothing but a hanging store comes to.
pub fn bounds() -> Bounds {
    Bounds { deadline: Duration::from_secs(60), attempts: u32::MAX, ..Bounds::default() }
}

/// An empty database of a cluster of its own.
pub struct Database {
    pub cluster: Cluster,
    pub url: String,
}

impl Database {
    pub fn new() -> Self {
        let cluster = Cluster::start();
        let url = cluster.database();
        Self { cluster, url }
    }
}

impl Home for Database {
    type Store = Postgres;

    async fn open(&self) -> Postgres {
        Postgres::open(&self.url, &bounds()).await.unwrap()
    }

    async fn close(&self, store: Postgres) {
        store.close();
    }
}

/// An empty store for a case of the suite.
pub async fn engine() -> (Arc<Engine>, Database) {
    let database = Database::new();
    (Arc::new(Engine::Postgres(database.open().await)), database)
}
