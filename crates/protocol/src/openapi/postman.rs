//! A Postman collection (format 2.1, which Apifox imports too) of a list of commands. Its pre-request script signs each call.

use super::doc::text;
use super::{description, parts, sample, service};
use crate::endpoint::Meta;
use serde_json::{Value, json};

/// The collection of these commands, for a server at this address.
pub fn postman(commands: &[&Meta], address: &str) -> Value {
    let about = text(
        "Set the variables sdkappid, key and identifier of this collection; each call is then signed before it is sent.",
        "请先填写本集合的变量 sdkappid、key、identifier；之后每次调用都会在发送前自动签名。",
    );
    let variable = |key: &str, value: &str| json!({"key": key, "value": value, "type": "string"});
    json!({
        "info": {
            "name": "Cubby",
            "description": about.to_string(),
            "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
        },
        "variable": [
            variable("base_url", address),
            variable("sdkappid", ""),
            variable("key", ""),
            variable("identifier", "administrator"),
        ],
        "event": [{
            "listen": "prerequest",
            "script": {"type": "text/javascript", "exec": include_str!("sign.js").lines().collect::<Vec<_>>()},
        }],
        "item": folders(commands),
    })
}

/// A folder for each service, in the order of the commands.
fn folders(commands: &[&Meta]) -> Vec<Value> {
    let of_one_service = |one: &&Meta, other: &&Meta| parts(one).0 == parts(other).0;
    let folder = |commands: &[&Meta]| {
        let items: Vec<Value> = commands.iter().map(|meta| item(meta)).collect();
        let (name, about) = commands.first().map(|meta| (parts(meta).0, service(meta.family).to_string())).unzip();
        json!({"name": name, "description": about, "item": items})
    };
    commands.chunk_by(of_one_service).map(folder).collect()
}

fn item(meta: &Meta) -> Value {
    let doc = meta.doc;
    let (service, command) = parts(meta);
    let query = [
        ("sdkappid", "{{sdkappid}}"),
        ("identifier", "{{identifier}}"),
        ("usersig", "{{usersig}}"),
        ("random", "{{random}}"),
        ("contenttype", "json"),
    ];
    let words: Vec<String> = query.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let request = json!({
        "method": "POST",
        "header": [{"key": "Content-Type", "value": "application/json"}],
        "url": {
            "raw": format!("{{{{base_url}}}}/v4/{}?{}", meta.path, words.join("&")),
            "host": ["{{base_url}}"],
            "path": ["v4", service, command],
            "query": query.map(|(key, value)| json!({"key": key, "value": value})),
        },
        "body": {"mode": "raw", "raw": indented(doc.sample_request), "options": {"raw": {"language": "json"}}},
        "description": description(meta),
    });
    json!({
        "name": format!("{command}: {} {}", doc.summary.en, doc.summary.zh),
        "request": request,
        "response": [{
            "name": "The documented sample. 文档示例。",
            "originalRequest": request,
            "status": "OK",
            "code": 200,
            "_postman_previewlanguage": "json",
            "header": [{"key": "Content-Type", "value": "application/json"}],
            "body": indented(doc.sample_reply),
        }],
    })
}

fn indented(text: &str) -> String {
    serde_json::to_string_pretty(&sample(text)).unwrap_or_default()
}
