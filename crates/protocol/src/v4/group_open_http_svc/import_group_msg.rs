//! `POST /v4/group_open_http_svc/import_group_msg`: imports messages into a chat group (269/1635).

use super::required_group_id;
use crate::codes::item_code;
use crate::decode::malformed;
use crate::endpoint::{Call, Endpoint, Family, ItemFault, Meta};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use crate::json::Json;
use crate::message::{body as message_body, random, required_sender, time};
use crate::openapi::{Doc, Kind, fields, optional, required, text};
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

const DOC: Doc = Doc {
    summary: text("Import messages into a chat group", "导入群消息"),
    details: text(
        "The messages come in the order of their times, after the last one there is. Each has its own result.",
        "消息须按时间递增导入，且不早于群内最新一条消息；每条消息有各自的导入结果。",
    ),
    request: &[
        fields::CHAT_GROUP_ID,
        optional(
            "RecentContactFlag",
            Kind::Choice(&[0, 1]),
            text("0: they make no recent contact.", "0：不触发会话更新。"),
        ),
        required(
            "MsgList",
            Kind::ListWithin(
                1,
                |limits| limits.messages_per_import,
                &Kind::Object(&[
                    fields::IMPORTED_SENDER,
                    required(
                        "SendTime",
                        Kind::Count,
                        text("When it was sent, in Unix seconds.", "消息发送时间，Unix 时间戳，单位秒。"),
                    ),
                    optional("Random", Kind::Unsigned, text("A random number.", "消息随机数，32 位无符号整数。")),
                    fields::MSG_BODY,
                ]),
            ),
            text("The messages.", "要导入的消息列表。"),
        ),
    ],
    reply: &[required(
        "ImportMsgResult",
        Kind::List(&Kind::Object(&[
            required(
                "MsgSeq",
                Kind::Count,
                text("Its number in the chat group; 0 where it was refused.", "消息在群内的序列号；失败时为 0。"),
            ),
            required(
                "MsgTime",
                Kind::Count,
                text("When it was sent, in Unix seconds.", "消息时间，Unix 时间戳，单位秒。"),
            ),
            required(
                "Result",
                Kind::ItemCode,
                text("0 where it was imported, else its error.", "单条消息的导入结果：0 为成功，非 0 为失败。"),
            ),
        ])),
        text("A result for each message, in their order.", "每条消息的导入结果，顺序与请求一致。"),
    )],
    sample_request: r#"{"GroupId":"@TGS#2C5SZEAEF","RecentContactFlag":1,"MsgList":[{"From_Account":"leckie","SendTime":1620808101,"Random":8912345,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"red packet"}}]}]}"#,
    sample_reply: r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"ImportMsgResult":[{"MsgSeq":1,"MsgTime":1620808101,"Result":0}]}"#,
    codes: &[10007, 10010, 10015],
    item_codes: &[10004, 10019],
};

impl Endpoint for ImportGroupMsg {
    const META: Meta = Meta {
        path: "group_open_http_svc/import_group_msg",
        family: Family::ChatGroup,
        error_display: false,
        call_rate: 200,
        source: "269/1635",
        doc: &DOC,
    };
    type Action = ImportChatGroupMessages;
    /// The times as they were sent.
    type Asked = Vec<u64>;
    type Reply = Vec<Result<LastMessage, ItemRefusal>>;

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let limits = &call.settings.limits;
        let id = required_group_id(body, limits)?;
        // Left out it is as 1, for a message makes a recent contact; 0 says otherwise (R-087).
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

    fn strike(action: &mut Self::Action, fault: &ItemFault) -> Vec<usize> {
        fault.strike(&mut action.messages, |message| message.from.as_str())
    }

    fn tell(reply: &mut Self::Reply, fault: &ItemFault, places: &[usize]) {
        fault.tell(reply, places);
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
