//! Panics. The writer's ends it: everybody hears of it, and nothing that was acknowledged is lost. A reader's fails its query alone.

use super::{Directory, bounds};
use crate::invariants::check_user;
use crate::support::{
    contact_groups, conversations, create, crowd, done, everybody_exists, held, poll_once, soon, star, user,
};
use cubby_domain::{Command, Context, Footprint, Outcome, Query, Refusal, View};
use cubby_store::{Bounds, Health, Store, StoreError};
use std::pin::pin;

/// A command, and a query, that panics, without a word in the log.
struct Panicking;

impl Command for Panicking {
    type Reply = ();

    fn footprint(&self) -> Footprint {
        Footprint::default()
    }

    fn apply(&self, _: &View, _: &Context) -> Result<Outcome<()>, Refusal> {
        std::panic::resume_unwind(Box::new("on purpose"))
    }
}

impl Query for Panicking {
    type Reply = ();

    fn footprint(&self) -> Footprint {
        Footprint::default()
    }

    fn answer(&self, _: &View, _: &Context) -> Result<(), Refusal> {
        std::panic::resume_unwind(Box::new("on purpose"))
    }
}

fn is_poisoned<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Poisoned(_)))
}

/// Given requests in the writer's hands and behind, when one of them makes it panic, then every one of them hears that the store has
/// failed, the store says so from then on, and after opening it again all that was acknowledged is there, and nothing else.
#[tokio::test]
async fn a_panic_of_the_writer_is_heard_by_everybody_and_loses_nothing_acknowledged() {
    let context = everybody_exists(|_| {});
    let directory = Directory::new();
    let store = directory.open().await;
    assert!(poll_once(pin!(store.failed())).is_pending());
    done(&store, &context, create("a", "acknowledged", crowd(7))).await;
    done(&store, &context, star("a", &crowd(3))).await;
    {
        let (command, mut hold) = held(create("a", "held", crowd(9)));
        let mut holding = pin!(store.execute(command, context.clone()));
        assert!(poll_once(holding.as_mut()).is_pending());
        hold.begun().await;
        let mut before = pin!(store.execute(create("a", "before", Vec::new()), context.clone()));
        let mut panicking = pin!(store.execute(Panicking, context.clone()));
        let mut behind = pin!(store.execute(create("a", "behind", Vec::new()), context.clone()));
        let mut last = pin!(store.execute(create("b", "last", Vec::new()), context.clone()));
        assert!(poll_once(before.as_mut()).is_pending());
        assert!(poll_once(panicking.as_mut()).is_pending());
        assert!(poll_once(behind.as_mut()).is_pending());
        assert!(poll_once(last.as_mut()).is_pending());
        hold.let_go();
        assert!(is_poisoned(&soon(panicking).await));
        assert!(matches!(store.health(), Health::Poisoned(_)), "who hears it finds the store saying so");
        assert!(is_poisoned(&soon(holding).await));
        assert!(is_poisoned(&soon(before).await));
        assert!(is_poisoned(&soon(behind).await));
        assert!(is_poisoned(&soon(last).await));
    }
    soon(store.failed()).await;
    assert!(is_poisoned(&soon(store.execute(create("a", "late", Vec::new()), context.clone())).await));
    assert_eq!(contact_groups(&store, &context, "a").await, [("acknowledged".to_owned(), 1)]);
    assert!(is_poisoned(&soon(store.close()).await));

    let store = directory.open().await;
    assert_eq!(store.health(), Health::Serving);
    assert_eq!(contact_groups(&store, &context, "a").await, [("acknowledged".to_owned(), 1)]);
    assert_eq!(conversations(&store, &context, "a").await, crowd(7));
    assert_eq!(contact_groups(&store, &context, "b").await, []);
    check_user(&store, &context, &user("a")).await;
    assert_eq!(done(&store, &context, create("a", "next", Vec::new())).await.group.id.0, 2);
}

/// Given many tasks that write while the writer panics, when all have heard, then each group that was acknowledged is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_load_every_waiter_hears_of_a_panic() {
    let context = everybody_exists(|limits| limits.contact_groups = 1000);
    let directory = Directory::new();
    let store = std::sync::Arc::new(directory.open().await);
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..12 {
        let (store, context) = (std::sync::Arc::clone(&store), context.clone());
        tasks.spawn(async move {
            let mut acknowledged = Vec::new();
            for n in 0.. {
                let name = format!("{task}.{n}");
                match store.execute(create(&format!("u{task}"), &name, Vec::new()), context.clone()).await {
                    Ok(created) => acknowledged.push((name, created.unwrap().group.id.0)),
                    Err(StoreError::Poisoned(_)) => break,
                    Err(other) => panic!("{other}"),
                }
            }
            acknowledged
        });
    }
    for _ in 0..10 {
        done(&*store, &context, star("z", &crowd(1))).await;
    }
    assert!(is_poisoned(&soon(store.execute(Panicking, context.clone())).await));
    let mut acknowledged = soon(tasks.join_all()).await;
    acknowledged.sort();
    drop(store);
    let store = directory.open().await;
    let mut found = Vec::new();
    for task in 0..12 {
        found.push(contact_groups(&store, &context, &format!("u{task}")).await);
    }
    found.sort();
    assert_eq!(found, acknowledged);
}

/// Given a query that panics, more often than there are readers, when others follow, then they are answered and the store serves.
#[tokio::test]
async fn a_panic_of_a_query_fails_it_alone() {
    let context = everybody_exists(|_| {});
    let directory = Directory::new();
    let store = directory.open_with(&Bounds { readers: 2, ..bounds() }).await.unwrap();
    for _ in 0..5 {
        let failed = soon(store.query(Panicking, context.clone())).await;
        assert!(matches!(failed, Err(StoreError::Unavailable(_))), "{failed:?}");
    }
    done(&store, &context, create("a", "x", Vec::new())).await;
    assert_eq!(contact_groups(&store, &context, "a").await.len(), 1);
    assert_eq!(store.health(), Health::Serving);
    soon(store.close()).await.unwrap();
}
