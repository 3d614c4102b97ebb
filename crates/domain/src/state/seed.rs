//! A description of an application's data as people write it: who is there, how they sort their conversations, what is in their lists.
//! Places, numbers and times that a description leaves out are given here, as the commands would have given them.

use super::{ApplicationState, ChatGroupState, UserState};
use crate::command::Context;
use crate::commands::generated_id;
use crate::head::{Account, ContactGroup, Head};
use crate::ids::{ChatGroupId, ContactGroupId, ContactGroupName, ConversationId, UserId};
use crate::limits::Limits;
use crate::marks::{CustomMark, MarkSet};
use crate::records::{ChatGroup, Conversation, LastMessage, Member, Pin, Pins, RecentContact};
use crate::settings::DirectoryKept;
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// The description.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seed {
    /// The users.
    pub users: Vec<SeedUser>,
    /// The chat groups, in the order of their creation.
    pub chat_groups: Vec<SeedChatGroup>,
    /// Other sides of conversations that are gone: they may be named without being there.
    pub gone: BTreeSet<ConversationId>,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedUser {
    /// Who.
    pub user: UserId,
    /// The account; `None` where it is not imported, which is for administrators and for users who are kept elsewhere.
    pub account: Option<Account>,
    /// The contact groups: the first has GroupId 1. Conversations enter the data in the order in which they are named first.
    pub contact_groups: Vec<SeedContactGroup>,
    /// The conversations that bear marks.
    pub marked: Vec<SeedMarks>,
    /// The pinned conversations, in the order of pinning.
    pub pins: Vec<ConversationId>,
    /// The recent contacts.
    pub recent_contacts: Vec<SeedRecentContact>,
}

/// A contact group with its conversations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedContactGroup {
    /// Its name.
    pub name: ContactGroupName,
    /// What is in it.
    pub conversations: Vec<ConversationId>,
}

/// The marks of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedMarks {
    /// Which.
    pub id: ConversationId,
    /// Its standard marks.
    pub marks: MarkSet,
    /// Its custom mark.
    pub custom_mark: Option<CustomMark>,
}

/// A recent contact of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedRecentContact {
    /// With whom.
    pub id: ConversationId,
    /// The last message. That of a chat group which the user is in stands with the chat group; one here is seen by this user alone.
    pub last: Option<SeedMessage>,
    /// Messages that were not read.
    pub unread: u64,
}

/// A message. What is left out is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SeedMessage {
    /// When it was sent: now, where it is left out.
    pub time: Option<Timestamp>,
    /// Its sequence: in a chat group the last one, between two users 1, where it is left out.
    pub sequence: Option<u64>,
    /// `MsgRandom`.
    pub random: u64,
    /// From when on it is gone: after the application's time, where it is left out.
    pub expires: Option<Timestamp>,
}

/// A chat group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedChatGroup {
    /// Its id; one is made where there is none.
    pub id: Option<ChatGroupId>,
    /// `Type`.
    pub kind: Box<str>,
    /// `Name`.
    pub name: Box<str>,
    /// Who owns it, and is a member.
    pub owner: Option<UserId>,
    /// How many members it may have: as many as the application allows, where it is left out.
    pub members_max: Option<u64>,
    /// The members; the owner need not be named.
    pub members: Vec<UserId>,
    /// How many messages were sent in it.
    pub messages: u64,
    /// The last message that its members see.
    pub last: Option<SeedMessage>,
}

/// Why a description is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSeed {
    /// Something of a user.
    #[error("user \"{user}\", {field}: {flaw}")]
    User {
        /// Who.
        user: UserId,
        /// In which field.
        field: &'static str,
        /// What is wrong.
        flaw: SeedFlaw,
    },
    /// Something of a chat group.
    #[error("chat group \"{id}\", {field}: {flaw}")]
    ChatGroup {
        /// Which.
        id: ChatGroupId,
        /// In which field.
        field: &'static str,
        /// What is wrong.
        flaw: SeedFlaw,
    },
}

/// One thing that is wrong with a description.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SeedFlaw {
    /// It is named twice.
    #[error("\"{0}\" is named twice")]
    Twice(String),
    /// There are too many of them.
    #[error("there are {given}; at most {max}")]
    TooMany {
        /// How many there are.
        given: u64,
        /// How many there may be.
        max: u64,
    },
    /// A text is too long.
    #[error("\"{text}\" has {bytes} bytes; at most {max}")]
    TooLong {
        /// The text.
        text: String,
        /// How long it is.
        bytes: u64,
        /// How long it may be.
        max: u64,
    },
    /// An account is not there.
    #[error("the account \"{0}\" is not imported")]
    NoSuchAccount(UserId),
    /// A chat group is not there.
    #[error("there is no chat group \"{0}\"")]
    NoSuchChatGroup(ChatGroupId),
    /// No mark is given.
    #[error("the conversation with \"{0}\" has no mark")]
    NoMark(String),
    /// Nothing is given of a recent contact.
    #[error("\"{0}\" has neither a last message nor unread messages")]
    Empty(String),
    /// A message is beyond those that were sent.
    #[error("{sequence} is no message of the chat group; it has {messages}")]
    NoSuchMessage {
        /// Its sequence.
        sequence: u64,
        /// How many messages there are.
        messages: u64,
    },
    /// An id is kept for those who give none.
    #[error("ids that begin with @TGS# are given to chat groups that name none")]
    ReservedId,
}

type Flawed<T> = Result<T, (&'static str, SeedFlaw)>;

fn text_of(id: &ConversationId) -> String {
    match id {
        ConversationId::User(user) => user.to_string(),
        ConversationId::ChatGroup(id) => id.to_string(),
    }
}

fn within(field: &'static str, given: u64, max: u64) -> Flawed<()> {
    if given > max { Err((field, SeedFlaw::TooMany { given, max })) } else { Ok(()) }
}

fn short(field: &'static str, text: &str, max: u64) -> Flawed<()> {
    let bytes = text.len() as u64;
    if bytes > max { Err((field, SeedFlaw::TooLong { text: text.to_owned(), bytes, max })) } else { Ok(()) }
}

impl Seed {
    /// The data that it describes, under the settings of an application and at a time.
    ///
    /// # Errors
    /// The first thing that the application's rules do not allow.
    pub fn state(&self, context: &Context) -> Result<ApplicationState, BadSeed> {
        let mut making = Making { context, seed: self, accounts: BTreeSet::new(), state: ApplicationState::default() };
        making.accounts.extend(self.users.iter().filter(|one| one.account.is_some()).map(|one| &one.user));
        for chat_group in &self.chat_groups {
            making.chat_group(chat_group)?;
        }
        for user in &self.users {
            let data = making.user(user);
            let data = data.map_err(|(field, flaw)| BadSeed::User { user: user.user.clone(), field, flaw })?;
            making.state.users.insert(user.user.clone(), data);
        }
        making.state.count();
        Ok(making.state)
    }
}

struct Making<'a> {
    context: &'a Context,
    seed: &'a Seed,
    accounts: BTreeSet<&'a UserId>,
    state: ApplicationState,
}

impl Making<'_> {
    fn limits(&self) -> &Limits {
        &self.context.settings.limits
    }

    fn account(&self, field: &'static str, user: &UserId) -> Flawed<()> {
        let settings = &self.context.settings;
        let exists = settings.users == DirectoryKept::Elsewhere
            || settings.is_administrator(user.as_str())
            || self.accounts.contains(user);
        if exists { Ok(()) } else { Err((field, SeedFlaw::NoSuchAccount(user.clone()))) }
    }

    /// The other side of a conversation is there, or is said to be gone.
    fn other_side(&self, field: &'static str, id: &ConversationId) -> Flawed<()> {
        let elsewhere = self.context.settings.chat_groups == DirectoryKept::Elsewhere;
        match id {
            id if self.seed.gone.contains(id) => Ok(()),
            ConversationId::User(user) => self.account(field, user),
            ConversationId::ChatGroup(id) if elsewhere || self.state.chat_groups.contains_key(id) => Ok(()),
            ConversationId::ChatGroup(id) => Err((field, SeedFlaw::NoSuchChatGroup(id.clone()))),
        }
    }

    fn message(&self, given: SeedMessage, sequence: u64) -> LastMessage {
        let time = given.time.unwrap_or(self.context.now);
        let kept = Timestamp(time.0.saturating_add(self.limits().message_seconds));
        let (sequence, expires) = (given.sequence.unwrap_or(sequence), given.expires.unwrap_or(kept));
        LastMessage { time, sequence, random: given.random, expires }
    }

    fn chat_group(&mut self, given: &SeedChatGroup) -> Result<(), BadSeed> {
        self.state.directory.sequence += 1;
        let sequence = self.state.directory.sequence;
        let id = given.id.clone().unwrap_or_else(|| generated_id(sequence));
        let made = self.chat_group_of(given, &id, sequence);
        let made = made.map_err(|(field, flaw)| BadSeed::ChatGroup { id: id.clone(), field, flaw })?;
        self.state.chat_groups.insert(id, made);
        Ok(())
    }

    fn chat_group_of(&self, given: &SeedChatGroup, id: &ChatGroupId, sequence: u64) -> Flawed<ChatGroupState> {
        let limits = self.limits();
        if given.id.is_some() && crate::commands::is_generated_id_of(id, sequence).is_some() {
            return Err(("id", SeedFlaw::ReservedId));
        }
        if self.state.chat_groups.contains_key(id) {
            return Err(("id", SeedFlaw::Twice(id.to_string())));
        }
        short("id", id.as_str(), limits.chat_group_id_bytes)?;
        short("name", &given.name, limits.chat_group_name_bytes)?;
        let members_max = given.members_max.unwrap_or(limits.chat_group_members).min(limits.chat_group_members);
        let mut members = BTreeMap::new();
        for (field, user) in
            given.owner.iter().map(|one| ("owner", one)).chain(given.members.iter().map(|one| ("members", one)))
        {
            self.account(field, user)?;
            let owner = given.owner.as_ref() == Some(user);
            if members.insert(user.clone(), Member { owner, joined: self.context.now, since: 0 }).is_some() && !owner {
                return Err((field, SeedFlaw::Twice(user.to_string())));
            }
        }
        within("members", members.len() as u64, members_max)?;
        let last = given.last.map(|last| self.message(last, given.messages));
        if let Some(LastMessage { sequence, .. }) = last.filter(|last| !(1..=given.messages).contains(&last.sequence)) {
            return Err(("last", SeedFlaw::NoSuchMessage { sequence, messages: given.messages }));
        }
        let record = ChatGroup {
            sequence,
            kind: given.kind.clone(),
            name: given.name.clone(),
            owner: given.owner.clone(),
            created: self.context.now,
            members: members.len() as u64,
            members_max,
            messages: given.messages,
            last,
        };
        Ok(ChatGroupState { record, members })
    }

    fn user(&self, given: &SeedUser) -> Flawed<UserState> {
        let limits = self.limits();
        if self.state.users.contains_key(&given.user) {
            return Err(("user", SeedFlaw::Twice(given.user.to_string())));
        }
        short("user", given.user.as_str(), limits.user_id_bytes)?;
        if let Some(account) = &given.account {
            short("nick", &account.nick, limits.profile_bytes)?;
            short("face_url", &account.face_url, limits.profile_bytes)?;
        }
        let conversations = self.conversations(given)?;
        let entered = conversations.len() as u64;
        let groups = (1_u64..).zip(&given.contact_groups);
        let contact_groups: Vec<ContactGroup> =
            groups.map(|(id, group)| ContactGroup { id: ContactGroupId(id), name: group.name.clone() }).collect();
        let head = Head {
            account: given.account.clone(),
            contact_group_id: contact_groups.len() as u64,
            contact_groups,
            entered,
            updated: if entered > 0 { self.context.now } else { Timestamp::default() },
            ..Head::default()
        };
        let (recent_contacts, pins) = (self.recent_contacts(given)?, self.pins(given)?);
        let mut data = UserState { head, conversations, recent_contacts, pins };
        data.count();
        within("contact_groups", data.head.contact_groups.len() as u64, limits.contact_groups)?;
        within("conversations", data.head.conversations, limits.conversations)?;
        within("contact_groups.conversations", data.head.grouped, limits.grouped_conversations)?;
        within("marked", data.head.marked, limits.marked_conversations)?;
        Ok(data)
    }

    fn conversations(&self, given: &SeedUser) -> Flawed<BTreeMap<ConversationId, Conversation>> {
        const IN_GROUPS: &str = "contact_groups.conversations";
        let mut found: BTreeMap<ConversationId, Conversation> = BTreeMap::new();
        let mut names = BTreeSet::new();
        for (number, group) in (1_u64..).zip(&given.contact_groups) {
            short("contact_groups.name", group.name.as_str(), self.limits().contact_group_name_bytes)?;
            if !names.insert(&group.name) {
                return Err(("contact_groups.name", SeedFlaw::Twice(group.name.to_string())));
            }
            for id in &group.conversations {
                self.other_side(IN_GROUPS, id)?;
                let one = self.entered(&mut found, id);
                if one.contact_groups.last() == Some(&ContactGroupId(number)) {
                    return Err((IN_GROUPS, SeedFlaw::Twice(text_of(id))));
                }
                one.contact_groups.push(ContactGroupId(number));
            }
        }
        for SeedMarks { id, marks, custom_mark } in &given.marked {
            self.other_side("marked", id)?;
            if marks.is_empty() && custom_mark.is_none() {
                return Err(("marked", SeedFlaw::NoMark(text_of(id))));
            }
            if let Some(mark) = custom_mark {
                short("marked.custom_mark", mark.as_str(), self.limits().custom_mark_bytes)?;
            }
            let one = self.entered(&mut found, id);
            if one.is_marked() {
                return Err(("marked", SeedFlaw::Twice(text_of(id))));
            }
            (one.marks, one.custom_mark) = (*marks, custom_mark.clone());
        }
        Ok(found)
    }

    /// The conversation, which enters the data where it is not in it.
    fn entered<'b>(
        &self,
        found: &'b mut BTreeMap<ConversationId, Conversation>,
        id: &ConversationId,
    ) -> &'b mut Conversation {
        let entered = found.len() as u64 + 1;
        found.entry(id.clone()).or_insert_with(|| Conversation {
            entered,
            contact_groups: Vec::new(),
            marks: MarkSet::EMPTY,
            custom_mark: None,
            updated: self.context.now,
        })
    }

    fn recent_contacts(&self, given: &SeedUser) -> Flawed<BTreeMap<ConversationId, RecentContact>> {
        const FIELD: &str = "recent_contacts";
        let mut found = BTreeMap::new();
        for SeedRecentContact { id, last, unread } in &given.recent_contacts {
            self.other_side(FIELD, id)?;
            let last = |sequence| last.map(|last| self.message(last, sequence));
            let one = match id {
                ConversationId::User(_) => {
                    let last = last(1);
                    let time = last.map_or(self.context.now, |last| last.time);
                    let arrived = if *unread > 0 { time } else { Timestamp::default() };
                    RecentContact { last, unread: *unread, arrived, ..RecentContact::default() }
                }
                ConversationId::ChatGroup(id) => {
                    let messages = self.state.chat_groups.get(id).map_or(0, |one| one.record.messages);
                    within("recent_contacts.unread", *unread, messages)?;
                    RecentContact { last: last(messages.max(1)), read: messages - unread, ..RecentContact::default() }
                }
            };
            if one == RecentContact::default() && *unread == 0 {
                return Err((FIELD, SeedFlaw::Empty(text_of(id))));
            }
            // A chat group's member who has read nothing needs no record of it.
            if found.insert(id.clone(), one).is_some() {
                return Err((FIELD, SeedFlaw::Twice(text_of(id))));
            }
        }
        found.retain(|_, one| *one != RecentContact::default());
        Ok(found)
    }

    fn pins(&self, given: &SeedUser) -> Flawed<Option<Pins>> {
        within("pins", given.pins.len() as u64, self.limits().pins)?;
        let mut pins = Pins::default();
        for id in &given.pins {
            self.other_side("pins", id)?;
            if pins.number(id).is_some() {
                return Err(("pins", SeedFlaw::Twice(text_of(id))));
            }
            pins.given += 1;
            pins.list.push(Pin { number: pins.given, id: id.clone() });
        }
        Ok((pins.given > 0).then_some(pins))
    }
}
