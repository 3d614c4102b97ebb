//! Private PostgreSQL clusters for tests and the benchmark, and a proxy that puts faults between a client and one of them. It is no client
//! of PostgreSQL: SQL goes through `psql`. All calls block, and panic with what went wrong.
#![expect(
    clippy::panic,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a part of tests, which fail by panicking"
)]
#![expect(clippy::disallowed_methods, reason = "a delay of the network is real time")]

mod cluster;
mod installation;
mod port;
mod processes;
mod proxy;
mod standby;
mod template;

pub use cluster::{Cluster, Stop, program, psql};
pub use proxy::{Proxy, When};
