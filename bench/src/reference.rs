//! The reference: the product's own HTTP, gate, decoding, rules and encoding over a store that keeps nothing. What a real store costs
//! is the difference; how well the rest is written is not measured by it.

use crate::requests::{CONTACT_GROUP, KEPT, user};
use crate::{Failure, serving};
use cubby_domain::commands::{Move, UpdateContactGroup};
use cubby_domain::state::Part;
use cubby_domain::{
    Account, Application, ChatGroup, ChatGroupId, Command, ContactGroup, ContactGroupId, ContactGroupName, Context,
    Conversation, ConversationId, Conversations, Directory, Head, MarkSet, Member, Pins, Query, RecentContact, Records,
    Timestamp, UserId, View,
};
use cubby_server::Clock;
use cubby_store::{Answer, Health, Store};
use std::any::Any;
use std::convert::Infallible;
use std::path::Path;

/// Serves until standard input ends.
pub(crate) fn run(port_file: &Path) -> Result<(), Failure> {
    serving::serve(NoStore::new()?, port_file)
}

/// A store in which every user is imported and has the same data, whatever was asked of it before.
struct NoStore {
    application: Application,
    head: Head,
    /// What every user has.
    kept: Conversations,
    /// The conversation that an update removes.
    removable: Conversation,
}

impl NoStore {
    fn new() -> Result<Self, Failure> {
        let updated = Clock::system().now();
        let id = ContactGroupId(1);
        let conversation = |entered| Conversation {
            entered,
            contact_groups: vec![id],
            marks: MarkSet::default(),
            custom_mark: None,
            updated,
        };
        let mut kept = Vec::new();
        for n in 1..=KEPT {
            kept.push((ConversationId::User(UserId::new(&user(n))?), conversation(u64::from(n))));
        }
        let head = Head {
            account: Some(Account::default()),
            contact_groups: vec![ContactGroup { id, name: ContactGroupName::new(CONTACT_GROUP)? }],
            contact_group_id: 1,
            entered: u64::from(KEPT) + 1,
            conversations: u64::from(KEPT) + 1,
            grouped: u64::from(KEPT) + 1,
            marked: 0,
            unread: 0,
            updated: Timestamp::default(),
        };
        Ok(Self { application: serving::application(), head, kept, removable: conversation(u64::from(KEPT) + 1) })
    }

    fn read(&self, footprint: &cubby_domain::Footprint, removes: bool) -> View {
        let Ok(view) = View::read(footprint, &Fabricated { store: self, removes });
        view
    }
}

/// Whether the command removes a conversation: what it removes is there then, and what it adds is not, so that each changes something.
fn removes(command: &dyn Any) -> bool {
    match command.downcast_ref() {
        Some(UpdateContactGroup::Conversations { items, .. }) => matches!(items.first(), Some(Ok(Move::Remove(_)))),
        _ => false,
    }
}

impl Store for NoStore {
    async fn execute<C: Command>(&self, command: C, context: Context) -> Answer<C::Reply> {
        let view = self.read(&command.footprint(), removes(&command));
        Ok(command.apply(&view, &context).map(|outcome| outcome.reply))
    }

    async fn query<Q: Query>(&self, query: Q, context: Context) -> Answer<Q::Reply> {
        Ok(query.answer(&self.read(&query.footprint(), false), &context))
    }

    fn health(&self) -> Health {
        Health::Serving
    }

    async fn failed(&self) {
        std::future::pending::<()>().await;
    }
}

/// The made-up records that one request sees.
struct Fabricated<'a> {
    store: &'a NoStore,
    removes: bool,
}

impl Records for Fabricated<'_> {
    type Error = Infallible;

    fn head(&self, _: &UserId) -> Result<Option<Head>, Infallible> {
        Ok(Some(self.store.head.clone()))
    }

    fn conversation(&self, _: &UserId, _: &ConversationId) -> Result<Option<Conversation>, Infallible> {
        Ok(self.removes.then(|| self.store.removable.clone()))
    }

    fn conversations(&self, _: &UserId, after: u64, limit: u64) -> Result<Conversations, Infallible> {
        let page = self.store.kept.iter().filter(|(_, one)| one.entered > after);
        Ok(page.take(usize::try_from(limit).unwrap_or(usize::MAX)).cloned().collect())
    }

    fn in_contact_group(&self, _: &UserId, _: ContactGroupId) -> Result<Conversations, Infallible> {
        Ok(self.store.kept.clone())
    }

    fn recent_contact(&self, _: &UserId, _: &ConversationId) -> Result<Option<RecentContact>, Infallible> {
        Ok(None)
    }

    fn recent_contacts(&self, _: &UserId, _: u64) -> Result<Vec<(ConversationId, RecentContact)>, Infallible> {
        Ok(Vec::new())
    }

    fn pins(&self, _: &UserId) -> Result<Option<Pins>, Infallible> {
        Ok(None)
    }

    fn chat_group(&self, _: &ChatGroupId) -> Result<Option<ChatGroup>, Infallible> {
        Ok(None)
    }

    fn chat_groups(&self, _: u64, _: u64) -> Result<Vec<(ChatGroupId, ChatGroup)>, Infallible> {
        Ok(Vec::new())
    }

    fn member(&self, _: &ChatGroupId, _: &UserId) -> Result<Option<Member>, Infallible> {
        Ok(None)
    }

    fn members_of(&self, _: &ChatGroupId, _: u64) -> Result<Vec<(UserId, Member)>, Infallible> {
        Ok(Vec::new())
    }

    fn memberships_of(&self, _: &UserId) -> Result<Vec<(ChatGroupId, Member)>, Infallible> {
        Ok(Vec::new())
    }

    fn directory(&self) -> Result<Directory, Infallible> {
        Ok(Directory::default())
    }

    fn application(&self) -> Result<Option<Application>, Infallible> {
        Ok(Some(self.store.application.clone()))
    }

    fn applications(&self) -> Result<Vec<Application>, Infallible> {
        Ok(vec![self.store.application.clone()])
    }

    fn users(&self, _: Option<&UserId>, _: u64) -> Result<Vec<(UserId, Option<Head>)>, Infallible> {
        Ok(Vec::new())
    }

    fn everything(&self, _: u64) -> Result<Part, Infallible> {
        Ok(Part::default())
    }
}
