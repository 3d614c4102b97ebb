//! Kills the server with SIGKILL under load, over and over on one directory: what was acknowledged is there, every request is whole, and
//! no GroupId is given twice. Servers that break these promises on purpose show that the checker can fail.
//!
//! `CUBBY_CRASH_ROUNDS` is the number of kills, `CUBBY_CRASH_SEED` the seed of a run to repeat. The journal grows from round to round and
//! is read at every start: hundreds of rounds want `--release`.

pub mod broken;
mod dice;
mod model;
mod steps;
mod wire;
mod worker;

use crate::support::Server;
use broken::Promise;
use dice::{Dice, STANDING};
pub use model::{Kind, Violation};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;
use wire::Ledger;
pub use wire::{Calls, Client, Heard};
use worker::Worker;
pub use worker::{End, Load};

/// A number from the environment.
pub fn from_environment(name: &str) -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "how long and how a test runs is for who runs it")]
    let value = std::env::var(name);
    value.ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// Clients with what they know, over one directory.
pub struct Campaign {
    workers: Vec<Worker>,
    ledger: Ledger,
    dice: Dice,
    seed: u64,
}

/// When the server is killed.
enum Moment {
    After(Duration),
    /// Right after this acknowledgement.
    At(u64),
}

impl Campaign {
    /// Begins on a server that runs.
    #[expect(clippy::print_stdout, reason = "whoever repeats a failed run needs its seed")]
    pub fn begin(server: &Server, clients: usize) -> Self {
        let seed = from_environment("CUBBY_CRASH_SEED").unwrap_or_else(|| getrandom::u64().unwrap());
        println!("CUBBY_CRASH_SEED={seed}");
        let mut dice = Dice(seed);
        let shared: Vec<String> = (0..3).map(|n| format!("shared{n}")).collect();
        let workers: Vec<Worker> = (0..clients).map(|n| Worker::new(n, dice.split(), &shared)).collect();
        let standing = (0..STANDING).map(|n| format!("peer{n}"));
        let mut accounts: Vec<String> = workers.iter().flat_map(Worker::accounts).chain(standing).collect();
        accounts.sort();
        accounts.dedup();
        server.import(&accounts.iter().map(String::as_str).collect::<Vec<_>>());
        Self { workers, ledger: Ledger::default(), dice, seed }
    }

    /// A number from the campaign's seed, from 0 up to, and not including, `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.dice.below(end)
    }

    /// Every client compares what it finds with what it knows.
    pub fn verify(&mut self, server: &Server) -> Result<(), Violation> {
        let (ledger, port) = (&self.ledger, server.port);
        let verified: Vec<Result<(), Violation>> = std::thread::scope(|scope| {
            let verify = |worker| scope.spawn(move || Worker::verify(worker, port, ledger));
            let threads: Vec<_> = self.workers.iter_mut().map(verify).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        verified.into_iter().collect()
    }

    /// Every client changes data over a way of its own; `meanwhile` is run beside them. How they ended, and how many requests were
    /// acknowledged.
    fn load<C: Calls>(
        &mut self,
        way: impl Fn() -> Option<C> + Sync,
        (enough, tell_at, repeats): (u64, u64, bool),
        meanwhile: impl FnOnce(&Load<'_>, &Receiver<()>),
    ) -> Result<(Vec<End>, u64), Violation> {
        let (tell, told) = sync_channel(1);
        let load = Load {
            ledger: &self.ledger,
            acknowledged: AtomicU64::new(0),
            tell_at,
            tell,
            enough,
            repeats,
            killed: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            violated: AtomicBool::new(false),
            done_before: AtomicU64::new(0),
        };
        let ends: Vec<Result<End, Violation>> = std::thread::scope(|scope| {
            let (load, way) = (&load, &way);
            let run = |worker| {
                scope.spawn(move || {
                    Worker::load(worker, way(), load).inspect_err(|_| load.violated.store(true, Ordering::SeqCst))
                })
            };
            let threads: Vec<_> = self.workers.iter_mut().map(run).collect();
            meanwhile(load, &told);
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let ends = ends.into_iter().collect::<Result<_, _>>()?;
        Ok((ends, load.acknowledged.into_inner()))
    }

    /// Every client changes data and repeats what it does not know the outcome of, until `meanwhile` has ended; how many requests were
    /// acknowledged. That a request is never answered, or that a client hears of a failure, is a violation.
    pub fn go_on<C: Calls>(
        &mut self,
        way: impl Fn() -> Option<C> + Sync,
        meanwhile: impl FnOnce(&Load<'_>),
    ) -> Result<u64, Violation> {
        let mut failed = None;
        let loaded = self.load(way, (u64::MAX, u64::MAX, true), |load, _| {
            // Where what is done meanwhile fails, the clients end all the same, and may know why.
            failed = catch_unwind(AssertUnwindSafe(|| meanwhile(load))).err();
            load.killed.store(true, Ordering::SeqCst);
        });
        let (ends, acknowledged) = loaded?;
        if let Some(failed) = failed {
            resume_unwind(failed);
        }
        match ends.iter().find(|end| **end != End::Enough) {
            Some(end) => Err(Violation::unexpected(format!("a client's round ended: {end:?}"))),
            None => Ok(acknowledged),
        }
    }

    /// Changes data until this many requests were acknowledged, or the server is gone.
    pub fn change(&mut self, server: &Server, enough: u64) -> Result<(Vec<End>, u64), Violation> {
        self.load(|| Client::connect(server.port), (enough, u64::MAX, false), |_, _| ())
    }

    /// Kills the server under load; how many requests had been acknowledged.
    fn kill_under_load(&mut self, server: &mut Server) -> Result<u64, Violation> {
        let moment = match self.dice.below(4) {
            0 => Moment::After(Duration::from_millis(self.dice.below(4))),
            1 => Moment::At(1 + self.dice.below(300)),
            _ => Moment::After(Duration::from_millis(20 + self.dice.below(400))),
        };
        let (tell_at, longest) = match moment {
            Moment::After(time) => (u64::MAX, time),
            Moment::At(count) => (count, Duration::from_secs(2)),
        };
        let port = server.port;
        let (ends, acknowledged) = self.load(
            || Client::connect(port),
            (u64::MAX, tell_at, false),
            |load, told| {
                // Whichever comes first: the acknowledgement, or the time.
                let _which = told.recv_timeout(longest);
                load.killed.store(true, Ordering::SeqCst);
                server.kill();
            },
        )?;
        match ends.iter().find(|end| !matches!(end, End::Killed | End::Slow)) {
            Some(end) => Err(Violation::unexpected(format!("before the kill a client's round ended: {end:?}"))),
            None => Ok(acknowledged),
        }
    }

    /// One kill, perhaps some more while the server starts, and what is found afterwards.
    fn round(&mut self, server: &mut Server) -> Result<u64, Violation> {
        let acknowledged = self.kill_under_load(server)?;
        while self.dice.chance(30) {
            let mut process = server.begin();
            std::thread::sleep(Duration::from_millis(self.dice.below(60)));
            process.kill().unwrap();
            process.wait().unwrap();
        }
        if let Err(status) = server.try_start() {
            let log = std::fs::read_to_string(server.log()).unwrap();
            return Err(Violation::unexpected(format!("it did not start again: {status}\n{log}")));
        }
        self.verify(server)?;
        Ok(acknowledged)
    }

    pub fn fail(&self, violation: &Violation) -> ! {
        panic!("{:?}: {} (CUBBY_CRASH_SEED={})", violation.kind, violation.what, self.seed)
    }
}

#[test]
fn r_021_a_killed_server_keeps_what_it_acknowledged_whole_and_gives_no_group_id_twice() {
    let rounds = from_environment("CUBBY_CRASH_ROUNDS").unwrap_or(20);
    let mut server = Server::start();
    let mut campaign = Campaign::begin(&server, 16);
    let mut acknowledged = 0;
    for round in 0..rounds {
        match campaign.round(&mut server) {
            Ok(count) => acknowledged += count,
            Err(violation) => {
                println!("in round {round}");
                campaign.fail(&violation)
            }
        }
    }
    println!("{acknowledged} requests were acknowledged in {rounds} rounds");
    assert!(acknowledged > rounds * 10, "so few requests were acknowledged that the kills show nothing");
    assert!(server.stop().success());
    server.start_again();
    campaign.verify(&server).unwrap_or_else(|violation| campaign.fail(&violation));
}

/// Runs the checker on a server that breaks a promise; what it finds within some rounds.
fn found_of(promise: Promise, rounds: u64) -> Option<Violation> {
    let mut server = Server::launched_by(move |command| broken::launch(promise, &command));
    server.start_again();
    let mut campaign = Campaign::begin(&server, 16);
    (0..rounds).find_map(|_| campaign.round(&mut server).err())
}

#[test]
fn the_checker_finds_a_server_that_replies_before_it_commits() {
    // Most often it is lost at the kill. Where the commit is late enough, the client's next request misses it before any kill: its reply
    // is another than the contract's then, or its GroupId is given again.
    let found = found_of(Promise::ReplyAfterCommit, 20).expect("a violation");
    assert_ne!(found.kind, Kind::Half, "{}", found.what);
}

#[test]
fn the_checker_finds_a_server_that_gives_a_group_id_again_after_a_restart() {
    let found = found_of(Promise::NewGroupIds, 20).expect("a violation");
    assert_eq!(found.kind, Kind::GroupIdTwice, "{}", found.what);
}

#[test]
fn the_checker_finds_a_server_that_applies_half_a_request() {
    let found = found_of(Promise::WholeRequests, 20).expect("a violation");
    // Half of a deletion shows as the loss of what was acknowledged before it.
    assert!(matches!(found.kind, Kind::Half | Kind::Lost), "{found:?}");
}

#[test]
fn the_checker_finds_nothing_in_the_same_server_with_no_promise_broken() {
    let found = found_of(Promise::None, 4);
    assert!(found.is_none(), "{found:?}");
}
