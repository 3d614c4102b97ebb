//! `POST /v4/openim/get_c2c_unread_msg_num`: how many messages of other users a user has not read (269/56043).

use super::no_such_account;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields};
use crate::message::{peers, recipient};
use cubby_domain::queries::{CountUnread, Unread};
use serde::Serialize;

/// The command.
#[derive(Debug)]
pub struct GetC2cUnreadMsgNum;

#[derive(Serialize)]
struct All {
    #[serde(rename = "AllC2CUnreadMsgNum")]
    unread: u64,
}

#[derive(Serialize)]
struct Each {
    #[serde(rename = "C2CUnreadMsgNumList")]
    unread: Vec<Peer>,
    #[serde(rename = "ErrorList")]
    errors: Vec<Unknown>,
}

#[derive(Serialize)]
struct Peer {
    #[serde(rename = "Peer_Account")]
    peer: String,
    #[serde(rename = "C2CUnreadMsgNum")]
    unread: u64,
}

#[derive(Serialize)]
struct Unknown {
    #[serde(rename = "Peer_Account")]
    peer: String,
    #[serde(rename = "ErrorCode")]
    code: u32,
}

impl Endpoint for GetC2cUnreadMsgNum {
    const META: Meta = Meta {
        path: "openim/get_c2c_unread_msg_num",
        family: Family::Message,
        error_display: false,
        call_rate: 200,
        source: "269/56043",
    };
    type Action = CountUnread;
    type Asked = ();
    type Reply = Unread;

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let limits = &call.settings.limits;
        Ok(((), CountUnread { user: recipient(body, limits)?, peers: peers(body, limits)? }))
    }

    fn encode((): Self::Asked, reply: Self::Reply) -> Vec<u8> {
        let each = match reply {
            Unread::All(unread) => return envelope::success(&Self::META, &All { unread }),
            Unread::Each(each) => each,
        };
        let mut reply = Each { unread: Vec::new(), errors: Vec::new() };
        for (user, unread) in each {
            let peer = user.as_str().to_owned();
            match unread {
                Some(unread) => reply.unread.push(Peer { peer, unread }),
                None => reply.errors.push(Unknown { peer, code: no_such_account(&user) }),
            }
        }
        envelope::success(&Self::META, &reply)
    }
}
