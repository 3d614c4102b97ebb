//! `recentcontact/delete`: takes a conversation out of the list of recent contacts, until its next message. Contact groups and marks stay
//!

use crate::change::Change;
use crate::command::{Command, Context, Outcome};
use crate::edit::require_imported;
use crate::footprint::Footprint;
use crate::ids::{ConversationId, UserId};
use crate::recent_edit::RecentEdit;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{ChatGroupIdWanted, CreateChatGroup, SendChatGroupMessage};
    use crate::commands::{MarkContacts, Marking, PinConversations, SetUnread};
    use crate::marks::MarkSet;
    use crate::testing::{World, chat_group, user, with};

    fn delete(world: &mut World, id: ConversationId) {
        world.run(&DeleteRecentContact { user: user("a"), id }).unwrap();
    }

    #[test]
    fn r_084_it_goes_with_its_pin_and_unread_messages_until_the_next_and_its_marks_stay() {
        let mut world = World::with_accounts(&["a", "b"]);
        world.say("b", "a");
        world.run(&PinConversations { user: user("a"), pinned: true, ids: vec![with("b")] }).unwrap();
        let star = Marking { set: MarkSet(1), ..Marking::default() };
        world.run(&MarkContacts { user: user("a"), items: vec![Ok((with("b"), star))] }).unwrap();
        let marked = world.conversation("a", "b");
        delete(&mut world, with("b"));
        assert_eq!((world.recents("a").list, world.pins("a").list, world.head("a").unread), (vec![], vec![], 0));
        assert_eq!(world.conversation("a", "b"), marked);
        assert_eq!(world.recents("b").list.len(), 1, "the other's list is its own");
        delete(&mut world, with("b"));
        world.say("b", "a");
        let again = world.recents("a").list;
        assert_eq!((again[0].pinned, again[0].sorted.clone(), world.head("a").unread), (None, marked, 1));
    }

    #[test]
    fn r_084_one_of_a_chat_group_is_gone_up_to_its_last_message_and_keeps_what_is_read() {
        let mut world = World::with_accounts(&["a"]);
        let id = ChatGroupIdWanted::Given(chat_group("g"));
        let owner = Some(user("a"));
        let (kind, name) = ("Public".into(), "g".into());
        world.run(&CreateChatGroup { id, kind, name, owner, members_max: None, members: Vec::new() }).unwrap();
        let (id, from) = (chat_group("g"), user("a"));
        let message = SendChatGroupMessage { id, from, random: 1, listed: true, online_only: false, to: None };
        for _ in 0..3 {
            world.run(&message).unwrap();
        }
        world.run(&SetUnread { id: chat_group("g"), user: user("a"), unread: 1 }).unwrap();
        let group = ConversationId::ChatGroup(chat_group("g"));
        delete(&mut world, group.clone());
        let kept = world.recent_contact("a", &group);
        assert_eq!((kept.deleted, kept.read, world.recents("a").list.len()), (3, 2, 0));
        world.run(&message).unwrap();
        assert_eq!(world.recents("a").list.len(), 1);
    }

    #[test]
    fn a_pin_alone_is_taken_out_and_who_is_not_imported_has_no_list() {
        let mut world = World::with_accounts(&["a"]);
        world.run(&PinConversations { user: user("a"), pinned: true, ids: vec![with("x"), with("y")] }).unwrap();
        delete(&mut world, with("x"));
        assert_eq!(world.pins("a").list.iter().map(|pin| &pin.id).collect::<Vec<_>>(), [&with("y")]);
        let nobody = DeleteRecentContact { user: user("n"), id: with("a") };
        assert_eq!(world.run(&nobody), Err(Refusal::NotImported(user("n"))));
    }
}
