//! A copy as the command and the server run it: the destination is opened, everything is moved, and what is told of it is put into words.

use crate::config::{Place, StoreSection};
use cubby_store::copy::{CopyError, Copyable, Options, Progress, Report, Stage, run};
use cubby_store::{Embedded, Postgres, StoreError};
use std::time::Duration;
use tokio::sync::watch;

/// How often it is told how far it is.
const EVERY: Duration = Duration::from_secs(1);

/// Moves everything to a place; `tell` hears how far it is.
pub(crate) async fn copy<S: Copyable>(
    from: &S,
    to: &Place,
    store: &StoreSection,
    options: &Options,
    tell: impl AsyncFnMut(String),
    cancelled: impl Future<Output = ()> + Send,
) -> Result<Report, CopyError> {
    let (progress, heard) = watch::channel(Progress::default());
    let copying = async {
        match to {
            Place::Memory => Err(CopyError::Destination(StoreError::Opening(
                "a store in memory is gone when its process ends".to_owned(),
            ))),
            Place::Directory(directory) => {
                let to = Embedded::open_to_copy(directory, &store.bounds).map_err(CopyError::Destination)?;
                let moved = run(from, &to, options, &progress, cancelled).await;
                // What was copied is durable already; the close saves the next start its recovery.
                if let Err(error) = to.close().await {
                    tracing::warn!(%error, "the destination was not closed in order; the next start recovers it");
                }
                moved
            }
            Place::Postgres(url) => {
                let opened = Postgres::open_to_copy(url.reveal(), &store.postgres).await;
                let to = opened.map_err(CopyError::Destination)?;
                let moved = run(from, &to, options, &progress, cancelled).await;
                to.close();
                moved
            }
        }
    };
    let telling = telling(heard, tell);
    tokio::select! {
        moved = Box::pin(copying) => moved,
        () = telling => Err(CopyError::Interrupted),
    }
}

/// Tells now and then how far it is; it never ends by itself.
async fn telling(heard: watch::Receiver<Progress>, mut tell: impl AsyncFnMut(String)) {
    let mut before = Progress::default();
    loop {
        tokio::time::sleep(EVERY).await;
        let now = *heard.borrow();
        if now != before {
            tell(in_words(&now, &before)).await;
        }
        before = now;
    }
}

fn in_words(now: &Progress, before: &Progress) -> String {
    let Progress { stage, pass, seen, copied, expected } = *now;
    let doing = match stage {
        Stage::Copying => "copying",
        Stage::Comparing => "comparing everything",
        Stage::Stopped => "the last pass, writes are refused",
    };
    let since = if before.pass == pass { seen.saturating_sub(before.seen) } else { seen };
    let left = match expected {
        0 => String::new(),
        expected => format!(", about {} left", expected.saturating_sub(seen)),
    };
    format!("pass {pass}, {doing}: {seen} units seen ({since}/s), {copied} copied{left}")
}

/// What was moved, as rows of a table.
pub(crate) fn figures(report: &Report) -> Vec<Vec<String>> {
    let Report { counts, checksum, passes, copied, stopped_ms } = report;
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    vec![
        row("users", counts.users.to_string()),
        row("chat groups", counts.chat_groups.to_string()),
        row("units in all", counts.units().to_string()),
        row("checksum", format!("{checksum:032x}")),
        row("units copied", copied.to_string()),
        row("passes", passes.to_string()),
        row("writes refused for", format!("{stopped_ms} ms until all was verified")),
    ]
}
