//! The configuration of the process: defaults, a TOML file, the environment and flags, in rising order of precedence, and where each value
//! came from. It is the only place that reads the environment. Settings of an application are the store's; here they only come in.
//!
//! A section is a file with a table of its settings; everything that knows the settings (reading, showing, the sample file's test) reads
//! these tables.

mod admin;
mod apps;
mod bounds;
mod client;
mod environment;
mod error;
mod file;
mod key;
mod log;
mod server;
mod store;
mod tls;
mod traces;

pub(crate) use admin::{Admin, token as admin_token};
pub(crate) use error::ConfigError;
pub(crate) use file::secret;
pub(crate) use log::{Format, Log};
pub(crate) use store::{Place, StoreSection};
pub(crate) use tls::{Https, Shows};
pub(crate) use traces::Traces;

use crate::registration::Registration;
use crate::secret::masked;
use apps::Given;
use client::Client;
use environment::Environment;
use error::Result;
use key::{Key, Means, Spelling};
use server::Server;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use tls::Tls;

/// All that is configured.
#[derive(Debug, Clone, Default)]
pub(crate) struct Config {
    pub(crate) server: Server,
    pub(crate) tls: Tls,
    pub(crate) store: StoreSection,
    pub(crate) log: Log,
    pub(crate) traces: Traces,
    pub(crate) client: Client,
    pub(crate) admin: Admin,
    /// The applications that `serve` registers.
    pub(crate) apps: Vec<Registration>,
    /// Where what is not a default came from, by setting.
    sources: BTreeMap<&'static str, Source>,
    /// The same of `apps`.
    app_sources: Vec<Source>,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    Default,
    File(PathBuf),
    Environment(&'static str),
    Flag(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(flag) => write!(f, "flag {flag}"),
        }
    }
}

/// A value as it was given: the setting's name, or another spelling of it, and a text.
#[derive(Debug)]
struct Entry {
    name: String,
    value: String,
    source: Source,
}

/// What a subcommand's flags say.
#[derive(Debug, Default)]
pub(crate) struct Flags {
    entries: Vec<Entry>,
    apps: Vec<String>,
}

impl Flags {
    /// The value of a flag that may be absent, for a setting or another spelling of one.
    pub(crate) fn with(mut self, name: &str, flag: &'static str, value: Option<impl ToString>) -> Self {
        let entry = |value: String| Entry { name: name.to_owned(), value, source: Source::Flag(flag) };
        self.entries.extend(value.map(|value| entry(value.to_string())));
        self
    }

    /// The values of `--app`.
    pub(crate) fn with_apps(mut self, apps: Vec<String>) -> Self {
        self.apps = apps;
        self
    }
}

/// Every setting, in the order in which they are shown.
fn keys() -> impl Iterator<Item = &'static Key> {
    [server::KEYS, admin::KEYS, tls::KEYS, store::KEYS, log::KEYS, traces::KEYS, client::KEYS, bounds::KEYS]
        .into_iter()
        .flatten()
}

/// Every other spelling of a setting.
fn spellings() -> impl Iterator<Item = &'static Spelling> {
    [store::SPELLINGS, client::SPELLINGS, admin::SPELLINGS].into_iter().flatten()
}

impl Config {
    /// Merges what is configured for this process.
    pub(crate) fn load(file: Option<&Path>, flags: Flags) -> Result<Self> {
        Self::merge(file, Path::new("cubby.toml"), &Environment::of_process()?, flags)
    }

    fn merge(file: Option<&Path>, usual_file: &Path, environment: &Environment, flags: Flags) -> Result<Self> {
        let mut config = Self::default();
        let named = file.map(Path::to_owned).or_else(|| environment.get("CUBBY_CONFIG").map(PathBuf::from));
        let path = named.or_else(|| usual_file.exists().then(|| usual_file.to_owned()));
        let mut apps = Vec::new();
        if let Some(path) = path {
            let (entries, listed) = file::read(&path)?;
            config.take(entries)?;
            apps.push(listed);
        }
        config.take(environment.entries())?;
        apps.push(environment.apps()?);
        config.take(flags.entries)?;
        apps.push(apps::of_flags(&flags.apps)?);
        let (apps, sources) = apps::merged(apps).into_iter().map(|Given { app, source }| (app, source)).unzip();
        (config.apps, config.app_sources) = (apps, sources);
        Ok(config)
    }

    /// Takes what one source gives. Two spellings of one setting in one source contradict each other.
    fn take(&mut self, entries: Vec<Entry>) -> Result<()> {
        let mut taken: BTreeMap<&'static str, Entry> = BTreeMap::new();
        for entry in entries {
            let (key, value) = resolve(&entry)?;
            if let Some(first) = taken.get(key.name) {
                let said = |one: &Entry| format!("{} ({})", one.name, one.source);
                return Err(ConfigError::Twice { one: said(first), other: said(&entry) });
            }
            (key.write)(self, &value).map_err(|why| entry.is_bad(&why))?;
            self.sources.insert(key.name, entry.source.clone());
            taken.insert(key.name, entry);
        }
        Ok(())
    }

    /// Where a setting's value came from.
    pub(crate) fn source(&self, name: &str) -> &Source {
        self.sources.get(name).unwrap_or(&Source::Default)
    }

    /// Every setting with its value, secrets masked, and where it came from.
    pub(crate) fn shown(&self) -> Vec<[String; 3]> {
        let value = |key: &Key| match (key.read)(self) {
            None => "-".to_owned(),
            Some(value) if key.secret => masked(&value),
            Some(value) => value,
        };
        let settings = keys().map(|key| [key.name.to_owned(), value(key), self.source(key.name).to_string()]);
        settings.chain(apps::shown(&self.apps, &self.app_sources)).collect()
    }
}

impl Entry {
    fn is_bad(&self, why: &str) -> ConfigError {
        ConfigError::Value { name: self.name.clone(), source_name: self.source.to_string(), why: why.to_owned() }
    }
}

/// The setting that an entry is for, and its value in that setting's words.
fn resolve(entry: &Entry) -> Result<(&'static Key, String)> {
    let spelling = spellings().find(|spelling| spelling.name == entry.name);
    let name = spelling.map_or(entry.name.as_str(), |spelling| spelling.key);
    let key = keys().find(|key| key.name == name).ok_or_else(|| entry.is_bad("is no setting"))?;
    let value = match spelling.map(|spelling| spelling.means) {
        None => entry.value.clone(),
        Some(Means::Directory) => format!("embedded:{}", entry.value),
        Some(Means::ContentOf) => secret(Path::new(&entry.value))?,
    };
    Ok((key, value))
}

#[cfg(test)]
mod tests;
