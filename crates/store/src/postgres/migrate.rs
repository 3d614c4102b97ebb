//! The tables: which there are, making and upgrading them, and whether this version may serve them. Any number of servers may do it at
//! once: each step is a transaction that begins by taking the step's number, and who comes second finds it taken.

use super::pool::{Connections, Fault, MOVED};
use super::{Bounds, Purpose};
use crate::error::StoreError;
use std::time::Duration;
use tokio::time::Instant;

/// The schema that this version makes and needs.
pub const SCHEMA: i32 = 1;

/// The steps, each with the oldest schema whose servers still serve after it.
const STEPS: [(i32, i32, &str); 1] = [(1, 1, include_str!("migrations/0001_records.sql"))];

/// The views, which hold nothing and are made anew with every upgrade.
const VIEWS: &str = include_str!("migrations/views.sql");

const TABLE: &str = "CREATE TABLE IF NOT EXISTS cubby_schema (\
    version integer PRIMARY KEY, oldest integer NOT NULL, distribution text, copying text, \
    made timestamptz NOT NULL DEFAULT now())";

/// Over what the tables are distributed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distribution {
    /// The Citus extension: a table's rows by their owner.
    Citus,
}

/// What there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// The schema before; 0 where there was none.
    pub from: i32,
    /// The schema now.
    pub to: i32,
    /// Over what the tables are distributed, in the database's word for it.
    pub distribution: Option<String>,
}

/// The schema of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    version: i32,
    oldest: i32,
    distribution: Option<String>,
    moved: bool,
    /// From where a copy into it is under way.
    copying: Option<String>,
}

impl Found {
    pub(super) fn is_distributed(&self) -> bool {
        self.distribution.is_some()
    }

    /// Whether this version may serve it, or copy it.
    pub(super) fn serves(&self, purpose: Purpose) -> Result<(), StoreError> {
        let serving = purpose == Purpose::Serve;
        if serving && self.moved {
            Err(StoreError::Moved)
        } else if let Some(from) = self.copying.as_ref().filter(|_| serving) {
            Err(StoreError::Opening(format!(
                "a copy from {from} into this database has not come to its end: run `cubby copy` again"
            )))
        } else if self.version < SCHEMA {
            Err(StoreError::Opening(format!(
                "the database has schema {}, and this version needs {SCHEMA}: upgrade it with `cubby migrate-store`",
                self.version
            )))
        } else if self.oldest > SCHEMA {
            let (found, known) = (self.version.unsigned_abs(), SCHEMA.unsigned_abs());
            Err(StoreError::NewerFormat { found, known })
        } else {
            Ok(())
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Conflict => f.write_str("another writer came first"),
            Self::Unreachable(why) => f.write_str(why),
            Self::Store(error) => error.fmt(f),
        }
    }
}

const LOOK: &str = "SELECT version, oldest, (SELECT max(distribution) FROM cubby_schema), \
    (SELECT max(copying) FROM cubby_schema), EXISTS (SELECT 1 FROM pg_constraint WHERE conname = $1 AND conrelid = to_regclass('cubby_records')) \
    FROM cubby_schema ORDER BY version DESC LIMIT 1";

/// Looks at the schema.
pub(super) async fn look(connections: &Connections) -> Result<Found, Fault> {
    let lease = connections.get().await?;
    let exists = lease.prepare_cached("SELECT to_regclass('cubby_schema') IS NOT NULL").await?;
    let exists: bool = lease.query_one(&exists, &[]).await?.try_get(0)?;
    let none = Found { version: 0, oldest: 0, distribution: None, moved: false, copying: None };
    let rows = if exists { lease.query(&lease.prepare_cached(LOOK).await?, &[&MOVED]).await? } else { Vec::new() };
    lease.done();
    let Some(row) = rows.first() else { return Ok(none) };
    Ok(Found {
        version: row.try_get(0)?,
        oldest: row.try_get(1)?,
        distribution: row.try_get(2)?,
        copying: row.try_get(3)?,
        moved: row.try_get(4)?,
    })
}

async fn look_or_make(connections: &Connections) -> Result<Found, Fault> {
    let found = look(connections).await?;
    if found.version > 0 {
        return Ok(found);
    }
    steps(connections).await?;
    look(connections).await
}

/// Looks at the schema when the engine opens, makes it where there is none, and waits for a database that is not there yet.
pub(super) async fn open(connections: &Connections, within: Duration, purpose: Purpose) -> Result<Found, StoreError> {
    let until = Instant::now() + within;
    loop {
        let looked = tokio::time::timeout_at(until, look_or_make(connections)).await;
        match looked.unwrap_or_else(|_| Err(Fault::Unreachable("it does not answer".to_owned()))) {
            Ok(found) => return found.serves(purpose).map(|()| found),
            Err(Fault::Store(error)) => return Err(error),
            Err(fault) if Instant::now() >= until => {
                return Err(StoreError::Opening(format!("the database cannot be reached: {fault}")));
            }
            Err(fault) => tracing::debug!(%fault, "the database cannot be reached yet"),
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Brings the tables of a database to this version's schema, and distributes them where that is asked for. It may be run again, and by
/// several servers at once.
///
/// # Errors
/// Where the database cannot be reached, refuses, or has a newer schema.
pub async fn migrate(url: &str, distribution: Option<Distribution>) -> Result<Migrated, StoreError> {
    let bounds = Bounds { connections: 1, ..Bounds::default() };
    let connections = Connections::new(url, &bounds, Purpose::Copy)?;
    let run = async {
        let before = look(&connections).await?;
        if before.version > SCHEMA {
            before.serves(Purpose::Copy)?;
        }
        steps(&connections).await?;
        if let Some(Distribution::Citus) = distribution {
            distribute(&connections).await?;
        }
        let after = look(&connections).await?;
        Ok(Migrated { from: before.version, to: after.version, distribution: after.distribution })
    };
    run.await.map_err(|fault| match fault {
        Fault::Store(error) => error,
        other => StoreError::Opening(format!("the database could not be upgraded: {other}")),
    })
}

async fn steps(connections: &Connections) -> Result<(), Fault> {
    let lease = connections.get().await?;
    // Two that make the table at once: one of them is told that it exists, in one of several ways, and finds it there the next time.
    if lease.batch_execute(TABLE).await.is_err() {
        lease.batch_execute(TABLE).await?;
    }
    for (version, oldest, sql) in STEPS {
        lease.batch_execute("BEGIN").await?;
        let taken = lease
            .execute(
                "INSERT INTO cubby_schema (version, oldest) VALUES ($1, $2) ON CONFLICT (version) DO NOTHING",
                &[&version, &oldest],
            )
            .await?;
        if taken == 1 {
            // One at a time: a distributed database does not take several in one message.
            for statement in statements(sql).chain(statements(VIEWS)) {
                lease.batch_execute(statement).await?;
            }
        }
        lease.batch_execute("COMMIT").await?;
    }
    lease.done();
    Ok(())
}

/// The statements of a file: each ends with a semicolon at the end of a line.
fn statements(sql: &str) -> impl Iterator<Item = &str> {
    sql.split(";\n").filter(|statement| !statement.trim().is_empty())
}

/// What is done to each table, in statements of their own; what was in a table before is on the coordinator still, where nobody reads it.
const DISTRIBUTE: [(&str, &[&str]); 3] = [
    (
        "cubby_records",
        &[
            "SELECT create_distributed_table('cubby_records', 'owner', colocate_with => 'none')",
            "SELECT truncate_local_data_after_distributing_table('cubby_records')",
        ],
    ),
    ("cubby_call_rates", &["SELECT create_distributed_table('cubby_call_rates', 'app', colocate_with => 'none')"]),
    ("cubby_schema", &["SELECT create_reference_table('cubby_schema')"]),
];

async fn distribute(connections: &Connections) -> Result<(), Fault> {
    let lease = connections.get().await?;
    for (table, statements) in DISTRIBUTE {
        let done = "SELECT 1 FROM pg_dist_partition WHERE logicalrelid = to_regclass($1)";
        if lease.query(done, &[&table]).await?.is_empty() {
            for statement in statements {
                lease.batch_execute(statement).await?;
            }
        }
    }
    lease.batch_execute("UPDATE cubby_schema SET distribution = 'citus'").await?;
    lease.done();
    Ok(())
}
