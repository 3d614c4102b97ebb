//! What is wrong with a `UserSig`, in Chinese; the English stands beside the errors themselves.

use super::{ENCODED_MAX, Flaw, INFLATED_MAX, Undecodable, UserSigDenied, shown};
use crate::json::BadJson;

pub(super) fn denied_zh(denied: &UserSigDenied) -> String {
    match denied {
        UserSigDenied::Empty => "UserSig 为空".to_owned(),
        UserSigDenied::Undecodable(why) => format!("UserSig 无法解码：{}", undecodable_zh(why)),
        UserSigDenied::Malformed { member, why } => format!("UserSig 格式错误：{member} {}", flaw_zh(*why)),
        UserSigDenied::OtherApplication { signed, asked } => {
            format!("UserSig 是为 SDKAppID {signed} 签发的，而不是 {asked}")
        }
        UserSigDenied::OtherIdentifier { signed, asked } => {
            format!("UserSig 是为 identifier {} 签发的，而不是 {}", shown(signed), shown(asked))
        }
        UserSigDenied::WrongSignature => "签名错误：由另一密钥签发，或签发后内容被改动".to_owned(),
        UserSigDenied::Expired { seconds_ago } => format!("UserSig 已过期 {seconds_ago} 秒"),
        UserSigDenied::FromTheFuture { seconds_ahead } => format!("UserSig 的签发时间比当前时间晚 {seconds_ahead} 秒"),
    }
}

pub(super) fn undecodable_zh(why: &Undecodable) -> String {
    match why {
        Undecodable::TooLong { bytes } => format!("文本有 {bytes} 字节，超过 {ENCODED_MAX} 字节"),
        Undecodable::NotBase64 { offset } => format!("第 {offset} 个字节（从 0 起）不是 base64 字符"),
        Undecodable::Base64CutOff => "base64 不完整".to_owned(),
        Undecodable::Padding => "base64 的填充缺失或错误".to_owned(),
        Undecodable::LastLetter => "base64 的最后一个字符错误".to_owned(),
        Undecodable::NotZlib => "内容未经 zlib 压缩".to_owned(),
        Undecodable::PresetDictionary => "zlib 流需要预置字典".to_owned(),
        Undecodable::DamagedZlib => "zlib 流已损坏".to_owned(),
        Undecodable::ZlibCutOff => "zlib 流不完整".to_owned(),
        Undecodable::AfterZlib { bytes } => format!("zlib 流之后还有 {bytes} 个字节"),
        Undecodable::InflatesTooFar => format!("解压后超过 {INFLATED_MAX} 字节"),
        Undecodable::NotJson(BadJson::NotUtf8 { offset }) => format!("内容自第 {offset} 个字节起不是 UTF-8"),
        Undecodable::NotJson(BadJson::TooDeep { max }) => format!("内容嵌套超过 {max} 层"),
        Undecodable::NotJson(BadJson::Syntax { offset, .. }) => format!("内容不是 JSON（在第 {offset} 个字节附近）"),
        Undecodable::NotAnObject => "内容不是 JSON 对象".to_owned(),
        Undecodable::Twice { member } => format!("成员 {} 出现两次", shown(member)),
    }
}

pub(super) fn flaw_zh(flaw: Flaw) -> String {
    match flaw {
        Flaw::Missing => "缺失".to_owned(),
        Flaw::NotA("a string") => "不是字符串".to_owned(),
        Flaw::NotA("an integer") => "不是整数".to_owned(),
        Flaw::NotA(kind) => format!("类型不是 {kind}"),
        Flaw::OutOfRange => "超出范围".to_owned(),
        Flaw::OtherVersion => "不是 \"2.0\"".to_owned(),
        Flaw::ControlCharacter => "含有控制字符".to_owned(),
        Flaw::NotBase64 => "不是 base64".to_owned(),
    }
}
