//! The faults of an application.

use super::asked::{Asked, Told, done, tell};
use super::problem::Problem;
use crate::controls::{Counted, GivenFault};
use crate::v4::COMMANDS;
use cubby_store::Store;
use schemars::JsonSchema;
use serde::Serialize;

/// A fault that was added.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Added {
    /// Its number, by which it is cleared.
    id: u64,
}

pub(super) async fn list<S: Store>(asked: Asked<S>) -> Told {
    let all = asked.loaded().await?.controls.faults.all();
    tell(200, &all.into_iter().map(Counted::from).collect::<Vec<_>>())
}

pub(super) async fn add<S: Store>(asked: Asked<S>) -> Told {
    let loaded = asked.loaded().await?;
    let fault = asked.json::<GivenFault>()?.fault()?;
    tell(201, &Added { id: loaded.controls.faults.add(fault, COMMANDS)? })
}

pub(super) async fn clear_all<S: Store>(asked: Asked<S>) -> Told {
    asked.loaded().await?.controls.faults.clear_all();
    Ok(done())
}

pub(super) async fn clear<S: Store>(asked: Asked<S>) -> Told {
    let (loaded, id) = (asked.loaded().await?, asked.number(1, "fault")?);
    if loaded.controls.faults.clear(id) { Ok(done()) } else { Err(Problem::missing(format!("there is no fault {id}"))) }
}
