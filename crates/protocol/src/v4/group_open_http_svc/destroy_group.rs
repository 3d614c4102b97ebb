//! `POST /v4/group_open_http_svc/destroy_group`: dissolves a chat group (269/1624).

use super::required_group_id;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields};
use crate::openapi::{Doc, fields, text};
use cubby_domain::commands::DestroyChatGroup;

/// The command.
#[derive(Debug)]
pub struct DestroyGroup;

const DOC: Doc = Doc {
    summary: text("Destroy a chat group", "解散群组"),
    details: text(
        "Dissolves a chat group. Conversations with it stay in the data of its members until they are removed there.",
        "解散群组。成员会话数据中与该群的会话仍会保留，直到在那里移除。",
    ),
    request: &[fields::CHAT_GROUP_ID],
    reply: &[],
    sample_request: r#"{"GroupId":"@TGS#2J4SZEAEL"}"#,
    sample_reply: r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#,
    codes: &[10010, 10015],
    item_codes: &[],
};

impl Endpoint for DestroyGroup {
    const META: Meta = Meta {
        path: "group_open_http_svc/destroy_group",
        family: Family::ChatGroup,
        error_display: false,
        call_rate: 200,
        source: "269/1624",
        doc: &DOC,
    };
    type Action = DestroyChatGroup;
    type Asked = ();
    type Reply = ();

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        Ok(((), DestroyChatGroup { id: required_group_id(body, &call.settings.limits)? }))
    }

    fn encode((): (), (): ()) -> Vec<u8> {
        envelope::bare(&Self::META)
    }
}
