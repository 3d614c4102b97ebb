//! The board as its template writes it: meters, columns, cards. A column shows its first cards; how many of each is the page's wish.

use super::seen::Seen;
use super::{NONE, Place, words};
use crate::console::words::Lang;
use askama::Template;
use cubby_domain::queries::OtherSide;
use cubby_domain::{ContactGroupId, Conversation, ConversationId, LastMessage, MarkSet, UNLIMITED};
use cubby_protocol::openapi::Text;
use std::collections::{BTreeMap, HashMap};

/// Cards of a column that are shown at first, and how many more each time.
const CARDS: usize = 100;

/// The part of the page that changes.
#[derive(Template)]
#[template(path = "console/board/part.html")]
pub(super) struct Part {
    lang: Lang,
    /// The query of this board's addresses.
    at: String,
    version: String,
    notice: Option<String>,
    meters: Vec<Meter>,
    columns: Vec<Column>,
    none: Column,
    gone: usize,
    truncated: bool,
    has_contact_groups: bool,
}

/// How much of a limit is used.
pub(super) struct Meter {
    pub(super) label: &'static str,
    pub(super) value: u64,
    pub(super) max: u64,
}

impl Meter {
    /// From where on it is to be noticed.
    fn high(&self) -> u64 {
        self.max - self.max / 10
    }

    fn is_full(&self) -> bool {
        self.value >= self.max
    }
}

/// A contact group, or those in none.
struct Column {
    key: String,
    name: String,
    count: usize,
    cards: Vec<Card>,
    /// How many cards there are beyond those.
    beyond: usize,
    /// How many cards the page may ask for next.
    next: usize,
}

impl Column {
    fn is_group(&self) -> bool {
        self.key != NONE
    }
}

/// A conversation in a column.
pub(super) struct Card {
    pub(super) kind: u8,
    pub(super) id: String,
    /// Its id in the page, without what is special to HTML.
    pub(super) key: String,
    pub(super) name: String,
    pub(super) gone: bool,
    pub(super) pinned: bool,
    pub(super) marks: MarkSet,
    pub(super) custom_mark: Option<String>,
}

impl Card {
    pub(super) fn of(seen: &Seen, id: &ConversationId) -> Self {
        Self::made(id, seen.sorted(id), seen.sides.get(id), seen.board.pinned.contains(id))
    }

    fn made(id: &ConversationId, sorted: Option<&Conversation>, side: Option<&OtherSide>, pinned: bool) -> Self {
        let kind = match id {
            ConversationId::User(_) => 1,
            ConversationId::ChatGroup(_) => 2,
        };
        let key: String = form_urlencoded::byte_serialize(id.as_str().as_bytes()).collect();
        Self {
            kind,
            id: id.as_str().to_owned(),
            key: format!("{kind}-{key}"),
            name: side.map(|side| side.name.to_string()).unwrap_or_default(),
            gone: side.is_some_and(|side| !side.exists),
            pinned,
            marks: sorted.map(|sorted| sorted.marks).unwrap_or_default(),
            custom_mark: sorted.and_then(|sorted| Some(sorted.custom_mark.as_ref()?.as_str().to_owned())),
        }
    }

    /// What it is called.
    pub(super) fn label(&self) -> &str {
        if self.name.is_empty() { &self.id } else { &self.name }
    }

    pub(super) fn has(&self, mark: u8) -> bool {
        mark.checked_sub(1).is_some_and(|bit| self.marks.0 >> bit & 1 == 1)
    }

    /// The marks that have no picture of their own.
    fn numbers(&self) -> impl Iterator<Item = u8> {
        (5..=64).filter(|mark| self.has(*mark))
    }

    /// Whether a second line is needed.
    fn has_more(&self) -> bool {
        self.gone || self.marks.without(MarkSet(1)) != MarkSet::EMPTY || self.custom_mark.is_some()
    }
}

/// What the page wants to be shown of each column, as it says it: `3:200,none:300`.
pub(super) fn wishes(text: &str) -> HashMap<String, usize> {
    let wish = |one: &str| {
        let (key, count) = one.split_once(':')?;
        Some((key.to_owned(), count.parse().ok()?))
    };
    text.split(',').filter_map(wish).collect()
}

/// The limits of a board that are worth a meter: those that no user reaches have none.
fn meters(place: &Place, seen: &Seen, lang: Lang) -> Vec<Meter> {
    let (head, limits) = (&seen.board.head, &place.of.settings.limits);
    let meter = |label: Text, value: usize, max| Meter { label: lang.say(label), value: value as u64, max };
    let counted = [
        (words::CONVERSATIONS, head.conversations, limits.conversations),
        (words::GROUPED, head.grouped, limits.grouped_conversations),
        (words::MARKED, head.marked, limits.marked_conversations),
    ];
    let counted = counted.into_iter().filter(|(.., max)| *max < UNLIMITED);
    let counted = counted.map(|(label, value, max)| Meter { label: lang.say(label), value, max });
    std::iter::once(meter(words::CONTACT_GROUPS, head.contact_groups.len(), limits.contact_groups))
        .chain(counted)
        .chain(std::iter::once(meter(words::PINS, seen.board.pinned.len(), limits.pins)))
        .collect()
}

/// One conversation on its way to its columns.
struct Placed<'a> {
    id: &'a ConversationId,
    sorted: Option<&'a Conversation>,
    pinned: Option<usize>,
    last: Option<&'a LastMessage>,
}

fn placed(seen: &Seen) -> Vec<Placed<'_>> {
    let mut all: BTreeMap<&ConversationId, Placed<'_>> = BTreeMap::new();
    let bare = |id| Placed { id, sorted: None, pinned: None, last: None };
    for (id, sorted) in &seen.board.conversations {
        all.entry(id).or_insert_with(|| bare(id)).sorted = Some(sorted);
    }
    for (place, id) in seen.board.pinned.iter().enumerate() {
        all.entry(id).or_insert_with(|| bare(id)).pinned = Some(place);
    }
    for (id, last) in &seen.board.recents {
        all.entry(id).or_insert_with(|| bare(id)).last = Some(last);
    }
    let mut all: Vec<_> = all.into_values().collect();
    // The pinned ones first, then by the last message, the newest first, then in the order of entry.
    all.sort_by_key(|one| {
        let time = one.last.map(|last| (last.time, last.sequence));
        (one.pinned.unwrap_or(usize::MAX), std::cmp::Reverse(time), one.sorted.map(|sorted| sorted.entered))
    });
    all
}

impl Part {
    pub(super) fn of(place: &Place, seen: &Seen, lang: Lang, shown: &str, notice: Option<String>) -> Self {
        let all = placed(seen);
        let wishes = wishes(shown);
        let column = |key: String, name: String, holds: &dyn Fn(&Placed<'_>) -> bool| {
            let held: Vec<_> = all.iter().filter(|one| holds(one)).collect();
            let shown = wishes.get(&key).copied().unwrap_or(CARDS);
            let card = |one: &&Placed<'_>| Card::made(one.id, one.sorted, seen.sides.get(one.id), one.pinned.is_some());
            Column {
                key,
                name,
                count: held.len(),
                cards: held.iter().take(shown).map(card).collect(),
                beyond: held.len().saturating_sub(shown),
                next: shown.saturating_add(CARDS),
            }
        };
        let is_in = |one: &Placed<'_>, id: ContactGroupId| one.sorted.is_some_and(|s| s.contact_groups.contains(&id));
        let groups = &seen.board.head.contact_groups;
        let columns = groups
            .iter()
            .map(|group| column(group.id.0.to_string(), group.name.as_str().to_owned(), &|one| is_in(one, group.id)))
            .collect();
        let none = column(NONE.to_owned(), lang.say(words::NONE).to_owned(), &|one| {
            one.sorted.is_none_or(|sorted| sorted.contact_groups.is_empty())
        });
        Self {
            lang,
            at: place.at(),
            version: seen.version(),
            notice,
            meters: meters(place, seen, lang),
            columns,
            none,
            gone: seen.gone().len(),
            truncated: seen.board.more,
            has_contact_groups: place.of.settings.has_contact_groups(),
        }
    }

    fn say(&self, text: Text) -> &'static str {
        self.lang.say(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_wants_to_be_shown_is_read_and_nonsense_is_passed_over() {
        let read = wishes("3:200,none:300,4,5:x,:7");
        let mut read: Vec<_> = read.iter().map(|(key, count)| (key.as_str(), *count)).collect();
        read.sort_unstable();
        assert_eq!(read, [("", 7), ("3", 200), ("none", 300)]);
    }

    #[test]
    fn marks_are_told_by_their_numbers_and_the_first_four_by_pictures() {
        let id = ConversationId::User(cubby_domain::UserId::new("a b&c").unwrap());
        let mut marks = MarkSet::EMPTY;
        for mark in [1, 4, 5, 33, 64] {
            marks.insert(mark).unwrap();
        }
        let card = Card { marks, ..Card::made(&id, None, None, false) };
        assert_eq!([1, 2, 4].map(|mark| card.has(mark)), [true, false, true]);
        assert_eq!(card.numbers().collect::<Vec<_>>(), [5, 33, 64]);
        assert_eq!((card.key.as_str(), card.label()), ("1-a+b%26c", "a b&c"));
    }
}
