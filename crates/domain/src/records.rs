//! The records of the data, one for each kind of thing that is kept beside a user's head.

use crate::ids::{ContactGroupId, ConversationId, UserId};
use crate::marks::{CustomMark, MarkSet};
use crate::time::Timestamp;

/// What a user's data says of one conversation. One that is in no group and has no mark is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Conversation {
    /// Its place in the order of entry into the data: 1, 2, 3 … of the user, never given again while the account lives.
    pub entered: u64,
    /// Its contact groups, ascending.
    pub contact_groups: Vec<ContactGroupId>,
    /// Its standard marks.
    pub marks: MarkSet,
    /// Its custom mark.
    pub custom_mark: Option<CustomMark>,
    /// When its groups or marks last changed.
    pub updated: Timestamp,
}

impl Conversation {
    /// Whether it bears a mark, standard or custom.
    pub fn is_marked(&self) -> bool {
        !self.marks.is_empty() || self.custom_mark.is_some()
    }

    /// Whether nothing is left that keeps it in the data.
    pub fn is_bare(&self) -> bool {
        self.contact_groups.is_empty() && !self.is_marked()
    }
}

/// A chat group (of people), as far as conversations need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatGroup {
    /// Its place in the order of creation in the application.
    pub sequence: u64,
    /// `Type` as given: Public, Private, ChatRoom …
    pub kind: Box<str>,
    /// `Name` as given.
    pub name: Box<str>,
    /// Who owns it.
    pub owner: Option<UserId>,
    /// When it was created.
    pub created: Timestamp,
    /// How many members it has.
    pub members: u64,
    /// How many members it may have.
    pub members_max: u64,
    /// The sequence of its last message: 1, 2, 3 … of the chat group.
    pub messages: u64,
    /// The last message that its members' lists of recent contacts show.
    pub last: Option<LastMessage>,
}

/// A member of a chat group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Whether it owns the group.
    pub owner: bool,
    /// When it joined.
    pub joined: Timestamp,
    /// The chat group's last sequence when it joined: what was sent before is not its own.
    pub since: u64,
}

/// What an application keeps of all its chat groups together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Directory {
    /// The last sequence given to a chat group.
    pub sequence: u64,
    /// How many chat groups there are.
    pub chat_groups: u64,
}

/// The last message of a conversation: as much of it as the list of recent contacts needs. The message itself is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LastMessage {
    /// `MsgTime`.
    pub time: Timestamp,
    /// `MsgSeq`: given by the sender between two users, counted by the chat group in one.
    pub sequence: u64,
    /// `MsgRandom`.
    pub random: u64,
    /// From when on it is gone: then its conversation is an empty one.
    pub expires: Timestamp,
}

impl LastMessage {
    /// Whether it comes after another: by time, and within one second by sequence (1047/34919).
    pub fn is_after(&self, other: &Self) -> bool {
        (self.time, self.sequence) > (other.time, other.sequence)
    }

    /// `MsgKey`, as `seq_random_time` (1047/34919).
    pub fn key(&self) -> String {
        format!("{}_{}_{}", self.sequence, self.random, self.time.0)
    }
}

/// What a user's list of recent contacts keeps of one conversation. It knows nothing of contact groups and marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RecentContact {
    /// The last message, where it is kept with the user: in a conversation with a user, and in a chat group that the user has left. A
    /// chat group that the user is in keeps it for all its members.
    pub last: Option<LastMessage>,
    /// Messages of a user that were not read.
    pub unread: u64,
    /// When the newest of them was sent; nothing where all is read.
    pub arrived: Timestamp,
    /// Up to which sequence of the chat group the conversation was deleted.
    pub deleted: u64,
    /// Up to which sequence of the chat group all is read.
    pub read: u64,
}

/// A pinned conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// Its place in the order of pinning: 1, 2, 3 … of the user.
    pub number: u64,
    /// The conversation.
    pub id: ConversationId,
}

/// The pinned conversations of a user, in the order of pinning. They are kept apart from the recent contacts, so that neither touches
/// the other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pins {
    /// The last number given.
    pub given: u64,
    /// The pinned conversations.
    pub list: Vec<Pin>,
}

impl Pins {
    /// The number of a pinned conversation.
    pub fn number(&self, id: &ConversationId) -> Option<u64> {
        self.list.iter().find(|pin| pin.id == *id).map(|pin| pin.number)
    }
}
