//! A conversation on the wire: `{"Type":1,"To_Account"}` or `{"Type":2,"ToGroupId"}`, in three spellings, and its echo.

use crate::field::{BadField, Fields, Flaw};
use crate::json::{Json, Object};
use cubby_domain::{ChatGroupId, ConversationId, Limits, UserId};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

/// The vendor's own pages use all three; of several the first that is not empty counts.
const CHAT_GROUP_SPELLINGS: [&str; 3] = ["ToGroupId", "ToGroupid", "GroupId"];

/// What a reply repeats of an item's conversation: its own two fields where it is well formed, what was sent where it is not, and
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

/// Only the field of `Type` is looked at, whatever the others hold.
fn conversation(fields: &Fields<'_>, limits: &Limits) -> Result<ConversationId, BadField> {
    match fields.choice("Type", &[1, 2], "1 (a user) or 2 (a chat group)")? {
        1 => {
            let name = "To_Account";
            let text = fields.text_within(name, limits.user_id_bytes)?;
            let id = text.and_then(|text| UserId::new(text).ok());
            id.map(ConversationId::User).ok_or_else(|| fields.bad(name, Flaw::Required))
        }
        _ => {
            let [documented, ..] = CHAT_GROUP_SPELLINGS;
            let name = CHAT_GROUP_SPELLINGS.into_iter().find(|name| fields.value(name).is_some());
            let name = name.unwrap_or(documented);
            let text = fields.text_within(name, limits.chat_group_id_bytes)?;
            let id = text.and_then(|text| ChatGroupId::new(text).ok());
            id.map(ConversationId::ChatGroup).ok_or_else(|| fields.bad(name, Flaw::Required))
        }
    }
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
