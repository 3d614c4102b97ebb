//! `cubby seed`, `cubby reset`, `cubby snapshot` and `cubby restore`: the data of an application, put into a state.

use super::super::Error;
use super::{AppFlags, ServerFlags, SteerError, Steered};
use crate::http::escaped;
use crate::output;
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The arguments of `seed`.
#[derive(Debug, Args)]
pub(crate) struct Seed {
    /// A file of applications with their data, in JSON; docs/guides/emulator.md says how it is written
    #[arg(value_name = "FILE")]
    seed: PathBuf,
    #[command(flatten)]
    server: ServerFlags,
}

/// The arguments of `reset`.
#[derive(Debug, Args)]
pub(crate) struct Reset {
    #[command(flatten)]
    app: AppFlags,
    /// Forget the calls too
    #[arg(long)]
    calls: bool,
}

/// The arguments of `snapshot`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Snapshot {
    #[command(subcommand)]
    other: Option<Other>,
    /// Its name: letters, digits, dots, dashes and underscores. One of that name is replaced
    #[arg(value_name = "NAME", required = true)]
    name: Option<String>,
    #[command(flatten)]
    app: AppFlags,
}

#[derive(Debug, Subcommand)]
enum Other {
    /// List the snapshots
    List(List),
    /// Forget a snapshot
    Delete(Named),
}

#[derive(Debug, Args)]
struct List {
    /// Print JSON, for scripts
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Named {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
}

/// The arguments of `restore`.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    app: AppFlags,
}

#[derive(Debug, Deserialize)]
struct Seeded {
    sdkappid: u64,
}

#[derive(Debug, Deserialize)]
struct Replaced {
    changes: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Taken {
    name: String,
    users: u64,
    chat_groups: u64,
    records: u64,
}

impl Seed {
    pub(crate) fn run(self, file: Option<&Path>) -> Result<ExitCode, Error> {
        let text =
            std::fs::read(&self.seed).map_err(|error| SteerError::Unreadable { path: self.seed.clone(), error })?;
        let seeded: Vec<Seeded> = self.server.open(file)?.told("POST", "seed", &text)?;
        for one in seeded {
            output::line(format!("application {} is as its seed says", one.sdkappid));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What became of the data.
fn tell(sdkappid: u64, is: &str, replaced: &Replaced) {
    let changes = replaced.changes;
    let records = if changes == 1 { "record was" } else { "records were" };
    output::line(format!("application {sdkappid} is {is}: {changes} {records} written"));
}

impl Reset {
    pub(crate) fn run(self, file: Option<&Path>) -> Result<ExitCode, Error> {
        let steered = self.app.open(file)?;
        let replaced: Replaced = steered.send("POST", "reset", &json!({"calls": self.calls}))?;
        tell(steered.sdkappid, "reset", &replaced);
        Ok(ExitCode::SUCCESS)
    }
}

fn path(name: &str) -> String {
    format!("snapshots/{}", escaped(name))
}

impl Snapshot {
    pub(crate) fn run(self, file: Option<&Path>) -> Result<ExitCode, Error> {
        let steered = self.app.open(file)?;
        match (self.other, self.name) {
            (Some(Other::List(list)), _) => list.run(&steered)?,
            (Some(Other::Delete(Named { name })), _) => steered.ask("DELETE", &path(&name))?,
            (None, name) => {
                let name = name.unwrap_or_default();
                let taken: Taken = steered.send("PUT", &path(&name), &json!({}))?;
                let Taken { name, users, chat_groups, records } = taken;
                output::line(format!("{name}: {users} users, {chat_groups} chat groups, {records} records"));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    fn run(&self, steered: &Steered) -> Result<(), Error> {
        let all: Vec<Taken> = steered.get("snapshots")?;
        if self.json {
            output::json(&all);
            return Ok(());
        }
        let head = ["NAME", "USERS", "CHAT GROUPS", "RECORDS"].map(str::to_owned).to_vec();
        let row = |one: &Taken| {
            vec![one.name.clone(), one.users.to_string(), one.chat_groups.to_string(), one.records.to_string()]
        };
        output::table(&std::iter::once(head).chain(all.iter().map(row)).collect::<Vec<_>>());
        Ok(())
    }
}

impl Restore {
    pub(crate) fn run(self, file: Option<&Path>) -> Result<ExitCode, Error> {
        let (steered, name) = (self.app.open(file)?, self.named.name);
        let below = format!("{}/restore", path(&name));
        let replaced: Replaced = steered.send("POST", &below, &json!({}))?;
        tell(steered.sdkappid, &format!("as in {name}"), &replaced);
        Ok(ExitCode::SUCCESS)
    }
}
