//! All data of an application as plain values: what a snapshot holds, what a reset goes back to, and what a seed makes. It knows no form
//! in which it is written down.

mod check;
mod diff;
mod part;
mod seed;
#[cfg(test)]
mod tests;

pub use check::{BadState, CheckedState, Flaw};
pub(crate) use diff::changes;
pub use part::{Owner, Part, Record};
pub use seed::{
    BadSeed, Seed, SeedChatGroup, SeedContactGroup, SeedFlaw, SeedMarks, SeedMessage, SeedRecentContact, SeedUser,
};

use crate::head::Head;
use crate::ids::{ChatGroupId, ConversationId, UserId};
use crate::records::{ChatGroup, Conversation, Directory, Member, Pins, RecentContact};
use std::collections::BTreeMap;

/// How many records an application's data may have to be read or replaced at once: snapshots are for the data of tests.
pub const RECORDS_MAX: u64 = 200_000;

/// All data of an application; its own record, with keys and settings, is not part of it. Numbers that are not shown by any call, such as
/// how often a user's data was changed, are not in it either: they go on rising whatever it is replaced by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ApplicationState {
    /// The users of whom anything is kept, imported or not.
    pub users: BTreeMap<UserId, UserState>,
    /// The chat groups.
    pub chat_groups: BTreeMap<ChatGroupId, ChatGroupState>,
    /// The directory of chat groups.
    pub directory: Directory,
}

/// Everything of a user, but the memberships: they stand with the chat groups.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserState {
    /// The head.
    pub head: Head,
    /// The conversations in the data.
    pub conversations: BTreeMap<ConversationId, Conversation>,
    /// The recent contacts.
    pub recent_contacts: BTreeMap<ConversationId, RecentContact>,
    /// The pins, where there ever were any.
    pub pins: Option<Pins>,
}

/// A chat group with its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatGroupState {
    /// The chat group.
    pub record: ChatGroup,
    /// Who is in it.
    pub members: BTreeMap<UserId, Member>,
}

impl ApplicationState {
    /// How many records it has.
    pub fn records(&self) -> u64 {
        let of_user = |user: &UserState| {
            1 + user.conversations.len() + user.recent_contacts.len() + usize::from(user.pins.is_some())
        };
        let users: usize = self.users.values().map(of_user).sum();
        let chat_groups: usize = self.chat_groups.values().map(|one| 1 + one.members.len()).sum();
        (users + chat_groups) as u64
    }

    /// Sets every number that follows from the records: how many conversations a user has and what is unread, how many members a chat
    /// group has, how many chat groups there are.
    pub fn count(&mut self) {
        self.users.values_mut().for_each(UserState::count);
        for chat_group in self.chat_groups.values_mut() {
            chat_group.record.members = chat_group.members.len() as u64;
        }
        self.directory.chat_groups = self.chat_groups.len() as u64;
    }
}

impl UserState {
    /// Sets every number that follows from the user's records.
    pub fn count(&mut self) {
        let counted = |is: fn(&Conversation) -> bool| self.conversations.values().filter(|one| is(one)).count() as u64;
        self.head.conversations = self.conversations.len() as u64;
        self.head.grouped = counted(|one| !one.contact_groups.is_empty());
        self.head.marked = counted(Conversation::is_marked);
        self.head.unread = self.recent_contacts.values().fold(0, |sum, one| sum.saturating_add(one.unread));
    }
}
