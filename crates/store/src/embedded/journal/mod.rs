//! Strict opening: finds out, before fjall opens and cuts its journals, whether acknowledged batches in them can no longer be read, and refuses. It does not repair anything, and it does not check fjall's tables, which bear checksums of their own.
//!
//! fjall's journal reader stops without an error at the first entry that it cannot read, and cuts the file there: damage in the middle of a journal would lose every later batch in silence. So every batch begins with a marker that bears its sequence: 1, 2, 3 … without gaps. The journals are walked as fjall would walk them, and the bytes behind the place where it would stop are searched for later markers. One batch may be torn: the last one, whose marker was written, its end not, and of which nothing was acknowledged. Its marker does attest the batch before it.
//!
//! What cannot be seen: damage that reaches from some batch up to the marker of the very last one, where it looks like that one batch being cut off. A clean close leaves a note that rules out even that. After a crash, the oldest of several journals being gone looks like fjall having dropped it. Where the last batch is unreadable and does not look cut off, and where fjall itself would return an error, opening is refused: the message says that it may be either.

mod marker;
mod note;
mod refusal;
mod scan;
mod walk;

#[cfg(test)]
mod tests;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

pub(crate) use marker::{MARKER_KEY, marker_value, read_marker};
pub(crate) use note::store_dir;
use note::{Note, State, Stored, consent_path, damaged_path, note_path, sync_dir};
pub(crate) use note::{remove_synced, write_synced};
pub(crate) use refusal::OpeningError;
use refusal::{Damage, Kind};
use scan::{Rest, scan};
use walk::{Batch, Stop, Walk, walk};

/// The file whose presence makes fjall open what is there, and whose absence makes it create anew.
const FJALL_VERSION: &str = "version";
const FJALL_LOCK: &str = "lock";

/// One consent covers what one start finds: an earlier refusal, what it had found, and a note that contradicts the rest.
const CONSENTED_ROUNDS: usize = 4;

/// The examination of a data directory, from before fjall opens it until what it recovered is confirmed.
#[derive(Debug)]
pub(crate) struct StrictOpening {
    dir: PathBuf,
    found: Found,
    note: Option<Note>,
}

/// What the journals hold.
#[derive(Debug, Default)]
struct Found {
    /// The last batch that fjall will replay.
    reached: Option<u64>,
    /// The journals hold every batch that there ever was: none of them has been dropped yet.
    from_the_start: bool,
    /// The highest intact marker, perhaps that of a torn batch.
    highest_marker: Option<u64>,
    /// The journal that ends in a torn batch, and where that begins.
    torn: Option<(PathBuf, u64)>,
}

impl Found {
    /// The last batch, as far as the journals tell.
    fn base(&self) -> Option<u64> {
        self.reached.or(self.from_the_start.then_some(0))
    }
}

impl StrictOpening {
    /// Examines the data directory `dir` before fjall opens [`store_dir`] in it. Neither needs to exist yet.
    pub(crate) fn examine(dir: &Path) -> Result<Self, OpeningError> {
        let _lock = lock(dir)?;
        let consent = consent_path(dir);
        let consents = consent.try_exists().map_err(|error| (consent.clone(), error))?;
        discard_unfinished(dir)?;
        let mut inspected = inspect(dir);
        for _ in 0..CONSENTED_ROUNDS {
            match &inspected {
                Err(OpeningError::Damaged(damage)) if consents && !damage.is_hopeless() => accept_loss(damage)?,
                _ => break,
            }
            inspected = inspect(dir);
        }
        let (found, mut note) = inspected?;
        if consents {
            // A consent that stayed would cover damage that nobody has seen yet.
            remove_synced(&consent)?;
        }
        if let Some((journal, end)) = &found.torn {
            // fjall would cut it at the same place, but reads into the torn batch first, which makes a debug build of it panic.
            cut(journal, *end).map_err(|error| (journal.clone(), error))?;
        }
        if let Some(closed) = note.as_mut().filter(|note| matches!(note.state, State::Closed { .. })) {
            // From here on fjall may drop journals, so the list of them holds no longer.
            closed.state = State::Open;
            closed.write(dir)?;
        }
        Ok(Self { dir: dir.to_path_buf(), found, note })
    }

    /// Compares what fjall recovered with what was found before: `recovered` is the sequence in the marker's value, read through fjall. Returns the sequence that the next batch must have. Nothing may be written before.
    pub(crate) fn confirm(self, recovered: Option<u64>) -> Result<u64, OpeningError> {
        let Self { dir, found, note } = self;
        let recovered = recovered.unwrap_or(0);
        let base = found.base().unwrap_or(recovered);
        let next = base.checked_add(1);
        let known = note.as_ref().map_or(0, |note| note.sequence);
        let ahead_is_known =
            note.as_ref().is_some_and(|note| note.state == State::LossAccepted || note.in_tables == Some(recovered));
        let least = base.max(known).max(found.highest_marker.map_or(0, |highest| highest - 1));
        let wrong = if recovered < least {
            Some(format!("batch {recovered} is the last that was recovered, but batch {least} had been acknowledged"))
        } else if recovered > base && !ahead_is_known {
            Some(format!(
                "the tables hold batch {recovered}, but the journals, which must reach further, end at batch {base}"
            ))
        } else if next.is_none() {
            Some("the batches have run out of numbers".to_owned())
        } else {
            None
        };
        if let Some(text) = wrong {
            let refusal = refusal(&dir, store_dir(&dir), Kind::AfterOpening, text);
            write_synced(&damaged_path(&dir), &format!("{refusal}\n"))?;
            return Err(refusal);
        }
        if note.is_none() && recovered > 0 {
            tracing::warn!(path = %note_path(&dir).display(), "the note of the last confirmed batch is missing; it is written anew");
        }
        let in_tables = (recovered > base).then_some(recovered);
        Note { sequence: base, in_tables, state: State::Open }.write(&dir)?;
        if let Some(parent) = dir.parent().filter(|_| note.is_none())
            && let Err(error) = sync_dir(parent)
        {
            tracing::debug!(path = %parent.display(), %error, "the directory above could not be synced");
        }
        Ok(next.unwrap_or(u64::MAX))
    }
}

/// Notes that the engine was closed in order with `sequence` as its last batch. Call it when fjall has been dropped, and only if no commit has failed: the next opening takes a torn batch for damage.
pub(crate) fn note_clean_close(dir: &Path, sequence: u64) -> Result<(), OpeningError> {
    let in_tables = match Note::read(dir)? {
        Stored::Intact(before) if before.sequence == sequence => before.in_tables,
        _ => None,
    };
    let journals = journals(dir)?.into_iter().map(|(id, _)| id).collect();
    Ok(Note { sequence, in_tables, state: State::Closed { journals } }.write(dir)?)
}

/// Holds fjall's lock while the journals are read, so that a running server is not taken for damage.
fn lock(dir: &Path) -> Result<Option<File>, OpeningError> {
    let path = store_dir(dir).join(FJALL_LOCK);
    let file = match OpenOptions::new().read(true).write(true).open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(OpeningError::Io { path, source }),
    };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(OpeningError::InUse { path }),
        Err(TryLockError::Error(source)) => Err(OpeningError::Io { path, source }),
    }
}

/// Removes what a first start that was interrupted left of the store, which fjall would neither open nor make anew. Our note is written before the first batch: without one, with no journal but an empty first one, and with no table, no batch was ever begun.
fn discard_unfinished(dir: &Path) -> Result<(), OpeningError> {
    let (Stored::Missing, [(0, journal)]) = (Note::read(dir)?, &journals(dir)?[..]) else { return Ok(()) };
    let rest = scan(journal, 0, 0).map_err(|error| (journal.clone(), error))?;
    let (store, damaged) = (store_dir(dir), damaged_path(dir));
    let is_damaged = damaged.try_exists().map_err(|error| (damaged.clone(), error))?;
    if is_damaged || rest.last_used.is_some() || has_table(&store).map_err(|error| (store.clone(), error))? {
        return Ok(());
    }
    tracing::warn!(path = %store.display(), "the first start was interrupted before it had kept anything; the store is made anew");
    Ok(fs::remove_dir_all(&store).map_err(|error| (store.clone(), error))?)
}

/// Whether fjall has a table of any keyspace but its own, which is number 0.
fn has_table(store: &Path) -> io::Result<bool> {
    for keyspace in fs::read_dir(store.join("keyspaces"))? {
        let keyspace = keyspace?;
        let tables = keyspace.path().join("tables");
        if keyspace.file_name() != "0" && tables.try_exists()? && fs::read_dir(tables)?.next().is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn refusal(dir: &Path, file: PathBuf, kind: Kind, found: String) -> OpeningError {
    OpeningError::Damaged(Box::new(Damage { dir: dir.to_path_buf(), file, kind, found }))
}

/// The journals in the order in which fjall replays them; the last one is the active one. A name that is no journal's is left to fjall, which refuses it before it reads any.
fn journals(dir: &Path) -> Result<Vec<(u64, PathBuf)>, OpeningError> {
    let store = store_dir(dir);
    let list = || {
        let mut journals = Vec::new();
        for entry in fs::read_dir(&store)? {
            let entry = entry?;
            let id = entry.file_name().to_str().and_then(|name| name.strip_suffix(".jnl")?.parse().ok());
            journals.extend(id.map(|id: u64| (id, entry.path())));
        }
        Ok(journals)
    };
    let mut journals = match list() {
        Err(error) if io::Error::kind(&error) == io::ErrorKind::NotFound => Vec::new(),
        other => other.map_err(|error| (store.clone(), error))?,
    };
    journals.sort();
    Ok(journals)
}

/// Reads everything and alters nothing.
fn inspect(dir: &Path) -> Result<(Found, Option<Note>), OpeningError> {
    let damaged = damaged_path(dir);
    match fs::read_to_string(&damaged) {
        Ok(text) => {
            let text = format!("damage was found at an earlier start: {}", text.trim().trim_end_matches('.'));
            return Err(refusal(dir, damaged, Kind::Elsewhere, text));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(source) => return Err(OpeningError::Io { path: damaged, source }),
    }
    let note = match Note::read(dir)? {
        Stored::Unreadable => {
            let text = "the note of the last confirmed batch does not match its checksum".to_owned();
            return Err(refusal(dir, note_path(dir), Kind::Elsewhere, text));
        }
        Stored::Missing => None,
        Stored::Intact(note) => Some(note),
    };
    let journals = journals(dir)?;
    check_presence(dir, &journals, note.as_ref())?;
    let found = read_journals(dir, &journals, note.as_ref())?;
    Ok((found, note))
}

/// Whether the files are there that have to be.
fn check_presence(dir: &Path, journals: &[(u64, PathBuf)], note: Option<&Note>) -> Result<(), OpeningError> {
    let store = store_dir(dir);
    let version = store.join(FJALL_VERSION);
    let refuse = |file, kind, text: &str| Err(refusal(dir, file, kind, text.to_owned()));
    let is_created = version.try_exists().map_err(|error| (version.clone(), error))?;
    if !is_created && note.is_some_and(|note| note.sequence > 0 || note.in_tables.is_some()) {
        let remedy = "Restore it from a backup; or, if everything in it may be lost, remove the whole directory.";
        return refuse(
            version,
            Kind::Hopeless { remedy },
            "the file is missing, and the store with it or a part of it",
        );
    }
    if !is_created && !journals.is_empty() {
        let remedy = "If this is the first start, or the first one was interrupted, remove the whole directory; otherwise restore it from a backup.";
        return refuse(
            version,
            Kind::Hopeless { remedy },
            "the file is missing, so the store was not created to its end",
        );
    }
    if is_created && journals.is_empty() {
        return refuse(store, Kind::NoJournal, "no journal (*.jnl) is left in the directory, and there is always one");
    }
    if let Some(State::Closed { journals: noted }) = note.map(|note| &note.state)
        && let Some(missing) = noted.iter().find(|id| journals.iter().all(|(present, _)| present != *id))
    {
        let file = store.join(format!("{missing}.jnl"));
        return refuse(file, Kind::Elsewhere, "the journal is missing, and it was there when the server stopped");
    }
    Ok(())
}

/// Walks all journals in order, and scans what lies behind the end of each.
fn read_journals(dir: &Path, journals: &[(u64, PathBuf)], note: Option<&Note>) -> Result<Found, OpeningError> {
    let from_the_start = journals.first().is_none_or(|(id, _)| *id == 0);
    let first = from_the_start.then_some(1);
    let closed = note.is_some_and(|note| matches!(note.state, State::Closed { .. }));
    let mut last: Option<Batch> = None;
    let mut found = Found { from_the_start, ..Found::default() };
    for (index, (id, path)) in journals.iter().enumerate() {
        let io = |source| OpeningError::Io { path: path.clone(), source };
        let file = walk(path, last, first).map_err(io)?;
        last = file.last;
        found.reached = last.map(|batch| batch.sequence);
        let rest = scan(path, file.end, found.reached.unwrap_or(0)).map_err(io)?;
        let is_active = index + 1 == journals.len();
        if let Err((maybe_torn, text)) = judge(&file, &rest, found.base(), is_active && !closed) {
            let later = journals.get(index + 1..).unwrap_or_default();
            let attested = attested(&rest, later).map_err(io)?;
            let kind = Kind::Journal { id: *id, offset: file.end, readable: found.reached, attested, maybe_torn };
            return Err(refusal(dir, path.clone(), kind, text));
        }
        if rest.last_used.is_some() {
            tracing::warn!(path = %path.display(), offset = file.end, "the journal ends in a batch that was cut off; nothing of it had been acknowledged");
            found.torn = Some((path.clone(), file.end));
        }
        found.highest_marker = rest.markers.map(|(_, highest)| highest);
    }
    let known = note.map_or(0, |note| note.sequence);
    if let (Some(base), Some((id, path))) = (found.base(), journals.last())
        && base < known
    {
        let offset = fs::metadata(path).map_err(|error| (path.clone(), error))?.len();
        let kind = Kind::Journal {
            id: *id,
            offset,
            readable: found.reached,
            attested: known.checked_add(1),
            maybe_torn: false,
        };
        let text = format!("the journals end at batch {base}, but batch {known} had been confirmed");
        return Err(refusal(dir, path.clone(), kind, text));
    }
    Ok(found)
}

/// Whether what lies behind the last whole batch of a journal is in order. `Err` says whether it may be a torn batch nevertheless, and what was found.
fn judge(file: &Walk, rest: &Rest, base: Option<u64>, may_be_torn: bool) -> Result<(), (bool, String)> {
    let what = match &file.stop {
        Stop::Misplaced { what } => return Err((false, what.clone())),
        Stop::EndOfFile => "the file ends within a batch",
        Stop::Unreadable { what, .. } | Stop::Broken { what } => what,
    };
    let Some(last_used) = rest.last_used else {
        // Nothing but the zeroes that fjall allocates ahead.
        return Ok(());
    };
    let lost = rest.markers.is_some_and(|(lowest, highest)| match base {
        Some(base) => highest > base.saturating_add(1),
        None => highest > lowest,
    });
    if lost || !may_be_torn {
        return Err((false, what.to_owned()));
    }
    let was_cut_off = match file.stop {
        Stop::EndOfFile => !rest.ends_whole,
        Stop::Unreadable { read_to, .. } => !rest.ends_whole && last_used + 1 < read_to,
        // fjall would refuse it, so nothing is gained by guessing what it was.
        Stop::Broken { .. } | Stop::Misplaced { .. } => return Err((true, what.to_owned())),
    };
    if was_cut_off || rest.has_hole { Ok(()) } else { Err((true, what.to_owned())) }
}

/// The highest batch that any marker behind the damage shows, for the message.
fn attested(rest: &Rest, later: &[(u64, PathBuf)]) -> io::Result<Option<u64>> {
    let mut highest = rest.markers.map(|(_, highest)| highest);
    for (_, path) in later {
        highest = highest.max(scan(path, 0, 0)?.markers.map(|(_, highest)| highest));
    }
    Ok(highest)
}

/// Cuts a journal, durably.
fn cut(journal: &Path, length: u64) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(journal)?;
    file.set_len(length)?;
    file.sync_all()
}

/// Does what the operator has consented to: cuts the journals where they cannot be read, and forgets what is known of later batches.
fn accept_loss(damage: &Damage) -> Result<(), OpeningError> {
    tracing::warn!(%damage, "the operator has accepted the loss");
    let dir = &damage.dir;
    match damage.kind {
        Kind::Journal { id: damaged, offset, .. } => {
            for (id, path) in journals(dir)?.into_iter().filter(|(id, _)| *id >= damaged) {
                cut(&path, if id == damaged { offset } else { 0 }).map_err(|error| (path.clone(), error))?;
            }
        }
        Kind::NoJournal => {
            // Were fjall to create it, it would not look up its sequence number in the tables.
            write_synced(&store_dir(dir).join("1.jnl"), "")?;
        }
        Kind::Elsewhere | Kind::AfterOpening | Kind::Hopeless { .. } => {}
    }
    Note { sequence: 0, in_tables: None, state: State::LossAccepted }.write(dir)?;
    remove_synced(&damaged_path(dir))?;
    Ok(())
}
