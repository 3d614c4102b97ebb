//! One call: what was sent and answered, where its time went, and what it meant.

use super::{shown, words};
use crate::console::codes::{self, Link};
use crate::console::words::Lang;
use crate::controls::{Recorded, Steps};
use askama::Template;
use bytes::Bytes;
use cubby_domain::Settings;

#[derive(Template)]
#[template(path = "console/calls-detail.html")]
pub(super) struct Detail {
    lang: Lang,
    id: u64,
    at_ms: u128,
    /// What the application's clock showed, in milliseconds, where that is another time.
    showed_ms: Option<u64>,
    method: String,
    path: String,
    query: Vec<(String, String)>,
    command: Option<&'static str>,
    code: u32,
    meaning: &'static str,
    pages: Vec<Link>,
    fault: Option<u64>,
    /// Whether it can be sent again.
    again: bool,
    request: Part,
    reply: Part,
    total: String,
    steps: Vec<Bar>,
    refused: Option<Refused>,
    ignored: Vec<Ignored>,
    tolerated: Vec<Tolerated>,
}

/// A body, or its first bytes.
struct Part {
    text: String,
    kept: usize,
    all: usize,
}

/// A step as a bar: where it begins and how long it is, in thousandths of the whole.
struct Bar {
    name: &'static str,
    from: u128,
    wide: u128,
    took: String,
}

struct Refused {
    row: Option<u8>,
    name: &'static str,
    looks_at: &'static str,
    advice: &'static str,
    why: String,
}

struct Ignored {
    path: String,
    meant: Vec<(String, &'static str)>,
}

struct Tolerated {
    ruling: Option<&'static str>,
    path: String,
    text: String,
}

impl Detail {
    pub(super) fn of(call: &Recorded, again: bool, settings: &Settings, lang: Lang) -> Self {
        let found = call.explained(settings);
        let query = form_urlencoded::parse(call.request.query.as_bytes()).into_owned().collect();
        Self {
            lang,
            id: call.id,
            at_ms: call.at.as_millis(),
            showed_ms: call.shown.map(|time| time.0.saturating_mul(1000)),
            method: call.request.method.clone(),
            path: call.request.path.clone(),
            query,
            command: call.command,
            code: call.code.0,
            meaning: codes::meaning(call.code.0, lang),
            pages: codes::pages(call.code.0),
            fault: call.fault,
            again,
            request: Part::of(&call.request.body, call.request.body_bytes),
            reply: Part::of(&call.reply, call.reply_bytes),
            total: shown(call.steps.total()),
            steps: bars(&call.steps, lang),
            refused: found.refused_by.map(|(check, why)| Refused {
                row: check.row(),
                name: lang.say(check.name()),
                looks_at: lang.say(check.looks_at()),
                advice: lang.say(check.advice()),
                why,
            }),
            ignored: found
                .ignored
                .into_iter()
                .map(|one| Ignored {
                    path: one.path,
                    meant: one.meant.into_iter().map(|meant| (meant.path, lang.say(meant.likeness.text()))).collect(),
                })
                .collect(),
            tolerated: found
                .tolerated
                .into_iter()
                .map(|one| Tolerated { ruling: one.ruling, path: one.path, text: lang.told(one.told) })
                .collect(),
        }
    }
}

impl Part {
    fn of(bytes: &Bytes, all: usize) -> Self {
        Self { text: String::from_utf8_lossy(bytes).into_owned(), kept: bytes.len(), all }
    }

    fn is_cut(&self) -> bool {
        self.kept < self.all
    }
}

/// The steps one after the other; those that took no time are left out.
fn bars(steps: &Steps, lang: Lang) -> Vec<Bar> {
    let all = [
        (words::GATE, steps.gate),
        (words::BODY, steps.body),
        (words::DECODE, steps.decode),
        (words::DELAY, steps.delay),
        (words::EXECUTE, steps.execute),
        (words::ENCODE, steps.encode),
    ];
    let total = steps.total().as_nanos().max(1);
    let mut from = 0;
    let mut bars = Vec::new();
    for (name, time) in all.into_iter().filter(|(_, time)| !time.is_zero()) {
        let wide = time.as_nanos() * 1000 / total;
        // One that took next to nothing is still to be seen.
        bars.push(Bar { name: lang.say(name), from: from.min(994), wide: wide.max(6), took: shown(time) });
        from += wide;
    }
    bars
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn bars_follow_each_other_and_none_is_too_small_to_see() {
        let steps = Steps {
            gate: Duration::from_micros(100),
            execute: Duration::from_micros(899),
            encode: Duration::from_micros(1),
            ..Steps::default()
        };
        let drawn: Vec<_> = bars(&steps, Lang::En).iter().map(|bar| (bar.name, bar.from, bar.wide)).collect();
        assert_eq!(drawn, [("Checks", 0, 100), ("Store", 100, 899), ("Writing the reply", 994, 6)]);
    }
}
