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
                if self.context.settings.chat_groups == DirectoryKept::Here && !self.view.chat_group_exists(group) =>
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
            ConversationId::ChatGroup(group) => footprint.existing_chat_groups.push(group.clone()),
        }
    }
    footprint
}

#[cfg(test)]
mod tests {
    use crate::commands::{
        CreateContactGroup, CustomMarking, DeleteContactGroup, ItemResult, MarkContacts, Marking, Move,
        UpdateContactGroup,
    };
    use crate::ids::ContactGroupName;
    use crate::marks::{CustomMark, MarkSet};
    use crate::refusal::ItemRefusal;
    use crate::testing::{World, user, with};
    use proptest::collection::vec;
    use proptest::prelude::*;

    const PEERS: [&str; 8] = ["b", "c", "d", "e", "f", "g", "h", "i"];

    fn add(world: &mut World, group: &str, ids: &[&str]) -> Vec<ItemResult> {
        let items = ids.iter().map(|id| Ok(with(id))).collect();
        let name = ContactGroupName::new(group).unwrap();
        world.run(&CreateContactGroup { user: user("a"), name, items }).unwrap().items
    }

    fn remove(world: &mut World, group: &str, id: &str) {
        let items = vec![Ok(Move::Remove(with(id)))];
        let _absent = world.run(&UpdateContactGroup::Conversations { user: user("a"), name: group.into(), items });
    }

    fn mark(world: &mut World, id: &str, clear: u64, set: u64, custom_mark: CustomMarking) -> ItemResult {
        let marking = Marking { clear: MarkSet(clear), set: MarkSet(set), custom_mark };
        world.run(&MarkContacts { user: user("a"), items: vec![Ok((with(id), marking))] }).unwrap().remove(0)
    }

    /// The conversations in the data, in contact groups, and with marks, as the head counts them.
    fn counted(world: &World) -> (u64, u64, u64) {
        let head = world.head("a");
        (head.conversations, head.grouped, head.marked)
    }

    fn world() -> World {
        let mut world = World::with_accounts(&[&["a"][..], &PEERS].concat());
        for name in ["limit.conversations", "limit.contact_groups"] {
            world.set(name, "100");
        }
        world
    }

    #[test]
    fn a_conversation_counts_where_it_is_in_the_data_in_groups_and_with_marks_once_each() {
        let mut world = world();
        add(&mut world, "x", &["b"]);
        assert_eq!(counted(&world), (1, 1, 0));
        add(&mut world, "y", &["b"]);
        assert_eq!(counted(&world), (1, 1, 0));
        mark(&mut world, "b", 0, 1, CustomMarking::Keep).unwrap();
        mark(&mut world, "b", 0, 2, CustomMarking::Set(CustomMark::new("m").unwrap())).unwrap();
        assert_eq!(counted(&world), (1, 1, 1));
        mark(&mut world, "b", 3, 0, CustomMarking::Keep).unwrap();
        assert_eq!(counted(&world), (1, 1, 1), "the custom mark is left");
        remove(&mut world, "x", "b");
        assert_eq!(counted(&world), (1, 1, 1), "the group y is left");
        world.run(&DeleteContactGroup { user: user("a"), name: "y".into() }).unwrap();
        assert_eq!(counted(&world), (1, 0, 1));
        mark(&mut world, "b", 0, 0, CustomMarking::Clear).unwrap();
        assert_eq!(counted(&world), (0, 0, 0));
    }

    #[test]
    fn r_090_conversations_in_groups_and_those_with_marks_have_a_limit_each() {
        let mut world = world();
        world.set("limit.grouped_conversations", "2");
        world.set("limit.marked_conversations", "1");
        let full = |max| Err(ItemRefusal::TooManyConversations { max });
        assert_eq!(add(&mut world, "x", &["b", "c", "d"]), [Ok(()), Ok(()), full(2)]);
        assert_eq!(add(&mut world, "y", &["b", "d"]), [Ok(()), full(2)], "b is in a group already");
        assert_eq!(mark(&mut world, "b", 0, 1, CustomMarking::Keep), Ok(()));
        assert_eq!(mark(&mut world, "d", 0, 1, CustomMarking::Keep), full(1));
        let custom = CustomMarking::Set(CustomMark::new("m").unwrap());
        assert_eq!(mark(&mut world, "c", 0, 0, custom.clone()), full(1));
        assert_eq!(mark(&mut world, "b", 1, 0, custom), Ok(()), "one mark for another");
        assert_eq!(counted(&world), (2, 2, 1));
        assert_eq!(world.conversation("a", "d"), None, "what was refused left nothing");
        mark(&mut world, "b", 0, 0, CustomMarking::Clear).unwrap();
        assert_eq!(mark(&mut world, "d", 0, 1, CustomMarking::Keep), Ok(()), "there is room again");
        assert_eq!(counted(&world), (3, 2, 1));
    }

    proptest! {
        #[test]
        fn the_three_numbers_are_those_of_the_records(
            steps in vec((0..5_u8, 0..PEERS.len(), 0..4_u64, prop::bool::ANY), 0..60),
            grouped in 1..6_u64,
            marked in 1..6_u64,
        ) {
            let mut world = world();
            world.set("limit.grouped_conversations", &grouped.to_string());
            world.set("limit.marked_conversations", &marked.to_string());
            for (what, peer, bits, second) in steps {
                let (id, group) = (PEERS[peer], if second { "y" } else { "x" });
                match what {
                    0 => drop(add(&mut world, group, &[id])),
                    1 => remove(&mut world, group, id),
                    2 => drop(mark(&mut world, id, 0, bits, CustomMarking::Set(CustomMark::new("m").unwrap()))),
                    3 => drop(mark(&mut world, id, bits, 0, if second { CustomMarking::Clear } else { CustomMarking::Keep })),
                    _ => drop(world.run(&DeleteContactGroup { user: user("a"), name: group.into() })),
                }
                let all: Vec<_> = PEERS.iter().filter_map(|id| world.conversation("a", id)).collect();
                let in_groups = all.iter().filter(|one| !one.contact_groups.is_empty()).count() as u64;
                let with_marks = all.iter().filter(|one| one.marks.0 != 0 || one.custom_mark.is_some()).count() as u64;
                prop_assert_eq!(counted(&world), (all.len() as u64, in_groups, with_marks));
                prop_assert!(in_groups <= grouped && with_marks <= marked);
            }
        }
    }
}
