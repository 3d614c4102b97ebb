//! One round of load on one server, or on several together: connections in a closed loop, a warm-up, then a window in which all is counted.

use crate::Failure;
use crate::exchange::Connection;
use crate::process::{self, Usage};
use crate::requests::{Added, Kind, Requests, Signed};
use crate::target::Target;
use hdrhistogram::Histogram;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How long after the window the last replies may come.
const GRACE: Duration = Duration::from_secs(10);
/// The longest latency that is told apart, in microseconds.
const LATENCY_MAX_US: u64 = 60_000_000;

/// What is asked, over how many connections, for how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) kind: Kind,
    pub(crate) connections: u32,
    pub(crate) warm_up: Duration,
    pub(crate) window: Duration,
}

/// What one round came to.
#[derive(Debug)]
pub(crate) struct Round {
    /// Replies within the window, and how long each took in microseconds.
    pub(crate) latencies: Histogram<u64>,
    pub(crate) server_cpu: Duration,
    pub(crate) generator_cpu: Duration,
    /// How much of the machine's CPU time was used within the window, by whatever ran.
    pub(crate) busy: f64,
    /// Requests of the whole round that were refused or dropped, and the first of them in words.
    pub(crate) errors: u64,
    pub(crate) first_error: Option<String>,
}

/// What the connections of a round share. All run on one thread.
struct Shared {
    start: Instant,
    end: Instant,
    latencies: RefCell<Histogram<u64>>,
    errors: Cell<u64>,
    first_error: RefCell<Option<String>>,
}

impl Shared {
    fn error(&self, what: impl FnOnce() -> String) {
        self.errors.set(self.errors.get() + 1);
        self.first_error.borrow_mut().get_or_insert_with(what);
    }

    fn answered(&self, sent: Instant, answered: Instant) {
        if answered >= self.start && answered < self.end {
            let micros = u64::try_from((answered - sent).as_micros()).unwrap_or(LATENCY_MAX_US);
            self.latencies.borrow_mut().saturating_record(micros);
        }
    }
}

/// Runs one round; of several servers each has its share of the connections.
pub(crate) async fn round(targets: &[&Target], signed: &Signed, plan: Plan, added: &Added) -> Result<Round, Failure> {
    let mut connections = Vec::new();
    for (first, target) in (0..plan.connections).zip(targets.iter().cycle()) {
        let requests = Requests::new(signed, plan.kind, first, plan.connections, Rc::clone(added));
        connections.push((Connection::open(target.address).await?, requests));
    }
    let start = Instant::now() + plan.warm_up;
    let shared = Rc::new(Shared {
        start,
        end: start + plan.window,
        latencies: RefCell::new(Histogram::new_with_bounds(1, LATENCY_MAX_US, 3)?),
        errors: Cell::default(),
        first_error: RefCell::default(),
    });
    let mut tasks = JoinSet::new();
    for (connection, requests) in connections {
        tasks.spawn_local(converse(connection, requests, Rc::clone(&shared)));
    }
    tokio::time::sleep_until(shared.start).await;
    let before = (cpu_of(targets)?, process::cpu(None)?, Usage::now()?);
    tokio::time::sleep_until(shared.end).await;
    let after = (cpu_of(targets)?, process::cpu(None)?, Usage::now()?);
    let last = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, last).await.is_err() {
        let hung = tasks.len();
        (0..hung).for_each(|_| shared.error(|| "a request was not answered".to_owned()));
        tasks.shutdown().await;
    }
    Ok(Round {
        latencies: shared.latencies.borrow().clone(),
        server_cpu: after.0.saturating_sub(before.0),
        generator_cpu: after.1.saturating_sub(before.1),
        busy: after.2.busy_since(before.2),
        errors: shared.errors.get(),
        first_error: shared.first_error.take(),
    })
}

fn cpu_of(targets: &[&Target]) -> Result<Duration, Failure> {
    targets.iter().map(|target| process::cpu(Some(target.pid()))).sum()
}

/// One connection: the next request as soon as the last is answered, until the window ends.
async fn converse(mut connection: Connection, mut requests: Requests, shared: Rc<Shared>) {
    let mut sent = Instant::now();
    while sent < shared.end {
        let (request, expect) = requests.next();
        match connection.exchange(request).await {
            Ok(body) if expect.is_met_by(body) => {}
            Ok(body) => shared.error(|| String::from_utf8_lossy(body).into_owned()),
            Err(error) => {
                shared.error(|| format!("a request was dropped: {error}"));
                return;
            }
        }
        let answered = Instant::now();
        shared.answered(sent, answered);
        sent = answered;
    }
}
