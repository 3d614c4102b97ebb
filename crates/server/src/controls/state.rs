//! Putting an application's data into a state: a seed, a reset to it, snapshots by name. They live in this process; the data that they make
//! is kept as any other.

use super::applications::context;
use super::seed::{BadData, Data};
use crate::app::App;
use crate::applications::Loaded;
use cubby_domain::commands::{ReplaceApplicationState, Replaced};
use cubby_domain::queries::{ReadApplicationState, StateTooLarge};
use cubby_domain::state::{ApplicationState, BadState, CheckedState, RECORDS_MAX};
use cubby_domain::{Context, Refusal};
use cubby_store::{Store, StoreError};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most snapshots of an application.
pub(crate) const SNAPSHOTS_MAX: usize = 32;
/// The longest name of one, in bytes.
pub(crate) const NAME_MAX: usize = 64;
/// The most records that the seeds and snapshots of all applications have together.
pub(crate) const HELD_MAX: u64 = 2_000_000;

/// Why the data was not put into a state. Nothing is changed then.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StateFailed {
    #[error("{0}")]
    Data(#[from] BadData),
    #[error("{0}")]
    State(#[from] BadState),
    #[error("{0}")]
    TooLarge(#[from] StateTooLarge),
    #[error("{0}")]
    Rule(Refusal),
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("name: 1 to {NAME_MAX} letters, digits, dots, dashes and underscores")]
    Name,
    #[error("there is no snapshot {0:?}")]
    NoSnapshot(String),
    #[error("the application has {SNAPSHOTS_MAX} snapshots already; delete some")]
    TooManySnapshots,
    #[error("seeds and snapshots hold {HELD_MAX} records already; delete some")]
    Held,
    #[error("no seed was loaded; load one, and a reset goes back to it")]
    NoSeed,
}

/// The seed and the snapshots of an application.
#[derive(Debug)]
pub(crate) struct States {
    kept: Mutex<Kept>,
    /// How many records all applications' seeds and snapshots have together.
    held: Arc<AtomicU64>,
}

#[derive(Debug, Default)]
struct Kept {
    seed: Option<CheckedState>,
    snapshots: BTreeMap<String, CheckedState>,
}

/// A snapshot, in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) name: String,
    pub(crate) users: usize,
    pub(crate) chat_groups: usize,
    pub(crate) records: u64,
}

impl Default for States {
    fn default() -> Self {
        Self::counted_in(Arc::default())
    }
}

impl States {
    /// Those whose records count with others'.
    pub(crate) fn counted_in(held: Arc<AtomicU64>) -> Self {
        Self { kept: Mutex::default(), held }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // A state is put in or taken out in one step.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hold(&self, state: &CheckedState) -> Result<(), StateFailed> {
        let records = state.state().records();
        if self.held.fetch_add(records, Ordering::Relaxed) + records > HELD_MAX {
            self.held.fetch_sub(records, Ordering::Relaxed);
            return Err(StateFailed::Held);
        }
        Ok(())
    }

    fn release(&self, state: &CheckedState) {
        self.held.fetch_sub(state.state().records(), Ordering::Relaxed);
    }

    /// Takes a seed for which there is room already.
    fn set_seed(&self, state: CheckedState) {
        if let Some(old) = self.lock().seed.replace(state) {
            self.release(&old);
        }
    }

    fn seed(&self) -> Option<CheckedState> {
        self.lock().seed.clone()
    }

    /// Keeps a snapshot under a name, in place of one that has it.
    fn keep(&self, name: &str, state: CheckedState) -> Result<(), StateFailed> {
        let named = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        if name.is_empty() || name.len() > NAME_MAX || !name.bytes().all(named) {
            return Err(StateFailed::Name);
        }
        let mut kept = self.lock();
        if kept.snapshots.len() >= SNAPSHOTS_MAX && !kept.snapshots.contains_key(name) {
            return Err(StateFailed::TooManySnapshots);
        }
        self.hold(&state)?;
        if let Some(old) = kept.snapshots.insert(name.to_owned(), state) {
            self.release(&old);
        }
        Ok(())
    }

    /// Forgets a snapshot; false where there is none of that name.
    pub(crate) fn forget(&self, name: &str) -> bool {
        let found = self.lock().snapshots.remove(name);
        found.inspect(|old| self.release(old)).is_some()
    }

    fn snapshot(&self, name: &str) -> Result<CheckedState, StateFailed> {
        self.lock().snapshots.get(name).cloned().ok_or_else(|| StateFailed::NoSnapshot(name.to_owned()))
    }

    /// The snapshots, by their names.
    pub(crate) fn snapshots(&self) -> Vec<Snapshot> {
        self.lock().snapshots.iter().map(|(name, state)| Snapshot::of(name, state.state())).collect()
    }
}

impl Drop for States {
    fn drop(&mut self) {
        let Kept { seed, snapshots } = std::mem::take(&mut *self.lock());
        snapshots.into_values().chain(seed).for_each(|state| self.release(&state));
    }
}

impl Snapshot {
    fn of(name: &str, state: &ApplicationState) -> Self {
        Self {
            name: name.to_owned(),
            users: state.users.len(),
            chat_groups: state.chat_groups.len(),
            records: state.records(),
        }
    }
}

/// Loads a seed: the data becomes it, and a reset goes back to it.
pub(crate) async fn seed<S: Store>(app: &App<S>, loaded: &Loaded, data: &Data) -> Result<Replaced, StateFailed> {
    let state = stated(app, loaded, data)?;
    let states = &loaded.controls.states;
    // Room first, so that nothing can fail once the data is another.
    states.hold(&state)?;
    let replaced = replace(app, loaded, state.clone()).await.inspect_err(|_| states.release(&state))?;
    states.set_seed(state);
    Ok(replaced)
}

/// Loads a seed, as a server does at its start: the data becomes it only where there is none, so that no start loses any.
pub(crate) async fn seed_where_empty<S: Store>(
    app: &App<S>,
    loaded: &Loaded,
    data: &Data,
) -> Result<bool, StateFailed> {
    let state = stated(app, loaded, data)?;
    let empty = match app.store.query(ReadApplicationState { records_max: 1 }, of(app, loaded)).await? {
        Ok(Ok(found)) => found.records() == 0,
        Ok(Err(StateTooLarge { .. })) => false,
        Err(refusal) => return Err(StateFailed::Rule(refusal)),
    };
    let states = &loaded.controls.states;
    states.hold(&state)?;
    if empty {
        replace(app, loaded, state.clone()).await.inspect_err(|_| states.release(&state))?;
    }
    states.set_seed(state);
    Ok(empty)
}

fn stated<S: Store>(app: &App<S>, loaded: &Loaded, data: &Data) -> Result<CheckedState, StateFailed> {
    let state = data.seed()?.state(&of(app, loaded)).map_err(BadData::from)?;
    Ok(CheckedState::new(state, RECORDS_MAX)?)
}

fn of<S: Store>(app: &App<S>, loaded: &Loaded) -> Context {
    context(app, loaded.application.id)
}

/// Puts an application back: its data to the seed, no fault, no call that waits, the system's clock, full buckets; and, where asked, no
/// recorded call. Its settings, keys, snapshots and the checking of UserSigs stay as they are. Where no seed was loaded, an emulator's
/// application becomes empty; any other is left alone.
pub(crate) async fn reset<S: Store>(app: &App<S>, loaded: &Loaded, calls: bool) -> Result<Replaced, StateFailed> {
    let controls = &loaded.controls;
    let state = match controls.states.seed() {
        Some(state) => state,
        None if app.access.emulator => CheckedState::new(ApplicationState::default(), RECORDS_MAX)?,
        None => return Err(StateFailed::NoSeed),
    };
    // Calls that wait because of a fault end and are not done: they would change the data after it went back.
    controls.faults.end_all();
    let replaced = replace(app, loaded, state).await?;
    controls.clock.reset();
    loaded.buckets.fill();
    if calls {
        controls.calls.clear();
    }
    Ok(replaced)
}

/// Takes a snapshot of an application's data.
pub(crate) async fn take<S: Store>(app: &App<S>, loaded: &Loaded, name: &str) -> Result<Snapshot, StateFailed> {
    let found = app.store.query(ReadApplicationState { records_max: RECORDS_MAX }, of(app, loaded)).await?;
    let found = found.map_err(StateFailed::Rule)??;
    let state = CheckedState::new(Arc::unwrap_or_clone(found), RECORDS_MAX)?;
    let snapshot = Snapshot::of(name, state.state());
    loaded.controls.states.keep(name, state)?;
    Ok(snapshot)
}

/// Brings the data back to what a snapshot holds.
pub(crate) async fn restore<S: Store>(app: &App<S>, loaded: &Loaded, name: &str) -> Result<Replaced, StateFailed> {
    replace(app, loaded, loaded.controls.states.snapshot(name)?).await
}

async fn replace<S: Store>(app: &App<S>, loaded: &Loaded, state: CheckedState) -> Result<Replaced, StateFailed> {
    let command = ReplaceApplicationState { state, records_max: RECORDS_MAX };
    Ok(app.store.execute(command, of(app, loaded)).await?.map_err(StateFailed::Rule)??)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cubby_domain::state::UserState;
    use cubby_domain::{Account, Head, UserId};

    /// The data of so many users.
    fn users(many: usize) -> CheckedState {
        let mut state = ApplicationState::default();
        for n in 0..many {
            let head = Head { account: Some(Account::default()), ..Head::default() };
            state.users.insert(UserId::new(&format!("user{n}")).unwrap(), UserState { head, ..UserState::default() });
        }
        CheckedState::new(state, RECORDS_MAX).unwrap()
    }

    #[test]
    fn a_snapshot_has_a_plain_name_and_an_application_has_so_many() {
        let states = States::default();
        for bad in ["", "a b", "a/b", "\u{e9}", &"a".repeat(NAME_MAX + 1)] {
            assert!(matches!(states.keep(bad, users(1)), Err(StateFailed::Name)), "{bad:?}");
        }
        for n in 0..SNAPSHOTS_MAX {
            states.keep(&format!("a.{n}-_"), users(1)).unwrap();
        }
        assert!(matches!(states.keep("more", users(1)), Err(StateFailed::TooManySnapshots)));
        states.keep("a.0-_", users(2)).unwrap();
        assert_eq!((states.snapshots().len(), states.snapshots()[0].users), (SNAPSHOTS_MAX, 2));
        assert!(states.forget("a.0-_") && !states.forget("a.0-_"));
        assert!(matches!(states.snapshot("a.0-_"), Err(StateFailed::NoSnapshot(_))));
    }

    #[test]
    fn what_all_hold_together_is_bounded_and_what_goes_makes_room() {
        let held = Arc::new(AtomicU64::new(HELD_MAX - 5));
        let left = || HELD_MAX - held.load(Ordering::Relaxed);
        let states = States::counted_in(Arc::clone(&held));
        states.keep("three", users(3)).unwrap();
        assert!(matches!(states.keep("more", users(3)), Err(StateFailed::Held)));
        assert_eq!(left(), 2);
        states.keep("three", users(1)).unwrap();
        assert_eq!(left(), 4);
        states.hold(&users(4)).unwrap();
        states.set_seed(users(4));
        assert_eq!(left(), 0);
        drop(states);
        assert_eq!(left(), 5);
    }
}
