//! Tells a human what is in a `UserSig` and what is wrong with it, and looks for the mistakes that signers make. It
//! judges nothing itself: the verdict is [`UserSig::verify`]'s.

use std::borrow::Cow;

use super::{
    ENCODED_MAX, EXPIRE, FUTURE_MAX_SECONDS, Flaw, IDENTIFIER, NESTING_MAX, SDKAPPID, SECONDS_MAX, SIG, TIME, USERBUF,
    Undecodable, UserSig, VERSION, equal_in_constant_time, from_base64, identifier, inflate, sdkappid, seconds,
    signature, string, userbuf, version,
};
use crate::explain::cut;
use crate::json::{Json, Object};

/// Explains a `UserSig` in lines of English, the verdict last. `sdkappid` and `identifier` are the request's, where
/// they are known; each key comes with a label to call it by, and all are taken as active. Neither a key nor the
/// signature is in the lines.
pub fn explain<K: AsRef<[u8]>>(
    text: &str,
    sdkappid: Option<u64>,
    identifier: Option<&str>,
    keys: &[(String, K)],
    now: i64,
) -> Vec<String> {
    let mut lines = vec![format!("The text has {}.", count(text.len(), "byte"))];
    if let Some(content) = open(text, &mut lines) {
        match Json::parse(&content, NESTING_MAX) {
            Ok(Json::Object(object)) => {
                members(&object, &mut lines);
                if let Ok(sig) = UserSig::from_object(&object) {
                    request(&sig, sdkappid, identifier, &mut lines);
                    who_signed(&sig, keys, &mut lines);
                    lines.push(times(&sig, now));
                }
            }
            Ok(_) => lines.push("Its content is JSON, but not an object.".to_owned()),
            Err(error) => lines.push(format!("Its content is {error}.")),
        }
    }
    lines.push(verdict(text, sdkappid, identifier, keys, now));
    lines
}

fn verdict<K: AsRef<[u8]>>(
    text: &str,
    sdkappid: Option<u64>,
    identifier: Option<&str>,
    keys: &[(String, K)],
    now: i64,
) -> String {
    let sig = match UserSig::decode(text) {
        Ok(sig) => sig,
        Err(denied) => return format!("Verdict: refused. {denied}."),
    };
    let sdkappid = sdkappid.unwrap_or(sig.sdkappid);
    let identifier = identifier.unwrap_or(&sig.identifier);
    match sig.verify(sdkappid, identifier, keys.iter().map(|(_, key)| key), now) {
        Ok(()) => "Verdict: accepted.".to_owned(),
        Err(super::UserSigDenied::WrongSignature) if keys.is_empty() => {
            "Verdict: readable, but not verified, because no key was given.".to_owned()
        }
        Err(denied) => format!("Verdict: refused. {denied}."),
    }
}

/// Gets at the JSON, past mistakes that can be undone, so that as much as possible can be told about the rest.
fn open(text: &str, lines: &mut Vec<String>) -> Option<Vec<u8>> {
    if text.is_empty() {
        return None;
    }
    if text.len() > ENCODED_MAX {
        lines.push(format!("That is more than {ENCODED_MAX}: it is not read at all."));
        return None;
    }
    let plain = without_accidents(text, lines);
    if plain.starts_with('{') {
        lines.push("It is JSON as it stands: it must be zlib-compressed and then base64-encoded.".to_owned());
        return Some(plain.into_owned().into_bytes());
    }
    let letters = plain.trim_end_matches(['_', '=']);
    if letters.contains('_') {
        let hint = "It has a _ before its end: it may be base64url, but here + becomes *, / becomes - and = becomes _.";
        lines.push(hint.to_owned());
    }
    let compressed = match from_base64(&plain) {
        Err(Undecodable::Padding) => {
            let missing = (4 - letters.len() % 4) % 4;
            let wanted = if missing == 0 { "none".to_owned() } else { "_".repeat(missing) };
            let here = plain.len() - letters.len();
            lines.push(format!("Its padding is missing or wrong: it ends in {here} of _ or =, and needs {wanted}."));
            from_base64(&format!("{letters}{}", "_".repeat(missing)))
        }
        other => other,
    };
    let compressed = match compressed {
        Ok(compressed) => compressed,
        Err(error) => {
            lines.push(format!("In short, {error}."));
            return None;
        }
    };
    decompress(compressed, lines)
}

fn decompress(compressed: Vec<u8>, lines: &mut Vec<String>) -> Option<Vec<u8>> {
    match inflate(&compressed) {
        Ok(content) => {
            lines.push(format!(
                "It decodes to {}, and these inflate to {}.",
                count(compressed.len(), "byte"),
                count(content.len(), "byte")
            ));
            Some(content)
        }
        Err(error) => {
            lines.push(format!("It decodes to {}, but {error}.", count(compressed.len(), "byte")));
            match compressed.as_slice() {
                [b'{', ..] => {
                    lines.push("They are JSON already: it must be zlib-compressed before base64.".to_owned());
                    return Some(compressed);
                }
                [0x1f, 0x8b, ..] => lines.push("They are a gzip stream: it must be a zlib stream.".to_owned()),
                [0x30, ..] => lines.push("They may be a bare ECDSA signature, as of version 1.".to_owned()),
                _ => {}
            }
            None
        }
    }
}

/// The text without URL escapes and without white space around it.
fn without_accidents<'t>(text: &'t str, lines: &mut Vec<String>) -> Cow<'t, str> {
    let mut plain = Cow::Borrowed(text);
    if let Some(once) = without_escapes(text) {
        lines.push(
            "It has URL escapes (such as %2A for *): it was URL-encoded twice, or not decoded. \
             What follows is about the text without them."
                .to_owned(),
        );
        plain = Cow::Owned(without_escapes(&once).unwrap_or(once));
    }
    let trimmed = plain.trim();
    if trimmed.len() == plain.len() {
        return plain;
    }
    lines.push("It has white space around it, which does not belong to it.".to_owned());
    Cow::Owned(trimmed.to_owned())
}

/// The text with its URL escapes resolved, or nothing where it has none.
fn without_escapes(text: &str) -> Option<String> {
    let mut pieces = text.split('%');
    let mut plain = pieces.next()?.to_owned();
    let mut found = false;
    for piece in pieces {
        let letter = piece.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(u8::is_ascii);
        if let Some(letter) = letter {
            plain.push(char::from(letter));
            plain.push_str(piece.get(2..).unwrap_or_default());
            found = true;
        } else {
            plain.push('%');
            plain.push_str(piece);
        }
    }
    found.then_some(plain)
}

fn members(object: &Object<'_>, lines: &mut Vec<String>) {
    let judged = [
        (VERSION, version(object).err()),
        (IDENTIFIER, identifier(object).err()),
        (SDKAPPID, sdkappid(object).err()),
        (TIME, seconds(object, TIME, 0).err()),
        (EXPIRE, seconds(object, EXPIRE, -SECONDS_MAX).err()),
        (USERBUF, userbuf(object).err()),
        (SIG, string(object, SIG).err()),
    ];
    for (member, flaw) in judged {
        lines.extend(found(object, member, flaw));
    }
    let known = judged.map(|(member, _)| member);
    let others: Vec<_> = object.iter().map(|(key, _)| key).filter(|key| !known.contains(key)).map(cut).collect();
    if !others.is_empty() {
        lines.push(format!("Other members, not looked at: {}.", cut(&others.join(", "))));
    }
    if let Some(member) = object.repeated().first() {
        lines.push(format!(
            "{} is given twice, and one reader may take the first where another takes the last.",
            cut(member)
        ));
    }
    let older = ["TLS.version", "TLS.sdk_appid", "TLS.expire_after", "TLS.account_type", "TLS.appid_at_3rd"];
    let long = string(object, SIG).is_ok_and(|sig| sig.len() > 44);
    if object.get(VERSION).is_none() && (long || older.iter().any(|member| object.get(member).is_some())) {
        lines.push(
            "It looks like version 1 (ECDSA, signed with a private key): make it with TLSSigAPIv2 and the \
             application's key instead."
                .to_owned(),
        );
    }
}

fn found(object: &Object<'_>, member: &str, flaw: Option<Flaw>) -> Option<String> {
    let value = match object.get(member) {
        Some(Json::String(sig)) if member == SIG => count(sig.chars().count(), "letter"),
        Some(_) if member == SIG => "there".to_owned(),
        Some(json) => {
            let mut written = Vec::new();
            json.write(&mut written);
            cut(&String::from_utf8_lossy(&written))
        }
        None => return flaw.map(|flaw| format!("{member} {flaw}.")),
    };
    Some(match flaw {
        Some(flaw) => format!("{member}: {value}. This is wrong: it {flaw}."),
        None if member == SIG && value != "44 letters" => format!("{member}: {value}. A signature has 44."),
        None => format!("{member}: {value}"),
    })
}

fn request(sig: &UserSig, sdkappid: Option<u64>, identifier: Option<&str>, lines: &mut Vec<String>) {
    if let Some(asked) = sdkappid.filter(|&asked| asked != sig.sdkappid) {
        lines.push(format!("It was made for SDKAppID {}, but the request is for {asked}.", sig.sdkappid));
    }
    if let Some(asked) = identifier.filter(|&asked| asked != sig.identifier) {
        lines.push(format!(
            "It was made for identifier {}, but the request is for {}.",
            cut(&sig.identifier),
            cut(asked)
        ));
        if asked.eq_ignore_ascii_case(&sig.identifier) {
            lines.push("The two differ in upper and lower case only, which counts.".to_owned());
        } else if asked.trim() == sig.identifier.trim() {
            lines.push("The two differ in white space only, which counts.".to_owned());
        }
    }
}

fn who_signed<K: AsRef<[u8]>>(sig: &UserSig, keys: &[(String, K)], lines: &mut Vec<String>) {
    let text = sig.signed_text();
    lines.push(format!("The signed text, \\n for each line feed: {}", text.replace('\n', "\\n")));
    if keys.is_empty() {
        return;
    }
    if let Some((label, _)) = keys.iter().find(|(_, key)| sig.is_signed_with(key.as_ref())) {
        lines.push(format!("The signature was made with {label}."));
        return;
    }
    for (label, key) in keys {
        if key.as_ref().is_empty() {
            lines.push(format!("{label} is empty, and so never accepts a signature."));
        } else if let Some(mistake) = mistake(sig, key.as_ref(), &text) {
            lines.push(format!("The signature was made with {label}, but {mistake}."));
            return;
        }
    }
    let keys = if let [(label, _)] = keys { label } else { &format!("any of the {} keys", keys.len()) };
    lines.push(format!("The signature was not made with {keys}, or something was changed afterwards."));
}

/// What signers get wrong although they have the right key.
fn mistake(sig: &UserSig, key: &[u8], text: &str) -> Option<&'static str> {
    let fits = |key: &[u8], text: &str| equal_in_constant_time(&sig.sig, &signature(key, text));
    if from_hex(key).is_some_and(|bytes| fits(&bytes, text)) {
        return Some("with the bytes that it is the hexadecimal form of: the key is its text as it stands");
    }
    if [&b"\n"[..], b"\r\n", b" "].iter().any(|end| fits(&[key, end].concat(), text)) {
        return Some("with white space behind it");
    }
    if text.strip_suffix('\n').is_some_and(|text| fits(key, text)) {
        return Some("over a text without its last line feed");
    }
    let unbuffered = UserSig { userbuf: None, ..sig.clone() }.signed_text();
    if sig.userbuf.is_some() {
        return fits(key, &unbuffered).then_some("over a text without the userbuf");
    }
    fits(key, &format!("{unbuffered}{USERBUF}:\n"))
        .then_some("over a text with an empty userbuf, which its JSON leaves out (as an older Go library does)")
}

fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_chunks::<2>() else { return None };
    let byte = |pair: &[u8; 2]| {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        u8::try_from(high * 16 + low).ok()
    };
    pairs.iter().map(byte).collect()
}

fn times(sig: &UserSig, now: i64) -> String {
    let ahead = sig.time.saturating_sub(now);
    let made = match ahead {
        1.. if ahead > FUTURE_MAX_SECONDS => {
            format!("{} in the future, which is too far: a clock may be wrong, or it is in milliseconds", span(ahead))
        }
        1.. => format!("{} in the future", span(ahead)),
        _ => format!("{} ago", span(ahead)),
    };
    let left = sig.valid_until().saturating_sub(now);
    let valid = match left {
        0.. => format!("it is valid for {} more", span(left)),
        _ if sig.expire < 0 => "it never was valid, because its expire is negative".to_owned(),
        _ => format!("it expired {} ago, after {}", span(left), span(sig.expire)),
    };
    format!("It was made {made}; {valid}.")
}

/// A length of time in its two largest units, and in seconds.
fn span(seconds: i64) -> String {
    let all = seconds.unsigned_abs();
    let units = [(all / 86400, "day"), (all / 3600 % 24, "hour"), (all / 60 % 60, "minute"), (all % 60, "second")];
    let large = units.iter().skip_while(|(number, _)| *number == 0).take(2).filter(|(number, _)| *number > 0);
    let words: Vec<_> = large.map(|(number, unit)| plural(*number, unit)).collect();
    match words.as_slice() {
        [] => "0 seconds".to_owned(),
        [only] if all < 60 => only.clone(),
        words => format!("{} ({all} seconds)", words.join(" ")),
    }
}

fn plural(number: u64, unit: &str) -> String {
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

fn count(number: usize, unit: &str) -> String {
    plural(u64::try_from(number).unwrap_or(u64::MAX), unit)
}

#[cfg(test)]
mod tests {
    use super::super::{make, to_base64};
    use super::*;
    use crate::usersig::tests::sealed;

    const NOW: i64 = 1_700_000_000;
    const DAY: i64 = 86400;
    const KEY: &str = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e";

    fn keys() -> Vec<(String, String)> {
        vec![("key 1 (old)".to_owned(), "another key".to_owned()), ("key 2 (active)".to_owned(), KEY.to_owned())]
    }

    fn good() -> String {
        make(1_400_000_000, KEY.as_bytes(), "administrator", 180 * DAY, NOW, None)
    }

    fn explained(text: &str, now: i64) -> String {
        explain(text, Some(1_400_000_000), Some("administrator"), &keys(), now).join("\n")
    }

    /// A `UserSig` signed as a signer would with this mistake in its key or text.
    fn mistaken(key: &[u8], members: &str, text: &str) -> String {
        let sig = signature(key, text);
        sealed(&format!(
            r#"{{"TLS.ver":"2.0","TLS.identifier":"administrator","TLS.sdkappid":1400000000,"TLS.time":{NOW},"TLS.expire":{DAY},{members}"TLS.sig":"{sig}"}}"#
        ))
    }

    #[test]
    fn a_good_one_is_told_member_by_member() {
        let told = explain(&good(), Some(1_400_000_000), Some("administrator"), &keys(), NOW + 3 * DAY + 7200);
        let expected = [
            "TLS.ver: \"2.0\"",
            "TLS.identifier: \"administrator\"",
            "TLS.sdkappid: 1400000000",
            "TLS.time: 1700000000",
            "TLS.expire: 15552000",
            "TLS.sig: 44 letters",
            "The signed text, \\n for each line feed: TLS.identifier:administrator\\nTLS.sdkappid:1400000000\\n\
             TLS.time:1700000000\\nTLS.expire:15552000\\n",
            "The signature was made with key 2 (active).",
            "It was made 3 days 2 hours (266400 seconds) ago; it is valid for 176 days 22 hours (15285600 seconds) more.",
            "Verdict: accepted.",
        ];
        assert_eq!(told[2..], expected, "{told:#?}");
    }

    #[test]
    fn each_fault_is_told_in_words() {
        let good = good();
        let text = |expire: i64| {
            format!("TLS.identifier:administrator\nTLS.sdkappid:1400000000\nTLS.time:{NOW}\nTLS.expire:{expire}\n")
        };
        let text = text(DAY);
        let other = |id: &str, app| make(app, KEY.as_bytes(), id, DAY, NOW, None);
        let hex: Vec<u8> = from_hex(KEY.as_bytes()).unwrap();
        let json = r#"{"TLS.ver":"2.0"}"#;
        let table: Vec<(&str, String, &str)> = vec![
            ("empty", String::new(), "UserSig is empty"),
            ("a stray letter", good.replacen('e', "!", 1), "its byte 0 is not a base64 letter"),
            ("too long", "e".repeat(4097), "more than 4096"),
            ("base64 cut off", good[..good.len() - 3].to_owned(), "its base64 is cut off"),
            ("zlib cut off", good[..100].to_owned(), "its zlib stream is cut off"),
            ("no padding", good.trim_end_matches('_').to_owned(), "padding is missing"),
            ("URL-encoded twice", good.replace('_', "%255F"), "it was URL-encoded twice"),
            (
                "URL-encoded",
                good.replace('*', "%2A").replace('_', "%5F"),
                "Verdict: refused. UserSig cannot be decoded",
            ),
            ("white space", format!("{good}\n"), "white space around it"),
            ("base64url", good.replace('_', "=").replace('-', "_"), "may be base64url"),
            ("JSON", json.to_owned(), "TLS.identifier is missing"),
            ("JSON in base64", to_base64(json.as_bytes()), "They are JSON already"),
            ("gzip", to_base64(&[0x1f, 0x8b, 8, 0, 0, 0]), "a gzip stream"),
            ("bare ECDSA", to_base64(&[0x30, 0x45, 2]), "a bare ECDSA signature"),
            ("a list", sealed("[1]"), "not an object"),
            ("not JSON", sealed("{"), "not JSON"),
            ("twice", sealed(r#"{"TLS.ver":"2.0","TLS.ver":"2.0"}"#), "TLS.ver is given twice"),
            ("wrong type", sealed(r#"{"TLS.ver":2.0}"#), "TLS.ver: 2.0. This is wrong: it is not a string."),
            ("short signature", sealed(r#"{"TLS.sig":"x"}"#), "TLS.sig: 1 letter. A signature has 44."),
            ("version 1", sealed(r#"{"TLS.sdk_appid":"1","TLS.version":"201512300000"}"#), "version 1 (ECDSA"),
            ("long signature", sealed(&format!(r#"{{"TLS.sig":"{}"}}"#, "M".repeat(96))), "version 1 (ECDSA"),
            ("unknown member", sealed(r#"{"x":1,"TLS.ver":"2.0"}"#), "not looked at: x."),
            ("control character", sealed("{\"TLS.identifier\":\"\u{9b}\"}"), "it has a control character"),
            (
                "another application",
                other("administrator", 7),
                "made for SDKAppID 7, but the request is for 1400000000",
            ),
            ("another user", other("bob", 1_400_000_000), "made for identifier bob, but the request"),
            ("another case", other("Administrator", 1_400_000_000), "upper and lower case only"),
            ("a blank", other("administrator ", 1_400_000_000), "white space only"),
            (
                "another key",
                make(1_400_000_000, b"x", "administrator", DAY, NOW, None),
                "not made with any of the 2 keys",
            ),
            ("the key's bytes", mistaken(&hex, "", &text), "key 2 (active), but with the bytes"),
            ("a key from a file", mistaken(format!("{KEY}\n").as_bytes(), "", &text), "but with white space behind it"),
            ("no last line feed", mistaken(KEY.as_bytes(), "", text.trim()), "without its last line feed"),
            ("a userbuf left out", mistaken(KEY.as_bytes(), "", &format!("{text}TLS.userbuf:\n")), "an empty userbuf"),
            ("a userbuf unsigned", mistaken(KEY.as_bytes(), r#""TLS.userbuf":"eA==","#, &text), "without the userbuf"),
        ];
        for (what, text, says) in table {
            let told = explained(&text, NOW);
            assert!(told.contains(says), "{what}:\n{told}");
            assert!(told.lines().last().unwrap().starts_with("Verdict: refused. "), "{what}:\n{told}");
        }
    }

    #[test]
    fn times_are_told_in_units() {
        let table = [
            (NOW + 180 * DAY, "it is valid for 0 seconds more"),
            (NOW + 180 * DAY + 1, "it expired 1 second ago, after 180 days (15552000 seconds)"),
            (NOW + 180 * DAY + 3661, "it expired 1 hour 1 minute (3661 seconds) ago"),
            (NOW - 600, "It was made 10 minutes (600 seconds) in the future; "),
            (NOW - 601, "which is too far"),
            (i64::MIN, "in the future"),
            (i64::MAX, "it expired"),
        ];
        for (now, says) in table {
            let told = explained(&good(), now);
            assert!(told.contains(says), "{now}:\n{told}");
        }
        let negative = make(1_400_000_000, KEY.as_bytes(), "administrator", -DAY, NOW, None);
        assert!(explained(&negative, NOW).contains("it never was valid"));
    }

    #[test]
    fn without_a_key_it_is_readable_only() {
        let told = explain::<&[u8]>(&good(), None, None, &[], NOW);
        assert_eq!(told.last().unwrap(), "Verdict: readable, but not verified, because no key was given.");
        let empty = [("key 1".to_owned(), "")];
        assert!(explain(&good(), None, None, &empty, NOW).join("\n").contains("key 1 is empty"));
    }

    #[test]
    fn neither_key_nor_signature_is_told() {
        let sig = UserSig::decode(&good()).unwrap().sig;
        for keys in [keys(), vec![("key".to_owned(), "a guessed key".to_owned())]] {
            for text in [good(), good()[..100].to_owned(), good().replace('_', "")] {
                let told = explain(&text, None, Some("x"), &keys, NOW).join("\n");
                assert!(!told.contains(&sig) && keys.iter().all(|(_, key)| !told.contains(key)), "{told}");
            }
        }
    }
}
