//! The record of calls of an application.

use super::asked::{Asked, Told, done, tell};
use super::problem::Problem;
use crate::applications::Loaded;
use crate::controls::{CALLS_MAX, Explained, Filter, Heard, Recorded, Steps};
use crate::reply::Reply;
use bytes::Bytes;
use cubby_domain::Settings;
use cubby_protocol::explain;
use cubby_protocol::openapi::Text;
use cubby_store::Store;
use http_body_util::channel::Channel;
use hyper::header::HeaderValue;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// How many are told where no number is given.
const USUAL: usize = 50;
/// How long a live reply is silent at most, so that whoever listens knows that it goes on.
const SILENT_FOR: Duration = Duration::from_secs(15);

/// A call, in short.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Brief {
    /// Its number: 1, 2, 3 … of the application.
    id: u64,
    /// When it came, in Unix milliseconds by the system's clock.
    at_ms: u64,
    /// What the application's clock showed, in Unix seconds, where that is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    app_time: Option<u64>,
    method: String,
    path: String,
    /// service/command, where the path has one.
    command: Option<&'static str>,
    code: u32,
    /// The time that it took, in microseconds.
    micros: u64,
    /// The fault that struck it.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<u64>,
}

/// A call, whole and explained.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Detail {
    #[serde(flatten)]
    brief: Brief,
    /// The query string, the signature masked.
    query: String,
    /// The body as it came, or its first bytes.
    request: String,
    /// How many bytes it has in all.
    request_bytes: usize,
    /// The reply as it went, or its first bytes.
    reply: String,
    reply_bytes: usize,
    steps: ShownSteps,
    /// The check that refused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused_by: Option<RefusedBy>,
    /// Fields that nobody reads.
    ignored: Vec<Ignored>,
    /// Documented rules that it passed by leniency alone.
    tolerated: Vec<Tolerated>,
}

/// A text in both languages.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Both {
    en: String,
    zh: String,
}

/// A check that refused a call.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RefusedBy {
    /// Its row in the order of checks, where it has one.
    row: Option<u8>,
    name: Both,
    /// What it looks at.
    looks_at: Both,
    /// What to do about it.
    advice: Both,
    /// What it found.
    why: String,
}

/// A field that nobody reads.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Ignored {
    path: String,
    /// What it was probably meant to be.
    meant: Vec<Meant>,
}

/// A field that is documented.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Meant {
    path: String,
    why: Both,
}

/// A rule that a call passed by leniency.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Tolerated {
    /// The ruling of docs/compatibility.md.
    ruling: Option<&'static str>,
    path: String,
    text: Both,
}

/// Whether calls are recorded.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Recording {
    /// Whether they are. Those of an emulator are whatever this says.
    record: bool,
}

/// The steps of a call, each in microseconds.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ShownSteps {
    /// The checks before the body.
    gate: u64,
    /// Receiving the body.
    body: u64,
    /// Reading it.
    decode: u64,
    /// The store: reading, the rules, the commit.
    execute: u64,
    /// Writing the reply.
    encode: u64,
    /// Waiting because of a fault.
    delay: u64,
}

pub(super) async fn list<S: Store>(asked: Asked<S>) -> Told {
    let loaded = asked.loaded().await?;
    let limit = asked.query_as("limit", "a number")?.unwrap_or(USUAL).min(CALLS_MAX);
    let found = loaded.controls.calls.newest(&filter(&asked)?, asked.query_as("before", "a number")?, limit);
    tell(200, &found.iter().map(|call| brief(call)).collect::<Vec<_>>())
}

pub(super) async fn show<S: Store>(asked: Asked<S>) -> Told {
    let loaded = asked.loaded().await?;
    tell(200, &detail(&*recorded(&asked, &loaded)?, &loaded.settings))
}

pub(super) fn recorded<S: Store>(asked: &Asked<S>, loaded: &Loaded) -> Result<Arc<Recorded>, Problem> {
    let id = asked.number(1, "call")?;
    let found = loaded.controls.calls.get(id);
    found.ok_or_else(|| Problem::missing(format!("there is no call {id}; the last {CALLS_MAX} are kept")))
}

pub(super) fn strays<S: Store>(asked: &Asked<S>) -> Told {
    let found = asked.app.strays.newest(&filter(asked)?, None, CALLS_MAX);
    tell(200, &found.iter().map(|call| detail(call, &Settings::default())).collect::<Vec<_>>())
}

pub(super) async fn forget<S: Store>(asked: Asked<S>) -> Told {
    asked.loaded().await?.controls.calls.clear();
    Ok(done())
}

pub(super) async fn record<S: Store>(asked: Asked<S>) -> Told {
    let (loaded, recording) = (asked.loaded().await?, asked.json::<Recording>()?);
    loaded.controls.calls.ask(recording.record);
    tell(200, &recording)
}

pub(super) async fn live<S: Store>(asked: Asked<S>) -> Told {
    let (loaded, filter) = (asked.loaded().await?, filter(&asked)?);
    let app = Arc::clone(&asked.app);
    let place = Arc::clone(&app.live).try_acquire_owned();
    let place = place.map_err(|_| Problem::new(503, "too many follow already; end some of them"))?;
    let mut follower = loaded.controls.calls.follow();
    let (mut sender, body) = Channel::new(16);
    tokio::spawn(async move {
        let _place = place;
        loop {
            let heard = tokio::select! {
                heard = tokio::time::timeout(SILENT_FOR, follower.next()) => heard,
                () = app.stopped() => return,
            };
            let text = match heard {
                Ok(Some(Heard::Call(call))) if !filter.takes(&call) => continue,
                Ok(Some(Heard::Call(call))) => event("call", call.id, &brief(&call)),
                Ok(Some(Heard::Missed(calls))) => format!("event: missed\ndata: {calls}\n\n"),
                Ok(None) => return,
                Err(_) => ": nothing new\n\n".to_owned(),
            };
            if sender.send_data(Bytes::from(text)).await.is_err() {
                return;
            }
        }
    });
    Ok(Reply::live(HeaderValue::from_static("text/event-stream"), body))
}

/// An event of a stream.
fn event(name: &str, id: u64, data: &impl Serialize) -> String {
    let data = serde_json::to_string(data).unwrap_or_default();
    format!("event: {name}\nid: {id}\ndata: {data}\n\n")
}

fn filter<S: Store>(asked: &Asked<S>) -> Result<Filter, Problem> {
    Ok(Filter {
        command: asked.query("command"),
        code: asked.query_as("code", "a number")?,
        failed: asked.query_as("failed", "true or false")?.unwrap_or(false),
        text: asked.query("text"),
    })
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn brief(call: &Recorded) -> Brief {
    Brief {
        id: call.id,
        at_ms: u64::try_from(call.at.as_millis()).unwrap_or(u64::MAX),
        app_time: call.shown.map(|time| time.0),
        method: call.request.method.clone(),
        path: call.request.path.clone(),
        command: call.command,
        code: call.code.0,
        micros: micros(call.steps.total()),
        fault: call.fault,
    }
}

fn detail(call: &Recorded, settings: &Settings) -> Detail {
    let Explained { refused_by, ignored, tolerated } = call.explained(settings);
    let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
    Detail {
        brief: brief(call),
        query: call.request.query.clone(),
        request: text(&call.request.body),
        request_bytes: call.request.body_bytes,
        reply: text(&call.reply),
        reply_bytes: call.reply_bytes,
        steps: call.steps.into(),
        refused_by: refused_by.map(|(check, why)| RefusedBy {
            row: check.row(),
            name: check.name().into(),
            looks_at: check.looks_at().into(),
            advice: check.advice().into(),
            why,
        }),
        ignored: ignored.into_iter().map(Ignored::from).collect(),
        tolerated: tolerated
            .into_iter()
            .map(|one| Tolerated {
                ruling: one.ruling,
                path: one.path,
                text: Both { en: one.told.en, zh: one.told.zh },
            })
            .collect(),
    }
}

impl From<Text> for Both {
    fn from(text: Text) -> Self {
        Self { en: text.en.to_owned(), zh: text.zh.to_owned() }
    }
}

impl From<explain::Ignored> for Ignored {
    fn from(ignored: explain::Ignored) -> Self {
        let meant = |meant: explain::Meant| Meant { path: meant.path, why: meant.likeness.text().into() };
        Self { path: ignored.path, meant: ignored.meant.into_iter().map(meant).collect() }
    }
}

impl From<Steps> for ShownSteps {
    fn from(steps: Steps) -> Self {
        Self {
            gate: micros(steps.gate),
            body: micros(steps.body),
            decode: micros(steps.decode),
            execute: micros(steps.execute),
            encode: micros(steps.encode),
            delay: micros(steps.delay),
        }
    }
}
