//! All that a handler may use.

use crate::access::Access;
use crate::applications::Applications;
use crate::clock::Clock;
use crate::controls::Calls;
use crate::metrics::Metrics;
use crate::sessions::Sessions;
use cubby_store::Store;
use hyper::HeaderMap;
use std::sync::Arc;
use tokio::sync::{Semaphore, watch};
use tracing::Span;

/// The most replies at once that go on by themselves.
const LIVE_MAX: usize = 256;

/// Makes the span of a request part of the trace that its headers name.
pub type Follow = fn(&Span, &HeaderMap);

/// The parts that serve requests, shared by all of them.
#[derive(Debug)]
pub struct App<S: Store> {
    /// Where the data is kept.
    pub store: S,
    /// The applications, as the store has them.
    pub applications: Applications,
    /// The time.
    pub clock: Clock,
    /// Who may steer the server, and from where.
    pub access: Access,
    /// How the trace that a request is part of goes on, where traces are sent somewhere.
    pub(crate) follow: Option<Follow>,
    /// What is counted of it.
    pub(crate) metrics: Metrics,
    /// The record of calls that name no application.
    pub(crate) strays: Calls,
    /// Who is logged in to the console.
    pub(crate) sessions: Sessions,
    /// Places for replies that go on by themselves.
    pub(crate) live: Arc<Semaphore>,
    /// Whether the server is stopping: what goes on by itself (a live reply) ends then.
    pub(crate) stopping: watch::Sender<bool>,
}

impl<S: Store> App<S> {
    /// The parts of a server that nobody steers.
    pub fn new(store: S, applications: Applications, clock: Clock) -> Self {
        let metrics = Metrics::new(clock.now());
        Self {
            store,
            applications,
            clock,
            access: Access::default(),
            follow: None,
            metrics,
            sessions: Sessions::default(),
            strays: Calls::default(),
            live: Arc::new(Semaphore::new(LIVE_MAX)),
            stopping: watch::Sender::new(false),
        }
    }

    /// The same, with its requests' spans made part of the traces that they name.
    #[must_use]
    pub fn traced_by(self, follow: Option<Follow>) -> Self {
        Self { follow, ..self }
    }

    /// The same, with nothing at `/metrics`.
    #[must_use]
    pub fn without_metrics(mut self) -> Self {
        self.metrics.hide();
        self
    }

    /// The same, steered by those who may.
    #[must_use]
    pub fn steered_by(self, access: Access) -> Self {
        Self { access, ..self }
    }

    /// Whether the server is stopping.
    pub(crate) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Waits until the server stops.
    pub(crate) async fn stopped(&self) {
        let mut stopping = self.stopping.subscribe();
        // It errs only where the sender is gone, which is ours.
        drop(stopping.wait_for(|stopping| *stopping).await);
    }
}
