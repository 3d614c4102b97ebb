//! `POST /v4/recentcontact/search_contact_group`: the data of some conversations (1047/53442).

use super::{Entry, GroupItem, entries};
use crate::conversation;
use crate::decode::from_account;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use crate::json::Json;
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

impl Endpoint for SearchContactGroup {
    const META: Meta = Meta {
        path: "recentcontact/search_contact_group",
        family: Family::Contact,
        error_display: true,
        call_rate: 200,
        source: "1047/53442",
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
