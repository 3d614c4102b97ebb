//! A command's changes as the rows of one statement: every partition that is written has its head among them, one version on.

use super::fetched::{Fetched, Listed};
use super::json::Json;
use super::names::{self, Key, Partition};
use super::requests::{self, RequestId};
use super::values::Value;
use cubby_domain::{Change, ChatGroupId, Conversation, ConversationId, RecentContact, SdkAppId, UserId};
use std::collections::BTreeMap;

/// A row as it is to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NewRow {
    pub(super) partition: Partition,
    pub(super) key: Key,
    pub(super) version: i64,
    pub(super) place: Option<Vec<u8>>,
    pub(super) requests: Option<Vec<u8>>,
    /// `None` removes the record.
    pub(super) value: Option<Json>,
}

/// A row's place and its record.
type Content = (Option<Vec<u8>>, Option<Json>);

/// The rows of a command.
#[derive(Debug)]
pub(super) struct NewRows(BTreeMap<Partition, BTreeMap<Key, Content>>);

fn json<V: Value>(value: Option<&V>) -> Option<Json> {
    value.map(|value| Json(value.write()))
}

impl NewRows {
    /// The rows of the changes that a command came to.
    pub(super) fn of(app: SdkAppId, changes: Vec<Change>) -> Self {
        let mut rows = Self(BTreeMap::new());
        for change in changes {
            rows.make(app, change);
        }
        rows
    }

    fn put(&mut self, partition: Partition, key: Key, place: Option<Vec<u8>>, value: Option<Json>) {
        let place = place.filter(|_| value.is_some());
        self.0.entry(partition).or_default().insert(key, (place, value));
    }

    fn make(&mut self, app: SdkAppId, change: Change) {
        match change {
            Change::Head(user, head) => {
                self.put(Partition::user(app, &user), names::HEAD, None, json(Some(&head)));
            }
            Change::UserGone(user) => self.put(Partition::user(app, &user), names::HEAD, None, None),
            Change::Conversation { user, id, after, .. } => self.conversation(app, &user, &id, after.as_ref()),
            Change::RecentContact { user, id, after, .. } => self.recent_contact(app, &user, &id, after.as_ref()),
            Change::Pins(user, pins) => {
                self.put(Partition::user(app, &user), names::pins(), None, json(pins.as_ref()));
            }
            Change::ChatGroup { id, before, after } => {
                let listed = |sequence| Some(names::sequence(sequence));
                match (&before, &after) {
                    (None, Some(after)) => self.list(app, &id, listed(after.sequence)),
                    (Some(_), None) => self.list(app, &id, None),
                    _ => {}
                }
                self.put(Partition::chat_group(app, &id), names::HEAD, None, json(after.as_ref()));
            }
            Change::Member { chat_group, user, after } => {
                let (with_user, with_group) = (names::member(user.as_str()), names::member(chat_group.as_str()));
                self.put(Partition::chat_group(app, &chat_group), with_user, None, json(after.as_ref()));
                self.put(Partition::user(app, &user), with_group, None, json(after.as_ref()));
            }
            Change::Directory(directory) => {
                self.put(Partition::directory(app), names::HEAD, None, json(directory.as_ref()));
            }
            Change::Application(app, application) => {
                self.put(Partition::registry(), names::application(app), None, json(application.as_ref()));
            }
        }
    }

    fn conversation(&mut self, app: SdkAppId, user: &UserId, id: &ConversationId, after: Option<&Conversation>) {
        let place = after.map(|one| names::entered(one.entered));
        self.put(Partition::user(app, user), names::conversation(id), place, json(after));
    }

    fn recent_contact(&mut self, app: SdkAppId, user: &UserId, id: &ConversationId, after: Option<&RecentContact>) {
        let place = after.map(|one| names::recency(one.last.map(|last| last.time), id));
        self.put(Partition::user(app, user), names::recent(id), place, json(after));
    }

    fn list(&mut self, app: SdkAppId, id: &ChatGroupId, place: Option<Vec<u8>>) {
        let value = place.as_ref().map(|_| Listed);
        self.put(Partition::directory(app), names::created(id), place, json(value.as_ref()));
    }

    /// The partitions that are written.
    pub(super) fn partitions(&self) -> impl Iterator<Item = &Partition> {
        self.0.keys()
    }

    /// The partitions that are written, with the versions that are there now.
    pub(super) fn versions(&self, fetched: &Fetched) -> Vec<(Partition, u64)> {
        let version = |partition| fetched.head_of(partition).map_or(0, |head| head.version);
        self.partitions().map(|partition| (partition.clone(), version(partition))).collect()
    }

    /// The partitions in which records are removed that are not heads: what is left of them can be swept.
    pub(super) fn removed(&self) -> Vec<Partition> {
        let removes =
            |rows: &BTreeMap<Key, Content>| rows.iter().any(|(key, (_, value))| !key.is_empty() && value.is_none());
        self.0.iter().filter(|(_, rows)| removes(rows)).map(|(partition, _)| partition.clone()).collect()
    }

    /// The rows in the order in which they are written: heads first, in the order of the partitions, so that two that write the same
    /// partitions meet at the first of them. A head that the command leaves as it is goes one version on all the same.
    pub(super) fn ordered(self, fetched: &Fetched, request: RequestId) -> Vec<NewRow> {
        let (mut heads, mut others) = (Vec::new(), Vec::new());
        for (partition, mut rows) in self.0 {
            let before = fetched.head_of(&partition);
            let version = names::number(before.map_or(0, |head| head.version) + 1);
            let requests = Some(requests::with(before.map_or(&[], |head| &head.requests), request));
            let unchanged = || (None, before.and_then(|head| head.value.clone()));
            let (place, value) = rows.remove(&names::HEAD).unwrap_or_else(unchanged);
            others.extend(rows.into_iter().map(|(key, (place, value))| NewRow {
                partition: partition.clone(),
                key,
                version,
                place,
                requests: None,
                value,
            }));
            heads.push(NewRow { partition, key: names::HEAD, version, place, requests, value });
        }
        heads.extend(others);
        heads
    }
}
