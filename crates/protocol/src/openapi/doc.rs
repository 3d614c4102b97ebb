//! How a command is described: its fields, their bounds, its samples and its codes, each with an English and a Chinese text. A command's
//! `DOC` stands in the command's own file, beside what reads and writes these fields; what becomes of it is the business of its sisters.

use cubby_domain::Limits;

/// A text in both languages.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// English.
    pub en: &'static str,
    /// 中文.
    pub zh: &'static str,
}

/// A text in English and in Chinese.
pub const fn text(en: &'static str, zh: &'static str) -> Text {
    Text { en, zh }
}

/// A command, described. What every command has (the envelope, the codes of the gate, its family's codes for a bad parameter and an
/// internal error) is added to it and is not written here.
#[derive(Debug)]
pub struct Doc {
    /// What it does, in a few words.
    pub summary: Text,
    /// What one should know of it beside that.
    pub details: Text,
    /// The fields of a request.
    pub request: &'static [Field],
    /// The fields of a successful reply, without the envelope.
    pub reply: &'static [Field],
    /// The documented sample of a request.
    pub sample_request: &'static str,
    /// The documented sample of its reply.
    pub sample_reply: &'static str,
    /// The codes of its own.
    pub codes: &'static [u32],
    /// The codes that its items may have, where it has items: all of them but 0.
    pub item_codes: &'static [u32],
}

impl Doc {
    /// Whether the items of a request have a `ResultCode` each.
    pub fn has_item_results(&self) -> bool {
        fn within(fields: &[Field]) -> bool {
            fields.iter().any(|field| match (&field.kind, field.name) {
                (Kind::ItemCode, "ResultCode" | "Result") => true,
                (Kind::List(Kind::Object(fields)) | Kind::Object(fields), _) => within(fields),
                _ => false,
            })
        }
        within(self.reply)
    }
}

/// A field of a request or of a reply.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Other spellings that a request may have instead.
    pub also: &'static [&'static str],
    /// What it holds.
    pub kind: Kind,
    /// Whether it is always there.
    pub required: bool,
    /// What it means.
    pub text: Text,
}

/// A field that is always there.
pub const fn required(name: &'static str, kind: Kind, text: Text) -> Field {
    Field { name, also: &[], kind, required: true, text }
}

/// A field that may be left out.
pub const fn optional(name: &'static str, kind: Kind, text: Text) -> Field {
    Field { name, also: &[], kind, required: false, text }
}

impl Field {
    /// The field, with other spellings.
    #[must_use]
    pub const fn also(self, also: &'static [&'static str]) -> Self {
        Self { also, ..self }
    }
}

/// A number of the contract: a limit of the application, so that no number is written twice.
pub type Bound = fn(&Limits) -> u64;

/// What a field holds. A bound is one of requests; a reply is not bounded by what a request may hold now.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A text.
    Text,
    /// A text that is not empty and has at most so many bytes.
    TextWithin(Bound),
    /// A text that may be empty and has at most so many bytes.
    MaybeEmptyWithin(Bound),
    /// A text of this regular expression.
    Matching(&'static str),
    /// One of these words.
    Word(&'static [&'static str]),
    /// One of these numbers.
    Choice(&'static [i64]),
    /// A number.
    Integer,
    /// A number that is not negative.
    Count,
    /// A number from the first to the second.
    CountWithin(u64, Bound),
    /// The code of an item: 0, or one of the command's item codes.
    ItemCode,
    /// What an item's conversation was, repeated.
    Echo,
    /// Any object: what it holds is passed over.
    AnyObject,
    /// A number of 32 bits without a sign.
    Unsigned,
    /// An object with these fields.
    Object(&'static [Field]),
    /// An object of a form that several commands have.
    Shape(&'static Shape),
    /// A list.
    List(&'static Kind),
    /// A list of the first to the second number of items.
    ListWithin(u64, Bound, &'static Kind),
}

/// A form of an object that several commands have, described once. It is one of requests or one of replies, never of both: what a
/// request may hold is more than what a reply does.
#[derive(Debug)]
pub struct Shape {
    /// The name of the component.
    pub name: &'static str,
    /// What it is.
    pub text: Text,
    /// Its fields.
    pub fields: &'static [Field],
}
