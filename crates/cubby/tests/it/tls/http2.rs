//! A client of HTTP/2 that sends frames one by one, over a TLS connection that openssl keeps: enough to leave off where a test wants to.

use super::Tls;
use crate::support::Server;
use std::io::{Read, Write};
use std::path::Path;

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;

/// The reason for giving up.
const CANCEL: [u8; 4] = [0, 0, 0, 8];

const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;

#[derive(Debug)]
pub struct Frame {
    pub kind: u8,
    flags: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

pub struct Http2 {
    tls: Tls,
}

impl Http2 {
    /// A connection that has begun.
    pub fn open(server: &Server, ca: &Path) -> Self {
        let mut tls = Tls::open(server, ca, "h2");
        tls.input.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
        let mut client = Self { tls };
        client.send(SETTINGS, 0, 0, b"");
        client
    }

    fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
        self.tls.input.write_all(&[&head, payload].concat()).unwrap();
    }

    /// The head of a POST, in as many frames as it takes.
    pub fn head(&mut self, stream: u32, target: &str, more: &[(&str, &str)]) {
        let usual = [(":method", "POST"), (":scheme", "https"), (":authority", "localhost"), (":path", target)];
        let block: Vec<u8> = usual.iter().chain(more).flat_map(|(name, value)| literal(name, value)).collect();
        let frames: Vec<&[u8]> = block.chunks(16_000).collect();
        for (number, part) in frames.iter().enumerate() {
            let kind = if number == 0 { HEADERS } else { CONTINUATION };
            self.send(kind, if number + 1 == frames.len() { END_HEADERS } else { 0 }, stream, part);
        }
    }

    /// A part of a body, perhaps the last.
    pub fn data(&mut self, stream: u32, bytes: &[u8], last: bool) {
        self.send(DATA, if last { END_STREAM } else { 0 }, stream, bytes);
    }

    /// Gives up a request.
    pub fn give_up(&mut self, stream: u32) {
        self.send(RST_STREAM, 0, stream, &CANCEL);
    }

    /// Waits until the server has taken what was sent so far.
    pub fn settle(&mut self) {
        self.send(PING, 0, 0, b"settled?");
        while !matches!(self.frame(), Some(frame) if frame.kind == PING && frame.payload == b"settled?") {}
    }

    /// The next frame, `None` where the connection has ended. Pings are answered.
    pub fn frame(&mut self) -> Option<Frame> {
        let out = self.tls.process.stdout.as_mut().unwrap();
        let mut head = [0; 9];
        out.read_exact(&mut head).ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length.try_into().unwrap()];
        out.read_exact(&mut payload).ok()?;
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        let frame = Frame { kind: head[3], flags: head[4], stream, payload };
        if frame.kind == PING && frame.flags & ACK == 0 {
            self.send(PING, ACK, 0, &frame.payload.clone());
        }
        Some(frame)
    }

    /// The frames up to the first that is wanted.
    pub fn until(&mut self, wanted: impl Fn(&Frame) -> bool) -> Vec<Frame> {
        let mut frames = Vec::new();
        loop {
            frames.push(self.frame().unwrap_or_else(|| panic!("the connection ended after {frames:?}")));
            if wanted(frames.last().unwrap()) {
                return frames;
            }
        }
    }

    /// The body of a reply.
    pub fn body(&mut self, stream: u32) -> String {
        let ends = |frame: &Frame| frame.stream == stream && frame.kind <= HEADERS && frame.flags & END_STREAM != 0;
        let frames = self.until(ends);
        let data = frames.iter().filter(|frame| frame.stream == stream && frame.kind == DATA);
        String::from_utf8(data.flat_map(|frame| frame.payload.clone()).collect()).unwrap()
    }
}

/// A header in plain letters, which is remembered by nobody.
fn literal(name: &str, value: &str) -> Vec<u8> {
    [&[0][..], &text(name), &text(value)].concat()
}

fn text(text: &str) -> Vec<u8> {
    const PREFIX: usize = 127;
    let mut bytes = vec![u8::try_from(text.len().min(PREFIX)).unwrap()];
    let mut rest = text.len().saturating_sub(PREFIX);
    while text.len() >= PREFIX {
        let more = rest >= 128;
        bytes.push(u8::try_from(rest % 128).unwrap() | if more { 128 } else { 0 });
        rest /= 128;
        if !more {
            break;
        }
    }
    [bytes.as_slice(), text.as_bytes()].concat()
}
