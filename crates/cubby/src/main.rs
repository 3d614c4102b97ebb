//! The `cubby` command: parses the command line and hands it to the subcommand's file.

mod commands;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Debug, Parser)]
#[command(name = "cubby", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Subcommands,
}

#[derive(Debug, Subcommand)]
enum Subcommands {
    /// Serve.
    Serve(commands::serve::Serve),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Subcommands::Serve(serve) => serve.run(),
    }
}
