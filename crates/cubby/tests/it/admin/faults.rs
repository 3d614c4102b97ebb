//! Faults (R-120) over the wire: each kind, before and after the command with what becomes of the data, and which calls they strike. Those
//! of items are in `items.rs`.

use super::{call_of, emulator, fault, no_faults, of, post, query_of, refused, server, told};
use crate::support::{self, APP, KEY, Server, now, read_head, read_reply, read_until_closed};
use crate::tls;
use serde_json::{Value, json};
use std::io::Write;
use std::time::Duration;

const IMPORT: &str = "im_open_login_svc/account_import";
const CHECK: &str = "im_open_login_svc/account_check";

fn import(server: &Server, user: &str) -> Value {
    post(server, IMPORT, &json!({"UserID": user}))
}

fn is_imported(server: &Server, user: &str) -> bool {
    let reply = post(server, CHECK, &json!({"CheckItem": [{"UserID": user}]}));
    reply["ResultItem"][0]["AccountStatus"] == "Imported"
}

/// The bytes of a call.
fn bytes(command: &str, body: &Value) -> Vec<u8> {
    let target = format!("/v4/{command}?{}", query_of(APP, KEY, now()));
    support::request("POST", &target, body.to_string().as_bytes())
}

fn counts(server: &Server) -> Vec<(u64, u64)> {
    let all = told(server, "GET", &of("faults"), &json!({}));
    let all = all.as_array().unwrap();
    all.iter().map(|one| (one["seen"].as_u64().unwrap(), one["struck"].as_u64().unwrap())).collect()
}

#[test]
fn r_120_an_error_code_before_the_command_does_nothing_and_after_it_what_it_did_is_kept() {
    let server = emulator();
    for (when, kept) in [("before", false), ("after", true)] {
        fault(&server, &json!({"command": IMPORT, "when": when, "error_code": 70500}));
        let reply = import(&server, when);
        assert_eq!((&reply["ErrorCode"], &reply["ActionStatus"]), (&json!(70500), &json!("FAIL")));
        assert_ne!(reply["ErrorInfo"], "");
        assert_eq!(is_imported(&server, when), kept);
        no_faults(&server);
        assert_eq!(import(&server, when)["ErrorCode"], 0);
    }
    fault(&server, &json!({"command": IMPORT, "error_code": 12345, "error_info": "as asked"}));
    let reply = import(&server, "c");
    assert_eq!((&reply["ErrorCode"], &reply["ErrorInfo"]), (&json!(12345), &json!("as asked")));
}

#[test]
fn r_120_a_call_that_fails_by_itself_is_told_as_it_is() {
    let server = emulator();
    fault(&server, &json!({"when": "after", "error_code": 70500}));
    assert_eq!(post(&server, CHECK, &json!({}))["ErrorCode"], 70402);
    // One that the gate refuses never meets a fault.
    assert_eq!(server.post_with(CHECK, &query_of(APP, "another key", now()), b"{}").code(), 70009);
    assert_eq!(counts(&server), [(1, 1)]);
}

#[test]
fn r_120_a_dropped_connection_ends_without_a_reply() {
    let server = emulator();
    for (when, kept) in [("before", false), ("after", true)] {
        fault(&server, &json!({"command": IMPORT, "when": when, "drop": true}));
        let mut stream = server.connect();
        stream.write_all(&bytes(IMPORT, &json!({"UserID": when}))).unwrap();
        assert!(read_reply(&mut stream).is_none(), "{when}");
        no_faults(&server);
        assert_eq!(is_imported(&server, when), kept);
    }
}

#[test]
fn r_120_over_http_2_a_dropped_call_ends_alone() {
    let (server, ca) = tls::server(&["--admin-token", super::TOKEN]);
    fault(&server, &json!({"command": IMPORT, "drop": true}));
    let call = |command: &str, body: &str| {
        let target = format!("/v4/{command}?{}", query_of(APP, KEY, now()));
        tls::over_https(&server, &ca, "localhost", "--http2", &target, &["-d", body]).map(|curled| curled.body)
    };
    assert!(call(IMPORT, r#"{"UserID":"a"}"#).is_err());
    let checked = call(CHECK, r#"{"CheckItem":[{"UserID":"a"}]}"#).unwrap();
    assert!(checked.contains("NotImported"), "{checked}");
    no_faults(&server);
    assert!(call(IMPORT, r#"{"UserID":"a"}"#).unwrap().contains("OK"));
}

#[test]
fn r_120_a_truncated_reply_tells_its_whole_length_and_ends_early() {
    let server = emulator();
    let body = json!({"CheckItem": [{"UserID": "a"}]});
    let whole = support::exchange(&mut server.connect(), &bytes(CHECK, &body)).body.len();
    for at in [0, 7] {
        fault(&server, &json!({"when": "after", "truncate": at}));
        let mut stream = server.connect();
        stream.write_all(&bytes(CHECK, &body)).unwrap();
        let head = read_head(&mut stream).expect("a head");
        assert_eq!((head.status, head.header("content-length")), (200, Some(whole.to_string().as_str())));
        assert_eq!(read_until_closed(&mut stream), at);
        no_faults(&server);
    }
    // Where there is nothing to cut off, the reply is whole.
    fault(&server, &json!({"when": "after", "truncate": 1_000_000}));
    assert_eq!(post(&server, CHECK, &body)["ErrorCode"], 0);
}

#[test]
fn r_120_a_delayed_call_waits_until_all_faults_are_cleared() {
    let server = emulator();
    for (when, waits) in [("before", false), ("after", true)] {
        fault(&server, &json!({"command": IMPORT, "when": when, "delay_ms": 600_000}));
        let mut stream = server.connect();
        stream.write_all(&bytes(IMPORT, &json!({"UserID": when}))).unwrap();
        while counts(&server) != [(1, 1)] {
            std::thread::sleep(Duration::from_millis(5));
        }
        if waits {
            // What it does is done before it waits.
            while !is_imported(&server, when) {
                std::thread::sleep(Duration::from_millis(5));
            }
        } else {
            assert!(!is_imported(&server, when));
        }
        no_faults(&server);
        assert_eq!(read_reply(&mut stream).expect("a reply").code(), 0);
        assert!(is_imported(&server, when));
    }
}

#[test]
fn r_120_a_delay_goes_with_another_effect() {
    let server = emulator();
    fault(&server, &json!({"delay_ms": 1, "error_code": 70500}));
    assert_eq!(import(&server, "a")["ErrorCode"], 70500);
}

#[test]
fn r_120_a_fault_strikes_the_calls_that_it_is_about() {
    let server = emulator();
    let mark = |of: &str, other: &str| {
        let item = json!({"OptType": 1, "ContactItem": {"Type": 1, "To_Account": other}, "SetMark": [1]});
        post(&server, "recentcontact/mark_contact", &json!({"From_Account": of, "MarkItem": [item]}))["ErrorCode"]
            .clone()
    };
    for (condition, struck) in [
        (json!({}), [true, true, true]),
        (json!({"command": "recentcontact/mark_contact"}), [true, true, true]),
        (json!({"command": "/v4/recentcontact/mark_contact"}), [true, true, true]),
        (json!({"command": IMPORT}), [false, false, false]),
        (json!({"user": "a"}), [true, true, false]),
        (json!({"item": "b"}), [true, false, false]),
        (json!({"user": "a", "item": "d"}), [false, true, false]),
        (json!({"nth": 2}), [false, true, false]),
        (json!({"first": 2}), [true, true, false]),
        (json!({"user": "b", "nth": 1}), [false, false, true]),
        (json!({"until": 1}), [false, false, false]),
        (json!({"until": 4_000_000_000_u64}), [true, true, true]),
        (json!({"probability": 0.0}), [false, false, false]),
        (json!({"probability": 1.0}), [true, true, true]),
    ] {
        let mut asked = json!({"error_code": 50004});
        asked.as_object_mut().unwrap().extend(condition.as_object().unwrap().clone());
        fault(&server, &asked);
        let found = [mark("a", "b"), mark("a", "d"), mark("b", "d")].map(|code| code == 50004);
        assert_eq!(found, struck, "{condition}");
        no_faults(&server);
    }
}

#[test]
fn r_120_a_chance_with_the_same_seed_strikes_the_same_calls() {
    let server = emulator();
    let struck = |seed: u64| {
        fault(&server, &json!({"probability": 0.5, "seed": seed, "error_code": 70500}));
        let found: Vec<bool> = (0..32).map(|_| import(&server, "a")["ErrorCode"] == 70500).collect();
        assert_eq!(counts(&server), [(32, found.iter().filter(|struck| **struck).count() as u64)]);
        no_faults(&server);
        found
    };
    let first = struck(7);
    assert!(first.contains(&true) && first.contains(&false));
    assert_eq!(struck(7), first);
    assert_ne!(struck(8), first);
}

#[test]
fn r_120_faults_end_with_the_applications_clock() {
    let server = emulator();
    told(&server, "POST", &of("clock"), &json!({"freeze": now()}));
    fault(&server, &json!({"until": now() + 1000, "error_code": 70500}));
    assert_eq!(import(&server, "a")["ErrorCode"], 70500);
    told(&server, "POST", &of("clock"), &json!({"advance": 2000}));
    assert_eq!(import(&server, "a")["ErrorCode"], 0);
}

#[test]
fn faults_are_listed_as_they_were_added_counted_and_cleared_one_by_one() {
    let server = emulator();
    let given = [
        json!({"command": IMPORT, "user": "a", "nth": 2, "when": "before", "error_code": 1, "error_info": "x"}),
        json!({"item": "b", "first": 1, "probability": 0.5, "seed": 7, "until": 9, "when": "after", "delay_ms": 5, "result_code": 2}),
        json!({"when": "before", "drop": true}),
    ];
    let ids = given.each_ref().map(|one| fault(&server, one));
    let all = told(&server, "GET", &of("faults"), &json!({}));
    for ((listed, given), id) in all.as_array().unwrap().iter().zip(&given).zip(ids) {
        let mut wanted = given.clone();
        for (name, value) in [("id", id), ("seen", 0), ("struck", 0)] {
            wanted[name] = json!(value);
        }
        assert_eq!(*listed, wanted);
    }
    assert_eq!(told(&server, "GET", &format!("apps/{APP}"), &json!({}))["faults"], 3);
    told(&server, "DELETE", &of(&format!("faults/{}", ids[1])), &json!({}));
    assert!(refused(&server, "DELETE", &of(&format!("faults/{}", ids[1])), &json!({}), 404).contains("fault"));
    let left = told(&server, "GET", &of("faults"), &json!({}));
    assert_eq!([&left[0]["id"], &left[1]["id"], &left[2]], [&json!(ids[0]), &json!(ids[2]), &Value::Null]);
    no_faults(&server);
    assert_eq!(told(&server, "GET", &of("faults"), &json!({})), json!([]));
}

#[test]
fn r_120_another_application_meets_no_fault_of_this_one() {
    let server = emulator();
    told(&server, "POST", "apps", &json!({"sdkappid": 7, "key": "k"}));
    fault(&server, &json!({"error_code": 70500}));
    assert_eq!(call_of(&server, 7, "k", IMPORT, &json!({"UserID": "a"}))["ErrorCode"], 0);
    assert_eq!(import(&server, "a")["ErrorCode"], 70500);
    assert_eq!(told(&server, "GET", "apps/7/faults", &json!({})), json!([]));
}

#[test]
fn a_fault_that_cannot_be_is_refused_with_its_field() {
    let server = server(&["--in-memory"]);
    for (body, says) in [
        (json!({}), "a fault does something"),
        (json!({"drop": true, "truncate": 1}), "one of"),
        (json!({"error_code": 0}), "error_code"),
        (json!({"error_code": "70500"}), "error_code"),
        (json!({"error_info": "x", "drop": true}), "error_info"),
        (json!({"drop": "yes"}), "drop"),
        (json!({"drop": true, "nth": 0}), "nth"),
        (json!({"drop": true, "first": 0}), "first"),
        (json!({"drop": true, "nth": -1}), "nth"),
        (json!({"drop": true, "probability": 2}), "probability"),
        (json!({"delay_ms": 600_001}), "delay_ms"),
        (json!({"delay": 1}), "delay"),
        (json!({"drop": true, "when": "during"}), "when"),
        (json!({"drop": true, "command": "recentcontact/tip"}), "command"),
        (json!({"drop": true, "user": "a".repeat(1025)}), "user"),
        (json!({"result_code": 1, "command": "recentcontact/top"}), "result_code"),
        (json!({"truncate": -1}), "truncate"),
    ] {
        let why = refused(&server, "POST", &of("faults"), &body, 400);
        assert!(why.contains(says), "{body}: {why}");
    }
    for _ in 0..100 {
        fault(&server, &json!({"drop": true}));
    }
    assert!(refused(&server, "POST", &of("faults"), &json!({"drop": true}), 409).contains("100"));
}
