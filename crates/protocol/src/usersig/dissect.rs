//! Takes a `UserSig` apart for whoever has to find out what is wrong with it: how it decodes, each member, the text that is signed, which key
//! signed it, its times, and the verdict, which is [`UserSig::verify`]'s. It looks for the mistakes that signers make, and judges nothing
//! itself. Neither a key nor the signature is in what it tells.

use super::chinese::{denied_zh, flaw_zh, undecodable_zh};
use super::signer::{self, Signer};
use super::times::{self, Times};
use super::{
    ENCODED_MAX, EXPIRE, Flaw, IDENTIFIER, NESTING_MAX, SDKAPPID, SECONDS_MAX, SIG, TIME, USERBUF, Undecodable,
    UserSig, UserSigDenied, VERSION, from_base64, identifier, inflate, sdkappid, seconds, string, userbuf, version,
};
use crate::codes::{Code, usersig_code};
use crate::explain::{Told, cut};
use crate::json::{Json, Object};
use crate::openapi::{Text, text};
use std::borrow::Cow;

/// A `UserSig`, taken apart.
#[derive(Debug)]
pub struct Dissected {
    /// What decoding came to, step by step, with what was done about mistakes that can be undone.
    pub steps: Vec<Told>,
    /// The known members: those that are there, and those that are missing.
    pub members: Vec<Member>,
    /// What else there is to say of the members, and how they differ from the request.
    pub remarks: Vec<Told>,
    /// The exact text that is signed, where all members are readable.
    pub signed_text: Option<String>,
    /// Who signed it, where all members are readable and there are keys.
    pub signer: Option<Signer>,
    /// Its times, where all members are readable.
    pub times: Option<Times>,
    /// Whether a server that has these keys takes it for the request.
    pub verdict: Result<(), UserSigDenied>,
    /// The verdict in words.
    pub told: Told,
}

impl Dissected {
    /// The code that a call with it is answered with, where it is refused.
    pub fn code(&self) -> Option<Code> {
        self.verdict.as_ref().err().map(usersig_code)
    }
}

/// A member.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// Its value as JSON, cut where it is long; of the signature only its length. None where it is missing.
    pub value: Option<Told>,
    /// What it means.
    pub meaning: Text,
    /// What is wrong with it.
    pub flaw: Option<Told>,
}

pub(super) fn told(en: impl Into<String>, zh: impl Into<String>) -> Told {
    Told { en: en.into(), zh: zh.into() }
}

/// Takes a `UserSig` apart. `sdkappid` and `identifier` are the request's, where they are known; each key comes with a label to call it by,
/// and all are taken as active. `now` is the Unix time.
pub fn dissect<K: AsRef<[u8]>>(
    text: &str,
    sdkappid: Option<u64>,
    identifier: Option<&str>,
    keys: &[(String, K)],
    now: i64,
) -> Dissected {
    let verdict = UserSig::decode(text).and_then(|sig| {
        let (sdkappid, identifier) = (sdkappid.unwrap_or(sig.sdkappid), identifier.unwrap_or(&sig.identifier));
        sig.verify(sdkappid, identifier, keys.iter().map(|(_, key)| key), now)
    });
    let verdict_told = in_words(&verdict, keys.is_empty());
    let mut out = Dissected {
        steps: vec![told(format!("The text has {}.", bytes(text.len())), format!("文本长 {} 字节。", text.len()))],
        members: Vec::new(),
        remarks: Vec::new(),
        signed_text: None,
        signer: None,
        times: None,
        verdict,
        told: verdict_told,
    };
    let Some(content) = open(text, &mut out.steps) else { return out };
    match Json::parse(&content, NESTING_MAX) {
        Ok(Json::Object(object)) => {
            members(&object, &mut out);
            if let Ok(sig) = UserSig::from_object(&object) {
                request(&sig, sdkappid, identifier, &mut out.remarks);
                out.signer = signer::of(&sig, keys);
                out.times = Some(times::of(&sig, now));
                out.signed_text = Some(sig.signed_text());
            }
        }
        Ok(_) => {
            out.steps.push(told("Its content is JSON, but not an object.", "内容是 JSON，但不是对象。"));
        }
        Err(error) => {
            let zh = undecodable_zh(&Undecodable::NotJson(error.clone()));
            out.steps.push(told(format!("Its content is {error}."), format!("{zh}。")));
        }
    }
    out
}

fn in_words(verdict: &Result<(), UserSigDenied>, no_key: bool) -> Told {
    match verdict {
        Ok(()) => told("accepted.", "有效。"),
        Err(UserSigDenied::WrongSignature) if no_key => {
            told("readable, but not verified, because no key was given.", "可以读取，但未提供密钥，无法验证签名。")
        }
        Err(denied) => told(format!("refused. {denied}."), format!("无效。{}。", denied_zh(denied))),
    }
}

/// Gets at the JSON, past mistakes that can be undone, so that as much as possible can be told about the rest.
fn open(text: &str, steps: &mut Vec<Told>) -> Option<Vec<u8>> {
    if text.is_empty() {
        return None;
    }
    if text.len() > ENCODED_MAX {
        let en = format!("That is more than {ENCODED_MAX}: it is not read at all.");
        steps.push(told(en, format!("超过 {ENCODED_MAX} 字节，不予读取。")));
        return None;
    }
    let plain = without_accidents(text, steps);
    if plain.starts_with('{') {
        steps.push(told(
            "It is JSON as it stands: it must be zlib-compressed and then base64-encoded.",
            "文本本身就是 JSON：应先用 zlib 压缩，再做 base64 编码。",
        ));
        return Some(plain.into_owned().into_bytes());
    }
    let letters = plain.trim_end_matches(['_', '=']);
    if letters.contains('_') {
        steps.push(told(
            "It has a _ before its end: it may be base64url, but here + becomes *, / becomes - and = becomes _.",
            "末尾之前出现了 _：可能误用了 base64url；此处的替换规则是 + 换成 *，/ 换成 -，= 换成 _。",
        ));
    }
    let compressed = match from_base64(&plain) {
        Err(Undecodable::Padding) => {
            let missing = (4 - letters.len() % 4) % 4;
            let wanted = if missing == 0 { "none".to_owned() } else { "_".repeat(missing) };
            let here = plain.len() - letters.len();
            steps.push(told(
                format!("Its padding is missing or wrong: it ends in {here} of _ or =, and needs {wanted}."),
                format!("末尾的填充缺失或错误：有 {here} 个 _ 或 =，应为 {missing} 个。"),
            ));
            from_base64(&format!("{letters}{}", "_".repeat(missing)))
        }
        other => other,
    };
    match compressed {
        Ok(compressed) => decompress(compressed, steps),
        Err(error) => {
            steps.push(told(format!("In short, {error}."), format!("{}。", undecodable_zh(&error))));
            None
        }
    }
}

fn decompress(compressed: Vec<u8>, steps: &mut Vec<Told>) -> Option<Vec<u8>> {
    let decoded = bytes(compressed.len());
    let error = match inflate(&compressed) {
        Ok(content) => {
            let en = format!("It decodes to {decoded}, and these inflate to {}.", bytes(content.len()));
            let zh = format!("base64 解码得到 {} 字节，解压后为 {} 字节。", compressed.len(), content.len());
            steps.push(told(en, zh));
            return Some(content);
        }
        Err(error) => error,
    };
    let zh = format!("base64 解码得到 {} 字节，但{}。", compressed.len(), undecodable_zh(&error));
    steps.push(told(format!("It decodes to {decoded}, but {error}."), zh));
    match compressed.as_slice() {
        [b'{', ..] => {
            let en = "They are JSON already: it must be zlib-compressed before base64.";
            steps.push(told(en, "解码结果已是 JSON：应先用 zlib 压缩，再做 base64 编码。"));
            return Some(compressed);
        }
        [0x1f, 0x8b, ..] => {
            steps.push(told("They are a gzip stream: it must be a zlib stream.", "解码结果是 gzip 流：应为 zlib 流。"));
        }
        [0x30, ..] => steps.push(told(
            "They may be a bare ECDSA signature, as of version 1.",
            "解码结果可能是版本 1 的 ECDSA 签名本身。",
        )),
        _ => {}
    }
    None
}

/// The text without URL escapes and without white space around it.
fn without_accidents<'t>(text: &'t str, steps: &mut Vec<Told>) -> Cow<'t, str> {
    let mut plain = Cow::Borrowed(text);
    if let Some(once) = without_escapes(text) {
        steps.push(told(
            "It has URL escapes (such as %2A for *): it was URL-encoded twice, or not decoded. \
             What follows is about the text without them.",
            "含有 URL 转义（如 %2A 表示 *）：可能做了两次 URL 编码，或尚未解码。以下针对去除转义后的文本。",
        ));
        plain = Cow::Owned(without_escapes(&once).unwrap_or(once));
    }
    let trimmed = plain.trim();
    if trimmed.len() == plain.len() {
        return plain;
    }
    steps.push(told("It has white space around it, which does not belong to it.", "首尾有多余的空白字符。"));
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

fn members(object: &Object<'_>, out: &mut Dissected) {
    let judged = [
        (VERSION, text("The version.", "版本。"), version(object).err()),
        (IDENTIFIER, text("The UserID that it was made for.", "签发对象的 UserID。"), identifier(object).err()),
        (SDKAPPID, text("The application that it was made for.", "签发所属的应用。"), sdkappid(object).err()),
        (
            TIME,
            text("When it was made, in Unix seconds.", "签发时间，Unix 时间戳，单位秒。"),
            seconds(object, TIME, 0).err(),
        ),
        (
            EXPIRE,
            text("For how many seconds from then it is valid.", "自签发起的有效期，单位秒。"),
            seconds(object, EXPIRE, -SECONDS_MAX).err(),
        ),
        (
            USERBUF,
            text("What the signer added, in base64; signed too.", "签发方附加的数据，base64 编码，参与签名。"),
            userbuf(object).err(),
        ),
        (
            SIG,
            text(
                "The signature: HMAC-SHA256 of the signed text, in base64.",
                "签名：对签名原文做 HMAC-SHA256，再做 base64 编码。",
            ),
            string(object, SIG).err(),
        ),
    ];
    out.members.extend(judged.iter().filter_map(|(name, meaning, flaw)| member(object, name, *meaning, *flaw)));
    let known = judged.map(|(name, ..)| name);
    let others: Vec<_> = object.iter().map(|(key, _)| key).filter(|key| !known.contains(key)).map(cut).collect();
    if !others.is_empty() {
        let others = cut(&others.join(", "));
        out.remarks
            .push(told(format!("Other members, not looked at: {others}."), format!("其他成员，不读取：{others}。")));
    }
    if let Some(member) = object.repeated().first() {
        let member = cut(member);
        let en = format!("{member} is given twice, and one reader may take the first where another takes the last.");
        out.remarks.push(told(en, format!("{member} 出现两次，不同的读取方可能取不同的值。")));
    }
    let older = ["TLS.version", "TLS.sdk_appid", "TLS.expire_after", "TLS.account_type", "TLS.appid_at_3rd"];
    let long = string(object, SIG).is_ok_and(|sig| sig.len() > 44);
    if object.get(VERSION).is_none() && (long || older.iter().any(|member| object.get(member).is_some())) {
        out.remarks.push(told(
            "It looks like version 1 (ECDSA, signed with a private key): make it with TLSSigAPIv2 and the \
             application's key instead.",
            "看起来是版本 1（ECDSA，用私钥签名）：请改用 TLSSigAPIv2 与应用的密钥签发。",
        ));
    }
}

fn member(object: &Object<'_>, name: &'static str, meaning: Text, flaw: Option<Flaw>) -> Option<Member> {
    let value = object.get(name).map(|json| match json {
        Json::String(sig) if name == SIG => letters(sig.chars().count()),
        _ if name == SIG => told("there", "存在"),
        json => {
            let mut written = Vec::new();
            json.write(&mut written);
            let value = cut(&String::from_utf8_lossy(&written));
            told(value.clone(), value)
        }
    });
    let length = value.as_ref().filter(|value| name == SIG && flaw.is_none() && **value != letters(44));
    let flaw = match (flaw, length) {
        (Some(flaw), _) => Some(told(flaw.to_string(), flaw_zh(flaw))),
        (None, Some(_)) => Some(told("has not 44 letters", "长度不是 44 个字符")),
        (None, None) => None,
    };
    (value.is_some() || flaw.is_some()).then_some(Member { name, value, meaning, flaw })
}

fn request(sig: &UserSig, sdkappid: Option<u64>, identifier: Option<&str>, remarks: &mut Vec<Told>) {
    if let Some(asked) = sdkappid.filter(|&asked| asked != sig.sdkappid) {
        remarks.push(told(
            format!("It was made for SDKAppID {}, but the request is for {asked}.", sig.sdkappid),
            format!("它是为 SDKAppID {} 签发的，而请求的是 {asked}。", sig.sdkappid),
        ));
    }
    let Some(asked) = identifier.filter(|&asked| asked != sig.identifier) else { return };
    let (signed, shown) = (cut(&sig.identifier), cut(asked));
    remarks.push(told(
        format!("It was made for identifier {signed}, but the request is for {shown}."),
        format!("它是为 identifier {signed} 签发的，而请求的是 {shown}。"),
    ));
    if asked.eq_ignore_ascii_case(&sig.identifier) {
        let en = "The two differ in upper and lower case only, which counts.";
        remarks.push(told(en, "两者仅大小写不同，而大小写是区分的。"));
    } else if asked.trim() == sig.identifier.trim() {
        let en = "The two differ in white space only, which counts.";
        remarks.push(told(en, "两者仅空白字符不同，而空白字符是区分的。"));
    }
}

fn bytes(number: usize) -> String {
    times::plural(number as u64, "byte")
}

fn letters(number: usize) -> Told {
    told(times::plural(number as u64, "letter"), format!("{number} 个字符"))
}

#[cfg(test)]
mod tests {
    use super::super::make;
    use super::*;
    use crate::usersig::tests::sealed;
    use proptest::prelude::*;

    const NOW: i64 = 1_700_000_000;

    fn keys() -> Vec<(String, String)> {
        vec![("key 1".to_owned(), "another key".to_owned()), ("key 2".to_owned(), "sesame".to_owned())]
    }

    /// No text is in one language alone, and none bears a key.
    fn check_texts(found: &Dissected) {
        let flaws = found.members.iter().filter_map(|one| one.flaw.as_ref());
        let signer = found.signer.iter().flat_map(|one| &one.told);
        let times = found.times.iter().map(|one| &one.told);
        let all = found.steps.iter().chain(&found.remarks).chain(flaws).chain(signer).chain(times).chain([&found.told]);
        for one in all {
            assert!(!one.en.is_empty() && one.zh.chars().any(|letter| ('一'..='龥').contains(&letter)), "{one:?}");
            assert!(!one.en.contains("sesame") && !one.zh.contains("sesame"), "{one:?}");
        }
    }

    #[test]
    fn a_good_one_is_taken_apart() {
        let sig = make(7, b"sesame", "administrator", 100, NOW, Some(b"x"));
        let found = dissect(&sig, Some(7), Some("administrator"), &keys(), NOW + 40);
        check_texts(&found);
        let wanted_text =
            "TLS.identifier:administrator\nTLS.sdkappid:7\nTLS.time:1700000000\nTLS.expire:100\nTLS.userbuf:eA==\n";
        assert_eq!(found.signed_text.as_deref(), Some(wanted_text));
        let signer = found.signer.unwrap();
        assert_eq!((signer.key.as_deref(), signer.is_right), (Some("key 2"), true));
        let times = found.times.unwrap();
        assert_eq!((times.made, times.valid_until, times.seconds_left), (NOW, NOW + 100, 60));
        assert_eq!(times.told.zh, "签发于 40 秒之前；剩余有效期 1 分钟（60 秒）。");
        let members: Vec<_> =
            found.members.iter().map(|one| (one.name, one.value.as_ref().unwrap().en.as_str())).collect();
        let wanted = [
            (VERSION, "\"2.0\""),
            (IDENTIFIER, "\"administrator\""),
            (SDKAPPID, "7"),
            (TIME, "1700000000"),
            (EXPIRE, "100"),
            (USERBUF, "\"eA==\""),
            (SIG, "44 letters"),
        ];
        assert_eq!(members, wanted);
        assert!(found.members.iter().all(|one| one.flaw.is_none()) && found.remarks.is_empty());
        assert_eq!(found.verdict, Ok(()));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_code_in_both_languages() {
        let made = |key: &[u8], expire| make(7, key, "administrator", expire, NOW, None);
        let good = made(b"sesame", 100);
        for (sig, code, zh) in [
            (String::new(), 70002, "无效。UserSig 为空。"),
            ("!".to_owned(), 70003, "无效。UserSig 无法解码：第 0 个字节（从 0 起）不是 base64 字符。"),
            (sealed(r#"{"TLS.ver":"1.0"}"#), 70005, "无效。UserSig 格式错误：TLS.ver 不是 \"2.0\"。"),
            (
                make(8, b"sesame", "administrator", 100, NOW, None),
                70014,
                "无效。UserSig 是为 SDKAppID 8 签发的，而不是 7。",
            ),
            (made(b"sesame\n", 100), 70009, "无效。签名错误：由另一密钥签发，或签发后内容被改动。"),
            (made(b"sesame", -1), 70001, "无效。UserSig 已过期 1 秒。"),
        ] {
            let found = dissect(&sig, Some(7), Some("administrator"), &keys(), NOW);
            check_texts(&found);
            assert_eq!((found.code(), found.told.zh.as_str()), (Some(Code(code)), zh), "{sig}");
        }
        let signer = dissect(&made(b"sesame\n", 100), None, None, &keys(), NOW).signer.unwrap();
        assert_eq!((signer.key.as_deref(), signer.is_right), (Some("key 2"), false));
        let found = dissect(&good, Some(7), Some("Administrator"), &keys(), NOW);
        assert_eq!(found.remarks.last().unwrap().zh, "两者仅大小写不同，而大小写是区分的。");
        let missing = dissect(&sealed(r#"{"TLS.ver":"2.0"}"#), None, None, &keys(), NOW);
        let member = missing.members.iter().find(|one| one.name == TIME).unwrap();
        assert_eq!((&member.value, member.flaw.as_ref().unwrap().zh.as_str()), (&None, "缺失"));
        assert!(missing.signed_text.is_none() && missing.signer.is_none() && missing.times.is_none());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fail(text in ".{0,80}", json in ".{0,80}", now: i64, at: prop::sample::Index, letter: char) {
            let mut cut = make(7, b"sesame", "administrator", 100, NOW, None);
            let end = at.index(cut.len());
            cut.replace_range(end..=end, &letter.to_string());
            for text in [text, sealed(&json), sealed(&format!("{{{json}}}")), cut] {
                check_texts(&dissect(&text, Some(7), Some("administrator"), &keys(), now));
            }
        }
    }
}
