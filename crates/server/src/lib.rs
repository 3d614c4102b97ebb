//! Serving: HTTP in, the gate, one command, HTTP out. Rules, wire forms and storage are elsewhere.

mod access;
mod admin;
mod app;
mod applications;
mod bounds;
mod clock;
mod connections;
mod console;
mod controls;
mod exact;
mod health;
mod hearing;
mod http;
mod listener;
mod live;
mod metrics;
pub mod openapi;
mod rate;
mod reply;
mod secret;
mod sessions;
mod tls;
mod truncated;
pub mod v4;

pub use access::{Access, EMULATOR_HEADER};
pub use app::{App, Follow};
pub use applications::{Applications, CallRates, Share};
pub use bounds::Bounds;
pub use clock::Clock;
pub use controls::{BadSeedFile, FIRST_SDKAPPID, SeedFile, Seeded, SeedingFailed, next_sdkappid};
pub use http::{Ended, serve};
pub use listener::Listener;
pub use secret::{masked, random_secret};
pub use tls::Certificate;
