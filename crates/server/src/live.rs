//! The body of a reply that goes on, as live events do.

use crate::clock::Clock;
use crate::connections::Connection;
use crate::reply::CutOff;
use bytes::Bytes;
use http_body_util::channel::Channel;
use hyper::body::{Body, Frame};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// What comes through a channel. Its connection is not idle while something comes, whatever else its client asks for or does not.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) channel: Channel<Bytes, CutOff>,
    pub(crate) connection: Arc<Connection>,
    pub(crate) clock: Clock,
}

impl Body for Live {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        let came = ready!(Pin::new(&mut self.channel).poll_frame(context));
        self.connection.idle(self.clock.monotonic());
        Poll::Ready(came)
    }
}
