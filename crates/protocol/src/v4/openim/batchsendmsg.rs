//! `POST /v4/openim/batchsendmsg`: sends one message to up to 500 users (1047/34920).

use super::{NotReached, no_such_account};
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields};
use crate::message::{message, recipients, sender};
use crate::openapi::{Doc, Kind, fields, required, text};
use cubby_domain::UserId;
use cubby_domain::commands::{SendMessages, SentToMany};
use serde::Serialize;

/// The command.
#[derive(Debug)]
pub struct Batchsendmsg;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reply {
    msg_key: String,
    error_list: Vec<NotReached>,
}

const DOC: Doc = Doc {
    summary: text("Send a message to many users", "批量发单聊消息"),
    details: text(
        "As sendmsg, to up to 500 users. Those who are not imported are listed and the others get it.",
        "同 sendmsg，一次最多 500 个接收者；未导入的帐号在 ErrorList 中返回，其余正常下发。",
    ),
    request: &[
        fields::SENDER,
        required(
            "To_Account",
            Kind::ListWithin(1, |limits| limits.users_per_message, &Kind::TextWithin(|limits| limits.user_id_bytes)),
            text("Who gets it.", "消息接收者的 UserID 列表。"),
        ),
        fields::SYNC_OTHER_MACHINE,
        fields::MSG_LIFE_TIME,
        fields::ONLINE_ONLY_FLAG,
        fields::MSG_SEQ,
        fields::MSG_RANDOM,
        fields::MSG_BODY,
        fields::SEND_MSG_CONTROL,
    ],
    reply: &[
        required(
            "MsgKey",
            Kind::Text,
            text("Its key: MsgSeq_MsgRandom_MsgTime.", "消息唯一标识：MsgSeq_MsgRandom_MsgTime。"),
        ),
        required(
            "ErrorList",
            Kind::List(&Kind::Object(&[
                required("To_Account", Kind::Text, text("Who did not get it.", "未能下发的接收者。")),
                required("ErrorCode", Kind::ItemCode, text("Why.", "失败的错误码。")),
            ])),
            text("Those who did not get it.", "未能下发的接收者列表。"),
        ),
    ],
    sample_request: r#"{"SyncOtherMachine":2,"To_Account":["lumotuwe1","lumotuwe2"],"MsgSeq":28360,"MsgRandom":19901224,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hi, beauty"}}]}"#,
    sample_reply: r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"MsgKey":"28360_19901224_1612259740","ErrorList":[{"To_Account":"lumotuwe2","ErrorCode":70107}]}"#,
    codes: &[90002, 90003, 90005, 90007, 90008, 90011, 90026, 90031, 90044, 90055],
    item_codes: &[70107],
};

impl Endpoint for Batchsendmsg {
    const META: Meta = Meta {
        path: "openim/batchsendmsg",
        family: Family::Message,
        error_display: false,
        call_rate: 200,
        source: "1047/34920",
        doc: &DOC,
    };
    type Action = SendMessages;
    type Asked = ();
    type Reply = SentToMany;

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let limits = &call.settings.limits;
        let (from, to) = (sender(body, call)?, recipients(body, limits)?);
        Ok(((), SendMessages { from, to, message: message(body, true, limits)? }))
    }

    fn encode((): Self::Asked, reply: Self::Reply) -> Vec<u8> {
        let not_reached =
            |user: &UserId| NotReached { to_account: user.as_str().to_owned(), error_code: no_such_account(user) };
        let error_list = reply.unknown.iter().map(not_reached).collect();
        envelope::success(&Self::META, &Reply { msg_key: reply.message.key(), error_list })
    }
}
