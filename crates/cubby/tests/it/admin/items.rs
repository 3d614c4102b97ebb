//! Faults of items: one item, or all, of each command whose items have a result of their own; before it is done, or in the reply
//! alone.

use super::{emulator, fault, no_faults, of, post, refused};
use crate::messages;
use crate::support::{Server, now};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A command with two items, the first of which is struck by its id.
struct Case {
    command: &'static str,
    body: Value,
    /// The id of the first item.
    id: &'static str,
    /// Where the code of an item is in the reply, by its number.
    place: fn(usize) -> String,
    /// Whether what the n-th item asks for is done; none for a command that does nothing.
    done: Option<fn(&Server, usize) -> bool>,
}

const SIDES: [&str; 2] = ["bob", "carol"];

fn sides() -> Value {
    json!([{"Type": 1, "To_Account": "bob"}, {"Type": 1, "To_Account": "carol"}])
}

/// Whether alice has a conversation with that one in her data.
fn has(server: &Server, n: usize) -> bool {
    let listed = post(server, "recentcontact/get_contact_group", &json!({"From_Account": "alice", "StartIndex": 0}));
    listed["ContactItem"].as_array().unwrap().iter().any(|item| item["To_Account"] == SIDES[n])
}

fn is_gone(server: &Server, n: usize) -> bool {
    let checked = post(server, "im_open_login_svc/account_check", &json!({"CheckItem": [{"UserID": SIDES[n]}]}));
    checked["ResultItem"][0]["AccountStatus"] == "NotImported"
}

/// Whether the chat group's last message, by alice's list, is that of the n-th item or a later one.
fn is_said(server: &Server, n: usize) -> bool {
    messages::time(server, "alice", "room").is_some_and(|time| time >= now() - 1050 + 100 * i64::try_from(n).unwrap())
}

fn cases() -> Vec<Case> {
    let at = now() - 1000;
    let said = |from: &str, time: i64| json!({"From_Account": from, "SendTime": time, "Random": 1, "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": "x"}}]});
    let marks = sides()
        .as_array()
        .unwrap()
        .iter()
        .map(|side| json!({"OptType": 1, "ContactItem": side, "SetMark": [1]}))
        .collect::<Vec<_>>();
    let moves = sides()
        .as_array()
        .unwrap()
        .iter()
        .map(|side| json!({"ContactOptType": 1, "ContactItem": side}))
        .collect::<Vec<_>>();
    let users = json!([{"UserID": "bob"}, {"UserID": "carol"}]);
    let case = |command, body, place, done| Case { command, body, id: "bob", place, done };
    let flat: fn(usize) -> String = |n| format!("/ResultItem/{n}/ResultCode");
    vec![
        case(
            "recentcontact/create_contact_group",
            json!({"From_Account": "alice", "GroupContactItem": [{"GroupName": "g", "ContactItem": sides()}]}),
            |n| format!("/GroupResultItem/0/ResultItem/{n}/ResultCode"),
            Some(has),
        ),
        case(
            "recentcontact/update_contact_group",
            json!({"From_Account": "alice", "UpdateType": 1,
                "UpdateGroup": {"UpdateGroupType": 2, "OldGroupName": "there", "ContactUpdateItem": moves}}),
            |n| format!("/UpdateGroupResult/ContactResultItem/{n}/ResultCode"),
            Some(has),
        ),
        case("recentcontact/mark_contact", json!({"From_Account": "alice", "MarkItem": marks}), flat, Some(has)),
        case("im_open_login_svc/account_check", json!({"CheckItem": users}), flat, None),
        case("im_open_login_svc/account_delete", json!({"DeleteItem": users}), flat, Some(is_gone)),
        case(
            "group_open_http_svc/import_group_msg",
            json!({"GroupId": "room", "MsgList": [said("bob", at), said("carol", at + 100)]}),
            |n| format!("/ImportMsgResult/{n}/Result"),
            Some(is_said),
        ),
    ]
}

/// An emulator in which no item of the cases is done.
fn fresh() -> Server {
    let server = emulator();
    server.import(&["alice", "bob", "carol"]);
    messages::chat_group(&server, "room", &["alice", "bob", "carol"]);
    let there = json!({"From_Account": "alice", "GroupContactItem": [{"GroupName": "there", "ContactItem": []}]});
    assert_eq!(post(&server, "recentcontact/create_contact_group", &there)["ErrorCode"], 0);
    server
}

fn codes(case: &Case, reply: &Value) -> [i64; 2] {
    [0, 1].map(|n| reply.pointer(&(case.place)(n)).and_then(Value::as_i64).unwrap_or_else(|| panic!("{reply}")))
}

#[test]
fn r_120_an_item_is_refused_before_it_is_done_or_in_the_reply_alone() {
    for case in cases() {
        for (when, done_too) in [("before", false), ("after", true)] {
            let server = fresh();
            fault(&server, &json!({"command": case.command, "item": case.id, "when": when, "result_code": 50777}));
            let reply = post(&server, case.command, &case.body);
            assert_eq!(reply["ErrorCode"], 0, "{}: {reply}", case.command);
            assert_eq!(codes(&case, &reply), [50777, 0], "{} {when}", case.command);
            no_faults(&server);
            if let Some(done) = case.done {
                // Of messages the later one shows that of both.
                let first = done_too || case.command.ends_with("import_group_msg");
                assert_eq!([done(&server, 0), done(&server, 1)], [first, true], "{} {when}", case.command);
            }
        }
    }
}

#[test]
fn r_120_without_an_id_every_item_is_refused() {
    for case in cases() {
        for (when, done_too) in [("before", false), ("after", true)] {
            let server = fresh();
            fault(&server, &json!({"command": case.command, "when": when, "result_code": 50777}));
            let reply = post(&server, case.command, &case.body);
            assert_eq!(codes(&case, &reply), [50777; 2], "{} {when}", case.command);
            no_faults(&server);
            if let Some(done) = case.done {
                assert_eq!([done(&server, 0), done(&server, 1)], [done_too; 2], "{} {when}", case.command);
            }
        }
    }
}

#[test]
fn every_command_whose_items_have_a_result_is_in_these_tests() {
    let server = emulator();
    let none = json!({"result_code": 1, "command": "recentcontact/top"});
    let why = refused(&server, "POST", &of("faults"), &none, 400);
    let listed: BTreeSet<&str> = why.split(": ").last().unwrap().split(", ").collect();
    assert_eq!(listed, cases().iter().map(|case| case.command).collect::<BTreeSet<_>>());
}
