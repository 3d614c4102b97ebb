//! The figures over PostgreSQL, and how they are shown.

use super::Setting;
use super::trips::Counted;
use crate::Failure;
use crate::load::{Plan, Round};
use crate::report::{Side, float};
use serde::Serialize;
use std::io::{self, Write};

/// A run.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    cores: usize,
    /// What PostgreSQL calls itself.
    postgresql: String,
    users: u32,
    /// How long a load was measured in a round.
    seconds: f64,
    rounds: usize,
    /// What a sync costs on this machine.
    sync_us: f64,
    pub(super) trips: Vec<Counted>,
    pub(super) lines: Vec<Line>,
}

/// One load on one of those that were compared.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    name: String,
    /// How late everything arrives between a server and the database, in each direction.
    delay: &'static str,
    /// Connections of each server to the database.
    connections: usize,
    clients: u32,
    side: Side,
    /// How much of the machine's CPU time was used, from 0 to 1.
    busy: f64,
    /// Its updates a second through those of what it is compared with: of the medians, and of each round.
    ratio: f64,
    ratio_of_rounds: Vec<f64>,
}

impl Line {
    pub(super) fn of(
        name: &str,
        delay: &'static str,
        connections: usize,
        plan: Plan,
        rounds: &[Round],
        base: &[Round],
    ) -> Self {
        let count = |round: &Round| float(round.latencies.len());
        let side = Side::of(rounds, plan.window);
        Self {
            name: name.to_owned(),
            delay,
            connections,
            clients: plan.connections,
            busy: crate::report::median(rounds.iter().map(|round| round.busy).collect()),
            ratio: side.throughput / Side::of(base, plan.window).throughput,
            ratio_of_rounds: rounds.iter().zip(base).map(|(one, base)| count(one) / count(base)).collect(),
            side,
        }
    }

    fn row(&self, out: &mut impl Write) -> io::Result<()> {
        let least = self.ratio_of_rounds.iter().copied().fold(f64::INFINITY, f64::min);
        let most = self.ratio_of_rounds.iter().copied().fold(0.0, f64::max);
        let Self { name, delay, connections, clients, side, busy, ratio, .. } = self;
        let (p50, p99) = (side.p50_us / 1e3, side.p99_us / 1e3);
        write!(out, "| {delay} | {connections} | {clients} | {name} | {:.0} | {p50:.2} | {p99:.2} ", side.throughput)?;
        write!(out, "| {:.0} | {:.0} % ", side.server_cpu_us, busy * 100.0)?;
        writeln!(out, "| **{ratio:.2}** ({least:.2}–{most:.2}) |")
    }
}

impl Report {
    pub(super) fn new(setting: &Setting, sync_us: f64) -> Result<Self, Failure> {
        Ok(Self {
            cores: std::thread::available_parallelism()?.get(),
            postgresql: setting.cluster.sql("postgres", "SHOW server_version"),
            users: setting.users,
            seconds: setting.window.as_secs_f64(),
            rounds: setting.rounds,
            sync_us,
            trips: Vec::new(),
            lines: Vec::new(),
        })
    }

    pub(super) fn print(&self, json: bool) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        if json {
            serde_json::to_writer_pretty(&mut out, self)?;
            writeln!(out)?;
            return Ok(());
        }
        let Self { cores, postgresql, users, seconds, rounds, sync_us, .. } = self;
        writeln!(
            out,
            "PostgreSQL {postgresql}, {users} users, {cores} cores, medians of {rounds} rounds of {seconds} s, a sync takes {sync_us:.0} µs"
        )?;
        if !self.trips.is_empty() {
            writeln!(out, "\n| updates of | counted | round trips each | statements each |\n|---|---:|---:|---:|")?;
        }
        for Counted { name, writes, round_trips, statements } in &self.trips {
            writeln!(out, "| {name} | {writes} | **{round_trips:.3}** | {statements:.2} |")?;
        }
        if !self.lines.is_empty() {
            writeln!(
                out,
                "\n| delay | pool | clients | of | updates/s | p50 ms | p99 ms | server CPU µs | machine busy | ratio |\n\
                 |---|---:|---:|---|---:|---:|---:|---:|---:|---:|"
            )?;
        }
        self.lines.iter().try_for_each(|line| line.row(&mut out))?;
        Ok(())
    }
}
