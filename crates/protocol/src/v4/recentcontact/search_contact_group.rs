//! `POST /v4/recentcontact/search_contact_group`: the data of some conversations (1047/53442).

use super::{Entry, GroupItem, entries};
use crate::conversation;
use crate::decode::from_account;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use crate::json::Json;
use crate::openapi::{Doc, Kind, fields, required, text};
use cubby_domain::queries::{Contacts, SearchContacts};
use serde::Serialize;

/// The command.
#[derive(Debug)]
pub struct SearchContactGroup;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reply<'a> {
    contact_result_item: Vec<Entry<'a>>,
    group_item: Vec<GroupItem<'a>>,
}

const DOC: Doc = Doc {
    summary: text("Search conversation groups and marks", "查询指定会话的分组标记数据"),
    details: text(
        "Gets the groups and marks of the conversations asked for: those that have any, in the order asked, each once.",
        "查询指定会话的分组与标记。只返回带有分组或标记的会话，顺序与请求一致，重复的只返回一次。",
    ),
    request: &[
        fields::FROM_ACCOUNT,
        required(
            "ContactItem",
            Kind::ListWithin(1, |limits| limits.conversations_per_search, &Kind::Shape(&fields::CONVERSATION)),
            text("The conversations to look for.", "要查询的会话。"),
        ),
    ],
    reply: &[
        required(
            "ContactResultItem",
            Kind::List(&Kind::Shape(&fields::ENTRY)),
            text("The conversations that were found.", "查询到的会话。"),
        ),
        fields::ALL_GROUP_ITEMS,
    ],
    sample_request: r#"{"From_Account":"yahaha","ContactItem":[{"Type":1,"To_Account":"xixi"}]}"#,
    sample_reply: r#"{"ContactResultItem":[{"Type":1,"To_Account":"xixi","StandardMark":"11111110","CustomMark":"xxyyyzzzfffffffxxx111111","ContactGroupId":[1,2],"Timestamp":1673500546}],"GroupItem":[{"GroupName":"test1x","GroupId":1},{"GroupName":"test10","GroupId":2}],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#,
    codes: &[50001],
    item_codes: &[],
};

impl Endpoint for SearchContactGroup {
    const META: Meta = Meta {
        path: "recentcontact/search_contact_group",
        family: Family::Contact,
        error_display: true,
        call_rate: 200,
        source: "1047/53442",
        doc: &DOC,
    };
    type Action = SearchContacts;
    type Asked = ();
    type Reply = Contacts;

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let user = from_account(body, call.settings)?;
        let items = body.objects("ContactItem")?;
        let (found, max) = (items.len(), call.settings.limits.conversations_per_search);
        if found == 0 || found as u64 > max {
            return Err(body.bad("ContactItem", Flaw::Count { found, min: 1, max }));
        }
        let read = |(n, item): (usize, &Json<'_>)| {
            let object = match item {
                Json::Object(object) => Some(object),
                _ => None,
            };
            conversation::read(object, &format!("ContactItem[{n}]"), &call.settings.limits).1
        };
        let ids = items.into_iter().enumerate().map(read).collect::<Result<_, _>>()?;
        Ok(((), SearchContacts { user, ids }))
    }

    fn encode((): Self::Asked, reply: Self::Reply) -> Vec<u8> {
        let reply = Reply {
            contact_result_item: entries(&reply.conversations),
            group_item: GroupItem::all(&reply.contact_groups),
        };
        envelope::success(&Self::META, &reply)
    }
}
