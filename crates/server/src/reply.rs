//! What every surface answers with. HTTP headers are the business of [`crate::http`].

use bytes::Bytes;

/// A reply.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
    /// Whether the connection ends with it.
    pub(crate) close: bool,
}
