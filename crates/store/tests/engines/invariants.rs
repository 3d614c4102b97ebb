//! What must be true of the records whatever was done: it reads them behind the contract's queries, by queries of its own.

use crate::support::asked;
use cubby_domain::queries::{ChatGroupInfo, GetChatGroups, ListChatGroups};
use cubby_domain::{
    ChatGroupId, Context, Conversation, ConversationId, Footprint, Head, Member, Pins, Query, Range, RecentContact,
    Recents, Refusal, UserId, View,
};
use cubby_store::Store;
use std::collections::BTreeSet;

/// Everything that is kept of a user.
#[derive(Debug, PartialEq)]
pub struct Kept {
    pub head: Head,
    pub conversations: Vec<(ConversationId, Conversation)>,
    pub memberships: Vec<(ChatGroupId, Member)>,
    /// By their ids.
    pub recent_contacts: Vec<(ConversationId, RecentContact)>,
    pub pins: Option<Pins>,
}

/// Asks for everything of a user, imported or not.
pub struct Everything(pub UserId);

impl Query for Everything {
    type Reply = Kept;

    fn footprint(&self) -> Footprint {
        let ranges = vec![Range::AllOfUser(self.0.clone())];
        Footprint { users: vec![self.0.clone()], ranges, ..Footprint::default() }
    }

    fn answer(&self, view: &View, _: &Context) -> Result<Kept, Refusal> {
        let mut conversations: Vec<_> =
            view.conversations_of(&self.0).map(|(id, one)| (id.clone(), one.clone())).collect();
        conversations.sort_by_key(|(_, one)| one.entered);
        let memberships = view.memberships_of(&self.0).map(|(id, member)| (id.clone(), *member)).collect();
        let recent_contacts = view.recent_contacts_of(&self.0).map(|(id, one)| (id.clone(), *one)).collect();
        let pins = view.pins(&self.0).cloned();
        Ok(Kept { head: view.head(&self.0), conversations, memberships, recent_contacts, pins })
    }
}

/// Asks for the conversations in a contact group, as its deletion does.
struct InContactGroup(UserId, Box<str>);

impl Query for InContactGroup {
    type Reply = BTreeSet<ConversationId>;

    fn footprint(&self) -> Footprint {
        let ranges = vec![Range::InContactGroup(self.0.clone(), self.1.clone())];
        Footprint { users: vec![self.0.clone()], ranges, ..Footprint::default() }
    }

    fn answer(&self, view: &View, _: &Context) -> Result<Self::Reply, Refusal> {
        Ok(view.conversations_of(&self.0).map(|(id, _)| id.clone()).collect())
    }
}

/// Asks for conversations one by one, as an update does.
struct OneByOne(UserId, Vec<ConversationId>);

impl Query for OneByOne {
    type Reply = Vec<(ConversationId, Option<Conversation>)>;

    fn footprint(&self) -> Footprint {
        let conversations = self.1.iter().map(|id| (self.0.clone(), id.clone())).collect();
        Footprint { users: vec![self.0.clone()], conversations, ..Footprint::default() }
    }

    fn answer(&self, view: &View, _: &Context) -> Result<Self::Reply, Refusal> {
        Ok(self.1.iter().map(|id| (id.clone(), view.conversation(&self.0, id).cloned())).collect())
    }
}

/// Asks for recent contacts one by one, as a message does.
struct RecentOneByOne(UserId, Vec<ConversationId>);

impl Query for RecentOneByOne {
    type Reply = Vec<(ConversationId, RecentContact)>;

    fn footprint(&self) -> Footprint {
        let recent_contacts = self.1.iter().map(|id| (self.0.clone(), id.clone())).collect();
        Footprint { users: vec![self.0.clone()], recent_contacts, ..Footprint::default() }
    }

    fn answer(&self, view: &View, _: &Context) -> Result<Self::Reply, Refusal> {
        Ok(self.1.iter().map(|id| (id.clone(), view.recent_contact(&self.0, id))).collect())
    }
}

/// Asks for the list of recent contacts as it is before flags and pages.
struct All(UserId);

impl Query for All {
    type Reply = Recents;

    fn footprint(&self) -> Footprint {
        let ranges = vec![Range::Recents(self.0.clone(), u64::MAX)];
        Footprint { users: vec![self.0.clone()], ranges, ..Footprint::default() }
    }

    fn answer(&self, view: &View, _: &Context) -> Result<Recents, Refusal> {
        Ok(view.recents.clone())
    }
}

/// Checks the recent contacts of a user: the counter of what is unread, each way to a record against the other, and that pins and the
/// list name each conversation once.
async fn check_recents(store: &impl Store, context: &Context, user: &UserId) {
    let kept = asked(store, context, Everything(user.clone())).await;
    let ids: Vec<ConversationId> = kept.recent_contacts.iter().map(|(id, _)| id.clone()).collect();
    let unread: u64 = kept.recent_contacts.iter().map(|(_, one)| one.unread).sum();
    assert_eq!(kept.head.unread, unread, "the counter of unread messages of {user:?}");
    for (id, one) in &kept.recent_contacts {
        assert_ne!(*one, RecentContact::default(), "{user:?} keeps {id:?} without a reason");
        let of_user = matches!(id, ConversationId::User(_));
        assert!(if of_user { (one.deleted, one.read) == (0, 0) } else { one.unread == 0 }, "{user:?} {id:?} {one:?}");
    }
    assert_eq!(asked(store, context, RecentOneByOne(user.clone(), ids)).await, kept.recent_contacts);
    let Pins { given, list: pins } = kept.pins.unwrap_or_default();
    assert!(pins.is_sorted_by(|a, b| a.number < b.number), "{user:?} {pins:?}");
    assert!(pins.last().is_none_or(|last| last.number <= given), "{user:?} {pins:?}");
    assert_eq!(pins.iter().map(|pin| &pin.id).collect::<BTreeSet<_>>().len(), pins.len(), "{user:?} {pins:?}");
    let Recents { list, pins_given } = asked(store, context, All(user.clone())).await;
    assert_eq!(pins_given, given);
    assert!(list.is_sorted_by(|a, b| a.last.time >= b.last.time), "{user:?} {list:?}");
    assert_eq!(list.iter().map(|one| &one.id).collect::<BTreeSet<_>>().len(), list.len(), "{user:?} {list:?}");
    for (id, _) in kept.recent_contacts.iter().filter(|(_, one)| one.last.is_some()) {
        assert!(list.iter().any(|one| one.id == *id), "{user:?} {id:?} is not in the list");
    }
}

/// Checks everything of a user: the head's own rules, the counters against the records, and each way to the records against the others.
pub async fn check_user(store: &impl Store, context: &Context, user: &UserId) {
    let Kept { head, conversations, .. } = asked(store, context, Everything(user.clone())).await;
    assert_eq!(head.check(), Ok(()), "{user:?} {head:?}");
    assert_eq!(head.conversations, conversations.len() as u64, "the counter of {user:?}");
    let count = |is: fn(&Conversation) -> bool| conversations.iter().filter(|(_, one)| is(one)).count() as u64;
    let (grouped, marked) = (count(|one| !one.contact_groups.is_empty()), count(Conversation::is_marked));
    assert_eq!((head.grouped, head.marked), (grouped, marked), "the counters of {user:?}");
    let places: BTreeSet<u64> = conversations.iter().map(|(_, one)| one.entered).collect();
    assert_eq!(places.len(), conversations.len(), "each conversation of {user:?} has a place of its own");
    for (id, one) in &conversations {
        assert!(!one.is_bare(), "{user:?} keeps {id:?} without a reason");
        assert!((1..=head.entered).contains(&one.entered), "{user:?} {id:?} {one:?}");
        assert!(one.updated <= head.updated, "{user:?} {id:?} {one:?}");
        assert!(one.contact_groups.is_sorted_by(|a, b| a < b), "{user:?} {id:?} {one:?}");
        let known = |group| head.contact_groups.iter().any(|known| known.id == group);
        assert!(one.contact_groups.iter().all(|group| known(*group)), "{user:?} {id:?} {one:?}");
    }
    for group in &head.contact_groups {
        let listed = asked(store, context, InContactGroup(user.clone(), group.name.as_str().into())).await;
        let within = conversations.iter().filter(|(_, one)| one.contact_groups.contains(&group.id));
        assert_eq!(listed, within.map(|(id, _)| id.clone()).collect(), "{user:?} {group:?}");
    }
    let ids = conversations.iter().map(|(id, _)| id.clone()).collect();
    let found = asked(store, context, OneByOne(user.clone(), ids)).await;
    assert_eq!(found, conversations.into_iter().map(|(id, one)| (id, Some(one))).collect::<Vec<_>>());
    check_recents(store, context, user).await;
}

/// Checks the chat groups against their directory, their members, and the memberships of these users, who are all that there are.
pub async fn check_chat_groups(store: &impl Store, context: &Context, users: &[UserId]) {
    let page = asked(store, context, ListChatGroups { after: 0, limit: u64::MAX, kind: None }).await;
    assert_eq!(page.total, page.chat_groups.len() as u64, "the counter of chat groups");
    assert!(page.chat_groups.is_sorted_by(|(_, a), (_, b)| a.sequence < b.sequence));
    let ids: Vec<ChatGroupId> = page.chat_groups.into_iter().map(|(id, _)| id).collect();
    let found = asked(store, context, GetChatGroups { ids: ids.clone() }).await;
    let mut from_groups = BTreeSet::new();
    for (id, found) in ids.into_iter().zip(found) {
        let ChatGroupInfo { chat_group, members } = found.unwrap();
        assert_eq!(chat_group.members, members.len() as u64, "the counter of {id:?}");
        from_groups.extend(members.into_iter().map(|(user, _)| (id.clone(), user)));
    }
    let mut from_users = BTreeSet::new();
    for user in users {
        let kept = asked(store, context, Everything(user.clone())).await;
        from_users.extend(kept.memberships.into_iter().map(|(id, _)| (id, user.clone())));
    }
    assert_eq!(from_groups, from_users, "a membership is kept on both sides or on none");
}
