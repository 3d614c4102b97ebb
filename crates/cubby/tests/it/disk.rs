//! Faults of the disk, with real ones: it is full, a file may not grow, a sync fails, bytes of the journal change. Nothing that was
//! acknowledged is ever missing without a word.

use crate::crash::{Campaign, End, Violation};
use crate::support::{Server, run_by};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

/// Clients enough to have requests waiting while one fails.
const CLIENTS: usize = 16;

fn must<T>(result: Result<T, Violation>) -> T {
    result.unwrap_or_else(|violation| panic!("{:?}: {}", violation.kind, violation.what))
}

/// Changes data on a server whose disk fails on the way, and checks how it fails; then, when the disk is whole again, what it kept.
fn fails_and_keeps(mut server: Server, fail: impl FnOnce(&Server), heal: impl FnOnce(&mut Server)) {
    let mut campaign = Campaign::begin(&server, CLIENTS);
    let (_, acknowledged) = must(campaign.change(&server, 100));
    assert!(acknowledged >= 100);
    fail(&server);
    let (ends, _) = must(campaign.change(&server, 100_000));
    assert!(ends.contains(&End::Failed), "somebody hears 50004: {ends:?}");
    assert!(ends.iter().all(|end| matches!(end, End::Failed | End::Dropped)), "the server has failed: {ends:?}");
    assert!(!is_ready(server.port));
    let status = server.ended();
    assert!(status.code().is_some_and(|code| code != 0), "{status}");
    heal(&mut server);
    server.start_again();
    must(campaign.verify(&server));
    let (ends, _) = must(campaign.change(&server, 100));
    assert!(ends.iter().all(|end| *end == End::Enough), "it serves again: {ends:?}");
    assert!(server.stop().success());
    server.start_again();
    must(campaign.verify(&server));
}

/// Whether `/ready` says so; a server that is gone does not.
fn is_ready(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let mut reply = String::new();
    let asked = stream.write_all(b"GET /ready HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
    let read = asked.and_then(|()| stream.read_to_string(&mut reply));
    read.is_ok() && reply.starts_with("HTTP/1.1 200")
}

/// A small file system of its own where the server keeps its data, seen by nobody else, and gone with this.
struct SmallDisk {
    holder: Child,
    enter: Vec<String>,
    at: PathBuf,
}

impl SmallDisk {
    /// None where the machine does not let us mount anything.
    fn at(at: &Path, size: &str) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        [&["--mount"][..], &["--mount", "--map-root-user"][..]].into_iter().find_map(|how| {
            let script = r#"mount -t tmpfs -o size="$1" tmpfs "$2" && echo mounted && exec cat"#;
            let mut command = Command::new("unshare");
            command.args(how).args(["sh", "-c", script, "sh", size]).arg(at);
            let mut holder = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
            let mut line = String::new();
            BufReader::new(holder.stdout.take()?).read_line(&mut line).ok()?;
            let mut enter = vec!["--target".to_owned(), holder.id().to_string(), "--mount".to_owned()];
            if how.len() > 1 {
                enter.extend(["--user", "--preserve-credentials"].map(str::to_owned));
            }
            if line == "mounted\n" {
                Some(Self { holder, enter, at: at.to_owned() })
            } else {
                drop(holder.kill());
                drop(holder.wait());
                None
            }
        })
    }

    /// A command line that is run where the disk can be seen.
    fn enter(&self, command: &Command) -> Command {
        run_by("nsenter", &self.enter.iter().map(String::as_str).collect::<Vec<_>>(), command)
    }

    /// Moves what is on it to where it was mounted, which has room.
    fn move_out(&self) {
        let roomy = self.at.with_extension("roomy");
        let mut copy = Command::new("cp");
        copy.args(["-a", "--sparse=always"]).arg(&self.at).arg(&roomy);
        assert!(self.enter(&copy).status().unwrap().success());
        fs::remove_dir(&self.at).unwrap();
        fs::rename(&roomy, &self.at).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(self.holder.kill());
        drop(self.holder.wait());
    }
}

#[test]
fn a_full_disk_costs_nothing_that_was_acknowledged() {
    let mut server = Server::launched_by(|command| command);
    let Some(disk) = SmallDisk::at(&server.data(), "2m") else {
        // Mounting is not permitted here: a thread's writes after its first 1000 fail as on a full disk.
        println!("no small disk can be mounted: strace makes the writes fail");
        server.set_launch(|command| faulty("write:error=ENOSPC:when=1000+", &command));
        server.start_again();
        return fails_and_keeps(server, |_| (), |server| server.set_launch(|command| command));
    };
    let disk = Arc::new(disk);
    let within = Arc::clone(&disk);
    server.set_launch(move |command| within.enter(&command));
    server.start_again();
    let heal = |server: &mut Server| {
        disk.move_out();
        server.set_launch(|command| command);
    };
    fails_and_keeps(server, |_| (), heal);
}

#[test]
fn a_journal_that_may_not_grow_costs_nothing_that_was_acknowledged() {
    // What the shell ignores its children ignore: the limit shows as an error of the write, and does not end the process.
    let mut server = Server::launched_by(|command| run_by("sh", &["-c", r#"trap "" XFSZ; exec "$@""#, "sh"], &command));
    server.start_again();
    let limit = |server: &Server| {
        let pid = server.pid().to_string();
        let limited = Command::new("prlimit").args(["--pid", &pid, "--fsize=400000"]).status().unwrap();
        assert!(limited.success());
    };
    fails_and_keeps(server, limit, |_| ());
}

/// A command line under strace, which lets a call into the system fail.
fn faulty(fault: &str, command: &Command) -> Command {
    let trace = format!("trace={}", fault.split(':').next().unwrap());
    let inject = format!("inject={fault}");
    run_by("strace", &["-D", "-f", "-e", &trace, "-e", &inject, "-o", "/dev/null"], command)
}

#[test]
fn a_failing_sync_costs_nothing_that_was_acknowledged() {
    // strace counts a thread's own calls: the writer's syncs fail, after so many that they suffice for the changes before.
    let mut server = Server::launched_by(|command| faulty("fdatasync:error=EIO:when=150+", &command));
    server.start_again();
    fails_and_keeps(server, |_| (), |server| server.set_launch(|command| command));
}

/// Copies a data directory, without the socket that a killed server leaves; of its journals, which are mostly zeroes, no more than is used.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (source, target) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if source.is_dir() {
            copy(&source, &target);
        } else if source.extension().is_some_and(|extension| extension == "jnl") {
            let bytes = fs::read(&source).unwrap();
            let mut file = fs::File::create(&target).unwrap();
            file.write_all(&bytes[..used(&bytes)]).unwrap();
            file.set_len(bytes.len() as u64).unwrap();
        } else if source.is_file() {
            fs::copy(&source, &target).unwrap();
        }
    }
}

fn used(bytes: &[u8]) -> usize {
    // By whole blocks first, for most of it is zeroes.
    let blocks = bytes.chunks(4096).rposition(|block| *block != [0; 4096][..block.len()]).map_or(0, |last| last + 1);
    let used = &bytes[..bytes.len().min(blocks * 4096)];
    used.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)
}

fn journal(data: &Path) -> PathBuf {
    data.join("store").join("0.jnl")
}

/// What a disk does to the journal, `at` so many thousandths of what is used of it.
#[derive(Debug, Clone, Copy)]
enum Damage {
    FlippedBit { at: usize },
    ZeroedSector { at: usize },
}

impl Damage {
    fn make(self, journal: &Path) {
        let mut bytes = fs::read(journal).unwrap();
        let used = used(&bytes);
        match self {
            Self::FlippedBit { at } => bytes[used * at / 1000] ^= 1 << (at % 8),
            Self::ZeroedSector { at } => {
                let start = used * at / 1000 / 512 * 512;
                bytes[start..start + 512].fill(0);
            }
        }
        let mut file = fs::File::options().write(true).open(journal).unwrap();
        file.write_all(&bytes[..used]).unwrap();
    }
}

/// Damages copies of what the server left behind: each is opened whole, or refused with the journal's name. Returns how many were refused.
fn refused(server: &mut Server, campaign: &mut Campaign, damages: &[Damage]) -> usize {
    let left = server.directory.path().join("left");
    fs::rename(server.data(), &left).unwrap();
    let mut refused = 0;
    for damage in damages {
        if server.data().exists() {
            fs::remove_dir_all(server.data()).unwrap();
        }
        copy(&left, &server.data());
        damage.make(&journal(&server.data()));
        fs::write(server.log(), "").unwrap();
        match server.try_start() {
            Ok(()) => {
                must(campaign.verify(server));
                server.kill();
            }
            Err(status) => {
                let log = fs::read_to_string(server.log()).unwrap();
                assert!(status.code().is_some_and(|code| code != 0), "{damage:?}: {status}: {log}");
                assert!(log.contains("0.jnl"), "{damage:?}: the message names the file: {log}");
                refused += 1;
            }
        }
    }
    refused
}

#[test]
fn a_damaged_journal_is_never_opened_short_in_silence() {
    for clean in [true, false] {
        let mut server = Server::start();
        let mut campaign = Campaign::begin(&server, 2);
        let (_, acknowledged) = must(campaign.change(&server, 150));
        assert!(acknowledged >= 150);
        if clean {
            assert!(server.stop().success());
        } else {
            server.kill();
        }
        let flipped = [20, 233, 371, 500, 777].map(|at| Damage::FlippedBit { at });
        let zeroed = [250, 500, 750].map(|at| Damage::ZeroedSector { at });
        let damages = [&flipped[..], &zeroed[..]].concat();
        let refused = refused(&mut server, &mut campaign, &damages);
        assert!(refused > 0, "no damage was ever seen");
    }
}
