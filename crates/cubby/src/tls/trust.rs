//! Whom this machine trusts, for the commands that are clients: the system's roots, or those of `SSL_CERT_FILE` and `SSL_CERT_DIR`. What is
//! sent over a connection is not known here.

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, RootCertStore, SignatureScheme, StreamOwned,
};
use std::io;
use std::net::TcpStream;
use std::sync::{Arc, Mutex, PoisonError};

/// A TLS connection.
pub(crate) type Stream = StreamOwned<ClientConnection, TcpStream>;

/// The roots that this machine trusts.
pub(crate) struct Trust {
    roots: Arc<RootCertStore>,
    provider: Arc<CryptoProvider>,
}

impl Trust {
    /// The system's.
    pub(crate) fn of_system() -> Self {
        let mut roots = RootCertStore::empty();
        // What a system has that cannot be read, other clients pass over too.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Self { roots: Arc::new(roots), provider: Arc::new(ring::default_provider()) }
    }

    /// Whether a root is among them.
    pub(crate) fn has(&self, root: &CertificateDer<'static>) -> bool {
        let mut one = RootCertStore::empty();
        one.add(root.clone()).is_ok() && one.roots.iter().all(|anchor| self.roots.roots.contains(anchor))
    }

    /// Begins TLS with a server of that name, whose certificate is to be trusted.
    pub(crate) fn begin(&self, stream: TcpStream, name: &str) -> io::Result<Stream> {
        let (stream, why) = self.examine(stream, name)?;
        why.map_or(Ok(stream), |why| Err(io::Error::new(io::ErrorKind::InvalidData, why)))
    }

    /// Begins TLS with a server of that name, and tells why its certificate is not to be trusted, where it is not: then nothing that is
    /// secret may be sent.
    pub(crate) fn examine(&self, mut stream: TcpStream, name: &str) -> io::Result<(Stream, Option<Error>)> {
        let invalid = |why: String| io::Error::new(io::ErrorKind::InvalidInput, why);
        let name = ServerName::try_from(name.to_owned()).map_err(|why| invalid(why.to_string()))?;
        let builder = WebPkiServerVerifier::builder_with_provider(Arc::clone(&self.roots), Arc::clone(&self.provider));
        let examiner = Arc::new(Examiner {
            verifier: builder.build().map_err(|_| "this machine trusts no root at all".to_owned()),
            provider: Arc::clone(&self.provider),
            found: Mutex::default(),
        });
        let config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::<Examiner>::clone(&examiner))
            .with_no_client_auth();
        let mut connection = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
        while connection.is_handshaking() {
            connection.complete_io(&mut stream)?;
        }
        let found = examiner.found.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok((StreamOwned::new(connection, stream), found))
    }
}

/// Looks at a certificate as every client does, and lets the connection go on whatever it finds.
#[derive(Debug)]
struct Examiner {
    verifier: Result<Arc<WebPkiServerVerifier>, String>,
    provider: Arc<CryptoProvider>,
    found: Mutex<Option<Error>>,
}

impl ServerCertVerifier for Examiner {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = match &self.verifier {
            Ok(verifier) => verifier.verify_server_cert(certificate, intermediates, name, ocsp, now),
            Err(why) => Err(Error::General(why.clone())),
        };
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = verified.err();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
