//! Hearing of applications that another process changed, where one can: a store that others write too is asked for its registry's
//! version again and again, and for the applications where that is another one. A store of one process is never asked.
//!
//! An SDKAppID that is not known may have been made a moment ago. A call with one waits for an answer of the store that was asked for after
//! it came, and the store is asked early for it, but no more than once in the time between two polls: whatever strangers send, the store
//! is asked twice in that time at most, and it is they who wait.

use crate::app::App;
use cubby_store::{Store, StoreError};
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// The longest pause between two polls, after failed ones too.
const PAUSE_MAX: Duration = Duration::from_secs(1);
/// How long a poll may take: an engine has its own, shorter time limits for each question.
const POLL_WITHIN: Duration = Duration::from_secs(10);
/// How long a call waits for the store; then what is known answers it, in time for the client.
const CALL_WITHIN: Duration = Duration::from_secs(1);

/// The polls as calls see them.
#[derive(Debug)]
pub(crate) struct Hearing {
    /// Asks for an early poll.
    early: Notify,
    /// How many polls have begun.
    begun: watch::Sender<u64>,
    /// How many of them have ended.
    ended: watch::Sender<u64>,
}

impl Default for Hearing {
    fn default() -> Self {
        Self { early: Notify::new(), begun: watch::Sender::new(0), ended: watch::Sender::new(0) }
    }
}

impl Hearing {
    /// Waits until the store has answered a poll that begins after this, or fails to.
    pub(crate) async fn anew(&self) {
        let wanted = *self.begun.borrow() + 1;
        let mut ended = self.ended.subscribe();
        self.early.notify_one();
        // Where it takes too long, what is known is the answer.
        drop(timeout(CALL_WITHIN, ended.wait_for(|ended| *ended >= wanted)).await);
    }

    fn begin(&self) {
        self.begun.send_modify(|polls| *polls += 1);
    }

    fn end(&self) {
        self.ended.send_modify(|polls| *polls += 1);
    }
}

/// Keeps the applications as the store has them, for as long as this is awaited. What is known goes on serving where the store fails.
pub(crate) async fn keep_up<S: Store>(app: &App<S>, every: Duration) -> Infallible {
    let Some(hearing) = app.applications.hearing() else { return std::future::pending().await };
    let mut pause = every;
    let mut failed = false;
    let mut early_from = Instant::now();
    loop {
        let early = async {
            sleep_until(early_from).await;
            hearing.early.notified().await;
        };
        tokio::select! {
            () = sleep(pause) => {}
            () = early => early_from = Instant::now() + every,
        }
        hearing.begin();
        let heard = timeout(POLL_WITHIN, app.applications.refresh(&app.store)).await;
        match heard.unwrap_or(Err(StoreError::TimedOut)) {
            Ok(()) => {
                if failed {
                    tracing::info!("changes of applications are heard of again");
                }
                (failed, pause) = (false, every);
            }
            Err(error) => {
                if !failed {
                    tracing::warn!(%error, "changes of applications are not heard of; what is known goes on serving");
                }
                (failed, pause) = (true, (pause * 2).min(PAUSE_MAX));
            }
        }
        hearing.end();
    }
}
