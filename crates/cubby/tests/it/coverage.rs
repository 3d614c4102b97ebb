//! What the wire tests show of the API, written down while they run: `cubby-coverage` makes docs/coverage.md of it. Without
//! `CUBBY_COVERAGE`, a directory, nothing is written.

use crate::support::Reply;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::sync::{LazyLock, Mutex};

/// What this process has written already: a test sends some requests often.
static WRITTEN: LazyLock<Mutex<BTreeSet<String>>> = LazyLock::new(Mutex::default);

/// Tests of other things than what the API says: under faults, where what comes is another thing each time, and of what steers a server.
const APART: [&str; 6] = ["admin::", "board::", "console::", "metrics::", "postgres::", "states::"];

/// The test that runs, as its runner names it.
fn test() -> Option<String> {
    let test = std::env::args().skip_while(|argument| argument != "--exact").find(|argument| argument.contains("::"));
    test.filter(|test| !APART.iter().any(|apart| test.starts_with(apart)))
}

/// A request was sent and this came back.
pub fn heard(request: &[u8], reply: &Reply) {
    let (Some(directory), Some(test)) = (std::env::var_os("CUBBY_COVERAGE"), test()) else { return };
    let Some((command, body)) = command_and_body(request) else { return };
    let Ok(reply) = serde_json::from_slice::<Value>(&reply.body) else { return };
    let Some(code) = reply["ErrorCode"].as_u64() else { return };
    let mut lines = vec![json!({"test": test, "command": command, "code": code})];
    if code == 0 {
        let mut seen = |kind: &str, value: &Value| {
            let mut found = BTreeSet::new();
            paths(value, "", &mut found);
            lines.extend(found.into_iter().map(|path| json!({"test": test, "command": command, kind: path})));
        };
        seen("asked", &serde_json::from_slice(body).unwrap_or_default());
        seen("replied", &reply);
        let mut codes = BTreeSet::new();
        item_codes(&reply, true, &mut codes);
        lines.extend(codes.into_iter().map(|code| json!({"test": test, "command": command, "item": code})));
    }
    let mut written = WRITTEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let new: String =
        lines.into_iter().map(|line| format!("{line}\n")).filter(|line| written.insert(line.clone())).collect();
    let file = Path::new(&directory).join(format!("{}.jsonl", std::process::id()));
    std::fs::OpenOptions::new().create(true).append(true).open(file).unwrap().write_all(new.as_bytes()).unwrap();
}

/// The path under `/v4/` and the body of a request that is sent whole.
fn command_and_body(request: &[u8]) -> Option<(String, &[u8])> {
    let end = request.windows(4).position(|four| four == b"\r\n\r\n")?;
    let line = String::from_utf8_lossy(&request[..end]);
    let path = line.split(' ').nth(1)?.strip_prefix("/v4/")?.split('?').next()?.to_owned();
    Some((path, &request[end + 4..]))
}

/// The paths of a value's members: `UpdateGroup.ContactUpdateItem[].ContactItem`. One object where a list is documented is a list of one.
fn paths(value: &Value, prefix: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                paths(value, &path, found);
                found.insert(path);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| paths(item, &format!("{prefix}[]"), found)),
        _ => {}
    }
}

/// The codes of the items of a reply.
fn item_codes(value: &Value, top: bool, found: &mut BTreeSet<u64>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let is_code = matches!(name.as_str(), "ResultCode" | "ErrorCode" | "Result") && !top;
                found.extend(value.as_u64().filter(|code| is_code && *code != 0));
                item_codes(value, false, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| item_codes(item, false, found)),
        _ => {}
    }
}
