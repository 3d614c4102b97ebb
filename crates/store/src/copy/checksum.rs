//! The checksum of a unit: over one encoding of its records that no engine uses, so that what two engines keep can be compared. It is
//! never stored.

use super::{ChatGroupContent, Content, UnitId, UserContent};
use cubby_domain::{
    Account, Application, ApplicationKey, ChatGroup, ContactGroup, Conversation, ConversationId, CustomMark, Directory,
    Head, LastMessage, Member, Pin, Pins, RecentContact, UserId,
};
use xxhash_rust::xxh3::{xxh3_64_with_seed, xxh3_128};

/// Bytes that two different values never share: numbers have one length, and texts and lists have theirs before them.
#[derive(Default)]
struct Canonical(Vec<u8>);

impl Canonical {
    fn number(&mut self, n: u64) {
        self.0.extend_from_slice(&n.to_le_bytes());
    }

    fn numbers(&mut self, numbers: &[u64]) {
        for n in numbers {
            self.number(*n);
        }
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    fn list<T>(&mut self, list: &[T], mut one: impl FnMut(&mut Self, &T)) {
        self.number(list.len() as u64);
        for item in list {
            one(self, item);
        }
    }

    fn optional<T>(&mut self, value: Option<T>, one: impl FnOnce(&mut Self, T)) {
        self.number(u64::from(value.is_some()));
        if let Some(value) = value {
            one(self, value);
        }
    }

    fn id(&mut self, id: &UnitId) {
        match id {
            UnitId::Applications => self.number(1),
            UnitId::Directory(app) => self.numbers(&[2, app.0]),
            UnitId::User(app, user) => {
                self.numbers(&[3, app.0]);
                self.text(user.as_str());
            }
            UnitId::ChatGroup(app, chat_group) => {
                self.numbers(&[4, app.0]);
                self.text(chat_group.as_str());
            }
        }
    }

    fn conversation_id(&mut self, id: &ConversationId) {
        match id {
            ConversationId::User(user) => {
                self.number(1);
                self.text(user.as_str());
            }
            ConversationId::ChatGroup(chat_group) => {
                self.number(2);
                self.text(chat_group.as_str());
            }
        }
    }

    fn application(&mut self, Application { id, keys, disabled, settings }: &Application) {
        self.numbers(&[id.0, u64::from(*disabled)]);
        self.list(keys, |out, ApplicationKey { text, added }| {
            out.text(text);
            out.number(added.0);
        });
        self.list(&settings.entries(), |out, (name, value)| {
            out.text(name);
            out.text(value);
        });
    }

    fn head(&mut self, head: &Head) {
        let Head {
            account,
            contact_groups,
            contact_group_id,
            entered,
            conversations,
            grouped,
            marked,
            updated,
            unread,
        } = head;
        self.optional(account.as_ref(), |out, Account { nick, face_url }| {
            out.text(nick);
            out.text(face_url);
        });
        self.list(contact_groups, |out, ContactGroup { id, name }| {
            out.number(id.0);
            out.text(name.as_str());
        });
        self.numbers(&[*contact_group_id, *entered, *conversations, *grouped, *marked, updated.0, *unread]);
    }

    fn conversation(&mut self, one: &Conversation) {
        let Conversation { entered, contact_groups, marks, custom_mark, updated } = one;
        self.number(*entered);
        self.list(contact_groups, |out, group| out.number(group.0));
        self.number(marks.0);
        self.optional(custom_mark.as_ref(), |out, mark: &CustomMark| out.text(mark.as_str()));
        self.number(updated.0);
    }

    fn message(&mut self, message: Option<LastMessage>) {
        self.optional(message, |out, LastMessage { time, sequence, random, expires }| {
            out.numbers(&[time.0, sequence, random, expires.0]);
        });
    }

    fn recent(&mut self, RecentContact { last, unread, arrived, deleted, read }: &RecentContact) {
        self.message(*last);
        self.numbers(&[*unread, arrived.0, *deleted, *read]);
    }

    fn member(&mut self, Member { owner, joined, since }: &Member) {
        self.numbers(&[u64::from(*owner), joined.0, *since]);
    }

    fn user(&mut self, content: &UserContent) {
        let UserContent { version, head, conversations, recent_contacts, pins, memberships } = content;
        self.number(*version);
        self.optional(head.as_ref(), Self::head);
        self.list(conversations, |out, (id, one)| {
            out.conversation_id(id);
            out.conversation(one);
        });
        self.list(recent_contacts, |out, (id, one)| {
            out.conversation_id(id);
            out.recent(one);
        });
        self.optional(pins.as_ref(), |out, Pins { given, list }| {
            out.number(*given);
            out.list(list, |out, Pin { number, id }| {
                out.number(*number);
                out.conversation_id(id);
            });
        });
        self.list(memberships, |out, (id, member)| {
            out.text(id.as_str());
            out.member(member);
        });
    }

    fn chat_group(&mut self, ChatGroupContent { record, members, listed }: &ChatGroupContent) {
        let ChatGroup { sequence, kind, name, owner, created, members: count, members_max, messages, last } = record;
        self.number(*sequence);
        self.text(kind);
        self.text(name);
        self.optional(owner.as_ref(), |out, owner: &UserId| out.text(owner.as_str()));
        self.numbers(&[created.0, *count, *members_max, *messages]);
        self.message(*last);
        self.list(members, |out, (user, member)| {
            out.text(user.as_str());
            out.member(member);
        });
        self.number(u64::from(*listed));
    }
}

/// The checksum of a unit. The sum over all units is that of a store, in whatever order they come.
pub fn checksum(id: &UnitId, content: &Content) -> u128 {
    let mut out = Canonical::default();
    out.id(id);
    match content {
        Content::Applications(applications) => out.list(applications, Canonical::application),
        Content::Directory(Directory { sequence, chat_groups }) => out.numbers(&[*sequence, *chat_groups]),
        Content::User(user) => out.user(user),
        Content::ChatGroup(chat_group) => out.chat_group(chat_group),
    }
    xxh3_128(&out.0)
}

/// A hash of a unit's name and stamp, for the memory of one process.
pub(super) fn stamped(id: &UnitId, stamp: u64, seed: u64) -> u64 {
    let mut out = Canonical::default();
    out.id(id);
    out.number(stamp);
    xxh3_64_with_seed(&out.0, seed)
}
