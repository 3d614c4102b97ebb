//! Bodies and replies as they stand in a scenario: with variables for ids, and with patterns for what is another each time.

use super::Names;
use serde_json::{Map, Value, json};

/// Members of replies that hold a time of the server.
const TIMES: [&str; 8] =
    ["Timestamp", "TimeStamp", "TopTimeStamp", "MsgTime", "CreateTime", "LastInfoTime", "LastMsgTime", "JoinTime"];
/// What every reply bears, which is checked without being written down.
const ENVELOPE: [&str; 4] = ["ActionStatus", "ErrorCode", "ErrorInfo", "ErrorDisplay"];

/// Whether something in a body would be taken for a variable or a repetition.
pub(super) fn has_meaning(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("${"),
        Value::Array(items) => items.iter().any(has_meaning),
        Value::Object(members) => {
            members.iter().any(|(name, one)| matches!(name.as_str(), "$times" | "$text") || has_meaning(one))
        }
        _ => false,
    }
}

/// A text in which nothing is a variable.
pub(super) fn without_variables(text: &str) -> String {
    text.replace("${", "$ {")
}

/// A body with variables for ids.
pub(super) fn body(value: &Value, member: &str, names: &Names) -> Value {
    match value {
        Value::String(id) => names.written(member, id).map_or_else(|| value.clone(), Value::from),
        Value::Array(items) => items.iter().map(|one| body(one, member, names)).collect(),
        Value::Object(members) => {
            let members = members.iter().map(|(name, one)| (name.clone(), body(one, name, names)));
            Value::Object(members.collect())
        }
        other => other.clone(),
    }
}

/// What is expected of a successful reply beside its envelope.
pub(super) fn expected(reply: &Value, names: &Names) -> Value {
    let members = reply.as_object().into_iter().flatten();
    let own = members.filter(|(name, _)| !ENVELOPE.contains(&name.as_str()));
    Value::Object(own.map(|(name, one)| (name.clone(), pattern(one, name, names))).collect())
}

fn pattern(value: &Value, member: &str, names: &Names) -> Value {
    match value {
        // A text for people may name an id.
        Value::String(text) if matches!(member, "ResultInfo" | "ErrorInfo") && !text.is_empty() => json!("$string"),
        Value::String(_) if member == "MsgKey" => json!("$string"),
        Value::String(text) => match names.written(member, text) {
            // What the server named is known only once it is saved from this reply or one before.
            Some(_) if text.starts_with(super::GENERATED) => json!({"$starts": super::GENERATED}),
            Some(variable) => json!(variable),
            None => of_text(text),
        },
        Value::Number(n) if TIMES.contains(&member) => match n.as_u64() {
            Some(n) if n > 0 && !names.numbers.contains(&n) => json!("$time"),
            _ => value.clone(),
        },
        Value::Array(items) => items.iter().map(|one| pattern(one, member, names)).collect(),
        Value::Object(members) if members.keys().any(|name| name.starts_with('$')) => json!("$any"),
        Value::Object(members) => {
            let members = members.iter().map(|(name, one)| (name.clone(), pattern(one, name, names)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

/// A text that stands for itself, although it looks like a pattern or a variable.
fn of_text(text: &str) -> Value {
    if text.contains("${") {
        json!("$string")
    } else if text.starts_with('$') {
        json!({"$starts": text})
    } else {
        json!(text)
    }
}
