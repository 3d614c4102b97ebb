//! Which check of the one order refused a call: its row, what it looks at, and what there is to do about it.

use crate::codes::{Denied, Failure};
use crate::field::Flaw;
use crate::openapi::{Text, text};
use cubby_domain::Refusal;
use serde::Serialize;

/// A row of the order of checks, or what can fail beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Row 1.
    Path,
    /// Row 2.
    Query,
    /// Row 3.
    Application,
    /// Row 4.
    Identifier,
    /// Row 5.
    UserSig,
    /// Row 6.
    Rate,
    /// Row 7.
    Administrator,
    /// Row 8.
    Body,
    /// Row 9.
    AccountTypes,
    /// Row 10.
    Fields,
    /// Row 11.
    Edition,
    /// Row 12.
    Imported,
    /// Row 13.
    Rules,
    /// The machine failed.
    Internal,
    /// The store did not answer in time.
    Store,
    /// There was no room for the request.
    Load,
}

impl Check {
    /// All of them, in their order.
    pub const ALL: [Self; 16] = [
        Self::Path,
        Self::Query,
        Self::Application,
        Self::Identifier,
        Self::UserSig,
        Self::Rate,
        Self::Administrator,
        Self::Body,
        Self::AccountTypes,
        Self::Fields,
        Self::Edition,
        Self::Imported,
        Self::Rules,
        Self::Internal,
        Self::Store,
        Self::Load,
    ];

    /// The number of its row; none where it is no check of the request.
    pub fn row(self) -> Option<u8> {
        match self {
            Self::Path => Some(1),
            Self::Query => Some(2),
            Self::Application => Some(3),
            Self::Identifier => Some(4),
            Self::UserSig => Some(5),
            Self::Rate => Some(6),
            Self::Administrator => Some(7),
            Self::Body => Some(8),
            Self::AccountTypes => Some(9),
            Self::Fields => Some(10),
            Self::Edition => Some(11),
            Self::Imported => Some(12),
            Self::Rules => Some(13),
            Self::Internal | Self::Store | Self::Load => None,
        }
    }

    /// What it is called.
    pub fn name(self) -> Text {
        match self {
            Self::Path => text("path", "路径"),
            Self::Query => text("method and query", "方法与查询参数"),
            Self::Application => text("application", "应用"),
            Self::Identifier => text("identifier", "调用者"),
            Self::UserSig => text("UserSig", "UserSig"),
            Self::Rate => text("call rate", "调用频率"),
            Self::Administrator => text("administrator", "管理员"),
            Self::Body => text("body", "包体"),
            Self::AccountTypes => text("types of account ids", "帐号字段类型"),
            Self::Fields => text("fields", "字段"),
            Self::Edition => text("edition", "版本"),
            Self::Imported => text("From_Account", "From_Account"),
            Self::Rules => text("rules of the command", "接口规则"),
            Self::Internal => text("internal error", "内部错误"),
            Self::Store => text("store", "存储"),
            Self::Load => text("overload", "过载"),
        }
    }

    /// What it looks at.
    pub fn looks_at(self) -> Text {
        match self {
            Self::Path => text(
                "The path is /v4/service/command of a command that is served, byte for byte.",
                "路径须为 /v4/服务/命令，且与已支持的接口逐字节一致。",
            ),
            Self::Query => text(
                "The method is POST or GET, the query decodes to UTF-8, contenttype is json where it is sent, and random is a 32-bit number where strict_query is on.",
                "方法须为 POST 或 GET，查询串须能解码为 UTF-8，若带 contenttype 则须为 json；开启 strict_query 时 random 须为 32 位无符号整数。",
            ),
            Self::Application => text(
                "sdkappid is the decimal number of an application that there is and that is not disabled.",
                "sdkappid 须为十进制数字，对应的应用须存在且未停用。",
            ),
            Self::Identifier => text("identifier names who calls.", "identifier 须指明调用者。"),
            Self::UserSig => text(
                "usersig is a UserSig of version 2 that was made for this sdkappid and this identifier with an active key of the application and has not expired.",
                "usersig 须为版本 2 的 UserSig，由该应用的有效密钥为该 sdkappid 与该 identifier 签发，且未过期。",
            ),
            Self::Rate => text(
                "The command, and the application as a whole, are called no more often in a second than their rates allow.",
                "该接口与整个应用每秒的调用次数均不得超过各自的频率上限。",
            ),
            Self::Administrator => {
                text("identifier is an administrator of the application.", "identifier 须为该应用的管理员。")
            }
            Self::Body => text(
                "The body is one JSON object in UTF-8, of at most 1 MiB, nested at most 32 deep, and not encoded.",
                "包体须为一个 UTF-8 编码的 JSON 对象，不超过 1 MiB，嵌套不超过 32 层，且未经压缩编码。",
            ),
            Self::AccountTypes => text(
                "From_Account, UserID, Identifier, Owner_Account and Member_Account are strings at the top level of the body.",
                "包体顶层的 From_Account、UserID、Identifier、Owner_Account、Member_Account 须为字符串。",
            ),
            Self::Fields => text(
                "Each field of the command, in its documented order: it is there where it is needed, of its type, and within its bounds.",
                "按文档顺序逐一检查接口的各字段：必填项须存在，类型正确，且在允许范围之内。",
            ),
            Self::Edition => text(
                "The application's edition has conversation groups and standard marks, where the request needs them.",
                "请求涉及会话分组或标准会话标记时，应用的版本须支持它们。",
            ),
            Self::Imported => text("The user of From_Account is imported.", "From_Account 指定的用户须已导入。"),
            Self::Rules => text(
                "What the command asks for goes together with what is kept: names, ids and limits.",
                "请求的操作须与现有数据相符：名称、ID 与数量上限。",
            ),
            Self::Internal => {
                text("No check: the server failed while it did the request.", "并非检查未通过：服务在处理请求时出错。")
            }
            Self::Store => text(
                "No check: the store did not answer in time, and whether the request was applied is not known.",
                "并非检查未通过：存储未及时应答，无法确定请求是否已生效。",
            ),
            Self::Load => text(
                "No check: the server had no room for the request, or its store was moved, and did nothing.",
                "并非检查未通过：服务过载或其存储已迁走，未做任何处理。",
            ),
        }
    }

    /// What there is to do about it.
    pub fn advice(self) -> Text {
        match self {
            Self::Path => text(
                "Compare the path with the documentation, case by case; a slash too many counts too.",
                "请对照文档核对路径，注意大小写与多余的斜杠。",
            ),
            Self::Query => text(
                "Send POST, percent-encode the parameters once as UTF-8, and send contenttype=json and a random number.",
                "请使用 POST，参数以 UTF-8 编码并只做一次 URL 编码，同时带上 contenttype=json 与随机数 random。",
            ),
            Self::Application => text(
                "Check sdkappid in the query, and that this server has the application; it may have been disabled.",
                "请检查查询参数 sdkappid，并确认本服务上有该应用且未停用。",
            ),
            Self::Identifier => text(
                "Send identifier with the UserID of an administrator of the application.",
                "请带上 identifier，值为应用管理员的 UserID。",
            ),
            Self::UserSig => text(
                "Look at the UserSig in the explainer: it tells each member, the signed text and which key made it. Then make it anew with the right key, sdkappid and identifier.",
                "请用 UserSig 解析页查看其各成员、签名原文与所用密钥，再用正确的密钥、sdkappid 与 identifier 重新签发。",
            ),
            Self::Rate => text(
                "Call less often and repeat later, or set another rate for the application.",
                "请降低调用频率、稍后重试，或为应用设置更高的频率上限。",
            ),
            Self::Administrator => text(
                "Call as an administrator, or make the account one of the application's administrators.",
                "请以管理员身份调用，或将该帐号设为应用的管理员。",
            ),
            Self::Body => text(
                "Send the JSON as it is, in UTF-8, {} where nothing is needed; the message of the reply tells the byte.",
                "请以 UTF-8 原样发送 JSON，无参数时发送 {}；应答中的错误信息指出了出错的字节位置。",
            ),
            Self::AccountTypes => text(
                "Write ids of accounts as strings, \"1001\" and not 1001.",
                "帐号 ID 请写成字符串，例如 \"1001\" 而不是 1001。",
            ),
            Self::Fields => text(
                "The message of the reply names the field and what it may be; fields that were ignored may be misspelt.",
                "应答中的错误信息指出了字段及其允许的取值；被忽略的字段可能是拼写错误。",
            ),
            Self::Edition => text(
                "Set the application's edition to ultimate or enterprise, or use custom marks alone, which need none.",
                "请将应用的版本设为旗舰版或企业版，或只使用不限版本的自定义会话标记。",
            ),
            Self::Imported => text(
                "Import the account with im_open_login_svc/account_import first.",
                "请先用 im_open_login_svc/account_import 导入该帐号。",
            ),
            Self::Rules => text(
                "The message of the reply says what stands against it; look at the user's data as it is now.",
                "应答中的错误信息说明了原因，请对照该用户当前的数据。",
            ),
            Self::Internal => text(
                "Repeat the request, which is harmless, and look at the server's log.",
                "请重试（重试是安全的），并查看服务端日志。",
            ),
            Self::Store => text(
                "Repeat the request, which is harmless; if it goes on, look at the store and the server's log.",
                "请重试（重试是安全的）；若持续出现，请检查存储与服务端日志。",
            ),
            Self::Load => text("Repeat the request a little later.", "请稍后重试。"),
        }
    }
}

impl Failure {
    /// The check that it belongs to.
    pub fn check(&self) -> Check {
        match self {
            Self::Denied(denied) => of_denied(denied),
            Self::Field(bad) => of_flaw(&bad.flaw),
            Self::Edition => Check::Edition,
            Self::Refused(refusal) => of_refusal(refusal),
            Self::Internal => Check::Internal,
            Self::TimedOut => Check::Store,
            Self::Overloaded => Check::Load,
        }
    }
}

fn of_denied(denied: &Denied) -> Check {
    match denied {
        Denied::UnknownPath => Check::Path,
        Denied::Method | Denied::Query(_) | Denied::ContentType | Denied::Random => Check::Query,
        Denied::NoSdkAppId | Denied::SdkAppIdForm | Denied::UnknownApplication | Denied::Disabled => Check::Application,
        Denied::NoIdentifier => Check::Identifier,
        Denied::UserSig(_) => Check::UserSig,
        Denied::CallRate { .. } | Denied::TotalCallRate { .. } => Check::Rate,
        Denied::NotAdministrator => Check::Administrator,
        Denied::Body(_) => Check::Body,
    }
}

fn of_flaw(flaw: &Flaw) -> Check {
    match flaw {
        Flaw::AccountType => Check::AccountTypes,
        Flaw::Required
        | Flaw::NotA(_)
        | Flaw::Unknown { .. }
        | Flaw::TooLong { .. }
        | Flaw::Count { .. }
        | Flaw::Conversations { .. }
        | Flaw::ContactGroupName { .. }
        | Flaw::Accounts { .. }
        | Flaw::Members { .. }
        | Flaw::ChatGroupId(_)
        | Flaw::NotAllowed(_)
        | Flaw::NotBoth(_)
        | Flaw::NotEmpty
        | Flaw::Message(_) => Check::Fields,
    }
}

fn of_refusal(refusal: &Refusal) -> Check {
    match refusal {
        Refusal::NotImported(_) => Check::Imported,
        Refusal::NoSuchContactGroup { .. }
        | Refusal::ContactGroupNameTaken(_)
        | Refusal::TooManyContactGroups { .. }
        | Refusal::NoSuchAccount { .. }
        | Refusal::NoSuchChatGroup(_)
        | Refusal::ChatGroupIdTaken(_)
        | Refusal::ChatGroupIdTakenByOwner(_)
        | Refusal::ChatGroupFull { .. }
        | Refusal::NoSuchCorrespondent { .. }
        | Refusal::NotAMember { .. }
        | Refusal::NotOfThisKind(_)
        | Refusal::TooManyPins { .. }
        | Refusal::OwnerStays(_)
        | Refusal::ReplyTooLarge { .. } => Check::Rules,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::code;
    use crate::endpoint::Family;
    use crate::field::BadField;
    use crate::usersig::UserSigDenied;
    use cubby_domain::UserId;

    #[test]
    fn r_018_each_failure_belongs_to_the_row_of_its_code() {
        let field = |flaw| Failure::Field(BadField { path: "x".to_owned(), flaw });
        let user = UserId::new("u").unwrap();
        for (failure, row, wanted) in [
            (Denied::UnknownPath.into(), Some(1), 60009),
            (Denied::ContentType.into(), Some(2), 60002),
            (Denied::Random.into(), Some(2), 60002),
            (Denied::SdkAppIdForm.into(), Some(3), 60002),
            (Denied::Disabled.into(), Some(3), 60016),
            (Denied::NoIdentifier.into(), Some(4), 60004),
            (Denied::UserSig(UserSigDenied::Empty).into(), Some(5), 70002),
            (Denied::TotalCallRate { per_second: 1 }.into(), Some(6), 60011),
            (Denied::NotAdministrator.into(), Some(7), 60010),
            (Denied::Body(crate::decode::BadBody::Empty).into(), Some(8), 60003),
            (field(Flaw::AccountType), Some(9), 60015),
            (field(Flaw::Required), Some(10), 50002),
            (Failure::Edition, Some(11), 51013),
            (Refusal::NotImported(user).into(), Some(12), 50001),
            (Refusal::TooManyPins { max: 50 }.into(), Some(13), 51012),
            (Failure::Internal, None, 50004),
            (Failure::TimedOut, None, 50005),
            (Failure::Overloaded, None, 60008),
        ] as [(Failure, Option<u8>, u32); 18]
        {
            assert_eq!((failure.check().row(), code(Family::Contact, &failure).0), (row, wanted), "{failure}");
        }
    }

    #[test]
    fn every_check_has_its_place_and_its_texts_in_both_languages() {
        let rows: Vec<u8> = Check::ALL.into_iter().filter_map(Check::row).collect();
        assert_eq!(rows, (1..=13).collect::<Vec<u8>>());
        assert!(Check::ALL.windows(2).all(|pair| pair[0] < pair[1]));
        for check in Check::ALL {
            for told in [check.looks_at(), check.advice()] {
                assert!(told.en.ends_with('.') && told.en.is_ascii(), "{check:?}: {}", told.en);
                assert!(told.zh.ends_with('。') && !told.zh.is_ascii(), "{check:?}: {}", told.zh);
            }
            assert!(!check.name().en.is_empty() && !check.name().zh.is_empty());
        }
    }
}
