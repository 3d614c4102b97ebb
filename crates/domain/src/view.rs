//! What was read for a command or query: nothing but the footprint, all of one instant.

use crate::application::Application;
use crate::footprint::{Footprint, Range};
use crate::head::Head;
use crate::ids::{ChatGroupId, ContactGroupId, ConversationId, UserId};
use crate::recent::{Recent, Recents, shown_in};
use crate::records::{ChatGroup, Conversation, Directory, LastMessage, Member, Pins, RecentContact};
use crate::state::Part;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What an engine can read of one application, all of one instant. `limit` bounds a list; the lists are in the order their names say.
#[expect(clippy::missing_errors_doc, reason = "each method fails as the engine fails to read")]
pub trait Records {
    /// How reading fails.
    type Error;
    /// A user's head, where anything was ever heard of the user.
    fn head(&self, user: &UserId) -> Result<Option<Head>, Self::Error>;
    /// Users of whom anything was heard, after one, by UserID byte for byte in every engine; without a head one who was deleted, where the
    /// engine remembers that.
    fn users(&self, after: Option<&UserId>, limit: u64) -> Result<Users, Self::Error>;
    /// A conversation in a user's data.
    fn conversation(&self, user: &UserId, id: &ConversationId) -> Result<Option<Conversation>, Self::Error>;
    /// Conversations of a user in the order of entry, after the `after`th.
    fn conversations(&self, user: &UserId, after: u64, limit: u64) -> Result<Conversations, Self::Error>;
    /// The conversations in a contact group of a user.
    fn in_contact_group(&self, user: &UserId, group: ContactGroupId) -> Result<Conversations, Self::Error>;
    /// A recent contact of a user.
    fn recent_contact(&self, user: &UserId, id: &ConversationId) -> Result<Option<RecentContact>, Self::Error>;
    /// Recent contacts of a user by their own last messages, the newest first, and then those without one.
    fn recent_contacts(&self, user: &UserId, limit: u64) -> Result<Vec<(ConversationId, RecentContact)>, Self::Error>;
    /// The pins of a user, where there ever were any.
    fn pins(&self, user: &UserId) -> Result<Option<Pins>, Self::Error>;
    /// A chat group.
    fn chat_group(&self, id: &ChatGroupId) -> Result<Option<ChatGroup>, Self::Error>;
    /// Whether an account is imported: a fact, which an engine may know for a while longer than it is true.
    fn is_imported(&self, user: &UserId) -> Result<bool, Self::Error> {
        Ok(self.head(user)?.is_some_and(|head| head.account.is_some()))
    }
    /// Whether a chat group exists: a fact like [`Records::is_imported`].
    fn chat_group_exists(&self, id: &ChatGroupId) -> Result<bool, Self::Error> {
        Ok(self.chat_group(id)?.is_some())
    }
    /// Chat groups in the order of creation, after the `after`th.
    fn chat_groups(&self, after: u64, limit: u64) -> Result<Vec<(ChatGroupId, ChatGroup)>, Self::Error>;
    /// A membership.
    fn member(&self, id: &ChatGroupId, user: &UserId) -> Result<Option<Member>, Self::Error>;
    /// Members of a chat group, by UserID.
    fn members_of(&self, id: &ChatGroupId, limit: u64) -> Result<Vec<(UserId, Member)>, Self::Error>;
    /// The memberships of a user, by the chat group's id.
    fn memberships_of(&self, user: &UserId) -> Result<Vec<(ChatGroupId, Member)>, Self::Error>;
    /// The directory of chat groups.
    fn directory(&self) -> Result<Directory, Self::Error>;
    /// All data of the application, the first `limit` records of it, in an order of the engine's own in which no two owners are mixed.
    fn everything(&self, limit: u64) -> Result<Part, Self::Error>;
    /// The application's own record.
    fn application(&self) -> Result<Option<Application>, Self::Error>;
    /// The records of all applications, by their numbers.
    fn applications(&self) -> Result<Vec<Application>, Self::Error>;
}

/// Users with their heads.
pub type Users = Vec<(UserId, Option<Head>)>;

/// A list of conversations of one user.
pub type Conversations = Vec<(ConversationId, Conversation)>;

/// A page of conversations in the order of entry.
#[derive(Debug, Clone, Default)]
pub struct ConversationPage {
    /// The conversations.
    pub items: Vec<(ConversationId, Conversation)>,
    /// Whether more come after these.
    pub more: bool,
}

/// What was read. Engines fill the maps; rules read them by the methods, which assert in debug builds that what is asked for was in the
/// footprint: a rule that reads more would work on one engine and not on another.
#[derive(Debug, Default)]
pub struct View {
    /// Heads of the users.
    pub heads: BTreeMap<UserId, Head>,
    /// Conversations asked for, `None` where they are not in the data.
    pub conversations: BTreeMap<(UserId, ConversationId), Option<Conversation>>,
    /// Recent contacts asked for.
    pub recent_contacts: BTreeMap<(UserId, ConversationId), Option<RecentContact>>,
    /// Pins asked for.
    pub pins: BTreeMap<UserId, Option<Pins>>,
    /// The recent contacts asked for as a list.
    pub recents: Recents,
    /// Whether accounts are imported.
    pub accounts: BTreeMap<UserId, bool>,
    /// Whether chat groups exist.
    pub existing_chat_groups: BTreeMap<ChatGroupId, bool>,
    /// Chat groups asked for.
    pub chat_groups: BTreeMap<ChatGroupId, Option<ChatGroup>>,
    /// Memberships asked for.
    pub members: BTreeMap<(ChatGroupId, UserId), Option<Member>>,
    /// The directory, where it was asked for.
    pub directory: Option<Directory>,
    /// The application's record, where it was asked for and is there.
    pub application: Option<Application>,
    /// The page of conversations asked for.
    pub conversation_page: ConversationPage,
    /// The page of chat groups asked for, and whether more come after it.
    pub chat_group_page: (Vec<(ChatGroupId, ChatGroup)>, bool),
    /// The page of users asked for, and whether more come after it.
    pub user_page: (Users, bool),
    /// All data of the application, where it was asked for.
    pub everything: Option<Part>,
    /// The applications, where all were asked for.
    pub applications: Vec<Application>,
}

fn asked<V>(found: Option<V>, what: &str) -> Option<V> {
    debug_assert!(found.is_some(), "{what} was read without being in the footprint");
    found
}

impl View {
    /// Reads a footprint.
    ///
    /// # Errors
    /// As `records` fails.
    pub fn read<R: Records>(footprint: &Footprint, records: &R) -> Result<Self, R::Error> {
        let mut view = Self::default();
        for user in &footprint.users {
            view.heads.insert(user.clone(), records.head(user)?.unwrap_or_default());
        }
        for (user, id) in &footprint.conversations {
            let found = records.conversation(user, id)?;
            view.conversations.insert((user.clone(), id.clone()), found);
        }
        for (user, id) in &footprint.recent_contacts {
            view.recent_contacts.insert((user.clone(), id.clone()), records.recent_contact(user, id)?);
        }
        for user in &footprint.pins {
            view.pins.insert(user.clone(), records.pins(user)?);
        }
        for user in &footprint.accounts {
            view.accounts.insert(user.clone(), records.is_imported(user)?);
        }
        for id in &footprint.existing_chat_groups {
            view.existing_chat_groups.insert(id.clone(), records.chat_group_exists(id)?);
        }
        for id in &footprint.chat_groups {
            view.chat_groups.insert(id.clone(), records.chat_group(id)?);
        }
        for (id, user) in &footprint.members {
            view.members.insert((id.clone(), user.clone()), records.member(id, user)?);
        }
        if footprint.directory {
            view.directory = Some(records.directory()?);
        }
        if footprint.application {
            view.application = records.application()?;
        }
        for range in &footprint.ranges {
            view.read_range(range, records)?;
        }
        Ok(view)
    }

    fn read_range<R: Records>(&mut self, range: &Range, records: &R) -> Result<(), R::Error> {
        match range {
            Range::InContactGroup(user, name) => {
                let group = self.heads.get(user).and_then(|head| head.contact_group(name));
                let found = group.map(|group| records.in_contact_group(user, group.id)).transpose()?;
                self.keep_conversations(user, found.unwrap_or_default());
            }
            Range::AllOfUser(user) => {
                let found = records.conversations(user, 0, u64::MAX)?;
                self.keep_conversations(user, found);
                let found = records.recent_contacts(user, u64::MAX)?;
                self.recent_contacts.extend(found.into_iter().map(|(id, one)| ((user.clone(), id), Some(one))));
                self.pins.insert(user.clone(), records.pins(user)?);
                self.read_memberships(user, records)?;
            }
            Range::ConversationPage { user, after, limit } => {
                let mut items = records.conversations(user, *after, limit.saturating_add(1))?;
                let more = items.len() as u64 > *limit;
                items.truncate(usize::try_from(*limit).unwrap_or(usize::MAX));
                self.conversation_page = ConversationPage { items, more };
            }
            Range::Recents(user, limit) => self.recents = read_recents(user, *limit, records)?,
            Range::RecentsOfMembers(id) => {
                let with = ConversationId::ChatGroup(id.clone());
                let members: Vec<UserId> = self.members_of(id).map(|(user, _)| user.clone()).collect();
                for user in members {
                    self.heads.insert(user.clone(), records.head(&user)?.unwrap_or_default());
                    let found = records.recent_contact(&user, &with)?;
                    self.recent_contacts.insert((user, with.clone()), found);
                }
            }
            Range::MembersOf(id, limit) => {
                for (user, member) in records.members_of(id, *limit)? {
                    self.members.insert((id.clone(), user), Some(member));
                }
            }
            Range::MembershipsOf(user) => self.read_memberships(user, records)?,
            Range::ChatGroupPage { after, limit } => {
                let mut found = records.chat_groups(*after, limit.saturating_add(1))?;
                let more = found.len() as u64 > *limit;
                found.truncate(usize::try_from(*limit).unwrap_or(usize::MAX));
                self.chat_group_page = (found, more);
            }
            Range::UserPage { after, limit } => {
                let mut found = records.users(after.as_ref(), limit.saturating_add(1))?;
                let more = found.len() as u64 > *limit;
                found.truncate(usize::try_from(*limit).unwrap_or(usize::MAX));
                self.user_page = (found, more);
            }
            Range::Everything(limit) => self.everything = Some(records.everything(*limit)?),
            Range::Applications => self.applications = records.applications()?,
        }
        Ok(())
    }

    fn keep_conversations(&mut self, user: &UserId, found: Conversations) {
        self.conversations.extend(found.into_iter().map(|(id, one)| ((user.clone(), id), Some(one))));
    }

    fn read_memberships<R: Records>(&mut self, user: &UserId, records: &R) -> Result<(), R::Error> {
        for (id, member) in records.memberships_of(user)? {
            if !self.chat_groups.contains_key(&id) {
                self.chat_groups.insert(id.clone(), records.chat_group(&id)?);
            }
            self.members.insert((id, user.clone()), Some(member));
        }
        Ok(())
    }

    /// A user's head; the empty one of a user of whom nothing was ever heard.
    pub fn head(&self, user: &UserId) -> Head {
        asked(self.heads.get(user), "a head").cloned().unwrap_or_default()
    }

    /// A conversation of a user, where it is in the data.
    pub fn conversation(&self, user: &UserId, id: &ConversationId) -> Option<&Conversation> {
        asked(self.conversations.get(&(user.clone(), id.clone())), "a conversation")?.as_ref()
    }

    /// The conversations of a user that were read, by a list or a range.
    pub fn conversations_of<'a>(
        &'a self,
        user: &'a UserId,
    ) -> impl Iterator<Item = (&'a ConversationId, &'a Conversation)> {
        self.conversations
            .iter()
            .filter(move |((of, _), _)| of == user)
            .filter_map(|((_, id), conversation)| Some((id, conversation.as_ref()?)))
    }

    /// A recent contact of a user; the empty one where there is none.
    pub fn recent_contact(&self, user: &UserId, id: &ConversationId) -> RecentContact {
        let found = asked(self.recent_contacts.get(&(user.clone(), id.clone())), "a recent contact");
        found.copied().flatten().unwrap_or_default()
    }

    /// The recent contacts of a user that were read, by a list or a range.
    pub fn recent_contacts_of<'a>(
        &'a self,
        user: &'a UserId,
    ) -> impl Iterator<Item = (&'a ConversationId, &'a RecentContact)> {
        let of_user = self.recent_contacts.iter().filter(move |((of, _), _)| of == user);
        of_user.filter_map(|((_, id), one)| Some((id, one.as_ref()?)))
    }

    /// The pins of a user.
    pub fn pins(&self, user: &UserId) -> Option<&Pins> {
        asked(self.pins.get(user), "the pins")?.as_ref()
    }

    /// Whether an account is imported.
    pub fn is_imported(&self, user: &UserId) -> bool {
        let by_head = || self.heads.get(user).map(|head| head.account.is_some());
        asked(self.accounts.get(user).copied().or_else(by_head), "an account").unwrap_or(false)
    }

    /// Whether a chat group exists.
    pub fn chat_group_exists(&self, id: &ChatGroupId) -> bool {
        let by_record = || self.chat_groups.get(id).map(Option::is_some);
        asked(self.existing_chat_groups.get(id).copied().or_else(by_record), "a chat group").unwrap_or(false)
    }

    /// A chat group, where it exists.
    pub fn chat_group(&self, id: &ChatGroupId) -> Option<&ChatGroup> {
        asked(self.chat_groups.get(id), "a chat group")?.as_ref()
    }

    /// A membership, where there is one.
    pub fn member(&self, id: &ChatGroupId, user: &UserId) -> Option<&Member> {
        asked(self.members.get(&(id.clone(), user.clone())), "a member")?.as_ref()
    }

    /// The members of a chat group that were read.
    pub fn members_of<'a>(&'a self, id: &'a ChatGroupId) -> impl Iterator<Item = (&'a UserId, &'a Member)> {
        let members = self.members.iter().filter(move |((of, _), _)| of == id);
        members.filter_map(|((_, user), member)| Some((user, member.as_ref()?)))
    }

    /// The chat groups that a user was read to be in.
    pub fn memberships_of<'a>(&'a self, user: &'a UserId) -> impl Iterator<Item = (&'a ChatGroupId, &'a Member)> {
        let members = self.members.iter().filter(move |((_, of), _)| of == user);
        members.filter_map(|((id, _), member)| Some((id, member.as_ref()?)))
    }

    /// All data of the application.
    pub(crate) fn everything(&self) -> &Part {
        static NOTHING: LazyLock<Part> = LazyLock::new(Part::default);
        asked(self.everything.as_ref(), "all data").unwrap_or(&NOTHING)
    }

    /// The directory of chat groups.
    pub fn directory(&self) -> Directory {
        asked(self.directory, "the directory").unwrap_or_default()
    }
}

/// The newest recent contacts of a user, and the pinned ones. A chat group keeps its last message for all its members, so that sending
/// one costs the same whether ten are in it or ten thousand: it is looked up here, for each chat group that the user is in.
fn read_recents<R: Records>(user: &UserId, limit: u64, records: &R) -> Result<Recents, R::Error> {
    let mut found: BTreeMap<ConversationId, LastMessage> = BTreeMap::new();
    let own = records.recent_contacts(user, limit)?;
    found.extend(own.into_iter().filter_map(|(id, one)| Some((id, one.last?))));
    for (id, member) in records.memberships_of(user)? {
        let Some(chat_group) = records.chat_group(&id)? else { continue };
        let with = ConversationId::ChatGroup(id);
        let own = records.recent_contact(user, &with)?.unwrap_or_default();
        if let Some(shown) = shown_in(&chat_group, Some(&member), &own) {
            found.insert(with, shown);
        }
    }
    let pins = records.pins(user)?.unwrap_or_default();
    for pin in &pins.list {
        if !found.contains_key(&pin.id)
            && let Some(shown) = records.recent_contact(user, &pin.id)?.and_then(|own| own.last)
        {
            found.insert(pin.id.clone(), shown);
        }
    }
    let mut newest: Vec<(ConversationId, LastMessage)> = found.into_iter().collect();
    // Within a second as the engines order them, so that who is in the list does not hang on what else was looked up.
    newest.sort_by(|(a, x), (b, y)| (y.time, a).cmp(&(x.time, b)));
    let pinned = newest.iter().filter(|(id, _)| pins.number(id).is_some()).count() as u64;
    let mut room = limit.saturating_sub(pinned);
    let mut recents = Vec::new();
    for (id, last) in newest {
        let pinned = pins.number(&id);
        if pinned.is_some() || room > 0 {
            room -= u64::from(pinned.is_none());
            let sorted = records.conversation(user, &id)?;
            recents.push(Recent { id, last, pinned, sorted });
        }
    }
    Ok(Recents { list: recents, pins_given: pins.given })
}
