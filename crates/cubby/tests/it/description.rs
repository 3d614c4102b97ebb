//! What docs/openapi.json says of requests and replies, for the tests that send and receive them. That the file is what the server says is
//! the business of `openapi.rs`.

use jsonschema::Validator;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

/// Where a command's reply is described, within its operation.
const REPLY: &str = "responses/200/content/application~1json/schema";
/// Where its request is.
const REQUEST: &str = "requestBody/content/application~1json/schema";

/// The committed document.
pub static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../../docs/openapi.json")).unwrap());

/// The commands that it describes.
pub fn commands() -> Vec<&'static str> {
    let paths = DOCUMENT["paths"].as_object().unwrap().keys();
    paths.filter_map(|path| path.strip_prefix("/v4/")).collect()
}

/// Panics where a reply is not as described. What is no command has no description.
pub fn check_reply(command: &str, reply: &Value) {
    if DOCUMENT["paths"].get(format!("/v4/{command}")).is_some() {
        let wrong = why_not(command, REPLY, reply);
        assert!(wrong.is_empty(), "docs/openapi.json does not describe this reply of {command}: {wrong}\n{reply}");
    }
}

/// Panics where a request is not as described.
pub fn check_request(command: &str, body: &Value) {
    let wrong = why_not(command, REQUEST, body);
    assert!(wrong.is_empty(), "docs/openapi.json does not describe this request of {command}: {wrong}\n{body}");
}

/// Why a value is not as described; "" where it is.
pub fn why_not(command: &str, place: &str, value: &Value) -> String {
    wrong(&format!("#/paths/~1v4~1{}/post/{place}", command.replace('/', "~1")), value)
}

/// Why a reply is not as described; "" where it is.
pub fn why_not_a_reply(command: &str, reply: &Value) -> String {
    why_not(command, REPLY, reply)
}

/// Panics where a reply of `/admin/v1`, or an event of a live one, is not as described. A path that is none has no description.
pub fn check_admin_reply(method: &str, path: &str, status: u16, reply: &Value) {
    let path = path.split('?').next().unwrap();
    let Some((pattern, operation)) = admin_operation(method, path) else { return };
    let responses = &operation["responses"];
    let status = status.to_string();
    let answered = if responses.get(&status).is_some() { status.as_str() } else { "default" };
    let Some(content) = responses[answered]["content"].as_object() else {
        assert!(reply.is_null(), "docs/openapi.json describes no body for {method} {path}: {reply}");
        return;
    };
    let kind = content.keys().next().unwrap().replace('/', "~1");
    let pattern = pattern.replace('/', "~1").replace('{', "%7B").replace('}', "%7D");
    let method = method.to_ascii_lowercase();
    let wrong = wrong(&format!("#/paths/{pattern}/{method}/responses/{answered}/content/{kind}/schema"), reply);
    assert!(wrong.is_empty(), "docs/openapi.json does not describe this reply of {method} {path}: {wrong}\n{reply}");
}

/// The path as it is described, and what is under it for a method. A path without `{…}` comes before one that has some.
fn admin_operation(method: &str, path: &str) -> Option<(&'static str, &'static Value)> {
    let is_of = |pattern: &str| {
        let (mut wanted, mut parts) = (pattern.split('/'), path.split('/'));
        loop {
            match (wanted.next(), parts.next()) {
                (None, None) => return true,
                (Some(wanted), Some(part)) if wanted == part || wanted.starts_with('{') => {}
                _ => return false,
            }
        }
    };
    let all = DOCUMENT["paths"].as_object().unwrap().iter();
    let admin = all.filter(|(pattern, _)| pattern.strip_prefix("/admin/v1/").is_some_and(is_of));
    let found = admin.filter_map(|(pattern, methods)| Some((pattern, methods.get(method.to_ascii_lowercase())?)));
    found
        .min_by_key(|(pattern, _)| pattern.matches('{').count())
        .map(|(pattern, operation)| (pattern.as_str(), operation))
}

fn wrong(target: &str, value: &Value) -> String {
    let wrong: Vec<String> = validator(target).iter_errors(value).map(|error| error.to_string()).collect();
    wrong.join("; ")
}

/// Each is made once; a test sends some commands often.
fn validator(target: &str) -> Arc<Validator> {
    static MADE: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let compile = || {
        // The document is its own root, so that its references lead somewhere.
        let mut root = DOCUMENT.clone();
        root["$ref"] = target.into();
        Arc::new(jsonschema::draft202012::new(&root).unwrap())
    };
    Arc::clone(made.entry(target.to_owned()).or_insert_with(compile))
}
