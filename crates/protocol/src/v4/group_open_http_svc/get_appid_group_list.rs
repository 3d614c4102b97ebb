//! `POST /v4/group_open_http_svc/get_appid_group_list`: all chat groups of the application, a page at a time (269/1614).

use super::IdItem;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
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

impl Endpoint for GetAppidGroupList {
    const META: Meta = Meta {
        path: "group_open_http_svc/get_appid_group_list",
        family: Family::ChatGroup,
        error_display: false,
        call_rate: 1,
        source: "269/1614, 1047/34960",
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
