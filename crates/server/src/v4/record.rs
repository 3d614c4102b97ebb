//! Where a call is recorded, and what of it. The record itself is in `controls/calls.rs`.

use crate::app::App;
use crate::applications::Loaded;
use crate::controls::{BODY_MAX, Calls, Recorded, Request, Steps};
use bytes::Bytes;
use cubby_domain::Timestamp;
use cubby_protocol::codes::{Code, Failure};
use cubby_protocol::endpoint::Meta;
use cubby_protocol::url::masked;
use cubby_store::Store;
use hyper::http::request::Parts;
use std::sync::Arc;
use std::time::Duration;

/// Bytes of the body of a refused call that are kept for the record.
pub(super) const REFUSED_BODY_MAX: usize = BODY_MAX;
/// The most letters of a path or query string that are kept.
const TARGET_MAX: usize = 8 << 10;

/// A call that will be recorded.
pub(super) struct Recording<'a> {
    place: Place<'a>,
    at: Duration,
    shown: Option<Timestamp>,
    method: String,
    path: String,
    query: String,
}

/// In which record.
enum Place<'a> {
    /// That of an application.
    Of(Arc<Loaded>),
    /// That of calls that name none.
    Strays(&'a Calls),
}

impl<'a> Recording<'a> {
    /// Begins to record a call, where calls are recorded: those of an emulator, and of applications of which it was asked.
    pub(super) fn begin<S: Store>(app: &'a App<S>, loaded: Option<&Arc<Loaded>>, head: &Parts) -> Option<Self> {
        let wanted = app.access.emulator || loaded.is_some_and(|loaded| loaded.controls.calls.is_asked());
        if !wanted {
            return None;
        }
        let turned = loaded.filter(|loaded| loaded.controls.clock.is_turned());
        Some(Self {
            at: app.clock.unix(),
            shown: turned.map(|loaded| loaded.controls.clock.now(&app.clock)),
            place: loaded.map_or(Place::Strays(&app.strays), |loaded| Place::Of(Arc::clone(loaded))),
            method: head.method.as_str().to_owned(),
            path: first(head.uri.path()),
            query: first(&masked(head.uri.query().unwrap_or_default())),
        })
    }

    #[expect(clippy::too_many_arguments, reason = "it is all that is recorded of a call")]
    pub(super) fn end(
        self,
        meta: Option<&'static Meta>,
        body: &Bytes,
        reply: &Bytes,
        code: Code,
        failure: Option<Failure>,
        fault: Option<u64>,
        steps: Steps,
    ) {
        let Self { place, at, shown, method, path, query } = self;
        let start = |bytes: &Bytes| {
            // A slice would hold all of it.
            if bytes.len() > BODY_MAX {
                Bytes::copy_from_slice(bytes.get(..BODY_MAX).unwrap_or_default())
            } else {
                bytes.clone()
            }
        };
        let request = Request { method, path, query, body_bytes: body.len(), body: start(body) };
        let calls = match &place {
            Place::Of(loaded) => &loaded.controls.calls,
            Place::Strays(calls) => calls,
        };
        calls.keep(Recorded {
            id: 0,
            at,
            shown,
            request,
            command: meta.map(|meta| meta.path),
            reply_bytes: reply.len(),
            reply: start(reply),
            code,
            failure,
            fault,
            steps,
        });
    }
}

fn first(text: &str) -> String {
    text.chars().take(TARGET_MAX).collect()
}
