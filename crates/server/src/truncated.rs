//! The body of a reply that is cut off because a fault asked for it: its first bytes, and then no end. Why is not known here.

use crate::reply::CutOff;
use bytes::Bytes;
use hyper::body::{Body, Frame};
use std::pin::Pin;
use std::task::{Context, Poll};

/// The body.
#[derive(Debug)]
pub(crate) struct Truncated {
    left: Option<Bytes>,
    waited: bool,
}

impl Truncated {
    /// One that ends after these bytes.
    pub(crate) fn after(bytes: Bytes) -> Self {
        Self { left: Some(bytes), waited: false }
    }
}

impl Body for Truncated {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        let body = self.get_mut();
        if let Some(bytes) = body.left.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        // While there is nothing to come, what was written is sent; an error at once would take the head with it.
        if !std::mem::replace(&mut body.waited, true) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(CutOff)))
    }
}
