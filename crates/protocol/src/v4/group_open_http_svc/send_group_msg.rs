//! `POST /v4/group_open_http_svc/send_group_msg`: sends a message to a chat group (1047/34959).

use super::required_group_id;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use crate::message::{body as message_body, control, online_only, random, sender, targets};
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

impl Endpoint for SendGroupMsg {
    const META: Meta = Meta {
        path: "group_open_http_svc/send_group_msg",
        family: Family::ChatGroup,
        error_display: false,
        call_rate: 200,
        source: "1047/34959",
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
