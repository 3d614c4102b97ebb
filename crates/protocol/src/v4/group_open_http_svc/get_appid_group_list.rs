//! `POST /v4/group_open_http_svc/get_appid_group_list`: all chat groups of the application, a page at a time (269/1614).

use super::IdItem;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use crate::openapi::{Doc, Kind, fields, optional, required, text};
use cubby_domain::queries::{ChatGroupPage, ListChatGroups};
use serde::Serialize;

/// The command.
#[derive(Debug)]
pub struct GetAppidGroupList;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reply {
    total_count: u64,
    group_id_list: Vec<IdItem>,
    next: u64,
}

const DOC: Doc = Doc {
    summary: text("List the chat groups of the application", "获取应用中的所有群组"),
    details: text(
        "Lists the ids of all chat groups of the application, a page at a time.",
        "分页获取应用中所有群组的 ID。",
    ),
    request: &[
        optional(
            "Limit",
            Kind::CountWithin(1, |limits| limits.chat_groups_per_page),
            text("The most ids of the page.", "本页最多返回的群组数量。"),
        ),
        optional(
            "Next",
            Kind::Count,
            text(
                "Where the page begins: 0 at first, then the last reply's Next.",
                "分页起点：首次填 0，之后填上次返回的 Next。",
            ),
        ),
        fields::GROUP_TYPE,
    ],
    reply: &[
        required("TotalCount", Kind::Count, text("How many there are in all.", "群组总数。")),
        fields::GROUP_ID_LIST,
        required(
            "Next",
            Kind::Count,
            text("Where the next page begins; 0 at the end.", "下一页的起点；已到末尾时为 0。"),
        ),
    ],
    sample_request: r#"{"Limit":1000,"Next":0}"#,
    sample_reply: r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"TotalCount":2,"GroupIdList":[{"GroupId":"@TGS#2J4SZEAEL"},{"GroupId":"@TGS#2C5SZEAEF"}],"Next":0}"#,
    codes: &[],
    item_codes: &[],
};

impl Endpoint for GetAppidGroupList {
    const META: Meta = Meta {
        path: "group_open_http_svc/get_appid_group_list",
        family: Family::ChatGroup,
        error_display: false,
        call_rate: 1,
        source: "269/1614, 1047/34960",
        doc: &DOC,
    };
    type Action = ListChatGroups;
    type Asked = ();
    type Reply = ChatGroupPage;

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let max = call.settings.limits.chat_groups_per_page;
        let limit = body.count("Limit")?.unwrap_or(max);
        if limit == 0 || limit > max {
            return Err(body.bad("Limit", Flaw::Unknown { wants: "from 1 to the size of a page, 10000 by default" }));
        }
        let after = body.count("Next")?.unwrap_or_default();
        Ok(((), ListChatGroups { after, limit, kind: body.text("GroupType")?.map(Into::into) }))
    }

    fn encode((): (), reply: Self::Reply) -> Vec<u8> {
        let ids = reply.chat_groups.into_iter().map(|(id, _)| IdItem { group_id: id.to_string() });
        let (total_count, group_id_list, next) = (reply.total, ids.collect(), reply.next.unwrap_or_default());
        envelope::success(&Self::META, &Reply { total_count, group_id_list, next })
    }
}
