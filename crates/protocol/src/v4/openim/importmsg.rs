//! `POST /v4/openim/importmsg`: imports a message from one user to another (269/2568).

use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields};
use crate::message::{message, recipient, required_sender, time};
use cubby_domain::LastMessage;
use cubby_domain::commands::{Message, SendMessage};

/// The command.
#[derive(Debug)]
pub struct Importmsg;

impl Endpoint for Importmsg {
    const META: Meta = Meta {
        path: "openim/importmsg",
        family: Family::Message,
        error_display: false,
        call_rate: 200,
        source: "269/2568",
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
