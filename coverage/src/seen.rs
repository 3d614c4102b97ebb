//! What the tests wrote down while they ran. Of several tests that showed the same thing the first by name stands for them, so that the
//! table does not depend on which was faster.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// What was shown, each with the test that showed it.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    codes: Shown<u32>,
    items: Shown<u32>,
    asked: Shown<String>,
    replied: Shown<String>,
}

/// By the command and what of it was shown.
type Shown<T> = BTreeMap<(String, T), String>;

/// One line.
#[derive(Deserialize)]
struct Line {
    test: String,
    command: String,
    code: Option<u32>,
    item: Option<u32>,
    asked: Option<String>,
    replied: Option<String>,
}

/// Tests that throw dice: what they show is not the same in each run.
const RANDOM: [&str; 2] = ["crash::", "hostile::"];

impl Seen {
    pub(crate) fn read(directory: &Path) -> Result<Self, String> {
        let told = |error: std::io::Error| format!("{}: {error}", directory.display());
        let mut seen = Self::default();
        for entry in std::fs::read_dir(directory).map_err(told)? {
            let text = std::fs::read_to_string(entry.map_err(told)?.path()).map_err(told)?;
            for line in text.lines() {
                seen.keep(serde_json::from_str(line).map_err(|error| format!("{line}: {error}"))?);
            }
        }
        if seen.codes.is_empty() {
            return Err(format!("{}: the tests wrote nothing there", directory.display()));
        }
        Ok(seen)
    }

    fn keep(&mut self, line: Line) {
        let Line { test, command, code, item, asked, replied } = line;
        if RANDOM.iter().any(|module| test.starts_with(module)) {
            return;
        }
        keep(&mut self.codes, &command, code, &test);
        keep(&mut self.items, &command, item, &test);
        keep(&mut self.asked, &command, asked, &test);
        keep(&mut self.replied, &command, replied, &test);
    }

    /// The test in which a command gave a code.
    pub(crate) fn code(&self, command: &str, code: u32) -> Option<&str> {
        self.codes.get(&(command.to_owned(), code)).map(String::as_str)
    }

    /// The first test in which any command gave a code, and the command.
    pub(crate) fn any_code(&self, code: u32, of: impl Fn(&str) -> bool) -> Option<(&str, &str)> {
        let all = self.codes.iter().filter(|((command, one), _)| *one == code && of(command));
        all.map(|((command, _), test)| (test.as_str(), command.as_str())).min()
    }

    /// The test in which an item of a command had a code.
    pub(crate) fn item(&self, command: &str, code: u32) -> Option<&str> {
        self.items.get(&(command.to_owned(), code)).map(String::as_str)
    }

    /// The test in which a field of a request, in one of these spellings, was part of a call that succeeded.
    pub(crate) fn asked(&self, command: &str, paths: &[String]) -> Option<&str> {
        paths.iter().filter_map(|path| self.asked.get(&(command.to_owned(), path.clone()))).min().map(String::as_str)
    }

    /// The test in which a reply had a field.
    pub(crate) fn replied(&self, command: &str, path: &str) -> Option<&str> {
        self.replied.get(&(command.to_owned(), path.to_owned())).map(String::as_str)
    }
}

fn keep<T: Ord>(shown: &mut Shown<T>, command: &str, what: Option<T>, test: &str) {
    let Some(what) = what else { return };
    let first = shown.entry((command.to_owned(), what)).or_insert_with(|| test.to_owned());
    if test < first.as_str() {
        test.clone_into(first);
    }
}
