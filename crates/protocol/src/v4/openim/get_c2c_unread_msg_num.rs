//! `POST /v4/openim/get_c2c_unread_msg_num`: how many messages of other users a user has not read (269/56043).

use super::no_such_account;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields};
use crate::message::{peers, recipient};
use crate::openapi::{Doc, Kind, optional, required, text};
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

const DOC: Doc = Doc {
    summary: text("Count the unread messages of a user", "查询单聊未读消息计数"),
    details: text(
        "Of all other users together, or of each of those that are named.",
        "不填 Peer_Account 时返回全部单聊未读总数，否则返回与每个指定用户的未读数。",
    ),
    request: &[
        required(
            "To_Account",
            Kind::TextWithin(|limits| limits.user_id_bytes),
            text("Whose unread messages.", "要查询的用户。"),
        ),
        optional(
            "Peer_Account",
            Kind::ListWithin(0, |limits| limits.users_per_unread, &Kind::TextWithin(|limits| limits.user_id_bytes)),
            text("Of these users; of all together where left out.", "对方帐号列表；不填则查询总数。"),
        ),
    ],
    reply: &[
        optional(
            "AllC2CUnreadMsgNum",
            Kind::Count,
            text("Without Peer_Account: of all users together.", "未填 Peer_Account 时：单聊未读总数。"),
        ),
        optional(
            "C2CUnreadMsgNumList",
            Kind::List(&Kind::Object(&[
                required("Peer_Account", Kind::Text, text("The other side.", "对方帐号。")),
                required(
                    "C2CUnreadMsgNum",
                    Kind::Count,
                    text("How many messages of it are not read.", "与其单聊的未读数。"),
                ),
            ])),
            text("With Peer_Account: of each.", "填了 Peer_Account 时：与每个用户的未读数。"),
        ),
        optional(
            "ErrorList",
            Kind::List(&Kind::Object(&[
                required("Peer_Account", Kind::Text, text("The other side.", "对方帐号。")),
                required("ErrorCode", Kind::ItemCode, text("Why there is no number.", "查询失败的错误码。")),
            ])),
            text("With Peer_Account: those of whom there is no number.", "填了 Peer_Account 时：查询失败的帐号列表。"),
        ),
    ],
    sample_request: r#"{"To_Account":"dramon1","Peer_Account":["dramon2","teacher"]}"#,
    sample_reply: r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"C2CUnreadMsgNumList":[{"Peer_Account":"dramon2","C2CUnreadMsgNum":12}],"ErrorList":[{"Peer_Account":"teacher","ErrorCode":70107}]}"#,
    codes: &[90003, 90018],
    item_codes: &[70107],
};

impl Endpoint for GetC2cUnreadMsgNum {
    const META: Meta = Meta {
        path: "openim/get_c2c_unread_msg_num",
        family: Family::Message,
        error_display: false,
        call_rate: 200,
        source: "269/56043",
        doc: &DOC,
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
