//! The `cubby` command: parses the command line and hands it to the subcommand's file. What a subcommand does is not known here.

mod admin;
mod commands;
mod config;
mod control;
mod copying;
mod http;
mod offline;
mod output;
mod registration;
mod running;
mod secret;
mod tls;
#[cfg(feature = "otel")]
mod traces;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::LazyLock;

/// A self-hosted server that keeps how each user sorts conversations: groups and marks, by the v4 REST API.
#[derive(Debug, Parser)]
#[command(name = "cubby", version = version(), about, max_term_width = 100)]
struct Cli {
    /// The configuration file; else that of `CUBBY_CONFIG`, else ./cubby.toml where there is one
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Subcommands,
}

#[derive(Debug, Subcommand)]
enum Subcommands {
    /// Serve the API
    Serve(commands::serve::Serve),
    /// Create and change applications, of a store or of a running server
    #[command(subcommand)]
    App(commands::app::App),
    /// Make calls fail, wait or break off, on a running server
    Fault(commands::steer::fault::Fault),
    /// Freeze, advance and show the clock of an application, on a running server
    Clock(commands::steer::clock::Clock),
    /// Look at the calls that a running server recorded: list, follow, explain
    Calls(commands::steer::calls::Calls),
    /// Load applications with their data into a running server
    Seed(commands::steer::state::Seed),
    /// Bring an application of a running server back to its seed: data, faults, clock, call rates
    Reset(commands::steer::state::Reset),
    /// Take a snapshot of the data of an application, on a running server; list and delete them
    Snapshot(commands::steer::state::Snapshot),
    /// Bring the data of an application back to a snapshot, on a running server
    Restore(commands::steer::state::Restore),
    /// Make or upgrade the tables of a PostgreSQL store, from any of its servers
    MigrateStore(commands::migrate_store::MigrateStore),
    /// Move everything from one store to another, beside a running server
    #[command(long_about = commands::copy::LONG)]
    Copy(commands::copy::Copy),
    /// Make and explain UserSigs
    #[command(subcommand)]
    Usersig(commands::usersig::Usersig),
    /// Sign a call, send it to a server and print its reply
    Call(commands::call::Call),
    /// Play scenarios of the API against a server and report in what it differs
    Conformance(commands::conformance::Conformance),
    /// Ask a server whether it can serve; for health checks
    Health(commands::health::Health),
    /// Print the API's description: OpenAPI 3.1, or a Postman collection
    Openapi(commands::openapi::Openapi),
    /// Say where the API's host names lead from here, and whether certificates, clock and key are right
    Doctor(Box<commands::doctor::Doctor>),
    /// The local certificate authority of `serve --tls-self-signed`
    #[command(subcommand)]
    Ca(commands::ca::Ca),
    /// Show the configuration
    #[command(subcommand)]
    Config(commands::config::ConfigCommand),
}

/// The version, the commit and the format of the store, for bug reports and before an upgrade.
fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let (version, commit, format) = (env!("CARGO_PKG_VERSION"), env!("CUBBY_COMMIT"), cubby_store::FORMAT);
        format!("{version} (commit {commit}, store format {format})")
    });
    &VERSION
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let file = cli.config.as_deref();
    let ended = match cli.command {
        Subcommands::Serve(serve) => serve.run(file),
        Subcommands::App(app) => app.run(file),
        Subcommands::Fault(fault) => fault.run(file),
        Subcommands::Clock(clock) => clock.run(file),
        Subcommands::Calls(calls) => calls.run(file),
        Subcommands::Seed(seed) => seed.run(file),
        Subcommands::Reset(reset) => reset.run(file),
        Subcommands::Snapshot(snapshot) => snapshot.run(file),
        Subcommands::Restore(restore) => restore.run(file),
        Subcommands::MigrateStore(migrate) => migrate.run(file),
        Subcommands::Copy(copy) => copy.run(file),
        Subcommands::Usersig(usersig) => usersig.run(file),
        Subcommands::Call(call) => Ok(call.run(file)),
        Subcommands::Conformance(conformance) => Ok(conformance.run(file)),
        Subcommands::Health(health) => health.run(file),
        Subcommands::Openapi(openapi) => Ok(openapi.run()),
        Subcommands::Doctor(doctor) => doctor.run(file),
        Subcommands::Ca(ca) => ca.run(file),
        Subcommands::Config(config) => config.run(file),
    };
    ended.unwrap_or_else(|error| {
        output::error(error);
        ExitCode::FAILURE
    })
}
