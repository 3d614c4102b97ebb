//! The record of calls (R-122): what is kept and what is masked, filtered, followed, explained, and made again.

use super::{TOKEN, call_of, emulator, fault, of, post, query_of, refused, request, server, told};
use crate::support::{self, APP, KEY, Server, now, read_head};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

const IMPORT: &str = "im_open_login_svc/account_import";
const CHECK: &str = "im_open_login_svc/account_check";

fn import(server: &Server, user: &str) {
    assert_eq!(post(server, IMPORT, &json!({"UserID": user}))["ErrorCode"], 0);
}

fn listed(server: &Server, query: &str) -> Vec<u64> {
    let all = told(server, "GET", &of(&format!("calls{query}")), &json!({}));
    all.as_array().unwrap().iter().map(|one| one["id"].as_u64().unwrap()).collect()
}

#[test]
fn r_122_an_emulator_records_every_call_and_another_server_those_that_it_was_asked_for() {
    let server = server(&["--in-memory"]);
    import(&server, "a");
    assert_eq!(listed(&server, ""), [0; 0]);
    assert_eq!(told(&server, "PUT", &of("recording"), &json!({"record": true})), json!({"record": true}));
    import(&server, "b");
    assert_eq!(listed(&server, ""), [1]);
    told(&server, "PUT", &of("recording"), &json!({"record": false}));
    import(&server, "c");
    assert_eq!(listed(&server, ""), [1]);
    refused(&server, "PUT", &of("recording"), &json!({"record": "on"}), 400);
    refused(&server, "PUT", &of("recording"), &json!({}), 400);

    let server = emulator();
    import(&server, "a");
    assert_eq!(listed(&server, ""), [1]);
    told(&server, "DELETE", &of("calls"), &json!({}));
    import(&server, "b");
    // Numbers are not given again.
    assert_eq!(listed(&server, ""), [2]);
}

#[test]
fn r_122_no_signature_and_no_key_is_in_the_record() {
    let server = emulator();
    let query = query_of(APP, KEY, now());
    let signature = query.split("usersig=").nth(1).unwrap().split('&').next().unwrap();
    let body = json!({"UserID": "a"}).to_string();
    server.post_with(IMPORT, &query, body.as_bytes());
    let escaped = signature.replace('*', "%2A").replace('-', "%2D");
    let other = query.replace(signature, &escaped);
    server.post_with(IMPORT, &other, body.as_bytes());
    // Nor is one that is refused.
    server.post_with(IMPORT, &query.replace("random", "usersig"), body.as_bytes());
    for path in ["calls", "calls/1", "calls/2", "calls/3", "calls/1/scenario"] {
        let text = told(&server, "GET", &of(path), &json!({})).to_string();
        assert!(!text.contains(signature) && !text.contains(&escaped) && !text.contains(KEY), "{path}: {text}");
    }
    let detail = told(&server, "GET", &of("calls/1"), &json!({}));
    assert_eq!((&detail["request"], &detail["method"]), (&json!(body), &json!("POST")));
    assert_eq!(detail["reply"], r#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#);
    assert!(
        detail["query"].as_str().unwrap().starts_with(&format!("sdkappid={APP}&identifier=administrator&usersig="))
    );
}

#[test]
fn calls_are_filtered_and_come_in_pages() {
    let server = emulator();
    import(&server, "alice");
    post(&server, CHECK, &json!({}));
    import(&server, "bob");
    fault(&server, &json!({"first": 1, "error_code": 70500}));
    post(&server, IMPORT, &json!({"UserID": "carol"}));
    assert_eq!(listed(&server, ""), [4, 3, 2, 1]);
    for (query, wanted) in [
        (format!("?command={IMPORT}"), vec![4, 3, 1]),
        (format!("?command={CHECK}"), vec![2]),
        ("?code=70500".to_owned(), vec![4]),
        ("?code=0".to_owned(), vec![3, 1]),
        ("?failed=true".to_owned(), vec![4, 2]),
        ("?failed=true&code=70402".to_owned(), vec![2]),
        ("?text=bob".to_owned(), vec![3]),
        ("?text=account_check".to_owned(), vec![2]),
        ("?limit=2".to_owned(), vec![4, 3]),
        ("?limit=2&before=3".to_owned(), vec![2, 1]),
        ("?command=none".to_owned(), vec![]),
    ] {
        assert_eq!(listed(&server, &query), wanted, "{query}");
    }
    let all = told(&server, "GET", &of("calls"), &json!({}));
    assert_eq!((&all[0]["fault"], &all[0]["code"], &all[1]["fault"]), (&json!(1), &json!(70500), &Value::Null));
    for (query, says) in
        [("?code=x", "code"), ("?failed=perhaps", "failed"), ("?limit=-1", "limit"), ("?before=x", "before")]
    {
        let why = refused(&server, "GET", &of(&format!("calls{query}")), &json!({}), 400);
        assert!(why.contains(says), "{query}: {why}");
    }
    refused(&server, "GET", &of("calls/99"), &json!({}), 404);
    refused(&server, "GET", &of("calls/x"), &json!({}), 400);
}

#[test]
fn r_122_the_newest_calls_are_kept_within_their_number() {
    let server = emulator();
    let mut stream = server.connect();
    let target = format!("/v4/{CHECK}?{}", query_of(APP, KEY, now()));
    let call = support::request("POST", &target, b"{}");
    for _ in 0..510 {
        support::exchange(&mut stream, &call);
    }
    let kept = listed(&server, "?limit=1000");
    assert_eq!((kept.len(), kept.first(), kept.last()), (500, Some(&510), Some(&11)));
}

#[test]
fn r_122_the_newest_calls_are_kept_within_their_bytes() {
    let server = emulator();
    let body = json!({"UserID": "a", "Nick": "n".repeat(200_000)}).to_string();
    for _ in 0..80 {
        server.post_with(IMPORT, &query_of(APP, KEY, now()), body.as_bytes());
    }
    // Of each 128 KiB and a little more are kept, and of all together 8 MiB.
    let kept = listed(&server, "?limit=1000");
    assert!((60..64).contains(&kept.len()), "{}", kept.len());
    assert!(kept.iter().rev().copied().eq(80 - kept.len() as u64 + 1..=80), "{kept:?}");
    refused(&server, "GET", &of("calls/1"), &json!({}), 404);
}

#[test]
fn r_122_of_a_large_body_the_beginning_is_kept() {
    let server = emulator();
    let body = json!({"UserID": "a", "Nick": "n".repeat(300_000)}).to_string();
    server.post_with(IMPORT, &query_of(APP, KEY, now()), body.as_bytes());
    let detail = told(&server, "GET", &of("calls/1"), &json!({}));
    assert_eq!((detail["request"].as_str().unwrap().len(), &detail["request_bytes"]), (128 << 10, &json!(body.len())));
    assert!(refused(&server, "GET", &of("calls/1/request"), &json!({}), 409).contains("not kept whole"));
}

#[test]
fn r_122_another_applications_calls_are_its_own_and_strays_are_nobodys() {
    let server = emulator();
    told(&server, "POST", "apps", &json!({"sdkappid": 7, "key": "k"}));
    import(&server, "a");
    call_of(&server, 7, "k", CHECK, &json!({"CheckItem": [{"UserID": "a"}]}));
    let of_seven = told(&server, "GET", "apps/7/calls", &json!({}));
    assert_eq!((of_seven.as_array().unwrap().len(), &of_seven[0]["command"]), (1, &json!(CHECK)));
    assert_eq!(listed(&server, ""), [1]);
    assert_eq!(server.post_with(CHECK, "sdkappid=12345", b"{}").code(), 70020);
    let strays = told(&server, "GET", "calls", &json!({}));
    assert_eq!((strays.as_array().unwrap().len(), &strays[0]["code"]), (1, &json!(70020)));
}

#[test]
fn a_call_is_explained() {
    let server = emulator();
    import(&server, "a");
    post(&server, CHECK, &json!({"CheckItem": {"UserID": "a"}, "CheckItems": []}));
    let detail = told(&server, "GET", &of("calls/2"), &json!({}));
    assert_eq!(detail["ignored"][0]["path"], "CheckItems");
    assert!(detail["tolerated"].as_array().unwrap().iter().any(|one| one["ruling"] == "R-012"), "{detail}");
    post(&server, CHECK, &json!({}));
    let detail = told(&server, "GET", &of("calls/3"), &json!({}));
    assert!(!detail["refused_by"]["why"].as_str().unwrap().is_empty());
    assert!(!detail["refused_by"]["advice"]["zh"].as_str().unwrap().is_empty());
    let steps: BTreeSet<&str> = detail["steps"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(steps, BTreeSet::from(["gate", "body", "decode", "execute", "encode", "delay"]));
}

#[test]
fn a_call_can_be_made_again() {
    let server = emulator();
    import(&server, "a");
    let again = told(&server, "GET", &of("calls/1/request"), &json!({}));
    let text = |name: &str| again[name].as_str().unwrap().to_owned();
    let target = format!("{}?{}", text("path"), text("query"));
    let sent = support::request(&text("method"), &target, text("body").as_bytes());
    assert_eq!(server.send(&sent).code(), 0);
    let curl = told(&server, "GET", &of(&format!("calls/1/curl?url=http://127.0.0.1:{}", server.port)), &json!({}));
    let run = std::process::Command::new("sh").arg("-c").arg(curl["curl"].as_str().unwrap()).output().unwrap();
    let reply = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(reply.contains(r#""ErrorCode":0"#), "{curl} {reply} {}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(listed(&server, ""), [3, 2, 1]);
}

/// Follows the calls; the lines as they come, once the server has answered.
fn follow(server: &Server, query: &str) -> BufReader<TcpStream> {
    let mut stream = server.connect();
    let token = format!("Bearer {TOKEN}");
    let live = request("GET", &of(&format!("calls/live{query}")), &[("Authorization", &token)], b"");
    stream.write_all(&live).unwrap();
    let head = read_head(&mut stream).expect("a head");
    assert_eq!((head.status, head.header("content-type")), (200, Some("text/event-stream")));
    BufReader::new(stream)
}

/// The data of the next event.
fn next(live: &mut BufReader<TcpStream>) -> Value {
    loop {
        let mut text = String::new();
        assert!(live.read_line(&mut text).unwrap() > 0, "it ended");
        if let Some(data) = text.trim_end().strip_prefix("data: ") {
            return serde_json::from_str(data).unwrap();
        }
    }
}

#[test]
fn who_follows_and_does_not_read_holds_up_no_call_and_is_told_of_those_missed() {
    let server = emulator();
    let mut live = follow(&server, "");
    let mut stream = server.connect();
    // As long as paths are kept, so that what waits in the sockets is soon more than they take.
    let call = support::request("POST", &format!("/v4/{}?sdkappid={APP}", "x".repeat(3000)), b"{}");
    for _ in 0..6000 {
        support::exchange(&mut stream, &call);
    }
    let mut text = String::new();
    while text != "event: missed\n" {
        text.clear();
        assert!(live.read_line(&mut text).unwrap() > 0, "it ended");
    }
    assert!(next(&mut live).as_u64().unwrap() > 0);
    // What comes after is heard.
    import(&server, "a");
    while next(&mut live)["command"] != IMPORT {}
}

#[test]
fn r_122_calls_are_followed_live_until_the_server_ends() {
    let mut server = emulator();
    let mut all = follow(&server, "");
    let mut failed = follow(&server, "?failed=true");
    import(&server, "a");
    post(&server, CHECK, &json!({}));
    let (first, second) = (next(&mut all), next(&mut all));
    assert_eq!((&first["id"], &first["command"], &first["code"]), (&json!(1), &json!(IMPORT), &json!(0)));
    assert_eq!((&second["id"], &second["code"]), (&json!(2), &json!(70402)));
    crate::description::check_admin_reply("GET", &of("calls/live"), 200, &first);
    assert_eq!(next(&mut failed)["id"], 2);
    // They do not hold the server up, which would cut off what takes longer than it has and say so.
    assert!(server.stop().success());
    for live in [all, failed] {
        let rest: Vec<String> = live.lines().map_while(Result::ok).collect();
        assert!(rest.iter().all(|line| !line.starts_with("data")), "{rest:?}");
    }
    let log = std::fs::read_to_string(server.log()).unwrap();
    assert!(log.contains("stopped") && !log.contains("cut off"), "{log}");
}
