//! The public signing packages and ours: what they sign is let in, and what we sign they would have signed. Needs `.venv` and
//! `sdk-tests/node_modules`, which `./test` makes.

use crate::support::{ADMINISTRATOR, APP, KEY, Server, now};
use cubby_protocol::usersig;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Command;

fn workspace() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// Runs one of the two scripts with this request; what it prints is JSON.
fn script(language: &str, request: &Value) -> Value {
    let root = workspace();
    let (program, script, installed, install) = if language == "python" {
        let program = root.join(".venv/bin/python");
        let install = "python3 -m venv .venv && .venv/bin/pip install -r sdk-tests/requirements.txt";
        (program.clone(), "sdk-tests/sign.py", program, install)
    } else {
        let installed = root.join("sdk-tests/node_modules/tls-sig-api-v2");
        ("node".into(), "sdk-tests/sign.js", installed, "npm ci --prefix sdk-tests")
    };
    assert!(installed.exists(), "{} is not there; run ./test, or: {install}", installed.display());
    let run = Command::new(&program).arg(script).arg(request.to_string()).current_dir(&root).output();
    let run =
        run.unwrap_or_else(|why| panic!("{} cannot be run ({why}); run ./test, or: {install}", program.display()));
    assert!(run.status.success(), "{script}: {}", String::from_utf8_lossy(&run.stderr));
    serde_json::from_slice(&run.stdout).unwrap()
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat()
}

/// The code that the server answers to a call with this signature.
fn code_of(server: &Server, identifier: &str, usersig: &str) -> i64 {
    let query =
        format!("sdkappid={APP}&identifier={}&usersig={usersig}&random=7&contenttype=json", escaped(identifier));
    server.post_with("recentcontact/get_contact_group", &query, br#"{"From_Account":"administrator"}"#).code()
}

#[test]
fn what_the_public_packages_sign_is_let_in() {
    let server = Server::start();
    for language in ["python", "node"] {
        let sign = |identifier: &str, key: &str, app: u64, expire: i64, userbuf: Option<&str>| {
            let request = json!({"do": "sign", "sdkappid": app, "key": key, "identifier": identifier, "expire": expire, "userbuf": userbuf});
            script(language, &request)["usersig"].as_str().unwrap().to_owned()
        };
        for userbuf in [None, Some("abc"), Some("会话 \u{0}\n")] {
            let usersig = sign(ADMINISTRATOR, KEY, APP, 86400, userbuf);
            assert_eq!(code_of(&server, ADMINISTRATOR, &usersig), 0, "{language} {userbuf:?}");
        }
        // A number that fits no 32 bits, and an expiry as long as the packages' own default.
        assert_eq!(code_of(&server, ADMINISTRATOR, &sign(ADMINISTRATOR, KEY, APP, 180 * 86400, None)), 0);
        // Good signatures of others, and bad ones, are refused for what they are.
        let other = "user 张三 \"quoted\" \\";
        assert_eq!(code_of(&server, other, &sign(other, KEY, APP, 86400, None)), 60010, "{language}");
        assert_eq!(code_of(&server, ADMINISTRATOR, &sign(other, KEY, APP, 86400, None)), 70013, "{language}");
        assert_eq!(
            code_of(&server, ADMINISTRATOR, &sign(ADMINISTRATOR, "another key", APP, 86400, None)),
            70009,
            "{language}"
        );
        assert_eq!(code_of(&server, ADMINISTRATOR, &sign(ADMINISTRATOR, KEY, 7, 86400, None)), 70014, "{language}");
        assert_eq!(code_of(&server, ADMINISTRATOR, &sign(ADMINISTRATOR, KEY, APP, -100, None)), 70001, "{language}");
    }
}

#[test]
fn what_we_sign_is_what_the_public_packages_sign() {
    // Neither package can verify. So each is given the members that we signed, its clock set to our time, and makes its own signature,
    // which must hold the same members and the same TLS.sig; the scripts decode both with nothing of ours.
    let time = now() - 1000;
    for (identifier, userbuf) in [
        (ADMINISTRATOR, None),
        ("user 张三 \"quoted\" \\ \u{e9}", None),
        (ADMINISTRATOR, Some("abc")),
        ("a", Some("会话\u{0}")),
    ] {
        let ours = usersig::make(APP, KEY.as_bytes(), identifier, 86400, time, userbuf.map(str::as_bytes));
        for language in ["python", "node"] {
            let request = json!({"do": "compare", "usersig": ours, "sdkappid": APP, "key": KEY, "identifier": identifier, "expire": 86400, "time": time, "userbuf": userbuf});
            let compared = script(language, &request);
            assert_eq!(compared["ours"], compared["theirs"], "{language}");
            assert_eq!(compared["ours"]["TLS.identifier"], identifier);
            assert_eq!(compared["ours"]["TLS.time"], time);
        }
    }
}
