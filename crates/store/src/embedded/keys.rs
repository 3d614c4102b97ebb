//! The keys of the embedded engine, both ways. They sort as their parts do: application, owner, kind, rest. Ids are length-prefixed, so
//! that no user's range holds another's. A change here needs a new format number.

use crate::copy::UnitId;
use cubby_domain::{ChatGroupId, ContactGroupId, ConversationId, SdkAppId, Timestamp, UserId};

const META: u8 = 0x01;
const APPLICATION: u8 = 0x02;
const DIRECTORY: u8 = 0x03;
const USER: u8 = 0x04;
const CHAT_GROUP: u8 = 0x05;
const CREATED: u8 = 0x06;

const HEAD: u8 = 0x00;
const PLACE: u8 = 0x01;
const CONVERSATION: u8 = 0x02;
const IN_CONTACT_GROUP: u8 = 0x03;
const MEMBERSHIP: u8 = 0x04;
const RECENT: u8 = 0x05;
const RECENCY: u8 = 0x06;
const PINS: u8 = 0x07;

const CHAT_GROUP_RECORD: u8 = 0x00;
const MEMBER: u8 = 0x01;

const WITH_USER: u8 = 1;
const WITH_CHAT_GROUP: u8 = 2;

/// A key, or the beginning of a range of keys.
pub(super) type Key = Vec<u8>;

/// What all keys of one kind of owner begin with in an application.
pub(super) type AppRange = [u8; 9];

/// The ranges of an application's users and of its chat groups.
pub(super) fn app_ranges(app: SdkAppId) -> [AppRange; 2] {
    [USER, CHAT_GROUP].map(|kind| {
        let mut range = [kind; 9];
        range[1..].copy_from_slice(&app.0.to_be_bytes());
        range
    })
}

/// The range that a key would be in, if it is of an application's user or chat group.
pub(super) fn app_range(key: &[u8]) -> Option<AppRange> {
    key.first_chunk().copied()
}

/// The format of the store.
pub(super) fn format() -> Key {
    vec![META]
}

/// All applications' records.
pub(super) fn applications() -> Key {
    vec![APPLICATION]
}

fn of_app(kind: u8, app: SdkAppId, capacity: usize) -> Key {
    let mut key = Vec::with_capacity(9 + capacity);
    key.push(kind);
    key.extend_from_slice(&app.0.to_be_bytes());
    key
}

pub(super) fn application(app: SdkAppId) -> Key {
    of_app(APPLICATION, app, 0)
}

pub(super) fn directory(app: SdkAppId) -> Key {
    of_app(DIRECTORY, app, 0)
}

/// Chat groups in the order of creation.
pub(super) fn created_all(app: SdkAppId) -> Key {
    of_app(CREATED, app, 0)
}

pub(super) fn created(app: SdkAppId, sequence: u64) -> Key {
    let mut key = of_app(CREATED, app, 8);
    key.extend_from_slice(&sequence.to_be_bytes());
    key
}

fn owned(owner: u8, app: SdkAppId, id: &str, kind: u8, rest: usize) -> Key {
    let mut key = of_app(owner, app, id.len() + 2 + rest);
    // Ids are at most 255 bytes by their constructors.
    key.push(u8::try_from(id.len()).unwrap_or(u8::MAX));
    key.extend_from_slice(id.as_bytes());
    key.push(kind);
    key
}

/// What all keys of an application's users begin with.
pub(super) fn all_of_users(app: SdkAppId) -> Key {
    of_app(USER, app, 0)
}

/// What all keys of an application's users begin with whose ids are so long; such keys stand together.
pub(super) fn all_of_users_of_length(app: SdkAppId, bytes: u8) -> Key {
    let mut key = all_of_users(app);
    key.push(bytes);
    key
}

/// How long the id in a key of [`all_of_users`] is.
pub(super) fn length_of_user(key: &[u8]) -> Option<u8> {
    key.get(9).copied()
}

/// Where the users begin whose ids are so long and come after another's, byte for byte.
pub(super) fn users_of_length_after(app: SdkAppId, bytes: u8, after: &UserId) -> Key {
    let mut key = all_of_users_of_length(app, bytes);
    let id = after.as_str().as_bytes();
    if let Some(beginning) = id.get(..usize::from(bytes)) {
        // One that is no longer comes after it where it comes after its beginning.
        key.extend_from_slice(beginning);
        after_all(&key)
    } else {
        key.extend_from_slice(id);
        key
    }
}

/// What all keys of an application's chat groups begin with, but those of their places in the order of creation.
pub(super) fn all_of_chat_groups(app: SdkAppId) -> Key {
    of_app(CHAT_GROUP, app, 0)
}

/// What all keys of a user begin with.
pub(super) fn all_of_user(app: SdkAppId, user: &UserId) -> Key {
    let mut key = head(app, user);
    key.pop();
    key
}

/// What all keys of a chat group begin with, but that of its place in the order of creation.
pub(super) fn all_of_chat_group(app: SdkAppId, id: &ChatGroupId) -> Key {
    let mut key = chat_group(app, id);
    key.pop();
    key
}

/// What all keys of a unit begin with. The units are the applications, the directories, the users and the chat groups, in this order.
pub(super) fn of_unit(unit: &UnitId) -> Key {
    match unit {
        UnitId::Applications => applications(),
        UnitId::Directory(app) => directory(*app),
        UnitId::User(app, user) => all_of_user(*app, user),
        UnitId::ChatGroup(app, id) => all_of_chat_group(*app, id),
    }
}

/// The keys of all units, from the first to behind the last; places in the order of creation come after them.
pub(super) fn units() -> (Key, Key) {
    (applications(), vec![CREATED])
}

/// The unit that a key belongs to.
pub(super) fn unit(key: &[u8]) -> Option<UnitId> {
    let (kind, rest) = key.split_first()?;
    if *kind == APPLICATION {
        return Some(UnitId::Applications);
    }
    let (app, rest) = rest.split_first_chunk()?;
    let app = SdkAppId(u64::from_be_bytes(*app));
    if *kind == DIRECTORY {
        return Some(UnitId::Directory(app));
    }
    let (length, rest) = rest.split_first()?;
    let id = std::str::from_utf8(rest.get(..usize::from(*length))?).ok()?;
    match *kind {
        USER => UserId::new(id).ok().map(|id| UnitId::User(app, id)),
        CHAT_GROUP => ChatGroupId::new(id).ok().map(|id| UnitId::ChatGroup(app, id)),
        _ => None,
    }
}

pub(super) fn head(app: SdkAppId, user: &UserId) -> Key {
    owned(USER, app, user.as_str(), HEAD, 0)
}

/// Where a conversation stands in the order of entry.
pub(super) fn place(app: SdkAppId, user: &UserId, id: &ConversationId) -> Key {
    let mut key = owned(USER, app, user.as_str(), PLACE, 256);
    push_conversation(&mut key, id);
    key
}

/// All conversations of a user, in the order of entry.
pub(super) fn conversations(app: SdkAppId, user: &UserId) -> Key {
    owned(USER, app, user.as_str(), CONVERSATION, 8)
}

pub(super) fn conversation(app: SdkAppId, user: &UserId, entered: u64) -> Key {
    let mut key = conversations(app, user);
    key.extend_from_slice(&entered.to_be_bytes());
    key
}

/// The places of the conversations in a contact group.
pub(super) fn in_contact_group_all(app: SdkAppId, user: &UserId, group: ContactGroupId) -> Key {
    let mut key = owned(USER, app, user.as_str(), IN_CONTACT_GROUP, 16);
    key.extend_from_slice(&group.0.to_be_bytes());
    key
}

pub(super) fn in_contact_group(app: SdkAppId, user: &UserId, group: ContactGroupId, entered: u64) -> Key {
    let mut key = in_contact_group_all(app, user, group);
    key.extend_from_slice(&entered.to_be_bytes());
    key
}

pub(super) fn memberships(app: SdkAppId, user: &UserId) -> Key {
    owned(USER, app, user.as_str(), MEMBERSHIP, 64)
}

pub(super) fn membership(app: SdkAppId, user: &UserId, id: &ChatGroupId) -> Key {
    let mut key = memberships(app, user);
    key.extend_from_slice(id.as_str().as_bytes());
    key
}

/// A recent contact.
pub(super) fn recent(app: SdkAppId, user: &UserId, id: &ConversationId) -> Key {
    let mut key = owned(USER, app, user.as_str(), RECENT, 256);
    push_conversation(&mut key, id);
    key
}

/// The recent contacts of a user by the times of their last messages, the newest first.
pub(super) fn recency_all(app: SdkAppId, user: &UserId) -> Key {
    owned(USER, app, user.as_str(), RECENCY, 264)
}

pub(super) fn recency(app: SdkAppId, user: &UserId, time: Option<Timestamp>, id: &ConversationId) -> Key {
    let mut key = recency_all(app, user);
    // One without a last message comes after all that have one.
    let backwards = u64::MAX - time.map(|time| time.0.saturating_add(1)).unwrap_or_default();
    key.extend_from_slice(&backwards.to_be_bytes());
    push_conversation(&mut key, id);
    key
}

/// The id in what a key of [`recency_all`] has after its beginning.
pub(super) fn recency_id(rest: &[u8]) -> Option<ConversationId> {
    rest.get(8..).and_then(read_conversation)
}

pub(super) fn pins(app: SdkAppId, user: &UserId) -> Key {
    owned(USER, app, user.as_str(), PINS, 0)
}

pub(super) fn chat_group(app: SdkAppId, id: &ChatGroupId) -> Key {
    owned(CHAT_GROUP, app, id.as_str(), CHAT_GROUP_RECORD, 0)
}

pub(super) fn members(app: SdkAppId, id: &ChatGroupId) -> Key {
    owned(CHAT_GROUP, app, id.as_str(), MEMBER, 64)
}

pub(super) fn member(app: SdkAppId, id: &ChatGroupId, user: &UserId) -> Key {
    let mut key = members(app, id);
    key.extend_from_slice(user.as_str().as_bytes());
    key
}

/// A conversation's id within a key or a value.
pub(super) fn push_conversation(out: &mut Vec<u8>, id: &ConversationId) {
    let (kind, text) = match id {
        ConversationId::User(user) => (WITH_USER, user.as_str()),
        ConversationId::ChatGroup(group) => (WITH_CHAT_GROUP, group.as_str()),
    };
    out.push(kind);
    out.extend_from_slice(text.as_bytes());
}

/// The id that [`push_conversation`] wrote.
pub(super) fn read_conversation(bytes: &[u8]) -> Option<ConversationId> {
    let (kind, text) = bytes.split_first()?;
    let text = std::str::from_utf8(text).ok()?;
    match *kind {
        WITH_USER => UserId::new(text).ok().map(ConversationId::User),
        WITH_CHAT_GROUP => ChatGroupId::new(text).ok().map(ConversationId::ChatGroup),
        _ => None,
    }
}

/// The key of a record that a user or a chat group has, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RecordKey {
    Head(UserId),
    /// A conversation, by its place.
    Conversation(UserId, u64),
    Recent(UserId, ConversationId),
    Pins(UserId),
    ChatGroup(ChatGroupId),
    Member(ChatGroupId, UserId),
    /// A key that leads to a record, or the user's side of a membership.
    Second,
}

/// The record that a key of [`all_of_users`] or [`all_of_chat_groups`] is of.
pub(super) fn record(key: &[u8]) -> Option<RecordKey> {
    let (owner, rest) = key.split_first()?;
    let (length, rest) = rest.get(8..)?.split_first()?;
    let (id, rest) = rest.split_at_checked(usize::from(*length))?;
    let (kind, rest) = rest.split_first()?;
    let id = std::str::from_utf8(id).ok()?;
    let user = || UserId::new(id).ok();
    let chat_group = || ChatGroupId::new(id).ok();
    match (*owner, *kind) {
        (USER, HEAD) => user().map(RecordKey::Head),
        (USER, CONVERSATION) => Some(RecordKey::Conversation(user()?, number(rest)?)),
        (USER, RECENT) => Some(RecordKey::Recent(user()?, read_conversation(rest)?)),
        (USER, PINS) => user().map(RecordKey::Pins),
        (USER, PLACE | IN_CONTACT_GROUP | MEMBERSHIP | RECENCY) => Some(RecordKey::Second),
        (CHAT_GROUP, CHAT_GROUP_RECORD) => chat_group().map(RecordKey::ChatGroup),
        (CHAT_GROUP, MEMBER) => {
            let user = std::str::from_utf8(rest).ok().and_then(|text| UserId::new(text).ok());
            Some(RecordKey::Member(chat_group()?, user?))
        }
        _ => None,
    }
}

/// What a key of a range has after the range's beginning.
pub(super) fn rest<'a>(key: &'a [u8], range: &[u8]) -> Option<&'a [u8]> {
    key.strip_prefix(range)
}

/// The number at the end of a key.
pub(super) fn number(rest: &[u8]) -> Option<u64> {
    rest.try_into().ok().map(u64::from_be_bytes)
}

/// The key that sorts after every key beginning so: the range's end.
pub(super) fn after_all(range: &[u8]) -> Key {
    let mut end = range.to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            break;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn user(id: &str) -> UserId {
        UserId::new(id).unwrap()
    }

    proptest! {
        #[test]
        fn no_users_range_holds_anothers_and_keys_sort_as_their_numbers(a in "[a-c\u{0}]{1,4}", b in "[a-c\u{0}]{1,4}", m: u64, n: u64) {
            let app = SdkAppId(7);
            let range = conversations(app, &user(&a));
            let key = conversation(app, &user(&b), n);
            prop_assert_eq!(key.starts_with(&range), a == b);
            prop_assert_eq!(key < after_all(&range) && key >= range, a == b);
            prop_assert_eq!(conversation(app, &user(&a), m).cmp(&conversation(app, &user(&a), n)), m.cmp(&n));
        }

        #[test]
        fn a_conversation_is_read_as_it_was_written(id in ".{1,60}", with_user: bool) {
            let id = if with_user {
                ConversationId::User(user(&id))
            } else {
                ConversationId::ChatGroup(ChatGroupId::new(&id).unwrap())
            };
            let mut bytes = Vec::new();
            push_conversation(&mut bytes, &id);
            prop_assert_eq!(read_conversation(&bytes), Some(id));
        }
    }

    #[test]
    fn each_key_belongs_to_its_unit_and_lies_in_its_range() {
        let (app, of, id) = (SdkAppId(7), user("a"), ChatGroupId::new("g").unwrap());
        let (in_user, in_group) = (UnitId::User(app, of.clone()), UnitId::ChatGroup(app, id.clone()));
        for (key, of) in [
            (application(app), UnitId::Applications),
            (directory(app), UnitId::Directory(app)),
            (head(app, &of), in_user.clone()),
            (membership(app, &of, &id), in_user),
            (chat_group(app, &id), in_group.clone()),
            (member(app, &id, &of), in_group),
        ] {
            assert!(key.starts_with(&of_unit(&of)));
            assert!(units().0 <= key && key < units().1);
            assert_eq!(unit(&key), Some(of));
        }
        assert!(created(app, 1) >= units().1);
    }

    fn with(id: &str) -> ConversationId {
        ConversationId::User(user(id))
    }

    /// Bytes of keys, written down: a change that breaks them is a new format.
    #[test]
    fn golden_bytes_of_the_keys_of_recent_contacts() {
        let (app, of) = (SdkAppId(7), user("a"));
        let own = |kind: u8| [&[4, 0, 0, 0, 0, 0, 0, 0, 7, 1, b'a'][..], &[kind]].concat();
        assert_eq!(recent(app, &of, &with("p")), [own(5), vec![1, b'p']].concat());
        let group = ConversationId::ChatGroup(ChatGroupId::new("g").unwrap());
        assert_eq!(recent(app, &of, &group), [own(5), vec![2, b'g']].concat());
        let backwards = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf9];
        assert_eq!(recency(app, &of, Some(Timestamp(5)), &with("p")), [&own(6)[..], &backwards, &[1, b'p']].concat());
        assert_eq!(recency(app, &of, None, &with("p")), [&own(6)[..], &[0xff; 8], &[1, b'p']].concat());
        assert_eq!(pins(app, &of), own(7));
    }

    #[test]
    fn recency_sorts_the_newest_first_and_those_without_a_message_last() {
        let place = |time: Option<u64>, id| recency(SdkAppId(7), &user("a"), time.map(Timestamp), &with(id));
        let order = [
            place(Some(u64::MAX - 1), "p"),
            place(Some(300), "z"),
            place(Some(255), "a"),
            place(Some(255), "b"),
            place(Some(1), "p"),
            place(Some(0), "p"),
            place(None, "a"),
            place(None, "p"),
        ];
        assert!(order.is_sorted_by(|a, b| a < b), "{order:?}");
    }

    proptest! {
        #[test]
        fn recency_is_in_its_users_range_in_the_order_of_time_and_bears_its_id(
            a in "[a-c\u{0}]{1,4}", b in "[a-c\u{0}]{1,4}", s: Option<u32>, t: Option<u32>, id in ".{1,60}",
        ) {
            let (app, range) = (SdkAppId(7), recency_all(SdkAppId(7), &user(&a)));
            let key = |of: &str, time: Option<u32>| {
                recency(app, &user(of), time.map(|time| Timestamp(time.into())), &with(&id))
            };
            prop_assert_eq!(key(&b, s).starts_with(&range), a == b);
            prop_assert_eq!(key(&a, s).cmp(&key(&a, t)), t.cmp(&s), "the newest first");
            prop_assert_eq!(rest(&key(&a, s), &range).and_then(recency_id), Some(with(&id)));
        }
    }

    #[test]
    fn the_end_of_a_range_carries() {
        assert_eq!(after_all(&[1, 0xff, 0xff]), [2]);
        assert_eq!(after_all(&[1, 2]), [1, 3]);
    }
}
