//! A conversation on the wire: `{"Type":1,"To_Account"}` or `{"Type":2,"ToGroupId"}`, in three spellings, and its echo.

use crate::field::{BadField, Fields, Flaw};
use crate::json::{Json, Object};
use cubby_domain::{ChatGroupId, ConversationId, Limits, UserId};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

/// The vendor's own pages use all three; of several the first that is not empty counts (R-041).
pub(crate) const CHAT_GROUP_SPELLINGS: [&str; 3] = ["ToGroupId", "ToGroupid", "GroupId"];

/// What a reply repeats of an item's conversation (R-049): its own two fields where it is well formed, what was sent where it is not, and
/// `{}` where that is no object.
#[derive(Debug)]
pub enum Echo {
    /// A well-formed one.
    Conversation(ConversationId),
    /// An object that is none.
    AsSent(Box<RawValue>),
    /// No object.
    Nothing,
}

impl Echo {
    fn of(object: &Object<'_>) -> Self {
        let mut text = Vec::new();
        Json::Object(object.clone()).write(&mut text);
        let raw = String::from_utf8(text).ok().and_then(|text| RawValue::from_string(text).ok());
        raw.map_or(Self::Nothing, Self::AsSent)
    }
}

/// Reads a conversation: its echo, and the conversation or the flaw.
pub(crate) fn read(
    object: Option<&Object<'_>>,
    path: &str,
    limits: &Limits,
) -> (Echo, Result<ConversationId, BadField>) {
    let Some(object) = object else {
        let flaw = Flaw::NotA("an object");
        return (Echo::Nothing, Err(BadField { path: path.to_owned(), flaw }));
    };
    match conversation(&Fields::new(object, format!("{path}.")), limits) {
        Ok(id) => (Echo::Conversation(id.clone()), Ok(id)),
        Err(bad) => (Echo::of(object), Err(bad)),
    }
}

/// Writes the two fields of a recent contact, in which a chat group's id has its own spelling (269/62118).
pub(crate) fn write_recent<M: SerializeMap>(map: &mut M, id: &ConversationId) -> Result<(), M::Error> {
    match id {
        ConversationId::User(_) => write(map, id),
        ConversationId::ChatGroup(group) => {
            map.serialize_entry("Type", &2)?;
            map.serialize_entry("GroupId", group.as_str())
        }
    }
}

/// Reads the conversation of `recentcontact/delete` out of the request's own fields: here alone `type` is taken where there is no `Type`,
/// and, with 2 and no id of a chat group, `To_Account` for it: two published clients send these (R-088).
pub(crate) fn read_deleted(body: &Fields<'_>, limits: &Limits) -> Result<ConversationId, BadField> {
    let name = if body.value("Type").is_some() { "Type" } else { "type" };
    if body.value(name).is_none() {
        return Err(body.bad("Type", Flaw::Required));
    }
    let kind = body.choice(name, &[1, 2], KINDS)?;
    if kind == 2 && CHAT_GROUP_SPELLINGS.into_iter().all(|name| body.value(name).is_none()) {
        let missing = || body.bad("ToGroupid", Flaw::Required);
        let text = body.text_within("To_Account", limits.chat_group_id_bytes)?;
        let id = text.and_then(|text| ChatGroupId::new(text).ok());
        return id.map(ConversationId::ChatGroup).ok_or_else(missing);
    }
    of_kind(kind, body, limits)
}

const KINDS: &str = "1 (a user) or 2 (a chat group)";

/// Only the field of `Type` is looked at, whatever the others hold (R-042).
pub(crate) fn conversation(fields: &Fields<'_>, limits: &Limits) -> Result<ConversationId, BadField> {
    of_kind(fields.choice("Type", &[1, 2], KINDS)?, fields, limits)
}

fn of_kind(kind: i64, fields: &Fields<'_>, limits: &Limits) -> Result<ConversationId, BadField> {
    if kind == 1 {
        let name = "To_Account";
        let text = fields.text_within(name, limits.user_id_bytes)?;
        let id = text.and_then(|text| UserId::new(text).ok());
        return id.map(ConversationId::User).ok_or_else(|| fields.bad(name, Flaw::Required));
    }
    let [documented, ..] = CHAT_GROUP_SPELLINGS;
    let name = CHAT_GROUP_SPELLINGS.into_iter().find(|name| fields.value(name).is_some()).unwrap_or(documented);
    let text = fields.text_within(name, limits.chat_group_id_bytes)?;
    let id = text.and_then(|text| ChatGroupId::new(text).ok());
    id.map(ConversationId::ChatGroup).ok_or_else(|| fields.bad(name, Flaw::Required))
}

/// Writes the two fields of a conversation into a map that may have more.
pub(crate) fn write<M: SerializeMap>(map: &mut M, id: &ConversationId) -> Result<(), M::Error> {
    match id {
        ConversationId::User(user) => {
            map.serialize_entry("Type", &1)?;
            map.serialize_entry("To_Account", user.as_str())
        }
        ConversationId::ChatGroup(group) => {
            map.serialize_entry("Type", &2)?;
            map.serialize_entry("ToGroupId", group.as_str())
        }
    }
}

impl Serialize for Echo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::AsSent(raw) => raw.serialize(serializer),
            Self::Nothing => serializer.serialize_map(Some(0))?.end(),
            Self::Conversation(id) => {
                let mut map = serializer.serialize_map(Some(2))?;
                write(&mut map, id)?;
                map.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> (String, Result<ConversationId, String>) {
        let value = Json::parse(text.as_bytes(), 32).unwrap();
        let (echo, id) = read(crate::field::one_object(&value), "ContactItem", &Limits::default());
        (serde_json::to_string(&echo).unwrap(), id.map_err(|bad| bad.to_string()))
    }

    #[test]
    fn r_041_of_three_spellings_the_first_that_is_not_empty_counts_whatever_its_type() {
        let chat_group = |id: &str| Ok(ConversationId::ChatGroup(ChatGroupId::new(id).unwrap()));
        for (text, id) in [
            (r#"{"Type":2,"ToGroupId":"a","ToGroupid":"b","GroupId":"c"}"#, chat_group("a")),
            (r#"{"Type":2,"ToGroupId":"","ToGroupid":"b","GroupId":"c"}"#, chat_group("b")),
            (r#"{"Type":2,"ToGroupId":[],"ToGroupid":null,"GroupId":"c"}"#, chat_group("c")),
            (r#"{"Type":2,"ToGroupId":7,"GroupId":"c"}"#, Err("ContactItem.ToGroupId is not a string".to_owned())),
            (r#"{"Type":2,"togroupid":"c"}"#, Err("ContactItem.ToGroupId is required".to_owned())),
        ] {
            assert_eq!(read_text(text).1, id, "{text}");
        }
    }

    #[test]
    fn r_049_a_well_formed_one_is_echoed_in_the_documented_spelling_another_as_it_was_sent() {
        for (text, echo) in [
            (r#"{"To_Account":"u","Type":1,"x":1}"#, r#"{"Type":1,"To_Account":"u"}"#),
            (r#"[{"Type":2,"GroupId":"g"}]"#, r#"{"Type":2,"ToGroupId":"g"}"#),
            (r#"{"Type":1.0, "To_Account":"u"}"#, r#"{"Type":1.0,"To_Account":"u"}"#),
            (r#"{"Type":3,"Type":4,"a":{"b":[1e5]}}"#, r#"{"Type":4,"a":{"b":[1e5]}}"#),
            (r#"[{"Type":1,"To_Account":"u"},{}]"#, "{}"),
            ("5", "{}"),
        ] {
            assert_eq!(read_text(text).0, echo, "{text}");
        }
    }
}
