//! The list of recent contacts: its samples, its parts, its pins, what is deleted from it, and that contact groups and marks have no part
//! in it. Its pages are in `recent_pages`, its size in `profiles`.

use crate::messages::{but, chat_group, done, id, ids, items, said, say, send, sent, server, time, unread};
use crate::support::{ADMINISTRATOR, Server, now};
use serde_json::{Value, json};
use std::time::Duration;

const LIST: &str = "recentcontact/get_list";
const DELETE: &str = "recentcontact/delete";
const TOP: &str = "recentcontact/top";
const GET: &str = "recentcontact/get_contact_group";
const OK: &str = r#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#;

/// A successful call with a literal body; its literal reply.
fn literal(server: &Server, path: &str, body: &str) -> String {
    String::from_utf8(server.post(path, body.as_bytes()).body).unwrap()
}

fn user(id: &str) -> Value {
    json!({"Type": 1, "To_Account": id})
}

fn pin(server: &Server, of: &str, how: i64, what: &[Value]) {
    done(server, TOP, &json!({"From_Account": of, "OperationType": how, "RecentContactItem": what}));
}

fn delete(server: &Server, of: &str, what: &Value) {
    done(server, DELETE, &but(json!({"From_Account": of}), what));
}

/// Those of a list that are pinned.
fn pinned(server: &Server, of: &str) -> Vec<String> {
    items(server, of).iter().filter(|item| item["TopFlag"] == 1).map(id).collect()
}

/// A list by the flags that are sent, or none.
fn with_flags(server: &Server, of: &str, flags: Option<&str>) -> Vec<Value> {
    let flags = flags.map(|flags| format!(r#","AssistFlags":{flags}"#)).unwrap_or_default();
    let reply = server.post(LIST, format!(r#"{{"From_Account":"{of}"{flags}}}"#).as_bytes()).json();
    assert_eq!((&reply["ErrorCode"], &reply["CompleteFlag"]), (&json!(0), &json!(1)), "{flags}: {reply}");
    reply["SessionItem"].as_array().unwrap().clone()
}

/// Contact group `x` of `a` with `q`, and marks of `q`.
fn sort(server: &Server, of: &str, what: &Value) {
    let group = json!([{"GroupName": "x", "ContactItem": [what]}]);
    done(server, "recentcontact/create_contact_group", &json!({"From_Account": of, "GroupContactItem": group}));
    let mark = json!([{"OptType": 3, "ContactItem": what, "SetMark": [1, 4], "CustomMark": "m"}]);
    done(server, "recentcontact/mark_contact", &json!({"From_Account": of, "MarkItem": mark}));
}

#[test]
fn the_documented_samples_of_the_list_are_answered_as_documented() {
    let server = server(&["id1", "id2", "id4"]);
    chat_group(&server, "id3", &["id1"]);
    chat_group(&server, "id5", &["id1"]);
    for (from, at) in [("id2", 1_630_997_627), ("id4", 1_630_997_630)] {
        sent(&server, from, "id1", 0, &json!({"MsgTimeStamp": at}));
    }
    for (group, at) in [("id3", 1_630_997_628), ("id5", 1_630_997_650)] {
        said(&server, group, "id1", at);
    }
    // 269/103772.
    let top = r#"{"From_Account":"id1","OperationType":1,"RecentContactItem":[{"Type":1,"To_Account":"id2"},{"Type":2,"GroupId":"id3"}]}"#;
    assert_eq!(literal(&server, TOP, top), OK);
    // 269/62118.
    let list =
        r#"{"From_Account":"id1","TimeStamp":0,"StartIndex":0,"TopTimeStamp":0,"TopStartIndex":0,"AssistFlags":7}"#;
    let began = now();
    let reply = literal(&server, LIST, list);
    let parsed: Value = serde_json::from_str(&reply).unwrap();
    let time = parsed["TimeStamp"].as_i64().unwrap();
    assert!(began - 5 <= time && time <= now() + 5);
    let sample = r#"{"SessionItem":[{"Type":1,"To_Account":"id2","MsgTime":1630997627,"TopFlag":1},{"Type":2,"GroupId":"id3","MsgTime":1630997628,"TopFlag":1},{"Type":1,"To_Account":"id4","MsgTime":1630997630,"TopFlag":0},{"Type":2,"GroupId":"id5","MsgTime":1630997650,"TopFlag":0}],"CompleteFlag":1,"TimeStamp":1631012800,"StartIndex":0,"TopTimeStamp":1631012800,"TopStartIndex":0,"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#;
    assert_eq!(reply, sample.replace("1631012800", &time.to_string()));
    // 269/62119.
    for delete in [
        r#"{"From_Account":"id1","Type":1,"To_Account":"id2","ClearRamble":1}"#,
        r#"{"From_Account":"id1","Type":2,"ToGroupid":"id3","ClearRamble":1}"#,
    ] {
        assert_eq!(literal(&server, DELETE, delete), OK);
    }
    assert_eq!(ids(&server, "id1"), ["id4", "id5"]);
    let unpin = r#"{"From_Account":"id1","OperationType":2,"RecentContactItem":{"Type":2,"ToGroupId":"id5"}}"#;
    assert_eq!(literal(&server, TOP, unpin), OK, "unpinning what is not pinned");
    // An administrator has a list without an import; a list with nothing in it is a list.
    let empty = done(&server, LIST, &json!({"From_Account": ADMINISTRATOR}));
    assert_eq!((&empty["SessionItem"], &empty["CompleteFlag"]), (&json!([]), &json!(1)));
    for path in [LIST, DELETE, TOP] {
        let body = json!({"From_Account": "ghost", "Type": 1, "To_Account": "id2", "OperationType": 1, "RecentContactItem": [user("id2")]});
        assert_eq!(server.call(path, &body)["ErrorCode"], 50001, "{path}");
    }
}

#[test]
fn r_088_delete_takes_type_and_the_id_of_a_chat_group_in_to_account() {
    let server = server(&["a", "b"]);
    chat_group(&server, "g", &["a", "b"]);
    for (what, left) in [
        (json!({"type": 1, "To_Account": "b"}), "g"),
        (json!({"Type": 2, "To_Account": "g"}), "b"),
        (json!({"type": 2, "To_Account": "g", "ToGroupid": ""}), "b"),
        (json!({"Type": 2, "ToGroupid": "g", "To_Account": "b"}), "b"),
        (json!({"Type": 2, "ToGroupId": "g"}), "b"),
        (json!({"Type": 2, "GroupId": "g", "ClearRamble": 0}), "b"),
        (json!({"Type": 1, "type": 2, "To_Account": "b", "ToGroupid": "g"}), "g"),
        (json!({"Type": null, "type": 2, "ToGroupid": "g"}), "b"),
    ] {
        sent(&server, "b", "a", 50, &json!({}));
        say(&server, "g", "b", &json!({}));
        delete(&server, "a", &what);
        assert_eq!(ids(&server, "a"), [left], "{what}");
        delete(&server, "a", &json!({"Type": 1, "To_Account": "b"}));
    }
    for wrong in [
        json!({"To_Account": "b"}),
        json!({"type": 3, "To_Account": "b"}),
        json!({"Type": 3, "type": 1, "To_Account": "b"}),
        json!({"Type": "1", "To_Account": "b"}),
        json!({"Type": 1, "ToGroupid": "g"}),
        json!({"Type": 2}),
        json!({"Type": 2, "ToGroupid": "g".repeat(49)}),
        json!({"Type": 2, "ToGroupid": 7, "To_Account": "g"}),
    ] {
        assert_eq!(server.call(DELETE, &but(json!({"From_Account": "a"}), &wrong))["ErrorCode"], 50002, "{wrong}");
    }
}

#[test]
fn r_079_each_bit_of_assist_flags_shows_its_part_and_no_integer_is_refused() {
    let server = server(&["a", "e", "q", "r", "p"]);
    // Given an empty one, one that is sorted, one that is nothing, and the newest, which is pinned.
    sent(&server, "e", "a", 5000, &json!({"MsgLifeTime": 1}));
    for (from, ago) in [("q", 3000), ("r", 2000), ("p", 1000)] {
        sent(&server, from, "a", ago, &json!({}));
    }
    sort(&server, "a", &user("q"));
    pin(&server, "a", 1, &[user("p")]);
    let (plain, all) = (vec!["q", "r", "p"], vec!["p", "e", "q", "r"]);
    for (flags, order, top, marks) in [
        (Some("0"), plain.clone(), false, 0),
        (Some("1"), vec!["p", "q", "r"], true, 0),
        (Some("2"), vec!["e", "q", "r", "p"], false, 0),
        (Some("4"), plain.clone(), false, 0),
        (Some("7"), all.clone(), true, 0),
        (Some("8"), plain.clone(), false, 1),
        (Some("16"), plain.clone(), false, 2),
        (Some("32"), plain.clone(), false, 4),
        (Some("56"), plain.clone(), false, 7),
        (Some("64"), plain, false, 0),
        (Some("63"), all.clone(), true, 7),
        (Some("-1"), all.clone(), true, 7),
        (Some("2147483647"), all.clone(), true, 7),
        (Some("9223372036854775807"), all.clone(), true, 7),
        (Some("18446744073709551615"), all.clone(), true, 7),
        (Some("999999999999999999999999999999"), all.clone(), true, 7),
        (Some("-999999999999999999999999999999"), all.clone(), true, 7),
        (Some("null"), all.clone(), true, 7),
        (None, all, true, 7),
    ] {
        let list = with_flags(&server, "a", flags);
        assert_eq!(list.iter().map(id).collect::<Vec<_>>(), order, "{flags:?}");
        for item in &list {
            let name = id(item);
            assert_eq!(item["TopFlag"], i64::from(top && name == "p"), "{flags:?} {item}");
            let sorted = |bit: i64, value: Value| (name == "q" && marks & bit != 0).then_some(value);
            assert_eq!(item.get("StandardMark").cloned(), sorted(1, json!("1001")), "{flags:?} {item}");
            assert_eq!(item.get("CustomMark").cloned(), sorted(2, json!("m")), "{flags:?} {item}");
            assert_eq!(item.get("ContactGroupId").cloned(), sorted(4, json!([1])), "{flags:?} {item}");
        }
    }
    for wrong in [r#""63""#, "1.5", "63.0", "true", "{}", "[63]"] {
        let body = format!(r#"{{"From_Account":"a","AssistFlags":{wrong}}}"#);
        assert_eq!(server.post(LIST, body.as_bytes()).code(), 50002, "{wrong}");
    }
}

#[test]
fn pinned_ones_come_first_and_each_part_is_in_the_order_of_time() {
    let server = server(&["a", "b", "c", "d", "e"]);
    chat_group(&server, "g", &["a"]);
    let at = now();
    for (from, ago) in [("b", 500), ("c", 400), ("d", 300), ("e", 200)] {
        sent(&server, from, "a", ago, &json!({}));
    }
    said(&server, "g", "a", at - 250);
    assert_eq!(ids(&server, "a"), ["b", "c", "d", "g", "e"]);
    pin(&server, "a", 1, &[user("d"), user("b"), json!({"Type": 2, "ToGroupid": "g"})]);
    assert_eq!(
        (ids(&server, "a"), pinned(&server, "a")),
        (["b", "d", "g", "c", "e"].map(str::to_owned).into(), ["b", "d", "g"].map(str::to_owned).into())
    );
    // A message moves its conversation within its part.
    send(&server, "a", "b", &json!({}));
    send(&server, "c", "a", &json!({}));
    assert_eq!(ids(&server, "a"), ["d", "g", "b", "e", "c"]);
    pin(&server, "a", 2, &[user("d"), user("never")]);
    assert_eq!(
        (ids(&server, "a"), pinned(&server, "a")),
        (["g", "b", "d", "e", "c"].map(str::to_owned).into(), ["g", "b"].map(str::to_owned).into())
    );
}

#[test]
fn fifty_are_pinned_at_most_and_a_refused_request_pins_none() {
    let server = server(&["a"]);
    let many: Vec<Value> = (0..101).map(|n| user(&format!("p{n}"))).collect();
    let top = |how: i64, what: &[Value]| {
        let body = json!({"From_Account": "a", "OperationType": how, "RecentContactItem": what});
        server.call(TOP, &body)["ErrorCode"].as_i64().unwrap()
    };
    assert_eq!([top(1, &many[..49]), top(1, &many[48..51])], [0, 51012], "49 and two more");
    assert_eq!([top(1, &many[49..50]), top(1, &many[..50]), top(1, &many[50..51])], [0, 0, 51012]);
    // A bad item spoils the whole request.
    assert_eq!(top(2, &[many[0].clone(), json!({"Type": 1})]), 50002);
    assert_eq!(top(1, &many[50..51]), 51012, "nothing was unpinned");
    assert_eq!([top(2, &many[..100]), top(1, &many[..50]), top(2, &many)], [0, 0, 50002]);
    // None of them is imported or was ever heard of: a pin makes no recent contact, and shows as soon as there is one.
    assert_eq!(items(&server, "a").len(), 0);
    server.import(&["p3", "p60"]);
    sent(&server, "p60", "a", 200, &json!({}));
    send(&server, "p3", "a", &json!({}));
    assert_eq!(
        (ids(&server, "a"), pinned(&server, "a")),
        (["p3", "p60"].map(str::to_owned).into(), vec!["p3".to_owned()])
    );
}

#[test]
fn r_080_one_whose_last_message_has_lived_its_time_is_an_empty_one() {
    let server = server(&["a", "b", "c"]);
    sent(&server, "c", "a", 3600, &json!({}));
    let sent = send(&server, "b", "a", &json!({"MsgLifeTime": 1}));
    let until = sent["MsgTime"].as_i64().unwrap() + 1;
    // When it has lived its second.
    while now() <= until {
        std::thread::sleep(Duration::from_millis(100));
    }
    // Then it is shown only where empty ones are asked for, on both sides.
    let with = |of: &str, flags: &str| with_flags(&server, of, Some(flags)).iter().map(id).collect::<Vec<_>>();
    assert_eq!(
        (with("a", "61"), with("a", "63"), with("a", "2")),
        (vec!["c".to_owned()], ids(&server, "a"), ids(&server, "a"))
    );
    assert_eq!(ids(&server, "a"), ["c", "b"]);
    assert_eq!((with("b", "61"), with("b", "63")), (vec![], vec!["a".to_owned()]));
    // Seven days are the life of one that does not say; the next message fills it again.
    crate::messages::sent(&server, "c", "b", 7 * 86_400 + 10, &json!({}));
    crate::messages::sent(&server, ADMINISTRATOR, "b", 7 * 86_400 - 600, &json!({}));
    assert_eq!((with("b", "61"), with("b", "63").len()), (vec![ADMINISTRATOR.to_owned()], 3));
    send(&server, "a", "b", &json!({}));
    assert_eq!((with("a", "61"), with("b", "61").len()), (["c", "b"].map(str::to_owned).into(), 2));
}

#[test]
fn r_084_delete_takes_it_out_until_the_next_message_with_its_pin_and_its_unread_ones() {
    let server = server(&["a", "b", "c"]);
    chat_group(&server, "g", &["a", "b"]);
    let sorted = [user("b"), json!({"Type": 2, "ToGroupId": "g"})];
    sent(&server, "b", "a", 300, &json!({"SyncFromOldSystem": 1}));
    sent(&server, "c", "a", 200, &json!({"SyncFromOldSystem": 1}));
    say(&server, "g", "b", &json!({}));
    for one in &sorted {
        sort(&server, "a", one);
    }
    pin(&server, "a", 1, &sorted);
    let data = done(&server, GET, &json!({"From_Account": "a"}));
    for one in &sorted {
        delete(&server, "a", one);
    }
    assert_eq!((ids(&server, "a"), unread(&server, "a")), (vec!["c".to_owned()], 1));
    assert_eq!(done(&server, GET, &json!({"From_Account": "a"})), data, "contact groups and marks stay as they are");
    assert_eq!(
        (ids(&server, "b"), items(&server, "c").len()),
        (["a", "g"].map(str::to_owned).into(), 1),
        "the other side keeps its own"
    );
    // One that is not there is deleted as well as any.
    for what in [user("b"), user("nobody"), json!({"Type": 2, "ToGroupid": "none"})] {
        delete(&server, "a", &what);
    }
    send(&server, "a", "b", &json!({}));
    say(&server, "g", "b", &json!({}));
    let mut back = ids(&server, "a");
    back.sort();
    assert_eq!(
        (back, pinned(&server, "a"), unread(&server, "a")),
        (["b", "c", "g"].map(str::to_owned).into(), vec![], 1)
    );
}

#[test]
fn r_085_a_chat_group_is_in_its_members_lists_from_the_first_message_they_see_and_stays() {
    let server = server(&["a", "b", "c", "d"]);
    chat_group(&server, "g", &["a", "b"]);
    let at = now();
    let member = |path: &str, field: &str, who: Value| {
        done(&server, &format!("group_open_http_svc/{path}"), &json!({"GroupId": "g", field: who}));
    };
    let join = |who: &str| member("add_group_member", "MemberList", json!([{"Member_Account": who}]));
    let leave = |who: &str| member("delete_group_member", "MemberToDel_Account", json!([who]));
    let times = || ["a", "b", "c"].map(|of| time(&server, of, "g").map(|time| at - time));
    assert_eq!(times(), [None; 3], "one without a message is in no list");
    said(&server, "g", "a", at - 100);
    join("c");
    assert_eq!(times(), [Some(100), Some(100), None]);
    said(&server, "g", "d", at - 90);
    assert_eq!((times(), items(&server, "d").len()), ([Some(90); 3], 0), "who sends and is no member sees nothing");
    // One who leaves keeps it as it was, and hears no more.
    leave("c");
    said(&server, "g", "a", at - 80);
    assert_eq!(times(), [Some(80), Some(80), Some(90)]);
    // One who deleted it and comes back sees the next one.
    delete(&server, "c", &json!({"Type": 2, "ToGroupid": "g"}));
    join("c");
    assert_eq!(times(), [Some(80), Some(80), None]);
    said(&server, "g", "a", at - 70);
    assert_eq!(times(), [Some(70); 3]);
    // One to some members alone is theirs alone.
    say(&server, "g", "a", &json!({"To_Account": ["b", "d", "ghost"]}));
    let [a, b, c] = times();
    assert!((a, c) == (Some(70), Some(70)) && b.is_some_and(|ago| ago < 20), "{b:?}");
    assert_eq!(items(&server, "d").len(), 0);
    // Where it is dissolved all keep it as it was, and a new one of its id is not theirs.
    let before = times();
    done(&server, "group_open_http_svc/destroy_group", &json!({"GroupId": "g"}));
    assert_eq!(times(), before);
    chat_group(&server, "g", &["d"]);
    say(&server, "g", "d", &json!({}));
    assert_eq!((times(), ids(&server, "d")), (before, vec!["g".to_owned()]));
    delete(&server, "a", &json!({"Type": 2, "ToGroupid": "g"}));
    assert_eq!(times(), [None, before[1], before[2]]);
    // An AVChatRoom is in nobody's.
    let live = json!({"Type": "AVChatRoom", "Name": "l", "GroupId": "live", "Owner_Account": "a"});
    done(&server, "group_open_http_svc/create_group", &live);
    assert_eq!(say(&server, "live", "a", &json!({}))["MsgSeq"], 1);
    assert_eq!(items(&server, "a").len(), 0);
}

#[test]
fn contact_groups_and_marks_and_the_list_have_no_part_in_each_other() {
    let server = server(&["a", "b", "c", "d"]);
    chat_group(&server, "g", &["a"]);
    for (from, ago) in [("b", 500), ("c", 400)] {
        sent(&server, from, "a", ago, &json!({"SyncFromOldSystem": 1}));
    }
    said(&server, "g", "a", now() - 300);
    let before = items(&server, "a");
    let plain = || with_flags(&server, "a", Some("7"));
    // Neither sorting nor reading makes, moves or takes away a recent contact.
    for one in [user("b"), user("d"), json!({"Type": 2, "ToGroupId": "g"})] {
        sort(&server, "a", &one);
        assert_eq!(plain(), before, "{one}");
    }
    done(&server, crate::messages::READ, &json!({"Report_Account": "a", "Peer_Account": "b"}));
    assert_eq!(plain(), before);
    done(&server, "recentcontact/del_contact_group", &json!({"From_Account": "a", "GroupName": ["x"]}));
    let clear = json!([{"OptType": 3, "ContactItem": user("b"), "ClearMark": [1, 4], "CustomMark": ""}]);
    done(&server, "recentcontact/mark_contact", &json!({"From_Account": "a", "MarkItem": clear}));
    assert_eq!(plain(), before);
    // Nor does a message, a pin or a deletion change the data, its times and its order.
    sort(&server, "a", &user("b"));
    let data = done(&server, GET, &json!({"From_Account": "a"}));
    send(&server, "a", "d", &json!({}));
    say(&server, "g", "a", &json!({}));
    pin(&server, "a", 1, &[user("b"), user("d"), user("never")]);
    pin(&server, "a", 2, &[user("b")]);
    delete(&server, "a", &user("d"));
    assert_eq!(done(&server, GET, &json!({"From_Account": "a"})), data);
}

#[test]
fn a_deleted_account_takes_its_list_with_it_and_others_keep_theirs() {
    let server = server(&["a", "b"]);
    chat_group(&server, "g", &["a", "b"]);
    send(&server, "b", "a", &json!({}));
    say(&server, "g", "a", &json!({}));
    pin(&server, "a", 1, &[user("b")]);
    pin(&server, "b", 1, &[user("a")]);
    let kept = items(&server, "b");
    assert_eq!((kept.len(), items(&server, "a").len(), unread(&server, "a")), (2, 2, 1));
    done(&server, "im_open_login_svc/account_delete", &json!({"DeleteItem": [{"UserID": "a"}]}));
    assert_eq!(server.call(LIST, &json!({"From_Account": "a"}))["ErrorCode"], 50001);
    assert_eq!(items(&server, "b"), kept);
    server.import(&["a"]);
    assert_eq!((items(&server, "a").len(), unread(&server, "a")), (0, 0));
    say(&server, "g", "b", &json!({}));
    send(&server, "b", "a", &json!({}));
    assert_eq!(
        (ids(&server, "a"), pinned(&server, "a")),
        (vec!["b".to_owned()], vec![]),
        "it is in the chat group no more"
    );
    assert_eq!(pinned(&server, "b"), ["a"]);
}

#[test]
fn lists_pins_and_unread_counts_survive_a_kill() {
    let mut server = server(&["a", "b", "c", "d"]);
    chat_group(&server, "g", &["a", "b", "c"]);
    for (from, ago) in [("b", 500), ("c", 400), ("d", 300)] {
        sent(&server, from, "a", ago, &json!({"SyncFromOldSystem": 1}));
    }
    send(&server, "d", "a", &json!({"MsgSeq": 4_000_000_000_u64, "SendMsgControl": ["NoLastMsg"]}));
    say(&server, "g", "a", &json!({}));
    say(&server, "g", "a", &json!({"To_Account": ["b"]}));
    done(&server, "group_open_http_svc/delete_group_member", &json!({"GroupId": "g", "MemberToDel_Account": ["c"]}));
    sort(&server, "a", &user("c"));
    pin(&server, "a", 1, &[user("c"), user("never"), json!({"Type": 2, "ToGroupId": "g"})]);
    delete(&server, "a", &user("b"));
    delete(&server, "b", &json!({"Type": 2, "ToGroupId": "g"}));
    let all = |server: &Server| ["a", "b", "c", "d"].map(|of| (items(server, of), unread(server, of)));
    let before = all(&server);
    server.kill();
    server.start_again();
    assert_eq!(all(&server), before);
    assert_eq!(before.each_ref().map(|(items, unread)| (items.len(), *unread)), [(3, 3), (1, 0), (2, 0), (1, 0)]);
    // What comes after it goes on where it was: a deleted one comes back with the next message, a pin is kept for its conversation.
    assert_eq!(say(&server, "g", "a", &json!({}))["MsgSeq"], 3);
    server.import(&["never"]);
    send(&server, "never", "a", &json!({}));
    server.kill();
    server.start_again();
    let mut pins = pinned(&server, "a");
    pins.sort();
    assert_eq!(
        (pins, ids(&server, "b")),
        (["c", "g", "never"].map(str::to_owned).into(), ["a", "g"].map(str::to_owned).into())
    );
}
