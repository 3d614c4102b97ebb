//! `cubby copy`: a store that is served moves to another place and back, nothing that was acknowledged is lost, and whatever fails leaves
//! the source as it was.

use crate::cli::{Ran, cubby_with};
use crate::support::{Server, exchange, request};
use cubby_pg_cluster::Cluster;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tempfile::TempDir;

const MARK: &str = "recentcontact/mark_contact";
const LIST: &str = "recentcontact/get_contact_group";
/// "The service did not get to the request; repeat it."
const NOT_DONE: i64 = 60008;

const WRITERS: usize = 3;
const USERS: usize = 12;
const PEERS: usize = 90;

/// `cubby copy`, in another process than the server.
fn copy(flags: &[&str]) -> Ran {
    let directory = TempDir::new().unwrap();
    cubby_with(directory.path(), &[], "", &[&["copy"], flags].concat())
}

/// A server over a store; its applications are those that the store has.
fn server_over(store: &str) -> Server {
    Server::start_with(&["--store", store, "--call-rate", "0"])
}

/// Stars the conversation of a user with another; the code of the reply.
fn star(server: &Server, of: &str, peer: &str) -> i64 {
    let item = json!({"OptType": 1, "ContactItem": {"Type": 1, "To_Account": peer}, "SetMark": [1]});
    let reply = server.call(MARK, &json!({"From_Account": of, "MarkItem": [item]}));
    let code = reply["ErrorCode"].as_i64().unwrap();
    if code == 0 { reply["ResultItem"][0]["ResultCode"].as_i64().unwrap() } else { code }
}

/// The users with whom a user has a conversation in the data.
fn starred(server: &Server, of: &str) -> BTreeSet<String> {
    let reply = server.call(LIST, &json!({"From_Account": of, "StartIndex": 0}));
    assert_eq!(reply["ErrorCode"], 0, "{reply}");
    let items = reply["ContactItem"].as_array().unwrap();
    items.iter().map(|item| item["To_Account"].as_str().unwrap().to_owned()).collect()
}

fn import_all(server: &Server) {
    let users = (0..WRITERS).flat_map(|writer| (0..USERS).map(move |n| user_of(writer, n)));
    let all: Vec<String> = users.chain((0..PEERS).map(|n| format!("p{n}"))).collect();
    server.import(&all.iter().map(String::as_str).collect::<Vec<_>>());
}

fn user_of(writer: usize, n: usize) -> String {
    format!("w{writer}-{n}")
}

/// What was acknowledged: users and their conversations.
type Acknowledged = BTreeSet<(String, String)>;

/// Stars conversations until the server refuses, or until `over`.
fn write(server: &Server, writer: usize, over: &AtomicBool, acknowledged: &Mutex<Acknowledged>) {
    for peer in 0..PEERS {
        for n in 0..USERS {
            let (of, peer) = (user_of(writer, n), format!("p{peer}"));
            if over.load(Ordering::Relaxed) {
                return;
            }
            match star(server, &of, &peer) {
                0 => drop(acknowledged.lock().unwrap().insert((of, peer))),
                NOT_DONE => return,
                other => panic!("{of} {peer}: {other}"),
            }
        }
    }
}

/// Moves the store of a server from one place to another while it is written to; what was acknowledged beside what was before.
fn move_under_load(server: &Server, from: &str, to: &str, before: Acknowledged) -> Acknowledged {
    let (over, acknowledged) = (AtomicBool::new(false), Mutex::new(before));
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (over, acknowledged) = (&over, &acknowledged);
            scope.spawn(move || write(server, writer, over, acknowledged));
        }
        let ran = copy(&["--from", from, "--to", to]);
        over.store(true, Ordering::Relaxed);
        assert_eq!(ran.status, 0, "{}", ran.err);
        assert!(ran.out.contains("verified") && ran.out.contains("checksum"), "{}", ran.out);
        assert!(!ran.out.contains("postgres:secret"), "no password: {}", ran.out);
    });
    acknowledged.into_inner().unwrap()
}

fn check_all(server: &Server, acknowledged: &Acknowledged) {
    for (of, list) in (0..WRITERS).flat_map(|writer| (0..USERS).map(move |n| user_of(writer, n))).map(|of| {
        let list = starred(server, &of);
        (of, list)
    }) {
        let kept: BTreeSet<_> =
            acknowledged.iter().filter(|(user, _)| *user == of).map(|(_, peer)| peer.clone()).collect();
        assert!(kept.is_subset(&list), "{of}: {:?} is lost", kept.difference(&list));
    }
}

fn health(server: &Server) -> (u16, Value) {
    let reply = exchange(&mut server.connect(), &request("GET", "/health", b""));
    (reply.status, reply.json())
}

/// Waits until the server says that it cannot serve: it looks at its database every second.
fn until_unavailable(server: &Server) {
    for _ in 0..600 {
        let (status, body) = health(server);
        if status == 503 {
            assert_eq!(body["status"], "unavailable");
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("it serves still");
}

/// Given servers under load, when their store is moved to a database and from there to a directory, then each acknowledged change is at
/// the destination each time, the server before refuses changes and goes on reading, and no server opens what was left.
#[test]
fn a_store_moves_there_and_back_under_load_and_no_acknowledged_change_is_lost() {
    let (cluster, directory) = (Cluster::start(), TempDir::new().unwrap());
    let url = cluster.database().replace("postgres@", "postgres:secret@");
    let mut first = Server::start();
    import_all(&first);
    let data = first.data().display().to_string();
    let socket = fs::metadata(first.data().join("control")).unwrap();
    assert_eq!(socket.permissions().mode() & 0o777, 0o600);
    let acknowledged = move_under_load(&first, &data, &url, Acknowledged::new());
    assert!(!acknowledged.is_empty());
    assert_eq!(star(&first, "w0-0", "w1-1"), NOT_DONE);
    check_all(&first, &acknowledged);
    until_unavailable(&first);

    let second = server_over(&url);
    check_all(&second, &acknowledged);
    assert_eq!(first.stop().code(), Some(0));
    assert_eq!(first.try_start().unwrap_err().code(), Some(1));
    let log = fs::read_to_string(first.log()).unwrap();
    assert!(log.contains("MOVED") && !log.contains("secret"), "{log}");

    let place = directory.path().join("data").display().to_string();
    let acknowledged = move_under_load(&second, &url, &place, acknowledged);
    assert_eq!(star(&second, "w0-0", "w1-1"), NOT_DONE);
    until_unavailable(&second);
    let same = copy(&["--check", "--from", &url, "--to", &place]).good();
    assert!(same.contains("are the same"), "{same}");
    let third = server_over(&format!("embedded:{place}"));
    check_all(&third, &acknowledged);
    assert_eq!(star(&third, "w0-0", "w1-1"), 0);
}

/// Given a copy that hangs with its destination, when its command is killed, then the server serves as before and takes the command again.
#[test]
fn a_copy_whose_command_is_killed_is_broken_off_and_can_be_begun_again() {
    let cluster = Cluster::start();
    let (server, url) = (Server::start(), cluster.database());
    server.import(&["a", "b"]);
    let data = server.data().display().to_string();
    cluster.pause();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cubby"));
    command.args(["copy", "--from", &data, "--to", &url]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut hanging = command.spawn().unwrap();
    let elsewhere = TempDir::new().unwrap();
    // The log says that it has begun.
    while !fs::read_to_string(server.log()).unwrap().contains("a copy of the store begins") {
        std::thread::sleep(Duration::from_millis(10));
    }
    let refused = copy(&["--from", &data, "--to", &elsewhere.path().display().to_string()]).bad(1);
    assert!(refused.contains("under way already"), "{refused}");
    hanging.kill().unwrap();
    hanging.wait().unwrap();
    assert_eq!(star(&server, "a", "b"), 0);
    cluster.resume();
    while !fs::read_to_string(server.log()).unwrap().contains("was not moved") {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(copy(&["--from", &data, "--to", &url]).status, 0);
    assert_eq!(starred(&server_over(&url), "a"), BTreeSet::from(["b".to_owned()]));
}

/// Given a destination with data of its own, when a copy into it is asked for, then it is refused and the server serves on; and given a
/// store that was moved, when the move is undone, then it can be served as it was.
#[test]
fn what_is_not_ours_is_not_overwritten_and_a_move_can_be_undone() {
    let (mut server, mut other) = (Server::start(), Server::start());
    server.import(&["a", "b"]);
    let (data, elsewhere) = (server.data().display().to_string(), other.data().display().to_string());
    let refused = copy(&["--from", &data, "--to", &elsewhere]).bad(1);
    assert!(refused.contains("has the directory"), "a server holds it: {refused}");
    other.stop();
    let refused = copy(&["--from", &data, "--to", &elsewhere]).bad(1);
    assert!(refused.contains("has data already"), "{refused}");
    assert_eq!(star(&server, "a", "b"), 0);

    let cluster = Cluster::start();
    let url = cluster.database();
    server.stop();
    assert_eq!(copy(&["--from", &data, "--to", &url]).status, 0, "no server holds it");
    let again = copy(&["--from", &data, "--to", &cluster.database()]).bad(1);
    assert!(again.contains("was moved before"), "{again}");
    assert!(server.try_start().is_err());
    let undone = copy(&["--undo-move", "--from", &data]).good();
    assert!(undone.contains("can be served again"), "{undone}");
    server.start_again();
    assert_eq!(starred(&server, "a"), BTreeSet::from(["b".to_owned()]));
    let held = copy(&["--undo-move", "--from", &data]).bad(1);
    assert!(held.contains("stop it first"), "{held}");

    assert!(copy(&["--undo-move", "--from", &url]).good().contains("was not moved"));
    let missing = copy(&["--from", "./nowhere", "--to", &url]).bad(1);
    assert!(missing.contains("there is no store"), "{missing}");
}
