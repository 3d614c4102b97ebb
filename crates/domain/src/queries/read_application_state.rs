//! All data of an application, of one instant: for a snapshot.

use crate::command::{Context, Query};
use crate::footprint::{Footprint, Range};
use crate::refusal::Refusal;
use crate::state::{ApplicationState, Part};
use crate::view::View;
use std::sync::Arc;

/// The query.
#[derive(Debug)]
pub struct ReadApplicationState {
    /// How many records it may have: [`crate::state::RECORDS_MAX`], or fewer.
    pub records_max: u64,
}

/// The application has more data than can be read or replaced at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the application has over {max} records; snapshots and resets are for the data of tests")]
pub struct StateTooLarge {
    /// How many there may be.
    pub max: u64,
}

/// The data that was read, where that was all of it.
pub(crate) fn whole(part: &Part, max: u64) -> Result<&Arc<ApplicationState>, StateTooLarge> {
    if part.unfinished.is_some() { Err(StateTooLarge { max }) } else { Ok(&part.state) }
}

impl Query for ReadApplicationState {
    type Reply = Result<Arc<ApplicationState>, StateTooLarge>;

    fn footprint(&self) -> Footprint {
        Footprint { ranges: vec![Range::Everything(self.records_max)], ..Footprint::default() }
    }

    fn answer(&self, view: &View, _: &Context) -> Result<Self::Reply, Refusal> {
        Ok(whole(view.everything(), self.records_max).cloned())
    }
}
