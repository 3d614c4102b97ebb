//! The certificate of HTTPS and how TLS is spoken: 1.2 and 1.3, HTTP/2 or HTTP/1.1 as the client prefers. Where certificates come
//! from is not known here.

use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::sync::{Arc, PoisonError, RwLock};

/// The name of HTTP/2 in a handshake.
pub(crate) const HTTP2: &[u8] = b"h2";

/// The certificate that a client is shown, whatever name it asks for. It can be replaced while the server runs.
#[derive(Debug)]
pub struct Certificate {
    shown: RwLock<Arc<CertifiedKey>>,
    provider: Arc<CryptoProvider>,
}

impl Certificate {
    /// A certificate, with those between it and its root behind it, and its key.
    ///
    /// # Errors
    /// Where the key is of no known kind, or another's.
    pub fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Self, rustls::Error> {
        let provider = Arc::new(ring::default_provider());
        let shown = CertifiedKey::from_der(chain, key, &provider)?;
        Ok(Self { shown: RwLock::new(Arc::new(shown)), provider })
    }

    /// Shows another from the next handshake on; connections that there are stay.
    ///
    /// # Errors
    /// As [`Self::new`]; then the one that was shown stays.
    pub fn replace(
        &self,
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<(), rustls::Error> {
        let shown = Arc::new(CertifiedKey::from_der(chain, key, &self.provider)?);
        *self.shown.write().unwrap_or_else(PoisonError::into_inner) = shown;
        Ok(())
    }

    /// How a listener speaks TLS with this certificate.
    pub(crate) fn config(self: Arc<Self>) -> Result<ServerConfig, rustls::Error> {
        let builder = ServerConfig::builder_with_provider(Arc::clone(&self.provider));
        let mut config = builder.with_safe_default_protocol_versions()?.with_no_client_auth().with_cert_resolver(self);
        config.alpn_protocols = vec![HTTP2.to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.shown.read().unwrap_or_else(PoisonError::into_inner)))
    }
}
