//! `admin_set_msg_read`, `set_unread_msg_num`: how much of a conversation is read. Reading neither makes nor moves a recent contact.

use super::members::{existing, require_correspondent};
use crate::command::{Command, Context, Outcome};
use crate::footprint::Footprint;
use crate::ids::{ChatGroupId, ConversationId, UserId};
use crate::recent::RecentEdit;
use crate::refusal::{Correspondent, Refusal};
use crate::time::Timestamp;
use crate::view::View;

/// A user has read the messages of another.
#[derive(Debug)]
pub struct ReadMessages {
    /// Who has read.
    pub user: UserId,
    /// Whose messages.
    pub peer: UserId,
    /// Up to which time; all where it was not given.
    pub until: Option<Timestamp>,
}

/// Says how many messages of a chat group a member has not read.
#[derive(Debug)]
pub struct SetUnread {
    /// The chat group.
    pub id: ChatGroupId,
    /// The member.
    pub user: UserId,
    /// How many; as many as there are at most (1047/34909).
    pub unread: u64,
}

impl Command for ReadMessages {
    type Reply = ();

    fn footprint(&self) -> Footprint {
        Footprint {
            users: vec![self.user.clone()],
            accounts: vec![self.peer.clone()],
            recent_contacts: vec![(self.user.clone(), ConversationId::User(self.peer.clone()))],
            ..Footprint::default()
        }
    }

    fn apply(&self, view: &View, context: &Context) -> Result<Outcome<()>, Refusal> {
        require_correspondent(Correspondent::Reader, &self.user, view, context)?;
        require_correspondent(Correspondent::Peer, &self.peer, view, context)?;
        let mut edit = RecentEdit::new(view);
        let after = edit.of(&self.user, &ConversationId::User(self.peer.clone()));
        // Only the number of unread messages is kept: one that came after that time leaves it as it is.
        if self.until.is_none_or(|until| after.last.is_none_or(|last| last.time <= until)) {
            after.unread = 0;
        }
        Ok(Outcome { reply: (), changes: edit.finish() })
    }
}

impl Command for SetUnread {
    type Reply = ();

    fn footprint(&self) -> Footprint {
        Footprint {
            users: vec![self.user.clone()],
            chat_groups: vec![self.id.clone()],
            members: vec![(self.id.clone(), self.user.clone())],
            recent_contacts: vec![(self.user.clone(), ConversationId::ChatGroup(self.id.clone()))],
            ..Footprint::default()
        }
    }

    fn apply(&self, view: &View, _: &Context) -> Result<Outcome<()>, Refusal> {
        let chat_group = existing(&self.id, view)?;
        let not_in = || Refusal::NotAMember { field: "Member_Account", user: self.user.clone() };
        let member = view.member(&self.id, &self.user).ok_or_else(not_in)?;
        let mut edit = RecentEdit::new(view);
        let after = edit.of(&self.user, &ConversationId::ChatGroup(self.id.clone()));
        after.read = chat_group.messages.saturating_sub(self.unread).max(member.since);
        Ok(Outcome { reply: (), changes: edit.finish() })
    }
}
