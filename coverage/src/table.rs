//! The table: what is described of the API beside the test that showed it.

use crate::reasons::{NEVER, UNSHOWN};
use crate::seen::Seen;
use cubby_protocol::codes::{CODES, Code, of_every_call, of_family};
use cubby_protocol::endpoint::{Family, Meta};
use cubby_protocol::openapi::{Field, Kind};
use cubby_server::v4::COMMANDS;
use std::fmt::Write;

const HEAD: &str = "# Coverage

What of the API the wire tests show: each command, each field, each code, and the test that showed it (of several, the first by name).
`./test` writes down every request and reply of these tests and compares; `./test coverage` writes this page. A field of a request counts
where a call with it succeeded, a field of a reply where a reply had it, a code where it was received.
";

/// The page, and what is neither shown nor explained.
pub(crate) fn write(seen: &Seen) -> (String, Vec<String>) {
    let mut page = Page { seen, text: HEAD.to_owned(), missing: Vec::new() };
    page.every_call();
    for family in [Family::Contact, Family::Account, Family::ChatGroup, Family::Message] {
        page.family(family);
    }
    for meta in COMMANDS {
        page.command(meta);
    }
    page.never();
    (page.text, page.missing)
}

struct Page<'a> {
    seen: &'a Seen,
    text: String,
    missing: Vec<String>,
}

fn meaning(code: Code) -> &'static str {
    CODES.iter().find(|one| one.code == code).map_or("", |one| one.text.en)
}

impl Page<'_> {
    fn line(&mut self, line: &str) {
        // Writing into a text does not fail.
        _ = writeln!(self.text, "{line}");
    }

    fn head(&mut self, title: &str, columns: &[&str]) {
        self.line(&format!("\n{title}\n\n| {} |", columns.join(" | ")));
        self.line(&format!("|{}", "---|".repeat(columns.len())));
    }

    /// One row: what is shown, or why it is not.
    fn row(&mut self, command: &str, cells: &[&str], shown: Option<&str>) {
        let what = cells.first().copied().unwrap_or_default();
        let why = UNSHOWN.iter().find(|(of, one, _)| *of == command && *one == what).map(|(_, _, why)| *why);
        let last = match (shown, why) {
            (Some(test), None) => format!("`{test}`"),
            (None, Some(why)) => format!("not shown: {why}"),
            (Some(test), Some(_)) => {
                self.missing.push(format!("{command} {what}: explained, and shown by {test}"));
                return;
            }
            (None, None) => {
                self.missing.push(format!("{command} {what}"));
                return;
            }
        };
        self.line(&format!("| {} | {last} |", cells.join(" | ")));
    }

    fn every_call(&mut self) {
        self.head("## Every call", &["code", "meaning", "by", "test"]);
        for code in of_every_call().chain([Code(60009)]) {
            let shown = self.seen.any_code(code.0, |_| true);
            let by = if code == Code(60009) { "a path that is none" } else { shown.map_or("", |(_, command)| command) };
            self.row("*", &[&code.0.to_string(), meaning(code), by], shown.map(|(test, _)| test));
        }
    }

    fn family(&mut self, family: Family) {
        let of = |command: &str| COMMANDS.iter().any(|meta| meta.path == command && meta.family == family);
        let service = COMMANDS.iter().find(|meta| meta.family == family).and_then(|meta| meta.path.split('/').next());
        let service = service.unwrap_or_default();
        self.head(&format!("## Every command of {service}"), &["code", "meaning", "by", "test"]);
        for code in of_family(family) {
            let shown = self.seen.any_code(code.0, of);
            let by = shown.map_or("", |(_, command)| command);
            self.row(service, &[&code.0.to_string(), meaning(code), by], shown.map(|(test, _)| test));
        }
    }

    fn command(&mut self, meta: &Meta) {
        let (command, doc) = (meta.path, meta.doc);
        self.head(&format!("## {command}"), &["field of a request", "test"]);
        let mut fields = Vec::new();
        flatten(doc.request, &[String::new()], &mut fields);
        for paths in &fields {
            let shown = self.seen.asked(command, paths).map(str::to_owned);
            self.row(command, &[&format!("`{}`", paths.first().map_or("", String::as_str))], shown.as_deref());
        }
        if !doc.reply.is_empty() {
            self.head("Reply:", &["field of a reply", "test"]);
            let mut fields = Vec::new();
            flatten(doc.reply, &[String::new()], &mut fields);
            for paths in &fields {
                let path = paths.first().map_or("", String::as_str);
                let shown = self.seen.replied(command, path).map(str::to_owned);
                self.row(command, &[&format!("`{path}`")], shown.as_deref());
            }
        }
        self.head("Codes of its own:", &["code", "meaning", "test"]);
        let shown = self.seen.code(command, 0).map(str::to_owned);
        self.row(command, &["0", "done"], shown.as_deref());
        for code in doc.codes {
            let shown = self.seen.code(command, *code).map(str::to_owned);
            self.row(command, &[&code.to_string(), meaning(Code(*code))], shown.as_deref());
        }
        for code in doc.item_codes {
            let shown = self.seen.item(command, *code).map(str::to_owned);
            self.row(command, &[&format!("item {code}"), meaning(Code(*code))], shown.as_deref());
        }
    }

    fn never(&mut self) {
        self.head("## Documented codes that are never given", &["code", "why"]);
        for (code, why) in NEVER {
            if let Some((test, command)) = self.seen.any_code(*code, |_| true) {
                self.missing.push(format!("{code} is said to be never given; {command} gave it in {test}"));
            }
            if CODES.iter().any(|one| one.code == Code(*code)) {
                self.missing.push(format!("{code} is said to be never given, and is in the table of codes"));
            }
            self.line(&format!("| {code} | {why} |"));
        }
    }
}

/// The paths of fields, each with its other spellings, the documented one first.
fn flatten(fields: &[Field], prefixes: &[String], found: &mut Vec<Vec<String>>) {
    for field in fields {
        let names = || std::iter::once(&field.name).chain(field.also);
        let paths: Vec<String> =
            names().flat_map(|name| prefixes.iter().map(move |prefix| format!("{prefix}{name}"))).collect();
        found.push(paths.clone());
        deeper(&field.kind, &paths, found);
    }
}

fn deeper(kind: &Kind, paths: &[String], found: &mut Vec<Vec<String>>) {
    let with = |end: &str| paths.iter().map(|path| format!("{path}{end}")).collect::<Vec<String>>();
    match kind {
        Kind::Object(fields) => flatten(fields, &with("."), found),
        Kind::Shape(shape) => flatten(shape.fields, &with("."), found),
        Kind::List(item) | Kind::ListWithin(_, _, item) => deeper(item, &with("[]"), found),
        _ => {}
    }
}
