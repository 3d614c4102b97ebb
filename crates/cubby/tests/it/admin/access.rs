//! Who may steer a server: whoever has its token; of an emulator, programs on its machine.

use super::{TOKEN, emulator, request, server};
use crate::cli::{Spoken, cubby_with};
use crate::support::{self, APP, KEY, Reply, Server};
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

const MARK: &str = "x-cubby-emulator";

fn asked_with(server: &Server, headers: &[(&str, &str)]) -> Reply {
    server.send(&request("GET", "apps", headers, b""))
}

#[test]
fn r_124_the_token_lets_in_and_nothing_else_does() {
    let server = server(&[]);
    let good = format!("Bearer {TOKEN}");
    assert_eq!(asked_with(&server, &[("Authorization", &good)]).status, 200);
    let basic = format!("Basic {TOKEN}");
    for headers in [
        &[][..],
        &[("Authorization", "Bearer another-token-of-16")],
        &[("Authorization", "Bearer ")],
        &[("Authorization", &basic)],
        &[("Cookie", &good)],
    ] {
        for (method, path) in [("GET", "apps"), ("POST", "apps"), ("GET", "none"), ("PUT", "apps/7/recording")] {
            let reply = server.send(&request(method, path, headers, b"{}"));
            assert_eq!((reply.status, reply.header("www-authenticate")), (401, Some("Bearer")), "{headers:?}");
            assert!(reply.json()["detail"].as_str().unwrap().contains("admin token"));
            assert_eq!((reply.header(MARK), reply.header("connection")), (None, Some("close")));
        }
    }
    // The API itself knows no token.
    assert_eq!(server.post("im_open_login_svc/account_check", b"{}").code(), 70402);
    let log = std::fs::read_to_string(server.log()).unwrap();
    assert!(!log.contains(TOKEN), "{log}");
}

#[test]
fn r_124_an_emulator_lets_programs_in_and_marks_every_reply() {
    let server = emulator();
    assert_eq!(asked_with(&server, &[]).status, 200);
    assert_eq!(asked_with(&server, &[("Origin", "http://test")]).status, 200);
    for target in ["/health", "/openapi.json", "/admin/v1/apps", "/admin/v1/none", "/v4/none", "/console/"] {
        let reply = server.send(&support::request("GET", target, b""));
        assert!(reply.header(MARK).is_some(), "{target}: {reply:?}");
    }
    assert!(server.post("im_open_login_svc/account_check", b"{}").header(MARK).is_some());
}

#[test]
fn r_124_a_page_of_another_site_does_not_steer_an_emulator() {
    let server = emulator();
    let good = format!("Bearer {TOKEN}");
    for headers in [
        &[("Origin", "http://evil.example")][..],
        &[("Origin", "null")],
        &[("Sec-Fetch-Site", "cross-site")],
        &[("Authorization", "Bearer another-token-of-16")],
    ] {
        let reply = asked_with(&server, headers);
        assert_eq!((reply.status, reply.header("www-authenticate")), (401, Some("Bearer")), "{headers:?}");
        let with_token = [headers, &[("Authorization", good.as_str())][..]].concat();
        if headers[0].0 != "Authorization" {
            assert_eq!(asked_with(&server, &with_token).status, 200, "{headers:?}");
        }
    }
    // A name that strangers can own leads here: its page is of the same origin, and is refused by its name.
    let rebound = "GET /admin/v1/apps HTTP/1.1\r\nHost: rebound.example:8787\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(server.send(rebound.as_bytes()).status, 401);
}

#[test]
fn r_124_an_emulator_listens_on_this_machine_alone_unless_it_is_told_otherwise() {
    let directory = tempfile::TempDir::new().unwrap();
    let flags = ["serve", "--in-memory", "--emulator", "--listen", "0.0.0.0:0"];
    let why = cubby_with(directory.path(), &[], "", &flags).bad(1);
    assert!(why.contains("--emulator-anywhere"), "{why}");
    let app = format!("{APP}:{KEY}");
    let mut server = Server::launched_by(|command| {
        let anywhere = |word: &std::ffi::OsStr| {
            if word == "127.0.0.1:0" { OsString::from("0.0.0.0:0") } else { word.to_owned() }
        };
        let mut other = Command::new(command.get_program());
        other.args(command.get_args().map(anywhere));
        other
    });
    server.set_flags(&["--in-memory", "--app", &app, "--emulator", "--emulator-anywhere"]);
    server.start_again();
    assert_eq!(asked_with(&server, &[]).status, 200);
}

#[test]
fn r_124_the_token_is_made_once_for_the_servers_user_alone_and_is_not_shown_again() {
    let directory = tempfile::TempDir::new().unwrap();
    let app = format!("{APP}:{KEY}");
    let flags = ["--data-dir", "data", "--app", app.as_str()];
    let mut server = Spoken::start(directory.path(), &[], &flags);
    let first = server.until("cubby call").join("\n");
    let path = directory.path().join("data/admin-token");
    let token = std::fs::read_to_string(&path).unwrap().trim_end().to_owned();
    assert_eq!((token.len(), std::fs::metadata(&path).unwrap().permissions().mode() & 0o777), (64, 0o600));
    assert!(first.contains(&token), "{first}");
    assert_eq!(server.stop(), 0);

    let mut server = Spoken::start(directory.path(), &[], &flags);
    let again = server.until("cubby call").join("\n");
    assert!(!again.contains(&token) && again.contains("admin-token"), "{again}");
    assert_eq!(std::fs::read_to_string(&path).unwrap().trim_end(), token);
    let listed = cubby_with(directory.path(), &[], "", &["app", "list", "--data-dir", "data"]).good();
    assert!(listed.contains(&APP.to_string()), "{listed}");
    assert_eq!(server.stop(), 0);
    let log = std::fs::read_to_string(directory.path().join("log")).unwrap();
    assert!(!log.contains(&token), "{log}");
}

#[test]
fn a_server_tells_commands_over_its_directory_where_it_is_for_as_long_as_it_runs() {
    let mut server = server(&[]);
    let path = server.data().join("server");
    let told = || std::fs::read_to_string(&path).unwrap();
    assert_eq!(told(), format!("http://127.0.0.1:{}\n", server.port));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let data = server.data().to_str().unwrap().to_owned();
    let clock = || cubby_with(Path::new("/"), &[], "", &["clock", "show", "--data-dir", &data, "--admin-token", TOKEN]);
    clock().good();
    // What is left after a kill says nothing.
    server.kill();
    assert!(path.exists());
    let why = clock().bad(1);
    assert!(why.contains("no server runs over this directory"), "{why}");
    server.start_again();
    assert_eq!(told(), format!("http://127.0.0.1:{}\n", server.port));
    clock().good();
    assert!(server.stop().success());
    assert!(!path.exists());
}
