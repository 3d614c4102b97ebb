//! Every code, its documented text and its source, and the one map from every way to fail to its code. Nothing else names a code.

use crate::decode::BadBody;
use crate::endpoint::Family;
use crate::field::MessageFlaw;
use crate::field::{BadField, Flaw};
use crate::openapi::{Text, text};
use crate::usersig::UserSigDenied;
use cubby_domain::{Correspondent, ItemRefusal, Refusal};
use std::collections::BTreeSet;

/// An `ErrorCode` or `ResultCode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code(pub u32);

/// The code of a reply to a call that was done.
pub const OK: Code = Code(0);

/// What the documentation says of a code.
#[derive(Debug)]
pub struct Documented {
    /// The code.
    pub code: Code,
    /// What it means.
    pub text: Text,
    /// The page that says so.
    pub source: &'static str,
}

const GATEWAY: &str = "269/1671, 269/1519";
const CONTACTS: &str = "269/85791";
const ACCOUNTS: &str = "269/1608, 269/1671";
const MESSAGES: &str = "1047/34919, 269/1671";
const CHAT_GROUPS: &str = "269/1615, 269/1671";

const fn documented(code: u32, text: Text, source: &'static str) -> Documented {
    Documented { code: Code(code), text, source }
}

/// The codes that this server gives, ascending.
pub static CODES: &[Documented] = &[
    documented(10002, text("internal error of the group service", "群组服务内部错误"), CHAT_GROUPS),
    documented(10004, text("bad parameter of a group command", "群组接口的请求参数非法"), CHAT_GROUPS),
    documented(10005, text("over the number of members in one request", "一次请求的成员数量超过上限"), CHAT_GROUPS),
    documented(10007, text("no right to this operation", "没有该操作的权限"), CHAT_GROUPS),
    documented(10010, text("no such chat group, or it was dissolved", "群组不存在或已解散"), CHAT_GROUPS),
    documented(10014, text("the chat group is full", "群成员已满"), CHAT_GROUPS),
    documented(10015, text("bad GroupId", "群组 ID 非法"), CHAT_GROUPS),
    documented(10018, text("the reply would be too large", "应答包过大"), CHAT_GROUPS),
    documented(10019, text("no such account", "帐号不存在"), CHAT_GROUPS),
    documented(10021, text("the GroupId is taken", "群组 ID 已被使用"), CHAT_GROUPS),
    documented(10025, text("the GroupId is taken by the same owner", "群组 ID 已被同一群主使用"), CHAT_GROUPS),
    documented(50001, text("the UserID is not imported", "UserID 尚未导入"), CONTACTS),
    documented(50002, text("bad parameter", "请求参数错误"), CONTACTS),
    documented(50004, text("internal error", "服务内部错误"), CONTACTS),
    documented(50005, text("timeout", "服务超时"), CONTACTS),
    documented(
        51006,
        text("no conversations to change, or over the number of them", "要操作的会话为空或超过上限"),
        CONTACTS,
    ),
    documented(
        51007,
        text("the group id cannot be resolved, or the group was dissolved", "群组 ID 无法解析，或群组已解散"),
        CONTACTS,
    ),
    documented(
        51008,
        text("over the number of conversations in a user's data", "会话分组标记数据中的会话数超过上限"),
        CONTACTS,
    ),
    documented(51009, text("no such conversation group", "会话分组不存在"), CONTACTS),
    documented(51010, text("over the number of conversation groups", "会话分组数超过上限"), CONTACTS),
    documented(51011, text("the name of a conversation group is too long", "会话分组名过长"), CONTACTS),
    documented(51012, text("over the number of pinned conversations", "置顶会话数超过上限"), CONTACTS),
    documented(
        51013,
        text("the edition has neither conversation groups nor standard marks", "当前版本不支持会话分组与标准会话标记"),
        CONTACTS,
    ),
    documented(60002, text("the HTTP request cannot be parsed", "HTTP 请求解析错误"), GATEWAY),
    documented(60003, text("the JSON of the HTTP request cannot be parsed", "HTTP 请求的 JSON 解析错误"), GATEWAY),
    documented(60004, text("no UserID in the request", "请求中没有 UserID"), GATEWAY),
    documented(60007, text("over the rate of this command", "接口调用频率超限"), GATEWAY),
    documented(60008, text("the service did not get to the request; repeat it", "服务未及处理该请求，请重试"), GATEWAY),
    documented(60009, text("no such resource", "请求的资源不存在"), GATEWAY),
    documented(60010, text("the UserID of the call is not an administrator", "调用者不是 App 管理员"), GATEWAY),
    documented(60011, text("over the rate of the application", "SDKAppID 的调用频率超限"), GATEWAY),
    documented(60012, text("no SDKAppID in the request", "请求中没有 SDKAppID"), GATEWAY),
    documented(60015, text("a UserID in the body is not a string", "包体中的 UserID 不是字符串"), GATEWAY),
    documented(60016, text("the SDKAppID is disabled", "SDKAppID 已停用"), GATEWAY),
    documented(70001, text("the UserSig has expired", "UserSig 已过期"), GATEWAY),
    documented(70002, text("the UserSig is empty", "UserSig 为空"), GATEWAY),
    documented(70003, text("the UserSig cannot be decoded", "UserSig 无法解码"), GATEWAY),
    documented(70005, text("the UserSig is illegal", "UserSig 非法"), GATEWAY),
    documented(70009, text("the UserSig was made with another key", "UserSig 由另一密钥签发"), GATEWAY),
    documented(70013, text("the UserSig was made for another UserID", "UserSig 与 UserID 不匹配"), GATEWAY),
    documented(70014, text("the UserSig was made for another SDKAppID", "UserSig 与 SDKAppID 不匹配"), GATEWAY),
    documented(70020, text("no such SDKAppID", "SDKAppID 不存在"), GATEWAY),
    documented(70107, text("no such account", "帐号不存在"), ACCOUNTS),
    documented(70206, text("over the number of accounts in one request", "一次请求的帐号数量超过上限"), ACCOUNTS),
    documented(70402, text("bad parameter of an account command", "帐号接口的请求参数非法"), ACCOUNTS),
    documented(70500, text("internal error of the account service", "帐号服务内部错误"), ACCOUNTS),
    documented(80002, text("the message is too long", "消息过长"), MESSAGES),
    documented(90001, text("bad parameter of a message command", "单聊消息接口的请求参数错误"), MESSAGES),
    documented(90002, text("MsgBody is not in the form of a message", "MsgBody 不符合消息格式"), MESSAGES),
    documented(90003, text("no To_Account, or no such account", "缺少 To_Account，或该帐号不存在"), MESSAGES),
    documented(90005, text("no MsgRandom, or not an integer", "缺少 MsgRandom，或不是整数"), MESSAGES),
    documented(90006, text("no MsgTimeStamp, or not an integer", "缺少 MsgTimeStamp，或不是整数"), MESSAGES),
    documented(90007, text("MsgBody is not a list", "MsgBody 不是数组"), MESSAGES),
    documented(90008, text("no From_Account, or no such account", "缺少 From_Account，或该帐号不存在"), MESSAGES),
    documented(90011, text("over 500 recipients", "接收者超过 500 个"), MESSAGES),
    documented(90012, text("To_Account is not imported", "To_Account 尚未导入"), MESSAGES),
    documented(90018, text("over the number of accounts in one request", "一次请求的帐号数量超过上限"), MESSAGES),
    documented(90026, text("the life of the message is over 7 days", "消息的保存时间超过 7 天"), MESSAGES),
    documented(90031, text("SyncOtherMachine is not an integer", "SyncOtherMachine 不是整数"), MESSAGES),
    documented(90044, text("MsgLifeTime is not an integer", "MsgLifeTime 不是整数"), MESSAGES),
    documented(90048, text("no such account", "帐号不存在"), MESSAGES),
    documented(90055, text("the message to many is too long", "批量消息过长"), MESSAGES),
    documented(90994, text("internal error of the message service", "单聊消息服务内部错误"), MESSAGES),
];

/// The codes that a call of any command may be answered with.
pub fn of_every_call() -> impl Iterator<Item = Code> {
    // An unknown path is the one refusal of the gate that no command has.
    CODES.iter().filter(|one| one.source == GATEWAY && one.code != Code(60009)).map(|one| one.code)
}

/// The codes that a call of any command of a family may be answered with beside those.
pub fn of_family(family: Family) -> BTreeSet<Code> {
    let machine = [Failure::Internal, Failure::TimedOut].map(|failure| code(family, &failure));
    machine.into_iter().chain([Code(bad_parameter(family))]).collect()
}

/// What rows 1 to 8 refuse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Row 1.
    #[error("no command has this path; it is /v4/service/command, byte for byte")]
    UnknownPath,
    /// Row 2.
    #[error("the method is not POST")]
    Method,
    /// Row 2.
    #[error(transparent)]
    Query(#[from] crate::url::BadQuery),
    /// Row 2.
    #[error("contenttype is not json")]
    ContentType,
    /// Row 2, where `strict_query` is set.
    #[error("random is not an unsigned 32-bit number")]
    Random,
    /// Row 3.
    #[error("sdkappid is required")]
    NoSdkAppId,
    /// Row 3.
    #[error("sdkappid is not a decimal number")]
    SdkAppIdForm,
    /// Row 3.
    #[error("sdkappid: there is no such application")]
    UnknownApplication,
    /// Row 3.
    #[error("sdkappid: the application is disabled")]
    Disabled,
    /// Row 4.
    #[error("identifier is required")]
    NoIdentifier,
    /// Row 5.
    #[error(transparent)]
    UserSig(#[from] UserSigDenied),
    /// Row 6.
    #[error("over {per_second} calls a second of this command")]
    CallRate {
        /// The rate.
        per_second: u32,
    },
    /// Row 6.
    #[error("over {per_second} calls a second of this application")]
    TotalCallRate {
        /// The rate.
        per_second: u32,
    },
    /// Row 7.
    #[error("identifier: not an administrator of the application")]
    NotAdministrator,
    /// Row 8.
    #[error(transparent)]
    Body(#[from] BadBody),
}

/// Every way in which a whole request fails.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Rows 1 to 8.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Rows 9 and 10.
    #[error("{0}")]
    Field(BadField),
    /// Row 11.
    #[error("the application's edition has neither conversation groups nor standard marks")]
    Edition,
    /// Rows 12 and 13.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The machine failed.
    #[error("internal error; repeat the request")]
    Internal,
    /// The store did not answer in time.
    #[error("the store did not answer in time; repeating the request is harmless")]
    TimedOut,
    /// The request was given up before it began.
    #[error("the server is overloaded and has done nothing; repeat the request")]
    Overloaded,
}

/// The code of a failure.
pub fn code(family: Family, failure: &Failure) -> Code {
    Code(match failure {
        Failure::Denied(denied) => denied_code(denied),
        Failure::Field(bad) => field_code(family, &bad.flaw),
        Failure::Edition => 51013,
        Failure::Refused(refusal) => refusal_code(refusal),
        Failure::Overloaded => 60008,
        Failure::Internal | Failure::TimedOut => match family {
            Family::Contact if *failure == Failure::TimedOut => 50005,
            Family::Contact => 50004,
            Family::Account => 70500,
            Family::ChatGroup => 10002,
            Family::Message => 90994,
        },
    })
}

fn denied_code(denied: &Denied) -> u32 {
    match denied {
        Denied::UnknownPath => 60009,
        Denied::Method | Denied::Query(_) | Denied::ContentType | Denied::Random | Denied::SdkAppIdForm => 60002,
        Denied::NoSdkAppId => 60012,
        Denied::UnknownApplication => 70020,
        Denied::Disabled => 60016,
        Denied::NoIdentifier => 60004,
        Denied::UserSig(denied) => usersig_code(denied).0,
        Denied::CallRate { .. } => 60007,
        Denied::TotalCallRate { .. } => 60011,
        Denied::NotAdministrator => 60010,
        Denied::Body(_) => 60003,
    }
}

/// The code of a refused signature.
pub fn usersig_code(denied: &UserSigDenied) -> Code {
    Code(match denied {
        UserSigDenied::Empty => 70002,
        UserSigDenied::Undecodable(_) => 70003,
        UserSigDenied::Malformed { .. } => 70005,
        UserSigDenied::OtherApplication { .. } => 70014,
        UserSigDenied::OtherIdentifier { .. } => 70013,
        UserSigDenied::WrongSignature => 70009,
        UserSigDenied::Expired { .. } | UserSigDenied::FromTheFuture { .. } => 70001,
    })
}

pub(crate) fn bad_parameter(family: Family) -> u32 {
    match family {
        Family::Contact => 50002,
        Family::Account => 70402,
        Family::ChatGroup => 10004,
        Family::Message => 90001,
    }
}

fn message_code(family: Family, flaw: MessageFlaw) -> u32 {
    match flaw {
        MessageFlaw::TooLong { to_many: false, .. } => 80002,
        MessageFlaw::TooLong { to_many: true, .. } => 90055,
        _ if family == Family::ChatGroup => 10004,
        MessageFlaw::Form => 90002,
        MessageFlaw::NotAList => 90007,
        MessageFlaw::Recipient => 90003,
        MessageFlaw::Sender => 90008,
        MessageFlaw::Random => 90005,
        MessageFlaw::Time => 90006,
        MessageFlaw::LifeTime => 90044,
        MessageFlaw::LifeTimeRange { .. } => 90026,
        MessageFlaw::SyncOtherMachine => 90031,
        MessageFlaw::Recipients { .. } => 90011,
        MessageFlaw::Peers { .. } => 90018,
    }
}

fn field_code(family: Family, flaw: &Flaw) -> u32 {
    match flaw {
        Flaw::AccountType => 60015,
        Flaw::Conversations { .. } => 51006,
        Flaw::ContactGroupName { .. } => 51011,
        Flaw::Accounts { .. } => 70206,
        Flaw::Members { .. } => 10005,
        Flaw::ChatGroupId(_) => 10015,
        Flaw::NotAllowed(_) => 10007,
        Flaw::Message(flaw) => message_code(family, *flaw),
        Flaw::Required
        | Flaw::NotA(_)
        | Flaw::Unknown { .. }
        | Flaw::TooLong { .. }
        | Flaw::Count { .. }
        | Flaw::NotBoth(_)
        | Flaw::NotEmpty => bad_parameter(family),
    }
}

fn refusal_code(refusal: &Refusal) -> u32 {
    match refusal {
        Refusal::NotImported(_) => 50001,
        Refusal::NoSuchContactGroup { .. } => 51009,
        Refusal::ContactGroupNameTaken(_) => 50002,
        Refusal::TooManyContactGroups { .. } => 51010,
        Refusal::NoSuchAccount { .. } => 10019,
        Refusal::NoSuchChatGroup(_) => 10010,
        Refusal::ChatGroupIdTaken(_) => 10021,
        Refusal::ChatGroupIdTakenByOwner(_) => 10025,
        Refusal::ChatGroupFull { .. } => 10014,
        Refusal::OwnerStays(_) | Refusal::NotAMember { .. } | Refusal::NotOfThisKind(_) => 10007,
        Refusal::TooManyPins { .. } => 51012,
        Refusal::NoSuchCorrespondent { field, .. } => match field {
            Correspondent::Sender => 90008,
            Correspondent::Recipient => 90012,
            Correspondent::Owner => 90003,
            Correspondent::Reader | Correspondent::Peer => 90048,
        },
        Refusal::ReplyTooLarge { .. } => 10018,
    }
}

/// The code of an item's refusal.
pub fn item_code(family: Family, refusal: &ItemRefusal) -> Code {
    Code(match refusal {
        ItemRefusal::Malformed(_) => bad_parameter(family),
        ItemRefusal::UserNotImported(_) => 50001,
        ItemRefusal::NoSuchChatGroup(_) => 51007,
        ItemRefusal::TooManyConversations { .. } => 51008,
        ItemRefusal::NoSuchAccount(_) => 70107,
        ItemRefusal::SenderNotImported(_) => 10019,
        ItemRefusal::NotInOrder => 10004,
        ItemRefusal::Administrator(_) => 70402,
        ItemRefusal::AsAsked { code } => *code,
    })
}

/// The `ResultInfo` of an item's refusal: the documented text where there is one (269/36443), else what the rule says.
pub fn item_info(refusal: &ItemRefusal) -> String {
    match refusal {
        ItemRefusal::NoSuchAccount(_) => "Err_TLS_PT_Open_Login_Account_Not_Exist".to_owned(),
        ItemRefusal::AsAsked { code } => asked_info(Code(*code)),
        other => other.to_string(),
    }
}

/// The text of a code that someone asked for: the documented one, where there is one.
pub fn asked_info(code: Code) -> String {
    let found = CODES.iter().find(|one| one.code == code);
    found.map_or_else(|| "a fault was asked for".to_owned(), |one| format!("{} (a fault was asked for)", one.text.en))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_listed_once_in_ascending_order() {
        assert!(CODES.windows(2).all(|pair| pair[0].code < pair[1].code));
    }
}
