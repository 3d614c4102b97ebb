//! Records out of bytes, from whatever holds the bytes: a snapshot for queries, the batch in hand for the writer.

use super::keys::{self, Key, RecordKey};
use super::values;
use super::values::VersionedHead;
use crate::copy::UnitId;
use crate::error::StoreError;
use cubby_domain::state::{Owner, Part, Record};
use cubby_domain::{
    Application, ChatGroup, ChatGroupId, ContactGroupId, Conversation, ConversationId, Conversations, Directory, Head,
    Member, Pins, RecentContact, Records, SdkAppId, UserId, Users,
};
use fjall::{Keyspace, Readable, Snapshot};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// A key with its value.
pub(super) type Pair = (Key, Vec<u8>);

/// What holds the bytes.
pub(super) trait Bytes {
    /// The value of a key.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
    /// Up to `limit` pairs from `from` (included) to `to` (not included), in order.
    fn range(&self, from: &[u8], to: &[u8], limit: u64) -> Result<Vec<Pair>, StoreError>;
}

/// The durable state of one instant.
pub(super) struct Instant<'a> {
    pub(super) keyspace: &'a Keyspace,
    pub(super) snapshot: &'a Snapshot,
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` passes")]
pub(super) fn unavailable(error: fjall::Error) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

impl Bytes for Instant<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.snapshot.get(self.keyspace, key).map_err(unavailable)?.map(|value| value.to_vec()))
    }

    fn range(&self, from: &[u8], to: &[u8], limit: u64) -> Result<Vec<Pair>, StoreError> {
        let pairs = self.snapshot.range(self.keyspace, from..to);
        pairs.take(usize::try_from(limit).unwrap_or(usize::MAX)).map(pair).collect()
    }
}

/// A pair out of fjall's iterator.
pub(super) fn pair(guard: fjall::Guard) -> Result<Pair, StoreError> {
    let (key, value) = guard.into_inner().map_err(unavailable)?;
    Ok((key.to_vec(), value.to_vec()))
}

/// The records of one application. It remembers the versions of the users whose heads it read: a conversation that is newer than its
/// head is corruption, and never read as if it were whole.
pub(super) struct OneApplication<'a, B> {
    app: SdkAppId,
    bytes: &'a B,
    versions: RefCell<BTreeMap<UserId, u64>>,
}

fn corrupt(what: &'static str, key: &[u8]) -> StoreError {
    StoreError::Corrupt { key: key.escape_ascii().to_string(), what }
}

impl<'a, B: Bytes> OneApplication<'a, B> {
    pub(super) fn new(app: SdkAppId, bytes: &'a B) -> Self {
        Self { app, bytes, versions: RefCell::default() }
    }

    /// The versions of the users whose heads were read: how often their data was changed.
    pub(super) fn into_versions(self) -> BTreeMap<UserId, u64> {
        self.versions.into_inner()
    }

    fn read<T>(
        &self,
        key: &[u8],
        what: &'static str,
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        let value = self.bytes.get(key)?;
        value.map(|value| read(&value).ok_or_else(|| corrupt(what, key))).transpose()
    }

    fn range(&self, prefix: &[u8], from: Option<&[u8]>, limit: u64) -> Result<Vec<Pair>, StoreError> {
        self.bytes.range(from.unwrap_or(prefix), &keys::after_all(prefix), limit)
    }

    fn conversation_in(
        &self,
        user: &UserId,
        key: &[u8],
        entered: u64,
        value: &[u8],
    ) -> Result<(ConversationId, Conversation), StoreError> {
        let read = values::read_conversation(value, entered);
        let (version, id, conversation) = read.ok_or_else(|| corrupt("a conversation", key))?;
        self.not_newer(user, version, key)?;
        Ok((id, conversation))
    }

    /// Counts what a head of format 1 did not: from the user's next change on it is in the head.
    fn count(&self, user: &UserId, mut head: Head) -> Result<Head, StoreError> {
        let all = self.conversations(user, 0, u64::MAX)?;
        let counted = |is: fn(&Conversation) -> bool| all.iter().filter(|(_, one)| is(one)).count() as u64;
        head.grouped = counted(|one| !one.contact_groups.is_empty());
        head.marked = counted(Conversation::is_marked);
        Ok(head)
    }

    fn not_newer(&self, user: &UserId, version: u64, key: &[u8]) -> Result<(), StoreError> {
        match self.versions.borrow().get(user) {
            Some(newest) if version > *newest => Err(corrupt("a record is newer than its user's head", key)),
            _ => Ok(()),
        }
    }

    /// The first user from a key on whose id is so long.
    fn next_user(&self, from: &[u8], length: u8) -> Result<Option<(UserId, Option<Head>)>, StoreError> {
        let end = keys::after_all(&keys::all_of_users_of_length(self.app, length));
        if *from >= *end {
            return Ok(None);
        }
        let Some((key, _)) = self.bytes.range(from, &end, 1)?.pop() else { return Ok(None) };
        let Some(UnitId::User(_, user)) = keys::unit(&key) else { return Err(corrupt("a user's key", &key)) };
        let head = self.head(&user)?;
        Ok(Some((user, head)))
    }

    /// The record of a pair, where it is one; whose it is, is what came last. Second keys lead to it, and deleted users have none.
    fn record(&self, (key, value): Pair, owner: &mut Option<Owner>) -> Result<Option<Record>, StoreError> {
        let is = |owner: &Option<Owner>, of: Owner| match owner {
            Some(owner) if *owner == of => Ok(()),
            _ => Err(corrupt("a record without that of its owner", &key)),
        };
        let wrong = |what| corrupt(what, &key);
        Ok(Some(match keys::record(&key).ok_or_else(|| wrong("a record's key"))? {
            RecordKey::Second => return Ok(None),
            RecordKey::Head(user) => {
                let VersionedHead { version, head, counted } =
                    values::read_head(&value).ok_or_else(|| wrong("a head"))?;
                self.versions.borrow_mut().insert(user.clone(), version);
                let Some(head) = head else { return Ok(None) };
                *owner = Some(Owner::User(user.clone()));
                let head = if counted { head } else { self.count(&user, head)? };
                Record::Head(user, head)
            }
            RecordKey::Conversation(user, entered) => {
                is(owner, Owner::User(user.clone()))?;
                let (id, one) = self.conversation_in(&user, &key, entered, &value)?;
                Record::Conversation(user, id, one)
            }
            RecordKey::Recent(user, id) => {
                is(owner, Owner::User(user.clone()))?;
                let (version, one) = values::read_recent(&value).ok_or_else(|| wrong("a recent contact"))?;
                self.not_newer(&user, version, &key)?;
                Record::RecentContact(user, id, one)
            }
            RecordKey::Pins(user) => {
                is(owner, Owner::User(user.clone()))?;
                let (version, pins) = values::read_pins(&value).ok_or_else(|| wrong("the pins"))?;
                self.not_newer(&user, version, &key)?;
                Record::Pins(user, pins)
            }
            RecordKey::ChatGroup(id) => {
                *owner = Some(Owner::ChatGroup(id.clone()));
                let one = values::read_chat_group(&value).ok_or_else(|| wrong("a chat group"))?;
                Record::ChatGroup(id, one)
            }
            RecordKey::Member(id, user) => {
                is(owner, Owner::ChatGroup(id.clone()))?;
                Record::Member(id, user, values::read_member(&value).ok_or_else(|| wrong("a member"))?)
            }
        }))
    }

    fn conversation_at(&self, user: &UserId, entered: u64) -> Result<(ConversationId, Conversation), StoreError> {
        let key = keys::conversation(self.app, user, entered);
        let value = self.bytes.get(&key)?.ok_or_else(|| corrupt("a place without its conversation", &key))?;
        self.conversation_in(user, &key, entered, &value)
    }
}

impl<B: Bytes> Records for OneApplication<'_, B> {
    type Error = StoreError;

    fn head(&self, user: &UserId) -> Result<Option<Head>, StoreError> {
        let found = self.read(&keys::head(self.app, user), "a head", values::read_head)?;
        let Some(VersionedHead { version, head, counted }) = found else {
            self.versions.borrow_mut().insert(user.clone(), 0);
            return Ok(None);
        };
        self.versions.borrow_mut().insert(user.clone(), version);
        match head {
            Some(head) if !counted => self.count(user, head).map(Some),
            other => Ok(other),
        }
    }

    fn users(&self, after: Option<&UserId>, limit: u64) -> Result<Users, StoreError> {
        let all = keys::all_of_users(self.app);
        let (mut from, end) = (all.clone(), keys::after_all(&all));
        // Keys sort by the length of the id first: of the next of each length, the least is the next of all.
        let mut next = BTreeMap::new();
        while let Some((key, _)) = self.bytes.range(&from, &end, 1)?.pop() {
            let length = keys::length_of_user(&key).ok_or_else(|| corrupt("a user's key", &key))?;
            let of_length = keys::all_of_users_of_length(self.app, length);
            from = keys::after_all(&of_length);
            let first = after.map_or(of_length, |after| keys::users_of_length_after(self.app, length, after));
            next.extend(self.next_user(&first, length)?);
        }
        let mut found = Vec::new();
        while (found.len() as u64) < limit
            && let Some((user, head)) = next.pop_first()
        {
            let length = u8::try_from(user.as_str().len()).unwrap_or(u8::MAX);
            next.extend(self.next_user(&keys::after_all(&keys::all_of_user(self.app, &user)), length)?);
            found.push((user, head));
        }
        Ok(found)
    }

    fn conversation(&self, user: &UserId, id: &ConversationId) -> Result<Option<Conversation>, StoreError> {
        let place = keys::place(self.app, user, id);
        let Some(entered) = self.read(&place, "a place", values::read_number)? else { return Ok(None) };
        let (found, conversation) = self.conversation_at(user, entered)?;
        if found == *id { Ok(Some(conversation)) } else { Err(corrupt("a place of another conversation", &place)) }
    }

    fn conversations(&self, user: &UserId, after: u64, limit: u64) -> Result<Conversations, StoreError> {
        let Some(from) = after.checked_add(1) else { return Ok(Vec::new()) };
        let prefix = keys::conversations(self.app, user);
        let pairs = self.range(&prefix, Some(&keys::conversation(self.app, user, from)), limit)?;
        let one = |(key, value): Pair| {
            let entered = keys::rest(&key, &prefix).and_then(keys::number);
            let entered = entered.ok_or_else(|| corrupt("a conversation's key", &key))?;
            self.conversation_in(user, &key, entered, &value)
        };
        pairs.into_iter().map(one).collect()
    }

    fn in_contact_group(&self, user: &UserId, group: ContactGroupId) -> Result<Conversations, StoreError> {
        let prefix = keys::in_contact_group_all(self.app, user, group);
        let one = |(key, _): Pair| {
            let entered = keys::rest(&key, &prefix).and_then(keys::number);
            self.conversation_at(user, entered.ok_or_else(|| corrupt("a contact group's key", &key))?)
        };
        self.range(&prefix, None, u64::MAX)?.into_iter().map(one).collect()
    }

    fn recent_contact(&self, user: &UserId, id: &ConversationId) -> Result<Option<RecentContact>, StoreError> {
        let key = keys::recent(self.app, user, id);
        let Some((version, one)) = self.read(&key, "a recent contact", values::read_recent)? else { return Ok(None) };
        self.not_newer(user, version, &key)?;
        Ok(Some(one))
    }

    fn recent_contacts(&self, user: &UserId, limit: u64) -> Result<Vec<(ConversationId, RecentContact)>, StoreError> {
        let prefix = keys::recency_all(self.app, user);
        let one = |(key, _): Pair| {
            let id = keys::rest(&key, &prefix).and_then(keys::recency_id);
            let id = id.ok_or_else(|| corrupt("a recent contact's key", &key))?;
            let found = self.recent_contact(user, &id)?;
            Ok((id, found.ok_or_else(|| corrupt("a place without its recent contact", &key))?))
        };
        self.range(&prefix, None, limit)?.into_iter().map(one).collect()
    }

    fn pins(&self, user: &UserId) -> Result<Option<Pins>, StoreError> {
        let key = keys::pins(self.app, user);
        let Some((version, pins)) = self.read(&key, "the pins", values::read_pins)? else { return Ok(None) };
        self.not_newer(user, version, &key)?;
        Ok(Some(pins))
    }

    fn chat_group(&self, id: &ChatGroupId) -> Result<Option<ChatGroup>, StoreError> {
        self.read(&keys::chat_group(self.app, id), "a chat group", values::read_chat_group)
    }

    fn chat_groups(&self, after: u64, limit: u64) -> Result<Vec<(ChatGroupId, ChatGroup)>, StoreError> {
        let Some(from) = after.checked_add(1) else { return Ok(Vec::new()) };
        let pairs = self.range(&keys::created_all(self.app), Some(&keys::created(self.app, from)), limit)?;
        let one = |(key, value): Pair| {
            let id = std::str::from_utf8(&value).ok().and_then(|text| ChatGroupId::new(text).ok());
            let id = id.ok_or_else(|| corrupt("a chat group's id", &key))?;
            let chat_group = self.chat_group(&id)?.ok_or_else(|| corrupt("an id without its chat group", &key))?;
            Ok((id, chat_group))
        };
        pairs.into_iter().map(one).collect()
    }

    fn member(&self, id: &ChatGroupId, user: &UserId) -> Result<Option<Member>, StoreError> {
        self.read(&keys::member(self.app, id, user), "a member", values::read_member)
    }

    fn members_of(&self, id: &ChatGroupId, limit: u64) -> Result<Vec<(UserId, Member)>, StoreError> {
        let prefix = keys::members(self.app, id);
        let pairs = self.range(&prefix, None, limit)?;
        pairs.iter().map(|pair| member(pair, &prefix, |text| UserId::new(text).ok())).collect()
    }

    fn memberships_of(&self, user: &UserId) -> Result<Vec<(ChatGroupId, Member)>, StoreError> {
        let prefix = keys::memberships(self.app, user);
        let pairs = self.range(&prefix, None, u64::MAX)?;
        pairs.iter().map(|pair| member(pair, &prefix, |text| ChatGroupId::new(text).ok())).collect()
    }

    fn directory(&self) -> Result<Directory, StoreError> {
        let found = self.read(&keys::directory(self.app), "a directory", values::read_directory)?;
        Ok(found.unwrap_or_default())
    }

    fn everything(&self, limit: u64) -> Result<Part, StoreError> {
        let pairs =
            scan(self.bytes, keys::all_of_users(self.app)).chain(scan(self.bytes, keys::all_of_chat_groups(self.app)));
        let mut owner = None;
        let records = pairs.filter_map(|pair| pair.and_then(|pair| self.record(pair, &mut owner)).transpose());
        Part::gather(self.directory()?, records, limit)
    }

    fn application(&self) -> Result<Option<Application>, StoreError> {
        self.read(&keys::application(self.app), "an application", values::read_application)
    }

    fn applications(&self) -> Result<Vec<Application>, StoreError> {
        let pairs = self.range(&keys::applications(), None, u64::MAX)?;
        let one = |(key, value): Pair| values::read_application(&value).ok_or_else(|| corrupt("an application", &key));
        pairs.into_iter().map(one).collect()
    }
}

/// All pairs of a range, read so many at a time.
fn scan<B: Bytes>(bytes: &B, range: Key) -> impl Iterator<Item = Result<Pair, StoreError>> {
    const AT_A_TIME: u64 = 1024;
    let (end, mut from) = (keys::after_all(&range), range);
    let mut read = Vec::new().into_iter();
    let mut ended = false;
    std::iter::from_fn(move || {
        if read.len() == 0 && !ended {
            let pairs = match bytes.range(&from, &end, AT_A_TIME) {
                Ok(pairs) => pairs,
                Err(error) => {
                    ended = true;
                    return Some(Err(error));
                }
            };
            ended = (pairs.len() as u64) < AT_A_TIME;
            if let Some((last, _)) = pairs.last() {
                from.clone_from(last);
                from.push(0);
            }
            read = pairs.into_iter();
        }
        read.next().map(Ok)
    })
}

fn member<I>(
    (key, value): &Pair,
    prefix: &[u8],
    id: impl FnOnce(&str) -> Option<I>,
) -> Result<(I, Member), StoreError> {
    let text = keys::rest(key, prefix).and_then(|rest| std::str::from_utf8(rest).ok());
    let id = text.and_then(id).ok_or_else(|| corrupt("a member's key", key))?;
    Ok((id, values::read_member(value).ok_or_else(|| corrupt("a member", key))?))
}
