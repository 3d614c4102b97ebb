//! The wire tests: every one of them speaks to the real binary. A module a theme.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]
#![expect(unreachable_pub, reason = "one crate: its modules are open to each other")]

mod accounts;
mod admin;
mod board;
mod chat_groups;
mod cli;
mod codes;
mod config;
mod conformance;
mod console;
mod contacts;
mod copy;
mod coverage;
mod crash;
mod description;
mod disk;
mod doctor;
mod gate;
mod hostile;
mod http_shapes;
mod messages;
mod metrics;
mod openapi;
mod postgres;
mod profiles;
mod recent_contacts;
mod recent_pages;
mod rulings;
mod sample;
mod sdks;
mod settings;
mod signers;
mod states;
mod support;
mod syncs;
mod tidy;
mod tls;
