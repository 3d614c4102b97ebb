//! Certificates: those of files and those of the local authority. Where they are shown is the server's, who trusts them the client's.

pub(crate) mod authority;
pub(crate) mod files;
pub(crate) mod trust;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A certificate, with those between it and its root behind it, and its key.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}
