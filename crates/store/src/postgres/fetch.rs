//! Reading: which rows a footprint asks for, in how few statements, and the records out of them.
//!
//! A footprint is read by letting [`View::read`] ask for its records until nothing is missing: what it asks for and is not there yet is
//! noted and fetched together, so that a command takes one round trip, and one more only for each thing that hangs on what was read.

use super::facts::Facts;
use super::names::{self, Key, Partition};
use super::pool::{Connections, Fault, Lease};
use super::values::Value;
use crate::error::StoreError;
use bytes::{BufMut, BytesMut};
use cubby_domain::{
    Application, ChatGroup, ChatGroupId, ContactGroupId, Conversation, ConversationId, Conversations, Directory,
    Footprint, Head, Member, Pins, Range, RecentContact, Records, SdkAppId, UserId, View,
};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

/// Rounds after which a footprint that still asks for more is a mistake of ours.
const ROUNDS_MAX: usize = 8;

/// A record's JSON on its way to or from the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Json(pub(super) Vec<u8>);

impl<'a> FromSql<'a> for Json {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        // The binary form of jsonb has its version before the text. A database that knows no json has it in json's place.
        let text = if *ty == Type::JSONB { raw.strip_prefix(&[1]).ok_or("an unknown version of jsonb")? } else { raw };
        Ok(Self(text.to_vec()))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::JSON || *ty == Type::JSONB
    }
}

impl ToSql for Json {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        if *ty == Type::JSONB {
            out.put_u8(1);
        }
        out.put_slice(&self.0);
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::JSON || *ty == Type::JSONB
    }

    to_sql_checked!();
}

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
struct List {
    partition: Partition,
    by: By,
    from: Vec<u8>,
    to: Vec<u8>,
    limit: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    Key,
    Place,
}

/// What is to be read.
#[derive(Debug, Default)]
struct Wanted {
    keys: BTreeMap<Partition, BTreeSet<Key>>,
    lists: BTreeSet<List>,
}

impl Wanted {
    fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.lists.is_empty()
    }
}

/// Whose records are read, and what may be believed of others.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub(super) app: SdkAppId,
    /// What was found a moment ago, where it may be believed.
    pub(super) facts: Option<Arc<Facts>>,
}

/// What was read.
#[derive(Debug)]
pub(super) struct Fetched {
    reading: Reading,
    rows: BTreeMap<Partition, BTreeMap<Key, Option<Row>>>,
    lists: BTreeMap<List, Vec<(Key, Row)>>,
    missing: RefCell<Wanted>,
    /// Whether something was believed that was found a moment ago.
    believed: Cell<bool>,
}

const COLUMNS: &str = "owner, key, version, requests, value";

/// Statements that read; their number is what a connection prepares.
mod sql {
    pub(super) const KEYS: &str = "WHERE app = $1 AND owner = $2 AND key = ANY($3)";
    pub(super) const KEYS_OF_MANY: &str = "WHERE app = $1 AND owner = ANY($2) AND key = ANY($3)";
    pub(super) const BY_KEY: &str =
        "WHERE app = $1 AND owner = $2 AND key >= $3 AND key < $4 AND value IS NOT NULL ORDER BY key LIMIT $5";
    pub(super) const BY_PLACE: &str =
        "WHERE app = $1 AND owner = $2 AND place >= $3 AND place < $4 ORDER BY place LIMIT $5";
}

fn select(from: &str) -> String {
    format!("SELECT {COLUMNS} FROM cubby_records {from}")
}

/// Keys and a list of one partition, of one instant.
fn select_keys_and_list() -> String {
    format!(
        "SELECT * FROM (SELECT {COLUMNS}, NULL::bytea AS place FROM cubby_records {}) AS keys UNION ALL \
         SELECT * FROM (SELECT {COLUMNS}, place FROM cubby_records \
         WHERE app = $1 AND owner = $2 AND place >= $4 AND place < $5 ORDER BY place LIMIT $6) AS list",
        sql::KEYS
    )
}

pub(super) fn corrupt(partition: &Partition, key: &[u8], what: &'static str) -> StoreError {
    let owner = partition.owner.escape_ascii();
    StoreError::Corrupt { key: format!("app {} owner {owner} key {}", partition.app, key.escape_ascii()), what }
}

impl Fetched {
    fn new(reading: Reading) -> Self {
        Self {
            reading,
            rows: BTreeMap::new(),
            lists: BTreeMap::new(),
            missing: RefCell::default(),
            believed: Cell::new(false),
        }
    }

    /// The head of a partition, where it was read: `Some(None)` where there is none yet.
    pub(super) fn head_of(&self, partition: &Partition) -> Option<Option<&Row>> {
        Some(self.rows.get(partition)?.get(&names::HEAD)?.as_ref())
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
        if self.head_of(partition).is_none() {
            keys.insert(names::HEAD);
        }
        None
    }

    /// Whether a partition exists, as it was found now or a moment ago.
    fn exists(
        &self,
        partition: &Partition,
        look: impl FnOnce() -> Result<bool, StoreError>,
    ) -> Result<bool, StoreError> {
        let Some(facts) = &self.reading.facts else { return look() };
        if self.head_of(partition).is_none() && facts.knows(partition) {
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
        let newest = self.head_of(partition).map(|head| head.map_or(0, |head| head.version));
        if newest.is_some_and(|newest| row.version > newest) {
            return Err(corrupt(partition, key, "a record is newer than the head of its partition"));
        }
        let read = |json: &Json| V::read(&json.0).ok_or_else(|| corrupt(partition, key, V::NAME));
        row.value.as_ref().map(read).transpose()
    }

    /// The rows of a list, noted as missing where it was not read. The head comes with them: it guards what is written after them.
    fn list<V: Value>(&self, list: List) -> Result<Vec<(Key, V)>, StoreError> {
        let Some(rows) = self.lists.get(&list) else {
            let mut missing = self.missing.borrow_mut();
            if self.head_of(&list.partition).is_none() {
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

    fn take_missing(&mut self) -> Wanted {
        std::mem::take(self.missing.get_mut())
    }

    fn keep(&mut self, app: i64, row: &tokio_postgres::Row) -> Result<(Partition, Key, Row), Fault> {
        let partition = Partition { app, owner: row.try_get(0)? };
        let key: Key = row.try_get(1)?;
        let one = Row {
            version: row.try_get::<_, i64>(2)?.cast_unsigned(),
            requests: row.try_get::<_, Option<Vec<u8>>>(3)?.unwrap_or_default(),
            value: row.try_get(4)?,
        };
        self.rows.entry(partition.clone()).or_default().insert(key.clone(), Some(one.clone()));
        Ok((partition, key, one))
    }

    /// Notes keys as read: those that no row came of are not there.
    fn asked(&mut self, partition: &Partition, keys: &BTreeSet<Key>) {
        let rows = self.rows.entry(partition.clone()).or_default();
        for key in keys {
            rows.insert(key.clone(), None);
        }
    }
}

fn bound(limit: u64) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Whether a footprint's ranges hang on what is read before them, or are more than one list.
fn is_deep(footprint: &Footprint) -> bool {
    footprint.ranges.len() > 1 || footprint.ranges.iter().any(|range| !matches!(range, Range::ConversationPage { .. }))
}

/// Reads a footprint. A deep one, and one of several statements where `whole` is asked for, is read in a transaction of one snapshot;
/// any other by single statements, heads before all else, so that a write that follows is guarded by a head that is not newer than
/// anything it was decided on.
pub(super) async fn read(
    lease: &Lease,
    reading: Reading,
    footprint: &Footprint,
    whole: bool,
) -> Result<(View, Fetched), Fault> {
    let mut fetched = Fetched::new(reading.clone());
    let mut snapshot = is_deep(footprint);
    if snapshot {
        lease.batch_execute(BEGIN).await?;
    }
    for _ in 0..ROUNDS_MAX {
        let view = View::read(footprint, &fetched)?;
        let missing = fetched.take_missing();
        if missing.is_empty() {
            if snapshot {
                lease.batch_execute("COMMIT").await?;
            }
            return Ok((view, fetched));
        }
        let statements = statements(&missing);
        if whole && !snapshot && (statements.len() > 1 || !fetched.rows.is_empty()) {
            snapshot = true;
            lease.batch_execute(BEGIN).await?;
            fetched = Fetched::new(reading.clone());
            continue;
        }
        fetch(lease, &mut fetched, &missing, statements).await?;
    }
    Err(StoreError::Unavailable("a footprint is never read to its end".to_owned()).into())
}

const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Fetches heads of which it is to be known what is in them now.
pub(super) async fn read_heads(lease: &Lease, fetched: &mut Fetched, partitions: &[Partition]) -> Result<(), Fault> {
    let missing = partitions.iter().filter(|partition| fetched.head_of(partition).is_none());
    let keys = missing.map(|partition| (partition.clone(), BTreeSet::from([names::HEAD]))).collect();
    let wanted = Wanted { keys, lists: BTreeSet::new() };
    let statements = statements(&wanted);
    fetch(lease, fetched, &wanted, statements).await
}

/// The version of a partition now.
pub(super) async fn version(connections: &Connections, partition: &Partition) -> Result<u64, Fault> {
    const VERSION: &str = "SELECT version FROM cubby_records WHERE app = $1 AND owner = $2 AND key = '\\x'::bytea";
    let lease = connections.get().await?;
    let statement = lease.prepare_cached(VERSION).await?;
    let found = lease.query_opt(&statement, &[&partition.app, &partition.owner]).await?;
    lease.done();
    Ok(found.map(|row| row.try_get::<_, i64>(0)).transpose()?.map_or(0, i64::cast_unsigned))
}

/// One statement.
enum Statement<'a> {
    Keys { app: i64, owners: Vec<&'a [u8]>, keys: Vec<&'a [u8]> },
    List(&'a List),
    KeysAndList { keys: Vec<&'a [u8]>, list: &'a List },
}

/// The fewest statements that read it, heads first.
fn statements(wanted: &Wanted) -> Vec<Statement<'_>> {
    fn bytes(keys: &BTreeSet<Key>) -> Vec<&[u8]> {
        keys.iter().map(Vec::as_slice).collect()
    }
    if let (Some((partition, keys)), Some(list)) = (wanted.keys.first_key_value(), wanted.lists.first())
        && (wanted.keys.len(), wanted.lists.len()) == (1, 1)
        && list.by == By::Place
        && list.partition == *partition
    {
        return vec![Statement::KeysAndList { keys: bytes(keys), list }];
    }
    // Partitions of which the same keys are wanted are read together.
    let mut together: BTreeMap<(i64, &BTreeSet<Key>), Vec<&[u8]>> = BTreeMap::new();
    for (partition, keys) in &wanted.keys {
        together.entry((partition.app, keys)).or_default().push(&partition.owner);
    }
    let keys = together.into_iter().map(|((app, keys), owners)| Statement::Keys { app, owners, keys: bytes(keys) });
    keys.chain(wanted.lists.iter().map(Statement::List)).collect()
}

async fn fetch(
    lease: &Lease,
    fetched: &mut Fetched,
    wanted: &Wanted,
    statements: Vec<Statement<'_>>,
) -> Result<(), Fault> {
    let mut prepared = Vec::with_capacity(statements.len());
    for statement in statements {
        prepared.push((lease.prepare_cached(&statement.sql()).await?, statement));
    }
    for (partition, keys) in &wanted.keys {
        fetched.asked(partition, keys);
    }
    let running = prepared.iter().map(|(sql, statement)| {
        Box::pin(async move {
            let rows = match statement {
                Statement::Keys { app, owners, keys } if owners.len() == 1 => {
                    lease.query(sql, &[app, &owners.first(), keys]).await
                }
                Statement::Keys { app, owners, keys } => lease.query(sql, &[app, owners, keys]).await,
                Statement::List(List { partition: Partition { app, owner }, from, to, limit, .. }) => {
                    lease.query(sql, &[app, owner, from, to, limit]).await
                }
                Statement::KeysAndList { keys, list } => {
                    let List { partition: Partition { app, owner }, from, to, limit, .. } = list;
                    lease.query(sql, &[app, owner, keys, from, to, limit]).await
                }
            };
            Ok::<_, Fault>((statement, rows?))
        })
    });
    for (statement, rows) in super::pipeline::in_order(running.collect()).await? {
        match statement {
            Statement::Keys { app, .. } => {
                for row in &rows {
                    fetched.keep(*app, row)?;
                }
            }
            Statement::List(list) => {
                let kept: Result<Vec<_>, Fault> =
                    rows.iter().map(|row| fetched.keep(list.partition.app, row)).collect();
                let kept = kept?.into_iter().map(|(_, key, row)| (key, row)).collect();
                fetched.lists.insert((*list).clone(), kept);
            }
            Statement::KeysAndList { list, .. } => {
                let mut listed = Vec::new();
                for row in &rows {
                    let (_, key, one) = fetched.keep(list.partition.app, row)?;
                    if row.try_get::<_, Option<Vec<u8>>>(5)?.is_some() {
                        listed.push((key, one));
                    }
                }
                fetched.lists.insert((*list).clone(), listed);
            }
        }
    }
    Ok(())
}

impl Statement<'_> {
    fn sql(&self) -> String {
        match self {
            Self::Keys { owners, .. } if owners.len() == 1 => select(sql::KEYS),
            Self::Keys { .. } => select(sql::KEYS_OF_MANY),
            Self::List(List { by: By::Key, .. }) => select(sql::BY_KEY),
            Self::List(List { by: By::Place, .. }) => select(sql::BY_PLACE),
            Self::KeysAndList { .. } => select_keys_and_list(),
        }
    }
}

impl Records for Fetched {
    type Error = StoreError;

    fn head(&self, user: &UserId) -> Result<Option<Head>, StoreError> {
        self.value(&Partition::user(self.reading.app, user), &names::HEAD)
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
        self.exists(&Partition::user(self.reading.app, user), look)
    }

    fn chat_group_exists(&self, id: &ChatGroupId) -> Result<bool, StoreError> {
        let look = || Ok(self.chat_group(id)?.is_some());
        self.exists(&Partition::chat_group(self.reading.app, id), look)
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
