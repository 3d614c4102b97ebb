//! The engine over PostgreSQL, for many servers over one database: two statements and two round trips a write, and no transaction.
//!
//! Everything is in one table, a partition (a user, a chat group) beside its head. A command reads its rows and the head, and writes its
//! changes with the head one version on; a head that another writer has moved refuses the whole statement, and the command begins anew.
//! Nothing is used that a distributed PostgreSQL lacks: no sequence, trigger, advisory lock or notification, no constraint across users.

mod copy;
mod execute;
mod facts;
mod fetch;
mod fetched;
mod flight;
mod json;
mod migrate;
mod names;
mod pool;
mod rates;
mod requests;
mod rows;
mod sweep;
mod tally;
mod tls;
mod turns;
mod values;
mod write;

pub use migrate::{Distribution, Migrated, SCHEMA, migrate};

use crate::error::{Health, StoreError};
use crate::figures::{Figures, Level};
use crate::{Answer, Store};
use cubby_domain::{Command, Context, Query, SdkAppId};
use execute::Running;
use facts::Facts;
use fetched::Reading;
use flight::Flight;
use names::Partition;
use pool::{Connections, Fault};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use sweep::Sweeper;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use turns::Turns;

/// What the engine may hold and how long it may take.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Connections to the database.
    pub connections: usize,
    /// Requests that are in hand at once, most of them waiting for a connection; more are refused at once.
    pub queue: usize,
    /// How long a client waits for an answer.
    pub deadline: Duration,
    /// How often a command begins anew after conflicts with other servers.
    pub attempts: u32,
    /// How long opening waits for a database that cannot be reached.
    pub opening: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 16,
            queue: 4096,
            deadline: Duration::from_millis(1700),
            attempts: 64,
            opening: Duration::from_secs(30),
        }
    }
}

/// For what a database is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Serve,
    /// Copying from it or to it.
    Copy,
}

/// What all requests of the engine share.
#[derive(Debug)]
struct Shared {
    connections: Connections,
    /// Room for requests.
    room: Arc<Semaphore>,
    turns: Turns,
    facts: Arc<Facts>,
    /// Whether the database is distributed, so that facts are believed for a moment.
    distributed: AtomicBool,
    /// Why the database could not be reached the last time, where it could not.
    unreachable: Mutex<Option<String>>,
    sweeper: Sweeper,
}

impl Shared {
    fn reading(&self, context: &Context, believing: bool) -> Reading {
        let distributed = self.distributed.load(Ordering::Relaxed);
        Reading {
            app: context.app,
            accounts: context.settings.users,
            chat_groups: context.settings.chat_groups,
            together: !distributed,
            facts: (believing && distributed).then(|| Arc::clone(&self.facts)),
        }
    }

    /// Takes note of a write.
    fn written(&self, partitions: &[(Partition, u64)], removed: Vec<Partition>) {
        if self.distributed.load(Ordering::Relaxed) {
            for (partition, _) in partitions {
                self.facts.forget(partition);
            }
        }
        self.sweeper.sweep(removed);
    }

    fn unreachable(&self, why: &str) {
        let mut state = self.unreachable.lock().unwrap_or_else(PoisonError::into_inner);
        if state.is_none() {
            tracing::warn!(why, "the database cannot be reached");
            *state = Some(why.to_owned());
        }
    }

    fn reached(&self) {
        let mut state = self.unreachable.lock().unwrap_or_else(PoisonError::into_inner);
        if state.take().is_some() {
            tracing::info!("the database can be reached again");
        }
    }
}

/// The engine.
pub struct Postgres {
    /// The database, as it may be shown.
    name: String,
    shared: Arc<Shared>,
    bounds: Bounds,
    background: Vec<tokio::task::JoinHandle<()>>,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").field("bounds", &self.bounds).finish_non_exhaustive()
    }
}

impl Postgres {
    /// Connects to a database. One without any table of ours gets them, by whichever server comes first.
    ///
    /// `url` is as libpq has it, with several hosts where there are several, `sslmode` and `sslrootcert`.
    ///
    /// # Errors
    /// Where the URL is none, where the database cannot be reached within the bound or refuses, where its tables are older or newer than
    /// this version serves, and where the store was moved away.
    pub async fn open(url: &str, bounds: &Bounds) -> Result<Self, StoreError> {
        Self::open_for(url, bounds, Purpose::Serve).await
    }

    /// As [`Self::open`], also where the store was moved away, or is being copied into; for the copy alone.
    ///
    /// # Errors
    /// As there.
    pub async fn open_to_copy(url: &str, bounds: &Bounds) -> Result<Self, StoreError> {
        Self::open_for(url, bounds, Purpose::Copy).await
    }

    async fn open_for(url: &str, bounds: &Bounds, purpose: Purpose) -> Result<Self, StoreError> {
        let connections = Connections::new(url, bounds, purpose)?;
        let found = migrate::open(&connections, bounds.opening, purpose).await?;
        let (sweeper, sweeping) = Sweeper::new();
        let shared = Arc::new(Shared {
            connections,
            room: Arc::new(Semaphore::new(bounds.queue)),
            turns: Turns::new(),
            facts: Arc::default(),
            distributed: AtomicBool::new(found.is_distributed()),
            unreachable: Mutex::new(None),
            sweeper,
        });
        let mut background = vec![tokio::spawn(sweep::run(sweeping, shared.connections.clone()))];
        if purpose == Purpose::Serve {
            background.push(tokio::spawn(watch(Arc::clone(&shared))));
        }
        Ok(Self { name: pool::shown(url)?, shared, bounds: bounds.clone(), background })
    }

    /// Lets go of the database.
    pub fn close(self) {
        drop(self);
    }

    /// Lets a request in, where there is room for one that waits.
    fn admit(&self) -> Result<(OwnedSemaphorePermit, Running), StoreError> {
        let permit = Arc::clone(&self.shared.room).try_acquire_owned().map_err(|_| StoreError::Overloaded)?;
        let running =
            Running { shared: Arc::clone(&self.shared), attempts: self.bounds.attempts, flight: Arc::default() };
        Ok((permit, running))
    }

    /// Bounds the time of something that is asked once.
    async fn within<T>(&self, asking: impl Future<Output = Result<T, Fault>>) -> Result<T, StoreError> {
        match tokio::time::timeout(self.bounds.deadline, asking).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(Fault::Store(error))) => Err(error),
            Ok(Err(fault)) => Err(StoreError::Unavailable(fault.to_string())),
            Err(_) => Err(StoreError::TimedOut),
        }
    }
}

fn given_up(flight: &Flight) -> StoreError {
    if flight.has_begun() { StoreError::TimedOut } else { StoreError::Overloaded }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.background.iter().for_each(tokio::task::JoinHandle::abort);
        self.shared.connections.close();
    }
}

/// Looks every second whether the database can be reached and its tables are still ours to serve.
async fn watch(shared: Arc<Shared>) {
    const EVERY: Duration = Duration::from_secs(1);
    loop {
        tokio::time::sleep(EVERY).await;
        match tokio::time::timeout(EVERY * 2, migrate::look(&shared.connections)).await {
            Ok(Ok(found)) => {
                shared.distributed.store(found.is_distributed(), Ordering::Relaxed);
                match found.serves(Purpose::Serve) {
                    Ok(()) => shared.reached(),
                    Err(error) => shared.unreachable(&error.to_string()),
                }
            }
            Ok(Err(fault)) => shared.unreachable(&fault.to_string()),
            Err(_) => shared.unreachable("it does not answer"),
        }
    }
}

impl Store for Postgres {
    async fn execute<C: Command>(&self, command: C, context: Context) -> Answer<C::Reply> {
        let (permit, running) = self.admit()?;
        let flight = Arc::clone(&running.flight);
        let task = tokio::spawn(async move {
            let _permit = permit;
            running.command(command, context).await
        });
        match tokio::time::timeout(self.bounds.deadline, task).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(StoreError::Unavailable("a command panicked".to_owned())),
            Err(_) => {
                flight.give_up();
                Err(given_up(&flight))
            }
        }
    }

    async fn query<Q: Query>(&self, query: Q, context: Context) -> Answer<Q::Reply> {
        let (_permit, running) = self.admit()?;
        tokio::select! {
            // First, so that of many that are given up at once none takes the place of another to begin with.
            biased;
            () = tokio::time::sleep(self.bounds.deadline) => Err(given_up(&running.flight)),
            answer = running.query(&query, &context) => answer,
        }
    }

    fn health(&self) -> Health {
        let unreachable = self.shared.unreachable.lock().unwrap_or_else(PoisonError::into_inner);
        match &*unreachable {
            Some(why) => Health::Unavailable(why.clone()),
            None if self.shared.room.available_permits() == 0 => Health::Overloaded,
            None => Health::Serving,
        }
    }

    fn figures(&self) -> Figures {
        let left = self.shared.room.available_permits();
        Figures {
            queue: Some(Level { now: self.bounds.queue.saturating_sub(left), max: self.bounds.queue }),
            commits: Some(self.shared.connections.tally().commits()),
            remote: Some(self.shared.connections.figures()),
            ..Figures::default()
        }
    }

    async fn registry_version(&self) -> Result<Option<u64>, StoreError> {
        let registry = Partition::registry();
        self.within(fetch::version(&self.shared.connections, &registry)).await.map(Some)
    }

    async fn take_call(&self, app: SdkAppId, bucket: &str, per_second: u32) -> Result<bool, StoreError> {
        self.within(rates::take(&self.shared.connections, app, bucket, per_second)).await
    }

    async fn failed(&self) {
        // A database that is gone may come back; nothing of it was in this process.
        std::future::pending::<()>().await;
    }
}
