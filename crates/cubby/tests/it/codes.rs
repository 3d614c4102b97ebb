//! Every code that the server gives, each by a request that is answered with it over the wire.

use crate::coverage;
use crate::support::{ADMINISTRATOR, APP, KEY, Server, exchange, moment, now, read_reply, request, run_by};
use cubby_protocol::codes::CODES;
use cubby_protocol::usersig;
use serde_json::{Value, json};
use std::io::Write;
use std::process::Command;
use std::time::Duration;

/// An application in the edition `pro`.
const PRO: u64 = 1_400_000_002;
/// One that is disabled.
const DISABLED: u64 = 1_400_000_003;
/// One whose calls together have a rate of 1 a second.
const SLOW: u64 = 1_400_000_004;
/// One with small limits: one conversation, one contact group, one member.
const SMALL: u64 = 1_400_000_005;

/// A server with all of these applications, at the documented rates, and with the account `a` in each.
struct World {
    server: Server,
}

impl World {
    fn new() -> Self {
        let apps = [(APP, "ultimate"), (PRO, "pro"), (DISABLED, "ultimate"), (SLOW, "ultimate"), (SMALL, "ultimate")];
        let apps = apps.map(|(app, edition)| format!("{app}:{KEY}:{edition}"));
        let flags: Vec<&str> = apps.iter().flat_map(|app| ["--app", app]).collect();
        let mut server = Server::start_with(&flags);
        assert!(server.stop().success());
        server.app(&["disable", &DISABLED.to_string()]);
        server.app(&["set", &SLOW.to_string(), "total_call_rate=1"]);
        let limits = ["limit.conversations=1", "limit.contact_groups=1", "limit.chat_group_members=1", "limit.pins=1"];
        server.app(&[&["set", &SMALL.to_string()][..], &limits].concat());
        server.start_again();
        let world = Self { server };
        for app in [APP, PRO, SMALL] {
            let import = world.ask(app, "im_open_login_svc/multiaccount_import", &json!({"Accounts": ["a", "b", "c"]}));
            assert_eq!(import["ErrorCode"], 0);
        }
        world
    }

    fn query(app: u64, identifier: &str, usersig: &str) -> String {
        format!("sdkappid={app}&identifier={identifier}&usersig={usersig}&random=7&contenttype=json")
    }

    fn ask(&self, app: u64, path: &str, body: &Value) -> Value {
        let usersig = usersig::make(app, KEY.as_bytes(), ADMINISTRATOR, 86400, now(), None);
        let query = Self::query(app, ADMINISTRATOR, &usersig);
        let reply = self.server.post_with(path, &query, body.to_string().as_bytes());
        assert_eq!(reply.status, 200);
        reply.json()
    }

    /// The code of a call with this query string and a body that is right.
    fn with_query(&self, query: &str) -> i64 {
        self.server.post_with("recentcontact/get_contact_group", query, br#"{"From_Account":"a"}"#).code()
    }

    /// The code of a call with this signature.
    fn with_usersig(&self, usersig: &str) -> i64 {
        self.with_query(&Self::query(APP, ADMINISTRATOR, usersig))
    }

    fn code(&self, path: &str, body: &Value) -> i64 {
        code(&self.ask(APP, path, body))
    }
}

fn code(reply: &Value) -> i64 {
    reply["ErrorCode"].as_i64().unwrap()
}

/// The `ResultCode` of the only item.
fn item(reply: &Value) -> i64 {
    assert_eq!(reply["ErrorCode"], 0, "{reply}");
    let item = ["/ResultItem/0", "/GroupResultItem/0/ResultItem/0"].iter().find_map(|place| reply.pointer(place));
    item.unwrap()["ResultCode"].as_i64().unwrap()
}

fn made(sdkappid: u64, key: &str, identifier: &str, age: i64) -> String {
    usersig::make(sdkappid, key.as_bytes(), identifier, 86400, now() - age, None)
}

const CREATE: &str = "recentcontact/create_contact_group";
const GET: &str = "recentcontact/get_contact_group";
const MARK: &str = "recentcontact/mark_contact";

fn create(name: &str, conversations: &Value) -> Value {
    json!({"From_Account": "a", "GroupContactItem": [{"GroupName": name, "ContactItem": conversations}]})
}

fn mark(from: &str, to: &str) -> Value {
    let other = json!({"Type": 1, "To_Account": to});
    json!({"From_Account": from, "MarkItem": [{"OptType": 2, "ContactItem": other, "CustomMark": "m"}]})
}

fn chat(more: &Value) -> Value {
    let mut chat = json!({"Type": "Public", "Name": "g"});
    chat.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    chat
}

/// How each code comes about.
type Provoke = fn(&World) -> i64;

static CHAT_GROUPS: &[(u32, Provoke)] = &[
    (10002, |_| of_a_failing_disk("group_open_http_svc/create_group", &chat(&json!({})))),
    (10004, |world| world.code("group_open_http_svc/create_group", &json!({"Name": "g"}))),
    (10005, |world| {
        let members: Value = (0..101).map(|n| json!({"Member_Account": format!("m{n}")})).collect();
        world.code("group_open_http_svc/create_group", &chat(&json!({"MemberList": members})))
    }),
    (10007, |world| {
        world.code("group_open_http_svc/create_group", &chat(&json!({"GroupId": "owned", "Owner_Account": "a"})));
        let remove = json!({"GroupId": "owned", "MemberToDel_Account": ["a"]});
        world.code("group_open_http_svc/delete_group_member", &remove)
    }),
    (10010, |world| world.code("group_open_http_svc/destroy_group", &json!({"GroupId": "none"}))),
    (10014, |world| {
        let members = json!({"Owner_Account": "a", "MemberList": [{"Member_Account": "b"}]});
        code(&world.ask(SMALL, "group_open_http_svc/create_group", &chat(&members)))
    }),
    (10015, |world| world.code("group_open_http_svc/create_group", &chat(&json!({"GroupId": "@TGS#1"})))),
    (10018, |_| of_a_reply_that_would_be_too_large()),
    (10019, |world| world.code("group_open_http_svc/create_group", &chat(&json!({"Owner_Account": "ghost"})))),
    (10021, |world| {
        world.code("group_open_http_svc/create_group", &chat(&json!({"GroupId": "taken", "Owner_Account": "a"})));
        world.code("group_open_http_svc/create_group", &chat(&json!({"GroupId": "taken", "Owner_Account": "b"})))
    }),
    (10025, |world| {
        world.code("group_open_http_svc/create_group", &chat(&json!({"GroupId": "mine", "Owner_Account": "a"})));
        world.code("group_open_http_svc/create_group", &chat(&json!({"GroupId": "mine", "Owner_Account": "a"})))
    }),
];

static CONTACTS: &[(u32, Provoke)] = &[
    (50001, |world| world.code(GET, &json!({"From_Account": "ghost"}))),
    (50002, |world| world.code(GET, &json!({"From_Account": ""}))),
    (50004, |_| of_a_failing_disk(MARK, &mark(ADMINISTRATOR, ADMINISTRATOR))),
    (50005, |_| of_a_slow_disk()[0]),
    (51006, |world| world.code(MARK, &json!({"From_Account": "a", "MarkItem": []}))),
    (51007, |world| item(&world.ask(APP, CREATE, &create("x", &json!([{"Type": 2, "ToGroupId": "none"}]))))),
    (51008, |world| {
        assert_eq!(item(&world.ask(SMALL, MARK, &mark("b", "a"))), 0);
        item(&world.ask(SMALL, MARK, &mark("b", "c")))
    }),
    (51009, |world| {
        world.code("recentcontact/del_contact_group", &json!({"From_Account": "a", "GroupName": ["none"]}))
    }),
    (51010, |world| {
        assert_eq!(code(&world.ask(SMALL, CREATE, &create("x", &json!([])))), 0);
        code(&world.ask(SMALL, CREATE, &create("y", &json!([]))))
    }),
    (51011, |world| world.code(CREATE, &create(&"x".repeat(33), &json!([])))),
    (51012, |world| {
        let both = json!([{"Type": 1, "To_Account": "b"}, {"Type": 1, "To_Account": "c"}]);
        let pin = json!({"From_Account": "a", "OperationType": 1, "RecentContactItem": both});
        code(&world.ask(SMALL, "recentcontact/top", &pin))
    }),
    (51013, |world| code(&world.ask(PRO, CREATE, &create("x", &json!([]))))),
];

static GATEWAY: &[(u32, Provoke)] = &[
    (60002, |world| world.with_query("sdkappid=x")),
    (60003, |world| {
        let usersig = made(APP, KEY, ADMINISTRATOR, 0);
        world.server.post_with(GET, &World::query(APP, ADMINISTRATOR, &usersig), b"{").code()
    }),
    (60004, |world| world.with_query(&format!("sdkappid={APP}"))),
    // Documented: one call a second.
    (60007, |world| of_two_calls_within_a_second(world, APP, "group_open_http_svc/get_appid_group_list", None)),
    (60008, |_| of_a_slow_disk()[1]),
    (60009, |world| world.server.send(&request("POST", "/v4/recentcontact/none", b"{}")).code()),
    (60010, |world| world.with_query(&World::query(APP, "a", &made(APP, KEY, "a", 0)))),
    (60011, |world| of_two_calls_within_a_second(world, SLOW, GET, Some(MARK))),
    (60012, |world| world.with_query("")),
    (60015, |world| world.code(GET, &json!({"From_Account": 7}))),
    (60016, |world| code(&world.ask(DISABLED, GET, &json!({"From_Account": "a"})))),
    (70001, |world| world.with_usersig(&made(APP, KEY, ADMINISTRATOR, 86401))),
    (70002, |world| world.with_usersig("")),
    (70003, |world| world.with_usersig("eJw")),
    // {"TLS.ver":"1.0"}, deflated.
    (70005, |world| world.with_usersig("eNqrVgrxCdYrSy1SslIy1DNQqgUALUUEuA__")),
    (70009, |world| world.with_usersig(&made(APP, "another key", ADMINISTRATOR, 0))),
    (70013, |world| world.with_usersig(&made(APP, KEY, "a", 0))),
    (70014, |world| world.with_usersig(&made(PRO, KEY, ADMINISTRATOR, 0))),
    (70020, |world| code(&world.ask(99, GET, &json!({"From_Account": "a"})))),
];

static ACCOUNTS: &[(u32, Provoke)] = &[
    (70107, |world| {
        item(&world.ask(APP, "im_open_login_svc/account_delete", &json!({"DeleteItem": [{"UserID": "ghost"}]})))
    }),
    (70206, |world| world.code("im_open_login_svc/multiaccount_import", &json!({"Accounts": vec!["u"; 101]}))),
    (70402, |world| world.code("im_open_login_svc/account_import", &json!({"UserID": "é"}))),
    (70500, |_| of_a_failing_disk("im_open_login_svc/account_import", &json!({"UserID": "u"}))),
];

const SEND: &str = "openim/sendmsg";
const SEND_TO_MANY: &str = "openim/batchsendmsg";

/// A message from the administrator to itself, with another value of one field.
fn message(name: &str, value: Value) -> Value {
    let body = json!([{"MsgType": "TIMTextElem", "MsgContent": {"Text": "hi"}}]);
    let mut message = json!({"To_Account": ADMINISTRATOR, "MsgRandom": 1, "MsgBody": body});
    message[name] = value;
    message
}

fn long() -> Value {
    json!([{"MsgType": "TIMTextElem", "MsgContent": {"Text": "x".repeat(12 * 1024)}}])
}

static MESSAGES: &[(u32, Provoke)] = &[
    (80002, |world| world.code(SEND, &message("MsgBody", long()))),
    (90001, |world| world.code(SEND, &message("MsgSeq", json!(-1)))),
    (90002, |world| world.code(SEND, &message("MsgBody", json!([{}])))),
    (90003, |world| world.code(SEND, &message("To_Account", Value::Null))),
    (90005, |world| world.code(SEND, &message("MsgRandom", json!("1")))),
    (90006, |world| world.code("openim/importmsg", &message("From_Account", json!("a")))),
    (90007, |world| world.code(SEND, &message("MsgBody", json!("text")))),
    (90008, |world| world.code(SEND, &message("From_Account", json!("ghost")))),
    (90011, |world| world.code(SEND_TO_MANY, &message("To_Account", vec!["a"; 501].into()))),
    (90012, |world| world.code(SEND, &message("To_Account", json!("ghost")))),
    (90018, |world| {
        let asked = json!({"To_Account": "a", "Peer_Account": vec!["b"; 11]});
        world.code("openim/get_c2c_unread_msg_num", &asked)
    }),
    (90026, |world| world.code(SEND, &message("MsgLifeTime", json!(604_801)))),
    (90031, |world| world.code(SEND, &message("SyncOtherMachine", json!("1")))),
    (90044, |world| world.code(SEND, &message("MsgLifeTime", json!("1")))),
    (90048, |world| world.code("openim/admin_set_msg_read", &json!({"Report_Account": "a", "Peer_Account": "ghost"}))),
    (90055, |world| {
        let mut message = message("MsgBody", long());
        message["To_Account"] = json!(["a"]);
        world.code(SEND_TO_MANY, &message)
    }),
    (90994, |_| of_a_failing_disk(SEND, &message("MsgSeq", json!(1)))),
];

#[test]
fn r_020_every_code_comes_over_the_wire_those_of_a_failing_store_too() {
    let rows = || [CHAT_GROUPS, CONTACTS, GATEWAY, ACCOUNTS, MESSAGES].into_iter().flatten();
    let listed: Vec<u32> = CODES.iter().map(|documented| documented.code.0).collect();
    let provoked: Vec<u32> = rows().map(|(code, _)| *code).collect();
    assert_eq!(provoked, listed, "each code that the server gives has a request here, in the same order");
    let world = World::new();
    for (code, provoke) in rows() {
        assert_eq!(provoke(&world), i64::from(*code));
    }
}

/// The code of the second of two calls that came within a second, one for a bucket that has one.
fn of_two_calls_within_a_second(world: &World, app: u64, path: &str, second: Option<&str>) -> i64 {
    let usersig = made(app, KEY, ADMINISTRATOR, 0);
    let call =
        |path: &str| request("POST", &format!("/v4/{path}?{}", World::query(app, ADMINISTRATOR, &usersig)), b"{}");
    let mut connection = world.server.connect();
    for _ in 0..100 {
        let began = moment();
        let calls = [call(path), call(second.unwrap_or(path))];
        connection.write_all(&calls.concat()).unwrap();
        let replies = [(); 2].map(|()| read_reply(&mut connection).unwrap());
        if began.elapsed() < Duration::from_secs(1) {
            calls.iter().zip(&replies).for_each(|(call, reply)| coverage::heard(call, reply));
            return replies[1].code();
        }
    }
    panic!("two calls never came within a second");
}

/// Two chat groups that have over 10 000 members together.
fn of_a_reply_that_would_be_too_large() -> i64 {
    let server = Server::start_with(&["--app", &format!("{APP}:{KEY}:ultimate"), "--call-rate", "0", "--in-memory"]);
    let ids: Vec<String> = (0..5001).map(|n| format!("u{n}")).collect();
    server.import(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    for id in ["g1", "g2"] {
        server.call("group_open_http_svc/create_group", &chat(&json!({"GroupId": id})));
        for some in ids.chunks(300) {
            let members: Value = some.iter().map(|id| json!({"Member_Account": id})).collect();
            let added =
                server.call("group_open_http_svc/add_group_member", &json!({"GroupId": id, "MemberList": members}));
            assert_eq!(added["ErrorCode"], 0);
        }
    }
    let info = |ids: &Value| server.call("group_open_http_svc/get_group_info", &json!({"GroupIdList": ids}));
    assert_eq!(info(&json!(["g1"]))["GroupInfo"][0]["MemberNum"], 5001);
    code(&info(&json!(["g1", "g2"])))
}

/// The code of a call whose changes cannot be written: no file of the server may grow any more.
fn of_a_failing_disk(path: &str, body: &Value) -> i64 {
    // What the shell ignores its children ignore: the limit shows as an error of the write, and does not end the process.
    const IGNORING: &str = r#"trap "" XFSZ; exec "$@" 2>/dev/null"#;
    let mut server = Server::launched_by(|command| run_by("sh", &["-c", IGNORING, "sh"], &command));
    server.start_again();
    let pid = server.pid().to_string();
    let limited = Command::new("prlimit").args(["--pid", &pid, "--fsize=0"]).status().unwrap();
    assert!(limited.success());
    let code = code(&server.call(path, body));
    assert!(!server.ended().success(), "its restart recovers the store");
    code
}

/// The codes of changes on a disk that is slow, while one is being written: of that one, and of one that did not get its turn.
fn of_a_slow_disk() -> [i64; 2] {
    let mut server = Server::start();
    assert!(server.stop().success());
    // Given syncs that take longer than a client waits.
    let config = server.directory.path().join("cubby.toml");
    std::fs::write(&config, "[bounds.store]\ndeadline = \"500ms\"\nqueue = 1\nbatch_jobs = 1\n").unwrap();
    server.set_launch(move |mut command| {
        command.arg("--config").arg(&config);
        let slow = "inject=fdatasync:delay_enter=3000000";
        run_by("strace", &["-D", "-f", "-e", "trace=fdatasync", "-e", slow, "-o", "/dev/null"], &command)
    });
    server.start_again();
    let query = crate::support::query();
    let mut first = server.connect();
    let ask = |value: &str| {
        let mut body = mark(ADMINISTRATOR, ADMINISTRATOR);
        body["MarkItem"][0]["CustomMark"] = json!(value);
        request("POST", &format!("/v4/{MARK}?{query}"), body.to_string().as_bytes())
    };
    let begun = exchange(&mut first, &ask("begun")).code();
    let waiting = exchange(&mut first, &ask("waiting")).code();
    server.kill();
    [begun, waiting]
}
