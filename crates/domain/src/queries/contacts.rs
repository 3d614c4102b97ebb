//! `search_contact_group`, `get_contact_group`: a user's conversation data.

use crate::command::{Context, Query};
use crate::edit::require_imported;
use crate::footprint::{Footprint, Range};
use crate::head::ContactGroup;
use crate::ids::{ConversationId, UserId};
use crate::refusal::Refusal;
use crate::view::{Conversations, View};
use std::collections::BTreeSet;

/// Asks for some conversations of a user.
#[derive(Debug)]
pub struct SearchContacts {
    /// Whose data.
    pub user: UserId,
    /// Which.
    pub ids: Vec<ConversationId>,
}

/// Those that are in the data, and all contact groups.
#[derive(Debug, PartialEq, Eq)]
pub struct Contacts {
    /// The conversations, in the order asked, each once.
    pub conversations: Conversations,
    /// All contact groups of the user, by GroupId.
    pub contact_groups: Vec<ContactGroup>,
}

impl Query for SearchContacts {
    type Reply = Contacts;

    fn footprint(&self) -> Footprint {
        Footprint {
            users: vec![self.user.clone()],
            conversations: self.ids.iter().map(|id| (self.user.clone(), id.clone())).collect(),
            ..Footprint::default()
        }
    }

    fn answer(&self, view: &View, context: &Context) -> Result<Contacts, Refusal> {
        let head = view.head(&self.user);
        require_imported(&self.user, &head, context)?;
        let mut seen = BTreeSet::new();
        let asked = self.ids.iter().filter(|id| seen.insert(*id));
        let found = asked.filter_map(|id| Some((id.clone(), view.conversation(&self.user, id)?.clone())));
        Ok(Contacts { conversations: found.collect(), contact_groups: head.contact_groups })
    }
}

/// Asks for a page of a user's conversations.
#[derive(Debug)]
pub struct ListContacts {
    /// Whose data.
    pub user: UserId,
    /// The place in the order of entry after which the page begins: 0, or what the page before said.
    pub after: u64,
    /// How many at most.
    pub limit: u64,
}

/// A page, in the order of entry.
#[derive(Debug, PartialEq, Eq)]
pub struct ContactPage {
    /// The conversations and all contact groups.
    pub contacts: Contacts,
    /// After which place the next page begins; `None` on the last. A place is never given again, so that what stays in the data comes
    /// exactly once.
    pub next: Option<u64>,
}

impl Query for ListContacts {
    type Reply = ContactPage;

    fn footprint(&self) -> Footprint {
        let range = Range::ConversationPage { user: self.user.clone(), after: self.after, limit: self.limit };
        Footprint { users: vec![self.user.clone()], ranges: vec![range], ..Footprint::default() }
    }

    fn answer(&self, view: &View, context: &Context) -> Result<ContactPage, Refusal> {
        let head = view.head(&self.user);
        require_imported(&self.user, &head, context)?;
        let page = &view.conversation_page;
        let last = page.items.last().map(|(_, conversation)| conversation.entered);
        Ok(ContactPage {
            contacts: Contacts { conversations: page.items.clone(), contact_groups: head.contact_groups },
            next: last.filter(|_| page.more),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{CreateContactGroup, Move, UpdateContactGroup};
    use crate::ids::ContactGroupName;
    use crate::testing::{World, user, with};

    fn world() -> World {
        let mut world = World::with_accounts(&["a", "b", "c", "d", "e"]);
        let items = ["b", "c", "d", "e"].map(|id| Ok(with(id))).into();
        let name = ContactGroupName::new("x").unwrap();
        world.run(&CreateContactGroup { user: user("a"), name, items }).unwrap();
        world
    }

    fn page(world: &World, after: u64) -> (Vec<ConversationId>, Option<u64>) {
        let page = world.ask(&ListContacts { user: user("a"), after, limit: 2 }).unwrap();
        (page.contacts.conversations.into_iter().map(|(id, _)| id).collect(), page.next)
    }

    #[test]
    fn a_full_page_that_is_the_last_says_so() {
        let world = world();
        assert_eq!(page(&world, 0), (vec![with("b"), with("c")], Some(2)));
        assert_eq!(page(&world, 2), (vec![with("d"), with("e")], None));
        assert_eq!(page(&world, u64::MAX), (vec![], None));
    }

    #[test]
    fn what_stays_during_the_paging_comes_exactly_once_whatever_else_changes() {
        let mut world = world();
        let (first, next) = page(&world, 0);
        let items = vec![Ok(Move::Remove(with("c"))), Ok(Move::Remove(with("d"))), Ok(Move::Add(with("d")))];
        world.run(&UpdateContactGroup::Conversations { user: user("a"), name: "x".into(), items }).unwrap();
        assert_eq!(first, [with("b"), with("c")]);
        assert_eq!(page(&world, next.unwrap()), (vec![with("e"), with("d")], None));
    }

    #[test]
    fn a_search_answers_in_the_order_asked_each_once() {
        let world = world();
        let ids = ["d", "ghost", "b", "d"].map(with).into();
        let found = world.ask(&SearchContacts { user: user("a"), ids }).unwrap();
        let ids: Vec<_> = found.conversations.into_iter().map(|(id, _)| id).collect();
        assert_eq!(ids, [with("d"), with("b")]);
    }
}
