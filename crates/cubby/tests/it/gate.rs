//! The order of checks: of two faults the earlier row of the contract's table answers, for every pair of faults that one request can
//! have. The shapes of HTTP below it are `http_shapes.rs`.

use crate::support::{ADMINISTRATOR, APP, KEY, Reply, Server, exchange, moment, now, read_reply, request};
use cubby_protocol::usersig;
use serde_json::{Value, json};
use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

/// An application in the edition `pro`, which has no contact groups.
const PRO: u64 = 1_400_000_002;
/// One that is disabled.
const DISABLED: u64 = 1_400_000_003;
/// One whose calls together have a rate of 1 a second, and no other rate.
const SLOW: u64 = 1_400_000_004;
/// One that has that rate, and the same for each command.
const SLOWEST: u64 = 1_400_000_005;
/// A signature without `TLS.ver`, with nothing else right in it either.
const MALFORMED: &str =
    "eNqrVgrxCdbLTEnNK8lMy0wtUrJSystPyk*pVNIByxSnZCcWFGSmKFkZQgRKMnNTlawMIJzUioLMIgS3ODMdqN*ReGCrVAsAHLQlgg__";

/// A call with everything right, until faults are put into it.
#[derive(Clone)]
struct Call {
    method: &'static str,
    path: String,
    sdkappid: Option<String>,
    identifier: Option<&'static str>,
    random: &'static str,
    contenttype: &'static str,
    more_query: &'static str,
    signature: Signature,
    header: &'static str,
    body: Value,
    /// The body's last byte is left out.
    cut: bool,
}

#[derive(Clone, Default)]
struct Signature {
    empty: bool,
    undecodable: bool,
    malformed: bool,
    application: Option<u64>,
    identifier: Option<&'static str>,
    key: Option<&'static str>,
    /// Seconds ago at which it was made; it is valid for a day.
    age: i64,
}

impl Call {
    fn of(path: &str, body: Value) -> Self {
        Self {
            method: "POST",
            path: format!("/v4/{path}"),
            sdkappid: Some(APP.to_string()),
            identifier: Some(ADMINISTRATOR),
            random: "7",
            contenttype: "json",
            more_query: "",
            signature: Signature::default(),
            header: "",
            body,
            cut: false,
        }
    }

    fn usersig(&self) -> String {
        let Signature { empty, undecodable, malformed, application, identifier, key, age } = &self.signature;
        let named = self.sdkappid.as_deref().and_then(|text| text.parse().ok()).unwrap_or(APP);
        let application = application.unwrap_or(named);
        let identifier = identifier.or(self.identifier).unwrap_or(ADMINISTRATOR);
        let mut text = match malformed {
            true => MALFORMED.to_owned(),
            false => usersig::make(application, key.unwrap_or(KEY).as_bytes(), identifier, 86400, now() - age, None),
        };
        if *undecodable {
            text.push('!');
        }
        if *empty { String::new() } else { text }
    }

    fn bytes(&self) -> Vec<u8> {
        let part = |name: &str, value: Option<&str>| value.map_or(String::new(), |value| format!("{name}={value}&"));
        let target = format!(
            "{}?{}{}usersig={}&random={}&contenttype={}{}",
            self.path,
            part("sdkappid", self.sdkappid.as_deref()),
            part("identifier", self.identifier),
            self.usersig(),
            self.random,
            self.contenttype,
            self.more_query
        );
        let mut body = self.body.to_string();
        if self.cut {
            body.pop();
        }
        let (method, header, length) = (self.method, self.header, body.len());
        format!("{method} {target} HTTP/1.1\r\nHost: test\r\n{header}Content-Length: {length}\r\n\r\n{body}").into()
    }
}

/// One way to break one row. Two faults that need one place cannot meet in one request.
struct Fault {
    row: u8,
    code: i64,
    places: &'static [&'static str],
    put: fn(&mut Call),
}

const fn fault(row: u8, code: i64, places: &'static [&'static str], put: fn(&mut Call)) -> Fault {
    Fault { row, code, places, put }
}

impl Fault {
    fn can_meet(&self, other: &Self) -> bool {
        !self.places.iter().any(|place| other.places.contains(place))
    }
}

/// Rows 1 to 9, in their order.
static COMMON: &[Fault] = &[
    fault(1, 60009, &["path"], |call| call.path.push('x')),
    fault(2, 60002, &["method"], |call| call.method = "PUT"),
    fault(2, 60002, &["query"], |call| call.more_query = "&x=%FF"),
    fault(2, 60002, &["contenttype"], |call| call.contenttype = "xml"),
    // Whether it is looked at is a setting, which only a known application has.
    fault(2, 60002, &["random", "sdkappid"], |call| call.random = "179555000000000000000"),
    fault(3, 60012, &["sdkappid"], |call| call.sdkappid = None),
    fault(3, 60012, &["sdkappid"], |call| call.sdkappid = Some(String::new())),
    fault(3, 60002, &["sdkappid"], |call| call.sdkappid = Some("14x".to_owned())),
    fault(3, 70020, &["sdkappid"], |call| call.sdkappid = Some("99".to_owned())),
    fault(3, 60016, &["sdkappid"], |call| call.sdkappid = Some(DISABLED.to_string())),
    fault(4, 60004, &["identifier"], |call| call.identifier = None),
    fault(4, 60004, &["identifier"], |call| call.identifier = Some("")),
    fault(5, 70002, &["signature", "signed text", "signed app", "signed id", "key", "time"], |call| {
        call.signature.empty = true;
    }),
    fault(5, 70003, &["signature"], |call| call.signature.undecodable = true),
    fault(5, 70005, &["signed text"], |call| call.signature.malformed = true),
    fault(5, 70014, &["signed app"], |call| call.signature.application = Some(7)),
    fault(5, 70013, &["signed id"], |call| call.signature.identifier = Some("another")),
    fault(5, 70009, &["key"], |call| call.signature.key = Some("another key")),
    fault(5, 70001, &["time"], |call| call.signature.age = 86400 + 100),
    fault(5, 70001, &["time"], |call| call.signature.age = -700),
    fault(7, 60010, &["identifier"], |call| call.identifier = Some("somebody")),
    fault(8, 60003, &["body's end"], |call| call.cut = true),
    fault(8, 60003, &["header"], |call| call.header = "Content-Encoding: gzip\r\n"),
    fault(9, 60015, &["UserID"], |call| call.body["UserID"] = json!(7)),
    fault(9, 60015, &["Identifier"], |call| call.body["Identifier"] = json!({})),
    fault(9, 60015, &["Owner_Account"], |call| call.body["Owner_Account"] = json!([])),
    fault(9, 60015, &["Member_Account"], |call| call.body["Member_Account"] = json!(true)),
    fault(9, 60015, &["From_Account"], |call| call.body["From_Account"] = json!(7)),
];

/// What every contact command has in row 10.
static FROM_ACCOUNT: &[Fault] = &[
    fault(10, 50002, &["From_Account"], |call| call.body["From_Account"] = Value::Null),
    fault(10, 50002, &["From_Account"], |call| call.body["From_Account"] = json!("")),
    fault(10, 50002, &["From_Account"], |call| call.body["From_Account"] = json!("x".repeat(33))),
];
static EDITION: Fault = fault(11, 51013, &["sdkappid"], |call| call.sdkappid = Some(PRO.to_string()));
static NOT_IMPORTED: Fault = fault(12, 50001, &["From_Account"], |call| call.body["From_Account"] = json!("ghost"));

/// A command: a call of it that succeeds, and its own faults in rows 10 and 13.
struct Command {
    path: &'static str,
    body: fn() -> Value,
    needs_edition: bool,
    fields: &'static [Fault],
    rules: &'static [Fault],
}

fn conversations(n: usize) -> Value {
    (0..n).map(|n| json!({"Type": 1, "To_Account": format!("p{n}")})).collect()
}

fn moves(n: usize) -> Value {
    (0..n).map(|_| json!({"ContactOptType": 2, "ContactItem": {"Type": 1, "To_Account": "p"}})).collect()
}

static COMMANDS: &[Command] = &[
    Command {
        path: "recentcontact/create_contact_group",
        body: || json!({"From_Account": "a", "GroupContactItem": [{"GroupName": "x", "ContactItem": []}]}),
        needs_edition: true,
        fields: &[
            fault(10, 50002, &["group"], |call| call.body["GroupContactItem"] = json!([])),
            fault(10, 50002, &["group"], |call| call.body["GroupContactItem"] = json!([{}, {}])),
            fault(10, 50002, &["group", "name"], |call| call.body["GroupContactItem"][0]["GroupName"] = json!("")),
            fault(10, 51011, &["group", "name"], |call| {
                call.body["GroupContactItem"][0]["GroupName"] = json!("x".repeat(33));
            }),
            fault(10, 51006, &["group", "items"], |call| {
                call.body["GroupContactItem"][0]["ContactItem"] = conversations(101);
            }),
        ],
        rules: &[fault(13, 51010, &["From_Account"], |call| call.body["From_Account"] = json!("full"))],
    },
    Command {
        path: "recentcontact/update_contact_group",
        body: || {
            let group = json!({"UpdateGroupType": 2, "OldGroupName": "x", "ContactUpdateItem": moves(1)});
            json!({"From_Account": "a", "UpdateType": 1, "UpdateGroup": group})
        },
        needs_edition: true,
        fields: &[
            fault(10, 50002, &["UpdateType"], |call| call.body["UpdateType"] = json!(2)),
            fault(10, 50002, &["type"], |call| call.body["UpdateGroup"]["UpdateGroupType"] = json!("2")),
            fault(10, 50002, &["name"], |call| call.body["UpdateGroup"]["OldGroupName"] = json!("")),
            fault(10, 51006, &["items"], |call| call.body["UpdateGroup"]["ContactUpdateItem"] = json!([])),
            fault(10, 51006, &["items"], |call| call.body["UpdateGroup"]["ContactUpdateItem"] = moves(101)),
        ],
        rules: &[fault(13, 51009, &["name"], |call| call.body["UpdateGroup"]["OldGroupName"] = json!("none"))],
    },
    Command {
        path: "recentcontact/update_contact_group",
        body: || {
            let group = json!({"UpdateGroupType": 1, "OldGroupName": "x", "NewGroupName": "x"});
            json!({"From_Account": "a", "UpdateType": 1, "UpdateGroup": group})
        },
        needs_edition: true,
        fields: &[
            fault(10, 50002, &["name"], |call| call.body["UpdateGroup"]["OldGroupName"] = Value::Null),
            fault(10, 50002, &["new name"], |call| call.body["UpdateGroup"]["NewGroupName"] = json!(7)),
            fault(10, 51011, &["new name"], |call| call.body["UpdateGroup"]["NewGroupName"] = json!("é".repeat(17))),
            fault(10, 50002, &["items"], |call| call.body["UpdateGroup"]["ContactUpdateItem"] = moves(1)),
        ],
        rules: &[
            fault(13, 51009, &["name"], |call| call.body["UpdateGroup"]["OldGroupName"] = json!("none")),
            fault(13, 50002, &["new name"], |call| call.body["UpdateGroup"]["NewGroupName"] = json!("y")),
        ],
    },
    Command {
        path: "recentcontact/mark_contact",
        body: || {
            json!({"From_Account": "a", "MarkItem": [
                {"OptType": 1, "ContactItem": {"Type": 1, "To_Account": "a"}, "ClearMark": [1]}]})
        },
        needs_edition: true,
        fields: &[
            fault(10, 51006, &["items"], |call| call.body["MarkItem"] = json!([])),
            fault(10, 50002, &["items"], |call| call.body["MarkItem"] = json!("x")),
        ],
        rules: &[],
    },
    Command {
        path: "recentcontact/search_contact_group",
        body: || json!({"From_Account": "a", "ContactItem": conversations(300)}),
        needs_edition: false,
        fields: &[
            fault(10, 50002, &["items"], |call| call.body["ContactItem"] = conversations(301)),
            fault(10, 50002, &["items"], |call| call.body["ContactItem"][299] = json!({"Type": 1})),
        ],
        rules: &[],
    },
    Command {
        path: "recentcontact/get_contact_group",
        body: || json!({"From_Account": "a", "StartIndex": 0}),
        needs_edition: false,
        fields: &[fault(10, 50002, &["StartIndex"], |call| call.body["StartIndex"] = json!(-1))],
        rules: &[],
    },
    Command {
        path: "recentcontact/del_contact_group",
        body: || json!({"From_Account": "a", "GroupName": ["y"]}),
        needs_edition: true,
        fields: &[
            fault(10, 50002, &["name"], |call| call.body["GroupName"] = json!([""])),
            fault(10, 50002, &["name"], |call| call.body["GroupName"] = json!(["y", "x"])),
        ],
        rules: &[fault(13, 51009, &["name"], |call| call.body["GroupName"] = json!(["none"]))],
    },
    Command {
        path: "recentcontact/get_list",
        body: || json!({"From_Account": "a", "TimeStamp": 0, "StartIndex": 0, "TopTimeStamp": 0, "TopStartIndex": 0}),
        needs_edition: false,
        fields: &[
            fault(10, 50002, &["TimeStamp"], |call| call.body["TimeStamp"] = json!(-1)),
            fault(10, 50002, &["StartIndex"], |call| call.body["StartIndex"] = json!("0")),
            fault(10, 50002, &["TopTimeStamp"], |call| call.body["TopTimeStamp"] = json!(1.5)),
            fault(10, 50002, &["TopStartIndex"], |call| call.body["TopStartIndex"] = json!(-1)),
            fault(10, 50002, &["AssistFlags"], |call| call.body["AssistFlags"] = json!("63")),
        ],
        rules: &[],
    },
    Command {
        path: "recentcontact/delete",
        body: || json!({"From_Account": "a", "Type": 1, "To_Account": "p"}),
        needs_edition: false,
        fields: &[
            fault(10, 50002, &["Type"], |call| call.body["Type"] = json!(3)),
            fault(10, 50002, &["Type"], |call| call.body["Type"] = Value::Null),
            fault(10, 50002, &["To_Account"], |call| call.body["To_Account"] = json!("x".repeat(49))),
            fault(10, 50002, &["ClearRamble"], |call| call.body["ClearRamble"] = json!("1")),
        ],
        rules: &[],
    },
    Command {
        path: "recentcontact/top",
        body: || json!({"From_Account": "a", "OperationType": 1, "RecentContactItem": conversations(50)}),
        needs_edition: false,
        fields: &[
            fault(10, 50002, &["OperationType"], |call| call.body["OperationType"] = json!(3)),
            fault(10, 50002, &["items"], |call| call.body["RecentContactItem"] = json!([])),
            fault(10, 50002, &["items"], |call| call.body["RecentContactItem"] = conversations(101)),
            fault(10, 50002, &["items"], |call| call.body["RecentContactItem"][49] = json!({"Type": 1})),
        ],
        rules: &[fault(13, 51012, &["items"], |call| call.body["RecentContactItem"] = conversations(51))],
    },
];

impl Command {
    fn call(&self) -> Call {
        Call::of(self.path, (self.body)())
    }

    /// All its faults, in the order of the rows.
    fn faults(&self) -> Vec<&'static Fault> {
        let edition = if self.needs_edition { Some(&EDITION) } else { None };
        let mine = FROM_ACCOUNT.iter().chain(self.fields).chain(edition).chain([&NOT_IMPORTED]).chain(self.rules);
        COMMON.iter().chain(mine).collect()
    }

    fn broken(&self, faults: &[&Fault]) -> Call {
        let mut call = self.call();
        for fault in faults {
            (fault.put)(&mut call);
        }
        call
    }

    /// The members of a failed reply: the envelope, and `ErrorDisplay` as in the command's sample.
    fn assert_envelope(&self, reply: &Reply, row: u8) {
        assert_eq!(reply.status, 200);
        let reply = reply.json();
        let display =
            row > 1 && !self.path.ends_with("update_contact_group") && !self.path.ends_with("del_contact_group");
        assert_eq!(reply["ActionStatus"], "FAIL");
        assert_ne!(reply["ErrorInfo"], "");
        assert_eq!(reply.get("ErrorDisplay"), display.then_some(&json!("")), "{reply}");
        assert_eq!(reply.as_object().unwrap().len(), if display { 4 } else { 3 }, "{reply}");
    }
}

const RATE_OFF: [&str; 2] = ["--call-rate", "0"];

/// The applications; the first and the disabled one look at `random`.
fn server(flags: &[&str]) -> Server {
    let editions = [(APP, "ultimate"), (PRO, "pro"), (DISABLED, "ultimate"), (SLOW, "ultimate"), (SLOWEST, "ultimate")];
    let apps = editions.map(|(app, edition)| format!("{app}:{KEY}:{edition}"));
    let apps: Vec<&str> = apps.iter().flat_map(|app| ["--app", app]).collect();
    let mut server = Server::start_with(&[&apps, flags].concat());
    assert!(server.stop().success());
    server.app(&["disable", &DISABLED.to_string()]);
    for (app, settings) in [
        (APP, &["strict_query=true"][..]),
        (DISABLED, &["strict_query=true"]),
        (SLOW, &["total_call_rate=1", "call_rate=0"]),
        (SLOWEST, &["total_call_rate=1", "call_rate=1"]),
    ] {
        server.app(&[&["set", &app.to_string()][..], settings].concat());
    }
    server.start_again();
    server
}

/// In the first application `a` has the contact groups x and y, and `full` has 20.
fn fill(server: &Server) {
    server.import(&["a", "full"]);
    let name = |n| if n == 0 { "y".to_owned() } else { format!("g{n}") };
    let groups = (0..20).map(|n| ("full", name(n))).chain([("a", "x".to_owned()), ("a", "y".to_owned())]);
    for (user, name) in groups {
        let body = json!({"From_Account": user, "GroupContactItem": [{"GroupName": name, "ContactItem": []}]});
        assert_eq!(server.call("recentcontact/create_contact_group", &body)["ErrorCode"], 0);
    }
}

#[test]
fn r_018_of_two_faults_the_earlier_row_answers() {
    let server = server(&RATE_OFF);
    fill(&server);
    let mut connection = server.connect();
    let (mut pairs, mut rows) = (0, std::collections::BTreeSet::new());
    for command in COMMANDS {
        let faults = command.faults();
        for (n, first) in faults.iter().enumerate() {
            let alone = exchange(&mut connection, &command.broken(&[first]).bytes());
            assert_eq!(alone.code(), first.code, "{} row {} alone: {:?}", command.path, first.row, first.places);
            command.assert_envelope(&alone, first.row);
            for second in faults[n + 1..].iter().filter(|second| first.can_meet(second)) {
                let both = exchange(&mut connection, &command.broken(&[first, second]).bytes());
                let named = (first.row, first.places, second.row, second.places);
                assert_eq!(both.code(), first.code, "{} {named:?}: {:?}", command.path, both.json());
                command.assert_envelope(&both, first.row);
                pairs += 1;
                rows.insert((first.row, second.row));
            }
        }
        let right = exchange(&mut connection, &command.call().bytes());
        assert_eq!(right.code(), 0, "{}: {:?}", command.path, right.json());
    }
    assert!(pairs > 1500, "{pairs}");
    // Only these never meet: an application that is not there has no edition, an absent id is no other's than an administrator's, and
    // the rows that have one fault alone.
    let never = [(1, 1), (3, 3), (3, 11), (4, 4), (4, 7), (7, 7), (11, 11), (12, 12)];
    let met = |one: &(u8, u8)| rows.contains(one);
    let apart = |(one, other): &(u8, u8)| *one != 6 && *other != 6;
    let all = (1..=13).flat_map(|one| (one..=13).map(move |other| (one, other))).filter(apart);
    assert_eq!(all.filter(|pair| !met(pair)).collect::<Vec<_>>(), never);
}

#[test]
fn row_1_is_byte_for_byte_and_its_reply_has_no_error_display() {
    let server = server(&RATE_OFF);
    let mut connection = server.connect();
    let right = "/v4/recentcontact/get_contact_group";
    let wrong = [
        "/v4/recentcontact/get_contact_group/",
        "/v4/recentcontact/Get_Contact_Group",
        "/V4/recentcontact/get_contact_group",
        "/v4//recentcontact/get_contact_group",
        "//v4/recentcontact/get_contact_group",
        "/v4/recentcontact/get_contact_grou%70",
        "/v4/recentcontact/../recentcontact/get_contact_group",
        "/v4/recentcontact/get_contact_group;x=1",
        "/v4/get_contact_group",
        "/v4/openim/get_contact_group",
        "/v3/recentcontact/get_contact_group",
        "/v4/recentcontact",
        "/v4/",
        "/v4",
        "/",
        "/v4/recentcontact/联系人",
    ];
    for path in wrong {
        let mut call = Call::of("", json!({"From_Account": "ghost"}));
        path.clone_into(&mut call.path);
        let reply = exchange(&mut connection, &call.bytes());
        assert_eq!((reply.status, reply.code()), (200, 60009), "{path}");
        assert_eq!(reply.json().get("ErrorDisplay"), None, "{path}");
        // Its faults in other rows change nothing.
        let bare = exchange(&mut connection, &request("DELETE", path, b""));
        assert_eq!(bare.code(), 60009, "{path}");
    }
    let mut call = Call::of("", json!({"From_Account": "ghost"}));
    right.clone_into(&mut call.path);
    assert_eq!(exchange(&mut connection, &call.bytes()).code(), 50001);
}

#[test]
fn row_9_names_the_field_and_takes_null_and_texts() {
    let server = server(&RATE_OFF);
    server.import(&["a"]);
    let mut connection = server.connect();
    for name in ["From_Account", "UserID", "Identifier", "Owner_Account", "Member_Account"] {
        for value in [json!(7), json!(1.5), json!(true), json!([]), json!(["a"]), json!({})] {
            let mut call = Call::of("recentcontact/get_contact_group", json!({"From_Account": "a"}));
            call.body[name] = value;
            let reply = exchange(&mut connection, &call.bytes()).json();
            assert_eq!(reply["ErrorCode"], 60015, "{name} {reply}");
            assert!(reply["ErrorInfo"].as_str().unwrap().contains(name), "{reply}");
        }
        for value in [json!(null), json!(""), json!("x")].into_iter().filter(|_| name != "From_Account") {
            let mut call = Call::of("recentcontact/get_contact_group", json!({"From_Account": "a"}));
            call.body[name] = value;
            assert_eq!(exchange(&mut connection, &call.bytes()).code(), 0, "{name}");
        }
    }
    // An id inside an item is the item's own error.
    let check = Call::of("im_open_login_svc/account_check", json!({"CheckItem": [{"UserID": 7}]}));
    let reply = exchange(&mut connection, &check.bytes()).json();
    assert_eq!((&reply["ErrorCode"], &reply["ResultItem"][0]["ResultCode"]), (&json!(0), &json!(70402)));
}

/// Sends two calls in one go and reads both replies; again where a second passed meanwhile, in which a bucket may have filled.
fn at_once(connection: &mut TcpStream, first: &Call, second: &Call) -> (i64, i64) {
    for _ in 0..100 {
        let began = moment();
        connection.write_all(&[first.bytes(), second.bytes()].concat()).unwrap();
        let codes = (read_reply(connection).unwrap().code(), read_reply(connection).unwrap().code());
        if began.elapsed() < Duration::from_secs(1) {
            return codes;
        }
    }
    panic!("two calls never came within a second");
}

#[test]
fn row_6_comes_after_row_5_and_before_row_7() {
    let server = server(&["--call-rate", "1"]);
    server.import(&["a"]);
    let mut connection = server.connect();
    for command in COMMANDS {
        for fault in command.faults() {
            let probe = command.broken(&[fault]);
            // Given a bucket that this call has emptied, or found empty.
            let mut emptying = command.call();
            emptying.cut = true;
            if fault.row == 11 {
                emptying.sdkappid.clone_from(&probe.sdkappid);
            }
            let (emptied, code) = at_once(&mut connection, &emptying, &probe);
            assert!([60003, 60007].contains(&emptied), "{emptied}");
            let expected = if fault.row < 6 { fault.code } else { 60007 };
            assert_eq!(code, expected, "{} row {} {:?}", command.path, fault.row, fault.places);
        }
    }
}

#[test]
fn row_6_has_the_command_s_rate_before_that_of_the_application() {
    let server = server(&[]);
    let mut connection = server.connect();
    let of = |command: &Command, app: u64| {
        let mut call = command.call();
        call.sdkappid = Some(app.to_string());
        call
    };
    for (command, other) in COMMANDS.iter().zip(COMMANDS.iter().skip(2).cycle()) {
        // Given an application whose rate another command has used up, then only what comes before row 6 is told of a call.
        for fault in command.faults().into_iter().filter(|fault| !fault.places.contains(&"sdkappid")) {
            let mut probe = of(command, SLOW);
            (fault.put)(&mut probe);
            let mut emptying = of(other, SLOW);
            emptying.cut = true;
            let (emptied, code) = at_once(&mut connection, &emptying, &probe);
            assert!([60003, 60011].contains(&emptied), "{emptied}");
            let expected = if fault.row < 6 { fault.code } else { 60011 };
            assert_eq!(code, expected, "{} row {} {:?}", command.path, fault.row, fault.places);
        }
        // Given both rates used up, then the command's answers.
        let call = of(command, SLOWEST);
        assert_eq!(at_once(&mut connection, &call, &call).1, 60007, "{}", command.path);
    }
}

#[test]
fn row_2_looks_at_random_before_row_3_finds_the_application_disabled() {
    let server = server(&RATE_OFF);
    let mut connection = server.connect();
    let mut call = COMMANDS[0].call();
    call.sdkappid = Some(DISABLED.to_string());
    assert_eq!(exchange(&mut connection, &call.bytes()).code(), 60016);
    call.random = "x";
    assert_eq!(exchange(&mut connection, &call.bytes()).code(), 60002);
}

#[test]
fn r_003_what_rows_1_to_5_refuse_does_not_count_and_the_rest_does() {
    let server = server(&["--call-rate", "1"]);
    server.import(&["a"]);
    let mut connection = server.connect();
    let get = &COMMANDS[5];
    // Given a full bucket of one call, when every fault of rows 1 to 5 was refused, then that call is still there.
    for fault in COMMON.iter().filter(|fault| fault.row < 6) {
        assert_eq!(exchange(&mut connection, &get.broken(&[fault]).bytes()).code(), fault.code);
    }
    assert_eq!(exchange(&mut connection, &get.call().bytes()).code(), 0);
    // What a later row refuses takes its call out.
    for fault in get.faults().into_iter().filter(|fault| fault.row > 6) {
        let (first, second) = at_once(&mut connection, &get.broken(&[fault]), &get.call());
        assert!([fault.code, 60007].contains(&first), "{first}");
        assert_eq!(second, 60007, "after row {}", fault.row);
    }
    // The buckets of another command and of another application are their own.
    let mut other = get.call();
    other.sdkappid = Some(PRO.to_string());
    assert_eq!(exchange(&mut connection, &other.bytes()).code(), 50001);
    assert_eq!(exchange(&mut connection, &COMMANDS[4].call().bytes()).code(), 0);
}
