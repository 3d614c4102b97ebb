//! A database that hangs or is slow, and more requests than connections: every request is answered, none that was given up before it began
//! is done, and none is done in part or twice.

use super::bounds;
use crate::invariants::check_user;
use crate::support::{contact_groups, create, crowd, done, everybody_exists, soon, user};
use cubby_pg_cluster::{Cluster, Proxy};
use cubby_store::postgres::{Bounds, Postgres};
use cubby_store::{Answer, Health, Store, StoreError};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

const CONNECTIONS: usize = 2;
const CLIENTS: usize = 200;

async fn behind_a_proxy(deadline: Duration) -> (Cluster, Proxy, Arc<Postgres>) {
    let cluster = Cluster::start();
    let proxy = Proxy::start(cluster.port());
    let bounds = Bounds { connections: CONNECTIONS, deadline, ..bounds() };
    let store = Postgres::open(&proxy.url_of(&cluster.database()), &bounds).await.unwrap();
    (cluster, proxy, Arc::new(store))
}

/// As many clients as there are, each with a contact group of five conversations for a user; what each hears, with the name.
async fn all_at_once(store: &Arc<Postgres>, round: &str) -> Vec<(String, Answer<()>)> {
    let mut tasks = JoinSet::new();
    for n in 0..CLIENTS {
        let (store, name) = (Arc::clone(store), format!("{round} {n}"));
        tasks.spawn(async move {
            let context = everybody_exists(|limits| limits.contact_groups = 1000);
            let made = store.execute(create(&format!("u{}", n % 20), &name, crowd(5)), context).await;
            (name, made.map(|made| made.map(drop)))
        });
    }
    soon(tasks.join_all()).await
}

async fn kept(store: &Postgres) -> BTreeSet<String> {
    let context = everybody_exists(|_| {});
    let mut names = BTreeSet::new();
    for n in 0..20 {
        let of = format!("u{n}");
        check_user(store, &context, &user(&of)).await;
        let groups = contact_groups(store, &context, &of).await;
        let ids: BTreeSet<u64> = groups.iter().map(|(_, id)| *id).collect();
        assert_eq!(ids, (1..=groups.len() as u64).collect(), "the GroupIds of {of} have no hole");
        names.extend(groups.into_iter().map(|(name, _)| name));
    }
    names
}

/// Given two connections, when two hundred clients ask at once, then every one of them is answered and all is done, over those two.
#[tokio::test(flavor = "multi_thread")]
async fn two_connections_answer_two_hundred_clients() {
    let (_cluster, proxy, store) = behind_a_proxy(Duration::from_secs(60)).await;
    let heard = all_at_once(&store, "asked").await;
    let names: BTreeSet<String> = heard.into_iter().map(|(name, answer)| (answer.unwrap().unwrap(), name).1).collect();
    assert_eq!(kept(&store).await, names);
    assert!(proxy.connections() <= CONNECTIONS, "{} connections", proxy.connections());
}

/// Given a database that hangs, when two hundred clients ask at once and again, then every one is answered: those that had begun that
/// nothing is known, those before whom the connections were taken that nothing was done. When it goes on, what was not begun is never done,
/// what was is there whole and once or not at all, and the engine serves again by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_hangs_leaves_no_client_waiting_and_nothing_half_done() {
    let (cluster, _proxy, store) = behind_a_proxy(Duration::from_millis(400)).await;
    let context = everybody_exists(|limits| limits.contact_groups = 1000);
    done(&*store, &context, create("u0", "before", crowd(5))).await;
    cluster.pause();
    let mut heard = all_at_once(&store, "first").await;
    heard.extend(all_at_once(&store, "second").await);
    soon(async {
        while store.health() == Health::Serving {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    cluster.resume();
    let (begun, not_begun): (Vec<_>, Vec<_>) =
        heard.into_iter().partition(|(_, answer)| matches!(answer, Err(StoreError::TimedOut)));
    assert!(begun.len() <= CONNECTIONS, "only who had a connection can have begun: {begun:?}");
    for (name, answer) in &not_begun {
        assert!(matches!(answer, Err(StoreError::Overloaded)), "{name}: {answer:?}");
    }
    soon(async {
        while store.execute(create("u0", "after", crowd(5)), context.clone()).await.is_err() {}
        while store.health() != Health::Serving {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    let allowed: BTreeSet<String> =
        begun.into_iter().map(|(name, _)| name).chain(["before".to_owned(), "after".to_owned()]).collect();
    let kept = kept(&store).await;
    assert!(kept.is_subset(&allowed), "done although it was said that it was not: {:?}", kept.difference(&allowed));
}

/// Given a network that is slow but not too slow, when something is asked for, then it is done; given one on which a round trip takes
/// longer than a client waits, then it is said that nothing is known, and the engine serves again once the network does.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_network_is_waited_for_as_long_as_a_client_waits() {
    let (_cluster, proxy, store) = behind_a_proxy(Duration::from_secs(3)).await;
    let context = everybody_exists(|_| {});
    done(&*store, &context, create("u0", "before", crowd(5))).await;
    proxy.delay(Duration::from_millis(150));
    done(&*store, &context, create("u0", "slowly", crowd(5))).await;
    proxy.delay(Duration::from_secs(5));
    let given_up = store.execute(create("u0", "too slowly", crowd(5)), context.clone()).await;
    assert!(matches!(given_up, Err(StoreError::TimedOut)), "{given_up:?}");
    proxy.delay(Duration::ZERO);
    soon(async { while store.execute(create("u0", "after", crowd(5)), context.clone()).await.is_err() {} }).await;
    let kept = kept(&store).await;
    for name in ["before", "slowly", "after"] {
        assert!(kept.contains(name), "{kept:?}");
    }
}

/// Given a database that takes connections and never answers, when an engine opens it, then it says so once its time is over; given such a
/// one as the first of two addresses, then the engine opens the other.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_hangs_keeps_no_server_from_ending_its_start() {
    let (hangs, serves) = (Cluster::start(), Cluster::start());
    let url = hangs.database();
    hangs.pause();
    let quick = Bounds { opening: Duration::from_millis(500), ..bounds() };
    let refused = soon(Postgres::open(&url, &quick)).await.err();
    assert!(matches!(refused, Some(StoreError::Opening(_))), "{refused:?}");
    let both = format!("127.0.0.1:{},127.0.0.1:{}", hangs.port(), serves.port());
    let url = serves.database().replace(&format!("127.0.0.1:{}", serves.port()), &both);
    let store = soon(Postgres::open(&url, &bounds())).await.unwrap();
    done(&store, &everybody_exists(|_| {}), create("a", "x", crowd(2))).await;
}
