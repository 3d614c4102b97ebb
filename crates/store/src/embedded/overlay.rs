//! What the batch in hand has already changed, over what is on disk: each command of a batch sees those before it. It also knows how a
//! change becomes bytes, second keys included.

use super::keys::{self, Key};
use super::mirror::Mirrors;
use super::reader::{self, Bytes, Pair, unavailable};
use super::values;
use crate::error::StoreError;
use cubby_domain::{Change, ContactGroupId, Conversation, ConversationId, RecentContact, SdkAppId, UserId};
use fjall::Keyspace;
use std::collections::BTreeMap;
use std::ops::Bound;

/// The batch in hand.
pub(super) struct Overlay<'a> {
    keyspace: &'a Keyspace,
    mirrors: &'a mut Mirrors,
    changed: Changed,
    bytes: usize,
}

/// Keys with their new values; those without one are gone.
pub(super) type Changed = BTreeMap<Key, Option<Vec<u8>>>;

impl<'a> Overlay<'a> {
    pub(super) fn new(keyspace: &'a Keyspace, mirrors: &'a mut Mirrors) -> Self {
        Self { keyspace, mirrors, changed: BTreeMap::new(), bytes: 0 }
    }

    /// Has an application that was read whole in memory from now on.
    pub(super) fn mirror(&mut self, app: SdkAppId) -> Result<(), StoreError> {
        self.mirrors.keep(self.keyspace, &keys::app_ranges(app))
    }

    /// How many bytes were put into it.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn into_changes(self) -> Changed {
        self.changed
    }

    pub(super) fn put(&mut self, key: Key, value: Option<Vec<u8>>) {
        self.bytes += key.len() + value.as_ref().map_or(0, Vec::len);
        self.changed.insert(key, value);
    }

    /// Takes a command's changes. `versions` are those that were read with them.
    pub(super) fn make(&mut self, app: SdkAppId, changes: Vec<Change>, versions: &BTreeMap<UserId, u64>) {
        for change in changes {
            self.make_one(app, change, versions);
        }
    }

    fn make_one(&mut self, app: SdkAppId, change: Change, versions: &BTreeMap<UserId, u64>) {
        let version = |user| versions.get(user).copied().unwrap_or_default() + 1;
        match change {
            Change::Head(user, head) => {
                self.put(keys::head(app, &user), Some(values::write_head(version(&user), Some(&head))));
            }
            Change::UserGone(user) => {
                self.put(keys::head(app, &user), Some(values::write_head(version(&user), None)));
            }
            Change::Conversation { user, id, before, after } => {
                let version = version(&user);
                self.sort_conversation(app, &user, &id, before.as_ref(), after.as_ref(), version);
            }
            Change::RecentContact { user, id, before, after } => {
                let version = version(&user);
                self.recent_contact(app, &user, &id, before.as_ref(), after.as_ref(), version);
            }
            Change::Pins(user, pins) => {
                let version = version(&user);
                self.put(keys::pins(app, &user), pins.map(|pins| values::write_pins(version, &pins)));
            }
            Change::ChatGroup { id, before, after } => {
                if let Some(before) = &before
                    && after.is_none()
                {
                    self.put(keys::created(app, before.sequence), None);
                }
                if let Some(after) = &after
                    && before.is_none()
                {
                    self.put(keys::created(app, after.sequence), Some(id.as_str().as_bytes().to_vec()));
                }
                self.put(keys::chat_group(app, &id), after.as_ref().map(values::write_chat_group));
            }
            Change::Member { chat_group, user, after } => {
                let value = after.map(values::write_member);
                self.put(keys::membership(app, &user, &chat_group), value.clone());
                self.put(keys::member(app, &chat_group, &user), value);
            }
            Change::Directory(directory) => {
                self.put(keys::directory(app), directory.map(values::write_directory));
            }
            Change::Application(app, application) => {
                self.put(keys::application(app), application.as_ref().map(values::write_application));
            }
        }
    }

    fn recent_contact(
        &mut self,
        app: SdkAppId,
        user: &UserId,
        id: &ConversationId,
        before: Option<&RecentContact>,
        after: Option<&RecentContact>,
        version: u64,
    ) {
        let recency = |one: &RecentContact| keys::recency(app, user, one.last.map(|last| last.time), id);
        let (was, is) = (before.map(recency), after.map(recency));
        if was != is {
            if let Some(key) = was {
                self.put(key, None);
            }
            if let Some(key) = is {
                self.put(key, Some(Vec::new()));
            }
        }
        self.put(keys::recent(app, user, id), after.map(|one| values::write_recent(version, one)));
    }

    fn sort_conversation(
        &mut self,
        app: SdkAppId,
        user: &UserId,
        id: &ConversationId,
        before: Option<&Conversation>,
        after: Option<&Conversation>,
        version: u64,
    ) {
        let moved = before.map(|one| one.entered) != after.map(|one| one.entered);
        let within = |one: Option<&Conversation>, group: &ContactGroupId| {
            one.is_some_and(|one| one.contact_groups.contains(group))
        };
        if let Some(one) = before {
            for group in one.contact_groups.iter().filter(|group| moved || !within(after, group)) {
                self.put(keys::in_contact_group(app, user, *group, one.entered), None);
            }
            if moved {
                self.put(keys::conversation(app, user, one.entered), None);
            }
        }
        if moved {
            self.put(keys::place(app, user, id), after.map(|one| values::write_number(one.entered)));
        }
        if let Some(one) = after {
            for group in one.contact_groups.iter().filter(|group| moved || !within(before, group)) {
                self.put(keys::in_contact_group(app, user, *group, one.entered), Some(Vec::new()));
            }
            let value = values::write_conversation(version, id, one);
            self.put(keys::conversation(app, user, one.entered), Some(value));
        }
    }
}

impl Bytes for Overlay<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.changed.get(key) {
            Some(changed) => Ok(changed.clone()),
            None => match self.mirrors.around(key) {
                Some(pairs) => Ok(pairs.get(key).cloned()),
                None => Ok(self.keyspace.get(key).map_err(unavailable)?.map(|value| value.to_vec())),
            },
        }
    }

    fn range(&self, from: &[u8], to: &[u8], limit: u64) -> Result<Vec<Pair>, StoreError> {
        let within = (Bound::Included(from), Bound::Excluded(to));
        let mut changed = self.changed.range::<[u8], _>(within).peekable();
        let kept: Box<dyn Iterator<Item = Result<Pair, StoreError>>> = match self.mirrors.around_all(from, to) {
            Some(pairs) => {
                Box::new(pairs.range::<[u8], _>(within).map(|(key, value)| Ok((key.clone(), value.clone()))))
            }
            None => Box::new(self.keyspace.range(from..to).map(reader::pair)),
        };
        let mut kept = kept.peekable();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut found: Vec<Pair> = Vec::new();
        while found.len() < limit {
            let next_kept = match kept.peek() {
                Some(Err(_)) => return Err(kept.next().and_then(Result::err).unwrap_or(StoreError::TimedOut)),
                Some(Ok((key, _))) => Some(key),
                None => None,
            };
            match (changed.peek(), next_kept) {
                (None, None) => break,
                (Some((key, _)), Some(other)) if **key > *other => found.extend(kept.next().transpose()?),
                (None, Some(_)) => found.extend(kept.next().transpose()?),
                (Some((key, value)), other) => {
                    if other.is_some_and(|other| *other == **key) {
                        kept.next();
                    }
                    found.extend(value.as_ref().map(|value| ((*key).clone(), value.clone())));
                    changed.next();
                }
            }
        }
        Ok(found)
    }
}
