//! The connections there are: how many may be, which of them have been idle for longest, and how they are asked to end.

use crate::clock::Clock;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// One connection.
#[derive(Debug)]
pub(crate) struct Connection {
    id: u64,
    /// Requests in hand: one whose body has not come yet is none, for a client can let it wait for ever.
    in_hand: AtomicUsize,
    /// Since when it has been idle where no request is in hand, in microseconds of the monotonic clock.
    idle_since: AtomicU64,
    /// Whether a request has come over it.
    used: AtomicBool,
    /// Whether it was asked to end to make room.
    leaving: AtomicBool,
    leave: Notify,
}

/// A request in hand, until this is dropped: a client of HTTP/2 can give up one request and go on with others.
#[derive(Debug)]
pub(crate) struct InHand {
    connection: Arc<Connection>,
    clock: Clock,
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.connection.idle(self.clock.monotonic());
        self.connection.in_hand.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Connection {
    /// Takes a request in hand.
    pub(crate) fn hold(self: &Arc<Self>, clock: &Clock) -> InHand {
        self.in_hand.fetch_add(1, Ordering::Relaxed);
        InHand { connection: Arc::clone(self), clock: clock.clone() }
    }

    /// A request has come over it.
    pub(crate) fn used(&self) {
        self.used.store(true, Ordering::Relaxed);
    }

    /// Whether no request has come over it.
    pub(crate) fn is_new(&self) -> bool {
        !self.used.load(Ordering::Relaxed)
    }

    /// Its idleness begins anew.
    pub(crate) fn idle(&self, now: Duration) {
        self.idle_since.store(micros(now), Ordering::Relaxed);
    }

    /// How long it has been idle; no time where a request is in hand.
    pub(crate) fn idle_for(&self, now: Duration) -> Duration {
        let since = Duration::from_micros(self.idle_since.load(Ordering::Relaxed));
        if self.is_busy() { Duration::ZERO } else { now.saturating_sub(since) }
    }

    /// Whether a request is in hand.
    pub(crate) fn is_busy(&self) -> bool {
        self.in_hand.load(Ordering::Relaxed) > 0
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
    u64::try_from(now.as_micros()).unwrap_or(u64::MAX)
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

/// How many connections and requests there are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counts {
    /// Connections.
    pub(crate) open: usize,
    /// The most of them that may be.
    pub(crate) max: usize,
    /// Requests in hand, of all of them.
    pub(crate) in_hand: usize,
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

    /// How many there are.
    pub(crate) fn counts(&self) -> Counts {
        let state = self.lock();
        let in_hand = state.all.values().map(|one| one.in_hand.load(Ordering::Relaxed)).sum();
        Counts { open: state.all.len(), max: self.max, in_hand }
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
        let mut idle: Vec<&Arc<Connection>> = state.all.values().filter(|one| !one.is_busy() && stays(one)).collect();
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
            in_hand: AtomicUsize::new(0),
            idle_since: AtomicU64::new(micros(now)),
            used: AtomicBool::new(false),
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
