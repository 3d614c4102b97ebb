//! Clients that send garbage, half of something, too much, or nothing, and clients that do not read: the server goes on answering the
//! others, and never panics.

use crate::support::{ADMINISTRATOR, APP, Server, exchange, query, read_reply, read_until_closed, request, run_by};
use base64::Engine as _;
use serde_json::json;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const MIB: usize = 1 << 20;
/// Whom nothing reaches for so long is not answered at all, also on a machine that is busy. No measure of speed.
const DEADLINE: Duration = Duration::from_secs(20);

fn server() -> Server {
    let server = Server::start();
    server.import(&["a"]);
    server
}

fn get() -> Vec<u8> {
    request("POST", &format!("/v4/recentcontact/get_contact_group?{}", query()), br#"{"From_Account":"a"}"#)
}

/// Another client calls, on a connection of its own, and is answered within the deadline.
fn assert_answers(server: &Server) {
    let mut connection = server.connect();
    connection.set_read_timeout(Some(DEADLINE)).unwrap();
    assert_eq!(exchange(&mut connection, &get()).code(), 0);
}

fn assert_never_panicked(server: &Server) {
    let log = std::fs::read_to_string(server.log()).unwrap();
    assert!(!log.contains("panicked"), "{log}");
}

/// Bytes that follow no pattern, the same in each run.
fn garbage(bytes: usize, seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33).to_le_bytes()[0]
    };
    (0..bytes).map(|_| next()).collect()
}

/// Writes until all is sent or the server refuses to take more; how much was sent.
fn pour(connection: &mut TcpStream, chunk: &[u8], bytes: usize) -> usize {
    let mut sent = 0;
    while sent < bytes {
        match connection.write(chunk) {
            Ok(n) => sent += n,
            Err(error) if [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe].contains(&error.kind()) => break,
            Err(error) => panic!("{error}"),
        }
    }
    sent
}

/// The most memory that the process ever had, where the system tells.
fn peak_memory(server: &Server) -> Option<usize> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<usize>().ok().map(|kib| kib * 1024)
}

/// Runs something while another client calls all the time, and is always answered.
fn while_another_is_answered(server: &Server, hostile: impl FnOnce()) {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let others = scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                assert_answers(server);
            }
        });
        // However it ends, the other is to end too.
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(hostile));
        done.store(true, Ordering::Relaxed);
        others.join().unwrap();
        ended.unwrap();
    });
}

#[test]
fn a_hundred_megabytes_of_garbage_are_refused_and_closed() {
    const ALL: usize = 100_000_000;
    let server = server();
    let chunk = garbage(64 << 10, 1);
    while_another_is_answered(&server, || {
        // As a head.
        let mut connection = server.connect();
        assert!(pour(&mut connection, &chunk, ALL) < ALL, "the server closes long before the end");
        // As a head of letters without an end.
        let mut connection = server.connect();
        let sent = connection.write(b"POST /").map(|_| pour(&mut connection, &vec![b'x'; 64 << 10], ALL)).unwrap();
        assert!(sent < ALL);
        // As a body, of a request that is right or wrong before it.
        for target in ["/v4/none".to_owned(), format!("/v4/recentcontact/get_contact_group?{}", query())] {
            let mut connection = server.connect();
            let head = format!("POST {target} HTTP/1.1\r\nHost: test\r\nContent-Length: {ALL}\r\n\r\n");
            connection.write_all(head.as_bytes()).unwrap();
            assert!(pour(&mut connection, &chunk, ALL) < ALL, "{target}");
        }
        // As a chunked body whose size nobody knows before.
        let mut connection = server.connect();
        connection.write_all(b"POST /v4/none HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
        let chunk = [b"10000\r\n", &chunk[..], b"\r\n"].concat();
        assert!(pour(&mut connection, &chunk, ALL) < ALL);
    });
    assert!(peak_memory(&server).is_none_or(|peak| peak < 256 * MIB), "{:?}", peak_memory(&server));
    assert_never_panicked(&server);
}

#[test]
fn half_sent_heads_and_bodies_on_200_connections_stop_nobody() {
    let server = server();
    let whole = get();
    let head = whole.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap() + 4;
    // Given requests that end after so many bytes: in the line, in the head, before the body, in the body.
    let cuts = [1, 5, 40, head - 3, head - 1, head, head + 1, whole.len() - 1];
    let mut open: Vec<TcpStream> = (0..200)
        .map(|n| {
            let mut connection = server.connect();
            connection.write_all(&whole[..cuts[n % cuts.len()]]).unwrap();
            connection
        })
        .collect();
    for _ in 0..20 {
        assert_answers(&server);
    }
    // When the rest of each is sent after all, each is answered.
    for (n, connection) in open.iter_mut().enumerate() {
        connection.write_all(&whole[cuts[n % cuts.len()]..]).unwrap();
        assert_eq!(read_reply(connection).unwrap().code(), 0, "{n}");
    }
    // And when clients go away in the middle, the server does not mind.
    for n in 0..200 {
        server.connect().write_all(&whole[..cuts[n % cuts.len()]]).unwrap();
    }
    assert_answers(&server);
    assert_never_panicked(&server);
}

#[test]
fn ten_thousand_idle_connections_stop_nobody() {
    let server = server();
    // Each of the two processes needs a descriptor a connection.
    let limit = rlimit::increase_nofile_limit(20_000).unwrap();
    let many = usize::try_from(limit).unwrap().saturating_sub(500).min(10_000);
    assert!(many >= 1000, "the limit of open files is {limit}: too low for this test");
    let mut idle = Vec::new();
    for n in 0..many {
        idle.push(server.connect());
        // A few at a time, so that none waits because the queue of those to be accepted is full.
        if n % 100 == 0 {
            assert_answers(&server);
        }
    }
    assert_answers(&server);
    // They are served still: the first, the last and some between.
    for n in [0, many / 2, many - 1] {
        assert_eq!(exchange(&mut idle[n], &get()).code(), 0, "{n}");
    }
    drop(idle);
    assert_answers(&server);
    assert_never_panicked(&server);
}

/// A server that has so many connections at most, and the account `a`.
fn server_with_connections(most: usize) -> Server {
    let mut server = server();
    assert!(server.stop().success());
    let config = server.directory.path().join("cubby.toml");
    std::fs::write(&config, format!("[bounds.server]\nconnections = {most}\n")).unwrap();
    server.set_launch(move |mut command| {
        command.arg("--config").arg(&config);
        command
    });
    server.start_again();
    server
}

#[test]
fn where_there_are_as_many_connections_as_may_be_the_longest_idle_makes_room() {
    let server = server_with_connections(20);
    // Given nearly as many connections, of which the last was used first.
    let mut open: Vec<TcpStream> = (0..19).map(|_| server.connect()).collect();
    for connection in open.iter_mut().rev() {
        assert_eq!(exchange(connection, &get()).code(), 0);
    }
    // When two more come, they are served, and the longest idle was closed for them.
    let mut more = [server.connect(), server.connect()];
    for connection in more.iter_mut().chain(&mut open[..1]) {
        assert_eq!(exchange(connection, &get()).code(), 0);
    }
    assert_eq!(read_until_closed(&mut open[18]), 0);
    // However many come.
    for _ in 0..100 {
        assert_answers(&server);
    }
    assert_never_panicked(&server);
}

#[test]
fn half_sent_requests_on_all_connections_that_may_be_stop_nobody() {
    let whole = get();
    let head = whole.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap() + 4;
    for cut in [40, head + 1] {
        let server = server_with_connections(20);
        let halves = (0..30).map(|_| {
            let mut connection = server.connect();
            connection.write_all(&whole[..cut]).unwrap();
            connection
        });
        let halves: Vec<TcpStream> = halves.collect();
        for _ in 0..10 {
            assert_answers(&server);
        }
        drop(halves);
        assert_never_panicked(&server);
    }
}

/// So many items of a list.
fn items(item: &str, n: usize) -> String {
    vec![item; n].join(",")
}

/// Each path and body is answered with its code, within the deadline.
fn assert_answered_in_time(server: &Server, bodies: &[(&str, String, i64)]) {
    for (path, body, code) in bodies {
        let mut connection = server.connect();
        connection.set_read_timeout(Some(DEADLINE)).unwrap();
        assert!(body.len() <= MIB, "{}", body.len());
        let asked = request("POST", &format!("/v4/{path}?{}", query()), body.as_bytes());
        let reply = exchange(&mut connection, &asked);
        assert_eq!((reply.status, reply.code()), (200, *code), "{path} {}", &body[..body.len().min(80)]);
    }
}

#[test]
fn bodies_that_are_made_to_hurt_are_answered_in_time() {
    let server = server();
    let nested = |deep: usize| format!("{{\"From_Account\":\"a\",\"x\":{}{}}}", "[".repeat(deep), "]".repeat(deep));
    let keys = |n: usize| (0..n).map(|n| format!(",\"k{n}\":0")).collect::<Vec<_>>().concat();
    let update = |items: &str| {
        format!(
            r#"{{"From_Account":"a","UpdateType":1,"UpdateGroup":{{"UpdateGroupType":2,"OldGroupName":"x","ContactUpdateItem":[{items}]}}}}"#
        )
    };
    let get = "recentcontact/get_contact_group";
    let bodies = [
        (get, nested(31), 0),
        (get, nested(32), 60003),
        (get, nested(500_000), 60003),
        (get, "[".repeat(MIB), 60003),
        (get, "{\"x\":".repeat(200_000), 60003),
        (get, format!("{{\"From_Account\":\"a\",\"StartIndex\":{}}}", "9".repeat(1_000_000)), 50002),
        (get, format!("{{\"From_Account\":\"a\",\"StartIndex\":-{}}}", "9".repeat(1_000_000)), 50002),
        (get, "{\"From_Account\":\"a\",\"StartIndex\":1e999999999}".to_owned(), 50002),
        (get, format!("{{\"From_Account\":\"a\",\"StartIndex\":0.{}1}}", "0".repeat(1_000_000)), 50002),
        (get, format!("{{\"From_Account\":\"{}\"}}", "\\u0061".repeat(170_000)), 50002),
        (get, format!("{{\"From_Account\":\"a\"{}}}", keys(80_000)), 0),
        (get, format!("{{\"From_Account\":\"a\"{}}}", ",\"\":0".repeat(200_000)), 0),
        (get, format!("{{{}\"From_Account\":\"a\"}}", "\"From_Account\":\"b\",".repeat(50_000)), 0),
        (get, format!("{{\"From_Account\":\"a\",\"x\":[{}]}}", items("[]", 300_000)), 0),
        (
            "recentcontact/search_contact_group",
            format!("{{\"From_Account\":\"a\",\"ContactItem\":[{}]}}", items("{}", 300_000)),
            50002,
        ),
        ("recentcontact/update_contact_group", update(&items("0", 500_000)), 51006),
        (
            "recentcontact/update_contact_group",
            update(&items(&format!("{{\"ContactItem\":{{\"Type\":9{}}}}}", keys(800)), 100)),
            51009,
        ),
        ("im_open_login_svc/account_check", format!("{{\"CheckItem\":[{}]}}", items("{\"UserID\":7}", 80_000)), 70206),
    ];
    assert_answered_in_time(&server, &bodies);
    // What is echoed is echoed whole: 100 malformed items, each with many keys.
    let created = json!({"From_Account": "a", "GroupContactItem": [{"GroupName": "x", "ContactItem": []}]});
    assert_eq!(server.call("recentcontact/create_contact_group", &created)["ErrorCode"], 0);
    let body = update(&items(&format!("{{\"ContactOptType\":1,\"ContactItem\":{{\"Type\":9{}}}}}", keys(800)), 100));
    let reply = server.post("recentcontact/update_contact_group", body.as_bytes()).json();
    let results = reply["UpdateGroupResult"]["ContactResultItem"].as_array().unwrap();
    assert_eq!(results.len(), 100);
    assert!(
        results.iter().all(|item| item["ResultCode"] == 50002 && item["ContactItem"].as_object().unwrap().len() == 801)
    );
    assert_never_panicked(&server);
}

#[test]
fn lists_and_messages_that_are_made_to_hurt_are_answered_in_time() {
    let server = server();
    let message = |to: &str, body: &str| format!(r#"{{"To_Account":{to},"MsgRandom":1,"MsgBody":[{body}]}}"#);
    let bodies = [
        ("recentcontact/get_list", format!("{{\"From_Account\":\"a\",\"AssistFlags\":{}}}", "9".repeat(1_000_000)), 0),
        (
            "recentcontact/top",
            format!("{{\"From_Account\":\"a\",\"OperationType\":1,\"RecentContactItem\":[{}]}}", items("{}", 300_000)),
            50002,
        ),
        (
            "recentcontact/delete",
            format!("{{\"From_Account\":\"a\",\"Type\":2,\"To_Account\":\"{}\"}}", "g".repeat(1_000_000)),
            50002,
        ),
        ("openim/sendmsg", message("\"a\"", &items("{\"MsgType\":\"T\"}", 50_000)), 80002),
        ("openim/sendmsg", message("\"a\"", &items("[]", 300_000)), 90002),
        ("openim/batchsendmsg", message(&format!("[{}]", items("\"a\"", 200_000)), "{\"MsgType\":\"T\"}"), 90011),
        ("openim/batchsendmsg", message(&format!("[{}]", items("\"a\"", 500)), "{\"MsgType\":\"T\"}"), 0),
        (
            "group_open_http_svc/import_group_msg",
            format!("{{\"GroupId\":\"g\",\"MsgList\":[{}]}}", items("{}", 300_000)),
            10004,
        ),
    ];
    assert_answered_in_time(&server, &bodies);
    assert_never_panicked(&server);
}

#[test]
fn random_requests_are_refused_and_none_hurts() {
    let server = server();
    let whole = get();
    for seed in 0..300_u64 {
        let noise = garbage(64, seed);
        let mut spoiled = whole.clone();
        // Given a request with a few bytes changed.
        for pair in noise.chunks(16) {
            let at = usize::from(pair[0]) << 8 | usize::from(pair[1]);
            let length = spoiled.len();
            spoiled[at % length] = pair[2];
        }
        let mut connection = server.connect();
        connection.write_all(&spoiled).unwrap();
        connection.shutdown(std::net::Shutdown::Write).unwrap();
        // Then it is answered, or refused, and whatever else it left is closed.
        read_until_closed(&mut connection);
    }
    assert_answers(&server);
    assert_never_panicked(&server);
}

#[test]
fn a_client_that_does_not_read_holds_nobody_and_costs_little() {
    let server = server();
    let ids: Vec<String> = (0..100).map(|n| format!("p{n}")).collect();
    server.import(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    let conversations: Vec<_> = ids.iter().map(|id| json!({"Type": 1, "To_Account": id})).collect();
    let created = json!({"From_Account": "a", "GroupContactItem": [{"GroupName": "x", "ContactItem": conversations}]});
    assert_eq!(server.call("recentcontact/create_contact_group", &created)["ErrorCode"], 0);
    // Given clients that ask for page after page and read nothing, until the server takes no more of them.
    let batch = get().repeat(100);
    let mut deaf: Vec<TcpStream> = (0..3).map(|_| server.connect()).collect();
    let mut asked = [0; 3];
    for (connection, asked) in deaf.iter_mut().zip(&mut asked) {
        connection.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
        while let Ok(n) = connection.write(&batch) {
            *asked += n;
            assert!(*asked < 100 * MIB, "the server keeps asking for more of a client that does not read");
        }
    }
    assert_answers(&server);
    assert!(peak_memory(&server).is_none_or(|peak| peak < 256 * MIB), "{:?}", peak_memory(&server));
    // One that reads at last, slowly, gets what it asked for.
    let mut pieces = [0; 7];
    for _ in 0..500 {
        deaf[0].read_exact(&mut pieces).unwrap();
    }
    assert_answers(&server);
    assert_never_panicked(&server);
}

#[test]
fn a_log_that_cannot_be_written_costs_no_reply() {
    // Given a server whose log is on a full disk, with every line that it could write.
    let mut server = Server::launched_by(|mut command| {
        command.args(["--log-filter", "trace"]);
        run_by("sh", &["-c", r#"exec "$@" 2>/dev/full"#, "sh"], &command)
    });
    server.start_again();
    server.import(&["a"]);
    assert_eq!(server.send(b"nonsense\r\n\r\n").status, 400);
    assert_answers(&server);
    assert!(server.stop().success());
}

/// A zlib stream of 3000 bytes that inflates to half a mebibyte of blanks: one blank, then copies of the 258 bytes before.
fn bomb() -> Vec<u8> {
    // A last block (1) with fixed codes (10) and a blank; then a length of 258 (8 bits) at a distance of 1 (5 bits), over and over.
    let bits: Vec<u8> = format!("11001010000{}", "1100010100000".repeat(1830)).bytes().map(|bit| bit - b'0').collect();
    let byte = |bits: &[u8]| bits.iter().rev().fold(0, |byte, bit| byte << 1 | bit);
    [0x78, 0x9c].into_iter().chain(bits.chunks(8).map(byte)).collect()
}

#[test]
fn a_signature_that_inflates_without_end_is_refused() {
    let server = server();
    let text = base64::engine::general_purpose::STANDARD.encode(bomb());
    let usersig = text.replace('+', "*").replace('/', "-").replace('=', "_");
    assert!(usersig.len() <= 4096, "{}", usersig.len());
    let query = format!("sdkappid={APP}&identifier={ADMINISTRATOR}&usersig={usersig}");
    let reply = server.post_with("recentcontact/get_contact_group", &query, b"{}");
    assert_eq!(reply.code(), 70003);
    let info = reply.json()["ErrorInfo"].as_str().unwrap().to_owned();
    assert!(info.contains("inflates to more than 8192 bytes"), "{info}");
    assert_never_panicked(&server);
}
