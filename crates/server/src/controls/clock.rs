//! An application's clock: the system's, unless it was frozen or moved. The expiry of UserSigs, the timestamps of what is written and the
//! rates of calls follow it.

use crate::clock::Clock;
use cubby_domain::Timestamp;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The last second that a clock can show: the end of the year 9999.
const LAST: Duration = Duration::from_secs(253_402_300_799);

/// How a clock goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Dial {
    /// As the system's.
    #[default]
    System,
    /// As fast as the system's, from another time on: what it shows where the system's shows the second.
    From { shows: Duration, system: Duration },
    /// It stands.
    Frozen(Duration),
}

/// What is done to a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It stands still, at this Unix time in seconds or at what it shows.
    Freeze(Option<u64>),
    /// It goes forward at once by so many seconds, and then as before: frozen or running.
    Advance(u64),
    /// It runs on from what it shows.
    Run,
    /// It shows the system's time again.
    System,
}

/// Why a clock was not turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TurnRefused {
    /// It would show a time that no clock shows.
    #[error("a clock shows the years from 1970 to 9999")]
    OutOfRange,
}

/// What a clock shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClockState {
    /// The time.
    pub(crate) now: Duration,
    pub(crate) frozen: bool,
    /// Whether it shows the system's time.
    pub(crate) system: bool,
}

/// A clock.
#[derive(Debug, Default)]
pub(crate) struct AppClock {
    /// Whether it is not the system's, so that most calls need no lock.
    turned: AtomicBool,
    dial: Mutex<Dial>,
}

impl Dial {
    fn shows(self, system: Duration) -> Duration {
        match self {
            Self::System => system,
            // The system's clock may have been set back below where this one began.
            Self::From { shows, system: from } => shows.saturating_add(system.saturating_sub(from)),
            Self::Frozen(at) => at,
        }
    }

    fn turned(self, turn: Turn, system: Duration) -> Result<Self, TurnRefused> {
        let now = self.shows(system);
        let within = |at: Option<Duration>| at.filter(|at| *at <= LAST).ok_or(TurnRefused::OutOfRange);
        Ok(match turn {
            Turn::Freeze(at) => Self::Frozen(within(Some(at.map_or(now, Duration::from_secs)))?),
            Turn::Advance(seconds) => {
                let at = within(now.checked_add(Duration::from_secs(seconds)))?;
                if matches!(self, Self::Frozen(_)) { Self::Frozen(at) } else { Self::From { shows: at, system } }
            }
            Turn::Run if self == Self::System => Self::System,
            Turn::Run => Self::From { shows: now, system },
            Turn::System => Self::System,
        })
    }
}

impl AppClock {
    fn dial(&self) -> MutexGuard<'_, Dial> {
        // A dial is set in one step.
        self.dial.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The Unix time.
    pub(crate) fn now(&self, clock: &Clock) -> Timestamp {
        if self.turned.load(Ordering::Acquire) { Timestamp(self.state(clock).now.as_secs()) } else { clock.now() }
    }

    /// The time for rates, whose beginning means nothing. Buckets are to be made full where the clock is turned back: see [`Self::turn`].
    pub(crate) fn for_rates(&self, clock: &Clock) -> Duration {
        if self.turned.load(Ordering::Acquire) { self.state(clock).now } else { clock.monotonic() }
    }

    /// Has it show the system's time again.
    pub(crate) fn reset(&self) {
        *self.dial() = Dial::System;
        self.turned.store(false, Ordering::Release);
    }

    /// Whether it is not the system's.
    pub(crate) fn is_turned(&self) -> bool {
        self.turned.load(Ordering::Acquire)
    }

    /// What it shows.
    pub(crate) fn state(&self, clock: &Clock) -> ClockState {
        let dial = *self.dial();
        let now = dial.shows(clock.unix());
        ClockState { now, frozen: matches!(dial, Dial::Frozen(_)), system: dial == Dial::System }
    }

    /// Turns it; true where what was counted by its time before has to be forgotten, since its time for rates steps back, or is another.
    ///
    /// # Errors
    /// Where it would show a time beyond the year 9999; it goes on as before then.
    pub(crate) fn turn(&self, turn: Turn, clock: &Clock) -> Result<bool, TurnRefused> {
        let system = clock.unix();
        let mut dial = self.dial();
        let before = *dial;
        let after = before.turned(turn, system)?;
        *dial = after;
        self.turned.store(after != Dial::System, Ordering::Release);
        let other = (before == Dial::System) != (after == Dial::System);
        Ok(other || after.shows(system) < before.shows(system))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYSTEM: Duration = Duration::from_secs(1_000_000);

    fn after(turns: &[Turn], later: u64) -> u64 {
        let dial = turns.iter().fold(Dial::System, |dial, turn| dial.turned(*turn, SYSTEM).unwrap());
        dial.shows(SYSTEM + Duration::from_secs(later)).as_secs()
    }

    #[test]
    fn a_frozen_clock_stands_and_a_running_one_goes_on() {
        assert_eq!(after(&[], 5), 1_000_005);
        assert_eq!(after(&[Turn::Freeze(None)], 5), 1_000_000);
        assert_eq!(after(&[Turn::Freeze(Some(77))], 5), 77);
        assert_eq!(after(&[Turn::Freeze(Some(77)), Turn::Run], 5), 82);
        assert_eq!(after(&[Turn::Freeze(Some(77)), Turn::Advance(10)], 5), 87);
        assert_eq!(after(&[Turn::Advance(10)], 5), 1_000_015);
        assert_eq!(after(&[Turn::Advance(10), Turn::Advance(10)], 5), 1_000_025);
        assert_eq!(after(&[Turn::Freeze(Some(77)), Turn::System], 5), 1_000_005);
        assert_eq!(after(&[Turn::Run], 5), 1_000_005);
    }

    #[test]
    fn no_clock_shows_what_is_no_time() {
        for turn in [Turn::Freeze(Some(LAST.as_secs() + 1)), Turn::Advance(LAST.as_secs()), Turn::Advance(u64::MAX)] {
            assert_eq!(Dial::System.turned(turn, SYSTEM), Err(TurnRefused::OutOfRange), "{turn:?}");
        }
    }

    #[test]
    fn what_was_counted_is_forgotten_where_time_is_another() {
        let (clock, system) = (AppClock::default(), Clock::system());
        assert!(!clock.is_turned());
        assert_eq!(clock.turn(Turn::Freeze(Some(100)), &system), Ok(true));
        assert_eq!(clock.turn(Turn::Advance(1), &system), Ok(false));
        assert_eq!(clock.turn(Turn::Run, &system), Ok(false));
        assert_eq!(clock.turn(Turn::Freeze(Some(50)), &system), Ok(true));
        assert!(clock.is_turned());
        assert_eq!(clock.now(&system), Timestamp(50));
        assert_eq!(clock.turn(Turn::Advance(u64::MAX), &system), Err(TurnRefused::OutOfRange));
        assert_eq!(clock.now(&system), Timestamp(50));
        assert_eq!(clock.turn(Turn::System, &system), Ok(true));
        assert!(!clock.is_turned() && clock.state(&system).system);
    }
}
