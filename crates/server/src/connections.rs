//! The connections there are: how many may be, which of them have been idle for longest, and how they are asked to end.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// A busy connection's time of becoming idle.
const BUSY: u64 = u64::MAX;

/// One connection.
#[derive(Debug)]
pub(crate) struct Connection {
    id: u64,
    /// Since when it has been idle, in microseconds of the monotonic clock; [`BUSY`] while a request is in hand.
    idle_since: AtomicU64,
    /// Whether it was asked to end to make room.
    leaving: AtomicBool,
    leave: Notify,
}

impl Connection {
    pub(crate) fn busy(&self) {
        self.idle_since.store(BUSY, Ordering::Relaxed);
    }

    pub(crate) fn idle(&self, now: Duration) {
        self.idle_since.store(micros(now), Ordering::Relaxed);
    }

    /// Whether a request is in hand: one whose body has not come yet is none, for a client can let it wait for ever.
    pub(crate) fn is_busy(&self) -> bool {
        self.idle_since.load(Ordering::Relaxed) == BUSY
    }

    /// Whether it was asked to end to make room.
    pub(crate) fn makes_room(&self) -> bool {
        self.leaving.load(Ordering::Relaxed)
    }

    /// Waits until it is asked to end.
    pub(crate) async fn asked_to_leave(&self) {
        self.leave.notified().await;
    }
}

fn micros(now: Duration) -> u64 {
    u64::try_from(now.as_micros()).unwrap_or(BUSY - 1)
}

/// All connections.
#[derive(Debug)]
pub(crate) struct Connections {
    max: usize,
    state: Mutex<State>,
    /// Told whenever one has gone.
    gone: Notify,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    all: HashMap<u64, Arc<Connection>>,
    /// Those that were asked to end to make room, and have not yet.
    leaving: usize,
}

/// Takes the connection out of the list when its task ends, however it ends.
#[derive(Debug)]
pub(crate) struct Entered {
    pub(crate) connection: Arc<Connection>,
    list: Arc<Connections>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.list.remove(self.connection.id);
    }
}

impl Connections {
    pub(crate) fn new(max: usize) -> Self {
        Self { max, state: Mutex::default(), gone: Notify::new() }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for room, asking the longest idle ones to make it.
    pub(crate) async fn room(&self) {
        loop {
            let gone = self.gone.notified();
            {
                let mut state = self.lock();
                if state.all.len() < self.max {
                    return;
                }
                if state.leaving == 0 {
                    self.make_room(&mut state);
                }
            }
            // Where all are busy, one of them becomes idle sooner than it goes.
            if tokio::time::timeout(Duration::from_millis(50), gone).await.is_err() {
                self.lock().leaving = 0;
            }
        }
    }

    /// Asks a hundredth of all, the longest idle, to end: one at a time would look through the list for each new connection.
    fn make_room(&self, state: &mut State) {
        let since = |one: &Connection| one.idle_since.load(Ordering::Relaxed);
        let stays = |one: &Connection| !one.leaving.load(Ordering::Relaxed);
        let mut idle: Vec<&Arc<Connection>> =
            state.all.values().filter(|one| since(one) != BUSY && stays(one)).collect();
        idle.sort_by_key(|one| since(one));
        idle.truncate(self.max / 100 + 1);
        for one in &idle {
            one.leaving.store(true, Ordering::Relaxed);
            one.leave.notify_one();
        }
        state.leaving = idle.len();
    }

    pub(crate) fn enter(self: &Arc<Self>, now: Duration) -> Entered {
        let mut state = self.lock();
        state.next += 1;
        let id = state.next;
        let connection = Arc::new(Connection {
            id,
            idle_since: AtomicU64::new(micros(now)),
            leaving: AtomicBool::new(false),
            leave: Notify::new(),
        });
        state.all.insert(id, Arc::clone(&connection));
        Entered { connection, list: Arc::clone(self) }
    }

    fn remove(&self, id: u64) {
        let mut state = self.lock();
        state.all.remove(&id);
        state.leaving = state.leaving.saturating_sub(1);
        drop(state);
        self.gone.notify_waiters();
    }

    /// Asks all to end, once their requests in hand are answered, and waits until they have.
    pub(crate) async fn end(&self) {
        self.lock().all.values().for_each(|one| one.leave.notify_one());
        loop {
            let gone = self.gone.notified();
            if self.lock().all.is_empty() {
                return;
            }
            gone.await;
        }
    }
}
