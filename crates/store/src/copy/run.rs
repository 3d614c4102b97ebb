//! The whole of a move: passes while the source is served, the stop, the last pass, and the end. The destination is the only state, so
//! that a copy that was broken off goes on where it was.

use super::pass::{Counts, Manner, Memory, Passed, count, pass, remove_strays};
use super::{CopyError, Copyable};
use std::pin::{Pin, pin};
use tokio::sync::watch;
use tokio::time::Instant;

/// A pass that copies no more than so many units is followed by the stop.
const FEW: u64 = 256;

/// How to go about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The most passes before the stop; at least one is made.
    pub passes: u32,
    /// Whether the content of everything is compared once more while nobody can write, which makes the stop longer.
    pub compare_stopped: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { passes: 8, compare_stopped: false }
    }
}

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    /// A pass while the source is served.
    #[default]
    Copying,
    /// All content is compared while the source is served.
    Comparing,
    /// The last pass: writes are refused.
    Stopped,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// The pass: 1, 2, 3 …
    pub pass: u32,
    /// Units that this pass has seen.
    pub seen: u64,
    /// Units that this pass has copied.
    pub copied: u64,
    /// Units that the pass before it saw; 0 where there was none.
    pub expected: u64,
}

/// What was moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// The units, which both stores have.
    pub counts: Counts,
    /// The sum of their checksums, which both stores have.
    pub checksum: u128,
    /// The passes, with the last one.
    pub passes: u32,
    /// Units copied, in all passes together.
    pub copied: u64,
    /// For how many milliseconds writes had been refused when all was verified.
    pub stopped_ms: u64,
}

/// A move on its way.
struct Moving<'a, S, D> {
    from: &'a S,
    to: &'a D,
    memory: Memory,
    progress: &'a watch::Sender<Progress>,
    passes: u32,
    copied: u64,
    expected: u64,
}

/// Moves everything. At its end the source refuses writes for good, and the destination can be served; where it fails or `cancelled`
/// comes before, the source takes writes as it did.
///
/// # Errors
/// Where the destination is not ours to fill, where either store fails, and where what was written is not found again.
pub async fn run<S: Copyable, D: Copyable>(
    from: &S,
    to: &D,
    options: &Options,
    progress: &watch::Sender<Progress>,
    cancelled: impl Future<Output = ()> + Send,
) -> Result<Report, CopyError> {
    let stopped_before = from.is_stopped().await.map_err(CopyError::Source)?;
    admit(from, to, stopped_before).await?;
    let mut moving = Moving { from, to, memory: Memory::new(), progress, passes: 0, copied: 0, expected: 0 };
    let mut cancelled = pin!(cancelled);
    or_cancelled(moving.passes(options), cancelled.as_mut()).await?;
    let stopping = Instant::now();
    if let Err(error) = from.stop().await {
        undo(from, stopped_before).await;
        return Err(CopyError::Source(error));
    }
    let last = async {
        let passed = moving.last(options).await?;
        let stopped_ms = u64::try_from(stopping.elapsed().as_millis()).unwrap_or(u64::MAX);
        let Passed { counts, checksum, .. } = passed;
        Ok(Report { counts, checksum, passes: moving.passes, copied: moving.copied, stopped_ms })
    };
    let report = match or_cancelled(last, cancelled).await {
        Ok(report) => report,
        Err(error) => {
            undo(from, stopped_before).await;
            return Err(error);
        }
    };
    if let Err(error) = from.move_away(&to.name()).await {
        undo(from, stopped_before).await;
        return Err(CopyError::Source(error));
    }
    // Last, so that no moment is in which both can be served. Where it fails, the same command does it again.
    to.set_mark(None).await.map_err(CopyError::Destination)?;
    Ok(report)
}

/// Waits for it, unless whoever asked has gone first.
async fn or_cancelled<T>(
    running: impl Future<Output = Result<T, CopyError>>,
    cancelled: Pin<&mut impl Future<Output = ()>>,
) -> Result<T, CopyError> {
    tokio::select! {
        done = running => done,
        () = cancelled => Err(CopyError::Interrupted),
    }
}

/// Lets the source take writes again, where it did before.
async fn undo<S: Copyable>(from: &S, stopped_before: bool) {
    if !stopped_before && let Err(error) = from.resume().await {
        tracing::error!(%error, "the source refuses writes still: `cubby copy --undo-move` lets it take them");
    }
}

/// Whether the destination is ours to fill: it is empty, or it has the mark of a copy of this source.
async fn admit<S: Copyable, D: Copyable>(from: &S, to: &D, stopped: bool) -> Result<(), CopyError> {
    if from.name() == to.name() {
        return Err(CopyError::Same(to.name()));
    }
    match to.mark().await.map_err(CopyError::Destination)? {
        Some(mark) if mark == from.name() => return Ok(()),
        Some(mark) => return Err(CopyError::AnotherCopy { from: mark, to: to.name() }),
        None => {}
    }
    if stopped {
        return Err(CopyError::MovedBefore(from.name()));
    }
    if !to.ids(None, 1).await.map_err(CopyError::Destination)?.is_empty() {
        return Err(CopyError::NotEmpty(to.name()));
    }
    to.set_mark(Some(&from.name())).await.map_err(CopyError::Destination)
}

impl<S: Copyable, D: Copyable> Moving<'_, S, D> {
    /// Passes until one copies few, and then one that compares everything, so that the last has only to look at what changed since.
    async fn passes(&mut self, options: &Options) -> Result<(), CopyError> {
        loop {
            let passed = self.pass(Stage::Copying, Manner::Quick).await?;
            if self.passes == 1 {
                // What an earlier copy brought and the source has removed since.
                remove_strays(self.from, self.to).await?;
            }
            if passed.copied <= FEW || self.passes >= options.passes {
                break;
            }
        }
        if !options.compare_stopped {
            self.pass(Stage::Comparing, Manner::Whole).await?;
            self.pass(Stage::Copying, Manner::Quick).await?;
        }
        Ok(())
    }

    /// The last pass: nobody writes. Every unit of the source is found at the destination, and the destination has as many.
    async fn last(&mut self, options: &Options) -> Result<Passed, CopyError> {
        let manner = if options.compare_stopped { Manner::Whole } else { Manner::Quick };
        let passed = self.pass(Stage::Stopped, manner).await?;
        let source_units = passed.counts.units();
        let mut destination_units = count(self.to).await.map_err(CopyError::Destination)?;
        if destination_units != source_units {
            remove_strays(self.from, self.to).await?;
            destination_units = count(self.to).await.map_err(CopyError::Destination)?;
        }
        if destination_units == source_units {
            Ok(passed)
        } else {
            Err(CopyError::Count { source_units, destination_units })
        }
    }

    async fn pass(&mut self, stage: Stage, manner: Manner) -> Result<Passed, CopyError> {
        self.passes += 1;
        let (pass_number, expected, progress) = (self.passes, self.expected, self.progress);
        let tell = |seen, copied| {
            progress.send_replace(Progress { stage, pass: pass_number, seen, copied, expected });
        };
        tell(0, 0);
        let passed = pass(self.from, self.to, &mut self.memory, manner, &tell).await?;
        self.copied += passed.copied;
        self.expected = passed.counts.units();
        Ok(passed)
    }
}
