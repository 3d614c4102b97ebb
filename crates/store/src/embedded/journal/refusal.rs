//! Why the engine does not open, in words for the operator who reads them in the log at night. It decides nothing.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::note::{consent_path, damaged_path};

/// Why the embedded engine's files could not be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpeningError {
    /// Reading or writing a file failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Another process has the directory open.
    #[error("{} is locked: another process has this data directory open", path.display())]
    InUse {
        /// The lock file.
        path: PathBuf,
    },
    /// Acknowledged changes are missing or cannot be read, or that cannot be ruled out.
    #[error("{0}")]
    Damaged(Box<Damage>),
}

impl From<(PathBuf, io::Error)> for OpeningError {
    fn from((path, source): (PathBuf, io::Error)) -> Self {
        Self::Io { path, source }
    }
}

/// What was found damaged, and where.
#[derive(Debug)]
pub(crate) struct Damage {
    pub(super) dir: PathBuf,
    pub(super) file: PathBuf,
    pub(super) kind: Kind,
    pub(super) found: String,
}

/// What can be done about it.
#[derive(Debug)]
pub(super) enum Kind {
    /// A journal cannot be read beyond `offset`.
    Journal {
        id: u64,
        offset: u64,
        /// The last batch that can be read.
        readable: Option<u64>,
        /// The highest batch that is known to have been begun after it.
        attested: Option<u64>,
        /// Nothing attests a batch behind the one that cannot be read.
        maybe_torn: bool,
    },
    /// No journal is left.
    NoJournal,
    /// Something beside the journals, with what else has to be known.
    Elsewhere,
    /// Found when fjall had opened already.
    AfterOpening,
    /// Nothing that can be read is there, or nothing ever was: there is no going on.
    Hopeless { remedy: &'static str },
}

impl Damage {
    /// Not even the operator's consent to a loss helps.
    pub(super) fn is_hopeless(&self) -> bool {
        matches!(self.kind, Kind::Hopeless { .. })
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dir = self.dir.display();
        let consent = consent_path(&self.dir);
        let consent = consent.display();
        write!(f, "refusing to open {dir}: {}", self.file.display())?;
        if let Kind::Journal { offset, .. } = self.kind {
            write!(f, ", at byte {offset}")?;
        }
        write!(f, ": {}. ", self.found)?;
        self.fmt_meaning(f)?;
        write!(f, " Keep a copy of {dir} before anything else.")?;
        match self.kind {
            Kind::Hopeless { remedy } => write!(f, " {remedy}"),
            Kind::Journal { readable, .. } => write!(
                f,
                " Then restore it from a backup; or, if losing every change after batch {} is acceptable, create an empty file {consent} and start again: the journal is then cut at that byte, and the later journals are emptied.",
                readable.unwrap_or(0)
            ),
            Kind::NoJournal | Kind::Elsewhere | Kind::AfterOpening => write!(
                f,
                " Then restore it from a backup; or, if what is missing may be lost, create an empty file {consent} and start again with what is there."
            ),
        }
    }
}

impl Damage {
    fn fmt_meaning(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Journal { readable, maybe_torn: true, .. } => write!(
                f,
                "Changes up to batch {} can be read, the one after it cannot. If the machine lost power or the process was killed just before, that is most likely a write that was cut off, and nothing of it had been acknowledged; otherwise the last acknowledged changes are damaged. Nothing has been altered.",
                readable.unwrap_or(0)
            ),
            Kind::Journal { readable, attested, .. } => {
                if let Some(attested) = attested {
                    write!(f, "Acknowledged changes up to batch {} exist, but", attested.saturating_sub(1))?;
                } else {
                    write!(f, "Acknowledged changes may be missing:")?;
                }
                write!(f, " only those up to batch {} can be read. Nothing has been altered.", readable.unwrap_or(0))
            }
            Kind::NoJournal | Kind::Elsewhere => {
                write!(f, "Acknowledged changes may be missing. Nothing has been altered.")
            }
            Kind::AfterOpening => write!(
                f,
                "Acknowledged changes are missing. This was seen only after the files had been opened; {} keeps the server from starting until it is removed.",
                damaged_path(&self.dir).display()
            ),
            Kind::Hopeless { .. } => write!(f, "Nothing has been altered."),
        }
    }
}
