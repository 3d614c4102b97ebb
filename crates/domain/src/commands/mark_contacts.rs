//! `mark_contact`: sets and clears standard marks and the custom mark.

use super::ItemResult;
use crate::command::{Command, Context, Outcome};
use crate::edit::{UserEdit, conversations_footprint};
use crate::footprint::Footprint;
use crate::ids::{ConversationId, UserId};
use crate::marks::{CustomMark, MarkSet};
use crate::refusal::{ItemRefusal, Refusal};
use crate::view::View;

/// What to do with one conversation's marks. `clear` comes before `set`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marking {
    /// The marks to clear.
    pub clear: MarkSet,
    /// The marks to set.
    pub set: MarkSet,
    /// The custom mark.
    pub custom_mark: CustomMarking,
}

/// What to do with a conversation's custom mark.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum CustomMarking {
    /// Leave it as it is.
    #[default]
    Keep,
    /// Clear it.
    Clear,
    /// Set it.
    Set(CustomMark),
}

impl Marking {
    /// Whether it may add something that is not there.
    fn may_add(&self) -> bool {
        !self.set.is_empty() || matches!(self.custom_mark, CustomMarking::Set(_))
    }
}

/// The command. An item that was malformed on the wire keeps its place as its refusal.
#[derive(Debug)]
pub struct MarkContacts {
    /// Whose data.
    pub user: UserId,
    /// The conversations and what to do with each.
    pub items: Vec<Result<(ConversationId, Marking), ItemRefusal>>,
}

impl Command for MarkContacts {
    type Reply = Vec<ItemResult>;

    fn footprint(&self) -> Footprint {
        conversations_footprint(&self.user, self.items.iter().flatten().map(|(id, marking)| (id, marking.may_add())))
    }

    fn apply(&self, view: &View, context: &Context) -> Result<Outcome<Self::Reply>, Refusal> {
        let mut edit = UserEdit::open(&self.user, view, context)?;
        let mut reply = Vec::with_capacity(self.items.len());
        for item in &self.items {
            reply.push(match item {
                Ok((id, marking)) => mark(&mut edit, id, marking),
                Err(refusal) => Err(refusal.clone()),
            });
        }
        Ok(Outcome { reply, changes: edit.finish() })
    }
}

fn mark(edit: &mut UserEdit<'_>, id: &ConversationId, marking: &Marking) -> ItemResult {
    let now = edit.sorting(id);
    let mut wanted = now.clone();
    wanted.marks = now.marks.without(marking.clear).with(marking.set);
    match &marking.custom_mark {
        CustomMarking::Keep => {}
        CustomMarking::Clear => wanted.custom_mark = None,
        CustomMarking::Set(custom_mark) => wanted.custom_mark = Some(custom_mark.clone()),
    }
    let adds_marks = !wanted.marks.without(now.marks).is_empty();
    let adds_custom_mark = wanted.custom_mark.is_some() && wanted.custom_mark != now.custom_mark;
    edit.sort(id, wanted, adds_marks || adds_custom_mark)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{World, marks, user, with};

    fn one(world: &mut World, id: &str, clear: &[i64], set: &[i64], custom: Option<&str>) -> ItemResult {
        let custom_mark = match custom.map(CustomMark::new) {
            None => CustomMarking::Keep,
            Some(Err(_)) => CustomMarking::Clear,
            Some(Ok(custom_mark)) => CustomMarking::Set(custom_mark),
        };
        let marking = Marking { clear: marks(clear), set: marks(set), custom_mark };
        world.run(&MarkContacts { user: user("a"), items: vec![Ok((with(id), marking))] }).unwrap().remove(0)
    }

    #[test]
    fn clear_is_applied_before_set() {
        let mut world = World::with_accounts(&["a", "p"]);
        one(&mut world, "p", &[], &[1, 2, 3], None).unwrap();
        one(&mut world, "p", &[1, 2], &[64, 2], None).unwrap();
        assert_eq!(world.conversation("a", "p").unwrap().marks, marks(&[2, 3, 64]));
    }

    #[test]
    fn the_empty_text_clears_the_custom_mark_and_leaving_it_out_leaves_it() {
        let mut world = World::with_accounts(&["a", "p"]);
        one(&mut world, "p", &[], &[1], Some("m")).unwrap();
        one(&mut world, "p", &[], &[2], None).unwrap();
        assert_eq!(world.conversation("a", "p").unwrap().custom_mark.unwrap().as_str(), "m");
        one(&mut world, "p", &[], &[], Some("")).unwrap();
        assert_eq!(world.conversation("a", "p").unwrap().custom_mark, None);
        one(&mut world, "p", &[1, 2], &[], None).unwrap();
        assert_eq!(world.conversation("a", "p"), None, "what has neither a group nor a mark is not in the data");
    }

    #[test]
    fn only_what_adds_asks_whether_the_other_side_exists_and_a_refused_item_changes_nothing() {
        let mut world = World::with_accounts(&["a", "p"]);
        one(&mut world, "p", &[], &[3], Some("m")).unwrap();
        world.forget_account("p");
        let gone = Err(ItemRefusal::UserNotImported(user("p")));
        assert_eq!(one(&mut world, "p", &[], &[3], Some("m")), Ok(()));
        assert_eq!(one(&mut world, "p", &[3], &[3], None), Ok(()), "cleared and set again is as it was");
        assert_eq!(one(&mut world, "p", &[3], &[4], None), gone);
        assert_eq!(one(&mut world, "p", &[3], &[], Some("n")), gone);
        assert_eq!(world.conversation("a", "p").unwrap().marks, marks(&[3]));
        assert_eq!(one(&mut world, "p", &[3], &[], Some("")), Ok(()));
        assert_eq!(one(&mut world, "ghost", &[1], &[], Some("")), Ok(()));
    }
}
