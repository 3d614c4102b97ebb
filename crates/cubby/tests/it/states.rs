//! Seeds, resets, snapshots and the deletion of applications, by `/admin/v1` of the real binary: what is put back, and that applications
//! never see each other (R-125).

use crate::support::{APP, KEY, Reply, Server, request};
use cubby_pg_cluster::Cluster;
use serde_json::{Value, json};
use std::thread;
use std::time::Duration;

/// Another application.
const OTHER: u64 = APP + 1;
const GET: &str = "recentcontact/get_contact_group";

fn emulator(flags: &[&str]) -> Server {
    let app = format!("{APP}:{KEY}:ultimate");
    let rates: &[&str] = if flags.contains(&"--call-rate") { &[] } else { &["--call-rate", "0"] };
    Server::start_with(&[&["--emulator", "--app", &app], rates, flags].concat())
}

fn admin(server: &Server, method: &str, path: &str, body: &Value) -> Reply {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let target = format!("/admin/v1/{path}");
    let head = format!("{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {}\r\n\r\n", body.len());
    server.send(&[head.as_bytes(), body.as_bytes()].concat())
}

/// A request that is granted; its reply's body.
fn granted(server: &Server, method: &str, path: &str, body: &Value) -> Value {
    let reply = admin(server, method, path, body);
    assert!(reply.status < 300, "{method} {path}: {} {}", reply.status, String::from_utf8_lossy(&reply.body));
    if reply.body.is_empty() { Value::Null } else { reply.json() }
}

/// A request that is not; its status and why.
fn refused(server: &Server, method: &str, path: &str, body: &Value) -> (u16, String) {
    let reply = admin(server, method, path, body);
    assert!(reply.status >= 400, "{method} {path}: {}", reply.status);
    assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    (reply.status, reply.json()["detail"].as_str().unwrap().to_owned())
}

/// A call of an application whose UserSigs are not checked.
fn call(server: &Server, app: u64, command: &str, body: &Value) -> Value {
    let target = format!("/v4/{command}?sdkappid={app}&identifier=administrator&random=1&contenttype=json");
    server.send(&request("POST", &target, body.to_string().as_bytes())).json()
}

fn done(server: &Server, app: u64, command: &str, body: &Value) {
    let reply = call(server, app, command, body);
    assert_eq!(reply["ErrorCode"], 0, "{command}: {reply}");
}

/// Data with something of everything.
fn data() -> Value {
    json!({
        "users": [
            {
                "user_id": "alice",
                "nick": "Alice",
                "contact_groups": [
                    {"name": "friends", "conversations": ["bob", {"chat_group": "club"}]},
                    {"name": "work", "conversations": [{"user": "carol"}]},
                ],
                "marked": [{"conversation": "bob", "marks": ["star", 40], "custom_mark": "x"}],
                "pins": ["carol"],
                "recent_contacts": [{"conversation": "bob", "last": {"time": 1_700_000_000, "expires": 4_000_000_000_u64}, "unread": 2}],
            },
            {"user_id": "bob"},
            {"user_id": "carol"},
        ],
        "chat_groups": [{"group_id": "club", "type": "Public", "name": "Club", "owner": "bob", "members": ["alice"]}],
    })
}

/// All that calls show of it.
fn shown(server: &Server, app: u64) -> Vec<Value> {
    let from = json!({"From_Account": "alice"});
    let list = json!({"From_Account": "alice", "TimeStamp": 0, "StartIndex": 0, "TopTimeStamp": 0, "TopStartIndex": 0, "AssistFlags": 63});
    let check: Vec<Value> = ["alice", "bob", "carol", "dora"].iter().map(|user| json!({"UserID": user})).collect();
    let mut listed = call(server, app, "recentcontact/get_list", &list);
    // When it was asked is no part of what is there.
    for name in ["TimeStamp", "TopTimeStamp"] {
        listed[name] = Value::Null;
    }
    vec![
        call(server, app, GET, &from),
        listed,
        call(server, app, "im_open_login_svc/account_check", &json!({"CheckItem": check})),
        call(server, app, "group_open_http_svc/get_appid_group_list", &json!({})),
        call(server, app, "group_open_http_svc/get_group_info", &json!({"GroupIdList": ["club"]})),
        call(server, app, "openim/get_c2c_unread_msg_num", &json!({"To_Account": "alice"})),
    ]
}

/// The same without the times that a seed may leave out.
fn without_times(replies: Vec<Value>) -> Vec<Value> {
    const TIMES: [&str; 4] = ["Timestamp", "CreateTime", "JoinTime", "LastInfoTime"];
    fn blank(value: &mut Value) {
        match value {
            Value::Object(fields) => fields.iter_mut().for_each(|(name, value)| {
                if TIMES.contains(&name.as_str()) { *value = Value::Null } else { blank(value) }
            }),
            Value::Array(items) => items.iter_mut().for_each(blank),
            _ => {}
        }
    }
    replies
        .into_iter()
        .map(|mut reply| {
            blank(&mut reply);
            reply
        })
        .collect()
}

/// Changes something of everything.
fn change(server: &Server, app: u64) {
    for (command, body) in [
        ("im_open_login_svc/account_import", json!({"UserID": "dora"})),
        (
            "recentcontact/create_contact_group",
            json!({"From_Account": "alice", "GroupContactItem": [{"GroupName": "new", "ContactItem": [{"Type": 1, "To_Account": "dora"}]}]}),
        ),
        ("recentcontact/del_contact_group", json!({"From_Account": "alice", "GroupName": ["work"]})),
        (
            "recentcontact/mark_contact",
            json!({"From_Account": "alice", "MarkItem": [{"OptType": 1, "ContactItem": {"Type": 1, "To_Account": "bob"}, "ClearMark": [1], "SetMark": [2]}]}),
        ),
        (
            "recentcontact/top",
            json!({"From_Account": "alice", "OperationType": 1, "RecentContactItem": [{"Type": 1, "To_Account": "bob"}]}),
        ),
        (
            "openim/sendmsg",
            json!({"From_Account": "dora", "To_Account": "alice", "MsgRandom": 1, "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": "hi"}}]}),
        ),
        ("group_open_http_svc/create_group", json!({"Type": "Public", "Name": "Other", "GroupId": "other"})),
        ("group_open_http_svc/destroy_group", json!({"GroupId": "club"})),
        ("im_open_login_svc/account_delete", json!({"DeleteItem": [{"UserID": "carol"}]})),
    ] {
        let reply = call(server, app, command, &body);
        assert_eq!(reply["ErrorCode"], 0, "{command}: {reply}");
    }
}

fn path(app: u64, rest: &str) -> String {
    format!("apps/{app}/{rest}")
}

fn unchecked(server: &Server, app: u64) {
    granted(server, "PUT", &path(app, "signing"), &json!({"mode": "off"}));
}

fn over_every_engine(test: impl Fn(&Server)) {
    let cluster = Cluster::start();
    let url = cluster.database();
    for flags in [&["--in-memory"][..], &[], &["--store", &url]] {
        let server = emulator(flags);
        unchecked(&server, APP);
        test(&server);
    }
}

#[test]
fn r_125_a_reset_goes_back_to_the_seed_over_every_engine() {
    over_every_engine(|server| {
        granted(server, "PUT", &path(APP, "seed"), &data());
        let before = shown(server, APP);
        assert!(before.iter().all(|reply| reply["ErrorCode"] == 0), "{before:?}");
        for _ in 0..3 {
            change(server, APP);
            assert_ne!(shown(server, APP), before);
            let replaced = granted(server, "POST", &path(APP, "reset"), &Value::Null);
            assert!(replaced["changes"].as_u64().unwrap() > 0);
            assert_eq!(shown(server, APP), before);
        }
        let replaced = granted(server, "POST", &path(APP, "reset"), &Value::Null);
        assert_eq!(replaced["changes"], 0, "what is as it should be is not written again");
    });
}

#[test]
fn r_125_a_reset_puts_back_faults_waiting_calls_clock_and_rates_and_the_calls_where_asked() {
    let server = emulator(&["--in-memory", "--call-rate", "2"]);
    unchecked(&server, APP);
    granted(&server, "PUT", &path(APP, "seed"), &data());
    granted(&server, "POST", &path(APP, "clock"), &json!({"freeze": 1_800_000_000}));
    let from = json!({"From_Account": "alice"});
    let codes: Vec<_> = (0..3).map(|_| call(&server, APP, GET, &from)["ErrorCode"].as_i64().unwrap()).collect();
    assert_eq!(codes, [0, 0, 60007]);
    granted(&server, "POST", &path(APP, "faults"), &json!({"command": "recentcontact/top", "delay_ms": 600_000}));
    granted(&server, "POST", &path(APP, "faults"), &json!({"error_code": 50004}));
    let top =
        json!({"From_Account": "alice", "OperationType": 1, "RecentContactItem": [{"Type": 1, "To_Account": "bob"}]});
    thread::scope(|scope| {
        let waiting = scope.spawn(|| call(&server, APP, "recentcontact/top", &top));
        while granted(&server, "GET", &path(APP, "faults"), &Value::Null)[0]["struck"] == 0 {
            thread::sleep(Duration::from_millis(5));
        }
        granted(&server, "POST", &path(APP, "reset"), &Value::Null);
        assert_eq!(waiting.join().unwrap()["ErrorCode"], 50004, "what waited is not done any more");
    });
    let list = json!({"From_Account": "alice", "TimeStamp": 0, "StartIndex": 0, "TopTimeStamp": 0, "TopStartIndex": 0, "AssistFlags": 63});
    let pinned = call(&server, APP, "recentcontact/get_list", &list);
    assert!(pinned["SessionItem"].as_array().unwrap().iter().all(|one| one["TopFlag"] == 0), "{pinned}");
    assert_eq!(granted(&server, "GET", &path(APP, "faults"), &Value::Null), json!([]));
    assert_eq!(granted(&server, "GET", &path(APP, "clock"), &Value::Null)["system"], true);
    let rates = granted(&server, "GET", &path(APP, "rates"), &Value::Null);
    let of_get = rates.as_array().unwrap().iter().find(|rate| rate["command"] == GET).unwrap();
    assert_eq!((&of_get["per_second"], &of_get["left"]), (&json!(2), &json!(2)));
    let signing = &granted(&server, "GET", &format!("apps/{APP}"), &Value::Null)["signing"];
    assert_eq!(signing, "off", "how UserSigs are checked stays");
    let calls = |server: &Server| granted(server, "GET", &path(APP, "calls"), &Value::Null).as_array().unwrap().len();
    assert!(calls(&server) >= 4, "the record of calls stays where nobody asked otherwise");
    granted(&server, "POST", &path(APP, "reset"), &json!({"calls": true}));
    assert_eq!(calls(&server), 0);
}

#[test]
fn r_125_two_workers_on_two_applications_never_see_each_other() {
    let server = emulator(&["--in-memory", "--call-rate", "0", "--app", &format!("{OTHER}:{KEY}")]);
    for app in [APP, OTHER] {
        unchecked(&server, app);
        granted(&server, "PUT", &path(app, "seed"), &data());
    }
    let before = shown(&server, APP);
    thread::scope(|scope| {
        for (n, app) in [APP, OTHER].into_iter().enumerate() {
            let (server, before) = (&server, &before);
            scope.spawn(move || {
                for round in 0..15 {
                    granted(server, "POST", &path(app, "clock"), &json!({"freeze": 1_800_000_000 + 1000 * n + round}));
                    let fault = json!({"command": "recentcontact/delete", "error_code": 50000 + n});
                    granted(server, "POST", &path(app, "faults"), &fault);
                    let delete = json!({"From_Account": "alice", "Type": 1, "To_Account": "bob"});
                    assert_eq!(call(server, app, "recentcontact/delete", &delete)["ErrorCode"], 50000 + n);
                    assert_eq!(
                        granted(server, "GET", &path(app, "clock"), &Value::Null)["now"],
                        1_800_000_000 + 1000 * n + round
                    );
                    change(server, app);
                    granted(server, "POST", &path(app, "reset"), &Value::Null);
                    assert_eq!(&shown(server, app), before, "round {round} of {app}");
                }
            });
        }
    });
}

#[test]
fn r_125_snapshots_are_taken_and_restored_by_name_over_every_engine() {
    over_every_engine(|server| {
        granted(server, "PUT", &path(APP, "seed"), &data());
        let seeded = shown(server, APP);
        change(server, APP);
        let changed = shown(server, APP);
        let taken = granted(server, "PUT", &path(APP, "snapshots/after.1"), &Value::Null);
        assert_eq!(taken["name"], "after.1");
        granted(server, "POST", &path(APP, "reset"), &Value::Null);
        assert_eq!(shown(server, APP), seeded);
        granted(server, "POST", &path(APP, "snapshots/after.1/restore"), &Value::Null);
        assert_eq!(shown(server, APP), changed);
        assert_eq!(granted(server, "GET", &path(APP, "snapshots"), &Value::Null), json!([taken]));
        granted(server, "DELETE", &path(APP, "snapshots/after.1"), &Value::Null);
        let (status, why) = refused(server, "POST", &path(APP, "snapshots/after.1/restore"), &Value::Null);
        assert_eq!((status, why.contains("after.1")), (404, true));
        assert_eq!(refused(server, "PUT", &path(APP, "snapshots/a%20b"), &Value::Null).0, 400);
        assert_eq!(shown(server, APP), changed, "what is refused changes nothing");
    });
}

#[test]
fn r_125_a_seed_that_is_wrong_names_its_place_and_changes_nothing() {
    let server = emulator(&["--in-memory"]);
    unchecked(&server, APP);
    granted(&server, "PUT", &path(APP, "seed"), &data());
    let before = shown(&server, APP);
    for (bad, says) in [
        (json!({"users": [{"user": "a"}]}), "users[0]"),
        (json!({"users": [{"user_id": ""}]}), "users[0].user_id"),
        (
            json!({"users": [{"user_id": "a", "contact_groups": [{"name": "x", "conversations": [7]}]}]}),
            "users[0].contact_groups[0].conversations[0]",
        ),
        (json!({"users": [{"user_id": "a", "contact_groups": [{"name": "x", "conversations": ["b"]}]}]}), "b"),
        (
            json!({"users": [{"user_id": "a", "marked": [{"conversation": "a", "marks": [65]}]}]}),
            "users[0].marked[0].marks",
        ),
        (json!({"users": [{"user_id": "a"}, {"user_id": "a"}]}), "a"),
        (json!({"chat_groups": [{"group_id": "g"}]}), "type"),
    ] {
        let (status, why) = refused(&server, "PUT", &path(APP, "seed"), &bad);
        assert_eq!(status, 400);
        assert!(why.contains(says), "{bad}: {why}");
    }
    granted(&server, "POST", &path(APP, "reset"), &Value::Null);
    assert_eq!(shown(&server, APP), before);
}

#[test]
fn r_125_a_file_is_loaded_at_start_where_there_is_no_data_and_no_start_loses_any() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let app = json!({"sdkappid": APP, "key": KEY, "edition": "pro", "settings": {"profile": 2026}, "signing": "off", "data": data()});
    std::fs::write(file.path(), json!({"applications": [app]}).to_string()).unwrap();
    let seed = file.path().to_str().unwrap();
    let mut server = Server::start_with(&["--emulator", "--seed", seed, "--call-rate", "0"]);
    let seeded = shown(&server, APP);
    assert!(seeded.iter().all(|reply| reply["ErrorCode"] == 0), "{seeded:?}");
    assert_eq!(granted(&server, "GET", &format!("apps/{APP}"), &Value::Null)["settings"]["edition"], "pro");
    change(&server, APP);
    let changed = shown(&server, APP);
    assert!(server.stop().success());
    server.start_again();
    assert_eq!(shown(&server, APP), changed, "data that is there stays");
    granted(&server, "POST", &path(APP, "reset"), &Value::Null);
    // Times that the file leaves out are those of the start.
    assert_eq!(without_times(shown(&server, APP)), without_times(seeded));
    assert!(server.stop().success());
    std::fs::write(file.path(), r#"{"applications":[{"sdkappid":7}]}"#).unwrap();
    assert!(server.try_start().is_err());
    let log = std::fs::read_to_string(server.log()).unwrap();
    assert!(log.contains("application 7, key"), "{log}");
}

#[test]
fn r_125_the_seed_of_the_guide_is_loaded_as_it_stands() {
    let guide = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guides/states.md"));
    let seed = guide.split("```json").nth(1).unwrap().split("```").next().unwrap();
    let server = emulator(&["--in-memory"]);
    granted(&server, "POST", "seed", &serde_json::from_str(seed).unwrap());
    let groups = call(&server, APP, GET, &json!({"From_Account": "alice"}));
    let named: Vec<_> =
        groups["GroupItem"].as_array().unwrap().iter().map(|group| group["GroupName"].clone()).collect();
    assert_eq!(named, ["friends", "work"]);
}

#[test]
fn r_125_without_a_seed_an_emulator_becomes_empty_and_any_other_server_is_left_alone() {
    let server = emulator(&["--in-memory"]);
    unchecked(&server, APP);
    done(&server, APP, "im_open_login_svc/account_import", &json!({"UserID": "alice"}));
    granted(&server, "POST", &path(APP, "reset"), &Value::Null);
    assert_eq!(call(&server, APP, GET, &json!({"From_Account": "alice"}))["ErrorCode"], 50001);

    let token = "a-token-for-the-tests";
    let server = Server::start_with(&["--in-memory", "--admin-token", token, "--app", &format!("{APP}:{KEY}")]);
    server.import(&["alice"]);
    let head = format!(
        "POST /admin/v1/apps/{APP}/reset HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token}\r\nContent-Length: 0\r\n\r\n"
    );
    assert_eq!(server.send(head.as_bytes()).status, 409);
    assert_eq!(server.call(GET, &json!({"From_Account": "alice"}))["ErrorCode"], 0);
}

#[test]
fn r_125_an_application_is_deleted_with_its_data_and_can_be_made_again_over_every_engine() {
    over_every_engine(|server| {
        granted(server, "PUT", &path(APP, "seed"), &data());
        granted(server, "POST", "apps", &json!({"sdkappid": OTHER, "key": KEY}));
        unchecked(server, OTHER);
        granted(server, "PUT", &path(OTHER, "seed"), &data());
        let other = shown(server, OTHER);
        granted(server, "DELETE", &format!("apps/{APP}"), &Value::Null);
        assert_eq!(call(server, APP, GET, &json!({"From_Account": "alice"}))["ErrorCode"], 70020);
        assert_eq!(refused(server, "DELETE", &format!("apps/{APP}"), &Value::Null).0, 404);
        assert_eq!(shown(server, OTHER), other);
        granted(server, "POST", "apps", &json!({"sdkappid": APP, "key": KEY}));
        unchecked(server, APP);
        assert_eq!(call(server, APP, GET, &json!({"From_Account": "alice"}))["ErrorCode"], 50001);
        assert_eq!(call(server, APP, "group_open_http_svc/get_appid_group_list", &json!({}))["TotalCount"], 0);
    });
}

#[test]
fn r_125_a_deleted_application_stays_deleted_after_a_restart() {
    let mut server = emulator(&[]);
    granted(&server, "PUT", &path(APP, "seed"), &data());
    granted(&server, "POST", "apps", &json!({"sdkappid": OTHER, "key": KEY}));
    granted(&server, "DELETE", &format!("apps/{APP}"), &Value::Null);
    server.set_flags(&["--emulator"]);
    server.kill();
    server.start_again();
    let listed = granted(&server, "GET", "apps", &Value::Null);
    let ids: Vec<_> = listed.as_array().unwrap().iter().map(|one| one["sdkappid"].as_u64().unwrap()).collect();
    assert_eq!(ids, [OTHER]);
}
