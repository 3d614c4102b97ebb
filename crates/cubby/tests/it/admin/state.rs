//! Seeds, resets and snapshots over the wire: the data of an application is put into a state, and what a reset resets beside it.

use super::{call_of, emulator, fault, of, post, refused, server, told};
use crate::support::{APP, KEY, Server};
use serde_json::{Value, json};

fn seed() -> Value {
    json!({"applications": [{"sdkappid": APP, "data": {"users": [
        {"user_id": "alice", "contact_groups": [{"name": "friends", "conversations": ["bob"]}]}, {"user_id": "bob"}]}}]})
}

/// The names of alice's contact groups, and how many conversations she has in the data.
fn groups(server: &Server) -> (Vec<String>, usize) {
    let listed = post(server, "recentcontact/get_contact_group", &json!({"From_Account": "alice", "StartIndex": 0}));
    let Some(groups) = listed["GroupItem"].as_array() else { return (Vec::new(), 0) };
    let names = groups.iter().map(|group| group["GroupName"].as_str().unwrap().to_owned()).collect();
    (names, listed["ContactItem"].as_array().unwrap().len())
}

fn make(server: &Server, name: &str) {
    let body = json!({"From_Account": "alice", "GroupContactItem": [{"GroupName": name, "ContactItem": []}]});
    assert_eq!(post(server, "recentcontact/create_contact_group", &body)["ErrorCode"], 0);
}

#[test]
fn a_reset_goes_back_to_the_seed_with_no_fault_and_the_systems_clock() {
    let server = emulator();
    assert_eq!(told(&server, "POST", "seed", &seed()), json!([{"sdkappid": APP}]));
    assert_eq!(groups(&server), (vec!["friends".to_owned()], 1));
    make(&server, "more");
    fault(&server, &json!({"error_code": 70500}));
    told(&server, "POST", &of("clock"), &json!({"freeze": 2_000_000_000}));
    told(&server, "POST", &of("reset"), &json!({}));
    assert_eq!(groups(&server), (vec!["friends".to_owned()], 1));
    assert_eq!(told(&server, "GET", &of("faults"), &json!({})), json!([]));
    assert_eq!(told(&server, "GET", &of("clock"), &json!({}))["system"], true);
    assert_ne!(told(&server, "GET", &of("calls"), &json!({})), json!([]));
    told(&server, "POST", &of("reset"), &json!({"calls": true}));
    assert_eq!(told(&server, "GET", &of("calls"), &json!({})), json!([]));
}

#[test]
fn without_a_seed_an_emulator_becomes_empty_and_another_server_is_left_alone() {
    let server = emulator();
    server.import(&["alice"]);
    make(&server, "g");
    told(&server, "POST", &of("reset"), &json!({}));
    assert_eq!(groups(&server).0, [""; 0]);
    let server = super::server(&["--in-memory"]);
    server.import(&["alice"]);
    make(&server, "g");
    assert!(refused(&server, "POST", &of("reset"), &json!({}), 409).contains("seed"));
    assert_eq!(groups(&server).0, ["g"]);
}

#[test]
fn a_snapshot_brings_the_data_back_and_another_application_keeps_its_own() {
    let server = server(&[]);
    told(&server, "POST", "apps", &json!({"sdkappid": 7, "key": "k"}));
    server.import(&["alice"]);
    make(&server, "one");
    let taken = told(&server, "PUT", &of("snapshots/before"), &json!({}));
    assert_eq!((&taken["name"], &taken["users"]), (&json!("before"), &json!(1)));
    make(&server, "two");
    call_of(&server, 7, "k", "im_open_login_svc/account_import", &json!({"UserID": "x"}));
    assert_eq!(groups(&server).0, ["one", "two"]);
    told(&server, "POST", &of("snapshots/before/restore"), &json!({}));
    assert_eq!(groups(&server).0, ["one"]);
    let checked = call_of(&server, 7, "k", "im_open_login_svc/account_check", &json!({"CheckItem": [{"UserID": "x"}]}));
    assert_eq!(checked["ResultItem"][0]["AccountStatus"], "Imported");
    assert_eq!(told(&server, "GET", "apps/7/snapshots", &json!({})), json!([]));
    told(&server, "DELETE", &of("snapshots/before"), &json!({}));
    refused(&server, "DELETE", &of("snapshots/before"), &json!({}), 404);
    refused(&server, "POST", &of("snapshots/before/restore"), &json!({}), 404);
    refused(&server, "PUT", &of("snapshots/a%20b"), &json!({}), 400);
}

#[test]
fn a_seed_that_is_wrong_is_named_by_its_field_and_nothing_is_loaded() {
    let server = emulator();
    server.import(&["alice"]);
    make(&server, "g");
    let with = |data: Value| json!({"applications": [{"sdkappid": APP, "data": data}]});
    for (body, says) in [
        (json!({}), "applications"),
        (json!({"applications": [{"data": {}}]}), "sdkappid"),
        (json!({"applications": [{"sdkappid": 99, "data": {}}]}), "key"),
        (with(json!({"user": []})), "user"),
        (with(json!({"users": [{"user_id": 7}]})), "users[0].user_id"),
        (with(json!({"users": [{"user_id": "alice", "contact_groups": [{"name": ""}]}]})), "contact_groups[0]"),
        (with(json!({"users": [{"user_id": "alice", "pins": ["ghost"]}]})), "ghost"),
    ] {
        let why = refused(&server, "POST", "seed", &body, 400);
        assert!(why.contains(says), "{body}: {why}");
    }
    assert_eq!(groups(&server).0, ["g"]);
    assert_eq!(call_of(&server, APP, KEY, "im_open_login_svc/account_check", &json!({}))["ErrorCode"], 70402);
}
