//! Recent contacts in the hands of a command: reads fall back on the view, changes gather here, and the users' heads come with them. It is
//! to the list of recent contacts what `edit.rs` is to the conversation data; the two share nothing.

use crate::change::Change;
use crate::head::Head;
use crate::ids::{ChatGroupId, ConversationId, UserId};
use crate::recent::shown_in;
use crate::records::{ChatGroup, Member, RecentContact};
use crate::view::View;
use std::collections::BTreeMap;

/// Recent contacts of users, being changed.
pub(crate) struct RecentEdit<'a> {
    view: &'a View,
    changed: BTreeMap<(UserId, ConversationId), RecentContact>,
}

impl<'a> RecentEdit<'a> {
    pub(crate) fn new(view: &'a View) -> Self {
        Self { view, changed: BTreeMap::new() }
    }

    /// The recent contact of a user, to be changed.
    pub(crate) fn of(&mut self, user: &UserId, id: &ConversationId) -> &mut RecentContact {
        let view = self.view;
        self.changed.entry((user.clone(), id.clone())).or_insert_with(|| view.recent_contact(user, id))
    }

    /// A member is leaving: the last message that it sees stays with it, for the chat group's own is no longer its to see.
    pub(crate) fn leave(&mut self, user: &UserId, id: &ChatGroupId, chat_group: &ChatGroup, member: &Member) {
        let own = self.of(user, &ConversationId::ChatGroup(id.clone()));
        *own = RecentContact { last: shown_in(chat_group, Some(member), own), ..RecentContact::default() };
    }

    /// The changes, the users' heads with them.
    pub(crate) fn finish(self) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut heads: BTreeMap<UserId, Head> = BTreeMap::new();
        let kept = |one: RecentContact| (one != RecentContact::default()).then_some(one);
        for ((user, id), after) in self.changed {
            let before = self.view.recent_contact(&user, &id);
            if before != after {
                let head = heads.entry(user.clone()).or_insert_with(|| self.view.head(&user));
                head.unread = (head.unread + after.unread).saturating_sub(before.unread);
                changes.push(Change::RecentContact { user, id, before: kept(before), after: kept(after) });
            }
        }
        changes.extend(heads.into_iter().map(|(user, head)| Change::Head(user, head)));
        changes
    }
}
