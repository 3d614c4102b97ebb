//! The two files that a copy leaves in a directory: `MOVED` in one that was moved away, `COPYING` in one that is not whole yet. No server
//! opens a directory that has one of them.

use super::journal::{remove_synced, write_synced};
use crate::error::StoreError;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

fn moved_path(directory: &Path) -> PathBuf {
    directory.join("MOVED")
}

fn copying_path(directory: &Path) -> PathBuf {
    directory.join("COPYING")
}

fn failed((path, error): (PathBuf, std::io::Error)) -> StoreError {
    StoreError::Opening(format!("{}: {error}", path.display()))
}

fn read(path: &Path) -> Result<Option<String>, StoreError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text.trim_end().to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed((path.to_owned(), error))),
    }
}

/// Refuses a directory that is not to be served.
pub(super) fn check(directory: &Path) -> Result<(), StoreError> {
    let (moved, copying) = (moved_path(directory), copying_path(directory));
    if let Some(to) = read(&moved)? {
        return Err(StoreError::Opening(format!(
            "the store in {} was moved to {to}: start the servers there. What is here has no change since; to use it all the same, \
             remove the file {}",
            directory.display(),
            moved.display()
        )));
    }
    if let Some(from) = read(&copying)? {
        return Err(StoreError::Opening(format!(
            "a copy from {from} into {} has not come to its end: run `cubby copy` again, or remove the directory",
            directory.display()
        )));
    }
    Ok(())
}

/// Whether the store was moved away.
pub(super) fn is_moved(directory: &Path) -> Result<bool, StoreError> {
    Ok(read(&moved_path(directory))?.is_some())
}

/// Says that the store was moved to this place.
pub(super) fn set(directory: &Path, to: &str) -> Result<(), StoreError> {
    write_synced(&moved_path(directory), &format!("{to}\n")).map_err(failed)
}

/// Takes that back; whether it was moved.
pub(super) fn undo(directory: &Path) -> Result<bool, StoreError> {
    let was = is_moved(directory)?;
    remove_synced(&moved_path(directory)).map_err(failed)?;
    Ok(was)
}

/// From where a copy into the directory is under way.
pub(super) fn copying(directory: &Path) -> Result<Option<String>, StoreError> {
    read(&copying_path(directory))
}

/// Says that a copy is under way, or that it has ended.
pub(super) fn set_copying(directory: &Path, from: Option<&str>) -> Result<(), StoreError> {
    let path = copying_path(directory);
    match from {
        Some(from) => write_synced(&path, &format!("{from}\n")).map_err(failed),
        None => remove_synced(&path).map_err(failed),
    }
}
