//! The calls of the picked application as they come, and any of them explained. Rows and details are drawn here; `assets/calls.js` keeps the
//! list going and sends calls again.

mod detail;
mod words;

use super::codes::meaning;
use super::frame::Frame;
use super::plain;
use super::visit::{Refused, Visit};
use super::words::Lang;
use crate::applications::Loaded;
use crate::controls::{CALLS_MAX, Calls, Filter, NoReplay, Recorded, SignedAnew, as_curl, as_scenario, follow};
use crate::reply::Reply;
use crate::v4::COMMANDS;
use askama::Template;
use cubby_domain::Settings;
use cubby_protocol::openapi::{Text, text};
use cubby_store::Store;
use detail::Detail;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;

pub(super) const TITLE: Text = text("Calls", "调用记录");

/// How many calls a list shows at first, and with each step further back.
const SHOWN: usize = 100;

#[derive(Template)]
#[template(path = "console/calls.html")]
struct Page {
    frame: Frame,
    app: Option<u64>,
    strays: bool,
    /// Whether calls are recorded.
    records: bool,
    /// Whether that can be chosen.
    chooses: bool,
    commands: Vec<&'static str>,
    codes: Vec<(u32, &'static str)>,
    /// The script's texts, in JSON.
    words: String,
}

#[derive(Template)]
#[template(path = "console/calls-rows.html")]
struct Rows {
    lang: Lang,
    all: Vec<Row>,
    /// Before which call there are more.
    more: Option<u64>,
}

/// A call in the list.
#[derive(Template)]
#[template(path = "console/calls-row.html")]
struct Row {
    lang: Lang,
    id: u64,
    at_ms: u128,
    what: String,
    code: u32,
    meaning: &'static str,
    took: String,
    fault: Option<u64>,
}

/// Whose calls.
struct Source {
    /// None where they name no application.
    loaded: Option<Arc<Loaded>>,
}

impl Source {
    /// None where an application is named that is gone.
    fn of<S: Store>(visit: &Visit<S>) -> Option<Self> {
        if visit.query("of").as_deref() == Some("strays") {
            return Some(Self { loaded: None });
        }
        let loaded = visit.named();
        (loaded.is_some() || visit.query("app").is_none()).then_some(Self { loaded })
    }

    fn calls<'a, S: Store>(&'a self, visit: &'a Visit<S>) -> &'a Calls {
        self.loaded.as_ref().map_or(&visit.app.strays, |loaded| &loaded.controls.calls)
    }

    fn settings(&self) -> Arc<Settings> {
        self.loaded.as_ref().map(|loaded| Arc::clone(&loaded.settings)).unwrap_or_default()
    }
}

/// The page, the list and what follows it, and what is done with a call.
pub(super) fn answer<S: Store>(visit: &Visit<S>) -> Reply {
    let below = visit.below.as_str();
    let Some(source) = Source::of(visit) else {
        return Refused::of(404, visit.lang.say(words::NO_APPLICATION)).reply();
    };
    let calls = source.calls(visit);
    match (below, visit.is_post()) {
        ("clear", true) => {
            calls.clear();
            plain(200, "")
        }
        ("record", true) => {
            calls.ask(visit.field("on").is_some());
            plain(200, "")
        }
        (_, true) => visit.unknown(),
        ("", false) => page(visit, &source),
        ("rows", false) => rows(visit, calls),
        ("live", false) => live(visit, calls),
        ("scenario", false) => scenario(visit, &source).unwrap_or_else(Refused::reply),
        (_, false) => {
            let (id, what) = below.split_once('/').unwrap_or((below, ""));
            match id.parse() {
                Ok(id) => of_one(visit, &source, id, what).unwrap_or_else(Refused::reply),
                Err(_) => visit.unknown(),
            }
        }
    }
}

fn page<S: Store>(visit: &Visit<S>, source: &Source) -> Reply {
    let emulator = visit.app.access.emulator;
    let words: Map<String, Value> =
        words::OF_SCRIPT.iter().map(|(name, text)| ((*name).to_owned(), visit.lang.say(*text).into())).collect();
    visit.shows(&Page {
        frame: visit.frame(),
        app: source.loaded.as_ref().map(|loaded| loaded.application.id.0),
        strays: source.loaded.is_none(),
        records: emulator || source.loaded.as_ref().is_some_and(|loaded| loaded.controls.calls.is_asked()),
        chooses: !emulator && source.loaded.is_some(),
        commands: COMMANDS.iter().map(|meta| meta.path).collect(),
        codes: super::codes::all(visit.lang),
        words: Value::Object(words).to_string(),
    })
}

/// The wanted calls.
fn filter<S: Store>(visit: &Visit<S>) -> Filter {
    let given = |name| visit.query(name).filter(|text| !text.is_empty());
    Filter {
        command: given("command"),
        // What is no number is no code that a call could have.
        code: given("code").map(|code| code.trim().parse().unwrap_or(u32::MAX)),
        failed: given("failed").is_some(),
        text: given("text"),
    }
}

fn rows<S: Store>(visit: &Visit<S>, calls: &Calls) -> Reply {
    let before = visit.query("before").and_then(|id| id.parse().ok());
    let mut found = calls.newest(&filter(visit), before, SHOWN + 1);
    let more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let more = if more { found.last().map(|call| call.id) } else { None };
    visit.shows(&Rows { lang: visit.lang, all: found.iter().map(|call| row(call, visit.lang)).collect(), more })
}

fn row(call: &Recorded, lang: Lang) -> Row {
    let of = &call.request;
    let what = call.command.map_or_else(|| format!("{} {}", of.method, of.path), str::to_owned);
    Row {
        lang,
        id: call.id,
        at_ms: call.at.as_millis(),
        what,
        code: call.code.0,
        meaning: meaning(call.code.0, lang),
        took: shown(call.steps.total()),
        fault: call.fault,
    }
}

/// A time as people read it.
fn shown(time: Duration) -> String {
    match time.as_micros() {
        micros @ 0..1000 => format!("{micros} µs"),
        1000..1_000_000 => format!("{:.2} ms", time.as_secs_f64() * 1e3),
        _ => format!("{:.2} s", time.as_secs_f64()),
    }
}

fn live<S: Store>(visit: &Visit<S>, calls: &Calls) -> Reply {
    let lang = visit.lang;
    let told = move |call: &Recorded| row(call, lang).render().unwrap_or_default();
    let (app, session) = (Arc::clone(&visit.app), visit.session.as_ref().map(|(id, _)| id.clone()).unwrap_or_default());
    let may = move || app.sessions.lasts(&session, app.clock.monotonic());
    follow(&visit.app, calls, filter(visit), may, told).unwrap_or_else(|too_many| plain(503, too_many.to_string()))
}

/// What a page is told of one call: all of it, or for another use.
fn of_one<S: Store>(visit: &Visit<S>, source: &Source, id: u64, what: &str) -> Result<Reply, Refused> {
    let gone = || Refused::of(404, visit.lang.say(words::GONE).replace("{0}", &CALLS_MAX.to_string()));
    let call = source.calls(visit).get(id).ok_or_else(gone)?;
    let no_replay = |why: NoReplay| visit.refuse(409, &why);
    let clock = &visit.app.clock;
    match (what, &source.loaded) {
        ("", _) => Ok(visit.shows(&Detail::of(&call, source.loaded.is_some(), &source.settings(), visit.lang))),
        ("request", Some(loaded)) => {
            let request = SignedAnew::of(&call, loaded, clock).map_err(no_replay)?;
            Ok(Reply::json(200, serde_json::to_vec(&request).unwrap_or_default()))
        }
        ("curl", Some(loaded)) => {
            let base = visit.query("url").unwrap_or_default();
            Ok(plain(200, as_curl(&base, &call, loaded, clock).map_err(no_replay)?))
        }
        _ => Ok(visit.unknown()),
    }
}

fn scenario<S: Store>(visit: &Visit<S>, source: &Source) -> Result<Reply, Refused> {
    let Some(loaded) = &source.loaded else { return Ok(visit.unknown()) };
    let number = |name: &str| {
        let text = visit.query(name).unwrap_or_default();
        text.parse::<u64>().map_err(|_| visit.no_number(name, &text))
    };
    let scenario = as_scenario(loaded, number("from")?, number("to")?, None);
    Ok(Reply::json(200, scenario.map_err(|why| visit.refuse(409, &why))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_in_the_unit_that_it_is_read_in() {
        let of = |micros| shown(Duration::from_micros(micros));
        assert_eq!((of(7).as_str(), of(999).as_str()), ("7 µs", "999 µs"));
        assert_eq!((of(1500).as_str(), of(2_345_678).as_str()), ("1.50 ms", "2.35 s"));
    }
}
