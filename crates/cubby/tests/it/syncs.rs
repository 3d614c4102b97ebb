//! Counts syncs, for a kill alone cannot show a missing one: the system keeps what a dead process wrote. The server runs under strace;
//! between a change's arrival and its reply the journal must have been written and synced.

use crate::crash::broken::{self, Promise};
use crate::support::{Server, query, read_reply, request, run_by};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// What happened, in the order in which it did. A call into the system counts where it ended, and the sending of a reply where it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    /// A call was read.
    Arrival,
    JournalWritten,
    JournalSynced,
    /// A reply that acknowledges was about to be sent.
    Acknowledged,
}

const TRACED: &str = "trace=fdatasync,fsync,write,pwrite64,writev,sendto,sendmsg,read,recvfrom,recvmsg";

/// A command line under strace. The server stays the child, and the tracer is put beside it.
fn under_strace(trace: &Path, command: &Command) -> Command {
    let trace = trace.to_str().unwrap();
    run_by("strace", &["-D", "-f", "-y", "-s", "2000", "-e", TRACED, "-o", trace], command)
}

/// What a trace says.
fn events_of(trace: &str) -> Vec<Event> {
    let mut begun: HashMap<&str, &str> = HashMap::new();
    let mut events = Vec::new();
    for line in trace.lines() {
        let Some((pid, call)) = line.split_once(' ') else { continue };
        let call = call.trim_start();
        if let Some(call) = call.strip_suffix(" <unfinished ...>") {
            begun.insert(pid, call);
            events.extend(sent(call));
        } else if let Some((_, rest)) = call.strip_prefix("<... ").and_then(|call| call.split_once(" resumed>")) {
            let call = format!("{}{rest}", begun.remove(pid).unwrap_or_default());
            events.extend(ended(&call));
        } else {
            events.extend(sent(call).or_else(|| ended(call)));
        }
    }
    events
}

fn sent(call: &str) -> Option<Event> {
    let name = call.split('(').next()?;
    let sends = ["sendto", "sendmsg", "write", "writev"].contains(&name);
    (sends && call.contains("socket:[") && call.contains(r#"\"ActionStatus\":\"OK\""#)).then_some(Event::Acknowledged)
}

fn ended(call: &str) -> Option<Event> {
    let name = call.split('(').next()?;
    let (_, result) = call.rsplit_once(" = ")?;
    if result.starts_with('-') {
        return None;
    }
    let on_journal = call.split(')').next()?.contains(".jnl>");
    match name {
        "recvfrom" | "recvmsg" | "read" if call.contains("socket:[") && call.contains("POST /v4/") => {
            Some(Event::Arrival)
        }
        "write" | "pwrite64" | "writev" if on_journal => Some(Event::JournalWritten),
        "fsync" | "fdatasync" if on_journal => Some(Event::JournalSynced),
        _ => None,
    }
}

/// Judges requests that were sent one after another, all of them changes: how many were acknowledged, each after its own sync.
fn judge(events: &[Event]) -> Result<usize, String> {
    let (mut acknowledged, mut synced) = (0, 0);
    // Since the last arrival.
    let (mut written_now, mut synced_now) = (false, false);
    for event in events {
        match event {
            Event::Arrival => (written_now, synced_now) = (false, false),
            Event::JournalWritten => (written_now, synced_now) = (true, false),
            Event::JournalSynced => {
                synced += usize::from(written_now && !synced_now);
                synced_now = written_now;
            }
            Event::Acknowledged => {
                acknowledged += 1;
                if !synced_now {
                    return Err(format!("change {acknowledged} was acknowledged before its sync"));
                }
            }
        }
    }
    // A server that syncs late might sync one change while it holds the next one.
    if synced < acknowledged { Err(format!("{synced} syncs for {acknowledged} changes")) } else { Ok(acknowledged) }
}

/// Every changing command, each with a change that it really makes.
fn changes(round: usize) -> Vec<(&'static str, Value)> {
    let (user, peer, third) = (format!("user{round}"), format!("peer{round}"), format!("third{round}"));
    let chat = format!("chat{round}");
    let with = json!({"Type": 1, "To_Account": peer});
    let update = |update: Value| json!({"From_Account": user, "UpdateType": 1, "UpdateGroup": update});
    let moved = |kind: i32| json!({"UpdateGroupType": 2, "OldGroupName": "a", "ContactUpdateItem": [{"ContactOptType": kind, "ContactItem": with}]});
    let marked = |item: Value| json!({"From_Account": user, "MarkItem": [item]});
    vec![
        ("im_open_login_svc/account_import", json!({"UserID": user})),
        ("im_open_login_svc/multiaccount_import", json!({"Accounts": [peer, third]})),
        (
            "group_open_http_svc/create_group",
            json!({"Type": "Public", "Name": "n", "GroupId": chat, "Owner_Account": user}),
        ),
        ("group_open_http_svc/add_group_member", json!({"GroupId": chat, "MemberList": [{"Member_Account": third}]})),
        ("group_open_http_svc/delete_group_member", json!({"GroupId": chat, "MemberToDel_Account": [third]})),
        (
            "recentcontact/create_contact_group",
            json!({"From_Account": user, "GroupContactItem": [{"GroupName": "a", "ContactItem": []}]}),
        ),
        ("recentcontact/update_contact_group", update(moved(1))),
        ("recentcontact/update_contact_group", update(moved(2))),
        (
            "recentcontact/update_contact_group",
            update(json!({"UpdateGroupType": 1, "OldGroupName": "a", "NewGroupName": "b"})),
        ),
        ("recentcontact/mark_contact", marked(json!({"OptType": 1, "ContactItem": with, "SetMark": [1, 64]}))),
        ("recentcontact/mark_contact", marked(json!({"OptType": 2, "ContactItem": with, "CustomMark": "m"}))),
        ("recentcontact/mark_contact", marked(json!({"OptType": 1, "ContactItem": with, "ClearMark": [1]}))),
        ("recentcontact/del_contact_group", json!({"From_Account": user, "GroupName": ["b"]})),
        ("group_open_http_svc/destroy_group", json!({"GroupId": chat})),
        ("im_open_login_svc/account_delete", json!({"DeleteItem": [{"UserID": third}]})),
    ]
}

/// Starts a server under strace: the real one, or one that breaks a promise.
fn traced(broken_promise: Option<Promise>) -> (Server, std::path::PathBuf) {
    let mut server = Server::launched_by(|command| command);
    let trace = server.directory.path().join("trace");
    let written = trace.clone();
    server.set_launch(move |command| match broken_promise {
        Some(promise) => under_strace(&written, &broken::launch(promise, &command)),
        None => under_strace(&written, &command),
    });
    server.start_again();
    (server, trace)
}

/// Ends the server and reads what the tracer wrote, which it goes on doing for a moment.
fn trace_of(mut server: Server, trace: &Path) -> String {
    let pid = server.pid();
    server.kill();
    for _ in 0..1000 {
        let text = String::from_utf8_lossy(&std::fs::read(trace).unwrap()).into_owned();
        if text.lines().rev().any(|line| line.starts_with(&pid.to_string()) && line.contains("+++ ")) {
            return text;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the trace has no end");
}

/// Sends three rounds of all changes, one after another, and judges the trace.
fn judged(broken_promise: Option<Promise>) -> Result<(), String> {
    let (server, trace) = traced(broken_promise);
    let mut sent = 0;
    for (path, body) in (0..3).flat_map(changes) {
        let reply = server.call(path, &body);
        assert_eq!(reply["ErrorCode"], 0, "{path} {body}: {reply}");
        sent += 1;
    }
    let acknowledged = judge(&events_of(&trace_of(server, &trace)))?;
    assert_eq!(acknowledged, sent, "the trace shows every reply");
    Ok(())
}

#[test]
fn every_change_is_synced_before_it_is_acknowledged() {
    judged(None).unwrap();
}

#[test]
fn the_count_of_syncs_finds_a_server_that_leaves_them_out() {
    let found = judged(Some(Promise::SyncBeforeReply)).unwrap_err();
    assert!(found.contains("before its sync"), "{found}");
}

#[test]
fn the_count_of_syncs_finds_a_server_that_syncs_after_its_reply() {
    judged(Some(Promise::ReplyAfterCommit)).unwrap_err();
}

#[test]
fn the_count_of_syncs_finds_nothing_in_the_same_server_with_no_promise_broken() {
    judged(Some(Promise::None)).unwrap();
}

#[test]
fn clients_at_the_same_time_share_syncs() {
    const CLIENTS: usize = 64;
    const EACH: usize = 8;
    let (server, trace) = traced(None);
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let server = &server;
            scope.spawn(move || {
                let mut stream = server.connect();
                for n in 0..EACH {
                    let target = format!("/v4/im_open_login_svc/account_import?{}", query());
                    let body = json!({"UserID": format!("user{client}-{n}")}).to_string();
                    stream.write_all(&request("POST", &target, body.as_bytes())).unwrap();
                    assert_eq!(read_reply(&mut stream).expect("a reply").code(), 0);
                }
            });
        }
    });
    let events = events_of(&trace_of(server, &trace));
    let count = |kind: Event| events.iter().filter(|event| **event == kind).count();
    let (changes, syncs) = (count(Event::Acknowledged), count(Event::JournalSynced));
    assert_eq!(changes, CLIENTS * EACH, "the trace shows every reply");
    assert!(syncs > 0 && syncs < changes, "{syncs} syncs for {changes} changes");
}
