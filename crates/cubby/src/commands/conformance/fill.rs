//! Variables and repetitions: makes of a body or a pattern, as it stands in a scenario, what is sent or looked for. What a pattern means is
//! not known here.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Repetitions have a bound: a body has at most 1 MiB.
const TIMES_MAX: usize = 100_000;

/// The values that `${name}` stands for.
#[derive(Debug, Clone, Default)]
pub(super) struct Variables(BTreeMap<String, Value>);

impl Variables {
    pub(super) fn set(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }
}

/// Why something cannot be filled in.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unfilled {
    #[error("${{{0}}} has no value here")]
    NoValue(String),
    #[error("{0}: a repetition is {{\"$times\": N, \"of\": …}} or {{\"$text\": \"…\", \"times\": N}}")]
    Repetition(String),
}

/// The value with its variables filled in and its repetitions made. `{"$times": 3, "of": X}` is a list of three, and within a list three of its
/// items; `${n}` counts them from 0, or from `from`. `{"$text": "ab", "times": 16}` is a text.
pub(super) fn fill(value: &Value, variables: &Variables) -> Result<Value, Unfilled> {
    Ok(match value {
        Value::String(text) => fill_text(text, variables)?,
        Value::Array(items) => {
            let mut filled = Vec::with_capacity(items.len());
            for item in items {
                match item.as_object().filter(|object| object.contains_key("$times")) {
                    Some(object) => filled.extend(times(object, variables)?),
                    None => filled.push(fill(item, variables)?),
                }
            }
            Value::Array(filled)
        }
        Value::Object(object) if object.contains_key("$times") => Value::Array(times(object, variables)?),
        Value::Object(object) if object.contains_key("$text") => Value::String(repeated(object)?),
        Value::Object(object) => {
            let filled = object.iter().map(|(name, one)| Ok((name.clone(), fill(one, variables)?)));
            Value::Object(filled.collect::<Result<_, _>>()?)
        }
        other => other.clone(),
    })
}

fn wrong(object: &Map<String, Value>) -> Unfilled {
    Unfilled::Repetition(Value::Object(object.clone()).to_string())
}

fn number(object: &Map<String, Value>, name: &str) -> Option<usize> {
    let number = usize::try_from(object.get(name)?.as_u64()?).ok()?;
    (number <= TIMES_MAX).then_some(number)
}

fn times(object: &Map<String, Value>, variables: &Variables) -> Result<Vec<Value>, Unfilled> {
    let (Some(times), Some(of)) = (number(object, "$times"), object.get("of")) else { return Err(wrong(object)) };
    let from = if object.contains_key("from") { number(object, "from").ok_or_else(|| wrong(object))? } else { 0 };
    let mut variables = variables.clone();
    let one = |n: usize| {
        variables.set("n", Value::from(n));
        fill(of, &variables)
    };
    (from..from + times).map(one).collect()
}

fn repeated(object: &Map<String, Value>) -> Result<String, Unfilled> {
    let text = object.get("$text").and_then(Value::as_str);
    let (Some(text), Some(times)) = (text, number(object, "times")) else { return Err(wrong(object)) };
    Ok(text.repeat(times))
}

/// `${name}` alone is the value itself; within a text it is written out.
fn fill_text(text: &str, variables: &Variables) -> Result<Value, Unfilled> {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, behind)) = after.split_once('}') else { break };
        let value = variables.0.get(name).ok_or_else(|| Unfilled::NoValue(name.to_owned()))?;
        if before.is_empty() && behind.is_empty() && out.is_empty() {
            return Ok(value.clone());
        }
        out.push_str(before);
        match value {
            Value::String(text) => out.push_str(text),
            other => out.push_str(&other.to_string()),
        }
        rest = behind;
    }
    out.push_str(rest);
    Ok(Value::String(out))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn variables_and_repetitions_are_filled_in() {
        let mut variables = Variables::default();
        variables.set("anna", json!("x-anna"));
        variables.set("seven", json!(7));
        let filled = |value: Value| fill(&value, &variables).unwrap();
        assert_eq!(
            filled(json!({"a": ["${anna}", "<${seven}${anna}>", "${seven}", 1, null]})),
            json!({"a": ["x-anna", "<7x-anna>", 7, 1, null]})
        );
        assert_eq!(
            filled(json!({"$times": 2, "of": {"To_Account": "p${n}"}})),
            json!([{"To_Account": "p0"}, {"To_Account": "p1"}])
        );
        assert_eq!(filled(json!([0, {"$times": 2, "from": 5, "of": "${n}"}, 9])), json!([0, 5, 6, 9]));
        assert_eq!(filled(json!({"$text": "名", "times": 3})), json!("名名名"));
        assert_eq!(filled(json!("$string ${ {")), json!("$string ${ {"));
    }

    #[test]
    fn what_has_no_value_is_named() {
        let why = |value: Value| fill(&value, &Variables::default()).unwrap_err();
        assert_eq!(why(json!([{"a": "b ${nobody}"}])), Unfilled::NoValue("nobody".to_owned()));
        for wrong in [
            json!({"$times": 2}),
            json!({"$times": "2", "of": 1}),
            json!({"$text": "a"}),
            json!([{"$times": 100_001, "of": 1}]),
        ] {
            assert!(matches!(why(wrong), Unfilled::Repetition(_)));
        }
    }
}
