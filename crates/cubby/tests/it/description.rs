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
    paths.map(|path| path.strip_prefix("/v4/").expect("a command")).collect()
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
    let wrong: Vec<String> = validator(command, place).iter_errors(value).map(|error| error.to_string()).collect();
    wrong.join("; ")
}

/// Why a reply is not as described; "" where it is.
pub fn why_not_a_reply(command: &str, reply: &Value) -> String {
    why_not(command, REPLY, reply)
}

/// Each is made once; a test sends some commands often.
fn validator(command: &str, place: &str) -> Arc<Validator> {
    static MADE: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let target = format!("#/paths/~1v4~1{}/post/{place}", command.replace('/', "~1"));
    let mut made = MADE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let compile = || {
        // The document is its own root, so that its references lead somewhere.
        let mut root = DOCUMENT.clone();
        root["$ref"] = target.clone().into();
        Arc::new(jsonschema::draft202012::new(&root).unwrap())
    };
    Arc::clone(made.entry(target.clone()).or_insert_with(compile))
}
