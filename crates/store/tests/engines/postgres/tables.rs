//! The tables themselves: what an operator sees in them, how they come to be, and what is left of what was removed.

use super::{Database, bounds};
use crate::support::{
    chat_group, create, create_chat_group, delete, done, everybody_exists, here, import, pin, say, say_in, star, user,
    with, within_group,
};
use cubby_domain::commands::{ApplicationChange, ChangeApplication, RemoveMembers};
use cubby_pg_cluster::Cluster;
use cubby_store::postgres::{Migrated, Postgres, SCHEMA, migrate};
use cubby_store::{Store, StoreError};
use std::time::Duration;

#[tokio::test]
async fn the_views_show_what_is_kept_in_words() {
    let database = Database::new();
    let store = database.open().await;
    let context = here();
    let keys = vec![ApplicationChange::Create("secretkey".into())];
    done(&store, &context, ChangeApplication { changes: keys }).await.unwrap();
    done(&store, &context, import(&["alice", "bob"])).await;
    done(&store, &context, create_chat_group("team", Some("alice"), &["bob"])).await;
    done(&store, &context, create("alice", "friends", vec![with("bob"), within_group("team")])).await;
    done(&store, &context, star("alice", &[with("bob")])).await;
    done(&store, &context, pin("alice", vec![with("bob")])).await;
    done(&store, &context, say("bob", "alice")).await;
    done(&store, &context, say_in("team", "bob")).await;
    for (query, shown) in [
        (
            "SELECT user_id, imported, contact_groups, conversations, unread FROM cubby_users ORDER BY 1",
            "alice|t|1|2|1\nbob|t|0|0|0",
        ),
        ("SELECT user_id, group_id, name FROM cubby_contact_groups", "alice|1|friends"),
        (
            "SELECT with_a, with_id, group_ids, marks FROM cubby_conversations WHERE owner = 'ualice' ORDER BY entered",
            "user|bob|[1]|1\nchat group|team|[1]|0",
        ),
        (
            "SELECT user_id, with_id, extract(epoch FROM last_message)::bigint, unread FROM cubby_recent_contacts ORDER BY 1",
            "alice|bob|1000000|1\nbob|alice|1000000|0",
        ),
        ("SELECT group_id, type, owner_account, members FROM cubby_chat_groups", "team|Public|alice|2"),
        ("SELECT user_id, is_owner FROM cubby_members ORDER BY 1", "alice|t\nbob|f"),
        ("SELECT app, keys, disabled FROM cubby_applications", "1400000001|1|f"),
    ] {
        assert_eq!(database.sql(query).trim_end(), shown, "{query}");
    }
    assert!(!database.sql("SELECT * FROM cubby_applications").contains("secretkey"), "no view shows a key");
}

/// Given ids and names with a zero byte, which PostgreSQL's text cannot hold, then they are kept, and the views show the rest.
#[tokio::test]
async fn a_zero_byte_is_kept_and_breaks_no_view() {
    let database = Database::new();
    let store = database.open().await;
    let context = everybody_exists(|_| {});
    done(&store, &context, create("a\0b", "x\0y", vec![with("p\0q")])).await;
    done(&store, &context, create("plain", "x", vec![])).await;
    let page = crate::support::page(&store, &context, "a\0b", 0, 10).await;
    assert_eq!(crate::support::ids(page), [with("p\0q")]);
    assert_eq!(database.sql("SELECT user_id FROM cubby_users ORDER BY 1").trim_end(), "a\\000b\nplain");
    assert_eq!(database.sql("SELECT user_id, name FROM cubby_contact_groups").trim_end(), "plain|x");
    assert_eq!(database.sql("SELECT with_id FROM cubby_conversations").trim_end(), "p\\000q");
}

#[tokio::test]
async fn what_removed_records_leave_behind_is_swept_and_heads_stay() {
    let database = Database::new();
    let store = database.open().await;
    let context = here();
    done(&store, &context, import(&["a", "b", "c"])).await;
    done(&store, &context, create("a", "x", vec![with("b"), with("c")])).await;
    done(&store, &context, create_chat_group("g", Some("a"), &["b"])).await;
    done(&store, &context, delete("a", "x")).await;
    done(&store, &context, RemoveMembers { id: chat_group("g"), users: vec![user("b")] }).await;
    done(&store, &context, crate::support::delete_accounts(&["c"])).await;
    let left =
        || database.sql("SELECT count(*) FROM cubby_records WHERE value IS NULL AND key <> ''").trim().to_owned();
    assert_ne!(left(), "0", "there is something to sweep");
    for _ in 0..300 {
        if left() == "0" {
            let tombstones = database.sql("SELECT count(*) FROM cubby_records WHERE value IS NULL");
            // That of the deleted account, and the registry's head, which has no record of its own.
            assert!(tombstones.trim().parse::<u32>().unwrap() >= 1, "{tombstones}");
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{} rows are left", left());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_number_of_servers_may_make_the_tables_at_once_and_again() {
    let database = Database::new();
    let opening = (0..8).map(|_| {
        let url = database.url.clone();
        tokio::spawn(async move { Postgres::open(&url, &bounds()).await.map(Postgres::close) })
    });
    let migrating = (0..4).map(|_| {
        let url = database.url.clone();
        tokio::spawn(async move { migrate(&url, None).await.map(drop) })
    });
    for one in opening.chain(migrating).collect::<Vec<_>>() {
        one.await.unwrap().unwrap();
    }
    assert_eq!(database.sql("SELECT version FROM cubby_schema").trim(), SCHEMA.to_string());
    let again = migrate(&database.url, None).await.unwrap();
    assert_eq!(again, Migrated { from: SCHEMA, to: SCHEMA, distribution: None });
}

/// Given tables of a later version that servers of this one may still serve, then they do; given one that they may not, then they say so.
#[tokio::test]
async fn a_later_schema_is_served_as_long_as_it_allows_it() {
    let database = Database::new();
    let store = database.open().await;
    let later = SCHEMA + 1;
    database.sql(&format!("INSERT INTO cubby_schema (version, oldest) VALUES ({later}, {SCHEMA})"));
    done(&database.open().await, &here(), import(&["a"])).await;
    database.sql(&format!("UPDATE cubby_schema SET oldest = {later} WHERE version = {later}"));
    let refused = Postgres::open(&database.url, &bounds()).await.unwrap_err();
    assert!(matches!(refused, StoreError::NewerFormat { found: 2, known: 1 }), "{refused}");
    for _ in 0..100 {
        if matches!(store.health(), cubby_store::Health::Unavailable(_)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("a server that runs does not notice");
}

/// Given a record with a field that a later version wrote, when a command would change it, then it fails and the record stays.
#[tokio::test]
async fn a_record_of_a_later_version_is_refused_and_never_overwritten() {
    let database = Database::new();
    let store = database.open().await;
    let context = everybody_exists(|_| {});
    done(&store, &context, create("a", "x", vec![with("p")])).await;
    let later = r#"{"entered":1,"groups":[1],"updated":5,"folder":7}"#;
    database.sql(&format!("UPDATE cubby_records SET value = '{later}' WHERE key = 'cup'"));
    let failed = store.execute(star("a", &[with("p")]), context.clone()).await.unwrap_err();
    assert!(matches!(failed, StoreError::Corrupt { .. }), "{failed}");
    assert_eq!(database.sql("SELECT value FROM cubby_records WHERE key = 'cup'").trim(), later);
    done(&store, &context, star("a", &[with("other")])).await;
}

#[tokio::test]
async fn a_database_that_cannot_be_used_says_why_without_the_password() {
    let cluster = Cluster::start();
    let quick = cubby_store::postgres::Bounds { opening: Duration::from_millis(300), ..bounds() };
    let port = cluster.port();
    for (url, says) in [
        (format!("postgres://postgres:secret@127.0.0.1:{port}/nowhere"), "does not exist"),
        ("postgres://postgres:secret@127.0.0.1:1/d".to_owned(), "cannot be reached"),
        ("postgres://postgres:secret@/d?nonsense=1".to_owned(), "cannot be read"),
    ] {
        let error = Postgres::open(&url, &quick).await.unwrap_err().to_string();
        assert!(error.contains(says) && !error.contains("secret"), "{url}: {error}");
    }
}
