//! A request that was not granted, as RFC 9457 has it.

use crate::controls::{ChangeFailed, FaultRefused, SeedingFailed, StateFailed, TurnRefused};
use crate::reply::Reply;
use cubby_domain::commands::ApplicationRefused;
use cubby_store::StoreError;
use hyper::header::HeaderValue;
use schemars::JsonSchema;
use serde::Serialize;

/// Why a request was not granted.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Problem {
    /// The status, once more.
    status: u16,
    /// What is wrong, naming the field where it is one's.
    detail: String,
}

impl Problem {
    pub(super) fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into() }
    }

    /// A request that cannot be read, or asks for what cannot be.
    pub(super) fn bad(detail: impl Into<String>) -> Self {
        Self::new(400, detail)
    }

    /// What is asked for is not there.
    pub(super) fn missing(what: impl Into<String>) -> Self {
        Self::new(404, what)
    }

    pub(super) fn reply(self) -> Reply {
        let body = serde_json::to_vec(&self).unwrap_or_default();
        Reply::of(self.status, HeaderValue::from_static("application/problem+json"), body)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Overloaded | StoreError::Moved | StoreError::TimedOut | StoreError::Unavailable(_) => {
                Self::new(503, error.to_string())
            }
            other => {
                tracing::error!(error = %other, "a request of an operator failed");
                Self::new(500, "the store failed; the log tells more")
            }
        }
    }
}

impl From<ChangeFailed> for Problem {
    fn from(failed: ChangeFailed) -> Self {
        match failed {
            ChangeFailed::Refused(ApplicationRefused::Exists)
            | ChangeFailed::NoNumberLeft(_)
            | ChangeFailed::TooMany => Self::new(409, failed.to_string()),
            ChangeFailed::Refused(ApplicationRefused::Unknown) => Self::missing(failed.to_string()),
            ChangeFailed::Store(error) => error.into(),
            ChangeFailed::Randomness(_) => Self::new(500, failed.to_string()),
            ChangeFailed::Refused(_) | ChangeFailed::Rule(_) => Self::bad(failed.to_string()),
        }
    }
}

impl From<FaultRefused> for Problem {
    fn from(refused: FaultRefused) -> Self {
        Self::new(if refused == FaultRefused::TooMany { 409 } else { 400 }, refused.to_string())
    }
}

impl From<StateFailed> for Problem {
    fn from(failed: StateFailed) -> Self {
        let status = match failed {
            StateFailed::Store(error) => return error.into(),
            StateFailed::NoSnapshot(_) => 404,
            StateFailed::TooManySnapshots | StateFailed::Held | StateFailed::NoSeed | StateFailed::TooLarge(_) => 409,
            StateFailed::Data(_) | StateFailed::State(_) | StateFailed::Rule(_) | StateFailed::Name => 400,
        };
        Self::new(status, failed.to_string())
    }
}

impl From<SeedingFailed> for Problem {
    fn from(failed: SeedingFailed) -> Self {
        match failed {
            SeedingFailed::Application { given: false, .. } => Self::new(503, failed.to_string()),
            SeedingFailed::NoKey(_) | SeedingFailed::Application { .. } => Self::bad(failed.to_string()),
        }
    }
}

impl From<TurnRefused> for Problem {
    fn from(refused: TurnRefused) -> Self {
        Self::bad(refused.to_string())
    }
}
