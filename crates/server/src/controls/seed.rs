//! The JSON form of applications with their data, as people write it. The rules that the data keeps are the domain's; here it is
//! read.

use cubby_domain::state::{
    BadSeed, BadState, Seed, SeedChatGroup, SeedContactGroup, SeedMarks, SeedMessage, SeedRecentContact, SeedUser,
};
use cubby_domain::{
    Account, ChatGroupId, ContactGroupName, ConversationId, CustomMark, IllFormed, MarkSet, Timestamp, UserId,
};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Applications with their data.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    /// The applications. Those that are there keep their keys.
    pub(crate) applications: Vec<SeededApplication>,
}

/// An application with its data.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeededApplication {
    pub(crate) sdkappid: u64,
    /// A key that it has; needed where the application is not there yet.
    #[serde(default)]
    pub(crate) key: Option<String>,
    /// Its edition: trial, pro, ultimate or enterprise.
    #[serde(default)]
    pub(crate) edition: Option<String>,
    /// Its settings, by the names that `cubby app set --help` lists.
    #[serde(default)]
    pub(crate) settings: BTreeMap<String, SettingValue>,
    /// How its UserSigs are checked: strict, lenient or off.
    #[serde(default)]
    pub(crate) signing: Option<String>,
    #[serde(default)]
    pub(crate) data: Data,
}

/// The value of a setting: a text, a number or a truth value.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "takes a text, a number, true or false")]
pub(crate) enum SettingValue {
    /// Such as "elsewhere".
    Text(String),
    /// Such as 20.
    Number(u64),
    /// Such as true.
    Truth(bool),
}

impl SettingValue {
    /// The word that the setting takes.
    pub(crate) fn into_word(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
            Self::Truth(truth) => truth.to_string(),
        }
    }
}

/// The data of an application.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Data {
    pub(crate) users: Vec<User>,
    /// In the order of their creation.
    pub(crate) chat_groups: Vec<ChatGroup>,
    /// Other sides of conversations that are gone: they may be named without being there.
    pub(crate) gone: Vec<Conversation>,
}

/// A user with what is the user's.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct User {
    #[serde(rename = "user_id")]
    id: String,
    #[serde(default)]
    nick: String,
    #[serde(default)]
    face_url: String,
    /// Whether the account is imported, which it is unless this says otherwise.
    #[serde(default = "yes")]
    imported: bool,
    /// The contact groups; the first has GroupId 1.
    #[serde(default)]
    contact_groups: Vec<ContactGroup>,
    #[serde(default)]
    marked: Vec<Marked>,
    /// The pinned conversations, in the order of pinning.
    #[serde(default)]
    pins: Vec<Conversation>,
    #[serde(default)]
    recent_contacts: Vec<RecentContact>,
}

/// The other side of a conversation: `"bob"` or `{"user":"bob"}`, or `{"chat_group":"@TGS#1"}`.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "takes \"USERID\", {\"user\":\"USERID\"} or {\"chat_group\":\"GROUPID\"}")]
pub(crate) enum Conversation {
    /// A user.
    Bare(String),
    /// A user.
    User(UserSide),
    /// A chat group.
    ChatGroup(ChatGroupSide),
}

/// A user.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserSide {
    user: String,
}

/// A chat group.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChatGroupSide {
    chat_group: String,
}

/// A contact group with its conversations.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactGroup {
    name: String,
    #[serde(default)]
    conversations: Vec<Conversation>,
}

/// A conversation that bears marks.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Marked {
    conversation: Conversation,
    /// star, unread, fold, hide, or numbers from 1 to 64.
    #[serde(default)]
    marks: Vec<Mark>,
    #[serde(default)]
    custom_mark: Option<String>,
}

/// A standard mark.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "takes star, unread, fold, hide, or a number from 1 to 64")]
pub(crate) enum Mark {
    /// One of the first four.
    Named(MarkName),
    /// Any.
    Number(i64),
}

/// The marks that have names.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MarkName {
    /// 1.
    Star,
    /// 2.
    Unread,
    /// 3.
    Fold,
    /// 4.
    Hide,
}

impl MarkName {
    const ALL: [Self; 4] = [Self::Star, Self::Unread, Self::Fold, Self::Hide];
}

/// A recent contact.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecentContact {
    conversation: Conversation,
    /// The last message. That of a chat group which the user is in stands with the chat group.
    #[serde(default)]
    last: Option<Message>,
    /// Messages that were not read.
    #[serde(default)]
    unread: u64,
}

/// A message; what is left out is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Message {
    /// When it was sent, in Unix seconds; else now.
    time: Option<u64>,
    /// `MsgSeq`.
    sequence: Option<u64>,
    /// `MsgRandom`.
    random: u64,
    /// From when on it is gone, in Unix seconds.
    expires: Option<u64>,
}

/// A chat group.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChatGroup {
    /// Its id; one is made where there is none.
    #[serde(default)]
    group_id: Option<String>,
    /// Public, Private, ChatRoom …
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    owner: Option<String>,
    /// The members; the owner need not be named.
    #[serde(default)]
    members: Vec<String>,
    #[serde(default)]
    members_max: Option<u64>,
    /// How many messages were sent in it.
    #[serde(default)]
    messages: u64,
    #[serde(default)]
    last: Option<Message>,
}

fn yes() -> bool {
    true
}

/// Why data is not taken. Each names the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadData {
    /// An id or a text.
    #[error("{place}: {why}")]
    IllFormed {
        /// Where it stands.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// The rules of what people write.
    #[error("{0}")]
    Seed(#[from] BadSeed),
    /// The rules of data.
    #[error("{0}")]
    State(#[from] BadState),
}

fn at(place: &str, why: impl std::fmt::Display) -> BadData {
    BadData::IllFormed { place: place.to_owned(), why: why.to_string() }
}

fn user_id(place: &str, text: &str) -> Result<UserId, BadData> {
    UserId::new(text).map_err(|why: IllFormed| at(place, why))
}

impl Conversation {
    fn id(&self, place: &str) -> Result<ConversationId, BadData> {
        match self {
            Self::Bare(user) | Self::User(UserSide { user }) => user_id(place, user).map(ConversationId::User),
            Self::ChatGroup(ChatGroupSide { chat_group }) => {
                let id = ChatGroupId::new(chat_group).map_err(|why| at(place, why))?;
                Ok(ConversationId::ChatGroup(id))
            }
        }
    }
}

fn ids(place: &str, all: &[Conversation]) -> Result<Vec<ConversationId>, BadData> {
    all.iter().enumerate().map(|(n, one)| one.id(&format!("{place}[{n}]"))).collect()
}

impl Message {
    fn seed(self) -> SeedMessage {
        let Self { time, sequence, random, expires } = self;
        SeedMessage { time: time.map(Timestamp), sequence, random, expires: expires.map(Timestamp) }
    }
}

impl Data {
    /// What the rules make of it.
    ///
    /// # Errors
    /// The first thing that is ill-formed.
    pub(crate) fn seed(&self) -> Result<Seed, BadData> {
        let user = |(n, user): (usize, &User)| user.seed(&format!("users[{n}]"));
        let chat_group = |(n, one): (usize, &ChatGroup)| one.seed(&format!("chat_groups[{n}]"));
        Ok(Seed {
            users: self.users.iter().enumerate().map(user).collect::<Result<_, _>>()?,
            chat_groups: self.chat_groups.iter().enumerate().map(chat_group).collect::<Result<_, _>>()?,
            gone: ids("gone", &self.gone)?.into_iter().collect(),
        })
    }
}

impl User {
    fn seed(&self, place: &str) -> Result<SeedUser, BadData> {
        let within = |field: &str| format!("{place}.{field}");
        let contact_group = |(n, one): (usize, &ContactGroup)| {
            let place = within(&format!("contact_groups[{n}]"));
            let name = ContactGroupName::new(&one.name).map_err(|why| at(&format!("{place}.name"), why))?;
            let conversations = ids(&format!("{place}.conversations"), &one.conversations)?;
            Ok(SeedContactGroup { name, conversations })
        };
        let marked = |(n, one): (usize, &Marked)| one.seed(&within(&format!("marked[{n}]")));
        let recent = |(n, one): (usize, &RecentContact)| {
            let id = one.conversation.id(&within(&format!("recent_contacts[{n}].conversation")))?;
            Ok(SeedRecentContact { id, last: one.last.map(Message::seed), unread: one.unread })
        };
        let account = Account { nick: self.nick.as_str().into(), face_url: self.face_url.as_str().into() };
        Ok(SeedUser {
            user: user_id(&within("user_id"), &self.id)?,
            account: self.imported.then_some(account),
            contact_groups: self
                .contact_groups
                .iter()
                .enumerate()
                .map(contact_group)
                .collect::<Result<_, BadData>>()?,
            marked: self.marked.iter().enumerate().map(marked).collect::<Result<_, _>>()?,
            pins: ids(&within("pins"), &self.pins)?,
            recent_contacts: self.recent_contacts.iter().enumerate().map(recent).collect::<Result<_, BadData>>()?,
        })
    }
}

impl Marked {
    fn seed(&self, place: &str) -> Result<SeedMarks, BadData> {
        let id = self.conversation.id(&format!("{place}.conversation"))?;
        let mut marks = MarkSet::EMPTY;
        for mark in &self.marks {
            let number = match mark {
                Mark::Named(name) => {
                    (1..).zip(MarkName::ALL).find(|(_, one)| one == name).map_or(0, |(number, _)| number)
                }
                Mark::Number(number) => *number,
            };
            marks.insert(number).map_err(|_| at(&format!("{place}.marks"), "a mark is 1 to 64"))?;
        }
        let custom_mark = self.custom_mark.as_deref().map(CustomMark::new).transpose();
        let custom_mark = custom_mark.map_err(|why| at(&format!("{place}.custom_mark"), why))?;
        Ok(SeedMarks { id, marks, custom_mark })
    }
}

impl ChatGroup {
    fn seed(&self, place: &str) -> Result<SeedChatGroup, BadData> {
        let within = |field: &str| format!("{place}.{field}");
        let id = self.group_id.as_deref().map(ChatGroupId::new).transpose();
        let member = |(n, one): (usize, &String)| user_id(&within(&format!("members[{n}]")), one);
        Ok(SeedChatGroup {
            id: id.map_err(|why| at(&within("group_id"), why))?,
            kind: self.kind.as_str().into(),
            name: self.name.as_str().into(),
            owner: self.owner.as_deref().map(|owner| user_id(&within("owner"), owner)).transpose()?,
            members_max: self.members_max,
            members: self.members.iter().enumerate().map(member).collect::<Result<_, _>>()?,
            messages: self.messages,
            last: self.last.map(Message::seed),
        })
    }
}
