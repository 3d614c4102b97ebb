//! The console in a real browser: Debian's Chromium, driven by the scripts of `console-tests/`, against the real binary. Needs `chromium` and
//! `console-tests/node_modules`, which `./test` installs. Pictures of every page go to `target/console-screenshots`, to be looked at.

use crate::support::{APP, KEY, Reply, Server};
use std::path::{Path, PathBuf};
use std::process::Command;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// A server that keeps nothing, with its console.
pub(crate) fn server() -> Server {
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

/// The same, with the call rates of the documentation.
fn server_with_rates() -> Server {
    Server::start_with(&["--in-memory", "--app", &format!("{APP}:{KEY}:ultimate"), "--admin-token", TOKEN])
}

/// The admin token of these servers.
pub(crate) const TOKEN: &str = "a-token-of-the-tests-that-is-long-enough";

/// Runs a script of `console-tests/` against a server; each of its tests must be well.
pub(crate) fn drive(server: &Server, script: &str) {
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
fn every_command_is_called_well_from_the_debug_tool() {
    drive(&server(), "debug.js");
}

#[test]
fn calls_are_seen_as_they_come_explained_and_sent_again() {
    drive(&server(), "calls.js");
}

#[test]
fn an_emulator_shows_calls_that_name_no_application() {
    let app = format!("{APP}:{KEY}:ultimate");
    drive(&Server::start_with(&["--in-memory", "--app", &app, "--emulator", "--admin-token", TOKEN]), "emulator.js");
}

#[test]
fn faults_the_clock_and_the_data_are_steered_from_a_page() {
    drive(&server(), "faults.js");
}

#[test]
fn applications_are_made_changed_and_deleted_from_a_page() {
    drive(&server_with_rates(), "applications.js");
}

#[test]
fn a_usersig_is_made_and_taken_apart_in_a_page() {
    drive(&server(), "usersig.js");
}

#[test]
fn the_console_begins_with_figures_that_move() {
    drive(&server(), "overview.js");
}

/// A request to the console with these headers beside the usual ones, and what it is answered with.
pub(crate) fn ask(server: &Server, method: &str, path: &str, headers: &str, body: &str) -> Reply {
    let host = format!("Host: 127.0.0.1:{}\r\n", server.port);
    let head = format!("{method} {path} HTTP/1.1\r\n{host}{headers}Content-Length: {}\r\n\r\n", body.len());
    server.send(format!("{head}{body}").as_bytes())
}

pub(crate) const BROWSER: &str = "Accept: text/html,*/*;q=0.8\r\n";

/// The cookie and the secret of a new session.
pub(crate) fn session(server: &Server) -> (String, String) {
    let reply = ask(server, "POST", "/console/login", "", &format!("token={TOKEN}"));
    assert_eq!((reply.status, reply.header("location")), (303, Some("/console/")));
    let cookie = reply.header("set-cookie").unwrap().split(';').next().unwrap();
    let cookie = format!("Cookie: {cookie}\r\n");
    let page = ask(server, "GET", "/console/debug", &format!("{BROWSER}{cookie}"), "");
    let page = String::from_utf8(page.body).unwrap();
    let csrf = page.split("data-csrf=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    (cookie, csrf)
}

#[test]
fn nothing_of_the_console_is_reachable_without_a_session() {
    let server = server();
    for path in [
        "/console/debug",
        "/console/debug/model",
        "/console/overview/figures",
        "/console/calls/rows",
        "/console/calls/live",
        "/console/faults/clear",
        "/console/applications/create",
        "/console/usersig/mint",
        "/console/nothing",
        "/console/logout",
        "/console/assets",
    ] {
        for (method, cookie) in [("GET", ""), ("POST", ""), ("GET", "Cookie: cubby_8787=x; cubby_session=\r\n")] {
            let page = ask(&server, method, path, &format!("{BROWSER}{cookie}"), "");
            assert_eq!((page.status, page.body.len()), (303, 0), "{method} {path}");
            assert!(page.header("location").unwrap().starts_with("/console/login"), "{method} {path}");
            let part = ask(&server, method, path, &format!("{BROWSER}HX-Request: true\r\n{cookie}"), "");
            assert_eq!(part.status, 401, "{method} {path}");
            assert!(part.header("hx-redirect").unwrap().starts_with("/console/login"), "{method} {path}");
        }
    }
    let to_elsewhere = ask(&server, "POST", "/console/login", "", &format!("token={TOKEN}&to=//evil.example"));
    assert_eq!(to_elsewhere.header("location"), Some("/console/"));
    let (cookie, csrf) = session(&server);
    assert_eq!(ask(&server, "POST", "/console/logout", &cookie, &format!("x-csrf-token={csrf}")).status, 303);
    assert_eq!(ask(&server, "GET", "/console/debug/model", &cookie, "").status, 401, "the session is over");
}

#[test]
fn a_form_of_another_session_or_another_site_is_refused() {
    let server = server();
    let (cookie, csrf) = session(&server);
    let (_, others) = session(&server);
    let sign = |headers: &str| {
        ask(&server, "POST", "/console/debug/sign", &format!("{cookie}{headers}"), "identifier=bob").status
    };
    let secret = format!("x-csrf-token: {csrf}\r\n");
    let ours = format!("Origin: http://127.0.0.1:{}\r\n", server.port);
    assert_eq!(sign(&secret), 200);
    assert_eq!(sign(&format!("{secret}{ours}Sec-Fetch-Site: same-origin\r\n")), 200);
    assert_eq!(sign(""), 403);
    assert_eq!(sign("x-csrf-token: \r\n"), 403);
    assert_eq!(sign(&format!("x-csrf-token: {others}\r\n")), 403);
    for elsewhere in
        ["Origin: http://evil.example", "Origin: null", "Origin: http://127.0.0.1:1", "Sec-Fetch-Site: cross-site"]
    {
        assert_eq!(sign(&format!("{secret}{elsewhere}\r\n")), 403, "{elsewhere}");
        let login = ask(&server, "POST", "/console/login", &format!("{elsewhere}\r\n"), &format!("token={TOKEN}"));
        assert_eq!(login.status, 403, "{elsewhere}");
    }
}

#[test]
fn a_session_of_https_has_a_cookie_of_https_and_no_script_can_read_it() {
    let server = server();
    let cookie = |origin: &str| {
        let origin = format!("Origin: {origin}://127.0.0.1:{}\r\n", server.port);
        let reply = ask(&server, "POST", "/console/login", &origin, &format!("token={TOKEN}"));
        reply.header("set-cookie").unwrap().to_owned()
    };
    for part in ["Path=/console", "HttpOnly", "SameSite=Strict"] {
        assert!(cookie("http").contains(part) && cookie("https").contains(part), "{}", cookie("http"));
    }
    assert!(cookie("https").contains("; Secure") && !cookie("http").contains("Secure"));
}

#[test]
fn what_a_page_asks_for_by_itself_is_no_use_of_its_session() {
    const SESSIONS_MAX: usize = 64;
    let server = server();
    let sessions: Vec<_> = (0..SESSIONS_MAX).map(|_| session(&server).0).collect();
    let figures = |n: usize, more: &str| {
        ask(&server, "GET", "/console/overview/figures", &format!("{}{more}", sessions[n]), "").status
    };
    // Of the first three, which were not used since, one is asked for by a person and one by its page.
    assert_eq!((figures(0, ""), figures(1, "X-Cubby-Poll: 1\r\n")), (200, 200));
    // Two more, for which the two go that were not used for longest.
    let _more = [session(&server), session(&server)];
    assert_eq!([0, 1, 2, 3].map(|n| figures(n, "X-Cubby-Poll: 1\r\n")), [200, 401, 401, 200]);
}

#[test]
fn every_reply_of_the_console_keeps_the_browser_to_it() {
    let server = server();
    let (cookie, _) = session(&server);
    for path in [
        "/console/login",
        "/console/debug",
        "/console/overview",
        "/console/calls",
        "/console/faults",
        "/console/applications",
        "/console/usersig",
        "/console/nothing",
        "/console/assets/x/console.js",
        "/console",
    ] {
        let reply = ask(&server, "GET", path, &format!("{BROWSER}{cookie}"), "");
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(reply.header("cross-origin-opener-policy"), Some("same-origin"), "{path}");
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
        let text = String::from_utf8(reply.body).unwrap();
        for inline in ["<script>", "<style", " style=", " onclick=", "javascript:"] {
            assert!(!text.contains(inline), "{path} has {inline}");
        }
    }
    let page = String::from_utf8(ask(&server, "GET", "/console/login", BROWSER, "").body).unwrap();
    let script =
        page.split("src=\"").map(|rest| rest.split('"').next().unwrap()).find(|src| src.ends_with("console.js"));
    let asset = ask(&server, "GET", script.unwrap(), "", "");
    assert_eq!((asset.status, asset.header("content-type")), (200, Some("text/javascript; charset=utf-8")));
    assert_eq!(asset.header("cache-control"), Some("public, max-age=31536000, immutable"));
}

#[test]
fn what_is_no_request_of_a_browser_is_refused_within_bounds() {
    let server = server();
    let (cookie, csrf) = session(&server);
    let put = ask(&server, "PUT", "/console/debug", &cookie, "");
    assert_eq!((put.status, put.header("allow")), (405, Some("GET, HEAD, POST")));
    let large = "x".repeat((1 << 20) + 1);
    let reply = ask(&server, "POST", "/console/debug/sign", &format!("{cookie}x-csrf-token: {csrf}\r\n"), &large);
    assert_eq!((reply.status, reply.header("connection")), (413, Some("close")));
    let unsigned = ask(&server, "POST", "/console/debug/sign", &format!("{cookie}x-csrf-token: {csrf}\r\n"), "");
    assert_eq!(unsigned.status, 400);
}

#[test]
fn without_the_console_its_paths_are_as_unknown_as_any_other() {
    let flags = ["--in-memory", "--app", &format!("{APP}:{KEY}:ultimate"), "--admin-token", TOKEN, "--no-console"];
    let (without, with) = (Server::start_with(&flags), server());
    for path in [
        "/console",
        "/console/",
        "/console/login",
        "/console/debug",
        "/console/assets/x/console.js",
        "/im-api-tool/",
        "/",
    ] {
        let reply = ask(&without, "GET", path, BROWSER, "");
        assert_eq!((reply.status, reply.code()), (200, 60009), "{path}");
        assert_ne!(ask(&with, "GET", path, BROWSER, "").header("content-type"), Some("application/json"), "{path}");
    }
    // Who is no browser finds no page outside of the console.
    for path in ["/", "/im-api-tool/", "/consolex"] {
        assert_eq!(ask(&with, "GET", path, "Accept: */*\r\n", "").code(), 60009, "{path}");
    }
}

#[test]
fn the_key_of_an_application_is_in_no_page_and_in_no_signature() {
    let server = server();
    let (cookie, csrf) = session(&server);
    let headers = format!("{BROWSER}{cookie}x-csrf-token: {csrf}\r\n");
    let signed = ask(&server, "POST", "/console/debug/sign", &headers, "identifier=administrator");
    let usersig = signed.json()["usersig"].as_str().unwrap().to_owned();
    for reply in [
        signed,
        ask(&server, "GET", "/console/debug", &headers, ""),
        ask(&server, "GET", "/console/debug/model", &headers, ""),
        ask(&server, "GET", "/console/applications", &headers, ""),
        ask(&server, "GET", &format!("/console/applications/{APP}"), &headers, ""),
        ask(&server, "POST", "/console/usersig/explain", &headers, &format!("usersig={usersig}")),
    ] {
        assert!(!String::from_utf8(reply.body).unwrap().contains(KEY));
    }
    let query = format!("sdkappid={APP}&identifier=administrator&usersig={usersig}&random=1&contenttype=json");
    let reply = server.post_with("im_open_login_svc/account_import", &query, br#"{"UserID": "bob"}"#);
    assert_eq!(reply.code(), 0);
}

#[test]
fn what_is_steered_otherwise_than_documented_is_told_on_every_page_of_its_application() {
    let server = server();
    let (cookie, _) = session(&server);
    let headers = format!("{BROWSER}{cookie}");
    let page = || String::from_utf8(ask(&server, "GET", "/console/nothing", &headers, "").body).unwrap();
    let steer = |method: &str, what: &str, body: &str| {
        let headers = format!("Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n");
        let reply = ask(&server, method, &format!("/admin/v1/apps/{APP}/{what}"), &headers, body);
        assert!(reply.status < 300, "{what}: {}", String::from_utf8_lossy(&reply.body));
    };
    assert!(!page().contains("class=\"banner\""));
    steer("PUT", "signing", r#"{"mode": "off"}"#);
    assert!(page().contains("UserSigs of this application are not checked at all."));
    steer("PUT", "signing", r#"{"mode": "lenient"}"#);
    steer("POST", "clock", r#"{"freeze": true}"#);
    let now = page();
    assert!(now.contains("an expired one is taken") && now.contains("The clock of this application stands still."));
    assert!(!now.contains("not checked at all"));
}

#[test]
fn why_something_is_refused_is_told_in_the_language_of_the_page() {
    let server = server();
    let (cookie, csrf) = session(&server);
    for (path, form, status, zh, en) in [
        ("faults/clock", "turn=advance", 400, "seconds 为必填项", "seconds is required"),
        ("faults/add", "effect=error&error_code=0", 400, "error_code：0 不表示失败", "error_code: 0 is no failure"),
        ("faults/restore", "name=none", 409, "没有快照 \"none\"", "there is no snapshot \"none\""),
        (
            "applications/create",
            &format!("sdkappid={APP}"),
            409,
            "该 SDKAppID 的应用已存在",
            "there is an application of",
        ),
        ("usersig/mint", "identifier=a&expire=x", 400, "expire：\"x\" 不是有效的数字", "is not such a number"),
    ] {
        for (lang, says) in [("zh", zh), ("en", en)] {
            let cookies = cookie.trim_end();
            let form_of = "Content-Type: application/x-www-form-urlencoded\r\n";
            let headers = format!("{cookies}; cubby_lang={lang}\r\nX-CSRF-Token: {csrf}\r\n{form_of}");
            let reply = ask(&server, "POST", &format!("/console/{path}?app={APP}"), &headers, form);
            let body = String::from_utf8(reply.body).unwrap();
            assert!(reply.status == status && body.contains(says), "{path}: {} {body}", reply.status);
        }
    }
}

#[test]
fn what_is_meant_for_an_application_that_is_gone_is_done_to_no_other() {
    let server = server();
    let (cookie, csrf) = session(&server);
    let headers = format!("{cookie}x-csrf-token: {csrf}\r\n");
    let post = |path: &str, body: &str| ask(&server, "POST", &format!("/console/{path}"), &headers, body).status;
    for (path, body) in [
        ("faults/add", "effect=error&error_code=60008"),
        ("faults/clock", "turn=freeze"),
        ("faults/signing", "mode=off"),
        ("faults/reset", ""),
        ("calls/record", "on=1"),
        ("debug/sign", "identifier=bob"),
    ] {
        assert_eq!(post(&format!("{path}?app=7"), body), 404, "{path}");
    }
    assert_eq!(post("usersig/mint?app=7", "identifier=bob"), 409);
    assert_eq!(post("applications/7/disable", "on=1"), 404);
    let page = String::from_utf8(ask(&server, "GET", "/console/faults", &cookie, "").body).unwrap();
    assert!(!page.contains("class=\"banner\""), "{page}");
    assert_eq!(post(&format!("faults/signing?app={APP}"), "mode=off"), 200);
    let page = String::from_utf8(ask(&server, "GET", "/console/faults", &cookie, "").body).unwrap();
    assert!(page.contains("class=\"banner\""), "{page}");
}
