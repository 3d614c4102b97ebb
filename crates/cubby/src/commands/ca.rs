//! `cubby ca export`: the certificate of a data directory's local authority, for clients to trust. A server may hold the directory.

use super::Error;
use crate::config::{Config, Flags, Place};
use crate::output;
use crate::tls::authority::{Authority, AuthorityError};
use clap::{Args, Subcommand};
use cubby_server::Clock;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Why there is nothing to export.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CaError {
    #[error(
        "a store in memory has its authority within its server alone: `cubby serve --tls-ca-file FILE` writes its certificate to a file"
    )]
    InMemory,
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    #[error("--out {}: {error}", path.display())]
    Out { path: PathBuf, error: std::io::Error },
}

/// The subcommands of `ca`.
#[derive(Debug, Subcommand)]
pub(crate) enum Ca {
    /// Print the certificate of the local authority, in PEM; the authority is made where there is none
    Export(Export),
}

/// The flags of `ca export`.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The data directory [default: ./cubby-data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// Write it to this file instead
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Ca {
    pub(crate) fn run(self, file: Option<&Path>) -> Result<ExitCode, Error> {
        let Self::Export(Export { data_dir, out }) = self;
        let config = Config::load(file, Flags::default().with("store.data_dir", "--data-dir", data_dir))?;
        export(&config.store.place, out)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn export(place: &Place, out: Option<PathBuf>) -> Result<(), CaError> {
    let Place::Directory(directory) = place else { return Err(CaError::InMemory) };
    let certificate = Authority::of_directory(directory, Clock::system().now())?.certificate;
    match out {
        None => output::line(certificate.trim_end()),
        Some(path) => std::fs::write(&path, certificate).map_err(|error| CaError::Out { path, error })?,
    }
    Ok(())
}
