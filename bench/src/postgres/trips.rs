//! The round trips of a write: counted by a proxy between a server and its database, over writes that one client after the other sends.

use crate::Failure;
use crate::exchange::Connection;
use crate::requests::{Added, Kind, Requests, Signed};
use crate::target::Target;
use cubby_pg_cluster::Proxy;
use serde::Serialize;
use std::rc::Rc;
use tokio::task::JoinSet;

/// Clients that write at a time: enough that what a server asks of its database by itself, a few times a second, is a small part of it.
const CLIENTS: u32 = 16;
/// Writes of each before anything is counted, so that every connection to the database has prepared its statements.
const FIRST: u32 = 40;
/// Writes of each that are counted.
const COUNTED: u32 = 125;

/// What was counted.
#[derive(Debug, Serialize)]
pub(super) struct Counted {
    pub(super) name: &'static str,
    pub(super) writes: u32,
    /// Round trips for a write.
    pub(super) round_trips: f64,
    /// Statements with parameters, each with a Sync of its own, for a write.
    pub(super) statements: f64,
}

/// Counts; the proxy has a delay, so that it is sure which statements were sent together.
pub(super) async fn count(
    name: &'static str,
    target: &Target,
    proxy: &Proxy,
    signed: &Signed,
    added: &Added,
) -> Result<Counted, Failure> {
    write(target, signed, added, FIRST).await?;
    let before = (proxy.round_trips(), proxy.syncs());
    write(target, signed, added, COUNTED).await?;
    let after = (proxy.round_trips(), proxy.syncs());
    let writes = CLIENTS * COUNTED;
    let each = |before: usize, after: usize| crate::report::float((after - before) as u64) / f64::from(writes);
    Ok(Counted { name, writes, round_trips: each(before.0, after.0), statements: each(before.1, after.1) })
}

/// So many writes of each client.
async fn write(target: &Target, signed: &Signed, added: &Added, times: u32) -> Result<(), Failure> {
    let mut tasks = JoinSet::new();
    for first in 0..CLIENTS {
        let mut requests = Requests::new(signed, Kind::Update, first, CLIENTS, Rc::clone(added));
        let address = target.address;
        tasks.spawn_local(async move {
            let mut connection = Connection::open(address).await?;
            for _ in 0..times {
                let (request, expect) = requests.next();
                let body = connection.exchange(request).await?;
                if !expect.is_met_by(body) {
                    return Err(std::io::Error::other(String::from_utf8_lossy(body).into_owned()));
                }
            }
            Ok(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}
