//! The load benchmark: drives a cubby binary and, in the same run, what it is compared with, and prints both. It measures; it asserts
//! nothing of speed, and it is no part of the product.

mod exchange;
mod load;
mod postgres;
mod process;
mod reference;
mod report;
mod requests;
mod resets;
mod run;
mod serving;
mod setup;
mod startup;
mod target;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// How anything here fails: with a sentence for whoever runs it.
type Failure = Box<dyn std::error::Error>;

#[derive(Debug, Parser)]
#[command(name = "cubby-bench", about, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Subcommands>,
    #[command(flatten)]
    load: run::Flags,
}

#[derive(Debug, Subcommand)]
enum Subcommands {
    /// Measures the time until the server is ready on an empty directory, and its memory when idle.
    #[command(visible_alias = "memory")]
    Startup(startup::Flags),
    /// Measures resets of an application's data.
    Resets(resets::Flags),
    /// Measures updates over PostgreSQL: against classic transactions, with several servers, and in round trips.
    Postgres(postgres::Flags),
    /// Serves with classic transactions behind.
    #[command(hide = true)]
    Classic(postgres::ClassicFlags),
    /// Serves with no store behind.
    #[command(hide = true)]
    Reference {
        /// Where the port is written.
        #[arg(long)]
        port_file: PathBuf,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        None => cli.load.run(),
        Some(Subcommands::Startup(flags)) => flags.run(),
        Some(Subcommands::Resets(flags)) => flags.run(),
        Some(Subcommands::Postgres(flags)) => flags.run(),
        Some(Subcommands::Classic(flags)) => flags.run(),
        Some(Subcommands::Reference { port_file }) => reference::run(&port_file),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report::note(&format!("error: {failure}"));
            ExitCode::FAILURE
        }
    }
}
