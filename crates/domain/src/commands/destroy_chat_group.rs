//! `destroy_group`: dissolves a chat group. What users sorted it into stays until they remove it.

use crate::change::Change;
use crate::command::{Command, Context, Outcome};
use crate::footprint::{Footprint, Range};
use crate::ids::ChatGroupId;
use crate::recent_edit::RecentEdit;
use crate::records::Directory;
use crate::refusal::Refusal;
use crate::view::View;

/// The command.
#[derive(Debug)]
pub struct DestroyChatGroup {
    /// Which.
    pub id: ChatGroupId,
}

impl Command for DestroyChatGroup {
    type Reply = ();

    fn footprint(&self) -> Footprint {
        Footprint {
            chat_groups: vec![self.id.clone()],
            directory: true,
            ranges: vec![Range::MembersOf(self.id.clone(), u64::MAX), Range::RecentsOfMembers(self.id.clone())],
            ..Footprint::default()
        }
    }

    fn apply(&self, view: &View, _: &Context) -> Result<Outcome<()>, Refusal> {
        let before = view.chat_group(&self.id).cloned().ok_or_else(|| Refusal::NoSuchChatGroup(self.id.clone()))?;
        let mut recents = RecentEdit::new(view);
        view.members_of(&self.id).for_each(|(user, member)| recents.leave(user, &self.id, &before, member));
        let Directory { sequence, chat_groups } = view.directory();
        let mut changes = vec![
            Change::Directory(Some(Directory { sequence, chat_groups: chat_groups.saturating_sub(1) })),
            Change::ChatGroup { id: self.id.clone(), before: Some(before), after: None },
        ];
        changes.extend(view.members_of(&self.id).map(|(user, _)| Change::Member {
            chat_group: self.id.clone(),
            user: user.clone(),
            after: None,
        }));
        changes.extend(recents.finish());
        Ok(Outcome { reply: (), changes })
    }
}
