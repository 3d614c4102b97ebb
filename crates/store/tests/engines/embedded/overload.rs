//! More requests than the writer can take. The writer is held still, so that what follows does not hang on any timing.

use super::{Directory, bounds};
use crate::support::{
    contact_groups, conversations, create, crowd, done, everybody_exists, held, held_query, nothing, poll_once, soon,
    star, user,
};
use cubby_domain::Context;
use cubby_domain::queries::SearchContacts;
use cubby_store::{Bounds, Embedded, Health, Store, StoreError};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

fn context() -> Context {
    everybody_exists(|_| {})
}

async fn groups(store: &Embedded, of: &str) -> Vec<String> {
    contact_groups(store, &context(), of).await.into_iter().map(|(name, _)| name).collect()
}

/// Given a queue of two that is full, when one more request comes, then it is refused at once and never done, queries are answered, and
/// what waited is done.
#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let directory = Directory::new();
    let store = directory.open_with(&Bounds { queue: 2, ..bounds() }).await.unwrap();
    done(&store, &context(), create("a", "before", Vec::new())).await;
    let (command, mut hold) = held(nothing());
    let mut holding = pin!(store.execute(command, context()));
    assert!(poll_once(holding.as_mut()).is_pending());
    hold.begun().await;
    assert_eq!(store.health(), Health::Serving);
    let mut first = pin!(store.execute(create("a", "first", Vec::new()), context()));
    let mut second = pin!(store.execute(create("a", "second", Vec::new()), context()));
    assert!(poll_once(first.as_mut()).is_pending());
    assert!(poll_once(second.as_mut()).is_pending());
    assert_eq!(store.health(), Health::Overloaded);
    let mut third = pin!(store.execute(create("a", "third", Vec::new()), context()));
    let at_once = poll_once(third.as_mut());
    assert!(matches!(at_once, Poll::Ready(Err(StoreError::Overloaded))), "{at_once:?}");
    assert_eq!(groups(&store, "a").await, ["before"]);
    hold.let_go();
    soon(holding).await.unwrap().unwrap();
    assert_eq!(soon(first).await.unwrap().unwrap().group.id.0, 2);
    assert_eq!(soon(second).await.unwrap().unwrap().group.id.0, 3);
    assert_eq!(store.health(), Health::Serving);
    assert_eq!(done(&store, &context(), create("a", "fourth", Vec::new())).await.group.id.0, 4);
    assert_eq!(groups(&store, "a").await, ["before", "first", "second", "fourth"]);
}

/// Given a writer that stands still beyond the deadline, when a request waits for its turn, then it is given up and never done; and the
/// one whose turn it was has timed out and is done.
#[tokio::test]
async fn a_request_given_up_before_it_began_is_never_done_and_one_that_began_is() {
    let directory = Directory::new();
    let store = directory.open_with(&Bounds { deadline: Duration::from_millis(50), ..bounds() }).await.unwrap();
    let (command, mut hold) = held(create("a", "begun", crowd(5)));
    let mut begun = Box::pin(store.execute(command, context()));
    assert!(poll_once(begun.as_mut()).is_pending());
    hold.begun().await;
    let waited = soon(store.execute(create("a", "waited", crowd(9)), context())).await;
    assert!(matches!(waited, Err(StoreError::Overloaded)), "{waited:?}");
    let slow = soon(begun).await;
    assert!(matches!(slow, Err(StoreError::TimedOut)), "{slow:?}");
    hold.let_go();
    soon(store.close()).await.unwrap();
    let store = directory.open().await;
    assert_eq!(groups(&store, "a").await, ["begun"]);
    assert_eq!(conversations(&store, &context(), "a").await, crowd(5));
    // GroupId 2 was not used up by the request that was given up.
    assert_eq!(done(&store, &context(), create("a", "next", Vec::new())).await.group.id.0, 2);
}

/// Given a request that waits for its turn, when its client goes away, then it is done whole.
#[tokio::test]
async fn a_client_that_goes_away_leaves_a_whole_change() {
    let directory = Directory::new();
    let store = directory.open().await;
    let (command, mut hold) = held(create("b", "held", crowd(3)));
    {
        let mut holding = Box::pin(store.execute(command, context()));
        assert!(poll_once(holding.as_mut()).is_pending());
        hold.begun().await;
        let mut waiting = Box::pin(store.execute(create("a", "x", crowd(50)), context()));
        assert!(poll_once(waiting.as_mut()).is_pending());
    }
    hold.let_go();
    // This one comes after them, and needs none of their clients.
    done(&store, &context(), star("a", &crowd(50))).await;
    assert_eq!(groups(&store, "a").await, ["x"]);
    assert_eq!(conversations(&store, &context(), "a").await, crowd(50));
    assert_eq!(conversations(&store, &context(), "b").await, crowd(3));
    crate::invariants::check_user(&store, &context(), &user("a")).await;
}

/// Given a store whose one reader stands still beyond the deadline, when another query waits, then it is given up; the one that was begun
/// has timed out; and once the reader is free, reading goes on.
#[tokio::test]
async fn a_query_that_no_reader_is_free_for_is_given_up() {
    let directory = Directory::new();
    let bounds = Bounds { readers: 1, deadline: Duration::from_millis(50), ..bounds() };
    let store = directory.open_with(&bounds).await.unwrap();
    let (query, mut hold) = held_query();
    let mut holding = pin!(store.query(query, context()));
    assert!(poll_once(holding.as_mut()).is_pending());
    hold.begun().await;
    let search = || SearchContacts { user: user("a"), ids: Vec::new() };
    let waited = soon(store.query(search(), context())).await;
    assert!(matches!(waited, Err(StoreError::Overloaded)), "{waited:?}");
    let slow = soon(holding).await;
    assert!(matches!(slow, Err(StoreError::TimedOut)), "{slow:?}");
    hold.let_go();
    // The reader needs a moment to come back, however short: ask until it does.
    let free = async { while store.query(search(), context()).await.is_err() {} };
    soon(free).await;
}
