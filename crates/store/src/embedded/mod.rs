//! The embedded engine: a directory of this machine, kept by fjall, written by one thread.
//!
//! House rules, each from fjall's tracker: exact versions; one keyspace; no `clear`, no ingestion, no key-value separation, no journal
//! compression; memtable and journal bounds set by us; a batch with `durability` is the only way to write.

mod copy;
mod journal;
mod keys;
mod mirror;
mod moved;
mod overlay;
mod reader;
mod tally;
mod values;
mod writer;

use crate::error::{Health, StoreError};
use crate::figures::{Figures, Level};
use crate::{Answer, Store};
use cubby_domain::{Command, Context, Query, View};
use fjall::{Database, Keyspace, KeyspaceCreateOptions};
use mirror::Mirrors;
use reader::{Instant, OneApplication};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tally::Tally;
use tokio::sync::{Notify, Semaphore, mpsc, oneshot};
use writer::{Message, Queued, Turn, Writer};

/// The format that this version writes.
pub const FORMAT: u32 = 2;

const MIB: u64 = 1024 * 1024;

/// What the engine may hold and how long it may take.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Commands that may wait for the writer; more are refused at once.
    pub queue: usize,
    /// Commands in one batch.
    pub batch_jobs: usize,
    /// Bytes after which a batch takes no more commands. One command may exceed it alone.
    pub batch_bytes: usize,
    /// Queries that read at once; more wait.
    pub readers: u32,
    /// How long a client waits for an answer.
    pub deadline: Duration,
    /// Bytes of the table that gathers writes in memory, before it is written out.
    pub memtable_bytes: u64,
    /// Bytes of all journals; at least 64 MiB.
    pub journal_bytes: u64,
    /// Bytes of the block cache.
    pub cache_bytes: u64,
    /// Bytes of the applications that are kept in memory since all their data was read at once, as resets do.
    pub mirror_bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            queue: 4096,
            batch_jobs: 1024,
            batch_bytes: 4 << 20,
            readers: 64,
            deadline: Duration::from_millis(1700),
            memtable_bytes: 32 * MIB,
            journal_bytes: 256 * MIB,
            cache_bytes: 32 * MIB,
            mirror_bytes: 16 << 20,
        }
    }
}

/// What the writer, the readers and the server know of each other.
#[derive(Debug, Default)]
struct Shared {
    failed: OnceLock<String>,
    failing: Notify,
    closed: AtomicBool,
    /// Whether writes are refused, since the store is being moved or was.
    stopped: AtomicBool,
    /// Whether it was moved.
    moved: AtomicBool,
}

impl Shared {
    fn poison(&self, why: &str) {
        if self.closed.load(Ordering::Acquire) {
            return;
        }
        if self.failed.set(why.to_owned()).is_ok() {
            tracing::error!(why, "the store has failed; nothing is acknowledged any more");
        }
        self.failing.notify_waiters();
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    fn why(&self) -> StoreError {
        StoreError::Poisoned(self.failed.get().cloned().unwrap_or_else(|| "it is closed".to_owned()))
    }
}

/// The engine.
pub struct Embedded {
    directory: PathBuf,
    database: Database,
    keyspace: Keyspace,
    queue: mpsc::Sender<Message>,
    readers: Arc<Semaphore>,
    reader_count: u32,
    deadline: Duration,
    shared: Arc<Shared>,
    tally: Arc<Tally>,
    thread: std::thread::JoinHandle<()>,
    /// Held for as long as the engine lives; the system lets go of it when the process ends, however it ends.
    _lock: File,
}

impl std::fmt::Debug for Embedded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Embedded").field("directory", &self.directory).finish_non_exhaustive()
    }
}

impl Embedded {
    /// Opens the store in a directory, or makes one.
    ///
    /// # Errors
    /// Where another process has it, where it was written by a later version, or where it is damaged: it is never opened short in
    /// silence.
    pub fn open(directory: &Path, bounds: &Bounds) -> Result<Self, StoreError> {
        let lock = lock(directory)?;
        moved::check(directory)?;
        Self::open_locked(directory, bounds, lock)
    }

    /// As [`Self::open`], also where the store was moved away, or is being copied into; for the copy alone.
    ///
    /// # Errors
    /// As there.
    pub fn open_to_copy(directory: &Path, bounds: &Bounds) -> Result<Self, StoreError> {
        let lock = lock(directory)?;
        Self::open_locked(directory, bounds, lock)
    }

    /// Lets servers open a directory again that was moved away; whether it was.
    ///
    /// # Errors
    /// Where a process has it open, and where the mark cannot be removed.
    pub fn undo_move(directory: &Path) -> Result<bool, StoreError> {
        let _lock = lock(directory)?;
        moved::undo(directory)
    }

    fn open_locked(directory: &Path, bounds: &Bounds, lock: File) -> Result<Self, StoreError> {
        let opening = |error: journal::OpeningError| match error {
            journal::OpeningError::InUse { .. } => StoreError::Locked(directory.to_owned()),
            other => StoreError::Opening(other.to_string()),
        };
        let examined = journal::StrictOpening::examine(directory).map_err(opening)?;
        let (database, keyspace) = open_fjall(&journal::store_dir(directory), bounds)?;
        let marker = keyspace.get(journal::MARKER_KEY).map_err(reader::unavailable)?;
        let recovered = match &marker {
            Some(value) => Some(journal::read_marker(value).ok_or_else(|| StoreError::Corrupt {
                key: "the commit marker".to_owned(),
                what: "its checksum is wrong",
            })?),
            None => None,
        };
        let next = examined.confirm(recovered).map_err(opening)?;
        let (queue, waiting) = mpsc::channel(bounds.queue);
        let shared = Arc::new(Shared::default());
        let tally = Arc::new(Tally::default());
        tally.measure(&database, &keyspace);
        let mut writer = Writer {
            database: database.clone(),
            keyspace: keyspace.clone(),
            queue: waiting,
            bounds: bounds.clone(),
            shared: Arc::clone(&shared),
            tally: Arc::clone(&tally),
            measured: tokio::time::Instant::now(),
            runtime: tokio::runtime::Handle::try_current().ok(),
            sequence: next - 1,
            mirrors: Mirrors::new(bounds.mirror_bytes),
        };
        check_format(&keyspace, &mut writer)?;
        let thread = std::thread::Builder::new()
            .name("cubby-writer".to_owned())
            .spawn(move || writer.run())
            .map_err(|error| StoreError::Opening(format!("no thread for the writer: {error}")))?;
        Ok(Self {
            directory: directory.to_owned(),
            database,
            keyspace,
            queue,
            readers: Arc::new(Semaphore::new(bounds.readers as usize)),
            reader_count: bounds.readers,
            deadline: bounds.deadline,
            shared,
            tally,
            thread,
            _lock: lock,
        })
    }

    /// Waits for all that was queued, and lets go of the directory.
    ///
    /// # Errors
    /// Where the store has failed before.
    pub async fn close(self) -> Result<(), StoreError> {
        let (closed, sequence) = oneshot::channel();
        let sent = self.queue.send(Message::Close(closed)).await;
        let sequence = match sent {
            Ok(()) => sequence.await.map_err(|_| self.shared.why())?,
            Err(_) => return Err(self.shared.why()),
        };
        let Self { directory, thread, database, keyspace, readers, reader_count, _lock: lock, .. } = self;
        // A reader that still holds the database would let fjall drop journals behind the note of the clean close.
        let _no_reader = readers.acquire_many(reader_count).await.map_err(|_| StoreError::Overloaded)?;
        let joined = tokio::task::spawn_blocking(move || {
            let ended = thread.join();
            drop((keyspace, database));
            let noted = journal::note_clean_close(&directory, sequence);
            drop(lock);
            (ended.is_ok(), noted)
        });
        match joined.await {
            Ok((true, Ok(()))) => Ok(()),
            Ok((true, Err(error))) => Err(StoreError::Opening(error.to_string())),
            _ => Err(StoreError::Poisoned("the writer panicked".to_owned())),
        }
    }
}

fn lock(directory: &Path) -> Result<File, StoreError> {
    let io = |error: std::io::Error| StoreError::Opening(format!("{}: {error}", directory.display()));
    std::fs::create_dir_all(directory).map_err(io)?;
    let file = File::options().create(true).truncate(false).write(true).open(directory.join("lock")).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked(directory.to_owned())),
        Err(TryLockError::Error(error)) => Err(io(error)),
    }
}

fn open_fjall(directory: &Path, bounds: &Bounds) -> Result<(Database, Keyspace), StoreError> {
    let failed = |error: fjall::Error| match error {
        fjall::Error::Locked => StoreError::Locked(directory.to_owned()),
        other => StoreError::Opening(format!("{}: {other}", directory.display())),
    };
    let database = Database::builder(directory)
        .cache_size(bounds.cache_bytes)
        .max_journaling_size(bounds.journal_bytes.max(64 * MIB))
        .open()
        .map_err(failed)?;
    let options = || KeyspaceCreateOptions::default().max_memtable_size(bounds.memtable_bytes);
    let keyspace = database.keyspace("cubby", options).map_err(failed)?;
    Ok((database, keyspace))
}

fn check_format(keyspace: &Keyspace, writer: &mut Writer) -> Result<(), StoreError> {
    let corrupt = |what| StoreError::Corrupt { key: "the format number".to_owned(), what };
    match keyspace.get(keys::format()).map_err(reader::unavailable)? {
        Some(value) => {
            let found = values::read_number(&value).and_then(|n| u32::try_from(n).ok());
            match found.ok_or_else(|| corrupt("it cannot be read"))? {
                0 => Err(corrupt("it is 0")),
                found if found > FORMAT => Err(StoreError::NewerFormat { found, known: FORMAT }),
                // Each reader of values reads the older ones too; what is written from here on is what an older server cannot read.
                found if found < FORMAT => write_format(writer),
                _ => Ok(()),
            }
        }
        None if writer.sequence == 0 => write_format(writer),
        None => Err(corrupt("it is missing in a store that has data")),
    }
}

fn write_format(writer: &mut Writer) -> Result<(), StoreError> {
    writer.write_format(values::write_number(FORMAT.into())).map_err(StoreError::Poisoned)
}

impl Store for Embedded {
    async fn execute<C: Command>(&self, command: C, context: Context) -> Answer<C::Reply> {
        let (answer, mut answered) = oneshot::channel();
        let turn = Arc::new(Turn::default());
        let job = Queued { command, context, turn: Arc::clone(&turn), answer, shared: Arc::clone(&self.shared) };
        self.queue.try_send(Message::Job(Box::new(job))).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => StoreError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => self.shared.why(),
        })?;
        match tokio::time::timeout(self.deadline, &mut answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => {
                // The writer is ending and may not have come to say so: who hears of it is to find the store saying the same.
                self.shared.poison("the writer ended");
                Err(self.shared.why())
            }
            Err(_) if turn.give_up() => Err(StoreError::Overloaded),
            Err(_) => Err(StoreError::TimedOut),
        }
    }

    async fn query<Q: Query>(&self, query: Q, context: Context) -> Answer<Q::Reply> {
        let until = tokio::time::Instant::now() + self.deadline;
        let waiting = Arc::clone(&self.readers).acquire_owned();
        let Ok(Ok(permit)) = tokio::time::timeout_at(until, waiting).await else {
            return Err(StoreError::Overloaded);
        };
        let (database, keyspace) = (self.database.clone(), self.keyspace.clone());
        let reading = tokio::task::spawn_blocking(move || {
            let snapshot = database.snapshot();
            let instant = Instant { keyspace: &keyspace, snapshot: &snapshot };
            let view = View::read(&query.footprint(), &OneApplication::new(context.app, &instant));
            // The permit goes last: who holds all of them knows that no reader holds the database.
            drop((snapshot, keyspace, database));
            drop(permit);
            Ok(query.answer(&view?, &context))
        });
        match tokio::time::timeout_at(until, reading).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(StoreError::Unavailable("a reader panicked".to_owned())),
            Err(_) => Err(StoreError::TimedOut),
        }
    }

    fn health(&self) -> Health {
        if let Some(why) = self.shared.failed.get() {
            Health::Poisoned(why.clone())
        } else if self.shared.moved.load(Ordering::Acquire) {
            Health::Unavailable(StoreError::Moved.to_string())
        } else if self.queue.capacity() == 0 || self.shared.stopped.load(Ordering::Acquire) {
            Health::Overloaded
        } else {
            Health::Serving
        }
    }

    fn figures(&self) -> Figures {
        let level = |max: usize, left: usize| Some(Level { now: max - left.min(max), max });
        Figures {
            queue: level(self.queue.max_capacity(), self.queue.capacity()),
            readers: level(self.reader_count as usize, self.readers.available_permits()),
            commits: Some(self.tally.commits()),
            disk: Some(self.tally.disk(&self.keyspace)),
            remote: None,
        }
    }

    async fn failed(&self) {
        loop {
            let failing = self.shared.failing.notified();
            if self.shared.failed.get().is_some() {
                return;
            }
            failing.await;
        }
    }
}
