//! The console's user board, accounts and chat groups: in a browser, and the stream by which a board follows what changes elsewhere, over
//! a socket.

use crate::console::{TOKEN, ask, drive, server, session};
use crate::support::{APP, KEY, Server, read_head};
use cubby_pg_cluster::Cluster;
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpStream;

#[test]
fn a_board_sorts_conversations_by_mouse_and_by_keyboard_and_follows_what_changes_elsewhere() {
    drive(&server(), "board.js");
}

#[test]
fn accounts_and_chat_groups_are_looked_for_made_and_deleted_on_their_pages() {
    drive(&server(), "lists.js");
}

/// The board of ann.
fn board(what: &str) -> String {
    format!("/console/board/{what}?app={APP}&user=ann")
}

/// A stream of a board.
struct Followed {
    stream: TcpStream,
    status: u16,
    read: String,
}

impl Followed {
    fn begin(server: &Server, cookie: &str) -> Self {
        let mut stream = server.connect();
        let head = format!("GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{cookie}\r\n", board("live"), server.port);
        stream.write_all(head.as_bytes()).unwrap();
        let status = read_head(&mut stream).unwrap().status;
        Self { stream, status, read: String::new() }
    }

    fn byte(&mut self) {
        let mut byte = [0];
        self.stream.read_exact(&mut byte).unwrap();
        self.read.push(char::from(byte[0]));
    }

    /// Reads until the server ends it, whole and not cut off.
    fn until_its_end(&mut self) {
        while !self.read.ends_with("\r\n0\r\n\r\n") {
            self.byte();
        }
    }

    /// Reads until so many events have come; the last one's number of the board.
    fn version(&mut self, events: usize) -> String {
        while self.read.matches("event: board").count() < events || !self.read.ends_with("\n\n\r\n") {
            self.byte();
        }
        let last = self.read.rsplit("data: ").next().unwrap();
        assert_eq!(self.read.matches("event: board").count(), events, "{}", self.read);
        last.lines().next().unwrap().to_owned()
    }
}

fn contact_group(server: &Server, name: &str) {
    let body = json!({"From_Account": "ann", "GroupContactItem": [{"GroupName": name}]});
    assert_eq!(server.call("recentcontact/create_contact_group", &body)["ErrorCode"], 0);
}

#[test]
fn a_stream_of_a_board_tells_of_what_another_server_of_its_store_does() {
    let cluster = Cluster::start();
    let (url, app) = (cluster.database(), format!("{APP}:{KEY}:ultimate"));
    let flags = ["--store", &url, "--app", &app, "--call-rate", "0", "--admin-token", TOKEN];
    let (here, elsewhere) = (Server::start_with(&flags), Server::start_with(&flags));
    elsewhere.import(&["ann", "bob"]);
    let (cookie, _) = session(&here);
    let mut followed = Followed::begin(&here, &cookie);
    let first = followed.version(1);
    contact_group(&elsewhere, "Friends");
    let second = followed.version(2);
    let pin =
        json!({"From_Account": "ann", "OperationType": 1, "RecentContactItem": [{"Type": 1, "To_Account": "bob"}]});
    assert_eq!(elsewhere.call("recentcontact/top", &pin)["ErrorCode"], 0);
    let third = followed.version(3);
    // Another account's name is on the board too.
    elsewhere.call("im_open_login_svc/account_import", &json!({"UserID": "bob", "Nick": "Bobby"}));
    let fourth = followed.version(4);
    assert!(first != second && second != third && third != fourth);
    let page = String::from_utf8(ask(&here, "GET", &board("part"), &cookie, "").body).unwrap();
    assert!(page.contains(&format!("data-version=\"{fourth}\"")), "the page has another number than the stream");
    assert!(page.contains("Friends") && page.contains("Bobby"));
}

#[test]
fn a_stream_of_a_board_ends_with_its_session_and_with_the_server() {
    let mut server = server();
    server.import(&["ann"]);
    let (cookie, csrf) = session(&server);
    let mut followed = Followed::begin(&server, &cookie);
    followed.version(1);
    ask(&server, "POST", "/console/logout", &format!("{cookie}x-csrf-token: {csrf}\r\n"), "");
    followed.until_its_end();
    let (cookie, _) = session(&server);
    let mut followed = Followed::begin(&server, &cookie);
    followed.version(1);
    assert!(server.stop().success());
    followed.until_its_end();
}

#[test]
fn more_live_boards_than_may_be_are_told_to_come_back() {
    let server = server();
    server.import(&["ann"]);
    let (cookie, _) = session(&server);
    let all: Vec<_> = (0..64).map(|_| Followed::begin(&server, &cookie)).collect();
    assert!(all.iter().all(|one| one.status == 200));
    assert_eq!(Followed::begin(&server, &cookie).status, 503);
    drop(all);
    // The places of those who are gone are found to be free.
    while Followed::begin(&server, &cookie).status == 503 {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

#[test]
fn a_board_is_of_the_application_that_was_asked_for_or_of_none() {
    let server = server();
    server.import(&["ann"]);
    let (cookie, csrf) = session(&server);
    let headers = format!("{cookie}x-csrf-token: {csrf}\r\n");
    let status = |method: &str, path: &str, body: &str| ask(&server, method, path, &headers, body).status;
    assert_eq!(status("POST", &board("act"), "act=create&name=Friends"), 200);
    // Not the first application instead.
    for (method, path) in [("POST", "/console/board/act?app=7&user=ann"), ("GET", "/console/board/part?user=ann")] {
        assert_eq!(status(method, path, "act=create&name=Others"), 404, "{path}");
    }
    for body in
        ["", "act=move", "act=rename&name=x", "act=mark&type=3&id=x", "act=mark&type=1&id=ann&mark=x", "act=nothing"]
    {
        assert_eq!(status("POST", &board("act"), body), 422, "{body}");
    }
    assert_eq!(status("GET", &format!("/console/board/part?app={APP}&user=nobody"), ""), 410);
    let groups = server.call("recentcontact/get_contact_group", &json!({"From_Account": "ann", "StartIndex": 0}));
    assert_eq!(groups["GroupItem"].as_array().unwrap().len(), 1);
}

#[test]
fn an_edition_without_contact_groups_has_none_on_its_board_either() {
    let server = Server::start_with(&[
        "--in-memory",
        "--app",
        &format!("{APP}:{KEY}:trial"),
        "--call-rate",
        "0",
        "--admin-token",
        TOKEN,
    ]);
    server.import(&["ann"]);
    let (cookie, csrf) = session(&server);
    let headers = format!("{cookie}x-csrf-token: {csrf}\r\n");
    let reply = ask(&server, "POST", &board("act"), &headers, "act=create&name=Friends");
    assert_eq!(reply.status, 422);
    assert!(String::from_utf8(reply.body).unwrap().starts_with("51013: "));
    // The custom mark is of every edition.
    let reply = ask(&server, "POST", &board("act"), &headers, "act=custom&type=1&id=ann&text=VIP");
    assert_eq!(reply.status, 200);
}

#[test]
fn the_meters_of_a_board_are_the_limits_of_the_profile_that_is_played() {
    let mut server = server();
    let page = |server: &Server| {
        server.import(&["ann"]);
        let (cookie, _) = session(server);
        String::from_utf8(ask(server, "GET", &board("part"), &cookie, "").body).unwrap()
    };
    let of_2023 = page(&server);
    assert!(of_2023.contains("0/1000") && of_2023.contains(">Conversations<") && !of_2023.contains(">With marks<"));
    server.kill();
    server.set_flags(&["--app", &format!("{APP}:{KEY}:ultimate"), "--call-rate", "0", "--admin-token", TOKEN]);
    server.start_again();
    assert!(server.stop().success());
    server.app(&["set", &APP.to_string(), "profile=2026"]);
    server.start_again();
    let of_2026 = page(&server);
    assert!(of_2026.contains(">With marks<") && of_2026.contains(">In contact groups<"));
    assert!(!of_2026.contains(">Conversations<"));
}
