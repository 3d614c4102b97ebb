//! The store of a server at its start: opened, and with the applications in it that it is to have.

use super::ServeError;
use crate::config::{Config, Place};
use crate::registration::Registration;
use crate::secret::Secret;
use cubby_domain::commands::{ApplicationChange, ApplicationRefused, ChangeApplication};
use cubby_domain::{Context, SdkAppId, Settings};
use cubby_server::{Clock, FIRST_SDKAPPID};
use cubby_store::{Embedded, Engine, Memory, Postgres, Store, StoreError};
use std::sync::Arc;

pub(super) async fn open(config: &Config) -> Result<Engine, StoreError> {
    let store = &config.store;
    match &store.place {
        Place::Memory => Ok(Engine::Memory(Memory::default())),
        Place::Directory(directory) => Embedded::open(directory, &store.bounds).map(Engine::Embedded),
        Place::Postgres(url) => Postgres::open(url.reveal(), &store.postgres).await.map(Engine::Postgres),
    }
}

/// Makes sure that these applications are there with their keys; those that are change nothing.
pub(super) async fn register(engine: &Engine, apps: &[Registration], clock: &Clock) -> Result<(), ServeError> {
    for app in apps {
        let id = app.id;
        let context = Context { app: id, now: clock.now(), settings: Arc::new(Settings::default()) };
        let answer = engine.execute(ChangeApplication { changes: app.changes() }, context).await?;
        let changed = answer.map_err(|why| ServeError::Rule { id, why })?;
        changed.map_err(|why| ServeError::Refused { id, why })?;
    }
    Ok(())
}

/// Makes an application to develop with; none where another server over the same store was faster.
pub(super) async fn make_application(engine: &Engine, clock: &Clock) -> Result<Option<Registration>, ServeError> {
    let id = SdkAppId(FIRST_SDKAPPID);
    let key = Secret::random().map_err(ServeError::Randomness)?;
    let context = Context { app: id, now: clock.now(), settings: Arc::new(Settings::default()) };
    let create = ChangeApplication { changes: vec![ApplicationChange::Create(key.reveal().into())] };
    match engine.execute(create, context).await?.map_err(|why| ServeError::Rule { id, why })? {
        Ok(_) => Ok(Some(Registration { id, key, edition: None, settings: Vec::new() })),
        Err(ApplicationRefused::Exists) => Ok(None),
        Err(why) => Err(ServeError::Refused { id, why }),
    }
}
