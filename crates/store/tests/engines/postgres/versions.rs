//! Tables that several make at once, tables of a later version, and records of one: who does not understand what is there refuses, and
//! overwrites nothing.

use super::{Database, bounds};
use crate::invariants::Everything;
use crate::support::{asked, create, crowd, done, everybody_exists, here, import, pin, say, soon, star, user, with};
use cubby_domain::Command;
use cubby_store::postgres::{Migrated, Postgres, SCHEMA, migrate};
use cubby_store::{Health, Store, StoreError};
use std::time::Duration;
use tokio::task::JoinSet;

impl Database {
    fn sql(&self, statements: &str) -> String {
        self.cluster.sql(self.url.rsplit_once('/').unwrap().1, statements)
    }
}

/// Given an empty database, when several servers open it at once, then all of them serve, and the tables were made once.
#[tokio::test(flavor = "multi_thread")]
async fn several_servers_at_once_open_an_empty_database() {
    let database = Database::new();
    let mut opening = JoinSet::new();
    for n in 0..8 {
        let url = database.url.clone();
        opening.spawn(async move {
            let store = Postgres::open(&url, &bounds()).await.unwrap();
            let context = everybody_exists(|_| {});
            done(&store, &context, create("a", &format!("{n}"), Vec::new())).await.group.id.0
        });
    }
    let mut ids = soon(opening.join_all()).await;
    ids.sort_unstable();
    assert_eq!(ids, (1..=8).collect::<Vec<_>>());
    assert_eq!(database.sql("SELECT count(*), min(version), max(version) FROM cubby_schema"), "1|1|1");
}

/// Given an empty database, when it is migrated many times at once and again, then each says that it has this version's schema.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_migrated_by_many_at_once() {
    let database = Database::new();
    let mut migrating = JoinSet::new();
    for _ in 0..8 {
        let url = database.url.clone();
        migrating.spawn(async move { migrate(&url, None).await.unwrap() });
    }
    for migrated in soon(migrating.join_all()).await {
        assert_eq!(migrated.to, SCHEMA);
    }
    let again = Migrated { from: SCHEMA, to: SCHEMA, distribution: None };
    assert_eq!(migrate(&database.url, None).await.unwrap(), again);
}

/// Given tables of a later version, when that says that this one may serve them still, then it does; when it says that it may not, then a
/// start is refused, `migrate-store` too, and a server that runs tells that it is not to be asked.
#[tokio::test(flavor = "multi_thread")]
async fn tables_of_a_later_version_are_served_only_where_that_allows_it() {
    let database = Database::new();
    let running = Postgres::open(&database.url, &bounds()).await.unwrap();
    let later = SCHEMA + 1;
    database.sql(&format!("INSERT INTO cubby_schema (version, oldest) VALUES ({later}, {SCHEMA})"));
    let beside = Postgres::open(&database.url, &bounds()).await.unwrap();
    done(&beside, &here(), import(&["a"])).await;
    database.sql(&format!("UPDATE cubby_schema SET oldest = {later} WHERE version = {later}"));
    let refused = [Postgres::open(&database.url, &bounds()).await.err(), migrate(&database.url, None).await.err()];
    for refused in refused {
        assert!(matches!(refused, Some(StoreError::NewerFormat { found: 2, known: 1 })), "{refused:?}");
    }
    soon(async {
        while !matches!(running.health(), Health::Unavailable(_)) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
}

/// Asks for a change that has a record in it that a later version wrote.
async fn refused<C: Command>(store: &Postgres, database: &Database, record: &str, command: C) {
    let select = format!("SELECT version, value FROM cubby_records WHERE {record}");
    let is_one = format!("SELECT count(*) FROM cubby_records WHERE {record}");
    assert_eq!(database.sql(&is_one), "1", "{record}");
    let usual = database.sql(&select);
    let plant = format!(
        "UPDATE cubby_records SET value = (trim(trailing '}}' FROM value::text) || ',\"later\":1}}')::json WHERE {record}"
    );
    database.sql(&plant);
    let planted = database.sql(&select);
    assert_ne!(planted, usual);
    let answer = store.execute(command, everybody_exists(|_| {})).await;
    assert!(matches!(answer, Err(StoreError::Corrupt { .. })), "{record}: {:?}", answer.err());
    assert_eq!(database.sql(&select), planted, "it was overwritten: {record}");
    let restore = "UPDATE cubby_records SET value = replace(value::text, ',\"later\":1}', '}')::json";
    database.sql(restore);
}

/// Given a record with a field that this version does not know, when something is to be changed that the record has a part in, then it is
/// refused and nothing is overwritten; what the record has no part in is changed as ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_a_later_version_is_refused_and_not_overwritten() {
    let database = Database::new();
    let store = Postgres::open(&database.url, &bounds()).await.unwrap();
    let context = everybody_exists(|_| {});
    done(&store, &context, create("a", "group", crowd(2))).await;
    done(&store, &context, say("b", "a")).await;
    done(&store, &context, pin("a", vec![with("b")])).await;
    let of_a = "owner = 'ua'::bytea AND key";
    refused(&store, &database, &format!("{of_a} = ''"), create("a", "other", Vec::new())).await;
    refused(
        &store,
        &database,
        &format!("{of_a} <> '' AND value::text LIKE '%\"groups\"%' AND key::text LIKE '%7031'"),
        star("a", &crowd(2)),
    )
    .await;
    refused(&store, &database, &format!("{of_a} <> '' AND value::text LIKE '%\"arrived\"%'"), say("b", "a")).await;
    refused(&store, &database, &format!("{of_a} <> '' AND value::text LIKE '%\"given\"%'"), pin("a", vec![with("c")]))
        .await;
    done(&store, &context, create("c", "other", crowd(2))).await;
    let kept = asked(&store, &context, Everything(user("a"))).await;
    assert_eq!((kept.conversations.len(), kept.recent_contacts.len()), (2, 1));
}
