//! `cubby serve`: opens the store, registers applications and serves until it is told to stop. How requests are served is the server's.

mod access;
mod announce;
mod control;
mod https;
mod machine;
mod store;

use super::Error;
use crate::config::{Config, Flags, Https, Place};
use crate::output;
use crate::registration::Registration;
use crate::running::{self, Told};
use access::Token;
use clap::Args;
use control::Control;
use cubby_domain::commands::ApplicationRefused;
use cubby_domain::{Refusal, SdkAppId};
use cubby_server::{App, Applications, Bounds, CallRates, Clock, Ended, Follow, Listener, SeedFile};
use cubby_store::{Engine, Health, Store, StoreError};
use https::{HttpsError, Shown};
use machine::{Signals, Telling};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// How long the store may take to write out what is in hand at the end.
const CLOSE_WITHIN: Duration = Duration::from_secs(30);
/// How long the runtime waits at the end for threads that are stuck in the system.
const THREADS_WITHIN: Duration = Duration::from_secs(1);

/// Why `serve` did not start, or ended by itself.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    #[error("no runtime: {0}")]
    Runtime(io::Error),
    #[error("cannot listen on {listen}: {error}")]
    Listen { listen: String, error: io::Error },
    #[error(transparent)]
    Https(#[from] HttpsError),
    #[error("{}: the admin token: {why}", path.display())]
    TokenFile { path: PathBuf, why: String },
    #[error(
        "--emulator obeys whoever reaches it, and {0} can be reached from other machines: listen on 127.0.0.1, or say --emulator-anywhere"
    )]
    EmulatorReach(SocketAddr),
    #[error("{}: {why}", path.display())]
    Seed { path: PathBuf, why: String },
    #[error("the port cannot be written to {}: {error}", path.display())]
    PortFile { path: PathBuf, error: io::Error },
    #[error("signals cannot be waited for: {0}")]
    Signals(io::Error),
    #[cfg(feature = "otel")]
    #[error("traces cannot be sent: {0}")]
    Traces(String),
    #[error("the system gives no randomness: {0}")]
    Randomness(getrandom::Error),
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("application {id}: {why}")]
    Refused { id: SdkAppId, why: ApplicationRefused },
    #[error("application {id}: {why}")]
    Rule { id: SdkAppId, why: Refusal },
    #[error("the store has failed, and the server has ended: {0}; start it again")]
    StoreFailed(String),
    #[error("the store did not close within {} seconds", CLOSE_WITHIN.as_secs())]
    NotClosed,
}

/// The flags of `serve`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    flags: ServeFlags,
}

/// The flags that `serve` and `config show` share.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct ServeFlags {
    /// Keep the data in this directory, which is made where it is not there [default: ./cubby-data]
    #[arg(long, value_name = "DIR", group = "place")]
    data_dir: Option<String>,
    /// Keep the data in memory: it is gone when the server ends
    #[arg(long, group = "place")]
    in_memory: bool,
    /// Keep the data in the store of this URL: `postgres://USER@HOST/DATABASE`, embedded:DIR or memory:
    #[arg(long, value_name = "URL", group = "place")]
    store: Option<String>,
    /// Listen on this address; port 0 is a free one [default: 127.0.0.1:8787]
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
    /// Register an application with this key and edition (trial, pro, ultimate, enterprise); may be given several times
    #[arg(long, value_name = "SDKAPPID:KEY[:EDITION]")]
    app: Vec<String>,
    /// Calls a second of every command, whatever the applications' settings say; 0 is off
    #[arg(long, value_name = "N")]
    call_rate: Option<u32>,
    /// How the call rates hold over several servers of one store: per-server (each gives the whole rate), share:N (this one gives one Nth
    /// of it) or exact (all give it together) [default: per-server]
    #[arg(long, value_name = "SHARE")]
    call_rates: Option<String>,
    /// Show no metrics at /metrics
    #[arg(long)]
    no_metrics: bool,
    /// Emulate: programs that reach the server steer it without a token (faults, clock, resets), calls are recorded, replies are marked
    #[arg(long)]
    emulator: bool,
    /// Let the emulator listen where other machines reach it
    #[arg(long)]
    emulator_anywhere: bool,
    /// The admin token [default: one is made on first start, and printed]
    #[arg(long, value_name = "TOKEN")]
    admin_token: Option<String>,
    /// Begin with the applications of this JSON file and their data; one that has data keeps it. A reset goes back to the file
    #[arg(long, value_name = "FILE")]
    seed: Option<String>,
    /// Do not serve the console
    #[arg(long)]
    no_console: bool,
    /// Serve HTTPS too, on this address; needs --tls-self-signed or --tls-cert [default: 127.0.0.1:8443]
    #[arg(long, value_name = "HOST:PORT")]
    tls_listen: Option<String>,
    /// Serve HTTPS with a certificate of a local authority, which is made on first use; see `cubby ca export`
    #[arg(long)]
    tls_self_signed: bool,
    /// Serve HTTPS with the certificate in this file (PEM), with those up to its root behind it; read again when it changes
    #[arg(long, value_name = "FILE")]
    tls_cert: Option<String>,
    /// The file of that certificate's key (PEM)
    #[arg(long, value_name = "FILE")]
    tls_key: Option<String>,
    /// Write the local authority's certificate to this file
    #[arg(long, value_name = "FILE")]
    tls_ca_file: Option<String>,
    /// Write the port to this file once the server serves, and that of HTTPS to its second line
    #[arg(long, value_name = "FILE")]
    port_file: Option<String>,
    /// Log lines as text or as json [default: text]
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
    /// What to log: off, error, warn, info, debug, trace, or such as `info,cubby_store=debug` [default: info]
    #[arg(long, value_name = "FILTER")]
    log_filter: Option<String>,
}

impl ServeFlags {
    pub(crate) fn flags(self) -> Flags {
        Flags::default()
            .with("store.data_dir", "--data-dir", self.data_dir)
            .with("store.url", "--in-memory", self.in_memory.then_some("memory:"))
            .with("store.url", "--store", self.store)
            .with("server.listen", "--listen", self.listen)
            .with("server.call_rate", "--call-rate", self.call_rate)
            .with("server.call_rates", "--call-rates", self.call_rates)
            .with("server.metrics", "--no-metrics", self.no_metrics.then_some("false"))
            .with("server.port_file", "--port-file", self.port_file)
            .with("admin.emulator", "--emulator", self.emulator.then_some("true"))
            .with("admin.emulator_anywhere", "--emulator-anywhere", self.emulator_anywhere.then_some("true"))
            .with("admin.token", "--admin-token", self.admin_token)
            .with("admin.seed", "--seed", self.seed)
            .with("admin.console", "--no-console", self.no_console.then_some("false"))
            .with("tls.listen", "--tls-listen", self.tls_listen)
            .with("tls.self_signed", "--tls-self-signed", self.tls_self_signed.then_some("true"))
            .with("tls.cert", "--tls-cert", self.tls_cert)
            .with("tls.key", "--tls-key", self.tls_key)
            .with("tls.ca_file", "--tls-ca-file", self.tls_ca_file)
            .with("log.format", "--log-format", self.log_format)
            .with("log.filter", "--log-filter", self.log_filter)
            .with_apps(self.app)
    }
}

impl Serve {
    pub(crate) fn run(self, file: Option<&Path>) -> Result<ExitCode, Error> {
        let config = Config::load(file, self.flags.flags())?;
        let https = config.https()?;
        let telling = Telling::start(&config)?;
        let bounds = machine::fitting(&config.server.bounds);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(ServeError::Runtime)?;
        let served = runtime.block_on(serve(&config, https.as_ref(), bounds, telling.follow()));
        runtime.shutdown_timeout(THREADS_WITHIN);
        telling.end();
        served?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Where a server listens.
#[derive(Debug, Clone, Copy)]
struct Addresses {
    http: SocketAddr,
    https: Option<SocketAddr>,
}

/// What is there once a server can serve.
struct Ready {
    listener: TcpListener,
    addresses: Addresses,
    https: Option<(TcpListener, Shown)>,
    applications: Applications,
    signals: Signals,
    /// The application that was made for development.
    made: Option<Registration>,
    token: Token,
    seed: Option<(PathBuf, SeedFile)>,
}

async fn serve(
    config: &Config,
    https: Option<&Https>,
    bounds: Bounds,
    follow: Option<Follow>,
) -> Result<(), ServeError> {
    let engine = store::open(config).await?;
    let clock = Clock::system();
    let ready = match Box::pin(prepare(&engine, config, https, &clock)).await {
        Ok(ready) => ready,
        Err(error) => {
            if let Err(also) = close(engine).await {
                tracing::warn!(%also, "the store was not closed either");
            }
            return Err(error);
        }
    };
    let Ready { listener, addresses, https, applications, signals, made, token, seed } = ready;
    let app = App::new(engine, applications, clock.clone())
        .steered_by(access::access(&config.admin, &token.token))
        .traced_by(follow);
    let told = match begin(&app, config, addresses, seed).await {
        Ok(told) => told,
        Err(error) => {
            if let Err(also) = close(app.store).await {
                tracing::warn!(%also, "the store was not closed either");
            }
            return Err(error);
        }
    };
    announce::ready(addresses, config, app.applications.count(), made.as_ref(), &token, &clock);
    let https_address = addresses.https.map(tracing::field::display);
    tracing::info!(address = %addresses.http, https = https_address, store = %config.store.place, "serving");
    let mut listeners = vec![Listener::plain(listener)];
    if let Some((listener, shown)) = https {
        listeners.push(Listener::tls(listener, Arc::clone(&shown.certificate)).map_err(HttpsError::from)?);
        tokio::spawn(shown.keep_fresh(clock));
    }
    let app = Arc::new(if config.server.metrics { app } else { app.without_metrics() });
    let drain_within = bounds.drain_within;
    let control = Control::start(&app, &config.store);
    let ended = Box::pin(cubby_server::serve(Arc::clone(&app), bounds, listeners, signals.one())).await;
    drop(told);
    if let Some(control) = control {
        control.stop().await;
    }
    end(app, ended, drain_within).await
}

/// Everything that can fail before the first request, in an order that leaves nothing half done: a key is made only once the address is
/// ours, and the port is told only once requests can be served.
async fn prepare(engine: &Engine, config: &Config, https: Option<&Https>, clock: &Clock) -> Result<Ready, ServeError> {
    if let Some(path) = &config.server.port_file {
        // The port of an earlier server would be taken for this one's.
        drop(std::fs::remove_file(path));
    }
    let seed = seed(config)?;
    let (listener, http) = listen(&config.server.listen).await?;
    access::check_reach(&config.admin, http)?;
    let mut addresses = Addresses { http, https: None };
    let https = match https {
        None => None,
        Some(https) => {
            let (listener, address) = listen(&https.listen).await?;
            access::check_reach(&config.admin, address)?;
            addresses.https = Some(address);
            Some((listener, Shown::first(https, config, clock)?))
        }
    };
    let token = access::token(&config.admin, &config.store.place)?;
    let signals = Signals::new().map_err(ServeError::Signals)?;
    store::register(engine, &config.apps, clock).await?;
    let rates = CallRates { instead: config.server.call_rate, share: config.server.call_rates };
    let mut applications = Applications::load(engine, rates).await?;
    let mut made = None;
    if applications.count() == 0 && seed.is_none() {
        made = store::make_application(engine, clock).await?;
        applications = Applications::load(engine, rates).await?;
    }
    Ok(Ready { listener, addresses, https, applications, signals, made, token, seed })
}

/// Loads the seed, and tells where the server listens: from here on requests can be served.
async fn begin(
    app: &App<Engine>,
    config: &Config,
    addresses: Addresses,
    seed: Option<(PathBuf, SeedFile)>,
) -> Result<Option<Told>, ServeError> {
    if let Some((path, seed)) = seed {
        let seeded = Box::pin(seed.load_at_start(app)).await;
        let seeded = seeded.map_err(|failed| ServeError::Seed { path, why: failed.to_string() })?;
        for one in seeded.iter().filter(|one| !one.loaded) {
            tracing::info!(application = %one.id, "it has data and keeps it; a reset goes back to the seed");
        }
    }
    let told = tell(&config.store.place, addresses.http);
    if let Some(path) = &config.server.port_file {
        let all = [Some(addresses.http), addresses.https].into_iter().flatten();
        let ports: Vec<String> = all.map(|address| format!("{}\n", address.port())).collect();
        let written = machine::write_whole(path, &ports.concat());
        written.map_err(|error| ServeError::PortFile { path: path.clone(), error })?;
    }
    Ok(told)
}

/// Tells commands over the store's directory where this server listens. One that cannot tell serves all the same.
fn tell(place: &Place, http: SocketAddr) -> Option<Told> {
    let Place::Directory(directory) = place else { return None };
    let path = running::file(directory);
    match machine::write_locked(&path, &format!("{}\n", announce::url("http", http))) {
        Ok(locked) => Some(Told::of(path, locked)),
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "commands over the directory do not find this server");
            None
        }
    }
}

/// The file of applications that the server begins with.
fn seed(config: &Config) -> Result<Option<(PathBuf, SeedFile)>, ServeError> {
    let Some(path) = &config.admin.seed else { return Ok(None) };
    let bad = |why: String| ServeError::Seed { path: path.clone(), why };
    let text = std::fs::read(path).map_err(|error| bad(error.to_string()))?;
    let seed = SeedFile::parse(&text).map_err(|error| bad(error.to_string()))?;
    Ok(Some((path.clone(), seed)))
}

async fn listen(listen: &str) -> Result<(TcpListener, SocketAddr), ServeError> {
    let failed = |error| ServeError::Listen { listen: listen.to_owned(), error };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Closes the store, unless requests that were cut off hold it still: then the next start recovers it, as after a crash.
async fn end(app: Arc<App<Engine>>, ended: Ended, drain_within: Duration) -> Result<(), ServeError> {
    match ended {
        Ended::StoreFailed => {
            let why = match app.store.health() {
                Health::Poisoned(why) => why,
                Health::Serving | Health::Overloaded | Health::Unavailable(_) => "it does not say why".to_owned(),
            };
            Err(ServeError::StoreFailed(why))
        }
        Ended::CutOff => {
            let seconds = drain_within.as_secs_f32();
            output::error(format!(
                "some requests took longer than the {seconds} seconds that they have at the end, and were cut off"
            ));
            Ok(())
        }
        Ended::Drained => {
            let Some(app) = Arc::into_inner(app) else {
                tracing::warn!("the store is in use still and is not closed; the next start recovers it");
                return Ok(());
            };
            close(app.store).await?;
            tracing::info!("stopped");
            Ok(())
        }
    }
}

async fn close(engine: Engine) -> Result<(), ServeError> {
    match tokio::time::timeout(CLOSE_WITHIN, engine.close()).await {
        Ok(closed) => Ok(closed?),
        Err(_) => Err(ServeError::NotClosed),
    }
}
