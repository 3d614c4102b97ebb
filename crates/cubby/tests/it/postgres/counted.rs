//! Clients that send messages, each of which counts: what is done twice shows in the number of unread ones, where a repeated change of
//! contact groups would not.

use super::doors::Doors;
use crate::crash::{Calls, Heard, Violation};
use crate::messages::{SEND, unread};
use crate::support::Server;
use serde_json::json;
use std::sync::atomic::{AtomicBool, Ordering};

/// What the messages of these clients have in their records.
pub const RANDOM: u64 = 4711;

/// One client, which sends from one user to another and repeats nothing.
#[derive(Debug)]
pub struct Counting {
    from: String,
    to: String,
    /// Messages that were acknowledged.
    acknowledged: i64,
    /// Messages of which it is not known whether they were sent.
    unknown: i64,
}

/// So many clients, with users of their own.
pub fn counting(server: &Server, clients: usize) -> Vec<Counting> {
    let new = |n: usize| Counting { from: format!("from{n}"), to: format!("to{n}"), acknowledged: 0, unknown: 0 };
    let all: Vec<Counting> = (0..clients).map(new).collect();
    server.import(&all.iter().flat_map(|one| [one.from.as_str(), one.to.as_str()]).collect::<Vec<_>>());
    all
}

/// Ends the clients, however what is done beside them ends.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Sends messages until `meanwhile` has ended.
pub fn send_beside(clients: &mut [Counting], doors: &Doors, meanwhile: impl FnOnce()) {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let over = &over;
        let sending: Vec<_> = clients.iter_mut().map(|one| scope.spawn(move || one.send(doors, over))).collect();
        {
            let _over = Over(over);
            meanwhile();
        }
        for one in sending {
            one.join().unwrap().unwrap_or_else(|violation| panic!("{violation:?}"));
        }
    });
}

impl Counting {
    fn send(&mut self, doors: &Doors, over: &AtomicBool) -> Result<(), Violation> {
        let mut client = doors.client();
        let text = json!([{"MsgType": "TIMTextElem", "MsgContent": {"Text": "hi"}}]);
        let body = json!({"From_Account": self.from, "To_Account": self.to, "MsgRandom": RANDOM, "MsgBody": text});
        while !over.load(Ordering::SeqCst) {
            match client.call(SEND, &body)? {
                Heard::Cut => self.unknown += 1,
                Heard::Reply(reply) => match reply["ErrorCode"].as_i64() {
                    Some(0) => self.acknowledged += 1,
                    Some(90994) => self.unknown += 1,
                    Some(60008) => {}
                    _ => return Err(Violation::unexpected(reply)),
                },
            }
        }
        Ok(())
    }

    /// Compares the number of unread messages with what it sent.
    pub fn check(&self, server: &Server) -> Result<i64, String> {
        let found = unread(server, &self.to);
        if (self.acknowledged..=self.acknowledged + self.unknown).contains(&found) {
            Ok(found)
        } else {
            Err(format!("{found} are unread: {self:?}"))
        }
    }
}

/// Compares all of them; how many messages were acknowledged, and of how many nothing is known.
pub fn check_all(clients: &[Counting], server: &Server) -> (i64, i64) {
    for one in clients {
        one.check(server).unwrap_or_else(|why| panic!("{why}"));
    }
    (clients.iter().map(|one| one.acknowledged).sum(), clients.iter().map(|one| one.unknown).sum())
}
