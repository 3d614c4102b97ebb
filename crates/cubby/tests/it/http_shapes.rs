//! HTTP as published clients speak it, over raw sockets. What a request means is `gate.rs` and the commands' own files.

use crate::support::{Reply, Server, exchange, query, read_head, read_reply, read_until_closed, request};
use serde_json::{Value, json};
use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

const GET: &str = "/v4/recentcontact/get_contact_group";
const CHECK: &str = "/v4/im_open_login_svc/account_check";
const MIB: usize = 1 << 20;

fn server() -> Server {
    let server = Server::start();
    server.import(&["a"]);
    server
}

/// The line and the first header of a signed request.
fn line(method: &str, path: &str, version: &str) -> String {
    format!("{method} {path}?{} HTTP/{version}\r\nHost: test\r\n", query())
}

/// A signed POST of `get_contact_group` for `a`, with these headers beside the usual ones.
fn get(headers: &str) -> Vec<u8> {
    let body = r#"{"From_Account":"a"}"#;
    format!("{}{headers}Content-Length: {}\r\n\r\n{body}", line("POST", GET, "1.1"), body.len()).into()
}

fn check_of(id: &str) -> Vec<u8> {
    request("POST", &format!("{CHECK}?{}", query()), json!({"CheckItem": [{"UserID": id}]}).to_string().as_bytes())
}

fn assert_served(reply: &Reply, what: &str) {
    assert_eq!(reply.status, 200, "{what}");
    assert_eq!(reply.header("content-type"), Some("application/json"), "{what}");
    let whole = json!({"ContactItem": [], "GroupItem": [], "CompleteFlag": 1, "NextStartIndex": 0, "ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "", "ErrorDisplay": ""});
    assert_eq!(reply.json(), whole, "{what}");
}

/// The connection still serves.
fn assert_alive(connection: &mut TcpStream, what: &str) {
    assert_served(&exchange(connection, &get("")), what);
}

#[test]
fn r_002_any_content_type_or_none() {
    let server = server();
    let mut connection = server.connect();
    let kinds = [
        "application/json",
        "application/json; charset=utf-8",
        "application/x-www-form-urlencoded",
        "text/plain;charset=ISO-8859-1",
        "multipart/form-data; boundary=x",
        "*/*",
        "nonsense",
        "",
        "\u{e9}",
    ];
    for kind in kinds {
        let reply = exchange(&mut connection, &get(&format!("Content-Type: {kind}\r\n")));
        assert_served(&reply, kind);
    }
    assert_alive(&mut connection, "none");
}

#[test]
fn r_002_get_with_a_body() {
    let server = server();
    let mut connection = server.connect();
    let body = br#"{"From_Account":"a"}"#;
    assert_served(&exchange(&mut connection, &request("GET", &format!("{GET}?{}", query()), body)), "GET");
    let chunked = format!(
        "{}Transfer-Encoding: chunked\r\n\r\n14\r\n{}\r\n0\r\n\r\n",
        line("GET", GET, "1.1"),
        r#"{"From_Account":"a"}"#
    );
    assert_served(&exchange(&mut connection, chunked.as_bytes()), "GET with chunks");
    let bare = exchange(&mut connection, &request("GET", &format!("{GET}?{}", query()), b""));
    assert_eq!((bare.status, bare.code()), (200, 60003), "GET without a body");
}

#[test]
fn r_002_chunked_bodies_however_they_are_cut() {
    let server = server();
    let mut connection = server.connect();
    let head = format!("{}Transfer-Encoding: chunked\r\n\r\n", line("POST", GET, "1.1"));
    let bodies = [
        ("one chunk", "14\r\n{\"From_Account\":\"a\"}\r\n0\r\n\r\n".to_owned()),
        ("a chunk a byte", {
            let chunks = r#"{"From_Account":"a"}"#.chars().map(|byte| format!("1\r\n{byte}\r\n"));
            chunks.collect::<String>() + "0\r\n\r\n"
        }),
        ("leading zeros and capitals", "000B\r\n{\"From_Acco\r\n009\r\nunt\":\"a\"}\r\n000\r\n\r\n".to_owned()),
        ("extensions", "14;a=b;c=\"d\"\r\n{\"From_Account\":\"a\"}\r\n0;last\r\n\r\n".to_owned()),
        ("trailers", "14\r\n{\"From_Account\":\"a\"}\r\n0\r\nX-Checksum: 1\r\nExpires: never\r\n\r\n".to_owned()),
    ];
    for (what, body) in &bodies {
        assert_served(&exchange(&mut connection, format!("{head}{body}").as_bytes()), what);
    }
    // Split in odd places: each byte of head and body in a packet of its own.
    connection.set_nodelay(true).unwrap();
    for (what, body) in &bodies {
        for byte in format!("{head}{body}").as_bytes() {
            connection.write_all(&[*byte]).unwrap();
        }
        assert_served(&read_reply(&mut connection).unwrap(), what);
    }
    // The body of a refused one is read too.
    let refused = format!("POST /v4/none HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{}", bodies[1].1);
    assert_eq!(exchange(&mut connection, refused.as_bytes()).code(), 60009);
    assert_alive(&mut connection, "after a refused one");
}

#[test]
fn a_chunked_body_that_is_none_is_refused_and_the_connection_closed() {
    let server = server();
    for body in ["zz\r\n{}\r\n0\r\n\r\n", "-1\r\n{}\r\n0\r\n\r\n", "2\r\n{}xx\r\n0\r\n\r\n", "FFFFFFFFFFFFFFFFFF\r\n{}"]
    {
        let mut connection = server.connect();
        let head = format!("{}Transfer-Encoding: chunked\r\n\r\n", line("POST", GET, "1.1"));
        connection.write_all(format!("{head}{body}").as_bytes()).unwrap();
        match read_reply(&mut connection) {
            Some(reply) if reply.status == 200 => assert_eq!(reply.code(), 60003, "{body:?}"),
            Some(reply) => assert_eq!(reply.status, 400, "{body:?}"),
            None => {}
        }
        read_until_closed(&mut connection);
    }
    assert_alive(&mut server.connect(), "another");
}

#[test]
fn r_002_expect_100_continue_is_answered_at_once() {
    let server = server();
    let mut connection = server.connect();
    let head = |path: &str, length: usize| {
        format!("{}Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n", line("POST", path, "1.1"))
    };
    // Given a client that sends its body only when it is told to.
    let go_on = exchange(&mut connection, head(GET, 20).as_bytes());
    assert_eq!((go_on.status, go_on.headers.len()), (100, 0));
    assert_served(&exchange(&mut connection, br#"{"From_Account":"a"}"#), "after 100");
    // A refused one is told at once too, or answered.
    connection.write_all(head("/v4/none", 20).as_bytes()).unwrap();
    let mut first = read_reply(&mut connection).unwrap();
    if first.status == 100 {
        first = exchange(&mut connection, br#"{"From_Account":"a"}"#);
    }
    assert_eq!(first.code(), 60009);
    // One that does not wait for it.
    connection.write_all((head(GET, 20) + r#"{"From_Account":"a"}"#).as_bytes()).unwrap();
    let mut reply = read_reply(&mut connection).unwrap();
    if reply.status == 100 {
        reply = read_reply(&mut connection).unwrap();
    }
    assert_served(&reply, "without waiting");
    assert_alive(&mut connection, "after all");
}

#[test]
fn r_002_upgrade_is_ignored() {
    let server = server();
    let mut connection = server.connect();
    for headers in [
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n",
        "Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
        "Upgrade: h2c\r\n",
    ] {
        assert_served(&exchange(&mut connection, &get(headers)), headers);
    }
    assert_alive(&mut connection, "after all");
}

#[test]
fn r_002_http_1_0_closes_and_keeps_alive_where_asked_to() {
    let server = server();
    let body = r#"{"From_Account":"a"}"#;
    let old = |headers: &str, host: &str| {
        format!("POST {GET}?{} HTTP/1.0\r\n{host}{headers}Content-Length: 20\r\n\r\n{body}", query())
    };
    for host in ["Host: test\r\n", ""] {
        let mut connection = server.connect();
        assert_served(&exchange(&mut connection, old("", host).as_bytes()), "HTTP/1.0");
        assert_eq!(read_until_closed(&mut connection), 0);
    }
    let mut connection = server.connect();
    for _ in 0..3 {
        let reply = exchange(&mut connection, old("Connection: keep-alive\r\n", "").as_bytes());
        assert_served(&reply, "HTTP/1.0 kept alive");
        assert_eq!(reply.header("connection"), Some("keep-alive"), "a 1.0 client is told that it may send more");
    }
    assert_served(&exchange(&mut connection, old("", "").as_bytes()), "the last");
    assert_eq!(read_until_closed(&mut connection), 0);
}

#[test]
fn a_client_that_says_close_is_closed() {
    let server = server();
    let mut connection = server.connect();
    assert_served(&exchange(&mut connection, &get("Connection: close\r\n")), "close");
    assert_eq!(read_until_closed(&mut connection), 0);
}

#[test]
fn r_007_the_host_header_is_not_looked_at() {
    let server = server();
    let mut connection = server.connect();
    let ask = |host: &str| {
        format!("POST {GET}?{} HTTP/1.1\r\n{host}Content-Length: 20\r\n\r\n{{\"From_Account\":\"a\"}}", query())
    };
    for host in [
        "",
        "Host: console.tim.qq.com\r\n",
        "Host: adminapisgp.im.qcloud.com:443\r\n",
        "Host:\r\n",
        "host: x\r\n",
        "HOST: ???\r\n",
    ] {
        assert_served(&exchange(&mut connection, ask(host).as_bytes()), host);
    }
    let absolute = ask("Host: x\r\n").replacen("/v4", "http://console.tim.qq.com/v4", 1);
    assert_served(&exchange(&mut connection, absolute.as_bytes()), "a whole URL, as proxies send it");
}

#[test]
fn r_002_pipelined_requests_are_answered_in_their_order() {
    let server = server();
    server.import(&["even"]);
    for n in 3..=10 {
        let mut connection = server.connect();
        let all: Vec<u8> = (0..n).flat_map(|n| check_of(&format!("u{n}"))).collect();
        connection.write_all(&all).unwrap();
        for n in 0..n {
            let reply = read_reply(&mut connection).unwrap().json();
            assert_eq!(reply["ResultItem"][0]["UserID"], format!("u{n}"));
        }
    }
    // Refused ones among them, some with bodies.
    let mut connection = server.connect();
    let mix = [
        check_of("first"),
        request("POST", "/v4/none", &vec![b'x'; 100_000]),
        request("PUT", CHECK, b"{}"),
        check_of("second"),
        request("POST", &format!("{CHECK}?{}", query()), b"{"),
        check_of("third"),
    ];
    connection.write_all(&mix.concat()).unwrap();
    let replies: Vec<Value> = (0..6).map(|_| read_reply(&mut connection).unwrap().json()).collect();
    let codes: Vec<i64> = replies.iter().map(|reply| reply["ErrorCode"].as_i64().unwrap()).collect();
    assert_eq!(codes, [0, 60009, 60002, 0, 60003, 0]);
    let ids: Vec<_> = [0, 3, 5].map(|n| replies[n]["ResultItem"][0]["UserID"].as_str().unwrap()).into();
    assert_eq!(ids, ["first", "second", "third"]);
}

#[test]
fn r_002_raw_utf_8_in_the_request_line() {
    let server = server();
    let mut connection = server.connect();
    let ask = |target: &str| request("POST", target, br#"{"From_Account":"a"}"#);
    let names = ["&name=张三", "&名=x", "&é", "&x=\u{1f600}", "&x=%E5%BC%A0"];
    for more in names {
        assert_served(&exchange(&mut connection, &ask(&format!("{GET}?{}{more}", query()))), more);
    }
    let reply = exchange(&mut connection, &ask(&format!("/v4/recentcontact/张?{}", query())));
    assert_eq!((reply.status, reply.code()), (200, 60009));
    assert_alive(&mut connection, "after all");
}

#[test]
fn r_002_request_lines_of_16_kib() {
    let server = server();
    let mut connection = server.connect();
    let usual = format!("POST {GET}?{}&pad= HTTP/1.1\r\n", query()).len();
    for bytes in [8 << 10, 16 << 10] {
        let target = format!("{GET}?pad={}&{}", "x".repeat(bytes - usual), query());
        let asked = request("POST", &target, br#"{"From_Account":"a"}"#);
        assert_eq!(asked.iter().position(|byte| *byte == b'\n'), Some(bytes - 1), "the line has {bytes} bytes");
        assert_served(&exchange(&mut connection, &asked), "a long line");
    }
    let header = |n| format!("X-Header-{n}: {}\r\n", "v".repeat(100));
    let many = (0..60).map(header).collect::<Vec<_>>().concat();
    assert_served(&exchange(&mut connection, &get(&many)), "many headers");
}

#[test]
fn r_009_accept_encoding_of_any_kind() {
    let server = server();
    let mut connection = server.connect();
    for kind in ["gzip", "gzip, deflate, br, zstd", "identity", "identity;q=0", "*", "*;q=0", "nonsense;;q=x", ""] {
        let reply = exchange(&mut connection, &get(&format!("Accept-Encoding: {kind}\r\n")));
        assert_eq!(reply.header("content-encoding"), None, "{kind}");
        assert_served(&reply, kind);
    }
}

#[test]
fn a_content_encoding_is_refused_but_identity() {
    let server = server();
    let mut connection = server.connect();
    for (kind, code) in [("identity", 0), ("", 0), ("gzip", 60003), ("deflate", 60003), ("br", 60003)] {
        let reply = exchange(&mut connection, &get(&format!("Content-Encoding: {kind}\r\n")));
        assert_eq!((reply.status, reply.code()), (200, code), "{kind}");
    }
}

#[test]
fn names_of_headers_are_taken_in_any_case() {
    let server = server();
    let mut connection = server.connect();
    let body = r#"{"From_Account":"a"}"#;
    for (length, chunks) in [
        ("content-length", "transfer-encoding"),
        ("CONTENT-LENGTH", "TRANSFER-ENCODING"),
        ("cOnTeNt-LeNgTh", "tRaNsFeR-eNcOdInG"),
    ] {
        let plain = format!("{}{length}: 20\r\n\r\n{body}", line("POST", GET, "1.1"));
        assert_served(&exchange(&mut connection, plain.as_bytes()), length);
        let chunked = format!("{}{chunks}: Chunked\r\n\r\n14\r\n{body}\r\n0\r\n\r\n", line("POST", GET, "1.1"));
        assert_served(&exchange(&mut connection, chunked.as_bytes()), chunks);
    }
}

#[test]
fn r_006_a_refused_request_keeps_its_connection() {
    let server = server();
    let mut connection = server.connect();
    let signed = query();
    let refused = [
        ("/v4/none".to_owned(), 60009),
        (format!("{GET}?x=%FF"), 60002),
        (GET.to_owned(), 60012),
        (format!("{GET}?sdkappid=1"), 70020),
        (format!("{GET}?{}", signed.replacen("usersig=", "usersig=!", 1)), 70003),
        (format!("{GET}?{signed}"), 60003),
    ];
    for (target, code) in &refused {
        // Given a body of 3 MiB, when it is refused, then it was read, and the same connection serves the next.
        let reply = exchange(&mut connection, &request("POST", target, &vec![b'x'; 3 * MIB]));
        assert_eq!((reply.status, reply.code()), (200, *code), "{target}");
        assert_alive(&mut connection, target);
    }
}

/// A body of so many bytes that is right but for its size.
fn body_of(bytes: usize) -> Vec<u8> {
    let mut body = br#"{"From_Account":"a"}"#.to_vec();
    body.resize(bytes, b' ');
    body
}

fn chunked(body: &[u8]) -> Vec<u8> {
    let head = format!("{}Transfer-Encoding: chunked\r\n\r\n", line("POST", GET, "1.1"));
    let chunk = |chunk: &[u8]| [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat();
    let chunks = body.chunks(70_000).flat_map(chunk);
    head.into_bytes().into_iter().chain(chunks).chain(*b"0\r\n\r\n").collect()
}

#[test]
fn r_019_a_body_of_1_mib_is_taken_and_one_up_to_4_mib_refused_on_a_living_connection() {
    let server = server();
    let mut connection = server.connect();
    let target = format!("{GET}?{}", query());
    for (bytes, code) in [(MIB, 0), (MIB + 1, 60003), (2 * MIB, 60003), (4 * MIB, 60003)] {
        for asked in [request("POST", &target, &body_of(bytes)), chunked(&body_of(bytes))] {
            let reply = exchange(&mut connection, &asked);
            assert_eq!((reply.status, reply.code()), (200, code), "{bytes}");
            assert_alive(&mut connection, "after it");
        }
    }
}

#[test]
fn r_006_over_4_mib_is_60003_and_closed_and_a_client_that_sends_all_first_can_read_it() {
    let server = server();
    let target = format!("{GET}?{}", query());
    for bytes in [4 * MIB + 1, 8 * MIB] {
        for asked in [request("POST", &target, &body_of(bytes)), chunked(&body_of(bytes))] {
            // Given a client that sends its whole body before it reads.
            let mut connection = server.connect();
            connection.write_all(&asked).unwrap();
            std::thread::sleep(Duration::from_millis(100));
            let reply = read_reply(&mut connection).expect("the reply to a body over 4 MiB");
            assert_eq!((reply.status, reply.code()), (200, 60003), "{bytes}");
            assert_eq!(reply.header("connection"), Some("close"));
            assert_eq!(read_until_closed(&mut connection), 0);
        }
    }
    // What is refused before its body is closed as well.
    let mut connection = server.connect();
    connection.write_all(&request("POST", "/v4/none", &body_of(8 * MIB))).unwrap();
    let reply = read_reply(&mut connection).unwrap();
    assert!([60003, 60009].contains(&reply.code()), "{}", reply.code());
    assert_eq!(read_until_closed(&mut connection), 0);
}

#[test]
fn r_008_two_unequal_content_lengths_are_400_and_closed() {
    let server = server();
    for lengths in [
        "Content-Length: 20\r\nContent-Length: 21\r\n",
        "Content-Length: 20, 21\r\n",
        "Content-Length: 20\r\ncontent-length: 2\r\n",
        "Content-Length: +20\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 0x14\r\n",
        "Content-Length: 99999999999999999999\r\n",
    ] {
        let mut connection = server.connect();
        let asked = format!("{}{lengths}\r\n{{\"From_Account\":\"a\"}}", line("POST", GET, "1.1"));
        connection.write_all(asked.as_bytes()).unwrap();
        assert_eq!(read_reply(&mut connection).map(|reply| reply.status), Some(400), "{lengths}");
        read_until_closed(&mut connection);
    }
    let mut connection = server.connect();
    let twice = "Content-Length: 20\r\nContent-Length: 20\r\n";
    let asked = format!("{}{twice}\r\n{{\"From_Account\":\"a\"}}", line("POST", GET, "1.1"));
    assert_served(&exchange(&mut connection, asked.as_bytes()), "two equal ones are one");
}

#[test]
fn r_008_a_content_length_beside_chunks_is_400_or_read_as_chunks_and_closed() {
    let server = server();
    let body = "14\r\n{\"From_Account\":\"a\"}\r\n0\r\n\r\n";
    for headers in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 30\r\n",
    ] {
        let mut connection = server.connect();
        // Whoever looked at the length would take some of what follows for a request.
        let next = String::from_utf8(check_of("smuggled")).unwrap();
        let asked = format!("{}{headers}\r\n{body}{next}", line("POST", GET, "1.1"));
        connection.write_all(asked.as_bytes()).unwrap();
        let reply = read_reply(&mut connection).unwrap();
        if reply.status != 400 {
            assert_served(&reply, headers);
        }
        assert_eq!(read_until_closed(&mut connection), 0, "nothing is answered after it: {headers}");
    }
}

#[test]
fn r_008_a_transfer_coding_beside_chunks_is_refused_and_closed() {
    let server = server();
    let body = "14\r\n{\"From_Account\":\"a\"}\r\n0\r\n\r\n";
    for coding in ["gzip, chunked", "gzip", "chunked, gzip", "identity", "chunked\r\nTransfer-Encoding: gzip"] {
        let mut connection = server.connect();
        let asked = format!("{}Transfer-Encoding: {coding}\r\n\r\n{body}", line("POST", GET, "1.1"));
        connection.write_all(asked.as_bytes()).unwrap();
        let reply = read_reply(&mut connection).unwrap();
        assert!(reply.status == 400 || (reply.status, reply.code()) == (200, 60003), "{coding}: {reply:?}");
        read_until_closed(&mut connection);
    }
}

#[test]
fn r_018_any_other_method_is_http_200_with_60002() {
    let server = server();
    let mut connection = server.connect();
    for method in ["PUT", "PATCH", "DELETE", "OPTIONS", "FOO", "post", "Post", "get", "TRACE", "PROPFIND"] {
        let reply =
            exchange(&mut connection, &request(method, &format!("{GET}?{}", query()), br#"{"From_Account":"a"}"#));
        assert_eq!((reply.status, reply.code()), (200, 60002), "{method}");
        assert_eq!(reply.header("content-type"), Some("application/json"), "{method}");
    }
    // The reply to HEAD has no body, whatever its length says, and the next on its connection is answered.
    for _ in 0..2 {
        connection.write_all(&request("HEAD", &format!("{GET}?{}", query()), b"")).unwrap();
        let head = read_head(&mut connection).unwrap();
        assert_eq!((head.status, head.header("content-type")), (200, Some("application/json")));
        assert_alive(&mut connection, "after HEAD");
    }
}

#[test]
fn r_002_a_half_closed_client_gets_its_reply() {
    let server = server();
    let chunks = format!(
        "{}Transfer-Encoding: chunked\r\n\r\n14\r\n{{\"From_Account\":\"a\"}}\r\n0\r\n\r\n",
        line("POST", GET, "1.1")
    );
    for asked in [get(""), chunks.into_bytes()] {
        let mut connection = server.connect();
        connection.write_all(&asked).unwrap();
        connection.shutdown(Shutdown::Write).unwrap();
        assert_served(&read_reply(&mut connection).expect("a reply"), "half-closed");
        assert_eq!(read_until_closed(&mut connection), 0);
    }
    // One that closes in the middle of its body has asked for nothing.
    let mut connection = server.connect();
    connection.write_all(&get("")[..get("").len() - 3]).unwrap();
    connection.shutdown(Shutdown::Write).unwrap();
    if let Some(reply) = read_reply(&mut connection) {
        assert!(reply.status == 400 || reply.code() == 60003, "{reply:?}");
    }
    assert_alive(&mut server.connect(), "another");
}

#[test]
fn what_is_no_http_is_refused_and_closed_and_others_are_served() {
    let server = server();
    let garbage: [&[u8]; 8] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS client\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"POST / HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST / HTTP/1.1\r\nA: \0\r\n\r\n",
        b"POST / HTTP/1.1\r\n A: folded\r\n\r\n",
    ];
    for bytes in garbage {
        let mut connection = server.connect();
        connection.write_all(bytes).unwrap();
        if let Some(reply) = read_reply(&mut connection) {
            assert!((400..=505).contains(&reply.status), "{bytes:?}: {reply:?}");
        }
        assert_eq!(read_until_closed(&mut connection), 0);
    }
    assert_alive(&mut server.connect(), "another");
}
