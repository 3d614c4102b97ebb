//! `POST /v4/openim/batchsendmsg`: sends one message to up to 500 users (1047/34920).

use super::{NotReached, no_such_account};
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields};
use crate::message::{message, recipients, sender};
use cubby_domain::UserId;
use cubby_domain::commands::{SendMessages, SentToMany};
use serde::Serialize;

/// The command.
#[derive(Debug)]
pub struct Batchsendmsg;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reply {
    msg_key: String,
    error_list: Vec<NotReached>,
}

impl Endpoint for Batchsendmsg {
    const META: Meta = Meta {
        path: "openim/batchsendmsg",
        family: Family::Message,
        error_display: false,
        call_rate: 200,
        source: "1047/34920",
    };
    type Action = SendMessages;
    type Asked = ();
    type Reply = SentToMany;

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let limits = &call.settings.limits;
        let (from, to) = (sender(body, call)?, recipients(body, limits)?);
        Ok(((), SendMessages { from, to, message: message(body, true, limits)? }))
    }

    fn encode((): Self::Asked, reply: Self::Reply) -> Vec<u8> {
        let not_reached =
            |user: &UserId| NotReached { to_account: user.as_str().to_owned(), error_code: no_such_account(user) };
        let error_list = reply.unknown.iter().map(not_reached).collect();
        envelope::success(&Self::META, &Reply { msg_key: reply.message.key(), error_list })
    }
}
