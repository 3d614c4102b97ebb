//! The engine in memory: ordered maps behind a lock. It is the reference that the suite holds the others against, and
//! `serve --in-memory` for those who want nothing left behind.

use crate::error::{Health, StoreError};
use crate::{Answer, Store};
use cubby_domain::state::{Part, Record};
use cubby_domain::{
    Application, Change, ChatGroup, ChatGroupId, Command, ContactGroupId, Context, Conversation, ConversationId,
    Conversations, Directory, Head, Member, Pins, Query, RecentContact, Records, SdkAppId, Timestamp, UserId, Users,
    View,
};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The engine.
#[derive(Debug, Default)]
pub struct Memory {
    applications: Mutex<BTreeMap<SdkAppId, Tables>>,
}

#[derive(Debug, Default)]
struct Tables {
    application: Option<Application>,
    directory: Directory,
    users: BTreeMap<UserId, UserTable>,
    chat_groups: BTreeMap<ChatGroupId, ChatGroupTable>,
    created: BTreeMap<u64, ChatGroupId>,
}

#[derive(Debug, Default)]
struct UserTable {
    head: Option<Head>,
    conversations: BTreeMap<ConversationId, Conversation>,
    entered: BTreeMap<u64, ConversationId>,
    recent_contacts: BTreeMap<ConversationId, RecentContact>,
    /// The recent contacts by the times of their last messages.
    recency: BTreeSet<(Reverse<Option<Timestamp>>, ConversationId)>,
    pins: Option<Pins>,
    memberships: BTreeMap<ChatGroupId, Member>,
}

#[derive(Debug, Default)]
struct ChatGroupTable {
    record: Option<ChatGroup>,
    members: BTreeMap<UserId, Member>,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<SdkAppId, Tables>> {
        // Changes are made after everything that could panic, so that what a panic leaves behind is whole.
        self.applications.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Memory {
    async fn execute<C: Command>(&self, command: C, context: Context) -> Answer<C::Reply> {
        let mut applications = self.lock();
        let Ok(view) = View::read(&command.footprint(), &OneApplication { all: &applications, app: context.app });
        let outcome = match command.apply(&view, &context) {
            Ok(outcome) => outcome,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let tables = applications.entry(context.app).or_default();
        outcome.changes.into_iter().for_each(|change| tables.make(change));
        Ok(Ok(outcome.reply))
    }

    async fn query<Q: Query>(&self, query: Q, context: Context) -> Answer<Q::Reply> {
        let Ok(view) = View::read(&query.footprint(), &OneApplication { all: &self.lock(), app: context.app });
        Ok(query.answer(&view, &context))
    }

    fn health(&self) -> Health {
        Health::Serving
    }

    async fn failed(&self) {
        std::future::pending::<()>().await;
    }
}

fn put<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: Option<V>) {
    match value {
        Some(value) => map.insert(key, value),
        None => map.remove(&key),
    };
}

fn recency(one: &RecentContact) -> Reverse<Option<Timestamp>> {
    Reverse(one.last.map(|last| last.time))
}

impl Tables {
    fn make(&mut self, change: Change) {
        match change {
            Change::Head(user, head) => self.users.entry(user).or_default().head = Some(head),
            Change::UserGone(user) => {
                self.users.entry(user.clone()).or_default().head = None;
                self.forget_user(&user);
            }
            Change::Conversation { user, id, before, after } => {
                let table = self.users.entry(user).or_default();
                if let Some(before) = before {
                    table.entered.remove(&before.entered);
                }
                if let Some(after) = &after {
                    table.entered.insert(after.entered, id.clone());
                }
                put(&mut table.conversations, id, after);
            }
            Change::RecentContact { user, id, before, after } => {
                let table = self.users.entry(user).or_default();
                if let Some(before) = before {
                    table.recency.remove(&(recency(&before), id.clone()));
                }
                if let Some(after) = &after {
                    table.recency.insert((recency(after), id.clone()));
                }
                put(&mut table.recent_contacts, id, after);
            }
            Change::Pins(user, pins) => self.users.entry(user).or_default().pins = pins,
            Change::ChatGroup { id, before, after } => {
                if let Some(before) = before {
                    self.created.remove(&before.sequence);
                }
                if let Some(after) = &after {
                    self.created.insert(after.sequence, id.clone());
                }
                self.chat_groups.entry(id.clone()).or_default().record = after;
                self.forget_chat_group(&id);
            }
            Change::Member { chat_group, user, after } => {
                put(&mut self.users.entry(user.clone()).or_default().memberships, chat_group.clone(), after);
                put(&mut self.chat_groups.entry(chat_group.clone()).or_default().members, user.clone(), after);
                self.forget_user(&user);
                self.forget_chat_group(&chat_group);
            }
            Change::Directory(directory) => self.directory = directory.unwrap_or_default(),
            Change::Application(_, application) => self.application = application,
        }
    }

    /// Lets go of a user of whom nothing is left, so that resets with ever new users hold no more than one does.
    fn forget_user(&mut self, user: &UserId) {
        let empty = |table: &UserTable| {
            let UserTable { head, conversations, recent_contacts, pins, memberships, entered: _, recency: _ } = table;
            head.is_none()
                && conversations.is_empty()
                && recent_contacts.is_empty()
                && pins.is_none()
                && memberships.is_empty()
        };
        if self.users.get(user).is_some_and(empty) {
            self.users.remove(user);
        }
    }

    fn forget_chat_group(&mut self, id: &ChatGroupId) {
        if self.chat_groups.get(id).is_some_and(|table| table.record.is_none() && table.members.is_empty()) {
            self.chat_groups.remove(id);
        }
    }
}

/// What is kept, seen from one application.
struct OneApplication<'a> {
    all: &'a BTreeMap<SdkAppId, Tables>,
    app: SdkAppId,
}

impl OneApplication<'_> {
    fn tables(&self) -> Option<&Tables> {
        self.all.get(&self.app)
    }

    fn user(&self, user: &UserId) -> Option<&UserTable> {
        self.tables()?.users.get(user)
    }

    fn group(&self, id: &ChatGroupId) -> Option<&ChatGroupTable> {
        self.tables()?.chat_groups.get(id)
    }
}

fn first<T>(limit: u64, all: impl Iterator<Item = T>) -> Vec<T> {
    all.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect()
}

impl Records for OneApplication<'_> {
    type Error = Infallible;

    fn head(&self, user: &UserId) -> Result<Option<Head>, Infallible> {
        Ok(self.user(user).and_then(|table| table.head.clone()))
    }

    fn users(&self, after: Option<&UserId>, limit: u64) -> Result<Users, Infallible> {
        let Some(tables) = self.tables() else { return Ok(Vec::new()) };
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let users = tables.users.range::<UserId, _>((from, Bound::Unbounded));
        Ok(first(limit, users.map(|(user, table)| (user.clone(), table.head.clone()))))
    }

    fn conversation(&self, user: &UserId, id: &ConversationId) -> Result<Option<Conversation>, Infallible> {
        Ok(self.user(user).and_then(|table| table.conversations.get(id)).cloned())
    }

    fn conversations(&self, user: &UserId, after: u64, limit: u64) -> Result<Conversations, Infallible> {
        let (Some(table), Some(from)) = (self.user(user), after.checked_add(1)) else { return Ok(Vec::new()) };
        let ids = table.entered.range(from..).map(|(_, id)| id);
        Ok(first(limit, ids.filter_map(|id| Some((id.clone(), table.conversations.get(id)?.clone())))))
    }

    fn in_contact_group(&self, user: &UserId, group: ContactGroupId) -> Result<Conversations, Infallible> {
        let all = self.user(user).into_iter().flat_map(|table| &table.conversations);
        let within = all.filter(|(_, one)| one.contact_groups.contains(&group));
        Ok(within.map(|(id, one)| (id.clone(), one.clone())).collect())
    }

    fn recent_contact(&self, user: &UserId, id: &ConversationId) -> Result<Option<RecentContact>, Infallible> {
        Ok(self.user(user).and_then(|table| table.recent_contacts.get(id)).copied())
    }

    fn recent_contacts(&self, user: &UserId, limit: u64) -> Result<Vec<(ConversationId, RecentContact)>, Infallible> {
        let Some(table) = self.user(user) else { return Ok(Vec::new()) };
        let ids = table.recency.iter().map(|(_, id)| id);
        Ok(first(limit, ids.filter_map(|id| Some((id.clone(), *table.recent_contacts.get(id)?)))))
    }

    fn pins(&self, user: &UserId) -> Result<Option<Pins>, Infallible> {
        Ok(self.user(user).and_then(|table| table.pins.clone()))
    }

    fn chat_group(&self, id: &ChatGroupId) -> Result<Option<ChatGroup>, Infallible> {
        Ok(self.group(id).and_then(|table| table.record.clone()))
    }

    fn chat_groups(&self, after: u64, limit: u64) -> Result<Vec<(ChatGroupId, ChatGroup)>, Infallible> {
        let (Some(tables), Some(from)) = (self.tables(), after.checked_add(1)) else { return Ok(Vec::new()) };
        let found = |id: &ChatGroupId| Some((id.clone(), tables.chat_groups.get(id)?.record.clone()?));
        Ok(first(limit, tables.created.range(from..).filter_map(|(_, id)| found(id))))
    }

    fn member(&self, id: &ChatGroupId, user: &UserId) -> Result<Option<Member>, Infallible> {
        Ok(self.group(id).and_then(|table| table.members.get(user)).copied())
    }

    fn members_of(&self, id: &ChatGroupId, limit: u64) -> Result<Vec<(UserId, Member)>, Infallible> {
        let all = self.group(id).into_iter().flat_map(|table| &table.members);
        Ok(first(limit, all.map(|(user, member)| (user.clone(), *member))))
    }

    fn memberships_of(&self, user: &UserId) -> Result<Vec<(ChatGroupId, Member)>, Infallible> {
        let all = self.user(user).into_iter().flat_map(|table| &table.memberships);
        Ok(all.map(|(id, member)| (id.clone(), *member)).collect())
    }

    fn directory(&self) -> Result<Directory, Infallible> {
        Ok(self.tables().map(|tables| tables.directory).unwrap_or_default())
    }

    fn everything(&self, limit: u64) -> Result<Part, Infallible> {
        let Some(tables) = self.tables() else { return Ok(Part::default()) };
        let users = tables.users.iter().flat_map(|(user, table)| {
            let head = table.head.iter().map(|head| Record::Head(user.clone(), head.clone()));
            let conversations = table.conversations.iter();
            let recents = table.recent_contacts.iter();
            head.chain(conversations.map(|(id, one)| Record::Conversation(user.clone(), id.clone(), one.clone())))
                .chain(recents.map(|(id, one)| Record::RecentContact(user.clone(), id.clone(), *one)))
                .chain(table.pins.iter().map(|pins| Record::Pins(user.clone(), pins.clone())))
        });
        let chat_groups = tables.chat_groups.iter().flat_map(|(id, table)| {
            let record = table.record.iter().map(|record| Record::ChatGroup(id.clone(), record.clone()));
            record.chain(table.members.iter().map(|(user, one)| Record::Member(id.clone(), user.clone(), *one)))
        });
        Part::gather(tables.directory, users.chain(chat_groups).map(Ok), limit)
    }

    fn application(&self) -> Result<Option<Application>, Infallible> {
        Ok(self.tables().and_then(|tables| tables.application.clone()))
    }

    fn applications(&self) -> Result<Vec<Application>, Infallible> {
        Ok(self.all.values().filter_map(|tables| tables.application.clone()).collect())
    }
}

impl From<Infallible> for StoreError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
