//! The years of the documentation: what the setting `profile` changes, seen over the wire.

use crate::messages::{done, send};
use crate::support::{APP, KEY, Server};
use serde_json::{Value, json};

const CREATE: &str = "recentcontact/create_contact_group";
const MARK: &str = "recentcontact/mark_contact";

/// A server whose application is in the pro edition.
fn pro() -> Server {
    Server::start_with(&["--app", &format!("{APP}:{KEY}:pro"), "--call-rate", "0"])
}

/// Sets settings while the server is stopped.
fn set(server: &mut Server, settings: &[&str]) {
    assert!(server.stop().success());
    server.app(&[&["set", &APP.to_string()][..], settings].concat());
    server.set_flags(&["--call-rate", "0"]);
    server.start_again();
}

/// What `cubby app show` says of these settings.
fn shown(server: &mut Server, names: &[&str]) -> Vec<String> {
    assert!(server.stop().success());
    let text = server.app(&["show", &APP.to_string(), "--json"]);
    server.start_again();
    let shown: Value = serde_json::from_str(&text).unwrap();
    let value = |name: &&str| shown["settings"][*name].as_str().unwrap_or_else(|| panic!("{name}: {text}")).to_owned();
    names.iter().map(value).collect()
}

fn user(id: &str) -> Value {
    json!({"Type": 1, "To_Account": id})
}

fn create(server: &Server, name: &str, ids: &[String]) -> Value {
    let items: Value = ids.iter().map(|id| user(id)).collect();
    let group = json!([{"GroupName": name, "ContactItem": items}]);
    server.call(CREATE, &json!({"From_Account": "a", "GroupContactItem": group}))
}

fn mark(server: &Server, ids: &[String]) -> Value {
    let items: Value = ids.iter().map(|id| json!({"OptType": 1, "ContactItem": user(id), "SetMark": [1]})).collect();
    server.call(MARK, &json!({"From_Account": "a", "MarkItem": items}))
}

/// The `ResultCode` of each item.
fn codes(reply: &Value) -> Vec<i64> {
    let items = reply.pointer("/GroupResultItem/0/ResultItem").or(reply.pointer("/ResultItem"));
    let items = items.and_then(Value::as_array).unwrap_or_else(|| panic!("{reply}"));
    items.iter().map(|item| item["ResultCode"].as_i64().unwrap()).collect()
}

fn numbered(prefix: &str, n: usize) -> Vec<String> {
    (0..n).map(|n| format!("{prefix}{n}")).collect()
}

fn import(server: &Server, ids: &[String]) {
    server.import(&ids.iter().map(String::as_str).collect::<Vec<_>>());
}

/// How many conversations the list of recent contacts has.
fn listed(server: &Server) -> usize {
    let reply = done(server, "recentcontact/get_list", &json!({"From_Account": "a"}));
    assert_eq!(reply["CompleteFlag"], 1);
    reply["SessionItem"].as_array().unwrap().len()
}

#[test]
fn r_090_by_2026_conversations_in_groups_and_with_marks_are_counted_apart() {
    let mut server = pro();
    set(&mut server, &["profile=2026"]);
    let (grouped, marked) = (numbered("g", 1001), numbered("m", 1001));
    server.import(&["a"]);
    import(&server, &grouped);
    import(&server, &marked);
    // Given 1000 in groups and 1000 others with marks, in the pro edition, all at once.
    for (some, others) in grouped[..1000].chunks(100).zip(marked[..1000].chunks(100)) {
        assert_eq!((codes(&create(&server, "x", some)), codes(&mark(&server, others))), (vec![0; 100], vec![0; 100]));
    }
    // Then the 1001st of each is refused, and what is in it already may have the other too.
    assert_eq!(codes(&create(&server, "x", &[grouped[1000].clone(), grouped[5].clone()])), [51008, 0]);
    assert_eq!(codes(&mark(&server, &[marked[1000].clone(), marked[5].clone()])), [51008, 0]);
    assert_eq!(codes(&create(&server, "x", &marked[..1])), [51008], "one with a mark is not yet in a group");
    assert_eq!(codes(&mark(&server, &grouped[..1])), [51008]);
    let update = json!({"UpdateGroupType": 2, "OldGroupName": "x", "ContactUpdateItem": [{"ContactOptType": 2, "ContactItem": user("g0")}]});
    let body = json!({"From_Account": "a", "UpdateType": 1, "UpdateGroup": update});
    done(&server, "recentcontact/update_contact_group", &body);
    assert_eq!(codes(&create(&server, "x", &marked[..1])), [0], "a place in the groups is free again");
    // Back in 2023 nothing is taken away, and nothing more comes in.
    set(&mut server, &["profile=2023", "edition=ultimate"]);
    assert_eq!(codes(&mark(&server, &[grouped[1000].clone(), grouped[5].clone()])), [51008, 0]);
    assert_eq!(codes(&create(&server, "x", &[grouped[1000].clone(), marked[5].clone()])), [51008, 0]);
}

#[test]
fn r_090_a_profile_sets_the_names_and_the_edition_and_single_limits_win_after_it() {
    let names = [
        "profile",
        "limit.contact_group_name_bytes",
        "limit.conversations",
        "limit.grouped_conversations",
        "limit.marked_conversations",
    ];
    let mut server = pro();
    server.import(&["a", "b"]);
    let name = |server: &Server, bytes: usize| create(server, &"n".repeat(bytes), &[])["ErrorCode"].as_i64().unwrap();
    // By 2023, the default, the pro edition has no groups.
    assert_eq!(shown(&mut server, &names), ["2023", "32", "1000", "1000000", "1000000"]);
    assert_eq!((name(&server, 32), name(&server, 33)), (51013, 51011));
    assert_eq!(mark(&server, &["b".to_owned()])["ErrorCode"], 51013);
    set(&mut server, &["profile=2026"]);
    assert_eq!(shown(&mut server, &names), ["2026", "64", "1000000", "1000", "1000"]);
    assert_eq!((name(&server, 64), name(&server, 65)), (0, 51011));
    assert_eq!(codes(&mark(&server, &["b".to_owned()])), [0]);
    // AssistFlags is 63 whatever is sent.
    send(&server, "b", "a", &json!({}));
    for flags in [0, 63] {
        let list = done(&server, "recentcontact/get_list", &json!({"From_Account": "a", "AssistFlags": flags}));
        assert_eq!(list["SessionItem"][0]["StandardMark"], "1", "{flags}");
    }
    // A trial has none, in any year.
    set(&mut server, &["edition=trial"]);
    assert_eq!(name(&server, 32), 51013);
    // A single limit wins where it is set after the profile.
    set(
        &mut server,
        &["edition=pro", "profile=2026", "limit.contact_group_name_bytes=40", "limit.marked_conversations=1"],
    );
    assert_eq!((name(&server, 40), name(&server, 41)), (0, 51011));
    assert_eq!(codes(&mark(&server, &["a".to_owned()])), [51008]);
    // And with it, wherever it stands.
    set(&mut server, &["limit.contact_group_name_bytes=40", "profile=2023"]);
    assert_eq!(shown(&mut server, &names), ["2023", "40", "1000", "1000000", "1000000"]);
    assert_eq!((name(&server, 40), name(&server, 41)), (51013, 51011));
    // And not where it was set before.
    set(&mut server, &["profile=2023"]);
    assert_eq!(shown(&mut server, &names), ["2023", "32", "1000", "1000000", "1000000"]);
    let list = done(&server, "recentcontact/get_list", &json!({"From_Account": "a", "AssistFlags": 0}));
    assert_eq!(list["SessionItem"][0].get("StandardMark"), None);
    // Other settings stay as they were.
    set(&mut server, &["limit.pins=7", "profile=2026"]);
    assert_eq!(shown(&mut server, &["limit.pins", "edition"]), ["7", "pro"]);
}

#[test]
fn r_081_the_list_has_100_conversations_or_500_where_there_are_groups_and_keeps_the_others() {
    for (edition, window) in [("pro", 100), ("ultimate", 500)] {
        let server = Server::start_with(&["--app", &format!("{APP}:{KEY}:{edition}"), "--call-rate", "0"]);
        let peers = numbered("p", window);
        server.import(&["a", "old1", "old2", "old3"]);
        import(&server, &peers);
        let body = json!([{"MsgType": "TIMTextElem", "MsgContent": {"Text": "hi"}}]);
        let many = json!({"From_Account": "a", "To_Account": peers, "MsgRandom": 1, "MsgBody": body});
        done(&server, "openim/batchsendmsg", &many);
        assert_eq!(listed(&server), window);
        // Given three older ones beyond it.
        for (id, ago) in [("old1", 300), ("old2", 200), ("old3", 100)] {
            crate::messages::sent(&server, id, "a", ago, &json!({}));
        }
        let old = || {
            assert_eq!(listed(&server), window);
            let ids = crate::messages::ids(&server, "a");
            ids.into_iter().filter(|id| id.starts_with("old")).collect::<Vec<_>>()
        };
        assert_eq!(old(), [""; 0]);
        // They are kept: where one of the newest is deleted, the newest of them is back.
        let delete = |id: &str| {
            done(&server, "recentcontact/delete", &json!({"From_Account": "a", "Type": 1, "To_Account": id}))
        };
        delete("p7");
        assert_eq!(old(), ["old3"]);
        delete("p8");
        assert_eq!(old(), ["old2", "old3"]);
        // One that gets a message is among the newest, and the oldest in the list makes room.
        send(&server, "old1", "a", &json!({}));
        assert_eq!(old(), ["old3", "old1"]);
        // One that is pinned is in it however old it is.
        let pin = json!({"From_Account": "a", "OperationType": 1, "RecentContactItem": [user("old2")]});
        done(&server, "recentcontact/top", &pin);
        assert_eq!(old(), ["old2", "old1"]);
    }
}
