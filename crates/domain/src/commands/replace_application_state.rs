//! Makes an application's data other data, all of it or nothing: a reset, or a snapshot that is restored. Only what differs is written.
//!
//! Everything that a call can show is as wanted afterwards, times and numbers given included: what was given since is given again. What
//! does not go back is what no call shows: how often a user's data was changed, and that a user who is gone was there.

use crate::command::{Command, Context, Outcome};
use crate::footprint::{Footprint, Range};
use crate::queries::{StateTooLarge, whole};
use crate::refusal::Refusal;
use crate::state::{CheckedState, changes};
use crate::view::View;

/// The command.
#[derive(Debug)]
pub struct ReplaceApplicationState {
    /// The data as it is to be.
    pub state: CheckedState,
    /// How many records there may be now: [`crate::state::RECORDS_MAX`], or fewer.
    pub records_max: u64,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaced {
    /// How many records differed.
    pub changes: u64,
}

impl Command for ReplaceApplicationState {
    type Reply = Result<Replaced, StateTooLarge>;

    fn footprint(&self) -> Footprint {
        // Those who are to be there are read by name too: one who was deleted has a version that goes on.
        Footprint {
            users: self.state.state().users.keys().cloned().collect(),
            ranges: vec![Range::Everything(self.records_max)],
            ..Footprint::default()
        }
    }

    fn apply(&self, view: &View, _: &Context) -> Result<Outcome<Self::Reply>, Refusal> {
        let before = match whole(view.everything(), self.records_max) {
            Ok(before) => before,
            Err(too_large) => return Ok(Outcome { reply: Err(too_large), changes: Vec::new() }),
        };
        let changes = changes(before, self.state.state());
        Ok(Outcome { reply: Ok(Replaced { changes: changes.len() as u64 }), changes })
    }
}
