//! Serving: HTTP in, the gate, one command, HTTP out. Rules, wire forms and storage are elsewhere.

mod app;
mod applications;
mod bounds;
mod clock;
mod connections;
mod health;
mod http;
pub mod openapi;
mod rate;
mod reply;
pub mod v4;

pub use app::App;
pub use applications::{Applications, CallRates};
pub use bounds::Bounds;
pub use clock::Clock;
pub use http::{Ended, serve};
