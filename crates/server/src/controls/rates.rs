//! The call rates of an application, with what is left of them on this server.

use crate::applications::Loaded;
use crate::clock::Clock;
use crate::v4::COMMANDS;
use cubby_protocol::endpoint::Meta;
use schemars::JsonSchema;
use serde::Serialize;

/// A call rate with what is left of it on this server.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Rate {
    /// service/command, or `*` for all together.
    pub(crate) command: &'static str,
    /// Calls a second; 0 is off.
    pub(crate) per_second: u32,
    /// How many calls are left now; none where it is off.
    pub(crate) left: Option<u32>,
}

/// That of all together, and then that of every command.
pub(crate) fn rates(loaded: &Loaded, clock: &Clock) -> Vec<Rate> {
    let now = loaded.controls.clock.for_rates(clock);
    let total = loaded.total_call_rate();
    let all = Rate { command: "*", per_second: total, left: loaded.buckets.left_total(total, now) };
    let of_command = |(index, meta): (usize, &&'static Meta)| {
        let per_second = loaded.call_rate(meta.path, meta.call_rate);
        Rate { command: meta.path, per_second, left: loaded.buckets.left(index, per_second, now) }
    };
    std::iter::once(all).chain(COMMANDS.iter().enumerate().map(of_command)).collect()
}
