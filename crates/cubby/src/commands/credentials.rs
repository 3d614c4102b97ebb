//! In whose name a command speaks: the flags `--sdkappid`, `--key`, `--key-file` and `--identifier`, and the keys that operators give.

use crate::config::{Config, Flags};
use crate::registration::checked_key;
use crate::secret::{Secret, without_line_end};
use clap::Args;
use std::path::{Path, PathBuf};

/// Why there is no key, or no application.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CredentialsError {
    #[error("no SDKAppID was given: --sdkappid N, or CUBBY_SDKAPPID")]
    NoSdkAppId,
    #[error("no key was given: --key K, --key-file FILE, CUBBY_KEY or CUBBY_KEY_FILE")]
    NoKey,
    #[error("--key: {0}")]
    BadKey(String),
    #[error("{}: {error}", path.display())]
    Unreadable { path: PathBuf, error: std::io::Error },
    #[error("{}: {why}", path.display())]
    BadKeyFile { path: PathBuf, why: String },
    #[error("the system gives no randomness: {0}")]
    Randomness(#[from] getrandom::Error),
}

/// The flags of a caller.
#[derive(Debug, Args)]
pub(crate) struct CallerFlags {
    /// The application; else `CUBBY_SDKAPPID`
    #[arg(long, value_name = "N")]
    sdkappid: Option<u64>,
    /// Its key; else `CUBBY_KEY` or `CUBBY_KEY_FILE`, which other users of the machine cannot see
    #[arg(long, value_name = "K", conflicts_with = "key_file")]
    key: Option<String>,
    /// A file that holds the key
    #[arg(long, value_name = "FILE")]
    key_file: Option<String>,
    /// The caller; else `CUBBY_IDENTIFIER`, else administrator
    #[arg(long, value_name = "ID")]
    identifier: Option<String>,
}

impl CallerFlags {
    pub(crate) fn flags(self) -> Flags {
        Flags::default()
            .with("client.sdkappid", "--sdkappid", self.sdkappid)
            .with("client.key", "--key", self.key)
            .with("client.key_file", "--key-file", self.key_file)
            .with("client.identifier", "--identifier", self.identifier)
    }
}

/// A caller: what a UserSig is made of.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) sdkappid: u64,
    pub(crate) key: Secret,
    pub(crate) identifier: String,
}

impl Caller {
    pub(crate) fn of(config: &Config) -> Result<Self, CredentialsError> {
        let client = &config.client;
        Ok(Self {
            sdkappid: client.sdkappid.ok_or(CredentialsError::NoSdkAppId)?,
            key: client.key.clone().ok_or(CredentialsError::NoKey)?,
            identifier: client.identifier.clone(),
        })
    }
}

/// The flags of a new key.
#[derive(Debug, Args)]
pub(crate) struct NewKeyFlags {
    /// The key: up to 1024 bytes without a colon; else one is made
    #[arg(long, value_name = "K", conflicts_with = "key_file")]
    key: Option<String>,
    /// A file that holds the key
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

impl NewKeyFlags {
    /// Whether a key was given.
    pub(crate) fn is_given(&self) -> bool {
        self.key.is_some() || self.key_file.is_some()
    }

    /// The key that was given, or a random one.
    pub(crate) fn key(&self) -> Result<Secret, CredentialsError> {
        match (&self.key, &self.key_file) {
            (Some(key), _) => checked_key(key).map_err(CredentialsError::BadKey),
            (None, Some(path)) => key_of_file(path),
            (None, None) => Ok(Secret::random()?),
        }
    }
}

/// The key in a file, without the line end that an editor puts behind it.
pub(crate) fn key_of_file(path: &Path) -> Result<Secret, CredentialsError> {
    let text =
        std::fs::read_to_string(path).map_err(|error| CredentialsError::Unreadable { path: path.to_owned(), error })?;
    checked_key(without_line_end(&text)).map_err(|why| CredentialsError::BadKeyFile { path: path.to_owned(), why })
}
