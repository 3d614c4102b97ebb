//! A database that is slow, and one that hangs: a client hears in time that nothing is known or that nothing was done, never later.

use super::{health, server, until_health_is};
use crate::messages::done;
use crate::support::{Server, moment};
use cubby_pg_cluster::{Cluster, Proxy};
use serde_json::{Value, json};
use std::time::Duration;

/// What a client waits for, and what a machine that is busy takes beyond it.
const WITHIN: Duration = Duration::from_secs(5);

fn create(server: &Server, of: &str, name: &str) -> i64 {
    let body = json!({"From_Account": of, "GroupContactItem": [{"GroupName": name, "ContactItem": [{"Type": 1, "To_Account": "peer"}]}]});
    let begun = moment();
    let reply = server.call("recentcontact/create_contact_group", &body);
    assert!(begun.elapsed() < WITHIN, "answered after {:?}: {reply}", begun.elapsed());
    reply["ErrorCode"].as_i64().unwrap()
}

/// The names of a user's contact groups and how many conversations each has.
fn groups(server: &Server, of: &str) -> Vec<(String, usize)> {
    let reply = done(server, "recentcontact/get_contact_group", &json!({"From_Account": of, "StartIndex": 0}));
    let items = |id: &Value| {
        let within = |item: &&Value| item["ContactGroupId"].as_array().unwrap().contains(id);
        reply["ContactItem"].as_array().unwrap().iter().filter(within).count()
    };
    let groups = reply["GroupItem"].as_array().unwrap().iter();
    groups.map(|group| (group["GroupName"].as_str().unwrap().to_owned(), items(&group["GroupId"]))).collect()
}

/// Given a database behind a slow network, when it takes 0.3 s each way, then a change is done in time; when it takes 3 s, then the answer
/// is 50005, and afterwards the change is there whole or not at all.
#[test]
fn r_020_a_slow_database_is_waited_for_no_longer_than_a_client_waits() {
    let cluster = Cluster::start();
    let url = cluster.database();
    let proxy = Proxy::start(cluster.port());
    let server = server(&proxy.url_of(&url));
    server.import(&["a", "peer"]);
    assert_eq!(create(&server, "a", "before"), 0);
    proxy.delay(Duration::from_millis(300));
    assert_eq!(create(&server, "a", "slowly"), 0);
    proxy.delay(Duration::from_secs(3));
    assert_eq!(create(&server, "a", "too slowly"), 50005);
    let read = server.call("recentcontact/get_contact_group", &json!({"From_Account": "a", "StartIndex": 0}));
    // Where the one connection is taken still, it has not begun.
    assert!([50005, 60008].contains(&read["ErrorCode"].as_i64().unwrap()), "{read}");
    proxy.delay(Duration::ZERO);
    let begun = moment();
    while create(&server, "a", "after") != 0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not serve again");
    }
    until_health_is(&server, 200);
    let found = groups(&server, "a");
    assert!(found.iter().all(|(_, conversations)| *conversations == 1), "{found:?}");
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).filter(|name| *name != "too slowly").collect();
    assert_eq!(names, ["before", "slowly", "after"]);
}

/// Given a database that hangs, when a hundred clients ask at once, then each hears 50005 or 60008 in time and `/health` becomes 503; when
/// it goes on, `/health` is 200 again by itself, what was answered 60008 was not done, and what was answered 50005 is there whole or not at
/// all, and not twice.
#[test]
fn r_020_a_database_that_hangs_keeps_no_client_waiting() {
    let cluster = Cluster::start();
    let mut server = server(&cluster.database());
    let users: Vec<String> = (0..100).map(|n| format!("u{n}")).collect();
    server.import(&users.iter().map(String::as_str).chain(["peer"]).collect::<Vec<_>>());
    let all_at_once = |name: &str| -> Vec<i64> {
        std::thread::scope(|scope| {
            let server = &server;
            let asking: Vec<_> = users.iter().map(|of| scope.spawn(move || create(server, of, name))).collect();
            asking.into_iter().map(|one| one.join().unwrap()).collect()
        })
    };
    // All connections are there: who asks first has one.
    assert_eq!(all_at_once("first"), vec![0; 100]);
    cluster.pause();
    let codes = all_at_once("wanted");
    until_health_is(&server, 503);
    assert!(codes.iter().all(|code| [50005, 60008].contains(code)), "{codes:?}");
    assert!(codes.contains(&50005) && codes.contains(&60008), "{codes:?}");
    cluster.resume();
    until_health_is(&server, 200);
    for (of, code) in users.iter().zip(codes) {
        let found = groups(&server, of);
        let both = [("first".to_owned(), 1), ("wanted".to_owned(), 1)];
        assert!(found == both[..1] || (code == 50005 && found == both), "{code}: {found:?}");
        assert_eq!(create(&server, of, "wanted"), 0);
        assert_eq!(groups(&server, of), both);
    }
    assert_eq!(health(&server), 200);
    cluster.pause();
    assert_ne!(create(&server, "u0", "last"), 0);
    assert!(server.stop().success(), "a database that hangs keeps no server from ending");
}
