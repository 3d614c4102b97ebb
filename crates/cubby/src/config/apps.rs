//! `[[app]]`, `CUBBY_APP` and `--app`: the applications that `cubby serve` registers. One named in a source of higher precedence takes the
//! place of what lower ones say of that SDKAppID; within one source each is registered, so that two keys of one application can be given.

use super::error::{ConfigError, Result};
use super::{Source, file};
use crate::registration::{Registration, check_setting, checked_key, parse_edition};
use crate::secret::masked;
use cubby_domain::SdkAppId;
use std::path::Path;
use toml::{Table, Value};

/// An application and the source that gave it.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) app: Registration,
    pub(super) source: Source,
}

/// The values of `--app`.
pub(super) fn of_flags(texts: &[String]) -> Result<Vec<Given>> {
    let source = Source::Flag("--app");
    texts.iter().map(|text| of_text(text, &source)).collect()
}

/// Applications one a line; blank lines are passed over.
pub(super) fn of_lines(text: &str, source: &Source) -> Result<Vec<Given>> {
    text.lines().filter(|line| !line.is_empty()).map(|line| of_text(line, source)).collect()
}

fn of_text(text: &str, source: &Source) -> Result<Given> {
    match Registration::parse(text) {
        Ok(app) => Ok(Given { app, source: source.clone() }),
        Err(why) => Err(ConfigError::App { source_name: source.to_string(), why }),
    }
}

/// The list `[[app]]` of a file.
pub(super) fn of_file(path: &Path, value: Value) -> Result<Vec<Given>> {
    let bad = |why: &str| ConfigError::App { source_name: format!("file {}", path.display()), why: why.to_owned() };
    let Value::Array(list) = value else { return Err(bad("applications are listed as [[app]]")) };
    let mut given = Vec::new();
    for value in list {
        let Value::Table(table) = value else { return Err(bad("applications are listed as [[app]]")) };
        given.push(Given { app: of_table(path, table)?, source: Source::File(path.to_owned()) });
    }
    Ok(given)
}

fn of_table(path: &Path, mut table: Table) -> Result<Registration> {
    let bad = |why: String| ConfigError::App { source_name: format!("file {}", path.display()), why };
    let Some(Value::Integer(id)) = table.remove("sdkappid") else {
        return Err(bad("an [[app]] has a number sdkappid".to_owned()));
    };
    let id = u64::try_from(id).map(SdkAppId).map_err(|_| bad("app.sdkappid is not below 0".to_owned()))?;
    let told = |why: String| bad(format!("app {id}: {why}"));
    let mut text = |name: &str| match table.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(told(format!("{name} takes a text in quotes"))),
    };
    let key = match (text("key")?, text("key_file")?) {
        (Some(key), None) => key,
        (None, Some(path)) => file::secret(Path::new(&path))?,
        (None, None) => return Err(told("key or key_file is missing".to_owned())),
        (Some(_), Some(_)) => return Err(told("key and key_file say the same thing twice".to_owned())),
    };
    let edition = text("edition")?.map(|word| parse_edition(&word)).transpose().map_err(told)?;
    let mut settings = Vec::new();
    match table.remove("settings") {
        None => {}
        Some(Value::Table(inner)) => flatten("", inner, &mut settings).map_err(told)?,
        Some(_) => return Err(told("settings takes a table".to_owned())),
    }
    if let Some(name) = table.keys().next() {
        let known = ["sdkappid", "key", "key_file", "edition", "settings"].map(|name| format!("app.{name}"));
        return Err(file::unknown(path, &format!("app.{name}"), known.iter().map(String::as_str)));
    }
    settings.iter().try_for_each(|(name, value)| check_setting(name, value)).map_err(told)?;
    Ok(Registration { id, key: checked_key(&key).map_err(told)?, edition, settings })
}

/// Settings by their dotted names, however the tables are written.
fn flatten(section: &str, table: Table, settings: &mut Vec<(String, String)>) -> std::result::Result<(), String> {
    for (name, value) in table {
        let name = if section.is_empty() { name } else { format!("{section}.{name}") };
        let value = match value {
            Value::Table(inner) => {
                flatten(&name, inner, settings)?;
                continue;
            }
            Value::String(text) => text,
            Value::Integer(number) => number.to_string(),
            Value::Boolean(on) => on.to_string(),
            Value::Array(list) if list.iter().all(Value::is_str) => {
                list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")
            }
            _ => return Err(format!("the setting {name} takes a text, a number, true or false")),
        };
        settings.push((name, value));
    }
    Ok(())
}

/// All sources merged, given in rising order of precedence.
pub(super) fn merged(sources: Vec<Vec<Given>>) -> Vec<Given> {
    let mut merged: Vec<Given> = Vec::new();
    for higher in sources {
        merged.retain(|lower| higher.iter().all(|one| one.app.id != lower.app.id));
        merged.extend(higher);
    }
    merged
}

/// The applications as rows of `cubby config show`.
pub(super) fn shown(apps: &[Registration], sources: &[Source]) -> Vec<[String; 3]> {
    let rows = |(app, source): (&Registration, &Source)| {
        let row = |name: &str, value: String| [format!("app.{}.{name}", app.id), value, source.to_string()];
        let key = row("key", masked(app.key.reveal()));
        let edition = app.edition.map(|edition| row("edition", edition.as_str().to_owned()));
        let settings = app.settings.iter().map(|(name, value)| row(&format!("settings.{name}"), value.clone()));
        std::iter::once(key).chain(edition).chain(settings).collect::<Vec<_>>()
    };
    apps.iter().zip(sources).flat_map(rows).collect()
}
