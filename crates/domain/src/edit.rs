//! A user's data in the hands of a command: reads fall back on the view, changes gather here, and the rules that hold for every change
//! of a conversation (existence of the other side, the number of conversations, the order of entry, the Timestamp) stand here once.

use crate::change::Change;
use crate::command::Context;
use crate::head::Head;
use crate::ids::{ContactGroupId, ConversationId, UserId};
use crate::marks::{CustomMark, MarkSet};
use crate::records::Conversation;
use crate::refusal::{ItemRefusal, Refusal};
use crate::settings::DirectoryKept;
use crate::time::Timestamp;
use crate::view::View;
use std::collections::BTreeMap;

/// How a user sorts one conversation: what a command decides on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Sorting {
    pub(crate) contact_groups: Vec<ContactGroupId>,
    pub(crate) marks: MarkSet,
    pub(crate) custom_mark: Option<CustomMark>,
}

/// Row 12 of the contract's table: the user whose data is asked for is imported (50001). Administrators exist without an import.
pub(crate) fn require_imported(user: &UserId, head: &Head, context: &Context) -> Result<(), Refusal> {
    let exists = head.account.is_some()
        || context.settings.users == DirectoryKept::Elsewhere
        || context.settings.is_administrator(user.as_str());
    if exists { Ok(()) } else { Err(Refusal::NotImported(user.clone())) }
}

/// Whether an account counts as existing for others.
pub(crate) fn account_exists(user: &UserId, view: &View, context: &Context) -> bool {
    context.settings.users == DirectoryKept::Elsewhere
        || context.settings.is_administrator(user.as_str())
        || view.is_imported(user)
}

/// The data of one user, being changed.
pub(crate) struct UserEdit<'a> {
    user: &'a UserId,
    view: &'a View,
    context: &'a Context,
    before: Head,
    pub(crate) head: Head,
    changed: BTreeMap<ConversationId, Option<Conversation>>,
}

impl<'a> UserEdit<'a> {
    /// Opens the data of an imported user.
    pub(crate) fn open(user: &'a UserId, view: &'a View, context: &'a Context) -> Result<Self, Refusal> {
        let head = view.head(user);
        require_imported(user, &head, context)?;
        Ok(Self { user, view, context, before: head.clone(), head, changed: BTreeMap::new() })
    }

    fn conversation(&self, id: &ConversationId) -> Option<&Conversation> {
        match self.changed.get(id) {
            Some(changed) => changed.as_ref(),
            None => self.view.conversation(self.user, id),
        }
    }

    /// How the conversation is sorted now.
    pub(crate) fn sorting(&self, id: &ConversationId) -> Sorting {
        self.conversation(id).map_or_else(Sorting::default, |c| Sorting {
            contact_groups: c.contact_groups.clone(),
            marks: c.marks,
            custom_mark: c.custom_mark.clone(),
        })
    }

    /// The time of a change: now, but never before a time that was given in this user's data.
    fn stamp(&mut self) -> Timestamp {
        self.head.updated = self.head.updated.max(self.context.now);
        self.head.updated
    }

    /// Sorts a conversation as wanted. `adds` says whether that adds something that is not there: only then the other side must exist
    /// . What is as wanted stays untouched, its Timestamp too.
    pub(crate) fn sort(&mut self, id: &ConversationId, wanted: Sorting, adds: bool) -> Result<(), ItemRefusal> {
        if self.sorting(id) == wanted {
            return Ok(());
        }
        if adds {
            self.require_other_side(id)?;
        }
        let before = self.conversation(id).cloned();
        let Sorting { contact_groups, marks, custom_mark } = wanted;
        let entered = before.as_ref().map_or(self.head.entered + 1, |before| before.entered);
        let after = Conversation { entered, contact_groups, marks, custom_mark, updated: Timestamp::default() };
        self.count(before.as_ref(), &after)?;
        self.head.entered = self.head.entered.max(entered);
        let updated = self.stamp();
        self.changed.insert(id.clone(), (!after.is_bare()).then_some(Conversation { updated, ..after }));
        Ok(())
    }

    /// Keeps the three numbers of conversations, each within its limit.
    fn count(&mut self, before: Option<&Conversation>, after: &Conversation) -> Result<(), ItemRefusal> {
        let limits = &self.context.settings.limits;
        let was = |is: fn(&Conversation) -> bool| before.is_some_and(is);
        let counted = |count: u64, was: bool, is: bool, max: u64| match (was, is) {
            (false, true) if count >= max => Err(ItemRefusal::TooManyConversations { max }),
            (false, true) => Ok(count + 1),
            (true, false) => Ok(count.saturating_sub(1)),
            _ => Ok(count),
        };
        let in_group = |one: &Conversation| !one.contact_groups.is_empty();
        let head = &self.head;
        let conversations = counted(head.conversations, before.is_some(), !after.is_bare(), limits.conversations)?;
        let grouped = counted(head.grouped, was(in_group), in_group(after), limits.grouped_conversations)?;
        let marked =
            counted(head.marked, was(Conversation::is_marked), after.is_marked(), limits.marked_conversations)?;
        (self.head.conversations, self.head.grouped, self.head.marked) = (conversations, grouped, marked);
        Ok(())
    }

    fn require_other_side(&self, id: &ConversationId) -> Result<(), ItemRefusal> {
        match id {
            ConversationId::User(user) if !account_exists(user, self.view, self.context) => {
                Err(ItemRefusal::UserNotImported(user.clone()))
            }
            ConversationId::ChatGroup(group)
                if self.context.settings.chat_groups == DirectoryKept::Here
                    && self.view.chat_group(group).is_none() =>
            {
                Err(ItemRefusal::NoSuchChatGroup(group.clone()))
            }
            _ => Ok(()),
        }
    }

    /// Adds a conversation to a contact group; one that is in it stays as it is.
    pub(crate) fn add(&mut self, id: &ConversationId, group: ContactGroupId) -> Result<(), ItemRefusal> {
        let mut wanted = self.sorting(id);
        if let Err(place) = wanted.contact_groups.binary_search(&group) {
            wanted.contact_groups.insert(place, group);
        }
        self.sort(id, wanted, true)
    }

    /// Removes a conversation from a contact group; one that is not in it stays as it is.
    pub(crate) fn remove(&mut self, id: &ConversationId, group: ContactGroupId) -> Result<(), ItemRefusal> {
        let mut wanted = self.sorting(id);
        wanted.contact_groups.retain(|one| *one != group);
        self.sort(id, wanted, false)
    }

    /// The changes. The head comes with any of them.
    pub(crate) fn finish(self) -> Vec<Change> {
        let mut changes = Vec::with_capacity(self.changed.len() + 1);
        for (id, after) in self.changed {
            let before = self.view.conversation(self.user, &id).cloned();
            if before != after {
                changes.push(Change::Conversation { user: self.user.clone(), id, before, after });
            }
        }
        if !changes.is_empty() || self.head != self.before {
            debug_assert_eq!(self.head.check(), Ok(()));
            changes.push(Change::Head(self.user.clone(), self.head));
        }
        changes
    }
}

/// The footprint of a command on these conversations of a user, each with whether the command may add to it: only what adds asks for
/// the other side too.
pub(crate) fn conversations_footprint<'a>(
    user: &UserId,
    ids: impl Iterator<Item = (&'a ConversationId, bool)>,
) -> crate::footprint::Footprint {
    let mut footprint = crate::footprint::Footprint { users: vec![user.clone()], ..Default::default() };
    for (id, adds) in ids {
        footprint.conversations.push((user.clone(), id.clone()));
        match id {
            _ if !adds => {}
            ConversationId::User(other) => footprint.accounts.push(other.clone()),
            ConversationId::ChatGroup(group) => footprint.chat_groups.push(group.clone()),
        }
    }
    footprint
}
