//! Fields of a request that no one reads, and what they were probably meant to be. What is read is what the command's description
//! names; that the two agree is a test of the description.

use super::walk::{described, field_of, objects};
use super::{TOLD_MAX, cut};
use crate::decode::Body;
use crate::endpoint::Meta;
use crate::near::near;
use crate::openapi::{Field, Text, text};
use serde::Serialize;
use std::collections::BTreeSet;

/// How many guesses are made of one field.
const GUESSES_MAX: usize = 3;

/// A field that nobody reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ignored {
    /// Where it stands: `UpdateGroup.NewGropName`, `ContactItem[2].Foo`.
    pub path: String,
    /// What it was probably meant to be, the likeliest first.
    pub meant: Vec<Meant>,
}

/// A field that there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Meant {
    /// Where it stands, `[]` for the items of a list: `UpdateGroup.NewGroupName`, `MarkItem[].SetMark`.
    pub path: String,
    /// What the two have in common.
    pub likeness: Likeness,
}

/// How a field that nobody reads is like one that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// The same letters, in another case or with other underscores.
    Letters,
    /// A near spelling.
    Spelling,
    /// The same name, in another object.
    Place,
    /// A name of the same letters or of a near spelling, in another object.
    PlaceAndSpelling,
}

impl Likeness {
    /// The likeness in words.
    pub fn text(self) -> Text {
        match self {
            Self::Letters => text(
                "the same letters, in another case or with other underscores; both count",
                "字母相同，但大小写或下划线不同；字段名区分大小写与下划线",
            ),
            Self::Spelling => text("a near spelling", "拼写相近"),
            Self::Place => text("the same name, but it belongs in another object", "名称相同，但应位于另一层对象中"),
            Self::PlaceAndSpelling => {
                text("a like name, and it belongs in another object", "名称相近，且应位于另一层对象中")
            }
        }
    }
}

/// The fields of a request that no one reads, in the order in which they stand in it, at most [`TOLD_MAX`] of them. A body that is no
/// JSON object has none: it was refused before anybody looked for a field.
pub fn ignored(meta: &Meta, body: &[u8]) -> Vec<Ignored> {
    let Ok(body) = Body::parse(body) else { return Vec::new() };
    let mut found = Vec::new();
    objects(body.object(), meta.doc.request, "", &mut |prefix, object, fields| {
        for (name, _) in object.iter() {
            if found.len() < TOLD_MAX && field_of(fields, name).is_none() {
                let path = format!("{prefix}{}", cut(name));
                found.push(Ignored { path, meant: meant(name, prefix, fields, meta.doc.request) });
            }
        }
    });
    found
}

/// What a name may have been meant to be: a field of the same object, or else of another.
fn meant(name: &str, prefix: &str, here: &'static [Field], everywhere: &'static [Field]) -> Vec<Meant> {
    let mut found: Vec<Meant> = like(name, here.iter().map(|field| field.name))
        .into_iter()
        .map(|(known, likeness)| Meant { path: format!("{prefix}{known}"), likeness })
        .collect();
    // A name that is like one of its own object was hardly meant for another, unless it is that other's own name.
    let is_at_home = !found.is_empty();
    let mut places: Vec<(String, &'static str)> = Vec::new();
    described(everywhere, "", &mut |prefix, field| places.push((prefix.to_owned(), field.name)));
    let names: BTreeSet<&str> = places.iter().map(|(_, name)| *name).collect();
    let elsewhere = like(name, names).into_iter().map(|(known, _)| known);
    for known in elsewhere.filter(|known| here.iter().all(|field| field.name != *known)) {
        let likeness = if known == name { Likeness::Place } else { Likeness::PlaceAndSpelling };
        if likeness == Likeness::Place || !is_at_home {
            let there = places.iter().filter(|(_, one)| *one == known);
            found.extend(there.map(|(prefix, name)| Meant { path: format!("{prefix}{name}"), likeness }));
        }
    }
    found.sort_by_key(|one| one.likeness);
    found.truncate(GUESSES_MAX);
    found
}

/// The known names that a name is like.
fn like<'a>(name: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> Vec<(&'a str, Likeness)> {
    let bare = bare(name);
    let same: Vec<_> = known.clone().into_iter().filter(|one| self::bare(one) == bare).collect();
    if !same.is_empty() {
        return same.into_iter().map(|one| (one, Likeness::Letters)).collect();
    }
    near(name, known).into_iter().map(|one| (one, Likeness::Spelling)).collect()
}

/// A name without what programmers' conventions change of it: `from_account`, `fromAccount` and `From_Account` are one.
fn bare(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}
