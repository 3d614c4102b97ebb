//! `POST /v4/openim/sendmsg`: sends a message from one user to another (1047/34919).

use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields};
use crate::message::{message, recipient, sender};
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

impl Endpoint for Sendmsg {
    const META: Meta = Meta {
        path: "openim/sendmsg",
        family: Family::Message,
        error_display: false,
        call_rate: 200,
        source: "1047/34919",
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
