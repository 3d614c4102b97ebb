//! The rules of organising conversations: what each command needs to read, what it may do and what changes.
//! It does no I/O, knows no clock, no wire format and no error code; everything points at it and it points at nothing.

mod application;
mod change;
mod command;
pub mod commands;
mod edit;
mod footprint;
mod head;
mod ids;
mod limits;
mod marks;
pub mod queries;
mod recent;
mod recent_edit;
mod records;
mod refusal;
mod settings;
pub mod state;
#[cfg(test)]
mod testing;
mod time;
mod view;

pub use application::{Application, ApplicationKey, KEYS_MAX};
pub use change::Change;
pub use command::{Command, Context, Outcome, Query};
pub use footprint::{Footprint, Range};
pub use head::{Account, ContactGroup, Head};
pub use ids::{ChatGroupId, ContactGroupId, ContactGroupName, ConversationId, IllFormed, SdkAppId, UserId};
pub use limits::{Limits, UNLIMITED};
pub use marks::{CustomMark, MarkSet, NoSuchMark};
pub use recent::{Recent, Recents};
pub use records::{ChatGroup, Conversation, Directory, LastMessage, Member, Pin, Pins, RecentContact};
pub use refusal::{Correspondent, ItemRefusal, Refusal, Shown};
pub use settings::{BadSetting, DirectoryKept, Edition, Profile, SETTINGS, Setting, Settings};
pub use time::Timestamp;
pub use view::{ConversationPage, Conversations, Records, Users, View};
