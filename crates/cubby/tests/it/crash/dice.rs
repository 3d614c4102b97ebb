//! Chance, from a seed, and the requests that it brings: as many removals, unmarks and deletions as additions.

use super::model::{Marking, Peer, Request, User, World};

/// A source of numbers that its seed determines (splitmix64).
#[derive(Debug, Clone)]
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to, and not including, `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// True `percent` times in a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// Other dice.
    pub fn split(&mut self) -> Self {
        Self(self.next())
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(usize::try_from(self.below(of.len() as u64)).unwrap())
    }
}

/// How many users always exist.
pub const STANDING: u64 = 140;
const CHATS: u64 = 4;
const GROUPS: usize = 10;

fn most_groups(data: &User) -> usize {
    // Of a shared user each of up to sixteen clients has one, so that the contract's twenty are never reached.
    if data.shared { 1 } else { GROUPS }
}

/// Makes one client's requests.
#[derive(Debug)]
pub struct Requests {
    dice: Dice,
    /// What the names and ids of this client begin with.
    prefix: String,
    names: u64,
}

impl Requests {
    pub fn new(dice: Dice, prefix: &str) -> Self {
        Self { dice, prefix: prefix.to_owned(), names: 0 }
    }

    /// The next one, for this state.
    pub fn next(&mut self, world: &World) -> Request {
        if self.dice.chance(10) {
            return self.chat_group(world);
        }
        let ids: Vec<&String> = world.users.keys().collect();
        let user = (*self.dice.pick(&ids).unwrap()).clone();
        let data = &world.users[&user];
        if !data.imported && self.dice.chance(80) {
            let missing: Vec<&String> = ids.into_iter().filter(|id| !world.users[*id].imported).collect();
            let also = missing.into_iter().filter(|id| **id != user && self.dice.chance(50)).cloned();
            return Request::Import([user.clone()].into_iter().chain(also).collect());
        }
        let name = self.dice.pick(&data.groups.keys().cloned().collect::<Vec<_>>()).cloned();
        match (self.dice.below(100), name) {
            (0..3, _) if !data.shared => self.delete_accounts(world, user),
            (0..16, Some(name)) => Request::Delete { user, name },
            (16..24, Some(from)) if !data.shared => Request::Rename { user, from, to: self.name() },
            (24..44, _) if data.groups.len() < most_groups(data) => {
                Request::Create { name: self.name(), add: self.many(data, 40), user }
            }
            (44..72, _) => Request::Mark { marks: self.marks(data), user },
            (_, Some(name)) => Request::Move { moves: self.moves(data, &name), user, name },
            (_, None) => Request::Create { name: self.name(), add: self.many(data, 40), user },
        }
    }

    fn delete_accounts(&mut self, world: &World, user: String) -> Request {
        let others = world.users.iter().filter(|(id, one)| !one.shared && **id != user);
        let also: Vec<String> = others.filter(|_| self.dice.chance(30)).map(|(id, _)| id.clone()).collect();
        Request::DeleteAccounts([user].into_iter().chain(also).collect())
    }

    /// A name that was never used before, so that a GroupId tells which creation it came from.
    fn name(&mut self) -> String {
        self.names += 1;
        format!("{}{}", self.prefix, self.names)
    }

    fn count(&mut self, most: u64) -> u64 {
        let most = if self.dice.chance(70) { most.min(4) } else { most };
        1 + self.dice.below(most)
    }

    fn many(&mut self, data: &User, most: u64) -> Vec<Peer> {
        (0..self.count(most)).map(|_| self.peer(data)).collect()
    }

    /// Of a shared user, every client has conversations of its own.
    fn peer(&mut self, data: &User) -> Peer {
        match self.dice.below(20) {
            0..2 => Peer::Chat(format!("{}chat{}", self.prefix, self.dice.below(CHATS))),
            2 if !data.shared => Peer::User(format!("{}user{}", self.prefix, self.dice.below(3))),
            _ if data.shared => Peer::User(format!("{}peer{}", self.prefix, self.dice.below(12))),
            _ => Peer::User(format!("peer{}", self.dice.below(STANDING))),
        }
    }

    fn moves(&mut self, data: &User, name: &str) -> Vec<(bool, Peer)> {
        let within = data.conversations.iter().filter(|(_, one)| one.sorting.groups.contains(name));
        let within: Vec<Peer> = within.map(|(peer, _)| peer.clone()).collect();
        let mut moves = Vec::new();
        for _ in 0..self.count(60) {
            moves.push(match self.dice.pick(&within).cloned() {
                Some(peer) if self.dice.chance(50) => (false, peer),
                _ => (self.dice.chance(90), self.peer(data)),
            });
        }
        moves
    }

    fn marks(&mut self, data: &User) -> Vec<Marking> {
        let marked = |peer: &&Peer| {
            let sorting = &data.conversations[*peer].sorting;
            !sorting.marks.is_empty() || !sorting.custom.is_empty()
        };
        let marked: Vec<Peer> = data.conversations.keys().filter(marked).cloned().collect();
        let mut marks = Vec::new();
        for _ in 0..self.count(30) {
            marks.push(match self.dice.pick(&marked).cloned() {
                Some(peer) if self.dice.chance(55) => self.unmarking(data, peer),
                _ => self.marking(data),
            });
        }
        marks
    }

    fn unmarking(&mut self, data: &User, peer: Peer) -> Marking {
        let sorting = &data.conversations[&peer].sorting;
        let clear: Vec<u8> = sorting.marks.iter().copied().filter(|_| self.dice.chance(80)).collect();
        let custom = (clear.is_empty() || !sorting.custom.is_empty()).then(String::new);
        Marking { peer, clear, set: Vec::new(), custom }
    }

    fn marking(&mut self, data: &User) -> Marking {
        let mut bit = || u8::try_from(1 + self.dice.below(64)).unwrap();
        let (clear, set) = (vec![bit()], vec![bit(), bit()]);
        let custom = self.dice.chance(40).then(|| format!("mark {}", self.dice.below(9)));
        Marking { peer: self.peer(data), clear, set, custom }
    }

    fn chat_group(&mut self, world: &World) -> Request {
        let id = format!("{}chat{}", self.prefix, self.dice.below(CHATS));
        if world.chats.contains_key(&id) && self.dice.chance(90) {
            return Request::DestroyChat { id };
        }
        let owned = world.users.iter().filter(|(_, user)| !user.shared);
        let mut members: Vec<String> =
            owned.filter(|(_, user)| user.imported || self.dice.chance(5)).map(|(id, _)| id.clone()).collect();
        members.retain(|_| self.dice.chance(70));
        Request::CreateChat { id, members }
    }
}
