//! The sheet of one conversation: all that can be done with it, by keyboard as well as by mouse.

use super::seen::Seen;
use super::shown::Card;
use super::{NONE, words};
use crate::console::words::Lang;
use askama::Template;
use cubby_domain::ConversationId;
use cubby_protocol::openapi::Text;
use std::ops::RangeInclusive;

#[derive(Template)]
#[template(path = "console/board/sheet.html")]
pub(super) struct Sheet {
    lang: Lang,
    card: Card,
    /// The column that it was opened from.
    column: String,
    groups: Vec<Group>,
    can_leave: bool,
    /// When its groups or marks last changed, and when its last message came, in Unix seconds.
    updated: Option<u64>,
    last: Option<u64>,
}

/// A mark that can be set and cleared.
struct Mark {
    number: u8,
    picture: &'static str,
    name: &'static str,
    is_set: bool,
}

/// Marks that are folded away together.
struct Marks {
    name: &'static str,
    list: Vec<Mark>,
}

impl Marks {
    fn has_any(&self) -> bool {
        self.list.iter().any(|mark| mark.is_set)
    }
}

/// A contact group, and whether the conversation is in it.
struct Group {
    id: u64,
    name: String,
    holds: bool,
}

impl Sheet {
    pub(super) fn of(seen: &Seen, id: &ConversationId, column: String, lang: Lang) -> Self {
        let sorted = seen.sorted(id);
        let holds = |group| sorted.is_some_and(|sorted| sorted.contact_groups.contains(group));
        let groups = seen.board.head.contact_groups.iter();
        let groups =
            groups.map(|group| Group { id: group.id.0, name: group.name.as_str().to_owned(), holds: holds(&group.id) });
        let last = seen.board.recents.iter().find(|(one, _)| one == id).map(|(_, last)| last.time.0);
        Self {
            lang,
            card: Card::of(seen, id),
            can_leave: column != NONE,
            column,
            groups: groups.collect(),
            updated: sorted.map(|sorted| sorted.updated.0),
            last,
        }
    }

    fn say(&self, text: Text) -> &'static str {
        self.lang.say(text)
    }

    fn mark(&self, number: u8, picture: &'static str, name: Text) -> Mark {
        Mark { number, picture, name: self.say(name), is_set: self.card.has(number) }
    }

    /// The first four marks, which have pictures.
    fn pictured(&self) -> [Mark; 4] {
        [
            self.mark(1, "star", words::STAR),
            self.mark(2, "unread", words::UNREAD),
            self.mark(3, "fold", words::FOLD),
            self.mark(4, "hide", words::HIDE),
        ]
    }

    /// The others, which have numbers.
    fn numbered(&self) -> [Marks; 2] {
        let list = |numbers: RangeInclusive<u8>| numbers.map(|number| self.mark(number, "", words::MARK)).collect();
        [
            Marks { name: self.say(words::OWN_MARKS), list: list(33..=64) },
            Marks { name: self.say(words::VENDOR_MARKS), list: list(5..=32) },
        ]
    }

    /// Where it can be moved to.
    fn targets(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(|group| !group.holds)
    }
}
