//! The command line over a running server: `cubby app` where a server holds the store, and the commands that put it into a state.

use super::{TOKEN, code_of, of, server, told};
use crate::cli::{Ran, cubby_with};
use crate::support::{APP, KEY, Server};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// A server over a directory that made its token itself.
fn held() -> Server {
    Server::start_with(&["--app", &format!("{APP}:{KEY}:ultimate"), "--call-rate", "0"])
}

fn cubby(server: &Server, words: &[&str]) -> Ran {
    let data = server.data().to_str().unwrap().to_owned();
    cubby_with(server.directory.path(), &[("CUBBY_DATA_DIR", &data)], "", words)
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|why| panic!("{why}: {text}"))
}

#[test]
fn app_steers_the_server_that_holds_the_store_and_prints_the_same() {
    let mut server = held();
    let app = APP.to_string();
    let seen = |server: &Server| {
        [&["app", "list"][..], &["app", "list", "--json"], &["app", "show", &app], &["app", "show", &app, "--json"]]
            .map(|words| cubby(server, words).good())
    };
    let made = parse(
        &cubby(&server, &["app", "create", "--sdkappid", "7", "--key", "k", "--edition", "pro", "--json"]).good(),
    );
    assert_eq!(made, json!({"sdkappid": 7, "key": "k", "edition": "pro"}));
    assert_eq!(code_of(&server, 7, "k"), 0);
    assert_eq!(cubby(&server, &["app", "disable", "7"]).good(), "application 7 is disabled\n");
    assert_eq!(code_of(&server, 7, "k"), 60016);
    assert_eq!(cubby(&server, &["app", "enable", "7"]).good(), "application 7 is enabled\n");
    let told = cubby(&server, &["app", "rotate-key", "7"]).good();
    let new = told.lines().next().unwrap().strip_prefix("key  ").unwrap().to_owned();
    assert_eq!((code_of(&server, 7, "k"), code_of(&server, 7, &new)), (0, 0));
    cubby(&server, &["app", "rotate-key", "7", "--finish"]).good();
    assert_eq!((code_of(&server, 7, "k"), code_of(&server, 7, &new)), (70009, 0));
    cubby(&server, &["app", "set", &app, "limit.conversations=5", "profile=2026", "strict_query=true"]).good();
    let next = parse(&cubby(&server, &["app", "create", "--json"]).good());
    assert_eq!(next["sdkappid"], APP + 1);
    for (words, says) in [
        (&["app", "show", "9"][..], "no application"),
        (&["app", "create", "--sdkappid", "7"], "already"),
        (&["app", "set", &app, "edition=gold"], "edition"),
    ] {
        let why = cubby(&server, words).bad(1);
        assert!(why.contains(says), "{words:?}: {why}");
    }
    let while_it_runs = seen(&server);
    assert!(server.stop().success());
    assert_eq!(seen(&server), while_it_runs);
    assert_eq!(parse(&while_it_runs[3])["settings"]["limit.conversations"], "5");
}

#[test]
fn app_delete_wants_to_be_told_twice() {
    let mut server = held();
    for running in [true, false] {
        cubby(&server, &["app", "create", "--sdkappid", "7", "--key", "k"]).good();
        if running {
            assert_eq!(code_of(&server, 7, "k"), 0);
        }
        let why = cubby(&server, &["app", "delete", "7"]).bad(1);
        assert!(why.contains("--yes"), "{why}");
        assert!(cubby(&server, &["app", "list"]).good().contains("\n7 "));
        assert_eq!(
            cubby(&server, &["app", "delete", "7", "--yes"]).good(),
            "application 7 is deleted, with its data\n"
        );
        assert!(!cubby(&server, &["app", "list"]).good().contains("\n7 "));
        assert!(cubby(&server, &["app", "delete", "7", "--yes"]).bad(1).contains("no application"));
        if running {
            assert_eq!(code_of(&server, 7, "k"), 70020);
            assert!(server.stop().success());
        }
    }
}

#[test]
fn any_server_is_steered_by_its_url_and_token() {
    let server = server(&["--in-memory"]);
    let url = format!("http://127.0.0.1:{}", server.port);
    let file = server.directory.path().join("token");
    std::fs::write(&file, format!("{TOKEN}\n")).unwrap();
    let run = |environment: &[(&str, &str)], words: &[&str]| {
        cubby_with(server.directory.path(), environment, "", &[words, &["--url", &url]].concat())
    };
    for words in [&["app", "list"][..], &["clock", "show"], &["fault", "list"], &["calls"]] {
        run(&[], &[words, &["--admin-token", TOKEN]].concat()).good();
        run(&[("CUBBY_ADMIN_TOKEN", TOKEN)], words).good();
        run(&[("CUBBY_ADMIN_TOKEN_FILE", file.to_str().unwrap())], words).good();
        let none = run(&[], words).bad(1);
        assert!(none.contains("wants its admin token") && none.contains("CUBBY_ADMIN_TOKEN"), "{none}");
        let wrong = run(&[("CUBBY_ADMIN_TOKEN", "another-token-of-some-letters")], words).bad(1);
        assert!(wrong.contains("does not take the admin token of environment CUBBY_ADMIN_TOKEN"), "{wrong}");
        assert!(!wrong.contains("another-token"), "{wrong}");
    }
    // Nobody is there, and what is there is no Cubby.
    let gone = cubby_with(Path::new("/"), &[], "", &["clock", "show", "--url", "http://127.0.0.1:1"]).bad(1);
    assert!(gone.contains("no connection to 127.0.0.1:1"), "{gone}");
    let other = run(&[("CUBBY_ADMIN_TOKEN", TOKEN)], &["clock", "show", "--sdkappid", "7"]).bad(1);
    assert!(other.contains("there is no application 7"), "{other}");
    let elsewhere = format!("{url}/elsewhere");
    let not_admin =
        cubby_with(Path::new("/"), &[("CUBBY_ADMIN_TOKEN", TOKEN)], "", &["app", "list", "--url", &elsewhere]).bad(1);
    assert!(not_admin.contains("not as /admin/v1 does"), "{not_admin}");
}

#[test]
fn which_application_is_said_unless_there_is_one_alone() {
    let server = held();
    cubby(&server, &["clock", "show"]).good();
    cubby(&server, &["app", "create", "--sdkappid", "7", "--key", "k"]).good();
    let why = cubby(&server, &["clock", "show"]).bad(1);
    assert!(why.contains("2 applications") && why.contains("--sdkappid"), "{why}");
    cubby(&server, &["clock", "freeze", "--sdkappid", "7"]).good();
    assert_eq!(told_clock(&server, 7)["frozen"], true);
    assert_eq!(told_clock(&server, APP)["frozen"], false);
}

fn told_clock(server: &Server, app: u64) -> Value {
    parse(&cubby(server, &["clock", "show", "--json", "--sdkappid", &app.to_string()]).good())
}

#[test]
fn the_clock_is_turned() {
    let server = held();
    let run = |words: &[&str]| parse(&cubby(&server, &[&["clock"], words, &["--json"]].concat()).good());
    assert_eq!(run(&["freeze", "--at", "2000000000"]), json!({"now": 2_000_000_000, "frozen": true, "system": false}));
    assert_eq!(run(&["advance", "2h"])["now"], 2_000_007_200);
    assert_eq!(cubby(&server, &["clock", "show"]).good(), "2033-05-18 05:33:20 UTC (2000007200), standing\n");
    assert_eq!(run(&["run"])["frozen"], false);
    assert_eq!(run(&["system"])["system"], true);
    cubby(&server, &["clock", "advance", "90"]).bad(2);
    cubby(&server, &["clock", "advance", "1500ms"]).bad(2);
    assert!(cubby(&server, &["clock", "freeze", "--at", "253402300800"]).bad(1).contains("9999"));
}

#[test]
fn faults_are_added_listed_and_cleared() {
    let server = held();
    let import = |user: &str| {
        super::post(&server, "im_open_login_svc/account_import", &json!({"UserID": user}))["ErrorCode"].clone()
    };
    let add = ["fault", "add", "--command", "im_open_login_svc/account_import", "--user", "a", "--error-code", "70500"];
    assert_eq!(cubby(&server, &add).good(), "fault 1 is added\n");
    assert_eq!(
        parse(&cubby(&server, &["fault", "add", "--delay", "1ms", "--after", "--json"]).good()),
        json!({"id": 2})
    );
    assert_eq!((import("a"), import("b")), (json!(70500), json!(0)));
    let listed = cubby(&server, &["fault", "list"]).good();
    let rows: Vec<Vec<&str>> = listed.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[1][..3], ["1", "1", "1"]);
    assert!(rows[1].contains(&"error_code=70500") && rows[2].contains(&"when=after"), "{listed}");
    let listed = parse(&cubby(&server, &["fault", "list", "--json"]).good());
    assert_eq!((&listed[0]["struck"], &listed[1]["delay_ms"]), (&json!(1), &json!(1)));
    cubby(&server, &["fault", "clear", "1"]).good();
    assert_eq!(import("a"), 0);
    assert!(cubby(&server, &["fault", "clear", "1"]).bad(1).contains("no fault 1"));
    cubby(&server, &["fault", "clear"]).good();
    assert_eq!(parse(&cubby(&server, &["fault", "list", "--json"]).good()), json!([]));
    assert!(cubby(&server, &["fault", "add"]).bad(1).contains("a fault does something"));
    assert!(cubby(&server, &["fault", "add", "--drop", "--nth", "0"]).bad(1).contains("nth"));
    cubby(&server, &["fault", "add", "--drop", "--truncate", "1"]).bad(2);
}

#[test]
fn calls_are_recorded_listed_shown_and_made_again() {
    let server = held();
    cubby(&server, &["calls", "record", "on"]).good();
    server.import(&["a"]);
    assert_eq!(server.post("im_open_login_svc/account_check", b"{}").code(), 70402);
    let listed = parse(&cubby(&server, &["calls", "--json"]).good());
    assert_eq!((&listed[0]["id"], &listed[1]["id"]), (&json!(2), &json!(1)));
    let failed = cubby(&server, &["calls", "--failed"]).good();
    assert!(failed.contains("account_check") && !failed.contains("multiaccount_import"), "{failed}");
    let shown = cubby(&server, &["calls", "show", "2"]).good();
    assert!(shown.contains("answered with 70402") && shown.contains("refused by: "), "{shown}");
    assert_eq!(parse(&cubby(&server, &["calls", "show", "2", "--json"]).good())["code"], 70402);
    let curl = cubby(&server, &["calls", "show", "1", "--curl"]).good();
    assert!(curl.contains("curl") && curl.contains(&format!("127.0.0.1:{}", server.port)), "{curl}");
    let scenario = parse(&cubby(&server, &["calls", "show", "1", "--scenario", "--to", "2"]).good());
    let file = server.directory.path().join("recorded.json");
    std::fs::write(&file, scenario.to_string()).unwrap();
    assert!(scenario.is_object(), "{scenario}");
    let again = cubby(&server, &["calls", "replay", "1"]);
    assert_eq!((again.status, &parse(&again.out)["ErrorCode"]), (0, &json!(0)));
    let again = cubby(&server, &["calls", "replay", "2"]);
    assert_eq!((again.status, &parse(&again.out)["ErrorCode"]), (1, &json!(70402)));
    cubby(&server, &["calls", "clear"]).good();
    assert_eq!(parse(&cubby(&server, &["calls", "--json"]).good()), json!([]));
    cubby(&server, &["calls", "record", "off"]).good();
    server.import(&["b"]);
    assert_eq!(parse(&cubby(&server, &["calls", "--json"]).good()), json!([]));
}

#[test]
fn calls_are_followed_until_the_server_ends() {
    let mut server = server(&["--emulator", "--in-memory"]);
    let url = format!("http://127.0.0.1:{}", server.port);
    let mut command = Command::new(env!("CARGO_BIN_EXE_cubby"));
    command.args(["calls", "--follow", "--json", "--url", &url]).env_clear().current_dir("/");
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    // Whether it follows already is not told: calls are made until one is heard of.
    let heard = std::thread::spawn(move || (lines.next().unwrap().unwrap(), lines));
    while !heard.is_finished() {
        server.import(&["a"]);
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let (first, rest) = heard.join().unwrap();
    assert_eq!(parse(&first)["command"], "im_open_login_svc/multiaccount_import");
    assert!(server.stop().success());
    rest.for_each(drop);
    assert!(process.wait().unwrap().success());
}

#[test]
fn the_data_is_seeded_reset_and_brought_back() {
    let server = held();
    let seed = server.directory.path().join("seed.json");
    let text = json!({"applications": [{"sdkappid": APP, "data": {"users": [{"user_id": "alice"}]}}]}).to_string();
    std::fs::write(&seed, text).unwrap();
    cubby(&server, &["seed", seed.to_str().unwrap()]).good();
    let is_there = |user: &str| {
        let reply = super::post(&server, "im_open_login_svc/account_check", &json!({"CheckItem": [{"UserID": user}]}));
        reply["ResultItem"][0]["AccountStatus"] == "Imported"
    };
    assert!(is_there("alice"));
    server.import(&["bob"]);
    assert!(cubby(&server, &["snapshot", "both"]).good().contains("2 users"));
    let reset = cubby(&server, &["reset"]).good();
    assert!(reset.contains("is reset") && is_there("alice") && !is_there("bob"), "{reset}");
    cubby(&server, &["restore", "both"]).good();
    assert!(is_there("bob"));
    assert!(cubby(&server, &["snapshot", "list"]).good().contains("both"));
    assert_eq!(parse(&cubby(&server, &["snapshot", "list", "--json"]).good())[0]["name"], "both");
    cubby(&server, &["snapshot", "delete", "both"]).good();
    assert!(cubby(&server, &["restore", "both"]).bad(1).contains("no snapshot"));
    cubby(&server, &["snapshot"]).bad(2);
    std::fs::write(&seed, "{\"applications\":[{}]}").unwrap();
    let why = cubby(&server, &["seed", seed.to_str().unwrap()]).bad(1);
    assert!(why.contains("sdkappid"), "{why}");
    assert!(cubby(&server, &["seed", "none.json"]).bad(1).contains("none.json"));
}

#[test]
fn the_way_usersigs_are_checked_is_set() {
    let server = server(&["--emulator", "--in-memory"]);
    let url = format!("http://127.0.0.1:{}", server.port);
    let run = |mode: &str| cubby_with(Path::new("/"), &[], "", &["usersig", "mode", mode, "--url", &url]);
    for mode in ["off", "lenient", "strict"] {
        assert!(run(mode).good().contains(mode));
        assert_eq!(told(&server, "GET", of("").trim_end_matches('/'), &json!({}))["signing"], mode);
    }
    run("loose").bad(2);
}

/// The blocks of a guide that are for a shell.
fn shell_blocks(guide: &str) -> Vec<&str> {
    let parts: Vec<&str> = guide.split("```sh\n").skip(1).collect();
    parts.into_iter().map(|part| part.split("```").next().unwrap()).collect()
}

#[test]
fn what_the_guide_shows_runs_as_it_stands() {
    let guide = include_str!("../../../../../docs/guides/emulator.md");
    let server = server(&["--emulator", "--in-memory"]);
    server.import(&["alice"]);
    let url = format!("http://127.0.0.1:{}", server.port);
    let lines: Vec<&str> = shell_blocks(guide).into_iter().flat_map(str::lines).collect();
    let lines: Vec<&str> = lines.into_iter().filter(|line| !line.starts_with("cubby serve")).collect();
    assert!(lines.len() > 15, "{lines:?}");
    for line in lines {
        let words: Vec<&str> = line.strip_prefix("cubby ").expect(line).split(' ').collect();
        let run = cubby_with(Path::new("/"), &[("CUBBY_URL", &url)], "", &words);
        assert_eq!(run.status, 0, "{line}: {}", run.err);
    }
}
