//! The engines' tests: the suite that every engine passes, what the embedded engine promises beside it, and long random sequences
//! against a naive model. One binary, a module a theme; the rules themselves are tested in the domain.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests fail by panicking")]
#![expect(unreachable_pub, reason = "one crate: its modules are open to each other")]

#[macro_use]
mod suite;

mod copy;
mod embedded;
mod invariants;
mod memory;
mod postgres;
mod properties;
mod support;
