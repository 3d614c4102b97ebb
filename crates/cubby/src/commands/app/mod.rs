//! `cubby app`: makes, shows and changes applications, of a store or of a running server. Who holds them is found out in `holder.rs`.

mod holder;

use super::Error;
use super::credentials::NewKeyFlags;
use crate::offline::Missing;
use crate::output;
use crate::registration::{check_setting, parse_edition};
use clap::{Args, Subcommand};
use cubby_domain::{Edition, SETTINGS, SdkAppId, Timestamp};
use holder::{Change, Created, HolderFlags, Listed};
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
    #[error("application {0} would be deleted with all its users, contact groups and chat groups: say --yes")]
    NotSure(u64),
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
    /// Delete an application with all its data
    Delete(Delete),
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    #[command(flatten)]
    holder: HolderFlags,
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
    holder: HolderFlags,
    /// Print JSON, for scripts
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The application
    sdkappid: u64,
    #[command(flatten)]
    holder: HolderFlags,
    /// Print JSON, for scripts
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct One {
    /// The application
    sdkappid: u64,
    #[command(flatten)]
    holder: HolderFlags,
}

#[derive(Debug, Args)]
pub(crate) struct RotateKey {
    /// The application
    sdkappid: u64,
    #[command(flatten)]
    holder: HolderFlags,
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
    holder: HolderFlags,
}

#[derive(Debug, Args)]
pub(crate) struct Delete {
    /// The application
    sdkappid: u64,
    /// Really: nothing brings it back
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    holder: HolderFlags,
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
            Self::Delete(delete) => delete.run(file),
        }?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Create {
    fn run(self, file: Option<&Path>) -> Result<(), Error> {
        // A key that cannot be taken is told before a store is made.
        let key = self.key.key()?;
        let created = self.holder.open(file, Missing::Make)?.create(self.sdkappid, key.reveal(), self.edition)?;
        if self.json {
            output::json(&created);
        } else {
            let Created { sdkappid, key, edition } = created;
            let rows = [
                ["SDKAppID".to_owned(), sdkappid.to_string()],
                ["key".to_owned(), key],
                ["edition".to_owned(), edition],
            ];
            output::table(&rows.map(Vec::from));
        }
        Ok(())
    }
}

impl List {
    fn run(self, file: Option<&Path>) -> Result<(), Error> {
        let listed = self.holder.open(file, Missing::Refuse)?.list()?;
        if self.json {
            output::json(&listed);
            return Ok(());
        }
        let head = ["SDKAPPID", "EDITION", "STATE", "KEYS"].map(str::to_owned).to_vec();
        let row = |one: &Listed| {
            vec![one.sdkappid.to_string(), one.edition.clone(), state(one.disabled).to_owned(), one.keys.to_string()]
        };
        output::table(&std::iter::once(head).chain(listed.iter().map(row)).collect::<Vec<_>>());
        Ok(())
    }
}

/// The word for it.
fn state(disabled: bool) -> &'static str {
    if disabled { "disabled" } else { "enabled" }
}

impl Show {
    fn run(self, file: Option<&Path>) -> Result<(), Error> {
        let shown = self.holder.open(file, Missing::Refuse)?.show(self.sdkappid)?;
        if self.json {
            output::json(&shown);
            return Ok(());
        }
        let head = [
            ("SDKAppID".to_owned(), shown.sdkappid.to_string()),
            ("state".to_owned(), state(shown.disabled).to_owned()),
        ];
        let keys = shown.keys.iter().enumerate().map(|(n, key)| {
            (format!("key {}", n + 1), format!("{}, added {}", key.key, output::utc(Timestamp(key.added))))
        });
        let rows = head.into_iter().chain(keys).chain(shown.settings);
        output::table(&rows.map(|(name, value)| vec![name, value]).collect::<Vec<_>>());
        Ok(())
    }
}

impl One {
    fn disable(self, file: Option<&Path>, disabled: bool) -> Result<(), Error> {
        let changed = self.holder.open(file, Missing::Refuse)?.change(self.sdkappid, &Change::Disable(disabled))?;
        output::line(format!("application {} is {}", changed.sdkappid, state(changed.disabled)));
        Ok(())
    }
}

impl RotateKey {
    fn run(self, file: Option<&Path>) -> Result<(), Error> {
        let id = self.sdkappid;
        if self.finish {
            let changed = self.holder.open(file, Missing::Refuse)?.change(id, &Change::RetireOldKeys)?;
            let key = changed.keys.last().map(|key| key.key.as_str()).unwrap_or_default();
            output::line(format!("application {id} has one key: {key}"));
            return Ok(());
        }
        let key = self.key.key()?;
        let changed = self.holder.open(file, Missing::Refuse)?.change(id, &Change::AddKey(key.reveal()))?;
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
        let mut settings = Vec::new();
        for setting in &self.settings {
            let (name, value) = setting.split_once('=').ok_or_else(|| AppError::NotASetting(setting.clone()))?;
            check_setting(name, value).map_err(AppError::Setting)?;
            settings.push((name.to_owned(), value.to_owned()));
        }
        // A profile sets several of the others.
        settings.sort_by_key(|(name, _)| name != "profile");
        let holder = self.holder.open(file, Missing::Refuse)?;
        let changed = holder.change(self.sdkappid, &Change::Set(settings))?;
        output::line(format!("application {} is changed", changed.sdkappid));
        Ok(())
    }
}

impl Delete {
    fn run(self, file: Option<&Path>) -> Result<(), Error> {
        let id = self.sdkappid;
        if !self.yes {
            return Err(AppError::NotSure(id).into());
        }
        self.holder.open(file, Missing::Refuse)?.delete(id)?;
        output::line(format!("application {id} is deleted, with its data"));
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
