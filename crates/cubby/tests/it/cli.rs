//! The command line: every subcommand, what it prints and with which status it ends. Where values come from is in `config.rs`.

use crate::support::{APP, KEY, Server, query, read_head, read_reply};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_cubby");

/// How a command ended, and what it printed.
pub struct Ran {
    pub status: i32,
    pub out: String,
    pub err: String,
}

/// Runs a command in a directory, with these variables alone in its environment.
pub fn cubby_with(directory: &Path, environment: &[(&str, &str)], input: &str, arguments: &[&str]) -> Ran {
    let mut command = Command::new(BINARY);
    command.args(arguments).current_dir(directory).env_clear().envs(environment.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    // A command that does not read may have ended already.
    drop(process.stdin.take().unwrap().write_all(input.as_bytes()));
    let output = process.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { status: output.status.code().expect("no signal"), out: text(output.stdout), err: text(output.stderr) }
}

fn cubby(directory: &Path, arguments: &[&str]) -> Ran {
    cubby_with(directory, &[], "", arguments)
}

impl Ran {
    /// What it printed, where it ended with 0.
    pub fn good(self) -> String {
        assert_eq!((self.status, self.err.as_str()), (0, ""), "{}", self.out);
        self.out
    }

    /// What it said, where it ended with this status and printed nothing.
    pub fn bad(self, status: i32) -> String {
        assert_eq!((self.status, self.out.as_str()), (status, ""), "{}", self.err);
        self.err
    }
}

/// A server whose lines are read; it ends with the test.
pub struct Spoken {
    process: Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Spoken {
    /// Starts `cubby serve` with its configuration in the environment.
    pub fn start(directory: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> Self {
        let log = std::fs::File::create(directory.join("log")).unwrap();
        let mut command = Command::new(BINARY);
        command.arg("serve").args(arguments).current_dir(directory).env_clear();
        command.env("CUBBY_LISTEN", "127.0.0.1:0").envs(environment.iter().copied());
        let mut process = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap());
        Self { process, lines }
    }

    /// The lines up to the first that has a word in it.
    pub fn until(&mut self, word: &str) -> Vec<String> {
        let mut found = Vec::new();
        loop {
            let mut line = String::new();
            assert!(self.lines.read_line(&mut line).unwrap() > 0, "it ended after {found:#?}");
            found.push(line.trim_end().to_owned());
            if line.contains(word) {
                return found;
            }
        }
    }

    pub fn stop(&mut self) -> i32 {
        signal(self.process.id(), "TERM");
        self.process.wait().unwrap().code().expect("no signal")
    }
}

impl Drop for Spoken {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn signal(pid: u32, name: &str) {
    assert!(Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()).status().unwrap().success());
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|why| panic!("{why}: {text}"))
}

#[test]
fn the_version_tells_the_commit_and_the_format_of_the_store() {
    let out = cubby(Path::new("/"), &["--version"]).good();
    let rest = out.trim_end().strip_prefix(concat!("cubby ", env!("CARGO_PKG_VERSION"), " (commit ")).unwrap();
    let (commit, format) = rest.split_once(", store format ").unwrap();
    let is_hash = commit.len() == 12 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert!(is_hash || commit == "unknown", "{out}");
    assert!(format.strip_suffix(')').unwrap().parse::<u32>().unwrap() > 0, "{out}");
}

#[test]
fn what_cannot_be_parsed_ends_with_2() {
    for arguments in [
        &[][..],
        &["serv"],
        &["serve", "--data-dir", "a", "--in-memory"],
        &["serve", "--call-rate", "many"],
        &["app", "show"],
        &["app", "show", "x"],
        &["app", "create", "--edition", "gold"],
        &["app", "set", "1"],
        &["app", "rotate-key", "1", "--key", "k", "--finish"],
        &["usersig", "make", "--expire", "soon"],
    ] {
        cubby(Path::new("/"), arguments).bad(2);
    }
}

#[test]
fn a_bare_serve_names_its_directory_and_prints_calls_that_work_as_they_stand() {
    let directory = TempDir::new().unwrap();
    let mut server = Spoken::start(directory.path(), &[], &[]);
    let lines = server.until("create_contact_group");
    assert!(lines.iter().any(|line| line.contains("./cubby-data")), "{lines:#?}");
    let word = |name: &str| {
        let line = lines.iter().find(|line| line.trim_start().starts_with(name)).expect(name);
        line.split_whitespace().last().unwrap().to_owned()
    };
    let (id, key) = (word("SDKAppID"), word("key"));
    assert!(id.starts_with("14000000") && id.len() == 10 && key.len() == 64, "{lines:#?}");
    let replies = lines.iter().filter(|line| line.starts_with("curl ")).map(|line| {
        // ./test installs curl; the command is pasted as a user would.
        let output = Command::new("sh").arg("-c").arg(line).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    });
    let replies: Vec<Value> = replies.collect();
    assert_eq!(replies[0], json!({"ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": ""}));
    assert_eq!(replies[1]["GroupResultItem"][0]["GroupItem"], json!({"GroupName": "friends", "GroupId": 1}));
    assert_eq!(server.stop(), 0);

    let mut again = Spoken::start(directory.path(), &[], &[]);
    let lines = again.until("cubby call").join("\n");
    assert!(!lines.contains(&key) && !lines.contains("usersig=") && lines.contains("cubby usersig make"), "{lines}");
    assert_eq!(again.stop(), 0);
    let log = std::fs::read_to_string(directory.path().join("log")).unwrap();
    assert!(!log.contains(&key), "{log}");
}

#[test]
fn in_memory_leaves_nothing_behind() {
    let directory = TempDir::new().unwrap();
    let mut server = Spoken::start(directory.path(), &[], &["--in-memory", "--app", "7:k"]);
    let lines = server.until("cubby call").join("\n");
    assert!(lines.contains("in memory") && lines.contains("1 application."), "{lines}");
    assert_eq!(server.stop(), 0);
    let left: Vec<_> = std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["log"]);
}

#[test]
fn the_port_file_holds_the_port_alone_and_no_other_file_is_left() {
    let mut server = Server::start();
    let directory = server.directory.path().to_owned();
    assert_eq!(std::fs::read_to_string(directory.join("port")).unwrap(), format!("{}\n", server.port));
    let mut left: Vec<_> = std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["data", "log", "port"]);
    assert!(server.stop().success());
}

/// A request that the server has in hand: its head is sent, and the server has asked for its body.
fn begin_import(server: &Server, body: &str) -> std::net::TcpStream {
    let mut stream = server.connect();
    let (target, length) = (format!("/v4/im_open_login_svc/account_import?{}", query()), body.len());
    let head =
        format!("POST {target} HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    assert_eq!(read_head(&mut stream).expect("the server asks for the body").status, 100);
    stream
}

#[test]
fn a_signal_ends_it_with_0_once_the_request_in_hand_is_answered() {
    for name in ["TERM", "INT"] {
        let mut server = Server::start();
        let idle = server.connect();
        let body = r#"{"UserID":"u"}"#;
        let mut stream = begin_import(&server, body);
        signal(server.pid(), name);
        for _ in 0..1000 {
            if std::fs::read_to_string(server.log()).unwrap().contains("asked to end") {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        stream.write_all(body.as_bytes()).unwrap();
        assert_eq!(read_reply(&mut stream).expect("the request in hand is answered").code(), 0, "{name}");
        assert_eq!(server.ended().code(), Some(0), "{name}");
        drop(idle);
        server.start_again();
        let check = server.call("im_open_login_svc/account_check", &json!({"CheckItem": [{"UserID": "u"}]}));
        assert_eq!(check["ResultItem"][0]["AccountStatus"], "Imported", "{name}");
    }
}

#[test]
fn what_takes_longer_than_it_may_at_the_end_is_cut_off_and_that_is_said() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("short.toml");
    std::fs::write(&file, "[bounds.server]\ndrain_within = \"200ms\"").unwrap();
    let app = format!("{APP}:{KEY}");
    let mut server = Server::start_with(&["--config", file.to_str().unwrap(), "--app", &app]);
    let stream = begin_import(&server, "{}");
    assert_eq!(server.stop().code(), Some(0));
    drop(stream);
    let log = std::fs::read_to_string(server.log()).unwrap();
    assert!(log.contains("cubby: some requests took longer than the 0.2 seconds"), "{log}");
    server.start_again();
    assert!(server.stop().success());
}

#[test]
fn a_second_server_on_one_directory_is_refused() {
    let mut server = Server::start();
    let data = server.data();
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--data-dir", data.to_str().unwrap()];
    let why = cubby(server.directory.path(), &arguments).bad(1);
    assert!(why.contains("another cubby has the directory") && why.contains(data.to_str().unwrap()), "{why}");
    server.import(&["u"]);
    assert!(server.stop().success());
}

#[test]
fn an_address_that_is_taken_is_told_and_no_application_is_made() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let directory = TempDir::new().unwrap();
    let why = cubby(directory.path(), &["serve", "--listen", &address]).bad(1);
    assert!(why.contains(&format!("cannot listen on {address}")), "{why}");
    let listed = cubby(directory.path(), &["app", "list", "--json"]).good();
    assert_eq!(parse(&listed), json!([]));
}

#[test]
fn registering_again_changes_the_edition_where_one_is_given() {
    let mut server = Server::start();
    server.import(&["u"]);
    let create = json!({"From_Account": "u", "GroupContactItem": [{"GroupName": "g", "ContactItem": []}]});
    let code = |server: &Server| server.call("recentcontact/create_contact_group", &create)["ErrorCode"].clone();
    assert_eq!(code(&server), 0);
    for (app, wanted) in
        [(format!("{APP}:{KEY}:pro"), 51013), (format!("{APP}:{KEY}"), 51013), (format!("{APP}:{KEY}:enterprise"), 0)]
    {
        assert!(server.stop().success());
        server.set_flags(&["--app", &app]);
        server.start_again();
        assert_eq!(code(&server), wanted, "{app}");
    }
}

#[test]
fn a_call_rate_of_the_flag_wins_over_the_settings() {
    let app = format!("{APP}:{KEY}");
    let server = Server::start_with(&["--app", &app, "--call-rate", "1"]);
    let codes = (0..20).map(|_| server.post("im_open_login_svc/account_check", b"{}").code());
    assert!(codes.collect::<Vec<_>>().contains(&60007));
}

#[test]
fn an_application_is_made_shown_changed_disabled_and_enabled() {
    let directory = TempDir::new().unwrap();
    let run = |arguments: &[&str]| cubby(directory.path(), arguments);
    let made = parse(&run(&["app", "create", "--json"]).good());
    assert_eq!((&made["sdkappid"], made["key"].as_str().unwrap().len()), (&json!(1_400_000_000), 64));
    let told = run(&["app", "create", "--sdkappid", "1400000001", "--key", KEY, "--edition", "pro"]).good();
    assert!(told.contains("1400000001") && told.contains(KEY) && told.contains("pro"), "{told}");
    let again = run(&["app", "create", "--sdkappid", "1400000001"]).bad(1);
    assert!(again.contains("there is an application of that SDKAppID already"), "{again}");
    assert!(run(&["app", "create", "--key", "a:b"]).bad(1).contains("colon"));

    run(&["app", "disable", "1400000001"]).good();
    let listed = parse(&run(&["app", "list", "--json"]).good());
    let one = |id: u64, edition: &str, disabled: bool| json!({"sdkappid": id, "edition": edition, "disabled": disabled, "keys": 1});
    assert_eq!(listed, json!([one(1_400_000_000, "ultimate", false), one(1_400_000_001, "pro", true)]));
    let table = run(&["app", "list"]).good();
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[2], ["1400000001", "pro", "disabled", "1"]);

    run(&["app", "enable", "1400000001"]).good();
    run(&["app", "set", "1400000001", "limit.contact_groups=3", "call_rate.recentcontact/mark_contact=7"]).good();
    let why = run(&["app", "set", "1400000001", "limit.contact_groups=4", "edition=gold"]).bad(1);
    assert!(why.contains("edition takes trial"), "{why}");
    assert!(run(&["app", "set", "1400000001", "call_rate.mark=1"]).bad(1).contains("there is no command mark"));
    assert!(run(&["app", "set", "1400000001", "edition"]).bad(1).contains("NAME=VALUE"));
    let shown = run(&["app", "show", "1400000001"]).good();
    assert!(shown.contains("5bd2… (64 letters)") && !shown.contains(KEY) && shown.contains("enabled"), "{shown}");
    let shown = parse(&run(&["app", "show", "1400000001", "--json"]).good());
    assert_eq!(shown["settings"]["limit.contact_groups"], "3");
    assert_eq!(shown["settings"]["call_rate.recentcontact/mark_contact"], "7");
    assert_eq!((&shown["disabled"], &shown["keys"][0]["key"]), (&json!(false), &json!("5bd2… (64 letters)")));
    for arguments in
        [&["show", "9"][..], &["disable", "9"], &["enable", "9"], &["rotate-key", "9"], &["set", "9", "edition=pro"]]
    {
        assert!(run(&[&["app"], arguments].concat()).bad(1).contains("no application"), "{arguments:?}");
    }
    let help = run(&["app", "set", "--help"]).good();
    assert!(help.contains("limit.chat_group_members=") && help.contains("call_rate.COMMAND="), "{help}");
}

#[test]
fn a_disabled_application_is_refused_until_it_is_enabled() {
    let mut server = Server::start();
    let data = server.data().to_str().unwrap().to_owned();
    for (command, wanted) in [("disable", 60016), ("enable", 70402)] {
        assert!(server.stop().success());
        cubby(Path::new("/"), &["app", command, &APP.to_string(), "--data-dir", &data]).good();
        server.set_flags(&["--call-rate", "0"]);
        server.start_again();
        assert_eq!(server.post("im_open_login_svc/account_check", b"{}").code(), wanted, "{command}");
    }
}

#[test]
fn both_keys_are_taken_from_a_rotation_until_it_is_finished() {
    let mut server = Server::start();
    let data = server.data().to_str().unwrap().to_owned();
    let app = APP.to_string();
    server.set_flags(&["--call-rate", "0"]);
    let code = |server: &Server, key: &str| {
        let url = format!("http://127.0.0.1:{}", server.port);
        let call = ["call", "--url", &url, "--sdkappid", &app, "--key", key, "im_open_login_svc/account_check"];
        parse(&cubby(Path::new("/"), &call).out)["ErrorCode"].clone()
    };
    let rotate = |more: &[&str]| {
        let arguments = [&["app", "rotate-key", &app, "--data-dir", &data], more].concat();
        cubby(Path::new("/"), &arguments).good()
    };
    assert!(server.stop().success());
    let told = rotate(&[]);
    let new = told.lines().next().unwrap().strip_prefix("key  ").unwrap().to_owned();
    server.start_again();
    assert_eq!((code(&server, KEY), code(&server, &new)), (json!(70402), json!(70402)));
    assert!(server.stop().success());
    let told = rotate(&["--finish"]);
    assert!(!told.contains(&new) && told.contains("one key"), "{told}");
    server.start_again();
    assert_eq!((code(&server, KEY), code(&server, &new)), (json!(70009), json!(70402)));
    assert!(server.stop().success());
    assert!(!rotate(&["--key", "a third key"]).contains("a third key"));
}

#[test]
fn a_store_that_is_not_there_is_not_made_by_looking_at_it() {
    let directory = TempDir::new().unwrap();
    for arguments in [&["app", "list"][..], &["app", "set", "1", "edition=pro"], &["app", "disable", "1"]] {
        let why = cubby(directory.path(), arguments).bad(1);
        assert!(why.contains("./cubby-data: there is no store"), "{why}");
    }
    let memory = cubby(directory.path(), &["app", "create", "--store", "memory:"]).bad(1);
    assert!(memory.contains("within its server alone"), "{memory}");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    cubby(directory.path(), &["app", "create", "--store", "embedded:here"]).good();
    let listed = cubby(directory.path(), &["app", "list", "--json", "--data-dir", "here"]).good();
    assert_eq!(parse(&listed)[0]["keys"], 1);
}
