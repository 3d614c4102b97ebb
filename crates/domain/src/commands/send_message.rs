//! `sendmsg`, `batchsendmsg`, `importmsg`: a message between users, as far as it makes or changes their recent contacts.

use super::members::require_correspondent;
use crate::command::{Command, Context, Outcome};
use crate::edit::account_exists;
use crate::footprint::Footprint;
use crate::ids::{ConversationId, UserId};
use crate::recent::RecentEdit;
use crate::records::LastMessage;
use crate::refusal::{Correspondent, Refusal};
use crate::time::Timestamp;
use crate::view::View;

/// What of a message its conversations hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// `MsgSeq`, which orders the messages of a second; counted where it was not given.
    pub sequence: Option<u64>,
    /// `MsgRandom`.
    pub random: u64,
    /// When an imported message was sent, which is never later than now; `None` is now.
    pub sent: Option<Timestamp>,
    /// Seconds for which it is kept, where the request says (`MsgLifeTime`).
    pub seconds: Option<u64>,
    /// Whether it becomes the last message of its conversation: not where it is online-only, or has `NoLastMsg`.
    pub listed: bool,
    /// Whether it counts as unread with its recipient.
    pub counted: bool,
    /// Whether its sender's list hears of it: not where `SyncOtherMachine` is 2.
    pub to_sender: bool,
}

/// Sends one message to one user.
#[derive(Debug)]
pub struct SendMessage {
    /// Who sends it.
    pub from: UserId,
    /// Who gets it.
    pub to: UserId,
    /// The message.
    pub message: Message,
}

/// Sends one message to many users.
#[derive(Debug)]
pub struct SendMessages {
    /// Who sends it.
    pub from: UserId,
    /// Who gets it; of one named twice the first counts.
    pub to: Vec<UserId>,
    /// The message.
    pub message: Message,
}

/// What became of a message to many.
#[derive(Debug, PartialEq, Eq)]
pub struct SentToMany {
    /// The message.
    pub message: LastMessage,
    /// Those who are not imported and got nothing.
    pub unknown: Vec<UserId>,
}

fn footprint<'a>(from: &UserId, to: impl Iterator<Item = &'a UserId>) -> Footprint {
    let mut footprint = Footprint { users: vec![from.clone()], ..Footprint::default() };
    for to in to {
        footprint.users.push(to.clone());
        for (user, other) in [(from, to), (to, from)] {
            footprint.recent_contacts.push((user.clone(), ConversationId::User(other.clone())));
        }
    }
    footprint
}

impl Message {
    /// The message as it is kept. In a second in which there was one already, a sequence that was not given is the next; or its own, where
    /// that was this very message, imported before.
    fn stamped(&self, last: Option<LastMessage>, context: &Context) -> LastMessage {
        let newest = last.map(|last| last.time).unwrap_or_default();
        let time = self.sent.map_or(context.now.max(newest), |sent| sent.min(context.now));
        let next = match last.filter(|last| last.time == time) {
            Some(last) if self.sent.is_some() && last.random == self.random => last.sequence,
            Some(last) => last.sequence.saturating_add(1),
            None => 1,
        };
        let seconds = self.seconds.unwrap_or(context.settings.limits.message_seconds);
        LastMessage {
            time,
            sequence: self.sequence.unwrap_or(next),
            random: self.random,
            expires: Timestamp(time.0.saturating_add(seconds)),
        }
    }

    fn reach(&self, from: &UserId, to: &UserId, message: LastMessage, edit: &mut RecentEdit<'_>) {
        let recipient = edit.of(to, &ConversationId::User(from.clone()));
        let repeated = self.sent.is_some() && recipient.last == Some(message);
        if self.counted && !repeated && from != to {
            recipient.unread += 1;
        }
        if self.listed {
            recipient.come(message);
            if self.to_sender {
                edit.of(from, &ConversationId::User(to.clone())).come(message);
            }
        }
    }
}

impl Command for SendMessage {
    type Reply = LastMessage;

    fn footprint(&self) -> Footprint {
        footprint(&self.from, std::iter::once(&self.to))
    }

    fn apply(&self, view: &View, context: &Context) -> Result<Outcome<LastMessage>, Refusal> {
        require_correspondent(Correspondent::Sender, &self.from, view, context)?;
        require_correspondent(Correspondent::Recipient, &self.to, view, context)?;
        let last = view.recent_contact(&self.to, &ConversationId::User(self.from.clone())).last;
        let message = self.message.stamped(last, context);
        let mut edit = RecentEdit::new(view);
        self.message.reach(&self.from, &self.to, message, &mut edit);
        Ok(Outcome { reply: message, changes: edit.finish() })
    }
}

impl Command for SendMessages {
    type Reply = SentToMany;

    fn footprint(&self) -> Footprint {
        footprint(&self.from, self.to.iter())
    }

    fn apply(&self, view: &View, context: &Context) -> Result<Outcome<SentToMany>, Refusal> {
        require_correspondent(Correspondent::Sender, &self.from, view, context)?;
        let last = |to| view.recent_contact(to, &ConversationId::User(self.from.clone())).last;
        let newest = self.to.iter().filter_map(last).max_by_key(|last| (last.time, last.sequence));
        let message = self.message.stamped(newest, context);
        let mut edit = RecentEdit::new(view);
        let mut unknown = Vec::new();
        for (place, to) in self.to.iter().enumerate() {
            if self.to.iter().take(place).any(|earlier| earlier == to) {
                continue;
            }
            if account_exists(to, view, context) {
                self.message.reach(&self.from, to, message, &mut edit);
            } else {
                unknown.push(to.clone());
            }
        }
        Ok(Outcome { reply: SentToMany { message, unknown }, changes: edit.finish() })
    }
}
