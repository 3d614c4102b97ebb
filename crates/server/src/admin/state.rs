//! The state of an application's data: seeds, resets, snapshots.

use super::asked::{Asked, Told, done, tell};
use super::problem::Problem;
use crate::controls::{Data, File, SeedFile, load_seed, reset as reset_state, restore as restore_state, take_snapshot};
use cubby_store::Store;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What became of an application of a file.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Seeded {
    sdkappid: u64,
}

/// How many records differed and were written.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Replaced {
    changes: u64,
}

/// What a reset resets beside what it always does.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Reset {
    /// The record of calls too.
    calls: bool,
}

/// A snapshot.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Snapshot {
    name: String,
    users: usize,
    chat_groups: usize,
    /// How many records it holds: users, conversations, recent contacts, chat groups, members.
    records: u64,
}

impl From<crate::controls::Snapshot> for Snapshot {
    fn from(snapshot: crate::controls::Snapshot) -> Self {
        let crate::controls::Snapshot { name, users, chat_groups, records } = snapshot;
        Self { name, users, chat_groups, records }
    }
}

pub(super) async fn seed_all<S: Store>(asked: Asked<S>) -> Told {
    let file = SeedFile::of(asked.json::<File>()?).map_err(|bad| Problem::bad(bad.to_string()))?;
    let seeded = file.load(&asked.app).await?;
    tell(200, &seeded.iter().map(|one| Seeded { sdkappid: one.id.0 }).collect::<Vec<_>>())
}

pub(super) async fn seed<S: Store>(asked: Asked<S>) -> Told {
    let (loaded, data) = (asked.loaded().await?, asked.json::<Data>()?);
    tell(200, &Replaced { changes: load_seed(&asked.app, &loaded, &data).await?.changes })
}

pub(super) async fn reset<S: Store>(asked: Asked<S>) -> Told {
    let (loaded, Reset { calls }) = (asked.loaded().await?, asked.json()?);
    tell(200, &Replaced { changes: reset_state(&asked.app, &loaded, calls).await?.changes })
}

pub(super) async fn snapshots<S: Store>(asked: Asked<S>) -> Told {
    let all = asked.loaded().await?.controls.states.snapshots();
    tell(200, &all.into_iter().map(Snapshot::from).collect::<Vec<_>>())
}

pub(super) async fn take<S: Store>(asked: Asked<S>) -> Told {
    let loaded = asked.loaded().await?;
    tell(200, &Snapshot::from(take_snapshot(&asked.app, &loaded, asked.param(1)).await?))
}

pub(super) async fn forget<S: Store>(asked: Asked<S>) -> Told {
    let loaded = asked.loaded().await?;
    let name = asked.param(1);
    if loaded.controls.states.forget(name) {
        Ok(done())
    } else {
        Err(Problem::missing(format!("there is no snapshot {name:?}")))
    }
}

pub(super) async fn restore<S: Store>(asked: Asked<S>) -> Told {
    let loaded = asked.loaded().await?;
    tell(200, &Replaced { changes: restore_state(&asked.app, &loaded, asked.param(1)).await?.changes })
}
