//! Call rates that all servers over one store give together, exactly, through the store. Each server's own buckets come before
//! this and stay what decides where the store does not say in time.

use crate::app::App;
use crate::clock::Clock;
use cubby_domain::SdkAppId;
use cubby_store::{Store, StoreError};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::timeout;

/// How long a call waits for the store's word. The command behind it waits for the store too, and the client for both.
const STORE_WITHIN: Duration = Duration::from_millis(200);
/// For how long the store is not asked once it did not answer: it has enough to do, and calls are not to wait for nothing.
const SPARED_FOR: Duration = Duration::from_secs(1);

/// Whether the store is asked.
#[derive(Debug, Default)]
pub(crate) struct Exact {
    /// Until when it is spared, in milliseconds of the monotonic clock.
    spared_until: AtomicU64,
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl Exact {
    /// Takes a call of an application out of each of these buckets, up to the first that is empty, whose place it tells. A rate of 0 is
    /// no limit.
    pub(crate) async fn empty<S: Store>(&self, app: &App<S>, id: SdkAppId, buckets: [(&str, u32); 2]) -> Option<usize> {
        if millis(app.clock.monotonic()) < self.spared_until.load(Ordering::Relaxed) {
            return None;
        }
        match timeout(STORE_WITHIN, first_empty(&app.store, id, buckets)).await {
            Ok(Ok(empty)) => empty,
            Ok(Err(error)) => self.spare(&app.clock, &error),
            Err(_) => self.spare(&app.clock, &StoreError::TimedOut),
        }
    }

    /// The server's own buckets have let the call in, and nothing is against it.
    fn spare<T>(&self, clock: &Clock, error: &StoreError) -> Option<T> {
        let now = clock.monotonic();
        // Of the calls that waited together one tells of it.
        if self.spared_until.swap(millis(now + SPARED_FOR), Ordering::Relaxed) <= millis(now) {
            tracing::warn!(%error, "the store does not say how many calls were made; this server gives the rates by itself");
        }
        None
    }
}

async fn first_empty<S: Store>(
    store: &S,
    id: SdkAppId,
    buckets: [(&str, u32); 2],
) -> Result<Option<usize>, StoreError> {
    for (place, (bucket, per_second)) in buckets.into_iter().enumerate() {
        if per_second > 0 && !store.take_call(id, bucket, per_second).await? {
            return Ok(Some(place));
        }
    }
    Ok(None)
}
