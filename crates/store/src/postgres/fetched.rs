//! What was read of a footprint, as the records that the rules ask for. What is asked for and was not read is noted, to be fetched.

use super::facts::Facts;
use super::json::Json;
use super::names::{self, Key, Partition};
use super::values::Value;
use crate::error::StoreError;
use cubby_domain::state::{Part, Record};
use cubby_domain::{
    Application, ChatGroup, ChatGroupId, ContactGroupId, Conversation, ConversationId, Conversations, Directory,
    DirectoryKept, Head, Member, Pins, RecentContact, Records, SdkAppId, UserId, Users,
};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A row as it was read.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// The partition's version that wrote it.
    pub(super) version: u64,
    /// In a head, the requests that wrote the partition last, the newest first.
    pub(super) requests: Vec<u8>,
    /// The record; `None` where it was removed.
    pub(super) value: Option<Json>,
}

/// A list of rows of one partition, in order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct List {
    pub(super) partition: Partition,
    pub(super) by: By,
    pub(super) from: Vec<u8>,
    pub(super) to: Vec<u8>,
    pub(super) limit: i64,
}

/// Rows of all partitions of an application, in the order of owners and keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scan {
    /// The records of users and chat groups, each once.
    Records { app: i64, limit: i64 },
    /// The heads of users, those of deleted ones too, after this owner.
    Users { app: i64, after: Vec<u8>, limit: i64 },
}

impl Scan {
    pub(super) fn app(&self) -> i64 {
        match self {
            Self::Records { app, .. } | Self::Users { app, .. } => *app,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum By {
    Key,
    Place,
}

/// What is to be read.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) keys: BTreeMap<Partition, BTreeSet<Key>>,
    pub(super) lists: BTreeSet<List>,
    pub(super) scans: BTreeSet<Scan>,
}

impl Wanted {
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.lists.is_empty() && self.scans.is_empty()
    }
}

/// Whose records are read, and what may be believed of others.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub(super) app: SdkAppId,
    /// Whether accounts, and chat groups, are kept here: those that are kept elsewhere all exist, and are not looked for.
    pub(super) accounts: DirectoryKept,
    pub(super) chat_groups: DirectoryKept,
    /// Whether rows of several partitions may come by one statement: not of a distributed database, which would ask all of its nodes.
    pub(super) together: bool,
    /// What was found a moment ago, where it may be believed.
    pub(super) facts: Option<Arc<Facts>>,
}

/// What was read.
#[derive(Debug)]
pub(super) struct Fetched {
    reading: Reading,
    rows: BTreeMap<Partition, BTreeMap<Key, Option<Row>>>,
    lists: BTreeMap<List, Vec<(Key, Row)>>,
    scans: BTreeMap<Scan, Vec<(Partition, Key)>>,
    missing: RefCell<Wanted>,
    /// Whether something was believed that was found a moment ago.
    believed: Cell<bool>,
}

pub(super) fn corrupt(partition: &Partition, key: &[u8], what: &'static str) -> StoreError {
    let owner = partition.owner.escape_ascii();
    StoreError::Corrupt { key: format!("app {} owner {owner} key {}", partition.app, key.escape_ascii()), what }
}

impl Fetched {
    pub(super) fn new(reading: Reading) -> Self {
        Self {
            reading,
            rows: BTreeMap::new(),
            lists: BTreeMap::new(),
            scans: BTreeMap::new(),
            missing: RefCell::default(),
            believed: Cell::new(false),
        }
    }

    /// Whether rows of several partitions may come by one statement.
    pub(super) fn together(&self) -> bool {
        self.reading.together
    }

    /// Whether the head of a partition was read.
    pub(super) fn has_head(&self, partition: &Partition) -> bool {
        self.rows.get(partition).is_some_and(|rows| rows.contains_key(&names::HEAD))
    }

    /// The head of a partition as it was read, where there is one.
    pub(super) fn head_of(&self, partition: &Partition) -> Option<&Row> {
        self.rows.get(partition)?.get(&names::HEAD)?.as_ref()
    }

    /// Whether something was believed that was found a moment ago.
    pub(super) fn believed(&self) -> bool {
        self.believed.get()
    }

    fn row(&self, partition: &Partition, key: &[u8]) -> Option<&Row> {
        if let Some(found) = self.rows.get(partition).and_then(|rows| rows.get(key)) {
            return found.as_ref();
        }
        let mut missing = self.missing.borrow_mut();
        let keys = missing.keys.entry(partition.clone()).or_default();
        keys.insert(key.to_vec());
        if !self.has_head(partition) {
            keys.insert(names::HEAD);
        }
        None
    }

    /// Whether a partition exists, as it was found now or a moment ago.
    fn exists(
        &self,
        kept: DirectoryKept,
        partition: &Partition,
        look: impl FnOnce() -> Result<bool, StoreError>,
    ) -> Result<bool, StoreError> {
        if kept == DirectoryKept::Elsewhere {
            return Ok(true);
        }
        let Some(facts) = &self.reading.facts else { return look() };
        if !self.has_head(partition) && facts.knows(partition) {
            self.believed.set(true);
            return Ok(true);
        }
        let found = look()?;
        if found {
            facts.learn(partition);
        }
        Ok(found)
    }

    fn value<V: Value>(&self, partition: &Partition, key: &[u8]) -> Result<Option<V>, StoreError> {
        let Some(row) = self.row(partition, key) else { return Ok(None) };
        self.read_value(partition, key, row)
    }

    fn read_value<V: Value>(&self, partition: &Partition, key: &[u8], row: &Row) -> Result<Option<V>, StoreError> {
        let newest = self.head_of(partition).map_or(0, |head| head.version);
        if row.version > newest && self.has_head(partition) {
            return Err(corrupt(partition, key, "a record is newer than the head of its partition"));
        }
        let read = |json: &Json| V::read(&json.0).ok_or_else(|| corrupt(partition, key, V::NAME));
        row.value.as_ref().map(read).transpose()
    }

    /// The rows of a list, noted as missing where it was not read. The head comes with them: it guards what is written after them.
    fn list<V: Value>(&self, list: List) -> Result<Vec<(Key, V)>, StoreError> {
        let Some(rows) = self.lists.get(&list) else {
            let mut missing = self.missing.borrow_mut();
            if !self.has_head(&list.partition) {
                missing.keys.entry(list.partition.clone()).or_default().insert(names::HEAD);
            }
            missing.lists.insert(list);
            return Ok(Vec::new());
        };
        let one = |(key, row): &(Key, Row)| {
            Some(self.read_value(&list.partition, key, row).transpose()?.map(|value| (key.clone(), value)))
        };
        rows.iter().filter_map(one).collect()
    }

    fn all_by_key<V: Value>(&self, partition: Partition, letter: u8, limit: u64) -> Result<Vec<(Key, V)>, StoreError> {
        self.list(List { partition, by: By::Key, from: vec![letter], to: vec![letter + 1], limit: bound(limit) })
    }

    fn by_place<V: Value>(
        &self,
        partition: Partition,
        letter: u8,
        from: Vec<u8>,
        limit: u64,
    ) -> Result<Vec<(Key, V)>, StoreError> {
        self.list(List { partition, by: By::Place, from, to: vec![letter + 1], limit: bound(limit) })
    }

    pub(super) fn take_missing(&mut self) -> Wanted {
        std::mem::take(self.missing.get_mut())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Keeps a row.
    pub(super) fn keep(&mut self, (partition, key, row): (Partition, Key, Row)) {
        self.rows.entry(partition).or_default().insert(key, Some(row));
    }

    /// Keeps the rows of a list.
    pub(super) fn keep_list(&mut self, list: &List, rows: Vec<(Partition, Key, Row)>) {
        let listed = rows.into_iter().map(|(partition, key, row)| {
            self.keep((partition, key.clone(), row.clone()));
            (key, row)
        });
        let listed = listed.collect();
        self.lists.insert(list.clone(), listed);
    }

    /// Keeps the rows of a scan.
    pub(super) fn keep_scan(&mut self, scan: &Scan, rows: Vec<(Partition, Key, Row)>) {
        let scanned = rows.iter().map(|(partition, key, _)| (partition.clone(), key.clone())).collect();
        for row in rows {
            self.keep(row);
        }
        self.scans.insert(scan.clone(), scanned);
    }

    /// The rows of a scan, noted as missing where it was not read.
    fn scan(&self, scan: Scan) -> &[(Partition, Key)] {
        let Some(rows) = self.scans.get(&scan) else {
            self.missing.borrow_mut().scans.insert(scan);
            return &[];
        };
        rows
    }

    /// The record that a row of a scan is.
    fn record(&self, partition: &Partition, key: &[u8]) -> Result<Option<Record>, StoreError> {
        let wrong = |what| corrupt(partition, key, what);
        let owner = names::text(&partition.owner);
        let with = || conversation_in(partition, key);
        if partition.owner.first() == Some(&names::CHAT_GROUP) {
            let id = owner.and_then(|id| ChatGroupId::new(id).ok()).ok_or_else(|| wrong("a chat group's id"))?;
            let member = || id_in(partition, key, |text| UserId::new(text).ok());
            return Ok(match key.first() {
                None => self.value(partition, key)?.map(|one| Record::ChatGroup(id, one)),
                Some(_) => match self.value(partition, key)? {
                    Some(one) => Some(Record::Member(id, member()?, one)),
                    None => None,
                },
            });
        }
        let user = owner.and_then(|id| UserId::new(id).ok()).ok_or_else(|| wrong("a UserID"))?;
        if !key.is_empty() && self.head_of(partition).is_none_or(|head| head.value.is_none()) {
            return Err(wrong("a record without its user's head"));
        }
        Ok(match key.first() {
            None => self.value(partition, key)?.map(|head| Record::Head(user, head)),
            Some(&names::CONVERSATION) => {
                let id = with()?;
                self.value(partition, key)?.map(|one| Record::Conversation(user, id, one))
            }
            Some(&names::RECENT) => {
                let id = with()?;
                self.value(partition, key)?.map(|one| Record::RecentContact(user, id, one))
            }
            Some(_) => self.value(partition, key)?.map(|pins| Record::Pins(user, pins)),
        })
    }

    /// Notes keys as read: those that no row came of are not there.
    pub(super) fn asked(&mut self, partition: &Partition, keys: &BTreeSet<Key>) {
        let rows = self.rows.entry(partition.clone()).or_default();
        for key in keys {
            rows.insert(key.clone(), None);
        }
    }
}

fn bound(limit: u64) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

impl Records for Fetched {
    type Error = StoreError;

    fn head(&self, user: &UserId) -> Result<Option<Head>, StoreError> {
        self.value(&Partition::user(self.reading.app, user), &names::HEAD)
    }

    fn users(&self, after: Option<&UserId>, limit: u64) -> Result<Users, StoreError> {
        let app = names::number(self.reading.app.0);
        // Every user comes after the letter alone.
        let after = after.map_or_else(|| vec![names::USER], |user| Partition::user(self.reading.app, user).owner);
        let rows = self.scan(Scan::Users { app, after, limit: bound(limit) });
        let one = |(partition, key): &(Partition, Key)| {
            let user = names::text(&partition.owner).and_then(|id| UserId::new(id).ok());
            let user = user.ok_or_else(|| corrupt(partition, key, "a UserID"))?;
            Ok((user, self.value(partition, key)?))
        };
        rows.iter().map(one).collect()
    }

    fn conversation(&self, user: &UserId, id: &ConversationId) -> Result<Option<Conversation>, StoreError> {
        self.value(&Partition::user(self.reading.app, user), &names::conversation(id))
    }

    fn conversations(&self, user: &UserId, after: u64, limit: u64) -> Result<Conversations, StoreError> {
        let Some(from) = after.checked_add(1) else { return Ok(Vec::new()) };
        let partition = Partition::user(self.reading.app, user);
        let rows = self.by_place(partition.clone(), names::CONVERSATION, names::entered(from), limit)?;
        rows.into_iter().map(|(key, one)| Ok((conversation_in(&partition, &key)?, one))).collect()
    }

    fn in_contact_group(&self, user: &UserId, group: ContactGroupId) -> Result<Conversations, StoreError> {
        let all = self.conversations(user, 0, u64::MAX)?;
        Ok(all.into_iter().filter(|(_, one)| one.contact_groups.contains(&group)).collect())
    }

    fn recent_contact(&self, user: &UserId, id: &ConversationId) -> Result<Option<RecentContact>, StoreError> {
        self.value(&Partition::user(self.reading.app, user), &names::recent(id))
    }

    fn recent_contacts(&self, user: &UserId, limit: u64) -> Result<Vec<(ConversationId, RecentContact)>, StoreError> {
        let partition = Partition::user(self.reading.app, user);
        let rows = self.by_place(partition.clone(), names::RECENT, vec![names::RECENT], limit)?;
        rows.into_iter().map(|(key, one)| Ok((conversation_in(&partition, &key)?, one))).collect()
    }

    fn pins(&self, user: &UserId) -> Result<Option<Pins>, StoreError> {
        self.value(&Partition::user(self.reading.app, user), &names::pins())
    }

    fn chat_group(&self, id: &ChatGroupId) -> Result<Option<ChatGroup>, StoreError> {
        self.value(&Partition::chat_group(self.reading.app, id), &names::HEAD)
    }

    fn is_imported(&self, user: &UserId) -> Result<bool, StoreError> {
        let look = || Ok(self.head(user)?.is_some_and(|head| head.account.is_some()));
        self.exists(self.reading.accounts, &Partition::user(self.reading.app, user), look)
    }

    fn chat_group_exists(&self, id: &ChatGroupId) -> Result<bool, StoreError> {
        let look = || Ok(self.chat_group(id)?.is_some());
        self.exists(self.reading.chat_groups, &Partition::chat_group(self.reading.app, id), look)
    }

    fn chat_groups(&self, after: u64, limit: u64) -> Result<Vec<(ChatGroupId, ChatGroup)>, StoreError> {
        let Some(from) = after.checked_add(1) else { return Ok(Vec::new()) };
        let partition = Partition::directory(self.reading.app);
        let rows: Vec<(Key, Listed)> =
            self.by_place(partition.clone(), names::CREATED, names::sequence(from), limit)?;
        let mut found = Vec::with_capacity(rows.len());
        for (key, _) in rows {
            let id = names::text(&key).and_then(|text| ChatGroupId::new(text).ok());
            let id = id.ok_or_else(|| corrupt(&partition, &key, "a chat group's id"))?;
            if let Some(chat_group) = self.chat_group(&id)? {
                found.push((id, chat_group));
            } else if self.missing.borrow().keys.is_empty() {
                return Err(corrupt(&partition, &key, "an id without its chat group"));
            }
        }
        Ok(found)
    }

    fn member(&self, id: &ChatGroupId, user: &UserId) -> Result<Option<Member>, StoreError> {
        self.value(&Partition::chat_group(self.reading.app, id), &names::member(user.as_str()))
    }

    fn members_of(&self, id: &ChatGroupId, limit: u64) -> Result<Vec<(UserId, Member)>, StoreError> {
        let partition = Partition::chat_group(self.reading.app, id);
        let rows = self.all_by_key(partition.clone(), names::MEMBER, limit)?;
        rows.into_iter().map(|(key, one)| Ok((id_in(&partition, &key, |text| UserId::new(text).ok())?, one))).collect()
    }

    fn memberships_of(&self, user: &UserId) -> Result<Vec<(ChatGroupId, Member)>, StoreError> {
        let partition = Partition::user(self.reading.app, user);
        let rows = self.all_by_key(partition.clone(), names::MEMBER, u64::MAX)?;
        let id = |key: &[u8]| id_in(&partition, key, |text| ChatGroupId::new(text).ok());
        rows.into_iter().map(|(key, one)| Ok((id(&key)?, one))).collect()
    }

    fn directory(&self) -> Result<Directory, StoreError> {
        Ok(self.value(&Partition::directory(self.reading.app), &names::HEAD)?.unwrap_or_default())
    }

    fn everything(&self, limit: u64) -> Result<Part, StoreError> {
        // One more tells whether there are more.
        let scan = Scan::Records { app: names::number(self.reading.app.0), limit: bound(limit.saturating_add(1)) };
        let records = self.scan(scan).iter().filter_map(|(partition, key)| self.record(partition, key).transpose());
        Part::gather(self.directory()?, records, limit)
    }

    fn application(&self) -> Result<Option<Application>, StoreError> {
        self.value(&Partition::registry(), &names::application(self.reading.app))
    }

    fn applications(&self) -> Result<Vec<Application>, StoreError> {
        let rows = self.all_by_key(Partition::registry(), names::APPLICATION, u64::MAX)?;
        Ok(rows.into_iter().map(|(_, application)| application).collect())
    }
}

/// What stands in a directory beside a chat group's id: nothing.
pub(super) struct Listed;

impl Value for Listed {
    const NAME: &'static str = "an entry of the directory";

    fn write(&self) -> Vec<u8> {
        b"{}".to_vec()
    }

    fn read(json: &[u8]) -> Option<Self> {
        (json == b"{}").then_some(Self)
    }
}

fn id_in<I>(partition: &Partition, key: &[u8], id: impl FnOnce(&str) -> Option<I>) -> Result<I, StoreError> {
    names::text(key).and_then(id).ok_or_else(|| corrupt(partition, key, "an id"))
}

fn conversation_in(partition: &Partition, key: &[u8]) -> Result<ConversationId, StoreError> {
    id_in(partition, key, names::conversation_of)
}
