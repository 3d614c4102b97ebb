//! A cluster's directory and the processes that run in it. PostgreSQL's processes are all at home in the directory of the data, and so they
//! are found there: also those whose postmaster is dead.

use crate::installation::{Installation, output};
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// `every SIGNAL` sends a signal to all processes of the directory `$1` and succeeds where there was one.
const EVERY: &str = r#"
every() {
    none=1
    for process in /proc/[0-9]*; do
        [ "$process/cwd" -ef "$home" ] && kill -s "$1" "${process#/proc/}" && none=0
    done
    return $none
}
home=$1
"#;

/// Until none is left: one may have been born meanwhile.
const KILL: &str = "while every KILL; do sleep 0.01; done";

/// A directory for a cluster. When it is dropped, and also when this process is killed, a shell that waits for just that kills all that runs
/// in it and removes it.
pub(crate) struct Directory {
    path: PathBuf,
    guard: Child,
}

impl Directory {
    pub(crate) fn new() -> Self {
        let path = make();
        Installation::get().give(&path);
        // The guard waits for the end of its input, whose other end dies with this process. It has a process group of its own, since the
        // whole group of a test that takes too long is killed.
        let script = format!("{EVERY}\nread -r _\n{KILL}\nrm -rf \"$2\"");
        let mut guard = shell(&script, &path.join("data"));
        guard.arg(&path).process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let guard = guard.spawn().unwrap_or_else(|why| panic!("sh: {why}"));
        Self { path, guard }
    }

    /// The directory of the data, which whoever uses it makes.
    pub(crate) fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// The file of the log.
    pub(crate) fn log(&self) -> PathBuf {
        self.path.join("log")
    }

    /// SIGKILL to all processes; returns when they are gone.
    pub(crate) fn kill(&self) {
        self.run(KILL);
    }

    /// SIGSTOP to all processes: twice, for those that were born before their parent stopped.
    pub(crate) fn pause(&self) {
        self.run("every STOP; every STOP");
    }

    /// SIGCONT to all processes.
    pub(crate) fn resume(&self) {
        self.run("every CONT");
    }

    fn run(&self, script: &str) {
        // A process may end before its signal comes, which `kill` complains of.
        output(&mut shell(&format!("{EVERY}\n{script} 2>/dev/null\nexit 0"), &self.data()));
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        // A drop does not panic; what is left over is in a directory for such things.
        drop(self.guard.wait());
    }
}

fn shell(script: &str, data: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh"]).arg(data);
    command
}

/// A directory that was not there: the number of a process comes again, after one that was killed together with its guard.
fn make() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = || format!("cubby-pg-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let paths = std::iter::repeat_with(|| std::env::temp_dir().join(name())).take(1000);
    let mut made = paths.filter(|path| fs::create_dir(path).is_ok());
    made.next().unwrap_or_else(|| panic!("no directory can be made in {}", std::env::temp_dir().display()))
}

/// A signal to one process.
pub(crate) fn signal(process: &Child, signal: &str) {
    output(Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", signal, &process.id().to_string()]));
}
