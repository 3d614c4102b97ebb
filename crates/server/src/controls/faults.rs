//! Faults of an application (R-120): calls that fail, wait or are cut off because someone asked for it, to see how a client takes it. They strike
//! calls that the gate let in. Which call a fault strikes is decided before the command runs; whether the command runs first is the
//! fault's own word.

use cubby_protocol::Body;
use cubby_protocol::endpoint::Meta;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// The most faults of an application.
pub(crate) const FAULTS_MAX: usize = 100;
/// The longest delay.
pub(crate) const DELAY_MAX: Duration = Duration::from_secs(600);
/// The most bytes of a text in a fault.
pub(crate) const TEXT_MAX: usize = 1024;

/// When a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Moment {
    /// Instead of the command: nothing is done.
    #[default]
    Before,
    /// After the command: what it did is kept, and the reply tells otherwise. A command that failed by itself is told as it is.
    After,
}

/// What a fault does, beside waiting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Answers with this `ErrorCode` and `ErrorInfo`.
    Error {
        /// The code.
        code: u32,
        /// The text; else the code's documented one.
        info: Option<String>,
    },
    /// Answers items with this `ResultCode`.
    Item {
        /// The code.
        code: u32,
    },
    /// Ends the connection without a reply.
    Drop,
    /// Ends the connection after so many bytes of the reply's body.
    Truncate(usize),
}

/// A fault. What is left out of the conditions holds for every call.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Fault {
    /// Calls of this command.
    pub(crate) command: Option<&'static str>,
    /// Calls that are about this account.
    pub(crate) user: Option<String>,
    /// Calls with this account, chat group or other id within one of their items.
    pub(crate) item: Option<String>,
    /// The n-th such call alone, counted from 1.
    pub(crate) nth: Option<u64>,
    /// The first n such calls.
    pub(crate) first: Option<u64>,
    /// So many of such calls, from 0 to 1, by chance.
    pub(crate) probability: Option<f64>,
    /// Where the chance begins: the same seed strikes the same calls.
    pub(crate) seed: u64,
    /// Until this Unix time in seconds, by the application's clock.
    pub(crate) until: Option<u64>,
    pub(crate) moment: Moment,
    /// How long the call waits first.
    pub(crate) delay: Duration,
    pub(crate) effect: Option<Effect>,
}

/// Why a fault was not taken. Each names its field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FaultRefused {
    #[error("command: there is no command {0:?}")]
    NoCommand(String),
    #[error("give one of error_code, result_code, drop and truncate")]
    Several,
    #[error("error_info: goes with error_code")]
    InfoAlone,
    #[error("the application has {FAULTS_MAX} faults already; clear some")]
    TooMany,
    #[error("a fault does something: error_code, result_code, delay_ms, drop or truncate")]
    Nothing,
    #[error("delay_ms: at most {}", DELAY_MAX.as_millis())]
    Delay,
    #[error("probability: from 0 to 1")]
    Probability,
    #[error("{0}: 1 or more")]
    Zero(&'static str),
    #[error("{0}: at most {TEXT_MAX} bytes")]
    Long(&'static str),
    #[error("error_code: 0 is no failure")]
    NoFailure,
    #[error("result_code: no item of this command has a result of its own; these do: {}", .0.join(", "))]
    NoItems(Vec<&'static str>),
}

/// A fault with what became of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FaultCounts {
    /// Its number, by which it is cleared.
    pub(crate) id: u64,
    pub(crate) fault: Fault,
    /// How many calls it was about.
    pub(crate) seen: u64,
    /// How many of them it struck.
    pub(crate) struck: u64,
}

/// A fault that strikes a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) id: u64,
    pub(crate) moment: Moment,
    pub(crate) delay: Duration,
    pub(crate) effect: Option<Effect>,
    /// Which items it is about; all, where it names none.
    pub(crate) item: Option<String>,
}

#[derive(Debug)]
struct Armed {
    counts: FaultCounts,
    chance: fastrand::Rng,
}

/// The faults of an application.
#[derive(Debug)]
pub(crate) struct Faults {
    /// How many there are, so that a call without any needs no lock.
    count: AtomicUsize,
    list: Mutex<(u64, Vec<Armed>)>,
    /// How often all waiting calls were let go, and whether they were to run then.
    released: watch::Sender<(u64, bool)>,
}

impl Default for Faults {
    fn default() -> Self {
        Self { count: AtomicUsize::default(), list: Mutex::default(), released: watch::Sender::new((0, true)) }
    }
}

impl Fault {
    fn check(&self, commands: &[&'static Meta]) -> Result<(), FaultRefused> {
        let texts = [("user", self.user.as_ref()), ("item", self.item.as_ref())];
        if let Some((name, _)) = texts.iter().find(|(_, text)| text.is_some_and(|text| text.len() > TEXT_MAX)) {
            return Err(FaultRefused::Long(name));
        }
        if let Some((name, _)) = [("nth", self.nth), ("first", self.first)].iter().find(|(_, n)| *n == Some(0)) {
            return Err(FaultRefused::Zero(name));
        }
        if self.probability.is_some_and(|p| !(0.0..=1.0).contains(&p)) {
            return Err(FaultRefused::Probability);
        }
        if self.delay > DELAY_MAX {
            return Err(FaultRefused::Delay);
        }
        match &self.effect {
            None if self.delay.is_zero() => Err(FaultRefused::Nothing),
            Some(Effect::Error { code: 0, .. }) => Err(FaultRefused::NoFailure),
            Some(Effect::Error { info: Some(info), .. }) if info.len() > TEXT_MAX => {
                Err(FaultRefused::Long("error_info"))
            }
            Some(Effect::Item { .. }) => {
                let with: Vec<&'static str> =
                    commands.iter().filter(|meta| meta.doc.has_item_results()).map(|meta| meta.path).collect();
                let fits = self.command.is_none_or(|command| with.contains(&command));
                if fits { Ok(()) } else { Err(FaultRefused::NoItems(with)) }
            }
            _ => Ok(()),
        }
    }

    fn is_about(&self, command: &str, body: Option<&Body<'_>>, now: u64) -> bool {
        self.command.is_none_or(|one| one == command)
            && self.until.is_none_or(|until| now <= until)
            && self.user.as_ref().is_none_or(|user| body.is_some_and(|body| body.is_about(user)))
            && self.item.as_ref().is_none_or(|item| body.is_some_and(|body| body.has_item(item)))
    }
}

impl Faults {
    fn lock(&self) -> MutexGuard<'_, (u64, Vec<Armed>)> {
        // A fault is added, counted and taken away in single steps.
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a fault behind the others; its number. `commands` are those that there are.
    ///
    /// # Errors
    /// The field that is wrong, or that there are too many.
    pub(crate) fn add(&self, fault: Fault, commands: &[&'static Meta]) -> Result<u64, FaultRefused> {
        fault.check(commands)?;
        let (given, armed) = &mut *self.lock();
        if armed.len() >= FAULTS_MAX {
            return Err(FaultRefused::TooMany);
        }
        *given += 1;
        let chance = fastrand::Rng::with_seed(fault.seed);
        armed.push(Armed { counts: FaultCounts { id: *given, fault, seen: 0, struck: 0 }, chance });
        self.count.store(armed.len(), Ordering::Release);
        Ok(*given)
    }

    /// All of them, with what became of them, in the order in which they are asked.
    pub(crate) fn all(&self) -> Vec<FaultCounts> {
        self.lock().1.iter().map(|armed| armed.counts.clone()).collect()
    }

    /// Takes one away; false where there is none of that number. Calls that wait because of it wait on.
    pub(crate) fn clear(&self, id: u64) -> bool {
        let list = &mut self.lock().1;
        let before = list.len();
        list.retain(|armed| armed.counts.id != id);
        self.count.store(list.len(), Ordering::Release);
        list.len() < before
    }

    /// Takes all away, and lets all calls go that wait.
    pub(crate) fn clear_all(&self) {
        self.clear_and(true);
    }

    /// Takes all away, and ends all calls that wait: those that did not run yet never do.
    pub(crate) fn end_all(&self) {
        self.clear_and(false);
    }

    fn clear_and(&self, run: bool) {
        let list = &mut self.lock().1;
        list.clear();
        self.count.store(0, Ordering::Release);
        self.released.send_modify(|(times, runs)| {
            *times += 1;
            *runs = run;
        });
    }

    /// The fault that strikes this call: the first that is about it and whose turn it is. Every fault that is about it counts it.
    pub(crate) fn strike(&self, command: &str, body: &[u8], now: u64) -> Option<Hit> {
        if self.count.load(Ordering::Acquire) == 0 {
            return None;
        }
        let body = Body::parse(body).ok();
        let mut hit = None;
        for Armed { counts, chance } in &mut self.lock().1 {
            let fault = &counts.fault;
            if !fault.is_about(command, body.as_ref(), now) {
                continue;
            }
            counts.seen += 1;
            // Drawn for every call that it is about, so that which calls are struck does not hang on the others' conditions.
            let drawn = fault.probability.is_none_or(|probability| chance.f64() < probability);
            let turn = fault.nth.is_none_or(|nth| counts.seen == nth) && fault.first.is_none_or(|n| counts.seen <= n);
            if drawn && turn && hit.is_none() {
                counts.struck += 1;
                hit = Some(Hit {
                    id: counts.id,
                    moment: fault.moment,
                    delay: fault.delay,
                    effect: fault.effect.clone(),
                    item: fault.item.clone(),
                });
            }
        }
        hit
    }

    /// Waits for so long, or until all waiting calls are let go; false where the call is to end without running.
    pub(crate) async fn wait(&self, delay: Duration) -> bool {
        if delay.is_zero() {
            return true;
        }
        let mut released = self.released.subscribe();
        released.mark_unchanged();
        tokio::select! {
            () = tokio::time::sleep(delay) => true,
            // It errs only where the sender is gone, which is ours.
            _ = released.changed() => released.borrow().1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v4::COMMANDS;

    const MARK: &str = "recentcontact/mark_contact";
    const BODY: &[u8] =
        br#"{"From_Account":"alice","MarkItem":[{"OptType":1,"ContactItem":{"Type":1,"To_Account":"bob"},"SetMark":[1]}]}"#;

    fn error(code: u32) -> Effect {
        Effect::Error { code, info: None }
    }

    fn struck(faults: &Faults, calls: usize) -> Vec<bool> {
        (0..calls).map(|_| faults.strike(MARK, BODY, 100).is_some()).collect()
    }

    fn of(fault: Fault) -> Faults {
        let faults = Faults::default();
        faults.add(Fault { effect: Some(error(50004)), ..fault }, COMMANDS).unwrap();
        faults
    }

    #[test]
    fn a_fault_strikes_the_calls_that_it_is_about() {
        let alice = || Some("alice".to_owned());
        for (fault, strikes) in [
            (Fault::default(), true),
            (Fault { command: Some(MARK), ..Fault::default() }, true),
            (Fault { command: Some("recentcontact/top"), ..Fault::default() }, false),
            (Fault { user: alice(), ..Fault::default() }, true),
            (Fault { user: Some("bob".to_owned()), ..Fault::default() }, false),
            (Fault { item: Some("bob".to_owned()), ..Fault::default() }, true),
            (Fault { item: alice(), ..Fault::default() }, false),
            (Fault { until: Some(100), ..Fault::default() }, true),
            (Fault { until: Some(99), ..Fault::default() }, false),
        ] {
            assert_eq!(struck(&of(fault.clone()), 1), [strikes], "{fault:?}");
        }
    }

    #[test]
    fn the_nth_the_first_and_a_chance_with_a_seed() {
        assert_eq!(struck(&of(Fault { nth: Some(2), ..Fault::default() }), 3), [false, true, false]);
        assert_eq!(struck(&of(Fault { first: Some(2), ..Fault::default() }), 3), [true, true, false]);
        let half = |seed| struck(&of(Fault { probability: Some(0.5), seed, ..Fault::default() }), 64);
        assert_eq!(half(7), half(7));
        assert_ne!(half(7), half(8));
        let times = half(7).into_iter().filter(|struck| *struck).count();
        assert!((16..=48).contains(&times), "{times}");
        assert_eq!(struck(&of(Fault { probability: Some(0.0), ..Fault::default() }), 2), [false, false]);
        assert_eq!(struck(&of(Fault { probability: Some(1.0), ..Fault::default() }), 2), [true, true]);
    }

    #[test]
    fn faults_are_listed_counted_and_cleared_and_the_first_whose_turn_it_is_strikes() {
        let faults = Faults::default();
        let first = faults.add(Fault { nth: Some(2), effect: Some(error(1)), ..Fault::default() }, COMMANDS).unwrap();
        let second = faults.add(Fault { effect: Some(error(2)), ..Fault::default() }, COMMANDS).unwrap();
        let by: Vec<_> = (0..3).map(|_| faults.strike(MARK, BODY, 0).map(|hit| hit.id)).collect();
        assert_eq!(by, [Some(second), Some(first), Some(second)]);
        let counts: Vec<_> = faults.all().iter().map(|one| (one.seen, one.struck)).collect();
        assert_eq!(counts, [(3, 1), (3, 2)]);
        assert!(faults.clear(second) && !faults.clear(second));
        assert_eq!(faults.all().len(), 1);
        faults.clear_all();
        assert_eq!(faults.strike(MARK, BODY, 0), None);
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_field() {
        let add = |fault: Fault| Faults::default().add(fault, COMMANDS).unwrap_err().to_string();
        let with = |effect| Fault { effect: Some(effect), ..Fault::default() };
        for (fault, says) in [
            (Fault::default(), "a fault does something"),
            (with(Effect::Error { code: 0, info: None }), "error_code"),
            (with(Effect::Error { code: 1, info: Some("a".repeat(1025)) }), "error_info"),
            (Fault { nth: Some(0), ..with(Effect::Drop) }, "nth"),
            (Fault { first: Some(0), ..with(Effect::Drop) }, "first"),
            (Fault { probability: Some(1.5), ..with(Effect::Drop) }, "probability"),
            (Fault { probability: Some(f64::NAN), ..with(Effect::Drop) }, "probability"),
            (Fault { delay: DELAY_MAX + Duration::from_millis(1), ..Fault::default() }, "delay_ms"),
            (Fault { user: Some("a".repeat(1025)), ..with(Effect::Drop) }, "user"),
            (Fault { command: Some("recentcontact/top"), ..with(Effect::Item { code: 1 }) }, "result_code"),
        ] {
            let why = add(fault);
            assert!(why.contains(says), "{why}");
        }
        let many = Faults::default();
        for _ in 0..FAULTS_MAX {
            many.add(with(Effect::Drop), COMMANDS).unwrap();
        }
        assert_eq!(many.add(with(Effect::Drop), COMMANDS), Err(FaultRefused::TooMany));
    }

    #[tokio::test]
    async fn waiting_calls_are_let_go_to_run_or_to_end() {
        for (clear, runs) in [(Faults::clear_all as fn(&Faults), true), (Faults::end_all, false)] {
            let faults = std::sync::Arc::new(Faults::default());
            let waiting = tokio::spawn({
                let faults = std::sync::Arc::clone(&faults);
                async move { faults.wait(DELAY_MAX).await }
            });
            while faults.released.receiver_count() == 0 {
                tokio::task::yield_now().await;
            }
            clear(&faults);
            assert_eq!(tokio::time::timeout(Duration::from_secs(10), waiting).await.unwrap().unwrap(), runs);
        }
        assert!(Faults::default().wait(Duration::ZERO).await);
    }
}
