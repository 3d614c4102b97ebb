//! The surface, described: its paths and forms for the OpenAPI document, made of the table of routes and of the types themselves.

use super::problem::Problem;
use super::routes::{Described, described};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

const TAG: &str = "admin";
/// Where forms stand in the document.
const SCHEMAS: &str = "#/components/schemas/";
/// What precedes the names of this surface's forms: `/v4` has forms of the same names.
const PREFIX: &str = "Admin";

/// Adds the surface to an OpenAPI document.
pub(crate) fn describe(document: &mut Value) {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut generator = SchemaGenerator::new(settings);
    let problem = generator.subschema_for::<Problem>();
    let mut paths: Map<String, Value> = Map::new();
    for one in described() {
        let operation = operation(one, &mut generator, &problem.clone().to_value());
        let path = format!("{}/{}", super::ROOT, one.path);
        let methods = paths.entry(path).or_insert_with(|| json!({}));
        insert(methods, &one.method.to_ascii_lowercase(), operation);
    }
    let tag = json!({
        "name": TAG,
        "description": "Steering a running server: applications, faults, the clock, the record of calls. With the admin token, or on an emulator.\n\n管理正在运行的服务：应用、故障、时钟、调用记录。需要管理令牌，或使用模拟器模式。",
    });
    if let Some(tags) = document.get_mut("tags").and_then(Value::as_array_mut) {
        tags.push(tag);
    }
    let mut paths = Value::Object(paths);
    rename(&mut paths);
    if let (Some(all), Value::Object(paths)) = (document.get_mut("paths").and_then(Value::as_object_mut), paths) {
        all.extend(paths);
    }
    if let Some(components) = document.get_mut("components") {
        let token =
            json!({"adminToken": {"type": "http", "scheme": "bearer", "description": "The admin token. 管理令牌。"}});
        insert(components, "securitySchemes", token);
        if let Some(schemas) = components.get_mut("schemas").and_then(Value::as_object_mut) {
            for (name, mut schema) in generator.take_definitions(true) {
                rename(&mut schema);
                schemas.insert(format!("{PREFIX}{name}"), schema);
            }
        }
    }
}

/// Lets references lead to the forms by the names that they have in the document.
fn rename(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(target) if name == "$ref" => {
                        *target = target.replace(SCHEMAS, &format!("{SCHEMAS}{PREFIX}"));
                    }
                    other => rename(other),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(rename),
        _ => {}
    }
}

fn operation(one: &Described, generator: &mut SchemaGenerator, problem: &Value) -> Value {
    let parameters: Vec<Value> = path_parameters(one.path).chain(query_parameters(one)).collect();
    let mut operation = json!({
        "tags": [TAG],
        "operationId": operation_id(one),
        "summary": format!("{} {}", one.text.en, one.text.zh),
        // An emulator asks for nothing.
        "security": [{"adminToken": []}, {}],
        "parameters": parameters,
    });
    if let Some(takes) = one.takes {
        let content = json!({"application/json": {"schema": takes(generator).to_value()}});
        insert(&mut operation, "requestBody", json!({"required": true, "content": content}));
    }
    let (status, success) = match one.gives {
        None => ("204", json!({"description": "Done. 已完成。"})),
        Some(gives) => {
            let kind = if one.live { "text/event-stream" } else { "application/json" };
            let schema = gives(generator).to_value();
            let status = if one.created { "201" } else { "200" };
            (status, json!({"description": "Done. 已完成。", "content": {kind: {"schema": schema}}}))
        }
    };
    let failed = json!({
        "description": "Not granted; `detail` names the field. 请求未被接受，`detail` 指出有误的字段。",
        "content": {"application/problem+json": {"schema": problem}},
    });
    insert(&mut operation, "responses", json!({status: success, "default": failed}));
    operation
}

fn operation_id(one: &Described) -> String {
    let parts = one.path.split(['/', '-']).map(|part| part.trim_matches(['{', '}']));
    std::iter::once(one.method.to_ascii_lowercase()).chain(parts.map(str::to_owned)).collect::<Vec<_>>().join("_")
}

fn path_parameters(path: &str) -> impl Iterator<Item = Value> {
    let named = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    named.map(|name| {
        let number = matches!(name, "sdkappid" | "fault" | "call");
        let schema = if number { json!({"type": "integer", "minimum": 0}) } else { json!({"type": "string"}) };
        json!({"name": name, "in": "path", "required": true, "schema": schema})
    })
}

fn query_parameters(one: &Described) -> impl Iterator<Item = Value> {
    one.query.iter().map(|(name, number, text)| {
        let schema = if *number { json!({"type": "integer", "minimum": 0}) } else { json!({"type": "string"}) };
        json!({"name": name, "in": "query", "description": text.to_string(), "schema": schema})
    })
}

fn insert(object: &mut Value, name: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}
