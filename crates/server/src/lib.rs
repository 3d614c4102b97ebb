//! Serving: HTTP in, the gate, one command, HTTP out. Rules, wire forms and storage are elsewhere.

mod access;
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
mod metrics;
pub mod openapi;
mod rate;
mod reply;
mod sessions;
mod tls;
pub mod v4;

pub use access::{Access, EMULATOR_HEADER};
pub use app::{App, Follow};
pub use applications::{Applications, CallRates, Share};
pub use bounds::Bounds;
pub use clock::Clock;
pub use http::{Ended, serve};
pub use listener::Listener;
pub use tls::Certificate;
