//! Long random sequences over each engine, held against the naive model: every reply is compared, and now and then everything that can be
//! seen. Broken engines must be found out by the same sequences.

mod actions;
mod broken;
mod messages;
mod model;
mod moving;
mod ops;

use crate::embedded::Directory;
use crate::invariants::{Everything, check_chat_groups, check_user};
use crate::postgres::Database;
use crate::support::{asked, chat_group, done, held, here, nothing, poll_once, replace, state, user};
use actions::{Action, Reply, send};
use cubby_domain::commands::{ApplicationRefused, DeleteApplication, Deletion};
use cubby_domain::queries::{
    CheckAccounts, CountUnread, GetChatGroups, JoinedChatGroups, ListChatGroups, ListContacts, Next, PinnedWanted,
    SearchContacts,
};
use cubby_domain::state::ApplicationState;
use cubby_domain::{Context, ConversationId, DirectoryKept, Limits, Settings, Timestamp};
use cubby_pg_cluster::Cluster;
use cubby_store::{Embedded, Memory, Postgres, Store};
use messages::{Between, Paging};
use model::Model;
use ops::{CHAT_GROUPS, Op, Step, USERS, sequence};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::pin::{Pin, pin};
use std::sync::Arc;
use tokio::runtime::Runtime;

/// An engine that the sequences run over.
trait Subject {
    type Store: Store;

    fn store(&self) -> &Self::Store;

    /// Sends commands at once, in this order.
    async fn together(&self, actions: Vec<Action>, context: &Context) -> Vec<Reply> {
        let mut replies = Vec::new();
        for action in actions {
            replies.push(send(self.store(), action, context.clone()).await.unwrap());
        }
        replies
    }

    async fn reopen(&mut self, _closed: bool) {}
}

/// One that is all in its store.
struct Plain<S>(S);

impl<S: Store> Subject for Plain<S> {
    type Store = S;

    fn store(&self) -> &S {
        &self.0
    }
}

/// The embedded engine with its directory.
struct InDirectory {
    store: Option<Embedded>,
    directory: Directory,
}

impl Subject for InDirectory {
    type Store = Embedded;

    fn store(&self) -> &Embedded {
        self.store.as_ref().unwrap()
    }

    /// Holds the writer still until all of them wait, so that they come into one batch.
    async fn together(&self, actions: Vec<Action>, context: &Context) -> Vec<Reply> {
        let store = self.store();
        let (command, mut hold) = held(nothing());
        let mut holding = pin!(store.execute(command, context.clone()));
        assert!(poll_once(holding.as_mut()).is_pending());
        hold.begun().await;
        let mut waiting: Vec<Pin<Box<dyn Future<Output = _>>>> = Vec::new();
        for action in actions {
            let mut one: Pin<Box<dyn Future<Output = _>>> = Box::pin(send(store, action, context.clone()));
            assert!(poll_once(one.as_mut()).is_pending());
            waiting.push(one);
        }
        hold.let_go();
        holding.await.unwrap().unwrap();
        let mut replies = Vec::new();
        for one in waiting {
            replies.push(one.await.unwrap());
        }
        replies
    }

    async fn reopen(&mut self, closed: bool) {
        let store = self.store.take().unwrap();
        if closed {
            store.close().await.unwrap();
        } else {
            drop(store);
        }
        self.store = Some(self.directory.open().await);
    }
}

/// Two servers over one database, of which now one is asked and now the other.
struct InDatabase<'a> {
    servers: [Postgres; 2],
    turn: Cell<usize>,
    database: &'a Database,
}

impl Subject for InDatabase<'_> {
    type Store = Postgres;

    fn store(&self) -> &Postgres {
        self.turn.set(self.turn.get() + 1);
        &self.servers[self.turn.get() % 2]
    }

    /// Starts the server anew that would not be asked next.
    async fn reopen(&mut self, _closed: bool) {
        self.servers[self.turn.get() % 2] = self.database.open().await;
    }
}

/// A sequence on its way: the engine, the model, and the world around them.
struct Run<S> {
    subject: S,
    model: Model,
    /// The data and the model as they were remembered.
    remembered: (ApplicationState, Model),
    now: u64,
    settings: Settings,
    /// The names of the refusals that were met.
    refusals: BTreeSet<String>,
}

/// Small limits: by the profile of 2023 one of all conversations, by that of 2026 one of those in contact groups and one of those with
/// marks. A message lives so short that its conversation is empty before a sequence ends.
fn limits(of_2026: bool) -> Limits {
    let limits = Limits { message_seconds: 150, ..Limits::for_testing() };
    if of_2026 {
        Limits { conversations: 1000, grouped_conversations: 4, marked_conversations: 3, ..limits }
    } else {
        limits
    }
}

/// How a reply was not the model's.
type Mismatch = String;

impl<S: Subject> Run<S> {
    fn new(subject: S) -> Self {
        let settings = Settings { limits: limits(false), ..Settings::default() };
        let (model, remembered) = (Model::default(), Default::default());
        Self { subject, model, remembered, now: 1000, settings, refusals: BTreeSet::new() }
    }

    fn context(&self) -> Context {
        Context { now: Timestamp(self.now), settings: Arc::new(self.settings.clone()), ..here() }
    }

    fn compare(&mut self, action: &Action, reply: &Reply) -> Result<(), Mismatch> {
        let context = self.context();
        let expected = self.model.answer(action, &context, reply);
        self.note_refusals(reply);
        if *reply == expected {
            return Ok(());
        }
        Err(format!("{action:?}\n  answered {reply:?}\n  expected {expected:?}\n  in {context:?}"))
    }

    fn note_refusals(&mut self, reply: &Reply) {
        let words = format!("{reply:?}");
        for part in words.split("Err(").skip(1) {
            self.refusals.insert(part.chars().take_while(|c| c.is_alphanumeric()).collect());
        }
        for added in ["Failed", "Joined", "AlreadyMember"] {
            if matches!(reply, Reply::Added(_)) && words.contains(added) {
                self.refusals.insert(added.to_owned());
            }
        }
    }

    async fn one(&mut self, action: impl Fn() -> Action) -> Result<(), Mismatch> {
        self.heard(action).await.map(drop)
    }

    /// As `one`, with the reply.
    async fn heard(&mut self, action: impl Fn() -> Action) -> Result<Reply, Mismatch> {
        let sent = send(self.subject.store(), action(), self.context()).await;
        let reply = sent.map_err(|error| format!("{:?}: {error}", action()))?;
        self.compare(&action(), &reply)?;
        Ok(reply)
    }

    async fn step(&mut self, step: &Step) -> Result<(), Mismatch> {
        let kept = |here: &bool| if *here { DirectoryKept::Here } else { DirectoryKept::Elsewhere };
        match step {
            Step::Do(op) => self.one(|| op.action()).await?,
            Step::Together(ops) => {
                let actions = ops.iter().map(Op::action).collect();
                let replies = self.subject.together(actions, &self.context()).await;
                for (op, reply) in ops.iter().zip(replies) {
                    self.compare(&op.action(), &reply)?;
                }
            }
            Step::Clock(seconds) => self.now = self.now.saturating_add_signed(*seconds),
            Step::UsersHere(here) => self.settings.users = kept(here),
            Step::ChatGroupsHere(here) => self.settings.chat_groups = kept(here),
            Step::Profile { of_2026 } => self.settings.limits = limits(*of_2026),
            Step::Page(paging, between) => self.page_through(*paging, between).await?,
            Step::Snapshot => {
                let state = state(self.subject.store(), &self.context()).await;
                self.remembered = (state, self.model.clone());
            }
            Step::Reset => self.reset().await?,
            Step::DeleteApplication { records } => self.delete_application(*records).await?,
            Step::Look => self.look().await?,
            Step::Reopen { closed } => {
                self.subject.reopen(*closed).await;
                self.look().await?;
            }
        }
        Ok(())
    }

    /// All data is as it was remembered, and what is read of it is the same to the last number.
    async fn reset(&mut self) -> Result<(), Mismatch> {
        let (wanted, model) = &self.remembered;
        replace(self.subject.store(), &self.context(), wanted).await;
        let is = state(self.subject.store(), &self.context()).await;
        if is != *wanted {
            return Err(format!("it is reset to {is:?}, not {wanted:?}"));
        }
        self.model.reset(model);
        self.look().await
    }

    async fn delete_application(&mut self, records: u64) -> Result<(), Mismatch> {
        let there = self.model.has_application();
        loop {
            let (store, context) = (self.subject.store(), self.context());
            match done(store, &context, DeleteApplication { records }).await {
                Ok(Deletion::More) if there => {}
                Ok(Deletion::Done) if there => break,
                Err(ApplicationRefused::Unknown) if !there => return Ok(()),
                other => return Err(format!("the deletion came to {other:?}")),
            }
        }
        self.model = Model::default();
        self.look().await
    }

    fn listed(&self, paging: Paging) -> BTreeSet<ConversationId> {
        self.model.wanted(&paging.query(), Timestamp(self.now)).into_iter().map(|one| one.id).collect()
    }

    fn pinned(&self, paging: Paging) -> BTreeSet<ConversationId> {
        self.model.pins(&paging.query().user).list.into_iter().map(|pin| pin.id).collect()
    }

    /// Pages through a list: what is in it all the while comes exactly once, or more often where it was unpinned meanwhile.
    async fn page_through(&mut self, mut paging: Paging, between: &Between) -> Result<(), Mismatch> {
        let (mut always, mut was_pinned) = (self.listed(paging), self.pinned(paging));
        let (mut unpinned, mut seen) = (BTreeSet::new(), Vec::new());
        let mut between = between.iter();
        for _ in 0..100 {
            let Reply::Recents(Ok(page)) = self.heard(|| Action::Recents(paging.query())).await? else {
                return Ok(());
            };
            seen.extend(page.recents.into_iter().map(|one| one.id));
            let Some(Next { after, pinned_after }) = page.next else {
                let times = |id: &ConversationId| seen.iter().filter(|one| *one == id).count();
                let twice = |id: &ConversationId| paging.pinned != PinnedWanted::AmongOthers && unpinned.contains(id);
                let wrong = always.iter().find(|id| times(id) == 0 || (times(id) > 1 && !twice(id)));
                return wrong.map_or(Ok(()), |id| Err(format!("{id:?} came {} times: {seen:?} {paging:?}", times(id))));
            };
            (paging.after, paging.pinned_after) = (after, pinned_after);
            for (op, seconds) in between.next().into_iter().flatten() {
                self.one(|| op.action()).await?;
                let pinned = self.pinned(paging);
                unpinned.extend(was_pinned.difference(&pinned).cloned());
                was_pinned = pinned;
                let meanwhile = self.listed(paging);
                self.now += seconds;
                let listed = self.listed(paging);
                always.retain(|id| meanwhile.contains(id) && listed.contains(id));
            }
        }
        Err(format!("{paging:?} never ends"))
    }

    /// Compares a user's recent contacts: the whole list, lists of few, and what is kept behind them.
    async fn look_at_recents(&mut self, of: usize) -> Result<(), Mismatch> {
        let whole =
            Paging { of, window: 100, page: 100, after: 0, pinned_after: 0, pinned: PinnedWanted::Paged, empty: true };
        let few = |window| Paging { window, pinned: PinnedWanted::First, ..whole };
        let filled = Paging { empty: false, pinned: PinnedWanted::AmongOthers, ..whole };
        for paging in [whole, filled, few(1), few(2), few(3), few(5)] {
            self.one(|| Action::Recents(paging.query())).await?;
        }
        let of = user(USERS[of]);
        let all = || Some(USERS.iter().map(|id| user(id)).collect());
        for peers in [&all as &dyn Fn() -> _, &|| None] {
            self.one(|| Action::CountUnread(CountUnread { user: of.clone(), peers: peers() })).await?;
        }
        let kept = asked(self.subject.store(), &self.context(), Everything(of.clone())).await;
        let numbers = (kept.head.conversations, kept.head.grouped, kept.head.marked);
        let is = (numbers, kept.head.unread, kept.recent_contacts, kept.pins.unwrap_or_default());
        let (numbers, unread) = (self.model.numbers(&of), self.model.unread(&of));
        let expected = (numbers, unread, self.model.rows(&of), self.model.pins(&of));
        if is == expected { Ok(()) } else { Err(format!("of {of:?} is kept {is:?}, expected {expected:?}")) }
    }

    /// Compares everything that can be seen, and checks what cannot.
    async fn look(&mut self) -> Result<(), Mismatch> {
        let limit = self.settings.limits.conversations_per_page;
        for of in USERS {
            self.one(|| Action::Search(SearchContacts { user: user(of), ids: ops::conversations() })).await?;
            self.one(|| Action::Joined(JoinedChatGroups { user: user(of), kind: None })).await?;
            self.one(|| Action::List(ListContacts { user: user(of), after: 0, limit: 1000 })).await?;
            for after in (0..).step_by(3).take(8) {
                self.one(|| Action::List(ListContacts { user: user(of), after, limit })).await?;
            }
        }
        for of in 0..USERS.len() {
            self.look_at_recents(of).await?;
        }
        let generated = self.model.generated().to_vec();
        let ids = || CHAT_GROUPS.iter().map(|id| chat_group(id)).chain(generated.iter().cloned()).collect();
        self.one(|| Action::GetChatGroups(GetChatGroups { ids: ids() })).await?;
        for kind in [None, Some("Public")] {
            self.one(|| Action::ListChatGroups(ListChatGroups { after: 0, limit: 1000, kind: kind.map(Into::into) }))
                .await?;
        }
        self.one(|| Action::Check(CheckAccounts { items: USERS.iter().map(|id| Ok(user(id))).collect() })).await?;
        self.one(|| Action::ListApplications).await?;
        let (context, users) = (self.context(), USERS.map(user));
        for user in &users {
            check_user(self.subject.store(), &context, user).await;
        }
        check_chat_groups(self.subject.store(), &context, &users).await;
        Ok(())
    }

    async fn all(&mut self, steps: &[Step]) -> Result<(), Mismatch> {
        self.one(|| Op::Import(vec![0, 1, 3]).action()).await?;
        for step in steps {
            self.step(step).await?;
        }
        self.look().await
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn config(cases: u32, max_shrink_iters: u32) -> Config {
    Config { cases, max_shrink_iters, failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(config(48, 4000))]
    #[test]
    fn memory_answers_as_the_contract_says(steps in sequence()) {
        let mut run = Run::new(Plain(Memory::default()));
        runtime().block_on(run.all(&steps)).map_err(TestCaseError::fail)?;
    }
}

proptest! {
    #![proptest_config(config(16, 300))]
    #[test]
    fn embedded_answers_as_the_contract_says(steps in sequence()) {
        let answered = runtime().block_on(async {
            let directory = Directory::new();
            let store = Some(directory.open().await);
            let mut run = Run::new(InDirectory { store, directory });
            // Once in every sequence, whatever it brings itself.
            let (first, second) = steps.split_at(steps.len() / 2);
            run.all(first).await?;
            run.step(&Step::Reopen { closed: true }).await?;
            run.all(second).await
        });
        answered.map_err(TestCaseError::fail)?;
    }
}

#[test]
fn postgres_answers_as_the_contract_says_from_two_servers() {
    let cluster = Cluster::start();
    let mut runner = TestRunner::new(config(8, 60));
    let ran = runner.run(&sequence(), |steps| {
        let answered = runtime().block_on(async {
            let database = Database::of(&cluster);
            let servers = [database.open().await, database.open().await];
            Run::new(InDatabase { servers, turn: Cell::new(0), database: &database }).all(&steps).await
        });
        answered.map_err(TestCaseError::fail)
    });
    ran.unwrap();
}

/// Given a database that says it is distributed, so that a server believes for a while what it found of others, when one server does
/// everything, then what it believes is never wrong: it knows of its own changes.
#[test]
fn one_server_that_believes_what_it_found_answers_as_the_contract_says() {
    let cluster = Cluster::start();
    let mut runner = TestRunner::new(config(4, 60));
    let ran = runner.run(&sequence(), |steps| {
        let answered = runtime().block_on(async {
            let database = Database::of(&cluster);
            drop(database.open().await);
            database.say_distributed();
            Run::new(Plain(database.open().await)).all(&steps).await
        });
        answered.map_err(TestCaseError::fail)
    });
    ran.unwrap();
}

/// The same sequences each time, over an engine; the first mismatch, and the refusals that were met.
fn some_sequences<S: Store>(many: usize, store: impl Fn() -> S) -> (Result<(), Mismatch>, BTreeSet<String>) {
    let mut runner = TestRunner::deterministic();
    let mut met = BTreeSet::new();
    for _ in 0..many {
        let steps = sequence().new_tree(&mut runner).unwrap().current();
        let mut run = Run::new(Plain(store()));
        let answered = runtime().block_on(run.all(&steps));
        met.append(&mut run.refusals);
        if answered.is_err() {
            return (answered, met);
        }
    }
    (Ok(()), met)
}

/// Given random sequences, when some of them have run, then each refusal of the rules was met, so that none goes untested.
#[test]
fn the_sequences_meet_every_refusal() {
    let (answered, met) = some_sequences(30, Memory::default);
    assert_eq!(answered, Ok(()));
    for refusal in [
        "NotImported",
        "NoSuchContactGroup",
        "ContactGroupNameTaken",
        "TooManyContactGroups",
        "NoSuchAccount",
        "NoSuchChatGroup",
        "ChatGroupIdTaken",
        "ChatGroupIdTakenByOwner",
        "ChatGroupFull",
        "OwnerStays",
        "Malformed",
        "UserNotImported",
        "TooManyConversations",
        "Administrator",
        "NoSuchCorrespondent",
        "NotAMember",
        "NotOfThisKind",
        "TooManyPins",
        "SenderNotImported",
        "NotInOrder",
        "Exists",
        "Unknown",
        "Failed",
        "Joined",
        "AlreadyMember",
    ] {
        assert!(met.contains(refusal), "{refusal} is not among {met:?}");
    }
}
