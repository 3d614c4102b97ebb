//! One keep-alive connection of the generator: a request out, a reply in, with no more parsing than tells that it is the right one.

use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a reply must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expect {
    /// `ErrorCode` 0.
    Success,
    /// `ErrorCode` 0, and its one item's `ResultCode` 0.
    OneItem,
}

impl Expect {
    /// Whether the body of a reply has it. Both stand near the end of a success, so that is where the search begins.
    pub(crate) fn is_met_by(self, body: &[u8]) -> bool {
        let has = |text: &[u8]| body.windows(text.len()).rposition(|window| window == text).is_some();
        has(br#""ErrorCode":0,"#) && (self == Self::Success || has(br#""ResultCode":0,"#))
    }
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

fn malformed(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 << 10) })
    }

    /// Sends a request and waits for its reply's body.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> io::Result<&[u8]> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let (mut from, mut to) = (0, None);
        while to.is_none_or(|to| self.buffer.len() < to) {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if to.is_none()
                && let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n")
            {
                from = end + 4;
                to = Some(from + content_length(self.buffer.get(..end).unwrap_or_default())?);
            }
        }
        if to != Some(self.buffer.len()) {
            return Err(malformed("more came than the reply"));
        }
        self.buffer.get(from..).ok_or_else(|| malformed("a reply without a body"))
    }
}

fn content_length(head: &[u8]) -> io::Result<usize> {
    if !head.starts_with(b"HTTP/1.1 200 ") {
        return Err(malformed("the status is not 200"));
    }
    let none = || malformed("a reply without a Content-Length");
    for line in head.split(|byte| *byte == b'\n') {
        if let Some((name, value)) = line.split_at_checked(15)
            && name.eq_ignore_ascii_case(b"content-length:")
        {
            let text = std::str::from_utf8(value).map_err(|_| none())?;
            return text.trim().parse().map_err(|_| none());
        }
    }
    Err(none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_with_an_error_code_is_not_the_expected_one() {
        let done = br#"{"UpdateGroupResult":{"ContactResultItem":[{"ResultCode":0,"ResultInfo":""}]},"ErrorCode":0,"ErrorInfo":""}"#;
        assert!(Expect::OneItem.is_met_by(done));
        let item = br#"{"UpdateGroupResult":{"ContactResultItem":[{"ResultCode":50001,"ResultInfo":""}]},"ErrorCode":0,"ErrorInfo":""}"#;
        assert!(Expect::Success.is_met_by(item) && !Expect::OneItem.is_met_by(item));
        assert!(!Expect::Success.is_met_by(br#"{"ActionStatus":"FAIL","ErrorCode":60008,"ErrorInfo":""}"#));
    }

    #[test]
    fn the_length_is_read_from_the_head() {
        assert_eq!(content_length(b"HTTP/1.1 200 OK\r\nserver: x\r\ncontent-length: 42\r\n").unwrap(), 42);
        assert!(content_length(b"HTTP/1.1 503 No\r\ncontent-length: 42\r\n").is_err());
        assert!(content_length(b"HTTP/1.1 200 OK\r\nserver: x").is_err());
    }
}
