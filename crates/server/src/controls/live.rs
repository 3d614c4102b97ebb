//! Calls as they are answered: a reply that goes on, for whoever listens. What is told of a call is the listener's own.

use super::calls::{Calls, Filter, Heard, Recorded};
use crate::app::App;
use crate::reply::Reply;
use bytes::Bytes;
use cubby_store::Store;
use http_body_util::channel::Channel;
use hyper::header::HeaderValue;
use std::sync::Arc;
use std::time::Duration;

/// How long a live reply is silent at most, so that whoever listens knows that it goes on.
const SILENT_FOR: Duration = Duration::from_secs(15);
/// How many events wait for a listener.
const EVENTS: usize = 16;

/// Too many listen already.
#[derive(Debug, thiserror::Error)]
#[error("too many follow already; end some of them")]
pub(crate) struct TooMany;

/// Events of the calls that a filter takes, each with what `told` makes of it, until the listener or the server is gone, or `may` says that
/// the listener may no longer listen.
///
/// # Errors
/// Where no place is left.
pub(crate) fn follow<S: Store>(
    app: &Arc<App<S>>,
    calls: &Calls,
    filter: Filter,
    may: impl Fn() -> bool + Send + 'static,
    told: impl Fn(&Recorded) -> String + Send + 'static,
) -> Result<Reply, TooMany> {
    let app = Arc::clone(app);
    let place = Arc::clone(&app.live).try_acquire_owned().map_err(|_| TooMany)?;
    let mut follower = calls.follow();
    let (mut sender, body) = Channel::new(EVENTS);
    tokio::spawn(async move {
        let _place = place;
        loop {
            let heard = tokio::select! {
                heard = tokio::time::timeout(SILENT_FOR, follower.next()) => heard,
                () = app.stopped() => return,
            };
            let text = match heard {
                Ok(Some(Heard::Call(call))) if !filter.takes(&call) => continue,
                Ok(Some(Heard::Call(call))) => event(call.id, &told(&call)),
                Ok(Some(Heard::Missed(calls))) => format!("event: missed\ndata: {calls}\n\n"),
                Ok(None) => return,
                Err(_) => ": nothing new\n\n".to_owned(),
            };
            if !may() || sender.send_data(Bytes::from(text)).await.is_err() {
                return;
            }
        }
    });
    Ok(Reply::live(HeaderValue::from_static("text/event-stream"), body))
}

/// An event; each line of the data stands on one of its own.
fn event(id: u64, data: &str) -> String {
    let data = data.trim().replace('\n', "\ndata: ");
    format!("event: call\nid: {id}\ndata: {data}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_data_is_data() {
        assert_eq!(event(7, "a\n\nb\n"), "event: call\nid: 7\ndata: a\ndata: \ndata: b\n\n");
    }
}
