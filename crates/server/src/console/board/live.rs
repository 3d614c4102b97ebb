//! The live side of a board: a stream that says whenever the user's board is another one, whoever changed it and by whatever server.

use super::Place;
use super::seen::look;
use crate::app::App;
use crate::console::plain;
use crate::console::visit::Visit;
use crate::reply::{CutOff, Reply};
use bytes::Bytes;
use cubby_store::Store;
use http_body_util::channel::{Channel, Sender};
use hyper::header::HeaderValue;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;

/// How often a board is looked at, at most.
const EVERY: Duration = Duration::from_millis(300);
/// A look that takes long is taken the less often: the pause is this many times as long.
const PAUSES: u32 = 20;
/// How often a stream says something where nothing changes, so that one whose client is gone is noticed.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// Begins a stream.
pub(super) fn answer<S: Store>(visit: &Visit<S>, place: Place) -> Reply {
    let Some(seat) = visit.app.sessions.follow() else {
        return plain(503, "too many pages are live at once");
    };
    let Some((session, _)) = visit.session.clone() else { return visit.unknown() };
    let (sender, channel) = Channel::new(1);
    let follower = Follower { app: Arc::clone(&visit.app), place, session, sender, _seat: seat };
    tokio::spawn(follower.follow());
    Reply::live(HeaderValue::from_static("text/event-stream; charset=utf-8"), channel)
}

struct Follower<S: Store> {
    app: Arc<App<S>>,
    place: Place,
    session: String,
    sender: Sender<Bytes, CutOff>,
    _seat: OwnedSemaphorePermit,
}

impl<S: Store> Follower<S> {
    /// Goes on until the client is gone, the session is over or the server stops.
    async fn follow(mut self) {
        let app = Arc::clone(&self.app);
        tokio::select! {
            () = app.stopped() => {}
            () = self.tell() => {}
        }
    }

    async fn tell(&mut self) {
        let (mut told, mut said_at) = (None, self.app.clock.monotonic());
        while self.app.sessions.lasts(&self.session, self.app.clock.monotonic()) {
            let began = self.app.clock.monotonic();
            let version = self.version().await;
            let now = self.app.clock.monotonic();
            let event = match version {
                Some(version) if told.as_ref() != Some(&version) => {
                    let event = format!("event: board\ndata: {version}\n\n");
                    told = Some(version);
                    event
                }
                _ if now.saturating_sub(said_at) >= HEARTBEAT => ":\n\n".to_owned(),
                _ => String::new(),
            };
            if !event.is_empty() {
                said_at = now;
                if self.sender.send_data(Bytes::from(event)).await.is_err() {
                    return;
                }
            }
            tokio::time::sleep(EVERY.max(now.saturating_sub(began) * PAUSES)).await;
        }
    }

    /// The number of the board as it is; none where the store does not answer, which may pass.
    async fn version(&self) -> Option<String> {
        // The settings may have been changed meanwhile.
        let of = self.app.applications.get(self.place.of.application.id)?;
        match look(&self.app, &self.place.context(&self.app, &of), &self.place.user).await {
            Ok(Ok(seen)) => Some(seen.version()),
            Ok(Err(_)) => Some("none".to_owned()),
            Err(error) => {
                tracing::debug!(%error, "a live board could not be read");
                None
            }
        }
    }
}
