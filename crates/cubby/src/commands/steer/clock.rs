//! `cubby clock`: the clock of an application, which UserSigs, timestamps and call rates go by.

use super::super::Error;
use super::AppFlags;
use super::span::parse_seconds;
use crate::output;
use clap::{Args, Subcommand};
use cubby_domain::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;

/// The arguments of `clock`.
#[derive(Debug, Args)]
pub(crate) struct Clock {
    #[command(subcommand)]
    turn: Turn,
    #[command(flatten)]
    app: AppFlags,
    /// Print JSON, for scripts
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Turn {
    /// Show what it shows
    Show,
    /// Let it stand
    Freeze(Freeze),
    /// Move it forward at once; it stands or runs on as before
    Advance(Advance),
    /// Let it run on from what it shows
    Run,
    /// Let it show the system's time again
    System,
}

#[derive(Debug, Args)]
struct Freeze {
    /// At this time, in Unix seconds; else at what it shows
    #[arg(long, value_name = "SECONDS")]
    at: Option<u64>,
}

#[derive(Debug, Args)]
struct Advance {
    /// Such as 90s, 10m, 2h or 180d
    #[arg(value_name = "SPAN", value_parser = parse_seconds)]
    seconds: u64,
}

/// What a clock shows.
#[derive(Debug, Serialize, Deserialize)]
struct Shown {
    now: u64,
    frozen: bool,
    system: bool,
}

impl Turn {
    /// What is asked of the server; nothing where it is only shown.
    fn asked(&self) -> Option<Value> {
        match self {
            Self::Show => None,
            Self::Freeze(Freeze { at: None }) => Some(json!({"freeze": true})),
            Self::Freeze(Freeze { at: Some(at) }) => Some(json!({"freeze": at})),
            Self::Advance(Advance { seconds }) => Some(json!({"advance": seconds})),
            Self::Run => Some(json!({"run": true})),
            Self::System => Some(json!({"system": true})),
        }
    }
}

impl Clock {
    pub(crate) fn run(self, file: Option<&Path>) -> Result<ExitCode, Error> {
        let steered = self.app.open(file)?;
        let shown: Shown = match self.turn.asked() {
            None => steered.get("clock")?,
            Some(asked) => steered.send("POST", "clock", &asked)?,
        };
        if self.json {
            output::json(&shown);
        } else {
            let goes = match (shown.frozen, shown.system) {
                (true, _) => "standing",
                (false, true) => "the system's",
                (false, false) => "running",
            };
            output::line(format!("{} ({}), {goes}", output::utc(Timestamp(shown.now)), shown.now));
        }
        Ok(ExitCode::SUCCESS)
    }
}
