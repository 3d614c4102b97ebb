//! `POST /v4/openim/importmsg`: imports a message from one user to another (269/2568).

use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields};
use crate::message::{message, recipient, required_sender, time};
use crate::openapi::{Doc, Kind, fields, optional, required, text};
use cubby_domain::LastMessage;
use cubby_domain::commands::{Message, SendMessage};

/// The command.
#[derive(Debug)]
pub struct Importmsg;

const DOC: Doc = Doc {
    summary: text("Import a message between users", "导入单聊消息"),
    details: text(
        "Makes both sides a recent contact of each other. One that is older than the last message moves nothing.",
        "使收发双方互为最近联系人；早于最后一条消息的导入不会改变列表顺序。",
    ),
    request: &[
        fields::IMPORTED_SENDER,
        fields::RECIPIENT,
        fields::SYNC_OTHER_MACHINE,
        fields::MSG_LIFE_TIME,
        fields::ONLINE_ONLY_FLAG,
        fields::MSG_SEQ,
        fields::MSG_RANDOM,
        fields::MSG_BODY,
        fields::SEND_MSG_CONTROL,
        required(
            "MsgTimeStamp",
            Kind::Count,
            text("When it was sent, in Unix seconds.", "消息时间，Unix 时间戳，单位秒。"),
        ),
        optional(
            "SyncFromOldSystem",
            Kind::Choice(&[1, 2]),
            text("1: it counts as unread; 2: it does not.", "1：计入未读数；2：不计入未读数。"),
        ),
    ],
    reply: &[],
    sample_request: r#"{"SyncFromOldSystem":1,"From_Account":"dramon1","To_Account":"dramon2","MsgSeq":93847636,"MsgRandom":1287657,"MsgTimeStamp":1556178721,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hi, beauty"}}]}"#,
    sample_reply: r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#,
    codes: &[80002, 90002, 90003, 90005, 90006, 90007, 90008, 90012, 90026, 90031, 90044],
    item_codes: &[],
};

impl Endpoint for Importmsg {
    const META: Meta = Meta {
        path: "openim/importmsg",
        family: Family::Message,
        error_display: false,
        call_rate: 200,
        source: "269/2568",
        doc: &DOC,
    };
    type Action = SendMessage;
    type Asked = ();
    type Reply = LastMessage;

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let limits = &call.settings.limits;
        let (from, to) = (required_sender(body, limits)?, recipient(body, limits)?);
        // 1 imports what is said now, and it counts as unread; 2 what was said before (269/2568).
        let live = body.integer("SyncFromOldSystem", "1 or 2")? == Some(1);
        let sent = Some(time(body, "MsgTimeStamp")?);
        let message = message(body, false, limits)?;
        let message = Message { sent, counted: message.counted && live, ..message };
        Ok(((), SendMessage { from, to, message }))
    }

    fn encode((): Self::Asked, _: Self::Reply) -> Vec<u8> {
        envelope::bare(&Self::META)
    }
}
