//! What operators steer in a running server: an application's clock, faults, how its signatures are checked, and the record of its calls.
//! All of it is this process's own and is gone when it ends; what is kept with the data is the store's. It knows neither how operators ask
//! for it (`admin/`, `console/`) nor how calls are answered (`v4/`).

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

mod calls;
mod clock;
mod faults;
mod signing;

pub(crate) use calls::{BODY_MAX, Calls, Filter, Heard, Recorded, Request, Steps};
pub(crate) use clock::{AppClock, ClockState, Turn, TurnRefused};
pub(crate) use faults::{Effect, Fault, FaultCounts, FaultRefused, Faults, Hit, Moment};
pub(crate) use signing::{Signing, SigningCell};

/// The controls of one application. They outlive a change of its record.
#[derive(Debug, Default)]
pub(crate) struct Controls {
    pub(crate) clock: AppClock,
    pub(crate) faults: Faults,
    pub(crate) signing: SigningCell,
    pub(crate) calls: Calls,
}

impl Controls {
    /// Those of an application whose record of calls counts with the others' in that number of bytes.
    pub(crate) fn counted_in(recorded: Arc<AtomicUsize>) -> Self {
        Self { calls: Calls::counted_in(recorded), ..Self::default() }
    }
}
