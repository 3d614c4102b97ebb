//! `sslmode` and `sslrootcert` of a store's URL, as libpq has them: `disable`, `prefer` (where nothing is said) and `require` encrypt
//! without asking who answers; `verify-full` asks, by the certificates of the system or of a file.

use crate::error::StoreError;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::sync::Arc;

fn bad(what: impl std::fmt::Display) -> StoreError {
    StoreError::Opening(format!("the store's URL: {what}"))
}

/// The URL without what the client does not know, and the TLS that it asks for.
///
/// # Errors
/// An unknown `sslmode`, or certificates that cannot be read.
pub(super) fn of_url(url: &str) -> Result<(String, ClientConfig), StoreError> {
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut kept, mut mode, mut roots) = (Vec::new(), "prefer", None);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", value)) => mode = value,
            Some(("sslrootcert", value)) => roots = Some(value),
            _ => kept.push(pair.to_owned()),
        }
    }
    let (word, verifies) = match mode {
        "disable" | "prefer" => (mode, false),
        "require" => (mode, roots.is_some()),
        "verify-ca" | "verify-full" => ("require", true),
        _ => return Err(bad("sslmode takes disable, prefer, require or verify-full")),
    };
    kept.push(format!("sslmode={word}"));
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(bad)?;
    let config = if verifies {
        builder.with_root_certificates(root_certificates(roots)?).with_no_client_auth()
    } else {
        let anybody = Anybody(ring::default_provider());
        builder.dangerous().with_custom_certificate_verifier(Arc::new(anybody)).with_no_client_auth()
    };
    Ok((format!("{place}?{}", kept.join("&")), config))
}

fn root_certificates(file: Option<&str>) -> Result<RootCertStore, StoreError> {
    let mut roots = RootCertStore::empty();
    match file {
        None | Some("system") => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        Some(path) => {
            let unreadable = |error| bad(format!("sslrootcert={path}: {error}"));
            for certificate in CertificateDer::pem_file_iter(path).map_err(unreadable)? {
                roots.add(certificate.map_err(unreadable)?).map_err(|error| bad(format!("sslrootcert: {error}")))?;
            }
        }
    }
    if roots.is_empty() {
        Err(bad("there is no certificate to verify the server by: set sslrootcert"))
    } else {
        Ok(roots)
    }
}

/// Takes whoever answers, as libpq's `prefer` and `require` do; what is sent is encrypted all the same. Whether who answers has the key of
/// the certificate is not asked either: it would say nothing of a certificate that nobody looks at, and some databases make themselves
/// one of a version that cannot be read.
#[derive(Debug)]
struct Anybody(CryptoProvider);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(url: &str) -> String {
        of_url(url).unwrap().0
    }

    #[test]
    fn what_the_client_does_not_know_is_taken_out_of_the_url() {
        assert_eq!(rest("postgres://h/d"), "postgres://h/d?sslmode=prefer");
        assert_eq!(
            rest("postgres://h/d?sslmode=disable&connect_timeout=3"),
            "postgres://h/d?connect_timeout=3&sslmode=disable"
        );
    }

    #[test]
    fn what_cannot_be_verified_by_is_said() {
        for (url, says) in [
            ("postgres://h/d?sslmode=perhaps", "sslmode takes"),
            ("postgres://h/d?sslmode=verify-full&sslrootcert=/nowhere.pem", "sslrootcert=/nowhere.pem"),
        ] {
            let error = of_url(url).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
