//! The names of things: applications, users, chat groups, contact groups and conversations.
//! A constructor enforces only the hard cap that keeps storage keys safe; an application's own limits are checked where a request is decoded.

use std::fmt;
use std::sync::Arc;

/// An SDKAppID: the number of an application. The documentation gives no range; any 64-bit number is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SdkAppId(pub u64);

impl fmt::Display for SdkAppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why a text cannot be an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IllFormed {
    /// An id has at least one byte.
    #[error("is empty")]
    Empty,
    /// An id is bounded, in bytes of UTF-8.
    #[error("is {bytes} bytes; at most {max}")]
    TooLong {
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        max: usize,
    },
}

fn bounded(text: &str, max: usize) -> Result<Arc<str>, IllFormed> {
    match text.len() {
        0 => Err(IllFormed::Empty),
        bytes if bytes > max => Err(IllFormed::TooLong { bytes, max }),
        _ => Ok(text.into()),
    }
}

/// The UserID of an account: 1 to 255 bytes; an application allows 32 unless it is set otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(Arc<str>);

/// The id of a chat group (of people): 1 to 255 bytes; an application allows 48 unless it is set otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChatGroupId(Arc<str>);

/// The name of a contact group (a folder of conversations): 1 to 255 bytes, compared byte for byte; an application
/// allows 32 unless it is set otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContactGroupName(Arc<str>);

macro_rules! text_id {
    ($name:ident) => {
        impl $name {
            /// The hard cap, in bytes.
            pub const BYTES_MAX: usize = 255;

            /// Takes a text as an id.
            ///
            /// # Errors
            /// An empty text, or one over [`Self::BYTES_MAX`].
            pub fn new(text: &str) -> Result<Self, IllFormed> {
                bounded(text, Self::BYTES_MAX).map(Self)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}
text_id!(UserId);
text_id!(ChatGroupId);
text_id!(ContactGroupName);

/// The GroupId of a contact group: 1, 2, 3 … for each user, never given again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContactGroupId(pub u64);

/// The other side of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConversationId {
    /// With a user (`Type` 1).
    User(UserId),
    /// In a chat group (`Type` 2).
    ChatGroup(ChatGroupId),
}

impl ConversationId {
    /// The id of that side, whatever it is.
    pub fn as_str(&self) -> &str {
        match self {
            Self::User(id) => id.as_str(),
            Self::ChatGroup(id) => id.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_1_to_255_bytes() {
        assert_eq!(UserId::new(""), Err(IllFormed::Empty));
        assert!(UserId::new(&"x".repeat(255)).is_ok());
        assert_eq!(UserId::new(&"x".repeat(256)), Err(IllFormed::TooLong { bytes: 256, max: 255 }));
    }
}
