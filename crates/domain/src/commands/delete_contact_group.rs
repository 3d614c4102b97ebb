//! `del_contact_group`: deletes a contact group. Its conversations leave it; those with nothing else leave the data.

use crate::command::{Command, Context, Outcome};
use crate::edit::UserEdit;
use crate::footprint::{Footprint, Range};
use crate::head::ContactGroup;
use crate::ids::UserId;
use crate::refusal::{Refusal, Shown};
use crate::view::View;

/// The command.
#[derive(Debug)]
pub struct DeleteContactGroup {
    /// Whose data.
    pub user: UserId,
    /// The name, of any length.
    pub name: Box<str>,
}

impl Command for DeleteContactGroup {
    type Reply = ContactGroup;

    fn footprint(&self) -> Footprint {
        Footprint {
            users: vec![self.user.clone()],
            ranges: vec![Range::InContactGroup(self.user.clone(), self.name.clone())],
            ..Footprint::default()
        }
    }

    fn apply(&self, view: &View, context: &Context) -> Result<Outcome<Self::Reply>, Refusal> {
        let mut edit = UserEdit::open(&self.user, view, context)?;
        let group = edit.head.contact_group(&self.name).cloned();
        let none = || Refusal::NoSuchContactGroup { field: "GroupName", name: Shown::new(&self.name) };
        let group = group.ok_or_else(none)?;
        edit.head.contact_groups.retain(|one| one.id != group.id);
        for (id, _) in view.conversations_of(&self.user) {
            let removed = edit.remove(id, group.id);
            debug_assert_eq!(removed, Ok(()), "removing is never refused");
        }
        Ok(Outcome { reply: group, changes: edit.finish() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{CreateContactGroup, CustomMarking, MarkContacts, Marking};
    use crate::ids::ContactGroupName;
    use crate::marks::MarkSet;
    use crate::testing::{World, user, with};

    #[test]
    fn deleting_a_folder_does_not_lose_a_star_and_stamps_each_conversation_that_was_in_it() {
        let mut world = World::with_accounts(&["a", "p", "q", "r"]);
        for (name, items) in [("x", vec!["p", "q"]), ("y", vec!["r"])] {
            let items = items.into_iter().map(|id| Ok(with(id))).collect();
            let name = ContactGroupName::new(name).unwrap();
            world.run(&CreateContactGroup { user: user("a"), name, items }).unwrap();
        }
        let star = Marking { clear: MarkSet::EMPTY, set: MarkSet(1), custom_mark: CustomMarking::Keep };
        world.run(&MarkContacts { user: user("a"), items: vec![Ok((with("p"), star))] }).unwrap();
        let other = world.conversation("a", "r").unwrap();
        world.advance(7);
        let gone = world.run(&DeleteContactGroup { user: user("a"), name: "x".into() }).unwrap();
        assert_eq!(gone.id.0, 1);
        let kept = world.conversation("a", "p").unwrap();
        assert!(kept.contact_groups.is_empty());
        assert_eq!((kept.marks, kept.updated), (MarkSet(1), world.now()));
        assert_eq!(world.conversation("a", "q"), None);
        assert_eq!(world.conversation("a", "r").unwrap(), other);
        let again = world.run(&DeleteContactGroup { user: user("a"), name: "x".into() });
        assert_eq!(again, Err(Refusal::NoSuchContactGroup { field: "GroupName", name: Shown::new("x") }));
    }
}
