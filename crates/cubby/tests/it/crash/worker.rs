//! One client: it changes its users' data over a keep-alive connection, one request in hand, and knows what must be there afterwards.

use super::dice::{Dice, Requests};
use super::model::{Expected, Kind, Named, Request, User, Violation, World, judge};
use super::wire::{Calls, Client, Heard, Ledger, call_of, check, user_of};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::time::Duration;

/// What the clients of one round share.
pub struct Load<'a> {
    pub ledger: &'a Ledger,
    /// How many requests have been acknowledged.
    pub acknowledged: AtomicU64,
    /// At this many somebody is told.
    pub tell_at: u64,
    pub tell: SyncSender<()>,
    /// At this many all stop of themselves.
    pub enough: u64,
    /// Whether a request of which nothing is known is asked again, of whichever server answers, instead of ending a client's round.
    pub repeats: bool,
    /// Set before the server is killed; where requests are repeated, when it was enough.
    pub killed: AtomicBool,
    /// Set when the first 50004 was heard.
    pub failed: AtomicBool,
    /// Set when a client found a promise broken.
    pub violated: AtomicBool,
    /// How many requests had been done when they were repeated.
    pub done_before: AtomicU64,
}

/// How a client's round ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// By the kill.
    Killed,
    /// The connection broke, and nobody had killed the server.
    Dropped,
    /// The server said that it has failed.
    Failed,
    /// The server did not answer in time, so that nobody knows whether the request was done.
    Slow,
    /// There were enough.
    Enough,
}

/// A failure of the machine, by service family.
const INTERNAL: [i64; 3] = [50004, 70500, 10002];
const TIMED_OUT: i64 = 50005;
/// A store that did not answer in time, where the family of the command has no code for that alone.
const TIMED_OUT_OR_FAILED: [i64; 2] = [70500, 10002];
const OVERLOADED: i64 = 60008;

impl Load<'_> {
    fn is_enough(&self) -> bool {
        self.acknowledged.load(Ordering::SeqCst) >= self.enough || (self.repeats && self.killed.load(Ordering::SeqCst))
    }

    /// Waits until so many more requests were acknowledged.
    pub fn until_more(&self, count: u64) {
        let wanted = self.acknowledged.load(Ordering::SeqCst) + count;
        for _ in 0..6000 {
            if self.acknowledged.load(Ordering::SeqCst) >= wanted {
                return;
            }
            assert!(!self.violated.load(Ordering::SeqCst), "a client found a promise broken");
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("requests are no longer acknowledged");
    }

    fn cut(&self) -> End {
        if self.killed.load(Ordering::SeqCst) { End::Killed } else { End::Dropped }
    }
}

/// What came of a request.
enum Asked {
    /// Whether it was asked more than once.
    Reply {
        reply: Value,
        repeated: bool,
    },
    NothingDone,
    Ended(End),
}

/// How often a request is repeated at most.
const REPEATS: usize = 1000;

/// Asks for what a request wants, again where that is what clients do. What is asked for is the same, once it is done or when it is done
/// again: nothing of it is counted.
fn ask_for(client: &mut impl Calls, request: &Request, load: &Load<'_>) -> Result<Asked, Violation> {
    let (path, body) = call_of(request);
    let mut repeated = false;
    for _ in 0..REPEATS {
        let nothing_known = match client.call(path, &body)? {
            Heard::Cut => load.cut(),
            Heard::Reply(reply) => match reply["ErrorCode"].as_i64() {
                Some(OVERLOADED) => {
                    std::thread::sleep(Duration::from_millis(50));
                    if repeated {
                        continue;
                    }
                    return Ok(Asked::NothingDone);
                }
                Some(TIMED_OUT) => End::Slow,
                Some(code) if load.repeats && TIMED_OUT_OR_FAILED.contains(&code) => End::Slow,
                _ => return Ok(Asked::Reply { reply, repeated }),
            },
        };
        if !load.repeats {
            return Ok(Asked::Ended(nothing_known));
        }
        repeated = true;
        std::thread::sleep(Duration::from_millis(20));
    }
    Err(Violation::unexpected(format!("{path} {body} was never answered")))
}

pub struct Worker {
    prefix: String,
    requests: Requests,
    /// What was acknowledged.
    world: World,
    /// The request of which nothing was heard.
    unknown: Option<Request>,
}

impl Worker {
    /// A client with users of its own and a part in some shared ones; all of them are imported.
    pub fn new(index: usize, dice: Dice, shared: &[String]) -> Self {
        let prefix = format!("t{index}-");
        let imported = User { imported: true, ..User::default() };
        let mut world = World::default();
        world.users.extend((0..3).map(|n| (format!("{prefix}user{n}"), imported.clone())));
        world.users.extend(shared.iter().map(|id| (id.clone(), User { shared: true, ..imported.clone() })));
        Self { requests: Requests::new(dice, &prefix), prefix, world, unknown: None }
    }

    /// The accounts that it needs.
    pub fn accounts(&self) -> Vec<String> {
        let peers = (0..12).map(|n| format!("{}peer{n}", self.prefix));
        self.world.users.keys().cloned().chain(peers).collect()
    }

    /// Changes data until the server is gone or it was enough. None is a server at which nobody listens.
    pub fn load(&mut self, client: Option<impl Calls>, load: &Load<'_>) -> Result<End, Violation> {
        let Some(mut client) = client else { return Ok(load.cut()) };
        while !load.is_enough() {
            let request = self.requests.next(&self.world);
            let mut after = self.world.clone();
            let expected = after.apply(&request);
            let failed_before = load.failed.load(Ordering::SeqCst);
            self.unknown = Some(request.clone());
            let (reply, repeated) = match ask_for(&mut client, &request, load)? {
                Asked::Reply { reply, repeated } => (reply, repeated),
                Asked::NothingDone => {
                    self.unknown = None;
                    continue;
                }
                Asked::Ended(end) => return Ok(end),
            };
            match reply["ErrorCode"].as_i64() {
                Some(code) if INTERNAL.contains(&code) => {
                    load.failed.store(true, Ordering::SeqCst);
                    return self.nothing_more(&mut client);
                }
                Some(0) if failed_before => {
                    return Err(Violation::unexpected(format!("acknowledged after a 50004: {request:?}")));
                }
                _ => {}
            }
            let id = match check(&request, &reply, &expected) {
                Err(_) if repeated => {
                    load.done_before.fetch_add(1, Ordering::SeqCst);
                    check(&request, &reply, &after.clone().apply(&request))?
                }
                other => other?,
            };
            self.heard(&mut after, &expected, id, load.ledger)?;
            if repeated {
                after.perhaps_again(&request);
            }
            self.world = after;
            self.unknown = None;
            if load.acknowledged.fetch_add(1, Ordering::SeqCst) + 1 == load.tell_at {
                // The other end may have gone: then it has been told enough.
                let _told = load.tell.try_send(());
            }
        }
        Ok(End::Enough)
    }

    /// After a 50004 no change is acknowledged any more.
    fn nothing_more(&self, client: &mut impl Calls) -> Result<End, Violation> {
        let account = format!("{}late", self.prefix);
        match client.call("im_open_login_svc/account_import", &json!({"UserID": account}))? {
            Heard::Reply(reply) if reply["ErrorCode"] == 0 => {
                Err(Violation::unexpected("a change was acknowledged after a 50004"))
            }
            _ => Ok(End::Failed),
        }
    }

    /// Judges a GroupId that was heard or seen, and learns it where it could not be foretold.
    fn heard(&self, after: &mut World, expected: &Expected, id: Option<u64>, ledger: &Ledger) -> Result<(), Violation> {
        let (Some(named), Some(id)) = (&expected.group, id) else { return Ok(()) };
        let user = after.users.get_mut(&named.user).unwrap();
        if user.shared {
            ledger.note(named, id)?;
            if let Some(known) = user.groups.get_mut(&named.name) {
                *known = id;
            }
            return Ok(());
        }
        if id == named.id {
            return Ok(());
        }
        let what = format!("{} of {} has GroupId {id}, not {}", named.name, named.user, named.id);
        let kind = if id <= self.world.users[&named.user].given { Kind::GroupIdTwice } else { Kind::Unexpected };
        Err(Violation::new(kind, what))
    }

    /// Compares everything that is there with everything that was acknowledged, and goes on from what it finds.
    pub fn verify(&mut self, port: u16, ledger: &Ledger) -> Result<(), Violation> {
        let mut client = Client::connect(port).ok_or_else(|| Violation::unexpected("nobody listens"))?;
        let observed = self.observe(&mut client)?;
        let request = self.unknown.take();
        let unknown = request.as_ref().map(|request| {
            let mut after = self.world.clone();
            after.apply(request);
            (request, after)
        });
        let mut world = judge(self.world.clone(), unknown, &observed)?;
        world.learn_order(&observed);
        for (id, user) in &observed.users {
            for (name, seen) in &user.groups {
                let named = Named { user: id.clone(), name: name.clone(), id: world.users[id].groups[name] };
                let expected = Expected { group: Some(named), ..Expected::default() };
                self.heard(&mut world, &expected, Some(*seen), ledger)?;
            }
        }
        self.world = world;
        Ok(())
    }

    fn observe(&self, client: &mut Client) -> Result<World, Violation> {
        let mut observed = World::default();
        for (id, user) in &self.world.users {
            let pages = pages(client, id)?;
            let seen = if pages.is_empty() {
                User { shared: user.shared, ..User::default() }
            } else {
                user_of(&pages, user.shared.then_some(&self.prefix))?
            };
            observed.users.insert(id.clone(), seen);
        }
        let ids: Vec<String> = (0..4).map(|n| format!("{}chat{n}", self.prefix)).collect();
        let reply = ask(client, "group_open_http_svc/get_group_info", &json!({"GroupIdList": ids}))?;
        for (id, entry) in ids.into_iter().zip(reply["GroupInfo"].as_array().into_iter().flatten()) {
            let members = entry["MemberList"].as_array().into_iter().flatten();
            let members = members.filter_map(|one| one["Member_Account"].as_str().map(str::to_owned)).collect();
            match entry["ErrorCode"].as_i64() {
                Some(0) => drop(observed.chats.insert(id, members)),
                Some(10010) => {}
                _ => return Err(Violation::unexpected(entry)),
            }
        }
        Ok(observed)
    }
}

/// All pages of a user's data; none where the user is not imported.
fn pages(client: &mut Client, user: &str) -> Result<Vec<Value>, Violation> {
    let mut pages: Vec<Value> = Vec::new();
    let mut start = json!(0);
    loop {
        let body = json!({"From_Account": user, "StartIndex": start});
        let page = ask(client, "recentcontact/get_contact_group", &body)?;
        match page["ErrorCode"].as_i64() {
            Some(50001) if pages.is_empty() => return Ok(pages),
            Some(0) if pages.len() < 100 => {}
            _ => return Err(Violation::unexpected(format!("{body} was answered {page}"))),
        }
        start = page["NextStartIndex"].clone();
        let last = page["CompleteFlag"] == 1;
        pages.push(page);
        if last {
            return Ok(pages);
        }
    }
}

/// Asks until the server has the time to answer.
fn ask(client: &mut Client, path: &str, body: &Value) -> Result<Value, Violation> {
    for _ in 0..100 {
        match client.call(path, body)? {
            Heard::Cut => return Err(Violation::unexpected(format!("the connection broke at {path} {body}"))),
            Heard::Reply(reply) if [TIMED_OUT, OVERLOADED].map(Some).contains(&reply["ErrorCode"].as_i64()) => {
                std::thread::sleep(Duration::from_millis(50));
            }
            Heard::Reply(reply) => return Ok(reply),
        }
    }
    Err(Violation::unexpected(format!("{path} {body} was never answered")))
}
