//! `POST /v4/recentcontact/create_contact_group`: creates one contact group with its first conversations (269/85791).

use super::GroupItem;
use crate::conversation::Echo;
use crate::decode::{conversation_item, from_account, malformed, new_name};
use crate::endpoint::{Call, Endpoint, Family, Meta, Need};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use crate::json::Json;
use crate::v4::ResultFields;
use cubby_domain::commands::{self, ContactGroupCreated};
use serde::Serialize;

/// The command.
#[derive(Debug)]
pub struct CreateContactGroup;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reply<'a> {
    group_result_item: [GroupResult<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GroupResult<'a> {
    group_item: GroupItem<'a>,
    result_item: Vec<Item>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    contact_item: Echo,
    #[serde(flatten)]
    result: ResultFields,
}

impl Endpoint for CreateContactGroup {
    const META: Meta = Meta {
        path: "recentcontact/create_contact_group",
        family: Family::Contact,
        error_display: true,
        call_rate: 200,
        source: "269/85791",
    };
    type Action = commands::CreateContactGroup;
    type Asked = Vec<Echo>;
    type Reply = ContactGroupCreated;

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        const GROUP: &str = "GroupContactItem";
        let limits = &call.settings.limits;
        let user = from_account(body, call.settings)?;
        let groups = body.objects(GROUP)?;
        let group = match groups.as_slice() {
            [Json::Object(group)] => Fields::new(group, "GroupContactItem."),
            [_] => return Err(body.bad(GROUP, Flaw::NotA("a list of objects"))),
            [] => return Err(body.bad(GROUP, Flaw::Required)),
            more => return Err(body.bad(GROUP, Flaw::Count { found: more.len(), min: 1, max: 1 })),
        };
        let name = new_name(&group, "GroupName", limits)?;
        let conversations = group.objects("ContactItem")?;
        let (found, max) = (conversations.len(), limits.conversations_per_update);
        if found as u64 > max {
            return Err(group.bad("ContactItem", Flaw::Conversations { found, max }));
        }
        let read = conversations.into_iter().map(|item| conversation_item(item, limits));
        let (echoes, items) = read.map(|(echo, item)| (echo, item.map_err(|bad| malformed(&bad)))).unzip();
        Ok((echoes, commands::CreateContactGroup { user, name, items }))
    }

    fn need(_: &Self::Asked) -> Need {
        Need::ContactGroups
    }

    fn encode(asked: Self::Asked, reply: Self::Reply) -> Vec<u8> {
        let item = |(contact_item, result)| Item { contact_item, result: ResultFields::of(Family::Contact, &result) };
        let result_item = asked.into_iter().zip(reply.items).map(item).collect();
        let result = GroupResult { group_item: GroupItem::of(&reply.group), result_item };
        envelope::success(&Self::META, &Reply { group_result_item: [result] })
    }
}
