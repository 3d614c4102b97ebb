//! The model's recent contacts: it keeps every message that a user saw, and looks for the last one among them.

use super::{Entry, Model, Person};
use crate::properties::actions::Reply;
use cubby_domain::commands::{
    DeleteRecentContact, ImportChatGroupMessages, ImportedMessage, Message, PinConversations, ReadMessages,
    SendChatGroupMessage, SendMessage, SendMessages, SentToMany, SetUnread,
};
use cubby_domain::queries::{CountUnread, ListRecentContacts, PinnedWanted, RecentContactsPage, Unread};
use cubby_domain::{
    ChatGroupId, Context, ConversationId, Correspondent, ItemRefusal, LastMessage, Pin, Pins, Recent, RecentContact,
    Refusal, Shown, Timestamp, UserId,
};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// What a user has of one conversation beside what a chat group keeps for all.
#[derive(Clone)]
pub(super) struct Chat {
    with: ConversationId,
    /// Its messages since it was deleted, in the order in which they came.
    heard: Vec<LastMessage>,
    unread: u64,
    /// When those that are not read were sent.
    unread_since: Vec<u64>,
    deleted: u64,
    read: u64,
}

/// The newest of messages: the first of those that no other is newer than.
fn newest<'a>(messages: impl IntoIterator<Item = &'a LastMessage>) -> Option<LastMessage> {
    let mut newest: Option<LastMessage> = None;
    for one in messages {
        let newer = newest
            .is_none_or(|other| one.time > other.time || (one.time == other.time && one.sequence > other.sequence));
        if newer {
            newest = Some(*one);
        }
    }
    newest
}

fn from_user(user: &UserId) -> ConversationId {
    ConversationId::User(user.clone())
}

fn in_group(id: &ChatGroupId) -> ConversationId {
    ConversationId::ChatGroup(id.clone())
}

impl Person {
    fn chat(&mut self, with: &ConversationId) -> &mut Chat {
        let at = self.chats.iter().position(|chat| chat.with == *with).unwrap_or_else(|| {
            self.chats.push(Chat {
                with: with.clone(),
                heard: Vec::new(),
                unread: 0,
                unread_since: Vec::new(),
                deleted: 0,
                read: 0,
            });
            self.chats.len() - 1
        });
        &mut self.chats[at]
    }
}

/// What can be seen of it all.
impl Model {
    /// The last message of a conversation that a user sees.
    fn shown(&self, user: &UserId, with: &ConversationId) -> Option<LastMessage> {
        let chat = self.people.get(user).and_then(|person| person.chats.iter().find(|chat| chat.with == *with));
        let deleted = chat.map_or(0, |chat| chat.deleted);
        let mut seen: Vec<LastMessage> = chat.map(|chat| chat.heard.clone()).unwrap_or_default();
        for room in self.rooms.iter().filter(|room| in_group(&room.id) == *with) {
            for (_, how) in room.members.iter().filter(|(member, _)| member == user) {
                let mut own = room.said.iter().filter(|one| one.sequence > how.since && one.sequence > deleted);
                seen.extend(own.next_back());
            }
        }
        newest(&seen)
    }

    /// The list of a user, the newest first.
    fn recent_list(&self, user: &UserId, window: u64) -> Vec<Recent> {
        let Some(person) = self.people.get(user) else { return Vec::new() };
        let chats = person.chats.iter().map(|chat| chat.with.clone());
        let rooms = self.rooms.iter().map(|room| in_group(&room.id));
        let all: BTreeSet<ConversationId> = chats.chain(rooms).collect();
        let number = |id: &ConversationId| person.pins.iter().find(|(_, pin)| pin == id).map(|(number, _)| *number);
        let recent = |id: ConversationId| {
            let last = self.shown(user, &id)?;
            let sorted = person.entry(&id).map(|entry| Entry::shown(entry).1);
            Some(Recent { last, pinned: number(&id), sorted, id })
        };
        let mut list: Vec<Recent> = all.into_iter().filter_map(recent).collect();
        list.sort_by_key(|one| (Reverse(one.last.time), one.id.clone()));
        let pinned = list.iter().filter(|one| one.pinned.is_some()).count() as u64;
        let mut places = window.saturating_sub(pinned);
        list.retain(|one| {
            let has_place = one.pinned.is_some() || places > 0;
            if one.pinned.is_none() && has_place {
                places -= 1;
            }
            has_place
        });
        list
    }

    /// Those that a paging shows that does not end before all are shown.
    pub fn wanted(&self, query: &ListRecentContacts, now: Timestamp) -> Vec<Recent> {
        let mut list = self.recent_list(&query.user, query.window);
        list.retain(|one| query.empty || one.last.expires > now);
        if query.pinned == PinnedWanted::AmongOthers {
            for one in &mut list {
                one.pinned = None;
            }
        }
        // The pinned ones first, and in each part the oldest first.
        list.sort_by_key(|one| (one.pinned.is_none(), one.last.time, one.last.sequence, one.id.clone()));
        list
    }

    /// A page: exactly that where it is to hold everything. Which of them a page of fewer holds is left open, but not how many, nor their
    /// order; that all of them come is looked at where a paging is looked at as a whole.
    pub(super) fn recents(
        &mut self,
        query: &ListRecentContacts,
        context: &Context,
        heard: &Reply,
    ) -> Result<RecentContactsPage, Refusal> {
        self.person(&query.user, context)?;
        let wanted = self.wanted(query, context.now);
        let whole = |recents| Ok(RecentContactsPage { recents, next: None, now: context.now });
        let Reply::Recents(Ok(page)) = heard else { return whole(wanted) };
        if (query.after, query.pinned_after) == (0, 0) && wanted.len() as u64 <= query.page {
            return whole(wanted);
        }
        let many = page.recents.len() as u64;
        let pinned = page.recents.iter().filter(|one| one.pinned.is_some()).count() as u64;
        let most = if query.pinned == PinnedWanted::First { query.page.max(pinned) } else { query.page };
        let in_order: Vec<&Recent> = wanted.iter().filter(|one| page.recents.contains(one)).collect();
        let is_right = in_order.into_iter().eq(&page.recents)
            && many <= most
            && (page.next.is_none() || many >= query.page)
            && page.now == context.now;
        if is_right {
            return Ok(RecentContactsPage { recents: page.recents.clone(), next: page.next, now: page.now });
        }
        whole(wanted)
    }

    pub(super) fn count_unread(&self, query: &CountUnread, context: &Context) -> Result<Unread, Refusal> {
        self.correspondent(Correspondent::Owner, &query.user, context)?;
        let of = |peer: &UserId| {
            let chats = self.people.get(&query.user).into_iter().flat_map(|person| &person.chats);
            chats.filter(|chat| chat.with == from_user(peer)).map(|chat| chat.unread).sum::<u64>()
        };
        Ok(match &query.peers {
            None => Unread::All(self.unread(&query.user)),
            Some(peers) => {
                let each = |peer: &UserId| (peer.clone(), self.exists(peer, context).then(|| of(peer)));
                Unread::Each(peers.iter().map(each).collect())
            }
        })
    }

    /// All messages that a user has not read.
    pub fn unread(&self, user: &UserId) -> u64 {
        self.people.get(user).into_iter().flat_map(|person| &person.chats).map(|chat| chat.unread).sum()
    }

    /// What is kept of a user's recent contacts, by their ids.
    pub fn rows(&self, user: &UserId) -> Vec<(ConversationId, RecentContact)> {
        let Some(person) = self.people.get(user) else { return Vec::new() };
        let row = |chat: &Chat| {
            let Chat { with, heard, unread, unread_since, deleted, read } = chat;
            let arrived = Timestamp(unread_since.iter().copied().max().unwrap_or_default());
            let (last, unread, deleted, read) = (newest(heard), *unread, *deleted, *read);
            let one = RecentContact { last, unread, arrived, deleted, read };
            (with.clone(), one)
        };
        let mut rows: Vec<_> = person.chats.iter().map(row).collect();
        rows.retain(|(_, one)| *one != RecentContact::default());
        rows.sort_by(|(a, _), (b, _)| a.cmp(b));
        rows
    }

    /// The pins of a user.
    pub fn pins(&self, user: &UserId) -> Pins {
        let Some(person) = self.people.get(user) else { return Pins::default() };
        let pin = |(number, id): &(u64, ConversationId)| Pin { number: *number, id: id.clone() };
        Pins { given: person.pins_given, list: person.pins.iter().map(pin).collect() }
    }
}

/// What changes it.
impl Model {
    fn chat(&mut self, user: &UserId, with: &ConversationId) -> &mut Chat {
        self.people.entry(user.clone()).or_default().chat(with)
    }

    fn correspondent(&self, field: Correspondent, user: &UserId, context: &Context) -> Result<(), Refusal> {
        if self.exists(user, context) {
            Ok(())
        } else {
            Err(Refusal::NoSuchCorrespondent { field, user: user.clone() })
        }
    }

    /// A message as it is kept, after what its recipients have.
    fn stamped(message: &Message, before: Option<LastMessage>, context: &Context) -> LastMessage {
        let now = context.now.0;
        let time = match (message.sent, before) {
            (Some(sent), _) => sent.0.min(now),
            (None, Some(before)) => before.time.0.max(now),
            (None, None) => now,
        };
        let sequence = match (message.sequence, before) {
            (Some(given), _) => given,
            (None, Some(before)) if before.time.0 == time => {
                let again = message.sent.is_some() && message.random == before.random;
                if again { before.sequence } else { before.sequence + 1 }
            }
            (None, _) => 1,
        };
        let expires = Timestamp(time + message.seconds.unwrap_or(context.settings.limits.message_seconds));
        LastMessage { time: Timestamp(time), sequence, random: message.random, expires }
    }

    fn reach(&mut self, from: &UserId, to: &UserId, message: &Message, stamped: LastMessage) {
        let chat = self.chat(to, &from_user(from));
        let again = message.sent.is_some() && newest(&chat.heard) == Some(stamped);
        if message.counted && from != to && !again {
            chat.unread += 1;
            chat.unread_since.push(stamped.time.0);
        }
        if message.listed {
            chat.heard.push(stamped);
            if message.to_sender {
                self.chat(from, &from_user(to)).heard.push(stamped);
            }
        }
    }

    pub(super) fn send(&mut self, command: &SendMessage, context: &Context) -> Result<LastMessage, Refusal> {
        let SendMessage { from, to, message } = command;
        self.correspondent(Correspondent::Sender, from, context)?;
        self.correspondent(Correspondent::Recipient, to, context)?;
        let mut before = Vec::new();
        before.extend(newest(&self.chat(to, &from_user(from)).heard));
        before.extend(newest(&self.chat(from, &from_user(to)).heard));
        let before = newest(&before);
        let stamped = Self::stamped(message, before, context);
        self.reach(from, to, message, stamped);
        Ok(stamped)
    }

    pub(super) fn send_to_many(&mut self, command: &SendMessages, context: &Context) -> Result<SentToMany, Refusal> {
        let SendMessages { from, to, message } = command;
        self.correspondent(Correspondent::Sender, from, context)?;
        let mut before = Vec::new();
        for user in to {
            before.extend(newest(&self.chat(user, &from_user(from)).heard));
            before.extend(newest(&self.chat(from, &from_user(user)).heard));
        }
        let stamped = Self::stamped(message, newest(&before), context);
        let mut unknown = Vec::new();
        for (n, user) in to.iter().enumerate() {
            if to[..n].contains(user) {
                continue;
            }
            if self.exists(user, context) {
                self.reach(from, user, message, stamped);
            } else {
                unknown.push(user.clone());
            }
        }
        Ok(SentToMany { message: stamped, unknown })
    }

    pub(super) fn send_to_chat_group(
        &mut self,
        command: &SendChatGroupMessage,
        context: &Context,
    ) -> Result<LastMessage, Refusal> {
        let exists = self.exists(&command.from, context);
        let room = self.room(&command.id)?;
        if !exists {
            return Err(Refusal::NoSuchAccount { field: "From_Account", user: command.from.clone() });
        }
        let (mut time, random) = (context.now, command.random);
        if command.online_only {
            return Ok(LastMessage { time, sequence: 0, random, expires: time });
        }
        time = room.said.last().map_or(time, |last| last.time.max(time));
        room.counted += 1;
        let expires = Timestamp(time.0 + context.settings.limits.message_seconds);
        let message = LastMessage { time, sequence: room.counted, random, expires };
        if !command.listed || *room.kind == *"AVChatRoom" {
            return Ok(message);
        }
        match &command.to {
            None => room.said.push(message),
            Some(some) => {
                let members: Vec<UserId> = room.members.iter().map(|(user, _)| user.clone()).collect();
                for user in members.iter().filter(|user| some.contains(user)) {
                    self.chat(user, &in_group(&command.id)).heard.push(message);
                }
            }
        }
        Ok(message)
    }

    pub(super) fn import_to_chat_group(
        &mut self,
        command: &ImportChatGroupMessages,
        context: &Context,
    ) -> Result<Vec<Result<LastMessage, ItemRefusal>>, Refusal> {
        let exists = |one: &Result<ImportedMessage, _>| one.as_ref().is_ok_and(|one| self.exists(&one.from, context));
        let exists: Vec<bool> = command.messages.iter().map(exists).collect();
        let room = self.room(&command.id)?;
        if *room.kind == *"AVChatRoom" {
            return Err(Refusal::NotOfThisKind(Shown::new("AVChatRoom")));
        }
        let mut latest = room.said.last().map_or(0, |last| last.time.0);
        let mut results = Vec::new();
        for (one, exists) in command.messages.iter().zip(exists) {
            results.push(match one {
                Err(malformed) => Err(malformed.clone()),
                Ok(one) if !exists => Err(ItemRefusal::SenderNotImported(one.from.clone())),
                Ok(one) if one.sent.0 < latest || one.sent > context.now => Err(ItemRefusal::NotInOrder),
                Ok(one) => {
                    latest = one.sent.0;
                    room.counted += 1;
                    let expires = Timestamp(latest + context.settings.limits.message_seconds);
                    let (time, sequence, random) = (one.sent, room.counted, one.random);
                    let message = LastMessage { time, sequence, random, expires };
                    room.said.extend(command.listed.then_some(message));
                    Ok(message)
                }
            });
        }
        Ok(results)
    }

    /// A user leaves a chat group: what is seen now is seen from now on.
    pub(super) fn leave(&mut self, user: &UserId, id: &ChatGroupId) {
        let shown = self.shown(user, &in_group(id));
        let with = in_group(id);
        *self.chat(user, &with) = Chat {
            with: with.clone(),
            heard: Vec::from_iter(shown),
            unread: 0,
            unread_since: Vec::new(),
            deleted: 0,
            read: 0,
        };
        for room in self.rooms.iter_mut().filter(|room| room.id == *id) {
            room.members.retain(|(member, _)| member != user);
        }
    }

    pub(super) fn pin(&mut self, command: &PinConversations, context: &Context) -> Result<(), Refusal> {
        let max = context.settings.limits.pins;
        let person = self.person(&command.user, context)?;
        let (mut pins, mut given) = (person.pins.clone(), person.pins_given);
        for id in &command.ids {
            let there = pins.iter().any(|(_, pin)| pin == id);
            if command.pinned && !there {
                given += 1;
                pins.push((given, id.clone()));
            }
            if !command.pinned {
                pins.retain(|(_, pin)| pin != id);
            }
        }
        if pins.len() as u64 > max && pins.len() > person.pins.len() {
            return Err(Refusal::TooManyPins { max });
        }
        (person.pins, person.pins_given) = (pins, given);
        Ok(())
    }

    pub(super) fn delete_recent(&mut self, command: &DeleteRecentContact, context: &Context) -> Result<(), Refusal> {
        self.person(&command.user, context)?;
        let mut deleted = 0;
        for room in self.rooms.iter().filter(|room| in_group(&room.id) == command.id) {
            if room.members.iter().any(|(member, _)| *member == command.user) {
                deleted = room.counted;
            }
        }
        let person = self.person(&command.user, context)?;
        person.pins.retain(|(_, pin)| *pin != command.id);
        let chat = person.chat(&command.id);
        chat.heard.clear();
        chat.unread_since.clear();
        (chat.unread, chat.deleted) = (0, deleted);
        Ok(())
    }

    pub(super) fn read(&mut self, command: &ReadMessages, context: &Context) -> Result<(), Refusal> {
        self.correspondent(Correspondent::Reader, &command.user, context)?;
        self.correspondent(Correspondent::Peer, &command.peer, context)?;
        let chat = self.chat(&command.user, &from_user(&command.peer));
        let later = |until: Timestamp| chat.unread_since.iter().any(|sent| *sent > until.0);
        if !command.until.is_some_and(later) {
            chat.unread = 0;
            chat.unread_since.clear();
        }
        Ok(())
    }

    pub(super) fn set_unread(&mut self, command: &SetUnread) -> Result<(), Refusal> {
        let room = self.room(&command.id)?;
        let Some((_, how)) = room.members.iter().find(|(member, _)| *member == command.user) else {
            return Err(Refusal::NotAMember { field: "Member_Account", user: command.user.clone() });
        };
        let own = room.counted - how.since;
        let read = room.counted - command.unread.min(own);
        self.chat(&command.user, &in_group(&command.id)).read = read;
        Ok(())
    }
}
