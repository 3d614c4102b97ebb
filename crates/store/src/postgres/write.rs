//! Writing: the rows of a command as one statement, which a stale version refuses whole. It is the only place that writes records.

use super::json::Json;
use super::names::Partition;
use super::pool::{Fault, Lease};
use super::rows::NewRow;
use std::fmt::Write as _;
use std::sync::atomic::Ordering;
use tokio::time::Instant;
use tokio_postgres::types::{ToSql, Type};

/// Up to so many rows of one partition are a prepared statement; each number of rows is another, so that the bound is on both.
const PREPARED_ROWS: usize = 8;

/// Rows of one statement: the protocol has 65 535 parameters. A command of more rows takes a transaction.
const STATEMENT_ROWS: usize = 8000;

const ROW_TYPES: [Type; 7] = [Type::INT8, Type::BYTEA, Type::BYTEA, Type::INT8, Type::BYTEA, Type::BYTEA, Type::JSON];

/// The version of a head must be one on from what is there, or becomes NULL, which the column refuses and with it the statement.
const ON_CONFLICT: &str = " ON CONFLICT (app, owner, key) DO UPDATE SET version = CASE WHEN EXCLUDED.key <> '\\x'::bytea \
     OR cubby_records.version = EXCLUDED.version - 1 THEN EXCLUDED.version END, \
     place = EXCLUDED.place, requests = EXCLUDED.requests, value = EXCLUDED.value";

/// `INSERT` of so many rows, each with all of its parameters: a database that is distributed by owner sees the owner of each.
fn insert(rows: usize) -> String {
    let mut sql = "INSERT INTO cubby_records (app, owner, key, version, place, requests, value) VALUES ".to_owned();
    for row in 0..rows {
        let first = row * ROW_TYPES.len() + 1;
        let comma = if row == 0 { "" } else { "," };
        // Writing to a text never fails.
        let _ = write!(sql, "{comma}(${first}");
        for n in first + 1..first + ROW_TYPES.len() {
            let _ = write!(sql, ",${n}");
        }
        sql.push(')');
    }
    sql + ON_CONFLICT
}

fn parameters(rows: &[NewRow]) -> Vec<&(dyn ToSql + Sync)> {
    let mut parameters: Vec<&(dyn ToSql + Sync)> = Vec::with_capacity(rows.len() * ROW_TYPES.len());
    for NewRow { partition: Partition { app, owner }, key, version, place, requests, value } in rows {
        parameters.extend([app as &(dyn ToSql + Sync), owner, key, version, place, requests, value as &Option<Json>]);
    }
    parameters
}

/// Writes the rows within a transaction that is open.
pub(super) async fn within_transaction(lease: &Lease, rows: &[NewRow]) -> Result<(), Fault> {
    for rows in rows.chunks(STATEMENT_ROWS) {
        one_statement(lease, rows).await?;
    }
    Ok(())
}

/// Writes the rows, all or none.
pub(super) async fn write(lease: &Lease, rows: &[NewRow]) -> Result<(), Fault> {
    let begun = Instant::now();
    if rows.len() > STATEMENT_ROWS {
        in_transaction(lease, rows).await?;
    } else {
        one_statement(lease, rows).await?;
    }
    lease.tally.took.observe_time(begun.elapsed());
    Ok(())
}

async fn one_statement(lease: &Lease, rows: &[NewRow]) -> Result<(), Fault> {
    let sql = insert(rows.len());
    let parameters = parameters(rows);
    lease.tally.writes.fetch_add(1, Ordering::Relaxed);
    if rows.len() <= PREPARED_ROWS {
        let statement = lease.prepare_cached(&sql).await?;
        lease.execute(&statement, &parameters).await?;
    } else {
        let typed: Vec<_> = parameters.into_iter().zip(ROW_TYPES.into_iter().cycle()).collect();
        lease.execute_typed(&sql, &typed).await?;
    }
    Ok(())
}

/// More rows than one statement has room for; the heads are in the first of them.
async fn in_transaction(lease: &Lease, rows: &[NewRow]) -> Result<(), Fault> {
    lease.batch_execute("BEGIN").await?;
    if let Err(fault) = within_transaction(lease, rows).await {
        lease.batch_execute("ROLLBACK").await?;
        return Err(fault);
    }
    Ok(lease.batch_execute("COMMIT").await?)
}
