//! The whole run: both servers are started, and each load is put on the one and the other in turn, so that what else the machine does
//! meets both.

use crate::Failure;
use crate::load::{self, Plan, Round};
use crate::report::{self, Line, Report};
use crate::requests::{Added, Kind, Signed, USERS_MIN};
use crate::target::{self, Target};
use crate::{process, setup};
use cubby_server::Clock;
use std::cell::Cell;
use std::io::Write;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::Instant;

pub(crate) const USERS: u32 = 10_000;
const SYNCS: usize = 101;

/// The flags of the load benchmark.
#[derive(Debug, clap::Args)]
pub(crate) struct Flags {
    /// The server under test [default: the `cubby` beside this binary].
    #[arg(long)]
    binary: Option<PathBuf>,
    /// How long each load is measured in a round [default: 3].
    #[arg(long)]
    seconds: Option<f64>,
    /// How many keep-alive connections [default: 1,64,512].
    #[arg(long, value_delimiter = ',')]
    connections: Option<Vec<u32>>,
    /// How often each load is put on each server; medians are printed [default: 5].
    #[arg(long)]
    rounds: Option<usize>,
    /// Only this command.
    #[arg(long, value_parser = ["get", "update"])]
    only: Option<String>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
    /// A few seconds in all, to see that it runs; the figures mean nothing.
    #[arg(long)]
    quick: bool,
}

/// What is fixed for a run.
struct Setting {
    server: Target,
    reference: Target,
    signed: Rc<Signed>,
    users: u32,
    rounds: usize,
    window: Duration,
    /// What updates have added on the one and on the other.
    added: [Added; 2],
}

impl Flags {
    pub(crate) fn run(self) -> Result<(), Failure> {
        // One thread: the generator shares its cores with the server.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let local = tokio::task::LocalSet::new();
        local.block_on(&runtime, self.measure())
    }

    async fn measure(self) -> Result<(), Failure> {
        // A quick run is answered within its window by a binary that is not optimised, too.
        let (users, rounds, seconds, connections) =
            if self.quick { (600, 1, 1.0, vec![1, 16]) } else { (USERS, 5, 3.0, vec![1, 64, 512]) };
        let connections = self.connections.clone().unwrap_or(connections);
        let most = connections.iter().copied().max().unwrap_or_default();
        let least = connections.iter().copied().min().unwrap_or_default();
        if least == 0 || most > users {
            return Err(format!("--connections takes numbers from 1 to {users}").into());
        }
        debug_assert!(users >= USERS_MIN);
        let none = || (0..users).map(|_| Cell::new(0)).collect();
        let setting = Setting {
            server: Target::server(&target::binary(self.binary.clone())?)?,
            reference: Target::reference()?,
            signed: Rc::new(Signed::new(&Clock::system())),
            users,
            rounds: self.rounds.unwrap_or(rounds).max(1),
            window: Duration::try_from_secs_f64(self.seconds.unwrap_or(seconds))?,
            added: [none(), none()],
        };
        let done = self.loads(&setting, &connections).await;
        let log = setting.server.log();
        if done.is_err() && !log.is_empty() {
            report::note(&format!("the server's log:\n{log}"));
        }
        done
    }

    async fn loads(&self, setting: &Setting, connections: &[u32]) -> Result<(), Failure> {
        let sync_us = sync_us(&target::empty_directory()?)?;
        report::note(&format!("importing {} users …", setting.users));
        setup::import(&setting.server, Rc::clone(&setting.signed), setting.users).await?;
        setup::compare(&setting.server, &setting.reference, &setting.signed, setting.users).await?;
        let mut lines = Vec::new();
        // Queries first, while every user has as many conversations as was imported.
        for kind in [Kind::Get, Kind::Update] {
            if self.only.as_deref().is_some_and(|only| !kind.name().starts_with(only)) {
                continue;
            }
            for connections in connections {
                report::note(&format!("{} over {connections} connections …", kind.name()));
                lines.push(setting.load(kind, *connections).await?);
            }
        }
        let report = Report {
            cores: std::thread::available_parallelism()?.get(),
            users: setting.users,
            seconds: setting.window.as_secs_f64(),
            rounds: setting.rounds,
            sync_us,
            server_resident_kib: process::resident_kib(setting.server.pid())?,
            lines,
        };
        report.print(self.json)
    }
}

impl Setting {
    /// One load on both, in turn.
    async fn load(&self, kind: Kind, connections: u32) -> Result<Line, Failure> {
        let plan = Plan { kind, connections, warm_up: self.window / 4, window: self.window };
        let (mut server, mut reference) = (Vec::new(), Vec::new());
        let [on_server, on_reference] = &self.added;
        for _ in 0..self.rounds {
            server.push(sound("the server", load::round(&[&self.server], &self.signed, plan, on_server).await?)?);
            reference.push(sound(
                "the reference",
                load::round(&[&self.reference], &self.signed, plan, on_reference).await?,
            )?);
        }
        Ok(Line::of(plan, &server, &reference))
    }
}

/// A round in which every request was answered with success: a refused one costs less than it should.
pub(crate) fn sound(whose: &str, round: Round) -> Result<Round, Failure> {
    match &round.first_error {
        None if round.latencies.is_empty() => Err(format!("{whose} answered nothing within the window").into()),
        None => Ok(round),
        Some(first) => Err(format!("{} errors on {whose}, the first: {first}", round.errors).into()),
    }
}

/// What one sync of a small write costs in a directory, where the data is: the median, in microseconds. Without it a figure of
/// durable writes says nothing.
pub(crate) fn sync_us(directory: &TempDir) -> Result<f64, Failure> {
    let mut file = std::fs::File::create(directory.path().join("sync"))?;
    let mut times = Vec::new();
    for _ in 0..SYNCS {
        file.write_all(&[7; 512])?;
        let before = Instant::now();
        file.sync_data()?;
        times.push(before.elapsed().as_secs_f64() * 1e6);
    }
    Ok(report::median(times))
}
