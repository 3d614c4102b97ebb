//! What is asked of a running server through the socket `control` in its data directory, and what it answers: a JSON value a line. Only
//! the user who runs the server can open the socket.

use crate::config::Place;
use crate::secret::Secret;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The socket of a data directory.
pub(crate) fn socket(directory: &Path) -> PathBuf {
    directory.join("control")
}

/// What is asked.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Asked {
    /// To move everything to another place.
    Copy {
        /// Where to.
        to: Where,
        /// The most passes before the stop.
        passes: u32,
        /// Whether all content is compared during the stop.
        compare_stopped: bool,
    },
}

/// A place as it is told to another process.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Where {
    /// A directory, by its absolute path.
    Directory(PathBuf),
    /// A database; the URL may have a password in it.
    Postgres(String),
}

impl Where {
    /// The place, unless it is of this process alone.
    pub(crate) fn of(place: &Place) -> std::io::Result<Option<Self>> {
        Ok(match place {
            Place::Memory => None,
            Place::Directory(directory) => Some(Self::Directory(std::path::absolute(directory)?)),
            Place::Postgres(url) => Some(Self::Postgres(url.reveal().to_owned())),
        })
    }

    pub(crate) fn place(self) -> Place {
        match self {
            Self::Directory(directory) => Place::Directory(directory),
            Self::Postgres(url) => Place::Postgres(Secret::new(url)),
        }
    }
}

/// What is answered: any number of lines on how far it is, and one at the end.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Told {
    /// How far it is.
    Progress(String),
    /// It was moved: the figures.
    Moved(Vec<Vec<String>>),
    /// It was not.
    Failed(String),
}

/// A value as a line.
pub(crate) fn line(value: &impl Serialize) -> Vec<u8> {
    // Texts, numbers and lists: nothing of it can fail to be written.
    let mut line = serde_json::to_vec(value).unwrap_or_default();
    line.push(b'\n');
    line
}
