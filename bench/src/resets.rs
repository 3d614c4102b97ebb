//! How long a reset takes: of a user with 1 000 conversations, of which one was changed since, or all were.

use crate::Failure;
use crate::exchange::Connection;
use crate::report;
use crate::requests::APP;
use crate::target::{self, Target};
use serde::Serialize;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tokio::time::Instant;

/// Contact groups of the user, and conversations in each.
const CONTACT_GROUPS: usize = 10;
const CONVERSATIONS: usize = 100;

/// The flags of `resets`.
#[derive(Debug, clap::Args)]
pub(crate) struct Flags {
    /// The server under test [default: the `cubby` beside this binary].
    #[arg(long)]
    binary: Option<PathBuf>,
    /// How many resets of a kind are timed.
    #[arg(long, default_value_t = 1000)]
    times: usize,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// Resets of one kind over one engine, in milliseconds.
#[derive(Debug, Serialize)]
struct Line {
    engine: &'static str,
    /// How many conversations were changed since the last reset.
    changed: usize,
    /// How many records each reset wrote.
    records: u64,
    p50_ms: f64,
    p95_ms: f64,
    max_ms: f64,
    /// What a change of one conversation takes on the same connection.
    update_p50_ms: f64,
    /// The median reset in such changes.
    ratio: f64,
}

impl Flags {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let binary = target::binary(self.binary)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut lines = Vec::new();
        for (engine, memory) in [("memory", true), ("embedded", false)] {
            lines.extend(runtime.block_on(measured(engine, memory, &binary, self.times.max(1)))?);
        }
        let mut out = io::stdout().lock();
        if self.json {
            serde_json::to_writer_pretty(&mut out, &lines)?;
            writeln!(out)?;
            return Ok(());
        }
        writeln!(out, "{} resets each, of 1 user with {} conversations\n", self.times, CONTACT_GROUPS * CONVERSATIONS)?;
        writeln!(out, "| engine | changed | records written | p50 ms | p95 ms | max ms | update p50 ms | ratio |")?;
        writeln!(out, "|---|---:|---:|---:|---:|---:|---:|---:|")?;
        for line in lines {
            let Line { engine, changed, records, p50_ms, p95_ms, max_ms, update_p50_ms, ratio } = line;
            writeln!(
                out,
                "| {engine} | {changed} | {records} | {p50_ms:.2} | {p95_ms:.2} | {max_ms:.2} | {update_p50_ms:.2} | **{ratio:.1}** |"
            )?;
        }
        Ok(())
    }
}

/// The data: `marked` conversations bear a star.
fn data(marked: bool) -> Value {
    let names = |group: usize| (0..CONVERSATIONS).map(move |n| format!("user{:04}", group * CONVERSATIONS + n));
    let contact_group =
        |group: usize| json!({"name": format!("group{group}"), "conversations": names(group).collect::<Vec<_>>()});
    let star = |name: String| json!({"conversation": name, "marks": ["star"]});
    let marks: Vec<Value> = if marked { (0..CONTACT_GROUPS).flat_map(names).map(star).collect() } else { Vec::new() };
    let contact_groups: Vec<Value> = (0..CONTACT_GROUPS).map(contact_group).collect();
    json!({"users": [{"user_id": "alice", "contact_groups": contact_groups, "marked": marks}]})
}

async fn measured(engine: &'static str, memory: bool, binary: &Path, times: usize) -> Result<Vec<Line>, Failure> {
    let server = Target::emulator(binary, memory)?;
    let mut connection = Connection::open(server.address).await?;
    let settings = json!({"settings": {"users": "elsewhere"}}).to_string();
    connection.exchange(&request("PATCH", "", &settings)).await?;
    // What is in both states is there before; a snapshot of the other one is what every second round begins with.
    connection.exchange(&request("PUT", "/signing", r#"{"mode":"off"}"#)).await?;
    connection.exchange(&request("PUT", "/seed", &data(true).to_string())).await?;
    connection.exchange(&request("PUT", "/snapshots/marked", "")).await?;
    connection.exchange(&request("PUT", "/seed", &data(false).to_string())).await?;
    let reset = request("POST", "/reset", r#"{"calls":true}"#);
    let restore = request("POST", "/snapshots/marked/restore", "");
    let update = update();
    let mut updates = Vec::new();
    let mut lines = Vec::new();
    for (changed, change) in [(1, &update), (CONTACT_GROUPS * CONVERSATIONS, &restore)] {
        let (mut taken, mut records) = (Vec::new(), 0);
        for _ in 0..times {
            let before = Instant::now();
            connection.exchange(change).await?;
            if changed == 1 {
                updates.push(before.elapsed().as_secs_f64() * 1e3);
            }
            let before = Instant::now();
            let reply = connection.exchange(&reset).await?;
            taken.push(before.elapsed().as_secs_f64() * 1e3);
            records = serde_json::from_slice::<Value>(reply)?.get("changes").and_then(Value::as_u64).unwrap_or(0);
            if records < changed as u64 {
                return Err(
                    format!("a reset wrote {records} records where {changed} conversations were changed").into()
                );
            }
        }
        taken.sort_by(f64::total_cmp);
        let at = |part: usize| taken.get((taken.len() - 1) * part / 100).copied().unwrap_or_default();
        let (p50_ms, p95_ms, max_ms) = (at(50), at(95), at(100));
        let update_p50_ms = report::median(updates.clone());
        lines.push(Line {
            engine,
            changed,
            records,
            p50_ms,
            p95_ms,
            max_ms,
            update_p50_ms,
            ratio: p50_ms / update_p50_ms,
        });
    }
    Ok(lines)
}

/// A request to the application's controls.
fn request(method: &str, path: &str, body: &str) -> Vec<u8> {
    whole(&format!("{method} /admin/v1/apps/{APP}{path}"), body)
}

/// A change of one conversation, which no reset has.
fn update() -> Vec<u8> {
    let body = json!({
        "From_Account": "alice",
        "MarkItem": [{"OptType": 1, "ContactItem": {"Type": 1, "To_Account": "user0000"}, "SetMark": [1]}],
    });
    let target = format!("POST /v4/recentcontact/mark_contact?sdkappid={APP}&identifier=administrator");
    whole(&target, &body.to_string())
}

fn whole(target: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("{target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
}
