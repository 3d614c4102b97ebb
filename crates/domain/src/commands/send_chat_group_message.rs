//! `send_group_msg`, `import_group_msg`: messages of a chat group. The chat group keeps the last one for all its members, so that what a
//! message costs does not grow with them.

use super::ItemResult;
use super::members::{existing, require_account};
use crate::change::Change;
use crate::command::{Command, Context, Outcome};
use crate::edit::account_exists;
use crate::footprint::Footprint;
use crate::ids::{ChatGroupId, ConversationId, UserId};
use crate::recent_edit::RecentEdit;
use crate::records::{ChatGroup, LastMessage};
use crate::refusal::{ItemRefusal, Refusal, Shown};
use crate::time::Timestamp;
use crate::view::View;

/// The kind of chat groups that are in nobody's list of recent contacts.
const LIVE: &str = "AVChatRoom";

/// Sends a message to a chat group.
#[derive(Debug)]
pub struct SendChatGroupMessage {
    /// The chat group.
    pub id: ChatGroupId,
    /// Who sends it.
    pub from: UserId,
    /// `Random`.
    pub random: u64,
    /// Whether it becomes the last message: not where it has `NoLastMsg`.
    pub listed: bool,
    /// Whether it is only for those who are online: it is in no list, and the chat group does not count it.
    pub online_only: bool,
    /// To whom alone it goes, where it is not for all members: it is in the lists of those of them who are members.
    pub to: Option<Vec<UserId>>,
}

/// Imports messages into a chat group.
#[derive(Debug)]
pub struct ImportChatGroupMessages {
    /// The chat group.
    pub id: ChatGroupId,
    /// The messages, in the order of their times.
    pub messages: Vec<Result<ImportedMessage, ItemRefusal>>,
    /// Whether they become last messages.
    pub listed: bool,
}

/// One imported message.
#[derive(Debug, Clone)]
pub struct ImportedMessage {
    /// Who sent it.
    pub from: UserId,
    /// When.
    pub sent: Timestamp,
    /// `Random`.
    pub random: u64,
}

fn add(chat_group: &mut ChatGroup, time: Timestamp, random: u64, listed: bool, context: &Context) -> LastMessage {
    chat_group.messages += 1;
    let expires = Timestamp(time.0.saturating_add(context.settings.limits.message_seconds));
    let message = LastMessage { time, sequence: chat_group.messages, random, expires };
    if listed {
        chat_group.last = Some(message);
    }
    message
}

fn change(id: &ChatGroupId, view: &View, after: ChatGroup) -> Vec<Change> {
    let before = view.chat_group(id).cloned();
    if before.as_ref() == Some(&after) {
        return Vec::new();
    }
    vec![Change::ChatGroup { id: id.clone(), before, after: Some(after) }]
}

impl Command for SendChatGroupMessage {
    type Reply = LastMessage;

    fn footprint(&self) -> Footprint {
        let to = || self.to.iter().flatten();
        let with = ConversationId::ChatGroup(self.id.clone());
        Footprint {
            users: to().cloned().collect(),
            recent_contacts: to().map(|user| (user.clone(), with.clone())).collect(),
            members: to().map(|user| (self.id.clone(), user.clone())).collect(),
            chat_groups: vec![self.id.clone()],
            accounts: vec![self.from.clone()],
            ..Footprint::default()
        }
    }

    fn apply(&self, view: &View, context: &Context) -> Result<Outcome<LastMessage>, Refusal> {
        let mut chat_group = existing(&self.id, view)?;
        require_account("From_Account", &self.from, view, context)?;
        if self.online_only {
            let nowhere = LastMessage { time: context.now, sequence: 0, random: self.random, expires: context.now };
            return Ok(Outcome { reply: nowhere, changes: Vec::new() });
        }
        let time = chat_group.last.map(|last| last.time).unwrap_or_default().max(context.now);
        let listed = self.listed && &*chat_group.kind != LIVE;
        let message = add(&mut chat_group, time, self.random, listed && self.to.is_none(), context);
        let mut changes = change(&self.id, view, chat_group);
        let members = self.to.iter().flatten().filter(|user| listed && view.member(&self.id, user).is_some());
        let mut recents = RecentEdit::new(view);
        let with = ConversationId::ChatGroup(self.id.clone());
        members.for_each(|user| recents.of(user, &with).come(message));
        changes.extend(recents.finish());
        Ok(Outcome { reply: message, changes })
    }
}

impl Command for ImportChatGroupMessages {
    type Reply = Vec<Result<LastMessage, ItemRefusal>>;

    fn footprint(&self) -> Footprint {
        let accounts = self.messages.iter().flatten().map(|message| message.from.clone()).collect();
        Footprint { chat_groups: vec![self.id.clone()], accounts, ..Footprint::default() }
    }

    fn apply(&self, view: &View, context: &Context) -> Result<Outcome<Self::Reply>, Refusal> {
        let mut chat_group = existing(&self.id, view)?;
        if &*chat_group.kind == LIVE {
            return Err(Refusal::NotOfThisKind(Shown::new(LIVE)));
        }
        let mut newest = chat_group.last.map(|last| last.time).unwrap_or_default();
        let mut reply = Vec::with_capacity(self.messages.len());
        for message in &self.messages {
            reply.push(message.as_ref().map_err(Clone::clone).and_then(|message| {
                may_come(message, newest, view, context)?;
                newest = message.sent;
                Ok(add(&mut chat_group, message.sent, message.random, self.listed, context))
            }));
        }
        Ok(Outcome { reply, changes: change(&self.id, view, chat_group) })
    }
}

/// Imported messages come in the order of their times, after what is there and not after now (269/1635).
fn may_come(message: &ImportedMessage, newest: Timestamp, view: &View, context: &Context) -> ItemResult {
    if !account_exists(&message.from, view, context) {
        return Err(ItemRefusal::SenderNotImported(message.from.clone()));
    }
    if message.sent < newest || message.sent > context.now {
        return Err(ItemRefusal::NotInOrder);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{
        AddMembers, ChatGroupIdWanted, CreateChatGroup, DeleteRecentContact, DestroyChatGroup, RemoveMembers,
    };
    use crate::testing::{World, chat_group, user};

    fn world_with(kind: &str) -> World {
        let mut world = World::with_accounts(&["a", "b", "c"]);
        let (id, kind) = (ChatGroupIdWanted::Given(chat_group("g")), kind.into());
        let (owner, members) = (Some(user("a")), vec![user("b")]);
        world.run(&CreateChatGroup { id, kind, name: "g".into(), owner, members_max: None, members }).unwrap();
        world
    }

    fn to_all() -> SendChatGroupMessage {
        let (id, from) = (chat_group("g"), user("a"));
        SendChatGroupMessage { id, from, random: 7, listed: true, online_only: false, to: None }
    }

    fn to(users: &[&str]) -> SendChatGroupMessage {
        SendChatGroupMessage { to: Some(users.iter().map(|id| user(id)).collect()), ..to_all() }
    }

    /// The sequence of the last message of the chat group in a user's list.
    fn shown(world: &World, of: &str) -> Option<u64> {
        let with = ConversationId::ChatGroup(chat_group("g"));
        world.recents(of).list.iter().find(|one| one.id == with).map(|one| one.last.sequence)
    }

    fn import(world: &mut World, messages: &[(&str, u64)], listed: bool) -> Vec<Result<u64, ItemRefusal>> {
        let one =
            |(from, sent): &(&str, u64)| Ok(ImportedMessage { from: user(from), sent: Timestamp(*sent), random: 1 });
        let messages = messages.iter().map(one).collect();
        let done = world.run(&ImportChatGroupMessages { id: chat_group("g"), messages, listed }).unwrap();
        done.into_iter().map(|one| one.map(|message| message.sequence)).collect()
    }

    #[test]
    fn r_085_a_chat_group_is_in_the_list_of_each_member_from_the_first_message_after_joining() {
        let mut world = world_with("Public");
        assert_eq!(shown(&world, "a"), None, "before the first message");
        world.run(&to_all()).unwrap();
        world.run(&AddMembers { id: chat_group("g"), users: vec![Ok(user("c"))] }).unwrap();
        assert_eq!(["a", "b", "c"].map(|of| shown(&world, of)), [Some(1), Some(1), None]);
        world.run(&to_all()).unwrap();
        assert_eq!(["a", "b", "c"].map(|of| shown(&world, of)), [Some(2); 3]);
    }

    #[test]
    fn r_085_who_leaves_keeps_it_as_it_was_and_so_do_all_where_it_is_dissolved() {
        let mut world = world_with("Public");
        world.run(&to_all()).unwrap();
        world.run(&RemoveMembers { id: chat_group("g"), users: vec![user("b")] }).unwrap();
        world.run(&to_all()).unwrap();
        assert_eq!(["a", "b"].map(|of| shown(&world, of)), [Some(2), Some(1)]);
        world.run(&AddMembers { id: chat_group("g"), users: vec![Ok(user("b"))] }).unwrap();
        assert_eq!(shown(&world, "b"), Some(1), "what was sent meanwhile is not its own");
        world.run(&DestroyChatGroup { id: chat_group("g") }).unwrap();
        assert_eq!(["a", "b"].map(|of| shown(&world, of)), [Some(2), Some(1)]);
    }

    #[test]
    fn r_085_a_message_to_some_is_in_the_lists_of_those_of_them_who_are_members() {
        let mut world = world_with("Public");
        world.run(&to(&["b", "c", "b"])).unwrap();
        assert_eq!(["a", "b", "c"].map(|of| shown(&world, of)), [None, Some(1), None]);
        let with = ConversationId::ChatGroup(chat_group("g"));
        world.run(&DeleteRecentContact { user: user("b"), id: with }).unwrap();
        assert_eq!(shown(&world, "b"), None);
        assert_eq!(world.run(&to_all()).unwrap().sequence, 2, "the chat group counts it");
    }

    #[test]
    fn r_085_an_avchatroom_is_in_nobodys_list_and_takes_no_imports() {
        let mut world = world_with(LIVE);
        assert_eq!(world.run(&to_all()).unwrap().sequence, 1);
        world.run(&to(&["b"])).unwrap();
        assert_eq!(["a", "b"].map(|of| shown(&world, of)), [None, None]);
        let import = ImportChatGroupMessages { id: chat_group("g"), messages: Vec::new(), listed: true };
        assert_eq!(world.run(&import), Err(Refusal::NotOfThisKind(Shown::new(LIVE))));
    }

    #[test]
    fn what_is_for_those_online_is_not_counted_and_what_is_not_listed_is_counted_alone() {
        let mut world = world_with("Public");
        world.run(&SendChatGroupMessage { online_only: true, ..to_all() }).unwrap();
        assert_eq!(world.chat_group("g").unwrap().messages, 0);
        world.run(&SendChatGroupMessage { listed: false, ..to_all() }).unwrap();
        world.run(&SendChatGroupMessage { listed: false, ..to(&["b"]) }).unwrap();
        assert_eq!((world.chat_group("g").unwrap().messages, shown(&world, "b")), (2, None));
    }

    #[test]
    fn r_087_imported_messages_come_in_the_order_of_their_times_each_with_its_own_result() {
        let mut world = world_with("Public");
        let not_in_order = Err(ItemRefusal::NotInOrder);
        let ghost = Err(ItemRefusal::SenderNotImported(user("ghost")));
        let now = world.now().0;
        let messages = [("a", 100), ("b", 99), ("ghost", 101), ("b", 100), ("a", now + 1), ("a", now)];
        let expected = [Ok(1), not_in_order.clone(), ghost, Ok(2), not_in_order.clone(), Ok(3)];
        assert_eq!(import(&mut world, &messages, true), expected);
        assert_eq!(import(&mut world, &[("a", now - 1)], true), [not_in_order]);
        assert_eq!(shown(&world, "b"), Some(3));
        let refused = ImportChatGroupMessages { id: chat_group("x"), messages: Vec::new(), listed: true };
        assert_eq!(world.run(&refused), Err(Refusal::NoSuchChatGroup(chat_group("x"))));
    }

    #[test]
    fn r_087_an_import_that_makes_no_recent_contact_is_counted_alone() {
        let mut world = world_with("Public");
        assert_eq!(import(&mut world, &[("a", 100), ("a", 200)], false), [Ok(1), Ok(2)]);
        assert_eq!(shown(&world, "b"), None);
        assert_eq!(import(&mut world, &[("a", 300)], true), [Ok(3)]);
        assert_eq!(shown(&world, "b"), Some(3));
    }

    #[test]
    fn a_clock_that_steps_back_moves_no_message_before_the_last() {
        let mut world = world_with("Public");
        let first = world.run(&to_all()).unwrap();
        world.set_back(50);
        let second = world.run(&to_all()).unwrap();
        assert_eq!((second.time, second.sequence), (first.time, 2));
        assert_eq!(shown(&world, "b"), Some(2));
    }
}
