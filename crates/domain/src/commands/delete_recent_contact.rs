//! `recentcontact/delete`: takes a conversation out of the list of recent contacts, until its next message. Contact groups and marks stay
//!

use crate::change::Change;
use crate::command::{Command, Context, Outcome};
use crate::edit::require_imported;
use crate::footprint::Footprint;
use crate::ids::{ConversationId, UserId};
use crate::recent::RecentEdit;
use crate::records::RecentContact;
use crate::refusal::Refusal;
use crate::view::View;

/// The command.
#[derive(Debug)]
pub struct DeleteRecentContact {
    /// Whose.
    pub user: UserId,
    /// Which. One that is not there is deleted as well as any.
    pub id: ConversationId,
}

impl Command for DeleteRecentContact {
    type Reply = ();

    fn footprint(&self) -> Footprint {
        let mut footprint = Footprint {
            users: vec![self.user.clone()],
            recent_contacts: vec![(self.user.clone(), self.id.clone())],
            pins: vec![self.user.clone()],
            ..Footprint::default()
        };
        if let ConversationId::ChatGroup(id) = &self.id {
            footprint.chat_groups.push(id.clone());
            footprint.members.push((id.clone(), self.user.clone()));
        }
        footprint
    }

    fn apply(&self, view: &View, context: &Context) -> Result<Outcome<()>, Refusal> {
        let head = view.head(&self.user);
        require_imported(&self.user, &head, context)?;
        let mut edit = RecentEdit::new(view);
        let after = edit.of(&self.user, &self.id);
        *after = RecentContact { read: after.read, deleted: self.deleted_up_to(view), ..RecentContact::default() };
        let mut changes = edit.finish();
        let pins = view.pins(&self.user).cloned().unwrap_or_default();
        if pins.number(&self.id).is_some() {
            let mut pins = pins;
            pins.list.retain(|pin| pin.id != self.id);
            changes.push(Change::Pins(self.user.clone(), Some(pins)));
            if changes.len() == 1 {
                changes.push(Change::Head(self.user.clone(), head));
            }
        }
        Ok(Outcome { reply: (), changes })
    }
}

impl DeleteRecentContact {
    /// Up to which message a chat group that the user is in is gone from its list.
    fn deleted_up_to(&self, view: &View) -> u64 {
        let ConversationId::ChatGroup(id) = &self.id else { return 0 };
        match (view.chat_group(id), view.member(id, &self.user)) {
            (Some(chat_group), Some(_)) => chat_group.messages,
            _ => 0,
        }
    }
}
