//! `cubby doctor`: where names lead, whether certificates are trusted, whether clock and key are right. Names are resolved by `--resolve`,
//! so that no test asks a name server, and a public address is never connected to.

use crate::cli::{Ran, cubby_with};
use crate::support::{APP, KEY, Server};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;

/// A server of HTTP and HTTPS with a local authority.
fn server() -> Server {
    let app = format!("{APP}:{KEY}:ultimate");
    Server::start_with(&["--app", &app, "--tls-self-signed", "--tls-listen", "127.0.0.1:0"])
}

fn ca(server: &Server) -> String {
    server.data().join("tls/ca.pem").to_str().unwrap().to_owned()
}

/// Runs it with this file as the system's trust store.
fn doctor(trusted: &str, arguments: &[&str]) -> Ran {
    cubby_with(Path::new("/"), &[("SSL_CERT_FILE", trusted)], "", &[&["doctor", "--json"], arguments].concat())
}

/// What was found of one thing: the verdict, and what is said.
fn found(ran: &Ran, what: &str) -> (String, String) {
    let report: Value = serde_json::from_str(&ran.out).unwrap_or_else(|why| panic!("{why}: {} {}", ran.out, ran.err));
    let findings = report["findings"].as_array().unwrap().clone();
    assert_eq!(report["ok"], json!(ran.status == 0), "{report}");
    let one = findings.iter().find(|one| one["what"] == what).unwrap_or_else(|| panic!("{what} in {report}"));
    (one["verdict"].as_str().unwrap().to_owned(), one["says"].as_str().unwrap().to_owned())
}

const HOST: &str = "console.tim.qq.com";

#[test]
fn nothing_is_wrong_where_a_name_leads_here_and_all_is_trusted() {
    let server = server();
    let (port, url) =
        (server.https_port.unwrap().to_string(), format!("https://localhost:{}", server.https_port.unwrap()));
    let (app, data) = (APP.to_string(), server.data().to_str().unwrap().to_owned());
    let arguments = [
        "--host",
        HOST,
        "--resolve",
        "console.tim.qq.com:127.0.0.1",
        "--port",
        &port,
        "--data-dir",
        &data,
        "--base-url",
        &url,
        "--sdkappid",
        &app,
        "--key",
        KEY,
    ];
    let ran = doctor(&ca(&server), &arguments);
    for (what, says) in [
        (HOST, "leads to 127.0.0.1"),
        ("authority", "is trusted by this system"),
        ("server", concat!("cubby/", env!("CARGO_PKG_VERSION"))),
        ("certificate", "trusted by this system"),
        ("clock", "agree within 60 seconds"),
        ("key", "takes a UserSig of \"administrator\""),
    ] {
        let (verdict, said) = found(&ran, what);
        assert!(verdict == "ok" && said.contains(says), "{what}: {verdict}: {said}");
    }
    assert_eq!(ran.status, 0);
    let text =
        cubby_with(Path::new("/"), &[("SSL_CERT_FILE", &ca(&server))], "", &[&["doctor"], &arguments[..]].concat());
    assert!(text.good().ends_with("Nothing is wrong.\n"));
}

#[test]
fn a_name_that_leads_to_production_is_told_loudly_and_not_connected_to() {
    let server = server();
    let url = format!("http://127.0.0.1:{}", server.port);
    // An address for documents, which nothing has.
    let public = "console.tim.qq.com:203.0.113.7";
    let ran = doctor("/dev/null", &["--host", HOST, "--resolve", public, "--base-url", &url]);
    let (verdict, says) = found(&ran, HOST);
    assert!(verdict == "production" && says.contains("203.0.113.7, a public address"), "{verdict}: {says}");
    assert_eq!(ran.status, 1);
    let arguments = ["doctor", "--host", HOST, "--resolve", public, "--base-url", &url];
    let text = cubby_with(Path::new("/"), &[], "", &arguments);
    assert!(
        text.status == 1 && text.out.contains("PRODUCTION") && text.out.contains("REACH THE VENDOR'S"),
        "{}",
        text.out
    );
    // Beside an address here, one of the two may be taken.
    let both = ["--host", HOST, "--resolve", "console.tim.qq.com:127.0.0.1", "--resolve", public, "--base-url", &url];
    assert_eq!(found(&doctor("/dev/null", &both), HOST).0, "production");
    let ran =
        doctor("/dev/null", &["--host", "localhost", "--resolve", public, "--base-url", "https://console.tim.qq.com"]);
    assert_eq!(found(&ran, "server").0, "production");
}

#[test]
fn what_is_wrong_with_a_name_is_told() {
    let server = server();
    let port = server.https_port.unwrap().to_string();
    let url = format!("http://127.0.0.1:{}", server.port);
    let local = "console.tim.qq.com:127.0.0.1";
    let at = |port: &str, trusted: &str| {
        let ran = doctor(trusted, &["--host", HOST, "--resolve", local, "--port", port, "--base-url", &url]);
        assert_eq!(ran.status, 1);
        found(&ran, HOST)
    };
    let other = self::server();
    for trusted in ["/dev/null", &ca(&other)] {
        let (verdict, says) = at(&port, trusted);
        assert!(
            verdict == "wrong" && says.contains("cubby/") && says.contains("not trusted here"),
            "{verdict}: {says}"
        );
    }
    let (verdict, says) = at("1", "/dev/null");
    assert!(verdict == "wrong" && says.contains("nothing answers"), "{verdict}: {says}");
    let (verdict, says) = at(&server.port.to_string(), "/dev/null");
    assert!(verdict == "wrong" && says.contains("does not answer HTTPS"), "{verdict}: {says}");
    let data = server.data().to_str().unwrap().to_owned();
    let arguments = ["--host", HOST, "--resolve", local, "--data-dir", &data, "--base-url", &url];
    let (verdict, says) = found(&doctor(&ca(&other), &arguments), "authority");
    assert!(verdict == "wrong" && says.contains("cubby ca export"), "{verdict}: {says}");
}

#[test]
fn a_wrong_key_is_told_and_none_is_sent_where_the_server_is_not_trusted() {
    let server = server();
    let (https, app) = (format!("https://localhost:{}", server.https_port.unwrap()), APP.to_string());
    let with = |trusted: &str, url: &str, key: &str| {
        let arguments = ["--host", "localhost", "--base-url", url, "--sdkappid", &app, "--key", key];
        doctor(trusted, &arguments)
    };
    let (verdict, says) = found(&with(&ca(&server), &https, "another"), "key");
    assert!(verdict == "wrong" && says.contains("70009"), "{verdict}: {says}");
    let untrusted = with("/dev/null", &https, KEY);
    assert_eq!(found(&untrusted, "certificate").0, "wrong");
    assert_eq!(found(&untrusted, "key").0, "skipped");
    let (verdict, says) = found(&with("/dev/null", "http://127.0.0.1:1", KEY), "server");
    assert!(verdict == "wrong" && says.contains("no connection"), "{verdict}: {says}");
}

#[test]
fn another_server_and_a_clock_that_is_wrong_are_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answering = std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        while !stream_ends_head(&mut stream) {}
        let head =
            "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Mon, 25 Nov 2024 00:00:00 GMT\r\nContent-Length: 2\r\n\r\n{}";
        stream.write_all(head.as_bytes()).unwrap();
    });
    let app = APP.to_string();
    let arguments = ["--host", "localhost", "--base-url", &url, "--sdkappid", &app, "--key", KEY];
    let ran = doctor("/dev/null", &arguments);
    answering.join().unwrap();
    assert_eq!(found(&ran, "server"), ("wrong".to_owned(), format!("{url}: nginx")));
    let (verdict, says) = found(&ran, "clock");
    assert!(verdict == "wrong" && says.contains("seconds behind this machine's"), "{verdict}: {says}");
    assert_eq!(found(&ran, "key").0, "skipped");
}

/// Reads a byte of a request; whether its head has ended with it.
fn stream_ends_head(stream: &mut std::net::TcpStream) -> bool {
    let mut byte = [0];
    stream.read_exact(&mut byte).unwrap();
    // A request without a body ends in a blank line, of which the second line feed is read here.
    byte[0] == b'\n' && {
        let mut two = [0; 2];
        stream.peek(&mut two).unwrap() == 2 && two == *b"\r\n"
    }
}

#[test]
fn calls_and_health_checks_go_over_https_to_a_server_that_is_trusted_alone() {
    let server = server();
    let url = format!("https://localhost:{}", server.https_port.unwrap());
    let (app, ca) = (APP.to_string(), ca(&server));
    let call = |trusted: &str| {
        let environment =
            [("SSL_CERT_FILE", trusted), ("CUBBY_URL", &url), ("CUBBY_SDKAPPID", &app), ("CUBBY_KEY", KEY)];
        cubby_with(Path::new("/"), &environment, "", &["call", "im_open_login_svc/account_import", r#"{"UserID":"u"}"#])
    };
    assert!(call(&ca).good().contains("\"ErrorCode\":0"));
    assert!(call("/dev/null").bad(2).contains("trusts no root"));
    let other = self::server();
    let why = call(&self::ca(&other)).bad(2);
    assert!(why.contains("certificate"), "{why}");
    let health = cubby_with(Path::new("/"), &[("SSL_CERT_FILE", &ca)], "", &["health", "--url", &url]);
    assert!(health.good().contains("\"ok\""));
}
