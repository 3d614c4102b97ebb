//! `POST /v4/recentcontact/delete`: takes a conversation out of the list of recent contacts (269/62119).

use crate::conversation::read_deleted;
use crate::decode::from_account;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields};
use crate::openapi::{Doc, Kind, fields, optional, required, text};
use cubby_domain::commands::DeleteRecentContact;

/// The command.
#[derive(Debug)]
pub struct Delete;

const DOC: Doc = Doc {
    summary: text("Delete a recent contact", "删除单个会话"),
    details: text(
        "Until its next message. Conversation groups and marks stay; its pin goes.",
        "会话在下一条消息到来前不再出现在列表中。会话分组与标记保留，置顶一并取消。",
    ),
    request: &[
        fields::FROM_ACCOUNT,
        required(
            "Type",
            Kind::Choice(&[1, 2]),
            text(
                "1: a conversation with a user; 2: with a chat group.",
                "会话类型：1 为单聊（C2C），2 为群聊（G2C）。",
            ),
        )
        .also(&["type"]),
        optional(
            "To_Account",
            Kind::TextWithin(|limits| limits.user_id_bytes),
            text("Type 1: the UserID of the other side.", "Type 为 1 时必填：对方的 UserID。"),
        ),
        optional(
            "ToGroupid",
            Kind::TextWithin(|limits| limits.chat_group_id_bytes),
            text("Type 2: the GroupId of the chat group.", "Type 为 2 时必填：群组的 GroupId。"),
        )
        .also(&["ToGroupId", "GroupId"]),
        optional(
            "ClearRamble",
            Kind::Choice(&[0, 1]),
            text("1: clear the messages too. None are kept here.", "1：同时清理漫游消息。本服务不存储消息。"),
        ),
    ],
    reply: &[],
    sample_request: r#"{"From_Account":"id1","Type":1,"To_Account":"id2","ClearRamble":1}"#,
    sample_reply: r#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#,
    codes: &[50001],
    item_codes: &[],
};

impl Endpoint for Delete {
    const META: Meta = Meta {
        path: "recentcontact/delete",
        family: Family::Contact,
        error_display: true,
        call_rate: 200,
        source: "269/62119",
        doc: &DOC,
    };
    type Action = DeleteRecentContact;
    type Asked = ();
    type Reply = ();

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let user = from_account(body, call.settings)?;
        let id = read_deleted(body, &call.settings.limits)?;
        // Messages are not kept, so that there are none to be cleared: only the form is looked at.
        body.integer("ClearRamble", "0 or 1")?;
        Ok(((), DeleteRecentContact { user, id }))
    }

    fn encode((): Self::Asked, (): Self::Reply) -> Vec<u8> {
        envelope::bare(&Self::META)
    }
}
