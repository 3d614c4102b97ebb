//! `sendmsg`, `batchsendmsg`, `importmsg`: a message between users, as far as it makes or changes their recent contacts.

use super::members::require_correspondent;
use crate::command::{Command, Context, Outcome};
use crate::edit::account_exists;
use crate::footprint::Footprint;
use crate::ids::{ConversationId, UserId};
use crate::recent_edit::RecentEdit;
use crate::records::LastMessage;
use crate::refusal::{Correspondent, Refusal};
use crate::time::Timestamp;
use crate::view::View;

/// What of a message its conversations hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// `MsgSeq`, which orders the messages of a second; counted where it was not given.
    pub sequence: Option<u64>,
    /// `MsgRandom`.
    pub random: u64,
    /// When an imported message was sent, which is never later than now; `None` is now.
    pub sent: Option<Timestamp>,
    /// Seconds for which it is kept, where the request says (`MsgLifeTime`).
    pub seconds: Option<u64>,
    /// Whether it becomes the last message of its conversation: not where it is online-only, or has `NoLastMsg`.
    pub listed: bool,
    /// Whether it counts as unread with its recipient.
    pub counted: bool,
    /// Whether its sender's list hears of it: not where `SyncOtherMachine` is 2.
    pub to_sender: bool,
}

/// Sends one message to one user.
#[derive(Debug)]
pub struct SendMessage {
    /// Who sends it.
    pub from: UserId,
    /// Who gets it.
    pub to: UserId,
    /// The message.
    pub message: Message,
}

/// Sends one message to many users.
#[derive(Debug)]
pub struct SendMessages {
    /// Who sends it.
    pub from: UserId,
    /// Who gets it; of one named twice the first counts.
    pub to: Vec<UserId>,
    /// The message.
    pub message: Message,
}

/// What became of a message to many.
#[derive(Debug, PartialEq, Eq)]
pub struct SentToMany {
    /// The message.
    pub message: LastMessage,
    /// Those who are not imported and got nothing.
    pub unknown: Vec<UserId>,
}

fn footprint<'a>(from: &UserId, to: impl Iterator<Item = &'a UserId>) -> Footprint {
    let mut footprint = Footprint { users: vec![from.clone()], ..Footprint::default() };
    for to in to {
        footprint.users.push(to.clone());
        for (user, other) in [(from, to), (to, from)] {
            footprint.recent_contacts.push((user.clone(), ConversationId::User(other.clone())));
        }
    }
    footprint
}

/// The last message that the sender or a recipient has of the other: a conversation has one order, whichever side is asked.
fn newest<'a>(view: &View, from: &UserId, to: impl Iterator<Item = &'a UserId>) -> Option<LastMessage> {
    let last = |user: &UserId, other: &UserId| view.recent_contact(user, &ConversationId::User(other.clone())).last;
    to.flat_map(|to| [last(to, from), last(from, to)]).flatten().max_by_key(|last| (last.time, last.sequence))
}

impl Message {
    /// The message as it is kept. In a second in which there was one already, a sequence that was not given is the next; or its own, where
    /// that was this very message, imported before.
    fn stamped(&self, last: Option<LastMessage>, context: &Context) -> LastMessage {
        let newest = last.map(|last| last.time).unwrap_or_default();
        let time = self.sent.map_or(context.now.max(newest), |sent| sent.min(context.now));
        let next = match last.filter(|last| last.time == time) {
            Some(last) if self.sent.is_some() && last.random == self.random => last.sequence,
            Some(last) => last.sequence.saturating_add(1),
            None => 1,
        };
        let seconds = self.seconds.unwrap_or(context.settings.limits.message_seconds);
        LastMessage {
            time,
            sequence: self.sequence.unwrap_or(next.min(u32::MAX.into())),
            random: self.random,
            expires: Timestamp(time.0.saturating_add(seconds)),
        }
    }

    fn reach(&self, from: &UserId, to: &UserId, message: LastMessage, edit: &mut RecentEdit<'_>) {
        let recipient = edit.of(to, &ConversationId::User(from.clone()));
        let repeated = self.sent.is_some() && recipient.last == Some(message);
        if self.counted && !repeated && from != to {
            recipient.unread += 1;
            recipient.arrived = recipient.arrived.max(message.time);
        }
        if self.listed {
            recipient.come(message);
            if self.to_sender {
                edit.of(from, &ConversationId::User(to.clone())).come(message);
            }
        }
    }
}

impl Command for SendMessage {
    type Reply = LastMessage;

    fn footprint(&self) -> Footprint {
        footprint(&self.from, std::iter::once(&self.to))
    }

    fn apply(&self, view: &View, context: &Context) -> Result<Outcome<LastMessage>, Refusal> {
        require_correspondent(Correspondent::Sender, &self.from, view, context)?;
        require_correspondent(Correspondent::Recipient, &self.to, view, context)?;
        let message = self.message.stamped(newest(view, &self.from, std::iter::once(&self.to)), context);
        let mut edit = RecentEdit::new(view);
        self.message.reach(&self.from, &self.to, message, &mut edit);
        Ok(Outcome { reply: message, changes: edit.finish() })
    }
}

impl Command for SendMessages {
    type Reply = SentToMany;

    fn footprint(&self) -> Footprint {
        footprint(&self.from, self.to.iter())
    }

    fn apply(&self, view: &View, context: &Context) -> Result<Outcome<SentToMany>, Refusal> {
        require_correspondent(Correspondent::Sender, &self.from, view, context)?;
        let message = self.message.stamped(newest(view, &self.from, self.to.iter()), context);
        let mut edit = RecentEdit::new(view);
        let mut unknown = Vec::new();
        for (place, to) in self.to.iter().enumerate() {
            if self.to.iter().take(place).any(|earlier| earlier == to) {
                continue;
            }
            if account_exists(to, view, context) {
                self.message.reach(&self.from, to, message, &mut edit);
            } else {
                unknown.push(to.clone());
            }
        }
        Ok(Outcome { reply: SentToMany { message, unknown }, changes: edit.finish() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{World, message, user, with};

    fn send(world: &mut World, from: &str, to: &str, message: Message) -> LastMessage {
        world.run(&SendMessage { from: user(from), to: user(to), message }).unwrap()
    }

    fn last(world: &World, of: &str, peer: &str) -> Option<LastMessage> {
        world.recent_contact(of, &with(peer)).last
    }

    fn unread(world: &World, of: &str) -> (u64, u64) {
        (world.recent_contact(of, &with("b")).unread, world.head(of).unread)
    }

    #[test]
    fn a_message_comes_into_both_lists_and_is_unread_with_its_recipient() {
        let mut world = World::with_accounts(&["a", "b"]);
        let sent = send(&mut world, "b", "a", message());
        assert_eq!((sent.time, sent.sequence, sent.expires.0), (world.now(), 1, world.now().0 + 604_800));
        assert_eq!((last(&world, "a", "b"), last(&world, "b", "a")), (Some(sent), Some(sent)));
        assert_eq!((unread(&world, "a"), world.head("b").unread), ((1, 1), 0));
        assert_eq!(send(&mut world, "b", "a", message()).sequence, 2, "the next of its second");
        world.advance(1);
        assert_eq!(send(&mut world, "b", "a", message()).sequence, 1);
        assert_eq!(unread(&world, "a"), (3, 3));
    }

    #[test]
    fn one_that_is_not_listed_is_in_no_list_and_one_that_is_not_for_the_sender_is_not_in_its_list() {
        let mut world = World::with_accounts(&["a", "b"]);
        send(&mut world, "b", "a", Message { listed: false, ..message() });
        assert_eq!((last(&world, "a", "b"), last(&world, "b", "a"), unread(&world, "a")), (None, None, (1, 1)));
        let sent = send(&mut world, "b", "a", Message { to_sender: false, counted: false, ..message() });
        assert_eq!((last(&world, "a", "b"), last(&world, "b", "a"), unread(&world, "a")), (Some(sent), None, (1, 1)));
    }

    #[test]
    fn a_message_to_oneself_is_not_unread() {
        let mut world = World::with_accounts(&["b"]);
        let sent = send(&mut world, "b", "b", message());
        assert_eq!((last(&world, "b", "b"), unread(&world, "b")), (Some(sent), (0, 0)));
    }

    #[test]
    fn r_083_what_is_older_by_time_or_within_a_second_by_sequence_moves_nothing() {
        let mut world = World::with_accounts(&["a", "b"]);
        let of = |sequence, seconds_ago: u64| Message {
            sequence: Some(sequence),
            sent: Some(Timestamp(1_000_000 - seconds_ago)),
            ..message()
        };
        let first = send(&mut world, "b", "a", of(5, 10));
        send(&mut world, "b", "a", of(9, 11));
        send(&mut world, "b", "a", of(4, 10));
        assert_eq!(last(&world, "a", "b"), Some(first));
        let second = send(&mut world, "b", "a", of(6, 10));
        assert_eq!((last(&world, "a", "b"), last(&world, "b", "a")), (Some(second), Some(second)));
        let third = send(&mut world, "b", "a", of(1, 9));
        assert_eq!(last(&world, "a", "b"), Some(third));
    }

    #[test]
    fn r_083_an_imported_message_from_the_future_is_of_now_and_a_clock_that_steps_back_moves_no_message_back() {
        let mut world = World::with_accounts(&["a", "b"]);
        let now = world.now();
        let sent = send(&mut world, "b", "a", Message { sent: Some(Timestamp(now.0 + 9)), ..message() });
        assert_eq!(sent.time, now);
        world.set_back(50);
        let sent = send(&mut world, "b", "a", message());
        assert_eq!((sent.time, sent.sequence), (now, 2));
        assert_eq!(last(&world, "a", "b"), Some(sent));
    }

    #[test]
    fn r_083_one_that_is_imported_again_counts_once_whether_its_sequence_is_given_or_not() {
        for sequence in [None, Some(8)] {
            let mut world = World::with_accounts(&["a", "b"]);
            let import = || Message { sequence, sent: Some(Timestamp(500)), ..message() };
            let sent = send(&mut world, "b", "a", import());
            assert_eq!(send(&mut world, "b", "a", import()), sent);
            assert_eq!((unread(&world, "a"), last(&world, "a", "b")), ((1, 1), Some(sent)), "{sequence:?}");
            send(&mut world, "b", "a", Message { random: 1, sequence: None, ..import() });
            assert_eq!(unread(&world, "a"), (2, 2), "another of the same second");
        }
    }

    #[test]
    fn r_089_of_many_those_who_are_not_imported_are_listed_and_the_others_get_it_once() {
        let mut world = World::with_accounts(&["a", "b", "c"]);
        send(&mut world, "b", "c", message());
        let to = ["a", "ghost", "c", "a", "ghost"].map(user).to_vec();
        let done = world.run(&SendMessages { from: user("b"), to: to.clone(), message: message() }).unwrap();
        assert_eq!(done.unknown, [user("ghost")]);
        assert_eq!(done.message.sequence, 2, "after what any of them has of this second");
        assert_eq!((unread(&world, "a"), unread(&world, "c")), ((1, 1), (2, 2)));
        assert_eq!((last(&world, "a", "b"), last(&world, "b", "c")), (Some(done.message), Some(done.message)));
        let refused = world.run(&SendMessages { from: user("ghost"), to, message: message() });
        let (field, user) = (Correspondent::Sender, user("ghost"));
        assert_eq!(refused, Err(Refusal::NoSuchCorrespondent { field, user }));
    }

    #[test]
    fn who_is_not_imported_neither_sends_nor_gets_and_nothing_is_kept() {
        let mut world = World::with_accounts(&["a"]);
        for (from, to, field) in [("x", "y", Correspondent::Sender), ("a", "x", Correspondent::Recipient)] {
            let refused = world.run(&SendMessage { from: user(from), to: user(to), message: message() });
            assert_eq!(refused, Err(Refusal::NoSuchCorrespondent { field, user: user("x") }));
        }
        assert_eq!((last(&world, "a", "x"), world.head("x").unread), (None, 0));
    }

    #[test]
    fn a_conversation_has_one_order_whichever_side_sends_and_a_sequence_never_leaves_32_bits() {
        let mut world = World::with_accounts(&["a", "b"]);
        for n in 1..=2 {
            assert_eq!(send(&mut world, "a", "b", Message { to_sender: false, ..message() }).sequence, n);
        }
        let answer = send(&mut world, "b", "a", message());
        assert_eq!((answer.sequence, last(&world, "b", "a")), (3, Some(answer)));
        let most = u64::from(u32::MAX);
        send(&mut world, "a", "b", Message { sequence: Some(most), ..message() });
        assert_eq!(send(&mut world, "a", "b", message()).sequence, most);
    }
}
