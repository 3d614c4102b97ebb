//! The clock of an application.

use super::asked::{Asked, Told, tell};
use super::problem::Problem;
use crate::applications::Loaded;
use crate::controls::Turn;
use cubby_store::Store;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What is done to a clock; exactly one of these.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Given {
    /// It stands still: `true`, or the Unix time in seconds at which.
    #[serde(default)]
    freeze: Option<Freeze>,
    /// It goes forward at once by so many seconds.
    #[serde(default)]
    advance: Option<u64>,
    /// It runs on from what it shows.
    #[serde(default)]
    run: Option<True>,
    /// It shows the system's time again.
    #[serde(default)]
    system: Option<True>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "takes true, or a Unix time in seconds")]
enum Freeze {
    /// Where it stands.
    Here(True),
    /// At this Unix time in seconds.
    At(u64),
}

/// The value `true`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(try_from = "bool")]
#[schemars(with = "bool")]
struct True;

impl TryFrom<bool> for True {
    type Error = &'static str;

    fn try_from(value: bool) -> Result<Self, Self::Error> {
        if value { Ok(Self) } else { Err("takes true, or is left out") }
    }
}

/// What a clock shows.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Shown {
    /// Unix seconds.
    now: u64,
    /// Whether it stands.
    frozen: bool,
    /// Whether it is the system's.
    system: bool,
}

pub(super) async fn show<S: Store>(asked: Asked<S>) -> Told {
    let loaded = asked.loaded().await?;
    tell(200, &shown(&asked, &loaded))
}

pub(super) async fn turn<S: Store>(asked: Asked<S>) -> Told {
    let loaded = asked.loaded().await?;
    let turn = asked.json::<Given>()?.turn()?;
    loaded.turn_clock(turn, &asked.app.clock)?;
    tell(200, &shown(&asked, &loaded))
}

fn shown<S: Store>(asked: &Asked<S>, loaded: &Arc<Loaded>) -> Shown {
    let state = loaded.controls.clock.state(&asked.app.clock);
    Shown { now: state.now.as_secs(), frozen: state.frozen, system: state.system }
}

impl Given {
    fn turn(self) -> Result<Turn, Problem> {
        let freeze = self.freeze.map(|freeze| match freeze {
            Freeze::Here(True) => Turn::Freeze(None),
            Freeze::At(at) => Turn::Freeze(Some(at)),
        });
        let all = [
            freeze,
            self.advance.map(Turn::Advance),
            self.run.map(|True| Turn::Run),
            self.system.map(|True| Turn::System),
        ];
        let mut given = all.into_iter().flatten();
        match (given.next(), given.next()) {
            (Some(turn), None) => Ok(turn),
            _ => Err(Problem::bad("give one of freeze, advance, run and system")),
        }
    }
}
