//! One cluster: started, stopped, killed, stopped for a while, started again. Its log and its data are gone with it.

use crate::installation::Installation;
use crate::port;
use crate::processes::{Directory, signal};
use crate::template::{self, Segments};
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long a cluster may take to answer: 60 s, looked at every 2 ms. It is there for a machine that is overloaded.
const LOOKS: usize = 30_000;
const LOOK: Duration = Duration::from_millis(2);

/// Where another process took the port before the cluster did.
const TRIES: usize = 5;

/// What every cluster is set to; it is the whole of its configuration.
const SETTINGS: &str = "listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = '32MB'
timezone = 'UTC'
log_line_prefix = '%m [%p] '
";
const FAST: &str = "fsync = off\nfull_page_writes = off\n";
const DURABLE: &str = "fsync = on\nsynchronous_commit = on\nfull_page_writes = on\n";

/// A number for a name that is used once in this process.
pub(crate) fn unique() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// How a cluster stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Connections are closed, and all is written down.
    Fast,
    /// Without a checkpoint: the next start recovers.
    Immediate,
    /// SIGKILL of every process, like a crash.
    Kill,
}

/// A private cluster on a port of its own, with the superuser `postgres` and no password. It is stopped and its directory removed when it is
/// dropped, and also when the process that started it is killed. Another setting is an `ALTER SYSTEM` in its database `postgres`, and where
/// it takes a restart, [`Cluster::stop`] and [`Cluster::start_again`].
pub struct Cluster {
    directory: Directory,
    postmaster: Mutex<Option<Child>>,
    port: u16,
    pub(crate) durable: bool,
}

impl Cluster {
    /// A new cluster that does not wait for the disk.
    pub fn start() -> Self {
        Self::new(false, Segments::Small)
    }

    /// A new cluster that keeps what it confirmed, as in production.
    pub fn durable() -> Self {
        Self::new(true, Segments::Usual)
    }

    fn new(durable: bool, segments: Segments) -> Self {
        let directory = Directory::new();
        template::copy_to(&directory.data(), segments);
        Self::over(directory, durable)
    }

    /// A cluster over data that is there.
    pub(crate) fn over(directory: Directory, durable: bool) -> Self {
        let mut cluster = Self { directory, postmaster: Mutex::default(), port: 0, durable };
        for _ in 0..TRIES {
            cluster.port = port::free();
            cluster.write_settings();
            match cluster.run() {
                Ok(()) => return cluster,
                Err(log) if log.contains("could not bind") => {}
                Err(log) => panic!("PostgreSQL does not start:\n{log}"),
            }
        }
        panic!("PostgreSQL got no port in {TRIES} tries");
    }

    fn write_settings(&self) {
        let durability = if self.durable { DURABLE } else { FAST };
        let path = self.directory.data().join("postgresql.conf");
        let text = format!("{SETTINGS}{durability}port = {}\n", self.port);
        fs::write(&path, text).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    }

    /// Starts the postmaster and waits until it answers; its log where it ends instead.
    fn run(&self) -> Result<(), String> {
        let (data, log) = (self.directory.data(), self.directory.log());
        let status = data.join("postmaster.pid");
        if status.exists() {
            fs::remove_file(&status).expect("what a killed postmaster left");
        }
        let out = File::create(&log).expect("the log");
        let err = out.try_clone().expect("the log");
        let mut command = Installation::get().command("postgres");
        command.arg("-D").arg(&data).current_dir(&data).process_group(0).stdin(Stdio::null()).stdout(out).stderr(err);
        let mut child = command.spawn().unwrap_or_else(|why| panic!("{command:?}: {why}"));
        for _ in 0..LOOKS {
            // The eighth line of this file says how far it is, as `pg_ctl` reads it.
            let text = fs::read_to_string(&status).unwrap_or_default();
            if text.lines().nth(7).is_some_and(|line| line.trim_end() == "ready") {
                *self.postmaster() = Some(child);
                return Ok(());
            }
            if child.try_wait().expect("a child").is_some() {
                return Err(fs::read_to_string(&log).expect("the log"));
            }
            std::thread::sleep(LOOK);
        }
        panic!("PostgreSQL does not answer:\n{}", self.log());
    }

    fn postmaster(&self) -> std::sync::MutexGuard<'_, Option<Child>> {
        self.postmaster.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes a new empty database; its URL.
    pub fn database(&self) -> String {
        let name = format!("test_{}", unique());
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    /// Runs statements in a database. Rows come as lines, their columns parted by `|`.
    pub fn sql(&self, database: &str, statements: &str) -> String {
        psql(&self.url(database), statements).unwrap_or_else(|why| panic!("{statements}: {why}"))
    }

    /// What the cluster logged since it was last started.
    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.log()).expect("the log")
    }

    /// Stops it; returns when it is stopped. A paused cluster can only be killed.
    pub fn stop(&self, how: Stop) {
        let mut postmaster = self.postmaster().take().expect("a cluster that runs");
        match how {
            Stop::Fast => signal(&postmaster, "INT"),
            Stop::Immediate => signal(&postmaster, "QUIT"),
            Stop::Kill => self.directory.kill(),
        }
        postmaster.wait().expect("a child");
    }

    /// Starts a stopped cluster, on the same port.
    pub fn start_again(&self) {
        assert!(self.postmaster().is_none(), "the cluster runs");
        self.run().unwrap_or_else(|log| panic!("PostgreSQL does not start again:\n{log}"));
    }

    /// Stops all its processes where they are: a database that hangs. The system goes on accepting connections for it.
    pub fn pause(&self) {
        self.directory.pause();
    }

    /// Lets a paused cluster go on.
    pub fn resume(&self) {
        self.directory.resume();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.directory.kill();
        if let Some(mut postmaster) = self.postmaster().take() {
            // A drop does not panic; the process was killed.
            drop(postmaster.wait());
        }
    }
}

/// Runs statements, each in a transaction of its own, through `psql`: what it wrote. The URL may be that of a
/// [`Proxy`](crate::Proxy).
///
/// # Errors
/// What `psql` complained of.
pub fn psql(url: &str, statements: &str) -> Result<String, String> {
    let mut command = Installation::get().command("psql");
    command.args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-f", "-", url]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|why| panic!("{command:?}: {why}"));
    let mut input = child.stdin.take().expect("a pipe");
    let output = std::thread::scope(|scope| {
        // Where psql ends before it read all, its status tells.
        scope.spawn(move || drop(input.write_all(statements.as_bytes())));
        child.wait_with_output().expect("a child")
    });
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// A program of the PostgreSQL that the clusters run, such as `pgbench`, to be run as the user that owns them.
#[must_use]
pub fn program(name: &str) -> Command {
    Installation::get().command(name)
}
