//! The clusters and the proxy do what the tests over them rely on.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]
#![expect(clippy::disallowed_methods, reason = "a delay of the network is real time")]

mod clusters;
mod faults;
