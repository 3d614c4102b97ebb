//! `cubby fault`: calls of an application that fail, wait or are cut off because someone asked for it.

use super::super::Error;
use super::span::parse;
use super::{AppFlags, Steered};
use crate::output;
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// The arguments of `fault`.
#[derive(Debug, Args)]
pub(crate) struct Fault {
    #[command(subcommand)]
    asked: Asked,
    #[command(flatten)]
    app: AppFlags,
    /// Print JSON, for scripts
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Asked {
    /// Add a fault, behind those that there are: the first whose turn it is strikes
    Add(Box<Add>),
    /// List the faults, with how many calls each was about and how many it struck
    List,
    /// Clear a fault, or all of them; calls that wait because of them go on
    Clear(Clear),
}

/// A fault, in the server's words; what is left out of the conditions holds for every call.
#[derive(Debug, Args, Serialize)]
struct Add {
    /// Calls of this command, such as `recentcontact/mark_contact`
    #[arg(long, value_name = "COMMAND", help_heading = "Which calls")]
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<String>,
    /// Calls about this account
    #[arg(long, value_name = "USERID", help_heading = "Which calls")]
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    /// Calls with this id within an item; with --result-code, that item alone
    #[arg(long, value_name = "ID", help_heading = "Which calls")]
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<String>,
    /// The n-th such call alone, counted from 1
    #[arg(long, value_name = "N", help_heading = "Which calls")]
    #[serde(skip_serializing_if = "Option::is_none")]
    nth: Option<u64>,
    /// The first n such calls
    #[arg(long, value_name = "N", help_heading = "Which calls")]
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<u64>,
    /// So many of such calls by chance: from 0 to 1
    #[arg(long, value_name = "P", help_heading = "Which calls")]
    #[serde(skip_serializing_if = "Option::is_none")]
    probability: Option<f64>,
    /// Where the chance begins: the same seed strikes the same calls
    #[arg(long, value_name = "N", requires = "probability", help_heading = "Which calls")]
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    /// Until this time, in Unix seconds, by the application's clock
    #[arg(long, value_name = "SECONDS", help_heading = "Which calls")]
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<u64>,
    /// Strike after the command: what it changed is kept, and the reply tells otherwise. Else instead of it
    #[arg(long, help_heading = "What happens")]
    #[serde(rename = "when", serialize_with = "when")]
    after: bool,
    /// The call waits, such as 250ms or 3s
    #[arg(long, value_name = "SPAN", value_parser = parse, help_heading = "What happens")]
    #[serde(rename = "delay_ms", serialize_with = "milliseconds", skip_serializing_if = "Option::is_none")]
    delay: Option<Duration>,
    /// The reply has this ErrorCode
    #[arg(long, value_name = "CODE", group = "effect", help_heading = "What happens")]
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<u32>,
    /// And this ErrorInfo
    #[arg(long, value_name = "TEXT", requires = "error_code", help_heading = "What happens")]
    #[serde(skip_serializing_if = "Option::is_none")]
    error_info: Option<String>,
    /// Items have this ResultCode
    #[arg(long, value_name = "CODE", group = "effect", help_heading = "What happens")]
    #[serde(skip_serializing_if = "Option::is_none")]
    result_code: Option<u32>,
    /// The connection ends without a reply
    #[arg(long, group = "effect", help_heading = "What happens")]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    drop: bool,
    /// The connection ends after so many bytes of the reply's body
    #[arg(long, value_name = "BYTES", group = "effect", help_heading = "What happens")]
    #[serde(skip_serializing_if = "Option::is_none")]
    truncate: Option<u64>,
}

#[derive(Debug, Args)]
struct Clear {
    /// The fault of this number; else all
    #[arg(value_name = "N")]
    fault: Option<u64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn when<S: serde::Serializer>(after: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(if *after { "after" } else { "before" })
}

#[expect(clippy::ref_option, reason = "serde gives a reference")]
fn milliseconds<S: serde::Serializer>(delay: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    let milliseconds = delay.unwrap_or_default().as_millis();
    serializer.serialize_u64(u64::try_from(milliseconds).unwrap_or(u64::MAX))
}

/// A fault that was added.
#[derive(Debug, Serialize, Deserialize)]
struct Added {
    id: u64,
}

impl Fault {
    pub(crate) fn run(self, file: Option<&Path>) -> Result<ExitCode, Error> {
        let steered = self.app.open(file)?;
        match self.asked {
            Asked::Add(add) => {
                let added: Added = steered.send("POST", "faults", &add)?;
                if self.json {
                    output::json(&added);
                } else {
                    output::line(format!("fault {} is added", added.id));
                }
            }
            Asked::List => list(&steered, self.json)?,
            Asked::Clear(Clear { fault: None }) => steered.ask("DELETE", "faults")?,
            Asked::Clear(Clear { fault: Some(fault) }) => steered.ask("DELETE", &format!("faults/{fault}"))?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn list(steered: &Steered, json: bool) -> Result<(), Error> {
    let all: Vec<serde_json::Map<String, Value>> = steered.get("faults")?;
    if json {
        output::json(&all);
        return Ok(());
    }
    let row = |one: &serde_json::Map<String, Value>| {
        let number = |name: &str| one.get(name).map(Value::to_string).unwrap_or_default();
        let rest = one.iter().filter(|(name, _)| !["id", "seen", "struck"].contains(&name.as_str()));
        let rest: Vec<String> = rest.map(|(name, value)| format!("{name}={}", bare(value))).collect();
        vec![number("id"), number("seen"), number("struck"), rest.join(" ")]
    };
    let head = ["FAULT", "SEEN", "STRUCK", "WHAT"].map(str::to_owned).to_vec();
    output::table(&std::iter::once(head).chain(all.iter().map(row)).collect::<Vec<_>>());
    Ok(())
}

/// A value, a text without its quotes.
fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use serde_json::json;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        add: Add,
    }

    fn asked(flags: &str) -> Result<Value, String> {
        let words = std::iter::once("add").chain(flags.split_whitespace());
        let cli = Cli::try_parse_from(words).map_err(|why| why.to_string())?;
        Ok(serde_json::to_value(cli.add).unwrap())
    }

    #[test]
    fn a_fault_is_asked_for_in_the_servers_words() {
        let all = "--command a/b --user u --item i --nth 2 --first 3 --probability 0.5 --seed 7 --until 9 --after --delay 2s \
                   --error-code 1 --error-info x";
        let wanted = json!({"command": "a/b", "user": "u", "item": "i", "nth": 2, "first": 3, "probability": 0.5, "seed": 7,
            "until": 9, "when": "after", "delay_ms": 2000, "error_code": 1, "error_info": "x"});
        assert_eq!(asked(all).unwrap(), wanted);
        assert_eq!(asked("--drop").unwrap(), json!({"when": "before", "drop": true}));
        assert_eq!(asked("--truncate 5").unwrap(), json!({"when": "before", "truncate": 5}));
        for wrong in ["--drop --truncate 5", "--seed 1", "--error-info x", "--delay 5"] {
            assert!(asked(wrong).is_err(), "{wrong}");
        }
    }
}
