//! Servers that break a promise on purpose, each in one way: the negative controls of the tests that guard the promises. They are this
//! very test program, started again as a process of its own, and exist nowhere else.

use crate::support::{APP, KEY};
use cubby_domain::commands::{ApplicationChange, ChangeApplication};
use cubby_domain::{
    Change, Command, Context, Edition, Footprint, Outcome, Query, Refusal, SdkAppId, Settings, UserId, View,
};
use cubby_server::{App, Applications, CallRates, Clock, Listener};
use cubby_store::{Answer, Embedded, Health, Memory, Store};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The promise that a server breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// None: a control of the controls.
    None,
    /// It replies first and commits some milliseconds later.
    ReplyAfterCommit,
    /// After a restart it has forgotten which GroupIds were given to contact groups that are gone.
    NewGroupIds,
    /// It commits what a request changes in two steps.
    WholeRequests,
    /// It writes to its journal, and never syncs it.
    SyncBeforeReply,
}

const ALL: [Promise; 5] =
    [Promise::None, Promise::ReplyAfterCommit, Promise::NewGroupIds, Promise::WholeRequests, Promise::SyncBeforeReply];
/// The environment variable that makes of this program a server; it names the promise to break.
const PROMISE: &str = "CUBBY_TEST_BROKEN_PROMISE";
const DATA: &str = "CUBBY_TEST_BROKEN_DATA";
const PORT_FILE: &str = "CUBBY_TEST_BROKEN_PORT_FILE";

/// Makes of the usual command line one that starts such a server.
pub fn launch(promise: Promise, usual: &std::process::Command) -> std::process::Command {
    let after = |flag: &str| {
        let mut arguments = usual.get_args().skip_while(|one| *one != OsStr::new(flag));
        arguments.nth(1).expect("the flag has a value")
    };
    let (_, module) = module_path!().split_once("::").unwrap();
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("{module}::a_broken_server"), "--nocapture"]);
    command.env(PROMISE, format!("{promise:?}")).env(DATA, after("--data-dir")).env(PORT_FILE, after("--port-file"));
    command
}

/// No test: the entry of such a server. It does nothing where it was not started as one.
#[test]
fn a_broken_server() {
    let variable = |name: &str| std::env::var_os(name);
    let (Some(promise), Some(data), Some(port_file)) = (variable(PROMISE), variable(DATA), variable(PORT_FILE)) else {
        return;
    };
    let promise = ALL.into_iter().find(|one| promise.to_str() == Some(&format!("{one:?}"))).unwrap();
    let (data, port_file) = (PathBuf::from(data), PathBuf::from(port_file));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async move {
        if promise == Promise::SyncBeforeReply {
            serve(Unsynced::open(&data), &port_file).await;
        } else {
            serve(Broken::open(&data, promise), &port_file).await;
        }
    });
}

async fn serve<S: Store>(store: S, port_file: &Path) {
    let clock = Clock::system();
    let settings = Arc::new(Settings::default());
    let context = Context { app: SdkAppId(APP), now: clock.now(), settings };
    let change = ApplicationChange::Register(KEY.into(), Edition::parse("ultimate"));
    store.execute(ChangeApplication { changes: vec![change] }, context).await.unwrap().unwrap().unwrap();
    let applications = Applications::load(&store, CallRates::OFF).await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    // Whole, as the product writes it: who waits for the file reads it as soon as it is there.
    let beside = port_file.with_extension("new");
    std::fs::write(&beside, format!("{}\n", listener.local_addr().unwrap().port())).unwrap();
    std::fs::rename(&beside, port_file).unwrap();
    let app = Arc::new(App::new(store, applications, clock));
    cubby_server::serve(app, cubby_server::Bounds::default(), vec![Listener::plain(listener)], std::future::pending())
        .await;
}

/// The real engine, one request at a time, with one promise broken.
struct Broken {
    engine: Arc<Embedded>,
    promise: Promise,
    /// Held by the request in hand until its changes are kept, so that nothing but a kill shows the difference.
    turn: Arc<tokio::sync::Mutex<()>>,
    /// Whose contact groups were changed since the start.
    met: Arc<Mutex<BTreeSet<UserId>>>,
}

impl Broken {
    fn open(data: &Path, promise: Promise) -> Self {
        let engine = Embedded::open(data, &cubby_store::Bounds::default()).unwrap();
        Self { engine: Arc::new(engine), promise, turn: Arc::default(), met: Arc::default() }
    }
}

impl Store for Broken {
    async fn execute<C: Command>(&self, command: C, context: Context) -> Answer<C::Reply> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let forgetful = (self.promise == Promise::NewGroupIds).then(|| Arc::clone(&self.met));
        let outcome = match self.engine.query(Deciding { command, forgetful }, context.clone()).await? {
            Ok(outcome) => outcome,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let Outcome { reply, changes } = outcome;
        match self.promise {
            Promise::ReplyAfterCommit => {
                let engine = Arc::clone(&self.engine);
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(4)).await;
                    drop(engine.execute(Keeping(changes), context).await);
                    drop(turn);
                });
            }
            Promise::WholeRequests => {
                let (first, second) = halves(changes);
                self.engine.execute(Keeping(first), context.clone()).await?.ok();
                tokio::time::sleep(Duration::from_millis(4)).await;
                self.engine.execute(Keeping(second), context).await?.ok();
            }
            _ => {
                self.met.lock().unwrap_or_else(PoisonError::into_inner).extend(heads(&changes));
                self.engine.execute(Keeping(changes), context).await?.ok();
            }
        }
        Ok(Ok(reply))
    }

    async fn query<Q: Query>(&self, query: Q, context: Context) -> Answer<Q::Reply> {
        let _turn = self.turn.lock().await;
        self.engine.query(query, context).await
    }

    fn health(&self) -> Health {
        self.engine.health()
    }

    async fn failed(&self) {
        self.engine.failed().await;
    }
}

fn heads(changes: &[Change]) -> impl Iterator<Item = UserId> {
    changes.iter().filter_map(|change| if let Change::Head(user, _) = change { Some(user.clone()) } else { None })
}

/// The user's head and one conversation, and the rest. What deletes an account stays whole: half of that would be hidden.
fn halves(mut changes: Vec<Change>) -> (Vec<Change>, Vec<Change>) {
    changes.sort_by_key(|change| !matches!(change, Change::Head(..)));
    let whole = changes.iter().any(|change| matches!(change, Change::UserGone(_) | Change::Application(..)));
    let second = if whole { Vec::new() } else { changes.split_off(changes.len().min(2)) };
    (changes, second)
}

/// What a command comes to, without being kept.
struct Deciding<C> {
    command: C,
    forgetful: Option<Arc<Mutex<BTreeSet<UserId>>>>,
}

impl<C: Command> Query for Deciding<C> {
    type Reply = Outcome<C::Reply>;

    fn footprint(&self) -> Footprint {
        self.command.footprint()
    }

    fn answer(&self, view: &View, context: &Context) -> Result<Self::Reply, Refusal> {
        let Some(met) = &self.forgetful else { return self.command.apply(view, context) };
        let met = met.lock().unwrap_or_else(PoisonError::into_inner);
        let mut heads = view.heads.clone();
        for (_, head) in heads.iter_mut().filter(|(user, _)| !met.contains(*user)) {
            head.contact_group_id = head.contact_groups.iter().map(|group| group.id.0).max().unwrap_or_default();
        }
        let forgetful = View {
            heads,
            conversations: view.conversations.clone(),
            recent_contacts: view.recent_contacts.clone(),
            pins: view.pins.clone(),
            accounts: view.accounts.clone(),
            existing_chat_groups: view.existing_chat_groups.clone(),
            chat_groups: view.chat_groups.clone(),
            members: view.members.clone(),
            directory: view.directory,
            application: view.application.clone(),
            ..View::default()
        };
        self.command.apply(&forgetful, context)
    }
}

/// Changes that were decided on before.
struct Keeping(Vec<Change>);

impl Command for Keeping {
    type Reply = ();

    fn footprint(&self) -> Footprint {
        Footprint::default()
    }

    fn apply(&self, _: &View, _: &Context) -> Result<Outcome<()>, Refusal> {
        Ok(Outcome { reply: (), changes: self.0.clone() })
    }
}

/// A store that writes its journal and leaves out the sync.
struct Unsynced {
    memory: Memory,
    journal: Mutex<std::fs::File>,
}

impl Unsynced {
    fn open(data: &Path) -> Self {
        std::fs::create_dir_all(data).unwrap();
        let journal = Mutex::new(std::fs::File::create(data.join("0.jnl")).unwrap());
        Self { memory: Memory::default(), journal }
    }
}

impl Store for Unsynced {
    async fn execute<C: Command>(&self, command: C, context: Context) -> Answer<C::Reply> {
        let answer = self.memory.execute(command, context).await;
        self.journal.lock().unwrap_or_else(PoisonError::into_inner).write_all(b"a change\n").unwrap();
        answer
    }

    async fn query<Q: Query>(&self, query: Q, context: Context) -> Answer<Q::Reply> {
        self.memory.query(query, context).await
    }

    fn health(&self) -> Health {
        self.memory.health()
    }

    async fn failed(&self) {
        self.memory.failed().await;
    }
}
