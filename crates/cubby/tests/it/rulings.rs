//! The rulings of `docs/compatibility.md` that are about what commands do, one test each, over the wire. Those about HTTP, the gate and
//! signatures are in the modules of these themes.

use crate::support::{APP, KEY, Server, now};
use serde_json::{Value, json};

fn user(id: &str) -> Value {
    json!({"Type": 1, "To_Account": id})
}

fn create(server: &Server, of: &str, name: &str, items: &[Value]) -> Value {
    let group = json!([{"GroupName": name, "ContactItem": items}]);
    server.call("recentcontact/create_contact_group", &json!({"From_Account": of, "GroupContactItem": group}))
}

fn moved(server: &Server, of: &str, name: &str, items: &[(i64, Value)]) -> Value {
    let items: Vec<_> = items.iter().map(|(how, id)| json!({"ContactOptType": how, "ContactItem": id})).collect();
    let group = json!({"UpdateGroupType": 2, "OldGroupName": name, "ContactUpdateItem": items});
    update(server, of, &group)
}

fn update(server: &Server, of: &str, group: &Value) -> Value {
    let body = json!({"From_Account": of, "UpdateType": 1, "UpdateGroup": group});
    server.call("recentcontact/update_contact_group", &body)
}

fn mark(server: &Server, of: &str, item: &Value) -> Value {
    server.call("recentcontact/mark_contact", &json!({"From_Account": of, "MarkItem": [item]}))["ResultItem"][0].clone()
}

fn get(server: &Server, of: &str, from: u64) -> Value {
    server.call("recentcontact/get_contact_group", &json!({"From_Account": of, "StartIndex": from}))
}

/// The codes of an update's items.
fn codes(reply: &Value) -> Vec<i64> {
    let items = reply["UpdateGroupResult"]["ContactResultItem"].as_array().expect("items");
    items.iter().map(|item| item["ResultCode"].as_i64().expect("a code")).collect()
}

fn with(ids: &[&str]) -> Server {
    let server = Server::start();
    server.import(ids);
    server
}

#[test]
fn r_010_a_failed_reply_is_the_envelope_alone_and_error_display_is_where_the_samples_have_it() {
    let server = with(&["a"]);
    for (path, display) in [
        ("recentcontact/create_contact_group", true),
        ("recentcontact/mark_contact", true),
        ("recentcontact/search_contact_group", true),
        ("recentcontact/get_contact_group", true),
        ("recentcontact/get_list", true),
        ("recentcontact/delete", true),
        ("recentcontact/top", true),
        ("recentcontact/update_contact_group", false),
        ("recentcontact/del_contact_group", false),
        ("openim/sendmsg", false),
        ("openim/get_c2c_unread_msg_num", false),
        ("group_open_http_svc/send_group_msg", false),
        ("im_open_login_svc/account_import", false),
        ("group_open_http_svc/create_group", false),
    ] {
        let mut reply = server.call(path, &json!({}));
        let reply = reply.as_object_mut().unwrap();
        assert_eq!(reply.remove("ErrorDisplay").is_some(), display, "{path}");
        let names: Vec<&String> = reply.keys().collect();
        assert_eq!(names, ["ActionStatus", "ErrorCode", "ErrorInfo"], "{path}");
    }
}

#[test]
fn r_011_null_and_empty_are_absent_and_r_013_unknown_fields_are_ignored() {
    let server = with(&["a"]);
    for absent in [json!(null), json!(""), json!([])] {
        let body = json!({"From_Account": "a", "StartIndex": absent, "Unknown": {"deep": [1]}});
        assert_eq!(server.call("recentcontact/get_contact_group", &body)["ErrorCode"], 0, "{absent}");
    }
}

#[test]
fn r_012_one_object_is_a_list_of_one_and_a_list_of_one_is_that_object_one_level_deep() {
    let server = with(&["a", "p"]);
    let body = json!({"From_Account": "a", "GroupContactItem": {"GroupName": "x", "ContactItem": user("p")}});
    assert_eq!(server.call("recentcontact/create_contact_group", &body)["ErrorCode"], 0);
    let listed = json!([{"UpdateGroupType": 2, "OldGroupName": "x", "ContactUpdateItem": {"ContactOptType": 2, "ContactItem": [user("p")]}}]);
    assert_eq!(codes(&update(&server, "a", &listed)), [0]);
    let nested = json!({"UpdateGroupType": 2, "OldGroupName": "x", "ContactUpdateItem": [[{"ContactOptType": 1, "ContactItem": user("p")}]]});
    assert_eq!(codes(&update(&server, "a", &nested)), [50002], "an element of a list is never unwrapped");
    let body = json!({"From_Account": "a", "ContactItem": [[user("p")]]});
    assert_eq!(server.call("recentcontact/search_contact_group", &body)["ErrorCode"], 50002);
    assert_eq!(server.post("recentcontact/get_contact_group", br#"[{"From_Account":"a"}]"#).code(), 60003);
}

#[test]
fn r_014_a_number_is_a_json_integer_and_r_015_of_a_key_given_twice_the_last_counts() {
    let server = with(&["a"]);
    for (start, code) in [("1.0", 50002), ("1e0", 50002), (r#""1""#, 50002), ("true", 50002), ("-0", 0), ("00", 60003)]
    {
        let body = format!(r#"{{"From_Account":"a","StartIndex":{start}}}"#);
        assert_eq!(server.post("recentcontact/get_contact_group", body.as_bytes()).code(), code, "{start}");
    }
    let body = br#"{"From_Account":"ghost","StartIndex":-1,"StartIndex":0,"From_Account":"a"}"#;
    assert_eq!(server.post("recentcontact/get_contact_group", body).code(), 0);
}

#[test]
fn r_016_a_partly_failed_batch_is_ok_and_r_017_nothing_is_null_or_left_out() {
    let server = with(&["a", "p"]);
    let reply = create(&server, "a", "x", &[user("ghost"), user("p")]);
    assert_eq!((&reply["ActionStatus"], &reply["ErrorCode"]), (&json!("OK"), &json!(0)));
    let results: Vec<_> = reply["GroupResultItem"][0]["ResultItem"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["ResultCode"].clone())
        .collect();
    assert_eq!(results, [50001, 0]);
    let mut page = get(&server, "a", 0);
    page["ContactItem"][0]["Timestamp"].take();
    assert_eq!(
        page,
        json!({"ContactItem":[{"Type":1,"To_Account":"p","StandardMark":"","ContactGroupId":[1],"Timestamp":null}],"GroupItem":[{"GroupName":"x","GroupId":1}],"CompleteFlag":1,"NextStartIndex":0,"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""})
    );
}

#[test]
fn r_040_what_is_in_no_group_and_has_no_mark_is_not_in_the_data() {
    let server = with(&["a", "p"]);
    create(&server, "a", "x", &[user("p")]);
    mark(&server, "a", &json!({"OptType": 3, "ContactItem": user("p"), "SetMark": [1], "CustomMark": "m"}));
    assert_eq!(codes(&moved(&server, "a", "x", &[(2, user("p"))])), [0]);
    mark(&server, "a", &json!({"OptType": 1, "ContactItem": user("p"), "ClearMark": [1]}));
    assert_eq!(get(&server, "a", 0)["ContactItem"][0]["CustomMark"], "m");
    mark(&server, "a", &json!({"OptType": 2, "ContactItem": user("p"), "CustomMark": ""}));
    assert_eq!(get(&server, "a", 0)["ContactItem"], json!([]));
}

#[test]
fn r_041_three_spellings_of_a_chat_groups_id_and_r_042_only_the_field_of_type_is_looked_at() {
    let server = with(&["a", "p"]);
    server.call("group_open_http_svc/create_group", &json!({"Type": "Public", "Name": "g", "GroupId": "g"}));
    create(&server, "a", "x", &[]);
    let items = [
        (1, json!({"Type": 2, "GroupId": "g", "ToGroupid": "", "ToGroupId": null, "To_Account": 7})),
        (2, json!({"Type": 2, "ToGroupid": "g", "GroupId": "other"})),
        (1, json!({"Type": 2, "ToGroupId": 7, "GroupId": "g"})),
        (1, json!({"Type": 1, "To_Account": "p", "ToGroupId": ["x"]})),
    ];
    let reply = moved(&server, "a", "x", &items);
    assert_eq!(codes(&reply), [0, 0, 50002, 0]);
    let echoes = &reply["UpdateGroupResult"]["ContactResultItem"];
    assert_eq!(echoes[0]["ContactItem"], json!({"Type": 2, "ToGroupId": "g"}));
    assert_eq!(echoes[2]["ContactItem"], items[2].1);
    assert_eq!(echoes[3]["ContactItem"], user("p"));
}

#[test]
fn r_043_what_changes_nothing_leaves_the_timestamp_and_r_044_it_is_the_time_of_the_change() {
    let server = with(&["a", "p", "q"]);
    create(&server, "a", "x", &[user("p")]);
    let stamp = || get(&server, "a", 0)["ContactItem"][0]["Timestamp"].as_i64().unwrap();
    let first = stamp();
    assert!((now() - first).abs() < 60);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    moved(&server, "a", "x", &[(1, user("p")), (2, user("q"))]);
    update(&server, "a", &json!({"UpdateGroupType": 1, "OldGroupName": "x", "NewGroupName": "y"}));
    assert_eq!(stamp(), first);
    mark(&server, "a", &json!({"OptType": 1, "ContactItem": user("p"), "SetMark": [9]}));
    assert!(stamp() > first);
}

#[test]
fn r_045_what_others_keep_of_the_gone_stays_until_they_remove_it() {
    let server = with(&["a", "p"]);
    server.call("group_open_http_svc/create_group", &json!({"Type": "Public", "Name": "g", "GroupId": "g"}));
    let group = json!({"Type": 2, "ToGroupId": "g"});
    create(&server, "a", "x", &[user("p"), group.clone()]);
    server.call("group_open_http_svc/destroy_group", &json!({"GroupId": "g"}));
    server.call("im_open_login_svc/account_delete", &json!({"DeleteItem": [{"UserID": "p"}]}));
    assert_eq!(get(&server, "a", 0)["ContactItem"].as_array().unwrap().len(), 2);
    assert_eq!(codes(&moved(&server, "a", "x", &[(2, user("p")), (2, group)])), [0, 0]);
    assert_eq!(get(&server, "a", 0)["ContactItem"], json!([]));
}

#[test]
fn r_046_group_ids_are_never_given_again_and_a_new_account_starts_at_1() {
    let mut server = with(&["a"]);
    let id = |server: &Server, name: &str| {
        create(server, "a", name, &[])["GroupResultItem"][0]["GroupItem"]["GroupId"].clone()
    };
    assert_eq!((id(&server, "x"), id(&server, "X")), (json!(1), json!(2)), "names compare byte for byte");
    for name in ["x", "X"] {
        server.call("recentcontact/del_contact_group", &json!({"From_Account": "a", "GroupName": [name]}));
    }
    server.kill();
    server.start_again();
    assert_eq!(id(&server, "x"), 3);
    server.call("im_open_login_svc/account_delete", &json!({"DeleteItem": [{"UserID": "a"}]}));
    server.import(&["a"]);
    assert_eq!(id(&server, "x"), 1);
}

#[test]
fn r_047_items_are_applied_in_their_order() {
    let server = with(&["a", "p", "q"]);
    create(&server, "a", "x", &[]);
    let items = [(1, user("p")), (1, user("p")), (1, user("q")), (2, user("p")), (2, user("p")), (1, user("p"))];
    assert_eq!(codes(&moved(&server, "a", "x", &items)), [0; 6]);
    let page = get(&server, "a", 0);
    assert_eq!(
        (&page["ContactItem"][0]["To_Account"], &page["ContactItem"][1]["To_Account"]),
        (&json!("q"), &json!("p"))
    );
}

#[test]
fn r_048_an_items_errors_come_in_their_order_and_only_what_adds_asks_for_the_other_side() {
    let server = with(&["a", "p"]);
    create(&server, "a", "x", &[user("p")]);
    server.call("im_open_login_svc/account_delete", &json!({"DeleteItem": [{"UserID": "p"}]}));
    let items = [
        (9, user("ghost")),
        (1, user("ghost")),
        (1, json!({"Type": 2, "ToGroupId": "none"})),
        (1, user("p")),
        (2, user("ghost")),
    ];
    assert_eq!(codes(&moved(&server, "a", "x", &items)), [50002, 50001, 51007, 0, 0]);
}

#[test]
fn r_049_echoes() {
    let server = with(&["a"]);
    create(&server, "a", "x", &[]);
    let strange = r#"{"Type":1.50,"a":[1e3,{"b":"\u00e9"}],"a":null}"#;
    let items = format!(
        r#"[{{"ContactOptType":2147483648,"ContactItem":{strange}}},{{"ContactOptType":-2147483647,"ContactItem":[7]}},7]"#
    );
    let body = format!(
        r#"{{"From_Account":"a","UpdateType":1,"UpdateGroup":{{"UpdateGroupType":2,"OldGroupName":"x","ContactUpdateItem":{items}}}}}"#
    );
    let reply = server.post("recentcontact/update_contact_group", body.as_bytes());
    let text = String::from_utf8(reply.body).unwrap();
    assert!(text.contains(r#""ContactOptType":0,"ContactItem":{"Type":1.50,"a":null},"ResultCode":50002"#), "{text}");
    assert!(text.contains(r#""ContactOptType":-2147483647,"ContactItem":{},"ResultCode":50002"#), "{text}");
    assert!(text.contains(r#""ContactOptType":0,"ContactItem":{},"ResultCode":50002"#), "{text}");
}

#[test]
fn r_051_a_rename_does_one_thing_and_r_053_a_change_of_conversations_does_not_look_at_the_new_name() {
    let server = with(&["a", "p"]);
    create(&server, "a", "x", &[]);
    create(&server, "a", "y", &[]);
    let rename = |old: &str, new: &str, items: Value| {
        update(
            &server,
            "a",
            &json!({"UpdateGroupType": 1, "OldGroupName": old, "NewGroupName": new, "ContactUpdateItem": items}),
        )
    };
    assert_eq!(rename("x", "z", json!([{"ContactOptType": 1, "ContactItem": user("p")}]))["ErrorCode"], 50002);
    assert_eq!(rename("x", "y", json!([]))["ErrorCode"], 50002);
    assert_eq!(rename(&"n".repeat(5000), "z", json!(null))["ErrorCode"], 51009);
    assert_eq!(rename("x", "x", json!(""))["ErrorCode"], 0);
    let renamed = &rename("x", "z", json!([]))["UpdateGroupResult"];
    assert_eq!(
        renamed,
        &json!({"UpdateGroupType":1,"GroupName":"z","GroupId":1,"OldGroupName":"x","ContactResultItem":[]})
    );
    let items = json!([{"ContactOptType": 1, "ContactItem": user("p")}]);
    let group = json!({"UpdateGroupType": 2, "OldGroupName": "z", "NewGroupName": ["?"], "ContactUpdateItem": items});
    assert_eq!(update(&server, "a", &group)["UpdateGroupResult"]["GroupName"], "z");
}

#[test]
fn r_052_creating_what_exists_answers_with_its_id_and_a_group_stands_where_every_item_failed() {
    let server = with(&["a", "p"]);
    assert_eq!(create(&server, "a", "x", &[user("ghost"), json!(5)])["ErrorCode"], 0);
    let again = create(&server, "a", "x", &[user("p")]);
    assert_eq!(again["GroupResultItem"][0]["GroupItem"]["GroupId"], 1);
    assert_eq!(get(&server, "a", 0)["ContactItem"][0]["ContactGroupId"], json!([1]));
}

#[test]
fn r_055_the_empty_custom_mark_clears_it_and_r_056_what_an_opt_type_does_not_use_is_not_looked_at() {
    let server = with(&["a", "p"]);
    let one = |item: Value| mark(&server, "a", &item)["ResultCode"].clone();
    let p = || user("p");
    assert_eq!(one(json!({"OptType": 1, "ContactItem": p(), "SetMark": [1], "CustomMark": {"no": "text"}})), 0);
    assert_eq!(one(json!({"OptType": 2, "ContactItem": p(), "SetMark": [99], "ClearMark": "x", "CustomMark": "m"})), 0);
    assert_eq!(one(json!({"OptType": 1, "ContactItem": p(), "SetMark": [], "ClearMark": null})), 50002);
    assert_eq!(one(json!({"OptType": 2, "ContactItem": p(), "CustomMark": null})), 50002);
    assert_eq!(one(json!({"OptType": 3, "ContactItem": p(), "CustomMark": null})), 0);
    assert_eq!(get(&server, "a", 0)["ContactItem"][0]["CustomMark"], "m");
    assert_eq!(one(json!({"OptType": 3, "ContactItem": p(), "CustomMark": ""})), 0);
    assert_eq!(get(&server, "a", 0)["ContactItem"][0]["CustomMark"], Value::Null);
}

#[test]
fn r_057_clear_comes_before_set_and_r_061_mark_1_is_the_last_character() {
    let server = with(&["a", "p"]);
    let all: Vec<u32> = (1..=64).collect();
    let one = |set: Value, clear: Value| {
        mark(&server, "a", &json!({"OptType": 1, "ContactItem": user("p"), "SetMark": set, "ClearMark": clear}))["ResultCode"].clone()
    };
    assert_eq!(one(json!(all), json!([])), 0);
    assert_eq!(one(json!([1, 4]), json!(all)), 0);
    assert_eq!(one(json!([0]), json!([1])), 50002);
    assert_eq!(one(json!([1.5]), json!([1])), 50002);
    assert_eq!(get(&server, "a", 0)["ContactItem"][0]["StandardMark"], "1001");
}

#[test]
fn r_060_a_search_answers_in_the_order_asked_each_once_and_r_062_with_all_groups() {
    let server = with(&["a", "p", "q"]);
    create(&server, "a", "x", &[user("p"), user("q")]);
    create(&server, "a", "y", &[]);
    let search = |items: Value| {
        server.call("recentcontact/search_contact_group", &json!({"From_Account": "a", "ContactItem": items}))
    };
    let found = search(json!([user("q"), user("none"), user("p"), user("q")]));
    let ids: Vec<_> =
        found["ContactResultItem"].as_array().unwrap().iter().map(|one| one["To_Account"].clone()).collect();
    assert_eq!(ids, ["q", "p"]);
    assert_eq!(found["GroupItem"], json!([{"GroupName": "x", "GroupId": 1}, {"GroupName": "y", "GroupId": 2}]));
    assert_eq!(search(json!([user("p"), {"Type": 3}]))["ErrorCode"], 50002);
}

#[test]
fn r_063_what_stays_comes_exactly_once_and_r_064_a_page_has_100() {
    let server = Server::start();
    let ids: Vec<String> = (0..250).map(|n| format!("u{n:03}")).collect();
    server.import(&ids.iter().map(String::as_str).chain(["a"]).collect::<Vec<_>>());
    for some in ids.chunks(100) {
        create(&server, "a", "x", &some.iter().map(|id| user(id)).collect::<Vec<_>>());
    }
    let (mut seen, mut from) = (Vec::new(), 0);
    loop {
        let page = get(&server, "a", from);
        seen.extend(
            page["ContactItem"].as_array().unwrap().iter().map(|one| one["To_Account"].as_str().unwrap().to_owned()),
        );
        assert!(page["ContactItem"].as_array().unwrap().len() <= 100);
        from = page["NextStartIndex"].as_u64().unwrap();
        assert_eq!(page["CompleteFlag"], u8::from(from == 0));
        if from == 0 {
            break;
        }
        // Some that were seen leave, one that was seen comes again at the end, one that was not seen leaves.
        moved(&server, "a", "x", &[(2, user("u003")), (2, user("u005")), (1, user("u005")), (2, user("u249"))]);
    }
    for id in ids.iter().filter(|id| !["u003", "u005", "u249"].contains(&id.as_str())) {
        assert_eq!(seen.iter().filter(|one| *one == id).count(), 1, "{id}");
    }
    let start = |text: &str| {
        let body = format!(r#"{{"From_Account":"a","StartIndex":{text}}}"#);
        server.post("recentcontact/get_contact_group", body.as_bytes()).code()
    };
    assert_eq!(
        [start("-1"), start("9223372036854775808"), start("9223372036854775807"), start("77777")],
        [50002, 50002, 0, 0]
    );
}

#[test]
fn r_066_search_and_get_need_no_edition_and_a_start_with_another_changes_it() {
    let mut server = Server::start_with(&["--app", &format!("{APP}:{KEY}:ultimate"), "--call-rate", "0"]);
    server.import(&["a", "p"]);
    assert_eq!(create(&server, "a", "x", &[user("p")])["ErrorCode"], 0);
    assert!(server.stop().success());
    server.set_flags(&["--app", &format!("{APP}:{KEY}:trial"), "--call-rate", "0"]);
    server.start_again();
    assert_eq!(create(&server, "a", "y", &[])["ErrorCode"], 51013);
    assert_eq!(get(&server, "a", 0)["ContactItem"][0]["To_Account"], "p");
    let body = json!({"From_Account": "a", "ContactItem": [user("p")]});
    assert_eq!(server.call("recentcontact/search_contact_group", &body)["ErrorCode"], 0);
    let deleted = server.call("im_open_login_svc/account_delete", &json!({"DeleteItem": [{"UserID": "a"}]}));
    assert_eq!(deleted["ResultItem"][0]["ResultCode"], 0, "R-072: in every edition");
}

#[test]
fn r_070_ill_formed_ids_come_back_and_the_others_are_imported() {
    let server = Server::start();
    let import = |body: Value| server.call("im_open_login_svc/multiaccount_import", &body);
    let long = "u".repeat(33);
    assert_eq!(
        import(json!({"AccountList": [{"UserID": "a"}, {"UserID": long}, {"UserID": "é"}]}))["FailAccounts"],
        json!([long, "é"])
    );
    assert_eq!(import(json!({"Accounts": ["b", "", "c\n"]}))["FailAccounts"], json!(["", "c\n"]));
    assert_eq!(import(json!({"AccountList": []}))["ErrorCode"], 70402);
    let many: Vec<_> = (0..101).map(|n| json!({"UserID": format!("n{n}")})).collect();
    assert_eq!(import(json!({"AccountList": many}))["ErrorCode"], 70206);
    let check = json!({"CheckItem": [{"UserID": "a"}, {"UserID": "b"}, {"UserID": "n0"}]});
    let checked = server.call("im_open_login_svc/account_check", &check);
    let states: Vec<_> =
        checked["ResultItem"].as_array().unwrap().iter().map(|one| one["AccountStatus"].clone()).collect();
    assert_eq!(states, ["Imported", "Imported", "NotImported"]);
}

#[test]
fn r_071_an_ill_formed_id_is_its_items_error_and_an_administrator_is_not_deleted() {
    let server = Server::start();
    let items = json!([{"UserID": "administrator"}, {"UserID": 7}, {"UserID": "u".repeat(33)}, {}, 5]);
    let codes = |reply: &Value| -> Vec<i64> {
        reply["ResultItem"].as_array().unwrap().iter().map(|one| one["ResultCode"].as_i64().unwrap()).collect()
    };
    let deleted = server.call("im_open_login_svc/account_delete", &json!({"DeleteItem": items}));
    assert_eq!(codes(&deleted), [70402; 5]);
    let checked = server.call("im_open_login_svc/account_check", &json!({"CheckItem": items}));
    assert_eq!(codes(&checked), [0, 70402, 70402, 70402, 70402]);
    assert_eq!(checked["ResultItem"][0]["AccountStatus"], "Imported");
}

#[test]
fn r_072_deleting_an_account_deletes_its_data() {
    let server = with(&["a", "p"]);
    create(&server, "a", "x", &[user("p")]);
    server.call("im_open_login_svc/account_delete", &json!({"DeleteItem": [{"UserID": "a"}]}));
    assert_eq!(get(&server, "a", 0)["ErrorCode"], 50001);
    server.import(&["a"]);
    let page = get(&server, "a", 0);
    assert_eq!((&page["ContactItem"], &page["GroupItem"]), (&json!([]), &json!([])));
}

#[test]
fn r_073_ids_of_chat_groups() {
    let server = Server::start();
    let create = |id: Value, kind: &str| {
        server.call("group_open_http_svc/create_group", &json!({"Type": kind, "Name": "g", "GroupId": id}))
    };
    let generated = create(json!(null), "Public")["GroupId"].as_str().unwrap().to_owned();
    let rest = generated.strip_prefix("@TGS#").expect("the documented beginning");
    assert!(rest.len() >= 9 && rest.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()), "{generated}");
    for id in ["@TGS#mine", "@TGS#_mine", &"g".repeat(49), "é", "a\nb"] {
        assert_eq!(create(json!(id), "Public")["ErrorCode"], 10015, "{id}");
    }
    assert_eq!(create(json!("@TGS#_mine"), "Community")["ErrorCode"], 10015);
    assert_eq!(create(json!("g".repeat(48)), "Public")["ErrorCode"], 0);
}

#[test]
fn r_075_adding_members_and_r_076_the_owner_stays() {
    let server = with(&["a", "b"]);
    server.call(
        "group_open_http_svc/create_group",
        &json!({"Type": "Public", "Name": "g", "GroupId": "g", "Owner_Account": "a"}),
    );
    let add = |ids: &[&str]| {
        let list: Vec<_> = ids.iter().map(|id| json!({"Member_Account": id})).collect();
        server.call("group_open_http_svc/add_group_member", &json!({"GroupId": "g", "MemberList": list}))
    };
    let results = add(&["ghost", "b", "a"]);
    assert_eq!(
        results["MemberList"],
        json!([{"Member_Account": "ghost", "Result": 0}, {"Member_Account": "b", "Result": 1}, {"Member_Account": "a", "Result": 2}])
    );
    assert_eq!(add(&["ghost"])["ErrorCode"], 10019);
    let remove = |id: &str| {
        server.call("group_open_http_svc/delete_group_member", &json!({"GroupId": "g", "MemberToDel_Account": [id]}))
    };
    assert_eq!(
        (&remove("a")["ErrorCode"], &remove("b")["ErrorCode"], &remove("ghost")["ErrorCode"]),
        (&json!(10007), &json!(0), &json!(0))
    );
}

#[test]
fn r_077_what_is_not_kept_of_a_chat_group_has_its_default() {
    let server = with(&["a"]);
    server.call(
        "group_open_http_svc/create_group",
        &json!({"Type": "Public", "Name": "g", "GroupId": "g", "Owner_Account": "a"}),
    );
    let reply = server.call("group_open_http_svc/get_group_info", &json!({"GroupIdList": ["g", "none"]}));
    let one = &reply["GroupInfo"][0];
    assert_eq!((&one["Introduction"], &one["LastMsgTime"], &one["MemberNum"]), (&json!(""), &json!(0), &json!(1)));
    assert_eq!(one["MemberList"][0]["Role"], "Owner");
    assert_eq!(reply["GroupInfo"][1]["ErrorCode"], 10010);
}
