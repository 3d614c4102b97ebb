//! `update_contact_group`: renames a contact group, or moves conversations into and out of it.

use super::ItemResult;
use crate::command::{Command, Context, Outcome};
use crate::edit::{UserEdit, conversations_footprint};
use crate::footprint::Footprint;
use crate::head::ContactGroup;
use crate::ids::{ContactGroupName, ConversationId, UserId};
use crate::refusal::{ItemRefusal, Refusal, Shown};
use crate::view::View;

/// One conversation's move.
#[derive(Debug, Clone)]
pub enum Move {
    /// Into the group (`ContactOptType` 1).
    Add(ConversationId),
    /// Out of the group (`ContactOptType` 2).
    Remove(ConversationId),
}

impl Move {
    fn conversation(&self) -> &ConversationId {
        match self {
            Self::Add(id) | Self::Remove(id) => id,
        }
    }
}

/// The command: a request does one thing.
#[derive(Debug)]
pub enum UpdateContactGroup {
    /// Gives the group of one name another.
    Rename {
        /// Whose data.
        user: UserId,
        /// The name it has, of any length.
        from: Box<str>,
        /// The name it gets.
        to: ContactGroupName,
    },
    /// Moves conversations, in their order.
    Conversations {
        /// Whose data.
        user: UserId,
        /// The name of the group, of any length.
        name: Box<str>,
        /// The moves. One that was malformed on the wire keeps its place as its refusal.
        items: Vec<Result<Move, ItemRefusal>>,
    },
}

/// The contact group as it is now, and what became of each item.
#[derive(Debug, PartialEq, Eq)]
pub struct ContactGroupUpdated {
    /// The contact group.
    pub group: ContactGroup,
    /// The items' results, in their order; none for a rename.
    pub items: Vec<ItemResult>,
}

impl Command for UpdateContactGroup {
    type Reply = ContactGroupUpdated;

    fn footprint(&self) -> Footprint {
        match self {
            Self::Rename { user, .. } => Footprint { users: vec![user.clone()], ..Footprint::default() },
            Self::Conversations { user, items, .. } => {
                let moves = items.iter().flatten();
                conversations_footprint(user, moves.map(|one| (one.conversation(), matches!(one, Move::Add(_)))))
            }
        }
    }

    fn apply(&self, view: &View, context: &Context) -> Result<Outcome<Self::Reply>, Refusal> {
        match self {
            Self::Rename { user, from, to } => rename(UserEdit::open(user, view, context)?, from, to),
            Self::Conversations { user, name, items } => {
                move_conversations(UserEdit::open(user, view, context)?, name, items)
            }
        }
    }
}

fn rename(mut edit: UserEdit<'_>, from: &str, to: &ContactGroupName) -> Result<Outcome<ContactGroupUpdated>, Refusal> {
    let group = existing(&edit, from)?;
    if let Some(other) = edit.head.contact_group(to.as_str())
        && other.id != group.id
    {
        return Err(Refusal::ContactGroupNameTaken(Shown::new(to.as_str())));
    }
    let group = ContactGroup { id: group.id, name: to.clone() };
    if let Some(place) = edit.head.contact_groups.iter_mut().find(|one| one.id == group.id) {
        place.name = to.clone();
    }
    Ok(Outcome { reply: ContactGroupUpdated { group, items: Vec::new() }, changes: edit.finish() })
}

fn move_conversations(
    mut edit: UserEdit<'_>,
    name: &str,
    moves: &[Result<Move, ItemRefusal>],
) -> Result<Outcome<ContactGroupUpdated>, Refusal> {
    let group = existing(&edit, name)?;
    let mut items = Vec::with_capacity(moves.len());
    for one in moves {
        items.push(match one {
            Ok(Move::Add(id)) => edit.add(id, group.id),
            Ok(Move::Remove(id)) => edit.remove(id, group.id),
            Err(refusal) => Err(refusal.clone()),
        });
    }
    Ok(Outcome { reply: ContactGroupUpdated { group, items }, changes: edit.finish() })
}

fn existing(edit: &UserEdit<'_>, name: &str) -> Result<ContactGroup, Refusal> {
    let group = edit.head.contact_group(name).cloned();
    group.ok_or_else(|| Refusal::NoSuchContactGroup { field: "UpdateGroup.OldGroupName", name: Shown::new(name) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::CreateContactGroup;
    use crate::testing::{World, user, with};

    fn world() -> World {
        let mut world = World::with_accounts(&["a", "p", "q"]);
        for name in ["x", "y"] {
            let name = ContactGroupName::new(name).unwrap();
            world.run(&CreateContactGroup { user: user("a"), name, items: Vec::new() }).unwrap();
        }
        world
    }

    fn rename(from: &str, to: &str) -> UpdateContactGroup {
        UpdateContactGroup::Rename { user: user("a"), from: from.into(), to: ContactGroupName::new(to).unwrap() }
    }

    fn moves(name: &str, items: Vec<Move>) -> UpdateContactGroup {
        UpdateContactGroup::Conversations {
            user: user("a"),
            name: name.into(),
            items: items.into_iter().map(Ok).collect(),
        }
    }

    fn none_named(name: &str) -> Refusal {
        Refusal::NoSuchContactGroup { field: "UpdateGroup.OldGroupName", name: Shown::new(name) }
    }

    #[test]
    fn a_rename_keeps_the_id_and_changes_no_conversation() {
        let mut world = world();
        world.run(&moves("x", vec![Move::Add(with("p"))])).unwrap();
        let before = world.conversation("a", "p").unwrap();
        world.advance(5);
        let done = world.run(&rename("x", "z")).unwrap();
        assert_eq!((done.group.id.0, done.group.name.as_str(), done.items.len()), (1, "z", 0));
        assert_eq!(world.conversation("a", "p").unwrap(), before);
    }

    #[test]
    fn a_rename_to_the_same_name_succeeds_to_anothers_is_refused_and_of_none_is_no_such_group() {
        let mut world = world();
        assert!(world.run(&rename("x", "x")).is_ok());
        assert_eq!(world.run(&rename("x", "y")), Err(Refusal::ContactGroupNameTaken(Shown::new("y"))));
        assert_eq!(world.run(&rename("no", "no")), Err(none_named("no")));
        assert_eq!(world.run(&rename("no", "y")), Err(none_named("no")));
    }

    #[test]
    fn items_are_applied_in_their_order() {
        let mut world = world();
        let p = || with("p");
        world.run(&moves("x", vec![Move::Add(p()), Move::Add(with("q")), Move::Remove(p()), Move::Add(p())])).unwrap();
        assert!(world.conversation("a", "p").unwrap().entered > world.conversation("a", "q").unwrap().entered);
    }

    #[test]
    fn what_changes_nothing_leaves_the_timestamp_and_asks_nobody() {
        let mut world = world();
        world.run(&moves("x", vec![Move::Add(with("p"))])).unwrap();
        world.forget_account("p");
        world.advance(5);
        let before = world.conversation("a", "p").unwrap();
        let done = world.run(&moves("x", vec![Move::Add(with("p")), Move::Remove(with("ghost"))])).unwrap();
        assert_eq!(done.items, [Ok(()), Ok(())]);
        assert_eq!(world.conversation("a", "p").unwrap(), before);
        let done = world.run(&moves("y", vec![Move::Add(with("p"))])).unwrap();
        assert_eq!(done.items, [Err(ItemRefusal::UserNotImported(user("p")))]);
    }

    #[test]
    fn removing_asks_nobody_and_what_has_nothing_left_leaves_the_data() {
        let mut world = world();
        world.run(&moves("x", vec![Move::Add(with("p"))])).unwrap();
        world.forget_account("p");
        assert_eq!(world.run(&moves("x", vec![Move::Remove(with("p"))])).unwrap().items, [Ok(())]);
        assert_eq!(world.conversation("a", "p"), None);
        assert_eq!(world.head("a").conversations, 0);
    }

    #[test]
    fn a_timestamp_never_steps_back() {
        let mut world = world();
        world.run(&moves("x", vec![Move::Add(with("p"))])).unwrap();
        let first = world.conversation("a", "p").unwrap().updated;
        world.set_back(100);
        world.run(&moves("x", vec![Move::Add(with("q"))])).unwrap();
        assert_eq!(world.conversation("a", "q").unwrap().updated, first);
    }
}
