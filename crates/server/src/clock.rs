//! The time, from the one place that asks the system for it; everything else is given it.

use cubby_domain::Timestamp;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A clock.
#[derive(Debug, Clone)]
pub struct Clock {
    started: Instant,
}

impl Clock {
    /// The system's clock.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the system for the time")]
    pub fn system() -> Self {
        Self { started: Instant::now() }
    }

    /// The Unix time. A system clock before 1970 is as good as none: time stands at 0, and no Timestamp steps back.
    pub fn now(&self) -> Timestamp {
        Timestamp(self.unix().as_secs())
    }

    /// The same, as finely as the system tells it.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the system for the time")]
    pub fn unix(&self) -> Duration {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    /// Time that only runs forward, for rates; its beginning means nothing.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the system for the time")]
    pub fn monotonic(&self) -> Duration {
        Instant::now().duration_since(self.started)
    }
}
