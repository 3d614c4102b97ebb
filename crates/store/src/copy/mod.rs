//! Moving everything from one store to another: what of a store is copied, as what, and by which steps. It knows no engine; each says in
//! its own `copy.rs` how its records become units and back.

mod checksum;
mod pass;
mod run;

pub use checksum::checksum;
pub use pass::{Counts, Differences, compare};
pub use run::{Options, Progress, Report, Stage, run};

use crate::error::StoreError;
use cubby_domain::{
    Application, ChatGroup, ChatGroupId, Conversation, ConversationId, Directory, Head, Member, Pins, RecentContact,
    SdkAppId, UserId,
};
use std::fmt;

/// Names a unit: what is copied whole, one after the other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnitId {
    /// All applications, with their keys and settings.
    Applications,
    /// What an application keeps of all its chat groups together.
    Directory(SdkAppId),
    /// A user with everything of the user.
    User(SdkAppId, UserId),
    /// A chat group with its members.
    ChatGroup(SdkAppId, ChatGroupId),
}

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Applications => f.write_str("the applications"),
            Self::Directory(app) => write!(f, "the directory of application {app}"),
            Self::User(app, user) => write!(f, "user {user} of application {app}"),
            Self::ChatGroup(app, id) => write!(f, "chat group {id} of application {app}"),
        }
    }
}

/// What a unit holds, as records; the same of whatever engine it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// The applications, by their numbers.
    Applications(Vec<Application>),
    /// A directory.
    Directory(Directory),
    /// A user.
    User(Box<UserContent>),
    /// A chat group.
    ChatGroup(Box<ChatGroupContent>),
}

/// Everything of a user. A membership is kept with the user and with the chat group, and is copied with each: so a unit is what is
/// written together, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserContent {
    /// How often the user's data was changed; it outlives the user and never starts again.
    pub version: u64,
    /// `None` for a deleted user, and for one of whom only memberships are known.
    pub head: Option<Head>,
    /// In the order of entry.
    pub conversations: Vec<(ConversationId, Conversation)>,
    /// By their ids.
    pub recent_contacts: Vec<(ConversationId, RecentContact)>,
    /// The pins, where there ever were any.
    pub pins: Option<Pins>,
    /// By their ids.
    pub memberships: Vec<(ChatGroupId, Member)>,
}

/// A chat group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatGroupContent {
    /// Its record.
    pub record: ChatGroup,
    /// By their ids.
    pub members: Vec<(UserId, Member)>,
    /// Whether it stands in the order of creation at its place, which it always should.
    pub listed: bool,
}

/// A unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Which.
    pub id: UnitId,
    /// What it holds.
    pub content: Content,
}

/// A store that can be copied from and to.
pub trait Copyable: Send + Sync {
    /// Where it is, as it may be shown: a copy under way is known by it.
    fn name(&self) -> String;

    /// The next units in an order of the engine's own, each with a stamp that is another one whenever the unit was changed. Stamps of
    /// two stores have nothing to do with each other.
    fn stamps(
        &self,
        after: Option<&UnitId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<(UnitId, u64)>, StoreError>> + Send;

    /// The next units, without stamps.
    fn ids(&self, after: Option<&UnitId>, limit: usize)
    -> impl Future<Output = Result<Vec<UnitId>, StoreError>> + Send;

    /// Which of these units are there, in their order.
    fn present(&self, ids: &[UnitId]) -> impl Future<Output = Result<Vec<bool>, StoreError>> + Send;

    /// What these units hold, in their order; `None` where one is not there.
    fn units(&self, ids: &[UnitId]) -> impl Future<Output = Result<Vec<Option<Content>>, StoreError>> + Send;

    /// Replaces units, each whole, and removes those without content; durable once it answers.
    fn put(&self, units: Vec<(UnitId, Option<Content>)>) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// From where a copy into this store is under way, where one is.
    fn mark(&self) -> impl Future<Output = Result<Option<String>, StoreError>> + Send;

    /// Says that a copy is under way, so that no server serves half of it, or that it has come to its end.
    fn set_mark(&self, from: Option<&str>) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Whether writes are refused here, since the store was moved or its move was broken off in the middle of its stop.
    fn is_stopped(&self) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// From its answer on every write is refused with [`StoreError::Moved`]; those before it are all seen.
    fn stop(&self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Takes writes again.
    fn resume(&self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Makes the stop last: the store was moved to this place.
    fn move_away(&self, to: &str) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Why a store was not moved.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The source failed.
    #[error("{0}")]
    Source(StoreError),
    /// The destination failed.
    #[error("the destination: {0}")]
    Destination(StoreError),
    /// The destination is the source.
    #[error("{0} is the source and the destination")]
    Same(String),
    /// The destination has data that no copy brought.
    #[error("{0} has data already that did not come from a copy; choose a destination that is empty")]
    NotEmpty(String),
    /// The destination has half of another copy.
    #[error("into {to} a copy from {from} is under way; finish that one, or choose a destination that is empty")]
    AnotherCopy {
        /// From where.
        from: String,
        /// Where to.
        to: String,
    },
    /// The source was moved before.
    #[error(
        "{0} was moved before, and takes no changes since; to use it again all the same: cubby copy --undo-move --from …"
    )]
    MovedBefore(String),
    /// The destination does not keep what is written.
    #[error("{0} is not at the destination as it was written there")]
    NotKept(UnitId),
    /// The destination has other units than the source, and keeps them.
    #[error("the source has {source_units} units, and the destination has {destination_units}")]
    Count {
        /// Those of the source.
        source_units: u64,
        /// Those of the destination.
        destination_units: u64,
    },
    /// Whoever asked for it has gone, or asked to end it.
    #[error("it was interrupted; begin it again with the same command, and it goes on where it was")]
    Interrupted,
}
