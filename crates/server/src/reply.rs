//! What every surface answers with: a status, headers of its own, and a body that is whole, comes as it happens, or is cut off because it
//! was asked for. How it is sent is the business of [`crate::http`].

use bytes::Bytes;
use http_body_util::channel::Channel;
use hyper::header::{HeaderName, HeaderValue};

/// The content type of replies in JSON.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A reply.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: HeaderValue,
    /// Headers beside those that every reply has.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: ReplyBody,
    /// Whether the connection ends with it.
    pub(crate) close: bool,
}

/// The body of a reply.
#[derive(Debug)]
pub(crate) enum ReplyBody {
    /// All of it.
    Whole(Bytes),
    /// What comes, for as long as its sender lives; who sends ends it when the server stops.
    Live(Channel<Bytes, CutOff>),
    /// So many of its first bytes, under the length of all, and then the end of the connection.
    Truncated(Bytes, usize),
    /// None: the connection ends without a reply.
    Nothing,
}

/// A reply is cut off because someone asked for it.
#[derive(Debug, thiserror::Error)]
#[error("the reply is cut off, as was asked for")]
pub(crate) struct CutOff;

impl Reply {
    /// A whole reply in JSON.
    pub(crate) fn json(status: u16, body: impl Into<Bytes>) -> Self {
        Self::of(status, JSON, body)
    }

    /// A whole reply.
    pub(crate) fn of(status: u16, content_type: HeaderValue, body: impl Into<Bytes>) -> Self {
        Self { status, content_type, headers: Vec::new(), body: ReplyBody::Whole(body.into()), close: false }
    }

    /// A reply that goes on: events for a browser or a program to follow.
    pub(crate) fn live(content_type: HeaderValue, body: Channel<Bytes, CutOff>) -> Self {
        let body = ReplyBody::Live(body);
        Self { status: 200, content_type, headers: Vec::new(), body, close: false }
    }

    /// The reply with one more header.
    pub(crate) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}
