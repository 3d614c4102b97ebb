//! Judges `UserSig`s made by published signers, spoiled ones and random ones. It tests reading and judging; what is
//! told to a human is tested in `explain.rs`.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

const APP: u64 = 1_400_000_000;
const KEY: &str = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e";
const NOW: i64 = 1_700_000_000;

/// The code of row 5, to state here what `codes.rs` must say.
fn code(denied: &UserSigDenied) -> u32 {
    match denied {
        UserSigDenied::Empty => 70002,
        UserSigDenied::Undecodable(_) => 70003,
        UserSigDenied::Malformed { .. } => 70005,
        UserSigDenied::OtherApplication { .. } => 70014,
        UserSigDenied::OtherIdentifier { .. } => 70013,
        UserSigDenied::WrongSignature => 70009,
        UserSigDenied::Expired { .. } | UserSigDenied::FromTheFuture { .. } => 70001,
    }
}

fn judged(text: &str, now: i64) -> Result<(), UserSigDenied> {
    UserSig::decode(text)?.verify(APP, "administrator", [KEY], now)
}

/// The text of a `UserSig` with this content, whatever it is.
pub(super) fn sealed(content: &str) -> String {
    to_base64(&deflate(content.as_bytes()))
}

/// A zlib stream of stored blocks only, so that its size is known.
fn stored(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::none());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// The content of a good `UserSig` with one member replaced by `json`, or left out where that is empty, and with a
/// right signature over what the original says.
fn content_with(member: &str, json: &str) -> String {
    let text = signed_text("administrator", APP, NOW, 86400, None);
    let sig = format!("\"{}\"", signature(KEY.as_bytes(), &text));
    let (app, time) = (APP.to_string(), NOW.to_string());
    let mut members = vec![
        (VERSION, "\"2.0\""),
        (IDENTIFIER, "\"administrator\""),
        (SDKAPPID, &app),
        (TIME, &time),
        (EXPIRE, "86400"),
        (SIG, &sig),
    ];
    members.retain(|(name, _)| *name != member);
    if !json.is_empty() {
        members.push((member, json));
    }
    let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

fn with(member: &str, json: &str) -> String {
    sealed(&content_with(member, json))
}

fn good() -> String {
    make(APP, KEY.as_bytes(), "administrator", 86400, NOW, None)
}

#[test]
fn vectors_of_published_signers_are_judged_as_documented() {
    // A time shortly after the last of them was made, when those valid for a second or for 180 days from 2019 are over.
    const VECTORS_NOW: i64 = 1_795_552_000;
    let file: serde_json::Value = serde_json::from_str(include_str!("../../testdata/usersig_vectors.json")).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 184);
    let mut codes = HashSet::new();
    for vector in vectors {
        let (identifier, key) = (vector["identifier"].as_str().unwrap(), vector["key"].as_str().unwrap());
        let (app, text) = (vector["sdkappid"].as_u64().unwrap(), vector["usersig"].as_str().unwrap());
        let sig = UserSig::decode(text).unwrap_or_else(|denied| panic!("{vector}: {denied}"));
        assert_eq!(sig.time(), vector["time"].as_i64().unwrap(), "{vector}");
        assert_eq!(sig.expire(), vector["expire"].as_i64().unwrap(), "{vector}");
        let verdict = sig.verify(app, identifier, ["another key", key], VECTORS_NOW);
        let expected = vector["code"].as_u64().unwrap();
        assert_eq!(verdict.err().map_or(0, |denied| u64::from(code(&denied))), expected, "{vector}");
        codes.insert(expected);
        if expected == 0 {
            let mut changed = identifier.to_owned();
            changed.push('x');
            let denied = |app, identifier, key| code(&sig.verify(app, identifier, [key], VECTORS_NOW).unwrap_err());
            assert_eq!(denied(app + 1, &changed, "no"), 70014, "{vector}");
            assert_eq!(denied(app, &changed, "no"), 70013, "{vector}");
            assert_eq!(denied(app, identifier, "no"), 70009, "{vector}");
        }
    }
    assert_eq!(codes, HashSet::from([0, 70001, 70009]));
}

#[test]
fn the_vector_of_the_facts_is_made_again() {
    let text = signed_text("administrator", APP, NOW, 15_552_000, None);
    assert_eq!(signature(KEY.as_bytes(), &text), "JCzxanF8NTTXau4m+2h9wv7gYJnyNksm0xm1NEXU274=");
    let made = UserSig::decode(&make(APP, KEY.as_bytes(), "administrator", 15_552_000, NOW, None)).unwrap();
    assert_eq!(made.sig, "JCzxanF8NTTXau4m+2h9wv7gYJnyNksm0xm1NEXU274=");
    let given = "eJyrVgrxCdYrSy1SslJQMtIzUNJRAItkpqTmlWSmZUIkElNyM-Myi0uKEkvyi2BKilOyEwsKMlOACgxNDKAAKpdaUZBZlAqSMTU1\
                 NUKIl2TmgkXN0dQXZ6aD7PFyrqpIzHOz8AsJiUgsNcnVNsqwLC8zT4-0yqv0yy7ONajINfRzjQg1MjexVaoFANTGNgc_";
    assert_eq!(judged(given, NOW + 15_552_000), Ok(()));
}

#[test]
fn r_030_spelling_that_changes_nothing_is_accepted() {
    let base = good();
    assert_eq!(judged(&base, NOW), Ok(()));
    let userbuf = |json: &str, signed: &str| {
        let sig = signature(KEY.as_bytes(), &signed_text("administrator", APP, NOW, 86400, Some(signed)));
        let content = content_with(USERBUF, json);
        let old = signature(KEY.as_bytes(), &signed_text("administrator", APP, NOW, 86400, None));
        sealed(&content.replace(&old, &sig))
    };
    let pad = |size: usize| {
        let empty = content_with("pad", "\"\"").len();
        content_with("pad", &format!("\"{}\"", "x".repeat(size - empty)))
    };
    let nested = format!("{}{}", "[".repeat(31), "]".repeat(31));
    let table: Vec<(&str, String)> = vec![
        ("the standard letters", base.replace('*', "+").replace('-', "/").replace('_', "=")),
        ("blanks for plus", base.replace('*', " ")),
        ("one of three letters", base.replace('-', "/")),
        ("sdkappid as a string", with(SDKAPPID, "\"1400000000\"")),
        ("unknown members", with("TLS.unknown", r#"{"a":1,"a":[2]}"#)),
        ("unknown member null", with("x", "null")),
        ("escaped name", sealed(&content_with("x", "1").replace("TLS.ver", "TLS\\u002ever"))),
        ("escaped value", with(IDENTIFIER, "\"\\u0061dministrator\"")),
        ("white space", sealed(&format!(" \t\r\n{}\n", content_with("x", " [ ] ")))),
        ("nesting 32", with("x", &nested)),
        ("inflated to the limit", sealed(&pad(INFLATED_MAX))),
        ("no compression", to_base64(&stored(content_with("x", "1").as_bytes()))),
        ("encoded to the limit", to_base64(&stored(pad(3072 - 11).as_bytes()))),
        ("userbuf empty", userbuf("\"\"", "")),
        ("userbuf", userbuf("\"YWJj\"", "YWJj")),
        ("userbuf with line feeds and no sense", userbuf("\"=Y\\nW/+\\n\"", "=Y\nW/+\n")),
    ];
    for (what, text) in table {
        assert_eq!(judged(&text, NOW), Ok(()), "{what}: {text}");
    }
    assert_eq!(to_base64(&stored(pad(3072 - 11).as_bytes())).len(), ENCODED_MAX);
}

/// Each text must be refused with 70003, before anything is compared with the request, and in these words.
fn undecodable(table: Vec<(&str, String, &str)>) {
    for (what, text, says) in table {
        let denied = UserSig::decode(&text).expect_err(what);
        assert_eq!(code(&denied), 70003, "{what}: {denied}");
        assert!(denied.to_string().contains(says), "{what}: {denied}");
    }
}

#[test]
fn r_030_what_is_not_base64_is_refused() {
    let base = good();
    let padded = to_base64(b"x");
    assert!(padded.ends_with("__"));
    assert_eq!(UserSig::decode("").expect_err("empty"), UserSigDenied::Empty);
    undecodable(vec![
        ("a blank", " ".to_owned(), "base64"),
        ("over 4 KiB", "A".repeat(4097), "more than 4096"),
        ("a line feed behind", format!("{base}\n"), "not a base64 letter"),
        ("a line feed within", format!("{}\n{}", &base[..76], &base[76..]), "byte 76 is not a base64 letter"),
        ("a percent sign", base.replace('_', "%5F"), "not a base64 letter"),
        ("a tab for plus", format!("\t{base}"), "not a base64 letter"),
        ("a dot", format!("{}.", &base[1..]), "not a base64 letter"),
        ("a comma", format!("{},", &base[1..]), "not a base64 letter"),
        ("a tilde", format!("~{}", &base[1..]), "not a base64 letter"),
        ("NUL", format!("\0{}", &base[1..]), "not a base64 letter"),
        ("wide letters", format!("ｅ{}", &base[1..]), "not a base64 letter"),
        ("quoted", format!("\"{base}\""), "not a base64 letter"),
        ("padding too long", format!("{base}____"), "base64"),
        ("padding within", format!("{}_{}", &base[..40], &base[40..]), "byte 40 is not a base64 letter"),
        ("two of them", format!("{}{}", to_base64(&[0x78; 1]), base), "not a base64 letter"),
        ("padding alone", "____".to_owned(), "base64"),
        ("half of the padding", padded[..padded.len() - 1].to_owned(), "padding"),
        ("no padding", padded[..padded.len() - 2].to_owned(), "padding"),
        ("wrong last letter", "eB__".to_owned(), "last letter"),
        ("wrong last letter of three", "eJx_".replace('x', "z"), "last letter"),
        ("one letter", "e".to_owned(), "cut off"),
        ("base64 cut off", "eJyrV".to_owned(), "cut off"),
    ]);
}

#[test]
fn r_031_what_is_not_one_zlib_stream_is_refused() {
    let zlib = deflate(content_with("x", "1").as_bytes());
    let changed = |at: usize, byte: u8| {
        let mut bytes = zlib.clone();
        bytes[at] = byte;
        to_base64(&bytes)
    };
    let last = zlib.len() - 1;
    let raw = &zlib[2..zlib.len() - 4];
    let gzip = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff][..], raw, &[0; 8]].concat();
    let dictionary = [&[0x78, 0xbb, 0, 0, 0, 1][..], &zlib[2..]].concat();
    let bomb = to_base64(&deflate(&vec![b' '; 2_000_000]));
    assert!(bomb.len() < ENCODED_MAX);
    undecodable(vec![
        ("random bytes", to_base64(b"random bytes"), "not zlib-compressed"),
        ("gzip", to_base64(&gzip), "not zlib-compressed"),
        ("raw deflate", to_base64(raw), "not zlib-compressed"),
        ("plain JSON", to_base64(content_with("x", "1").as_bytes()), "not zlib-compressed"),
        ("a window of 64 KiB", to_base64(&[&[0x88, 0x1c], &zlib[2..]].concat()), "not zlib-compressed"),
        ("a wrong header check", changed(1, 0x9d), "not zlib-compressed"),
        ("a preset dictionary", to_base64(&dictionary), "preset dictionary"),
        ("a reserved block type", to_base64(&[0x78, 0x9c, 0x07, 0, 0, 0, 0]), "damaged"),
        ("a wrong checksum", changed(last, zlib[last] ^ 1), "damaged"),
        ("a wrong first byte of it", changed(last - 3, zlib[last - 3] ^ 0x80), "damaged"),
        ("no checksum", to_base64(&zlib[..last - 3]), "cut off"),
        ("half a checksum", to_base64(&zlib[..last - 1]), "cut off"),
        ("header only", to_base64(&zlib[..2]), "cut off"),
        ("half a header", to_base64(&zlib[..1]), "cut off"),
        ("one byte behind", to_base64(&[&zlib[..], b"\0"].concat()), "1 bytes follow"),
        ("a line feed in base64 behind", to_base64(&[&zlib[..], b"\n"].concat()), "1 bytes follow"),
        ("another stream behind", to_base64(&[&zlib[..], &zlib[..]].concat()), "bytes follow"),
        ("eight bytes behind", to_base64(&[&zlib[..], &[0; 8]].concat()), "8 bytes follow"),
        ("a bomb", bomb, "inflates to more than 8192"),
    ]);
}

#[test]
fn r_031_what_is_not_one_json_object_is_refused() {
    let nested = format!("{}{}", "[".repeat(32), "]".repeat(32));
    undecodable(vec![
        ("inflated over the limit", sealed(&" ".repeat(INFLATED_MAX + 1)), "inflates to more"),
        ("blanks up to the limit", sealed(&" ".repeat(INFLATED_MAX)), "a value is missing"),
        ("nothing inside", sealed(""), "a value is missing"),
        ("not UTF-8", to_base64(&deflate(b"{\"TLS.ver\":\"\xff\"}")), "not UTF-8"),
        ("UTF-16", to_base64(&deflate(b"{\0}\0")), "not JSON"),
        ("a BOM", sealed(&format!("\u{feff}{}", content_with("x", "1"))), "not JSON"),
        ("two values", sealed("{}{}"), "something follows"),
        ("NUL behind", sealed("{}\0"), "something follows"),
        ("NaN", with("x", "NaN"), "not JSON"),
        ("a trailing comma", sealed("{\"a\":1,}"), "not JSON"),
        ("a comment", sealed("{}//"), "not JSON"),
        ("a leading zero", with(TIME, "01700000000"), "not JSON"),
        ("a plus sign", with(EXPIRE, "+5"), "not JSON"),
        ("a lone surrogate", with(IDENTIFIER, "\"\\ud800\""), "surrogate"),
        ("a raw line feed", with(IDENTIFIER, "\"a\nb\""), "control character"),
        ("nested too deeply", with("x", &nested), "nested more than 32 deep"),
        ("a list", sealed(&format!("[{}]", content_with("x", "1"))), "not a JSON object"),
        ("a string", sealed("\"{}\""), "not a JSON object"),
        ("null", sealed("null"), "not a JSON object"),
        ("a member twice", with("x", "1,\"TLS.ver\":\"2.0\""), "\"TLS.ver\" is given twice"),
        ("a member twice, escaped", with("x", "1,\"TLS.\\u0073ig\":\"\""), "\"TLS.sig\" is given twice"),
        ("an unknown member twice", with("x", "1,\"x\":1"), "\"x\" is given twice"),
        ("an empty name twice", with("", "1,\"\":1"), "\"\" is given twice"),
    ]);
}

const WRONG_MEMBERS: &[(&str, &str, Flaw)] = &[
    (VERSION, "", Flaw::Missing),
    (VERSION, "null", Flaw::NotA("a string")),
    (VERSION, "2.0", Flaw::NotA("a string")),
    (VERSION, "\"2\"", Flaw::OtherVersion),
    (VERSION, "\"2.00\"", Flaw::OtherVersion),
    (VERSION, "\" 2.0\"", Flaw::OtherVersion),
    (VERSION, "\"1.0\"", Flaw::OtherVersion),
    (VERSION, "\"\"", Flaw::OtherVersion),
    (IDENTIFIER, "", Flaw::Missing),
    (IDENTIFIER, "null", Flaw::NotA("a string")),
    (IDENTIFIER, "1", Flaw::NotA("a string")),
    (IDENTIFIER, "[\"administrator\"]", Flaw::NotA("a string")),
    (IDENTIFIER, "\"a\\nTLS.sdkappid:1\"", Flaw::ControlCharacter),
    (IDENTIFIER, "\"administrator\\u0000\"", Flaw::ControlCharacter),
    (IDENTIFIER, "\"\\u007f\"", Flaw::ControlCharacter),
    (IDENTIFIER, "\"\\u0085\"", Flaw::ControlCharacter),
    (IDENTIFIER, "\"\\t\"", Flaw::ControlCharacter),
    (SDKAPPID, "", Flaw::Missing),
    (SDKAPPID, "null", Flaw::NotA("an integer")),
    (SDKAPPID, "true", Flaw::NotA("an integer")),
    (SDKAPPID, "1400000000.0", Flaw::NotA("an integer")),
    (SDKAPPID, "1.4e9", Flaw::NotA("an integer")),
    (SDKAPPID, "14E8", Flaw::NotA("an integer")),
    (SDKAPPID, "[1400000000]", Flaw::NotA("an integer")),
    (SDKAPPID, "-1400000000", Flaw::OutOfRange),
    (SDKAPPID, "-99999999999999999999", Flaw::OutOfRange),
    (SDKAPPID, "18446744073709551616", Flaw::OutOfRange),
    (SDKAPPID, "\"18446744073709551616\"", Flaw::OutOfRange),
    (SDKAPPID, "\"01400000000\"", Flaw::NotA("an integer")),
    (SDKAPPID, "\"+1400000000\"", Flaw::NotA("an integer")),
    (SDKAPPID, "\"-1\"", Flaw::NotA("an integer")),
    (SDKAPPID, "\" 1400000000\"", Flaw::NotA("an integer")),
    (SDKAPPID, "\"1400000000\\n\"", Flaw::NotA("an integer")),
    (SDKAPPID, "\"1400000000.0\"", Flaw::NotA("an integer")),
    (SDKAPPID, "\"\"", Flaw::NotA("an integer")),
    (SDKAPPID, "\"00\"", Flaw::NotA("an integer")),
    (SDKAPPID, "\"１\"", Flaw::NotA("an integer")),
    (TIME, "", Flaw::Missing),
    (TIME, "null", Flaw::NotA("an integer")),
    (TIME, "\"1700000000\"", Flaw::NotA("an integer")),
    (TIME, "1700000000.0", Flaw::NotA("an integer")),
    (TIME, "17e8", Flaw::NotA("an integer")),
    (TIME, "-1", Flaw::OutOfRange),
    (TIME, "9007199254740993", Flaw::OutOfRange),
    (TIME, "99999999999999999999", Flaw::OutOfRange),
    (EXPIRE, "", Flaw::Missing),
    (EXPIRE, "null", Flaw::NotA("an integer")),
    (EXPIRE, "\"86400\"", Flaw::NotA("an integer")),
    (EXPIRE, "8.64e4", Flaw::NotA("an integer")),
    (EXPIRE, "9007199254740993", Flaw::OutOfRange),
    (EXPIRE, "-9007199254740993", Flaw::OutOfRange),
    (EXPIRE, "9223372036854775807", Flaw::OutOfRange),
    (EXPIRE, "-99999999999999999999", Flaw::OutOfRange),
    (USERBUF, "null", Flaw::NotA("a string")),
    (USERBUF, "[]", Flaw::NotA("a string")),
    (USERBUF, "\"a b\"", Flaw::NotBase64),
    (USERBUF, "\"YWJj\\r\\n\"", Flaw::NotBase64),
    (USERBUF, "\"YW-_\"", Flaw::NotBase64),
    (USERBUF, "\"小\"", Flaw::NotBase64),
    (SIG, "", Flaw::Missing),
    (SIG, "null", Flaw::NotA("a string")),
    (SIG, "1", Flaw::NotA("a string")),
    (SIG, "{}", Flaw::NotA("a string")),
];

/// Refused before anything is compared with the request: 70005.
#[test]
fn r_032_what_has_wrong_members_is_refused() {
    for &(member, json, why) in WRONG_MEMBERS {
        let denied = UserSig::decode(&with(member, json)).map(|_| json).unwrap_err();
        assert_eq!(denied, UserSigDenied::Malformed { member, why }, "{member} {json}");
        assert_eq!(code(&denied), 70005);
    }
    let denied = UserSig::decode(&sealed("{}")).unwrap_err();
    assert_eq!(denied.to_string(), "UserSig is malformed: TLS.ver is missing");
}

/// Well-formed, and refused when it is compared with the request, the keys and the clock.
#[test]
fn r_033_what_does_not_fit_the_request_or_its_userbuf_is_refused() {
    let of = |app, key: &str, id, expire, time, userbuf| make(app, key.as_bytes(), id, expire, time, userbuf);
    let sig_with = |change: fn(String) -> String| {
        let sig = signature(KEY.as_bytes(), &signed_text("administrator", APP, NOW, 86400, None));
        with(SIG, &format!("\"{}\"", change(sig)))
    };
    let max = 1 << 53;
    let table: Vec<(&str, String, u32)> = vec![
        ("another application", of(1, KEY, "administrator", 86400, NOW, None), 70014),
        ("application 0", with(SDKAPPID, "-0"), 70014),
        ("the largest application", with(SDKAPPID, "18446744073709551615"), 70014),
        ("another application as a string", with(SDKAPPID, "\"0\""), 70014),
        ("everything another", of(1, "no", "bob", -1, NOW * 2, None), 70014),
        ("another user", of(APP, KEY, "bob", 86400, NOW, None), 70013),
        ("another case", of(APP, KEY, "Administrator", 86400, NOW, None), 70013),
        ("a blank behind", of(APP, KEY, "administrator ", 86400, NOW, None), 70013),
        ("no user", of(APP, KEY, "", 86400, NOW, None), 70013),
        ("another user, key and time", of(APP, "no", "bob", -1, NOW, None), 70013),
        ("another key", of(APP, "no", "administrator", 86400, NOW, None), 70009),
        ("another key, expired", of(APP, "no", "administrator", -1, NOW, None), 70009),
        ("an empty key", of(APP, "", "administrator", 86400, NOW, None), 70009),
        ("a longer time", with(EXPIRE, "86401"), 70009),
        ("a later time", with(TIME, "1700000001"), 70009),
        ("a userbuf added", with(USERBUF, "\"\""), 70009),
        ("no signature", with(SIG, "\"\""), 70009),
        ("part of the signature", sig_with(|sig| sig[..43].to_owned()), 70009),
        ("a blank behind the signature", sig_with(|sig| sig + " "), 70009),
        ("the signature twice", sig_with(|sig| sig.repeat(2)), 70009),
        ("its other letters", sig_with(|sig| sig.replace('=', "_")), 70009),
        ("no padding", sig_with(|sig| sig.replace('=', "")), 70009),
        ("its upper case", sig_with(|sig| sig.to_uppercase()), 70009),
        ("expired", of(APP, KEY, "administrator", 86400, NOW - 86401, None), 70001),
        ("expired at once", of(APP, KEY, "administrator", -1, NOW, None), 70001),
        ("never valid", of(APP, KEY, "administrator", -max, NOW, None), 70001),
        ("never valid, long ago", of(APP, KEY, "administrator", -max, 0, None), 70001),
        ("from the future", of(APP, KEY, "administrator", 86400, NOW + 601, None), 70001),
        ("from the far future", of(APP, KEY, "administrator", max, max, None), 70001),
        ("in milliseconds", of(APP, KEY, "administrator", 86400, NOW * 1000, None), 70001),
        ("expired before it was made", of(APP, KEY, "administrator", -700, NOW + 650, None), 70001),
    ];
    for (what, text, expected) in table {
        let denied = judged(&text, NOW).expect_err(what);
        assert_eq!(code(&denied), expected, "{what}: {denied}");
    }
}

#[test]
fn r_035_the_bounds_of_time_are_exact() {
    let sig = |time, expire| UserSig::decode(&make(APP, KEY.as_bytes(), "administrator", expire, time, None)).unwrap();
    let at = |sig: &UserSig, now| sig.verify(APP, "administrator", [KEY], now);
    let usual = sig(NOW, 86400);
    assert_eq!(at(&usual, NOW + 86400), Ok(()), "the last second");
    assert_eq!(at(&usual, NOW + 86401), Err(UserSigDenied::Expired { seconds_ago: 1 }));
    assert_eq!(at(&usual, NOW - 600), Ok(()), "ten minutes ahead");
    assert_eq!(at(&usual, NOW - 601), Err(UserSigDenied::FromTheFuture { seconds_ahead: 601 }));
    assert!(matches!(at(&usual, i64::MAX), Err(UserSigDenied::Expired { .. })));
    assert!(matches!(at(&usual, i64::MIN), Err(UserSigDenied::FromTheFuture { seconds_ahead: i64::MAX })));
    assert_eq!(at(&sig(NOW, 0), NOW), Ok(()));
    assert_eq!(at(&sig(0, 1 << 53), 1 << 53), Ok(()));
    assert_eq!(at(&sig(0, -(1 << 53)), 0), Err(UserSigDenied::Expired { seconds_ago: 1 << 53 }));
    assert_eq!(at(&sig(1 << 53, 1 << 53), 1 << 53), Ok(()));
    assert_eq!(sig(1 << 53, 1 << 53).valid_until(), 1 << 54);
}

#[test]
fn r_034_any_active_key_may_match_and_no_key_accepts_nothing() {
    let sig = UserSig::decode(&good()).unwrap();
    let with_keys = |keys: &[&str]| sig.verify(APP, "administrator", keys, NOW);
    assert_eq!(with_keys(&[KEY]), Ok(()));
    assert_eq!(with_keys(&["a", "b", KEY]), Ok(()));
    assert_eq!(with_keys(&[KEY, "a"]), Ok(()));
    for keys in [&[][..], &[""], &["a", "b"], &[&KEY[..63]]] {
        assert_eq!(with_keys(keys), Err(UserSigDenied::WrongSignature));
    }
    let unsigned = UserSig::decode(&make(APP, b"", "administrator", 86400, NOW, None)).unwrap();
    assert_eq!(unsigned.verify(APP, "administrator", [""], NOW), Err(UserSigDenied::WrongSignature));
    let long = [7; 200];
    let sig = UserSig::decode(&make(APP, &long, "administrator", 86400, NOW, None)).unwrap();
    assert_eq!(sig.verify(APP, "administrator", [long], NOW), Ok(()));
}

#[test]
fn neither_the_debug_form_nor_a_denial_shows_the_signature() {
    let sig = UserSig::decode(&good()).unwrap();
    assert!(!format!("{sig:?}").contains(&sig.sig));
    for key in [KEY, "other"] {
        let denied = sig.verify(APP, "administrator", [key], NOW * 2).unwrap_err();
        assert!(![format!("{denied}"), format!("{denied:?}")].iter().any(|text| text.contains(&sig.sig)), "{denied}");
    }
    let signed = format!("{}\u{202e}{}", "x".repeat(60), "y".repeat(1000));
    let denied = UserSigDenied::OtherIdentifier { signed, asked: "a\"".to_owned() }.to_string();
    assert_eq!(
        denied,
        format!("UserSig was made for identifier \"{}\\u{{202e}}yyy\"…, not for \"a\\\"\"", "x".repeat(60))
    );
}

#[test]
fn every_truncation_is_refused() {
    let text = make(APP, KEY.as_bytes(), "administrator", 86400, NOW, Some(b"abc"));
    let zlib = from_base64(&text).unwrap();
    for end in 0..text.len() {
        assert!(UserSig::decode(&text[..end]).is_err(), "{end}");
        assert!(UserSig::decode(&text[end + 1..]).is_err(), "{end}");
    }
    for end in 0..zlib.len() {
        assert_eq!(code(&UserSig::decode(&to_base64(&zlib[..end])).unwrap_err()), if end == 0 { 70002 } else { 70003 });
    }
}

/// Only two kinds of changed bits leave the meaning as it is: `*` for `+` and `-` for `/`, and the less than eight bits
/// that deflate leaves unused to fill a byte.
#[test]
fn every_flipped_bit_is_refused_or_changes_nothing() {
    for text in [good(), good().replace('*', "+"), to_base64(&stored(content_with("x", "1").as_bytes()))] {
        let zlib = from_base64(&text).unwrap();
        let content = inflate(&zlib).unwrap();
        for bit in 0..text.len() * 8 {
            let mut flipped = text.clone().into_bytes();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let Ok(flipped) = String::from_utf8(flipped) else { continue };
            if judged(&flipped, NOW).is_ok() {
                assert_eq!(inflate(&from_base64(&flipped).unwrap()).unwrap(), content, "bit {bit}");
            }
        }
        let mut unused = 0;
        for bit in 0..zlib.len() * 8 {
            let mut flipped = zlib.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if judged(&to_base64(&flipped), NOW).is_ok() {
                assert_eq!(inflate(&flipped).unwrap(), content, "bit {bit}");
                unused += 1;
            }
        }
        assert!(unused < 8, "{unused}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn what_is_made_is_accepted(
        app: u64,
        key in proptest::collection::vec(any::<u8>(), 1..100),
        identifier in "\\PC{0,40}",
        time in 0..=SECONDS_MAX,
        expire in 0..=SECONDS_MAX,
        after in 0.0..=1.0,
        userbuf in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..100)),
    ) {
        let text = make(app, &key, &identifier, expire, time, userbuf.as_deref());
        prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"*-_".contains(&byte)));
        let sig = UserSig::decode(&text).unwrap();
        prop_assert_eq!((sig.identifier(), sig.sdkappid()), (identifier.as_str(), app));
        prop_assert_eq!((sig.time(), sig.expire(), sig.valid_until()), (time, expire, time + expire));
        prop_assert_eq!(sig.userbuf().map(|text| STANDARD.decode(text).unwrap()), userbuf);
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "any time in between will do")]
        let now = (time + (expire as f64 * after) as i64).min(time + expire);
        prop_assert_eq!(sig.verify(app, &identifier, [&key], now), Ok(()));
        prop_assert_eq!(sig.verify(app ^ 1, &identifier, [&key], now).map_err(|denied| code(&denied)), Err(70014));
    }

    #[test]
    fn nothing_panics_on_random_text(text in "\\PC{0,80}", now: i64) {
        prop_assert!(UserSig::decode(&text).is_err());
        explain(&text, Some(APP), Some("x"), &[("key".to_owned(), KEY)], now);
    }

    #[test]
    fn nothing_panics_on_random_bytes_inside(bytes in proptest::collection::vec(any::<u8>(), 0..80), now: i64) {
        for text in [to_base64(&bytes), to_base64(&[&[0x78, 0x9c], &bytes[..]].concat()), to_base64(&deflate(&bytes))] {
            prop_assert!(UserSig::decode(&text).is_err());
            explain(&text, None, None, &[("key".to_owned(), KEY)], now);
        }
    }

    #[test]
    fn nothing_panics_on_random_members(
        member in proptest::sample::select(vec![VERSION, IDENTIFIER, SDKAPPID, TIME, EXPIRE, USERBUF, SIG, "x"]),
        json in "(-?[0-9]{1,25}|\"[^\"\\\\\\pC]{0,60}\"|null|\\[\\]|\\{\\}|-?[1-9][.eE][0-9])",
        now: i64,
    ) {
        let text = with(member, &json);
        if let Ok(sig) = UserSig::decode(&text) {
            let verdict = sig.verify(APP, "administrator", [KEY], now);
            prop_assert!(verdict.is_err() || (NOW - 600..=NOW + 86400).contains(&now));
        }
        prop_assert!(!explain(&text, Some(APP), None, &[("key".to_owned(), KEY)], now).is_empty());
    }
}
