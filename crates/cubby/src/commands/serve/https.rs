//! HTTPS of `serve`: the certificate that is shown at first, and the one that takes its place when files change or time passes. How TLS is
//! spoken is the server's.

use super::machine::write_whole;
use crate::config::{Config, Https, Place, Shows};
use crate::tls::Pair;
use crate::tls::authority::{Authority, AuthorityError, is_old};
use crate::tls::files::{Files, FilesError};
use cubby_domain::Timestamp;
use cubby_server::{Certificate, Clock};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How often it is looked whether another certificate is to be shown.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Why there is no certificate to show.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpsError {
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error("the certificate cannot be shown: {0}")]
    Refused(#[from] rustls::Error),
    #[error("--tls-cert and --tls-key: {0}")]
    Pair(rustls::Error),
    #[error("--tls-ca-file {}: {error}", path.display())]
    CaFile { path: PathBuf, error: io::Error },
}

/// Where certificates come from.
enum Source {
    Files(Files),
    Authority { authority: Box<Authority>, issued: Timestamp },
}

/// The certificate that is shown, and where the next comes from.
pub(super) struct Shown {
    pub(super) certificate: Arc<Certificate>,
    source: Source,
}

impl Shown {
    /// The first.
    pub(super) fn first(https: &Https, config: &Config, clock: &Clock) -> Result<Self, HttpsError> {
        match &https.shows {
            Shows::Files { cert, key } => {
                let mut files = Files::new(cert, key);
                // Files that were never read are changed.
                let changed = files.changed()?;
                let pair = changed.ok_or_else(|| rustls::Error::General("no pair was read".to_owned()))?;
                let certificate = Certificate::new(pair.chain, pair.key).map_err(HttpsError::Pair)?;
                Ok(Self { certificate: Arc::new(certificate), source: Source::Files(files) })
            }
            Shows::Own => {
                let issued = clock.now();
                let authority = match &config.store.place {
                    Place::Memory | Place::Postgres(_) => Authority::in_memory(issued)?,
                    Place::Directory(directory) => Authority::of_directory(directory, issued)?,
                };
                if let Some(path) = &config.tls.ca_file {
                    let written = write_whole(path, &authority.certificate);
                    written.map_err(|error| HttpsError::CaFile { path: path.clone(), error })?;
                }
                let Pair { chain, key } = authority.issue(issued)?;
                let source = Source::Authority { authority: Box::new(authority), issued };
                Ok(Self { certificate: Arc::new(Certificate::new(chain, key)?), source })
            }
        }
    }

    /// Shows another whenever there is one. A new pair that cannot be taken is logged, and the old one stays.
    pub(super) async fn keep_fresh(mut self, clock: Clock) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            // Files are read where a slow disk holds nobody up.
            let now = clock.now();
            let looked = tokio::task::spawn_blocking(move || {
                let replaced = self.look(now);
                (self, replaced)
            });
            let Ok((shown, replaced)) = looked.await else { return };
            self = shown;
            match replaced {
                Ok(true) => tracing::info!("another TLS certificate is shown from here on"),
                Ok(false) => {}
                Err(error) => {
                    tracing::error!(%error, "the TLS certificate was not replaced; the old one is shown still");
                }
            }
        }
    }

    fn look(&mut self, now: Timestamp) -> Result<bool, HttpsError> {
        let pair = match &mut self.source {
            Source::Files(files) => files.changed()?,
            Source::Authority { authority, issued } if is_old(*issued, now) => {
                *issued = now;
                Some(authority.issue(now)?)
            }
            Source::Authority { .. } => None,
        };
        let Some(Pair { chain, key }) = pair else { return Ok(false) };
        self.certificate.replace(chain, key).map_err(HttpsError::Pair)?;
        Ok(true)
    }
}
