//! HTTPS: the same replies as over HTTP, in both versions of HTTP, whose certificate is shown, and what a client that misbehaves in TLS can
//! do. The clients are curl and openssl, so that nothing of the server's own TLS is on both sides.

mod http2;

use self::http2::{GOAWAY, HEADERS, Http2, RST_STREAM};
use crate::cli::cubby_with;
use crate::support::{APP, KEY, Server, query, request};
use serde_json::json;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

/// A server of HTTP and HTTPS with a local authority, and the file of its certificate.
pub fn server(more: &[&str]) -> (Server, PathBuf) {
    let app = format!("{APP}:{KEY}:ultimate");
    let usual = ["--app", app.as_str(), "--call-rate", "0", "--tls-self-signed", "--tls-listen", "127.0.0.1:0"];
    let server = Server::start_with(&[&usual, more].concat());
    let ca = server.directory.path().join("ca.pem");
    let (data, out) = (server.data(), ca.to_str().unwrap());
    cubby_with(Path::new("/"), &[], "", &["ca", "export", "--data-dir", data.to_str().unwrap(), "--out", out]).good();
    (server, ca)
}

fn https_port(server: &Server) -> u16 {
    server.https_port.expect("a second line in the port file")
}

/// A reply that curl printed.
#[derive(Debug, PartialEq, Eq)]
pub struct Curled {
    version: String,
    status: String,
    /// Without `date`, which differs.
    headers: Vec<String>,
    pub body: String,
}

impl Curled {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// Runs curl; its exit status where it fails.
fn curl(arguments: &[&str]) -> Result<Curled, i32> {
    let run = Command::new("curl").args(["-sS", "-i", "--max-time", "30"]).args(arguments).output().unwrap();
    if !run.status.success() {
        return Err(run.status.code().unwrap());
    }
    let text = String::from_utf8(run.stdout).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let (version, rest) = lines.next().unwrap().split_once(' ').unwrap();
    let mut headers: Vec<String> = lines.map(str::to_lowercase).filter(|line| !line.starts_with("date:")).collect();
    headers.sort();
    let status = rest.split(' ').next().unwrap().to_owned();
    Ok(Curled { version: version.to_owned(), status, headers, body: body.to_owned() })
}

/// A call over HTTPS to a host name of the API, which is resolved to the server.
pub fn over_https(
    server: &Server,
    ca: &Path,
    host: &str,
    version: &str,
    target: &str,
    more: &[&str],
) -> Result<Curled, i32> {
    let port = https_port(server);
    let (resolve, url) = (format!("{host}:{port}:127.0.0.1"), format!("https://{host}:{port}{target}"));
    let usual = [version, "--cacert", ca.to_str().unwrap(), "--resolve", &resolve, &url];
    curl(&[&usual, more].concat())
}

#[test]
fn r_100_replies_are_the_same_over_https_in_both_versions_of_http_as_over_http() {
    let (server, ca) = server(&[]);
    server.import(&["alice", "bob"]);
    let signed = |command: &str| format!("/v4/{command}?{}", query());
    let targets = [
        (signed("recentcontact/get_contact_group"), r#"{"From_Account":"alice"}"#),
        (signed("recentcontact/get_contact_group"), r#"{"From_Account":"nobody"}"#),
        (signed("im_open_login_svc/account_check"), r#"{"CheckItem":[{"UserID":"bob"},{"UserID":"eve"}]}"#),
        (signed("recentcontact/mark_contact"), "{"),
        ("/v4/recentcontact/none?sdkappid=1".to_owned(), "{}"),
        ("/v4/recentcontact/mark_contact".to_owned(), "{}"),
        ("/health".to_owned(), ""),
        ("/ready".to_owned(), ""),
    ];
    for (target, body) in &targets {
        let plain = curl(&[&format!("http://127.0.0.1:{}{target}", server.port), "-d", body]).unwrap();
        assert_eq!(plain.header("server").unwrap(), concat!("cubby/", env!("CARGO_PKG_VERSION")));
        for (version, wanted) in [("--http1.1", "HTTP/1.1"), ("--http2", "HTTP/2")] {
            let tls = over_https(&server, &ca, "console.tim.qq.com", version, target, &["-d", body]).unwrap();
            assert_eq!((tls.version.as_str(), &tls.status), (wanted, &plain.status), "{target}");
            assert_eq!((&tls.headers, &tls.body), (&plain.headers, &plain.body), "{target} by {wanted}");
        }
    }
}

#[test]
fn over_http_2_many_requests_of_one_connection_are_answered() {
    let (server, ca) = server(&[]);
    let (port, query) = (https_port(&server), query());
    let url = format!("https://localhost:{port}/v4/im_open_login_svc/account_import?{query}");
    let mut arguments = vec!["--http2".to_owned(), "--parallel".to_owned(), "-sS".to_owned()];
    for number in 0..50 {
        let next = (number > 0).then_some("--next".to_owned());
        let each = ["--cacert", ca.to_str().unwrap(), "-w", "%{http_version} %{num_connects}\n", "-o"];
        let out = server.directory.path().join(format!("reply-{number}")).display().to_string();
        arguments.extend(next.into_iter().chain(each.map(str::to_owned)).chain([out]));
        arguments.extend(["-d".to_owned(), format!(r#"{{"UserID":"u{number}"}}"#), url.clone()]);
    }
    let run = Command::new("curl").args(&arguments).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let ids: Vec<_> = (0..50).map(|number| json!({"UserID": format!("u{number}")})).collect();
    let checked = server.call("im_open_login_svc/account_check", &json!({"CheckItem": ids}));
    let imported = |item: &serde_json::Value| item["AccountStatus"] == "Imported";
    assert!(checked["ResultItem"].as_array().unwrap().iter().all(imported), "{checked}");
    let told = String::from_utf8(run.stdout).unwrap();
    assert!(told.lines().count() == 50 && told.lines().all(|line| line.starts_with("2 ")), "{told}");
    let connections: u32 = told.lines().map(|line| line.trim_start_matches("2 ").parse::<u32>().unwrap()).sum();
    assert!(connections < 50, "some requests shared a connection: {told}");
}

#[test]
fn a_live_reply_over_http_2_outlasts_the_time_that_a_connection_may_be_idle() {
    let config = "[bounds.server]\nhead_within = \"2s\"\nbody_within = \"2s\"\n";
    let directory = tempfile::TempDir::new().unwrap();
    let file = directory.path().join("cubby.toml");
    std::fs::write(&file, config).unwrap();
    let (server, ca) = server(&["--emulator", "--config", file.to_str().unwrap()]);
    let url = format!("https://localhost:{}/admin/v1/apps/{APP}/calls/live", https_port(&server));
    let arguments = ["-sSN", "--http2", "--max-time", "60", "--cacert", ca.to_str().unwrap(), &url];
    let mut follower = Command::new("curl").args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    // More often than a connection may be idle, and for longer than that and the time in which it would end.
    for _ in 0..25 {
        server.import(&["a"]);
        std::thread::sleep(Duration::from_millis(200));
    }
    server.call("im_open_login_svc/account_check", &json!({"CheckItem": [{"UserID": "a"}]}));
    let lines = BufReader::new(follower.stdout.take().unwrap()).lines();
    let mut calls = lines.filter(|line| line.as_ref().unwrap().starts_with("data: "));
    assert!(calls.any(|call| call.unwrap().contains("account_check")), "the reply ended before its end");
    follower.kill().unwrap();
    follower.wait().unwrap();
}

#[test]
fn r_101_over_http_2_a_body_that_is_too_large_ends_its_own_request_alone() {
    let (server, ca) = server(&[]);
    server.import(&["alice"]);
    let target = format!("/v4/recentcontact/get_contact_group?{}", query());
    let large = server.directory.path().join("large");
    std::fs::write(&large, vec![b' '; (1 << 20) + 1]).unwrap();
    let body = format!("@{}", large.display());
    let reply = over_https(&server, &ca, "localhost", "--http2", &target, &["--data-binary", &body]).unwrap();
    assert!(reply.body.contains("60003"), "{reply:?}");
    let mut client = Http2::open(&server, &ca);
    client.head(1, &target, &[("content-length", &((4 << 20) + 1).to_string())]);
    client.data(1, b"{", false);
    assert!(client.body(1).contains("60003"));
    client.head(3, &target, &[]);
    client.data(3, br#"{"From_Account":"alice"}"#, true);
    assert!(client.body(3).contains("\"ErrorCode\":0"));
}

#[test]
fn over_http_2_a_long_request_line_is_taken_and_a_head_beyond_its_bound_is_not() {
    let (server, ca) = server(&[]);
    let long = format!("/v4/recentcontact/none?x={}", "x".repeat(15 << 10));
    assert!(over_https(&server, &ca, "localhost", "--http2", &long, &[]).unwrap().body.contains("60009"));
    let mut client = Http2::open(&server, &ca);
    client.head(1, "/health", &[("x-long", &"x".repeat(66_000))]);
    let refused = client.until(|frame| frame.stream == 1 && matches!(frame.kind, HEADERS | RST_STREAM));
    // 431 in the letters of HPACK.
    let status = [0x83, 0x69, 0x90, 0xff];
    let last = refused.last().unwrap();
    assert!(last.kind == RST_STREAM || last.payload.windows(4).any(|four| four == status), "{last:?}");
    client.head(3, "/health", &[]);
    client.data(3, b"", true);
    assert!(client.body(3).contains("\"ok\""));
}

/// curl's exit status for it.
const NOT_TRUSTED: i32 = 60;

#[test]
fn clients_that_trust_the_local_authority_reach_every_name_of_the_api_and_others_refuse_it() {
    let (server, ca) = server(&[]);
    let health =
        |ca: &Path, host: &str| over_https(&server, ca, host, "--http1.1", "/health", &[]).map(|reply| reply.status);
    for host in [
        "localhost",
        "console.tim.qq.com",
        "adminapi.my-imcloud.com",
        "adminapisgp.im.qcloud.com",
        "adminapiksa.im.qcloud.com",
    ] {
        assert_eq!(health(&ca, host), Ok("200".to_owned()), "{host}");
    }
    let port = https_port(&server);
    let by_address = curl(&["--cacert", ca.to_str().unwrap(), &format!("https://127.0.0.1:{port}/health")]);
    assert_eq!(by_address.unwrap().status, "200");
    assert_eq!(health(&ca, "www.example.com"), Err(NOT_TRUSTED));
    let (_other, other_ca) = self::server(&[]);
    assert_eq!(health(&other_ca, "localhost"), Err(NOT_TRUSTED));
    assert_eq!(curl(&[&format!("https://localhost:{port}/health")]), Err(NOT_TRUSTED));
}

#[test]
fn the_local_authority_stays_the_same_and_is_there_before_a_server_and_beside_one() {
    let (mut server, ca) = server(&[]);
    let exported = std::fs::read_to_string(&ca).unwrap();
    assert!(exported.starts_with("-----BEGIN CERTIFICATE-----") && !exported.contains("PRIVATE"));
    assert!(server.stop().success());
    server.start_again();
    assert_eq!(over_https(&server, &ca, "localhost", "--http2", "/health", &[]).unwrap().status, "200");
    let directory = tempfile::TempDir::new().unwrap();
    let printed = || cubby_with(directory.path(), &[], "", &["ca", "export", "--data-dir", "new"]).good();
    assert_eq!(printed(), printed());
    assert!(printed().starts_with("-----BEGIN CERTIFICATE-----"));
    let why = cubby_with(directory.path(), &[("CUBBY_STORE", "memory:")], "", &["ca", "export"]).bad(1);
    assert!(why.contains("--tls-ca-file"), "{why}");
    let app = format!("{APP}:{KEY}");
    let file = directory.path().join("ca.pem");
    let in_memory = Server::start_with(&[
        "--in-memory",
        "--app",
        &app,
        "--tls-self-signed",
        "--tls-listen",
        "127.0.0.1:0",
        "--tls-ca-file",
        file.to_str().unwrap(),
    ]);
    assert_eq!(over_https(&in_memory, &file, "localhost", "--http2", "/ready", &[]).unwrap().status, "200");
}

/// A certificate that signs itself, for localhost, and its key.
fn pair(directory: &Path, name: &str) -> (PathBuf, PathBuf) {
    let (cert, key) = (directory.join(format!("{name}.pem")), directory.join(format!("{name}-key.pem")));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
        .args(["-subj", &format!("/CN={name}"), "-addext", "subjectAltName=DNS:localhost"])
        .args(["-keyout", key.to_str().unwrap(), "-out", cert.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (cert, key)
}

/// Waits until something is so; the test fails where it never is.
fn until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..600 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{what}");
}

#[test]
fn a_changed_certificate_is_shown_without_a_restart_and_a_broken_one_is_not() {
    let directory = tempfile::TempDir::new().unwrap();
    let (one, one_key) = pair(directory.path(), "one");
    let (other, other_key) = pair(directory.path(), "other");
    let (cert, key) = (directory.path().join("cert.pem"), directory.path().join("key.pem"));
    let copy = |from: &Path, to: &Path| std::fs::write(to, std::fs::read(from).unwrap()).unwrap();
    copy(&one, &cert);
    copy(&one_key, &key);
    let app = format!("{APP}:{KEY}");
    let (cert_text, key_text) = (cert.to_str().unwrap(), key.to_str().unwrap());
    let flags = ["--app", &app, "--tls-cert", cert_text, "--tls-key", key_text, "--tls-listen", "127.0.0.1:0"];
    let server = Server::start_with(&flags);
    let trusted_by = |ca: &Path| over_https(&server, ca, "localhost", "--http2", "/health", &[]).is_ok();
    let logged = |word: &str| std::fs::read_to_string(server.log()).unwrap().contains(word);
    assert!(trusted_by(&one) && !trusted_by(&other));
    // The key of another.
    copy(&other_key, &key);
    until("the mismatch is logged", || logged("was not replaced"));
    assert!(trusted_by(&one), "the old pair is shown still");
    copy(&other, &cert);
    until("the other pair is shown", || trusted_by(&other));
    assert!(!trusted_by(&one));
    std::fs::write(&cert, "-----BEGIN CERTIFICATE-----\nAAAA").unwrap();
    until("the broken file is logged", || logged("cert.pem"));
    assert!(trusted_by(&other));
    copy(&one, &cert);
    copy(&one_key, &key);
    until("the first pair is shown again", || trusted_by(&one));
}

#[test]
fn what_cannot_be_served_is_told_with_its_flag_and_nothing_is_started() {
    let directory = tempfile::TempDir::new().unwrap();
    let (cert, key) = pair(directory.path(), "one");
    let (_, other_key) = pair(directory.path(), "other");
    let text = |path: &PathBuf| path.to_str().unwrap().to_owned();
    let (cert, key, other_key) = (text(&cert), text(&key), text(&other_key));
    let serve = |more: &[&str]| {
        let usual = ["serve", "--in-memory", "--listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0"];
        let environment = [("CUBBY_LOG_FILTER", "off")];
        cubby_with(directory.path(), &environment, "", &[&usual, more].concat()).bad(1)
    };
    for (flags, says) in [
        (&[][..], "--tls-listen needs a certificate: --tls-self-signed, or --tls-cert and --tls-key"),
        (&["--tls-cert", &cert], "--tls-cert needs --tls-key"),
        (&["--tls-key", &key], "--tls-key needs --tls-cert"),
        (&["--tls-self-signed", "--tls-cert", &cert, "--tls-key", &key], "exclude each other"),
        (&["--tls-cert", "missing", "--tls-key", &key], "--tls-cert missing: No such file"),
        (&["--tls-cert", &cert, "--tls-key", "missing"], "--tls-key missing: No such file"),
        (&["--tls-cert", &key, "--tls-key", &key], "there is no certificate in it"),
        (&["--tls-cert", &cert, "--tls-key", &cert], "there is no private key in it"),
        (&["--tls-cert", &cert, "--tls-key", &other_key], "--tls-cert and --tls-key: "),
        (&["--tls-self-signed", "--tls-ca-file", "no/such/folder"], "--tls-ca-file no/such/folder: "),
    ] {
        let why = serve(flags);
        assert!(why.contains(says), "{flags:?}: {why}");
    }
}

#[test]
fn a_handshake_that_never_ends_holds_up_nobody() {
    let directory = tempfile::TempDir::new().unwrap();
    let config = directory.path().join("c.toml");
    std::fs::write(&config, "bounds.server.handshake_within = \"300ms\"\nbounds.server.connections = 20").unwrap();
    let (mut server, ca) = server(&["--config", config.to_str().unwrap()]);
    let address = ("127.0.0.1", https_port(&server));
    // More than there may be connections: one that is silent, one that sends half of a record, one that speaks no TLS.
    let mut silent = Vec::new();
    for number in 0..30 {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let bytes: &[u8] = [&b""[..], b"\x16\x03\x01\x02\x00\x01", b"GET /health HTTP/1.1\r\n\r\n"][number % 3];
        drop(stream.write_all(bytes));
        silent.push(stream);
    }
    assert_eq!(over_https(&server, &ca, "localhost", "--http2", "/health", &[]).unwrap().status, "200");
    assert_eq!(server.send(&request("GET", "/health", b"")).status, 200);
    for stream in &mut silent {
        // Closed or reset, within the time-out of the read.
        let mut rest = Vec::new();
        if let Err(error) = stream.read_to_end(&mut rest) {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        }
    }
    let _half = std::net::TcpStream::connect(address).unwrap();
    assert!(server.stop().success());
}

/// A TLS connection that openssl keeps open, over which bytes are sent as they are.
struct Tls {
    process: Child,
    input: ChildStdin,
}

impl Tls {
    fn open(server: &Server, ca: &Path, protocol: &str) -> Self {
        let mut command = Command::new("openssl");
        command.args(["s_client", "-quiet", "-verify_return_error", "-alpn", protocol, "-CAfile"]).arg(ca);
        command.args(["-connect", &format!("127.0.0.1:{}", https_port(server)), "-servername", "localhost"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        let input = process.stdin.take().unwrap();
        Self { process, input }
    }

    /// The bytes that come until the server ends the connection.
    fn rest(mut self) -> String {
        let mut text = String::new();
        self.process.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        self.process.wait().unwrap();
        drop(self.input);
        text
    }

    /// The bytes that come, up to and with these.
    fn until(&mut self, end: &str) -> String {
        let (out, mut text) = (self.process.stdout.as_mut().unwrap(), Vec::new());
        while !text.ends_with(end.as_bytes()) {
            let mut byte = [0];
            assert_eq!(out.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&text));
            text.push(byte[0]);
        }
        String::from_utf8(text).unwrap()
    }
}

#[test]
fn a_request_in_hand_over_https_is_answered_before_the_server_ends() {
    let (mut server, ca) = server(&[]);
    let body = r#"{"UserID":"u"}"#;
    let target = format!("/v4/im_open_login_svc/account_import?{}", query());
    let head =
        format!("POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n", body.len());
    let mut in_hand = Tls::open(&server, &ca, "http/1.1");
    in_hand.input.write_all(head.as_bytes()).unwrap();
    assert!(in_hand.until("\r\n\r\n").starts_with("HTTP/1.1 100"));
    let mut idle = Tls::open(&server, &ca, "http/1.1");
    idle.input.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    assert!(idle.until("\r\n\r\n").starts_with("HTTP/1.1 200"));
    let sent = Command::new("kill").arg("-TERM").arg(server.pid().to_string()).status().unwrap();
    assert!(sent.success());
    assert!(idle.rest().contains("\"ok\""));
    in_hand.input.write_all(body.as_bytes()).unwrap();
    assert!(in_hand.rest().contains("\"ErrorCode\":0"));
    assert!(server.ended().success());
}

#[test]
fn a_request_in_hand_over_http_2_is_answered_before_the_server_ends() {
    let (mut server, ca) = server(&[]);
    let mut client = Http2::open(&server, &ca);
    client.head(1, &format!("/v4/im_open_login_svc/account_import?{}", query()), &[]);
    client.data(1, br#"{"UserID":"#, false);
    client.settle();
    let sent = Command::new("kill").arg("-TERM").arg(server.pid().to_string()).status().unwrap();
    assert!(sent.success());
    client.until(|frame| frame.kind == GOAWAY);
    client.data(1, br#""u"}"#, true);
    assert!(client.body(1).contains("\"ErrorCode\":0"));
    while client.frame().is_some() {}
    assert!(server.ended().success());
}

#[test]
fn a_request_that_its_client_gave_up_holds_up_nothing() {
    let (mut server, ca) = server(&[]);
    let mut client = Http2::open(&server, &ca);
    let target = format!("/v4/im_open_login_svc/account_import?{}", query());
    for stream in (1..20).step_by(2) {
        client.head(stream, &target, &[]);
        client.data(stream, br#"{"UserID":"u"}"#, true);
        client.give_up(stream);
    }
    client.settle();
    assert!(server.stop().success());
    let log = std::fs::read_to_string(server.log()).unwrap();
    assert!(log.contains("stopped") && !log.contains("cut off"), "{log}");
}

#[test]
fn more_requests_at_once_than_a_connection_of_http_2_may_have_are_refused() {
    let directory = tempfile::TempDir::new().unwrap();
    let config = directory.path().join("c.toml");
    std::fs::write(&config, "bounds.server.streams = 2").unwrap();
    let (server, ca) = server(&["--config", config.to_str().unwrap()]);
    let mut client = Http2::open(&server, &ca);
    for stream in [1, 3, 5] {
        client.head(stream, "/health", &[]);
    }
    let last = client.until(|frame| frame.kind == RST_STREAM).pop().unwrap();
    assert_eq!((last.stream, last.payload.as_slice()), (5, &[0, 0, 0, 7][..]), "REFUSED_STREAM");
}

#[test]
fn a_silent_connection_of_http_2_is_closed() {
    let directory = tempfile::TempDir::new().unwrap();
    let config = directory.path().join("c.toml");
    let bounds = "[bounds.server]\nhead_within = \"300ms\"\nbody_within = \"300ms\"";
    std::fs::write(&config, bounds).unwrap();
    let (server, ca) = server(&["--config", config.to_str().unwrap()]);
    let mut client = Http2::open(&server, &ca);
    client.until(|frame| frame.kind == GOAWAY);
    while client.frame().is_some() {}
}
