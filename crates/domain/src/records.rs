//! The records of the data, one for each kind of thing that is kept beside a user's head.

use crate::ids::{ContactGroupId, UserId};
use crate::marks::{CustomMark, MarkSet};
use crate::time::Timestamp;

/// What a user's data says of one conversation. One that is in no group and has no mark is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Whether nothing is left that keeps it in the data.
    pub fn is_bare(&self) -> bool {
        self.contact_groups.is_empty() && self.marks.is_empty() && self.custom_mark.is_none()
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
}

/// A member of a chat group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Whether it owns the group.
    pub owner: bool,
    /// When it joined.
    pub joined: Timestamp,
}

/// What an application keeps of all its chat groups together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Directory {
    /// The last sequence given to a chat group.
    pub sequence: u64,
    /// How many chat groups there are.
    pub chat_groups: u64,
}
