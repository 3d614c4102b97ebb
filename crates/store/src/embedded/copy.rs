//! A directory as a source and as a destination of a copy: its bytes as units and back, through the one writer like every write.

use super::keys::{self, Key};
use super::moved;
use super::overlay::Overlay;
use super::reader::{Bytes, Instant, OneApplication};
use super::values;
use super::writer::{Answering, Job, Message};
use super::{Embedded, Shared};
use crate::copy::{ChatGroupContent, Content, Copyable, UnitId, UserContent};
use crate::error::StoreError;
use cubby_domain::{ChatGroupId, Records, SdkAppId, UserId};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::oneshot;
use xxhash_rust::xxh3::Xxh3;

type Rows = BTreeMap<Key, Vec<u8>>;

fn corrupt(unit: &UnitId, what: &'static str) -> StoreError {
    StoreError::Corrupt { key: unit.to_string(), what }
}

/// The keys and values of a user.
fn rows_of_user(app: SdkAppId, user: &UserId, content: &UserContent) -> Rows {
    let UserContent { version, head, conversations, recent_contacts, pins, memberships } = content;
    let (version, mut rows) = (*version, Rows::new());
    // A user of whom only memberships are known has none.
    if version > 0 || head.is_some() {
        rows.insert(keys::head(app, user), values::write_head(version, head.as_ref()));
    }
    for (id, one) in conversations {
        rows.insert(keys::conversation(app, user, one.entered), values::write_conversation(version, id, one));
        rows.insert(keys::place(app, user, id), values::write_number(one.entered));
        for group in &one.contact_groups {
            rows.insert(keys::in_contact_group(app, user, *group, one.entered), Vec::new());
        }
    }
    for (id, one) in recent_contacts {
        rows.insert(keys::recent(app, user, id), values::write_recent(version, one));
        rows.insert(keys::recency(app, user, one.last.map(|last| last.time), id), Vec::new());
    }
    if let Some(pins) = pins {
        rows.insert(keys::pins(app, user), values::write_pins(version, pins));
    }
    for (id, member) in memberships {
        rows.insert(keys::membership(app, user, id), values::write_member(*member));
    }
    rows
}

/// The keys and values of a unit, within its range.
fn rows(id: &UnitId, content: &Content) -> Rows {
    match (id, content) {
        (UnitId::User(app, user), Content::User(content)) => rows_of_user(*app, user, content),
        (UnitId::ChatGroup(app, id), Content::ChatGroup(content)) => {
            let ChatGroupContent { record, members, listed: _ } = &**content;
            let member = |(user, member): &(UserId, _)| (keys::member(*app, id, user), values::write_member(*member));
            let record = (keys::chat_group(*app, id), values::write_chat_group(record));
            members.iter().map(member).chain([record]).collect()
        }
        (UnitId::Directory(app), Content::Directory(directory)) => {
            Rows::from([(keys::directory(*app), values::write_directory(*directory))])
        }
        (UnitId::Applications, Content::Applications(applications)) => {
            applications.iter().map(|one| (keys::application(one.id), values::write_application(one))).collect()
        }
        // What a unit holds is of its own kind.
        _ => Rows::new(),
    }
}

fn user<B: Bytes>(app: SdkAppId, user: &UserId, bytes: &B) -> Result<Content, StoreError> {
    let records = OneApplication::new(app, bytes);
    let head = records.head(user)?;
    let conversations = records.conversations(user, 0, u64::MAX)?;
    let mut recent_contacts = records.recent_contacts(user, u64::MAX)?;
    recent_contacts.sort_by(|(a, _), (b, _)| a.cmp(b));
    let (pins, memberships) = (records.pins(user)?, records.memberships_of(user)?);
    let version = records.into_versions().get(user).copied().unwrap_or_default();
    Ok(Content::User(Box::new(UserContent { version, head, conversations, recent_contacts, pins, memberships })))
}

fn chat_group<B: Bytes>(app: SdkAppId, id: &ChatGroupId, bytes: &B) -> Result<Option<Content>, StoreError> {
    let records = OneApplication::new(app, bytes);
    let Some(record) = records.chat_group(id)? else { return Ok(None) };
    let members = records.members_of(id, u64::MAX)?;
    let listed = bytes.get(&keys::created(app, record.sequence))?.is_some_and(|value| value == id.as_str().as_bytes());
    Ok(Some(Content::ChatGroup(Box::new(ChatGroupContent { record, members, listed }))))
}

/// What a unit holds. Every key in its range must be one that its records make, so that second keys are copied whole or not at all.
fn content<B: Bytes>(id: &UnitId, bytes: &B) -> Result<Option<Content>, StoreError> {
    let range = keys::of_unit(id);
    let kept = bytes.range(&range, &keys::after_all(&range), u64::MAX)?;
    if kept.is_empty() {
        return Ok(None);
    }
    let content = match id {
        UnitId::Applications => Some(Content::Applications(OneApplication::new(SdkAppId(0), bytes).applications()?)),
        UnitId::Directory(app) => Some(Content::Directory(OneApplication::new(*app, bytes).directory()?)),
        UnitId::User(app, of) => Some(user(*app, of, bytes)?),
        UnitId::ChatGroup(app, id) => chat_group(*app, id, bytes)?,
    };
    let content = content.ok_or_else(|| corrupt(id, "it has members and no record"))?;
    if rows(id, &content).keys().ne(kept.iter().map(|(key, _)| key)) {
        return Err(corrupt(id, "it has keys that its records do not make, or lacks some that they do"));
    }
    Ok(Some(content))
}

/// The stamp of a unit. Every change of a user's data writes the head, but memberships do not.
fn stamp(id: &UnitId, instant: &Instant<'_>) -> Result<u64, StoreError> {
    let mut hash = Xxh3::new();
    let mut take = |key: &[u8], value: &[u8]| {
        for part in [key, value] {
            hash.update(&(part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    };
    let range = match id {
        UnitId::User(app, user) => {
            take(&[], &instant.get(&keys::head(*app, user))?.unwrap_or_default());
            keys::memberships(*app, user)
        }
        UnitId::ChatGroup(..) | UnitId::Directory(_) | UnitId::Applications => keys::of_unit(id),
    };
    for (key, value) in instant.range(&range, &keys::after_all(&range), u64::MAX)? {
        take(&key, &value);
    }
    Ok(hash.digest())
}

/// The next units, found by leaping from each to behind its range.
fn ids(after: Option<&UnitId>, limit: usize, instant: &Instant<'_>) -> Result<Vec<UnitId>, StoreError> {
    let (first, end) = keys::units();
    let mut from = after.map_or(first, |id| keys::after_all(&keys::of_unit(id)));
    let mut ids = Vec::new();
    while ids.len() < limit
        && let Some((key, _)) = instant.range(&from, &end, 1)?.pop()
    {
        let wrong = || StoreError::Corrupt { key: key.escape_ascii().to_string(), what: "a key of no unit" };
        let id = keys::unit(&key).ok_or_else(wrong)?;
        from = keys::after_all(&keys::of_unit(&id));
        ids.push(id);
    }
    Ok(ids)
}

/// What becomes of a unit: the keys to remove and to write.
fn replacing(
    id: &UnitId,
    content: Option<&Content>,
    batch: &Overlay<'_>,
) -> Result<BTreeMap<Key, Option<Vec<u8>>>, StoreError> {
    let range = keys::of_unit(id);
    let kept = batch.range(&range, &keys::after_all(&range), u64::MAX)?;
    let mut changes: BTreeMap<Key, Option<Vec<u8>>> = kept.into_iter().map(|(key, _)| (key, None)).collect();
    if let UnitId::ChatGroup(app, id) = id {
        let before = OneApplication::new(*app, batch).chat_group(id)?;
        changes.extend(before.map(|before| (keys::created(*app, before.sequence), None)));
        if let Some(Content::ChatGroup(after)) = content
            && after.listed
        {
            changes.insert(keys::created(*app, after.record.sequence), Some(id.as_str().as_bytes().to_vec()));
        }
    }
    if let Some(content) = content {
        changes.extend(rows(id, content).into_iter().map(|(key, value)| (key, Some(value))));
    }
    Ok(changes)
}

/// Units on their way to the writer.
struct Putting {
    units: Vec<(UnitId, Option<Content>)>,
    answer: oneshot::Sender<Result<(), StoreError>>,
}

impl Putting {
    fn put(&self, batch: &mut Overlay<'_>) -> Result<(), StoreError> {
        let replacing = |(id, content): &(UnitId, Option<Content>)| replacing(id, content.as_ref(), batch);
        // All are read before any is written: what cannot be read leaves nothing of them in the batch.
        let changes = self.units.iter().map(replacing).collect::<Result<Vec<_>, _>>()?;
        // What one removes, such as its place in the order of creation, another may write.
        let (written, removed): (Vec<_>, Vec<_>) =
            changes.into_iter().flatten().partition(|(_, value)| value.is_some());
        removed.into_iter().chain(written).for_each(|(key, value)| batch.put(key, value));
        Ok(())
    }
}

impl Job for Putting {
    fn run(self: Box<Self>, batch: &mut Overlay<'_>) -> Option<Answering> {
        let done = self.put(batch);
        Some(Box::new(move |committed| drop(self.answer.send(committed.and(done)))))
    }
}

/// The stop, in the one order of all writes.
struct Stopping {
    shared: Arc<Shared>,
    answer: oneshot::Sender<Result<(), StoreError>>,
}

impl Job for Stopping {
    fn run(self: Box<Self>, _: &mut Overlay<'_>) -> Option<Answering> {
        self.shared.stopped.store(true, Ordering::Release);
        Some(Box::new(move |committed| drop(self.answer.send(committed))))
    }
}

impl Embedded {
    /// Reads from one instant, outside the runtime's threads.
    async fn reading<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Instant<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.readers).acquire_owned().await.map_err(|_| self.shared.why())?;
        let (database, keyspace) = (self.database.clone(), self.keyspace.clone());
        let reading = tokio::task::spawn_blocking(move || {
            let snapshot = database.snapshot();
            let answer = read(&Instant { keyspace: &keyspace, snapshot: &snapshot });
            // The permit goes last: who holds all of them knows that no reader holds the database.
            drop((snapshot, keyspace, database));
            drop(permit);
            answer
        });
        reading.await.unwrap_or_else(|_| Err(StoreError::Unavailable("a reader panicked".to_owned())))
    }

    async fn queue(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<(), StoreError>>) -> Box<dyn Job>,
    ) -> Result<(), StoreError> {
        let (answer, answered) = oneshot::channel();
        self.queue.send(Message::Job(job(answer))).await.map_err(|_| self.shared.why())?;
        answered.await.unwrap_or_else(|_| Err(self.shared.why()))
    }
}

impl Copyable for Embedded {
    fn name(&self) -> String {
        let whole = std::fs::canonicalize(&self.directory);
        whole.as_ref().unwrap_or(&self.directory).display().to_string()
    }

    async fn stamps(&self, after: Option<&UnitId>, limit: usize) -> Result<Vec<(UnitId, u64)>, StoreError> {
        let after = after.cloned();
        self.reading(move |instant| {
            let ids = ids(after.as_ref(), limit, instant)?;
            ids.into_iter().map(|id| stamp(&id, instant).map(|stamp| (id, stamp))).collect()
        })
        .await
    }

    async fn ids(&self, after: Option<&UnitId>, limit: usize) -> Result<Vec<UnitId>, StoreError> {
        let after = after.cloned();
        self.reading(move |instant| ids(after.as_ref(), limit, instant)).await
    }

    async fn present(&self, of: &[UnitId]) -> Result<Vec<bool>, StoreError> {
        let of = of.to_vec();
        self.reading(move |instant| {
            let present = |id| {
                let range = keys::of_unit(id);
                Ok(!instant.range(&range, &keys::after_all(&range), 1)?.is_empty())
            };
            of.iter().map(present).collect()
        })
        .await
    }

    async fn units(&self, of: &[UnitId]) -> Result<Vec<Option<Content>>, StoreError> {
        let of = of.to_vec();
        self.reading(move |instant| of.iter().map(|id| content(id, instant)).collect()).await
    }

    async fn put(&self, units: Vec<(UnitId, Option<Content>)>) -> Result<(), StoreError> {
        self.queue(|answer| Box::new(Putting { units, answer })).await
    }

    async fn mark(&self) -> Result<Option<String>, StoreError> {
        moved::copying(&self.directory)
    }

    async fn set_mark(&self, from: Option<&str>) -> Result<(), StoreError> {
        moved::set_copying(&self.directory, from)
    }

    async fn is_stopped(&self) -> Result<bool, StoreError> {
        moved::is_moved(&self.directory)
    }

    async fn stop(&self) -> Result<(), StoreError> {
        let shared = Arc::clone(&self.shared);
        self.queue(|answer| Box::new(Stopping { shared, answer })).await
    }

    async fn resume(&self) -> Result<(), StoreError> {
        moved::undo(&self.directory)?;
        self.shared.stopped.store(false, Ordering::Release);
        Ok(())
    }

    async fn move_away(&self, to: &str) -> Result<(), StoreError> {
        moved::set(&self.directory, to)?;
        self.shared.moved.store(true, Ordering::Release);
        Ok(())
    }
}
