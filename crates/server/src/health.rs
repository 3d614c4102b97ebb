//! `/health` and `/ready`: whether the process lives, and whether it can serve.

use crate::app::App;
use cubby_store::{Health, Store};

/// The status and the body of `/health`: 200 where it can serve. Why it cannot is for the log: who asks may be a stranger.
pub(crate) fn health<S: Store>(app: &App<S>) -> (u16, String) {
    let version = env!("CARGO_PKG_VERSION");
    let (status, state) = match app.store.health() {
        Health::Serving | Health::Overloaded => (200, "ok"),
        Health::Unavailable(_) => (503, "unavailable"),
        Health::Poisoned(_) => (503, "failed"),
    };
    (status, format!(r#"{{"status":"{state}","version":"{version}"}}"#))
}

/// The status and the body of `/ready`: 200 where a request sent now would be served.
pub(crate) fn ready<S: Store>(app: &App<S>, stopping: bool) -> (u16, String) {
    let (status, state) = match app.store.health() {
        _ if stopping => (503, "stopping"),
        Health::Serving => (200, "ready"),
        Health::Overloaded => (503, "overloaded"),
        Health::Unavailable(_) => (503, "unavailable"),
        Health::Poisoned(_) => (503, "failed"),
    };
    (status, format!(r#"{{"status":"{state}"}}"#))
}
