//! What is not opened: a directory in use, and a store of a later version. Damage of the journals is tested beside the code that finds it.

use super::raw::{self, Raw};
use super::{Directory, bounds};
use crate::support::{contact_groups, create, done, everybody_exists};
use cubby_store::{Embedded, FORMAT, StoreError};

/// Given a store that is open, when another opens its directory, then that is refused with the directory's name and the first goes on.
#[tokio::test]
async fn a_second_store_on_one_directory_is_refused() {
    let context = everybody_exists(|_| {});
    let directory = Directory::new();
    let store = directory.open().await;
    let second = Embedded::open(directory.path(), &bounds());
    assert!(matches!(&second, Err(StoreError::Locked(path)) if path == directory.path()), "{second:?}");
    let words = second.unwrap_err().to_string();
    assert!(words.contains(&directory.path().display().to_string()), "{words}");
    done(&store, &context, create("a", "x", Vec::new())).await;
    store.close().await.unwrap();
    let store = Embedded::open(directory.path(), &bounds()).unwrap();
    assert_eq!(contact_groups(&store, &context, "a").await.len(), 1, "a closed store is free at once");
}

/// Given a store of a later format, when it is opened, then it is refused with both numbers, and nothing in it is altered.
#[tokio::test]
async fn a_store_of_a_newer_format_is_refused_and_left_alone() {
    let context = everybody_exists(|_| {});
    let directory = Directory::new();
    let store = directory.open().await;
    done(&store, &context, create("a", "x", Vec::new())).await;
    store.close().await.unwrap();
    let raw = Raw::open(directory.path());
    let format = raw.get(raw::FORMAT).unwrap();
    assert_eq!(format, [1, u8::try_from(FORMAT).unwrap()]);
    raw.write(&[(raw::FORMAT.to_vec(), Some(vec![1, u8::try_from(FORMAT).unwrap() + 1]))]);
    let before = raw.content();
    drop(raw);
    for _ in 0..2 {
        let refused = directory.open_with(&bounds()).await;
        let as_it_should =
            matches!(refused, Err(StoreError::NewerFormat { found, known }) if (found, known) == (FORMAT + 1, FORMAT));
        assert!(as_it_should, "{refused:?}");
    }
    let raw = Raw::open(directory.path());
    assert_eq!(raw.content(), before);
    raw.write(&[(raw::FORMAT.to_vec(), Some(format))]);
    drop(raw);
    assert_eq!(contact_groups(&directory.open().await, &context, "a").await.len(), 1);
}

/// Given a store whose format number is gone, 0 or no number, when it is opened, then it is called corrupt and not taken for a new one.
#[tokio::test]
async fn a_store_without_a_format_number_is_corrupt() {
    let directory = Directory::new();
    directory.open().await.close().await.unwrap();
    for value in [None, Some(vec![1, 0]), Some(vec![9, 9, 9]), Some(Vec::new())] {
        Raw::open(directory.path()).write(&[(raw::FORMAT.to_vec(), value.clone())]);
        let refused = directory.open_with(&bounds()).await;
        assert!(matches!(refused, Err(StoreError::Corrupt { .. })), "{value:?}: {refused:?}");
    }
}
