//! A world of plain maps in which the rules' own tests run commands. It is no engine: nothing is kept, and one thread uses it.

use crate::application::Application;
use crate::change::Change;
use crate::command::{Command, Context, Query};
use crate::commands::{Message, SendMessage};
use crate::footprint::{Footprint, Range};
use crate::head::{Account, Head};
use crate::ids::{ChatGroupId, ContactGroupId, ConversationId, SdkAppId, UserId};
use crate::limits::Limits;
use crate::marks::MarkSet;
use crate::recent::Recents;
use crate::records::{ChatGroup, Conversation, Directory, Member, Pins, RecentContact};
use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::state::{Part, Record};
use crate::time::Timestamp;
use crate::view::{Conversations, Records, Users, View};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

pub(crate) fn user(id: &str) -> UserId {
    UserId::new(id).unwrap()
}

pub(crate) fn with(id: &str) -> ConversationId {
    ConversationId::User(user(id))
}

pub(crate) fn chat_group(id: &str) -> ChatGroupId {
    ChatGroupId::new(id).unwrap()
}

pub(crate) fn marks(numbers: &[i64]) -> MarkSet {
    let mut set = MarkSet::EMPTY;
    for n in numbers {
        set.insert(*n).unwrap();
    }
    set
}

/// A message of now like any other.
pub(crate) fn message() -> Message {
    let (listed, counted, to_sender) = (true, true, true);
    Message { sequence: None, random: 7, sent: None, seconds: None, listed, counted, to_sender }
}

#[derive(Default)]
struct Tables {
    heads: BTreeMap<UserId, Head>,
    conversations: BTreeMap<(UserId, ConversationId), Conversation>,
    recent_contacts: BTreeMap<(UserId, ConversationId), RecentContact>,
    pins: BTreeMap<UserId, Pins>,
    chat_groups: BTreeMap<ChatGroupId, ChatGroup>,
    members: BTreeMap<(ChatGroupId, UserId), Member>,
    directory: Directory,
    application: Option<Application>,
}

pub(crate) struct World {
    tables: Tables,
    context: Context,
}

impl World {
    /// A world with small limits in which these are imported.
    pub(crate) fn with_accounts(ids: &[&str]) -> Self {
        let imported = || Head { account: Some(Account::default()), ..Head::default() };
        let heads = ids.iter().map(|id| (user(id), imported())).collect();
        let settings = Arc::new(Settings { limits: Limits::for_testing(), ..Settings::default() });
        let context = Context { app: SdkAppId(1), now: Timestamp(1_000_000), settings };
        Self { tables: Tables { heads, ..Tables::default() }, context }
    }

    pub(crate) fn run<C: Command>(&mut self, command: &C) -> Result<C::Reply, Refusal> {
        let Ok(view) = View::read(&command.footprint(), &self.tables);
        let outcome = command.apply(&view, &self.context)?;
        outcome.changes.into_iter().for_each(|change| self.tables.make(change));
        Ok(outcome.reply)
    }

    pub(crate) fn ask<Q: Query>(&self, query: &Q) -> Result<Q::Reply, Refusal> {
        let Ok(view) = View::read(&query.footprint(), &self.tables);
        query.answer(&view, &self.context)
    }

    /// One imported account sends another a message.
    pub(crate) fn say(&mut self, from: &str, to: &str) {
        self.run(&SendMessage { from: user(from), to: user(to), message: message() }).unwrap();
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        Arc::make_mut(&mut self.context.settings).set(name, value).unwrap();
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.context.now
    }

    pub(crate) fn advance(&mut self, seconds: u64) {
        self.context.now.0 += seconds;
    }

    pub(crate) fn set_back(&mut self, seconds: u64) {
        self.context.now.0 -= seconds;
    }

    pub(crate) fn head(&self, id: &str) -> Head {
        self.tables.heads.get(&user(id)).cloned().unwrap_or_default()
    }

    pub(crate) fn conversation(&self, of: &str, id: &str) -> Option<Conversation> {
        self.tables.conversations.get(&(user(of), with(id))).cloned()
    }

    pub(crate) fn recent_contact(&self, of: &str, id: &ConversationId) -> RecentContact {
        self.tables.recent_contacts.get(&(user(of), id.clone())).copied().unwrap_or_default()
    }

    pub(crate) fn recents(&self, of: &str) -> Recents {
        let footprint = Footprint { ranges: vec![Range::Recents(user(of), 100)], ..Footprint::default() };
        let Ok(view) = View::read(&footprint, &self.tables);
        view.recents
    }

    pub(crate) fn pins(&self, of: &str) -> Pins {
        self.tables.pins.get(&user(of)).cloned().unwrap_or_default()
    }

    pub(crate) fn chat_group(&self, id: &str) -> Option<ChatGroup> {
        self.tables.chat_groups.get(&chat_group(id)).cloned()
    }

    pub(crate) fn forget_account(&mut self, id: &str) {
        self.tables.heads.remove(&user(id));
    }
}

impl Tables {
    fn make(&mut self, change: Change) {
        fn put<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: Option<V>) {
            match value {
                Some(value) => map.insert(key, value),
                None => map.remove(&key),
            };
        }
        match change {
            Change::Head(user, head) => put(&mut self.heads, user, Some(head)),
            Change::UserGone(user) => put(&mut self.heads, user, None),
            Change::Conversation { user, id, before, after } => {
                assert_eq!(self.conversations.get(&(user.clone(), id.clone())), before.as_ref());
                put(&mut self.conversations, (user, id), after);
            }
            Change::RecentContact { user, id, before, after } => {
                assert_eq!(self.recent_contacts.get(&(user.clone(), id.clone())), before.as_ref());
                put(&mut self.recent_contacts, (user, id), after);
            }
            Change::Pins(user, pins) => put(&mut self.pins, user, pins),
            Change::ChatGroup { id, before, after } => {
                assert_eq!(self.chat_groups.get(&id), before.as_ref());
                put(&mut self.chat_groups, id, after);
            }
            Change::Member { chat_group, user, after } => put(&mut self.members, (chat_group, user), after),
            Change::Directory(directory) => self.directory = directory.unwrap_or_default(),
            Change::Application(_, application) => self.application = application,
        }
    }
}

impl Records for Tables {
    type Error = Infallible;

    fn head(&self, user: &UserId) -> Result<Option<Head>, Infallible> {
        Ok(self.heads.get(user).cloned())
    }

    fn users(&self, after: Option<&UserId>, limit: u64) -> Result<Users, Infallible> {
        let after = self.heads.iter().filter(|(user, _)| after.is_none_or(|after| *user > after));
        let users = after.map(|(user, head)| (user.clone(), Some(head.clone())));
        Ok(users.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
    }

    fn conversation(&self, user: &UserId, id: &ConversationId) -> Result<Option<Conversation>, Infallible> {
        Ok(self.conversations.get(&(user.clone(), id.clone())).cloned())
    }

    fn conversations(&self, user: &UserId, after: u64, limit: u64) -> Result<Conversations, Infallible> {
        let of_user = self.conversations.iter().filter(|((of, _), one)| of == user && one.entered > after);
        let mut found: Conversations = of_user.map(|((_, id), one)| (id.clone(), one.clone())).collect();
        found.sort_by_key(|(_, one)| one.entered);
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }

    fn in_contact_group(&self, user: &UserId, group: ContactGroupId) -> Result<Conversations, Infallible> {
        let Ok(mut all) = self.conversations(user, 0, u64::MAX);
        all.retain(|(_, one)| one.contact_groups.contains(&group));
        Ok(all)
    }

    fn recent_contact(&self, user: &UserId, id: &ConversationId) -> Result<Option<RecentContact>, Infallible> {
        Ok(self.recent_contacts.get(&(user.clone(), id.clone())).copied())
    }

    fn recent_contacts(&self, user: &UserId, limit: u64) -> Result<Vec<(ConversationId, RecentContact)>, Infallible> {
        let of_user = self.recent_contacts.iter().filter(|((of, _), _)| of == user);
        let mut found: Vec<_> = of_user.map(|((_, id), one)| (id.clone(), *one)).collect();
        found.sort_by_key(|(_, one)| std::cmp::Reverse(one.last.map(|last| last.time)));
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }

    fn pins(&self, user: &UserId) -> Result<Option<Pins>, Infallible> {
        Ok(self.pins.get(user).cloned())
    }

    fn chat_group(&self, id: &ChatGroupId) -> Result<Option<ChatGroup>, Infallible> {
        Ok(self.chat_groups.get(id).cloned())
    }

    fn chat_groups(&self, after: u64, limit: u64) -> Result<Vec<(ChatGroupId, ChatGroup)>, Infallible> {
        let mut found: Vec<_> = self.chat_groups.clone().into_iter().filter(|(_, one)| one.sequence > after).collect();
        found.sort_by_key(|(_, one)| one.sequence);
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }

    fn member(&self, id: &ChatGroupId, user: &UserId) -> Result<Option<Member>, Infallible> {
        Ok(self.members.get(&(id.clone(), user.clone())).copied())
    }

    fn members_of(&self, id: &ChatGroupId, _: u64) -> Result<Vec<(UserId, Member)>, Infallible> {
        Ok(self.members.iter().filter(|((of, _), _)| of == id).map(|((_, user), one)| (user.clone(), *one)).collect())
    }

    fn memberships_of(&self, user: &UserId) -> Result<Vec<(ChatGroupId, Member)>, Infallible> {
        Ok(self.members.iter().filter(|((_, of), _)| of == user).map(|((id, _), one)| (id.clone(), *one)).collect())
    }

    fn directory(&self) -> Result<Directory, Infallible> {
        Ok(self.directory)
    }

    fn everything(&self, limit: u64) -> Result<Part, Infallible> {
        let of_user = |user: &UserId| {
            let of = user.clone();
            let Ok(conversations) = self.conversations(user, 0, u64::MAX);
            let Ok(recents) = self.recent_contacts(user, u64::MAX);
            let pins = self.pins.get(user).map(|pins| Record::Pins(of.clone(), pins.clone()));
            let conversations = conversations.into_iter().map(|(id, one)| Record::Conversation(of.clone(), id, one));
            let recents = recents.into_iter().map(|(id, one)| Record::RecentContact(of.clone(), id, one));
            conversations.chain(recents).chain(pins).collect::<Vec<_>>()
        };
        let users = self
            .heads
            .iter()
            .flat_map(|(user, head)| std::iter::once(Record::Head(user.clone(), head.clone())).chain(of_user(user)));
        let groups = self.chat_groups.iter().flat_map(|(id, one)| {
            let Ok(members) = self.members_of(id, u64::MAX);
            let members = members.into_iter().map(|(user, member)| Record::Member(id.clone(), user, member));
            std::iter::once(Record::ChatGroup(id.clone(), one.clone())).chain(members)
        });
        Part::gather(self.directory, users.chain(groups).map(Ok), limit)
    }

    fn application(&self) -> Result<Option<Application>, Infallible> {
        Ok(self.application.clone())
    }

    fn applications(&self) -> Result<Vec<Application>, Infallible> {
        Ok(self.application.clone().into_iter().collect())
    }
}
