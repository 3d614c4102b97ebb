//! Tells in lines of English what [`dissect`] found in a `UserSig`, for the command line.

use super::dissect::{Member, dissect};

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
    let found = dissect(text, sdkappid, identifier, keys, now);
    let mut lines: Vec<String> = found.steps.into_iter().map(|one| one.en).collect();
    lines.extend(found.members.iter().map(line));
    lines.extend(found.remarks.into_iter().map(|one| one.en));
    let signed = found.signed_text.map(|text| text.replace('\n', "\\n"));
    lines.extend(signed.map(|text| format!("The signed text, \\n for each line feed: {text}")));
    lines.extend(found.signer.into_iter().flat_map(|signer| signer.told).map(|one| one.en));
    lines.extend(found.times.map(|times| times.told.en));
    lines.push(format!("Verdict: {}", found.told.en));
    lines
}

fn line(member: &Member) -> String {
    let Member { name, value, flaw, .. } = member;
    match (value, flaw) {
        (Some(value), None) => format!("{name}: {}", value.en),
        (Some(value), Some(flaw)) => format!("{name}: {}. This is wrong: it {}.", value.en, flaw.en),
        (None, flaw) => format!("{name} {}.", flaw.as_ref().map_or("is missing", |flaw| flaw.en.as_str())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::signer::from_hex;
    use super::super::{UserSig, make, signature, to_base64};
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
            (
                "short signature",
                sealed(r#"{"TLS.sig":"x"}"#),
                "TLS.sig: 1 letter. This is wrong: it has not 44 letters.",
            ),
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
