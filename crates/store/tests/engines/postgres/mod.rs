//! The engine over PostgreSQL: the suite over it, and what it promises beside the suite.

mod several;
mod tables;
mod tls;

use crate::suite::reopening::Home;
use cubby_pg_cluster::{Cluster, psql};
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

/// An empty database, with its cluster where that is of its own.
pub struct Database {
    pub url: String,
    _cluster: Option<Cluster>,
}

impl Database {
    pub fn new() -> Self {
        let cluster = Cluster::start();
        Self { url: cluster.database(), _cluster: Some(cluster) }
    }

    pub fn of(cluster: &Cluster) -> Self {
        Self { url: cluster.database(), _cluster: None }
    }

    /// What a statement shows.
    pub fn sql(&self, statement: &str) -> String {
        psql(&self.url, statement).unwrap()
    }

    /// Says in the schema that the tables are distributed: the servers that are opened from here on believe it.
    pub fn say_distributed(&self) {
        self.sql("UPDATE cubby_schema SET distribution = 'citus'");
    }
}

impl Database {
    pub async fn open(&self) -> Postgres {
        Postgres::open(&self.url, &bounds()).await.unwrap()
    }
}

impl Home for Database {
    type Store = Postgres;

    async fn open(&self) -> Postgres {
        Self::open(self).await
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
