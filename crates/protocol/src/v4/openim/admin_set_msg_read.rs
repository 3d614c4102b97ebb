//! `POST /v4/openim/admin_set_msg_read`: a user has read the messages of another (1047/38996).

use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields};
use crate::message::{MessageFlaw, required};
use cubby_domain::Timestamp;
use cubby_domain::commands::ReadMessages;

/// The command.
#[derive(Debug)]
pub struct AdminSetMsgRead;

impl Endpoint for AdminSetMsgRead {
    const META: Meta = Meta {
        path: "openim/admin_set_msg_read",
        family: Family::Message,
        error_display: false,
        call_rate: 200,
        source: "1047/38996",
    };
    type Action = ReadMessages;
    type Asked = ();
    type Reply = ();

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let limits = &call.settings.limits;
        let user = required(body, "Report_Account", MessageFlaw::Sender, limits)?;
        let peer = required(body, "Peer_Account", MessageFlaw::Recipient, limits)?;
        let until = body.count("MsgReadTime")?.map(Timestamp);
        Ok(((), ReadMessages { user, peer, until }))
    }

    fn encode((): Self::Asked, (): Self::Reply) -> Vec<u8> {
        envelope::bare(&Self::META)
    }
}
