//! The conversation commands: each documented sample with its whole reply, and each limit at its documented number. The rules one by one
//! are tested in the domain.

use crate::support::{Server, now};
use serde_json::{Value, json};

const CREATE: &str = "recentcontact/create_contact_group";
const UPDATE: &str = "recentcontact/update_contact_group";
const DELETE: &str = "recentcontact/del_contact_group";
const MARK: &str = "recentcontact/mark_contact";
const SEARCH: &str = "recentcontact/search_contact_group";
const GET: &str = "recentcontact/get_contact_group";

fn server(accounts: &[&str]) -> Server {
    let server = Server::start();
    server.import(accounts);
    server
}

/// Posts a body as it is printed in the documentation.
fn posted(server: &Server, path: &str, body: &str) -> Value {
    let reply = server.post(path, body.as_bytes());
    assert_eq!(reply.status, 200);
    reply.json()
}

/// Takes the Timestamps out of a reply's entries; each is a time since `began`.
fn without_timestamps(mut reply: Value, list: &str, began: i64) -> Value {
    for entry in reply[list].as_array_mut().unwrap() {
        let timestamp = entry.as_object_mut().unwrap().remove("Timestamp").unwrap().as_i64().unwrap();
        assert!((began..=now()).contains(&timestamp), "{timestamp}");
    }
    reply
}

fn user(id: impl Into<String>) -> Value {
    json!({"Type": 1, "To_Account": id.into()})
}

fn users(ids: std::ops::Range<usize>) -> Vec<Value> {
    ids.map(|n| user(format!("p{n}"))).collect()
}

fn create(from: &str, name: &str, conversations: &[Value]) -> Value {
    json!({"From_Account": from, "GroupContactItem": [{"GroupName": name, "ContactItem": conversations}]})
}

/// An update that adds (1) or removes (2) conversations.
fn update(from: &str, name: &str, opt: i64, conversations: &[Value]) -> Value {
    let items: Value = conversations.iter().map(|one| json!({"ContactOptType": opt, "ContactItem": one})).collect();
    let group = json!({"UpdateGroupType": 2, "OldGroupName": name, "ContactUpdateItem": items});
    json!({"From_Account": from, "UpdateType": 1, "UpdateGroup": group})
}

fn rename(from: &str, old: &str, new: &str) -> Value {
    let group = json!({"UpdateGroupType": 1, "OldGroupName": old, "NewGroupName": new});
    json!({"From_Account": from, "UpdateType": 1, "UpdateGroup": group})
}

/// Marks conversations with mark 1.
fn star(from: &str, conversations: &[Value]) -> Value {
    let items: Value =
        conversations.iter().map(|one| json!({"OptType": 1, "ContactItem": one, "SetMark": [1]})).collect();
    json!({"From_Account": from, "MarkItem": items})
}

/// The `ResultCode` of each item, wherever the command has its items.
fn codes(reply: &Value) -> Vec<i64> {
    assert_eq!((&reply["ActionStatus"], &reply["ErrorCode"]), (&json!("OK"), &json!(0)), "{reply}");
    let places = ["/GroupResultItem/0/ResultItem", "/UpdateGroupResult/ContactResultItem", "/ResultItem"];
    let items = places.iter().find_map(|place| reply.pointer(place)).and_then(Value::as_array).unwrap();
    items.iter().map(|item| item["ResultCode"].as_i64().unwrap()).collect()
}

fn code(reply: &Value) -> i64 {
    let code = reply["ErrorCode"].as_i64().unwrap();
    assert_eq!(reply["ActionStatus"], if code == 0 { "OK" } else { "FAIL" });
    code
}

#[test]
fn the_sample_of_create_contact_group() {
    let server = server(&["user15", "user0"]);
    let sample = r#"{"From_Account":"user15","GroupContactItem":[{"GroupName":"test0","ContactItem":[{"Type":1,"To_Account":"user0"}]}]}"#;
    let reply = json!({"GroupResultItem":[{"GroupItem":{"GroupName":"test0","GroupId":1},"ResultItem":[{"ContactItem":{"Type":1,"To_Account":"user0"},"ResultCode":0,"ResultInfo":""}]}],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""});
    assert_eq!(posted(&server, CREATE, sample), reply);
    // There is no "exists" code: a retry is harmless (R-052).
    assert_eq!(posted(&server, CREATE, sample), reply);
}

#[test]
fn the_samples_of_update_contact_group() {
    let server = server(&["user_0001", "user_0002", "user_0003"]);
    server.call(CREATE, &create("user_0001", "group_0001", &[user("user_0003")]));
    // One request may add and remove.
    let mixed = r#"{"From_Account":"user_0001","UpdateType":1,"UpdateGroup":{"UpdateGroupType":2,"OldGroupName":"group_0001","ContactUpdateItem":[{"ContactOptType":1,"ContactItem":{"Type":1,"To_Account":"user_0002"}},{"ContactOptType":2,"ContactItem":{"Type":1,"To_Account":"user_0003"}}]}}"#;
    assert_eq!(
        posted(&server, UPDATE, mixed),
        json!({"UpdateType":1,"UpdateGroupResult":{"UpdateGroupType":2,"GroupName":"group_0001","GroupId":1,"OldGroupName":"group_0001","ContactResultItem":[{"ContactOptType":1,"ContactItem":{"Type":1,"To_Account":"user_0002"},"ResultCode":0,"ResultInfo":""},{"ContactOptType":2,"ContactItem":{"Type":1,"To_Account":"user_0003"},"ResultCode":0,"ResultInfo":""}]},"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""})
    );
    let renaming = r#"{"From_Account":"user_0001","UpdateType":1,"UpdateGroup":{"UpdateGroupType":1,"OldGroupName":"group_0001","NewGroupName":"group_0002"}}"#;
    assert_eq!(
        posted(&server, UPDATE, renaming),
        json!({"UpdateType":1,"UpdateGroupResult":{"UpdateGroupType":1,"GroupName":"group_0002","GroupId":1,"OldGroupName":"group_0001","ContactResultItem":[]},"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""})
    );
    let kept = server.call(GET, &json!({"From_Account": "user_0001"}));
    assert_eq!(kept["GroupItem"], json!([{"GroupName": "group_0002", "GroupId": 1}]));
    assert_eq!(kept["ContactItem"][0]["To_Account"], "user_0002");
    assert_eq!(kept["ContactItem"].as_array().unwrap().len(), 1);
}

#[test]
fn the_sample_of_del_contact_group() {
    let server = server(&["user15", "user0"]);
    server.call(CREATE, &create("user15", "kept", &[]));
    server.call(CREATE, &create("user15", "test0", &[user("user0")]));
    let sample = r#"{"From_Account":"user15","GroupName":["test0"]}"#;
    let deleted =
        json!({"GroupItem":[{"GroupName":"test0","GroupId":2}],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""});
    assert_eq!(posted(&server, DELETE, sample), deleted);
    // A failure is the envelope alone, and like the sample has no ErrorDisplay.
    let mut again = posted(&server, DELETE, sample);
    assert_ne!(again.as_object_mut().unwrap().remove("ErrorInfo"), Some(json!("")));
    assert_eq!(again, json!({"ActionStatus": "FAIL", "ErrorCode": 51009}));
}

#[test]
fn the_sample_of_mark_contact() {
    let server = server(&["user0", "user1"]);
    let sample = r#"{"From_Account":"user0","MarkItem":[{"OptType":3,"ContactItem":{"Type":1,"To_Account":"user1"},"SetMark":[1,2,3],"CustomMark":"abcd"}]}"#;
    let reply = json!({"ResultItem":[{"OptType":3,"ContactItem":{"Type":1,"To_Account":"user1"},"ResultCode":0,"ResultInfo":""}],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""});
    assert_eq!(posted(&server, MARK, sample), reply);
    let kept = server.call(GET, &json!({"From_Account": "user0"}));
    assert_eq!(
        (&kept["ContactItem"][0]["StandardMark"], &kept["ContactItem"][0]["CustomMark"]),
        (&json!("111"), &json!("abcd"))
    );
}

/// The data of the pages of search and get: a user with two groups, a friend in both, a chat group with marks alone.
fn as_in_the_samples() -> (Server, i64) {
    let began = now();
    let server = server(&["user0", "teacher4"]);
    let chat = json!({"Type": "Public", "Name": "g", "GroupId": "1N3RSUYG2"});
    assert_eq!(code(&server.call("group_open_http_svc/create_group", &chat)), 0);
    server.call(CREATE, &create("user0", "test1x", &[user("teacher4")]));
    server.call(CREATE, &create("user0", "test10", &[user("teacher4")]));
    let chat = json!({"Type": 2, "ToGroupId": "1N3RSUYG2"});
    let marks = json!([
        {"OptType": 1, "ContactItem": user("teacher4"), "SetMark": [1, 4, 5, 6]},
        {"OptType": 3, "ContactItem": chat, "SetMark": [1, 4, 5, 6], "CustomMark": "abcd"}]);
    assert_eq!(codes(&server.call(MARK, &json!({"From_Account": "user0", "MarkItem": marks}))), [0, 0]);
    (server, began)
}

#[test]
fn the_sample_of_get_contact_group() {
    let (server, began) = as_in_the_samples();
    let reply = posted(&server, GET, r#"{"From_Account":"user0","StartIndex":0}"#);
    assert_eq!(
        without_timestamps(reply, "ContactItem", began),
        json!({"ContactItem":[{"Type":1,"To_Account":"teacher4","StandardMark":"111001","ContactGroupId":[1,2]},{"Type":2,"ToGroupId":"1N3RSUYG2","StandardMark":"111001","CustomMark":"abcd"}],"GroupItem":[{"GroupName":"test1x","GroupId":1},{"GroupName":"test10","GroupId":2}],"CompleteFlag":1,"NextStartIndex":0,"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""})
    );
}

#[test]
fn the_sample_of_search_contact_group() {
    let (server, began) = as_in_the_samples();
    let reply =
        posted(&server, SEARCH, r#"{"From_Account":"user0","ContactItem":[{"Type":1,"To_Account":"teacher4"}]}"#);
    assert_eq!(
        without_timestamps(reply, "ContactResultItem", began),
        json!({"ContactResultItem":[{"Type":1,"To_Account":"teacher4","StandardMark":"111001","ContactGroupId":[1,2]}],"GroupItem":[{"GroupName":"test1x","GroupId":1},{"GroupName":"test10","GroupId":2}],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""})
    );
    // What is not in the data is not answered; each once, in the order asked, whichever spelling (R-060, R-041).
    let asked = json!({"From_Account": "user0", "ContactItem": [
        {"Type": 2, "GroupId": "1N3RSUYG2"}, user("nobody"), user("teacher4"), {"Type": 2, "ToGroupid": "1N3RSUYG2"}, user("teacher4")]});
    let found = server.call(SEARCH, &asked);
    let types: Vec<_> =
        found["ContactResultItem"].as_array().unwrap().iter().map(|entry| entry["Type"].clone()).collect();
    assert_eq!(types, [2, 1]);
    assert_eq!(found["ContactResultItem"][0]["ToGroupId"], "1N3RSUYG2");
}

#[test]
fn a_user_has_20_groups() {
    let server = server(&["a", "b"]);
    for n in 1..=20 {
        assert_eq!(
            server.call(CREATE, &create("a", &format!("g{n}"), &[]))["GroupResultItem"][0]["GroupItem"]["GroupId"],
            n
        );
    }
    // Given 20 groups, the 21st is 51010, and nothing of its request is kept.
    assert_eq!(code(&server.call(CREATE, &create("a", "g21", &[user("b")]))), 51010);
    assert_eq!(server.call(GET, &json!({"From_Account": "a"}))["ContactItem"], json!([]));
    // One that exists is no new one, a rename makes none, and another user has groups of their own.
    assert_eq!(codes(&server.call(CREATE, &create("a", "g20", &[user("b")]))), [0]);
    assert_eq!(code(&server.call(UPDATE, &rename("a", "g20", "renamed"))), 0);
    assert_eq!(code(&server.call(CREATE, &create("b", "g21", &[]))), 0);
    // Deleting one makes room, and its GroupId is not given again (R-046).
    assert_eq!(code(&server.call(DELETE, &json!({"From_Account": "a", "GroupName": ["g7"]}))), 0);
    let created = server.call(CREATE, &create("a", "g7", &[]));
    assert_eq!(created["GroupResultItem"][0]["GroupItem"], json!({"GroupName": "g7", "GroupId": 21}));
    assert_eq!(code(&server.call(CREATE, &create("a", "g22", &[]))), 51010);
}

#[test]
fn a_user_s_data_has_1000_conversations_and_every_page_100_of_them() {
    let server = server(&["a"]);
    let ids: Vec<String> = (0..1002).map(|n| format!("p{n}")).collect();
    server.import(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    // Given 600 in a group and 400 that are marked alone.
    for n in 0..6 {
        assert_eq!(codes(&server.call(CREATE, &create("a", "x", &users(n * 100..n * 100 + 100)))), [0; 100]);
    }
    for n in 6..10 {
        assert_eq!(codes(&server.call(MARK, &star("a", &users(n * 100..n * 100 + 100)))), [0; 100]);
    }
    // When one more is added, by whatever command, it is 51008, and those that are in the data already are not.
    for reply in [
        server.call(UPDATE, &update("a", "x", 1, &[user("p1000"), user("p999"), user("p1001")])),
        server.call(MARK, &star("a", &[user("p1000"), user("p0"), user("p1001")])),
        server.call(CREATE, &create("a", "y", &[user("p1001"), user("p1"), user("p1000")])),
    ] {
        assert_eq!(codes(&reply), [51008, 0, 51008]);
    }
    // Within one request a removal makes room for what comes after it.
    let swap = json!([
        {"ContactOptType": 1, "ContactItem": user("p1000")},
        {"ContactOptType": 2, "ContactItem": user("p2")},
        {"ContactOptType": 1, "ContactItem": user("p1000")},
        {"ContactOptType": 1, "ContactItem": user("p1001")}]);
    let group = json!({"UpdateGroupType": 2, "OldGroupName": "x", "ContactUpdateItem": swap});
    let reply = server.call(UPDATE, &json!({"From_Account": "a", "UpdateType": 1, "UpdateGroup": group}));
    assert_eq!(codes(&reply), [51008, 0, 0, 51008]);
    // Then ten full pages are all there is, in the order in which they entered (R-064).
    let (mut start, mut seen) = (json!(0), Vec::new());
    for page in 1..=10 {
        let reply = server.call(GET, &json!({"From_Account": "a", "StartIndex": start}));
        let entries = reply["ContactItem"].as_array().unwrap();
        assert_eq!(entries.len(), 100);
        seen.extend(entries.iter().map(|entry| entry["To_Account"].as_str().unwrap().to_owned()));
        assert_eq!(reply["CompleteFlag"], i32::from(page == 10));
        start = reply["NextStartIndex"].clone();
        assert_eq!(start == 0, page == 10);
    }
    let expected: Vec<String> = (0..1001).filter(|n| *n != 2).map(|n| format!("p{n}")).collect();
    assert_eq!(seen, expected);
}

#[test]
fn a_create_an_update_and_a_mark_have_100_items_and_a_search_300() {
    let server = server(&["a"]);
    let ids: Vec<String> = (0..100).map(|n| format!("p{n}")).collect();
    server.import(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    let (hundred, more) = (users(0..100), users(0..101));
    assert_eq!(code(&server.call(CREATE, &create("a", "x", &more))), 51006);
    assert_eq!(server.call(GET, &json!({"From_Account": "a"}))["GroupItem"], json!([]), "no group is left behind");
    assert_eq!(codes(&server.call(CREATE, &create("a", "x", &hundred))), [0; 100]);
    assert_eq!(codes(&server.call(CREATE, &create("a", "empty", &[]))), [0; 0], "a create may have none");
    assert_eq!(codes(&server.call(UPDATE, &update("a", "x", 1, &hundred))), [0; 100]);
    assert_eq!(code(&server.call(UPDATE, &update("a", "x", 2, &more))), 51006);
    assert_eq!(code(&server.call(UPDATE, &update("a", "x", 2, &[]))), 51006);
    assert_eq!(codes(&server.call(MARK, &star("a", &hundred))), [0; 100]);
    assert_eq!(code(&server.call(MARK, &star("a", &more))), 51006);
    assert_eq!(code(&server.call(MARK, &star("a", &[]))), 51006);
    let search = |n| server.call(SEARCH, &json!({"From_Account": "a", "ContactItem": users(0..n)}));
    assert_eq!(search(300)["ContactResultItem"].as_array().unwrap().len(), 100);
    assert_eq!(code(&search(301)), 50002);
    assert_eq!(code(&search(0)), 50002);
    // A refusal names the field and the bound.
    let info = server.call(UPDATE, &update("a", "x", 2, &more))["ErrorInfo"].clone();
    assert_eq!(info, "UpdateGroup.ContactUpdateItem has 101 conversations; at most 100");
}

#[test]
fn names_marks_and_ids_are_counted_in_bytes() {
    let server = server(&["a", "b"]);
    let named = |name: &str| code(&server.call(CREATE, &create("a", name, &[])));
    assert_eq!([named(&"x".repeat(32)), named(&"x".repeat(33)), named("")], [0, 51011, 50002]);
    assert_eq!([named(&("会".repeat(10) + "xx")), named(&"会".repeat(11)), named(&"😀".repeat(8))], [0, 51011, 0]);
    assert_eq!(code(&server.call(UPDATE, &rename("a", &"x".repeat(32), &"y".repeat(33)))), 51011);
    assert_eq!(code(&server.call(UPDATE, &rename("a", &"x".repeat(32), &"y".repeat(32)))), 0);
    assert_eq!(code(&server.call(UPDATE, &rename("a", &"x".repeat(3000), "z"))), 51009, "an old name of any length");
    let marked = |mark: &str| {
        let item = json!({"OptType": 2, "ContactItem": user("b"), "CustomMark": mark});
        codes(&server.call(MARK, &json!({"From_Account": "a", "MarkItem": [item]})))[0]
    };
    assert_eq!([marked(&"x".repeat(256)), marked(&"x".repeat(257))], [0, 50002]);
    assert_eq!([marked(&("会".repeat(85) + "x")), marked(&"会".repeat(86)), marked("\u{0}\n\"\\")], [0, 50002, 0]);
    let kept = server.call(GET, &json!({"From_Account": "a"}));
    assert_eq!(kept["ContactItem"][0]["CustomMark"], "\u{0}\n\"\\");
    // A UserID has up to 32 bytes and a chat group's id 48; one that is longer is malformed, one that is not there is not.
    let added = |item: Value| codes(&server.call(UPDATE, &update("a", &"y".repeat(32), 1, &[item])))[0];
    assert_eq!([added(user("u".repeat(32))), added(user("u".repeat(33)))], [50001, 50002]);
    let chat = |bytes| json!({"Type": 2, "ToGroupId": "g".repeat(bytes)});
    assert_eq!([added(chat(48)), added(chat(49)), added(json!({"Type": 2, "ToGroupId": ""}))], [51007, 50002, 50002]);
}

#[test]
fn r_047_an_item_fails_alone_and_in_its_place() {
    let server = server(&["a", "b", "c"]);
    server.call(CREATE, &create("a", "x", &[]));
    let items = json!([
        {"ContactOptType": 1, "ContactItem": {"Type": 1, "To_Account": "b", "ToGroupId": "ignored", "Remark": "b"}},
        {"ContactOptType": 3, "ContactItem": {"Type": 1, "To_Account": "c"}},
        {"ContactOptType": 1, "ContactItem": {"Type": 1, "To_Account": "ghost"}},
        {"ContactOptType": 1, "ContactItem": {"Type": 2, "GroupId": "none"}},
        {"ContactOptType": 1, "ContactItem": {"Type": "1", "To_Account": "c", "More": [1.50]}},
        {"ContactOptType": 4_294_967_296_i64, "ContactItem": 7},
        {"ContactOptType": 2, "ContactItem": {"Type": 1, "To_Account": "ghost"}},
        {"ContactOptType": 1, "ContactItem": [{"Type": 1, "To_Account": "c"}]},
        "x"]);
    let group = json!({"UpdateGroupType": 2, "OldGroupName": "x", "ContactUpdateItem": items});
    let reply = server.call(UPDATE, &json!({"From_Account": "a", "UpdateType": 1, "UpdateGroup": group}));
    assert_eq!(codes(&reply), [0, 50002, 50001, 51007, 50002, 50002, 0, 0, 50002]);
    let echoes: Vec<Value> = reply["UpdateGroupResult"]["ContactResultItem"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| json!([item["ContactOptType"], item["ContactItem"]]))
        .collect();
    assert_eq!(
        json!(echoes),
        json!([
            [1, {"Type": 1, "To_Account": "b"}],
            [3, {"Type": 1, "To_Account": "c"}],
            [1, {"Type": 1, "To_Account": "ghost"}],
            [1, {"Type": 2, "ToGroupId": "none"}],
            [1, {"Type": "1", "To_Account": "c", "More": [1.50]}],
            [0, {}],
            [2, {"Type": 1, "To_Account": "ghost"}],
            [1, {"Type": 1, "To_Account": "c"}],
            [0, {}]])
    );
    let kept = server.call(GET, &json!({"From_Account": "a"}));
    let ids: Vec<_> = kept["ContactItem"].as_array().unwrap().iter().map(|entry| entry["To_Account"].clone()).collect();
    assert_eq!(ids, ["b", "c"]);
}

#[test]
fn r_051_what_a_rename_refuses_changes_nothing() {
    let server = server(&["a", "b"]);
    server.call(CREATE, &create("a", "x", &[user("b")]));
    server.call(CREATE, &create("a", "y", &[]));
    assert_eq!(code(&server.call(UPDATE, &rename("a", "x", "y"))), 50002);
    assert_eq!(code(&server.call(UPDATE, &rename("a", "X", "z"))), 51009, "names compare byte for byte");
    assert_eq!(code(&server.call(UPDATE, &rename("a", "x ", "z"))), 51009);
    let mut two_things = rename("a", "x", "z");
    two_things["UpdateGroup"]["ContactUpdateItem"] = json!([{"ContactOptType": 1, "ContactItem": user("b")}]);
    assert_eq!(code(&server.call(UPDATE, &two_things)), 50002);
    let mut other_type = rename("a", "x", "z");
    other_type["UpdateGroup"]["UpdateGroupType"] = json!(3);
    assert_eq!(code(&server.call(UPDATE, &other_type)), 50002);
    let groups = json!([{"GroupName": "x", "GroupId": 1}, {"GroupName": "y", "GroupId": 2}]);
    assert_eq!(server.call(GET, &json!({"From_Account": "a"}))["GroupItem"], groups);
    // The same name succeeds, and an empty list of conversations is as good as none.
    let mut same = rename("a", "x", "x");
    same["UpdateGroup"]["ContactUpdateItem"] = json!([]);
    assert_eq!(code(&server.call(UPDATE, &same)), 0);
}

#[test]
fn r_048_a_mark_asks_whether_the_other_side_exists_only_where_it_adds_one() {
    let server = server(&["a", "b"]);
    let mark = |item: Value, set: &[u32]| json!({"OptType": 1, "ContactItem": item, "SetMark": set, "ClearMark": [9]});
    let chat_group = json!({"Type": 2, "ToGroupId": "none"});
    let items = [
        mark(user("ghost"), &[1]),
        mark(chat_group.clone(), &[1]),
        mark(user("b"), &[1]),
        mark(user("ghost"), &[]),
        mark(chat_group, &[]),
    ];
    let reply = server.call(MARK, &json!({"From_Account": "a", "MarkItem": items}));
    assert_eq!(codes(&reply), [50001, 51007, 0, 0, 0]);
}
