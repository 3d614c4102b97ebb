//! `[store]`: where the data is kept.

use super::key::{Key, Means, Spelling, Takes};
use crate::secret::Secret;
use cubby_store::postgres;
use std::fmt;
use std::path::PathBuf;

#[derive(Debug, Clone, Default)]
pub(crate) struct StoreSection {
    pub(crate) place: Place,
    pub(crate) bounds: cubby_store::Bounds,
    pub(crate) postgres: postgres::Bounds,
}

/// Where the data is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// In this process: gone when it ends.
    Memory,
    /// In a directory of this machine.
    Directory(PathBuf),
    /// In a PostgreSQL database; its URL may have a password in it.
    Postgres(Secret),
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
            Self::Postgres(url) => f.write_str(&without_password(url.reveal())),
        }
    }
}

impl Place {
    /// Reads a place as a command names it: a directory, or a store's URL.
    pub(crate) fn named(text: &str) -> Result<Self, String> {
        let is_url = text.contains("://") || text == "memory:" || text.starts_with("embedded:");
        if is_url { Self::parse(text) } else { Ok(Self::Directory(text.into())) }
    }

    /// Reads a store's URL. One that cannot be taken is not repeated: it may have a password in it.
    fn parse(url: &str) -> Result<Self, String> {
        match url.split_once(':') {
            Some(("memory", "")) => Ok(Self::Memory),
            Some(("embedded", directory)) if !directory.is_empty() => Ok(Self::Directory(directory.into())),
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => Ok(Self::Postgres(Secret::new(url))),
            _ => Err("takes postgres://USER@HOST/DATABASE, embedded:DIR or memory:".to_owned()),
        }
    }
}

/// A URL as it may be shown: what comes before the host and after the database is left out but for the user's name.
fn without_password(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
    let place = rest.split('?').next().unwrap_or_default();
    let (user, hosts) = place.rsplit_once('@').unwrap_or(("", place));
    let user = user.split(':').next().unwrap_or_default();
    if user.is_empty() { format!("{scheme}://{hosts}") } else { format!("{scheme}://{user}@{hosts}") }
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

pub(super) static SPELLINGS: &[Spelling] = &[
    Spelling { name: "store.data_dir", env: "CUBBY_DATA_DIR", key: "store.url", means: Means::Directory },
    Spelling { name: "store.url_file", env: "CUBBY_STORE_FILE", key: "store.url", means: Means::ContentOf },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_postgresql_url_is_shown_without_what_is_secret() {
        for (url, shown) in [
            ("postgres://cubby:p@ss@db1:5432,db2/cubby?password=x", "postgres://cubby@db1:5432,db2/cubby"),
            ("postgresql://db/cubby", "postgresql://db/cubby"),
        ] {
            assert_eq!(Place::parse(url).map(|place| place.to_string()).as_deref(), Ok(shown));
        }
    }
}
