//! Receiving a body within bounds.

use crate::bounds::Bounds;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::body::{Body, Incoming};
use hyper::header::CONTENT_ENCODING;

/// What became of a body.
pub(super) enum Received {
    /// It was received whole.
    Whole(Bytes),
    /// It is larger than was to be kept, and was read to its end.
    TooLarge,
    /// It is larger than is read before a reply.
    Beyond,
    /// It did not come to its end, in time or at all.
    Incomplete,
}

/// Whether a body is encoded; none is taken.
pub(super) fn is_encoded(headers: &HeaderMap) -> bool {
    let plain =
        |value: &hyper::header::HeaderValue| value.is_empty() || value.as_bytes().eq_ignore_ascii_case(b"identity");
    headers.get_all(CONTENT_ENCODING).iter().any(|value| !plain(value))
}

/// Reads a body; keeps it where it has at most `keep` bytes. Of one that is larger than may be read, the rest is read and dropped while
/// the reply is under way: a client that is still sending would else be reset before it could read the reply.
pub(super) async fn receive(mut body: Incoming, keep: usize, bounds: &Bounds) -> Received {
    if body.is_end_stream() {
        return Received::Whole(Bytes::new());
    }
    match tokio::time::timeout(bounds.body_within, read(&mut body, keep, bounds.body_bytes)).await {
        Ok(Received::Beyond) => {
            let (most, within) = (bounds.linger_bytes, bounds.linger_within);
            tokio::spawn(async move { tokio::time::timeout(within, read(&mut body, 0, most)).await.is_ok() });
            Received::Beyond
        }
        Ok(received) => received,
        Err(_) => Received::Incomplete,
    }
}

async fn read(body: &mut Incoming, keep: usize, most: usize) -> Received {
    let mut read = 0_usize;
    let mut only = Bytes::new();
    let mut kept = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Received::Incomplete };
        let Ok(data) = frame.into_data() else { continue };
        read += data.len();
        if read > most {
            return Received::Beyond;
        }
        if read > keep {
            kept = BytesMut::new();
            only = Bytes::new();
        } else if only.is_empty() && kept.is_empty() {
            // Nearly every body comes in one piece, which needs no copy.
            only = data;
        } else {
            if kept.is_empty() {
                kept.extend_from_slice(&only);
            }
            kept.extend_from_slice(&data);
        }
    }
    match read {
        read if read > keep => Received::TooLarge,
        _ if kept.is_empty() => Received::Whole(only),
        _ => Received::Whole(kept.freeze()),
    }
}
