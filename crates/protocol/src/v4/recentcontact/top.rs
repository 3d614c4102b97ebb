//! `POST /v4/recentcontact/top`: pins conversations, or unpins them (269/103772).

use crate::conversation::conversation;
use crate::decode::from_account;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use crate::json::Json;
use crate::openapi::{Doc, Kind, fields, required, text};
use cubby_domain::commands::PinConversations;
use cubby_domain::{ConversationId, Limits};

/// The command.
#[derive(Debug)]
pub struct Top;

const PIN: i64 = 1;
const UNPIN: i64 = 2;

const DOC: Doc = Doc {
    summary: text("Pin conversations, or unpin them", "设置会话置顶"),
    details: text(
        "All of them or none. A pin makes no recent contact, and shows as soon as there is one.",
        "整体生效或整体失败。置顶不会产生最近联系人，待会话出现后即显示为置顶。",
    ),
    request: &[
        fields::FROM_ACCOUNT,
        required("OperationType", Kind::Choice(&[1, 2]), text("1 pins, 2 unpins.", "操作类型：1 置顶，2 取消置顶。")),
        required(
            "RecentContactItem",
            Kind::ListWithin(1, |limits| limits.pins_per_call, &Kind::Shape(&fields::RECENT_CONVERSATION)),
            text("The conversations.", "要操作的会话。"),
        ),
    ],
    reply: &[],
    sample_request: r#"{"From_Account":"id1","OperationType":1,"RecentContactItem":[{"Type":1,"To_Account":"id2"},{"Type":2,"GroupId":"group1"}]}"#,
    sample_reply: r#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#,
    codes: &[50001, 51012],
    item_codes: &[],
};

impl Endpoint for Top {
    const META: Meta = Meta {
        path: "recentcontact/top",
        family: Family::Contact,
        error_display: true,
        call_rate: 200,
        source: "269/103772",
        doc: &DOC,
    };
    type Action = PinConversations;
    type Asked = ();
    type Reply = ();

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let limits = &call.settings.limits;
        let user = from_account(body, call.settings)?;
        let pinned = body.choice("OperationType", &[PIN, UNPIN], "1 (pin) or 2 (unpin)")? == PIN;
        let items = body.objects("RecentContactItem")?;
        let (found, max) = (items.len(), limits.pins_per_call);
        if found == 0 || found as u64 > max {
            return Err(body.bad("RecentContactItem", Flaw::Count { found, min: 1, max }));
        }
        let ids = items.into_iter().map(|item| read_item(body, item, limits)).collect::<Result<_, _>>()?;
        Ok(((), PinConversations { user, pinned, ids }))
    }

    fn encode((): Self::Asked, (): Self::Reply) -> Vec<u8> {
        envelope::bare(&Self::META)
    }
}

fn read_item(body: &Fields<'_>, item: &Json<'_>, limits: &Limits) -> Result<ConversationId, BadField> {
    let Json::Object(object) = item else { return Err(body.bad("RecentContactItem", Flaw::NotA("a list of objects"))) };
    conversation(&Fields::new(object, "RecentContactItem."), limits)
}
