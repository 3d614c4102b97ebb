//! `POST /v4/group_open_http_svc/import_group_msg`: imports messages into a chat group (269/1635).

use super::required_group_id;
use crate::codes::item_code;
use crate::decode::malformed;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use crate::json::Json;
use crate::message::{body as message_body, random, required_sender, time};
use cubby_domain::commands::{ImportChatGroupMessages, ImportedMessage};
use cubby_domain::{ItemRefusal, LastMessage, Limits};
use serde::Serialize;

/// The command.
#[derive(Debug)]
pub struct ImportGroupMsg;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reply {
    import_msg_result: Vec<Imported>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Imported {
    msg_seq: u64,
    msg_time: u64,
    result: u32,
}

impl Endpoint for ImportGroupMsg {
    const META: Meta = Meta {
        path: "group_open_http_svc/import_group_msg",
        family: Family::ChatGroup,
        error_display: false,
        call_rate: 200,
        source: "269/1635",
    };
    type Action = ImportChatGroupMessages;
    /// The times as they were sent.
    type Asked = Vec<u64>;
    type Reply = Vec<Result<LastMessage, ItemRefusal>>;

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let limits = &call.settings.limits;
        let id = required_group_id(body, limits)?;
        // Left out it is as 1, for a message makes a recent contact; 0 says otherwise.
        let listed = body.integer("RecentContactFlag", "0 or 1")? != Some(0);
        let items = body.objects("MsgList")?;
        let (found, max) = (items.len(), limits.messages_per_import);
        if found == 0 || found as u64 > max {
            return Err(body.bad("MsgList", Flaw::Count { found, min: 1, max }));
        }
        let read = |item| {
            let message = read_item(item, limits);
            let sent = message.as_ref().map(|message| message.sent.0).unwrap_or_default();
            (sent, message.map_err(|bad| malformed(&bad)))
        };
        let (asked, messages) = items.into_iter().map(read).unzip();
        Ok((asked, ImportChatGroupMessages { id, messages, listed }))
    }

    fn encode(asked: Self::Asked, reply: Self::Reply) -> Vec<u8> {
        let item = |(asked, result): (u64, Result<LastMessage, ItemRefusal>)| match result {
            Ok(message) => Imported { msg_seq: message.sequence, msg_time: message.time.0, result: 0 },
            Err(refusal) => Imported { msg_seq: 0, msg_time: asked, result: item_code(Family::ChatGroup, &refusal).0 },
        };
        let import_msg_result = asked.into_iter().zip(reply).map(item).collect();
        envelope::success(&Self::META, &Reply { import_msg_result })
    }
}

fn read_item(item: &Json<'_>, limits: &Limits) -> Result<ImportedMessage, BadField> {
    let Json::Object(object) = item else {
        return Err(BadField { path: "MsgList".to_owned(), flaw: Flaw::NotA("a list of objects") });
    };
    let item = Fields::new(object, "MsgList.");
    let from = required_sender(&item, limits)?;
    let sent = time(&item, "SendTime")?;
    let given = item.value("Random").is_some();
    let random = if given { random(&item, "Random")? } else { 0 };
    message_body(&item, false, limits)?;
    Ok(ImportedMessage { from, sent, random })
}
