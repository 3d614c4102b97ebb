//! What one client knows of its users' data: the contract's rules written apart from the server's, so that what must be there after a
//! kill can be told. It speaks to nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The other side of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    User(String),
    Chat(String),
}

impl Peer {
    pub fn id(&self) -> &str {
        match self {
            Self::User(id) | Self::Chat(id) => id,
        }
    }
}

/// How a user sorts a conversation. Contact groups are named, so that it can be told before a GroupId is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sorting {
    pub groups: BTreeSet<String>,
    pub marks: BTreeSet<u8>,
    /// Empty where there is none.
    pub custom: String,
}

/// A conversation in a user's data, and its place in the order of entry.
#[derive(Debug, Clone)]
pub struct Conversation {
    pub entered: u64,
    pub sorting: Sorting,
}

/// A user's data; of a shared user, one client's part of it.
#[derive(Debug, Clone, Default)]
pub struct User {
    pub imported: bool,
    /// Other clients change it too: its GroupIds cannot be foretold.
    pub shared: bool,
    /// Name to GroupId; 0 where that has not been heard yet.
    pub groups: BTreeMap<String, u64>,
    /// The GroupId that was given last.
    pub given: u64,
    pub entered: u64,
    pub conversations: BTreeMap<Peer, Conversation>,
    /// A request that was repeated may have moved its conversations once or twice, so that their order cannot be foretold.
    pub unordered: bool,
}

impl User {
    /// Its conversations in the order of entry.
    pub fn in_order(&self) -> Vec<&Peer> {
        let mut order: Vec<_> = self.conversations.iter().map(|(peer, one)| (one.entered, peer)).collect();
        order.sort();
        order.into_iter().map(|(_, peer)| peer).collect()
    }
}

/// All that one client owns. A user who is not in it stands for one who is always imported.
#[derive(Debug, Clone, Default)]
pub struct World {
    pub users: BTreeMap<String, User>,
    /// The chat groups that there are, with their members.
    pub chats: BTreeMap<String, BTreeSet<String>>,
}

/// What to do with the marks of one conversation.
#[derive(Debug, Clone)]
pub struct Marking {
    pub peer: Peer,
    pub clear: Vec<u8>,
    pub set: Vec<u8>,
    /// Empty clears it.
    pub custom: Option<String>,
}

#[derive(Debug, Clone)]
pub enum Request {
    Create {
        user: String,
        name: String,
        add: Vec<Peer>,
    },
    /// True adds.
    Move {
        user: String,
        name: String,
        moves: Vec<(bool, Peer)>,
    },
    Rename {
        user: String,
        from: String,
        to: String,
    },
    Delete {
        user: String,
        name: String,
    },
    Mark {
        user: String,
        marks: Vec<Marking>,
    },
    DeleteAccounts(Vec<String>),
    Import(Vec<String>),
    CreateChat {
        id: String,
        members: Vec<String>,
    },
    DestroyChat {
        id: String,
    },
}

/// The contact group that a reply names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub user: String,
    pub name: String,
    /// 0 where it cannot be foretold.
    pub id: u64,
}

/// The reply that a request must have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    pub code: i64,
    pub items: Vec<i64>,
    pub group: Option<Named>,
}

impl Expected {
    fn refused(code: i64) -> Self {
        Self { code, ..Self::default() }
    }
}

impl World {
    fn exists(&self, peer: &Peer) -> bool {
        match peer {
            Peer::User(id) => self.users.get(id).is_none_or(|user| user.imported),
            Peer::Chat(id) => self.chats.contains_key(id),
        }
    }

    fn user(&mut self, id: &str) -> &mut User {
        self.users.get_mut(id).expect("a user of this client")
    }

    /// Does what the server must do, and says what it must answer.
    pub fn apply(&mut self, request: &Request) -> Expected {
        match request {
            Request::Create { user, .. }
            | Request::Move { user, .. }
            | Request::Rename { user, .. }
            | Request::Delete { user, .. }
            | Request::Mark { user, .. }
                if !self.user(user).imported =>
            {
                Expected::refused(50001)
            }
            Request::Create { user, name, add } => self.create(user, name, add),
            Request::Move { user, name, moves } => self.move_all(user, name, moves),
            Request::Rename { user, from, to } => self.rename(user, from, to),
            Request::Delete { user, name } => self.delete(user, name),
            Request::Mark { user, marks } => {
                let items = marks.iter().map(|one| self.mark(user, one)).collect();
                Expected { items, ..Expected::default() }
            }
            Request::DeleteAccounts(ids) => {
                let items = ids.iter().map(|id| self.delete_account(id)).collect();
                Expected { items, ..Expected::default() }
            }
            Request::Import(ids) => {
                for id in ids {
                    self.user(id).imported = true;
                }
                Expected::default()
            }
            Request::CreateChat { id, members } => {
                if self.chats.contains_key(id) {
                    return Expected::refused(10021);
                }
                if members.iter().any(|member| !self.users[member].imported) {
                    return Expected::refused(10019);
                }
                self.chats.insert(id.clone(), members.iter().cloned().collect());
                Expected::default()
            }
            Request::DestroyChat { id } => match self.chats.remove(id) {
                Some(_) => Expected::default(),
                None => Expected::refused(10010),
            },
        }
    }

    fn create(&mut self, user: &str, name: &str, add: &[Peer]) -> Expected {
        let data = self.user(user);
        if !data.groups.contains_key(name) {
            data.given += 1;
            data.groups.insert(name.to_owned(), if data.shared { 0 } else { data.given });
        }
        let id = data.groups[name];
        let add_one = |peer: &Peer| self.sort(user, peer, |one| one.groups.extend([name.to_owned()]));
        let items = add.iter().map(add_one).collect();
        Expected { code: 0, items, group: Some(Named { user: user.to_owned(), name: name.to_owned(), id }) }
    }

    fn move_all(&mut self, user: &str, name: &str, moves: &[(bool, Peer)]) -> Expected {
        let Some(id) = self.user(user).groups.get(name).copied() else { return Expected::refused(51009) };
        let mut items = Vec::new();
        for (adds, peer) in moves {
            items.push(self.sort(user, peer, |one| {
                if *adds {
                    one.groups.insert(name.to_owned());
                } else {
                    one.groups.remove(name);
                }
            }));
        }
        Expected { code: 0, items, group: Some(Named { user: user.to_owned(), name: name.to_owned(), id }) }
    }

    fn rename(&mut self, user: &str, from: &str, to: &str) -> Expected {
        let data = self.user(user);
        if !data.groups.contains_key(from) {
            return Expected::refused(51009);
        }
        if from != to && data.groups.contains_key(to) {
            return Expected::refused(50002);
        }
        let id = data.groups.remove(from).expect("it is there");
        data.groups.insert(to.to_owned(), id);
        for conversation in data.conversations.values_mut() {
            if conversation.sorting.groups.remove(from) {
                conversation.sorting.groups.insert(to.to_owned());
            }
        }
        Expected { group: Some(Named { user: user.to_owned(), name: to.to_owned(), id }), ..Expected::default() }
    }

    fn delete(&mut self, user: &str, name: &str) -> Expected {
        let data = self.user(user);
        let Some(id) = data.groups.remove(name) else { return Expected::refused(51009) };
        for conversation in data.conversations.values_mut() {
            conversation.sorting.groups.remove(name);
        }
        data.conversations.retain(|_, one| one.sorting != Sorting::default());
        Expected { group: Some(Named { user: user.to_owned(), name: name.to_owned(), id }), ..Expected::default() }
    }

    fn mark(&mut self, user: &str, marking: &Marking) -> i64 {
        self.sort(user, &marking.peer, |one| {
            one.marks.retain(|mark| !marking.clear.contains(mark));
            one.marks.extend(&marking.set);
            if let Some(custom) = &marking.custom {
                one.custom.clone_from(custom);
            }
        })
    }

    fn delete_account(&mut self, id: &str) -> i64 {
        if !self.user(id).imported {
            return 70107;
        }
        *self.user(id) = User::default();
        for members in self.chats.values_mut() {
            members.remove(id);
        }
        0
    }

    fn sort(&mut self, user: &str, peer: &Peer, change: impl FnOnce(&mut Sorting)) -> i64 {
        let now = self.users[user].conversations.get(peer).map(|one| one.sorting.clone()).unwrap_or_default();
        let mut wanted = now.clone();
        change(&mut wanted);
        if wanted == now {
            return 0;
        }
        let adds_custom = !wanted.custom.is_empty() && wanted.custom != now.custom;
        let adds = adds_custom || !wanted.groups.is_subset(&now.groups) || !wanted.marks.is_subset(&now.marks);
        if adds && !self.exists(peer) {
            return if matches!(peer, Peer::User(_)) { 50001 } else { 51007 };
        }
        let data = self.user(user);
        if wanted == Sorting::default() {
            data.conversations.remove(peer);
        } else if let Some(conversation) = data.conversations.get_mut(peer) {
            conversation.sorting = wanted;
        } else {
            data.entered += 1;
            data.conversations.insert(peer.clone(), Conversation { entered: data.entered, sorting: wanted });
        }
        0
    }

    /// Everything in it that can be seen from outside, a line each.
    fn cells(&self) -> BTreeMap<String, String> {
        let mut cells = BTreeMap::new();
        for (id, user) in self.users.iter().filter(|(_, user)| user.imported) {
            cells.insert(id.clone(), "imported".to_owned());
            let groups = user.groups.keys().map(|name| (format!("{id}'s contact group {name}"), "there".to_owned()));
            cells.extend(groups);
            let conversations = user.conversations.iter();
            cells
                .extend(conversations.map(|(peer, one)| (format!("{id} with {peer:?}"), format!("{:?}", one.sorting))));
        }
        cells.extend(self.chats.iter().map(|(id, members)| (format!("chat group {id}"), format!("{members:?}"))));
        cells
    }

    fn same_order(&self, other: &Self) -> bool {
        self.users.iter().all(|(id, user)| {
            user.unordered || other.users.get(id).is_some_and(|one| one.in_order() == user.in_order())
        })
    }

    /// Takes note of a request that may have been done twice: what it leaves is the same, but for the order of conversations that it
    /// removes and adds again.
    pub fn perhaps_again(&mut self, request: &Request) {
        let mut again = self.clone();
        again.apply(request);
        for (id, user) in &mut self.users {
            user.unordered |= user.in_order() != again.users[id].in_order();
        }
    }

    /// Takes the order that was found where none could be foretold.
    pub fn learn_order(&mut self, found: &Self) {
        for (id, user) in self.users.iter_mut().filter(|(_, user)| user.unordered) {
            let found = &found.users[id];
            for (peer, one) in &mut user.conversations {
                one.entered = found.conversations.get(peer).map_or(one.entered, |found| found.entered);
            }
            user.entered = found.entered;
            user.unordered = false;
        }
    }
}

/// Which promise was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What was acknowledged is not there, or more is.
    Lost,
    /// A part of one request is there.
    Half,
    /// A GroupId was given again.
    GroupIdTwice,
    /// A reply or a state that the contract does not allow otherwise.
    Unexpected,
}

/// A broken promise.
#[derive(Debug, Clone)]
pub struct Violation {
    pub kind: Kind,
    pub what: String,
}

impl Violation {
    pub fn new(kind: Kind, what: impl fmt::Display) -> Self {
        Self { kind, what: what.to_string() }
    }

    pub fn unexpected(what: impl fmt::Display) -> Self {
        Self::new(Kind::Unexpected, what)
    }
}

/// Finds out which of the two states a client sees: the acknowledged one, or the one with the request of which nothing was heard. The
/// other one must not show through anywhere.
pub fn judge(acknowledged: World, unknown: Option<(&Request, World)>, observed: &World) -> Result<World, Violation> {
    let seen = observed.cells();
    let before = acknowledged.cells();
    let (request, after) = unknown.unzip();
    let after_cells = after.as_ref().map_or_else(|| before.clone(), World::cells);
    let allowed = [Some(acknowledged), after].into_iter().flatten();
    let whole: Vec<World> = allowed.filter(|world| world.cells() == seen).collect();
    if whole.is_empty() {
        return Err(contradiction(request, &before, &after_cells, &seen));
    }
    let in_order = whole.into_iter().find(|world| world.same_order(observed));
    in_order.ok_or_else(|| Violation::unexpected("the conversations are not in the order in which they entered"))
}

type Cells = BTreeMap<String, String>;

fn contradiction(request: Option<&Request>, before: &Cells, after: &Cells, seen: &Cells) -> Violation {
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).chain(seen.keys()).collect();
    let wrong = keys.into_iter().find(|key| seen.get(*key) != before.get(*key) && seen.get(*key) != after.get(*key));
    match wrong {
        Some(key) => {
            let (seen, before) = (seen.get(key), before.get(key));
            Violation::new(Kind::Lost, format!("{key}: acknowledged {before:?}, found {seen:?}; in hand: {request:?}"))
        }
        None => Violation::new(Kind::Half, format!("a part of one request is there: {request:?}")),
    }
}
