//! How long the server takes to be ready on an empty directory, and the memory it has when nobody asks anything of it.

use crate::Failure;
use crate::target::{self, Target};
use crate::{process, report};
use serde::Serialize;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::Instant;

/// How long the server is left alone before its memory is looked at.
const IDLE: Duration = Duration::from_millis(500);

/// The flags of `startup`.
#[derive(Debug, clap::Args)]
pub(crate) struct Flags {
    /// The server under test [default: the `cubby` beside this binary].
    #[arg(long)]
    binary: Option<PathBuf>,
    /// How often it is started.
    #[arg(long, default_value_t = 10)]
    times: usize,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Report {
    times: usize,
    /// From the start of the process to the first 200 of `/ready`: the median and the longest, in milliseconds.
    ready_ms: f64,
    ready_ms_max: f64,
    /// The most that any of them had.
    idle_resident_mib: f64,
}

impl Flags {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let binary = target::binary(self.binary)?;
        let (mut ready, mut resident) = (Vec::new(), 0);
        for _ in 0..self.times.max(1) {
            let before = Instant::now();
            let server = Target::server(&binary)?;
            ready.push(before.elapsed().as_secs_f64() * 1e3);
            std::thread::sleep(IDLE);
            resident = process::resident_kib(server.pid())?.max(resident);
        }
        let ready_ms_max = ready.iter().copied().fold(0.0, f64::max);
        let report = Report {
            times: ready.len(),
            ready_ms: report::median(ready),
            ready_ms_max,
            idle_resident_mib: report::mib(resident),
        };
        let mut out = io::stdout().lock();
        if self.json {
            serde_json::to_writer_pretty(&mut out, &report)?;
            writeln!(out)?;
            return Ok(());
        }
        let Report { times, ready_ms, ready_ms_max, idle_resident_mib } = report;
        writeln!(
            out,
            "ready on an empty directory: {ready_ms:.0} ms (median of {times}), {ready_ms_max:.0} ms at most"
        )?;
        writeln!(out, "memory when idle: {idle_resident_mib:.1} MiB")?;
        Ok(())
    }
}
