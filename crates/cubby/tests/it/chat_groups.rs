//! The chat group commands, as far as conversations need them: samples with their whole replies, batches at their documented sizes, and
//! each code.

use crate::support::{Server, now};
use serde_json::{Value, json};

const CREATE: &str = "group_open_http_svc/create_group";
const DESTROY: &str = "group_open_http_svc/destroy_group";
const INFO: &str = "group_open_http_svc/get_group_info";
const LIST: &str = "group_open_http_svc/get_appid_group_list";
const ADD: &str = "group_open_http_svc/add_group_member";
const REMOVE: &str = "group_open_http_svc/delete_group_member";
const JOINED: &str = "group_open_http_svc/get_joined_group_list";

fn server(accounts: &[&str]) -> Server {
    let server = Server::start();
    server.import(accounts);
    server
}

fn ok() -> Value {
    json!({"ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0})
}

/// The code of a reply; a failure is the envelope alone, without `ErrorDisplay`.
fn code(reply: &Value) -> i64 {
    let code = reply["ErrorCode"].as_i64().unwrap();
    if code != 0 {
        assert_eq!(reply["ActionStatus"], "FAIL", "{reply}");
        assert_ne!(reply["ErrorInfo"], "");
        assert_eq!(reply.as_object().unwrap().len(), 3, "{reply}");
    }
    code
}

fn members(ids: &[String]) -> Value {
    ids.iter().map(|id| json!({"Member_Account": id})).collect()
}

fn ids(n: usize) -> Vec<String> {
    (0..n).map(|n| format!("m{n}")).collect()
}

fn group(id: &str, more: &Value) -> Value {
    let mut group = json!({"Type": "Public", "Name": "g", "GroupId": id});
    group.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    group
}

/// The ids of a list of chat groups.
fn listed(reply: &Value) -> Vec<String> {
    assert_eq!(code(reply), 0, "{reply}");
    let list = reply["GroupIdList"].as_array().unwrap();
    list.iter().map(|one| one["GroupId"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn r_073_create_group_gives_an_id_or_takes_one() {
    let server = server(&["leckie"]);
    let sample = json!({"Owner_Account": "leckie", "Type": "Public", "Name": "TestGroup"});
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let mut reply = server.call(CREATE, &sample);
        let id = reply.as_object_mut().unwrap().remove("GroupId").unwrap().as_str().unwrap().to_owned();
        assert_eq!(reply, ok());
        let rest = id.strip_prefix("@TGS#").expect("the documented beginning");
        assert!(rest.len() >= 9 && rest.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()), "{id}");
        assert!(seen.insert(id), "an id is given once");
    }
    for right in ["MyFirstGroup", &"g".repeat(48), " ~", "@TGS", "x@TGS#"] {
        let mut reply = ok();
        reply["GroupId"] = json!(right);
        assert_eq!(server.call(CREATE, &group(right, &json!({}))), reply);
    }
    for wrong in ["@TGS#1", "@TGS#_1", &"g".repeat(49), "é", "a\tb", "\u{7f}"] {
        assert_eq!(code(&server.call(CREATE, &group(wrong, &json!({})))), 10015, "{wrong:?}");
    }
    assert_eq!(
        code(&server.call(CREATE, &group("@TGS#_mine", &json!({"Type": "Community"})))),
        10015,
        "a community's neither"
    );
    // Without a GroupId, or with an empty one, it is generated.
    for nothing in [json!(""), Value::Null] {
        assert!(
            server.call(CREATE, &json!({"Type": "Work", "Name": "g", "GroupId": nothing}))["GroupId"]
                .as_str()
                .unwrap()
                .starts_with("@TGS#")
        );
    }
}

#[test]
fn create_group_needs_type_and_name() {
    let server = server(&["a"]);
    for kind in ["Private", "Work", "Public", "ChatRoom", "Meeting", "AVChatRoom", "Community"] {
        assert_eq!(code(&server.call(CREATE, &json!({"Type": kind, "Name": "g"}))), 0, "{kind}");
    }
    let wrong = [
        json!({"Name": "g"}),
        json!({"Type": "Public"}),
        json!({"Type": "public", "Name": "g"}),
        json!({"Type": 1, "Name": "g"}),
        json!({"Type": "Public", "Name": ""}),
        json!({"Type": "Public", "Name": 7}),
        json!({"Type": "Public", "Name": "g", "GroupId": 7}),
        json!({"Type": "Public", "Name": "g", "MaxMemberCount": "7"}),
        json!({"Type": "Public", "Name": "g", "MaxMemberCount": -1}),
        json!({"Type": "Public", "Name": "g", "MemberList": "a"}),
        json!({"Type": "Public", "Name": "g", "MemberList": [7]}),
        json!({"Type": "Public", "Name": "g", "MemberList": [{}]}),
        json!({"Type": "Public", "Name": "g", "MemberList": [{"Member_Account": 7}]}),
        json!({}),
    ];
    for body in wrong {
        assert_eq!(code(&server.call(CREATE, &body)), 10004, "{body}");
    }
    assert_eq!(code(&server.call(CREATE, &json!({"Type": "Public", "Name": "g", "Owner_Account": 7}))), 60015);
    assert_eq!(server.call(LIST, &json!({}))["TotalCount"], 7, "what is refused makes none");
}

#[test]
fn create_group_and_its_members() {
    let server = server(&["a", "b", "c"]);
    let hundred = ids(100);
    server.import(&hundred.iter().map(String::as_str).collect::<Vec<_>>());
    let with = |id: &str, more: Value| code(&server.call(CREATE, &group(id, &more)));
    assert_eq!(with("hundred", json!({"MemberList": members(&hundred)})), 0);
    assert_eq!(with("more", json!({"MemberList": members(&ids(101))})), 10005);
    assert_eq!(with("more", json!({"Owner_Account": "ghost"})), 10019);
    assert_eq!(with("more", json!({"MemberList": [{"Member_Account": "a"}, {"Member_Account": "ghost"}]})), 10019);
    assert_eq!(
        with("more", json!({"MaxMemberCount": 2, "Owner_Account": "a", "MemberList": members(&hundred)})),
        10014
    );
    assert_eq!(with("more", json!({"Type": "AVChatRoom", "MemberList": [{"Member_Account": "a"}]})), 10007);
    assert_eq!(server.call(LIST, &json!({}))["TotalCount"], 1);
    // An id is taken: by another owner or by nobody 10021, by the same owner 10025.
    assert_eq!(with("of a", json!({"Owner_Account": "a"})), 0);
    assert_eq!(with("of a", json!({"Owner_Account": "a"})), 10025);
    assert_eq!(with("of a", json!({"Owner_Account": "b"})), 10021);
    assert_eq!(with("of a", json!({})), 10021);
    assert_eq!(with("hundred", json!({})), 10021);
}

#[test]
fn r_077_get_group_info_has_an_error_code_in_each_entry() {
    let began = now();
    let server = server(&["a", "b"]);
    let more = json!({"Owner_Account": "a", "Name": "名", "MaxMemberCount": 5, "MemberList": [{"Member_Account": "b", "Role": "Admin"}]});
    assert_eq!(code(&server.call(CREATE, &group("g", &more))), 0);
    let mut reply = server.call(INFO, &json!({"GroupIdList": ["none", "g", "é", "g"]}));
    for place in ["/GroupInfo/1", "/GroupInfo/3"] {
        let entry = reply.pointer_mut(place).unwrap().as_object_mut().unwrap();
        for time in ["CreateTime", "LastInfoTime"] {
            assert!((began..=now()).contains(&entry.remove(time).unwrap().as_i64().unwrap()));
        }
        for member in entry["MemberList"].as_array_mut().unwrap() {
            let joined = member.as_object_mut().unwrap().remove("JoinTime").unwrap();
            assert!((began..=now()).contains(&joined.as_i64().unwrap()));
        }
    }
    let found = json!({
        "GroupId": "g", "ErrorCode": 0, "ErrorInfo": "", "Type": "Public", "Name": "名", "Introduction": "", "Notification": "",
        "FaceUrl": "", "Owner_Account": "a", "LastMsgTime": 0, "NextMsgSeq": 1, "MemberNum": 2, "MaxMemberNum": 5,
        "ApplyJoinOption": "NeedPermission",
        "MemberList": [{"Member_Account": "a", "Role": "Owner"}, {"Member_Account": "b", "Role": "Member"}]});
    for (n, id, code) in [(0, "none", 10010), (2, "é", 10015)] {
        let entry = &reply["GroupInfo"][n];
        assert_eq!((&entry["GroupId"], &entry["ErrorCode"]), (&json!(id), &json!(code)));
        assert_ne!(entry["ErrorInfo"], "");
        assert_eq!(entry.as_object().unwrap().len(), 3);
    }
    assert_eq!((&reply["GroupInfo"][1], &reply["GroupInfo"][3]), (&found, &found));
    assert_eq!((&reply["ActionStatus"], &reply["ErrorCode"]), (&json!("OK"), &json!(0)));
    assert_eq!(reply.as_object().unwrap().len(), 4);
    // At most 50, and one at least.
    let many = |n: usize| server.call(INFO, &json!({"GroupIdList": vec!["g"; n]}));
    assert_eq!(many(50)["GroupInfo"].as_array().unwrap().len(), 50);
    assert_eq!([code(&many(51)), code(&many(0))], [10004, 10004]);
    let odd = server.call(INFO, &json!({"GroupIdList": [7, "g", ""]}));
    let codes = odd["GroupInfo"].as_array().unwrap().iter().map(|entry| &entry["ErrorCode"]);
    assert_eq!(codes.collect::<Vec<_>>(), [10004, 0, 10015], "an ill-formed id is its entry's own error");
    for wrong in [json!({}), json!({"GroupIdList": "g"}), json!({"GroupIdList": {"GroupId": "g"}})] {
        assert_eq!(code(&server.call(INFO, &wrong)), 10004, "{wrong}");
    }
}

#[test]
fn get_appid_group_list_in_pages() {
    let server = server(&["a"]);
    let empty =
        json!({"TotalCount": 0, "GroupIdList": [], "Next": 0, "ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": ""});
    assert_eq!(server.call(LIST, &json!({})), empty);
    assert_eq!(server.post(LIST, b"[]").json(), empty, "as PHP sends an empty object");
    let names = ["g0", "g1", "g2", "g3", "g4"];
    for (n, name) in names.iter().enumerate() {
        let kind = if n == 3 { "Work" } else { "Public" };
        assert_eq!(code(&server.call(CREATE, &group(name, &json!({"Type": kind})))), 0);
    }
    let all = server.call(LIST, &json!({"Limit": 10000}));
    assert_eq!(
        (listed(&all), &all["TotalCount"], &all["Next"]),
        (names.map(str::to_owned).into(), &json!(5), &json!(0))
    );
    // Given pages of two, each group comes once, and a Next of 0 is the end.
    for limit in 1..=5 {
        let (mut next, mut seen, mut pages) = (json!(0), Vec::new(), 0);
        loop {
            let page = server.call(LIST, &json!({"Limit": limit, "Next": next}));
            assert!(listed(&page).len() <= limit);
            assert_eq!(page["TotalCount"], 5);
            seen.extend(listed(&page));
            next = page["Next"].clone();
            pages += 1;
            if next == 0 {
                break;
            }
        }
        assert_eq!((seen, pages), (names.map(str::to_owned).into(), 5_usize.div_ceil(limit)), "{limit}");
    }
    assert_eq!(listed(&server.call(LIST, &json!({"GroupType": "Work"}))), ["g3"]);
    // A group that is gone is in no page.
    assert_eq!(server.call(DESTROY, &json!({"GroupId": "g1"})), ok());
    let rest = server.call(LIST, &json!({}));
    assert_eq!((listed(&rest), &rest["TotalCount"]), (["g0", "g2", "g3", "g4"].map(str::to_owned).into(), &json!(4)));
    for wrong in [
        json!({"Limit": 0}),
        json!({"Limit": 10001}),
        json!({"Limit": "2"}),
        json!({"Next": -1}),
        json!({"Next": "0"}),
        json!({"GroupType": 1}),
    ] {
        assert_eq!(code(&server.call(LIST, &wrong)), 10004, "{wrong}");
    }
}

#[test]
fn r_075_add_group_member_has_a_result_for_each() {
    let server = server(&["a", "b", "c", "d"]);
    assert_eq!(code(&server.call(CREATE, &group("g", &json!({"Owner_Account": "a", "MaxMemberCount": 3})))), 0);
    let add = |who: &[&str]| {
        server.call(ADD, &json!({"GroupId": "g", "Silence": 1, "MemberList": who.iter().map(|id| json!({"Member_Account": id})).collect::<Value>()}))
    };
    let mut reply = ok();
    reply["MemberList"] = json!([{"Member_Account": "b", "Result": 1}, {"Member_Account": "a", "Result": 2}, {"Member_Account": "ghost", "Result": 0}]);
    assert_eq!(add(&["b", "a", "ghost"]), reply);
    reply["MemberList"] = json!([{"Member_Account": "c", "Result": 1}, {"Member_Account": "d", "Result": 0}]);
    assert_eq!(add(&["c", "d"]), reply, "three are a full group");
    // Where nobody could be added the request fails, and says why.
    assert_eq!(code(&add(&["d"])), 10014);
    assert_eq!(code(&add(&["ghost"])), 10019);
    assert_eq!(code(&add(&["b"])), 0, "one who is in it");
    // An ill-formed id is its item's own error, and the request's where there is no other.
    let list = |list: Value| server.call(ADD, &json!({"GroupId": "g", "MemberList": list}));
    let mixed = list(json!([{"Member_Account": 7}, {"Member_Account": "b"}, "b", {}]));
    let results = mixed["MemberList"].as_array().unwrap().iter().map(|one| &one["Result"]);
    assert_eq!(results.collect::<Vec<_>>(), [0, 2, 0, 0], "{mixed}");
    assert!(mixed["MemberList"].as_array().unwrap().iter().all(|one| one["Member_Account"].is_string()), "{mixed}");
    assert_eq!(code(&list(json!([{"Member_Account": 7}]))), 10004);
    let info = server.call(INFO, &json!({"GroupIdList": ["g"]}));
    assert_eq!(info["GroupInfo"][0]["MemberNum"], 3);
    let to = |id: &str, list: &Value| code(&server.call(ADD, &json!({"GroupId": id, "MemberList": list})));
    let d = json!([{"Member_Account": "d"}]);
    assert_eq!([to("none", &d), to("é", &d), to("", &d), to("g", &json!([]))], [10010, 10015, 10004, 10004]);
}

#[test]
fn a_request_adds_300_members_and_removes_100() {
    let server = server(&["a"]);
    let all = ids(301);
    server.import(&all.iter().map(String::as_str).collect::<Vec<_>>());
    server.call(CREATE, &group("g", &json!({})));
    assert_eq!(code(&server.call(ADD, &json!({"GroupId": "g", "MemberList": members(&all)}))), 10005);
    let added = server.call(ADD, &json!({"GroupId": "g", "MemberList": members(&all[..300])}));
    assert!(added["MemberList"].as_array().unwrap().iter().all(|one| one["Result"] == 1), "{added}");
    let remove = |ids: &[String]| code(&server.call(REMOVE, &json!({"GroupId": "g", "MemberToDel_Account": ids})));
    assert_eq!([remove(&all[..101]), remove(&all[..100])], [10005, 0]);
    assert_eq!(server.call(INFO, &json!({"GroupIdList": ["g"]}))["GroupInfo"][0]["MemberNum"], 200);
}

#[test]
fn removing_one_who_is_no_member_succeeds_and_the_owner_stays() {
    let server = server(&["a", "b", "c"]);
    let more = json!({"Owner_Account": "a", "MemberList": [{"Member_Account": "b"}]});
    assert_eq!(code(&server.call(CREATE, &group("g", &more))), 0);
    let remove = |who: Value| {
        server.call(REMOVE, &json!({"GroupId": "g", "Silence": 1, "Reason": "r", "MemberToDel_Account": who}))
    };
    assert_eq!(remove(json!(["c"])), ok());
    assert_eq!(remove(json!(["ghost"])), ok());
    assert_eq!(code(&remove(json!(["b", "a"]))), 10007, "R-076");
    let joined = |who: &str| listed(&server.call(JOINED, &json!({"Member_Account": who})));
    assert_eq!(
        (joined("a"), joined("b")),
        (vec!["g".to_owned()], vec!["g".to_owned()]),
        "a refused request removes nobody"
    );
    assert_eq!(remove(json!(["b", "b"])), ok());
    assert_eq!(remove(json!(["b"])), ok());
    assert_eq!((joined("a"), joined("b")), (vec!["g".to_owned()], vec![]));
    for wrong in [json!([]), json!("b"), json!([7]), json!([""]), Value::Null, json!(["x".repeat(33)])] {
        assert_eq!(code(&remove(wrong.clone())), 10004, "{wrong}");
    }
    let from = |id: &str| code(&server.call(REMOVE, &json!({"GroupId": id, "MemberToDel_Account": ["b"]})));
    assert_eq!([from("none"), from("é"), from("")], [10010, 10015, 10004]);
}

#[test]
fn get_joined_group_list_and_its_parts() {
    let server = server(&["a", "b"]);
    for (id, kind) in [("g1", "Public"), ("g2", "Work"), ("g3", "Public")] {
        server.call(CREATE, &group(id, &json!({"Type": kind, "MemberList": [{"Member_Account": "a"}]})));
    }
    let joined = |more: Value| {
        let mut body = json!({"Member_Account": "a"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        server.call(JOINED, &body)
    };
    let ids = |ids: &[&str]| ids.iter().map(|id| json!({"GroupId": id})).collect::<Value>();
    let whole = json!({"TotalCount": 3, "GroupIdList": ids(&["g1", "g2", "g3"]), "ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": ""});
    assert_eq!(joined(json!({})), whole);
    assert_eq!(listed(&joined(json!({"Limit": 2}))), ["g1", "g2"]);
    assert_eq!(listed(&joined(json!({"Limit": 2, "Offset": 2}))), ["g3"]);
    assert_eq!(listed(&joined(json!({"Offset": 9}))), [""; 0]);
    assert_eq!(joined(json!({"Limit": 1}))["TotalCount"], 3);
    assert_eq!(listed(&joined(json!({"GroupType": "Work"}))), ["g2"]);
    // One that was dissolved is left by all.
    assert_eq!(server.call(DESTROY, &json!({"GroupId": "g2"})), ok());
    assert_eq!(listed(&joined(json!({}))), ["g1", "g3"]);
    assert_eq!(listed(&server.call(JOINED, &json!({"Member_Account": "b"}))), [""; 0]);
    assert_eq!(code(&server.call(JOINED, &json!({"Member_Account": "ghost"}))), 10019);
    assert_eq!(code(&server.call(JOINED, &json!({}))), 10004);
    assert_eq!(code(&server.call(JOINED, &json!({"Member_Account": 7}))), 60015);
    assert_eq!(code(&joined(json!({"Limit": 5001}))), 10004);
    assert_eq!(code(&joined(json!({"Offset": -1}))), 10004);
}

#[test]
fn a_destroyed_group_is_no_more_and_its_id_is_free() {
    let server = server(&["a", "b"]);
    server.call(CREATE, &group("g", &json!({"Owner_Account": "a", "MemberList": [{"Member_Account": "b"}]})));
    assert_eq!(server.call(DESTROY, &json!({"GroupId": "g"})), ok());
    assert_eq!(code(&server.call(DESTROY, &json!({"GroupId": "g"}))), 10010);
    let wrong = [("é", 10015), ("", 10004), (&"g".repeat(49), 10015)];
    for (id, expected) in wrong {
        assert_eq!(code(&server.call(DESTROY, &json!({"GroupId": id}))), expected, "{id}");
    }
    assert_eq!(code(&server.call(DESTROY, &json!({"GroupId": 7}))), 10004);
    let b = json!([{"Member_Account": "b"}]);
    assert_eq!(code(&server.call(ADD, &json!({"GroupId": "g", "MemberList": b}))), 10010);
    assert_eq!(server.call(INFO, &json!({"GroupIdList": ["g"]}))["GroupInfo"][0]["ErrorCode"], 10010);
    // One of the same id begins without the old members.
    assert_eq!(code(&server.call(CREATE, &group("g", &json!({})))), 0);
    let info = server.call(INFO, &json!({"GroupIdList": ["g"]}));
    assert_eq!((&info["GroupInfo"][0]["MemberNum"], &info["GroupInfo"][0]["MemberList"]), (&json!(0), &json!([])));
    assert_eq!(info["GroupInfo"][0]["Owner_Account"], "");
}

#[test]
fn get_group_info_counts_the_messages_and_tells_when_the_last_was_sent() {
    let server = Server::start();
    server.import(&["a"]);
    let made = json!({"Type": "Public", "Name": "n", "GroupId": "g", "Owner_Account": "a"});
    assert_eq!(server.call("group_open_http_svc/create_group", &made)["ErrorCode"], 0);
    let body = json!([{"MsgType": "TIMTextElem", "MsgContent": {"Text": "hi"}}]);
    let message = json!({"GroupId": "g", "From_Account": "a", "Random": 1, "MsgBody": body});
    let sent = server.call("group_open_http_svc/send_group_msg", &message);
    let mut unlisted = message;
    unlisted["SendMsgControl"] = json!(["NoLastMsg"]);
    assert_eq!(server.call("group_open_http_svc/send_group_msg", &unlisted)["MsgSeq"], 2);
    let info = server.call("group_open_http_svc/get_group_info", &json!({"GroupIdList": ["g"]}));
    let one = &info["GroupInfo"][0];
    assert_eq!((&one["LastMsgTime"], &one["NextMsgSeq"]), (&sent["MsgTime"], &json!(3)));
}
