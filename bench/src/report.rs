//! Figures out of rounds, and how they are shown.

use crate::Failure;
use crate::load::{Plan, Round};
use serde::Serialize;
use std::io::{self, Write};
use std::time::Duration;

/// A run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) cores: usize,
    pub(crate) users: u32,
    /// How long a load was measured in a round.
    pub(crate) seconds: f64,
    pub(crate) rounds: usize,
    /// What a sync costs on this machine.
    pub(crate) sync_us: f64,
    /// The server's memory at the end.
    pub(crate) server_resident_kib: u64,
    pub(crate) lines: Vec<Line>,
}

/// One load.
#[derive(Debug, Serialize)]
pub(crate) struct Line {
    pub(crate) command: &'static str,
    pub(crate) connections: u32,
    pub(crate) server: Side,
    pub(crate) reference: Side,
    /// The server's throughput through the reference's.
    pub(crate) ratio: f64,
    /// The same of each round, so that it is seen how far the figures can be trusted.
    pub(crate) ratio_of_rounds: Vec<f64>,
}

impl Line {
    pub(crate) fn of(plan: Plan, server: &[Round], reference: &[Round]) -> Self {
        let count = |round: &Round| float(round.latencies.len());
        let ratio_of_rounds = server.iter().zip(reference).map(|(a, b)| count(a) / count(b)).collect();
        let (server, reference) = (Side::of(server, plan.window), Side::of(reference, plan.window));
        Self {
            command: plan.kind.name(),
            connections: plan.connections,
            ratio: server.throughput / reference.throughput,
            ratio_of_rounds,
            server,
            reference,
        }
    }
}

/// One server under one load; each figure is the median of the rounds.
#[derive(Debug, Serialize)]
pub(crate) struct Side {
    /// Requests a second.
    pub(crate) throughput: f64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    pub(crate) p99_9_us: f64,
    /// CPU time of the server's process for a request.
    pub(crate) server_cpu_us: f64,
    /// CPU time of the generator's process for a request.
    pub(crate) generator_cpu_us: f64,
}

impl Side {
    pub(crate) fn of(rounds: &[Round], window: Duration) -> Self {
        let over = |figure: &dyn Fn(&Round) -> f64| median(rounds.iter().map(figure).collect());
        let quantile = |q| over(&|round| float(round.latencies.value_at_quantile(q)));
        let each = |time: Duration, round: &Round| time.as_secs_f64() * 1e6 / float(round.latencies.len());
        Self {
            throughput: over(&|round| float(round.latencies.len()) / window.as_secs_f64()),
            p50_us: quantile(0.5),
            p99_us: quantile(0.99),
            p99_9_us: quantile(0.999),
            server_cpu_us: over(&|round| each(round.server_cpu, round)),
            generator_cpu_us: over(&|round| each(round.generator_cpu, round)),
        }
    }
}

/// A count as a figure.
#[expect(clippy::cast_precision_loss, reason = "no count here comes near 2^53")]
pub(crate) fn float(n: u64) -> f64 {
    n as f64
}

/// The middle of some figures, the upper one of two; 0 of none.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

/// Says how far the run is, to whoever watches. Where nobody can read it, nothing is lost.
pub(crate) fn note(text: &str) {
    drop(writeln!(io::stderr(), "{text}"));
}

impl Report {
    pub(crate) fn print(&self, json: bool) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        if json {
            serde_json::to_writer_pretty(&mut out, self)?;
            writeln!(out)?;
            return Ok(());
        }
        writeln!(
            out,
            "{} users, {} cores, medians of {} rounds of {} s, a sync takes {:.0} µs\n",
            self.users, self.cores, self.rounds, self.seconds, self.sync_us
        )?;
        writeln!(
            out,
            "| command | connections | server | requests/s | p50 ms | p99 ms | p99.9 ms | server CPU µs | generator CPU µs | ratio |"
        )?;
        writeln!(out, "|---|---:|---|---:|---:|---:|---:|---:|---:|---:|")?;
        for line in &self.lines {
            let least = line.ratio_of_rounds.iter().copied().fold(f64::INFINITY, f64::min);
            let most = line.ratio_of_rounds.iter().copied().fold(0.0, f64::max);
            let ratio = format!("**{:.2}** ({least:.2}–{most:.2})", line.ratio);
            row(&mut out, line, "cubby", &line.server, &ratio)?;
            row(&mut out, line, "reference", &line.reference, "")?;
        }
        writeln!(out, "\nThe server's memory at the end: {:.1} MiB", mib(self.server_resident_kib))?;
        Ok(())
    }
}

/// MiB out of KiB.
pub(crate) fn mib(kib: u64) -> f64 {
    float(kib) / 1024.0
}

fn row(out: &mut impl Write, line: &Line, name: &str, side: &Side, ratio: &str) -> io::Result<()> {
    let [p50, p99, p99_9] = [side.p50_us, side.p99_us, side.p99_9_us].map(|us| us / 1e3);
    writeln!(
        out,
        "| {} | {} | {name} | {:.0} | {p50:.2} | {p99:.2} | {p99_9:.2} | {:.1} | {:.1} | {ratio} |",
        line.command, line.connections, side.throughput, side.server_cpu_us, side.generator_cpu_us
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_does_not_follow_one_bad_round() {
        assert!((median(vec![3.0, 1.0, 900.0, 2.0, 4.0]) - 3.0).abs() < f64::EPSILON);
        assert!(median(Vec::new()).abs() < f64::EPSILON);
    }
}
