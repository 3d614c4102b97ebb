//! The process's own bounds, in one place. The contract's numbers are in `cubby_domain::Limits`, the store's in `cubby_store::Bounds`.

use std::time::Duration;

/// How much the server holds for its clients, and for how long.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Connections at once. Where there are as many, the one that has been idle for longest makes room for a new one.
    pub connections: usize,
    /// How long a TLS handshake may take.
    pub handshake_within: Duration,
    /// Requests at once over one connection of HTTP/2.
    pub streams: u32,
    /// How long a connection may be idle, or take to send the head of a request.
    pub head_within: Duration,
    /// How long a request's body may take.
    pub body_within: Duration,
    /// Bytes of a request's head: its line, up to 16 KiB, and its headers.
    pub head_bytes: usize,
    /// Bytes of a body that are read before a reply is sent; beyond, the connection is closed after the reply.
    pub body_bytes: usize,
    /// Bytes of such a body that are read and dropped after the reply, so that a client that still sends can read it.
    pub linger_bytes: usize,
    /// How long that may take.
    pub linger_within: Duration,
    /// How long requests in hand may take when the server is stopped.
    pub drain_within: Duration,
    /// How often a store that others write too is asked whether an application was changed.
    pub registry_poll: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 16_384,
            handshake_within: Duration::from_secs(10),
            streams: 128,
            head_within: Duration::from_secs(75),
            body_within: Duration::from_secs(30),
            head_bytes: 64 << 10,
            body_bytes: 4 << 20,
            linger_bytes: 64 << 20,
            linger_within: Duration::from_secs(10),
            drain_within: Duration::from_secs(10),
            registry_poll: Duration::from_millis(500),
        }
    }
}
