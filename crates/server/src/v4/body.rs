//! Receiving a body within bounds.

use crate::bounds::Bounds;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::body::{Body, Incoming};
use hyper::header::{CONTENT_ENCODING, HeaderValue, TRANSFER_ENCODING};

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

/// Whether a body is encoded; none is taken. The HTTP library undoes chunks, and passes over every other
/// transfer coding.
pub(super) fn is_encoded(headers: &HeaderMap) -> bool {
    let plain = |value: &HeaderValue| value.is_empty() || value.as_bytes().eq_ignore_ascii_case(b"identity");
    is_oddly_transferred(headers) || headers.get_all(CONTENT_ENCODING).iter().any(|value| !plain(value))
}

/// Whether a body has a transfer coding beside its chunks: another server may read such a connection otherwise than we do.
pub(super) fn is_oddly_transferred(headers: &HeaderMap) -> bool {
    let chunks = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"chunked");
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    codings.next().is_some_and(|value| !chunks(value)) || codings.next().is_some()
}

/// Reads a body; keeps it where it has at most `keep` bytes. Of one that is larger than may be read, the rest is read and dropped while
/// the reply is under way: a client that is still sending would else be reset before it could read the reply.
pub(super) async fn receive(mut body: Incoming, keep: usize, bounds: &Bounds) -> Received {
    if body.is_end_stream() {
        return Received::Whole(Bytes::new());
    }
    if body.size_hint().lower() > bounds.body_bytes as u64 {
        linger(body, bounds);
        return Received::Beyond;
    }
    match tokio::time::timeout(bounds.body_within, read(&mut body, keep, bounds.body_bytes)).await {
        Ok(Received::Beyond) => {
            linger(body, bounds);
            Received::Beyond
        }
        Ok(received) => received,
        Err(_) => Received::Incomplete,
    }
}

fn linger(mut body: Incoming, bounds: &Bounds) {
    let (most, within) = (bounds.linger_bytes, bounds.linger_within);
    tokio::spawn(async move { tokio::time::timeout(within, read(&mut body, 0, most)).await.is_ok() });
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
