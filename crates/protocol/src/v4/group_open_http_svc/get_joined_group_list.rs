//! `POST /v4/group_open_http_svc/get_joined_group_list`: the chat groups that an account is in (269/1625).

use super::IdItem;
use crate::decode::user;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use crate::openapi::{Doc, Kind, fields, optional, required, text};
use cubby_domain::queries::JoinedChatGroups;
use cubby_domain::{ChatGroup, ChatGroupId, Member};
use serde::Serialize;

/// The command.
#[derive(Debug)]
pub struct GetJoinedGroupList;

/// The part of the list that was asked for.
#[derive(Debug)]
pub struct Asked {
    offset: u64,
    limit: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reply {
    total_count: usize,
    group_id_list: Vec<IdItem>,
}

const DOC: Doc = Doc {
    summary: text("List the chat groups of an account", "获取用户所加入的群组"),
    details: text("Lists the ids of the chat groups that an account is in.", "获取某个用户所加入的群组的 ID。"),
    request: &[
        fields::MEMBER_ACCOUNT,
        optional(
            "Limit",
            Kind::CountWithin(0, |limits| limits.joined_per_page),
            text("The most ids of the reply.", "最多返回的群组数量。"),
        ),
        optional("Offset", Kind::Count, text("How many to pass over.", "从第几个开始返回，从 0 起算。")),
        fields::GROUP_TYPE,
    ],
    reply: &[
        required("TotalCount", Kind::Count, text("How many there are in all.", "该用户所加入的群组总数。")),
        fields::GROUP_ID_LIST,
    ],
    sample_request: r#"{"Member_Account":"leckie"}"#,
    sample_reply: r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"TotalCount":2,"GroupIdList":[{"GroupId":"@TGS#2J4SZEAEL"},{"GroupId":"@TGS#2C5SZEAEF"}]}"#,
    codes: &[10019],
    item_codes: &[],
};

impl Endpoint for GetJoinedGroupList {
    const META: Meta = Meta {
        path: "group_open_http_svc/get_joined_group_list",
        family: Family::ChatGroup,
        error_display: false,
        call_rate: 200,
        source: "269/1625",
        doc: &DOC,
    };
    type Action = JoinedChatGroups;
    type Asked = Asked;
    type Reply = Vec<(ChatGroupId, ChatGroup, Member)>;

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let limits = &call.settings.limits;
        let user = user(body, "Member_Account", limits)?;
        let user = user.ok_or_else(|| body.bad("Member_Account", Flaw::Required))?;
        let max = limits.joined_per_page;
        let limit = body.count("Limit")?.unwrap_or(max);
        if limit > max {
            return Err(body.bad("Limit", Flaw::Unknown { wants: "at most the size of a page, 5000 by default" }));
        }
        let asked = Asked { offset: body.count("Offset")?.unwrap_or_default(), limit };
        Ok((asked, JoinedChatGroups { user, kind: body.text("GroupType")?.map(Into::into) }))
    }

    fn encode(asked: Self::Asked, reply: Self::Reply) -> Vec<u8> {
        let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let page = reply.iter().skip(size(asked.offset)).take(size(asked.limit));
        let group_id_list = page.map(|(id, ..)| IdItem { group_id: id.to_string() }).collect();
        envelope::success(&Self::META, &Reply { total_count: reply.len(), group_id_list })
    }
}
