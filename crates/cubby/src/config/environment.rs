//! The environment: the variables that settings have. Others that begin with `CUBBY_` are passed over, since platforms set some of their
//! own (`CUBBY_SERVICE_HOST` beside a service of that name). An empty variable is as good as none.

use super::apps::{Given, of_lines};
use super::error::{ConfigError, Result};
use super::{Entry, Source, file, keys, spellings};
use std::collections::HashMap;
use std::path::Path;

const APP: &str = "CUBBY_APP";
const APP_FILE: &str = "CUBBY_APP_FILE";

/// The variables whose names begin with `CUBBY_`, and those that settings have by another name.
#[derive(Debug, Default)]
pub(super) struct Environment(HashMap<String, String>);

impl Environment {
    pub(super) fn of_process() -> Result<Self> {
        let ours = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        let is_ours = |name: &str| name.starts_with("CUBBY_") || keys().any(|key| key.env == Some(name));
        let ours = ours.filter(|(name, value)| is_ours(name) && !value.is_empty());
        let text = |(name, value): (String, std::ffi::OsString)| match value.into_string() {
            Ok(value) => Ok((name, value)),
            Err(_) => Err(ConfigError::NotUtf8(name)),
        };
        ours.map(text).collect::<Result<_>>().map(Self)
    }

    #[cfg(test)]
    pub(super) fn of(variables: &[(&str, &str)]) -> Self {
        Self(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The settings that are set.
    pub(super) fn entries(&self) -> Vec<Entry> {
        let own = keys().filter_map(|key| Some((key.name, key.env?)));
        let names = own.chain(spellings().map(|spelling| (spelling.name, spelling.env)));
        let entry = |(name, variable): (&str, &'static str)| {
            let value = self.get(variable)?.to_owned();
            Some(Entry { name: name.to_owned(), value, source: Source::Environment(variable) })
        };
        names.filter_map(entry).collect()
    }

    /// The applications: one a line, in `CUBBY_APP` or in the file that `CUBBY_APP_FILE` names.
    pub(super) fn apps(&self) -> Result<Vec<Given>> {
        match (self.get(APP), self.get(APP_FILE)) {
            (Some(_), Some(_)) => {
                let said = |name: &'static str| Source::Environment(name).to_string();
                Err(ConfigError::Twice { one: said(APP), other: said(APP_FILE) })
            }
            (Some(lines), None) => of_lines(lines, &Source::Environment(APP)),
            (None, Some(path)) => of_lines(&file::text(Path::new(path))?, &Source::Environment(APP_FILE)),
            (None, None) => Ok(Vec::new()),
        }
    }
}
