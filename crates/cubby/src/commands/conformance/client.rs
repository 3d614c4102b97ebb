//! The HTTP client of `cubby conformance`: signed calls over kept connections, plain or TLS, no faster than asked, repeated where the server
//! says that it was too busy. What is called and expected is not known here.

use super::super::credentials::Caller;
use super::scenario::Sign;
use crate::http::escaped;
use crate::secret::Secret;
use cubby_protocol::usersig;
use cubby_server::Clock;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Duration;
use ureq::Agent;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

/// For how long a UserSig is valid, in seconds: long enough for clocks that differ.
const EXPIRE: i64 = 3600;
/// A server answers within 2 seconds; the rest is for the way.
const REPLY_WITHIN: Duration = Duration::from_secs(20);
/// Shorter than servers keep an unused connection.
const IDLE_MAX: Duration = Duration::from_secs(3);
/// Codes that ask the caller to come again: over the rate of the command, and a service that did not get to it.
const BUSY: [i64; 2] = [60007, 60008];
const TRIES: u32 = 6;
const TRY_AGAIN_AFTER: Duration = Duration::from_millis(1100);

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    #[error("{}: {why}", path.display())]
    Ca { path: PathBuf, why: String },
    #[error("no reply from {url}: {error}")]
    Unreachable { url: String, error: Box<ureq::Error> },
    #[error("{url} is no URL of a server, or a part of the call cannot be sent: {error}")]
    Request { url: String, error: ureq::http::Error },
    #[error("the system gives no randomness: {0}")]
    Randomness(#[from] getrandom::Error),
}

/// Sends signed calls to one server.
#[derive(Debug)]
pub(super) struct Client {
    agent: Agent,
    base: String,
    pub(super) caller: Caller,
    clock: Clock,
    pause: Duration,
}

/// A call as it is sent.
#[derive(Debug, Default)]
pub(super) struct Request {
    pub(super) method: String,
    /// Under `/v4/`.
    pub(super) path: String,
    /// Parameters over the usual ones; none leaves one out.
    pub(super) query: Vec<(String, Option<String>)>,
    pub(super) query_end: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// What a UserSig is made of.
#[derive(Debug)]
pub(super) struct Signed {
    pub(super) sdkappid: u64,
    pub(super) identifier: String,
    pub(super) key: Secret,
    pub(super) expire: i64,
    pub(super) made: i64,
}

impl Signed {
    /// As a scenario has it, the rest as the caller.
    pub(super) fn of(sign: &Sign, caller: &Caller) -> Self {
        Self {
            sdkappid: sign.sdkappid.unwrap_or(caller.sdkappid),
            identifier: sign.identifier.clone().unwrap_or_else(|| caller.identifier.clone()),
            key: sign.key.as_ref().map_or_else(|| caller.key.clone(), Secret::new),
            expire: sign.expire.unwrap_or(EXPIRE),
            made: sign.made,
        }
    }
}

/// A reply.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) text: String,
    /// Null where it is no JSON.
    pub(super) json: Value,
}

impl Client {
    pub(super) fn new(base: &str, caller: Caller, rate: u32, ca: Option<&Path>) -> Result<Self, ClientError> {
        let mut tls = TlsConfig::builder();
        if let Some(path) = ca {
            tls = tls.root_certs(authorities(path).map_err(|why| ClientError::Ca { path: path.to_owned(), why })?);
        }
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(REPLY_WITHIN))
            .max_idle_age(IDLE_MAX)
            .user_agent(concat!("cubby/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls.build())
            .build()
            .into();
        let pause = Duration::from_secs(1) / rate.max(1);
        Ok(Self { agent, base: base.trim_end_matches('/').to_owned(), caller, clock: Clock::system(), pause })
    }

    pub(super) fn now(&self) -> u64 {
        self.clock.now().0
    }

    /// How long this client has been there.
    pub(super) fn since_start(&self) -> Duration {
        self.clock.monotonic()
    }

    /// A POST of JSON, signed as usual.
    pub(super) fn post(&self, path: &str, body: &Value) -> Result<Reply, ClientError> {
        let body = body.to_string().into_bytes();
        let request = Request { method: "POST".to_owned(), path: path.to_owned(), body, ..Request::default() };
        let usersig = self.usersig(&Signed::of(&Sign::default(), &self.caller));
        self.send(&request, &self.url(&request, &usersig)?)
    }

    /// A UserSig.
    pub(super) fn usersig(&self, signed: &Signed) -> String {
        let made = i64::try_from(self.now()).unwrap_or(i64::MAX).saturating_add(signed.made);
        let key = signed.key.reveal().as_bytes();
        usersig::make(signed.sdkappid, key, &signed.identifier, signed.expire, made, None)
    }

    /// The URL of a call with this UserSig.
    pub(super) fn url(&self, request: &Request, usersig: &str) -> Result<String, ClientError> {
        let mut query = vec![
            ("sdkappid".to_owned(), Some(self.caller.sdkappid.to_string())),
            ("identifier".to_owned(), Some(self.caller.identifier.clone())),
            ("usersig".to_owned(), Some(usersig.to_owned())),
            ("random".to_owned(), Some(getrandom::u32()?.to_string())),
            ("contenttype".to_owned(), Some("json".to_owned())),
        ];
        for (name, value) in &request.query {
            match query.iter_mut().find(|(one, _)| one == name) {
                Some((_, old)) => old.clone_from(value),
                None => query.push((name.clone(), value.clone())),
            }
        }
        let given = query.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        let query: Vec<String> = given.map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
        Ok(format!("{}/v4/{}?{}{}", self.base, request.path, query.join("&"), request.query_end))
    }

    /// Sends a call and reads its reply; again, a little later, where the server was too busy.
    pub(super) fn send(&self, request: &Request, url: &str) -> Result<Reply, ClientError> {
        let mut tries = 1;
        loop {
            let reply = self.send_once(request, url)?;
            let busy = reply.json.get("ErrorCode").and_then(Value::as_i64).is_some_and(|code| BUSY.contains(&code));
            if !busy || tries == TRIES {
                return Ok(reply);
            }
            std::thread::sleep(TRY_AGAIN_AFTER * tries);
            tries += 1;
        }
    }

    fn send_once(&self, request: &Request, url: &str) -> Result<Reply, ClientError> {
        std::thread::sleep(self.pause);
        let mut builder = ureq::http::Request::builder().method(request.method.as_str()).uri(url);
        if !request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            builder = builder.header("Content-Type", "application/json");
        }
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let shown = || without_query(url);
        let built = builder.body(&*request.body).map_err(|error| ClientError::Request { url: shown(), error })?;
        let unreachable = |error| ClientError::Unreachable { url: shown(), error: Box::new(error) };
        let mut reply = self.agent.run(built).map_err(unreachable)?;
        let bytes = reply.body_mut().read_to_vec().map_err(unreachable)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(Reply { status: reply.status().as_u16(), json: serde_json::from_slice(&bytes).unwrap_or_default(), text })
    }
}

/// A URL without what signs it.
fn without_query(url: &str) -> String {
    url.split('?').next().unwrap_or_default().to_owned()
}

/// The certificates of a file.
fn authorities(path: &Path) -> Result<RootCerts, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    for item in parse_pem(&bytes) {
        if let PemItem::Certificate(one) = item.map_err(|error| error.to_string())? {
            found.push(one);
        }
    }
    if found.is_empty() { Err("it holds no certificate in PEM".to_owned()) } else { Ok(found.into()) }
}
