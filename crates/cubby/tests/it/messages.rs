//! Messages between users and in chat groups, as far as lists of recent contacts and unread counts hear of them. The lists themselves are
//! in `recent_contacts`.

use crate::settings::with;
use crate::support::{ADMINISTRATOR, APP, KEY, Server, now};
use cubby_protocol::usersig;
use serde_json::{Value, json};

pub const SEND: &str = "openim/sendmsg";
pub const SEND_TO_MANY: &str = "openim/batchsendmsg";
pub const IMPORT: &str = "openim/importmsg";
pub const SAY: &str = "group_open_http_svc/send_group_msg";
pub const IMPORT_SAID: &str = "group_open_http_svc/import_group_msg";
pub const UNREAD: &str = "openim/get_c2c_unread_msg_num";
pub const READ: &str = "openim/admin_set_msg_read";
const SET_UNREAD: &str = "group_open_http_svc/set_unread_msg_num";

/// Other values of some fields, or more of them.
pub fn but(mut body: Value, more: &Value) -> Value {
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn text() -> Value {
    json!([{"MsgType": "TIMTextElem", "MsgContent": {"Text": "hi"}}])
}

/// A call that succeeds.
pub fn done(server: &Server, path: &str, body: &Value) -> Value {
    let reply = server.call(path, body);
    assert_eq!(reply["ErrorCode"], 0, "{path} {body}: {reply}");
    reply
}

/// A message from one to another.
pub fn send(server: &Server, from: &str, to: &str, more: &Value) -> Value {
    let body = json!({"From_Account": from, "To_Account": to, "MsgRandom": 1, "MsgBody": text()});
    done(server, SEND, &but(body, more))
}

/// A message from one to another that was sent so many seconds ago.
pub fn sent(server: &Server, from: &str, to: &str, ago: i64, more: &Value) {
    let at = now() - ago;
    let body = json!({"From_Account": from, "To_Account": to, "MsgRandom": 1, "MsgTimeStamp": at, "MsgBody": text()});
    done(server, IMPORT, &but(body, more));
}

/// A message to a chat group.
pub fn say(server: &Server, to: &str, from: &str, more: &Value) -> Value {
    let body = json!({"GroupId": to, "From_Account": from, "Random": 1, "MsgBody": text()});
    done(server, SAY, &but(body, more))
}

/// A message to a chat group at that time.
pub fn said(server: &Server, to: &str, from: &str, at: i64) {
    let message = json!({"From_Account": from, "SendTime": at, "MsgBody": text()});
    let reply = done(server, IMPORT_SAID, &json!({"GroupId": to, "MsgList": [message]}));
    assert_eq!(reply["ImportMsgResult"][0]["Result"], 0, "{reply}");
}

pub fn chat_group(server: &Server, id: &str, members: &[&str]) {
    let members: Value = members.iter().map(|id| json!({"Member_Account": id})).collect();
    let body = json!({"Type": "Public", "Name": "g", "GroupId": id, "MemberList": members});
    done(server, "group_open_http_svc/create_group", &body);
}

/// The items of a list of recent contacts.
pub fn items(server: &Server, of: &str) -> Vec<Value> {
    let body = json!({"From_Account": of, "TimeStamp": 0, "StartIndex": 0, "TopTimeStamp": 0, "TopStartIndex": 0, "AssistFlags": 63});
    let reply = done(server, "recentcontact/get_list", &body);
    assert_eq!(reply["CompleteFlag"], 1, "{reply}");
    reply["SessionItem"].as_array().unwrap().clone()
}

pub fn id(item: &Value) -> String {
    item.get("To_Account")
        .or(item.get("GroupId"))
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("{item}"))
        .to_owned()
}

/// With whom they are, in their order.
pub fn ids(server: &Server, of: &str) -> Vec<String> {
    items(server, of).iter().map(id).collect()
}

/// The time of the last message of one conversation in a list.
pub fn time(server: &Server, of: &str, other: &str) -> Option<i64> {
    let items = items(server, of);
    items.iter().find(|item| id(item) == other).map(|item| item["MsgTime"].as_i64().unwrap())
}

/// How many messages are unread, of all users together.
pub fn unread(server: &Server, of: &str) -> i64 {
    done(server, UNREAD, &json!({"To_Account": of}))["AllC2CUnreadMsgNum"].as_i64().unwrap()
}

pub fn server(accounts: &[&str]) -> Server {
    let server = Server::start();
    server.import(accounts);
    server
}

fn ok() -> Value {
    json!({"ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": ""})
}

#[test]
fn the_documented_samples_of_messages_are_answered_as_documented() {
    let server = server(&["lumotuwe1", "lumotuwe2", "lumotuwe3"]);
    let elements = r#"[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hi, beauty"}}]"#;
    // 1047/34919.
    let body = format!(
        r#"{{"SyncOtherMachine":1,"From_Account":"lumotuwe1","To_Account":"lumotuwe2","MsgLifeTime":60,"MsgSeq":93847636,"MsgRandom":1287657,"ForbidCallbackControl":["ForbidBeforeSendMsgCallback"],"MsgBody":{elements},"CloudCustomData":"your cloud custom data","OfflinePushInfo":{{"PushFlag":0}}}}"#
    );
    let mut reply = server.post(SEND, body.as_bytes()).json();
    let time = reply["MsgTime"].take().as_i64().unwrap();
    assert!((now() - time).abs() < 20);
    let key = format!("93847636_1287657_{time}");
    assert_eq!(reply, but(ok(), &json!({"MsgTime": null, "MsgKey": key})));
    // 1047/34920.
    let body = format!(
        r#"{{"SyncOtherMachine":2,"To_Account":["lumotuwe1","lumotuwe2"],"MsgSeq":28460,"MsgRandom":19901224,"MsgBody":{elements}}}"#
    );
    let mut reply = server.post(SEND_TO_MANY, body.as_bytes()).json();
    assert!(reply["MsgKey"].take().as_str().unwrap().starts_with("28460_19901224_"));
    assert_eq!(reply, but(ok(), &json!({"MsgKey": null, "ErrorList": []})));
    // 269/2568.
    let body = format!(
        r#"{{"SyncFromOldSystem":1,"From_Account":"lumotuwe1","To_Account":"lumotuwe3","MsgRandom":1287657,"MsgTimeStamp":1557387418,"MsgBody":{elements}}}"#
    );
    assert_eq!(server.post(IMPORT, body.as_bytes()).json(), ok());
    // 1047/34959.
    chat_group(&server, "g", &["lumotuwe1"]);
    let body = format!(r#"{{"GroupId":"g","From_Account":"lumotuwe1","Random":8912345,"MsgBody":{elements}}}"#);
    let mut reply = server.post(SAY, body.as_bytes()).json();
    assert!((now() - reply["MsgTime"].take().as_i64().unwrap()).abs() < 20);
    assert_eq!(reply, but(ok(), &json!({"MsgTime": null, "MsgSeq": 1})));
    // 269/1635.
    chat_group(&server, "h", &["lumotuwe1"]);
    let body = format!(
        r#"{{"GroupId":"h","RecentContactFlag":1,"MsgList":[{{"From_Account":"lumotuwe1","SendTime":1620892821,"Random":8912345,"MsgBody":{elements}}},{{"From_Account":"lumotuwe2","SendTime":1620892821,"MsgBody":{elements}}}]}}"#
    );
    let results =
        json!([{"MsgSeq":1,"MsgTime":1_620_892_821,"Result":0},{"MsgSeq":2,"MsgTime":1_620_892_821,"Result":0}]);
    assert_eq!(server.post(IMPORT_SAID, body.as_bytes()).json(), but(ok(), &json!({"ImportMsgResult": results})));
}

#[test]
fn every_way_to_send_makes_an_entry_on_both_sides() {
    let server = server(&["a", "b", "c", "d", "e"]);
    chat_group(&server, "g", &["a", "b"]);
    chat_group(&server, "h", &["a", "b"]);
    let began = now();
    send(&server, "a", "b", &json!({}));
    assert_eq!((ids(&server, "a"), ids(&server, "b")), (vec!["b".to_owned()], vec!["a".to_owned()]));
    assert_eq!(time(&server, "a", "b"), time(&server, "b", "a"));
    assert!(time(&server, "a", "b") >= Some(began));
    let many = json!({"From_Account": "a", "To_Account": ["c", "d", "c"], "MsgRandom": 1, "MsgBody": text()});
    done(&server, SEND_TO_MANY, &many);
    assert_eq!((ids(&server, "c"), ids(&server, "d")), (vec!["a".to_owned()], vec!["a".to_owned()]));
    assert_eq!(unread(&server, "c"), 1, "one who is named twice gets it once");
    sent(&server, "a", "e", 1000, &json!({}));
    assert_eq!((ids(&server, "e"), ids(&server, "a")[0].clone()), (vec!["a".to_owned()], "e".to_owned()));
    assert_eq!(time(&server, "a", "e"), time(&server, "e", "a"));
    say(&server, "g", "a", &json!({}));
    said(&server, "h", "b", began - 50);
    for user in ["a", "b"] {
        assert_eq!(time(&server, user, "h"), Some(began - 50));
        assert!(time(&server, user, "g") >= Some(began));
    }
    assert_eq!(items(&server, "a").len(), 6);
    assert_eq!(items(&server, "b").len(), 3);
    // A message to oneself is one conversation, and nothing of it is unread.
    send(&server, "e", "e", &json!({}));
    assert_eq!((ids(&server, "e"), unread(&server, "e")), (vec!["a".to_owned(), "e".to_owned()], 0));
}

#[test]
fn what_is_not_for_the_list_does_not_enter_it() {
    let server = server(&["a", "b"]);
    chat_group(&server, "g", &["a", "b"]);
    for (more, count) in [
        (json!({"SendMsgControl": ["NoLastMsg"]}), 1),
        (json!({"SendMsgControl": ["NoUnread", "NoLastMsg", "of another year"]}), 1),
        (json!({"MsgLifeTime": 0}), 1),
        (json!({"OnlineOnlyFlag": 1}), 1),
    ] {
        send(&server, "a", "b", &more);
        assert_eq!((items(&server, "a").len(), items(&server, "b").len()), (0, 0), "{more}");
        assert_eq!(unread(&server, "b"), count, "{more}: only the first counts as unread");
    }
    for more in [json!({"SendMsgControl": ["NoLastMsg"]}), json!({"OnlineOnlyFlag": 1})] {
        say(&server, "g", "a", &more);
        assert_eq!((items(&server, "a").len(), items(&server, "b").len()), (0, 0), "{more}");
    }
    // With SyncOtherMachine 2 it is the recipient's alone; what says nothing of it, or 1, is both's.
    send(&server, "a", "b", &json!({"SyncOtherMachine": 2}));
    assert_eq!((items(&server, "a").len(), ids(&server, "b")), (0, vec!["a".to_owned()]));
    send(&server, "a", "b", &json!({"SyncOtherMachine": 1}));
    assert_eq!(ids(&server, "a"), ["b"]);
    // An entry that is there is not moved either.
    sent(&server, "a", ADMINISTRATOR, 500, &json!({}));
    let before = items(&server, "a");
    send(&server, "a", ADMINISTRATOR, &json!({"SendMsgControl": ["NoLastMsg"]}));
    assert_eq!(items(&server, "a"), before);
}

#[test]
fn a_message_without_a_sender_is_the_calling_administrators() {
    let server = with(&[&format!("administrators={ADMINISTRATOR},second")]);
    server.import(&["a", "b", "c"]);
    let as_second = |path: &str, body: &Value| {
        let usersig = usersig::make(APP, KEY.as_bytes(), "second", 3600, now(), None);
        let query = format!("sdkappid={APP}&identifier=second&usersig={usersig}&random=7&contenttype=json");
        let reply = server.post_with(path, &query, body.to_string().as_bytes());
        assert_eq!(reply.code(), 0, "{reply:?}");
    };
    for from in [json!(null), json!("")] {
        done(&server, SEND, &json!({"From_Account": from, "To_Account": "a", "MsgRandom": 1, "MsgBody": text()}));
    }
    as_second(SEND, &json!({"To_Account": "b", "MsgRandom": 1, "MsgBody": text()}));
    as_second(SEND_TO_MANY, &json!({"To_Account": ["c"], "MsgRandom": 1, "MsgBody": text()}));
    assert_eq!((ids(&server, "a"), ids(&server, "b")), (vec![ADMINISTRATOR.to_owned()], vec!["second".to_owned()]));
    assert_eq!(ids(&server, ADMINISTRATOR), ["a"]);
    assert_eq!(
        (ids(&server, "c"), ids(&server, "second")),
        (vec!["second".to_owned()], vec!["b".to_owned(), "c".to_owned()])
    );
    // One named is the sender, whoever calls.
    as_second(SEND, &json!({"From_Account": "a", "To_Account": "b", "MsgRandom": 1, "MsgBody": text()}));
    assert_eq!(time(&server, "a", "b"), time(&server, "b", "a"));
    chat_group(&server, "g", &["a"]);
    as_second(SAY, &json!({"GroupId": "g", "Random": 1, "MsgBody": text()}));
    assert!(time(&server, "a", "g").is_some());
}

/// A command, a body that it takes, and its faults in the order of the checks: the field, what is wrong in it and the code.
struct Order {
    path: &'static str,
    body: Value,
    faults: Vec<(&'static str, Value, i64)>,
}

impl Order {
    /// From the last fault to the first: whatever is wrong after it, each answers with its own code.
    fn check(self, server: &Server) {
        let mut body = self.body;
        done(server, self.path, &body);
        for (field, wrong, code) in self.faults.into_iter().rev() {
            body[field] = wrong;
            let reply = server.call(self.path, &body);
            assert_eq!(reply["ErrorCode"], code, "{} {field}: {reply}", self.path);
            let names: Vec<&String> = reply.as_object().unwrap().keys().collect();
            assert_eq!(names, ["ActionStatus", "ErrorCode", "ErrorInfo"]);
            assert_eq!(reply["ActionStatus"], "FAIL");
        }
    }
}

fn long() -> Value {
    json!([{"MsgType": "TIMTextElem", "MsgContent": {"Text": "x".repeat(12 * 1024)}}])
}

/// What `sendmsg`, `batchsendmsg` and `importmsg` have alike, after the fields that say who and when.
fn faults_of_a_message(too_long: i64) -> Vec<(&'static str, Value, i64)> {
    vec![
        ("SyncOtherMachine", json!("1"), 90031),
        ("SyncOtherMachine", json!(1.0), 90031),
        ("MsgLifeTime", json!("1"), 90044),
        ("MsgLifeTime", json!(-1), 90026),
        ("MsgLifeTime", json!(604_801), 90026),
        ("MsgLifeTime", json!(u64::MAX), 90026),
        ("MsgSeq", json!("1"), 90001),
        ("MsgSeq", json!(1_u64 << 32), 90001),
        ("MsgRandom", json!(null), 90005),
        ("MsgRandom", json!(-1), 90005),
        ("MsgRandom", json!(1_u64 << 32), 90005),
        ("MsgBody", json!(null), 90002),
        ("MsgBody", json!("hi"), 90007),
        ("MsgBody", json!([7]), 90002),
        ("MsgBody", json!([{"MsgContent": {}}]), 90002),
        ("MsgBody", json!([{"MsgType": ""}]), 90002),
        ("MsgBody", long(), too_long),
        ("SendMsgControl", json!("NoLastMsg"), 90001),
        ("SendMsgControl", json!([7]), 90001),
        ("OnlineOnlyFlag", json!("1"), 90001),
    ]
}

#[test]
fn every_field_of_a_message_between_users_has_its_code_in_the_order_of_fields() {
    let server = server(&["a", "b"]);
    let to_one = || json!({"From_Account": "a", "To_Account": "b", "MsgRandom": 4_294_967_295_u64, "MsgSeq": 4_294_967_295_u64, "MsgLifeTime": 604_800, "MsgBody": text()});
    let who = || {
        vec![
            ("From_Account", json!(7), 60015),
            ("From_Account", json!("x".repeat(33)), 90008),
            ("To_Account", json!(null), 90003),
            ("To_Account", json!(7), 90003),
            ("To_Account", json!("x".repeat(33)), 90003),
        ]
    };
    let rules = || vec![("From_Account", json!("ghost"), 90008), ("To_Account", json!("ghost"), 90012)];
    let faults = [who(), faults_of_a_message(80002), rules()].concat();
    Order { path: SEND, body: to_one(), faults }.check(&server);
    let when = vec![
        ("SyncFromOldSystem", json!("1"), 90001),
        ("MsgTimeStamp", json!(null), 90006),
        ("MsgTimeStamp", json!(-1), 90006),
        ("MsgTimeStamp", json!("now"), 90006),
    ];
    let faults =
        [vec![("From_Account", json!(null), 90008)], who(), when, faults_of_a_message(80002), rules()].concat();
    Order { path: IMPORT, body: but(to_one(), &json!({"MsgTimeStamp": now()})), faults }.check(&server);
    let who = vec![
        ("From_Account", json!(7), 60015),
        ("From_Account", json!("x".repeat(33)), 90008),
        ("To_Account", json!([]), 90003),
        ("To_Account", json!("b"), 90003),
        ("To_Account", json!(["b", 7]), 90003),
        ("To_Account", json!(["b", "x".repeat(33)]), 90003),
        ("To_Account", json!(vec!["b"; 501]), 90011),
    ];
    let faults = [who, faults_of_a_message(90055), vec![("From_Account", json!("ghost"), 90008)]].concat();
    Order { path: SEND_TO_MANY, body: but(to_one(), &json!({"To_Account": vec!["b"; 500]})), faults }.check(&server);
}

#[test]
fn every_field_of_reading_has_its_code_in_the_order_of_fields() {
    let server = server(&["a", "b"]);
    let faults = vec![
        ("Report_Account", json!(null), 90008),
        ("Report_Account", json!(7), 90008),
        ("Peer_Account", json!(null), 90003),
        ("Peer_Account", json!("x".repeat(33)), 90003),
        ("MsgReadTime", json!(-1), 90001),
        ("MsgReadTime", json!("1"), 90001),
        ("Report_Account", json!("ghost"), 90048),
        ("Peer_Account", json!("ghost"), 90048),
    ];
    Order { path: READ, body: json!({"Report_Account": "a", "Peer_Account": "b"}), faults }.check(&server);
    let faults = vec![
        ("To_Account", json!(null), 90003),
        ("To_Account", json!(["a"]), 90003),
        ("Peer_Account", json!("b"), 90003),
        ("Peer_Account", json!([7]), 90003),
        ("Peer_Account", json!(vec!["b"; 11]), 90018),
        ("To_Account", json!("ghost"), 90003),
    ];
    Order { path: UNREAD, body: json!({"To_Account": "a", "Peer_Account": vec!["b"; 10]}), faults }.check(&server);
}

#[test]
fn every_field_of_a_message_to_a_chat_group_has_its_code_in_the_order_of_fields() {
    let server = server(&["a", "b"]);
    chat_group(&server, "g", &["a"]);
    let group = || vec![("GroupId", json!(null), 10004), ("GroupId", json!(7), 10004), ("GroupId", json!("é"), 10015)];
    let mut faults = group();
    faults.extend([
        ("Random", json!(null), 10004),
        ("Random", json!(1_u64 << 32), 10004),
        ("From_Account", json!("x".repeat(33)), 10004),
        ("MsgBody", json!([]), 10004),
        ("MsgBody", json!([{}]), 10004),
        ("MsgBody", long(), 80002),
        ("OnlineOnlyFlag", json!("1"), 10004),
        ("SendMsgControl", json!("NoLastMsg"), 10004),
        ("To_Account", json!("a"), 10004),
        ("To_Account", json!(vec!["a"; 51]), 10004),
        ("GroupId", json!("none"), 10010),
        ("From_Account", json!("ghost"), 10019),
    ]);
    let body =
        json!({"GroupId": "g", "From_Account": "a", "Random": 1, "MsgBody": text(), "To_Account": vec!["a"; 50]});
    Order { path: SAY, body, faults }.check(&server);
    let both =
        json!({"GroupId": "g", "Random": 1, "MsgBody": text(), "OnlineOnlyFlag": 1, "SendMsgControl": ["NoLastMsg"]});
    assert_eq!(server.call(SAY, &both)["ErrorCode"], 10004);
    let mut faults = group();
    let message = json!({"From_Account": "a", "SendTime": 1000, "MsgBody": text()});
    faults.extend([
        ("RecentContactFlag", json!("1"), 10004),
        ("MsgList", json!([]), 10004),
        ("MsgList", json!("x"), 10004),
        ("MsgList", json!(vec![&message; 8]), 10004),
        ("GroupId", json!("none"), 10010),
    ]);
    chat_group(&server, "h", &["a"]);
    Order { path: IMPORT_SAID, body: json!({"GroupId": "h", "MsgList": vec![&message; 7]}), faults }.check(&server);
    let mut faults = group();
    faults.extend([
        ("Member_Account", json!(7), 60015),
        ("Member_Account", json!(null), 10004),
        ("UnreadMsgNum", json!(null), 10004),
        ("UnreadMsgNum", json!(-1), 10004),
        ("UnreadMsgNum", json!("0"), 10004),
        ("GroupId", json!("none"), 10010),
        ("Member_Account", json!("b"), 10007),
    ]);
    // Row 9 comes before all fields.
    let early = faults.iter().position(|(_, _, code)| *code == 60015).unwrap();
    let early = faults.remove(early);
    faults.insert(0, early);
    Order { path: SET_UNREAD, body: json!({"GroupId": "g", "Member_Account": "a", "UnreadMsgNum": 0}), faults }
        .check(&server);
}

#[test]
fn r_083_a_message_that_is_older_than_the_last_one_moves_nothing() {
    let server = server(&["a", "b"]);
    let began = now();
    let live = json!({"SyncFromOldSystem": 1});
    sent(&server, "a", "b", 100, &live);
    sent(&server, "a", "b", 200, &live);
    assert!(time(&server, "b", "a").unwrap() - (began - 100) < 20, "the older one moves nothing");
    assert!(time(&server, "b", "a") >= Some(began - 100));
    assert_eq!(unread(&server, "b"), 2, "it is unread all the same");
    // Given one of a fixed time, imported again and again: it counts once, with a sequence of its own or without.
    let again = json!({"From_Account": "a", "To_Account": "b", "MsgRandom": 5, "MsgTimeStamp": began - 50, "SyncFromOldSystem": 1, "MsgBody": text()});
    for more in [json!({}), json!({"MsgSeq": 9}), json!({"MsgSeq": 10, "MsgRandom": 6})] {
        let before = unread(&server, "b");
        for _ in 0..3 {
            done(&server, IMPORT, &but(again.clone(), &more));
        }
        assert_eq!((time(&server, "b", "a"), unread(&server, "b")), (Some(began - 50), before + 1), "{more}");
    }
    // Another one of the same second is another one.
    done(&server, IMPORT, &but(again, &json!({"MsgRandom": 7})));
    assert_eq!(unread(&server, "b"), 6);
    // 2, or nothing, is what was read long ago.
    sent(&server, "a", "b", 40, &json!({"SyncFromOldSystem": 2}));
    sent(&server, "a", "b", 40, &json!({}));
    assert_eq!(unread(&server, "b"), 6);
    // One from the future is as of now.
    sent(&server, "a", "b", -5000, &json!({}));
    let last = time(&server, "b", "a").unwrap();
    assert!(last >= began && last <= now(), "{last}");
    assert_eq!(time(&server, "a", "b"), Some(last));
}

#[test]
fn r_087_import_group_msg_has_a_result_for_each_and_makes_a_recent_contact_unless_told_not_to() {
    let server = server(&["a", "b"]);
    chat_group(&server, "g", &["a", "b"]);
    let now = now();
    let at = |time: i64| json!({"From_Account": "a", "SendTime": time, "Random": 1, "MsgBody": text()});
    let import = |more: &Value, list: &[Value]| {
        let body = but(json!({"GroupId": "g", "MsgList": list}), more);
        done(&server, IMPORT_SAID, &body)["ImportMsgResult"].clone()
    };
    let result = |sequence: i64, time: i64, code: i64| json!({"MsgSeq": sequence, "MsgTime": time, "Result": code});
    assert_eq!(import(&json!({"RecentContactFlag": 0}), &[at(now - 90)]), json!([result(1, now - 90, 0)]));
    assert_eq!((items(&server, "a").len(), items(&server, "b").len()), (0, 0));
    let ghost = but(at(now - 75), &json!({"From_Account": "ghost"}));
    let mixed = [
        at(now - 80),
        at(now - 85),
        ghost,
        json!(7),
        but(at(now - 70), &json!({"MsgBody": []})),
        at(now + 5000),
        at(now - 60),
    ];
    let wanted = json!([
        result(2, now - 80, 0),
        result(0, now - 85, 10004),
        result(0, now - 75, 10019),
        result(0, 0, 10004),
        result(0, 0, 10004),
        result(0, now + 5000, 10004),
        result(3, now - 60, 0)
    ]);
    assert_eq!(import(&json!({}), &mixed), wanted);
    assert_eq!((time(&server, "a", "g"), time(&server, "b", "g")), (Some(now - 60), Some(now - 60)));
    // None may come before what is there.
    assert_eq!(import(&json!({}), &[at(now - 61)]), json!([result(0, now - 61, 10004)]));
    assert_eq!(import(&json!({"RecentContactFlag": 1}), &[at(now - 60)]), json!([result(4, now - 60, 0)]));
    let live = json!({"Type": "AVChatRoom", "Name": "l", "GroupId": "live", "Owner_Account": "a"});
    done(&server, "group_open_http_svc/create_group", &live);
    let refused = server.call(IMPORT_SAID, &json!({"GroupId": "live", "MsgList": [at(now - 5)]}));
    assert_eq!(refused["ErrorCode"], 10007);
}

#[test]
fn unread_messages_are_counted_by_all_and_by_each() {
    let server = server(&["a", "b", "c", "d"]);
    for (from, times) in [("b", 3), ("c", 2)] {
        for _ in 0..times {
            send(&server, from, "a", &json!({}));
        }
    }
    send(&server, "b", "a", &json!({"SendMsgControl": ["NoUnread"]}));
    assert_eq!(server.call(UNREAD, &json!({"To_Account": "a"})), but(ok(), &json!({"AllC2CUnreadMsgNum": 5})));
    let each = |of: &str| {
        let reply = done(&server, UNREAD, &json!({"To_Account": of, "Peer_Account": ["b", "ghost", "c", "d"]}));
        let errors = json!([{"Peer_Account": "ghost", "ErrorCode": 70107}]);
        assert_eq!(reply["ErrorList"], errors);
        assert_eq!(reply.as_object().unwrap().len(), 5, "{reply}");
        let list = reply["C2CUnreadMsgNumList"].as_array().unwrap().clone();
        assert_eq!(list.iter().map(|one| one["Peer_Account"].as_str().unwrap()).collect::<Vec<_>>(), ["b", "c", "d"]);
        list.iter().map(|one| one["C2CUnreadMsgNum"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!((each("a"), each("d")), (vec![3, 2, 0], vec![0, 0, 0]));
    // Who sends has nothing unread.
    assert_eq!((unread(&server, "b"), unread(&server, ADMINISTRATOR)), (0, 0));
    let before = items(&server, "a");
    assert_eq!(server.call(READ, &json!({"Report_Account": "a", "Peer_Account": "b"})), ok());
    assert_eq!((each("a"), unread(&server, "a")), (vec![0, 2, 0], 2));
    assert_eq!(server.call(READ, &json!({"Report_Account": "a", "Peer_Account": "d"})), ok(), "where there is none");
    assert_eq!(items(&server, "a"), before, "reading moves nothing");
    // What is deleted from the list has nothing unread.
    done(&server, "recentcontact/delete", &json!({"From_Account": "a", "Type": 1, "To_Account": "c"}));
    assert_eq!((each("a"), unread(&server, "a")), (vec![0, 0, 0], 0));
}

#[test]
fn r_089_only_the_number_of_messages_is_kept() {
    let server = server(&["a", "b"]);
    sent(&server, "b", "a", 100, &json!({"SyncFromOldSystem": 1}));
    sent(&server, "b", "a", 50, &json!({"SyncFromOldSystem": 1}));
    let last = time(&server, "a", "b").unwrap();
    let read_until = |time: i64| {
        done(&server, READ, &json!({"Report_Account": "a", "Peer_Account": "b", "MsgReadTime": time}));
        unread(&server, "a")
    };
    assert_eq!(read_until(last - 1), 2);
    assert_eq!(read_until(last), 0);
    // A message to many: who is not imported is listed, the others get it.
    let many = json!({"From_Account": "b", "To_Account": ["ghost", "a", "ghost", "wraith"], "MsgRandom": 1, "MsgBody": text()});
    let reply = done(&server, SEND_TO_MANY, &many);
    let errors = json!([{"To_Account": "ghost", "ErrorCode": 70107}, {"To_Account": "wraith", "ErrorCode": 70107}]);
    assert_eq!((&reply["ErrorList"], unread(&server, "a")), (&errors, 1));
    assert_eq!(ids(&server, "b"), ["a"]);
}

#[test]
fn set_unread_msg_num_is_for_members_and_moves_nothing() {
    let server = server(&["a", "b"]);
    chat_group(&server, "g", &["a"]);
    sent(&server, "b", "a", 10, &json!({}));
    said(&server, "g", "a", now() - 100);
    let before = items(&server, "a");
    for count in [0, 1, 1000] {
        let body = json!({"GroupId": "g", "Member_Account": "a", "UnreadMsgNum": count});
        assert_eq!(server.call(SET_UNREAD, &body), ok(), "more than there are is as many as there are");
    }
    assert_eq!((items(&server, "a"), unread(&server, "a")), (before, 0));
}

#[test]
fn each_way_of_sending_has_the_same_optional_fields() {
    let server = Server::start();
    server.import(&["a", "b"]);
    let quiet =
        json!({"SyncOtherMachine": 2, "OnlineOnlyFlag": 0, "SendMsgControl": ["NoUnread", "WithMuteNotifications"]});
    send(&server, "a", "b", &quiet);
    let to_many = json!({"From_Account": "a", "To_Account": ["b"], "MsgRandom": 2, "MsgBody": text()});
    done(&server, SEND_TO_MANY, &but(to_many, &quiet));
    sent(&server, "a", "b", 0, &but(json!({"SyncFromOldSystem": 1}), &quiet));
    assert_eq!(done(&server, UNREAD, &json!({"To_Account": "b"}))["AllC2CUnreadMsgNum"], 0);
    assert_eq!(server.call("recentcontact/get_list", &json!({"From_Account": "a"}))["SessionItem"], json!([]));
}

#[test]
fn r_089_messages_that_are_in_no_list_stay_unread_until_they_are_read_up_to_their_own_time() {
    let server = Server::start();
    server.import(&["a", "b"]);
    let at = send(&server, "a", "b", &json!({"SendMsgControl": ["NoLastMsg"]}))["MsgTime"].as_u64().unwrap();
    let read = |until: u64| json!({"Report_Account": "b", "Peer_Account": "a", "MsgReadTime": until});
    done(&server, READ, &read(at - 1));
    assert_eq!(done(&server, UNREAD, &json!({"To_Account": "b"}))["AllC2CUnreadMsgNum"], 1);
    done(&server, READ, &read(at));
    assert_eq!(done(&server, UNREAD, &json!({"To_Account": "b"}))["AllC2CUnreadMsgNum"], 0);
}
