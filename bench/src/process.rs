//! What the system knows of a process, the CPU time it used and the memory it has, and of the machine. Linux only, like `/proc`.

use crate::{Failure, report};
use std::time::Duration;

/// The unit of the times in `/proc`, in milliseconds: Linux shows hundredths of a second to programs on every machine.
const TICK_MS: u64 = 10;

fn read(pid: Option<u32>, file: &str) -> Result<String, Failure> {
    let process = pid.map_or_else(|| "self".to_owned(), |pid| pid.to_string());
    let path = format!("/proc/{process}/{file}");
    std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}").into())
}

/// The CPU time of a process, of the user and of the system together; of this one where none is named.
pub(crate) fn cpu(pid: Option<u32>) -> Result<Duration, Failure> {
    let stat = read(pid, "stat")?;
    Ok(Duration::from_millis(ticks(&stat).ok_or("/proc/PID/stat has no times")? * TICK_MS))
}

/// `utime` and `stime`, the 14th and 15th fields; the 2nd is a name in brackets, which may have blanks.
fn ticks(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut times = rest.split_whitespace().skip(11).map(|field| field.parse::<u64>().ok());
    Some(times.next()?? + times.next()??)
}

/// The memory that a process has in use, in KiB.
pub(crate) fn resident_kib(pid: u32) -> Result<u64, Failure> {
    let status = read(Some(pid), "status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next()).and_then(|number| number.parse().ok());
    number.ok_or_else(|| "/proc/PID/status has no VmRSS".into())
}

/// What the machine's cores did since it was started, in ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Usage {
    busy: u64,
    idle: u64,
}

impl Usage {
    pub(crate) fn now() -> Result<Self, Failure> {
        let stat = std::fs::read_to_string("/proc/stat")?;
        Self::of(&stat).ok_or_else(|| "/proc/stat has no times".into())
    }

    /// The first line has user, nice, system, idle, iowait, irq, softirq and steal; what comes behind is part of the first two.
    fn of(stat: &str) -> Option<Self> {
        let fields = stat.lines().next()?.strip_prefix("cpu ")?.split_whitespace().take(8);
        let ticks: Vec<u64> = fields.map(|field| field.parse().ok()).collect::<Option<_>>()?;
        let idle = ticks.get(3)? + ticks.get(4)?;
        Some(Self { busy: ticks.iter().sum::<u64>() - idle, idle })
    }

    /// How much of the time was used since then, from 0 to 1.
    pub(crate) fn busy_since(self, before: Self) -> f64 {
        let (busy, idle) = (self.busy.saturating_sub(before.busy), self.idle.saturating_sub(before.idle));
        report::float(busy) / report::float((busy + idle).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_are_found_behind_a_name_with_blanks_and_brackets() {
        let stat = "7 (a) b (c)) S 1 7 7 0 -1 4194304 100 0 0 0 12 30 0 0 20 0 5 0 1 1 1";
        assert_eq!(ticks(stat), Some(42));
        assert_eq!(ticks("7 (a) S 1"), None);
    }

    #[test]
    fn a_machine_is_as_busy_as_it_was_not_idle_and_did_not_wait_for_the_disk() {
        let before = Usage::of("cpu  100 0 100 700 100 0 0 0 50 0\ncpu0 1").unwrap();
        let after = Usage::of("cpu  120 5 140 720 110 1 2 2 60 0\ncpu0 1").unwrap();
        assert!((after.busy_since(before) - 0.7).abs() < 1e-9);
        assert!(before.busy_since(before).abs() < f64::EPSILON);
    }

    #[test]
    fn this_process_has_memory_and_a_time() {
        assert!(resident_kib(std::process::id()).unwrap() > 100);
        assert!(cpu(None).is_ok());
    }
}
