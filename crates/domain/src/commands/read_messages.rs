//! `admin_set_msg_read`, `set_unread_msg_num`: how much of a conversation is read. Reading neither makes nor moves a recent contact.

use super::members::{existing, require_correspondent};
use crate::command::{Command, Context, Outcome};
use crate::footprint::Footprint;
use crate::ids::{ChatGroupId, ConversationId, UserId};
use crate::recent_edit::RecentEdit;
use crate::refusal::{Correspondent, Refusal};
use crate::time::Timestamp;
use crate::view::View;

/// A user has read the messages of another.
#[derive(Debug)]
pub struct ReadMessages {
    /// Who has read.
    pub user: UserId,
    /// Whose messages.
    pub peer: UserId,
    /// Up to which time; all where it was not given.
    pub until: Option<Timestamp>,
}

/// Says how many messages of a chat group a member has not read.
#[derive(Debug)]
pub struct SetUnread {
    /// The chat group.
    pub id: ChatGroupId,
    /// The member.
    pub user: UserId,
    /// How many; as many as there are at most (1047/34909).
    pub unread: u64,
}

impl Command for ReadMessages {
    type Reply = ();

    fn footprint(&self) -> Footprint {
        Footprint {
            users: vec![self.user.clone()],
            accounts: vec![self.peer.clone()],
            recent_contacts: vec![(self.user.clone(), ConversationId::User(self.peer.clone()))],
            ..Footprint::default()
        }
    }

    fn apply(&self, view: &View, context: &Context) -> Result<Outcome<()>, Refusal> {
        require_correspondent(Correspondent::Reader, &self.user, view, context)?;
        require_correspondent(Correspondent::Peer, &self.peer, view, context)?;
        let mut edit = RecentEdit::new(view);
        let after = edit.of(&self.user, &ConversationId::User(self.peer.clone()));
        // Only the number of unread messages is kept: one that came after that time leaves it as it is.
        if self.until.is_none_or(|until| after.arrived <= until) {
            (after.unread, after.arrived) = (0, Timestamp::default());
        }
        Ok(Outcome { reply: (), changes: edit.finish() })
    }
}

impl Command for SetUnread {
    type Reply = ();

    fn footprint(&self) -> Footprint {
        Footprint {
            users: vec![self.user.clone()],
            chat_groups: vec![self.id.clone()],
            members: vec![(self.id.clone(), self.user.clone())],
            recent_contacts: vec![(self.user.clone(), ConversationId::ChatGroup(self.id.clone()))],
            ..Footprint::default()
        }
    }

    fn apply(&self, view: &View, _: &Context) -> Result<Outcome<()>, Refusal> {
        let chat_group = existing(&self.id, view)?;
        let not_in = || Refusal::NotAMember { field: "Member_Account", user: self.user.clone() };
        let member = view.member(&self.id, &self.user).ok_or_else(not_in)?;
        let mut edit = RecentEdit::new(view);
        let after = edit.of(&self.user, &ConversationId::ChatGroup(self.id.clone()));
        after.read = chat_group.messages.saturating_sub(self.unread).max(member.since);
        Ok(Outcome { reply: (), changes: edit.finish() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{AddMembers, ChatGroupIdWanted, CreateChatGroup, SendChatGroupMessage};
    use crate::testing::{World, chat_group, user, with};

    fn read(world: &mut World, until: Option<u64>) -> u64 {
        let until = until.map(Timestamp);
        world.run(&ReadMessages { user: user("a"), peer: user("b"), until }).unwrap();
        assert_eq!(world.recent_contact("a", &with("b")).unread, world.head("a").unread);
        world.head("a").unread
    }

    #[test]
    fn r_089_a_time_before_the_last_message_leaves_the_unread_ones_as_they_are() {
        let mut world = World::with_accounts(&["a", "b"]);
        world.say("b", "a");
        world.say("b", "a");
        let sent = world.now().0;
        let before = world.recents("a");
        assert_eq!(read(&mut world, Some(sent - 1)), 2);
        assert_eq!(read(&mut world, Some(sent)), 0);
        world.say("b", "a");
        assert_eq!(read(&mut world, None), 0);
        assert_eq!(world.recents("a").list.len(), before.list.len(), "reading takes nothing out of the list");
        assert_eq!(read(&mut world, None), 0);
    }

    #[test]
    fn reading_makes_no_recent_contact_and_both_sides_are_imported() {
        let mut world = World::with_accounts(&["a", "b"]);
        read(&mut world, None);
        assert!(world.recents("a").list.is_empty());
        for (reader, peer, field) in [("x", "b", Correspondent::Reader), ("a", "x", Correspondent::Peer)] {
            let command = ReadMessages { user: user(reader), peer: user(peer), until: None };
            let refused = Refusal::NoSuchCorrespondent { field, user: user("x") };
            assert_eq!(world.run(&command), Err(refused));
        }
    }

    #[test]
    fn as_many_are_unread_in_a_chat_group_as_came_since_the_member_joined_at_most() {
        let mut world = World::with_accounts(&["a", "b"]);
        let id = ChatGroupIdWanted::Given(chat_group("g"));
        let (kind, name, owner) = ("Public".into(), "g".into(), Some(user("a")));
        world.run(&CreateChatGroup { id, kind, name, owner, members_max: None, members: Vec::new() }).unwrap();
        let send = |world: &mut World| {
            let (id, from) = (chat_group("g"), user("a"));
            let message = SendChatGroupMessage { id, from, random: 1, listed: true, online_only: false, to: None };
            world.run(&message).unwrap();
        };
        for _ in 0..3 {
            send(&mut world);
        }
        let set = |unread| SetUnread { id: chat_group("g"), user: user("b"), unread };
        let not_in = Refusal::NotAMember { field: "Member_Account", user: user("b") };
        assert_eq!(world.run(&set(1)), Err(not_in));
        world.run(&AddMembers { id: chat_group("g"), users: vec![Ok(user("b"))] }).unwrap();
        for _ in 0..4 {
            send(&mut world);
        }
        let group = ConversationId::ChatGroup(chat_group("g"));
        for (unread, read) in [(0, 7), (2, 5), (4, 3), (5, 3), (u64::MAX, 3)] {
            world.run(&set(unread)).unwrap();
            assert_eq!(world.recent_contact("b", &group).read, read, "{unread} unread");
        }
    }
}
