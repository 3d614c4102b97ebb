//! What a server takes from the machine: descriptors, signals, a log, and a file that tells its port.

use crate::config::{Config, Format};
#[cfg(feature = "otel")]
use crate::traces::Traces;
use cubby_server::Bounds;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

/// Descriptors for all but connections: the store's files, the log, the runtime.
const DESCRIPTORS_KEPT: u64 = 256;
/// Fewer connections than this are worth a warning.
const CONNECTIONS_LOW: usize = 1024;

/// What is told of the server while it serves: the log, and traces where they are sent somewhere.
#[derive(Debug)]
pub(super) struct Telling {
    #[cfg(feature = "otel")]
    traces: Option<Traces>,
}

impl Telling {
    /// Starts the log, to standard error, without colours and with UTC times; and the traces.
    #[cfg_attr(
        not(feature = "otel"),
        expect(clippy::unnecessary_wraps, reason = "what is built without traces has none to start")
    )]
    pub(super) fn start(config: &Config) -> Result<Self, super::ServeError> {
        let log = layer().with_writer(io::stderr).with_ansi(false);
        // A line that cannot be written is lost: telling of it on standard error would panic, in the middle of somebody's request.
        let log = log.log_internal_errors(false);
        let log: Box<dyn Layer<Registry> + Send + Sync> = match config.log.format {
            Format::Text => log.boxed(),
            Format::Json => log.json().flatten_event(true).boxed(),
        };
        let registry = tracing_subscriber::registry().with(log.with_filter(EnvFilter::new(&config.log.filter)));
        #[cfg(feature = "otel")]
        {
            let traces = Traces::start(&config.traces).map_err(|why| super::ServeError::Traces(why.to_string()))?;
            registry.with(traces.as_ref().map(Traces::layer)).init();
            Ok(Self { traces })
        }
        #[cfg(not(feature = "otel"))]
        {
            registry.init();
            if config.traces.endpoint.is_some() {
                tracing::warn!("no traces are sent: this cubby was built without the feature otel");
            }
            Ok(Self {})
        }
    }

    /// Continues the trace that a request is part of.
    #[cfg_attr(
        not(feature = "otel"),
        expect(clippy::unused_self, reason = "what is built without traces has none to follow")
    )]
    pub(super) fn follow(&self) -> Option<cubby_server::Follow> {
        #[cfg(feature = "otel")]
        return self.traces.is_some().then_some(crate::traces::follow);
        #[cfg(not(feature = "otel"))]
        None
    }

    /// Sends what is left.
    #[cfg_attr(
        not(feature = "otel"),
        expect(clippy::unused_self, reason = "what is built without traces has none to send")
    )]
    pub(super) fn end(self) {
        #[cfg(feature = "otel")]
        if let Some(traces) = self.traces {
            traces.end();
        }
    }
}

/// Raises the number of descriptors that the process may have, and lowers the number of connections to what they allow.
pub(super) fn fitting(bounds: &Bounds) -> Bounds {
    let mut bounds = bounds.clone();
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(descriptors) => {
            let wanted = bounds.connections;
            bounds.connections = wanted.min(connections(descriptors));
            if bounds.connections < wanted {
                let connections = bounds.connections;
                if connections < CONNECTIONS_LOW {
                    tracing::warn!(
                        descriptors,
                        connections,
                        "few connections: raise the limit of open files (ulimit -Hn)"
                    );
                } else {
                    tracing::info!(
                        descriptors,
                        connections,
                        "fewer connections than configured, for want of descriptors"
                    );
                }
            }
        }
        Err(error) => tracing::warn!(%error, "the limit of open files cannot be raised"),
    }
    bounds
}

fn connections(descriptors: u64) -> usize {
    usize::try_from(descriptors.saturating_sub(DESCRIPTORS_KEPT)).unwrap_or(usize::MAX).max(1)
}

/// The signals that ask the server to end.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    /// Never waited for: that it is caught makes a write over a limit of file sizes fail as a full disk does, instead of ending the process.
    _file_size: Signal,
}

/// SIGXFSZ.
const FILE_SIZE: i32 = 25;

impl Signals {
    /// From here on they do not end the process by themselves.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            _file_size: signal(SignalKind::from_raw(FILE_SIZE))?,
        })
    }

    /// Waits for one of them.
    pub(super) async fn one(mut self) {
        let name = tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        };
        tracing::info!(signal = name, "asked to end; requests in hand are answered first");
    }
}

/// Writes a file so that whoever looks at it finds the whole text, or what was there before.
pub(super) fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    write_by(path, text, 0o666, |_| Ok(()))
}

/// The same of a file that nobody but the server's user may read.
pub(super) fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    write_by(path, text, 0o600, |_| Ok(()))
}

/// The same, and locked for as long as the file that it gives is open.
pub(super) fn write_locked(path: &Path, text: &str) -> io::Result<File> {
    let mut locked = None;
    write_by(path, text, 0o600, |file| {
        file.try_lock()?;
        locked = Some(file.try_clone()?);
        Ok(())
    })?;
    locked.ok_or_else(|| io::ErrorKind::Other.into())
}

/// The mode is what the process's mask leaves of it. `keep` is given the file before it has its name.
fn write_by(path: &Path, text: &str, mode: u32, keep: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.{}", std::process::id()));
    let write = || {
        let mut file = File::options().write(true).create(true).truncate(true).mode(mode).open(&temporary)?;
        file.write_all(text.as_bytes())?;
        keep(&file)?;
        fs::rename(&temporary, path)
    };
    write().inspect_err(|_| drop(fs::remove_file(&temporary)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn connections_leave_descriptors_for_the_rest() {
        assert_eq!(connections(1024), 768);
        assert_eq!(connections(100), 1);
    }

    #[test]
    fn a_file_is_written_whole_and_nothing_else_is_left() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("port");
        for text in ["1\n", "22\n"] {
            write_whole(&path, text).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        write_secret(&path, "333\n").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let locked = write_locked(&path, "4444\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "4444\n");
        assert!(File::open(&path).unwrap().try_lock_shared().is_err());
        drop(locked);
        assert!(File::open(&path).unwrap().try_lock_shared().is_ok());
        assert!(write_whole(&directory.path().join("none/port"), "1").is_err());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
