//! `POST /v4/recentcontact/get_contact_group`: a user's conversation data, a page at a time (269/85794).

use super::{Entry, GroupItem, entries};
use crate::decode::from_account;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields};
use crate::openapi::{Doc, Kind, fields, optional, required, text};
use cubby_domain::queries::{ContactPage, ListContacts};
use serde::Serialize;

/// The command.
#[derive(Debug)]
pub struct GetContactGroup;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reply<'a> {
    contact_item: Vec<Entry<'a>>,
    group_item: Vec<GroupItem<'a>>,
    complete_flag: u8,
    next_start_index: u64,
}

const DOC: Doc = Doc {
    summary: text("Get conversation groups and marks", "拉取会话分组标记数据"),
    details: text(
        "Gets all conversations of a user that are in a group or have a mark, a page at a time, in the order in which they entered the data. These data are independent of the recent contacts.",
        "分页拉取用户全部带有分组或标记的会话，按进入数据的先后排序。会话分组标记数据独立于最近联系人。",
    ),
    request: &[
        fields::FROM_ACCOUNT,
        optional(
            "StartIndex",
            Kind::Count,
            text(
                "Where the page begins: 0 at first, then the last reply's NextStartIndex.",
                "分页起点：首次填 0，之后填上次返回的 NextStartIndex。",
            ),
        ),
    ],
    reply: &[
        required(
            "ContactItem",
            Kind::List(&Kind::Shape(&fields::ENTRY)),
            text("The conversations of the page.", "本页的会话。"),
        ),
        fields::ALL_GROUP_ITEMS,
        required(
            "CompleteFlag",
            Kind::Choice(&[0, 1]),
            text("1 on the last page, else 0.", "是否已拉取完毕：1 为最后一页，0 为未完。"),
        ),
        required(
            "NextStartIndex",
            Kind::Count,
            text("Where the next page begins; 0 on the last.", "下一页的起点；最后一页为 0。"),
        ),
    ],
    sample_request: r#"{"From_Account":"user0","StartIndex":0}"#,
    sample_reply: r#"{"ContactItem":[{"Type":1,"To_Account":"teacher4","StandardMark":"111001","ContactGroupId":[1,2],"Timestamp":1670843110},{"Type":2,"ToGroupId":"@TGS#1N3RSUYG2","StandardMark":"111001","CustomMark":"abcd","Timestamp":1672998266}],"GroupItem":[{"GroupName":"test1x","GroupId":1},{"GroupName":"test10","GroupId":2}],"CompleteFlag":1,"NextStartIndex":0,"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#,
    codes: &[50001],
    item_codes: &[],
};

impl Endpoint for GetContactGroup {
    const META: Meta = Meta {
        path: "recentcontact/get_contact_group",
        family: Family::Contact,
        error_display: true,
        call_rate: 200,
        source: "269/85794",
        doc: &DOC,
    };
    type Action = ListContacts;
    type Asked = ();
    type Reply = ContactPage;

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let user = from_account(body, call.settings)?;
        let after = body.count("StartIndex")?.unwrap_or_default();
        Ok(((), ListContacts { user, after, limit: call.settings.limits.conversations_per_page }))
    }

    fn encode((): Self::Asked, reply: Self::Reply) -> Vec<u8> {
        let reply = Reply {
            contact_item: entries(&reply.contacts.conversations),
            group_item: GroupItem::all(&reply.contacts.contact_groups),
            complete_flag: u8::from(reply.next.is_none()),
            next_start_index: reply.next.unwrap_or_default(),
        };
        envelope::success(&Self::META, &reply)
    }
}
