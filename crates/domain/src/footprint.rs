//! What a command or query may read, named before anything is read, so that an engine can fetch it in one go and the cost of a request
//! follows what it touches and never how much the user has.

use crate::ids::{ChatGroupId, ConversationId, UserId};

/// What may be read and, of it, what may change. Lists may repeat themselves.
#[derive(Debug, Clone, Default)]
pub struct Footprint {
    /// Users whose heads are read and whose data may change.
    pub users: Vec<UserId>,
    /// Conversations of users, read and perhaps changed.
    pub conversations: Vec<(UserId, ConversationId)>,
    /// Recent contacts of users, read and perhaps changed.
    pub recent_contacts: Vec<(UserId, ConversationId)>,
    /// Users whose pins are read and perhaps changed.
    pub pins: Vec<UserId>,
    /// Facts: is this account imported? Read, not guarded.
    pub accounts: Vec<UserId>,
    /// Facts: does this chat group exist? Read, not guarded.
    pub existing_chat_groups: Vec<ChatGroupId>,
    /// Chat groups, read and perhaps changed.
    pub chat_groups: Vec<ChatGroupId>,
    /// Memberships, read and perhaps changed.
    pub members: Vec<(ChatGroupId, UserId)>,
    /// Whether the application's directory of chat groups is read and perhaps changed.
    pub directory: bool,
    /// Whether the application's own record is read and perhaps changed.
    pub application: bool,
    /// What is found only by reading: resolved by the engine, in order, after the above.
    pub ranges: Vec<Range>,
}

/// A range that the engine resolves.
#[derive(Debug, Clone)]
pub enum Range {
    /// The conversations in the user's contact group of that name.
    InContactGroup(UserId, Box<str>),
    /// Everything of a user: conversations, recent contacts, pins, memberships, and the chat groups of these.
    AllOfUser(UserId),
    /// Up to `limit` conversations of a user that entered after `after`, in the order of entry.
    ConversationPage {
        /// Whose.
        user: UserId,
        /// The place after which it begins.
        after: u64,
        /// How many.
        limit: u64,
    },
    /// The newest recent contacts of a user, so many at most, and the pinned ones, with how the user sorts them.
    Recents(UserId, u64),
    /// The heads, and the recent contacts with a chat group, of all its members that were read.
    RecentsOfMembers(ChatGroupId),
    /// Up to so many members of a chat group.
    MembersOf(ChatGroupId, u64),
    /// The memberships of a user, and the chat groups of these.
    MembershipsOf(UserId),
    /// Up to `limit` chat groups that were created after the `after`th, in the order of creation.
    ChatGroupPage {
        /// The sequence after which it begins.
        after: u64,
        /// How many.
        limit: u64,
    },
    /// Up to `limit` users after one, by UserID, imported or not.
    UserPage {
        /// After whom it begins.
        after: Option<UserId>,
        /// How many.
        limit: u64,
    },
    /// All data of the application, of so many records at most; beyond them it ends, and says so.
    Everything(u64),
    /// All applications of the store; the one range that looks beyond the request's application.
    Applications,
}
