//! The naive model: what the contract says, in lists that are searched from end to end. It is written apart from the domain's rules and
//! shares nothing with them but the forms of requests and replies. It is never fast and never clever.

mod chat_groups;
mod recents;

use super::actions::{Action, Reply};
use cubby_domain::commands::{
    ContactGroupCreated, ContactGroupUpdated, CreateContactGroup, CustomMarking, DeleteAccounts, DeleteContactGroup,
    ImportAccounts, ItemResult, MarkContacts, Marking, Move, UpdateContactGroup,
};
use cubby_domain::queries::{CheckAccounts, ContactPage, Contacts, ListContacts, SearchContacts};
use cubby_domain::{
    Application, ChatGroup, ChatGroupId, ContactGroup, ContactGroupId, ContactGroupName, Context, Conversation,
    ConversationId, CustomMark, DirectoryKept, ItemRefusal, LastMessage, MarkSet, Member, Refusal, Shown, Timestamp,
    UserId,
};
use recents::Chat;
use std::collections::HashMap;

/// All that one application has.
#[derive(Clone, Default)]
pub struct Model {
    people: HashMap<UserId, Person>,
    rooms: Vec<Room>,
    rooms_made: u64,
    rooms_named: Vec<ChatGroupId>,
    application: Option<Application>,
}

/// A user of whom something is known.
#[derive(Clone, Default)]
struct Person {
    imported: bool,
    groups: Vec<(u64, ContactGroupName)>,
    group_ids_given: u64,
    /// In the order in which they entered the data.
    entries: Vec<Entry>,
    places_given: u64,
    last_change: u64,
    chats: Vec<Chat>,
    pins: Vec<(u64, ConversationId)>,
    pins_given: u64,
}

/// A conversation in a user's data.
#[derive(Clone)]
struct Entry {
    place: u64,
    with: ConversationId,
    groups: Vec<u64>,
    marks: Vec<u32>,
    /// "" where there is none.
    custom: String,
    time: u64,
}

/// A chat group.
#[derive(Clone)]
struct Room {
    id: ChatGroupId,
    number: u64,
    kind: Box<str>,
    name: Box<str>,
    owner: Option<UserId>,
    created: Timestamp,
    most: u64,
    members: Vec<(UserId, Member)>,
    /// How many messages it had.
    counted: u64,
    /// Those of them that all its members see.
    said: Vec<LastMessage>,
}

fn no_group(field: &'static str, name: &str) -> Refusal {
    Refusal::NoSuchContactGroup { field, name: Shown::new(name) }
}

fn numbers(marks: MarkSet) -> Vec<u32> {
    (1..=64).filter(|n| (marks.0 >> (n - 1)) % 2 == 1).collect()
}

impl Entry {
    fn keeps_nothing(&self) -> bool {
        self.groups.is_empty() && self.marks.is_empty() && self.custom.is_empty()
    }

    fn shown(&self) -> (ConversationId, Conversation) {
        let mut groups = self.groups.clone();
        groups.sort_unstable();
        let one = Conversation {
            entered: self.place,
            contact_groups: groups.into_iter().map(ContactGroupId).collect(),
            marks: MarkSet(self.marks.iter().map(|n| 1_u64 << (n - 1)).sum()),
            custom_mark: CustomMark::new(&self.custom).ok(),
            updated: Timestamp(self.time),
        };
        (self.with.clone(), one)
    }
}

impl Room {
    fn shown(&self) -> ChatGroup {
        ChatGroup {
            sequence: self.number,
            kind: self.kind.clone(),
            name: self.name.clone(),
            owner: self.owner.clone(),
            created: self.created,
            members: self.members.len() as u64,
            members_max: self.most,
            messages: self.counted,
            last: self.said.last().copied(),
        }
    }
}

impl Person {
    fn group(&self, name: &str) -> Option<ContactGroup> {
        let found = self.groups.iter().find(|(_, one)| one.as_str() == name);
        found.map(|(id, name)| ContactGroup { id: ContactGroupId(*id), name: name.clone() })
    }

    fn all_groups(&self) -> Vec<ContactGroup> {
        self.groups.iter().map(|(id, name)| ContactGroup { id: ContactGroupId(*id), name: name.clone() }).collect()
    }

    fn entry(&self, with: &ConversationId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.with == *with)
    }

    /// Lets an entry be so, from now on.
    fn set(&mut self, mut entry: Entry, context: &Context) {
        self.last_change = self.last_change.max(context.now.0);
        entry.time = self.last_change;
        match self.entries.iter().position(|one| one.with == entry.with) {
            Some(at) if entry.keeps_nothing() => drop(self.entries.remove(at)),
            Some(at) => self.entries[at] = entry,
            None => {
                self.places_given += 1;
                entry.place = self.places_given;
                self.entries.push(entry);
            }
        }
    }
}

impl Model {
    /// Whether the application has a record.
    pub fn has_application(&self) -> bool {
        self.application.is_some()
    }

    /// Everything is as it was, but the application's record.
    pub fn reset(&mut self, to: &Self) {
        *self = Self { application: self.application.take(), ..to.clone() };
    }

    /// What is answered to a request. `heard` is what an engine answered: where the contract leaves something open, the model follows.
    pub fn answer(&mut self, action: &Action, context: &Context, heard: &Reply) -> Reply {
        match action {
            Action::Create(command) => Reply::Created(self.create(command, context)),
            Action::Update(command) => Reply::Updated(self.update(command, context)),
            Action::Delete(command) => Reply::Deleted(self.delete(command, context)),
            Action::Mark(command) => Reply::Marked(self.mark(command, context)),
            Action::Search(query) => Reply::Found(self.search(query, context)),
            Action::List(query) => Reply::Listed(self.list(query, context)),
            Action::Import(command) => {
                self.import(command);
                Reply::Done(Ok(()))
            }
            Action::Check(query) => Reply::Checked(Ok(self.check(query, context))),
            Action::DeleteAccounts(command) => Reply::Marked(Ok(self.delete_accounts(command, context))),
            Action::CreateChatGroup(command) => {
                let made = self.create_chat_group(command, context, heard);
                Reply::ChatGroupCreated(made)
            }
            Action::DestroyChatGroup(command) => Reply::Done(self.destroy(command)),
            Action::AddMembers(command) => Reply::Added(self.add_members(command, context)),
            Action::RemoveMembers(command) => Reply::Done(self.remove_members(command)),
            Action::GetChatGroups(query) => Reply::ChatGroups(Ok(self.get_chat_groups(query))),
            Action::ListChatGroups(query) => Reply::ChatGroupsListed(Ok(self.list_chat_groups(query))),
            Action::Joined(query) => Reply::Joined(self.joined(query, context)),
            Action::ChangeApplication(command) => Reply::Changed(Box::new(Ok(self.change(command, context)))),
            Action::ListApplications => Reply::Applications(Ok(self.application.iter().cloned().collect())),
            Action::Send(command) => Reply::Sent(self.send(command, context)),
            Action::SendToMany(command) => Reply::SentToMany(self.send_to_many(command, context)),
            Action::SendToChatGroup(command) => Reply::Sent(self.send_to_chat_group(command, context)),
            Action::ImportToChatGroup(command) => Reply::Imported(self.import_to_chat_group(command, context)),
            Action::Pin(command) => Reply::Done(self.pin(command, context)),
            Action::DeleteRecent(command) => Reply::Done(self.delete_recent(command, context)),
            Action::Read(command) => Reply::Done(self.read(command, context)),
            Action::SetUnread(command) => Reply::Done(self.set_unread(command)),
            Action::Recents(query) => Reply::Recents(self.recents(query, context, heard)),
            Action::CountUnread(query) => Reply::Unread(self.count_unread(query, context)),
        }
    }

    /// The ids that were generated so far.
    pub fn generated(&self) -> &[ChatGroupId] {
        &self.rooms_named
    }

    /// Of a user's conversations: how many are in the data, in contact groups, and with marks.
    pub fn numbers(&self, user: &UserId) -> (u64, u64, u64) {
        let entries = || self.people.get(user).into_iter().flat_map(|person| &person.entries);
        let grouped = entries().filter(|entry| !entry.groups.is_empty()).count() as u64;
        let marked = entries().filter(|entry| !entry.marks.is_empty() || !entry.custom.is_empty()).count() as u64;
        (entries().count() as u64, grouped, marked)
    }

    fn exists(&self, user: &UserId, context: &Context) -> bool {
        context.settings.users == DirectoryKept::Elsewhere
            || context.settings.administrators.contains(user)
            || self.people.get(user).is_some_and(|person| person.imported)
    }

    fn person(&mut self, user: &UserId, context: &Context) -> Result<&mut Person, Refusal> {
        if self.exists(user, context) {
            Ok(self.people.entry(user.clone()).or_default())
        } else {
            Err(Refusal::NotImported(user.clone()))
        }
    }

    fn other_side(&self, with: &ConversationId, context: &Context) -> ItemResult {
        match with {
            ConversationId::User(user) if self.exists(user, context) => Ok(()),
            ConversationId::User(user) => Err(ItemRefusal::UserNotImported(user.clone())),
            ConversationId::ChatGroup(_) if context.settings.chat_groups == DirectoryKept::Elsewhere => Ok(()),
            ConversationId::ChatGroup(id) if self.rooms.iter().any(|room| room.id == *id) => Ok(()),
            ConversationId::ChatGroup(id) => Err(ItemRefusal::NoSuchChatGroup(id.clone())),
        }
    }

    /// Changes an entry as an item asks.
    fn item(
        &mut self,
        user: &UserId,
        with: &ConversationId,
        context: &Context,
        change: impl FnOnce(&mut Entry),
    ) -> ItemResult {
        let other_side = self.other_side(with, context);
        let person = self.people.entry(user.clone()).or_default();
        let before = person.entry(with).cloned();
        let is_new = before.is_none();
        let before = before.unwrap_or_else(|| Entry {
            place: 0,
            with: with.clone(),
            groups: Vec::new(),
            marks: Vec::new(),
            custom: String::new(),
            time: 0,
        });
        let mut after = before.clone();
        change(&mut after);
        after.groups.sort_unstable();
        after.marks.sort_unstable();
        if (&after.groups, &after.marks, &after.custom) == (&before.groups, &before.marks, &before.custom) {
            return Ok(());
        }
        let adds = after.groups.iter().any(|group| !before.groups.contains(group))
            || after.marks.iter().any(|mark| !before.marks.contains(mark))
            || (!after.custom.is_empty() && after.custom != before.custom);
        if adds {
            other_side?;
        }
        let limits = &context.settings.limits;
        let has_group = |entry: &Entry| !entry.groups.is_empty();
        let has_mark = |entry: &Entry| !entry.marks.is_empty() || !entry.custom.is_empty();
        let how_many = |is: &dyn Fn(&Entry) -> bool| person.entries.iter().filter(|entry| is(entry)).count() as u64;
        for (begins, have, max) in [
            (is_new, how_many(&|_| true), limits.conversations),
            (has_group(&after) && !has_group(&before), how_many(&has_group), limits.grouped_conversations),
            (has_mark(&after) && !has_mark(&before), how_many(&has_mark), limits.marked_conversations),
        ] {
            if begins && have >= max {
                return Err(ItemRefusal::TooManyConversations { max });
            }
        }
        person.set(after, context);
        Ok(())
    }

    fn add(&mut self, user: &UserId, with: &ConversationId, group: ContactGroupId, context: &Context) -> ItemResult {
        self.item(user, with, context, |entry| {
            if !entry.groups.contains(&group.0) {
                entry.groups.push(group.0);
            }
        })
    }

    fn create(&mut self, command: &CreateContactGroup, context: &Context) -> Result<ContactGroupCreated, Refusal> {
        let person = self.person(&command.user, context)?;
        let max = context.settings.limits.contact_groups;
        if person.group(command.name.as_str()).is_none() {
            if person.groups.len() as u64 == max {
                return Err(Refusal::TooManyContactGroups { max });
            }
            person.group_ids_given += 1;
            person.groups.push((person.group_ids_given, command.name.clone()));
        }
        let group = person.group(command.name.as_str()).unwrap();
        let mut items = Vec::new();
        for item in &command.items {
            items.push(match item {
                Ok(with) => self.add(&command.user, with, group.id, context),
                Err(malformed) => Err(malformed.clone()),
            });
        }
        Ok(ContactGroupCreated { group, items })
    }

    fn update(&mut self, command: &UpdateContactGroup, context: &Context) -> Result<ContactGroupUpdated, Refusal> {
        match command {
            UpdateContactGroup::Rename { user, from, to } => {
                let person = self.person(user, context)?;
                if person.group(from).is_none() {
                    return Err(no_group("UpdateGroup.OldGroupName", from));
                }
                if **from != *to.as_str() && person.group(to.as_str()).is_some() {
                    return Err(Refusal::ContactGroupNameTaken(Shown::new(to.as_str())));
                }
                for (_, name) in &mut person.groups {
                    if *name.as_str() == **from {
                        *name = to.clone();
                    }
                }
                Ok(ContactGroupUpdated { group: person.group(to.as_str()).unwrap(), items: Vec::new() })
            }
            UpdateContactGroup::Conversations { user, name, items } => {
                let group = self.person(user, context)?.group(name);
                let group = group.ok_or_else(|| no_group("UpdateGroup.OldGroupName", name))?;
                let mut results = Vec::new();
                for item in items {
                    results.push(match item {
                        Ok(Move::Add(with)) => self.add(user, with, group.id, context),
                        Ok(Move::Remove(with)) => {
                            self.item(user, with, context, |entry| entry.groups.retain(|one| *one != group.id.0))
                        }
                        Err(malformed) => Err(malformed.clone()),
                    });
                }
                Ok(ContactGroupUpdated { group, items: results })
            }
        }
    }

    fn delete(&mut self, command: &DeleteContactGroup, context: &Context) -> Result<ContactGroup, Refusal> {
        let person = self.person(&command.user, context)?;
        let group = person.group(&command.name);
        let group = group.ok_or_else(|| no_group("GroupName", &command.name))?;
        person.groups.retain(|(id, _)| *id != group.id.0);
        for mut entry in person.entries.clone() {
            if entry.groups.contains(&group.id.0) {
                entry.groups.retain(|id| *id != group.id.0);
                person.set(entry, context);
            }
        }
        Ok(group)
    }

    fn mark(&mut self, command: &MarkContacts, context: &Context) -> Result<Vec<ItemResult>, Refusal> {
        self.person(&command.user, context)?;
        let mut results = Vec::new();
        for item in &command.items {
            results.push(match item {
                Ok((with, Marking { clear, set, custom_mark })) => self.item(&command.user, with, context, |entry| {
                    entry.marks.retain(|n| !numbers(*clear).contains(n));
                    for n in numbers(*set) {
                        if !entry.marks.contains(&n) {
                            entry.marks.push(n);
                        }
                    }
                    match custom_mark {
                        CustomMarking::Keep => {}
                        CustomMarking::Clear => entry.custom.clear(),
                        CustomMarking::Set(text) => text.as_str().clone_into(&mut entry.custom),
                    }
                }),
                Err(malformed) => Err(malformed.clone()),
            });
        }
        Ok(results)
    }

    fn search(&mut self, query: &SearchContacts, context: &Context) -> Result<Contacts, Refusal> {
        let person = self.person(&query.user, context)?;
        let mut found = Vec::new();
        for (n, id) in query.ids.iter().enumerate() {
            if !query.ids[..n].contains(id) {
                found.extend(person.entry(id).map(Entry::shown));
            }
        }
        Ok(Contacts { conversations: found, contact_groups: person.all_groups() })
    }

    fn list(&mut self, query: &ListContacts, context: &Context) -> Result<ContactPage, Refusal> {
        let person = self.person(&query.user, context)?;
        let mut rest: Vec<_> = person.entries.iter().filter(|entry| entry.place > query.after).collect();
        let is_last = rest.len() as u64 <= query.limit;
        rest.truncate(query.limit.try_into().unwrap());
        Ok(ContactPage {
            next: rest.last().filter(|_| !is_last).map(|entry| entry.place),
            contacts: Contacts {
                conversations: rest.into_iter().map(Entry::shown).collect(),
                contact_groups: person.all_groups(),
            },
        })
    }

    fn import(&mut self, command: &ImportAccounts) {
        for one in &command.accounts {
            self.people.entry(one.user.clone()).or_default().imported = true;
        }
    }

    fn check(&self, query: &CheckAccounts, context: &Context) -> Vec<Result<bool, ItemRefusal>> {
        query.items.iter().map(|item| item.clone().map(|user| self.exists(&user, context))).collect()
    }

    fn delete_accounts(&mut self, command: &DeleteAccounts, context: &Context) -> Vec<ItemResult> {
        let mut results = Vec::new();
        for item in &command.items {
            results.push(match item {
                Err(malformed) => Err(malformed.clone()),
                Ok(user) if context.settings.administrators.contains(user) => {
                    Err(ItemRefusal::Administrator(user.clone()))
                }
                Ok(user) if !self.exists(user, context) => Err(ItemRefusal::NoSuchAccount(user.clone())),
                Ok(user) => {
                    self.people.remove(user);
                    self.rooms.iter_mut().for_each(|room| room.members.retain(|(member, _)| member != user));
                    Ok(())
                }
            });
        }
        results
    }
}
