//! Faults in the words in which people give them and see them listed, the same on every surface.

use super::faults::{Effect, Fault, FaultCounts, FaultRefused, Moment};
use crate::v4::COMMANDS;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A fault. What is left out of the conditions holds for every call.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Given")]
pub(crate) struct GivenFault {
    /// Calls of this command: service/command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) command: Option<String>,
    /// Calls that are about this account: `From_Account`, `UserID` and their like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<String>,
    /// Calls with this id within an item; with `result_code`, that item alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) item: Option<String>,
    /// The n-th such call alone, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) nth: Option<u64>,
    /// The first n such calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first: Option<u64>,
    /// So many of such calls by chance: 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) probability: Option<f64>,
    /// Where the chance begins; the same seed strikes the same calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seed: Option<u64>,
    /// Until this Unix time in seconds, by the application's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<u64>,
    /// `before`: instead of the command, nothing is done. `after`: the command's change is kept, and the reply tells otherwise.
    pub(crate) when: When,
    /// How long the call waits, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delay_ms: Option<u64>,
    /// The reply has this `ErrorCode`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_code: Option<u32>,
    /// And this `ErrorInfo`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_info: Option<String>,
    /// Items have this `ResultCode`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) result_code: Option<u32>,
    /// The connection ends without a reply.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) drop: bool,
    /// The connection ends after so many bytes of the reply's body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) truncate: Option<usize>,
}

/// When a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum When {
    #[default]
    Before,
    After,
}

/// A fault with what became of it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Counted {
    /// Its number.
    pub(crate) id: u64,
    #[serde(flatten)]
    pub(crate) fault: GivenFault,
    /// How many calls it was about.
    pub(crate) seen: u64,
    /// How many of them it struck.
    pub(crate) struck: u64,
}

impl GivenFault {
    /// The fault.
    ///
    /// # Errors
    /// Where its fields do not go together.
    pub(crate) fn fault(self) -> Result<Fault, FaultRefused> {
        let command = self.command.map(|given| {
            let name = given.trim_start_matches('/').trim_start_matches("v4/");
            let found = COMMANDS.iter().find(|meta| meta.path == name);
            found.map(|meta| meta.path).ok_or(FaultRefused::NoCommand(given))
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
            return Err(FaultRefused::Several);
        }
        if self.error_info.is_some() && self.error_code.is_none() {
            return Err(FaultRefused::InfoAlone);
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
        let mut given = GivenFault {
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
            ..GivenFault::default()
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
            let given: GivenFault = serde_json::from_str(text).unwrap();
            let fault = given.clone().fault().ok().unwrap();
            let listed = Counted::from(FaultCounts { id: 1, fault, seen: 0, struck: 0 });
            assert_eq!(listed.fault, given, "{text}");
        }
    }
}
