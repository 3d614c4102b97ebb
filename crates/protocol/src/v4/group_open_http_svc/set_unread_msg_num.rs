//! `POST /v4/group_open_http_svc/set_unread_msg_num`: how many messages of a chat group a member has not read (1047/34909).

use super::required_group_id;
use crate::decode::required_user;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use crate::openapi::{Doc, Kind, fields, required, text};
use cubby_domain::commands::SetUnread;

/// The command.
#[derive(Debug)]
pub struct SetUnreadMsgNum;

const DOC: Doc = Doc {
    summary: text("Set how many messages of a chat group are unread", "设置成员未读消息计数"),
    details: text("As many as there are messages at most.", "未读数不超过群内的消息数。"),
    request: &[
        fields::CHAT_GROUP_ID,
        fields::MEMBER_ACCOUNT,
        required("UnreadMsgNum", Kind::Count, text("How many are unread.", "成员的未读消息数。")),
    ],
    reply: &[],
    sample_request: r#"{"GroupId":"@TGS#2C5SZEAEF","Member_Account":"bob","UnreadMsgNum":1}"#,
    sample_reply: r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#,
    codes: &[10007, 10010, 10015],
    item_codes: &[],
};

impl Endpoint for SetUnreadMsgNum {
    const META: Meta = Meta {
        path: "group_open_http_svc/set_unread_msg_num",
        family: Family::ChatGroup,
        error_display: false,
        call_rate: 200,
        source: "1047/34909",
        doc: &DOC,
    };
    type Action = SetUnread;
    type Asked = ();
    type Reply = ();

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let limits = &call.settings.limits;
        let id = required_group_id(body, limits)?;
        let user = required_user(body, "Member_Account", limits)?;
        let unread = body.count("UnreadMsgNum")?.ok_or_else(|| body.bad("UnreadMsgNum", Flaw::Required))?;
        Ok(((), SetUnread { id, user, unread }))
    }

    fn encode((): Self::Asked, (): Self::Reply) -> Vec<u8> {
        envelope::bare(&Self::META)
    }
}
