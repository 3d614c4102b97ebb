//! A small JSON tree that borrows from the body it was read from and keeps what serde's would lose: the text of
//! numbers, and every pair of an object. It is not a serializer of our own types, and it knows no field of the API.

use std::borrow::Cow;

use hifijson::token::{Expect, Lex as _};
use hifijson::{SliceLexer, num::LexWrite as _, str::LexAlloc as _};

/// One JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as the text that was sent.
    Number(&'a str),
    /// A string, its escapes resolved.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Json<'a>>),
    /// An object.
    Object(Object<'a>),
}

/// The members of a JSON object, in the order they were sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Object<'a>(Vec<(Cow<'a, str>, Json<'a>)>);

/// What an integer literal stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Integer {
    /// The value, where 64 bits hold it.
    Fits(i64),
    /// An integer above `i64::MAX`.
    TooLarge,
    /// An integer below `i64::MIN`.
    TooSmall,
}

/// Why bytes are not one JSON value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadJson {
    /// The bytes are not UTF-8.
    #[error("not UTF-8 from byte {offset} on")]
    NotUtf8 {
        /// How many bytes before the first wrong one.
        offset: usize,
    },
    /// Arrays and objects are nested too deeply.
    #[error("nested more than {max} deep")]
    TooDeep {
        /// How deep they may be nested, the outermost counted.
        max: usize,
    },
    /// The text breaks the grammar of RFC 8259.
    #[error("not JSON: {what} (near byte {offset})")]
    Syntax {
        /// How many bytes were read before the fault was seen.
        offset: usize,
        /// The fault, in words.
        what: &'static str,
    },
}

impl<'a> Json<'a> {
    /// Reads exactly one value of strict RFC 8259 JSON, with white space around it and nothing else: a BOM is the
    /// caller's to skip. Arrays and objects may be nested `nesting_max` deep, the outermost counted as 1. Reading
    /// recurses that deep, so keep it below a few hundred.
    ///
    /// # Errors
    /// Says why the bytes are not such a value.
    pub fn parse(bytes: &'a [u8], nesting_max: usize) -> Result<Self, BadJson> {
        std::str::from_utf8(bytes).map_err(|error| BadJson::NotUtf8 { offset: error.valid_up_to() })?;
        let mut lexer = SliceLexer::new(bytes);
        lexer.exactly_one(SliceLexer::ws_peek, |next, lexer| value(next, lexer, nesting_max)).map_err(|error| {
            match error {
                hifijson::Error::Depth => BadJson::TooDeep { max: nesting_max },
                error => BadJson::Syntax { offset: bytes.len() - lexer.as_slice().len(), what: in_words(&error) },
            }
        })
    }

    /// Appends the value as compact JSON. Of a key given twice only the last is written; numbers are written as they
    /// were sent.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Json::Null => out.extend_from_slice(b"null"),
            Json::Bool(true) => out.extend_from_slice(b"true"),
            Json::Bool(false) => out.extend_from_slice(b"false"),
            Json::Number(text) => out.extend_from_slice(text.as_bytes()),
            Json::String(text) => write_string(text, out),
            Json::Array(items) => {
                let mut before = b'[';
                for item in items {
                    out.push(before);
                    item.write(out);
                    before = b',';
                }
                if items.is_empty() {
                    out.push(before);
                }
                out.push(b']');
            }
            Json::Object(object) => object.write(out),
        }
    }

    /// The number, if it is one without a fraction and an exponent. `-0` is 0.
    pub fn integer(&self) -> Option<Integer> {
        let Json::Number(text) = self else { return None };
        if text.contains(['.', 'e', 'E']) {
            return None;
        }
        Some(match text.parse() {
            Ok(value) => Integer::Fits(value),
            Err(_) if text.starts_with('-') => Integer::TooSmall,
            Err(_) => Integer::TooLarge,
        })
    }
}

/// Of a key given twice the last counts (R-015).
impl<'a> Object<'a> {
    /// The object with this one member.
    pub fn from_pair(key: &'static str, value: &Json<'a>) -> Self {
        Self(vec![(Cow::Borrowed(key), value.clone())])
    }

    /// The value of a key; of a key given twice, the last.
    pub fn get(&self, key: &str) -> Option<&Json<'a>> {
        self.0.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Whether there is no member at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each key once, with its last value, in the order of those last values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json<'a>)> {
        let mut last: Vec<usize> =
            self.sorted().chunk_by(same_key).filter_map(|run| run.last()).map(|at| at.0).collect();
        last.sort_unstable();
        last.into_iter().filter_map(|at| self.0.get(at)).map(|(key, value)| (key.as_ref(), value))
    }

    /// The keys that were given more than once.
    pub fn repeated(&self) -> Vec<&str> {
        self.sorted()
            .chunk_by(same_key)
            .filter(|run| run.len() > 1)
            .filter_map(|run| run.first())
            .map(|at| at.1)
            .collect()
    }

    /// The keys with their places, equal ones side by side: sorting stays fast where comparing each with each would
    /// let one body of a hundred thousand keys occupy a core.
    fn sorted(&self) -> Vec<(usize, &str)> {
        let mut keys: Vec<_> = self.0.iter().enumerate().map(|(at, (key, _))| (at, key.as_ref())).collect();
        keys.sort_by_key(|&(_, key)| key);
        keys
    }

    fn write(&self, out: &mut Vec<u8>) {
        let mut before = b'{';
        for (key, value) in self.iter() {
            out.push(before);
            write_string(key, out);
            out.push(b':');
            value.write(out);
            before = b',';
        }
        if self.is_empty() {
            out.push(before);
        }
        out.push(b'}');
    }
}

fn same_key(left: &(usize, &str), right: &(usize, &str)) -> bool {
    left.1 == right.1
}

/// Reads the value that begins with `next`. hifijson has a reader of its own, which counts scalars as a level too.
fn value<'a>(next: u8, lexer: &mut SliceLexer<'a>, levels: usize) -> Result<Json<'a>, hifijson::Error> {
    match next {
        b'a'..=b'z' => match lexer.null_or_bool() {
            Some(bool) => Ok(bool.map_or(Json::Null, Json::Bool)),
            None => Err(Expect::Value.into()),
        },
        b'0'..=b'9' | b'-' => Ok(Json::Number(lexer.num_string().validated()?.0)),
        b'"' => Ok(Json::String(lexer.discarded().str_string()?)),
        b'[' => {
            let levels = levels.checked_sub(1).ok_or(hifijson::Error::Depth)?;
            let mut items = Vec::new();
            lexer.discarded().seq(b']', SliceLexer::ws_peek, |next, lexer| {
                items.push(value(next, lexer, levels)?);
                Ok::<_, hifijson::Error>(())
            })?;
            Ok(Json::Array(items))
        }
        b'{' => {
            let levels = levels.checked_sub(1).ok_or(hifijson::Error::Depth)?;
            let mut members = Vec::new();
            lexer.discarded().seq(b'}', SliceLexer::ws_peek, |next, lexer| {
                members.push(member(next, lexer, levels)?);
                Ok::<_, hifijson::Error>(())
            })?;
            Ok(Json::Object(Object(members)))
        }
        _ => Err(Expect::Value.into()),
    }
}

fn member<'a>(
    next: u8,
    lexer: &mut SliceLexer<'a>,
    levels: usize,
) -> Result<(Cow<'a, str>, Json<'a>), hifijson::Error> {
    lexer.expect(|_| Some(next), b'"').ok_or(Expect::String)?;
    let key = lexer.str_string()?;
    lexer.expect(SliceLexer::ws_peek, b':').ok_or(Expect::Colon)?;
    let next = lexer.ws_peek().ok_or(Expect::Value)?;
    Ok((key, value(next, lexer, levels)?))
}

fn in_words(error: &hifijson::Error) -> &'static str {
    use hifijson::{escape, str};
    match error {
        hifijson::Error::Depth => "it is nested too deeply",
        hifijson::Error::Num(_) => "a digit is missing in a number",
        hifijson::Error::Str(str::Error::Control) => "a string has an unescaped control character",
        hifijson::Error::Str(str::Error::Eof | str::Error::Escape(escape::Error::Eof)) => "a string is not closed",
        hifijson::Error::Str(str::Error::Utf8(_)) => "a string is not UTF-8",
        hifijson::Error::Str(str::Error::Escape(escape::Error::InvalidKind(_))) => "a string has an unknown escape",
        hifijson::Error::Str(str::Error::Escape(escape::Error::InvalidHex(_))) => {
            "a \\u escape has a letter that is not hexadecimal"
        }
        hifijson::Error::Str(str::Error::Escape(_)) => "a string has half of a surrogate pair",
        hifijson::Error::Token(Expect::Value) => "a value is missing",
        hifijson::Error::Token(Expect::ValueOrEnd) => "an array or object is not closed",
        hifijson::Error::Token(Expect::CommaOrEnd) => "a comma or a closing bracket is missing",
        hifijson::Error::Token(Expect::String) => "a key is missing",
        hifijson::Error::Token(Expect::Colon) => "a colon is missing",
        hifijson::Error::Token(Expect::Eof) => "something follows the value",
    }
}

fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for &byte in text.as_bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NESTING_MAX: usize = 32;

    fn written(json: &Json<'_>) -> String {
        let mut out = Vec::new();
        json.write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_is_read_is_written_compactly() {
        let table: &[(&str, &str)] = &[
            ("null", "null"),
            (" \t\r\ntrue \t\r\n", "true"),
            ("false", "false"),
            ("0", "0"),
            ("-0", "-0"),
            ("-0.0e+00", "-0.0e+00"),
            ("1E400", "1E400"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("\"\"", "\"\""),
            ("\"a\\/b\"", "\"a/b\""),
            (r#""\"\\\b\f\n\r\t""#, "\"\\\"\\\\\\u0008\\u000c\\n\\r\\t\""),
            (r#""\u0000\u001F\u007f""#, "\"\\u0000\\u001f\u{7f}\""),
            (r#""\u5c0f\u660E""#, "\"小明\""),
            (r#""\ud83d\uDE00""#, "\"😀\""),
            ("\"\u{2028}\u{feff}\"", "\"\u{2028}\u{feff}\""),
            ("[]", "[]"),
            ("[ ]", "[]"),
            ("[ 1 , [ ] , { } ]", "[1,[],{}]"),
            ("{}", "{}"),
            (r#"{ "a" : 1 , "b" : [ null ] }"#, r#"{"a":1,"b":[null]}"#),
            (r#"{"a":1,"b":2,"a":3}"#, r#"{"b":2,"a":3}"#),
            (r#"{"a":1,"\u0061":2}"#, r#"{"a":2}"#),
            (r#"[{"x":{"k":1,"k":2}}]"#, r#"[{"x":{"k":2}}]"#),
            (r#"{"":0,"":1}"#, r#"{"":1}"#),
        ];
        for (sent, expected) in table {
            let json = Json::parse(sent.as_bytes(), NESTING_MAX).unwrap_or_else(|error| panic!("{sent}: {error}"));
            assert_eq!(written(&json), *expected, "{sent}");
        }
    }

    const NOT_JSON: &[(&[u8], &str)] = &[
        (b"", "a value is missing"),
        (b" \n", "a value is missing"),
        (b"\xef\xbb\xbf{}", "a value is missing"),
        (b"nul", "a value is missing"),
        (b"nulll", "something follows"),
        (b"True", "a value is missing"),
        (b"NaN", "a value is missing"),
        (b"Infinity", "a value is missing"),
        (b"-Infinity", "a digit is missing"),
        (b"-", "a digit is missing"),
        (b"+1", "a value is missing"),
        (b".5", "a value is missing"),
        (b"1.", "a digit is missing"),
        (b"1.e1", "a digit is missing"),
        (b"1e", "a digit is missing"),
        (b"1e+", "a digit is missing"),
        (b"1e+-1", "a digit is missing"),
        (b"00", "something follows"),
        (b"-01", "something follows"),
        (b"0x10", "something follows"),
        (b"1_000", "something follows"),
        (b"[01]", "a comma"),
        (b"1 2", "something follows"),
        (b"{}{}", "something follows"),
        (b"{}\0", "something follows"),
        (b"{}\x0b", "something follows"),
        ("{}\u{a0}".as_bytes(), "something follows"),
        (b"[", "not closed"),
        (b"]", "a value is missing"),
        (b"[1", "a comma"),
        (b"[1,]", "a value is missing"),
        (b"[,1]", "a value is missing"),
        (b"[1}", "a comma"),
        (b"[1 2]", "a comma"),
        (b"{", "not closed"),
        (b"{\"a\":1", "a comma"),
        (b"{\"a\":1,}", "a key is missing"),
        (b"{\"a\"}", "a colon"),
        (b"{\"a\":}", "a value is missing"),
        (b"{\"a\":", "a value is missing"),
        (b"{\"a\" 1}", "a colon"),
        (b"{a:1}", "a key is missing"),
        (b"{1:1}", "a key is missing"),
        (b"{'a':1}", "a key is missing"),
        (b"'a'", "a value is missing"),
        (b"[1]//", "something follows"),
        (b"/**/1", "a value is missing"),
        (b"\"", "not closed"),
        (b"\"a", "not closed"),
        (b"\"\\", "not closed"),
        (b"\"\\u12", "not closed"),
        (b"\"\\\"", "not closed"),
        (b"\"\\x41\"", "an unknown escape"),
        (b"\"\\U0041\"", "an unknown escape"),
        (b"\"\\u00g0\"", "not hexadecimal"),
        (b"\"\\ud800\"", "surrogate"),
        (b"\"\\udc00\"", "surrogate"),
        (b"\"\\ud800\\ud800\"", "surrogate"),
        (b"\"\\udc00\\ud800\"", "surrogate"),
        (b"\"\\ud800a\"", "surrogate"),
        (b"{\"\\ud800\":1}", "surrogate"),
        (b"\"\n\"", "control character"),
        (b"\"\0\"", "control character"),
        (b"\"\x1f\"", "control character"),
        (b"\"\xff\"", "not UTF-8 from byte 1 on"),
        (b"\"\xc0\xaf\"", "not UTF-8"),
        (b"\"\xed\xa0\x80\"", "not UTF-8"),
        (b"\"\xf4\x90\x80\x80\"", "not UTF-8"),
        (b"{}\xff", "not UTF-8 from byte 2 on"),
        (b"{\0}", "a key is missing"),
    ];

    #[test]
    fn what_is_not_strict_json_is_refused() {
        for (sent, says) in NOT_JSON {
            let shown = sent.escape_ascii();
            let error = Json::parse(sent, NESTING_MAX).expect_err(&shown.to_string()).to_string();
            assert!(error.contains(says), "{shown}: {error}");
        }
    }

    #[test]
    fn the_offset_is_near_the_fault() {
        let error = Json::parse(b"{\"a\": 1, \"b\" 2}", NESTING_MAX).unwrap_err();
        assert_eq!(error, BadJson::Syntax { offset: 13, what: "a colon is missing" });
        assert_eq!(error.to_string(), "not JSON: a colon is missing (near byte 13)");
    }

    #[test]
    fn nesting_counts_containers_and_not_scalars() {
        let arrays = |depth: usize, inside: &str| format!("{}{inside}{}", "[".repeat(depth), "]".repeat(depth));
        let objects = |depth: usize, inside: &str| format!("{}{inside}{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        for inside in ["1", "\"x\"", "null"] {
            assert!(Json::parse(inside.as_bytes(), 0).is_ok());
            for text in [arrays(32, inside), objects(32, inside)] {
                assert!(Json::parse(text.as_bytes(), 32).is_ok());
                assert_eq!(Json::parse(text.as_bytes(), 31), Err(BadJson::TooDeep { max: 31 }));
            }
        }
        assert!(Json::parse(arrays(32, "").as_bytes(), 32).is_ok());
        assert_eq!(Json::parse(b"[]", 0), Err(BadJson::TooDeep { max: 0 }));
        assert!(Json::parse(b"[[],[],[[]]]", 3).is_ok(), "the level is given back when a container closes");
    }

    #[test]
    fn hostile_bodies_of_one_mebibyte_are_read_in_passing() {
        const SIZE: usize = 1 << 20;
        for piece in ["[", "{\"a\":", "[{\"\":"] {
            let text = piece.repeat(SIZE / piece.len());
            assert_eq!(Json::parse(text.as_bytes(), 32), Err(BadJson::TooDeep { max: 32 }));
        }
        let distinct: Vec<_> = (0..100_000).map(|key| format!("\"{key}\":0")).collect();
        let equal = vec!["\"k\":0"; 150_000];
        let long = vec![format!("\"{}\":0", "k".repeat(1000)); 1000];
        for (members, kept) in [(distinct, 100_000), (equal.into_iter().map(String::from).collect(), 1), (long, 1)] {
            let text = format!("{{{}}}", members.join(","));
            let Json::Object(object) = Json::parse(text.as_bytes(), 32).unwrap() else { panic!("no object") };
            assert_eq!(object.iter().count(), kept);
            assert_eq!(object.repeated().len(), usize::from(kept == 1));
            assert!(written(&Json::Object(object)).len() <= text.len());
        }
        let escapes = format!("\"{}\"", "\\u0001".repeat(SIZE / 6));
        assert_eq!(written(&Json::parse(escapes.as_bytes(), 32).unwrap()), escapes);
        let flat = format!("[{}0]", "[],".repeat(SIZE / 3));
        assert_eq!(written(&Json::parse(flat.as_bytes(), 32).unwrap()), flat);
    }

    #[test]
    fn the_last_of_a_key_given_twice_counts() {
        let json = Json::parse(br#"{"a":1,"b":2,"a":{"c":3}}"#, NESTING_MAX).unwrap();
        let Json::Object(object) = &json else { panic!("no object") };
        assert!(matches!(object.get("a"), Some(Json::Object(_))));
        assert_eq!(object.get("b"), Some(&Json::Number("2")));
        assert_eq!(object.get("c"), None);
        assert_eq!(object.iter().map(|(key, _)| key).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(object.repeated(), ["a"]);
        let Json::Object(once) = Json::parse(br#"{"a":{"b":1,"b":2},"b":[]}"#, NESTING_MAX).unwrap() else { panic!() };
        assert!(once.repeated().is_empty());
        assert!(!once.is_empty() && Object::default().is_empty());
    }

    #[test]
    fn integers_have_neither_fraction_nor_exponent() {
        let table = [
            ("0", Some(Integer::Fits(0))),
            ("-0", Some(Integer::Fits(0))),
            ("-5", Some(Integer::Fits(-5))),
            ("9223372036854775807", Some(Integer::Fits(i64::MAX))),
            ("9223372036854775808", Some(Integer::TooLarge)),
            ("-9223372036854775808", Some(Integer::Fits(i64::MIN))),
            ("-9223372036854775809", Some(Integer::TooSmall)),
            ("99999999999999999999999999999999999999999", Some(Integer::TooLarge)),
            ("1.0", None),
            ("1e0", None),
            ("1E2", None),
            ("-0.0", None),
            ("\"1\"", None),
            ("true", None),
            ("null", None),
            ("[1]", None),
        ];
        for (sent, expected) in table {
            assert_eq!(Json::parse(sent.as_bytes(), NESTING_MAX).unwrap().integer(), expected, "{sent}");
        }
    }

    #[test]
    fn strings_without_escapes_are_borrowed() {
        let json = Json::parse("[\"小明\",\"a\\n\"]".as_bytes(), NESTING_MAX).unwrap();
        let Json::Array(items) = json else { panic!("no array") };
        assert!(matches!(items.as_slice(), [Json::String(Cow::Borrowed("小明")), Json::String(Cow::Owned(_))]));
    }

    /// Bytes that are JSON more often than random ones.
    fn fragments() -> impl Strategy<Value = Vec<u8>> {
        let fragment = prop_oneof![
            9 => proptest::sample::select(vec![
                "{", "}", "[", "]", ",", ":", "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"a\":", "\"b\":", "null",
                "true", "false", "tru", "0", "-", "1", "-0", "12", ".5", "1.5", "e3", "E-2", "+", " ", "\n", "\t",
                "\\", "\\u0041", "\\ud83d", "\\ude00", "\\n", "\\x", "\"\\ud83d\\ude00\"", "\"\\ud800\"", "\u{1}",
                "小", "\u{feff}", "//", "NaN", "[]", "{}", "\"\"", "[1,2]", "{\"a\":1,\"a\":[]}", "\u{7f}",
            ])
            .prop_map(|text| text.as_bytes().to_vec()),
            1 => proptest::collection::vec(any::<u8>(), 1..3),
        ];
        proptest::collection::vec(fragment, 0..14).prop_map(|pieces| pieces.concat())
    }

    /// The text of a valid value, with any spacing and with keys that repeat.
    fn valid() -> impl Strategy<Value = String> {
        let scalar = prop_oneof![
            Just("null".to_owned()),
            any::<bool>().prop_map(|value| value.to_string()),
            any::<i64>().prop_map(|value| value.to_string()),
            (-1e9..1e9).prop_map(|value: f64| format!("{value:e}")),
            any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        ];
        scalar.prop_recursive(4, 40, 6, |inner| {
            let member = ("[a-c\\\\\"小]{0,2}", inner.clone())
                .prop_map(|(key, value)| format!("{} :\n{value}", serde_json::to_string(&key).unwrap()));
            prop_oneof![
                proptest::collection::vec(inner, 0..6).prop_map(|items| format!("[ {} ]", items.join(" , "))),
                proptest::collection::vec(member, 0..6).prop_map(|members| format!("{{{}}}", members.join("\t,"))),
            ]
        })
    }

    /// Compares one reading with `serde_json`'s, which differs in two ways only: a number that no `f64` holds is
    /// refused there, and the nesting limit is 128 (these texts do not get as deep as either limit).
    fn agrees_with_serde_json(bytes: &[u8]) {
        let theirs: Result<serde_json::Value, _> = serde_json::from_slice(bytes);
        let ours = Json::parse(bytes, NESTING_MAX);
        if theirs.as_ref().is_err_and(|error| error.to_string().starts_with("number out of range")) {
            return;
        }
        let shown = bytes.escape_ascii();
        assert_eq!(ours.is_ok(), theirs.is_ok(), "{shown}: {ours:?} {theirs:?}");
        let (Ok(ours), Ok(theirs)) = (ours, theirs) else { return };
        let text = written(&ours);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), theirs, "{shown}");
        let again = Json::parse(text.as_bytes(), NESTING_MAX).unwrap();
        assert_eq!(written(&again), text);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4000) })]

        #[test]
        fn fragments_are_judged_as_by_serde_json(bytes in fragments()) {
            agrees_with_serde_json(&bytes);
        }

        #[test]
        fn random_bytes_are_judged_as_by_serde_json(bytes in proptest::collection::vec(any::<u8>(), 0..12)) {
            agrees_with_serde_json(&bytes);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

        #[test]
        fn valid_values_keep_their_meaning(text in valid()) {
            prop_assert!(Json::parse(text.as_bytes(), NESTING_MAX).is_ok());
            agrees_with_serde_json(text.as_bytes());
        }

        #[test]
        fn a_spoiled_value_is_judged_as_by_serde_json(text in valid(), at in any::<proptest::sample::Index>(), byte: u8) {
            let mut bytes = text.into_bytes();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            agrees_with_serde_json(&bytes);
        }
    }
}
