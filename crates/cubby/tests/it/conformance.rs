//! `cubby conformance`: its scenarios hold on this server in each edition, and what is wrong with a server is told apart: behaviour or
//! wording, documented or a ruling.

use crate::support::{APP, KEY, Server};
use cubby_protocol::explain::{Recorded, as_scenario};
use cubby_server::v4::COMMANDS;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// Runs `cubby conformance` against a port, as fast as it goes.
fn conformance(port: u16, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cubby"));
    command.args(["conformance", "--base-url", &format!("http://127.0.0.1:{port}")]);
    command.args(["--sdkappid", &APP.to_string(), "--key", KEY, "--rate", "1000000"]).args(words);
    // A proxy of whoever runs the tests is none of theirs.
    command.env("NO_PROXY", "127.0.0.1");
    command.output().unwrap()
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Plays all scenarios against this server; nothing may differ. Those that were played, and those that were skipped.
pub fn played(server: &Server, words: &[&str]) -> (BTreeSet<String>, BTreeSet<String>) {
    let output = conformance(server.port, &[&["--format", "json", "--many-accounts"], words].concat());
    let report: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|why| panic!("{why}: {}", stderr(&output)));
    let (mut played, mut skipped) = (BTreeSet::new(), BTreeSet::new());
    for scenario in report["scenarios"].as_array().unwrap() {
        let name = scenario["name"].as_str().unwrap().to_owned();
        assert!(scenario["found"] == json!([]) && scenario["unplayed"] == json!([]), "{scenario:#}");
        assert_eq!(scenario["left_behind"], json!([]), "{name}");
        match scenario["verdict"].as_str().unwrap() {
            "pass" => played.insert(name),
            "skipped" => skipped.insert(name),
            other => panic!("{other}: {scenario:#}"),
        };
    }
    assert_eq!(status(&output), 0);
    (played, skipped)
}

/// Whether this server has the commands of recent contacts.
fn has_recent_contacts() -> bool {
    COMMANDS.iter().any(|meta| meta.path == "recentcontact/get_list")
}

#[test]
fn every_scenario_holds_where_the_edition_has_contact_groups() {
    for (edition, place) in [("ultimate", None), ("enterprise", Some("--in-memory"))] {
        let app = format!("{APP}:{KEY}:{edition}");
        let server = Server::start_with(&[&["--app", &app, "--call-rate", "0"], place.as_slice()].concat());
        let (played, skipped) = played(&server, &[]);
        let fits = |name: &&String| {
            name.starts_with("editions/")
                || ["contact-groups/names-of-64-bytes", "limits/two-thousands"].contains(&name.as_str())
                || (name.starts_with("recent-contacts/") && !has_recent_contacts())
        };
        let unexpected: Vec<_> = skipped.iter().filter(|name| !fits(name)).collect();
        assert!(unexpected.is_empty(), "{unexpected:?}");
        assert!(played.len() > 30, "{played:?}");
    }
}

#[test]
fn every_scenario_that_fits_holds_where_the_edition_has_no_contact_groups() {
    for edition in ["pro", "trial"] {
        let server =
            Server::start_with(&["--app", &format!("{APP}:{KEY}:{edition}"), "--call-rate", "0", "--in-memory"]);
        let (played, skipped) = played(&server, &[]);
        for name in ["editions/without-contact-groups", "marks/custom", "queries/pages", "gate/codes"] {
            assert!(played.contains(name), "{edition} {name}");
        }
        for name in ["contact-groups/life", "marks/both", "limits/one-thousand"] {
            assert!(skipped.contains(name), "{edition} {name}");
        }
    }
}

#[test]
fn a_scenario_of_another_profile_is_played_where_it_is_asked_for() {
    let mut server = Server::start();
    assert!(server.stop().success());
    server.app(&["set", &APP.to_string(), "profile=2026"]);
    server.start_again();
    let whole = conformance(server.port, &["--profile", "2026", "--many-accounts"]);
    assert_eq!(status(&whole), 0, "{}", stdout(&whole));
    assert!(stdout(&whole).contains(" 0 differ in behaviour, 0 in wording only"), "{}", stdout(&whole));
    let (played, skipped) = played(&server, &["--profile", "2026", "--filter", "names-of"]);
    assert_eq!(played.into_iter().collect::<Vec<_>>(), ["contact-groups/names-of-64-bytes"]);
    assert_eq!(skipped.into_iter().collect::<Vec<_>>(), ["contact-groups/names-of-32-bytes"]);
    // The same against the number of the other profile: 33 bytes are no name too long here.
    let output = conformance(server.port, &["--profile", "2023", "--filter", "names-of-32"]);
    assert_eq!(status(&output), 1, "{}", stdout(&output));
    assert!(
        stdout(&output).contains("behaviour, code at /ErrorCode (documented): expected 51011, got 0"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn what_a_scenario_made_is_gone_when_it_has_ended() {
    let server = Server::start();
    let output = conformance(server.port, &["--filter", "chat-groups/"]);
    assert_eq!(status(&output), 0, "{}", stdout(&output));
    assert_eq!(server.call("group_open_http_svc/get_appid_group_list", &json!({}))["TotalCount"], 0);
}

#[test]
fn recorded_calls_play_green_as_a_scenario() {
    let conversation = |id: &str| json!({"Type": 1, "To_Account": id});
    let text = json!([{"MsgType": "TIMTextElem", "MsgContent": {"Text": "hi"}}]);
    let calls = [
        ("im_open_login_svc/account_import", json!({"UserID": "anna"})),
        ("im_open_login_svc/multiaccount_import", json!({"Accounts": ["a user with a long id", "carl"]})),
        (
            "recentcontact/create_contact_group",
            json!({"From_Account": "anna", "GroupContactItem": {"GroupName": "friends", "ContactItem": [conversation("a user with a long id"), conversation("nobody")]}}),
        ),
        (
            "recentcontact/mark_contact",
            json!({"From_Account": "anna", "MarkItem": [{"OptType": 3, "ContactItem": conversation("carl"), "SetMark": [1], "CustomMark": "$x"}]}),
        ),
        ("recentcontact/get_contact_group", json!({"From_Account": "anna", "StartIndex": 0})),
        ("recentcontact/get_contact_group", json!({"From_Account": "nobody"})),
        ("group_open_http_svc/create_group", json!({"Owner_Account": "anna", "Type": "Public", "Name": "team"})),
        ("openim/sendmsg", json!({"From_Account": "carl", "To_Account": "anna", "MsgRandom": 7, "MsgBody": text})),
        (
            "recentcontact/get_list",
            json!({"From_Account": "anna", "TimeStamp": 0, "StartIndex": 0, "TopTimeStamp": 0, "TopStartIndex": 0, "AssistFlags": 7}),
        ),
        ("recentcontact/get_list", json!({})),
    ];
    let server = Server::start();
    let query = format!("sdkappid={APP}&identifier=administrator&usersig=***&random=7");
    let recorded: Vec<_> = calls
        .iter()
        .map(|(path, body)| (format!("/v4/{path}"), body.to_string(), server.call(path, body).to_string()))
        .collect();
    let recorded = recorded.iter().map(|(path, body, reply)| Recorded {
        method: "POST",
        path,
        query: &query,
        body: body.as_bytes(),
        reply: reply.as_bytes(),
    });
    let scenario = as_scenario("as it was recorded", &recorded.collect::<Vec<_>>());
    assert!(!scenario.contains("anna") && !scenario.contains("***"), "{scenario}");
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("recorded.json");
    std::fs::write(&path, &scenario).unwrap();
    let file = path.to_str().unwrap();
    // Another server has none of what the first one had.
    for server in [&server, &Server::start()] {
        let output = conformance(server.port, &["--scenario", file]);
        assert_eq!(status(&output), 0, "{}\n{scenario}", stdout(&output));
        assert!(stdout(&output).contains(" 0 differ in behaviour, 0 in wording only"), "{}", stdout(&output));
    }
    std::fs::write(&path, scenario.replace("friends", "foes").replacen("foes", "friends", 1)).unwrap();
    assert_eq!(status(&conformance(server.port, &["--scenario", file])), 1);
}

/// What a fake server answers to a path and a body: an HTTP status and a body.
type Answer = Box<dyn Fn(&str, &str) -> (u16, String) + Send + Sync>;

/// A server that answers what the test wants.
struct Fake {
    port: u16,
    /// Paths and bodies, in the order in which they came.
    asked: Arc<Mutex<Vec<(String, String)>>>,
}

impl Fake {
    fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (answer, asked) = (Arc::new(answer), Arc::new(Mutex::new(Vec::new())));
        let seen = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
                std::thread::spawn(move || serve(&stream.unwrap(), &answer, &seen));
            }
        });
        Self { port, asked }
    }
}

/// Answers the requests of a connection until it is closed.
fn serve(mut stream: &TcpStream, answer: &Answer, seen: &Mutex<Vec<(String, String)>>) {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut target, mut length, mut line) = (String::new(), 0, String::new());
        while reader.read_line(&mut line).unwrap_or(0) > 2 {
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            } else if target.is_empty() {
                line.split(' ').nth(1).unwrap().clone_into(&mut target);
            }
            line.clear();
        }
        if target.is_empty() {
            return;
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let body = String::from_utf8(body).unwrap();
        let path = target.split('?').next().unwrap().trim_start_matches("/v4/").to_owned();
        let (status, reply) = answer(&path, &body);
        seen.lock().unwrap().push((path, body));
        write!(stream, "HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{reply}", reply.len()).unwrap();
    }
}

fn ok() -> String {
    json!({"ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": ""}).to_string()
}

/// A scenario of one's own in a file.
fn file(directory: &TempDir, scenario: &Value) -> PathBuf {
    let path = directory.path().join("own.json");
    std::fs::write(&path, scenario.to_string()).unwrap();
    path
}

/// What is expected, what is answered, and the difference in it: class, kind, source and path.
#[derive(Clone)]
struct Case {
    name: &'static str,
    expected: Value,
    reply: (u16, String),
    wanted: Option<[&'static str; 4]>,
}

fn case(name: &'static str, expected: &Value, reply: &Value, wanted: Option<[&'static str; 4]>) -> Case {
    Case { name, expected: expected.clone(), reply: (200, reply.to_string()), wanted }
}

fn item(code: i64, info: &str) -> Value {
    json!({"OptType": 2, "ContactItem": {"Type": 1, "To_Account": "b"}, "ResultCode": code, "ResultInfo": info})
}

fn replied(item: &Value) -> Value {
    json!({"ResultItem": [item], "ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "", "ErrorDisplay": ""})
}

fn failed(code: i64, info: &str) -> Value {
    json!({"ActionStatus": "FAIL", "ErrorCode": code, "ErrorInfo": info, "ErrorDisplay": ""})
}

/// A right reply with another member.
fn with(name: &str, value: Value) -> Value {
    let mut reply = replied(&item(0, ""));
    reply[name] = value;
    reply
}

fn without(mut reply: Value, name: &str) -> Value {
    reply.as_object_mut().unwrap().remove(name);
    reply
}

/// What is expected in the steps: a success, a refusal, and an item's refusal that is but a ruling.
fn expected() -> [Value; 3] {
    [
        json!({"expect": {"ResultItem": [item(0, "")]}}),
        json!({"code": 50002, "info": "MarkItem is required"}),
        json!({"expect": {"ResultItem": [{"$source": "R-048", "is": item(50001, "not imported")}]}}),
    ]
}

/// Replies that are wrong in one thing each.
fn wrong_replies() -> Vec<Case> {
    let [right, refused, ruled] = expected();
    let told = "MarkItem is required";
    let behaviour = |kind, path| Some(["behaviour", kind, "documented", path]);
    let ruling = |kind, id, path| Some(["behaviour", kind, id, path]);
    let success = || replied(&item(0, ""));
    vec![
        case("refused without need", &right, &failed(50002, "no"), behaviour("code", "/ErrorCode")),
        case("another refusal", &refused, &failed(51006, "no"), behaviour("code", "/ErrorCode")),
        case("not refused", &refused, &success(), behaviour("code", "/ErrorCode")),
        case(
            "another code of an item",
            &ruled,
            &replied(&item(0, "not imported")),
            ruling("code", "ruling R-048", "/ResultItem/0/ResultCode"),
        ),
        case("a member missing", &right, &without(success(), "ResultItem"), behaviour("presence", "/ResultItem")),
        case("no ErrorInfo", &right, &without(success(), "ErrorInfo"), behaviour("presence", "/ErrorInfo")),
        case("none as sampled", &right, &without(success(), "ErrorDisplay"), behaviour("presence", "/ErrorDisplay")),
        case(
            "none as ruled",
            &refused,
            &without(failed(50002, told), "ErrorDisplay"),
            ruling("presence", "ruling R-010", "/ErrorDisplay"),
        ),
        case("another status", &right, &with("ActionStatus", json!("FAIL")), behaviour("value", "/ActionStatus")),
        case("another type", &right, &with("ResultItem", json!({})), behaviour("type", "/ResultItem")),
        case("another number of items", &right, &with("ResultItem", json!([])), behaviour("value", "/ResultItem")),
        Case { reply: (200, "<html>".to_owned()), ..case("no JSON", &right, &Value::Null, behaviour("type", "")) },
        Case { reply: (500, success().to_string()), ..case("HTTP 500", &right, &Value::Null, behaviour("value", "")) },
    ]
}

/// Replies that are right, and those that say it otherwise.
fn right_replies() -> Vec<Case> {
    let [right, refused, ruled] = expected();
    let wording = |kind, source, path| Some(["wording", kind, source, path]);
    let text = |path| wording("text", "documented", path);
    let more = {
        let mut more = failed(50002, "MarkItem is required");
        more["ResultItem"] = json!([]);
        more
    };
    // The item's words differ, and its code is that of a ruling.
    let item_words = wording("text", "ruling R-048", "/ResultItem/0/ResultInfo");
    let ruled_right = replied(&item(50001, "unknown user"));
    vec![
        case("as it should be", &right, &replied(&item(0, "")), None),
        case("refused as it should be", &refused, &failed(50002, "MarkItem is required"), None),
        case("other words", &refused, &failed(50002, "need MarkItem"), text("/ErrorInfo")),
        case("words where there were none", &right, &with("ErrorInfo", json!("done")), text("/ErrorInfo")),
        case("other words of an item", &ruled, &ruled_right, item_words),
        case("one member more", &right, &with("CostTime", json!(3)), wording("extra", "documented", "/CostTime")),
        case("a failure with more", &refused, &more, wording("extra", "ruling R-010", "/ResultItem")),
    ]
}

#[test]
fn a_wrong_server_is_told_what_is_wrong_with_it() {
    let cases = Arc::new([right_replies(), wrong_replies()].concat());
    let steps = cases.iter().map(|case| {
        let mut step = case.expected.clone();
        let more = json!({"says": case.name, "source": "documented", "call": "recentcontact/mark_contact", "body": {"From_Account": case.name}});
        step.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        step
    });
    let directory = TempDir::new().unwrap();
    let path =
        file(&directory, &json!({"title": "a list of faults", "users": ["anna"], "steps": steps.collect::<Vec<_>>()}));
    let answers = Arc::clone(&cases);
    let fake = Fake::start(Box::new(move |_, body| {
        let asked: Value = serde_json::from_str(body).unwrap_or_default();
        let case = answers.iter().find(|case| asked["From_Account"] == case.name);
        // What is worded otherwise before the first step keeps none from being played.
        case.map_or_else(|| (200, ok().replace("\"\"", "\"done\"")), |case| case.reply.clone())
    }));
    let output = conformance(fake.port, &["--scenario", path.to_str().unwrap(), "--format", "json"]);
    assert_eq!(status(&output), 1, "{}", stderr(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = report["scenarios"][0]["found"].as_array().unwrap();
    for case in cases.iter() {
        let differences: Vec<[&str; 4]> = found
            .iter()
            .filter(|found| found["says"] == case.name)
            .flat_map(|found| found["differences"].as_array().unwrap())
            .map(|one| ["class", "kind", "source", "path"].map(|name| one[name].as_str().unwrap()))
            .collect();
        assert_eq!(differences, case.wanted.into_iter().collect::<Vec<_>>(), "{}", case.name);
    }
    let behaviour = cases.iter().filter(|case| case.wanted.is_some_and(|wanted| wanted[0] == "behaviour"));
    let rulings = behaviour.clone().filter(|case| case.wanted.is_some_and(|wanted| wanted[2] != "documented")).count();
    let summary = &report["summary"];
    assert_eq!((&summary["rulings"], &summary["documented"]), (&json!(rulings), &json!(behaviour.count() - rulings)));
    // Its user was made first and removed last.
    let asked = fake.asked.lock().unwrap();
    let (_, made) = asked.iter().rfind(|(path, _)| path.ends_with("multiaccount_import")).unwrap();
    let made: Value = serde_json::from_str(made).unwrap();
    let (path, removed) = asked.last().unwrap();
    // It is not told that it was deleted.
    let left = format!("account {}", made["Accounts"][0].as_str().unwrap());
    assert_eq!(report["scenarios"][0]["left_behind"], json!([left]));
    assert_eq!(path, "im_open_login_svc/account_delete");
    assert_eq!(
        serde_json::from_str::<Value>(removed).unwrap(),
        json!({"DeleteItem": [{"UserID": made["Accounts"][0]}]})
    );
}

/// A fake server that answers `mark_contact` with this, and a scenario that expects a plain success of it.
fn with_reply(reply: &'static str) -> (Fake, TempDir, PathBuf) {
    let directory = TempDir::new().unwrap();
    let step = json!({"says": "a mark is \"set\" & <kept>", "source": "documented", "call": "recentcontact/mark_contact",
        "body": {"From_Account": "it's"}, "expect": {"ResultItem": []}});
    let path = file(&directory, &json!({"title": "one <step>", "steps": [step]}));
    let fake = Fake::start(Box::new(move |path, body| {
        (200, if path.ends_with("mark_contact") && body.contains("it's") { reply.to_owned() } else { ok() })
    }));
    (fake, directory, path)
}

const WORDING: &str =
    r#"{"ResultItem":[],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"a & b\u0001","ErrorDisplay":"","More":1}"#;
const BEHAVIOUR: &str = r#"{"ActionStatus":"FAIL","ErrorCode":50002,"ErrorInfo":"</x>","ErrorDisplay":""}"#;

#[test]
fn a_difference_in_wording_fails_nothing() {
    let (fake, _directory, path) = with_reply(WORDING);
    let output = conformance(fake.port, &["--scenario", path.to_str().unwrap()]);
    let text = stdout(&output);
    assert_eq!(status(&output), 0, "{text}");
    assert!(text.contains("wording, text at /ErrorInfo (documented): expected \"\", got"), "{text}");
    assert!(text.contains("wording, extra member at /More (documented): expected no such member, got 1"), "{text}");
    assert!(text.contains("1 scenarios: 0 passed, 0 differ in behaviour, 1 in wording only, 0 skipped"), "{text}");
}

#[test]
fn the_report_for_people_has_a_command_line_to_repeat_a_call_and_no_key() {
    let (fake, _directory, path) = with_reply(BEHAVIOUR);
    let output = conformance(fake.port, &["--scenario", path.to_str().unwrap()]);
    let text = stdout(&output);
    assert_eq!(status(&output), 1, "{text}");
    assert!(text.contains("behaviour, code at /ErrorCode (documented): expected 0, got 50002"), "{text}");
    assert!(text.contains(&format!("answered: {BEHAVIOUR}")), "{text}");
    assert!(text.contains("usersig=$USERSIG&") && !text.contains(KEY) && !text.contains("eJ"), "{text}");
    // The command line gets the same reply.
    let curl = text.lines().find(|line| line.trim_start().starts_with("curl ")).unwrap();
    let again = Command::new("sh").arg("-c").arg(curl).env("USERSIG", "x").output().unwrap();
    assert_eq!(String::from_utf8(again.stdout).unwrap(), BEHAVIOUR);
}

#[test]
fn the_junit_report_is_well_formed_xml() {
    let ultimate = Server::start();
    let skipped = conformance(ultimate.port, &["--filter", "editions/", "--format", "junit"]);
    let (wording, _one, wording_file) = with_reply(WORDING);
    let (behaviour, _other, behaviour_file) = with_reply(BEHAVIOUR);
    let reports = [
        (skipped, "skipped"),
        (conformance(wording.port, &["--scenario", wording_file.to_str().unwrap(), "--format", "junit"]), "system-out"),
        (
            conformance(behaviour.port, &["--scenario", behaviour_file.to_str().unwrap(), "--format", "junit"]),
            "failure",
        ),
    ];
    for (output, element) in reports {
        let text = stdout(&output);
        let mut reader = quick_xml::Reader::from_str(&text);
        let (mut open, mut seen) = (Vec::new(), Vec::new());
        loop {
            use quick_xml::events::Event;
            match reader.read_event().unwrap_or_else(|why| panic!("{why}: {text}")) {
                Event::Start(one) => {
                    assert!(one.attributes().all(|attribute| attribute.is_ok()), "{text}");
                    open.push(one.name().as_ref().to_owned());
                    seen.push(open.join("/"));
                }
                Event::Empty(one) => seen.push(format!("{}/{}", open.join("/"), one.name().as_ref().to_owned())),
                Event::End(_) => drop(open.pop()),
                Event::Eof => break,
                _ => {}
            }
        }
        assert!(open.is_empty(), "{text}");
        assert!(!text.contains('\u{1}'), "XML has no such character");
        let case = "testsuites/testsuite/testcase";
        assert_eq!(seen, ["testsuites", "testsuites/testsuite", case, &format!("{case}/{element}")], "{text}");
    }
}

#[test]
fn a_report_can_go_to_a_file() {
    let server = Server::start();
    let path = server.directory.path().join("report.json");
    let output =
        conformance(server.port, &["--filter", "accounts/import", "--format", "json", "--out", path.to_str().unwrap()]);
    assert_eq!((status(&output), stdout(&output)), (0, String::new()));
    let report: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(report["summary"]["pass"], 2);
}

#[test]
fn a_call_is_repeated_where_the_server_was_too_busy() {
    let directory = TempDir::new().unwrap();
    let step =
        json!({"says": "it answers", "source": "documented", "call": "group_open_http_svc/get_appid_group_list"});
    let path = file(&directory, &json!({"title": "a busy server", "steps": [step]}));
    let refusals = Mutex::new(vec![60008, 60007]);
    let fake = Fake::start(Box::new(move |path, _| {
        let refused = if path.ends_with("group_list") { refusals.lock().unwrap().pop() } else { None };
        let reply =
            refused.map(|code| json!({"ActionStatus": "FAIL", "ErrorCode": code, "ErrorInfo": "busy"}).to_string());
        (200, reply.unwrap_or_else(ok))
    }));
    let output = conformance(fake.port, &["--scenario", path.to_str().unwrap()]);
    assert_eq!(status(&output), 0, "{}", stdout(&output));
    let asked = fake.asked.lock().unwrap();
    assert_eq!(asked.iter().filter(|(path, _)| path.ends_with("group_list")).count(), 3);
}

#[test]
fn what_cannot_be_played_is_said_with_status_2() {
    let server = Server::start();
    let directory = TempDir::new().unwrap();
    let bad = file(&directory, &json!({"title": "t", "steps": [{"says": "s", "source": "rumour", "call": "a/b"}]}));
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (port, words, said) in [
        (server.port, vec!["--filter", "no such scenario"], "no such scenario"),
        (server.port, vec!["--scenario", bad.to_str().unwrap()], "rumour"),
        (server.port, vec!["--identifier", "somebody"], "60010"),
        (server.port, vec!["--prefix", "with a blank"], "letters, digits"),
        (server.port, vec!["--ca", bad.to_str().unwrap()], "no certificate"),
        (nobody, vec![], "no reply from"),
    ] {
        let output = conformance(port, &words);
        assert_eq!((status(&output), stdout(&output).as_str()), (2, ""), "{words:?}");
        assert!(stderr(&output).contains(said), "{words:?}: {}", stderr(&output));
    }
}

#[test]
fn the_example_of_the_paper_is_a_scenario_that_holds() {
    let paper = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/README.md");
    let paper = std::fs::read_to_string(paper).unwrap();
    let example = paper.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let directory = TempDir::new().unwrap();
    let path = file(&directory, &serde_json::from_str(example).unwrap());
    let server = Server::start();
    let output = conformance(server.port, &["--scenario", path.to_str().unwrap()]);
    assert!(stdout(&output).contains("1 scenarios: 1 passed"), "{}", stdout(&output));
}

#[test]
fn scenarios_are_listed_without_a_server() {
    let output = Command::new(env!("CARGO_BIN_EXE_cubby"))
        .args(["conformance", "--list", "--filter", "contact-groups/life"])
        .output()
        .unwrap();
    assert_eq!(
        stdout(&output),
        "contact-groups/life: A contact group is created, filled, changed, renamed and deleted\n"
    );
}
