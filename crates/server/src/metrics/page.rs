//! `/metrics`: every metric, its name and what it means. Nothing secret is in it, and nothing of any user. A scrape reads what was counted
//! and waits for nothing.

use super::Metrics;
use super::writing::{NANOSECONDS, Named, Page, WHOLE};
use crate::app::App;
use crate::connections::Counts;
use crate::reply::Reply;
use crate::v4::COMMANDS;
use cubby_protocol::codes::{Code, Failure, OK, code};
use cubby_store::figures::{Commits, Disk, Figures, Level, Remote};
use cubby_store::{Health, Store};
use hyper::HeaderMap;
use hyper::header::{ACCEPT, HeaderValue};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, prometheus_text, text};
use prometheus_client::registry::{Registry, Unit};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

const OPENMETRICS: HeaderValue = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
const PROMETHEUS: HeaderValue = HeaderValue::from_static(prometheus_text::CONTENT_TYPE);

/// The page, as `OpenMetrics` for who asks for that, as Prometheus itself does, and else in the older form that everything reads.
pub(crate) fn page<S: Store>(app: &Arc<App<S>>, connections: Counts, headers: &HeaderMap) -> Reply {
    let accepts = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let openmetrics = accepts.contains("application/openmetrics-text");
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Scrape { app: Arc::clone(app), connections }));
    let mut page = String::with_capacity(64 << 10);
    let (content_type, written) = if openmetrics {
        (OPENMETRICS, text::encode(&mut page, &registry))
    } else {
        (PROMETHEUS, prometheus_text::encode(&mut page, &registry))
    };
    debug_assert!(written.is_ok(), "writing to a text does not fail");
    Reply::of(200, content_type, page)
}

/// What is shown, read while it is written.
struct Scrape<S: Store> {
    app: Arc<App<S>>,
    connections: Counts,
}

impl<S: Store> fmt::Debug for Scrape<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scrape").field("connections", &self.connections).finish_non_exhaustive()
    }
}

impl<S: Store> Collector for Scrape<S> {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut page = Page(encoder);
        self.server(&mut page)?;
        calls(&mut page, &self.app.metrics)?;
        health(&mut page, &self.app.store.health())?;
        store(&mut page, &self.app.store.figures())
    }
}

const fn plain(name: &'static str, help: &'static str) -> Named {
    Named { name, unit: None, help }
}

const fn seconds(name: &'static str, help: &'static str) -> Named {
    Named { name, unit: Some(&Unit::Seconds), help }
}

const fn bytes(name: &'static str, help: &'static str) -> Named {
    Named { name, unit: Some(&Unit::Bytes), help }
}

impl<S: Store> Scrape<S> {
    fn server(&self, page: &mut Page<'_>) -> fmt::Result {
        let Counts { open, max, in_hand } = self.connections;
        page.gauges(
            plain("cubby_build_info", "The version that runs; always 1."),
            "version",
            &[(env!("CARGO_PKG_VERSION"), 1)],
        )?;
        let started = self.app.metrics.started.0;
        page.gauge(seconds("process_start_time", "When the server began, in Unix time."), started)?;
        page.gauge(plain("cubby_connections", "Connections that are open."), open)?;
        page.gauge(plain("cubby_connections_max", "Connections that may be open; then idle ones make room."), max)?;
        page.gauge(
            plain("cubby_requests_in_hand", "Requests that have come whole and are not answered yet."),
            in_hand,
        )?;
        page.gauge(
            plain("cubby_applications", "Applications that this server knows, disabled ones too."),
            self.app.applications.count(),
        )
    }
}

fn calls(page: &mut Page<'_>, metrics: &Metrics) -> fmt::Result {
    let counts = metrics.of_commands().enumerate().flat_map(|(n, (path, calls))| {
        let always = from_the_start(n);
        let shown =
            calls.counts().filter(move |(code, count)| *count > 0 || code.is_some_and(|code| always.contains(&code)));
        shown.map(move |(code, count)| {
            ([path.to_owned(), code.map_or("other".to_owned(), |code| code.0.to_string())], count)
        })
    });
    page.counters(
        plain(
            "cubby_requests",
            "Calls that were answered, by command and by the ErrorCode of the reply; 0 is success.",
        ),
        ["command", "code"],
        counts,
    )?;
    let took = metrics.of_commands().map(|(path, calls)| (path, calls.took()));
    page.histograms(
        seconds(
            "cubby_request_duration",
            "How long calls took, without the time in which their bodies came over the network.",
        ),
        NANOSECONDS,
        "command",
        took.filter(|(_, took)| took.counts.iter().any(|count| *count > 0)),
    )
}

/// The codes that a command's counters are there for before any reply bore them: success, and those that an operator is to hear of, whose
/// first one would be no increase otherwise.
fn from_the_start(command: usize) -> BTreeSet<Code> {
    let Some(meta) = COMMANDS.get(command) else { return BTreeSet::new() };
    let machine = [Failure::Internal, Failure::TimedOut, Failure::Overloaded];
    machine.iter().map(|failure| code(meta.family, failure)).chain([OK]).collect()
}

fn health(page: &mut Page<'_>, health: &Health) -> fmt::Result {
    let now = match health {
        Health::Serving => "serving",
        Health::Overloaded => "overloaded",
        Health::Unavailable(_) => "unavailable",
        Health::Poisoned(_) => "failed",
    };
    let states = ["serving", "overloaded", "unavailable", "failed"].map(|state| (state, u64::from(state == now)));
    page.gauges(plain("cubby_store_health", "How the store is: 1 for the state that it is in."), "state", &states)
}

fn level(page: &mut Page<'_>, level: Option<Level>, now: Named, max: Named) -> fmt::Result {
    let Some(level) = level else { return Ok(()) };
    page.gauge(now, level.now)?;
    page.gauge(max, level.max)
}

fn store(page: &mut Page<'_>, figures: &Figures) -> fmt::Result {
    level(
        page,
        figures.queue,
        plain(
            "cubby_store_queue",
            "Requests that wait for the store: for its writer, or for a connection to its database.",
        ),
        plain("cubby_store_queue_max", "Requests that may wait for the store; more are refused with 60008."),
    )?;
    level(
        page,
        figures.readers,
        plain("cubby_store_readers", "Queries that read the store at this moment."),
        plain("cubby_store_readers_max", "Queries that may read the store at once; more wait."),
    )?;
    figures.commits.as_ref().map_or(Ok(()), |commits| self::commits(page, commits))?;
    figures.disk.map_or(Ok(()), |disk| self::disk(page, disk))?;
    figures.remote.map_or(Ok(()), |remote| self::remote(page, remote))
}

fn commits(page: &mut Page<'_>, commits: &Commits) -> fmt::Result {
    page.histogram(
        seconds("cubby_store_commit_duration", "How long durable writes took, with their syncs."),
        NANOSECONDS,
        &commits.took,
    )?;
    let Some(batches) = &commits.batches else { return Ok(()) };
    page.histogram(
        plain("cubby_store_batch_commands", "How many commands shared one durable write."),
        WHOLE,
        &batches.commands,
    )?;
    page.histogram(
        bytes("cubby_store_batch", "How many bytes of keys and values were in one durable write."),
        WHOLE,
        &batches.bytes,
    )
}

fn disk(page: &mut Page<'_>, disk: Disk) -> fmt::Result {
    page.gauges(
        bytes("cubby_store_disk", "The size of the store's files: its tables, and the journals as of the last write."),
        "part",
        &[("tables", disk.tables), ("journals", disk.journals)],
    )
}

fn remote(page: &mut Page<'_>, remote: Remote) -> fmt::Result {
    page.gauges(
        plain("cubby_store_pool_connections", "Connections to the database, in use and idle."),
        "state",
        &[("used", remote.connections.now as u64), ("idle", remote.idle as u64)],
    )?;
    page.gauge(
        plain("cubby_store_pool_connections_max", "Connections to the database that may be."),
        remote.connections.max,
    )?;
    page.gauge(
        plain("cubby_store_pool_waiting", "Requests that wait for a connection to the database."),
        remote.waiting,
    )?;
    page.counters(
        plain(
            "cubby_store_round_trips",
            "Times that records were read from or written to the database, and its answer waited for.",
        ),
        ["kind"],
        [(["read".to_owned()], remote.reads), (["write".to_owned()], remote.writes)].into_iter(),
    )?;
    page.counter(
        plain("cubby_store_conflicts", "Times that a request began anew because another writer came first."),
        remote.conflicts,
    )?;
    page.counter(
        plain(
            "cubby_store_connections_lost",
            "Times that a connection to the database was lost or refused within a request.",
        ),
        remote.lost,
    )
}
