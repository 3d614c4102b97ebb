//! Fields as JSON Schema. A request's schema allows more fields, since unknown ones are ignored; a reply's does not.

use super::doc::{Bound, Field, Kind, Shape, text};
use cubby_domain::Limits;
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// Whether a schema is of what comes or of what goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Request,
    Reply,
}

/// Writes the schemas of one direction of one command; the forms it meets become components.
#[derive(Debug)]
pub(super) struct Schemas<'a> {
    pub(super) direction: Direction,
    pub(super) limits: &'a Limits,
    /// The codes of the command's items.
    pub(super) item_codes: &'a [u32],
    /// `components.schemas`.
    pub(super) components: &'a mut Map<String, Value>,
}

impl Schemas<'_> {
    /// An object with these fields.
    pub(super) fn object(&mut self, fields: &[Field]) -> Value {
        let mut properties = Map::new();
        for field in fields {
            properties.insert(field.name.to_owned(), self.property(field));
            for spelling in field.also {
                properties.insert((*spelling).to_owned(), self.other_spelling(field));
            }
        }
        let mut schema = json!({"type": "object", "properties": properties});
        let required: Vec<_> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
        if !required.is_empty() {
            insert(&mut schema, "required", required.into());
        }
        if self.direction == Direction::Reply {
            insert(&mut schema, "additionalProperties", false.into());
        }
        schema
    }

    fn property(&mut self, field: &Field) -> Value {
        let mut schema = self.kind(&field.kind);
        let mut description = field.text.to_string();
        if let Kind::TextWithin(bound) | Kind::MaybeEmptyWithin(bound) = field.kind {
            let bytes = bound(self.limits);
            _ = write!(description, "\n\nAt most {bytes} bytes of UTF-8. 最长 {bytes} 字节（UTF-8）。");
        }
        insert(&mut schema, "description", description.into());
        schema
    }

    fn other_spelling(&mut self, field: &Field) -> Value {
        let mut schema = self.kind(&field.kind);
        let name = field.name;
        insert(&mut schema, "description", format!("Another spelling of {name}.\n\n{name} 的另一种写法。").into());
        insert(&mut schema, "deprecated", true.into());
        schema
    }

    fn kind(&mut self, kind: &Kind) -> Value {
        match kind {
            Kind::Text => json!({"type": "string"}),
            Kind::TextWithin(bound) => self.text_within(1, *bound),
            Kind::MaybeEmptyWithin(bound) => self.text_within(0, *bound),
            Kind::Matching(pattern) => json!({"type": "string", "pattern": pattern}),
            Kind::Word(words) => json!({"type": "string", "enum": words}),
            Kind::Choice(numbers) => json!({"type": "integer", "enum": numbers}),
            Kind::Integer => json!({"type": "integer", "format": "int32"}),
            Kind::Count => json!({"type": "integer", "format": "int64", "minimum": 0}),
            Kind::CountWithin(min, max) => json!({"type": "integer", "minimum": min, "maximum": max(self.limits)}),
            Kind::ItemCode => {
                let codes: Vec<u32> = [0].into_iter().chain(self.item_codes.iter().copied()).collect();
                json!({"type": "integer", "enum": codes})
            }
            Kind::Echo => self.component("EchoedConversation", |_| echo()),
            Kind::AnyObject => json!({"type": "object"}),
            Kind::Unsigned => json!({"type": "integer", "format": "int64", "minimum": 0, "maximum": u32::MAX}),
            Kind::Object(fields) => self.object(fields),
            Kind::Shape(shape) => self.shape(shape),
            Kind::List(item) => json!({"type": "array", "items": self.kind(item)}),
            Kind::ListWithin(min, max, item) => {
                let max = max(self.limits);
                json!({"type": "array", "minItems": min, "maxItems": max, "items": self.kind(item)})
            }
        }
    }

    /// A bound in bytes is one in characters too, though not the tightest.
    fn text_within(&self, min: u64, bound: Bound) -> Value {
        let bytes = bound(self.limits);
        json!({"type": "string", "minLength": min, "maxLength": bytes, "x-maxBytes": bytes})
    }

    fn shape(&mut self, shape: &Shape) -> Value {
        self.component(shape.name, |schemas| {
            let mut schema = schemas.object(shape.fields);
            insert(&mut schema, "description", shape.text.to_string().into());
            schema
        })
    }

    fn component(&mut self, name: &str, schema: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.components.contains_key(name) {
            let schema = schema(self);
            self.components.insert(name.to_owned(), schema);
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }
}

/// What an item's conversation was, repeated: as documented where it is well formed, else as it was sent.
fn echo() -> Value {
    let one = |kind: u8, name: &str| {
        json!({
            "type": "object",
            "properties": {"Type": {"const": kind}, name: {"type": "string"}},
            "required": ["Type", name],
            "additionalProperties": false,
        })
    };
    let about = text(
        "The conversation of the request's item: `Type` and its own id where it is well formed, else the object as it was sent (`{}` where it was none).",
        "请求中对应的会话：格式正确时只含 `Type` 与对应的 ID；否则原样返回所发送的对象（不是对象时为 `{}`）。",
    );
    json!({
        "description": about.to_string(),
        "anyOf": [one(1, "To_Account"), one(2, "ToGroupId"), {"type": "object"}],
    })
}

/// Puts a member into an object.
pub(super) fn insert(schema: &mut Value, name: &str, value: Value) {
    if let Value::Object(members) = schema {
        members.insert(name.to_owned(), value);
    }
}
