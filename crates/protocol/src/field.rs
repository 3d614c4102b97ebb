//! One field of a request at a time: where it is absent, of the wrong type, out of its range. Fields that nobody asks for are passed
//! over (R-013). All that is tolerated of a field's form
//! ends here: `null`, `""` and `[]` are absent (R-011), one object is a list of one and a list of one object is that object (R-012).

use crate::json::{Integer, Json, Object};
use std::borrow::Cow;
use std::fmt;

/// A field that is wrong: where, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadField {
    /// Its path, as `UpdateGroup.NewGroupName`.
    pub path: String,
    /// How it is wrong.
    pub flaw: Flaw,
}

/// How a field is wrong. The code that a flaw has depends on the family of the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// It is needed and not there.
    Required,
    /// It is of another type.
    NotA(&'static str),
    /// It is a number, or a text, of no meaning here.
    Unknown {
        /// What it may be.
        wants: &'static str,
    },
    /// A text is too long.
    TooLong {
        /// Its bytes.
        bytes: usize,
        /// How many it may have.
        max: u64,
    },
    /// A list has too few or too many items.
    Count {
        /// How many it has.
        found: usize,
        /// The fewest.
        min: u64,
        /// The most.
        max: u64,
    },
    /// An account's id at the top level that is no text (row 9).
    AccountType,
    /// None, or too many, conversations to change.
    Conversations {
        /// How many there are.
        found: usize,
        /// The most.
        max: u64,
    },
    /// The name of a contact group is too long.
    ContactGroupName {
        /// Its bytes.
        bytes: usize,
        /// How many it may have.
        max: u64,
    },
    /// A batch of accounts is too large.
    Accounts {
        /// How many there are.
        found: usize,
        /// The most.
        max: u64,
    },
    /// A list of members is too large.
    Members {
        /// How many there are.
        found: usize,
        /// The most.
        max: u64,
    },
    /// A chat group's id is not well formed; the text says how.
    ChatGroupId(String),
    /// What the field asks for is not allowed with the rest of the request.
    NotAllowed(&'static str),
    /// It does not go with another field.
    NotBoth(&'static str),
    /// Two things are asked for at once.
    NotEmpty,
    /// A field of a message, whose codes are its own.
    Message(MessageFlaw),
}

/// How a field of a message is wrong. Between users each has a code of its own (269/1671).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageFlaw {
    /// `MsgBody` has not the form of a message.
    Form,
    /// `MsgBody` is not a list.
    NotAList,
    /// `MsgBody` is too long.
    TooLong {
        /// Its bytes.
        bytes: usize,
        /// How many it may have.
        max: u64,
        /// Whether it goes to many users.
        to_many: bool,
    },
    /// There is no recipient.
    Recipient,
    /// There is no sender.
    Sender,
    /// `MsgRandom` is none.
    Random,
    /// `MsgTimeStamp` is none.
    Time,
    /// `MsgLifeTime` is no integer.
    LifeTime,
    /// `MsgLifeTime` is out of its range.
    LifeTimeRange {
        /// The most seconds.
        max: u64,
    },
    /// `SyncOtherMachine` is no integer.
    SyncOtherMachine,
    /// There are too many recipients.
    Recipients {
        /// How many there are.
        found: usize,
        /// The most.
        max: u64,
    },
    /// Too many users are asked about.
    Peers {
        /// How many there are.
        found: usize,
        /// The most.
        max: u64,
    },
}

impl fmt::Display for MessageFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => f.write_str("is not a list of message elements, each an object with its MsgType"),
            Self::NotAList => f.write_str("is not a list"),
            Self::TooLong { bytes, max, .. } => write!(f, "is {bytes} bytes; at most {max}"),
            Self::Recipient | Self::Sender => f.write_str("is not the id of an account"),
            Self::Random => f.write_str("is not an unsigned 32-bit integer"),
            Self::Time => f.write_str("is not a Unix time in seconds"),
            Self::LifeTime | Self::SyncOtherMachine => f.write_str("is not an integer"),
            Self::LifeTimeRange { max } => write!(f, "is not 0 to {max} seconds"),
            Self::Recipients { found, max } | Self::Peers { found, max } => {
                write!(f, "has {found} accounts; at most {max}")
            }
        }
    }
}

impl fmt::Display for BadField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match &self.flaw {
            Flaw::Required => write!(f, "{path} is required"),
            Flaw::NotA(kind) => write!(f, "{path} is not {kind}"),
            Flaw::Unknown { wants } => write!(f, "{path} must be {wants}"),
            Flaw::TooLong { bytes, max } | Flaw::ContactGroupName { bytes, max } => {
                write!(f, "{path} is {bytes} bytes; at most {max}")
            }
            Flaw::Count { found, min, max } if min == max => write!(f, "{path} has {found} items; exactly {max}"),
            Flaw::Count { found, min, max } => write!(f, "{path} has {found} items; {min} to {max}"),
            Flaw::AccountType => write!(f, "{path} is not a string; the id of an account is one"),
            Flaw::Conversations { found: 0, max } => write!(f, "{path} has no conversations; 1 to {max}"),
            Flaw::Conversations { found, max } => write!(f, "{path} has {found} conversations; at most {max}"),
            Flaw::Accounts { found, max } => write!(f, "{path} has {found} accounts; at most {max}"),
            Flaw::Members { found, max } => write!(f, "{path} has {found} members; at most {max}"),
            Flaw::ChatGroupId(why) => write!(f, "{path} {why}"),
            Flaw::NotAllowed(why) | Flaw::NotBoth(why) => write!(f, "{path}: {why}"),
            Flaw::Message(flaw) => write!(f, "{path} {flaw}"),
            Flaw::NotEmpty => write!(f, "{path} must be empty in a rename; a request does one thing"),
        }
    }
}

/// Whether a value means the same as leaving the field out (R-011).
pub(crate) fn is_absent(value: &Json<'_>) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// An object of a request, and where it stands.
#[derive(Debug)]
pub struct Fields<'a> {
    object: &'a Object<'a>,
    prefix: Cow<'static, str>,
}

impl<'a> Fields<'a> {
    /// The object whose fields have this before their names in messages: "" or `UpdateGroup.`.
    pub fn new(object: &'a Object<'a>, prefix: impl Into<Cow<'static, str>>) -> Self {
        Self { object, prefix: prefix.into() }
    }

    /// A flaw of one of the fields.
    pub fn bad(&self, name: &str, flaw: Flaw) -> BadField {
        BadField { path: format!("{}{name}", self.prefix), flaw }
    }

    /// The value of a field as it stands, absent or not.
    pub fn raw(&self, name: &str) -> Option<&'a Json<'a>> {
        #[cfg(test)]
        asked::note(self.object, name);
        self.object.get(name)
    }

    /// The value of a field that is not absent.
    pub fn value(&self, name: &str) -> Option<&'a Json<'a>> {
        self.raw(name).filter(|value| !is_absent(value))
    }

    /// A text.
    ///
    /// # Errors
    /// Where it is something else.
    pub fn text(&self, name: &str) -> Result<Option<&'a str>, BadField> {
        match self.value(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.bad(name, Flaw::NotA("a string"))),
        }
    }

    /// A text that is needed.
    ///
    /// # Errors
    /// Where it is absent or something else.
    pub fn required_text(&self, name: &str) -> Result<&'a str, BadField> {
        self.text(name)?.ok_or_else(|| self.bad(name, Flaw::Required))
    }

    /// A text of at most so many bytes.
    ///
    /// # Errors
    /// Where it is something else, or longer.
    pub fn text_within(&self, name: &str, max: u64) -> Result<Option<&'a str>, BadField> {
        match self.text(name)? {
            Some(text) if text.len() as u64 > max => Err(self.bad(name, Flaw::TooLong { bytes: text.len(), max })),
            other => Ok(other),
        }
    }

    /// A JSON integer (R-014). One beyond 64 bits is out of every range.
    ///
    /// # Errors
    /// Where it is something else; `wants` says what it may be.
    pub fn integer(&self, name: &str, wants: &'static str) -> Result<Option<i64>, BadField> {
        let Some(value) = self.value(name) else { return Ok(None) };
        match value.integer() {
            Some(Integer::Fits(n)) => Ok(Some(n)),
            Some(_) => Err(self.bad(name, Flaw::Unknown { wants })),
            None => Err(self.bad(name, Flaw::NotA("an integer"))),
        }
    }

    /// A number that is none of a few, or is absent.
    ///
    /// # Errors
    /// Where it is absent, something else, or none of them.
    pub fn choice(&self, name: &str, among: &[i64], wants: &'static str) -> Result<i64, BadField> {
        let n = self.integer(name, wants)?.ok_or_else(|| self.bad(name, Flaw::Required))?;
        if among.contains(&n) { Ok(n) } else { Err(self.bad(name, Flaw::Unknown { wants })) }
    }

    /// A number that is not negative, 0 where it is absent.
    ///
    /// # Errors
    /// Where it is something else or negative.
    pub fn count(&self, name: &str) -> Result<Option<u64>, BadField> {
        const WANTS: &str = "an integer from 0 to 2^63-1";
        let n = self.integer(name, WANTS)?;
        n.map(|n| u64::try_from(n).map_err(|_| self.bad(name, Flaw::Unknown { wants: WANTS }))).transpose()
    }

    /// An object, or a list of exactly one object.
    ///
    /// # Errors
    /// Where it is something else.
    pub fn object(&self, name: &str) -> Result<Option<&'a Object<'a>>, BadField> {
        match self.value(name) {
            None => Ok(None),
            Some(value) => one_object(value).map(Some).ok_or_else(|| self.bad(name, Flaw::NotA("an object"))),
        }
    }

    /// A list of objects, or one object. The elements are not looked at.
    ///
    /// # Errors
    /// Where it is something else.
    pub fn objects(&self, name: &str) -> Result<Vec<&'a Json<'a>>, BadField> {
        match self.value(name) {
            None => Ok(Vec::new()),
            Some(Json::Array(items)) => Ok(items.iter().collect()),
            Some(value @ Json::Object(_)) => Ok(vec![value]),
            Some(_) => Err(self.bad(name, Flaw::NotA("a list of objects"))),
        }
    }

    /// A list of texts.
    ///
    /// # Errors
    /// Where it, or an element, is something else.
    pub fn texts(&self, name: &str) -> Result<Vec<&'a str>, BadField> {
        const LIST: Flaw = Flaw::NotA("a list of strings");
        let items = match self.value(name) {
            None => return Ok(Vec::new()),
            Some(Json::Array(items)) => items,
            Some(_) => return Err(self.bad(name, LIST)),
        };
        let text = |item: &'a Json<'a>| match item {
            Json::String(text) => Ok(&**text),
            _ => Err(self.bad(name, LIST)),
        };
        items.iter().map(text).collect()
    }
}

/// An object, or a list of exactly one object.
pub(crate) fn one_object<'a>(value: &'a Json<'a>) -> Option<&'a Object<'a>> {
    match value {
        Json::Object(object) => Some(object),
        Json::Array(items) => match items.as_slice() {
            [Json::Object(object)] => Some(object),
            _ => None,
        },
        _ => None,
    }
}

/// What fields a test's decoding asks for: that is what a command's description must name.
#[cfg(test)]
pub(crate) mod asked {
    use crate::json::Object;
    use std::cell::RefCell;

    /// Where an object stands in memory, and the name of a field of it.
    type Asked = Vec<(usize, String)>;

    thread_local! {
        static ASKED: RefCell<Asked> = const { RefCell::new(Vec::new()) };
    }

    pub(super) fn note(object: &Object<'_>, name: &str) {
        ASKED.with_borrow_mut(|asked| asked.push((std::ptr::from_ref(object).addr(), name.to_owned())));
    }

    /// The fields that are asked for while this runs.
    pub(crate) fn during(run: impl FnOnce()) -> Asked {
        ASKED.take();
        run();
        ASKED.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<T>(body: &str, check: impl FnOnce(&Fields<'_>) -> T) -> T {
        let Ok(Json::Object(object)) = Json::parse(body.as_bytes(), 32) else { panic!("{body} is no object") };
        check(&Fields::new(&object, "Outer."))
    }

    #[test]
    fn r_011_null_the_empty_text_and_the_empty_list_are_absent_and_nothing_else_is() {
        for (body, absent) in [
            ("{}", true),
            (r#"{"x":null}"#, true),
            (r#"{"x":""}"#, true),
            (r#"{"x":[]}"#, true),
            (r#"{"x":{}}"#, false),
            (r#"{"x":0}"#, false),
            (r#"{"x":false}"#, false),
            (r#"{"x":[null]}"#, false),
            (r#"{"x":" "}"#, false),
        ] {
            assert_eq!(with(body, |fields| fields.value("x").is_none()), absent, "{body}");
        }
    }

    #[test]
    fn r_012_one_object_is_a_list_of_one_and_a_list_of_exactly_one_object_is_that_object() {
        for (body, objects, object) in [
            (r#"{"x":{"a":1}}"#, Some(1), true),
            (r#"{"x":[{"a":1}]}"#, Some(1), true),
            (r#"{"x":[{},{}]}"#, Some(2), false),
            (r#"{"x":[[{}]]}"#, Some(1), false),
            (r#"{"x":[5]}"#, Some(1), false),
            (r#"{"x":"text"}"#, None, false),
            (r#"{"x":5}"#, None, false),
        ] {
            assert_eq!(with(body, |fields| fields.objects("x").ok().map(|list| list.len())), objects, "{body}");
            assert_eq!(with(body, |fields| matches!(fields.object("x"), Ok(Some(_)))), object, "{body}");
        }
    }

    #[test]
    fn r_014_a_number_is_a_json_integer_and_one_beyond_64_bits_is_out_of_every_range() {
        let read = |value: &str| with(&format!(r#"{{"x":{value}}}"#), |fields| fields.choice("x", &[0, 1], "0 or 1"));
        assert_eq!((read("-0"), read("1")), (Ok(0), Ok(1)));
        for value in ["1.0", "1e0", "true", "{}", r#""1""#, "[1]"] {
            assert_eq!(read(value).unwrap_err().flaw, Flaw::NotA("an integer"), "{value}");
        }
        for value in ["2", "-1", "4294967297", "18446744073709551617", "-9223372036854775809"] {
            assert_eq!(read(value).unwrap_err().flaw, Flaw::Unknown { wants: "0 or 1" }, "{value}");
        }
    }

    #[test]
    fn a_flaw_names_the_field_and_the_bound() {
        let bad = with(r#"{"Name":"0123456789"}"#, |fields| fields.text_within("Name", 9).unwrap_err());
        assert_eq!(bad.to_string(), "Outer.Name is 10 bytes; at most 9");
        let bad = with("{}", |fields| fields.required_text("Name").unwrap_err());
        assert_eq!(bad.to_string(), "Outer.Name is required");
    }
}
