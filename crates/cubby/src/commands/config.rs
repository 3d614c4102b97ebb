//! `cubby config show`: what `cubby serve` with the same flags would go by, and where each value came from.

use super::Error;
use super::serve::ServeFlags;
use crate::config::Config;
use crate::output;
use clap::Subcommand;
use std::path::Path;
use std::process::ExitCode;

/// The subcommands of `config`.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show every setting, its value and where it came from; secrets are masked. Takes the flags of `serve`
    Show(ServeFlags),
}

impl ConfigCommand {
    pub(crate) fn run(self, file: Option<&Path>) -> Result<ExitCode, Error> {
        let Self::Show(flags) = self;
        let config = Config::load(file, flags.flags())?;
        let rows: Vec<Vec<String>> = config.shown().into_iter().map(Vec::from).collect();
        output::table(&rows);
        Ok(ExitCode::SUCCESS)
    }
}
