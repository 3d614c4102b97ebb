//! A store opened by a command, for as long as it runs: a directory that no server holds, or a database, whatever servers are over it.

use crate::config::{Place, StoreSection};
use cubby_domain::commands::{ApplicationChange, ApplicationRefused, ChangeApplication, DeleteApplication, Deletion};
use cubby_domain::queries::ListApplications;
use cubby_domain::{Application, Context, Refusal, SdkAppId, Settings, Timestamp};
use cubby_store::{Embedded, Engine, Postgres, Store, StoreError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// How many records of an application are deleted in one step.
const DELETED_AT_ONCE: u64 = 20_000;
/// By when every server over a database has heard that an application was changed.
const HEARD_WITHIN: Duration = Duration::from_secs(2);

/// Why nothing could be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OfflineError {
    #[error("a store in memory is within its server alone; choose a directory with --data-dir")]
    InMemory,
    #[error("{}: there is no store; `cubby app create` or `cubby serve` makes one", .0.display())]
    NoStore(PathBuf),
    #[error("another process holds the store in {}", .0.display())]
    Held(PathBuf),
    #[error("{0}")]
    Store(StoreError),
    #[error("{0}")]
    Refused(#[from] ApplicationRefused),
    #[error("{0}")]
    Rule(Refusal),
    #[error("no runtime: {0}")]
    Runtime(std::io::Error),
}

/// A store that this process has open.
#[derive(Debug)]
pub(crate) struct Offline {
    engine: Engine,
    runtime: Runtime,
}

/// What to do where there is no store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    Make,
    Refuse,
}

impl Offline {
    pub(crate) fn open(store: &StoreSection, missing: Missing) -> Result<Self, OfflineError> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(OfflineError::Runtime)?;
        let engine = match &store.place {
            Place::Memory => return Err(OfflineError::InMemory),
            // Opening makes a store where there is none, which would litter a directory that was misspelt.
            Place::Directory(directory) if missing == Missing::Refuse && !has_store(directory) => {
                return Err(OfflineError::NoStore(directory.clone()));
            }
            Place::Directory(directory) => Embedded::open(directory, &store.bounds).map(Engine::Embedded),
            Place::Postgres(url) => {
                runtime.block_on(Postgres::open(url.reveal(), &store.postgres)).map(Engine::Postgres)
            }
        };
        let engine = engine.map_err(|error| match (error, &store.place) {
            (StoreError::Locked(_), Place::Directory(directory)) => OfflineError::Held(directory.clone()),
            (other, _) => OfflineError::Store(other),
        })?;
        Ok(Self { engine, runtime })
    }

    /// All applications.
    pub(crate) fn applications(&self) -> Result<Vec<Application>, OfflineError> {
        let context = Context { app: SdkAppId(0), now: Timestamp::default(), settings: Arc::new(Settings::default()) };
        let answer = self.runtime.block_on(self.engine.query(ListApplications, context));
        answer.map_err(OfflineError::Store)?.map_err(OfflineError::Rule)
    }

    /// Changes an application: all of the changes, or none.
    pub(crate) fn change(
        &self,
        app: SdkAppId,
        now: Timestamp,
        changes: Vec<ApplicationChange>,
    ) -> Result<Application, OfflineError> {
        let context = Context { app, now, settings: Arc::new(Settings::default()) };
        let answer = self.runtime.block_on(self.engine.execute(ChangeApplication { changes }, context));
        Ok(answer.map_err(OfflineError::Store)?.map_err(OfflineError::Rule)??)
    }

    /// Deletes an application with all its data. It is disabled first, and servers over the same store hear of that before its data goes.
    pub(crate) fn delete(&self, app: SdkAppId, now: Timestamp) -> Result<(), OfflineError> {
        self.change(app, now, vec![ApplicationChange::Disable(true)])?;
        if matches!(self.engine, Engine::Postgres(_)) {
            std::thread::sleep(HEARD_WITHIN);
        }
        let context = || Context { app, now, settings: Arc::new(Settings::default()) };
        loop {
            let step = self.engine.execute(DeleteApplication { records: DELETED_AT_ONCE }, context());
            let answer = self.runtime.block_on(step).map_err(OfflineError::Store)?;
            if answer.map_err(OfflineError::Rule)?? == Deletion::Done {
                return Ok(());
            }
        }
    }

    /// Lets go of the store.
    pub(crate) fn close(self) -> Result<(), OfflineError> {
        let Self { engine, runtime } = self;
        runtime.block_on(engine.close()).map_err(OfflineError::Store)
    }
}

/// Whether a store was made there once.
pub(crate) fn has_store(directory: &Path) -> bool {
    ["lock", "store"].iter().any(|name| directory.join(name).exists())
}
