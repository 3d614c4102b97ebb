//! Every code, its documented text and its source, and the one map from every way to fail to its code. Nothing else names a code.

use crate::decode::BadBody;
use crate::endpoint::Family;
use crate::field::{BadField, Flaw};
use crate::message::MessageFlaw;
use crate::usersig::UserSigDenied;
use cubby_domain::{Correspondent, ItemRefusal, Refusal};

/// An `ErrorCode` or `ResultCode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code(pub u32);

/// What the documentation says of a code.
#[derive(Debug)]
pub struct Documented {
    /// The code.
    pub code: Code,
    /// What it means.
    pub text: &'static str,
    /// The page that says so.
    pub source: &'static str,
}

const GATEWAY: &str = "269/1671, 269/1519";
const CONTACTS: &str = "269/85791";
const ACCOUNTS: &str = "269/1608, 269/1671";
const MESSAGES: &str = "1047/34919, 269/1671";
const CHAT_GROUPS: &str = "269/1615, 269/1671";

const fn documented(code: u32, text: &'static str, source: &'static str) -> Documented {
    Documented { code: Code(code), text, source }
}

/// The codes that this server gives, ascending.
pub static CODES: &[Documented] = &[
    documented(10002, "internal error of the group service", CHAT_GROUPS),
    documented(10004, "bad parameter of a group command", CHAT_GROUPS),
    documented(10005, "over the number of members in one request", CHAT_GROUPS),
    documented(10007, "no right to this operation", CHAT_GROUPS),
    documented(10010, "no such chat group, or it was dissolved", CHAT_GROUPS),
    documented(10014, "the chat group is full", CHAT_GROUPS),
    documented(10015, "bad GroupId", CHAT_GROUPS),
    documented(10018, "the reply would be too large", CHAT_GROUPS),
    documented(10019, "no such account", CHAT_GROUPS),
    documented(10021, "the GroupId is taken", CHAT_GROUPS),
    documented(10025, "the GroupId is taken by the same owner", CHAT_GROUPS),
    documented(50001, "the UserID is not imported", CONTACTS),
    documented(50002, "bad parameter", CONTACTS),
    documented(50004, "internal error", CONTACTS),
    documented(50005, "timeout", CONTACTS),
    documented(51006, "no conversations to change, or over the number of them", CONTACTS),
    documented(51007, "the group id cannot be resolved, or the group was dissolved", CONTACTS),
    documented(51008, "over the number of conversations in a user's data", CONTACTS),
    documented(51009, "no such conversation group", CONTACTS),
    documented(51010, "over the number of conversation groups", CONTACTS),
    documented(51011, "the name of a conversation group is too long", CONTACTS),
    documented(51012, "over the number of pinned conversations", CONTACTS),
    documented(51013, "the edition has neither conversation groups nor standard marks", CONTACTS),
    documented(60002, "the HTTP request cannot be parsed", GATEWAY),
    documented(60003, "the JSON of the HTTP request cannot be parsed", GATEWAY),
    documented(60004, "no UserID in the request", GATEWAY),
    documented(60007, "over the rate of this command", GATEWAY),
    documented(60008, "the service did not get to the request; repeat it", GATEWAY),
    documented(60009, "no such resource", GATEWAY),
    documented(60010, "the UserID of the call is not an administrator", GATEWAY),
    documented(60011, "over the rate of the application", GATEWAY),
    documented(60012, "no SDKAppID in the request", GATEWAY),
    documented(60015, "a UserID in the body is not a string", GATEWAY),
    documented(60016, "the SDKAppID is disabled", GATEWAY),
    documented(70001, "the UserSig has expired", GATEWAY),
    documented(70002, "the UserSig is empty", GATEWAY),
    documented(70003, "the UserSig cannot be decoded", GATEWAY),
    documented(70005, "the UserSig is illegal", GATEWAY),
    documented(70009, "the UserSig was made with another key", GATEWAY),
    documented(70013, "the UserSig was made for another UserID", GATEWAY),
    documented(70014, "the UserSig was made for another SDKAppID", GATEWAY),
    documented(70020, "no such SDKAppID", GATEWAY),
    documented(70107, "no such account", ACCOUNTS),
    documented(70206, "over the number of accounts in one request", ACCOUNTS),
    documented(70402, "bad parameter of an account command", ACCOUNTS),
    documented(70500, "internal error of the account service", ACCOUNTS),
    documented(80002, "the message is too long", MESSAGES),
    documented(90001, "bad parameter of a message command", MESSAGES),
    documented(90002, "MsgBody is not in the form of a message", MESSAGES),
    documented(90003, "no To_Account, or no such account", MESSAGES),
    documented(90005, "no MsgRandom, or not an integer", MESSAGES),
    documented(90006, "no MsgTimeStamp, or not an integer", MESSAGES),
    documented(90007, "MsgBody is not a list", MESSAGES),
    documented(90008, "no From_Account, or no such account", MESSAGES),
    documented(90011, "over 500 recipients", MESSAGES),
    documented(90012, "To_Account is not imported", MESSAGES),
    documented(90018, "over the number of accounts in one request", MESSAGES),
    documented(90026, "the life of the message is over 7 days", MESSAGES),
    documented(90031, "SyncOtherMachine is not an integer", MESSAGES),
    documented(90044, "MsgLifeTime is not an integer", MESSAGES),
    documented(90048, "no such account", MESSAGES),
    documented(90055, "the message to many is too long", MESSAGES),
    documented(90994, "internal error of the message service", MESSAGES),
];

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

fn bad_parameter(family: Family) -> u32 {
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
    })
}

/// The `ResultInfo` of an item's refusal: the documented text where there is one (269/36443), else what the rule says.
pub fn item_info(refusal: &ItemRefusal) -> String {
    match refusal {
        ItemRefusal::NoSuchAccount(_) => "Err_TLS_PT_Open_Login_Account_Not_Exist".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_listed_once_in_ascending_order() {
        assert!(CODES.windows(2).all(|pair| pair[0].code < pair[1].code));
    }
}
