//! The console in a real browser: Debian's Chromium, driven by the scripts of `console-tests/`, against the real binary. Needs `chromium` and
//! `console-tests/node_modules`, which `./test` installs. Pictures of every page go to `target/console-screenshots`, to be looked at.

use crate::support::{APP, KEY, Server};
use std::path::{Path, PathBuf};
use std::process::Command;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// A server that keeps nothing, with its console.
fn server() -> Server {
    Server::start_with(&[
        "--in-memory",
        "--app",
        &format!("{APP}:{KEY}:ultimate"),
        "--call-rate",
        "0",
        "--admin-token",
        TOKEN,
    ])
}

/// The admin token of these servers.
const TOKEN: &str = "a-token-of-the-tests-that-is-long-enough";

/// Runs a script of `console-tests/` against a server; each of its tests must be well.
fn drive(server: &Server, script: &str) {
    let folder = workspace().join("console-tests");
    assert!(folder.join("node_modules").exists(), "console-tests/node_modules is not there; run ./test");
    let run = Command::new("node")
        .arg(folder.join(script))
        .env("CONSOLE_BASE", format!("http://127.0.0.1:{}", server.port))
        .env("CONSOLE_TOKEN", TOKEN)
        .env("CONSOLE_APP", APP.to_string())
        .env("CONSOLE_KEY", KEY)
        .env("CONSOLE_SCREENSHOTS", workspace().join("target/console-screenshots"))
        .output()
        .expect("node");
    let (out, err) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success() && out.contains("ok "), "{script}:\n{out}\n{err}");
}

#[test]
fn who_has_the_token_logs_in_and_who_has_not_does_not() {
    drive(&server(), "login.js");
}

#[test]
fn a_board_sorts_conversations_by_mouse_and_by_keyboard_and_follows_what_changes_elsewhere() {
    drive(&server(), "board.js");
}
