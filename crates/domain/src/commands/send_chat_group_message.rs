//! `send_group_msg`, `import_group_msg`: messages of a chat group. The chat group keeps the last one for all its members, so that what a
//! message costs does not grow with them.

use super::ItemResult;
use super::members::{existing, require_account};
use crate::change::Change;
use crate::command::{Command, Context, Outcome};
use crate::edit::account_exists;
use crate::footprint::Footprint;
use crate::ids::{ChatGroupId, ConversationId, UserId};
use crate::recent::RecentEdit;
use crate::records::{ChatGroup, LastMessage};
use crate::refusal::{ItemRefusal, Refusal, Shown};
use crate::time::Timestamp;
use crate::view::View;

/// The kind of chat groups that are in nobody's list of recent contacts.
const LIVE: &str = "AVChatRoom";

/// Sends a message to a chat group.
#[derive(Debug)]
pub struct SendChatGroupMessage {
    /// The chat group.
    pub id: ChatGroupId,
    /// Who sends it.
    pub from: UserId,
    /// `Random`.
    pub random: u64,
    /// Whether it becomes the last message: not where it has `NoLastMsg`.
    pub listed: bool,
    /// Whether it is only for those who are online: it is in no list, and the chat group does not count it.
    pub online_only: bool,
    /// To whom alone it goes, where it is not for all members: it is in the lists of those of them who are members.
    pub to: Option<Vec<UserId>>,
}

/// Imports messages into a chat group.
#[derive(Debug)]
pub struct ImportChatGroupMessages {
    /// The chat group.
    pub id: ChatGroupId,
    /// The messages, in the order of their times.
    pub messages: Vec<Result<ImportedMessage, ItemRefusal>>,
    /// Whether they become last messages.
    pub listed: bool,
}

/// One imported message.
#[derive(Debug, Clone)]
pub struct ImportedMessage {
    /// Who sent it.
    pub from: UserId,
    /// When.
    pub sent: Timestamp,
    /// `Random`.
    pub random: u64,
}

fn add(chat_group: &mut ChatGroup, time: Timestamp, random: u64, listed: bool, context: &Context) -> LastMessage {
    chat_group.messages += 1;
    let expires = Timestamp(time.0.saturating_add(context.settings.limits.message_seconds));
    let message = LastMessage { time, sequence: chat_group.messages, random, expires };
    if listed {
        chat_group.last = Some(message);
    }
    message
}

fn change(id: &ChatGroupId, view: &View, after: ChatGroup) -> Vec<Change> {
    let before = view.chat_group(id).cloned();
    if before.as_ref() == Some(&after) {
        return Vec::new();
    }
    vec![Change::ChatGroup { id: id.clone(), before, after: Some(after) }]
}

impl Command for SendChatGroupMessage {
    type Reply = LastMessage;

    fn footprint(&self) -> Footprint {
        let to = || self.to.iter().flatten();
        let with = ConversationId::ChatGroup(self.id.clone());
        Footprint {
            users: to().cloned().collect(),
            recent_contacts: to().map(|user| (user.clone(), with.clone())).collect(),
            members: to().map(|user| (self.id.clone(), user.clone())).collect(),
            chat_groups: vec![self.id.clone()],
            accounts: vec![self.from.clone()],
            ..Footprint::default()
        }
    }

    fn apply(&self, view: &View, context: &Context) -> Result<Outcome<LastMessage>, Refusal> {
        let mut chat_group = existing(&self.id, view)?;
        require_account("From_Account", &self.from, view, context)?;
        if self.online_only {
            let nowhere = LastMessage { time: context.now, sequence: 0, random: self.random, expires: context.now };
            return Ok(Outcome { reply: nowhere, changes: Vec::new() });
        }
        let time = chat_group.last.map(|last| last.time).unwrap_or_default().max(context.now);
        let listed = self.listed && &*chat_group.kind != LIVE;
        let message = add(&mut chat_group, time, self.random, listed && self.to.is_none(), context);
        let mut changes = change(&self.id, view, chat_group);
        let members = self.to.iter().flatten().filter(|user| listed && view.member(&self.id, user).is_some());
        let mut recents = RecentEdit::new(view);
        let with = ConversationId::ChatGroup(self.id.clone());
        members.for_each(|user| recents.of(user, &with).come(message));
        changes.extend(recents.finish());
        Ok(Outcome { reply: message, changes })
    }
}

impl Command for ImportChatGroupMessages {
    type Reply = Vec<Result<LastMessage, ItemRefusal>>;

    fn footprint(&self) -> Footprint {
        let accounts = self.messages.iter().flatten().map(|message| message.from.clone()).collect();
        Footprint { chat_groups: vec![self.id.clone()], accounts, ..Footprint::default() }
    }

    fn apply(&self, view: &View, context: &Context) -> Result<Outcome<Self::Reply>, Refusal> {
        let mut chat_group = existing(&self.id, view)?;
        if &*chat_group.kind == LIVE {
            return Err(Refusal::NotOfThisKind(Shown::new(LIVE)));
        }
        let mut newest = chat_group.last.map(|last| last.time).unwrap_or_default();
        let mut reply = Vec::with_capacity(self.messages.len());
        for message in &self.messages {
            reply.push(message.as_ref().map_err(Clone::clone).and_then(|message| {
                may_come(message, newest, view, context)?;
                newest = message.sent;
                Ok(add(&mut chat_group, message.sent, message.random, self.listed, context))
            }));
        }
        Ok(Outcome { reply, changes: change(&self.id, view, chat_group) })
    }
}

/// Imported messages come in the order of their times, after what is there and not after now (269/1635).
fn may_come(message: &ImportedMessage, newest: Timestamp, view: &View, context: &Context) -> ItemResult {
    if !account_exists(&message.from, view, context) {
        return Err(ItemRefusal::SenderNotImported(message.from.clone()));
    }
    if message.sent < newest || message.sent > context.now {
        return Err(ItemRefusal::NotInOrder);
    }
    Ok(())
}
