//! The ways in which the rules refuse: a whole request, or one item of it. The texts name the field's terms and the bound; the wire codes
//! are not known here.

use crate::ids::{ChatGroupId, UserId};

/// A rule that refuses a whole request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The user whose data is asked for is not imported.
    #[error("From_Account: the account \"{0}\" is not imported")]
    NotImported(UserId),
    /// No contact group has that name.
    #[error("{field}: there is no contact group named \"{name}\"")]
    NoSuchContactGroup {
        /// Where it is named.
        field: &'static str,
        /// The name.
        name: Shown,
    },
    /// A rename would give two contact groups one name.
    #[error("UpdateGroup.NewGroupName: another contact group is named \"{0}\" already")]
    ContactGroupNameTaken(Shown),
    /// The user has as many contact groups as may be.
    #[error("GroupContactItem.GroupName: the user has {max} contact groups already; at most {max}")]
    TooManyContactGroups {
        /// How many there may be.
        max: u64,
    },
    /// An account named by the request is not imported.
    #[error("{field}: the account \"{user}\" is not imported")]
    NoSuchAccount {
        /// Where it is named.
        field: &'static str,
        /// Who.
        user: UserId,
    },
    /// No chat group has that id, or it was dissolved.
    #[error("GroupId: there is no chat group \"{0}\"")]
    NoSuchChatGroup(ChatGroupId),
    /// The id of a new chat group is taken.
    #[error("GroupId: the id \"{0}\" is taken by another chat group")]
    ChatGroupIdTaken(ChatGroupId),
    /// The id of a new chat group is taken by one of the same owner.
    #[error("GroupId: the id \"{0}\" is taken by a chat group of the same owner")]
    ChatGroupIdTakenByOwner(ChatGroupId),
    /// The chat group has as many members as may be.
    #[error("MemberList: the chat group has {max} members already; at most {max}")]
    ChatGroupFull {
        /// How many there may be.
        max: u64,
    },
    /// A message's sender or recipient is not imported.
    #[error("{field}: the account \"{user}\" is not imported")]
    NoSuchCorrespondent {
        /// The field.
        field: Correspondent,
        /// Who.
        user: UserId,
    },
    /// One who is no member of the chat group has no messages there.
    #[error("{field}: \"{user}\" is not a member of the chat group")]
    NotAMember {
        /// The field.
        field: &'static str,
        /// Who.
        user: UserId,
    },
    /// The kind of the chat group does not have it.
    #[error("GroupId: a chat group of the type {0} does not have this")]
    NotOfThisKind(Shown),
    /// Too many conversations would be pinned.
    #[error("RecentContactItem: over {max} pinned conversations")]
    TooManyPins {
        /// How many there may be.
        max: u64,
    },
    /// The owner of a chat group does not leave it.
    #[error("MemberToDel_Account: \"{0}\" owns the chat group and cannot be removed from it")]
    OwnerStays(UserId),
    /// The answer would be larger than a reply may be.
    #[error("GroupIdList: the chat groups asked for have over {max} members together; ask for fewer at once")]
    ReplyTooLarge {
        /// How many members one reply holds.
        max: u64,
    },
}

/// The two sides of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Correspondent {
    /// `From_Account`.
    Sender,
    /// `To_Account`.
    Recipient,
    /// `To_Account` of whose messages are counted.
    Owner,
    /// `Report_Account`, who reads.
    Reader,
    /// `Peer_Account`, whose messages are read.
    Peer,
}

impl std::fmt::Display for Correspondent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sender => "From_Account",
            Self::Recipient | Self::Owner => "To_Account",
            Self::Reader => "Report_Account",
            Self::Peer => "Peer_Account",
        })
    }
}

/// A rule that refuses one item of a request; the others stand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ItemRefusal {
    /// It was malformed; the text says where and how.
    #[error("{0}")]
    Malformed(String),
    /// Its user is not imported.
    #[error("To_Account: the account \"{0}\" is not imported")]
    UserNotImported(UserId),
    /// Its chat group does not exist, or was dissolved.
    #[error("ToGroupId: there is no chat group \"{0}\", or it was dissolved")]
    NoSuchChatGroup(ChatGroupId),
    /// The user's data is full.
    #[error("the user's data has {max} conversations already; at most {max}")]
    TooManyConversations {
        /// How many there may be.
        max: u64,
    },
    /// An imported message's sender is not imported.
    #[error("From_Account: the account \"{0}\" is not imported")]
    SenderNotImported(UserId),
    /// An imported message is not in the order of time.
    #[error("SendTime: the message is earlier than the last one, or later than now")]
    NotInOrder,
    /// The account is not imported.
    #[error("UserID: the account \"{0}\" is not imported")]
    NoSuchAccount(UserId),
    /// An administrator is not deleted.
    #[error("UserID: \"{0}\" is an administrator and cannot be deleted")]
    Administrator(UserId),
    /// Whoever steers the server asked for it, to see how a client takes it.
    #[error("a fault was asked for")]
    AsAsked {
        /// The code that was asked for.
        code: u32,
    },
}

/// A text that a client sent, cut to a length that is fit to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown(Box<str>);

impl Shown {
    /// How many characters are shown.
    const CHARACTERS_MAX: usize = 64;

    /// Cuts a text.
    pub fn new(text: &str) -> Self {
        match text.char_indices().nth(Self::CHARACTERS_MAX) {
            None => Self(text.into()),
            Some((end, _)) => Self(format!("{}…", text.get(..end).unwrap_or_default()).into()),
        }
    }
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
