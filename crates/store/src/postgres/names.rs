//! What the rows are called: the partition a row belongs to, its key within the partition, and its place in a list. All are letters and
//! ids, so that an operator can read them; a change here needs a new schema version.

use cubby_domain::{ChatGroupId, ConversationId, SdkAppId, Timestamp, UserId};

/// A partition: what is written by one statement on one shard, and guarded by one head.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Partition {
    /// The application's number; the registry of applications has a number that no application can have.
    pub(super) app: i64,
    /// Whose: a letter and an id.
    pub(super) owner: Vec<u8>,
}

/// The name of a row within its partition: a letter and an id; the head's is empty.
pub(super) type Key = Vec<u8>;

/// The key of a partition's head.
pub(super) const HEAD: Key = Vec::new();

/// The letters of the owners that are a chat group or a user.
pub(super) const CHAT_GROUP: u8 = b'g';
pub(super) const USER: u8 = b'u';

/// The letters of the keys and places.
pub(super) const CONVERSATION: u8 = b'c';
pub(super) const RECENT: u8 = b'r';
pub(super) const MEMBER: u8 = b'm';
pub(super) const CREATED: u8 = b'k';
pub(super) const APPLICATION: u8 = b'a';
const PINS: u8 = b'p';

const WITH_USER: u8 = b'u';
const WITH_CHAT_GROUP: u8 = b'g';

/// A number as the database keeps it: the same bits.
pub(super) fn number(n: u64) -> i64 {
    n.cast_signed()
}

fn named(letter: u8, rest: &[u8]) -> Vec<u8> {
    let mut name = Vec::with_capacity(1 + rest.len());
    name.push(letter);
    name.extend_from_slice(rest);
    name
}

impl Partition {
    pub(super) fn user(app: SdkAppId, user: &UserId) -> Self {
        Self { app: number(app.0), owner: named(USER, user.as_str().as_bytes()) }
    }

    pub(super) fn chat_group(app: SdkAppId, id: &ChatGroupId) -> Self {
        Self { app: number(app.0), owner: named(CHAT_GROUP, id.as_str().as_bytes()) }
    }

    /// An application's directory of chat groups.
    pub(super) fn directory(app: SdkAppId) -> Self {
        Self { app: number(app.0), owner: vec![b'd'] }
    }

    /// The applications, in a partition of their own beyond all applications.
    pub(super) fn registry() -> Self {
        Self { app: -1, owner: vec![b'a'] }
    }
}

/// A conversation's id as text that is part of a key or of a value.
pub(super) fn conversation_text(id: &ConversationId) -> String {
    match id {
        ConversationId::User(user) => format!("{}{}", char::from(WITH_USER), user.as_str()),
        ConversationId::ChatGroup(group) => format!("{}{}", char::from(WITH_CHAT_GROUP), group.as_str()),
    }
}

/// The id that [`conversation_text`] wrote.
pub(super) fn conversation_of(text: &str) -> Option<ConversationId> {
    if let Some(user) = text.strip_prefix(char::from(WITH_USER)) {
        UserId::new(user).ok().map(ConversationId::User)
    } else {
        let group = text.strip_prefix(char::from(WITH_CHAT_GROUP))?;
        ChatGroupId::new(group).ok().map(ConversationId::ChatGroup)
    }
}

/// The text in a key after its letter.
pub(super) fn text(key: &[u8]) -> Option<&str> {
    std::str::from_utf8(key.get(1..)?).ok()
}

pub(super) fn conversation(id: &ConversationId) -> Key {
    named(CONVERSATION, conversation_text(id).as_bytes())
}

/// Where a conversation stands in the order of entry.
pub(super) fn entered(place: u64) -> Vec<u8> {
    named(CONVERSATION, &place.to_be_bytes())
}

pub(super) fn recent(id: &ConversationId) -> Key {
    named(RECENT, conversation_text(id).as_bytes())
}

/// Where a recent contact stands: the newest first, within a second by its id, and at the end those without a last message.
pub(super) fn recency(time: Option<Timestamp>, id: &ConversationId) -> Vec<u8> {
    let backwards = u64::MAX - time.map(|time| time.0.saturating_add(1)).unwrap_or_default();
    let mut place = named(RECENT, &backwards.to_be_bytes());
    // As the other engines order them: those with users before those with chat groups.
    let (side, text) = match id {
        ConversationId::User(user) => (1, user.as_str()),
        ConversationId::ChatGroup(group) => (2, group.as_str()),
    };
    place.push(side);
    place.extend_from_slice(text.as_bytes());
    place
}

pub(super) fn pins() -> Key {
    vec![PINS]
}

/// A member of a chat group in its partition, or a chat group in its member's.
pub(super) fn member(id: &str) -> Key {
    named(MEMBER, id.as_bytes())
}

/// A chat group in its application's directory.
pub(super) fn created(id: &ChatGroupId) -> Key {
    named(CREATED, id.as_str().as_bytes())
}

/// Where it stands in the order of creation.
pub(super) fn sequence(sequence: u64) -> Vec<u8> {
    named(CREATED, &sequence.to_be_bytes())
}

/// An application in the registry; the keys sort as the numbers do.
pub(super) fn application(app: SdkAppId) -> Key {
    named(APPLICATION, &app.0.to_be_bytes())
}
