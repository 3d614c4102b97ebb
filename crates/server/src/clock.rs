//! The time, from the one place that asks the system for it; everything else is given it.

use cubby_domain::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A clock.
#[derive(Debug, Clone)]
pub struct Clock {
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    System {
        started: Instant,
    },
    /// Milliseconds since the Unix epoch, set by whoever holds it.
    Set(Arc<AtomicU64>),
}

impl Clock {
    /// The system's clock.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the system for the time")]
    pub fn system() -> Self {
        Self { kind: Kind::System { started: Instant::now() } }
    }

    /// A clock that shows what its holder sets, in milliseconds since the Unix epoch.
    pub fn set_by(milliseconds: Arc<AtomicU64>) -> Self {
        Self { kind: Kind::Set(milliseconds) }
    }

    /// The Unix time.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the system for the time")]
    pub fn now(&self) -> Timestamp {
        Timestamp(match &self.kind {
            // A system clock before 1970 is as good as none: time stands at 0, and no Timestamp steps back.
            Kind::System { .. } => SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs(),
            Kind::Set(milliseconds) => milliseconds.load(Ordering::Relaxed) / 1000,
        })
    }

    /// Time that only runs forward, for rates; its beginning means nothing.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the system for the time")]
    pub fn monotonic(&self) -> Duration {
        match &self.kind {
            Kind::System { started } => Instant::now().duration_since(*started),
            Kind::Set(milliseconds) => Duration::from_millis(milliseconds.load(Ordering::Relaxed)),
        }
    }
}
