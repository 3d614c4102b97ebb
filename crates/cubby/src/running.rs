//! Where the server of a data directory listens: the file `server` in it, which its server writes and keeps locked for as long as it runs.
//! One that is left after a kill is locked by nobody, and says nothing any more. What is asked of the server is not here.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The file of a data directory.
pub(crate) fn file(directory: &Path) -> PathBuf {
    directory.join("server")
}

/// The file of the admin token in a data directory.
pub(crate) fn token_file(directory: &Path) -> PathBuf {
    directory.join("admin-token")
}

/// The URL of the server that runs over a directory; none where none does.
pub(crate) fn url(directory: &Path) -> io::Result<Option<String>> {
    let path = file(directory);
    let told = match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        told => told?,
    };
    match told.try_lock_shared() {
        // Nobody keeps it locked any longer.
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => Ok(Some(io::read_to_string(told)?.trim_end().to_owned())),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// What a server tells, for as long as it runs.
#[derive(Debug)]
pub(crate) struct Told {
    path: PathBuf,
    _locked: File,
}

impl Told {
    /// Of a file that is locked.
    pub(crate) fn of(path: PathBuf, locked: File) -> Self {
        Self { path, _locked: locked }
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        // One that stays says nothing any more.
        drop(fs::remove_file(&self.path));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_nobody_keeps_locked_says_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let told = || url(directory.path()).unwrap();
        assert_eq!(told(), None);
        let path = file(directory.path());
        fs::write(&path, "http://127.0.0.1:1\n").unwrap();
        assert_eq!(told(), None);
        let locked = File::open(&path).unwrap();
        locked.try_lock().unwrap();
        assert_eq!(told().as_deref(), Some("http://127.0.0.1:1"));
        drop(Told::of(path.clone(), locked));
        assert!(!path.exists() && told().is_none());
    }
}
