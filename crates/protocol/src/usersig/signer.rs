//! Which key made a signature, and what signers get wrong although they have the right key.

use super::dissect::told;
use super::{USERBUF, UserSig, equal_in_constant_time, signature};
use crate::explain::Told;
use crate::openapi::{Text, text};

/// Who signed a `UserSig`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The label of the key that signed it, or that signed it with a mistake; none where no key did.
    pub key: Option<String>,
    /// Whether it is signed as it must be.
    pub is_right: bool,
    /// In words, one or several sentences.
    pub told: Vec<Told>,
}

/// Who signed it, of those with these keys; none where there are no keys.
pub(super) fn of<K: AsRef<[u8]>>(sig: &UserSig, keys: &[(String, K)]) -> Option<Signer> {
    let [(first, _), ..] = keys else { return None };
    if let Some((label, _)) = keys.iter().find(|(_, key)| sig.is_signed_with(key.as_ref())) {
        let told = told(format!("The signature was made with {label}."), format!("签名由 {label} 生成。"));
        return Some(Signer { key: Some(label.clone()), is_right: true, told: vec![told] });
    }
    let text = sig.signed_text();
    let mut said = Vec::new();
    for (label, key) in keys {
        if key.as_ref().is_empty() {
            let en = format!("{label} is empty, and so never accepts a signature.");
            said.push(told(en, format!("{label} 为空，因此不接受任何签名。")));
        } else if let Some(mistake) = mistake(sig, key.as_ref(), &text) {
            let en = format!("The signature was made with {label}, but {}.", mistake.en);
            said.push(told(en, format!("签名由 {label} 生成，但{}。", mistake.zh)));
            return Some(Signer { key: Some(label.clone()), is_right: false, told: said });
        }
    }
    let any = keys.len() > 1;
    let en = if any { format!("any of the {} keys", keys.len()) } else { first.clone() };
    let zh = if any { format!("这 {} 个密钥中的任何一个", keys.len()) } else { first.clone() };
    said.push(told(
        format!("The signature was not made with {en}, or something was changed afterwards."),
        format!("签名不是由{zh}生成的，或签发后内容被改动。"),
    ));
    Some(Signer { key: None, is_right: false, told: said })
}

/// What signers get wrong although they have the right key.
fn mistake(sig: &UserSig, key: &[u8], signed: &str) -> Option<Text> {
    let fits = |key: &[u8], text: &str| equal_in_constant_time(&sig.sig, &signature(key, text));
    if from_hex(key).is_some_and(|bytes| fits(&bytes, signed)) {
        return Some(text(
            "with the bytes that it is the hexadecimal form of: the key is its text as it stands",
            "误把密钥当作十六进制解码后使用：应直接使用密钥文本",
        ));
    }
    if [&b"\n"[..], b"\r\n", b" "].iter().any(|end| fits(&[key, end].concat(), signed)) {
        return Some(text("with white space behind it", "密钥末尾多了空白字符"));
    }
    if signed.strip_suffix('\n').is_some_and(|signed| fits(key, signed)) {
        return Some(text("over a text without its last line feed", "签名原文缺少最后的换行符"));
    }
    let unbuffered = UserSig { userbuf: None, ..sig.clone() }.signed_text();
    if sig.userbuf.is_some() {
        return fits(key, &unbuffered).then_some(text("over a text without the userbuf", "签名原文缺少 userbuf"));
    }
    fits(key, &format!("{unbuffered}{USERBUF}:\n")).then_some(text(
        "over a text with an empty userbuf, which its JSON leaves out (as an older Go library does)",
        "签名原文含有空的 userbuf，而 JSON 中没有（某旧版 Go 库如此）",
    ))
}

pub(super) fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_chunks::<2>() else { return None };
    let byte = |pair: &[u8; 2]| {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        u8::try_from(high * 16 + low).ok()
    };
    pairs.iter().map(byte).collect()
}
