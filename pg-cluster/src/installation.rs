//! Where PostgreSQL is on this machine, and as whom it runs: it refuses to run as root.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

const DEBIAN: &str = "/usr/lib/postgresql";

/// What is installed.
pub(crate) struct Installation {
    bin: PathBuf,
    /// Such as `15.14`.
    pub(crate) version: String,
    /// The ids of the user and the group to run as, where this process is root.
    user: Option<(u32, u32)>,
}

impl Installation {
    /// What was found, once.
    pub(crate) fn get() -> &'static Self {
        static FOUND: OnceLock<Installation> = OnceLock::new();
        FOUND.get_or_init(|| {
            let bin = directory().unwrap_or_else(|| {
                panic!("PostgreSQL is neither in PATH nor in {DEBIAN}/*/bin: apt-get install postgresql")
            });
            let version = output(Command::new(bin.join("postgres")).arg("--version"));
            let version = version.split_whitespace().nth(2).expect("postgres (PostgreSQL) VERSION").to_owned();
            Self { bin, version, user: user() }
        })
    }

    /// A program of PostgreSQL's, to be run as the user that owns clusters, away from a directory which that user may not enter.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command.current_dir("/").env("LC_ALL", "C").stdin(Stdio::null());
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }

    /// Gives a directory to the user that owns clusters.
    pub(crate) fn give(&self, directory: &Path) {
        if let Some((user, group)) = self.user {
            chown(directory, Some(user), Some(group)).unwrap_or_else(|why| panic!("{}: {why}", directory.display()));
        }
    }
}

/// The directory of the programs: that of `postgres` in PATH, else the newest that Debian's packages made.
fn directory() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // It may be a link, with the other programs beside what it leads to.
    let in_path = std::env::split_paths(&path).find_map(|directory| directory.join("postgres").canonicalize().ok());
    in_path.and_then(|postgres| Some(postgres.parent()?.to_owned())).or_else(|| {
        let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
        let versions = fs::read_dir(DEBIAN).ok()?.flatten().map(|entry| entry.path());
        let installed = versions.filter(|path| path.join("bin/postgres").is_file());
        installed.max_by_key(number).map(|path| path.join("bin"))
    })
}

fn user() -> Option<(u32, u32)> {
    let this = fs::metadata("/proc/self").expect("/proc").uid();
    (this == 0).then(|| {
        let users = fs::read_to_string("/etc/passwd").expect("/etc/passwd");
        let ids = |name: &str| {
            let mut fields = users.lines().find(|line| line.split(':').next() == Some(name))?.split(':').skip(2);
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        };
        ids("postgres").or_else(|| ids("nobody")).expect("a user `postgres` or `nobody` to run PostgreSQL as")
    })
}

/// Runs a command to its end; what it wrote.
pub(crate) fn output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|why| panic!("{command:?}: {why}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
