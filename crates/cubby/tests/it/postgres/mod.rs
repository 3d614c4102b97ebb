//! Servers over PostgreSQL when something fails: the database, the network, the servers themselves. Every server is the real binary, every
//! database a private cluster. What was acknowledged is there, nothing is done twice, and every request is answered.
//!
//! `CUBBY_FAULT_ROUNDS` is the number of rounds of the tests that go on under load, `CUBBY_CRASH_SEED` the seed of a run to repeat.

mod conformance;
mod counted;
mod cuts;
mod doors;
mod failover;
mod hanging;
mod network;
mod restarts;
mod servers;
mod settings;
mod starting;

use crate::crash::{Campaign, Violation, from_environment};
use crate::support::{APP, KEY, Server, moment};
use cubby_pg_cluster::Cluster;
use std::time::Duration;

/// Clients of a test under load.
const CLIENTS: usize = 12;

/// How many rounds a test takes.
fn rounds(usual: u64) -> u64 {
    from_environment("CUBBY_FAULT_ROUNDS").unwrap_or(usual)
}

/// The application that servers of these tests have.
fn app() -> String {
    format!("{APP}:{KEY}:ultimate")
}

/// A server over a database.
fn server(url: &str) -> Server {
    Server::start_with(&["--store", url, "--app", &app(), "--call-rate", "0"])
}

/// The status of `/health`.
fn health(server: &Server) -> u16 {
    server.send(b"GET /health HTTP/1.1\r\nHost: test\r\n\r\n").status
}

/// Waits until `/health` has this status, and until requests are served where it is 200.
fn until_health_is(server: &Server, status: u16) {
    let begun = moment();
    while health(server) != status {
        assert!(begun.elapsed() < Duration::from_secs(60), "/health is not {status} and stays so");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn pause(milliseconds: u64) {
    std::thread::sleep(Duration::from_millis(milliseconds));
}

/// What a test under load came to.
fn must<T>(result: Result<T, Violation>, campaign: &Campaign) -> T {
    result.unwrap_or_else(|violation| campaign.fail(&violation))
}

/// A cluster that keeps what it confirmed, with an empty database.
fn durable() -> (Cluster, String) {
    let cluster = Cluster::durable();
    let url = cluster.database();
    (cluster, url)
}
