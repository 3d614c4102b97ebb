//! A database as a source and as a destination of a copy: its rows as units and back, the mark of a copy under way, and the constraint
//! that refuses every write once the store is moved.
//!
//! A destroyed chat group leaves a head without a value; it is no unit. Of a unit only a user's version is kept over a copy: the others
//! begin at 1, which no server can mistake, since none serves the destination before the copy has ended.

use super::Postgres;
use super::fetched::{Listed, corrupt};
use super::json::Json;
use super::names::{self, Key, Partition};
use super::pool::{Fault, Lease, MOVED};
use super::rows::NewRow;
use super::values::Value;
use super::write::within_transaction;
use crate::copy::{ChatGroupContent, Content, Copyable, UnitId, UserContent};
use crate::error::StoreError;
use cubby_domain::{ChatGroup, ChatGroupId, Conversation, Directory, Member, RecentContact, SdkAppId, UserId};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How often the stop is tried where another holds the table.
const STOP_TRIES: u32 = 40;

/// What is a unit: each head but those of what was removed; of a deleted user the version is kept. The registry's says nothing, and is one
/// while there are applications.
const IS_UNIT: &str = "key = '\\x'::bytea AND (value IS NOT NULL OR substr(owner, 1, 1) = '\\x75'::bytea \
    OR substr(owner, 1, 1) = '\\x61'::bytea AND EXISTS (SELECT 1 FROM cubby_records AS kept WHERE kept.app = cubby_records.app \
    AND kept.owner = cubby_records.owner AND kept.key <> '\\x'::bytea AND kept.value IS NOT NULL))";

const PARTITIONS: &str = "SELECT owner, key, version, place, value FROM cubby_records \
    WHERE app = $1 AND owner = ANY($2) AND (key = '\\x'::bytea OR value IS NOT NULL)";
const HEADS: &str = "SELECT owner, key, version, place, value FROM cubby_records \
    WHERE app = $1 AND owner = ANY($2) AND key = '\\x'::bytea";
const LISTED: &str =
    "SELECT key, place FROM cubby_records WHERE app = $1 AND owner = $2 AND key = ANY($3) AND value IS NOT NULL";

fn failed(fault: Fault) -> StoreError {
    match fault {
        Fault::Store(error) => error,
        other => StoreError::Unavailable(other.to_string()),
    }
}

impl UnitId {
    fn partition(&self) -> Partition {
        match self {
            Self::Applications => Partition::registry(),
            Self::Directory(app) => Partition::directory(*app),
            Self::User(app, user) => Partition::user(*app, user),
            Self::ChatGroup(app, id) => Partition::chat_group(*app, id),
        }
    }

    fn of_partition(partition: &Partition) -> Result<Self, StoreError> {
        let app = SdkAppId(partition.app.cast_unsigned());
        let unit = match partition.owner.first() {
            Some(b'a') => Some(Self::Applications),
            Some(b'd') => Some(Self::Directory(app)),
            Some(b'u') => {
                names::text(&partition.owner).and_then(|id| UserId::new(id).ok()).map(|id| Self::User(app, id))
            }
            Some(b'g') => names::text(&partition.owner)
                .and_then(|id| ChatGroupId::new(id).ok())
                .map(|id| Self::ChatGroup(app, id)),
            _ => None,
        };
        unit.ok_or_else(|| corrupt(partition, &names::HEAD, "an owner of a kind that is not known"))
    }
}

/// A row as it was read.
struct Found {
    key: Key,
    version: i64,
    place: Option<Vec<u8>>,
    value: Option<Json>,
}

/// The rows of one partition, the head apart.
struct Whole<'a> {
    partition: &'a Partition,
    version: i64,
    head: Option<&'a Json>,
    rows: Vec<&'a Found>,
}

impl<'a> Whole<'a> {
    fn of(partition: &'a Partition, rows: &'a [Found]) -> Option<Self> {
        let head = rows.iter().find(|row| row.key.is_empty())?;
        let others = rows.iter().filter(|row| !row.key.is_empty()).collect();
        Some(Self { partition, version: head.version, head: head.value.as_ref(), rows: others })
    }

    fn head<V: Value>(&self) -> Result<Option<V>, StoreError> {
        self.head.map(|json| V::read(&json.0).ok_or_else(|| corrupt(self.partition, &names::HEAD, V::NAME))).transpose()
    }

    /// The records of a kind; each must stand at the place that it says.
    fn all<I: Ord, V: Value>(
        &self,
        letter: u8,
        id: impl Fn(&str) -> Option<I>,
        place: impl Fn(&I, &V) -> Option<Vec<u8>>,
    ) -> Result<Vec<(I, V)>, StoreError> {
        let mut found = Vec::new();
        for row in self.rows.iter().filter(|row| row.key.first() == Some(&letter)) {
            let wrong = |what| corrupt(self.partition, &row.key, what);
            let id = names::text(&row.key).and_then(&id).ok_or_else(|| wrong("an id"))?;
            let value = row.value.as_ref().and_then(|json| V::read(&json.0)).ok_or_else(|| wrong(V::NAME))?;
            if row.version > self.version {
                return Err(wrong("a record is newer than the head of its partition"));
            }
            if row.place != place(&id, &value) {
                return Err(wrong("a record stands at another place than it says"));
            }
            found.push((id, value));
        }
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(found)
    }

    fn only(&self, letters: &[u8]) -> Result<(), StoreError> {
        let strange = self.rows.iter().find(|row| !row.key.first().is_some_and(|letter| letters.contains(letter)));
        strange.map_or(Ok(()), |row| Err(corrupt(self.partition, &row.key, "a record of a kind that is not known")))
    }

    fn user(&self) -> Result<Content, StoreError> {
        let pins = names::pins();
        self.only(&[names::CONVERSATION, names::RECENT, names::MEMBER, pins.first().copied().unwrap_or_default()])?;
        let mut conversations = self.all(names::CONVERSATION, names::conversation_of, |_, one: &Conversation| {
            Some(names::entered(one.entered))
        })?;
        conversations.sort_by_key(|(_, one)| one.entered);
        let recency = |id: &_, one: &RecentContact| Some(names::recency(one.last.map(|last| last.time), id));
        let pinned = self.rows.iter().find(|row| row.key == pins).and_then(|row| row.value.as_ref());
        let read = |json: &Json| Value::read(&json.0).ok_or_else(|| corrupt(self.partition, &pins, "the pins"));
        Ok(Content::User(Box::new(UserContent {
            version: self.version.cast_unsigned(),
            head: self.head()?,
            conversations,
            recent_contacts: self.all(names::RECENT, names::conversation_of, recency)?,
            pins: pinned.map(read).transpose()?,
            memberships: self.all(names::MEMBER, |id| ChatGroupId::new(id).ok(), |_, _: &Member| None)?,
        })))
    }

    fn chat_group(
        &self,
        id: &ChatGroupId,
        listed: &BTreeMap<Key, Option<Vec<u8>>>,
    ) -> Result<Option<Content>, StoreError> {
        let Some(record) = self.head::<ChatGroup>()? else { return Ok(None) };
        self.only(&[names::MEMBER])?;
        let members = self.all(names::MEMBER, |id| UserId::new(id).ok(), |_, _: &Member| None)?;
        let place = listed.get(&names::created(id)).and_then(Option::as_ref);
        let listed = place == Some(&names::sequence(record.sequence));
        Ok(Some(Content::ChatGroup(Box::new(ChatGroupContent { record, members, listed }))))
    }

    fn applications(&self) -> Result<Option<Content>, StoreError> {
        self.only(&[names::APPLICATION])?;
        let one = |row: &&Found| {
            let read = row.value.as_ref().and_then(|json| Value::read(&json.0));
            read.ok_or_else(|| corrupt(self.partition, &row.key, "an application"))
        };
        let mut applications = self.rows.iter().map(one).collect::<Result<Vec<cubby_domain::Application>, _>>()?;
        applications.sort_by_key(|application| application.id);
        Ok((!applications.is_empty()).then_some(Content::Applications(applications)))
    }

    fn content(&self, unit: &UnitId, listed: &BTreeMap<Key, Option<Vec<u8>>>) -> Result<Option<Content>, StoreError> {
        match unit {
            UnitId::Applications => self.applications(),
            UnitId::Directory(_) => Ok(self.head::<Directory>()?.map(Content::Directory)),
            UnitId::User(..) => self.user().map(Some),
            UnitId::ChatGroup(_, id) => self.chat_group(id, listed),
        }
    }
}

/// The units of one application, by the way in which they are read.
#[derive(Default)]
struct Asked {
    partitions: BTreeSet<Vec<u8>>,
    directory: bool,
    chat_groups: Vec<Key>,
}

fn by_app<'a>(ids: impl Iterator<Item = &'a UnitId>) -> BTreeMap<i64, Asked> {
    let mut apps: BTreeMap<i64, Asked> = BTreeMap::new();
    for id in ids {
        let Partition { app, owner } = id.partition();
        let asked = apps.entry(app).or_default();
        match id {
            UnitId::Directory(_) => asked.directory = true,
            UnitId::ChatGroup(_, id) => {
                asked.chat_groups.push(names::created(id));
                asked.partitions.insert(owner);
            }
            UnitId::User(..) | UnitId::Applications => {
                asked.partitions.insert(owner);
            }
        }
    }
    apps
}

fn directory_owner() -> Vec<u8> {
    Partition::directory(SdkAppId(0)).owner
}

type Rows = BTreeMap<Partition, Vec<Found>>;
type ListedIn = BTreeMap<i64, BTreeMap<Key, Option<Vec<u8>>>>;

async fn read(lease: &Lease, ids: &[UnitId]) -> Result<(Rows, ListedIn), Fault> {
    let (mut rows, mut listed) = (Rows::new(), ListedIn::new());
    for (app, asked) in by_app(ids.iter()) {
        let mut found = Vec::new();
        if !asked.partitions.is_empty() {
            let owners: Vec<_> = asked.partitions.into_iter().collect();
            found = lease.query(&lease.prepare_cached(PARTITIONS).await?, &[&app, &owners]).await?;
        }
        if asked.directory {
            let owners = vec![directory_owner()];
            found.extend(lease.query(&lease.prepare_cached(HEADS).await?, &[&app, &owners]).await?);
        }
        for row in found {
            let one = Found {
                key: row.try_get(1)?,
                version: row.try_get(2)?,
                place: row.try_get(3)?,
                value: row.try_get(4)?,
            };
            rows.entry(Partition { app, owner: row.try_get(0)? }).or_default().push(one);
        }
        if !asked.chat_groups.is_empty() {
            let statement = lease.prepare_cached(LISTED).await?;
            let found = lease.query(&statement, &[&app, &directory_owner(), &asked.chat_groups]).await?;
            for row in found {
                listed.entry(app).or_default().insert(row.try_get(0)?, row.try_get(1)?);
            }
        }
    }
    Ok((rows, listed))
}

/// The rows of a unit, made one after the other.
struct Making {
    partition: Partition,
    version: i64,
    rows: Vec<NewRow>,
}

impl Making {
    fn put<V: Value>(&mut self, key: Key, place: Option<Vec<u8>>, value: Option<&V>) {
        let value = value.map(|value| Json(value.write()));
        let (partition, version) = (self.partition.clone(), self.version);
        self.rows.push(NewRow { partition, key, version, place, requests: None, value });
    }

    fn user(&mut self, content: &UserContent) {
        let UserContent { version, head, conversations, recent_contacts, pins, memberships } = content;
        self.version = version.cast_signed();
        self.put(names::HEAD, None, head.as_ref());
        for (id, one) in conversations {
            self.put(names::conversation(id), Some(names::entered(one.entered)), Some(one));
        }
        for (id, one) in recent_contacts {
            self.put(names::recent(id), Some(names::recency(one.last.map(|last| last.time), id)), Some(one));
        }
        if let Some(pins) = pins {
            self.put(names::pins(), None, Some(pins));
        }
        for (id, member) in memberships {
            self.put(names::member(id.as_str()), None, Some(member));
        }
    }

    fn chat_group(&mut self, id: &ChatGroupId, content: &ChatGroupContent) {
        let ChatGroupContent { record, members, listed } = content;
        self.put(names::HEAD, None, Some(record));
        for (user, member) in members {
            self.put(names::member(user.as_str()), None, Some(member));
        }
        if *listed {
            // A row of the directory's partition, whose head is a unit of its own: version 0 is newer than none.
            let partition = Partition { app: self.partition.app, owner: directory_owner() };
            let (key, place) = (names::created(id), Some(names::sequence(record.sequence)));
            let value = Some(Json(Listed.write()));
            self.rows.push(NewRow { partition, key, version: 0, place, requests: None, value });
        }
    }
}

fn rows(id: &UnitId, content: &Content) -> Vec<NewRow> {
    let mut making = Making { partition: id.partition(), version: 1, rows: Vec::new() };
    match (id, content) {
        (_, Content::Applications(applications)) => {
            making.put::<ChatGroup>(names::HEAD, None, None);
            for application in applications {
                making.put(names::application(application.id), None, Some(application));
            }
        }
        (_, Content::Directory(directory)) => making.put(names::HEAD, None, Some(directory)),
        (_, Content::User(user)) => making.user(user),
        (UnitId::ChatGroup(_, id), Content::ChatGroup(chat_group)) => making.chat_group(id, chat_group),
        // A chat group is read under a chat group's name.
        (_, Content::ChatGroup(_)) => {}
    }
    making.rows
}

async fn replace(lease: &Lease, units: &[(UnitId, Option<Content>)]) -> Result<(), Fault> {
    const DELETE: &str = "DELETE FROM cubby_records WHERE app = $1 AND owner = ANY($2)";
    const DELETE_KEYS: &str = "DELETE FROM cubby_records WHERE app = $1 AND owner = $2 AND key = ANY($3)";
    lease.batch_execute("BEGIN").await?;
    for (app, mut asked) in by_app(units.iter().map(|(id, _)| id)) {
        if !asked.partitions.is_empty() {
            let owners: Vec<_> = asked.partitions.into_iter().collect();
            lease.execute(&lease.prepare_cached(DELETE).await?, &[&app, &owners]).await?;
        }
        asked.chat_groups.extend(asked.directory.then_some(names::HEAD));
        if !asked.chat_groups.is_empty() {
            let statement = lease.prepare_cached(DELETE_KEYS).await?;
            lease.execute(&statement, &[&app, &directory_owner(), &asked.chat_groups]).await?;
        }
    }
    let rows: Vec<NewRow> =
        units.iter().filter_map(|(id, content)| Some(rows(id, content.as_ref()?))).flatten().collect();
    within_transaction(lease, &rows).await?;
    Ok(lease.batch_execute("COMMIT").await?)
}

impl Postgres {
    async fn with<T>(&self, asking: impl AsyncFnOnce(&Lease) -> Result<T, Fault>) -> Result<T, StoreError> {
        let lease = self.shared.connections.get().await.map_err(failed)?;
        let answer = asking(&lease).await.map_err(failed)?;
        lease.done();
        Ok(answer)
    }

    async fn heads(&self, after: Option<&UnitId>, limit: usize) -> Result<Vec<(UnitId, u64)>, StoreError> {
        let sql = format!(
            "SELECT app, owner, version FROM cubby_records WHERE (app, owner) > ($1, $2) AND {IS_UNIT} \
             ORDER BY app, owner LIMIT $3"
        );
        let Partition { app, owner } = after.map_or(Partition { app: i64::MIN, owner: Vec::new() }, UnitId::partition);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self
            .with(async |lease| Ok(lease.query(&lease.prepare_cached(&sql).await?, &[&app, &owner, &limit]).await?))
            .await?;
        let one = |row: &tokio_postgres::Row| {
            let partition = Partition { app: row.try_get(0)?, owner: row.try_get(1)? };
            Ok((UnitId::of_partition(&partition)?, row.try_get::<_, i64>(2)?.cast_unsigned()))
        };
        rows.iter().map(one).collect::<Result<_, Fault>>().map_err(failed)
    }

    /// Takes the constraint away, so that writes are taken again, whoever put it there.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn undo_move(&self) -> Result<bool, StoreError> {
        let moved = self.is_stopped().await?;
        let sql = format!("ALTER TABLE cubby_records DROP CONSTRAINT IF EXISTS {MOVED}");
        self.alter(&sql).await?;
        Ok(moved)
    }

    /// Changes the table, which has to wait for whoever uses it, and lets nobody wait long behind it.
    async fn alter(&self, sql: &str) -> Result<(), StoreError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let altering = self.with(async |lease| {
                lease.batch_execute("BEGIN; SET LOCAL lock_timeout = '500ms'").await?;
                lease.batch_execute(sql).await?;
                Ok(lease.batch_execute("COMMIT").await?)
            });
            match altering.await {
                Err(StoreError::Unavailable(_)) if tries < STOP_TRIES => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                other => return other,
            }
        }
    }
}

impl Copyable for Postgres {
    fn name(&self) -> String {
        self.name.clone()
    }

    async fn stamps(&self, after: Option<&UnitId>, limit: usize) -> Result<Vec<(UnitId, u64)>, StoreError> {
        self.heads(after, limit).await
    }

    async fn ids(&self, after: Option<&UnitId>, limit: usize) -> Result<Vec<UnitId>, StoreError> {
        Ok(self.heads(after, limit).await?.into_iter().map(|(id, _)| id).collect())
    }

    async fn present(&self, ids: &[UnitId]) -> Result<Vec<bool>, StoreError> {
        let sql = format!("SELECT owner FROM cubby_records WHERE app = $1 AND owner = ANY($2) AND {IS_UNIT}");
        let mut owners: BTreeMap<i64, Vec<Vec<u8>>> = BTreeMap::new();
        for Partition { app, owner } in ids.iter().map(UnitId::partition) {
            owners.entry(app).or_default().push(owner);
        }
        let mut present = BTreeSet::new();
        self.with(async |lease| {
            let statement = lease.prepare_cached(&sql).await?;
            for (app, owners) in &owners {
                for row in lease.query(&statement, &[app, owners]).await? {
                    present.insert(Partition { app: *app, owner: row.try_get(0)? });
                }
            }
            Ok(())
        })
        .await?;
        Ok(ids.iter().map(|id| present.contains(&id.partition())).collect())
    }

    async fn units(&self, ids: &[UnitId]) -> Result<Vec<Option<Content>>, StoreError> {
        let (rows, listed) = self.with(async |lease| read(lease, ids).await).await?;
        let none = BTreeMap::new();
        let one = |id: &UnitId| {
            let partition = id.partition();
            let Some(whole) = rows.get(&partition).and_then(|rows| Whole::of(&partition, rows)) else {
                return Ok(None);
            };
            whole.content(id, listed.get(&partition.app).unwrap_or(&none))
        };
        ids.iter().map(one).collect()
    }

    async fn put(&self, units: Vec<(UnitId, Option<Content>)>) -> Result<(), StoreError> {
        self.with(async |lease| replace(lease, &units).await).await
    }

    async fn mark(&self) -> Result<Option<String>, StoreError> {
        let row = self.with(async |lease| Ok(lease.query_one("SELECT max(copying) FROM cubby_schema", &[]).await?));
        row.await?.try_get(0).map_err(|error| failed(error.into()))
    }

    async fn set_mark(&self, from: Option<&str>) -> Result<(), StoreError> {
        let set = self.with(async |lease| Ok(lease.execute("UPDATE cubby_schema SET copying = $1", &[&from]).await?));
        set.await.map(|_| ())
    }

    async fn is_stopped(&self) -> Result<bool, StoreError> {
        const STOPPED: &str = "SELECT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = $1 AND conrelid = to_regclass('cubby_records'))";
        let row = self.with(async |lease| Ok(lease.query_one(STOPPED, &[&MOVED]).await?)).await?;
        row.try_get(0).map_err(|error| failed(error.into()))
    }

    async fn stop(&self) -> Result<(), StoreError> {
        if self.is_stopped().await? {
            return Ok(());
        }
        // Not valid: what is there already is not looked at, so that it takes no longer than a write.
        let added =
            self.alter(&format!("ALTER TABLE cubby_records ADD CONSTRAINT {MOVED} CHECK (false) NOT VALID")).await;
        // A connection that was lost in the middle of it may have added it all the same.
        if added.is_err() && self.is_stopped().await? { Ok(()) } else { added }
    }

    async fn resume(&self) -> Result<(), StoreError> {
        self.undo_move().await.map(|_| ())
    }

    async fn move_away(&self, _to: &str) -> Result<(), StoreError> {
        // The constraint lasts.
        self.stop().await
    }
}
