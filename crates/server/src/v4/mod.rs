//! The `/v4` surface: bytes in, HTTP 200 and the envelope out, whatever was sent.

mod body;
mod gate;
mod record;
mod run;
mod struck;
mod table;

pub use table::COMMANDS;

use crate::app::App;
use crate::bounds::Bounds;
use crate::clock::Clock;
use crate::controls::Steps;
use crate::reply::{Reply, ReplyBody};
use body::Received;
use bytes::Bytes;
use cubby_protocol::BadBody;
use cubby_protocol::codes::{Code, Denied, Failure, code};
use cubby_protocol::endpoint::{Family, Meta};
use cubby_protocol::envelope;
use cubby_store::Store;
use gate::Refused;
use hyper::Request;
use hyper::body::Incoming;
use record::Recording;
use std::sync::Arc;
use std::time::Duration;
use struck::{Called, Fate};
use tracing::field::Empty;
use tracing::{Instrument, Span};

/// A reply as it goes over the wire, and the code that its envelope bears.
struct Answered {
    code: Code,
    body: Vec<u8>,
    /// Why it failed, where it did by itself.
    failure: Option<Failure>,
}

/// Measures steps that follow each other.
struct Laps<'a> {
    clock: &'a Clock,
    last: Duration,
}

impl<'a> Laps<'a> {
    fn start(clock: &'a Clock) -> Self {
        Self { clock, last: clock.monotonic() }
    }

    fn lap(&mut self) -> Duration {
        let now = self.clock.monotonic();
        now.saturating_sub(std::mem::replace(&mut self.last, now))
    }
}

/// Answers a call: the gate, then the body, then the command. A refused request's body is read before its reply is sent, so that the
/// connection stays usable. `in_hand` is called once the request has come whole.
pub(crate) async fn answer<S: Store>(
    app: &Arc<App<S>>,
    bounds: &Bounds,
    request: Request<Incoming>,
    in_hand: impl FnOnce(),
) -> Reply {
    // What a span is told is looked up only where there is one.
    let span = tracing::debug_span!("call", otel.kind = "server", otel.name = named::<S>(&request), code = Empty);
    if let Some(follow) = app.follow.filter(|_| !span.is_disabled()) {
        follow(&span, request.headers());
    }
    answer_within(app, bounds, request, in_hand).instrument(span).await
}

/// The name of a call's span.
fn named<S: Store>(request: &Request<Incoming>) -> &'static str {
    gate::known_path::<S>(request.uri().path()).map_or("unknown", |(_, route)| route.meta.path)
}

async fn answer_within<S: Store>(
    app: &Arc<App<S>>,
    bounds: &Bounds,
    request: Request<Incoming>,
    in_hand: impl FnOnce(),
) -> Reply {
    let (mut laps, mut steps) = (Laps::start(&app.clock), Steps::default());
    let (head, body) = request.into_parts();
    let admitted = gate::admit(app, &head).instrument(tracing::debug_span!("gate")).await;
    steps.gate = laps.lap();
    let loaded = admitted.as_ref().map_or_else(|refused| refused.loaded.as_ref(), |call| Some(&call.caller.loaded));
    let recording = Recording::begin(app, loaded, &head);
    let encoded = body::is_encoded(&head.headers);
    let keep = match &admitted {
        Ok(_) if !encoded => cubby_protocol::BODY_BYTES_MAX,
        _ => recording.as_ref().map_or(0, |_| record::REFUSED_BODY_MAX),
    };
    let received = body::receive(body, keep, bounds).instrument(tracing::debug_span!("body")).await;
    steps.body = laps.lap();
    in_hand();
    let close =
        matches!(received, Received::Beyond | Received::Incomplete) || body::is_oddly_transferred(&head.headers);
    let asked = match &received {
        Received::Whole(bytes) => bytes.clone(),
        Received::TooLarge | Received::Beyond | Received::Incomplete => Bytes::new(),
    };
    let index = admitted.as_ref().map_or_else(|refused| refused.index, |call| Some(call.index));
    let (meta, called) = match admitted {
        Err(Refused { meta, denied, .. }) => (meta, Called::plain(failed(meta, &denied.into()), steps)),
        Ok(call) => {
            let meta = call.route.meta;
            let called = match body_of(received, encoded) {
                Ok(bytes) => struck::call(app, call, bytes, steps).await,
                Err(bad) => Called::plain(failed(Some(meta), &Denied::Body(bad).into()), steps),
            };
            (Some(meta), called)
        }
    };
    Span::current().record("code", called.answered.code.0);
    app.metrics.answered(index, called.answered.code, called.steps.total().saturating_sub(called.steps.body));
    let reply = Bytes::from(called.answered.body);
    if let Some(recording) = recording {
        recording.end(meta, &asked, &reply, called.answered.code, called.answered.failure, called.fault, called.steps);
    }
    let mut reply = Reply { close, ..Reply::json(200, reply) };
    match (called.fate, reply.body) {
        (Fate::Truncated(at), ReplyBody::Whole(bytes)) => {
            reply.body = ReplyBody::Truncated(bytes.slice(..at.min(bytes.len())), bytes.len());
        }
        (Fate::Dropped, _) => reply.body = ReplyBody::Nothing,
        (_, body) => reply.body = body,
    }
    reply
}

fn body_of(received: Received, encoded: bool) -> Result<Bytes, BadBody> {
    match received {
        _ if encoded => Err(BadBody::Encoded),
        Received::Whole(bytes) => Ok(bytes),
        Received::TooLarge | Received::Beyond => Err(BadBody::TooLarge),
        Received::Incomplete => Err(BadBody::Incomplete),
    }
}

/// The reply of a failure.
fn failed(meta: Option<&Meta>, failure: &Failure) -> Answered {
    let family = meta.map_or(Family::Contact, |meta| meta.family);
    let code = code(family, failure);
    Answered { code, body: envelope::failure(meta, code, &failure.to_string()), failure: Some(failure.clone()) }
}
