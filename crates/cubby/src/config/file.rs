//! The configuration file: TOML in, entries out. A key that is no setting is an error, so that a misspelt one is not passed over.

use super::apps::{self, Given};
use super::error::{ConfigError, Result};
use super::key::Takes;
use super::{Entry, Source, keys, spellings};
use crate::secret::without_line_end;
use cubby_protocol::near::near;
use std::path::Path;
use toml::{Table, Value};

/// The text of a file.
pub(super) fn text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable { path: path.to_owned(), error })
}

/// A secret's file, which is not empty.
pub(crate) fn secret(path: &Path) -> Result<String> {
    let text = text(path)?;
    let line = without_line_end(&text);
    if line.is_empty() { Err(ConfigError::EmptyFile(path.to_owned())) } else { Ok(line.to_owned()) }
}

/// The settings and the applications of a configuration file.
pub(super) fn read(path: &Path) -> Result<(Vec<Entry>, Vec<Given>)> {
    parse(path, &text(path)?)
}

pub(super) fn parse(path: &Path, text: &str) -> Result<(Vec<Entry>, Vec<Given>)> {
    let mut table: Table = toml::from_str(text).map_err(|error| {
        // The error's own text quotes the line, which may hold a key.
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        ConfigError::Syntax { path: path.to_owned(), line, message: error.message().to_owned() }
    })?;
    let apps = table.remove("app").map_or_else(|| Ok(Vec::new()), |apps| apps::of_file(path, apps))?;
    let mut entries = Vec::new();
    walk(path, "", table, &mut entries)?;
    Ok((entries, apps))
}

fn walk(path: &Path, section: &str, table: Table, entries: &mut Vec<Entry>) -> Result<()> {
    for (name, value) in table {
        let name = if section.is_empty() { name } else { format!("{section}.{name}") };
        let within = format!("{name}.");
        match value {
            Value::Table(inner) if names().any(|known| known.starts_with(&within)) => {
                walk(path, &name, inner, entries)?;
            }
            value if names().any(|known| known == name) => entries.push(entry(path, name, &value)?),
            _ => return Err(unknown(path, &name, names())),
        }
    }
    Ok(())
}

fn names() -> impl Iterator<Item = &'static str> {
    keys().map(|key| key.name).chain(spellings().map(|spelling| spelling.name))
}

fn entry(path: &Path, name: String, value: &Value) -> Result<Entry> {
    let takes = keys().find(|key| key.name == name).map_or(Takes::Text, |key| key.takes);
    let source = Source::File(path.to_owned());
    let value = match (takes, value) {
        (Takes::Number, Value::Integer(number)) => Ok(number.to_string()),
        (Takes::Truth, Value::Boolean(truth)) => Ok(truth.to_string()),
        (Takes::Text, Value::String(text)) => Ok(text.clone()),
        (Takes::Number, _) => Err("takes a number"),
        (Takes::Truth, _) => Err("takes true or false"),
        (Takes::Text, _) => Err("takes a text in quotes"),
    };
    match value {
        Ok(value) => Ok(Entry { name, value, source }),
        Err(why) => Err(Entry { name, value: String::new(), source }.is_bad(why)),
    }
}

/// The error of a key that is no setting, with what may have been meant.
pub(super) fn unknown<'a>(path: &Path, key: &str, known: impl IntoIterator<Item = &'a str>) -> ConfigError {
    let found = near(key, known);
    let meant = if found.is_empty() { String::new() } else { format!("; did you mean {}?", found.join(" or ")) };
    ConfigError::UnknownKey { path: path.to_owned(), key: key.to_owned(), meant }
}
