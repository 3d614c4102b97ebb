//! `POST /v4/openim/sendmsg`: sends a message from one user to another (1047/34919).

use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields};
use crate::message::{message, recipient, sender};
use crate::openapi::{Doc, Kind, fields, required, text};
use cubby_domain::LastMessage;
use cubby_domain::commands::SendMessage;
use serde::Serialize;

/// The command.
#[derive(Debug)]
pub struct Sendmsg;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reply {
    msg_time: u64,
    msg_key: String,
}

const DOC: Doc = Doc {
    summary: text("Send a message to a user", "单发单聊消息"),
    details: text(
        "Makes both sides a recent contact of each other, unless the message is online-only or has NoLastMsg.",
        "使收发双方互为最近联系人；仅在线消息或带 NoLastMsg 的消息除外。",
    ),
    request: &[
        fields::SENDER,
        fields::RECIPIENT,
        fields::SYNC_OTHER_MACHINE,
        fields::MSG_LIFE_TIME,
        fields::ONLINE_ONLY_FLAG,
        fields::MSG_SEQ,
        fields::MSG_RANDOM,
        fields::MSG_BODY,
        fields::SEND_MSG_CONTROL,
    ],
    reply: &[
        required("MsgTime", Kind::Count, text("When it was sent, in Unix seconds.", "消息时间，Unix 时间戳，单位秒。")),
        required(
            "MsgKey",
            Kind::Text,
            text("Its key: MsgSeq_MsgRandom_MsgTime.", "消息唯一标识：MsgSeq_MsgRandom_MsgTime。"),
        ),
    ],
    sample_request: r#"{"SyncOtherMachine":2,"From_Account":"lumotuwe1","To_Account":"lumotuwe2","MsgLifeTime":60,"MsgSeq":93847636,"MsgRandom":1287657,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hi, beauty"}}]}"#,
    sample_reply: r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"MsgTime":1572870301,"MsgKey":"89541_2574206_1572870301"}"#,
    codes: &[80002, 90002, 90003, 90005, 90007, 90008, 90012, 90026, 90031, 90044],
    item_codes: &[],
};

impl Endpoint for Sendmsg {
    const META: Meta = Meta {
        path: "openim/sendmsg",
        family: Family::Message,
        error_display: false,
        call_rate: 200,
        source: "1047/34919",
        doc: &DOC,
    };
    type Action = SendMessage;
    type Asked = ();
    type Reply = LastMessage;

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let limits = &call.settings.limits;
        let (from, to) = (sender(body, call)?, recipient(body, limits)?);
        Ok(((), SendMessage { from, to, message: message(body, false, limits)? }))
    }

    fn encode((): Self::Asked, reply: Self::Reply) -> Vec<u8> {
        envelope::success(&Self::META, &Reply { msg_time: reply.time.0, msg_key: reply.key() })
    }
}
