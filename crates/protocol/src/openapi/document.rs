//! The OpenAPI 3.1 document of a list of commands.

use super::doc::{Field, Kind, Text, required, text};
use super::schema::{Direction, Schemas, insert};
use super::{description, parts, sample, service, table};
use crate::codes::{Code, bad_parameter, of_every_call, of_family};
use crate::endpoint::Meta;
use crate::hosts::HOSTS;
use cubby_domain::Limits;
use serde_json::{Map, Value, json};

/// The document of these commands, with the default limits, for a server at this address.
pub fn document(commands: &[&Meta], address: &str) -> Value {
    let mut components = Map::new();
    let mut paths = Map::new();
    for meta in commands {
        let operation = operation(meta, &mut components);
        paths.insert(format!("/v4/{}", meta.path), json!({ "post": operation }));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Cubby",
            "version": env!("CARGO_PKG_VERSION"),
            "description": about(),
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": servers(address),
        "tags": tags(commands),
        "paths": paths,
        "components": {"parameters": parameters(), "schemas": components},
    })
}

fn about() -> String {
    let about = text(
        "How each user of an instant-messaging app sorts conversations: conversation groups, standard marks, a custom mark. The REST `v4` API of Tencent Cloud IM for this.\n\nEvery call is answered with HTTP 200; `ErrorCode` tells how it went: 0, or a code. A failed reply is the envelope alone. A partly failed batch is OK; its items have a `ResultCode`. `null`, `\"\"` and `[]` mean the same as leaving a field out; fields that are not described are ignored. The bounds are the default limits; an application's own may differ.\n\nThe codes that every call may have:",
        "保存即时通信应用中每个用户如何整理会话：会话分组、标准会话标记、自定义会话标记。接口与腾讯云即时通信 IM 的 REST `v4` 兼容。\n\nHTTP 状态码始终为 200，结果见 `ErrorCode`：0 为成功，非 0 为失败。失败的应答只有公共字段。批量请求部分失败时整体仍为 OK，各项结果见 `ResultCode`。`null`、`\"\"`、`[]` 与不填该字段含义相同；未列出的字段会被忽略。所列上限为默认值，应用可以单独设置。\n\n每个接口都可能返回的错误码：",
    );
    format!("{about}\n\n{}", table("ErrorCode", of_every_call().collect()))
}

fn servers(address: &str) -> Value {
    let mut servers = vec![json!({"url": address, "description": "Cubby on this machine. 本机的 Cubby。"})];
    for host in HOSTS {
        let about = format!(
            "{}: a host of the documented API, for clients whose host names lead to Cubby. 文档中的接口域名，供域名已指向 Cubby 的客户端使用。",
            host.region
        );
        for name in [Some(host.domain), host.backup].into_iter().flatten() {
            servers.push(json!({"url": format!("https://{name}"), "description": about}));
        }
    }
    servers.into()
}

/// The services, in the order of the commands.
fn tags(commands: &[&Meta]) -> Value {
    let mut tags: Vec<Value> = commands
        .iter()
        .map(|meta| json!({"name": parts(meta).0, "description": service(meta.family).to_string()}))
        .collect();
    tags.dedup();
    tags.into()
}

fn operation(meta: &Meta, components: &mut Map<String, Value>) -> Value {
    let doc = meta.doc;
    let (service, command) = parts(meta);
    let limits = Limits::default();
    let mut schemas =
        Schemas { direction: Direction::Request, limits: &limits, item_codes: doc.item_codes, components };
    let request = schemas.object(doc.request);
    schemas.direction = Direction::Reply;
    let success = success(meta, &mut schemas);
    let reply = json!({
        "schema": {"oneOf": [success, failure(meta)]},
        "examples": {
            "success": {"summary": "The documented sample. 文档示例。", "value": sample(doc.sample_reply)},
            "failure": {"summary": "A failure. 失败。", "value": failed(meta)},
        },
    });
    json!({
        "operationId": command,
        "tags": [service],
        "summary": format!("{} {}", doc.summary.en, doc.summary.zh),
        "description": description(meta),
        "parameters": PARAMETERS.map(|(name, ..)| json!({"$ref": format!("#/components/parameters/{name}")})),
        "requestBody": {
            "required": true,
            "content": {"application/json": {"schema": request, "example": sample(doc.sample_request)}},
        },
        "responses": {"200": {
            "description": "Always, whatever `ErrorCode` says. 无论结果如何，HTTP 状态码始终为 200。",
            "content": {"application/json": reply},
        }},
    })
}

const ERROR_INFO: Field =
    required("ErrorInfo", Kind::Text, text("Why it failed; empty where it did not.", "失败原因；成功时为空字符串。"));

fn envelope(status: &str, codes: &Value, meta: &Meta) -> Vec<(&'static str, Value)> {
    let about = |text: Text, mut schema: Value| {
        insert(&mut schema, "description", text.to_string().into());
        schema
    };
    let mut members = vec![
        ("ActionStatus", about(text("OK or FAIL.", "处理结果：OK 成功，FAIL 失败。"), json!({"const": status}))),
        ("ErrorCode", about(text("0, or why it failed.", "错误码：0 为成功，非 0 为失败。"), codes.clone())),
        (ERROR_INFO.name, about(ERROR_INFO.text, json!({"type": "string"}))),
    ];
    if meta.error_display {
        members.push(("ErrorDisplay", about(text("Always empty.", "始终为空字符串。"), json!({"const": ""}))));
    }
    members
}

fn success(meta: &Meta, schemas: &mut Schemas<'_>) -> Value {
    let mut schema = schemas.object(meta.doc.reply);
    add(&mut schema, envelope("OK", &json!({"const": 0}), meta));
    schema
}

fn failure(meta: &Meta) -> Value {
    let own = meta.doc.codes.iter().map(|code| Code(*code));
    let mut codes: Vec<u32> = own.chain(of_family(meta.family)).chain(of_every_call()).map(|code| code.0).collect();
    codes.sort_unstable();
    codes.dedup();
    let mut schema = json!({"type": "object", "properties": {}, "additionalProperties": false});
    add(&mut schema, envelope("FAIL", &json!({"type": "integer", "enum": codes}), meta));
    schema
}

/// Adds properties that are always there.
fn add(schema: &mut Value, members: Vec<(&'static str, Value)>) {
    let Value::Object(schema) = schema else { return };
    for (name, member) in members {
        if let Value::Object(properties) = schema.entry("properties").or_insert_with(|| json!({})) {
            properties.insert(name.to_owned(), member);
        }
        if let Value::Array(required) = schema.entry("required").or_insert_with(|| json!([])) {
            required.push(name.into());
        }
    }
}

/// The reply to a request without a field that it needs.
fn failed(meta: &Meta) -> Value {
    let code = bad_parameter(meta.family);
    let field = meta.doc.request.first().map_or("", |field| field.name);
    let bytes = crate::envelope::failure(Some(meta), Code(code), &format!("{field} is required"));
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// The query parameters: name, type, meaning.
const PARAMETERS: [(&str, &str, Text); 5] = [
    ("sdkappid", "integer", text("The SDKAppID of the application.", "应用的 SDKAppID。")),
    ("identifier", "string", text("An administrator of the application.", "App 管理员帐号。")),
    ("usersig", "string", text("The UserSig of the administrator.", "该管理员帐号的 UserSig。")),
    ("random", "integer", text("A random unsigned 32-bit number.", "32 位无符号随机整数。")),
    ("contenttype", "string", text("Always json.", "固定为 json。")),
];

fn parameters() -> Value {
    let mut parameters = Map::new();
    for (name, kind, about) in PARAMETERS {
        let mut schema = json!({ "type": kind });
        match name {
            "random" => {
                insert(&mut schema, "minimum", 0.into());
                insert(&mut schema, "maximum", u32::MAX.into());
            }
            "contenttype" => insert(&mut schema, "enum", json!(["json"])),
            "sdkappid" => insert(&mut schema, "minimum", 1.into()),
            _ => insert(&mut schema, "minLength", 1.into()),
        }
        let parameter =
            json!({"name": name, "in": "query", "required": true, "schema": schema, "description": about.to_string()});
        parameters.insert(name.to_owned(), parameter);
    }
    parameters.into()
}
