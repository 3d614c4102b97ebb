//! Several servers over one store, in one process: what one hears of what another process changed (R-112), and the call rates (R-111). The
//! store is the engine in memory, which says that others write it too. That engines keep their word is tested with them.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

use cubby_domain::commands::{ApplicationChange, ChangeApplication};
use cubby_domain::{Command, Context, Query, SdkAppId, Settings};
use cubby_protocol::usersig;
use cubby_server::{App, Applications, Bounds, CallRates, Clock, Ended, Listener, Share, serve};
use cubby_store::{Answer, Health, Memory, Store, StoreError};
use serde_json::Value;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

const APP: u64 = 1_400_000_001;
const KEY: &str = "a key";
const GET: &str = "recentcontact/get_contact_group";
/// What is changed elsewhere holds within two seconds; a machine that is busy takes something beyond them.
const HEARD_WITHIN: Duration = Duration::from_secs(10);

const UNKNOWN_APPLICATION: i64 = 70020;
const DISABLED: i64 = 60016;
const NOT_ADMINISTRATOR: i64 = 60010;
const NOT_IMPORTED: i64 = 50001;
const OVER_COMMAND: i64 = 60007;
const OVER_ALL: i64 = 60011;
const WRONG_KEY: i64 = 70009;
const NAME_TOO_LONG: i64 = 51011;

/// What a shared store does when it is asked for a call out of a bucket.
#[derive(Debug, Default, Clone, Copy)]
enum Word {
    #[default]
    Says,
    Fails,
    Never,
}

#[derive(Debug, Default)]
struct State {
    /// None: nobody else writes the store.
    version: Option<u64>,
    versions_asked: usize,
    unreachable: Option<String>,
    word: Word,
    /// Calls that are left in the buckets; one that is not here never becomes empty.
    left: HashMap<String, usize>,
    calls_asked: Vec<(SdkAppId, String, u32)>,
}

/// The store of all servers.
#[derive(Debug, Default, Clone)]
struct Shared {
    memory: Arc<Memory>,
    state: Arc<Mutex<State>>,
}

impl Shared {
    fn of_many() -> Self {
        let shared = Self::default();
        shared.state().version = Some(1);
        shared
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Another process changes an application.
    async fn change(&self, app: u64, changes: Vec<ApplicationChange>) {
        let context =
            Context { app: SdkAppId(app), now: Clock::system().now(), settings: Arc::new(Settings::default()) };
        self.memory.execute(ChangeApplication { changes }, context).await.unwrap().unwrap().unwrap();
        let mut state = self.state();
        state.version = state.version.map(|version| version + 1);
    }
}

impl Store for Shared {
    async fn execute<C: Command>(&self, command: C, context: Context) -> Answer<C::Reply> {
        self.memory.execute(command, context).await
    }

    async fn query<Q: Query>(&self, query: Q, context: Context) -> Answer<Q::Reply> {
        self.memory.query(query, context).await
    }

    fn health(&self) -> Health {
        self.state().unreachable.clone().map_or(Health::Serving, Health::Unavailable)
    }

    async fn failed(&self) {
        self.memory.failed().await;
    }

    async fn registry_version(&self) -> Result<Option<u64>, StoreError> {
        let mut state = self.state();
        state.versions_asked += 1;
        match &state.unreachable {
            Some(why) => Err(StoreError::Unavailable(why.clone())),
            None => Ok(state.version),
        }
    }

    async fn take_call(&self, app: SdkAppId, bucket: &str, per_second: u32) -> Result<bool, StoreError> {
        let word = {
            let mut state = self.state();
            state.calls_asked.push((app, bucket.to_owned(), per_second));
            state.word
        };
        match word {
            Word::Fails => return Err(StoreError::Unavailable("as the test wants it".to_owned())),
            Word::Never => return std::future::pending().await,
            Word::Says => {}
        }
        let mut state = self.state();
        let Some(left) = state.left.get_mut(bucket) else { return Ok(true) };
        let some = *left > 0;
        *left = left.saturating_sub(1);
        Ok(some)
    }
}

fn set(name: &str, value: &str) -> ApplicationChange {
    ApplicationChange::Set(name.to_owned(), value.to_owned())
}

/// A store of many servers with one application.
async fn with_application(settings: &[(&str, &str)]) -> Shared {
    let shared = Shared::of_many();
    let settings = settings.iter().map(|(name, value)| set(name, value));
    shared.change(APP, std::iter::once(ApplicationChange::Create(KEY.into())).chain(settings).collect()).await;
    shared
}

struct Server {
    app: Arc<App<Shared>>,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Ended>,
}

impl Server {
    async fn start(store: &Shared, share: Share) -> Self {
        let store = store.clone();
        let applications = Applications::load(&store, CallRates { instead: None, share }).await.unwrap();
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let app = Arc::new(App::new(store, applications, Clock::system()));
        let (stop, stopped) = oneshot::channel();
        let serving = serve(Arc::clone(&app), Bounds::default(), vec![Listener::plain(socket)], async {
            drop(stopped.await);
        });
        Self { app, address, stop, served: tokio::spawn(serving) }
    }

    /// Sends a request; the status and the body of the reply.
    async fn send(&self, target: &str, body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let length = body.len();
        let head =
            format!("POST {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
        stream.write_all([head.as_bytes(), body.as_bytes()].concat().as_slice()).await.unwrap();
        let mut reply = String::new();
        timeout(Duration::from_secs(10), stream.read_to_string(&mut reply)).await.expect("no reply").unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        (head["HTTP/1.1 ".len()..][..3].parse().unwrap(), serde_json::from_str(body).unwrap())
    }

    /// The reply to a call that a key of an application signs.
    async fn signed(&self, app: u64, key: &str, command: &str, body: &str) -> Value {
        let now = i64::try_from(Clock::system().now().0).unwrap();
        let signature = usersig::make(app, key.as_bytes(), "administrator", 600, now, None);
        let query = format!("sdkappid={app}&identifier=administrator&usersig={signature}&random=1&contenttype=json");
        self.send(&format!("/v4/{command}?{query}"), body).await.1
    }

    /// The code of a call that reads the data of a user who is not there.
    async fn code(&self) -> i64 {
        code(&self.signed(APP, KEY, GET, r#"{"From_Account":"nobody"}"#).await)
    }

    /// The reply to the first of some calls that is refused for its rate, and how many were let in before.
    async fn until_over(&self) -> (usize, Value) {
        for let_in in 0..50 {
            let reply = self.signed(APP, KEY, GET, r#"{"From_Account":"nobody"}"#).await;
            if [OVER_COMMAND, OVER_ALL].contains(&code(&reply)) {
                return (let_in, reply);
            }
        }
        panic!("no rate was held");
    }

    async fn end(self) -> (Arc<App<Shared>>, Ended) {
        self.stop.send(()).unwrap();
        (self.app, self.served.await.unwrap())
    }
}

fn code(reply: &Value) -> i64 {
    reply["ErrorCode"].as_i64().unwrap()
}

/// Waits until a call is answered so, for as long as a change may take to be heard of.
async fn heard(mut call: impl AsyncFnMut() -> i64, wanted: i64) {
    let from = Instant::now();
    loop {
        let found = call().await;
        if found == wanted {
            return;
        }
        assert!(from.elapsed() < HEARD_WITHIN, "{found}, and not {wanted} within {HEARD_WITHIN:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Given two servers, when another process gives an application a key, a limit, other administrators, and disables it, then each holds on
/// both within 2 s.
#[tokio::test]
async fn r_112_a_change_of_an_application_holds_on_all_servers_within_two_seconds() {
    let store = with_application(&[]).await;
    let servers = [Server::start(&store, Share::PerServer).await, Server::start(&store, Share::PerServer).await];
    for server in &servers {
        assert_eq!(server.code().await, NOT_IMPORTED);
        assert_eq!(code(&server.signed(APP, "another key", GET, "{}").await), WRONG_KEY);
    }
    let imported = servers[0].signed(APP, KEY, "im_open_login_svc/account_import", r#"{"UserID":"alice"}"#).await;
    assert_eq!(code(&imported), 0);

    store.change(APP, vec![ApplicationChange::AddKey("another key".into())]).await;
    let get = r#"{"From_Account":"alice"}"#;
    for server in &servers {
        heard(async || code(&server.signed(APP, "another key", GET, get).await), 0).await;
    }
    store.change(APP, vec![set("limit.contact_group_name_bytes", "1")]).await;
    let create = r#"{"From_Account":"alice","GroupContactItem":[{"GroupName":"ab","ContactItem":[]}]}"#;
    for server in &servers {
        heard(
            async || code(&server.signed(APP, KEY, "recentcontact/create_contact_group", create).await),
            NAME_TOO_LONG,
        )
        .await;
    }
    store.change(APP, vec![set("administrators", "somebody")]).await;
    for server in &servers {
        heard(async || server.code().await, NOT_ADMINISTRATOR).await;
    }
    store.change(APP, vec![ApplicationChange::Disable(true)]).await;
    for server in &servers {
        heard(async || server.code().await, DISABLED).await;
    }
}

/// Given a server, when another process makes an application and its first call comes, then the server knows it.
#[tokio::test]
async fn r_112_the_first_call_of_an_application_that_was_made_elsewhere_is_let_in() {
    let store = Shared::of_many();
    let server = Server::start(&store, Share::PerServer).await;
    assert_eq!(server.code().await, UNKNOWN_APPLICATION);
    store.change(APP, vec![ApplicationChange::Create(KEY.into())]).await;
    assert_eq!(server.code().await, NOT_IMPORTED);
}

/// Given a server, when strangers call for applications that are not there, then the store is not asked more often than its two polls in the
/// time of one, and what is known does not wait.
#[tokio::test]
async fn r_112_strangers_cause_no_load() {
    let store = with_application(&[]).await;
    let server = Arc::new(Server::start(&store, Share::PerServer).await);
    let (from, before) = (Instant::now(), store.state().versions_asked);
    let strangers: Vec<_> = (0..60)
        .map(|stranger| {
            let server = Arc::clone(&server);
            tokio::spawn(async move {
                for _ in 0..3 {
                    let reply = server.signed(APP + 1 + stranger, KEY, GET, "{}").await;
                    assert_eq!(code(&reply), UNKNOWN_APPLICATION);
                }
            })
        })
        .collect();
    assert_eq!(server.code().await, NOT_IMPORTED);
    for stranger in strangers {
        stranger.await.unwrap();
    }
    let polls = usize::try_from(from.elapsed().as_millis() / Bounds::default().registry_poll.as_millis()).unwrap();
    let asked = store.state().versions_asked - before;
    assert!(asked <= 2 * (polls + 1), "{asked} in the time of {polls} polls");
}

/// Given a store that cannot be reached, when calls come, then what is known is served, `/health` says so, and the server goes on; when the
/// store is back, then changes are heard of again.
#[tokio::test]
async fn r_112_what_is_known_is_served_while_the_store_cannot_be_reached() {
    let store = with_application(&[]).await;
    let server = Server::start(&store, Share::PerServer).await;
    store.state().unreachable = Some("as the test wants it".to_owned());
    store.change(APP, vec![ApplicationChange::Disable(true)]).await;
    let before = store.state().versions_asked;
    while store.state().versions_asked < before + 2 {
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(server.code().await, NOT_IMPORTED);
    assert_eq!(code(&server.signed(APP + 1, KEY, GET, "{}").await), UNKNOWN_APPLICATION);
    for path in ["/health", "/ready"] {
        let (status, body) = server.send(path, "").await;
        assert_eq!((status, &body["status"]), (503, &Value::from("unavailable")), "{path}");
    }
    assert!(!server.served.is_finished());

    store.state().unreachable = None;
    heard(async || server.code().await, DISABLED).await;
    assert_eq!(server.send("/health", "").await.0, 200);
}

/// Given a store of one process, when calls come, of strangers too, and rates are to be exact, then the store is asked for neither changes
/// nor rates.
#[tokio::test]
async fn a_store_of_one_process_is_never_asked() {
    let store = with_application(&[("call_rate", "1")]).await;
    store.state().version = None;
    let server = Server::start(&store, Share::Exact).await;
    let before = store.state().versions_asked;
    assert_eq!(code(&server.signed(APP + 1, KEY, GET, "{}").await), UNKNOWN_APPLICATION);
    assert_eq!(code(&server.until_over().await.1), OVER_COMMAND);
    sleep(2 * Bounds::default().registry_poll).await;
    let state = store.state();
    assert_eq!((state.versions_asked, &state.calls_asked[..]), (before, &[][..]));
}

/// Given a server that polls, when it is stopped, then nothing of it holds the store.
#[tokio::test]
async fn nothing_polls_after_the_end() {
    let store = with_application(&[]).await;
    let server = Server::start(&store, Share::PerServer).await;
    assert_eq!(server.code().await, NOT_IMPORTED);
    let (app, ended) = server.end().await;
    assert_eq!((ended, Arc::strong_count(&app)), (Ended::Drained, 1));
}

/// Given two servers that give the whole rate each, when one has given all of it, then the other has not.
#[tokio::test]
async fn r_111_each_server_gives_the_whole_rate_by_itself() {
    let store = with_application(&[("call_rate", "3")]).await;
    let one = Server::start(&store, Share::PerServer).await;
    let other = Server::start(&store, Share::PerServer).await;
    let (let_in, reply) = one.until_over().await;
    assert!(let_in >= 3 && reply["ErrorInfo"].as_str().unwrap().contains("over 3 calls"), "{let_in}, {reply}");
    assert_eq!(other.code().await, NOT_IMPORTED);
    assert_eq!(store.state().calls_asked, []);
}

/// Given one of 100 servers and a rate of 200 calls a second, when calls come, then it gives 2 a second.
#[tokio::test]
async fn r_111_a_server_gives_its_share_of_the_rate() {
    let store = with_application(&[]).await;
    let server = Server::start(&store, Share::OneOf(NonZeroU32::new(100).unwrap())).await;
    let (_, reply) = server.until_over().await;
    assert!(reply["ErrorInfo"].as_str().unwrap().contains("over 2 calls a second of this command"), "{reply}");
}

/// Given two servers that give the rates together, when calls come to both, then as many are let in as the shared bucket has.
#[tokio::test]
async fn r_111_exact_rates_are_given_by_all_servers_together() {
    for (bucket, refused) in [(GET, OVER_COMMAND), ("*", OVER_ALL)] {
        let store = with_application(&[("total_call_rate", "300")]).await;
        let servers = [Server::start(&store, Share::Exact).await, Server::start(&store, Share::Exact).await];
        store.state().left.insert(bucket.to_owned(), 7);
        let mut codes = HashMap::new();
        for _ in 0..10 {
            for server in &servers {
                *codes.entry(server.code().await).or_insert(0) += 1;
            }
        }
        assert_eq!(codes, HashMap::from([(NOT_IMPORTED, 7), (refused, 13)]), "{bucket}");
        let asked: Vec<_> = store.state().calls_asked[..2].to_vec();
        let app = SdkAppId(APP);
        assert_eq!(asked, [(app, GET.to_owned(), 200), (app, "*".to_owned(), 300)]);
    }
}

/// Given a server whose own bucket of the rate is empty, when calls come, then it refuses them without a word of the store; a rate that is
/// off is not asked for.
#[tokio::test]
async fn r_111_what_a_server_refuses_by_itself_costs_the_store_nothing() {
    let store = with_application(&[("call_rate", "2")]).await;
    let server = Server::start(&store, Share::Exact).await;
    let (let_in, _) = server.until_over().await;
    assert_eq!(store.state().calls_asked, vec![(SdkAppId(APP), GET.to_owned(), 2); let_in]);
}

/// Given a store that does not say how many calls were made, when calls come, then the server gives the rate by itself; when the store
/// says again, then its word holds.
#[tokio::test]
async fn r_111_where_the_store_does_not_say_the_servers_own_buckets_decide() {
    for word in [Word::Fails, Word::Never] {
        let store = with_application(&[("call_rate", "5")]).await;
        let server = Server::start(&store, Share::Exact).await;
        store.state().word = word;
        let (let_in, reply) = server.until_over().await;
        assert!(let_in >= 5, "{word:?}: {let_in}, {reply}");
        assert!(store.state().calls_asked.len() < let_in, "the store is spared");

        store.state().left.insert(GET.to_owned(), 0);
        store.state().word = Word::Says;
        let from = Instant::now();
        // The server's own bucket has a call again every 200 ms: what is refused for long is refused by the store.
        let mut refused = 0;
        while refused < 3 {
            sleep(Duration::from_millis(250)).await;
            refused = if server.code().await == OVER_COMMAND { refused + 1 } else { 0 };
            assert!(from.elapsed() < Duration::from_secs(20), "{word:?}: the store's word does not hold again");
        }
    }
}
