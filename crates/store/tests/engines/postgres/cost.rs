//! What a write costs: its round trips, and what a connection prepares.

use super::bounds;
use crate::support::{create, crowd, done, everybody_exists, moves, star, with};
use cubby_domain::Context;
use cubby_domain::commands::Move;
use cubby_pg_cluster::{Cluster, Proxy, When};
use cubby_store::postgres::{Bounds, Postgres};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

const CONNECTIONS: usize = 4;

fn everybody() -> Context {
    everybody_exists(|limits| limits.contact_groups = 1000)
}

/// An engine through a proxy that counts.
async fn counted(connections: usize) -> (Cluster, Proxy, Arc<Postgres>) {
    let cluster = Cluster::start();
    let proxy = Proxy::start(cluster.port());
    let bounds = Bounds { connections, ..bounds() };
    let store = Postgres::open(&proxy.url_of(&cluster.database()), &bounds).await.unwrap();
    (cluster, proxy, Arc::new(store))
}

/// Writes of one user each, by tasks that never write of the same: contact groups, their conversations, marks.
async fn writes(store: &Arc<Postgres>, round: &str, each: usize) -> usize {
    let mut tasks = JoinSet::new();
    for task in 0..CONNECTIONS {
        let (store, of, round) = (Arc::clone(store), format!("u{task}"), round.to_owned());
        tasks.spawn(async move {
            for n in 0..each {
                let peer = with(&format!("{round}.{n}"));
                match n % 3 {
                    0 => drop(done(&*store, &everybody(), create(&of, &format!("{round} {n}"), vec![peer])).await),
                    1 => {
                        let name = format!("{round} {}", n - 1);
                        drop(done(&*store, &everybody(), moves(&of, &name, vec![Move::Add(peer)])).await);
                    }
                    _ => drop(done(&*store, &everybody(), star(&of, &[peer])).await),
                }
            }
        });
    }
    tasks.join_all().await;
    CONNECTIONS * each
}

/// Given warm connections, when two thousand writes of single users come without conflicts, then each takes two round trips, and nothing is
/// prepared any more.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_takes_two_round_trips_and_prepares_nothing_again() {
    let (_cluster, proxy, store) = counted(CONNECTIONS).await;
    writes(&store, "warm", 30).await;
    // The text of a statement is sent where it is prepared, and nowhere else.
    for text in ["INSERT INTO cubby_records", "SELECT owner, key"] {
        proxy.cut_when(text, When::BeforeForwarding, 1);
    }
    // So that what is sent one behind the other is seen to be: no answer comes in between.
    proxy.delay(Duration::from_millis(1));
    let (before, cuts) = (proxy.round_trips(), proxy.cuts());
    let count = writes(&store, "counted", 501).await;
    let took = proxy.round_trips() - before;
    let each = f64::from(u32::try_from(took).unwrap()) / f64::from(u32::try_from(count).unwrap());
    assert!((2.0..=2.05).contains(&each), "{each} round trips a write");
    assert_eq!(proxy.cuts(), cuts, "something was prepared again");
    proxy.clear_faults();
}

/// Given one connection, when commands of every number of records are done over it, then it has prepared a bounded number of statements.
#[tokio::test(flavor = "multi_thread")]
async fn the_prepared_statements_of_a_connection_are_bounded_in_number() {
    let (cluster, _proxy, store) = counted(1).await;
    let set = "ALTER SYSTEM SET log_statement = 'all'; SELECT pg_reload_conf(); SELECT pg_sleep(0.2)";
    cluster.sql("postgres", set);
    for n in 1..=60 {
        done(&*store, &everybody(), create("a", &format!("{n}"), crowd(n))).await;
        done(&*store, &everybody(), star(&format!("b{n}"), &crowd(n))).await;
    }
    let log = cluster.log();
    let named = log.lines().filter_map(|line| line.split_once("execute s")?.1.split_once(':'));
    let texts: BTreeSet<&str> = named.filter(|(_, sql)| sql.contains("cubby_records")).map(|(_, sql)| sql).collect();
    assert!((5..=20).contains(&texts.len()), "{texts:#?}");
    assert!(log.contains("execute <unnamed>: INSERT INTO cubby_records"), "large ones are not kept prepared");
}
