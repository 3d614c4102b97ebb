//! A request's body, before any one command looks at it: row 8 (it is a JSON object) and row 9 (ids of accounts are texts), and what
//! several commands read alike.

use crate::conversation::{self, Echo};
use crate::field::{BadField, Fields, Flaw, one_object};
use crate::json::{BadJson, Json, Object};
use cubby_domain::{ContactGroupName, ConversationId, ItemRefusal, Limits, Settings, UserId};

/// How deep a body is nested, itself counted (row 8, R-019).
pub(crate) const NESTING_MAX: usize = 32;
/// How large a body is (row 8).
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// Why a body is not a JSON object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadBody {
    /// There is nothing in it.
    #[error("the body is empty; it is a JSON object, {{}} where nothing is needed")]
    Empty,
    /// It is larger than [`BODY_BYTES_MAX`].
    #[error("the body is over {BODY_BYTES_MAX} bytes")]
    TooLarge,
    /// It is encoded.
    #[error("the body has a Content-Encoding; it is plain JSON")]
    Encoded,
    /// It could not be received whole.
    #[error("the body did not arrive whole")]
    Incomplete,
    /// It is no JSON.
    #[error("the body is not JSON: {0}")]
    NotJson(#[from] BadJson),
    /// It is JSON, and no object.
    #[error("the body is not a JSON object")]
    NotAnObject,
}

/// A request's body.
#[derive(Debug)]
pub struct Body<'a>(Object<'a>);

impl<'a> Body<'a> {
    /// Reads it. A byte order mark and white space around it are allowed; `[]`, which PHP makes of an empty array, is `{}`.
    ///
    /// # Errors
    /// Where it is not a JSON object in UTF-8 within the bounds.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, BadBody> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if bytes.is_empty() {
            return Err(BadBody::Empty);
        }
        match Json::parse(bytes, NESTING_MAX)? {
            Json::Object(object) => Ok(Self(object)),
            Json::Array(items) if items.is_empty() => Ok(Self(Object::default())),
            _ => Err(BadBody::NotAnObject),
        }
    }

    /// All that it holds.
    pub(crate) fn object(&self) -> &Object<'a> {
        &self.0
    }

    /// Its fields.
    pub fn fields(&self) -> Fields<'_> {
        Fields::new(&self.0, "")
    }

    /// Whether it is about an account: names it in a field of its own, and not within an item.
    pub fn is_about(&self, user: &str) -> bool {
        const NAMES: [&str; 8] = [
            "From_Account",
            "To_Account",
            "UserID",
            "Identifier",
            "Owner_Account",
            "Member_Account",
            "Report_Account",
            "Peer_Account",
        ];
        NAMES.iter().any(|name| matches!(self.0.get(name), Some(Json::String(text)) if text == user))
    }

    /// Whether an item of it names that id: an account, a chat group, a contact group.
    pub fn has_item(&self, id: &str) -> bool {
        self.0.iter().any(|(_, value)| !matches!(value, Json::String(_)) && names(value, id))
    }
}

/// Whether a text within a value is that one. A body is nested at most [`NESTING_MAX`] deep.
fn names(value: &Json<'_>, id: &str) -> bool {
    match value {
        Json::String(text) => text == id,
        Json::Array(items) => items.iter().any(|item| names(item, id)),
        Json::Object(object) => object.iter().any(|(_, value)| names(value, id)),
        _ => false,
    }
}

/// Row 9: the ids of accounts at the top level are texts, or null.
///
/// # Errors
/// The first that is something else.
pub(crate) fn require_account_types(body: &Fields<'_>) -> Result<(), BadField> {
    const NAMES: [&str; 5] = ["From_Account", "UserID", "Identifier", "Owner_Account", "Member_Account"];
    let wrong = |name: &&str| !matches!(body.raw(name), None | Some(Json::Null | Json::String(_)));
    match NAMES.into_iter().find(wrong) {
        Some(name) => Err(body.bad(name, Flaw::AccountType)),
        None => Ok(()),
    }
}

/// The id of an account that a request needs.
pub(crate) fn required_user(body: &Fields<'_>, name: &str, limits: &Limits) -> Result<UserId, BadField> {
    user(body, name, limits)?.ok_or_else(|| body.bad(name, Flaw::Required))
}

/// The id of an account that a request may name.
pub(crate) fn user(fields: &Fields<'_>, name: &str, limits: &Limits) -> Result<Option<UserId>, BadField> {
    let text = fields.text_within(name, limits.user_id_bytes)?;
    Ok(text.and_then(|text| UserId::new(text).ok()))
}

/// `From_Account`: whose data a contact command is about.
pub(crate) fn from_account(body: &Fields<'_>, settings: &Settings) -> Result<UserId, BadField> {
    required_user(body, "From_Account", &settings.limits)
}

/// The name that a contact group gets.
pub(crate) fn new_name(fields: &Fields<'_>, name: &str, limits: &Limits) -> Result<ContactGroupName, BadField> {
    let text = fields.required_text(name)?;
    let (bytes, max) = (text.len(), limits.contact_group_name_bytes);
    let too_long = || fields.bad(name, Flaw::ContactGroupName { bytes, max });
    if bytes as u64 > max {
        return Err(too_long());
    }
    ContactGroupName::new(text).map_err(|_| too_long())
}

/// An item's refusal out of a flaw of it.
pub(crate) fn malformed(bad: &BadField) -> ItemRefusal {
    ItemRefusal::Malformed(bad.to_string())
}

/// An item that is a conversation itself.
pub(crate) fn conversation_item(item: &Json<'_>, limits: &Limits) -> (Echo, Result<ConversationId, BadField>) {
    let object = match item {
        Json::Object(object) => Some(object),
        _ => None,
    };
    conversation::read(object, "ContactItem", limits)
}

/// The `ContactItem` of an item.
pub(crate) fn item_conversation(item: &Fields<'_>, limits: &Limits) -> (Echo, Result<ConversationId, BadField>) {
    let Some(value) = item.value("ContactItem") else {
        return (Echo::Nothing, Err(item.bad("ContactItem", Flaw::Required)));
    };
    conversation::read(one_object(value), "ContactItem", limits)
}

/// A number of an item as its echo repeats it: where it is an integer that fits 31 bits, else 0.
pub(crate) fn echoed_number(item: &Fields<'_>, name: &str) -> i64 {
    let n = item.integer(name, "").ok().flatten().unwrap_or_default();
    if (-0x7fff_ffff..=0x7fff_ffff).contains(&n) { n } else { 0 }
}

/// An id as it was sent: the text, the JSON of what is none, "" where there is nothing.
pub(crate) fn as_sent(value: Option<&Json<'_>>) -> String {
    match value {
        None | Some(Json::Null) => String::new(),
        Some(Json::String(text)) => text.clone().into_owned(),
        Some(other) => {
            let mut out = Vec::new();
            other.write(&mut out);
            String::from_utf8(out).unwrap_or_default()
        }
    }
}
