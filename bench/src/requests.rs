//! The requests, built once and then only patched: what the generator does for a request is taken from the server's cores.

use crate::exchange::Expect;
use cubby_protocol::usersig;
use cubby_server::Clock;
use std::cell::Cell;
use std::ops::Range;
use std::rc::Rc;

/// The application under test.
pub(crate) const APP: u64 = 1_400_000_000;
/// Its key.
pub(crate) const KEY: &str = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e";
/// The one contact group that every user has.
pub(crate) const CONTACT_GROUP: &str = "friends";
/// How many conversations every user has.
pub(crate) const KEPT: u32 = 20;
/// Among how many others an update chooses the conversation that it adds.
const OTHERS: u32 = 50;
/// The fewest users that a run can have, so that nobody is added to his own data.
pub(crate) const USERS_MIN: u32 = KEPT + OTHERS + 1;

const ADMINISTRATOR: &str = "administrator";
const A_DAY: i64 = 86_400;

/// The UserID of the `n`th user. All have one length, so that a request can be patched where it stands.
pub(crate) fn user(n: u32) -> String {
    format!("user{n:06}")
}

/// Makes whole requests, signed once for all of them.
#[derive(Debug)]
pub(crate) struct Signed {
    query: String,
}

impl Signed {
    /// A signature that is valid for a day from now.
    pub(crate) fn new(clock: &Clock) -> Self {
        let now = i64::try_from(clock.now().0).unwrap_or(i64::MAX);
        let usersig = usersig::make(APP, KEY.as_bytes(), ADMINISTRATOR, A_DAY, now, None);
        let query =
            format!("sdkappid={APP}&identifier={ADMINISTRATOR}&usersig={usersig}&random=99999999&contenttype=json");
        Self { query }
    }

    /// A request of a command, and where its body begins.
    pub(crate) fn request(&self, command: &str, body: &str) -> (Vec<u8>, usize) {
        let head = format!(
            "POST /v4/{command}?{} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.query,
            body.len()
        );
        ([head.as_bytes(), body.as_bytes()].concat(), head.len())
    }
}

/// What is asked under load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `get_contact_group` of users with 20 conversations.
    Get,
    /// `update_contact_group` with one item.
    Update,
}

impl Kind {
    /// The command's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Get => "get_contact_group",
            Self::Update => "update_contact_group",
        }
    }
}

/// Which conversation an update has added to each user's data and none has removed yet; 0 is none.
pub(crate) type Added = Rc<[Cell<u32>]>;

/// The endless requests of one connection. A connection has users of its own, so that two never race for one conversation.
pub(crate) struct Requests {
    kind: Kind,
    bytes: Vec<u8>,
    user_at: Range<usize>,
    peer_at: Range<usize>,
    way_at: Range<usize>,
    /// Its users: the `first`th, and each `step`th after it.
    first: u32,
    step: u32,
    added: Added,
    random: fastrand::Rng,
}

impl Requests {
    /// The requests of the `first`th of `step` connections.
    pub(crate) fn new(signed: &Signed, kind: Kind, first: u32, step: u32, added: Added) -> Self {
        let body = match kind {
            Kind::Get => r#"{"From_Account":"user<USER>","StartIndex":0}"#.to_owned(),
            Kind::Update => format!(
                r#"{{"From_Account":"user<USER>","UpdateType":1,"UpdateGroup":{{"UpdateGroupType":2,"OldGroupName":"{CONTACT_GROUP}","ContactUpdateItem":[{{"ContactOptType":%,"ContactItem":{{"Type":1,"To_Account":"user<PEER>"}}}}]}}}}"#
            ),
        };
        let (bytes, body_at) = signed.request(&format!("recentcontact/{}", kind.name()), &body);
        let place = |text: &str| body.find(text).map_or(0..0, |at| body_at + at..body_at + at + text.len());
        let random = fastrand::Rng::with_seed(u64::from(first) + 1);
        let (user_at, peer_at, way_at) = (place("<USER>"), place("<PEER>"), place("%"));
        Self { kind, bytes, user_at, peer_at, way_at, first, step, added, random }
    }

    /// The next request, and what its reply must have.
    pub(crate) fn next(&mut self) -> (&[u8], Expect) {
        let users = u32::try_from(self.added.len()).unwrap_or(u32::MAX);
        let own = (users - self.first).div_ceil(self.step);
        let user = self.first + self.step * self.random.u32(0..own);
        patch(&mut self.bytes, &self.user_at, user);
        if self.kind == Kind::Get {
            return (&self.bytes, Expect::Success);
        }
        if let Some(added) = usize::try_from(user).ok().and_then(|user| self.added.get(user)) {
            let (peer, way) = match added.replace(0) {
                0 => {
                    let peer = self.random.u32(KEPT + 1..=KEPT + OTHERS);
                    added.set(peer);
                    (peer, b'1')
                }
                peer => (peer, b'2'),
            };
            patch(&mut self.bytes, &self.peer_at, (user + peer) % users);
            if let Some(byte) = self.bytes.get_mut(self.way_at.start) {
                *byte = way;
            }
        }
        (&self.bytes, Expect::OneItem)
    }
}

/// Writes a number, with leading zeros, where one stands.
fn patch(bytes: &mut [u8], at: &Range<usize>, mut number: u32) {
    for byte in bytes.get_mut(at.clone()).into_iter().flatten().rev() {
        *byte = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(kind: Kind, users: u32, first: u32, step: u32, times: usize) -> Vec<serde_json::Value> {
        let added: Added = (0..users).map(|_| Cell::new(0)).collect();
        let mut requests = Requests::new(&Signed::new(&Clock::system()), kind, first, step, added);
        let body = |request: &[u8]| {
            let text = std::str::from_utf8(request).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert!(head.ends_with(&format!("Content-Length: {}", body.len())), "{head}");
            serde_json::from_str(body).unwrap()
        };
        (0..times).map(|_| body(requests.next().0)).collect()
    }

    #[test]
    fn each_update_of_a_user_adds_a_conversation_or_removes_the_one_it_added() {
        let mut now = std::collections::BTreeMap::new();
        let mut adds = 0;
        for body in bodies(Kind::Update, 100, 3, 4, 5000) {
            let item = &body["UpdateGroup"]["ContactUpdateItem"][0];
            let (user, peer) = (body["From_Account"].to_string(), item["ContactItem"]["To_Account"].to_string());
            assert_ne!(user, peer);
            if item["ContactOptType"] == 1 {
                adds += 1;
                assert_eq!(now.insert(user, peer), None);
            } else {
                assert_eq!(now.remove(&user), Some(peer));
            }
        }
        assert!((2400..2700).contains(&adds), "{adds}");
    }

    #[test]
    fn a_connection_asks_for_its_own_users_and_for_all_of_them() {
        let users: std::collections::BTreeSet<String> = bodies(Kind::Get, 102, 1, 4, 2000)
            .iter()
            .map(|body| body["From_Account"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(users, (1..102).step_by(4).map(user).collect());
    }
}
