//! `POST /v4/group_open_http_svc/send_group_msg`: sends a message to a chat group (1047/34959).

use super::required_group_id;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use crate::message::{body as message_body, control, online_only, random, sender, targets};
use crate::openapi::{Doc, Kind, fields, optional, required, text};
use cubby_domain::LastMessage;
use cubby_domain::commands::SendChatGroupMessage;
use serde::Serialize;

/// The command.
#[derive(Debug)]
pub struct SendGroupMsg;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reply {
    msg_time: u64,
    msg_seq: u64,
}

const DOC: Doc = Doc {
    summary: text("Send a message to a chat group", "在群组中发送普通消息"),
    details: text(
        "Makes the chat group a recent contact of its members, unless the message is online-only or has NoLastMsg. An AVChatRoom is nobody’s.",
        "使群组成为各成员的最近联系人；仅在线消息、带 NoLastMsg 的消息以及直播群（AVChatRoom）除外。",
    ),
    request: &[
        fields::CHAT_GROUP_ID,
        required("Random", Kind::Unsigned, text("A random number.", "消息随机数，32 位无符号整数。")),
        fields::SENDER,
        fields::MSG_BODY,
        optional(
            "OnlineOnlyFlag",
            Kind::Choice(&[0, 1]),
            text(
                "1: only for those who are online; it makes no recent contact.",
                "1：仅发给在线成员，不产生最近联系人。",
            ),
        ),
        optional(
            "SendMsgControl",
            Kind::List(&Kind::Word(&["NoLastMsg", "NoUnread"])),
            text(
                "NoLastMsg: it does not change the list of recent contacts; not with OnlineOnlyFlag 1.",
                "NoLastMsg：不更新最近联系人会话；不能与 OnlineOnlyFlag 1 同时使用。",
            ),
        ),
        optional(
            "To_Account",
            Kind::ListWithin(0, |limits| limits.members_per_message, &Kind::TextWithin(|limits| limits.user_id_bytes)),
            text("The members to whom alone it goes.", "定向消息的接收成员列表。"),
        ),
    ],
    reply: &[
        required("MsgTime", Kind::Count, text("When it was sent, in Unix seconds.", "消息时间，Unix 时间戳，单位秒。")),
        required(
            "MsgSeq",
            Kind::Count,
            text("Its number in the chat group; 0 where it is online-only.", "消息在群内的序列号；仅在线消息为 0。"),
        ),
    ],
    sample_request: r#"{"GroupId":"@TGS#2C5SZEAEF","Random":8912345,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hi, beauty"}}]}"#,
    sample_reply: r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"MsgTime":1497249503,"MsgSeq":1}"#,
    codes: &[10010, 10015, 10019, 80002],
    item_codes: &[],
};

impl Endpoint for SendGroupMsg {
    const META: Meta = Meta {
        path: "group_open_http_svc/send_group_msg",
        family: Family::ChatGroup,
        error_display: false,
        call_rate: 200,
        source: "1047/34959",
        doc: &DOC,
    };
    type Action = SendChatGroupMessage;
    type Asked = ();
    type Reply = LastMessage;

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let limits = &call.settings.limits;
        let id = required_group_id(body, limits)?;
        let random = random(body, "Random")?;
        let from = sender(body, call)?;
        message_body(body, false, limits)?;
        let online_only = online_only(body)?;
        let listed = !control(body)?.no_last_message;
        if online_only && !listed {
            let why = "NoLastMsg is not for a message that is online-only";
            return Err(body.bad("SendMsgControl", Flaw::NotBoth(why)));
        }
        let to = targets(body, limits)?;
        Ok(((), SendChatGroupMessage { id, from, random, listed, online_only, to }))
    }

    fn encode((): Self::Asked, reply: Self::Reply) -> Vec<u8> {
        envelope::success(&Self::META, &Reply { msg_time: reply.time.0, msg_seq: reply.sequence })
    }
}
