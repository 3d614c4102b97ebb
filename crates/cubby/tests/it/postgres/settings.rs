//! Applications, keys and limits that are changed beside servers that run (R-112), and rates that two servers give together (R-111).

use super::{app, pause, server};
use crate::support::{ADMINISTRATOR, APP, KEY, Server, moment, now, query};
use cubby_pg_cluster::Cluster;
use cubby_protocol::usersig;
use serde_json::{Value, json};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const OTHER_KEY: &str = "another-key-of-the-application";

/// Runs `cubby app` with these words over a database.
fn cubby_app(url: &str, words: &[&str]) {
    let run = Command::new(env!("CARGO_BIN_EXE_cubby")).arg("app").args(words).args(["--store", url]).output().unwrap();
    assert!(run.status.success(), "cubby app {words:?}: {}", String::from_utf8_lossy(&run.stderr));
}

/// The reply to a call that is signed with this key of this application.
fn reply(server: &Server, app: u64, key: &str, path: &str, body: &Value) -> Value {
    let signature = usersig::make(app, key.as_bytes(), ADMINISTRATOR, 86400, now(), None);
    let query = format!("sdkappid={app}&identifier={ADMINISTRATOR}&usersig={signature}&random=7&contenttype=json");
    server.post_with(path, &query, body.to_string().as_bytes()).json()
}

/// The code of such a call.
fn code(server: &Server, app: u64, key: &str, path: &str, body: &Value) -> i64 {
    reply(server, app, key, path, body)["ErrorCode"].as_i64().unwrap()
}

/// Asserts that something is so on every server within two seconds of now, and what a machine that is busy takes beyond them.
fn holds_soon(servers: &[Server], what: &str, is_so: impl Fn(&Server) -> bool) {
    let begun = moment();
    for server in servers {
        while !is_so(server) {
            assert!(begun.elapsed() < Duration::from_secs(10), "{what}: not after {:?}", begun.elapsed());
            pause(20);
        }
    }
}

/// Given two servers that run, when an application is made, gets a key, loses its old one, is limited and is disabled through the command
/// line, then each of that holds on both within two seconds.
#[test]
fn r_112_what_is_changed_of_applications_holds_on_every_server() {
    let cluster = Cluster::start();
    let url = cluster.database();
    let servers = [server(&url), server(&url)];
    let import = |server: &Server, key: &str| {
        code(server, APP + 1, key, "im_open_login_svc/account_import", &json!({"UserID": "a"}))
    };
    for server in &servers {
        assert_eq!(import(server, KEY), 70020, "there is no such application yet");
    }
    let id = (APP + 1).to_string();
    cubby_app(&url, &["create", "--sdkappid", &id, "--key", KEY, "--edition", "ultimate"]);
    holds_soon(&servers, "a new application", |server| import(server, KEY) == 0);
    cubby_app(&url, &["rotate-key", &id, "--key", OTHER_KEY]);
    holds_soon(&servers, "a new key", |server| import(server, OTHER_KEY) == 0);
    cubby_app(&url, &["rotate-key", &id, "--finish"]);
    holds_soon(&servers, "an old key that is retired", |server| import(server, KEY) != 0);
    let names = AtomicU32::new(0);
    let group = |server: &Server| {
        let name = names.fetch_add(1, Ordering::SeqCst).to_string();
        let body = json!({"From_Account": "a", "GroupContactItem": [{"GroupName": name}]});
        code(server, APP + 1, OTHER_KEY, "recentcontact/create_contact_group", &body)
    };
    assert_eq!(group(&servers[0]), 0);
    cubby_app(&url, &["set", &id, "limit.contact_groups=1"]);
    holds_soon(&servers, "a lower limit", |server| group(server) == 51010);
    cubby_app(&url, &["disable", &id]);
    holds_soon(&servers, "an application that is disabled", |server| import(server, OTHER_KEY) != 0);
}

/// Given two servers and an application with data, when it is deleted through the command line, then it is gone on both within two seconds,
/// and one that is made under its SDKAppID has nothing of it.
#[test]
fn r_112_an_application_that_is_deleted_is_gone_on_every_server() {
    let cluster = Cluster::start();
    let url = cluster.database();
    let servers = [server(&url), server(&url)];
    let id = (APP + 1).to_string();
    let ask = |server: &Server, path: &str, body: &Value| reply(server, APP + 1, OTHER_KEY, path, body);
    let import = |server: &Server| {
        ask(server, "im_open_login_svc/account_import", &json!({"UserID": "a"}))["ErrorCode"].as_i64().unwrap()
    };
    let contact_groups = |server: &Server| {
        let read = ask(server, "recentcontact/get_contact_group", &json!({"From_Account": "a"}));
        assert_eq!(read["ErrorCode"], 0, "{read}");
        read["GroupItem"].as_array().unwrap().len()
    };
    cubby_app(&url, &["create", "--sdkappid", &id, "--key", OTHER_KEY]);
    holds_soon(&servers, "an application", |server| import(server) == 0);
    let group = json!({"From_Account": "a", "GroupContactItem": [{"GroupName": "x"}]});
    assert_eq!(ask(&servers[0], "recentcontact/create_contact_group", &group)["ErrorCode"], 0);
    assert_eq!(contact_groups(&servers[1]), 1);
    cubby_app(&url, &["delete", &id, "--yes"]);
    holds_soon(&servers, "a deletion", |server| import(server) == 70020);
    cubby_app(&url, &["create", "--sdkappid", &id, "--key", OTHER_KEY]);
    holds_soon(&servers, "another application", |server| import(server) == 0);
    assert_eq!(servers.each_ref().map(contact_groups), [0, 0], "nothing is there of the former one");
    // What is not of it stays.
    assert_eq!(servers[0].call("im_open_login_svc/account_import", &json!({"UserID": "a"}))["ErrorCode"], 0);
}

/// Calls of two servers in turn, at once; how many were let in, and how many the time that passed may have brought.
fn let_in(servers: &[Server], calls: usize, rate: f64) -> (usize, usize) {
    let begun = moment();
    let codes: Vec<i64> = std::thread::scope(|scope| {
        let ask = |n: usize| {
            let server = &servers[n % servers.len()];
            scope.spawn(move || {
                server
                    .post_with("im_open_login_svc/account_check", &query(), br#"{"CheckItem":[{"UserID":"a"}]}"#)
                    .code()
            })
        };
        let asking: Vec<_> = (0..calls).map(ask).collect();
        asking.into_iter().map(|one| one.join().unwrap()).collect()
    });
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number of calls")]
    let brought = (begun.elapsed().as_secs_f64() * rate).ceil() as usize;
    (codes.iter().filter(|code| **code == 0).count(), brought)
}

/// Has every server ask the store for other calls, so that it has its connections.
fn warm(servers: &[Server]) {
    std::thread::scope(|scope| {
        for n in 0..10 {
            let server = &servers[n % servers.len()];
            scope.spawn(move || server.import(&["a"]));
        }
    });
}

/// Whether a server said that the store did not answer in time, so that it gave the rate by itself.
fn was_by_itself(server: &Server) -> bool {
    std::fs::read_to_string(server.log()).unwrap().contains("gives the rates by itself")
}

/// Given two servers that give a rate of 10 together, when they are asked for 40 calls at once, then 10 are let in, and as many more as the
/// time brings; and given two that give it by themselves, then each gives it.
#[test]
fn r_111_an_exact_rate_is_given_by_all_servers_together() {
    let cluster = Cluster::start();
    for _ in 0..5 {
        let url = cluster.database();
        let flags = ["--store", &url, "--app", &app(), "--call-rate", "10", "--call-rates", "exact"];
        let servers = [Server::start_with(&flags), Server::start_with(&flags)];
        warm(&servers);
        let (count, brought) = let_in(&servers, 40, 10.0);
        if servers.iter().any(was_by_itself) {
            continue;
        }
        assert!((10..=11 + brought).contains(&count), "{count} were let in, with {brought} for the time");
        assert!(brought < 9, "so slow that it shows nothing");
        let url = cluster.database();
        let flags = ["--store", &url, "--app", &app(), "--call-rate", "10"];
        let servers = [Server::start_with(&flags), Server::start_with(&flags)];
        let (count, _) = let_in(&servers, 40, 10.0);
        assert!(count >= 20, "{count} were let in");
        return;
    }
    panic!("the store never answered in time");
}
