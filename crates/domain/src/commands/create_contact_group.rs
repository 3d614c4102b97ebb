//! `create_contact_group`: makes a contact group, or takes the one of that name, and puts conversations into it.

use super::ItemResult;
use crate::command::{Command, Context, Outcome};
use crate::edit::{UserEdit, conversations_footprint};
use crate::footprint::Footprint;
use crate::head::ContactGroup;
use crate::ids::{ContactGroupId, ContactGroupName, ConversationId, UserId};
use crate::refusal::{ItemRefusal, Refusal};
use crate::view::View;

/// The command. An item that was malformed on the wire keeps its place as its refusal.
#[derive(Debug)]
pub struct CreateContactGroup {
    /// Whose data.
    pub user: UserId,
    /// The name.
    pub name: ContactGroupName,
    /// The conversations to put into it.
    pub items: Vec<Result<ConversationId, ItemRefusal>>,
}

/// The contact group, and what became of each item.
#[derive(Debug, PartialEq, Eq)]
pub struct ContactGroupCreated {
    /// The contact group.
    pub group: ContactGroup,
    /// The items' results, in their order.
    pub items: Vec<ItemResult>,
}

impl Command for CreateContactGroup {
    type Reply = ContactGroupCreated;

    fn footprint(&self) -> Footprint {
        conversations_footprint(&self.user, self.items.iter().flatten().map(|id| (id, true)))
    }

    fn apply(&self, view: &View, context: &Context) -> Result<Outcome<Self::Reply>, Refusal> {
        let mut edit = UserEdit::open(&self.user, view, context)?;
        let group = if let Some(group) = edit.head.contact_group(self.name.as_str()) {
            group.clone()
        } else {
            let max = context.settings.limits.contact_groups;
            if edit.head.contact_groups.len() as u64 >= max {
                return Err(Refusal::TooManyContactGroups { max });
            }
            edit.head.contact_group_id += 1;
            let group = ContactGroup { id: ContactGroupId(edit.head.contact_group_id), name: self.name.clone() };
            edit.head.contact_groups.push(group.clone());
            group
        };
        let mut items = Vec::with_capacity(self.items.len());
        for item in &self.items {
            items.push(item.as_ref().map_err(Clone::clone).and_then(|id| edit.add(id, group.id)));
        }
        Ok(Outcome { reply: ContactGroupCreated { group, items }, changes: edit.finish() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{World, user, with};

    fn create(name: &str, items: &[&str]) -> CreateContactGroup {
        CreateContactGroup {
            user: user("a"),
            name: ContactGroupName::new(name).unwrap(),
            items: items.iter().map(|id| Ok(with(id))).collect(),
        }
    }

    #[test]
    fn ids_are_1_2_3_and_are_not_given_again_after_a_deletion() {
        let mut world = World::with_accounts(&["a"]);
        assert_eq!(world.run(&create("x", &[])).unwrap().group.id.0, 1);
        assert_eq!(world.run(&create("y", &[])).unwrap().group.id.0, 2);
        world.run(&super::super::DeleteContactGroup { user: user("a"), name: "y".into() }).unwrap();
        assert_eq!(world.run(&create("y", &[])).unwrap().group.id.0, 3);
    }

    #[test]
    fn creating_a_group_that_exists_answers_with_its_id_and_adds_the_conversations() {
        let mut world = World::with_accounts(&["a", "p", "q"]);
        world.run(&create("x", &["p"])).unwrap();
        let done = world.run(&create("x", &["p", "q"])).unwrap();
        assert_eq!(done.group.id.0, 1);
        assert_eq!(done.items, [Ok(()), Ok(())]);
        assert_eq!(world.head("a").conversations, 2);
    }

    #[test]
    fn the_group_stands_even_where_every_item_failed() {
        let mut world = World::with_accounts(&["a"]);
        let done = world.run(&create("x", &["ghost"])).unwrap();
        assert_eq!(done.items, [Err(ItemRefusal::UserNotImported(user("ghost")))]);
        assert_eq!(world.head("a").contact_groups.len(), 1);
    }

    #[test]
    fn one_group_over_the_limit_is_refused_and_nothing_changes() {
        let mut world = World::with_accounts(&["a", "p"]);
        for name in ["x", "y", "z"] {
            world.run(&create(name, &[])).unwrap();
        }
        let before = world.head("a");
        assert_eq!(world.run(&create("w", &["p"])), Err(Refusal::TooManyContactGroups { max: 3 }));
        assert_eq!(world.head("a"), before);
        assert!(world.run(&create("x", &["p"])).is_ok(), "one that exists needs no room");
    }

    #[test]
    fn a_conversation_over_the_limit_is_refused_alone() {
        let ids = ["b", "c", "d", "e", "f", "g", "h"];
        let mut world = World::with_accounts(&["a", "b", "c", "d", "e", "f", "g", "h"]);
        let done = world.run(&create("x", &ids)).unwrap();
        assert!(done.items.iter().take(6).all(Result::is_ok));
        assert_eq!(done.items.last(), Some(&Err(ItemRefusal::TooManyConversations { max: 6 })));
    }

    #[test]
    fn who_is_not_imported_has_no_data() {
        let mut world = World::with_accounts(&[]);
        assert_eq!(world.run(&create("x", &[])), Err(Refusal::NotImported(user("a"))));
    }
}
