//! Connections to the database: how many, how each is set up, what becomes of one that was left in the middle of something, and what an
//! error of the database means to us.

use super::tally::Tally;
use super::{Bounds, Purpose};
use crate::error::StoreError;
use crate::figures::{Level, Remote};
use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime};
use std::error::Error as _;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::config::{Config, Host, LoadBalanceHosts, TargetSessionAttrs};
use tokio_postgres::error::SqlState;
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long connecting may take where the URL does not say, to a host and in all: the system takes connections for a database that hangs.
const CONNECT_WITHIN: Duration = Duration::from_secs(1);

/// How long a connection that was left in the middle of a statement may take to come to its end, before it is closed.
const DRAIN: Duration = Duration::from_secs(30);

/// The constraint that refuses every write to a store that was moved away.
pub(super) const MOVED: &str = "cubby_moved";

/// What an error of the database means.
#[derive(Debug)]
pub(super) enum Fault {
    /// Another writer came first, or the database asks for it: nothing was done, and the request begins anew.
    Conflict,
    /// The connection was lost or refused. Of a write that was on its way it is not known whether it was done.
    Unreachable(String),
    /// For this request there is no way.
    Store(StoreError),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(db) = error.as_db_error() else {
            let io = error.source().and_then(<dyn std::error::Error>::downcast_ref::<std::io::Error>);
            // What TLS refuses, such as a certificate, is refused the next time too.
            let lost = error.is_closed() || io.is_some_and(|io| io.kind() != std::io::ErrorKind::InvalidData);
            let text = format!("{error}{}", error.source().map(|source| format!(": {source}")).unwrap_or_default());
            return if lost { Self::Unreachable(text) } else { Self::Store(StoreError::Unavailable(text)) };
        };
        // The detail of an error may name what is kept; the message does not.
        let text = format!("{} ({})", db.message(), db.code().code());
        match *db.code() {
            // A distributed database tells neither the column nor the constraint. Only the version can be NULL in a statement of ours,
            // and only a store that was moved away has a check.
            SqlState::NOT_NULL_VIOLATION
            | SqlState::T_R_SERIALIZATION_FAILURE
            | SqlState::T_R_DEADLOCK_DETECTED
            | SqlState::LOCK_NOT_AVAILABLE
            | SqlState::UNIQUE_VIOLATION => Self::Conflict,
            SqlState::CHECK_VIOLATION => Self::Store(StoreError::Moved),
            SqlState::UNDEFINED_TABLE => Self::Store(StoreError::Opening(
                "the database has no tables of cubby: make them with `cubby migrate-store`".to_owned(),
            )),
            SqlState::READ_ONLY_SQL_TRANSACTION
            | SqlState::INVALID_SQL_STATEMENT_NAME
            | SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN
            | SqlState::INTERNAL_ERROR
            | SqlState::QUERY_CANCELED => Self::Unreachable(text),
            ref code if matches!(code.code().get(..2), Some("08" | "53" | "57" | "58")) => Self::Unreachable(text),
            _ => Self::Store(StoreError::Unavailable(text)),
        }
    }
}

/// The pool.
#[derive(Debug, Clone)]
pub(super) struct Connections {
    pool: Pool,
    tally: Arc<Tally>,
}

/// A connection in use. Whoever lets it go without [`Lease::done`] left it in the middle of something: it goes back only when it has
/// come to the end of that, so that requests that were given up still count against the bound.
pub(super) struct Lease {
    object: Option<Object>,
    /// What is counted of all connections.
    pub(super) tally: Arc<Tally>,
}

impl Connections {
    /// A pool over what a URL names. Nothing is connected yet.
    pub(super) fn new(url: &str, bounds: &Bounds, purpose: Purpose) -> Result<Self, StoreError> {
        let (url, tls) = super::tls::of_url(url)?;
        let config = config(&url)?;
        let connect_within = config.get_connect_timeout().copied();
        let manager = Manager::from_config(
            config,
            MakeRustlsConnect::new(tls),
            ManagerConfig { recycling_method: RecyclingMethod::Fast },
        );
        let lock_timeout = bounds.deadline.as_millis();
        let pool = Pool::builder(manager)
            .max_size(bounds.connections)
            .create_timeout(connect_within)
            .runtime(Runtime::Tokio1)
            .post_create(Hook::async_fn(move |client, _| {
                Box::pin(async move {
                    let set = set_up(lock_timeout, purpose);
                    client.batch_execute(&set).await.map_err(HookError::Backend)
                })
            }))
            .build()
            .map_err(|error| StoreError::Opening(error.to_string()))?;
        Ok(Self { pool, tally: Arc::default() })
    }

    /// A connection, as soon as one is free.
    pub(super) async fn get(&self) -> Result<Lease, Fault> {
        match self.pool.get().await {
            Ok(object) => Ok(Lease { object: Some(object), tally: Arc::clone(&self.tally) }),
            Err(PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error))) => Err(error.into()),
            Err(other) => Err(Fault::Unreachable(other.to_string())),
        }
    }

    /// What is counted of all of them.
    pub(super) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// How many there are, and what was counted.
    pub(super) fn figures(&self) -> Remote {
        let status = self.pool.status();
        let connections = Level { now: status.size.saturating_sub(status.available), max: status.max_size };
        self.tally.figures(connections, status.available, status.waiting)
    }

    pub(super) fn close(&self) {
        self.pool.close();
    }
}

/// What is set on each connection. A statement has no time limit of the database's own: it would end the wait for a standby with success
/// (PostgreSQL's `syncrep.c`), and what is acknowledged then is on one machine only. Waiting for a lock is before the commit and has one.
/// Plans are made once a connection, for any parameters: planning a read anew costs more than running it. Without scans of the whole table
/// a plan that is made while the table is small is the right one when it is large; those of a distributed database hang on the parameters.
/// A copy reads many partitions by statements whose plan hangs on how large the table is, and the table grows under it: it plans anew.
/// A node of Citus that writes its own shards in an order of its own would deadlock with one that enters by another node.
fn set_up(lock_timeout_ms: u128, purpose: Purpose) -> String {
    let plans = match purpose {
        Purpose::Serve => "force_generic_plan",
        Purpose::Copy => "force_custom_plan",
    };
    format!(
        "SET lock_timeout = {lock_timeout_ms}; \
         SET statement_timeout = 0; \
         SET default_transaction_isolation = 'read committed'; \
         SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'; \
         SELECT set_config('plan_cache_mode', '{plans}', false), set_config('enable_seqscan', 'off', false) \
         WHERE EXISTS (SELECT 1 FROM pg_settings WHERE name = 'plan_cache_mode') \
         AND NOT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus'); \
         SELECT set_config('citus.enable_local_execution', 'off', false) \
         WHERE EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus')"
    )
}

/// Reads a store's URL, and sets what it leaves open.
///
/// # Errors
/// Where it is none; the text does not repeat it, since it may have a password in it.
fn config(url: &str) -> Result<Config, StoreError> {
    let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
        StoreError::Opening(format!("the store's URL cannot be read: {error}"))
    })?;
    if config.get_hosts().is_empty() {
        return Err(StoreError::Opening("the store's URL names no host".to_owned()));
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_WITHIN);
    }
    if config.get_application_name().is_none() {
        config.application_name("cubby");
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(Duration::from_secs(5));
    }
    if config.get_hosts().len() > 1 && config.get_target_session_attrs() == TargetSessionAttrs::Any {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
    if config.get_hosts().len() > 1 {
        // A host that hangs takes connections and never answers: always asked first, it would keep all from those behind it.
        config.load_balance_hosts(LoadBalanceHosts::Random);
    }
    config.keepalives_idle(Duration::from_secs(10));
    Ok(config)
}

/// What a URL names, without user and password: the hosts and the database.
pub(super) fn shown(url: &str) -> Result<String, StoreError> {
    let config = config(&super::tls::of_url(url)?.0)?;
    let ports = config.get_ports();
    let host = |(n, host): (usize, &Host)| {
        let port = ports.get(n).or(ports.first()).copied().unwrap_or(5432);
        match host {
            Host::Tcp(name) => format!("{name}:{port}"),
            #[cfg(unix)]
            Host::Unix(path) => format!("{}:{port}", path.display()),
        }
    };
    let hosts: Vec<_> = config.get_hosts().iter().enumerate().map(host).collect();
    let database = config.get_dbname().or(config.get_user()).unwrap_or_default();
    Ok(format!("postgres://{}/{database}", hosts.join(",")))
}

impl Lease {
    /// Gives it back: nothing is under way on it.
    pub(super) fn done(mut self) {
        drop(self.object.take());
    }

    /// Closes it: it leads to a server that cannot be used.
    pub(super) fn discard(mut self) {
        drop(self.object.take().map(Object::take));
    }
}

impl Deref for Lease {
    type Target = deadpool_postgres::ClientWrapper;

    #[expect(clippy::expect_used, reason = "it is taken out only by what consumes the lease")]
    fn deref(&self) -> &Self::Target {
        self.object.as_ref().expect("a lease has a connection")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(object) = self.object.take() else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            drop(Object::take(object));
            return;
        };
        // Detached on purpose: it is bounded by its own time-out, and by the pool, since the connection counts until it has ended.
        drop(runtime.spawn(async move {
            let drained = tokio::time::timeout(DRAIN, object.batch_execute("ROLLBACK")).await;
            if !matches!(drained, Ok(Ok(()))) {
                drop(Object::take(object));
            }
        }));
    }
}
