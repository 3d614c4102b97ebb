//! The one thread that writes: it takes a job from a bounded queue, then more while there are, applies each over what those before it
//! changed, commits them with one sync, and only then answers. It is the only place that writes or syncs.

use super::journal;
use super::keys;
use super::mirror::Mirrors;
use super::overlay::{Changed, Overlay};
use super::reader::OneApplication;
use super::tally::Tally;
use super::{Bounds, Shared};
use crate::error::StoreError;
use cubby_domain::{Command, Context, Refusal, View};
use fjall::{Database, Keyspace, PersistMode};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// How often the files are measured, at most.
const MEASURE_EVERY: Duration = Duration::from_secs(1);

/// Where a job stands, so that one that is given up before its turn is never done.
#[derive(Debug, Default)]
pub(super) struct Turn(AtomicU8);

impl Turn {
    const WAITING: u8 = 0;
    const BEGUN: u8 = 1;
    const GIVEN_UP: u8 = 2;

    fn begin(&self) -> bool {
        self.0.compare_exchange(Self::WAITING, Self::BEGUN, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Gives the job up; false where it has begun.
    pub(super) fn give_up(&self) -> bool {
        self.0.compare_exchange(Self::WAITING, Self::GIVEN_UP, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// A command that waits for its turn.
pub(super) trait Job: Send {
    /// Applies it over the batch in hand; what it answers once the batch is durable.
    fn run(self: Box<Self>, batch: &mut Overlay<'_>) -> Option<Answering>;
}

/// Answers a job, with what the commit came to.
pub(super) type Answering = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// A command with its waiting client.
pub(super) struct Queued<C: Command> {
    pub(super) command: C,
    pub(super) context: Context,
    pub(super) turn: Arc<Turn>,
    pub(super) answer: oneshot::Sender<Result<Result<C::Reply, Refusal>, StoreError>>,
    pub(super) shared: Arc<Shared>,
}

impl<C: Command> Queued<C> {
    fn apply(&self, batch: &mut Overlay<'_>) -> Result<Result<C::Reply, Refusal>, StoreError> {
        let app = self.context.app;
        let (view, versions) = {
            let records = OneApplication::new(app, &*batch);
            (View::read(&self.command.footprint(), &records)?, records.into_versions())
        };
        if view.everything.as_ref().is_some_and(|part| part.unfinished.is_none()) {
            batch.mirror(app)?;
        }
        match self.command.apply(&view, &self.context) {
            Ok(outcome) => {
                batch.make(app, outcome.changes, &versions);
                Ok(Ok(outcome.reply))
            }
            Err(refusal) => Ok(Err(refusal)),
        }
    }
}

impl<C: Command> Job for Queued<C> {
    fn run(self: Box<Self>, batch: &mut Overlay<'_>) -> Option<Answering> {
        if !self.turn.begin() {
            return None;
        }
        // Asked here, in the one order of all writes, so that none comes behind the stop of a move.
        let done = if self.shared.stopped.load(Ordering::Acquire) { Err(StoreError::Moved) } else { self.apply(batch) };
        let answer = self.answer;
        // A client that went away hears nothing; what it asked for is done all the same.
        Some(Box::new(move |committed| drop(answer.send(committed.and(done)))))
    }
}

/// What the queue holds.
pub(super) enum Message {
    Job(Box<dyn Job>),
    /// Ends the thread after all that was queued before.
    Close(oneshot::Sender<u64>),
}

/// The thread's own state.
pub(super) struct Writer {
    pub(super) database: Database,
    pub(super) keyspace: Keyspace,
    pub(super) queue: mpsc::Receiver<Message>,
    pub(super) bounds: Bounds,
    pub(super) shared: Arc<Shared>,
    pub(super) tally: Arc<Tally>,
    /// When the files were measured.
    pub(super) measured: Instant,
    /// Where the clients wait, if it is in a runtime.
    pub(super) runtime: Option<tokio::runtime::Handle>,
    /// The sequence of the last commit.
    pub(super) sequence: u64,
    pub(super) mirrors: Mirrors,
}

impl Writer {
    /// Runs until it is closed or a write fails. Dropping it, by a panic too, drops what waits in the queue, whose clients then hear
    /// that the store has failed.
    pub(super) fn run(mut self) {
        let guard = FailGuard(Arc::clone(&self.shared));
        loop {
            let Some(message) = self.queue.blocking_recv() else {
                // The engine was dropped: nobody waits, and nothing has failed.
                self.shared.close();
                break;
            };
            match self.batch(message) {
                Ok(None) => {}
                Ok(Some(closed)) => {
                    self.shared.close();
                    // The closer may have gone; there is nobody else to tell.
                    let _told = closed.send(self.sequence);
                    break;
                }
                Err(_) => break,
            }
        }
        self.refuse_the_rest();
        drop(guard);
    }

    /// One batch, beginning with this message; the waiting closer where it ends the thread.
    fn batch(&mut self, first: Message) -> Result<Option<oneshot::Sender<u64>>, String> {
        let keyspace = self.keyspace.clone();
        let mut overlay = Overlay::new(&keyspace, &mut self.mirrors);
        let mut answers = Vec::new();
        let mut next = Some(first);
        let mut closer = None;
        while let Some(message) = next {
            match message {
                Message::Job(job) => answers.extend(job.run(&mut overlay)),
                Message::Close(told) => {
                    closer = Some(told);
                    break;
                }
            }
            let full = answers.len() >= self.bounds.batch_jobs || overlay.bytes() >= self.bounds.batch_bytes;
            next = if full { None } else { self.queue.try_recv().ok() };
        }
        let (commands, bytes, begun) = (answers.len(), overlay.bytes(), Instant::now());
        let changed = overlay.into_changes();
        let committed = self.commit(changed);
        if bytes > 0 && committed.is_ok() {
            self.tally.written(commands, bytes, begun.elapsed());
            self.measure(begun);
        }
        if let Err(why) = &committed {
            // Before anybody is told, so that who hears of it finds the store saying the same.
            self.shared.poison(why);
        }
        let told = committed.clone().map_err(StoreError::Poisoned);
        let tell = move || answers.into_iter().for_each(|answer| answer(told.clone()));
        match &self.runtime {
            // Told from within, the clients are woken without a system call for each, while the next batch begins.
            Some(runtime) => drop(runtime.spawn(async move { tell() })),
            None => tell(),
        }
        committed.map(|()| closer)
    }

    /// Makes a batch durable, then visible: `durability` syncs before fjall publishes, where a later `persist` would publish first.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that writes")]
    fn commit(&mut self, changed: Changed) -> Result<(), String> {
        if changed.is_empty() {
            return Ok(());
        }
        let sequence = self.sequence + 1;
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncData));
        batch.insert(&self.keyspace, journal::MARKER_KEY, journal::marker_value(sequence, self.database.seqno()));
        for (key, value) in &changed {
            match value {
                Some(value) => batch.insert(&self.keyspace, key.as_slice(), value.as_slice()),
                None => batch.remove(&self.keyspace, key.as_slice()),
            }
        }
        batch.commit().map_err(|error| format!("a write failed: {error}"))?;
        self.mirrors.take(changed);
        self.sequence = sequence;
        Ok(())
    }

    /// Has the files measured, now and then.
    fn measure(&mut self, now: Instant) {
        if now.saturating_duration_since(self.measured) >= MEASURE_EVERY {
            self.measured = now;
            self.tally.measure(&self.database, &self.keyspace);
        }
    }

    fn refuse_the_rest(&mut self) {
        self.queue.close();
        while self.queue.try_recv().is_ok() {}
    }

    /// Writes the format number into a new store, or into one of an older format.
    pub(super) fn write_format(&mut self, format: Vec<u8>) -> Result<(), String> {
        self.commit(Changed::from([(keys::format(), Some(format))]))
    }
}

/// Says that the writer ended, however it ends.
struct FailGuard(Arc<Shared>);

impl Drop for FailGuard {
    fn drop(&mut self) {
        self.0.poison("the writer ended");
    }
}
