//! The faults of an application.

use super::asked::{Asked, Told, done, tell};
use super::problem::Problem;
use crate::controls::{Effect, Fault, FaultCounts, Moment};
use crate::v4::COMMANDS;
use cubby_store::Store;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A fault. What is left out of the conditions holds for every call.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Given {
    /// Calls of this command: service/command.
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<String>,
    /// Calls that are about this account: `From_Account`, `UserID` and their like.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    /// Calls with this id within an item; with `result_code`, that item alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<String>,
    /// The n-th such call alone, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    nth: Option<u64>,
    /// The first n such calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<u64>,
    /// So many of such calls by chance: 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    probability: Option<f64>,
    /// Where the chance begins; the same seed strikes the same calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    /// Until this Unix time in seconds, by the application's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<u64>,
    /// `before`: instead of the command, nothing is done. `after`: the command's change is kept, and the reply tells otherwise.
    when: When,
    /// How long the call waits, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    delay_ms: Option<u64>,
    /// The reply has this `ErrorCode`.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<u32>,
    /// And this `ErrorInfo`.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_info: Option<String>,
    /// Items have this `ResultCode`.
    #[serde(skip_serializing_if = "Option::is_none")]
    result_code: Option<u32>,
    /// The connection ends without a reply.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    drop: bool,
    /// The connection ends after so many bytes of the reply's body.
    #[serde(skip_serializing_if = "Option::is_none")]
    truncate: Option<usize>,
}

/// When a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum When {
    #[default]
    Before,
    After,
}

/// A fault with what became of it.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Counted {
    /// Its number.
    id: u64,
    #[serde(flatten)]
    fault: Given,
    /// How many calls it was about.
    seen: u64,
    /// How many of them it struck.
    struck: u64,
}

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
    let fault = asked.json::<Given>()?.fault()?;
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

impl Given {
    fn fault(self) -> Result<Fault, Problem> {
        let command = self.command.map(|given| {
            let name = given.trim_start_matches('/').trim_start_matches("v4/");
            let found = COMMANDS.iter().find(|meta| meta.path == name);
            found.map(|meta| meta.path).ok_or_else(|| Problem::bad(format!("command: there is no command {given:?}")))
        });
        let effects = [
            self.error_code.map(|code| Effect::Error { code, info: self.error_info.clone() }),
            self.result_code.map(|code| Effect::Item { code }),
            self.drop.then_some(Effect::Drop),
            self.truncate.map(Effect::Truncate),
        ];
        let mut effects = effects.into_iter().flatten();
        let effect = effects.next();
        if effects.next().is_some() {
            return Err(Problem::bad("give one of error_code, result_code, drop and truncate"));
        }
        if self.error_info.is_some() && self.error_code.is_none() {
            return Err(Problem::bad("error_info: goes with error_code"));
        }
        Ok(Fault {
            command: command.transpose()?,
            user: self.user,
            item: self.item,
            nth: self.nth,
            first: self.first,
            probability: self.probability,
            seed: self.seed.unwrap_or_default(),
            until: self.until,
            moment: match self.when {
                When::Before => Moment::Before,
                When::After => Moment::After,
            },
            delay: Duration::from_millis(self.delay_ms.unwrap_or_default()),
            effect,
        })
    }
}

impl From<FaultCounts> for Counted {
    fn from(counts: FaultCounts) -> Self {
        let FaultCounts { id, fault, seen, struck } = counts;
        let delay = u64::try_from(fault.delay.as_millis()).unwrap_or(u64::MAX);
        let mut given = Given {
            command: fault.command.map(str::to_owned),
            user: fault.user,
            item: fault.item,
            nth: fault.nth,
            first: fault.first,
            probability: fault.probability,
            seed: fault.probability.map(|_| fault.seed),
            until: fault.until,
            when: match fault.moment {
                Moment::Before => When::Before,
                Moment::After => When::After,
            },
            delay_ms: (delay > 0).then_some(delay),
            ..Given::default()
        };
        match fault.effect {
            None => {}
            Some(Effect::Error { code, info }) => (given.error_code, given.error_info) = (Some(code), info),
            Some(Effect::Item { code }) => given.result_code = Some(code),
            Some(Effect::Drop) => given.drop = true,
            Some(Effect::Truncate(at)) => given.truncate = Some(at),
        }
        Self { id, fault: given, seen, struck }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_listed_in_the_words_that_made_it() {
        for text in [
            r#"{"command":"recentcontact/top","user":"a","nth":2,"when":"before","error_code":50004,"error_info":"x"}"#,
            r#"{"item":"b","first":1,"probability":0.5,"seed":7,"until":9,"when":"after","delay_ms":5,"result_code":51007}"#,
            r#"{"when":"after","drop":true}"#,
            r#"{"when":"before","truncate":3}"#,
        ] {
            let given: Given = serde_json::from_str(text).unwrap();
            let fault = given.clone().fault().ok().unwrap();
            let listed = Counted::from(FaultCounts { id: 1, fault, seen: 0, struck: 0 });
            assert_eq!(listed.fault, given, "{text}");
        }
    }
}
