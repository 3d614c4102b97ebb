//! A user's conversations as a person looks at them: everything that sorts them at once, and who is on their other sides. No wire command
//! of `/v4` asks this.

use crate::command::{Context, Query};
use crate::edit::{account_exists, require_imported};
use crate::footprint::{Footprint, Range};
use crate::head::Head;
use crate::ids::{ConversationId, UserId};
use crate::records::LastMessage;
use crate::refusal::Refusal;
use crate::settings::DirectoryKept;
use crate::view::{Conversations, View};

/// Asks for a user's board.
#[derive(Debug)]
pub struct ReadBoard {
    /// Whose.
    pub user: UserId,
    /// How many conversations of the data at most, in the order of entry.
    pub limit: u64,
    /// How many recent contacts at most.
    pub window: u64,
}

/// A user's board.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Board {
    /// The head: account, contact groups, counts.
    pub head: Head,
    /// The conversations in the data, in the order of entry.
    pub conversations: Conversations,
    /// Whether there are more of them.
    pub more: bool,
    /// The pinned conversations, in the order of pinning.
    pub pinned: Vec<ConversationId>,
    /// The recent contacts whose last messages are not gone, the newest first.
    pub recents: Vec<(ConversationId, LastMessage)>,
}

impl Board {
    /// Every conversation of it once, ordered by kind and id.
    pub fn all(&self) -> Vec<ConversationId> {
        let sorted = self.conversations.iter().map(|(id, _)| id);
        let mut all: Vec<_> =
            sorted.chain(&self.pinned).chain(self.recents.iter().map(|(id, _)| id)).cloned().collect();
        all.sort();
        all.dedup();
        all
    }
}

impl Query for ReadBoard {
    type Reply = Board;

    fn footprint(&self) -> Footprint {
        let user = &self.user;
        Footprint {
            users: vec![user.clone()],
            pins: vec![user.clone()],
            ranges: vec![
                Range::ConversationPage { user: user.clone(), after: 0, limit: self.limit },
                Range::Recents(user.clone(), self.window),
            ],
            ..Footprint::default()
        }
    }

    fn answer(&self, view: &View, context: &Context) -> Result<Board, Refusal> {
        let head = view.head(&self.user);
        require_imported(&self.user, &head, context)?;
        let pins = view.pins(&self.user).map(|pins| pins.list.iter().map(|pin| pin.id.clone()).collect());
        let recents = view.recents.list.iter().filter(|one| one.last.expires > context.now);
        let page = &view.conversation_page;
        Ok(Board {
            head,
            conversations: page.items.clone(),
            more: page.more,
            pinned: pins.unwrap_or_default(),
            recents: recents.map(|one| (one.id.clone(), one.last)).collect(),
        })
    }
}

/// Asks who is on the other sides of conversations.
#[derive(Debug)]
pub struct OtherSides {
    /// Which.
    pub ids: Vec<ConversationId>,
}

/// The other side of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OtherSide {
    /// Whether it is there: the account is imported, the chat group not dissolved.
    pub exists: bool,
    /// What it is called, "" where nothing is known.
    pub name: Box<str>,
}

impl Query for OtherSides {
    type Reply = Vec<OtherSide>;

    fn footprint(&self) -> Footprint {
        let mut footprint = Footprint::default();
        for id in &self.ids {
            match id {
                ConversationId::User(user) => footprint.users.push(user.clone()),
                ConversationId::ChatGroup(id) => footprint.chat_groups.push(id.clone()),
            }
        }
        footprint
    }

    fn answer(&self, view: &View, context: &Context) -> Result<Self::Reply, Refusal> {
        let side = |id: &ConversationId| match id {
            ConversationId::User(user) => OtherSide {
                exists: account_exists(user, view, context),
                name: view.head(user).account.map(|account| account.nick).unwrap_or_default(),
            },
            ConversationId::ChatGroup(id) => {
                let found = view.chat_group(id);
                OtherSide {
                    exists: found.is_some() || context.settings.chat_groups == DirectoryKept::Elsewhere,
                    name: found.map(|chat_group| chat_group.name.clone()).unwrap_or_default(),
                }
            }
        };
        Ok(self.ids.iter().map(side).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{
        ChatGroupIdWanted, CreateChatGroup, CreateContactGroup, DestroyChatGroup, MarkContacts, Marking,
        PinConversations,
    };
    use crate::ids::ContactGroupName;
    use crate::testing::{World, chat_group, marks, user, with};

    fn ask(world: &World, limit: u64) -> Board {
        world.ask(&ReadBoard { user: user("ann"), limit, window: 10 }).unwrap()
    }

    #[test]
    fn a_board_has_what_is_sorted_what_is_pinned_and_what_was_last_said() {
        let mut world = World::with_accounts(&["ann", "bob", "cat", "dan"]);
        let name = ContactGroupName::new("friends").unwrap();
        world.run(&CreateContactGroup { user: user("ann"), name, items: vec![Ok(with("bob"))] }).unwrap();
        let marking = Marking { set: marks(&[1]), ..Marking::default() };
        world.run(&MarkContacts { user: user("ann"), items: vec![Ok((with("cat"), marking))] }).unwrap();
        world.run(&PinConversations { user: user("ann"), pinned: true, ids: vec![with("cat")] }).unwrap();
        world.say("ann", "dan");
        let board = ask(&world, 5);
        let ids = |list: &Conversations| list.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>();
        assert_eq!((ids(&board.conversations), board.more), (vec![with("bob"), with("cat")], false));
        assert_eq!(board.pinned, [with("cat")]);
        assert_eq!(board.recents.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>(), [with("dan")]);
        assert_eq!(board.all(), [with("bob"), with("cat"), with("dan")]);
        let first = ask(&world, 1);
        assert_eq!((ids(&first.conversations), first.more), (vec![with("bob")], true));
        let nobody = world.ask(&ReadBoard { user: user("eve"), limit: 5, window: 10 });
        assert_eq!(nobody, Err(Refusal::NotImported(user("eve"))));
    }

    #[test]
    fn a_message_that_is_gone_makes_no_recent_contact() {
        let mut world = World::with_accounts(&["ann", "bob"]);
        world.say("ann", "bob");
        assert_eq!(ask(&world, 5).recents.len(), 1);
        world.advance(8 * 24 * 3600);
        assert_eq!(ask(&world, 5).recents, []);
    }

    #[test]
    fn an_other_side_is_gone_once_its_account_or_chat_group_is_unless_those_are_kept_elsewhere() {
        let mut world = World::with_accounts(&["ann", "bob"]);
        let create = CreateChatGroup {
            id: ChatGroupIdWanted::Given(chat_group("g")),
            kind: "Public".into(),
            name: "Club".into(),
            owner: None,
            members_max: None,
            members: Vec::new(),
        };
        world.run(&create).unwrap();
        let ids = vec![with("bob"), ConversationId::ChatGroup(chat_group("g"))];
        let sides = |world: &World| {
            let sides = world.ask(&OtherSides { ids: ids.clone() }).unwrap();
            sides.into_iter().map(|side| (side.exists, side.name.into_string())).collect::<Vec<_>>()
        };
        assert_eq!(sides(&world), [(true, String::new()), (true, "Club".to_owned())]);
        world.forget_account("bob");
        world.run(&DestroyChatGroup { id: chat_group("g") }).unwrap();
        assert_eq!(sides(&world), [(false, String::new()), (false, String::new())]);
        world.set("users", "elsewhere");
        world.set("chat_groups", "elsewhere");
        assert_eq!(sides(&world), [(true, String::new()), (true, String::new())]);
    }
}
