//! The `/v4` surface: bytes in, HTTP 200 and the envelope out, whatever was sent.

mod body;
mod gate;
mod run;
mod table;

pub use table::COMMANDS;

use crate::app::App;
use crate::bounds::Bounds;
use crate::reply::Reply;
use body::Received;
use bytes::Bytes;
use cubby_protocol::BadBody;
use cubby_protocol::codes::{Code, Denied, Failure, code};
use cubby_protocol::endpoint::{Family, Meta};
use cubby_protocol::envelope;
use cubby_store::Store;
use hyper::Request;
use hyper::body::Incoming;
use std::sync::Arc;

/// A reply as it goes over the wire, and the code that its envelope bears.
struct Answered {
    code: Code,
    body: Vec<u8>,
}

/// Answers a call: the gate, then the body, then the command. A refused request's body is read before its reply is sent, so that the
/// connection stays usable. `in_hand` is called once the request has come whole.
pub(crate) async fn answer<S: Store>(
    app: &Arc<App<S>>,
    bounds: &Bounds,
    request: Request<Incoming>,
    in_hand: impl FnOnce(),
) -> Reply {
    let (head, body) = request.into_parts();
    let begun = app.clock.monotonic();
    let admitted = gate::admit(app, &head).await;
    let within_gate = app.clock.monotonic().saturating_sub(begun);
    let command = match &admitted {
        Ok(call) => Some(call.index),
        Err((known, _)) => known.map(|(index, _)| index),
    };
    let encoded = body::is_encoded(&head.headers);
    let keep = if admitted.is_ok() && !encoded { cubby_protocol::BODY_BYTES_MAX } else { 0 };
    let received = body::receive(body, keep, bounds).await;
    in_hand();
    let arrived = app.clock.monotonic();
    let close =
        matches!(received, Received::Beyond | Received::Incomplete) || body::is_oddly_transferred(&head.headers);
    let answered = match admitted {
        Err((known, denied)) => failed(known.map(|(_, meta)| meta), &denied.into()),
        Ok(call) => match body_of(received, encoded) {
            Ok(bytes) => call.route.run(Arc::clone(app), call.caller, bytes).await,
            Err(bad) => failed(Some(call.route.meta), &Denied::Body(bad).into()),
        },
    };
    app.metrics.answered(command, answered.code, within_gate + app.clock.monotonic().saturating_sub(arrived));
    Reply { close, ..Reply::json(200, answered.body) }
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
    let code = code(meta.map_or(Family::Contact, |meta| meta.family), failure);
    Answered { code, body: envelope::failure(meta, code, &failure.to_string()) }
}
