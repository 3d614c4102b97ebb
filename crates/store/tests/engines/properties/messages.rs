//! Of the random sequences, what makes recent contacts and what is asked of them; and pagings through them, with what happens between the
//! pages.

use super::actions::Action;
use super::ops::{CHAT_GROUPS, Op, USERS, command, conversation};
use crate::support::{chat_group, user};
use cubby_domain::commands::{
    DeleteRecentContact, ImportChatGroupMessages, ImportedMessage, Message, PinConversations, ReadMessages,
    SendChatGroupMessage, SendMessage, SendMessages, SetUnread,
};
use cubby_domain::queries::{CountUnread, ListRecentContacts, PinnedWanted};
use cubby_domain::{ItemRefusal, Timestamp, UserId};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

const CONVERSATIONS: usize = USERS.len() + CHAT_GROUPS.len();

/// A request.
#[derive(Debug, Clone)]
pub enum MessageOp {
    Send { from: usize, to: usize, message: Message },
    SendToMany { from: usize, to: Vec<usize>, message: Message },
    SendToChatGroup { to: usize, from: usize, listed: bool, online_only: bool, only: Option<Vec<usize>> },
    ImportToChatGroup { to: usize, messages: Vec<Option<(usize, u64)>>, listed: bool },
    Pin { of: usize, pinned: bool, ids: Vec<usize> },
    Delete { of: usize, id: usize },
    Read { of: usize, peer: usize, until: Option<u64> },
    SetUnread { within: usize, of: usize, unread: u64 },
    List(Paging),
    CountUnread { of: usize, peers: Option<Vec<usize>> },
}

/// How a list is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Paging {
    pub of: usize,
    pub window: u64,
    pub page: u64,
    pub after: u64,
    pub pinned_after: u64,
    pub pinned: PinnedWanted,
    pub empty: bool,
}

/// What happens after each page of a paging: requests, each with the seconds that go by after it.
pub type Between = Vec<Vec<(Op, u64)>>;

fn a_user(n: usize) -> UserId {
    user(USERS[n])
}

fn users(list: &[usize]) -> Vec<UserId> {
    list.iter().map(|n| a_user(*n)).collect()
}

impl Paging {
    pub fn query(self) -> ListRecentContacts {
        let Self { of, window, page, after, pinned_after, pinned, empty } = self;
        ListRecentContacts { user: a_user(of), window, page, after, pinned_after, pinned, empty }
    }
}

impl MessageOp {
    pub fn action(self) -> Action {
        match self {
            Self::Send { from, to, message } => {
                Action::Send(SendMessage { from: a_user(from), to: a_user(to), message })
            }
            Self::SendToMany { from, to, message } => {
                Action::SendToMany(SendMessages { from: a_user(from), to: users(&to), message })
            }
            Self::SendToChatGroup { to, from, listed, online_only, only } => {
                let (id, from, to) = (chat_group(CHAT_GROUPS[to]), a_user(from), only.map(|list| users(&list)));
                Action::SendToChatGroup(SendChatGroupMessage { id, from, random: 7, listed, online_only, to })
            }
            Self::ImportToChatGroup { to, messages, listed } => {
                let malformed = || ItemRefusal::Malformed("an item that is none".to_owned());
                let message =
                    |(from, sent)| ImportedMessage { from: a_user(from), sent: Timestamp(sent), random: sent };
                let messages = messages.into_iter().map(|one| one.map(message).ok_or_else(malformed)).collect();
                let id = chat_group(CHAT_GROUPS[to]);
                Action::ImportToChatGroup(ImportChatGroupMessages { id, messages, listed })
            }
            Self::Pin { of, pinned, ids } => {
                let ids = ids.into_iter().map(conversation).collect();
                Action::Pin(PinConversations { user: a_user(of), pinned, ids })
            }
            Self::Delete { of, id } => {
                Action::DeleteRecent(DeleteRecentContact { user: a_user(of), id: conversation(id) })
            }
            Self::Read { of, peer, until } => {
                Action::Read(ReadMessages { user: a_user(of), peer: a_user(peer), until: until.map(Timestamp) })
            }
            Self::SetUnread { within, of, unread } => {
                Action::SetUnread(SetUnread { id: chat_group(CHAT_GROUPS[within]), user: a_user(of), unread })
            }
            Self::List(paging) => Action::Recents(paging.query()),
            Self::CountUnread { of, peers } => {
                Action::CountUnread(CountUnread { user: a_user(of), peers: peers.map(|list| users(&list)) })
            }
        }
    }

    /// The same on one user and one chat group.
    pub fn narrow(self) -> Self {
        match self {
            Self::Send { from, message, .. } => Self::Send { from, to: 0, message },
            Self::SendToMany { to, message, .. } => Self::SendToMany { from: 0, to, message },
            Self::SendToChatGroup { from, listed, online_only, only, .. } => {
                Self::SendToChatGroup { to: 0, from, listed, online_only, only }
            }
            Self::ImportToChatGroup { messages, listed, .. } => Self::ImportToChatGroup { to: 0, messages, listed },
            Self::Pin { pinned, ids, .. } => Self::Pin { of: 0, pinned, ids },
            Self::Delete { id, .. } => Self::Delete { of: 0, id },
            Self::Read { peer, until, .. } => Self::Read { of: 0, peer, until },
            Self::SetUnread { of, unread, .. } => Self::SetUnread { within: 0, of, unread },
            Self::List(paging) => Self::List(Paging { of: 0, ..paging }),
            Self::CountUnread { peers, .. } => Self::CountUnread { of: 0, peers },
        }
    }
}

fn of() -> impl Strategy<Value = usize> {
    prop_oneof![5 => 0..2_usize, 2 => 0..USERS.len()]
}

/// The clock begins at 1000 and comes to some 2500.
fn time() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 950..1400_u64, 1 => 1400..3000_u64]
}

fn message(sent: impl Strategy<Value = Option<u64>>) -> impl Strategy<Value = Message> {
    let often = || prop::bool::weighted(0.85);
    let numbers = (weighted(0.4, 1..5_u64), 0..3_u64, sent, weighted(0.3, 0..200_u64));
    (numbers, often(), often(), often()).prop_map(|(numbers, listed, counted, to_sender)| {
        let (sequence, random, sent, seconds) = numbers;
        Message { sequence, random, sent: sent.map(Timestamp), seconds, listed, counted, to_sender }
    })
}

pub fn messages() -> impl Strategy<Value = MessageOp> {
    let id = || 0..CHAT_GROUPS.len();
    let to_one = (of(), of(), message(weighted(0.4, time())));
    let to_many = (of(), vec(0..USERS.len(), 0..5), message(Just(None)));
    let only = weighted(0.35, vec(0..USERS.len(), 0..4));
    let to_chat_group = (id(), of(), prop::bool::weighted(0.9), prop::bool::weighted(0.05), only);
    let imports = (id(), vec(weighted(0.95, (0..USERS.len(), time())), 0..4), prop::bool::weighted(0.8));
    let pin = (of(), prop::bool::weighted(0.7), vec(0..CONVERSATIONS, 0..3));
    prop_oneof![
        8 => to_one.prop_map(|(from, to, message)| MessageOp::Send { from, to, message }),
        2 => to_many.prop_map(|(from, to, message)| MessageOp::SendToMany { from, to, message }),
        6 => to_chat_group.prop_map(|(to, from, listed, online_only, only)| {
            MessageOp::SendToChatGroup { to, from, listed, online_only, only }
        }),
        2 => imports.prop_map(|(to, messages, listed)| MessageOp::ImportToChatGroup { to, messages, listed }),
        4 => pin.prop_map(|(of, pinned, ids)| MessageOp::Pin { of, pinned, ids }),
        2 => (of(), 0..CONVERSATIONS).prop_map(|(of, id)| MessageOp::Delete { of, id }),
        2 => (of(), of(), weighted(0.5, time())).prop_map(|(of, peer, until)| MessageOp::Read { of, peer, until }),
        2 => (id(), of(), 0..5_u64).prop_map(|(within, of, unread)| MessageOp::SetUnread { within, of, unread }),
    ]
}

fn paging() -> impl Strategy<Value = Paging> {
    let pinned = prop_oneof![Just(PinnedWanted::AmongOthers), Just(PinnedWanted::First), Just(PinnedWanted::Paged)];
    let window = prop_oneof![3 => Just(100_u64), 2 => 1..6_u64];
    (of(), window, 1..4_u64, pinned, prop::bool::weighted(0.7)).prop_map(|(of, window, page, pinned, empty)| Paging {
        of,
        window,
        page,
        after: 0,
        pinned_after: 0,
        pinned,
        empty,
    })
}

pub fn message_queries() -> impl Strategy<Value = MessageOp> {
    let from = prop_oneof![3 => Just((0, 0)), 1 => (0..u64::from(u32::MAX) / 2, 0..5_u64), 1 => Just((u64::MAX, 1))];
    let peers = weighted(0.5, vec(0..USERS.len(), 0..5));
    prop_oneof![
        2 => (paging(), from).prop_map(|(paging, (after, pinned_after))| {
            MessageOp::List(Paging { after, pinned_after, ..paging })
        }),
        1 => (of(), peers).prop_map(|(of, peers)| MessageOp::CountUnread { of, peers }),
    ]
}

/// A whole paging, and what happens meanwhile: mostly to the user whose list it is.
pub fn pagings() -> impl Strategy<Value = (Paging, Between)> {
    let one = |of: usize| {
        let to_it = messages().prop_map(move |op| match op {
            MessageOp::Send { from, message, .. } => MessageOp::Send { from, to: of, message },
            MessageOp::Pin { pinned, ids, .. } => MessageOp::Pin { of, pinned, ids },
            MessageOp::Delete { id, .. } => MessageOp::Delete { of, id },
            other => other,
        });
        prop_oneof![5 => to_it.prop_map(Op::Message), 1 => command()]
    };
    paging().prop_flat_map(move |paging| {
        let between = vec(vec((one(paging.of), prop_oneof![3 => Just(0_u64), 1 => 1..60_u64]), 0..4), 0..8);
        (Just(paging), between)
    })
}
