//! What the server counts of its calls, and the page that shows it to Prometheus. Counting is a few relaxed atomics at places that are
//! known beforehand: no lock, nothing allocated, no text looked at. There is nothing by application or by user: their number has no bound.

mod page;
mod writing;

pub(crate) use page::page;

use crate::v4::COMMANDS;
use cubby_domain::Timestamp;
use cubby_protocol::codes::{CODES, Code, OK};
use cubby_store::figures::{Distribution, Histogram};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Bounds of the times that calls take, in nanoseconds: from less than a query takes to more than a client waits.
const TIMES: &[u64] = &[
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    1_000_000_000,
    2_500_000_000,
    5_000_000_000,
    10_000_000_000,
];

/// What is counted.
#[derive(Debug)]
pub(crate) struct Metrics {
    started: Timestamp,
    shown: bool,
    /// One for each command, in the table's order, and one for calls of what is none.
    calls: Box<[Calls]>,
}

/// The calls of one command.
#[derive(Debug)]
struct Calls {
    /// One for each column.
    by_code: Box<[AtomicU64]>,
    took: Histogram,
}

/// The column of a code: the first is of what was done, then the codes in their order, and the last is of any other.
fn column(code: Code) -> usize {
    if code == OK {
        return 0;
    }
    1 + CODES.binary_search_by_key(&code, |one| one.code).unwrap_or(CODES.len())
}

/// The code of a column; none of the last, which is of all others.
fn code_of(column: usize) -> Option<Code> {
    if column == 0 { Some(OK) } else { CODES.get(column - 1).map(|one| one.code) }
}

impl Metrics {
    /// Nothing counted yet, of a server that began then.
    pub(crate) fn new(started: Timestamp) -> Self {
        let calls = || Calls {
            by_code: (0..CODES.len() + 2).map(|_| AtomicU64::new(0)).collect(),
            took: Histogram::new(TIMES),
        };
        Self { started, shown: true, calls: (0..=COMMANDS.len()).map(|_| calls()).collect() }
    }

    /// They are shown to nobody.
    pub(crate) fn hide(&mut self) {
        self.shown = false;
    }

    /// Whether they are shown.
    pub(crate) fn are_shown(&self) -> bool {
        self.shown
    }

    /// A call was answered: of the command of that place in the table, with this code, after so long.
    pub(crate) fn answered(&self, command: Option<usize>, code: Code, took: Duration) {
        let Some(calls) = self.calls.get(command.unwrap_or(COMMANDS.len())) else { return };
        if let Some(count) = calls.by_code.get(column(code)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        calls.took.observe_time(took);
    }

    /// What was counted of every command, under its path.
    fn of_commands(&self) -> impl Iterator<Item = (&'static str, &Calls)> {
        let paths = COMMANDS.iter().map(|meta| meta.path).chain(["unknown"]);
        paths.zip(&self.calls)
    }
}

impl Calls {
    /// Every column with its count.
    fn counts(&self) -> impl Iterator<Item = (Option<Code>, u64)> {
        self.by_code.iter().enumerate().map(|(n, count)| (code_of(n), count.load(Ordering::Relaxed)))
    }

    fn took(&self) -> Distribution {
        self.took.read()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(metrics: &Metrics, path: &str) -> Vec<(Option<u32>, u64)> {
        let (_, calls) = metrics.of_commands().find(|(one, _)| *one == path).unwrap();
        calls.counts().filter(|(_, count)| *count > 0).map(|(code, count)| (code.map(|code| code.0), count)).collect()
    }

    #[test]
    fn a_call_is_counted_under_its_command_and_its_code() {
        let metrics = Metrics::new(Timestamp(1));
        let top = COMMANDS.iter().position(|meta| meta.path == "recentcontact/top");
        for code in [OK, OK, Code(51012), Code(90994), Code(10002)] {
            metrics.answered(top, code, Duration::from_millis(3));
        }
        assert_eq!(
            counted(&metrics, "recentcontact/top"),
            [(Some(0), 2), (Some(10002), 1), (Some(51012), 1), (Some(90994), 1)]
        );
        let (_, calls) = metrics.of_commands().find(|(path, _)| *path == "recentcontact/top").unwrap();
        assert_eq!((calls.took().counts.iter().sum::<u64>(), calls.took().sum), (5, 15_000_000));
    }

    #[test]
    fn a_code_that_is_none_of_ours_is_another_and_a_path_that_is_no_command_is_unknown() {
        let metrics = Metrics::new(Timestamp(1));
        metrics.answered(None, Code(60009), Duration::ZERO);
        metrics.answered(None, Code(123), Duration::ZERO);
        metrics.answered(None, Code(u32::MAX), Duration::ZERO);
        assert_eq!(counted(&metrics, "unknown"), [(Some(60009), 1), (None, 2)]);
        assert_eq!(metrics.of_commands().count(), COMMANDS.len() + 1);
    }

    #[test]
    fn every_code_has_a_column_of_its_own() {
        let columns: Vec<usize> = CODES.iter().map(|one| column(one.code)).collect();
        assert!(columns.iter().zip(CODES).all(|(n, one)| code_of(*n) == Some(one.code)));
        assert_eq!(code_of(column(Code(1))), None);
    }
}
