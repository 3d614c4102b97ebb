//! The certificate and the key of `--tls-cert` and `--tls-key`: PEM in, a pair out, and whether the files have changed.

use super::Pair;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What is wrong with the files.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FilesError {
    #[error("{flag} {}: {error}", path.display())]
    Unreadable { flag: &'static str, path: PathBuf, error: io::Error },
    #[error("{flag} {}: there is no {what} in it (PEM is expected)", path.display())]
    Nothing { flag: &'static str, path: PathBuf, what: &'static str },
    #[error("{flag} {}: {why}", path.display())]
    Pem { flag: &'static str, path: PathBuf, why: PemError },
}

/// The two files, and what was last read of them.
#[derive(Debug)]
pub(crate) struct Files {
    cert: PathBuf,
    key: PathBuf,
    read: Option<[Vec<u8>; 2]>,
}

impl Files {
    pub(crate) fn new(cert: &Path, key: &Path) -> Self {
        Self { cert: cert.to_owned(), key: key.to_owned(), read: None }
    }

    /// The pair, where the files are others than when they were last read; a pair that cannot be taken is told once.
    pub(crate) fn changed(&mut self) -> Result<Option<Pair>, FilesError> {
        let bytes = |flag, path: &Path| {
            fs::read(path).map_err(|error| FilesError::Unreadable { flag, path: path.to_owned(), error })
        };
        let both = bytes("--tls-cert", &self.cert).and_then(|cert| Ok([cert, bytes("--tls-key", &self.key)?]));
        let both = match both {
            // A file that is not there is one that has nothing in it: it is told once too.
            Err(why) => {
                let known = self.read.replace([Vec::new(), Vec::new()]);
                let told = known.is_some_and(|[cert, key]| cert.is_empty() && key.is_empty());
                return if told { Ok(None) } else { Err(why) };
            }
            Ok(both) => both,
        };
        if self.read.as_ref() == Some(&both) {
            return Ok(None);
        }
        let [cert, key] = self.read.insert(both);
        pair((&self.cert, cert), (&self.key, key)).map(Some)
    }
}

fn pair((cert_path, cert): (&Path, &[u8]), (key_path, key): (&Path, &[u8])) -> Result<Pair, FilesError> {
    let nothing = |flag, path: &Path, what| FilesError::Nothing { flag, path: path.to_owned(), what };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(cert).collect();
    let chain = chain.map_err(|why| FilesError::Pem { flag: "--tls-cert", path: cert_path.to_owned(), why })?;
    if chain.is_empty() {
        return Err(nothing("--tls-cert", cert_path, "certificate"));
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|why| match why {
        PemError::NoItemsFound => nothing("--tls-key", key_path, "private key"),
        why => FilesError::Pem { flag: "--tls-key", path: key_path.to_owned(), why },
    })?;
    Ok(Pair { chain, key })
}
