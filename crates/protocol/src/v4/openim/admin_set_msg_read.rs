//! `POST /v4/openim/admin_set_msg_read`: a user has read the messages of another (1047/38996).

use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::MessageFlaw;
use crate::field::{BadField, Fields};
use crate::message::account;
use crate::openapi::{Doc, Kind, optional, required, text};
use cubby_domain::Timestamp;
use cubby_domain::commands::ReadMessages;

/// The command.
#[derive(Debug)]
pub struct AdminSetMsgRead;

const DOC: Doc = Doc {
    summary: text("Set messages of a user as read", "设置单聊消息已读"),
    details: text(
        "Reading neither makes nor moves a recent contact.",
        "设置已读不会产生最近联系人，也不会改变其顺序。",
    ),
    request: &[
        required(
            "Report_Account",
            Kind::TextWithin(|limits| limits.user_id_bytes),
            text("Who has read.", "已读一方的 UserID。"),
        ),
        required(
            "Peer_Account",
            Kind::TextWithin(|limits| limits.user_id_bytes),
            text("Whose messages.", "消息发送方的 UserID。"),
        ),
        optional(
            "MsgReadTime",
            Kind::Count,
            text(
                "Up to which time, in Unix seconds; all where left out.",
                "已读至该时间，Unix 时间戳，单位秒；不填则全部已读。",
            ),
        ),
    ],
    reply: &[],
    sample_request: r#"{"Report_Account":"dramon1","Peer_Account":"teacher"}"#,
    sample_reply: r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#,
    codes: &[90003, 90008, 90048],
    item_codes: &[],
};

impl Endpoint for AdminSetMsgRead {
    const META: Meta = Meta {
        path: "openim/admin_set_msg_read",
        family: Family::Message,
        error_display: false,
        call_rate: 200,
        source: "1047/38996",
        doc: &DOC,
    };
    type Action = ReadMessages;
    type Asked = ();
    type Reply = ();

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let limits = &call.settings.limits;
        let user = account(body, "Report_Account", MessageFlaw::Sender, limits)?;
        let peer = account(body, "Peer_Account", MessageFlaw::Recipient, limits)?;
        let until = body.count("MsgReadTime")?.map(Timestamp);
        Ok(((), ReadMessages { user, peer, until }))
    }

    fn encode((): Self::Asked, (): Self::Reply) -> Vec<u8> {
        envelope::bare(&Self::META)
    }
}
