//! A small HTTP/1.1 client: one request, one reply, over a connection of its own, with bounds on time and size. It knows nothing of what
//! is sent.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// A server answers within 2 seconds; the rest is for the way.
const SILENT_FOR: Duration = Duration::from_secs(15);
const REPLY_BYTES_MAX: u64 = 64 << 20;

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    #[error(
        "{0}: only http:// is spoken here; for https:// send the call with curl, or through a proxy that speaks it"
    )]
    NotHttp(String),
    #[error("{0}: not a URL of a server; write http://HOST:PORT")]
    BadUrl(String),
    #[error("no connection to {authority}: {error}")]
    Connect { authority: String, error: io::Error },
    #[error("no reply from {authority}: {error}")]
    Broken { authority: String, error: io::Error },
    #[error("what {0} answers is not HTTP")]
    NotAReply(String),
}

/// A reply.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// A server's address, and the path that precedes those of the API.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Base {
    authority: String,
    address: String,
    prefix: String,
}

impl Base {
    pub(crate) fn parse(url: &str) -> Result<Self, HttpError> {
        let bad = || HttpError::BadUrl(url.to_owned());
        let (scheme, rest) = url.split_once("://").ok_or_else(bad)?;
        if !scheme.eq_ignore_ascii_case("http") {
            return Err(HttpError::NotHttp(url.to_owned()));
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let odd = |letter: char| letter.is_whitespace() || letter.is_control() || matches!(letter, '@' | '?' | '#');
        if authority.is_empty() || authority.contains(odd) || path.contains(odd) {
            return Err(bad());
        }
        // A colon within brackets belongs to an IPv6 address.
        let after_host = authority.rsplit(']').next().unwrap_or_default();
        let address = if after_host.contains(':') { authority.to_owned() } else { format!("{authority}:80") };
        let path = path.trim_end_matches('/');
        let prefix = if path.is_empty() { String::new() } else { format!("/{path}") };
        Ok(Self { authority: authority.to_owned(), address, prefix })
    }

    /// Sends a request for a path and query, and reads the reply.
    pub(crate) fn send(&self, method: &str, target: &str, body: &[u8]) -> Result<Reply, HttpError> {
        let broken = |error| HttpError::Broken { authority: self.authority.clone(), error };
        let mut stream = self.connect().map_err(|error| {
            let authority = self.authority.clone();
            HttpError::Connect { authority, error }
        })?;
        let (prefix, host, length) = (&self.prefix, &self.authority, body.len());
        let head = format!(
            "{method} {prefix}{target} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
        );
        // A server that refuses may answer before it has read all; its reply is what counts.
        let sent = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
        let mut bytes = Vec::new();
        let read = stream.take(REPLY_BYTES_MAX).read_to_end(&mut bytes);
        if let Some(reply) = parse_reply(&bytes) {
            return Ok(reply);
        }
        sent.and(read).map_err(broken)?;
        if bytes.is_empty() {
            return Err(broken(io::ErrorKind::UnexpectedEof.into()));
        }
        Err(HttpError::NotAReply(self.authority.clone()))
    }

    fn connect(&self) -> io::Result<TcpStream> {
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        for address in self.address.to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, CONNECT_WITHIN) {
                Ok(stream) => {
                    stream.set_read_timeout(Some(SILENT_FOR))?;
                    stream.set_write_timeout(Some(SILENT_FOR))?;
                    return Ok(stream);
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

/// Reads a whole reply; none where it is cut off or is no HTTP.
fn parse_reply(bytes: &[u8]) -> Option<Reply> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (head, body) = bytes.split_at_checked(end + 4)?;
    let mut lines = std::str::from_utf8(head).ok()?.split("\r\n");
    let status_line = lines.next()?.strip_prefix("HTTP/1.")?;
    let status: u16 = status_line.split(' ').nth(1)?.parse().ok()?;
    if (100..200).contains(&status) {
        return parse_reply(body);
    }
    let (mut length, mut chunked) = (None, false);
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.trim().parse::<usize>().ok()?);
        }
        chunked |= name.eq_ignore_ascii_case("transfer-encoding") && value.trim().eq_ignore_ascii_case("chunked");
    }
    let body = match length {
        _ if chunked => unchunked(body)?,
        Some(length) => body.get(..length)?.to_vec(),
        None => body.to_vec(),
    };
    Some(Reply { status, body })
}

fn unchunked(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(bytes.get(..end)?).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        let after = bytes.get(end + 2..)?;
        body.extend_from_slice(after.get(..size)?);
        bytes = after.get(size..)?.strip_prefix(b"\r\n")?;
    }
}

fn hex(digit: u8) -> char {
    char::from_digit(digit.into(), 16).unwrap_or_default().to_ascii_uppercase()
}

/// A text as a value in a query string.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            // The letters of a UserSig beside those that are never escaped.
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'*' => out.push(byte.into()),
            other => out.extend(['%', hex(other >> 4), hex(other & 15)]),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_a_scheme_an_address_and_perhaps_a_path() {
        for (url, address, prefix) in [
            ("http://127.0.0.1:8787", "127.0.0.1:8787", ""),
            ("HTTP://cubby", "cubby:80", ""),
            ("http://cubby/", "cubby:80", ""),
            ("http://[::1]:9/im/x/", "[::1]:9", "/im/x"),
            ("http://[::1]", "[::1]:80", ""),
        ] {
            let base = Base::parse(url).unwrap();
            assert_eq!((base.address.as_str(), base.prefix.as_str()), (address, prefix), "{url}");
        }
        assert!(matches!(Base::parse("https://cubby"), Err(HttpError::NotHttp(_))));
        for url in ["", "cubby:8787", "http://", "http:///x", "http://a b", "http://user@cubby", "http://cubby/?x"] {
            assert!(matches!(Base::parse(url), Err(HttpError::BadUrl(_))), "{url}");
        }
    }

    #[test]
    fn a_reply_is_read_by_its_length_in_chunks_or_to_its_end() {
        let body = |text: &str| parse_reply(text.as_bytes()).map(|reply| String::from_utf8(reply.body).unwrap());
        let whole = |text: &str| body(text).as_deref() == Some("{}");
        assert!(whole("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"));
        assert!(whole("HTTP/1.0 200 OK\r\n\r\n{}"));
        assert!(whole("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n01;x=y\r\n}\r\n0\r\n\r\n"));
        assert!(whole("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"));
        for cut in [
            "",
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}",
            "SSH-2.0-OpenSSH\r\n\r\n",
        ] {
            assert_eq!(body(cut), None, "{cut:?}");
        }
    }

    #[test]
    fn a_usersig_needs_no_escapes_and_what_does_has_them() {
        assert_eq!(escaped("eJw*A-b_"), "eJw*A-b_");
        assert_eq!(escaped("a b&张"), "a%20b%26%E5%BC%A0");
    }
}
