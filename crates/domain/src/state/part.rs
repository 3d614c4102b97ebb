//! An application's data as the engines give it: record after record, up to a bound.

use super::{ApplicationState, ChatGroupState, UserState};
use crate::head::Head;
use crate::ids::{ChatGroupId, ConversationId, UserId};
use crate::records::{ChatGroup, Conversation, Directory, Member, Pins, RecentContact};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whose a record is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// A user's.
    User(UserId),
    /// A chat group's.
    ChatGroup(ChatGroupId),
}

/// One record. A user's head, and a chat group's record, come before all else of theirs.
#[derive(Debug, Clone)]
pub enum Record {
    /// A user's head.
    Head(UserId, Head),
    /// A conversation of a user.
    Conversation(UserId, ConversationId, Conversation),
    /// A recent contact of a user.
    RecentContact(UserId, ConversationId, RecentContact),
    /// A user's pins.
    Pins(UserId, Pins),
    /// A chat group.
    ChatGroup(ChatGroupId, ChatGroup),
    /// A member of a chat group.
    Member(ChatGroupId, UserId, Member),
}

/// As much of an application's data as was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Part {
    /// The data, shared with whoever asks for it; the directory is always in it.
    pub state: Arc<ApplicationState>,
    /// Where there is more: who was not read to the end, perhaps. All others that are here are here whole.
    pub unfinished: Option<Owner>,
}

impl Part {
    /// Gathers up to `limit` records, which come owner by owner.
    ///
    /// # Errors
    /// The first error among them.
    pub fn gather<E>(
        directory: Directory,
        records: impl Iterator<Item = Result<Record, E>>,
        limit: u64,
    ) -> Result<Self, E> {
        let mut state = ApplicationState { directory, ..ApplicationState::default() };
        let mut last = None;
        let mut room = limit;
        for record in records {
            let record = record?;
            if room == 0 {
                // Where there was room for none, this is the first that is not here.
                let unfinished = last.or_else(|| Some(record.owner()));
                return Ok(Self { state: Arc::new(state), unfinished });
            }
            room -= 1;
            last = Some(record.owner());
            state.put(record);
        }
        Ok(Self { state: Arc::new(state), unfinished: None })
    }
}

impl Part {
    /// What is left of it where all that was read goes and the rest stays: of whom was not read to the end, a head or a record whose
    /// numbers are those of what was not read.
    pub(crate) fn rest(&self) -> ApplicationState {
        let mut rest = ApplicationState { directory: self.state.directory, ..ApplicationState::default() };
        match &self.unfinished {
            None => return ApplicationState::default(),
            Some(Owner::User(user)) => {
                if let Some(read) = self.state.users.get(user) {
                    let mut counted = read.clone();
                    counted.count();
                    let less = |all: u64, read: u64| all.saturating_sub(read);
                    let head = Head {
                        conversations: less(read.head.conversations, counted.head.conversations),
                        grouped: less(read.head.grouped, counted.head.grouped),
                        marked: less(read.head.marked, counted.head.marked),
                        unread: less(read.head.unread, counted.head.unread),
                        ..counted.head
                    };
                    rest.users.insert(user.clone(), UserState { head, ..UserState::default() });
                }
            }
            Some(Owner::ChatGroup(id)) => {
                if let Some(ChatGroupState { record, members }) = self.state.chat_groups.get(id) {
                    let left = record.members.saturating_sub(members.len() as u64);
                    let record = ChatGroup { members: left, ..record.clone() };
                    rest.chat_groups.insert(id.clone(), ChatGroupState { record, members: BTreeMap::new() });
                }
            }
        }
        let gone = self.state.chat_groups.len().saturating_sub(rest.chat_groups.len()) as u64;
        rest.directory.chat_groups = rest.directory.chat_groups.saturating_sub(gone);
        rest
    }
}

impl Record {
    fn owner(&self) -> Owner {
        match self {
            Self::Head(user, _)
            | Self::Conversation(user, ..)
            | Self::RecentContact(user, ..)
            | Self::Pins(user, _) => Owner::User(user.clone()),
            Self::ChatGroup(id, _) | Self::Member(id, ..) => Owner::ChatGroup(id.clone()),
        }
    }
}

impl ApplicationState {
    fn put(&mut self, record: Record) {
        match record {
            Record::Head(user, head) => self.users.entry(user).or_default().head = head,
            Record::Conversation(user, id, one) => {
                self.users.entry(user).or_default().conversations.insert(id, one);
            }
            Record::RecentContact(user, id, one) => {
                self.users.entry(user).or_default().recent_contacts.insert(id, one);
            }
            Record::Pins(user, pins) => self.users.entry(user).or_default().pins = Some(pins),
            Record::ChatGroup(id, record) => {
                self.chat_groups.insert(id, ChatGroupState { record, members: BTreeMap::new() });
            }
            Record::Member(id, user, member) => {
                if let Some(chat_group) = self.chat_groups.get_mut(&id) {
                    chat_group.members.insert(user, member);
                }
            }
        }
    }
}
