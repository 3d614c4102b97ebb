//! The reference: the product's own HTTP, gate, decoding, rules and encoding over a store that keeps nothing. What a real store costs
//! is the difference; how well the rest is written is not measured by it.

use crate::Failure;
use crate::requests::{APP, CONTACT_GROUP, KEPT, KEY, user};
use cubby_domain::commands::{Move, UpdateContactGroup};
use cubby_domain::{
    Account, Application, ApplicationKey, ChatGroup, ChatGroupId, Command, ContactGroup, ContactGroupId,
    ContactGroupName, Context, Conversation, ConversationId, Conversations, Directory, Edition, Head, MarkSet, Member,
    Pins, Query, RecentContact, Records, SdkAppId, Settings, Timestamp, UserId, View,
};
use cubby_server::{App, Applications, Bounds, CallRates, Clock, Listener};
use cubby_store::{Answer, Health, Store};
use std::any::Any;
use std::convert::Infallible;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// Serves until standard input ends, so that it never outlives the run that started it.
pub(crate) fn run(port_file: &Path) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(port_file))
}

async fn serve(port_file: &Path) -> Result<(), Failure> {
    let store = NoStore::new()?;
    let applications = Applications::load(&store, CallRates::OFF).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    std::fs::write(port_file, format!("{}\n", listener.local_addr()?.port()))?;
    let app = Arc::new(App { store, applications, clock: Clock::system() });
    let (ended, stop) = tokio::sync::oneshot::channel::<()>();
    std::thread::spawn(move || {
        // Whether the input ends or cannot be read, the run is over.
        let _at_end = std::io::stdin().read_to_end(&mut Vec::new());
        drop(ended);
    });
    cubby_server::serve(app, Bounds::default(), vec![Listener::plain(listener)], async { drop(stop.await) }).await;
    Ok(())
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
        let settings = Settings { edition: Edition::Ultimate, ..Settings::default() };
        let keys = vec![ApplicationKey { text: KEY.into(), added: updated }];
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
        let application = Application { id: SdkAppId(APP), keys, disabled: false, settings };
        Ok(Self { application, head, kept, removable: conversation(u64::from(KEPT) + 1) })
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
}
