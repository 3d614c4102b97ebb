//! The small synced files beside fjall's directory: what was confirmed last (`sequence`), what keeps refusing (`DAMAGED`), and the operator's consent to lose something (`ACCEPT-LOSS`). None of them holds user data, and none is written while the engine runs.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Where fjall lives within the data directory. It keeps its journals right in its own directory and gives a meaning to names there, so our files stay beside it.
const STORE: &str = "store";
const NOTE: &str = "sequence";
const DAMAGED: &str = "DAMAGED";
const CONSENT: &str = "ACCEPT-LOSS";
const FIRST_LINE: &str = "cubby store 1";

/// fjall's own directory within the data directory.
pub(crate) fn store_dir(dir: &Path) -> PathBuf {
    dir.join(STORE)
}

pub(super) fn note_path(dir: &Path) -> PathBuf {
    dir.join(NOTE)
}

pub(super) fn damaged_path(dir: &Path) -> PathBuf {
    dir.join(DAMAGED)
}

pub(super) fn consent_path(dir: &Path) -> PathBuf {
    dir.join(CONSENT)
}

/// A path together with what went wrong there.
pub(super) type PathError = (PathBuf, io::Error);

/// How the engine was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It is open, or was not closed in order: the journals may end in a torn batch.
    Open,
    /// It was closed in order, with these journal files.
    Closed { journals: Vec<u64> },
    /// The operator has accepted a loss, and it has not been opened since.
    LossAccepted,
}

/// What is known from earlier openings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Note {
    /// The highest sequence known to be on disk.
    pub(super) sequence: u64,
    /// After an accepted loss fjall's tables may hold a later marker than its journals: that one is then no damage.
    pub(super) in_tables: Option<u64>,
    pub(super) state: State,
}

/// What stands where the note belongs.
#[derive(Debug)]
pub(super) enum Stored {
    Missing,
    /// A file that is no intact note.
    Unreadable,
    Intact(Note),
}

impl Note {
    pub(super) fn read(dir: &Path) -> Result<Stored, PathError> {
        let path = note_path(dir);
        match fs::read(&path) {
            Ok(bytes) => {
                let note = std::str::from_utf8(&bytes).ok().and_then(Self::parse);
                Ok(note.map_or(Stored::Unreadable, Stored::Intact))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Stored::Missing),
            Err(error) => Err((path, error)),
        }
    }

    pub(super) fn write(&self, dir: &Path) -> Result<(), PathError> {
        write_synced(&note_path(dir), &self.to_text())
    }

    fn parse(text: &str) -> Option<Self> {
        let (body, checksum) = text.strip_suffix('\n')?.rsplit_once('\n')?;
        let expected = checksum.strip_prefix("checksum ")?;
        if format!("{:08x}", crc32fast::hash(body.as_bytes())) != expected {
            return None;
        }
        let mut lines = body.lines();
        if lines.next()? != FIRST_LINE {
            return None;
        }
        let sequence = lines.next()?.strip_prefix("sequence ")?.parse().ok()?;
        let in_tables = match lines.next()?.strip_prefix("in-tables ")? {
            "-" => None,
            number => Some(number.parse().ok()?),
        };
        let state = match lines.next()? {
            "open" => State::Open,
            "loss-accepted" => State::LossAccepted,
            closed => State::Closed {
                journals: closed
                    .strip_prefix("closed")?
                    .split_whitespace()
                    .map(|id| id.parse().ok())
                    .collect::<Option<_>>()?,
            },
        };
        lines.next().is_none().then_some(Self { sequence, in_tables, state })
    }

    fn to_text(&self) -> String {
        let in_tables = self.in_tables.map_or_else(|| "-".to_owned(), |number| number.to_string());
        let state = match &self.state {
            State::Open => "open".to_owned(),
            State::LossAccepted => "loss-accepted".to_owned(),
            State::Closed { journals } => journals.iter().fold("closed".to_owned(), |line, id| format!("{line} {id}")),
        };
        let body = format!("{FIRST_LINE}\nsequence {}\nin-tables {in_tables}\n{state}", self.sequence);
        format!("{body}\nchecksum {:08x}\n", crc32fast::hash(body.as_bytes()))
    }
}

/// Writes a file so that after a power loss either the old one or the new one is there, whole.
pub(crate) fn write_synced(path: &Path, text: &str) -> Result<(), PathError> {
    let temporary = path.with_extension("new");
    let write = || {
        let mut file = File::create(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        path.parent().map_or(Ok(()), sync_dir)
    };
    write().map_err(|error| (path.to_path_buf(), error))
}

/// Removes a file where it is there, durably.
pub(crate) fn remove_synced(path: &Path) -> Result<(), PathError> {
    let remove = || match fs::remove_file(path) {
        Ok(()) => path.parent().map_or(Ok(()), sync_dir),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    };
    remove().map_err(|error| (path.to_path_buf(), error))
}

/// Makes the names within a directory durable.
pub(super) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}
