//! The closed list of what a command can change. Engines match it without a wildcard, so that a new kind of record names every place
//! that must learn of it. `before` is what the view showed, or what a change before it in the list left: engines make them in
//! their order, and keep their second keys (order of entry, members of a group) by it.

use crate::application::Application;
use crate::head::Head;
use crate::ids::{ChatGroupId, ConversationId, SdkAppId, UserId};
use crate::records::{ChatGroup, Conversation, Directory, Member, Pins, RecentContact};

/// One change. `None` after is a removal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A user's head. It comes with every change of the user's conversations, recent contacts and pins, since it orders them.
    Head(UserId, Head),
    /// A deleted user: nothing is left but that there was one.
    UserGone(UserId),
    /// A conversation of a user.
    Conversation {
        /// Whose.
        user: UserId,
        /// Which.
        id: ConversationId,
        /// As it was read.
        before: Option<Conversation>,
        /// As it is to be.
        after: Option<Conversation>,
    },
    /// A recent contact of a user.
    RecentContact {
        /// Whose.
        user: UserId,
        /// With whom.
        id: ConversationId,
        /// As it was read.
        before: Option<RecentContact>,
        /// As it is to be.
        after: Option<RecentContact>,
    },
    /// The pinned conversations of a user; `None` where there are none and never were.
    Pins(UserId, Option<Pins>),
    /// A chat group.
    ChatGroup {
        /// Which.
        id: ChatGroupId,
        /// As it was read.
        before: Option<ChatGroup>,
        /// As it is to be.
        after: Option<ChatGroup>,
    },
    /// A membership: kept with the chat group and with the user.
    Member {
        /// Of which chat group.
        chat_group: ChatGroupId,
        /// Whose.
        user: UserId,
        /// As it is to be.
        after: Option<Member>,
    },
    /// The directory of chat groups; `None` where there are none and never were.
    Directory(Option<Directory>),
    /// An application's own record.
    Application(SdkAppId, Option<Application>),
}
