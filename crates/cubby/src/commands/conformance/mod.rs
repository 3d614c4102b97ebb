//! `cubby conformance`: plays scenarios of the API, which are data files, against any server, and reports in what it differs: in behaviour,
//! or in wording only. Exit status: 0 where no behaviour differs, 1 where some does, 2 where nothing could be played.

mod client;
mod fill;
mod junit;
mod pattern;
mod play;
mod report;
mod scenario;

use super::credentials::{Caller, CallerFlags, CredentialsError};
use crate::config::{Config, ConfigError};
use crate::output;
use clap::{Args, ValueEnum};
use client::{Client, ClientError};
use play::{Player, Unplayable};
use report::{Outcome, Verdict};
use scenario::{BadScenario, PROFILES, Scenario};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Under the least of the vendor's documented rates for the commands that are called often, which is 100 a second.
const RATE: u32 = 80;
/// A UserID has at most 32 bytes, and what follows the prefix has up to 21.
const PREFIX_BYTES_MAX: usize = 11;

/// Why nothing was played.
#[derive(Debug, thiserror::Error)]
enum ConformanceError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    #[error(transparent)]
    Scenario(#[from] BadScenario),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Unplayable(#[from] Unplayable),
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
    #[error("no scenario has {0:?} in its name; --list names them")]
    NoneOfThatName(String),
    #[error("the report cannot be written: {0}")]
    Report(io::Error),
}

/// How the report is written.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
    Junit,
}

/// The flags of `conformance`.
#[derive(Debug, Args)]
#[command(
    after_help = "Each scenario makes accounts and chat groups with random names and removes them at its end.\n\n\
    Exit status: 0 where no behaviour differs, 1 where some does, 2 where nothing could be played."
)]
pub(crate) struct Conformance {
    /// The server, http:// or https://; else `CUBBY_URL`, else `http://127.0.0.1:8787`
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    #[command(flatten)]
    caller: CallerFlags,
    /// The state of the documentation that the server is to follow
    #[arg(long, value_name = "YEAR", default_value = PROFILES[0], value_parser = PROFILES)]
    profile: String,
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write the report to this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Play those with this in their name only
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    filter: String,
    /// Play the scenario in this file instead of those that come with the product; may be given several times
    #[arg(long, value_name = "FILE")]
    scenario: Vec<PathBuf>,
    /// Name the scenarios and play none
    #[arg(long)]
    list: bool,
    /// Begin the names of what is made with this
    #[arg(long, value_name = "TEXT", default_value = "cf-", value_parser = prefix)]
    prefix: String,
    /// Make at most so many calls a second
    #[arg(long, value_name = "N", default_value_t = RATE, value_parser = clap::value_parser!(u32).range(1..))]
    rate: u32,
    /// Play the scenarios that make hundreds of accounts too
    #[arg(long)]
    many_accounts: bool,
    /// Trust the certificate authorities in this PEM file, and no others
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

fn prefix(text: &str) -> Result<String, String> {
    let fits = text.len() <= PREFIX_BYTES_MAX
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if fits { Ok(text.to_owned()) } else { Err(format!("at most {PREFIX_BYTES_MAX} letters, digits, - and _")) }
}

impl Conformance {
    pub(crate) fn run(self, file: Option<&Path>) -> ExitCode {
        const NOT_PLAYED: u8 = 2;
        match self.play(file) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => {
                output::error(error);
                ExitCode::from(NOT_PLAYED)
            }
        }
    }

    /// Whether no behaviour differs.
    fn play(self, file: Option<&Path>) -> Result<bool, ConformanceError> {
        let scenarios = self.scenarios()?;
        if self.list {
            for one in &scenarios {
                output::line(format!("{}: {}", one.name, one.title));
            }
            return Ok(true);
        }
        let flags = self.caller.flags().with("client.url", "--base-url", self.base_url);
        let config = Config::load(file, flags)?;
        let client = Client::new(&config.client.url, Caller::of(&config)?, self.rate, self.ca.as_deref())?;
        let player = Player::new(&client, &self.prefix, &self.profile, self.many_accounts)?;
        if player.leaves_accounts() {
            output::error("the application may not delete accounts: those that the scenarios make will stay");
        }
        let outcomes = scenarios.iter().map(|one| player.play(one)).collect::<Result<Vec<Outcome>, _>>()?;
        let report = match self.format {
            Format::Text => report::text(&outcomes),
            Format::Json => report::json(&outcomes, &self.profile),
            Format::Junit => junit::junit(&outcomes).map_err(ConformanceError::Report)?,
        };
        match self.out {
            Some(path) => {
                std::fs::write(&path, report + "\n").map_err(|error| ConformanceError::File { path, error })?;
            }
            None => output::line(report),
        }
        Ok(!outcomes.iter().any(|one| one.verdict() == Verdict::Behaviour))
    }

    /// The scenarios to play.
    fn scenarios(&self) -> Result<Vec<Scenario>, ConformanceError> {
        let mut all = Vec::new();
        for path in &self.scenario {
            let text =
                std::fs::read_to_string(path).map_err(|error| ConformanceError::File { path: path.clone(), error })?;
            all.push(Scenario::read(&path.with_extension("").display().to_string(), &text)?);
        }
        if self.scenario.is_empty() {
            all = Scenario::embedded()?;
        }
        all.retain(|one| one.name.contains(&self.filter));
        if all.is_empty() {
            return Err(ConformanceError::NoneOfThatName(self.filter.clone()));
        }
        Ok(all)
    }
}
