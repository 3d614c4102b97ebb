//! Patterns: how what is expected of a reply is written, and in what a reply differs from it: in behaviour or in wording only. Nothing
//! here knows the API but the names of its codes and of its texts for people.

use super::scenario::Source;
use serde::Serialize;
use serde_json::{Map, Value};

/// The members that hold texts for people.
const TEXTS: [&str; 2] = ["ErrorInfo", "ResultInfo"];
/// The members that hold codes.
const CODES: [&str; 2] = ["ErrorCode", "ResultCode"];
/// How far a server's clock may be from this machine's, in seconds.
const CLOCKS_APART: u64 = 300;

/// What a difference is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Code,
    Presence,
    Value,
    Type,
    /// A text for people.
    Text,
    /// A member that nothing is said of.
    Extra,
}

impl Kind {
    /// Whether a client can be broken by it. What says the same in other words, or says more, breaks none.
    pub(super) fn is_behaviour(self) -> bool {
        !matches!(self, Self::Text | Self::Extra)
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Presence => "presence",
            Self::Value => "value",
            Self::Type => "type",
            Self::Text => "text",
            Self::Extra => "extra member",
        }
    }
}

/// A place in which a reply is not what is expected.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Difference {
    pub(super) kind: Kind,
    pub(super) source: Source,
    /// A JSON Pointer.
    pub(super) path: String,
    pub(super) expected: String,
    /// Null where there is nothing.
    pub(super) got: Value,
}

/// A pattern. JSON that is no operator stands for itself.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Pattern {
    /// A number, text, boolean or null.
    Exactly(Value),
    /// `"$any"`
    Any,
    /// `"$absent"`: there is no such member.
    Absent,
    /// `"$string"`
    String,
    /// `"$integer"`
    Integer,
    /// `"$time"`: a Unix time near now.
    Time,
    /// `{"$starts": TEXT}`
    Starts(String),
    /// `{"$over": N}`: a greater integer.
    Over(i64),
    /// `{"$count": N}`: a list of so many.
    Count(usize),
    /// `{"$each": P}`: a list of such items.
    Each(Box<Self>),
    /// `{"$any_order": [P…]}`
    AnyOrder(Vec<Self>),
    /// `{"$includes": [P…]}`
    Includes(Vec<Self>),
    /// `{"$one_of": [P…]}`
    OneOf(Vec<Self>),
    List(Vec<Self>),
    /// An object, and whether a member that is not named is a difference: it is not in `{"$part": {…}}`.
    Object(Vec<(String, Self)>, bool),
    /// `{"$source": S, "is": P}`: expected for another reason than the rest.
    Sourced(Source, Box<Self>),
}

/// What is no pattern.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no pattern")]
pub(super) struct NoPattern(String);

impl Pattern {
    /// Reads a pattern whose variables are filled in.
    pub(super) fn read(value: &Value) -> Result<Self, NoPattern> {
        match value {
            Value::String(text) if text.starts_with('$') => match text.as_str() {
                "$any" => Ok(Self::Any),
                "$absent" => Ok(Self::Absent),
                "$string" => Ok(Self::String),
                "$integer" => Ok(Self::Integer),
                "$time" => Ok(Self::Time),
                other => Err(NoPattern(other.to_owned())),
            },
            Value::Array(items) => Ok(Self::List(Self::read_all(items)?)),
            Value::Object(object) => match object.iter().find(|(name, _)| name.starts_with('$')) {
                Some((name, of)) => Self::operator(name, of, object),
                None => Self::object(object, true),
            },
            other => Ok(Self::Exactly(other.clone())),
        }
    }

    fn read_all(items: &[Value]) -> Result<Vec<Self>, NoPattern> {
        items.iter().map(Self::read).collect()
    }

    fn object(object: &Map<String, Value>, whole: bool) -> Result<Self, NoPattern> {
        let members = object.iter().map(|(name, one)| Ok((name.clone(), Self::read(one)?)));
        Ok(Self::Object(members.collect::<Result<_, _>>()?, whole))
    }

    fn operator(name: &str, of: &Value, object: &Map<String, Value>) -> Result<Self, NoPattern> {
        let wrong = || NoPattern(Value::Object(object.clone()).to_string());
        let list = || of.as_array().ok_or_else(wrong).and_then(|items| Self::read_all(items));
        if name == "$source" {
            let (Some(source), Some(is), 2) = (of.as_str(), object.get("is"), object.len()) else {
                return Err(wrong());
            };
            let source = Source::try_from(source.to_owned()).map_err(NoPattern)?;
            return Ok(Self::Sourced(source, Box::new(Self::read(is)?)));
        }
        if object.len() != 1 {
            return Err(wrong());
        }
        match name {
            "$starts" => Ok(Self::Starts(of.as_str().ok_or_else(wrong)?.to_owned())),
            "$over" => Ok(Self::Over(of.as_i64().ok_or_else(wrong)?)),
            "$count" => Ok(Self::Count(of.as_u64().and_then(|n| n.try_into().ok()).ok_or_else(wrong)?)),
            "$each" => Ok(Self::Each(Box::new(Self::read(of)?))),
            "$part" => Self::object(of.as_object().ok_or_else(wrong)?, false),
            "$any_order" => Ok(Self::AnyOrder(list()?)),
            "$includes" => Ok(Self::Includes(list()?)),
            "$one_of" => Ok(Self::OneOf(list()?)),
            _ => Err(wrong()),
        }
    }

    /// The pattern for people.
    fn told(&self) -> String {
        fn all(patterns: &[Pattern]) -> String {
            patterns.iter().map(Pattern::told).collect::<Vec<_>>().join(", ")
        }
        match self {
            Self::Exactly(value) => value.to_string(),
            Self::Any => "anything".to_owned(),
            Self::Absent => "no such member".to_owned(),
            Self::String => "a string".to_owned(),
            Self::Integer => "an integer".to_owned(),
            Self::Time => "a Unix time near now".to_owned(),
            Self::Starts(text) => format!("a string that begins with {text:?}"),
            Self::Over(least) => format!("an integer over {least}"),
            Self::Count(1) => "a list of 1 item".to_owned(),
            Self::Count(count) => format!("a list of {count} items"),
            Self::Each(each) => format!("a list, each item of it {}", each.told()),
            Self::AnyOrder(items) => format!("in any order [{}]", all(items)),
            Self::Includes(items) => format!("a list with {}", all(items)),
            Self::OneOf(items) => format!("one of {}", all(items)),
            Self::List(items) => format!("[{}]", all(items)),
            Self::Object(members, _) => {
                let members = members.iter().map(|(name, one)| format!("{name:?}: {}", one.told()));
                format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
            }
            Self::Sourced(_, of) => of.told(),
        }
    }
}

/// Where in a reply we are, and why it should be as it is expected.
#[derive(Debug, Clone)]
struct Place {
    path: String,
    /// The name of the member.
    name: String,
    source: Source,
}

impl Place {
    fn of(&self, name: &str) -> Self {
        let escaped = name.replace('~', "~0").replace('/', "~1");
        Self { path: format!("{}/{escaped}", self.path), name: name.to_owned(), source: self.source.clone() }
    }

    fn because(&self, source: &Source) -> Self {
        Self { source: source.clone(), ..self.clone() }
    }

    /// The kind of a wrong value here.
    fn wrong_value(&self) -> Kind {
        if TEXTS.contains(&self.name.as_str()) {
            Kind::Text
        } else if CODES.contains(&self.name.as_str()) {
            Kind::Code
        } else {
            Kind::Value
        }
    }
}

/// In what `got` differs from the pattern, all of which is expected because of `source`. `now` is the Unix time.
pub(super) fn differences(pattern: &Pattern, got: &Value, source: &Source, now: u64) -> Vec<Difference> {
    let mut found = Vec::new();
    let place = Place { path: String::new(), name: String::new(), source: source.clone() };
    Comparison { now }.compare(pattern, got, &place, &mut found);
    found
}

/// What all comparisons of a reply share.
struct Comparison {
    now: u64,
}

impl Comparison {
    fn compare(&self, pattern: &Pattern, got: &Value, place: &Place, found: &mut Vec<Difference>) {
        let differ = |kind| difference(kind, pattern.told(), got, place);
        match pattern {
            Pattern::Absent => found.push(differ(Kind::Presence)),
            Pattern::Exactly(value) if value == got => {}
            Pattern::Exactly(value) if same_type(value, got) => found.push(differ(place.wrong_value())),
            Pattern::Exactly(_) => found.push(differ(Kind::Type)),
            Pattern::String | Pattern::Starts(_) if !got.is_string() => found.push(differ(Kind::Type)),
            Pattern::Starts(text) if got.as_str().is_some_and(|got| got.starts_with(text)) => {}
            Pattern::Integer | Pattern::Time | Pattern::Over(_) if !is_integer(got) => found.push(differ(Kind::Type)),
            Pattern::Any | Pattern::String | Pattern::Integer => {}
            Pattern::Time if got.as_u64().is_some_and(|got| got.abs_diff(self.now) <= CLOCKS_APART) => {}
            Pattern::Over(least) if got.as_i64().is_some_and(|got| got > *least) => {}
            Pattern::Time | Pattern::Over(_) => found.push(differ(Kind::Value)),
            Pattern::Sourced(source, of) => self.compare(of, got, &place.because(source), found),
            Pattern::OneOf(all) if all.iter().any(|one| self.holds(one, got, place)) => {}
            Pattern::Starts(_) | Pattern::OneOf(_) => found.push(differ(place.wrong_value())),
            Pattern::Object(members, whole) => match got.as_object() {
                Some(got) => self.members(members, *whole, got, place, found),
                None => found.push(differ(Kind::Type)),
            },
            Pattern::Count(_) | Pattern::Each(_) | Pattern::AnyOrder(_) | Pattern::Includes(_) | Pattern::List(_) => {
                match got.as_array() {
                    Some(items) => self.items(pattern, items, got, place, found),
                    None => found.push(differ(Kind::Type)),
                }
            }
        }
    }

    /// Whether nothing differs in behaviour.
    fn holds(&self, pattern: &Pattern, got: &Value, place: &Place) -> bool {
        let mut found = Vec::new();
        self.compare(pattern, got, place, &mut found);
        !found.iter().any(|one| one.kind.is_behaviour())
    }

    fn members(
        &self,
        members: &[(String, Pattern)],
        whole: bool,
        got: &Map<String, Value>,
        place: &Place,
        found: &mut Vec<Difference>,
    ) {
        for (name, pattern) in members {
            let mut place = place.of(name);
            let mut bare = pattern;
            while let Pattern::Sourced(source, of) = bare {
                place = place.because(source);
                bare = of;
            }
            match got.get(name) {
                Some(value) => self.compare(bare, value, &place, found),
                None if *bare == Pattern::Absent => {}
                None => found.push(difference(Kind::Presence, bare.told(), &Value::Null, &place)),
            }
        }
        let named = |name: &str| members.iter().any(|(one, _)| one == name);
        for (name, value) in got.iter().filter(|(name, _)| whole && !named(name)) {
            found.push(difference(Kind::Extra, "no such member".to_owned(), value, &place.of(name)));
        }
    }

    fn items(&self, pattern: &Pattern, items: &[Value], got: &Value, place: &Place, found: &mut Vec<Difference>) {
        let mut wanted = |count: usize| {
            if count != items.len() {
                found.push(difference(Kind::Value, Pattern::Count(count).told(), got, place));
            }
            count == items.len()
        };
        match pattern {
            Pattern::Count(count) => drop(wanted(*count)),
            Pattern::List(all) if wanted(all.len()) => {
                for (n, (one, item)) in all.iter().zip(items).enumerate() {
                    self.compare(one, item, &place.of(&n.to_string()), found);
                }
            }
            Pattern::AnyOrder(all) if wanted(all.len()) => self.each_somewhere(all, items, got, place, found),
            Pattern::Includes(all) => self.each_somewhere(all, items, got, place, found),
            Pattern::Each(each) => {
                for (n, item) in items.iter().enumerate() {
                    self.compare(each, item, &place.of(&n.to_string()), found);
                }
            }
            _ => {}
        }
    }

    /// Each pattern has an item of its own.
    fn each_somewhere(
        &self,
        all: &[Pattern],
        items: &[Value],
        got: &Value,
        place: &Place,
        found: &mut Vec<Difference>,
    ) {
        let mut left: Vec<(usize, &Value)> = items.iter().enumerate().collect();
        for one in all {
            match left.iter().position(|(_, item)| self.holds(one, item, place)) {
                Some(at) => {
                    let (n, item) = left.remove(at);
                    self.compare(one, item, &place.of(&n.to_string()), found);
                }
                None => found.push(difference(Kind::Value, format!("an item {}", one.told()), got, place)),
            }
        }
    }
}

fn difference(kind: Kind, expected: String, got: &Value, place: &Place) -> Difference {
    Difference { kind, source: place.source.clone(), path: place.path.clone(), expected, got: got.clone() }
}

fn is_integer(value: &Value) -> bool {
    value.is_i64() || value.is_u64()
}

fn same_type(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(_), Value::Number(_)) => is_integer(one) == is_integer(other),
        (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: u64 = 1_700_000_000;

    fn found(pattern: &Value, got: &Value) -> Vec<(Kind, String)> {
        let pattern = Pattern::read(pattern).unwrap();
        let all = differences(&pattern, got, &Source::Documented, NOW);
        all.into_iter().map(|one| (one.kind, one.path)).collect()
    }

    /// What differs, where it is one thing.
    fn only(pattern: &Value, got: &Value) -> (Kind, String) {
        let mut all = found(pattern, got);
        assert_eq!(all.len(), 1, "{pattern} {got}: {all:?}");
        all.remove(0)
    }

    #[test]
    fn what_is_as_expected_differs_in_nothing() {
        for (pattern, got) in [
            (json!({"a": 1, "b": [{"c": "x"}, null, true]}), json!({"b": [{"c": "x"}, null, true], "a": 1})),
            (json!("$any"), json!(null)),
            (json!({"a": "$string", "b": "$integer", "c": "$absent"}), json!({"a": "", "b": -7})),
            (json!("$time"), json!(NOW - 299)),
            (json!({"$over": 4}), json!(5)),
            (json!({"$starts": "@TGS#"}), json!("@TGS#1")),
            (json!({"$count": 2}), json!([1, "a"])),
            (json!({"$each": {"$part": {"Result": 1}}}), json!([{"Result": 1, "x": 0}, {"Result": 1}])),
            (json!({"$any_order": [1, 2, 1]}), json!([1, 1, 2])),
            (json!({"$includes": [2]}), json!([1, 2, 3])),
            (json!({"$one_of": [0, "$string"]}), json!("x")),
            (json!({"$part": {"a": 1}}), json!({"a": 1, "b": 2})),
            (json!({"a": {"$source": "R-017", "is": "$absent"}}), json!({})),
        ] {
            assert_eq!(found(&pattern, &got), [], "{pattern} {got}");
        }
    }

    #[test]
    fn a_difference_in_behaviour_has_its_kind_and_its_place() {
        let table = [
            (json!({"ErrorCode": 0}), json!({"ErrorCode": 50002}), Kind::Code, "/ErrorCode"),
            (json!([{"ResultCode": 0}]), json!([{"ResultCode": 50001}]), Kind::Code, "/0/ResultCode"),
            (json!({"a": {"b": 1}}), json!({"a": {}}), Kind::Presence, "/a/b"),
            (json!({"a": "$absent"}), json!({"a": null}), Kind::Presence, "/a"),
            (json!({"a": 1}), json!({"a": 2}), Kind::Value, "/a"),
            (json!({"a/b~": "x"}), json!({"a/b~": "y"}), Kind::Value, "/a~1b~0"),
            (json!({"a": 1}), json!({"a": "1"}), Kind::Type, "/a"),
            (json!({"a": 1}), json!({"a": 1.0}), Kind::Type, "/a"),
            (json!({"a": []}), json!({"a": null}), Kind::Type, "/a"),
            (json!({"a": {}}), json!({"a": []}), Kind::Type, "/a"),
            (json!([1, 2]), json!([1]), Kind::Value, ""),
            (json!([1, 2]), json!([2, 1, 0]), Kind::Value, ""),
            (json!({"ResultInfo": ""}), json!({"ResultInfo": null}), Kind::Type, "/ResultInfo"),
            (json!({"ResultInfo": ""}), json!({}), Kind::Presence, "/ResultInfo"),
            (json!("$string"), json!(1), Kind::Type, ""),
            (json!("$integer"), json!(1.5), Kind::Type, ""),
            (json!("$time"), json!(NOW + 301), Kind::Value, ""),
            (json!("$time"), json!("now"), Kind::Type, ""),
            (json!({"$over": 5}), json!(5), Kind::Value, ""),
            (json!({"$starts": "@"}), json!("x@"), Kind::Value, ""),
            (json!({"$count": 1}), json!([]), Kind::Value, ""),
            (json!({"$each": 1}), json!([1, 2]), Kind::Value, "/1"),
            (json!({"$any_order": [1, 2]}), json!([1, 1]), Kind::Value, ""),
            (json!({"$includes": [4]}), json!([1]), Kind::Value, ""),
            (json!({"$one_of": [1, 2]}), json!(3), Kind::Value, ""),
        ];
        for (pattern, got, kind, path) in table {
            assert!(kind.is_behaviour());
            assert_eq!(only(&pattern, &got), (kind, path.to_owned()));
        }
    }

    #[test]
    fn other_texts_for_people_and_members_that_nothing_is_said_of_are_wording() {
        let table = [
            (json!({"ErrorInfo": ""}), json!({"ErrorInfo": "ok"}), Kind::Text, "/ErrorInfo"),
            (json!([{"ResultInfo": "a"}]), json!([{"ResultInfo": "b"}]), Kind::Text, "/0/ResultInfo"),
            (json!({"a": [{"b": 1}]}), json!({"a": [{"b": 1, "c": {}}]}), Kind::Extra, "/a/0/c"),
            (json!({"$any_order": [{"b": 1}, {"b": 2}]}), json!([{"b": 2, "c": 0}, {"b": 1}]), Kind::Extra, "/0/c"),
        ];
        for (pattern, got, kind, path) in table {
            assert!(!kind.is_behaviour());
            assert_eq!(only(&pattern, &got), (kind, path.to_owned()));
        }
    }

    #[test]
    fn each_difference_bears_the_source_nearest_to_it() {
        let pattern = json!({"a": 1, "b": {"$source": "R-046", "is": [1, {"$source": "documented", "is": 2}]}});
        let pattern = Pattern::read(&pattern).unwrap();
        let ruling = |id: &str| Source::Ruling(id.to_owned());
        let all = differences(&pattern, &json!({"a": 0, "b": [0, 0]}), &ruling("R-010"), NOW);
        let sources: Vec<_> = all.into_iter().map(|one| one.source).collect();
        assert_eq!(sources, [ruling("R-010"), ruling("R-046"), Source::Documented]);
        let all = differences(&pattern, &json!({"a": 1}), &ruling("R-010"), NOW);
        assert_eq!((all.len(), &all[0].source), (1, &ruling("R-046")));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for wrong in [
            json!("$strings"),
            json!({"$over": "1"}),
            json!({"$count": -1}),
            json!({"$each": 1, "b": 2}),
            json!({"$one_of": 1}),
            json!({"$source": "R-046"}),
            json!({"$source": "me", "is": 1}),
            json!([{"$what": 1}]),
        ] {
            assert!(Pattern::read(&wrong).is_err(), "{wrong}");
        }
    }
}
