//! `cubby app`: makes, shows and changes applications, on a store that no server holds.

use super::Error;
use super::credentials::NewKeyFlags;
use crate::config::{Config, Flags};
use crate::offline::{Missing, Offline};
use crate::output;
use crate::registration::{check_setting, parse_edition};
use crate::secret::masked;
use clap::{Args, Subcommand};
use cubby_domain::commands::ApplicationChange;
use cubby_domain::{Application, Edition, SETTINGS, SdkAppId};
use cubby_server::{Clock, next_sdkappid};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

/// Why an application was not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AppError {
    #[error("the store has no application {0}")]
    Unknown(SdkAppId),
    #[error("{0}")]
    Setting(String),
    #[error("{0:?} is not NAME=VALUE; `cubby app set --help` lists the names")]
    NotASetting(String),
    #[error("no SDKAppID is left above {0}; give one with --sdkappid")]
    NoNumberLeft(u64),
}

/// The subcommands of `app`.
#[derive(Debug, Subcommand)]
pub(crate) enum App {
    /// Make an application; prints its SDKAppID and its key, which is not shown again
    Create(Create),
    /// List the applications
    List(List),
    /// Show an application's settings; its keys are masked
    Show(Show),
    /// Refuse every call of an application (60016) until it is enabled; its data stays
    Disable(One),
    /// Take the calls of a disabled application again
    Enable(One),
    /// Add a key; the old ones stay active until --finish retires them
    RotateKey(RotateKey),
    /// Change settings
    Set(Set),
}

#[derive(Debug, Args)]
struct StoreFlags {
    /// The directory of the store; else `CUBBY_DATA_DIR`, else ./cubby-data
    #[arg(long, value_name = "DIR", conflicts_with = "store")]
    data_dir: Option<String>,
    /// The store as a URL: embedded:DIR
    #[arg(long, value_name = "URL")]
    store: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    #[command(flatten)]
    store: StoreFlags,
    /// Its number; else the next from 1400000000 up
    #[arg(long, value_name = "N")]
    sdkappid: Option<u64>,
    #[command(flatten)]
    key: NewKeyFlags,
    /// Its edition: trial, pro, ultimate or enterprise; else ultimate
    #[arg(long, value_parser = parse_edition)]
    edition: Option<Edition>,
    /// Print JSON, for scripts
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    store: StoreFlags,
    /// Print JSON, for scripts
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The application
    sdkappid: u64,
    #[command(flatten)]
    store: StoreFlags,
    /// Print JSON, for scripts
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct One {
    /// The application
    sdkappid: u64,
    #[command(flatten)]
    store: StoreFlags,
}

#[derive(Debug, Args)]
pub(crate) struct RotateKey {
    /// The application
    sdkappid: u64,
    #[command(flatten)]
    store: StoreFlags,
    #[command(flatten)]
    key: NewKeyFlags,
    /// Retire every key but the newest
    #[arg(long, conflicts_with_all = ["key", "key_file"])]
    finish: bool,
}

#[derive(Debug, Args)]
#[command(after_help = settings_help())]
pub(crate) struct Set {
    /// The application
    sdkappid: u64,
    /// The settings; all of them are set, or none
    #[arg(value_name = "NAME=VALUE", required = true)]
    settings: Vec<String>,
    #[command(flatten)]
    store: StoreFlags,
}

/// The table of settings, behind the help.
fn settings_help() -> String {
    let line = |name: &str, takes: &str, about: &str| format!("  {name}={takes}\n      {about}\n");
    let table = SETTINGS.iter().map(|setting| line(setting.name, &format!("({})", setting.takes), setting.about));
    let rates = [
        line("call_rate", "(calls a second, 0 for off, or default)", "the rate of each command (60007)"),
        line(
            "call_rate.COMMAND",
            "(the same)",
            "the rate of one command, such as call_rate.recentcontact/mark_contact; it wins over call_rate",
        ),
    ];
    format!("Settings:\n{}", table.chain(rates).collect::<String>())
}

/// An application as scripts read it.
#[derive(Debug, Serialize)]
struct Listed {
    sdkappid: u64,
    edition: &'static str,
    disabled: bool,
    keys: usize,
}

#[derive(Debug, Serialize)]
struct Shown {
    sdkappid: u64,
    disabled: bool,
    keys: Vec<ShownKey>,
    settings: BTreeMap<String, String>,
}

#[derive(Debug, Serialize)]
struct ShownKey {
    key: String,
    added: u64,
}

#[derive(Debug, Serialize)]
struct Created<'a> {
    sdkappid: u64,
    key: &'a str,
    edition: &'static str,
}

impl StoreFlags {
    fn open(self, file: Option<&Path>, missing: Missing) -> Result<Offline, Error> {
        let flags = Flags::default().with("store.data_dir", "--data-dir", self.data_dir).with(
            "store.url",
            "--store",
            self.store,
        );
        let config = Config::load(file, flags)?;
        Ok(Offline::open(&config.store, missing)?)
    }

    /// Changes one application of the store, as it is then.
    fn change(self, file: Option<&Path>, id: u64, changes: Vec<ApplicationChange>) -> Result<Application, Error> {
        let store = self.open(file, Missing::Refuse)?;
        let application = store.change(SdkAppId(id), Clock::system().now(), changes);
        store.close()?;
        Ok(application?)
    }
}

impl App {
    pub(crate) fn run(self, file: Option<&Path>) -> Result<ExitCode, Error> {
        match self {
            Self::Create(create) => create.run(file),
            Self::List(list) => list.run(file),
            Self::Show(show) => show.run(file),
            Self::Disable(one) => one.disable(file, true),
            Self::Enable(one) => one.disable(file, false),
            Self::RotateKey(rotate) => rotate.run(file),
            Self::Set(set) => set.run(file),
        }?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Create {
    fn run(self, file: Option<&Path>) -> Result<(), Error> {
        // A key that cannot be taken is told before a store is made.
        let key = self.key.key()?;
        let store = self.store.open(file, Missing::Make)?;
        let created = create(&store, self.sdkappid, key.reveal(), self.edition);
        store.close()?;
        let created = created?;
        let (sdkappid, edition) = (created.id.0, created.settings.edition.as_str());
        if self.json {
            output::json(&Created { sdkappid, key: key.reveal(), edition });
        } else {
            let rows = [["SDKAppID", &sdkappid.to_string()], ["key", key.reveal()], ["edition", edition]];
            output::table(&rows.map(|row| row.map(str::to_owned).to_vec()));
        }
        Ok(())
    }
}

fn create(store: &Offline, id: Option<u64>, key: &str, edition: Option<Edition>) -> Result<Application, Error> {
    let id = match id {
        Some(id) => id,
        None => next_sdkappid(store.applications()?.iter().map(|one| one.id)).map_err(AppError::NoNumberLeft)?.0,
    };
    let set = |edition: Edition| ApplicationChange::Set("edition".to_owned(), edition.as_str().to_owned());
    let changes = std::iter::once(ApplicationChange::Create(key.into())).chain(edition.map(set)).collect();
    Ok(store.change(SdkAppId(id), Clock::system().now(), changes)?)
}

impl List {
    fn run(self, file: Option<&Path>) -> Result<(), Error> {
        let store = self.store.open(file, Missing::Refuse)?;
        let applications = store.applications();
        store.close()?;
        let listed: Vec<Listed> = applications?.iter().map(listed).collect();
        if self.json {
            output::json(&listed);
            return Ok(());
        }
        let head = ["SDKAPPID", "EDITION", "STATE", "KEYS"].map(str::to_owned).to_vec();
        let row = |one: &Listed| {
            let state = if one.disabled { "disabled" } else { "enabled" };
            vec![one.sdkappid.to_string(), one.edition.to_owned(), state.to_owned(), one.keys.to_string()]
        };
        output::table(&std::iter::once(head).chain(listed.iter().map(row)).collect::<Vec<_>>());
        Ok(())
    }
}

fn listed(application: &Application) -> Listed {
    Listed {
        sdkappid: application.id.0,
        edition: application.settings.edition.as_str(),
        disabled: application.disabled,
        keys: application.keys.len(),
    }
}

impl Show {
    fn run(self, file: Option<&Path>) -> Result<(), Error> {
        let store = self.store.open(file, Missing::Refuse)?;
        let applications = store.applications();
        store.close()?;
        let id = SdkAppId(self.sdkappid);
        let application = applications?.into_iter().find(|one| one.id == id).ok_or(AppError::Unknown(id))?;
        if self.json {
            output::json(&shown(&application));
            return Ok(());
        }
        let state = if application.disabled { "disabled" } else { "enabled" };
        let head = [("SDKAppID".to_owned(), id.to_string()), ("state".to_owned(), state.to_owned())];
        let keys = application.keys.iter().enumerate().map(|(n, key)| {
            (format!("key {}", n + 1), format!("{}, added {}", masked(&key.text), output::utc(key.added)))
        });
        let rows = head.into_iter().chain(keys).chain(application.settings.entries());
        output::table(&rows.map(|(name, value)| vec![name, value]).collect::<Vec<_>>());
        Ok(())
    }
}

fn shown(application: &Application) -> Shown {
    let key = |key: &cubby_domain::ApplicationKey| ShownKey { key: masked(&key.text), added: key.added.0 };
    Shown {
        sdkappid: application.id.0,
        disabled: application.disabled,
        keys: application.keys.iter().map(key).collect(),
        settings: application.settings.entries().into_iter().collect(),
    }
}

impl One {
    fn disable(self, file: Option<&Path>, disabled: bool) -> Result<(), Error> {
        let changed = self.store.change(file, self.sdkappid, vec![ApplicationChange::Disable(disabled)])?;
        output::line(format!("application {} is {}", changed.id, if disabled { "disabled" } else { "enabled" }));
        Ok(())
    }
}

impl RotateKey {
    fn run(self, file: Option<&Path>) -> Result<(), Error> {
        let id = self.sdkappid;
        if self.finish {
            let changed = self.store.change(file, id, vec![ApplicationChange::RetireOldKeys])?;
            let key = changed.keys.last().map(|key| masked(&key.text)).unwrap_or_default();
            output::line(format!("application {id} has one key: {key}"));
            return Ok(());
        }
        let key = self.key.key()?;
        let changed = self.store.change(file, id, vec![ApplicationChange::AddKey(key.reveal().into())])?;
        if !self.key.is_given() {
            output::line(format!("key  {}", key.reveal()));
        }
        let number = changed.keys.len();
        output::line(format!(
            "application {id} has {number} active keys; once every signer has the new one, run `cubby app rotate-key {id} --finish`"
        ));
        Ok(())
    }
}

impl Set {
    fn run(self, file: Option<&Path>) -> Result<(), Error> {
        let mut changes = Vec::new();
        for setting in &self.settings {
            let (name, value) = setting.split_once('=').ok_or_else(|| AppError::NotASetting(setting.clone()))?;
            check_setting(name, value).map_err(AppError::Setting)?;
            changes.push(ApplicationChange::Set(name.to_owned(), value.to_owned()));
        }
        let application = self.store.change(file, self.sdkappid, changes)?;
        output::line(format!("application {} is changed; a server goes by it from its next start on", application.id));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_of_set_lists_every_setting() {
        let help = settings_help();
        for setting in SETTINGS {
            assert!(help.contains(&format!("  {}=({})", setting.name, setting.takes)), "{}", setting.name);
        }
    }
}
