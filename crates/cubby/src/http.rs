//! A small HTTP/1.1 client: one request, one reply, over a connection of its own, with bounds on time and size; over TLS where the URL says
//! so. It knows nothing of what is sent.

use crate::tls::trust::Trust;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// A server answers within 2 seconds; the rest is for the way.
const SILENT_FOR: Duration = Duration::from_secs(15);
const REPLY_BYTES_MAX: u64 = 64 << 20;
const HEAD_BYTES_MAX: u64 = 64 << 10;

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    #[error("{0}: only http:// and https:// are spoken here")]
    NotHttp(String),
    #[error("{0}: not a URL of a server; write http://HOST:PORT or https://HOST:PORT")]
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
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// The value of a header, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }
}

/// A reply that goes on: its head, and the body as it comes.
pub(crate) struct Followed {
    pub(crate) reply: Reply,
    pub(crate) body: BufReader<Box<dyn Stream>>,
}

/// A connection, whatever is under it.
pub(crate) trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

/// A server's address, and the path that precedes those of the API.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Base {
    https: bool,
    authority: String,
    host: String,
    port: u16,
    prefix: String,
}

impl Base {
    pub(crate) fn parse(url: &str) -> Result<Self, HttpError> {
        let bad = || HttpError::BadUrl(url.to_owned());
        let (scheme, rest) = url.split_once("://").ok_or_else(bad)?;
        let https = scheme.eq_ignore_ascii_case("https");
        if !https && !scheme.eq_ignore_ascii_case("http") {
            return Err(HttpError::NotHttp(url.to_owned()));
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let odd = |letter: char| letter.is_whitespace() || letter.is_control() || matches!(letter, '@' | '?' | '#');
        if authority.contains(odd) || path.contains(odd) {
            return Err(bad());
        }
        // A colon within brackets belongs to an IPv6 address.
        let bracket = authority.rfind(']');
        let (host, port) = match authority.rfind(':').filter(|colon| bracket.is_none_or(|bracket| *colon > bracket)) {
            Some(colon) => (authority.get(..colon), authority.get(colon + 1..).and_then(|port| port.parse().ok())),
            None => (Some(authority), Some(if https { 443 } else { 80 })),
        };
        let (Some(host), Some(port)) = (host.map(|host| host.trim_matches(['[', ']'])), port) else {
            return Err(bad());
        };
        if host.is_empty() {
            return Err(bad());
        }
        let path = path.trim_end_matches('/');
        let prefix = if path.is_empty() { String::new() } else { format!("/{path}") };
        Ok(Self { https, authority: authority.to_owned(), host: host.to_owned(), port, prefix })
    }

    pub(crate) fn is_https(&self) -> bool {
        self.https
    }

    /// Host and port as the URL has them.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// A path and query of the API, behind the path of the server's own.
    pub(crate) fn target(&self, target: &str) -> String {
        format!("{}{target}", self.prefix)
    }

    /// The error of a connection that does not come about.
    pub(crate) fn no_connection(&self, error: io::Error) -> HttpError {
        HttpError::Connect { authority: self.authority.clone(), error }
    }

    /// Sends a request for a path and query, and reads the reply.
    pub(crate) fn send(&self, method: &str, target: &str, body: &[u8]) -> Result<Reply, HttpError> {
        self.send_with(method, target, &[], body)
    }

    /// The same, with headers beside the usual ones.
    pub(crate) fn send_with(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Reply, HttpError> {
        let mut stream = self.connect(SILENT_FOR).map_err(|error| self.no_connection(error))?;
        exchange_with(&mut stream, &self.authority, method, &self.target(target), headers, body)
    }

    /// Sends a request whose reply has no end of its own, and reads the reply's head. The server may be silent for so long.
    pub(crate) fn follow(
        &self,
        target: &str,
        headers: &[(&str, &str)],
        silent_for: Duration,
    ) -> Result<Followed, HttpError> {
        let broken = |error| HttpError::Broken { authority: self.authority.clone(), error };
        let mut stream = self.connect(silent_for).map_err(|error| self.no_connection(error))?;
        // By HTTP/1.0 the reply comes without chunks.
        let head = head(&self.authority, "GET", &self.target(target), "1.0", headers, 0);
        stream.write_all(head.as_bytes()).and_then(|()| stream.flush()).map_err(broken)?;
        let mut reader = BufReader::new(stream);
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let read = reader.by_ref().take(HEAD_BYTES_MAX).read_until(b'\n', &mut head).map_err(broken)?;
            if read == 0 || head.len() as u64 > HEAD_BYTES_MAX {
                return Err(HttpError::NotAReply(self.authority.clone()));
            }
        }
        let reply = parse_head(&head).ok_or_else(|| HttpError::NotAReply(self.authority.clone()))?;
        Ok(Followed { reply, body: reader })
    }

    fn connect(&self, silent_for: Duration) -> io::Result<Box<dyn Stream>> {
        let addresses: Vec<SocketAddr> = (self.host.as_str(), self.port).to_socket_addrs()?.collect();
        let stream = connect(&addresses)?;
        stream.set_read_timeout(Some(silent_for))?;
        if self.https { Ok(Box::new(Trust::of_system().begin(stream, &self.host)?)) } else { Ok(Box::new(stream)) }
    }
}

/// A connection to the first of these addresses that takes one.
pub(crate) fn connect(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in addresses {
        match TcpStream::connect_timeout(address, CONNECT_WITHIN) {
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

/// Sends a request over a connection, and reads the reply and the connection's end.
pub(crate) fn exchange(
    stream: &mut impl Stream,
    authority: &str,
    method: &str,
    target: &str,
    body: &[u8],
) -> Result<Reply, HttpError> {
    exchange_with(stream, authority, method, target, &[], body)
}

/// The head of a request.
fn head(
    authority: &str,
    method: &str,
    target: &str,
    version: &str,
    headers: &[(&str, &str)],
    body_bytes: usize,
) -> String {
    let mut head = format!(
        "{method} {target} HTTP/{version}\r\nHost: {authority}\r\nContent-Type: application/json\r\n\
         Content-Length: {body_bytes}\r\nAccept: application/json\r\nConnection: close\r\n"
    );
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head.push_str("\r\n");
    head
}

fn exchange_with(
    stream: &mut impl Stream,
    authority: &str,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<Reply, HttpError> {
    let broken = |error| HttpError::Broken { authority: authority.to_owned(), error };
    let head = head(authority, method, target, "1.1", headers, body.len());
    // A server that refuses may answer before it has read all; its reply is what counts.
    let sent = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).and_then(|()| stream.flush());
    let mut bytes = Vec::new();
    let read = stream.take(REPLY_BYTES_MAX).read_to_end(&mut bytes);
    if let Some(reply) = parse_reply(&bytes) {
        return Ok(reply);
    }
    sent.and(read).map_err(broken)?;
    if bytes.is_empty() {
        return Err(broken(io::ErrorKind::UnexpectedEof.into()));
    }
    Err(HttpError::NotAReply(authority.to_owned()))
}

/// Reads a whole reply; none where it is cut off or is no HTTP.
fn parse_reply(bytes: &[u8]) -> Option<Reply> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (head, body) = bytes.split_at_checked(end + 4)?;
    let reply = parse_head(head)?;
    if (100..200).contains(&reply.status) {
        return parse_reply(body);
    }
    let (mut length, mut chunked) = (None, false);
    for (name, value) in &reply.headers {
        if name == "content-length" {
            length = Some(value.parse::<usize>().ok()?);
        }
        chunked |= name == "transfer-encoding" && value.eq_ignore_ascii_case("chunked");
    }
    let body = match length {
        _ if chunked => unchunked(body)?,
        Some(length) => body.get(..length)?.to_vec(),
        None => body.to_vec(),
    };
    Some(Reply { body, ..reply })
}

/// The head of a reply, without its body.
fn parse_head(head: &[u8]) -> Option<Reply> {
    let mut lines = std::str::from_utf8(head).ok()?.split("\r\n");
    let status_line = lines.next()?.strip_prefix("HTTP/1.")?;
    let status: u16 = status_line.split(' ').nth(1)?.parse().ok()?;
    let header = |(name, value): (&str, &str)| (name.to_ascii_lowercase(), value.trim().to_owned());
    let headers = lines.filter_map(|line| line.split_once(':')).map(header).collect();
    Some(Reply { status, headers, body: Vec::new() })
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
        for (url, https, host, port, prefix) in [
            ("http://127.0.0.1:8787", false, "127.0.0.1", 8787, ""),
            ("HTTP://cubby", false, "cubby", 80, ""),
            ("http://cubby/", false, "cubby", 80, ""),
            ("https://cubby", true, "cubby", 443, ""),
            ("https://cubby:8443/im", true, "cubby", 8443, "/im"),
            ("http://[::1]:9/im/x/", false, "::1", 9, "/im/x"),
            ("http://[::1]", false, "::1", 80, ""),
        ] {
            let base = Base::parse(url).unwrap();
            let found = (base.https, base.host.as_str(), base.port, base.prefix.as_str());
            assert_eq!(found, (https, host, port, prefix), "{url}");
        }
        assert!(matches!(Base::parse("ftp://cubby"), Err(HttpError::NotHttp(_))));
        for url in [
            "",
            "cubby:8787",
            "http://",
            "http:///x",
            "http://a b",
            "http://user@cubby",
            "http://cubby/?x",
            "http://cubby:x",
            "http://:1",
        ] {
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
