//! Goes through a body beside its description: every object of the body that the description knows, with the fields it may have. What is
//! tolerated of a body's form is followed; what is in it is judged by those who look.

use crate::field::one_object;
use crate::json::{Json, Object};
use crate::openapi::{Field, Kind};

/// The field that a name of a body stands for, in whichever of its spellings.
pub(super) fn field_of(fields: &'static [Field], name: &str) -> Option<&'static Field> {
    fields.iter().find(|field| field.name == name || field.also.contains(&name))
}

/// The fields of an object of this kind; none where it is no object with fields of its own.
pub(super) fn fields_of(kind: &Kind) -> Option<&'static [Field]> {
    match kind {
        Kind::Object(fields) => Some(fields),
        Kind::Shape(shape) => Some(shape.fields),
        _ => None,
    }
}

/// What the items of a list are.
pub(super) fn item_of(kind: &Kind) -> Option<&'static Kind> {
    match kind {
        Kind::List(item) | Kind::ListWithin(_, _, item) => Some(item),
        _ => None,
    }
}

/// Shows each known object to `look`: what stands before the names of its fields (`UpdateGroup.`), the object, and its fields.
pub(super) fn objects<'a>(
    object: &'a Object<'a>,
    fields: &'static [Field],
    prefix: &str,
    look: &mut impl FnMut(&str, &'a Object<'a>, &'static [Field]),
) {
    look(prefix, object, fields);
    for (name, value) in object.iter() {
        let Some(kind) = field_of(fields, name).map(|field| &field.kind) else { continue };
        let path = format!("{prefix}{name}");
        if let Some(fields) = fields_of(kind) {
            if let Some(inner) = one_object(value) {
                let index = if matches!(value, Json::Array(_)) { "[0]" } else { "" };
                objects(inner, fields, &format!("{path}{index}."), look);
            }
        } else if let Some(fields) = item_of(kind).and_then(fields_of) {
            match value {
                Json::Object(inner) => objects(inner, fields, &format!("{path}."), look),
                Json::Array(items) => {
                    for (n, item) in items.iter().enumerate() {
                        let Json::Object(inner) = item else { continue };
                        objects(inner, fields, &format!("{path}[{n}]."), look);
                    }
                }
                _ => {}
            }
        }
    }
}

/// Shows each described field to `look`: what stands before its name, a list's items as `[]`, and the field.
pub(super) fn described(fields: &'static [Field], prefix: &str, look: &mut impl FnMut(&str, &'static Field)) {
    for field in fields {
        look(prefix, field);
        if let Some(inner) = fields_of(&field.kind) {
            described(inner, &format!("{prefix}{}.", field.name), look);
        } else if let Some(inner) = item_of(&field.kind).and_then(fields_of) {
            described(inner, &format!("{prefix}{}[].", field.name), look);
        }
    }
}
