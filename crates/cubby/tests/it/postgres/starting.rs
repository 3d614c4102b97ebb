//! Servers that start at once, tables that are made at once, and tables of a later version.

use super::{app, server, until_health_is};
use crate::messages::done;
use crate::support::{APP, KEY, Server};
use cubby_pg_cluster::Cluster;
use serde_json::json;
use std::process::{Command, Output};

fn name(url: &str) -> &str {
    url.rsplit_once('/').unwrap().1
}

/// Given an empty database, when several servers start over it at once, with the same application, then all of them serve, and see what
/// the others wrote.
#[test]
fn several_servers_start_at_once_over_an_empty_database() {
    let cluster = Cluster::start();
    let url = cluster.database();
    let servers: Vec<Server> = std::thread::scope(|scope| {
        let starting: Vec<_> = (0..4).map(|_| scope.spawn(|| server(&url))).collect();
        starting.into_iter().map(|one| one.join().unwrap()).collect()
    });
    servers[0].import(&["a"]);
    for (n, server) in servers.iter().enumerate() {
        let body = json!({"From_Account": "a", "GroupContactItem": [{"GroupName": n.to_string()}]});
        let reply = done(server, "recentcontact/create_contact_group", &body);
        assert_eq!(reply["GroupResultItem"][0]["GroupItem"]["GroupId"], n + 1);
    }
}

/// Given an empty database, when servers start over it at once without any application, then one of them makes one, with one
/// key, and the others go on with it.
#[test]
fn servers_that_start_at_once_make_one_application_to_develop_with() {
    let cluster = Cluster::start();
    let url = cluster.database();
    let servers: Vec<Server> = std::thread::scope(|scope| {
        let starting: Vec<_> = (0..4).map(|_| scope.spawn(|| Server::start_with(&["--store", &url]))).collect();
        starting.into_iter().map(|one| one.join().unwrap()).collect()
    });
    drop(servers);
    assert_eq!(cluster.sql(name(&url), "SELECT keys FROM cubby_applications"), "1");
}

fn migrate_store(url: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cubby")).args(["migrate-store", "--store", url]).output().unwrap()
}

/// Given an empty database, when it is migrated by many at once and again, then all succeed, and a server serves it.
#[test]
fn a_store_is_migrated_by_many_at_once() {
    let cluster = Cluster::start();
    let url = cluster.database();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let run = migrate_store(&url);
                assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
            });
        }
    });
    let again = migrate_store(&url);
    assert!(String::from_utf8_lossy(&again.stdout).contains("have schema 1 already"), "{again:?}");
    server(&url).import(&["a"]);
}

/// Given a server that runs, when a later version upgrades the tables and says that this one may not serve them, then `/health` becomes
/// 503, a new server does not start, and `migrate-store` refuses, each saying why.
#[test]
fn tables_of_a_later_version_are_refused() {
    let cluster = Cluster::start();
    let url = cluster.database();
    let running = server(&url);
    until_health_is(&running, 200);
    cluster.sql(name(&url), "INSERT INTO cubby_schema (version, oldest) VALUES (2, 2)");
    until_health_is(&running, 503);
    let run = migrate_store(&url);
    assert!(!run.status.success());
    assert!(String::from_utf8_lossy(&run.stderr).contains("format 2"), "{run:?}");
    let mut late = Server::launched_by(|command| command);
    late.set_flags(&["--store", &url, "--app", &app(), "--call-rate", "0"]);
    assert!(!late.try_start().expect_err("it starts").success());
    let log = std::fs::read_to_string(late.log()).unwrap();
    assert!(log.contains("format 2"), "{log}");
}

/// Given a user whom a later version wrote with a field that this one does not know, when the user's data is to be changed or read, then
/// the answer is a failure, and nothing was overwritten; other users are served as ever.
#[test]
fn a_record_of_a_later_version_is_refused_and_kept() {
    let cluster = Cluster::start();
    let url = cluster.database();
    let server = Server::start_with(&["--store", &url, "--app", &format!("{APP}:{KEY}:ultimate"), "--call-rate", "0"]);
    server.import(&["a", "b"]);
    let plant =
        "UPDATE cubby_records SET value = '{\"account\":{},\"later\":1}' WHERE owner = 'ua'::bytea AND key = ''";
    cluster.sql(name(&url), plant);
    let kept = || cluster.sql(name(&url), "SELECT version, value FROM cubby_records WHERE owner = 'ua'::bytea");
    let planted = kept();
    let create = |of: &str| json!({"From_Account": of, "GroupContactItem": [{"GroupName": "x"}]});
    assert_eq!(server.call("recentcontact/create_contact_group", &create("a"))["ErrorCode"], 50004);
    let read = json!({"From_Account": "a", "StartIndex": 0});
    assert_eq!(server.call("recentcontact/get_contact_group", &read)["ErrorCode"], 50004);
    assert_eq!(server.call("im_open_login_svc/account_import", &json!({"UserID": "a"}))["ErrorCode"], 70500);
    assert_eq!(kept(), planted);
    assert_eq!(server.call("recentcontact/create_contact_group", &create("b"))["ErrorCode"], 0);
}
