//! The list of recent contacts: which last message a user sees of a conversation, and how a message comes into the list. It has no part in
//! contact groups and marks, and they have none in it.

use crate::change::Change;
use crate::head::Head;
use crate::ids::{ChatGroupId, ConversationId, UserId};
use crate::records::{ChatGroup, Conversation, LastMessage, Member, RecentContact};
use crate::view::View;
use std::collections::BTreeMap;

/// One recent contact as the list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recent {
    /// The conversation.
    pub id: ConversationId,
    /// Its last message.
    pub last: LastMessage,
    /// Its place in the order of pinning, where it is pinned.
    pub pinned: Option<u64>,
    /// How the user sorts it, where the user does.
    pub sorted: Option<Conversation>,
}

/// The newest recent contacts of a user and all pinned ones, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recents {
    /// The recent contacts.
    pub list: Vec<Recent>,
    /// The last number given to a pin.
    pub pins_given: u64,
}

/// The last message of a chat group that a user sees: its own last one, unless it was sent before the user joined or the user has
/// deleted the conversation since; or one that went to this user alone, or is kept from an earlier stay, where that is newer.
pub(crate) fn shown_in(chat_group: &ChatGroup, member: Option<&Member>, own: &RecentContact) -> Option<LastMessage> {
    let seen = |last: &LastMessage| member.is_some_and(|member| last.sequence > member.since.max(own.deleted));
    let shared = chat_group.last.filter(seen);
    [shared, own.last].into_iter().flatten().max_by_key(|last| (last.time, last.sequence))
}

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

impl RecentContact {
    /// A message came: it is the last one, unless it is older than that.
    pub(crate) fn come(&mut self, message: LastMessage) {
        if self.last.is_none_or(|last| message.is_after(&last)) {
            self.last = Some(message);
        }
    }
}
