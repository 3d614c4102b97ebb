//! What is measured: a server in its own process, started on an empty directory and ended with the run.

use crate::Failure;
use crate::requests::{APP, KEY};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::Instant;

/// How long a server may take to be ready before the run is given up.
const READY_WITHIN: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(1);

/// A running server.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    child: Child,
    directory: TempDir,
}

impl Drop for Target {
    fn drop(&mut self) {
        // It may have ended by itself; its directory goes in any case.
        let _killed = self.child.kill();
        let _waited = self.child.wait();
    }
}

impl Target {
    /// Starts the binary under test over a directory.
    pub(crate) fn server(binary: &Path) -> Result<Self, Failure> {
        let directory = empty_directory()?;
        let mut command = Command::new(binary);
        command.arg("serve").arg("--data-dir").arg(directory.path().join("data"));
        Self::cubby(command, directory)
    }

    /// Starts the binary under test as an emulator, over a directory or in memory.
    pub(crate) fn emulator(binary: &Path, memory: bool) -> Result<Self, Failure> {
        let directory = empty_directory()?;
        let mut command = Command::new(binary);
        command.args(["serve", "--emulator"]);
        if memory {
            command.arg("--in-memory");
        } else {
            command.arg("--data-dir").arg(directory.path().join("data"));
        }
        Self::cubby(command, directory)
    }

    /// Starts the binary under test over a database, with so many connections to it.
    pub(crate) fn over(binary: &Path, database: &str, connections: usize) -> Result<Self, Failure> {
        let directory = empty_directory()?;
        let config = directory.path().join("cubby.toml");
        std::fs::write(&config, format!("[bounds.postgres]\nconnections = {connections}\n"))?;
        let mut command = Command::new(binary);
        command.arg("--config").arg(config).args(["serve", "--store", database]);
        Self::cubby(command, directory)
    }

    fn cubby(mut command: Command, directory: TempDir) -> Result<Self, Failure> {
        command.args(["--listen", "127.0.0.1:0", "--call-rate", "0"]);
        command.args(["--app", &format!("{APP}:{KEY}:ultimate")]);
        Self::start(command, directory)
    }

    /// Starts the reference: this very binary.
    pub(crate) fn reference() -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("reference");
        Self::start(command, empty_directory()?)
    }

    /// Starts the classic over a database, with so many connections to it: this very binary.
    pub(crate) fn classic(database: &str, connections: usize) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["classic", "--database", database, "--connections", &connections.to_string()]);
        Self::start(command, empty_directory()?)
    }

    fn start(mut command: Command, directory: TempDir) -> Result<Self, Failure> {
        let port_file = directory.path().join("port");
        let log = std::fs::File::create(directory.path().join("log"))?;
        command.arg("--port-file").arg(&port_file);
        // The reference and the classic end with their input; the server has no use for one.
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log);
        let program = command.get_program().to_owned();
        let child = command.spawn().map_err(|error| format!("{}: {error}", program.display()))?;
        let mut target = Self { address: (Ipv4Addr::LOCALHOST, 0).into(), child, directory };
        let until = Instant::now() + READY_WITHIN;
        while !target.is_ready(&port_file) {
            let ended = target.child.try_wait()?;
            if ended.is_some() || Instant::now() > until {
                return Err(format!("{} is not ready:\n{}", program.display(), target.log()).into());
            }
            std::thread::sleep(POLL);
        }
        Ok(target)
    }

    fn is_ready(&mut self, port_file: &Path) -> bool {
        if self.address.port() == 0 {
            let text = std::fs::read_to_string(port_file).unwrap_or_default();
            let Some(port) = text.strip_suffix('\n').and_then(|port| port.trim().parse().ok()) else { return false };
            self.address.set_port(port);
        }
        answers_ready(self.address).unwrap_or(false)
    }

    /// The process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it wrote to its standard error.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }
}

fn answers_ready(address: SocketAddr) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(READY_WITHIN))?;
    stream.write_all(b"GET /ready HTTP/1.0\r\n\r\n")?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply)?;
    Ok(reply.get(8..13) == Some(b" 200 "))
}

/// A directory beside this binary: unlike the system's temporary one, it is never kept in memory, where a sync costs nothing.
pub(crate) fn empty_directory() -> Result<TempDir, Failure> {
    let binary = std::env::current_exe()?;
    let beside = binary.parent().ok_or("this binary stands in no directory")?;
    Ok(tempfile::Builder::new().prefix("bench-").tempdir_in(beside)?)
}

/// The binary under test: the one given, else the `cubby` beside this one.
pub(crate) fn binary(given: Option<PathBuf>) -> Result<PathBuf, Failure> {
    let binary = match given {
        Some(binary) => binary,
        None => std::env::current_exe()?.with_file_name("cubby"),
    };
    if binary.is_file() {
        Ok(binary)
    } else {
        Err(format!("there is no {}: build it first, or name one with --binary", binary.display()).into())
    }
}
