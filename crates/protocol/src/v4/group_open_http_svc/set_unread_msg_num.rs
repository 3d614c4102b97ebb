//! `POST /v4/group_open_http_svc/set_unread_msg_num`: how many messages of a chat group a member has not read (1047/34909).

use super::required_group_id;
use crate::decode::required_user;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use cubby_domain::commands::SetUnread;

/// The command.
#[derive(Debug)]
pub struct SetUnreadMsgNum;

impl Endpoint for SetUnreadMsgNum {
    const META: Meta = Meta {
        path: "group_open_http_svc/set_unread_msg_num",
        family: Family::ChatGroup,
        error_display: false,
        call_rate: 200,
        source: "1047/34909",
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
