//! A TCP proxy between a client and a cluster that can be a bad network: slow, hung, refused, cut in the worst moment. It is made for
//! connections without encryption, which is what a [`Cluster`](crate::Cluster) offers.

mod faults;
mod link;
mod protocol;

pub use protocol::When;

use crate::port;
use faults::{Fault, Trigger};
use link::Link;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A proxy on a free port of 127.0.0.1. When it is dropped, its connections are cut.
pub struct Proxy {
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

/// What the threads share.
struct Shared {
    port: u16,
    target: u16,
    state: Mutex<State>,
    changed: Condvar,
    counts: Counts,
}

#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what is asked for, and whether it is so yet; none follows from another"
)]
struct State {
    listens: bool,
    refuses: bool,
    holds: bool,
    closed: bool,
    delay: Duration,
    faults: Vec<Fault>,
    open: Vec<Arc<Link>>,
}

#[derive(Default)]
struct Counts {
    connections: AtomicUsize,
    syncs: AtomicUsize,
    round_trips: AtomicUsize,
    cuts: AtomicUsize,
}

impl Proxy {
    /// A proxy before a port of 127.0.0.1.
    pub fn start(target: u16) -> Self {
        let listener = port::listen();
        let state = Mutex::new(State { listens: true, ..State::default() });
        let port = port::number(&listener);
        let shared = Arc::new(Shared { port, target, state, changed: Condvar::new(), counts: Counts::default() });
        let acceptor = thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&shared, listener)
        });
        Self { shared, acceptor: Some(acceptor) }
    }

    /// The port to connect to.
    pub fn port(&self) -> u16 {
        self.shared.port
    }

    /// The URL of a database, through this proxy.
    pub fn url_of(&self, url: &str) -> String {
        let (before, after) = url.split_once(&format!(":{}", self.shared.target)).expect("the URL of the target");
        format!("{before}:{}{after}", self.shared.port)
    }

    /// Cuts all connections now, without a word to either end.
    pub fn cut(&self) {
        self.shared.cut(&mut self.shared.state());
    }

    /// Whether new connections are refused, as by a machine where no server listens. Those that are there stay.
    pub fn refuse(&self, refuse: bool) {
        self.shared.state().refuses = refuse;
        self.shared.changed.notify_all();
        if refuse {
            self.shared.wake();
        }
        let state = self.shared.state();
        drop(self.shared.wait_while(state, |state| state.listens == refuse));
    }

    /// Whether connections, new and old, hang: they are accepted, and nothing is forwarded until this ends.
    pub fn hold(&self, hold: bool) {
        self.shared.state().holds = hold;
        self.shared.changed.notify_all();
    }

    /// Delivers everything so much later than it came, in each direction.
    pub fn delay(&self, delay: Duration) {
        self.shared.state().delay = delay;
    }

    /// Cuts the connection at a message of a client that contains these bytes, such as the text of a Query or a Parse; so many times, each
    /// time another message. The reply to a Parse that has a Sync of its own counts as the reply.
    pub fn cut_when(&self, needle: impl Into<Vec<u8>>, when: When, times: usize) {
        self.add(Trigger::Contains(needle.into()), when, times);
    }

    /// Cuts the connection at a Bind one of whose parameters contains these bytes; so many times.
    pub fn cut_when_bound(&self, needle: impl Into<Vec<u8>>, when: When, times: usize) {
        self.add(Trigger::Binds(needle.into()), when, times);
    }

    /// Cuts the connection of the n-th Execute from now, counted over all connections from 1.
    pub fn cut_at_execute(&self, n: usize, when: When) {
        self.add(Trigger::Execute(n), when, 1);
    }

    fn add(&self, trigger: Trigger, when: When, times: usize) {
        self.shared.state().faults.push(Fault { trigger, when, times });
    }

    /// Forgets the faults that have not struck yet.
    pub fn clear_faults(&self) {
        self.shared.state().faults.clear();
    }

    /// How many connections were accepted.
    pub fn connections(&self) -> usize {
        self.shared.counts.connections.load(Ordering::SeqCst)
    }

    /// How many Sync messages clients sent: each is a round trip, or a part of one where they were pipelined.
    pub fn syncs(&self) -> usize {
        self.shared.counts.syncs.load(Ordering::SeqCst)
    }

    /// How many round trips clients made: statements sent one behind the other are one. Only with a [`delay`](Self::delay) is it sure that
    /// the answer to the first does not overtake the second.
    pub fn round_trips(&self) -> usize {
        self.shared.counts.round_trips.load(Ordering::SeqCst)
    }

    /// How many connections were cut by a fault. A test of a fault looks here whether it struck.
    pub fn cuts(&self) -> usize {
        self.shared.counts.cuts.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        {
            let mut state = self.shared.state();
            state.closed = true;
            self.shared.cut(&mut state);
        }
        self.shared.wake();
        if let Some(acceptor) = self.acceptor.take() {
            // A drop does not panic.
            drop(acceptor.join());
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_while<'a>(&self, state: MutexGuard<'a, State>, what: impl Fn(&State) -> bool) -> MutexGuard<'a, State> {
        self.changed.wait_while(state, |state| what(state)).unwrap_or_else(PoisonError::into_inner)
    }

    fn cut(&self, state: &mut State) {
        state.open.drain(..).for_each(|link| link.cut());
        self.changed.notify_all();
    }

    /// Makes the acceptor look at the state: it waits for a connection. Where it does not, it looks anyway.
    fn wake(&self) {
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)));
    }

    /// Waits while connections hang; whether there is something left to do on this one.
    fn pass(&self, link: &Link) -> bool {
        drop(self.wait_while(self.state(), |state| state.holds && !link.is_cut()));
        !link.is_cut()
    }
}

/// The thread that accepts.
fn accept(shared: &Arc<Shared>, mut listener: TcpListener) {
    loop {
        let accepted = listener.accept();
        let mut state = shared.state();
        if state.closed {
            return;
        }
        if state.refuses {
            drop((listener, accepted));
            state.listens = false;
            shared.changed.notify_all();
            state = shared.wait_while(state, |state| state.refuses && !state.closed);
            if state.closed {
                return;
            }
            listener = TcpListener::bind((Ipv4Addr::LOCALHOST, shared.port)).expect("the port of the proxy");
            state.listens = true;
            shared.changed.notify_all();
        } else if let Ok((client, _)) = accepted {
            let link = Arc::new(Link::new(client));
            state.open.push(Arc::clone(&link));
            shared.counts.connections.fetch_add(1, Ordering::SeqCst);
            let shared = Arc::clone(shared);
            thread::spawn(move || {
                link.run(&shared);
                shared.state().open.retain(|one| !Arc::ptr_eq(one, &link));
            });
        }
    }
}
