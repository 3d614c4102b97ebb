//! Why something was refused, in the language of the page. The English is the errors' own; the Chinese stands here, where the compiler asks
//! for that of every new one. What comes from deeper, of records or of the machine, is told as it is, behind what it is about.

use super::words::Lang;
use crate::controls::{
    BadSeedFile, ChangeFailed, DELAY_MAX, EXPIRE_MAX, FAULTS_MAX, FaultRefused, HELD_MAX, IDENTIFIER_MAX, MintRefused,
    NAME_MAX, NoReplay, SNAPSHOTS_MAX, StateFailed, TEXT_MAX, TurnRefused,
};
use cubby_domain::commands::ApplicationRefused;
use cubby_domain::{BadSetting, KEYS_MAX};
use std::fmt::Display;

/// A reason in both languages.
pub(super) trait Reason: Display {
    /// 中文.
    fn zh(&self) -> String;

    /// In a language.
    fn said(&self, lang: Lang) -> String {
        match lang {
            Lang::En => self.to_string(),
            Lang::Zh => self.zh(),
        }
    }
}

/// What is wrong with a field of a form.
#[derive(Debug, thiserror::Error)]
pub(super) enum BadField {
    #[error("{0} is required")]
    Missing(&'static str),
    #[error("{name}: takes {}", words.join(", "))]
    Takes { name: &'static str, words: &'static [&'static str] },
    #[error("{0}: {1:?} is not such a number")]
    NoNumber(String, String),
}

impl Reason for BadField {
    fn zh(&self) -> String {
        match self {
            Self::Missing(name) => format!("{name} 为必填项"),
            Self::Takes { name, words } => format!("{name}：可选值为 {}", words.join("、")),
            Self::NoNumber(name, text) => format!("{name}：{text:?} 不是有效的数字"),
        }
    }
}

impl Reason for FaultRefused {
    fn zh(&self) -> String {
        match self {
            Self::NoCommand(command) => format!("command：没有命令 {command:?}"),
            Self::Several => "error_code、result_code、drop 与 truncate 只能选其一".to_owned(),
            Self::InfoAlone => "error_info：须与 error_code 一起使用".to_owned(),
            Self::TooMany => format!("该应用已有 {FAULTS_MAX} 个故障，请先清除一些"),
            Self::Nothing => "故障须有作用：error_code、result_code、delay_ms、drop 或 truncate".to_owned(),
            Self::Delay => format!("delay_ms：最大为 {}", DELAY_MAX.as_millis()),
            Self::Probability => "probability：取值为 0 到 1".to_owned(),
            Self::Zero(name) => format!("{name}：至少为 1"),
            Self::Long(name) => format!("{name}：最多 {TEXT_MAX} 字节"),
            Self::NoFailure => "error_code：0 不表示失败".to_owned(),
            Self::NoItems(commands) => {
                format!("result_code：该命令的各项没有单独的结果；有单独结果的命令：{}", commands.join("、"))
            }
        }
    }
}

impl Reason for ApplicationRefused {
    fn zh(&self) -> String {
        match self {
            Self::Exists => "该 SDKAppID 的应用已存在".to_owned(),
            Self::Unknown => "该 SDKAppID 的应用不存在".to_owned(),
            Self::BadKey => "密钥为 1 到 1024 字节，不能含冒号与控制字符".to_owned(),
            Self::TooManyKeys => format!("该应用已有 {KEYS_MAX} 个密钥，请先停用旧密钥"),
            Self::Setting(BadSetting::Unknown(name)) => format!("没有设置项 {name}"),
            Self::Setting(BadSetting::Value { name, wants, value }) => {
                format!("{name}：{value:?} 无效；应为：{wants}")
            }
        }
    }
}

impl Reason for ChangeFailed {
    fn zh(&self) -> String {
        match self {
            Self::Refused(why) => why.zh(),
            Self::Rule(why) => format!("规则不允许：{why}"),
            Self::EditionTwice => "edition：重复给出".to_owned(),
            Self::NoCommand(command) => format!("call_rate.{command}：没有命令 {command}"),
            Self::Store(why) => format!("存储未能完成操作：{why}"),
            Self::Randomness(why) => format!("系统无法提供随机数：{why}"),
            Self::NoNumberLeft(last) => format!("sdkappid：{last} 之后没有可用的编号，请自行指定"),
            Self::TooMany => "应用数量已达上限，请先删除一些".to_owned(),
        }
    }
}

impl Reason for StateFailed {
    fn zh(&self) -> String {
        match self {
            Self::Data(why) => format!("数据无效：{why}"),
            Self::State(why) => format!("数据自相矛盾：{why}"),
            Self::TooLarge(why) => format!("数据过多，最多 {} 条记录", why.max),
            Self::Rule(why) => format!("规则不允许：{why}"),
            Self::Store(why) => format!("存储未能完成操作：{why}"),
            Self::Name => format!("name：1 到 {NAME_MAX} 个字母、数字、点、短横线或下划线"),
            Self::NoSnapshot(name) => format!("没有快照 {name:?}"),
            Self::TooManySnapshots => format!("该应用已有 {SNAPSHOTS_MAX} 个快照，请先删除一些"),
            Self::Held => format!("种子数据与快照合计已达 {HELD_MAX} 条记录，请先删除一些"),
            Self::NoSeed => "尚未加载种子数据；加载之后才能重置到它".to_owned(),
        }
    }
}

impl Reason for BadSeedFile {
    fn zh(&self) -> String {
        format!("数据无效：{self}")
    }
}

impl Reason for TurnRefused {
    fn zh(&self) -> String {
        match self {
            Self::OutOfRange => "时钟只能显示 1970 年到 9999 年".to_owned(),
        }
    }
}

impl Reason for MintRefused {
    fn zh(&self) -> String {
        match self {
            Self::Identifier => format!("identifier：1 到 {IDENTIFIER_MAX} 字节，不能含控制字符"),
            Self::Expire => format!("expire：最多 {EXPIRE_MAX} 秒"),
            Self::NoKey => "该应用没有可用于签名的密钥".to_owned(),
        }
    }
}

impl Reason for NoReplay {
    fn zh(&self) -> String {
        match self {
            Self::NotWhole(call) => format!("调用 {call} 的内容未完整保留"),
            Self::NotText => "请求体不是 UTF-8 文本".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_told_in_the_language_of_the_page() {
        let why = ChangeFailed::Refused(ApplicationRefused::TooManyKeys);
        assert_eq!(why.said(Lang::En), "the application has 8 keys already; retire the old ones first");
        assert_eq!(why.said(Lang::Zh), "该应用已有 8 个密钥，请先停用旧密钥");
        let field = BadField::Takes { name: "turn", words: &["freeze", "run"] };
        assert_eq!(
            [field.said(Lang::En), field.said(Lang::Zh)],
            ["turn: takes freeze, run", "turn：可选值为 freeze、run"]
        );
    }
}
