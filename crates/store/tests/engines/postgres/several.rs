//! Several servers over one database: whoever asks whichever of them, it is as if there were one.

use super::Database;
use crate::support::{create, done, everybody_exists, here, import, user, with};
use cubby_domain::commands::{ApplicationChange, ChangeApplication, DeleteAccounts, DeleteApplication, ItemResult};
use cubby_domain::{Command, Context, ItemRefusal, Query, SdkAppId};
use cubby_store::{Answer, Health, Postgres, Store, StoreError};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Two servers, of which now one is asked and now the other.
pub struct Two {
    servers: [Postgres; 2],
    turn: AtomicUsize,
}

impl Two {
    fn next(&self) -> &Postgres {
        &self.servers[self.turn.fetch_add(1, Ordering::Relaxed) % 2]
    }
}

impl Store for Two {
    async fn execute<C: Command>(&self, command: C, context: Context) -> Answer<C::Reply> {
        self.next().execute(command, context).await
    }

    async fn query<Q: Query>(&self, query: Q, context: Context) -> Answer<Q::Reply> {
        self.next().query(query, context).await
    }

    fn health(&self) -> Health {
        self.next().health()
    }

    async fn failed(&self) {
        self.next().failed().await;
    }
}

async fn two() -> (Arc<Two>, Database) {
    let database = Database::new();
    let (one, other) = tokio::join!(database.open(), database.open());
    (Arc::new(Two { servers: [one, other], turn: AtomicUsize::new(0) }), database)
}

suite! { @module crate::postgres::several::two().await; order:
    group_ids_are_1_to_n_whoever_asks_at_once,
    a_limit_holds_whoever_asks_at_once,
    commands_of_one_user_at_once_leave_counters_that_equal_the_records,
    commands_on_one_chat_group_at_once_leave_counters_that_equal_the_records,
}

suite! { @module crate::postgres::several::two().await; state:
    what_was_read_comes_back_whatever_was_done_since,
    a_reader_sees_the_data_before_or_after_and_nothing_between,
}

suite! { @module crate::postgres::several::two().await; visibility:
    what_is_acknowledged_is_seen_by_the_next_query,
    what_is_acknowledged_is_seen_by_the_next_command,
}

#[tokio::test]
async fn the_registry_has_another_version_after_each_change_of_an_application_by_whatever_server() {
    let database = Database::new();
    let (one, other) = (database.open().await, database.open().await);
    let mut seen = vec![other.registry_version().await.unwrap()];
    for (n, change) in [ApplicationChange::Create("k".into()), ApplicationChange::Set("edition".into(), "pro".into())]
        .into_iter()
        .enumerate()
    {
        done(&one, &here(), ChangeApplication { changes: vec![change] }).await.unwrap();
        seen.push(other.registry_version().await.unwrap());
        assert_ne!(seen[n], seen[n + 1]);
    }
    done(&one, &here(), import(&["a"])).await;
    assert_eq!(other.registry_version().await.unwrap(), seen[2], "nothing else changes it");
    done(&one, &here(), DeleteApplication { records: 1000 }).await.unwrap();
    assert!(other.registry_version().await.unwrap() > seen[2]);
}

#[tokio::test]
async fn r_111_a_bucket_that_servers_share_is_as_deep_as_its_rate_whoever_asks() {
    let database = Database::new();
    let servers = [database.open().await, database.open().await];
    let mut taken = 0;
    for n in 0..60 {
        taken += u32::from(servers[n % 2].take_call(SdkAppId(7), "recentcontact/top", 20).await.unwrap());
    }
    // The rest were taken out of what flowed in meanwhile, of which there is one every 50 ms.
    assert!((20..60).contains(&taken), "{taken}");
    assert!(servers[0].take_call(SdkAppId(8), "recentcontact/top", 20).await.unwrap(), "another's is full");
    assert!(servers[1].take_call(SdkAppId(7), "*", 20).await.unwrap(), "another bucket is full");
}

/// Given a distributed database, when one server deletes an account that another has found a moment ago, then the other believes in it
/// for a second, and no longer; and it never believes that an account is not there.
#[tokio::test]
async fn a_server_believes_for_a_second_in_an_account_that_another_deleted() {
    let database = Database::new();
    drop(database.open().await);
    database.say_distributed();
    let (one, other) = (database.open().await, database.open().await);
    let unknown = |n: &str| ItemResult::Err(ItemRefusal::UserNotImported(user(n)));
    done(&one, &here(), import(&["a", "p"])).await;
    let first = done(&other, &here(), create("a", "x", vec![with("p"), with("q")])).await;
    assert_eq!(first.items, [Ok(()), unknown("q")]);
    done(&one, &here(), import(&["q"])).await;
    done(&one, &here(), DeleteAccounts { items: vec![Ok(user("p"))] }).await;
    let second = done(&other, &here(), create("a", "y", vec![with("q")])).await;
    assert_eq!(second.items, [Ok(())], "what was not there is looked for again");
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let third = done(&other, &here(), create("a", "z", vec![with("p")])).await;
    assert_eq!(third.items, [unknown("p")]);
}

/// Given more requests than there is room for, then those beyond it are refused at once, and all others answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_beyond_the_room_are_refused_at_once_and_no_other() {
    let database = Database::new();
    let bounds = cubby_store::postgres::Bounds { connections: 2, queue: 8, ..super::bounds() };
    let store = Arc::new(Postgres::open(&database.url, &bounds).await.unwrap());
    let context = everybody_exists(|_| {});
    let ask = |n: usize| {
        let (store, context) = (Arc::clone(&store), context.clone());
        tokio::spawn(async move { store.execute(create(&format!("u{n}"), "x", vec![]), context).await })
    };
    let (mut kept, mut refused) = (0, 0);
    let asked: Vec<_> = (0..200).map(ask).collect();
    for one in asked {
        match one.await.unwrap() {
            Ok(answer) => {
                answer.unwrap();
                kept += 1;
            }
            Err(StoreError::Overloaded) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(kept >= 8 && refused > 0, "{kept} {refused}");
    let heads = database.sql("SELECT count(*) FROM cubby_users");
    assert_eq!(heads.trim(), kept.to_string(), "what was refused left nothing");
}
