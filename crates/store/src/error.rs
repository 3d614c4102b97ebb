//! How the machine fails. What the rules refuse is not here.

use std::path::PathBuf;

/// A failure of the store.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The request was given up before it began: the queue is full, or its turn did not come in time. Nothing was done.
    #[error("the store is overloaded; nothing was done")]
    Overloaded,
    /// The store did not answer in time. Whether the request was done is not known; repeating it is harmless.
    #[error("the store did not answer in time")]
    TimedOut,
    /// A write or a sync failed, or the writer ended: nothing is acknowledged any more until a restart.
    #[error("the store has failed and must be restarted: {0}")]
    Poisoned(String),
    /// A record cannot be read, or contradicts another.
    #[error("a record is corrupt ({key}): {what}")]
    Corrupt {
        /// Its key, in words.
        key: String,
        /// What is wrong.
        what: &'static str,
    },
    /// The directory was written by a later version.
    #[error(
        "the store has format {found}, and this version reads up to {known}: run the version that wrote it, or a later one"
    )]
    NewerFormat {
        /// What was found.
        found: u32,
        /// What is known.
        known: u32,
    },
    /// Another process has the directory.
    #[error("another cubby has the directory {0} open; stop it, or choose another directory")]
    Locked(PathBuf),
    /// The directory cannot be opened; the text says what was found and what to do.
    #[error("{0}")]
    Opening(String),
    /// The store was moved to another place: nothing is written here any more.
    #[error("the store was moved away: start the servers on its new place")]
    Moved,
    /// Reading failed.
    #[error("the store cannot read: {0}")]
    Unavailable(String),
}

/// How a store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// It serves.
    Serving,
    /// Its queue is full.
    Overloaded,
    /// It cannot be reached now, and why; it may come back by itself.
    Unavailable(String),
    /// It has failed for good, and why.
    Poisoned(String),
}
