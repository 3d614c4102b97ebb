//! Records that contradict each other, or cannot be read, are corruption: an error, and never a wrong answer. fjall's own checksums find
//! flipped bits in its files; this is about what they cannot know.

use super::Directory;
use super::raw::{self, Raw};
use crate::invariants::Everything;
use crate::support::{
    asked, chat_group, conversations, create, create_chat_group, crowd, delete, delete_accounts, done, here, import,
    moves, star, user, with,
};
use cubby_domain::commands::{ApplicationChange, ChangeApplication, DeleteApplication, Move};
use cubby_domain::queries::{
    GetChatGroups, ListApplications, ListChatGroups, ListContacts, ReadApplicationState, SearchContacts,
};
use cubby_store::{Answer, Embedded, Health, Store, StoreError};

type Alteration = Vec<(Vec<u8>, Option<Vec<u8>>)>;

fn app() -> u64 {
    here().app.0
}

fn is_corrupt<T>(answer: &Answer<T>) -> bool {
    matches!(answer, Err(StoreError::Corrupt { .. }))
}

/// A closed store: user a has p1, p2, p3, with p1 changed last; so has b; chat group g has them both.
async fn filled() -> Directory {
    let directory = Directory::new();
    let store = directory.open().await;
    done(&store, &here(), import(&["a", "b", "p1", "p2", "p3"])).await;
    for of in ["a", "b"] {
        done(&store, &here(), create(of, "x", crowd(3))).await;
        done(&store, &here(), star(of, &[with("p1")])).await;
    }
    done(&store, &here(), create_chat_group("g", None, &["a", "b"])).await;
    let changes = vec![ApplicationChange::Create("k".into())];
    done(&store, &here(), ChangeApplication { changes }).await.unwrap();
    store.close().await.unwrap();
    directory
}

/// Alters the bytes of a closed store and opens it.
async fn altered(directory: &Directory, alter: impl FnOnce(&Raw) -> Alteration) -> Embedded {
    let raw = Raw::open(directory.path());
    raw.write(&alter(&raw));
    drop(raw);
    directory.open().await
}

fn search(id: &str) -> SearchContacts {
    SearchContacts { user: user("a"), ids: vec![with(id)] }
}

fn list() -> ListContacts {
    ListContacts { user: user("a"), after: 0, limit: 100 }
}

/// Given an older head under newer conversations, when they are read or changed, then it is corruption; nothing is overwritten, the rest
/// of the user's data and other users are served, and the store has not failed.
#[tokio::test]
async fn a_conversation_newer_than_its_head_is_corruption() {
    let directory = filled().await;
    let mut head = Vec::new();
    // The version follows the value's own version: import, create, star.
    let older = |raw: &Raw| {
        head = raw.get(&raw::head(app(), "a")).unwrap();
        assert_eq!(head[..2], [2, 3]);
        head[1] = 2;
        vec![(raw::head(app(), "a"), Some(head.clone()))]
    };
    let store = altered(&directory, older).await;
    assert!(is_corrupt(&store.query(search("p1"), here()).await));
    assert!(is_corrupt(&store.query(list(), here()).await));
    assert!(is_corrupt(&store.execute(star("a", &[with("p1")]), here()).await));
    assert!(is_corrupt(&store.execute(moves("a", "x", vec![Move::Remove(with("p1"))]), here()).await));
    assert!(is_corrupt(&store.execute(delete("a", "x"), here()).await));
    assert!(is_corrupt(&store.execute(delete_accounts(&["b", "a"]), here()).await), "not even b of it is deleted");
    assert!(is_corrupt(&store.query(ReadApplicationState { records_max: 100 }, here()).await));
    assert!(is_corrupt(&store.execute(DeleteApplication { records: 100 }, here()).await));
    assert_eq!(asked(&store, &here(), search("p2")).await.conversations.len(), 1);
    assert_eq!(conversations(&store, &here(), "b").await, crowd(3));
    done(&store, &here(), star("b", &[with("p2")])).await;
    assert_eq!(store.health(), Health::Serving);
    store.close().await.unwrap();
    assert_eq!(Raw::open(directory.path()).get(&raw::head(app(), "a")).unwrap(), head);
}

/// Given a head that is gone, when the user's conversations are read, then it is corruption, and not a user who is not imported.
#[tokio::test]
async fn a_conversation_without_its_head_is_corruption() {
    let directory = filled().await;
    let store = altered(&directory, |_| vec![(raw::head(app(), "a"), None)]).await;
    assert!(is_corrupt(&store.query(search("p1"), here()).await));
    assert!(is_corrupt(&store.query(list(), here()).await));
    assert!(is_corrupt(&store.execute(star("a", &[with("p1")]), here()).await));
    assert!(is_corrupt(&store.query(ReadApplicationState { records_max: 100 }, here()).await));
}

/// Given a place whose conversation is gone, when it is asked for, then it is corruption, and not a conversation that is not in the data.
#[tokio::test]
async fn a_place_without_its_conversation_is_corruption() {
    let directory = filled().await;
    let store = altered(&directory, |_| vec![(raw::conversation(app(), "a", 2), None)]).await;
    assert!(is_corrupt(&store.query(search("p2"), here()).await));
    assert!(is_corrupt(&store.execute(star("a", &[with("p2")]), here()).await));
    assert!(is_corrupt(&store.execute(delete("a", "x"), here()).await));
    assert_eq!(asked(&store, &here(), search("p3")).await.conversations.len(), 1);
}

/// Given a place that leads to another conversation, when it is asked for, then it is corruption, and not the other one.
#[tokio::test]
async fn a_place_of_another_conversation_is_corruption() {
    let directory = filled().await;
    let others = |raw: &Raw| vec![(raw::place(app(), "a", "p2"), raw.get(&raw::place(app(), "a", "p3")))];
    let store = altered(&directory, others).await;
    assert!(is_corrupt(&store.query(search("p2"), here()).await));
    assert!(is_corrupt(&store.execute(star("a", &[with("p2")]), here()).await));
}

async fn is_found_corrupt(store: &Embedded, key: &[u8]) -> bool {
    let of = |found: Vec<u8>| found == key;
    let chat_groups = GetChatGroups { ids: vec![chat_group("g")] };
    let applications = store.query(ListApplications, here()).await;
    (of(raw::head(app(), "a")) && is_corrupt(&store.query(search("p9"), here()).await))
        || (of(raw::place(app(), "a", "p1")) && is_corrupt(&store.query(search("p1"), here()).await))
        || (of(raw::conversation(app(), "a", 1)) && is_corrupt(&store.query(list(), here()).await))
        || (of(raw::membership(app(), "a", "g")) && is_corrupt(&store.query(Everything(user("a")), here()).await))
        || ([raw::chat_group(app(), "g"), raw::member(app(), "g", "a")].contains(&key.to_vec())
            && is_corrupt(&store.query(chat_groups, here()).await))
        || (of(raw::directory(app()))
            && is_corrupt(&store.query(ListChatGroups { after: 0, limit: 9, kind: None }, here()).await))
        || (of(raw::application(app())) && is_corrupt(&applications))
}

/// Given a value of each kind that is cut short, is of an unknown version, or has bytes left over, when it is read, then it is corruption.
#[tokio::test]
async fn a_value_that_cannot_be_read_is_corruption() {
    let directory = filled().await;
    for key in [
        raw::head(app(), "a"),
        raw::place(app(), "a", "p1"),
        raw::conversation(app(), "a", 1),
        raw::membership(app(), "a", "g"),
        raw::chat_group(app(), "g"),
        raw::member(app(), "g", "a"),
        raw::directory(app()),
        raw::application(app()),
    ] {
        let raw = Raw::open(directory.path());
        let whole = raw.get(&key).unwrap();
        drop(raw);
        let short = whole[..whole.len() - 1].to_vec();
        let unknown = [&[77], &whole[1..]].concat();
        let long = [&whole[..], &[0]].concat();
        for value in [short, unknown, long, Vec::new()] {
            let store = altered(&directory, |_| vec![(key.clone(), Some(value.clone()))]).await;
            assert!(is_found_corrupt(&store, &key).await, "{} {value:?}", key.escape_ascii());
            store.close().await.unwrap();
        }
        altered(&directory, |_| vec![(key.clone(), Some(whole))]).await.close().await.unwrap();
    }
}

/// Given an account that is deleted and imported again, when its head is looked at, then its version has gone on: nothing that was written
/// before can pass for newer.
#[tokio::test]
async fn a_users_version_goes_on_beyond_its_deletion() {
    let directory = filled().await;
    let version = |raw: &Raw| raw.get(&raw::head(app(), "a")).unwrap()[1];
    assert_eq!(version(&Raw::open(directory.path())), 3);
    let store = directory.open().await;
    done(&store, &here(), delete_accounts(&["a"])).await;
    store.close().await.unwrap();
    let raw = Raw::open(directory.path());
    assert_eq!(raw.get(&raw::head(app(), "a")).unwrap(), [2, 4, 0], "a tombstone");
    let own = raw::head(app(), "a");
    let left = raw.content().into_iter().filter(|(key, _)| key.starts_with(&own[..own.len() - 1])).count();
    assert_eq!(left, 1, "nothing else is left of it");
    drop(raw);
    let store = directory.open().await;
    done(&store, &here(), import(&["a"])).await;
    store.close().await.unwrap();
    assert_eq!(version(&Raw::open(directory.path())), 5);
}
