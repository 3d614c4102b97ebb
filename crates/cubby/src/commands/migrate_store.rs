//! `cubby migrate-store`: makes the tables of a PostgreSQL store, upgrades those of an older version, and distributes them where asked.

use super::Error;
use crate::config::{Config, Flags, Place};
use crate::output;
use clap::{Args, ValueEnum};
use cubby_store::StoreError;
use cubby_store::postgres::{self, Distribution, Migrated};
use std::path::Path;
use std::process::ExitCode;

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MigrateStoreError {
    #[error(
        "{0} is no database; a store in a directory upgrades itself when a server opens it. Name one with --store postgres://…"
    )]
    NoDatabase(String),
    #[error("no runtime: {0}")]
    Runtime(std::io::Error),
    #[error("{0}")]
    Store(StoreError),
}

/// The flags of `migrate-store`.
#[derive(Debug, Args)]
pub(crate) struct MigrateStore {
    /// The database; else `CUBBY_STORE`, or what the file says
    #[arg(long, value_name = "URL")]
    store: Option<String>,
    /// Distribute the tables by user over the nodes of this; once and for all, also with data in them
    #[arg(long, value_name = "WHAT")]
    distributed: Option<Over>,
}

/// What tables can be distributed over.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Over {
    /// The Citus extension, which must be in the database already
    Citus,
}

impl MigrateStore {
    pub(crate) fn run(self, file: Option<&Path>) -> Result<ExitCode, Error> {
        let config = Config::load(file, Flags::default().with("store.url", "--store", self.store))?;
        let Place::Postgres(url) = &config.store.place else {
            return Err(MigrateStoreError::NoDatabase(config.store.place.to_string()).into());
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(MigrateStoreError::Runtime)?;
        let distribution = self.distributed.map(|Over::Citus| Distribution::Citus);
        let migrated =
            runtime.block_on(postgres::migrate(url.reveal(), distribution)).map_err(MigrateStoreError::Store)?;
        output::line(said(&migrated));
        Ok(ExitCode::SUCCESS)
    }
}

fn said(Migrated { from, to, distribution }: &Migrated) -> String {
    let schema = match from {
        0 => format!("The tables were made, with schema {to}."),
        same if same == to => format!("The tables have schema {to} already."),
        older => format!("The tables were upgraded from schema {older} to {to}."),
    };
    match distribution {
        Some(word) => format!("{schema} They are distributed over {word}."),
        None => schema,
    }
}
