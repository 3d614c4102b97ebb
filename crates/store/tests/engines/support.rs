//! What the engines' tests share: an application, short ways to write commands, and ways to hold a writer still. It knows no engine.

use cubby_domain::commands::{
    ChatGroupIdWanted, CreateChatGroup, CreateContactGroup, DeleteAccounts, DeleteContactGroup, ImportAccounts,
    ImportedAccount, MarkContacts, Marking, Message, Move, PinConversations, ReplaceApplicationState,
    SendChatGroupMessage, SendMessage, UpdateContactGroup,
};
use cubby_domain::queries::{
    ContactPage, ListContacts, ListRecentContacts, PinnedWanted, ReadApplicationState, SearchContacts,
};
use cubby_domain::state::{ApplicationState, CheckedState, RECORDS_MAX};
use cubby_domain::{
    ChatGroupId, Command, ContactGroupName, Context, ConversationId, DirectoryKept, Footprint, Limits, MarkSet,
    Outcome, Query, Refusal, SdkAppId, Settings, Timestamp, UserId, View,
};
use cubby_store::Store;
use std::pin::Pin;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::time::Duration;
use tokio::sync::oneshot;

/// What no test waits longer for: beyond it, it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

pub fn user(id: &str) -> UserId {
    UserId::new(id).unwrap()
}

pub fn chat_group(id: &str) -> ChatGroupId {
    ChatGroupId::new(id).unwrap()
}

/// The conversation with a user.
pub fn with(id: &str) -> ConversationId {
    ConversationId::User(user(id))
}

/// The conversation in a chat group.
pub fn within_group(id: &str) -> ConversationId {
    ConversationId::ChatGroup(chat_group(id))
}

/// So many conversations, p1, p2 …
pub fn crowd(many: usize) -> Vec<ConversationId> {
    (1..=many).map(|n| with(&format!("p{n}"))).collect()
}

pub fn name(text: &str) -> ContactGroupName {
    ContactGroupName::new(text).unwrap()
}

/// An application that keeps its users and chat groups here, with the limits of the contract.
pub fn here() -> Context {
    Context { app: SdkAppId(1_400_000_001), now: Timestamp(1_000_000), settings: Arc::default() }
}

/// An application with other limits, in which every account and chat group exists.
pub fn everybody_exists(limits: impl FnOnce(&mut Limits)) -> Context {
    let mut settings =
        Settings { users: DirectoryKept::Elsewhere, chat_groups: DirectoryKept::Elsewhere, ..Settings::default() };
    limits(&mut settings.limits);
    Context { settings: Arc::new(settings), ..here() }
}

pub fn later(context: &Context, seconds: u64) -> Context {
    Context { now: Timestamp(context.now.0 + seconds), ..context.clone() }
}

pub fn import(ids: &[&str]) -> ImportAccounts {
    let one = |id: &&str| ImportedAccount { user: user(id), nick: None, face_url: None };
    ImportAccounts { accounts: ids.iter().map(one).collect() }
}

pub fn delete_accounts(ids: &[&str]) -> DeleteAccounts {
    DeleteAccounts { items: ids.iter().map(|id| Ok(user(id))).collect() }
}

pub fn create(of: &str, group: &str, items: Vec<ConversationId>) -> CreateContactGroup {
    CreateContactGroup { user: user(of), name: name(group), items: items.into_iter().map(Ok).collect() }
}

pub fn delete(of: &str, group: &str) -> DeleteContactGroup {
    DeleteContactGroup { user: user(of), name: group.into() }
}

pub fn moves(of: &str, group: &str, items: Vec<Move>) -> UpdateContactGroup {
    UpdateContactGroup::Conversations { user: user(of), name: group.into(), items: items.into_iter().map(Ok).collect() }
}

/// Marks conversations with a star.
pub fn star(of: &str, items: &[ConversationId]) -> MarkContacts {
    let marking = Marking { set: MarkSet(1), ..Marking::default() };
    MarkContacts { user: user(of), items: items.iter().map(|id| Ok((id.clone(), marking.clone()))).collect() }
}

pub fn create_chat_group(id: &str, owner: Option<&str>, members: &[&str]) -> CreateChatGroup {
    CreateChatGroup {
        id: ChatGroupIdWanted::Given(chat_group(id)),
        kind: "Public".into(),
        name: id.into(),
        owner: owner.map(user),
        members_max: None,
        members: members.iter().map(|id| user(id)).collect(),
    }
}

/// A message of now like any other.
pub fn say(from: &str, to: &str) -> SendMessage {
    let (listed, counted, to_sender) = (true, true, true);
    let message = Message { sequence: None, random: 7, sent: None, seconds: None, listed, counted, to_sender };
    SendMessage { from: user(from), to: user(to), message }
}

/// A message to all of a chat group.
pub fn say_in(id: &str, from: &str) -> SendChatGroupMessage {
    let (id, from) = (chat_group(id), user(from));
    SendChatGroupMessage { id, from, random: 7, listed: true, online_only: false, to: None }
}

/// Pins conversations.
pub fn pin(of: &str, ids: Vec<ConversationId>) -> PinConversations {
    PinConversations { user: user(of), pinned: true, ids }
}

/// The whole list of recent contacts, the pinned ones first, in one page.
pub fn recents_of(of: &str) -> ListRecentContacts {
    let (window, page, after, pinned_after) = (1000, 1000, 0, 0);
    ListRecentContacts { user: user(of), window, page, after, pinned_after, pinned: PinnedWanted::Paged, empty: true }
}

/// The ids of the recent contacts of a user, the pinned ones first and in each part the oldest first.
pub async fn recents(store: &impl Store, context: &Context, of: &str) -> Vec<ConversationId> {
    let page = asked(store, context, recents_of(of)).await;
    page.recents.into_iter().map(|one| one.id).collect()
}

/// All data of an application.
pub async fn state(store: &impl Store, context: &Context) -> ApplicationState {
    let read = asked(store, context, ReadApplicationState { records_max: RECORDS_MAX }).await;
    Arc::unwrap_or_clone(read.unwrap())
}

/// Makes an application's data this; how many records differed.
pub async fn replace(store: &impl Store, context: &Context, state: &ApplicationState) -> u64 {
    let state = CheckedState::new(state.clone(), RECORDS_MAX).unwrap();
    done(store, context, ReplaceApplicationState { state, records_max: RECORDS_MAX }).await.unwrap().changes
}

/// A command's reply, where neither the machine fails nor a rule refuses.
pub async fn done<C: Command>(store: &impl Store, context: &Context, command: C) -> C::Reply {
    store.execute(command, context.clone()).await.unwrap().unwrap()
}

/// The rule that refuses a command.
pub async fn refused<C: Command>(store: &impl Store, context: &Context, command: C) -> Refusal {
    store.execute(command, context.clone()).await.unwrap().err().unwrap()
}

/// A query's reply, where neither the machine fails nor a rule refuses.
pub async fn asked<Q: Query>(store: &impl Store, context: &Context, query: Q) -> Q::Reply {
    store.query(query, context.clone()).await.unwrap().unwrap()
}

/// A page of a user's conversations.
pub async fn page(store: &impl Store, context: &Context, of: &str, after: u64, limit: u64) -> ContactPage {
    asked(store, context, ListContacts { user: user(of), after, limit }).await
}

/// The ids of all conversations of a user, in the order of entry.
pub async fn conversations(store: &impl Store, context: &Context, of: &str) -> Vec<ConversationId> {
    ids(page(store, context, of, 0, u64::MAX).await)
}

/// The ids of a page.
pub fn ids(page: ContactPage) -> Vec<ConversationId> {
    page.contacts.conversations.into_iter().map(|(id, _)| id).collect()
}

/// The names and GroupIds of a user's contact groups.
pub async fn contact_groups(store: &impl Store, context: &Context, of: &str) -> Vec<(String, u64)> {
    let found = asked(store, context, SearchContacts { user: user(of), ids: Vec::new() }).await;
    found.contact_groups.into_iter().map(|group| (group.name.to_string(), group.id.0)).collect()
}

/// What comes of it; a test that hangs fails instead.
pub async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("it hangs"))
}

/// Polls once, as a client does that sends its request and does not wait.
pub fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut std::task::Context::from_waker(Waker::noop()))
}

/// A command that stands still in the middle of being applied, until it is let go.
pub struct Holding<C> {
    inner: C,
    gate: Gate,
}

/// A query that stands still when it is about to say what it reads, in the hands of a reader.
pub struct HoldingQuery(Gate);

struct Gate {
    begun: Mutex<Option<oneshot::Sender<()>>>,
    go: Mutex<Receiver<()>>,
}

impl Gate {
    fn pass(&self) {
        if let Some(begun) = self.begun.lock().unwrap().take() {
            begun.send(()).unwrap();
            // An error says that the holder has gone; there is nothing to wait for then.
            let _gone = self.go.lock().unwrap().recv();
        }
    }
}

/// The other end of a [`Holding`]. Dropping it lets the request go.
pub struct Hold {
    begun: oneshot::Receiver<()>,
    go: SyncSender<()>,
}

/// A command that can be held, and its holder.
pub fn held<C: Command>(inner: C) -> (Holding<C>, Hold) {
    let (gate, hold) = gate();
    (Holding { inner, gate }, hold)
}

/// A query that can be held, and its holder.
pub fn held_query() -> (HoldingQuery, Hold) {
    let (gate, hold) = gate();
    (HoldingQuery(gate), hold)
}

fn gate() -> (Gate, Hold) {
    let (signal, begun) = oneshot::channel();
    let (go, gate) = sync_channel(1);
    (Gate { begun: Mutex::new(Some(signal)), go: Mutex::new(gate) }, Hold { begun, go })
}

impl Hold {
    /// Waits until the request's turn has come: from here on the writer, or a reader, does nothing else.
    pub async fn begun(&mut self) {
        soon(&mut self.begun).await.unwrap();
    }

    /// Lets the request go.
    pub fn let_go(self) {
        self.go.send(()).unwrap();
    }
}

impl<C: Command> Command for Holding<C> {
    type Reply = C::Reply;

    fn footprint(&self) -> Footprint {
        self.inner.footprint()
    }

    fn apply(&self, view: &View, context: &Context) -> Result<Outcome<C::Reply>, Refusal> {
        self.gate.pass();
        self.inner.apply(view, context)
    }
}

impl Query for HoldingQuery {
    type Reply = ();

    fn footprint(&self) -> Footprint {
        self.0.pass();
        Footprint::default()
    }

    fn answer(&self, _: &View, _: &Context) -> Result<(), Refusal> {
        Ok(())
    }
}

/// A command that changes nothing.
pub fn nothing() -> ImportAccounts {
    ImportAccounts { accounts: Vec::new() }
}
