//! Nobody sees what is not acknowledged yet.

use super::Directory;
use crate::support::{contact_groups, create, done, everybody_exists, held, poll_once, soon};
use cubby_store::Store;
use std::pin::pin;

/// Given a batch in which a command was applied and another one stands still, when a query comes, then it sees neither; once the batch is
/// committed, both.
#[tokio::test]
async fn a_query_sees_nothing_of_a_batch_before_it_is_committed() {
    let context = everybody_exists(|_| {});
    let directory = Directory::new();
    let store = directory.open().await;
    done(&store, &context, create("a", "before", Vec::new())).await;
    let (first, mut hold_first) = held(create("a", "first", Vec::new()));
    let (third, mut hold_third) = held(create("a", "third", Vec::new()));
    let mut first = pin!(store.execute(first, context.clone()));
    assert!(poll_once(first.as_mut()).is_pending());
    hold_first.begun().await;
    let mut second = pin!(store.execute(create("a", "second", Vec::new()), context.clone()));
    let mut third = pin!(store.execute(third, context.clone()));
    assert!(poll_once(second.as_mut()).is_pending());
    assert!(poll_once(third.as_mut()).is_pending());
    hold_first.let_go();
    hold_third.begun().await;
    // The first and the second are applied by now, in one batch with the third.
    assert_eq!(contact_groups(&store, &context, "a").await, [("before".to_owned(), 1)]);
    assert!(poll_once(first.as_mut()).is_pending(), "what is not committed is not acknowledged");
    assert!(poll_once(second.as_mut()).is_pending(), "what is not committed is not acknowledged");
    hold_third.let_go();
    let mut ids = vec![soon(first).await, soon(second).await, soon(third).await].into_iter();
    assert!(ids.by_ref().map(|one| one.unwrap().unwrap().group.id.0).eq([2, 3, 4]));
    assert_eq!(contact_groups(&store, &context, "a").await.len(), 4);
}
