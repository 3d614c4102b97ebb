//! The list of recent contacts: which last message a user sees of a conversation. It has no part in contact groups and marks, and they
//! have none in it.

use crate::ids::ConversationId;
use crate::records::{ChatGroup, Conversation, LastMessage, Member, RecentContact};

/// One recent contact as the list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recent {
    /// The conversation.
    pub id: ConversationId,
    /// Its last message.
    pub last: LastMessage,
    /// Its place in the order of pinning, where it is pinned.
    pub pinned: Option<u64>,
    /// How the user sorts it, where the user does.
    pub sorted: Option<Conversation>,
}

/// The newest recent contacts of a user and all pinned ones, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recents {
    /// The recent contacts.
    pub list: Vec<Recent>,
    /// The last number given to a pin.
    pub pins_given: u64,
}

/// The last message of a chat group that a user sees: its own last one, unless it was sent before the user joined or the user has
/// deleted the conversation since; or one that went to this user alone, or is kept from an earlier stay, where that is newer.
pub(crate) fn shown_in(chat_group: &ChatGroup, member: Option<&Member>, own: &RecentContact) -> Option<LastMessage> {
    let seen = |last: &LastMessage| member.is_some_and(|member| last.sequence > member.since.max(own.deleted));
    let shared = chat_group.last.filter(seen);
    [shared, own.last].into_iter().flatten().max_by_key(|last| (last.time, last.sequence))
}

impl RecentContact {
    /// A message came: it is the last one, unless it is older than that.
    pub(crate) fn come(&mut self, message: LastMessage) {
        if self.last.is_none_or(|last| message.is_after(&last)) {
            self.last = Some(message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;
    use proptest::prelude::*;

    fn message(time: u64, sequence: u64) -> LastMessage {
        LastMessage { time: Timestamp(time), sequence, random: time ^ sequence, expires: Timestamp(time + 100) }
    }

    fn chat_group(last: Option<LastMessage>) -> ChatGroup {
        ChatGroup {
            sequence: 1,
            kind: "Public".into(),
            name: "g".into(),
            owner: None,
            created: Timestamp(0),
            members: 1,
            members_max: 9,
            messages: last.map_or(0, |last| last.sequence),
            last,
        }
    }

    fn since(since: u64) -> Member {
        Member { owner: false, joined: Timestamp(0), since }
    }

    #[test]
    fn r_085_a_member_sees_the_chat_groups_last_message_where_it_was_sent_after_joining_and_deleting() {
        let shared = message(50, 5);
        let shown = |member: u64, deleted: u64| {
            let own = RecentContact { deleted, ..RecentContact::default() };
            shown_in(&chat_group(Some(shared)), Some(&since(member)), &own)
        };
        assert_eq!(shown(0, 0), Some(shared));
        assert_eq!(shown(4, 4), Some(shared));
        assert_eq!(shown(5, 0), None, "sent before the user joined");
        assert_eq!(shown(0, 5), None, "deleted since");
        assert_eq!(shown_in(&chat_group(Some(shared)), None, &RecentContact::default()), None, "no member");
        assert_eq!(shown_in(&chat_group(None), Some(&since(0)), &RecentContact::default()), None);
    }

    #[test]
    fn r_085_a_message_for_a_member_alone_and_one_of_an_earlier_stay_are_shown_where_they_are_newer() {
        let shown = |own: LastMessage, member: Option<&Member>| {
            let own = RecentContact { last: Some(own), ..RecentContact::default() };
            shown_in(&chat_group(Some(message(50, 5))), member, &own)
        };
        assert_eq!(shown(message(50, 6), Some(&since(0))), Some(message(50, 6)));
        assert_eq!(shown(message(50, 4), Some(&since(0))), Some(message(50, 5)));
        assert_eq!(shown(message(20, 2), Some(&since(5))), Some(message(20, 2)), "what it saw then, it sees now");
        assert_eq!(shown(message(20, 2), None), Some(message(20, 2)));
    }

    proptest! {
        #[test]
        fn r_083_in_whatever_order_messages_come_the_last_one_is_the_newest(messages: Vec<(u8, u8)>) {
            let mut one = RecentContact::default();
            for (time, sequence) in &messages {
                one.come(message((*time).into(), (*sequence).into()));
            }
            let newest = messages.into_iter().max();
            prop_assert_eq!(one.last, newest.map(|(time, sequence)| message(time.into(), sequence.into())));
        }
    }
}
