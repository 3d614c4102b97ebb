//! What is to be changed so that data becomes other data: nothing but what differs.

use super::{ApplicationState, ChatGroupState, UserState};
use crate::change::Change;
use crate::ids::{ChatGroupId, ConversationId, UserId};
use crate::records::{Conversation, Directory};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The changes, in the order in which they are to be made. What gives up a place in an order goes first, since another may take it: a
/// conversation that moves from one place to another is removed and then put.
#[derive(Default)]
struct Diff {
    gone: Vec<Change>,
    put: Vec<Change>,
}

/// The changes that make `wanted` of `before`.
pub(crate) fn changes(before: &ApplicationState, wanted: &ApplicationState) -> Vec<Change> {
    let mut diff = Diff::default();
    let nothing = UserState::default();
    for (user, before, after) in both(&before.users, &wanted.users) {
        diff.user(user, before, after, &nothing);
    }
    for (id, before, after) in both(&before.chat_groups, &wanted.chat_groups) {
        diff.chat_group(id, before, after);
    }
    if before.directory != wanted.directory {
        let kept = (wanted.directory != Directory::default()).then_some(wanted.directory);
        diff.put.push(Change::Directory(kept));
    }
    let Diff { gone: mut changes, put } = diff;
    changes.extend(put);
    changes
}

impl Diff {
    fn user(&mut self, user: &UserId, before: Option<&UserState>, after: Option<&UserState>, nothing: &UserState) {
        if before == after {
            return;
        }
        let (was, is) = (before.unwrap_or(nothing), after.unwrap_or(nothing));
        for (id, before, after) in both(&was.conversations, &is.conversations) {
            self.conversation(user, id, before, after);
        }
        for (id, before, after) in both(&was.recent_contacts, &is.recent_contacts) {
            if before != after {
                let (user, id) = (user.clone(), id.clone());
                self.put.push(Change::RecentContact { user, id, before: before.copied(), after: after.copied() });
            }
        }
        if was.pins != is.pins {
            self.put.push(Change::Pins(user.clone(), is.pins.clone()));
        }
        self.put.push(match after {
            Some(after) => Change::Head(user.clone(), after.head.clone()),
            None => Change::UserGone(user.clone()),
        });
    }

    fn conversation(
        &mut self,
        user: &UserId,
        id: &ConversationId,
        before: Option<&Conversation>,
        after: Option<&Conversation>,
    ) {
        let change = |before: Option<&Conversation>, after: Option<&Conversation>| Change::Conversation {
            user: user.clone(),
            id: id.clone(),
            before: before.cloned(),
            after: after.cloned(),
        };
        match (before, after) {
            (None, None) => {}
            (Some(before), Some(after)) if before == after => {}
            (Some(was), Some(is)) if was.entered == is.entered => self.put.push(change(before, after)),
            _ => {
                self.gone.extend(before.map(|_| change(before, None)));
                self.put.extend(after.map(|_| change(None, after)));
            }
        }
    }

    fn chat_group(&mut self, id: &ChatGroupId, before: Option<&ChatGroupState>, after: Option<&ChatGroupState>) {
        if before == after {
            return;
        }
        let none = BTreeMap::new();
        let record = |state: Option<&ChatGroupState>| state.map(|state| state.record.clone());
        let (was, is) = (record(before), record(after));
        let change = |before, after| Change::ChatGroup { id: id.clone(), before, after };
        match (was, is) {
            (was, is) if was == is => {}
            (Some(was), Some(is)) if was.sequence == is.sequence => self.put.push(change(Some(was), Some(is))),
            (was, is) => {
                self.gone.extend(was.map(|was| change(Some(was), None)));
                self.put.extend(is.map(|is| change(None, Some(is))));
            }
        }
        let (was, is) = (before.map_or(&none, |one| &one.members), after.map_or(&none, |one| &one.members));
        for (user, before, after) in both(was, is) {
            if before != after {
                let (chat_group, user) = (id.clone(), user.clone());
                self.put.push(Change::Member { chat_group, user, after: after.copied() });
            }
        }
    }
}

/// The entries of two maps, key by key.
fn both<'a, K: Ord, V>(
    a: &'a BTreeMap<K, V>,
    b: &'a BTreeMap<K, V>,
) -> impl Iterator<Item = (&'a K, Option<&'a V>, Option<&'a V>)> {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    std::iter::from_fn(move || {
        let order = match (a.peek(), b.peek()) {
            (None, None) => return None,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((x, _)), Some((y, _))) => x.cmp(y),
        };
        match order {
            Ordering::Less => a.next().map(|(key, value)| (key, Some(value), None)),
            Ordering::Greater => b.next().map(|(key, value)| (key, None, Some(value))),
            Ordering::Equal => a.next().zip(b.next()).map(|((key, x), (_, y))| (key, Some(x), Some(y))),
        }
    })
}
