//! How far a command is, between whoever waits for it and the task that runs it: one that is given up before it writes is never done, and
//! one that is writing comes to its end, so that a long command of a busy database is not undone by the client's patience.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use tokio::sync::Notify;

/// The stages after the first, in which it waits for its turn and for a connection.
const BEGUN: u8 = 1;
const WRITING: u8 = 2;

/// One command's way.
#[derive(Debug, Default)]
pub(super) struct Flight {
    stage: AtomicU8,
    given_up: AtomicBool,
    giving_up: Notify,
}

impl Flight {
    /// It has come to the database.
    pub(super) fn begin(&self) {
        self.stage.fetch_max(BEGUN, Ordering::AcqRel);
    }

    /// Whether it has come to the database.
    pub(super) fn has_begun(&self) -> bool {
        self.stage.load(Ordering::Acquire) >= BEGUN
    }

    /// It is about to write; false where it was given up.
    pub(super) fn write(&self) -> bool {
        self.stage.store(WRITING, Ordering::Release);
        !self.is_given_up()
    }

    /// Whether a write is or was on its way.
    pub(super) fn is_writing(&self) -> bool {
        self.stage.load(Ordering::Acquire) == WRITING
    }

    /// Gives it up: nobody waits for it any more.
    pub(super) fn give_up(&self) {
        self.given_up.store(true, Ordering::Release);
        self.giving_up.notify_one();
    }

    /// Whether it was given up.
    pub(super) fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Acquire)
    }

    /// Waits until it is given up.
    pub(super) async fn given_up(&self) {
        self.giving_up.notified().await;
    }
}
