//! Random sequences: small numbers that name a handful of users, chat groups and names, so that they meet often and a failure shrinks to
//! a few short lines.

use super::actions::Action;
use super::messages::{Between, MessageOp, Paging, message_queries, messages, pagings};
use crate::support::{chat_group, name, user, with, within_group};
use cubby_domain::commands::{
    AddMembers, ApplicationChange, ChangeApplication, ChatGroupIdWanted, CreateChatGroup, CreateContactGroup,
    CustomMarking, DeleteAccounts, DeleteContactGroup, DestroyChatGroup, ImportAccounts, ImportedAccount, MarkContacts,
    Marking, Move, RemoveMembers, UpdateContactGroup,
};
use cubby_domain::queries::{
    CheckAccounts, GetChatGroups, JoinedChatGroups, ListChatGroups, ListContacts, SearchContacts,
};
use cubby_domain::{ChatGroupId, ConversationId, CustomMark, Edition, ItemRefusal, MarkSet, UserId};
use proptest::collection::vec;
use proptest::prelude::*;

/// The users. The fifth is an administrator, who exists without an import.
pub const USERS: [&str; 6] = ["a", "ab", "a\0", "b", "administrator", "用户"];
/// The chat groups with given ids.
pub const CHAT_GROUPS: [&str; 4] = ["g", "gg", "g\0", "b"];
const NAMES: [&str; 5] = ["x", "xy", "y", "z", "好友"];
const KINDS: [&str; 3] = ["Public", "Private", "AVChatRoom"];
/// How many conversations a user can name: one with each user and in each chat group.
const CONVERSATIONS: usize = USERS.len() + CHAT_GROUPS.len();

/// One item of a list; `None` was malformed on the wire.
type Item = Option<usize>;

/// A request.
#[derive(Debug, Clone)]
pub enum Op {
    Create { of: usize, group: usize, items: Vec<Item> },
    Rename { of: usize, from: usize, to: usize },
    Move { of: usize, group: usize, items: Vec<(bool, Item)> },
    Delete { of: usize, group: usize },
    Mark { of: usize, items: Vec<(Item, u8, u8, Option<u8>)> },
    Search { of: usize, items: Vec<usize> },
    List { of: usize, after: u64, limit: u64 },
    Import(Vec<usize>),
    Check(Vec<Item>),
    DeleteAccounts(Vec<Item>),
    CreateChatGroup { id: Option<usize>, kind: usize, owner: Option<usize>, most: Option<u64>, members: Vec<usize> },
    DestroyChatGroup(usize),
    AddMembers { to: usize, users: Vec<Item> },
    RemoveMembers { from: usize, users: Vec<usize> },
    GetChatGroups(Vec<usize>),
    ListChatGroups { after: u64, limit: u64, kind: Option<usize> },
    Joined { of: usize, kind: Option<usize> },
    ChangeApplication(Vec<AppChange>),
    ListApplications,
    Message(MessageOp),
}

/// A change of the application.
#[derive(Debug, Clone)]
pub enum AppChange {
    Create(u8),
    Register(u8, bool),
    AddKey(u8),
    RetireOldKeys,
    Disable(bool),
    Edition(usize),
}

/// A step of a sequence.
#[derive(Debug, Clone)]
pub enum Step {
    /// A request, awaited.
    Do(Op),
    /// Commands sent at once, in this order: an engine may take them into one batch.
    Together(Vec<Op>),
    /// The clock goes on, or steps back.
    Clock(i64),
    /// The directory of users is kept here, or elsewhere.
    UsersHere(bool),
    /// The directory of chat groups is kept here, or elsewhere.
    ChatGroupsHere(bool),
    /// The limits of the profile of 2026, made small, or those of 2023.
    Profile { of_2026: bool },
    /// A whole paging through a list of recent contacts.
    Page(Paging, Between),
    /// All data is read and remembered.
    Snapshot,
    /// All data becomes what was remembered last, or nothing.
    Reset,
    /// The application is deleted, so many records at a time.
    DeleteApplication { records: u64 },
    /// Everything that can be seen is compared.
    Look,
    /// The store is opened again, after a close or without one.
    Reopen { closed: bool },
}

pub fn conversation(n: usize) -> ConversationId {
    match n.checked_sub(USERS.len()) {
        None => with(USERS[n]),
        Some(n) => within_group(CHAT_GROUPS[n]),
    }
}

/// All conversations that a user can name.
pub fn conversations() -> Vec<ConversationId> {
    (0..CONVERSATIONS).map(conversation).collect()
}

fn item<T>(item: Item, of: impl FnOnce(usize) -> T) -> Result<T, ItemRefusal> {
    item.map(of).ok_or_else(|| ItemRefusal::Malformed("an item that is none".to_owned()))
}

fn a_user(n: usize) -> UserId {
    user(USERS[n])
}

fn users(list: &[usize]) -> Vec<UserId> {
    list.iter().map(|n| a_user(*n)).collect()
}

fn a_chat_group(n: usize) -> ChatGroupId {
    chat_group(CHAT_GROUPS[n])
}

fn kind(n: Option<usize>) -> Option<Box<str>> {
    n.map(|n| KINDS[n].into())
}

impl Op {
    /// The request, made anew each time it is asked for: requests are sent once.
    pub fn action(&self) -> Action {
        match self.clone() {
            Self::Create { of, group, items } => {
                let items = items.into_iter().map(|one| item(one, conversation)).collect();
                Action::Create(CreateContactGroup { user: a_user(of), name: name(NAMES[group]), items })
            }
            Self::Rename { of, from, to } => {
                let (from, to) = (NAMES[from].into(), name(NAMES[to]));
                Action::Update(UpdateContactGroup::Rename { user: a_user(of), from, to })
            }
            Self::Move { of, group, items } => {
                let one = |(adds, one): (bool, Item)| {
                    let to = |n| if adds { Move::Add(conversation(n)) } else { Move::Remove(conversation(n)) };
                    item(one, to)
                };
                let (user, name, items) = (a_user(of), NAMES[group].into(), items.into_iter().map(one).collect());
                Action::Update(UpdateContactGroup::Conversations { user, name, items })
            }
            Self::Delete { of, group } => {
                Action::Delete(DeleteContactGroup { user: a_user(of), name: NAMES[group].into() })
            }
            Self::Mark { of, items } => {
                let one = |(one, clear, set, custom)| item(one, |n| (conversation(n), marking(clear, set, custom)));
                Action::Mark(MarkContacts { user: a_user(of), items: items.into_iter().map(one).collect() })
            }
            Self::Search { of, items } => {
                let ids = items.into_iter().map(conversation).collect();
                Action::Search(SearchContacts { user: a_user(of), ids })
            }
            Self::List { of, after, limit } => Action::List(ListContacts { user: a_user(of), after, limit }),
            Self::Import(list) => {
                let one = |user| ImportedAccount { user, nick: None, face_url: None };
                Action::Import(ImportAccounts { accounts: users(&list).into_iter().map(one).collect() })
            }
            Self::Check(items) => {
                Action::Check(CheckAccounts { items: items.into_iter().map(|one| item(one, a_user)).collect() })
            }
            Self::DeleteAccounts(items) => {
                let items = items.into_iter().map(|one| item(one, a_user)).collect();
                Action::DeleteAccounts(DeleteAccounts { items })
            }
            other => other.action_of_application(),
        }
    }

    fn action_of_application(self) -> Action {
        match self {
            Self::CreateChatGroup { id, kind, owner, most, members } => Action::CreateChatGroup(CreateChatGroup {
                id: id.map_or(ChatGroupIdWanted::Generated, |n| ChatGroupIdWanted::Given(a_chat_group(n))),
                kind: KINDS[kind].into(),
                name: "name".into(),
                owner: owner.map(a_user),
                members_max: most,
                members: users(&members),
            }),
            Self::DestroyChatGroup(n) => Action::DestroyChatGroup(DestroyChatGroup { id: a_chat_group(n) }),
            Self::AddMembers { to, users: list } => {
                let users = list.into_iter().map(|one| item(one, a_user)).collect();
                Action::AddMembers(AddMembers { id: a_chat_group(to), users })
            }
            Self::RemoveMembers { from, users: list } => {
                Action::RemoveMembers(RemoveMembers { id: a_chat_group(from), users: users(&list) })
            }
            Self::GetChatGroups(list) => {
                Action::GetChatGroups(GetChatGroups { ids: list.into_iter().map(a_chat_group).collect() })
            }
            Self::ListChatGroups { after, limit, kind: of } => {
                Action::ListChatGroups(ListChatGroups { after, limit, kind: kind(of) })
            }
            Self::Joined { of, kind: n } => Action::Joined(JoinedChatGroups { user: a_user(of), kind: kind(n) }),
            Self::ChangeApplication(changes) => {
                let changes = changes.into_iter().map(AppChange::change).collect();
                Action::ChangeApplication(ChangeApplication { changes })
            }
            Self::ListApplications => Action::ListApplications,
            Self::Message(op) => op.action(),
            contacts_and_accounts => panic!("{contacts_and_accounts:?} was made before"),
        }
    }
}

impl AppChange {
    fn change(self) -> ApplicationChange {
        let key = |n: u8| format!("key{n}").into();
        match self {
            Self::Create(n) => ApplicationChange::Create(key(n)),
            Self::Register(n, edition) => ApplicationChange::Register(key(n), edition.then_some(Edition::Enterprise)),
            Self::AddKey(n) => ApplicationChange::AddKey(key(n)),
            Self::RetireOldKeys => ApplicationChange::RetireOldKeys,
            Self::Disable(disabled) => ApplicationChange::Disable(disabled),
            Self::Edition(n) => ApplicationChange::Set("edition".to_owned(), Edition::ALL[n].as_str().to_owned()),
        }
    }
}

/// Four bits stand for marks 1, 2, 33 and 64; of the custom mark 0 stands for clearing it.
fn marking(clear: u8, set: u8, custom: Option<u8>) -> Marking {
    let marks = |bits: u8| {
        let mut marks = MarkSet::EMPTY;
        for (n, mark) in [1, 2, 33, 64].into_iter().enumerate() {
            if bits >> n & 1 == 1 {
                marks.insert(mark).unwrap();
            }
        }
        marks
    };
    let custom_mark = match custom {
        None => CustomMarking::Keep,
        Some(0) => CustomMarking::Clear,
        Some(n) => CustomMarking::Set(CustomMark::new(["m", "note"][usize::from(n) - 1]).unwrap()),
    };
    Marking { clear: marks(clear), set: marks(set), custom_mark }
}

fn of() -> impl Strategy<Value = usize> {
    // Most of it happens to two users, so that their data fills up.
    prop_oneof![5 => 0..2_usize, 2 => 0..USERS.len()]
}

fn items(max: usize) -> impl Strategy<Value = Vec<Item>> {
    vec(proptest::option::weighted(0.95, 0..CONVERSATIONS), 0..max)
}

fn some_users(max: usize) -> impl Strategy<Value = Vec<usize>> {
    vec(0..USERS.len(), 0..max)
}

fn some_items(max: usize) -> impl Strategy<Value = Vec<Item>> {
    vec(proptest::option::weighted(0.9, 0..USERS.len()), 0..max)
}

fn contacts() -> impl Strategy<Value = Op> {
    let moves = || vec((prop::bool::weighted(0.6), proptest::option::weighted(0.95, 0..CONVERSATIONS)), 0..6);
    let bits = || prop_oneof![3 => Just(0_u8), 4 => 0..16_u8];
    let custom = || proptest::option::weighted(0.3, 0..3_u8);
    let marks = vec((proptest::option::weighted(0.95, 0..CONVERSATIONS), bits(), bits(), custom()), 0..5);
    prop_oneof![
        5 => (of(), 0..NAMES.len(), items(5)).prop_map(|(of, group, items)| Op::Create { of, group, items }),
        2 => (of(), 0..NAMES.len(), 0..NAMES.len()).prop_map(|(of, from, to)| Op::Rename { of, from, to }),
        7 => (of(), 0..NAMES.len(), moves()).prop_map(|(of, group, items)| Op::Move { of, group, items }),
        2 => (of(), 0..NAMES.len()).prop_map(|(of, group)| Op::Delete { of, group }),
        5 => (of(), marks).prop_map(|(of, items)| Op::Mark { of, items }),
    ]
}

fn directories() -> impl Strategy<Value = Op> {
    let id = || 0..CHAT_GROUPS.len();
    let owner = || proptest::option::weighted(0.6, 0..USERS.len());
    let most = || proptest::option::weighted(0.3, 1..5_u64);
    let create = (proptest::option::weighted(0.8, id()), 0..KINDS.len(), owner(), most(), some_users(4));
    let create =
        create.prop_map(|(id, kind, owner, most, members)| Op::CreateChatGroup { id, kind, owner, most, members });
    prop_oneof![
        5 => some_users(4).prop_map(Op::Import),
        1 => some_items(3).prop_map(Op::DeleteAccounts),
        4 => create,
        2 => id().prop_map(Op::DestroyChatGroup),
        3 => (id(), some_items(4)).prop_map(|(to, users)| Op::AddMembers { to, users }),
        2 => (id(), some_users(3)).prop_map(|(from, users)| Op::RemoveMembers { from, users }),
        2 => vec(app_change(), 0..3).prop_map(Op::ChangeApplication),
    ]
}

fn app_change() -> impl Strategy<Value = AppChange> {
    prop_oneof![
        (0..3_u8).prop_map(AppChange::Create),
        (0..3_u8, any::<bool>()).prop_map(|(key, edition)| AppChange::Register(key, edition)),
        (0..3_u8).prop_map(AppChange::AddKey),
        Just(AppChange::RetireOldKeys),
        any::<bool>().prop_map(AppChange::Disable),
        (0..Edition::ALL.len()).prop_map(AppChange::Edition),
    ]
}

pub fn command() -> impl Strategy<Value = Op> {
    prop_oneof![4 => contacts(), 2 => directories(), 5 => messages().prop_map(Op::Message)]
}

/// A command on one user, two contact groups and one chat group: sent together, each builds on what those before it changed.
fn narrow_command() -> impl Strategy<Value = Op> {
    let narrow = |op| match op {
        Op::Create { group, items, .. } => Op::Create { of: 0, group: group % 2, items },
        Op::Rename { from, to, .. } => Op::Rename { of: 0, from: from % 2, to: to % 2 },
        Op::Move { group, items, .. } => Op::Move { of: 0, group: group % 2, items },
        Op::Delete { group, .. } => Op::Delete { of: 0, group: group % 2 },
        Op::Mark { items, .. } => Op::Mark { of: 0, items },
        Op::CreateChatGroup { kind, owner, most, members, .. } => {
            Op::CreateChatGroup { id: Some(0), kind, owner, most, members }
        }
        Op::DestroyChatGroup(_) => Op::DestroyChatGroup(0),
        Op::AddMembers { users, .. } => Op::AddMembers { to: 0, users },
        Op::RemoveMembers { users, .. } => Op::RemoveMembers { from: 0, users },
        Op::Message(op) => Op::Message(op.narrow()),
        other => other,
    };
    prop_oneof![
        6 => contacts().prop_map(narrow),
        6 => messages().prop_map(|op| Op::Message(op.narrow())),
        2 => (0..2_usize).prop_map(|group| Op::Delete { of: 0, group }),
        3 => directories().prop_map(narrow),
        1 => Just(Op::DeleteAccounts(vec![Some(0)])),
        1 => Just(Op::Import(vec![0])),
    ]
}

fn query() -> impl Strategy<Value = Op> {
    let kind = || proptest::option::weighted(0.3, 0..KINDS.len());
    let after = || prop_oneof![8 => 0..12_u64, 1 => Just(u64::MAX)];
    prop_oneof![
        3 => (of(), vec(0..CONVERSATIONS, 0..6)).prop_map(|(of, items)| Op::Search { of, items }),
        3 => (of(), after(), 1..4_u64).prop_map(|(of, after, limit)| Op::List { of, after, limit }),
        1 => some_items(4).prop_map(Op::Check),
        1 => vec(0..CHAT_GROUPS.len(), 0..4).prop_map(Op::GetChatGroups),
        1 => (after(), 1..4_u64, kind()).prop_map(|(after, limit, kind)| Op::ListChatGroups { after, limit, kind }),
        1 => (of(), kind()).prop_map(|(of, kind)| Op::Joined { of, kind }),
        1 => Just(Op::ListApplications),
        5 => message_queries().prop_map(Op::Message),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        60 => command().prop_map(Step::Do),
        16 => query().prop_map(Step::Do),
        3 => vec(command(), 2..7).prop_map(Step::Together),
        6 => vec(narrow_command(), 2..9).prop_map(Step::Together),
        8 => prop_oneof![3 => 1..100_i64, 1 => -150..0_i64].prop_map(Step::Clock),
        1 => prop::bool::weighted(0.8).prop_map(Step::UsersHere),
        2 => prop::bool::weighted(0.8).prop_map(Step::ChatGroupsHere),
        2 => any::<bool>().prop_map(|of_2026| Step::Profile { of_2026 }),
        5 => pagings().prop_map(|(paging, between)| Step::Page(paging, between)),
        2 => Just(Step::Snapshot),
        2 => Just(Step::Reset),
        1 => (2..40_u64).prop_map(|records| Step::DeleteApplication { records }),
        2 => Just(Step::Look),
        1 => any::<bool>().prop_map(|closed| Step::Reopen { closed }),
    ]
}

/// Up to hundreds of steps; a failure shrinks to a few.
pub fn sequence() -> impl Strategy<Value = Vec<Step>> {
    vec(step(), 1..400)
}
