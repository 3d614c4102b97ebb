//! Where values come from, and what is signed and sent with them: the file, the environment and flags; UserSigs and calls; and that no
//! key and no signature is in the log.

use crate::cli::{Ran, cubby_with};
use crate::support::{APP, KEY, Server, query, signature};
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

fn cubby(arguments: &[&str]) -> Ran {
    cubby_with(Path::new("/"), &[], "", arguments)
}

/// The rows of `config show`: name, value, and where it came from.
fn shown(directory: &Path, environment: &[(&str, &str)], flags: &[&str]) -> Vec<[String; 3]> {
    let arguments = [&["config", "show"], flags].concat();
    let out = cubby_with(directory, environment, "", &arguments).good();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        [cells[0].to_owned(), cells[1].to_owned(), cells[2].to_owned()]
    };
    out.lines().map(row).collect()
}

fn row<'a>(rows: &'a [[String; 3]], name: &str) -> [&'a str; 2] {
    let found = rows.iter().find(|row| row[0] == name).unwrap_or_else(|| panic!("{name} in {rows:#?}"));
    [&found[1], &found[2]]
}

#[test]
fn a_flag_wins_over_the_environment_and_the_environment_over_the_file() {
    let directory = TempDir::new().unwrap();
    let file = "[server]\nlisten = \"h:1\"\ncall_rate = 1\n[log]\nfilter = \"warn\"\n[store]\ndata_dir = \"d1\"";
    std::fs::write(directory.path().join("cubby.toml"), file).unwrap();
    let environment = [("CUBBY_LISTEN", "h:2"), ("CUBBY_CALL_RATE", "2"), ("CUBBY_LOG_FORMAT", "")];
    let rows = shown(directory.path(), &environment, &["--listen", "h:3"]);
    assert_eq!(row(&rows, "server.listen"), ["h:3", "flag --listen"]);
    assert_eq!(row(&rows, "server.call_rate"), ["2", "environment CUBBY_CALL_RATE"]);
    assert_eq!(row(&rows, "log.filter"), ["warn", "file cubby.toml"]);
    assert_eq!(row(&rows, "log.format"), ["text", "default"]);
    assert_eq!(row(&rows, "store.url"), ["embedded:d1", "file cubby.toml"]);
    let rows = shown(directory.path(), &[("CUBBY_DATA_DIR", "d2")], &[]);
    assert_eq!(row(&rows, "store.url"), ["embedded:d2", "environment CUBBY_DATA_DIR"]);
    let rows = shown(directory.path(), &[("CUBBY_DATA_DIR", "d2")], &["--in-memory"]);
    assert_eq!(row(&rows, "store.url"), ["memory:", "flag --in-memory"]);
    std::fs::write(directory.path().join("other.toml"), "client.identifier = \"other\"").unwrap();
    let other = shown(directory.path(), &[("CUBBY_CONFIG", "other.toml")], &[]);
    assert_eq!(row(&other, "client.identifier"), ["other", "file other.toml"]);
    assert_eq!(row(&other, "log.filter"), ["info", "default"]);
}

#[test]
fn a_key_that_is_no_setting_is_an_error_of_every_command() {
    let directory = TempDir::new().unwrap();
    std::fs::write(directory.path().join("cubby.toml"), "[server]\nlissen = \"127.0.0.1:0\"").unwrap();
    for arguments in [&["serve"][..], &["config", "show"], &["app", "list"], &["health"]] {
        let why = cubby_with(directory.path(), &[], "", arguments).bad(1);
        assert_eq!(
            why,
            "cubby: cubby.toml: there is no setting server.lissen; did you mean server.listen or tls.listen?\n"
        );
    }
    let why = cubby_with(directory.path(), &[], "", &["call", "recentcontact/mark_contact"]).bad(2);
    assert!(why.contains("server.lissen"), "{why}");
    assert!(!directory.path().join("cubby-data").exists());
}

#[test]
fn call_rates_that_cannot_be_shared_so_are_told_with_their_flag() {
    for value in ["half", "share", "share:0", "share:x", "share:10001", ""] {
        let why = cubby(&["serve", "--in-memory", "--call-rates", value]).bad(1);
        let wanted = format!(
            "cubby: flag --call-rates: server.call_rates takes per-server, share:N with N servers from 1 to 10000, or exact, not {value:?}\n"
        );
        assert_eq!(why, wanted);
    }
    let rows = shown(Path::new("/"), &[("CUBBY_CALL_RATES", "share:3")], &["--call-rates", "exact"]);
    assert_eq!(row(&rows, "server.call_rates"), ["exact", "flag --call-rates"]);
}

#[test]
fn a_database_that_cannot_be_reached_is_told_without_its_password() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("cubby.toml");
    std::fs::write(&file, "[bounds.postgres]\nopening = \"200ms\"\n").unwrap();
    let store = "postgres://cubby:secretword@127.0.0.1:1/cubby";
    let why = cubby(&["serve", "--config", file.to_str().unwrap(), "--store", store]).bad(1);
    assert!(why.contains("the database cannot be reached") && !why.contains("secretword"), "{why}");
}

#[test]
fn the_sample_file_says_the_defaults() {
    let directory = TempDir::new().unwrap();
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../../cubby.sample.toml");
    let values = |flags: &[&str]| {
        let rows = shown(directory.path(), &[], flags);
        rows.into_iter().map(|[name, value, _]| (name, value)).collect::<Vec<_>>()
    };
    assert_eq!(values(&["--config", sample]), values(&[]));
}

#[test]
fn secrets_are_masked() {
    let directory = TempDir::new().unwrap();
    std::fs::write(directory.path().join("key"), format!("{KEY}\n")).unwrap();
    std::fs::write(directory.path().join("app-key"), "a key from a file").unwrap();
    let file = "[[app]]\nsdkappid = 8\nkey_file = \"app-key\"\nsettings.limit.conversations = 5";
    std::fs::write(directory.path().join("cubby.toml"), file).unwrap();
    let rows = shown(directory.path(), &[("CUBBY_KEY_FILE", "key")], &["--app", "7:another secret key:pro"]);
    assert_eq!(row(&rows, "client.key"), ["5bd2… (64 letters)", "environment CUBBY_KEY_FILE"]);
    assert_eq!(row(&rows, "app.7.key"), ["anot… (18 letters)", "flag --app"]);
    assert_eq!(row(&rows, "app.7.edition"), ["pro", "flag --app"]);
    assert_eq!(row(&rows, "app.8.key"), ["a ke… (17 letters)", "file cubby.toml"]);
    assert_eq!(row(&rows, "app.8.settings.limit.conversations"), ["5", "file cubby.toml"]);
}

#[test]
fn applications_of_the_file_and_of_the_environment_are_registered_with_their_settings() {
    let directory = TempDir::new().unwrap();
    let path = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let key = path("key", &format!("{KEY}\n"));
    let file = path(
        "a.toml",
        &format!(
            "[[app]]\nsdkappid = {APP}\nkey_file = \"{key}\"\nedition = \"pro\"\nsettings.administrators = [\"root\"]"
        ),
    );
    let server = Server::start_with(&["--config", &file]);
    let url = format!("http://127.0.0.1:{}", server.port);
    let environment = [("CUBBY_URL", url.as_str()), ("CUBBY_SDKAPPID", "1400000001"), ("CUBBY_KEY_FILE", key.as_str())];
    let code = |identifier: &[&str], command: &str| {
        let arguments = [&["call", command], identifier].concat();
        let out = cubby_with(Path::new("/"), &environment, "", &arguments).out;
        serde_json::from_str::<Value>(&out).unwrap()["ErrorCode"].clone()
    };
    assert_eq!(code(&[], "im_open_login_svc/account_import"), 60010);
    assert_eq!(code(&["--identifier", "root"], "im_open_login_svc/account_import"), 70402);
    drop(server);
    let apps = path("apps", "7:one:pro\n\n8:other\n");
    let rows = shown(directory.path(), &[("CUBBY_APP_FILE", &apps)], &[]);
    assert_eq!(row(&rows, "app.7.edition"), ["pro", "environment CUBBY_APP_FILE"]);
    assert_eq!(row(&rows, "app.8.key"), ["… (5 letters)", "environment CUBBY_APP_FILE"]);
}

#[test]
fn neither_key_nor_signature_is_in_the_log() {
    for format in ["text", "json"] {
        let app = format!("{APP}:{KEY}");
        let mut server = Server::start_with(&["--app", &app, "--log-filter", "trace", "--log-format", format]);
        server.import(&["u"]);
        let good = signature();
        let (half, changed) = (&good[..good.len() / 2], good.replacen("eJ", "eK", 1));
        let common = format!("sdkappid={APP}&identifier=administrator&random=1");
        for usersig in [half, &changed, &good] {
            for target in ["recentcontact/get_contact_group", "recentcontact/none"] {
                server.post_with(target, &format!("{common}&usersig={usersig}"), b"{");
                server.post_with(target, &format!("sdkappid=9&identifier=x&usersig={usersig}"), b"{}");
            }
        }
        server.send(format!("BAD {}\r\n\r\n", query()).as_bytes());
        assert!(server.stop().success());
        let log = std::fs::read_to_string(server.log()).unwrap();
        assert!(log.contains("serving") && log.contains("stopped"), "{log}");
        for secret in [KEY, half, &changed[..40], "usersig="] {
            assert!(!log.contains(secret), "{secret} in {log}");
        }
        if format == "json" {
            let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
            assert!(lines.iter().any(|line| line["message"] == "serving" && line["level"] == "INFO"));
        }
    }
}

#[test]
fn few_descriptors_are_told() {
    let directory = TempDir::new().unwrap();
    let script = "ulimit -n 300 && exec \"$0\" serve --in-memory --app 7:k --listen 127.0.0.1:0";
    let mut process = std::process::Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_cubby")])
        .current_dir(directory.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::fs::File::create(directory.path().join("log")).unwrap())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufReader::new(process.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut lines, &mut String::new()).unwrap();
    process.kill().unwrap();
    process.wait().unwrap();
    let log = std::fs::read_to_string(directory.path().join("log")).unwrap();
    assert!(log.contains("few connections") && log.contains("connections=44"), "{log}");
}

#[test]
fn health_is_told_by_the_status() {
    let server = Server::start();
    let url = format!("http://127.0.0.1:{}", server.port);
    assert!(cubby(&["health", "--url", &url]).good().contains("\"ok\""));
    assert!(cubby_with(Path::new("/"), &[("CUBBY_URL", &url)], "", &["health"]).good().contains("\"ok\""));
    drop(server);
    assert!(cubby(&["health", "--url", &url]).bad(1).contains("no connection to"));
    assert!(cubby(&["health", "--url", "ftp://cubby"]).bad(1).contains("only http://"));
}

#[test]
fn a_call_is_signed_and_sent_and_its_error_code_is_the_status() {
    let server = Server::start();
    server.import(&["u"]);
    let url = format!("http://127.0.0.1:{}/", server.port);
    let app = APP.to_string();
    let environment = [("CUBBY_URL", url.as_str()), ("CUBBY_SDKAPPID", app.as_str()), ("CUBBY_KEY", KEY)];
    let call = |input: &str, arguments: &[&str]| {
        cubby_with(server.directory.path(), &environment, input, &[&["call"], arguments].concat())
    };
    let get = "recentcontact/get_contact_group";
    let body = r#"{"From_Account":"u"}"#;
    let wanted = json!({"ContactItem": [], "GroupItem": [], "CompleteFlag": 1, "NextStartIndex": 0,
        "ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "", "ErrorDisplay": ""});
    let reply = |out: &str| serde_json::from_str::<Value>(out).unwrap();
    std::fs::write(server.directory.path().join("body"), body).unwrap();
    for (input, arguments) in [
        ("", [get, body]),
        (body, [get, "-"]),
        ("", [get, "@body"]),
        ("", ["/v4/recentcontact/get_contact_group", body]),
    ] {
        assert_eq!(reply(&call(input, &arguments).good()), wanted, "{arguments:?}");
    }
    let refused = call("", &[get]);
    assert_eq!((refused.status, reply(&refused.out)["ErrorCode"].clone()), (1, json!(50002)));
    assert_eq!(call("", &[get, body, "--key", "x"]).status, 1);
    let flags =
        cubby(&["call", get, body, "--url", &url, "--sdkappid", &app, "--key", KEY, "--identifier", "administrator"]);
    assert_eq!(reply(&flags.good()), wanted);
    let forced = call("", &["recentcontact/none", "--force"]);
    assert_eq!((forced.status, reply(&forced.out)["ErrorCode"].clone()), (1, json!(60009)));
    let near = call("", &["get_contact_grup", body]).bad(2);
    assert!(near.contains("did you mean recentcontact/get_contact_group?"), "{near}");
    for (arguments, says) in [
        (&[get, "@missing"][..], "cannot be read from @missing"),
        (&[get, "--url", "ftp://cubby"], "only http:// and https://"),
        (&[get, "--url", "cubby"], "not a URL"),
        (&[get, "--url", "http://127.0.0.1:1"], "no connection to 127.0.0.1:1"),
    ] {
        let why = call("", arguments).bad(2);
        assert!(why.contains(says), "{why}");
    }
    assert!(cubby(&["call", get]).bad(2).contains("no SDKAppID was given"));
    assert!(cubby(&["call", get, "--sdkappid", "1"]).bad(2).contains("no key was given"));
}

#[test]
fn a_usersig_is_made_as_it_is_taken() {
    let server = Server::start();
    let app = APP.to_string();
    let make = |more: &[&str]| {
        let arguments = [&["usersig", "make", "--sdkappid", &app, "--identifier", "administrator"], more].concat();
        cubby(&arguments).good().trim_end().to_owned()
    };
    let code = |usersig: &str| {
        let query = format!("sdkappid={APP}&identifier=administrator&usersig={usersig}");
        server.post_with("im_open_login_svc/account_check", &query, b"{}").code()
    };
    let file = server.directory.path().join("key");
    std::fs::write(&file, format!("{KEY}\n")).unwrap();
    assert_eq!(code(&make(&["--key", KEY])), 70402);
    assert_eq!(code(&make(&["--key-file", file.to_str().unwrap()])), 70402);
    assert_eq!(code(&make(&["--key", KEY, "--userbuf", "YWJj"])), 70402);
    assert_eq!(code(&make(&["--key", KEY, "--expire", "-1"])), 70001);
    assert_eq!(code(&make(&["--key", "another"])), 70009);
    for (arguments, says) in [
        (&["--key", ""][..], "the key is empty"),
        (&["--key", KEY, "--identifier", "a\nb"], "without control characters"),
        (&["--key", KEY, "--identifier", ""], "takes a UserID"),
        (&["--key", KEY, "--userbuf", "?"], "--userbuf: it is not base64"),
        (&[], "no key was given"),
    ] {
        let why = cubby(&[&["usersig", "make", "--sdkappid", &app], arguments].concat()).bad(1);
        assert!(why.contains(says) && !why.contains(KEY), "{why}");
    }
}

#[test]
fn a_usersig_is_explained_and_the_status_says_whether_it_is_valid() {
    let directory = TempDir::new().unwrap();
    let app = APP.to_string();
    cubby_with(directory.path(), &[], "", &["app", "create", "--sdkappid", &app, "--key", KEY]).good();
    let good = signature();
    let explain = |input: &str, arguments: &[&str]| {
        let ran = cubby_with(directory.path(), &[], input, &[&["usersig", "explain"], arguments].concat());
        assert!(!ran.out.contains(KEY), "{}", ran.out);
        (ran.status, ran.out)
    };
    let url = format!("http://host/v4/a/b?{}", query());
    for (input, arguments) in [
        ("", &[good.as_str(), "--key", KEY][..]),
        ("", &[&good, "--key", "another", "--key", KEY]),
        ("", &[&good, "--sdkappid", &app, "--identifier", "administrator", "--data-dir", "cubby-data"]),
        ("", &[&good, "--data-dir", "cubby-data"]),
        (&format!("{good}\n"), &["-", "--key", KEY]),
        ("", &[&url, "--key", KEY]),
        (&format!("curl '{url}' -d x\n"), &["-", "--key", KEY]),
    ] {
        let (status, out) = explain(input, arguments);
        assert!(status == 0 && out.ends_with("Verdict: accepted.\n"), "{arguments:?}: {out}");
    }
    for (arguments, says) in [
        (&[good.as_str()][..], "not verified, because no key was given"),
        (&[&good, "--key", "another"], "wrong signature"),
        (&[&good, "--key", KEY, "--sdkappid", "7"], "not for 7"),
        (&[&good, "--key", KEY, "--identifier", "bob"], "not for \"bob\""),
        (&[&good, "--sdkappid", "7", "--data-dir", "cubby-data"], "refused"),
        (&[&good[..30], "--key", KEY], "cannot be decoded"),
        (&["", "--key", KEY], "UserSig is empty"),
    ] {
        let (status, out) = explain("", arguments);
        let verdict = out.lines().last().unwrap();
        assert!(status == 1 && verdict.starts_with("Verdict: ") && verdict.contains(says), "{arguments:?}: {out}");
    }
    let environment = [("CUBBY_KEY", KEY)];
    cubby_with(directory.path(), &environment, "", &["usersig", "explain", &good]).good();
}
