//! Updates over PostgreSQL, on a private durable cluster: one server against classic transactions, several servers against one, and the
//! round trips of a write. All are over one table, and take turns.

mod classic;
mod report;
mod trips;

pub(crate) use classic::ClassicFlags;

use crate::load::{self, Plan, Round};
use crate::requests::{Added, Kind, Signed};
use crate::target::{self, Target};
use crate::{Failure, run, setup};
use cubby_pg_cluster::{Cluster, Proxy, Stop};
use cubby_server::Clock;
use report::{Line, Report};
use std::cell::Cell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

/// Connections of a server to the database where nothing else is said: the product's default.
const CONNECTIONS: usize = 16;
/// Connections of each of several servers behind a network: so few that they bound what a server does, and not the CPU that all share.
const FEW: usize = 4;
/// How many clients several servers have together.
const CLIENTS: u32 = 64;
/// How late everything arrives behind a network, in each direction.
const DELAY: Duration = Duration::from_millis(1);
/// How many servers there are behind a network.
const SERVERS: [usize; 4] = [1, 2, 4, 8];
/// The product removes what is left of removed records up to this long after; it is waited for, so that it is not paid for by others.
const SWEPT: Duration = Duration::from_secs(6);

/// Left to itself, the database plans what the classic reads anew each time, as it would for most who write it so. The product does not
/// let it; with this the classic does not either.
const PLANNED_ONCE: &str = "options=-c%20plan_cache_mode%3Dforce_generic_plan";

/// The flags of the benchmark over PostgreSQL.
#[derive(Debug, clap::Args)]
pub(crate) struct Flags {
    /// The server under test [default: the `cubby` beside this binary].
    #[arg(long)]
    binary: Option<PathBuf>,
    /// How long each load is measured in a round [default: 5].
    #[arg(long)]
    seconds: Option<f64>,
    /// How many keep-alive connections, against classic transactions.
    #[arg(long, value_delimiter = ',', default_values_t = [16, 64])]
    connections: Vec<u32>,
    /// How often each load is put on each server; medians are printed [default: 3].
    #[arg(long)]
    rounds: Option<usize>,
    /// Only this part.
    #[arg(long, value_parser = ["trips", "classic", "servers"])]
    only: Option<String>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
    /// Seconds in all, to see that it runs; the figures mean nothing.
    #[arg(long)]
    quick: bool,
}

/// What is fixed for a run.
struct Setting {
    binary: PathBuf,
    cluster: Cluster,
    database: String,
    signed: Rc<Signed>,
    users: u32,
    rounds: usize,
    window: Duration,
    swept: Duration,
    /// What updates have added, by whichever server.
    added: Added,
}

/// Servers that are measured together, under a name.
type Case<'a> = (String, Vec<&'a Target>);

impl Flags {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let local = tokio::task::LocalSet::new();
        local.block_on(&runtime, self.measure())
    }

    async fn measure(self) -> Result<(), Failure> {
        let (users, rounds, seconds, swept) =
            if self.quick { (600, 1, 1.0, Duration::ZERO) } else { (run::USERS, 3, 5.0, SWEPT) };
        if self.connections.iter().any(|one| *one == 0 || *one > users) {
            return Err(format!("--connections takes numbers from 1 to {users}").into());
        }
        let cluster = cluster();
        let setting = Setting {
            binary: target::binary(self.binary.clone())?,
            database: cluster.database(),
            cluster,
            signed: Rc::new(Signed::new(&Clock::system())),
            users,
            rounds: self.rounds.unwrap_or(rounds).max(1),
            window: Duration::try_from_secs_f64(self.seconds.unwrap_or(seconds))?,
            swept,
            added: (0..users).map(|_| Cell::new(0)).collect(),
        };
        let sync_us = run::sync_us(&tempfile::tempdir()?)?;
        let mut report = Report::new(&setting, sync_us)?;
        crate::report::note(&format!("importing {users} users …"));
        let (server, classic) = setting.pair(&setting.database)?;
        setup::import(&server, Rc::clone(&setting.signed), users).await?;
        setup::compare(&server, &classic, &setting.signed, users).await?;
        drop((server, classic));
        // As a database that has run for a while has it.
        cubby_pg_cluster::psql(&setting.database, "VACUUM ANALYZE")?;
        let wants = |part: &str| self.only.as_deref().is_none_or(|only| only == part);
        if wants("trips") {
            report.trips = setting.trips().await?;
        }
        if wants("classic") {
            for clients in &self.connections {
                report.lines.extend(setting.against_classic("none", *clients, &setting.database).await?);
            }
            let network = setting.network();
            let database = network.url_of(&setting.database);
            report.lines.extend(setting.against_classic("1 ms", CLIENTS, &database).await?);
        }
        if wants("servers") {
            report.lines.extend(setting.several("none", &setting.database, CONNECTIONS, &[1, 2]).await?);
            let network = setting.network();
            let database = network.url_of(&setting.database);
            report.lines.extend(setting.several("1 ms", &database, FEW, &SERVERS).await?);
        }
        report.print(self.json)
    }
}

/// A durable cluster with room for the table in its own memory, as a database for this has.
fn cluster() -> Cluster {
    let cluster = Cluster::durable();
    cluster.sql("postgres", "ALTER SYSTEM SET shared_buffers = '256MB'");
    cluster.stop(Stop::Fast);
    cluster.start_again();
    cluster
}

impl Setting {
    /// The product and the classic over a database, with as many connections each.
    fn pair(&self, database: &str) -> Result<(Target, Target), Failure> {
        Ok((Target::over(&self.binary, database, CONNECTIONS)?, Target::classic(database, CONNECTIONS)?))
    }

    /// A network between the servers and the database.
    fn network(&self) -> Proxy {
        let network = Proxy::start(self.cluster.port());
        network.delay(DELAY);
        network
    }

    async fn trips(&self) -> Result<Vec<trips::Counted>, Failure> {
        crate::report::note("round trips …");
        let mut found = Vec::new();
        let network = self.network();
        let (server, classic) = self.pair(&network.url_of(&self.database))?;
        for (name, target) in [("cubby", &server), ("classic", &classic)] {
            found.push(trips::count(name, target, &network, &self.signed, &self.added).await?);
        }
        Ok(found)
    }

    async fn against_classic(&self, delay: &'static str, clients: u32, database: &str) -> Result<Vec<Line>, Failure> {
        let (server, classic) = self.pair(database)?;
        let planned_once = Target::classic(&format!("{database}?{PLANNED_ONCE}"), CONNECTIONS)?;
        let cases = [("classic", &classic), ("classic, planned once", &planned_once), ("cubby", &server)];
        let cases = cases.map(|(name, target)| (name.to_owned(), vec![target]));
        self.load(delay, CONNECTIONS, clients, &cases, self.swept).await
    }

    /// So many servers over one database, each time a part of them under the same load.
    async fn several(
        &self,
        delay: &'static str,
        database: &str,
        connections: usize,
        servers: &[usize],
    ) -> Result<Vec<Line>, Failure> {
        let most = servers.iter().copied().max().unwrap_or_default();
        let start = |_| Target::over(&self.binary, database, connections);
        let targets = (0..most).map(start).collect::<Result<Vec<_>, _>>()?;
        let name = |count| if count == 1 { "1 server".to_owned() } else { format!("{count} servers") };
        let cases: Vec<Case<'_>> =
            servers.iter().map(|count| (name(*count), targets.iter().take(*count).collect())).collect();
        self.load(delay, connections, CLIENTS, &cases, Duration::ZERO).await
    }

    /// One load on each of the cases, in turn; the first is what the others are compared with.
    async fn load(
        &self,
        delay: &'static str,
        connections: usize,
        clients: u32,
        cases: &[Case<'_>],
        rest: Duration,
    ) -> Result<Vec<Line>, Failure> {
        let names: Vec<&str> = cases.iter().map(|(name, _)| name.as_str()).collect();
        crate::report::note(&format!("{} over {clients} connections, delay {delay} …", names.join(", ")));
        let plan = Plan { kind: Kind::Update, connections: clients, warm_up: self.window / 4, window: self.window };
        let mut rounds: Vec<Vec<Round>> = cases.iter().map(|_| Vec::new()).collect();
        for _ in 0..self.rounds {
            for ((name, targets), rounds) in cases.iter().zip(&mut rounds) {
                let round = load::round(targets, &self.signed, plan, &self.added).await?;
                rounds.push(run::sound(name, round).map_err(|failure| with_logs(&failure, targets))?);
                tokio::time::sleep(rest).await;
            }
        }
        let base = rounds.first().map(Vec::as_slice).unwrap_or_default();
        let line = |(name, rounds): (&str, &Vec<Round>)| Line::of(name, delay, connections, plan, rounds, base);
        Ok(names.into_iter().zip(&rounds).map(line).collect())
    }
}

fn with_logs(failure: &Failure, targets: &[&Target]) -> Failure {
    let logs: Vec<String> = targets.iter().map(|target| target.log()).collect();
    format!("{failure}\n{}", logs.join("\n")).into()
}
