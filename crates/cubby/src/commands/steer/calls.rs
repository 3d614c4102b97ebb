//! `cubby calls`: the calls that a running server recorded of an application, listed, followed as they come, and explained one by one.

use super::super::Error;
use super::{AppFlags, SteerError, Steered, query};
use crate::output;
use clap::{Args, Subcommand};
use cubby_domain::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;

/// The arguments of `calls`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Calls {
    #[command(subcommand)]
    asked: Option<Asked>,
    #[command(flatten)]
    filter: Filter,
    /// List as many at most [default: 50]
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// List those before the call of this number
    #[arg(long, value_name = "N")]
    before: Option<u64>,
    /// Print each call as it is answered, until the server ends
    #[arg(long, conflicts_with_all = ["limit", "before"])]
    follow: bool,
    #[command(flatten)]
    app: AppFlags,
    /// Print JSON, for scripts; with --follow an object a line
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Asked {
    /// Explain a call: what came and went, what refused it and why, what nobody read, what passed by leniency alone
    Show(Show),
    /// Make a call again, signed anew, and print its reply. Exit status: 0 for ErrorCode 0, else 1
    Replay(Numbered),
    /// Forget all calls
    Clear,
    /// Say whether calls are recorded; those of an emulator always are
    Record(Record),
}

#[derive(Debug, Args)]
struct Filter {
    /// Calls of this command, such as `recentcontact/mark_contact`
    #[arg(long, value_name = "COMMAND")]
    command: Option<String>,
    /// Calls with this ErrorCode
    #[arg(long, value_name = "CODE")]
    code: Option<u32>,
    /// Calls that failed
    #[arg(long)]
    failed: bool,
    /// Calls with this text in the body or the path
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
}

#[derive(Debug, Args)]
struct Show {
    #[command(flatten)]
    numbered: Numbered,
    /// Print a curl command that makes it again
    #[arg(long, conflicts_with_all = ["scenario", "json"])]
    curl: bool,
    /// Print a scenario of it that `cubby conformance` plays
    #[arg(long, conflicts_with = "json")]
    scenario: bool,
    /// Up to the call of this number, in one scenario
    #[arg(long, value_name = "N", requires = "scenario")]
    to: Option<u64>,
}

#[derive(Debug, Args)]
struct Numbered {
    /// Its number
    #[arg(value_name = "N")]
    call: u64,
}

#[derive(Debug, Args)]
struct Record {
    /// on or off
    #[arg(value_parser = ["on", "off"])]
    record: String,
}

/// A call, in short.
#[derive(Debug, Deserialize)]
struct Brief {
    id: u64,
    at_ms: u64,
    method: String,
    path: String,
    command: Option<String>,
    code: u32,
    micros: u64,
    fault: Option<u64>,
}

/// A call, whole and explained.
#[derive(Debug, Deserialize)]
struct Detail {
    #[serde(flatten)]
    brief: Brief,
    query: String,
    request: String,
    reply: String,
    steps: serde_json::Map<String, Value>,
    refused_by: Option<RefusedBy>,
    ignored: Vec<Ignored>,
    tolerated: Vec<Tolerated>,
}

/// A call as a command for a shell.
#[derive(Debug, Deserialize)]
struct Curl {
    curl: String,
}

/// A call, ready to be sent again.
#[derive(Debug, Deserialize)]
struct Request {
    method: String,
    path: String,
    query: String,
    body: String,
}

/// A text in both languages; the command line speaks English.
#[derive(Debug, Deserialize)]
struct Text {
    en: String,
}

#[derive(Debug, Deserialize)]
struct RefusedBy {
    name: Text,
    advice: Text,
    why: String,
}

#[derive(Debug, Deserialize)]
struct Ignored {
    path: String,
    meant: Vec<Meant>,
}

#[derive(Debug, Deserialize)]
struct Meant {
    path: String,
}

#[derive(Debug, Deserialize)]
struct Tolerated {
    ruling: Option<String>,
    path: String,
    text: Text,
}

impl Filter {
    fn pairs(self) -> [(&'static str, Option<String>); 4] {
        [
            ("command", self.command),
            ("code", self.code.map(|code| code.to_string())),
            ("failed", self.failed.then(|| "true".to_owned())),
            ("text", self.text),
        ]
    }
}

impl Calls {
    pub(crate) fn run(self, file: Option<&Path>) -> Result<ExitCode, Error> {
        let steered = self.app.open(file)?;
        match self.asked {
            Some(Asked::Show(asked)) => asked.run(&steered, self.json)?,
            Some(Asked::Replay(Numbered { call })) => return replay(&steered, call),
            Some(Asked::Clear) => steered.ask("DELETE", "calls")?,
            Some(Asked::Record(Record { record })) => {
                steered.send::<Value>("PUT", "recording", &json!({"record": record == "on"}))?;
            }
            None if self.follow => follow(&steered, self.filter, self.json)?,
            None => {
                let page = [("limit", self.limit), ("before", self.before)];
                let page = page.map(|(name, number)| (name, number.map(|number| number.to_string())));
                let pairs: Vec<_> = self.filter.pairs().into_iter().chain(page).collect();
                list(&steered, &query(&pairs), self.json)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, SteerError> {
    Ok(serde_json::from_value(value)?)
}

fn list(steered: &Steered, query: &str, json: bool) -> Result<(), Error> {
    let all: Value = steered.get(&format!("calls{query}"))?;
    if json {
        output::json(&all);
        return Ok(());
    }
    let all: Vec<Brief> = read(all)?;
    let head = ["CALL", "TIME", "CODE", "MICROS", "FAULT", "WHAT"].map(str::to_owned).to_vec();
    output::table(&std::iter::once(head).chain(all.iter().map(row)).collect::<Vec<_>>());
    Ok(())
}

fn row(call: &Brief) -> Vec<String> {
    let what = call.command.clone().unwrap_or_else(|| format!("{} {}", call.method, call.path));
    let fault = call.fault.map(|fault| fault.to_string()).unwrap_or_default();
    vec![call.id.to_string(), time(call.at_ms), call.code.to_string(), call.micros.to_string(), fault, what]
}

fn time(at_ms: u64) -> String {
    output::utc(Timestamp(at_ms / 1000))
}

fn follow(steered: &Steered, filter: Filter, json: bool) -> Result<(), Error> {
    let path = steered.path(&format!("calls/live{}", query(&filter.pairs())));
    let mut unknown = None;
    steered.admin.follow(&path, |event| match event.name {
        "call" if json => output::line(event.data),
        "call" => match serde_json::from_str(event.data) {
            Ok(call) => output::line(row(&call).join("  ")),
            Err(error) => unknown = Some(error),
        },
        "missed" => output::error(format!("{} calls were missed: they came faster than they were read", event.data)),
        _ => {}
    })?;
    unknown.map_or(Ok(()), |error| Err(SteerError::from(error).into()))
}

impl Show {
    fn run(&self, steered: &Steered, json: bool) -> Result<(), Error> {
        let Numbered { call } = self.numbered;
        if self.curl {
            let Curl { curl } = steered.get(&format!("calls/{call}/curl"))?;
            output::line(curl.trim_end());
            return Ok(());
        }
        if self.scenario {
            let to = query(&[("to", self.to.map(|to| to.to_string()))]);
            output::json(&steered.get::<Value>(&format!("calls/{call}/scenario{to}"))?);
            return Ok(());
        }
        let detail: Value = steered.get(&format!("calls/{call}"))?;
        if json {
            output::json(&detail);
            return Ok(());
        }
        explained(&read(detail)?).iter().for_each(output::line);
        Ok(())
    }
}

fn replay(steered: &Steered, call: u64) -> Result<ExitCode, Error> {
    let Request { method, path, query, body } = steered.get(&format!("calls/{call}/request"))?;
    let target = if query.is_empty() { path } else { format!("{path}?{query}") };
    let reply = steered.admin.base().send(&method, &target, body.as_bytes())?;
    let text = String::from_utf8_lossy(&reply.body);
    output::reply(&text);
    let json: Option<Value> = serde_json::from_str(&text).ok();
    let good = json.is_some_and(|json| json.get("ErrorCode").and_then(Value::as_i64) == Some(0));
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A call in words.
fn explained(call: &Detail) -> Vec<String> {
    let brief = &call.brief;
    let mut lines = vec![
        format!("call {} at {}: {} {}?{}", brief.id, time(brief.at_ms), brief.method, brief.path, call.query),
        call.request.clone(),
        format!("answered with {} in {} µs", brief.code, brief.micros),
        call.reply.clone(),
    ];
    let steps: Vec<String> = call.steps.iter().map(|(name, micros)| format!("{name} {micros}")).collect();
    lines.push(format!("microseconds by step: {}", steps.join(", ")));
    lines.extend(brief.fault.map(|fault| format!("struck by fault {fault}")));
    if let Some(refused) = &call.refused_by {
        lines.push(format!("refused by: {}: {}", refused.name.en, refused.why));
        lines.push(format!("what to do: {}", refused.advice.en));
    }
    lines.extend(call.ignored.iter().map(|ignored| {
        let meant: Vec<&str> = ignored.meant.iter().map(|meant| meant.path.as_str()).collect();
        let meant = if meant.is_empty() { String::new() } else { format!("; did you mean {}?", meant.join(" or ")) };
        format!("nobody reads {}{meant}", ignored.path)
    }));
    lines.extend(call.tolerated.iter().map(|tolerated| {
        let ruling = tolerated.ruling.as_ref().map(|ruling| format!(" ({ruling})")).unwrap_or_default();
        format!("passes by leniency: {}: {}{ruling}", tolerated.path, tolerated.text.en)
    }));
    lines
}
