//! What operators steer in a running server: an application's clock, faults, how its signatures are checked, and the record of its calls.
//! All of it is this process's own and is gone when it ends; what is kept with the data is the store's. It knows neither how operators ask
//! for it (`admin/`, `console/`) nor how calls are answered (`v4/`).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize};

mod applications;
mod calls;
mod clock;
mod fault_words;
mod faults;
mod live;
mod rates;
mod replay;
mod seed;
mod seeding;
mod signing;
mod state;

pub(crate) use applications::{ChangeFailed, change, checked_settings, create, delete};
pub use applications::{FIRST_SDKAPPID, next_sdkappid};
pub(crate) use calls::{BODY_MAX, CALLS_MAX, Calls, Explained, Filter, Recorded, Request, Steps};
pub(crate) use clock::{AppClock, Turn, TurnRefused};
pub(crate) use fault_words::{Counted, GivenFault, When};
pub(crate) use faults::{DELAY_MAX, Effect, FAULTS_MAX, FaultRefused, Faults, Hit, Moment, TEXT_MAX};
pub(crate) use live::{TooMany, follow};
pub(crate) use rates::{Rate, rates};
pub(crate) use replay::{NoReplay, SignedAnew, as_curl, as_scenario};
pub(crate) use seed::{Data, File, SettingValue};
pub use seeding::{BadSeedFile, SeedFile, Seeded, SeedingFailed};
pub(crate) use signing::{EXPIRE_MAX, IDENTIFIER_MAX, MintRefused, Signing, SigningCell, mint, set_signing};
pub(crate) use state::{
    HELD_MAX, NAME_MAX, SNAPSHOTS_MAX, Snapshot, StateFailed, States, reset, restore, seed as load_seed,
    take as take_snapshot,
};

/// The controls of one application. They outlive a change of its record.
#[derive(Debug, Default)]
pub(crate) struct Controls {
    pub(crate) clock: AppClock,
    pub(crate) faults: Faults,
    pub(crate) signing: SigningCell,
    pub(crate) calls: Calls,
    pub(crate) states: States,
    /// Held by each call in hand.
    pub(crate) in_hand: Arc<()>,
}

/// What the controls of all applications hold together.
#[derive(Debug, Default, Clone)]
pub(crate) struct Held {
    /// The bytes of the records of calls.
    calls: Arc<AtomicUsize>,
    /// The records of the seeds and snapshots.
    states: Arc<AtomicU64>,
}

impl Controls {
    /// How many calls that the gate looked at are not answered yet.
    pub(crate) fn calls_in_hand(&self) -> usize {
        Arc::strong_count(&self.in_hand) - 1
    }

    /// Those of an application, which count with the others' in that.
    pub(crate) fn counted_in(held: &Held) -> Self {
        Self {
            calls: Calls::counted_in(Arc::clone(&held.calls)),
            states: States::counted_in(Arc::clone(&held.states)),
            ..Self::default()
        }
    }
}
