//! `[store]`: where the data is kept.

use super::key::{Key, Means, Spelling, Takes};
use std::fmt;
use std::path::PathBuf;

#[derive(Debug, Clone, Default)]
pub(crate) struct StoreSection {
    pub(crate) place: Place,
    pub(crate) bounds: cubby_store::Bounds,
}

/// Where the data is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// In this process: gone when it ends.
    Memory,
    /// In a directory of this machine.
    Directory(PathBuf),
}

impl Default for Place {
    fn default() -> Self {
        Self::Directory("./cubby-data".into())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory:"),
            Self::Directory(path) => write!(f, "embedded:{}", path.display()),
        }
    }
}

impl Place {
    /// Reads a store's URL. One that cannot be taken is not repeated: it may have a password in it.
    fn parse(url: &str) -> Result<Self, String> {
        match url.split_once(':') {
            Some(("memory", "")) => Ok(Self::Memory),
            Some(("embedded", directory)) if !directory.is_empty() => Ok(Self::Directory(directory.into())),
            Some(("postgres" | "postgresql", _)) => {
                Err("names a PostgreSQL store, which is not there yet; take embedded:DIR or memory:".to_owned())
            }
            _ => Err("takes embedded:DIR or memory:".to_owned()),
        }
    }
}

pub(super) static KEYS: &[Key] = &[Key {
    name: "store.url",
    env: Some("CUBBY_STORE"),
    takes: Takes::Text,
    secret: false,
    read: |config| Some(config.store.place.to_string()),
    write: |config, text| {
        config.store.place = Place::parse(text)?;
        Ok(())
    },
}];

pub(super) static SPELLINGS: &[Spelling] =
    &[Spelling { name: "store.data_dir", env: "CUBBY_DATA_DIR", key: "store.url", means: Means::Directory }];
