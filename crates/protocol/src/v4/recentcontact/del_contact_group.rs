//! `POST /v4/recentcontact/del_contact_group`: deletes one contact group (269/85795).

use super::GroupItem;
use crate::decode::from_account;
use crate::endpoint::{Call, Endpoint, Family, Meta, Need};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use cubby_domain::{ContactGroup, commands};
use serde::Serialize;

/// The command.
#[derive(Debug)]
pub struct DelContactGroup;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reply<'a> {
    group_item: [GroupItem<'a>; 1],
}

impl Endpoint for DelContactGroup {
    const META: Meta = Meta {
        path: "recentcontact/del_contact_group",
        family: Family::Contact,
        error_display: false,
        call_rate: 200,
        source: "269/85795",
    };
    type Action = commands::DeleteContactGroup;
    type Asked = ();
    type Reply = ContactGroup;

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let user = from_account(body, call.settings)?;
        let names = body.texts("GroupName")?;
        match names.as_slice() {
            [] => Err(body.bad("GroupName", Flaw::Required)),
            [""] => Err(body.bad("GroupName", Flaw::Unknown { wants: "a list of one name that is not empty" })),
            [name] => Ok(((), commands::DeleteContactGroup { user, name: (*name).into() })),
            more => Err(body.bad("GroupName", Flaw::Count { found: more.len(), min: 1, max: 1 })),
        }
    }

    fn need((): &Self::Asked) -> Need {
        Need::ContactGroups
    }

    fn encode((): Self::Asked, reply: Self::Reply) -> Vec<u8> {
        envelope::success(&Self::META, &Reply { group_item: [GroupItem::of(&reply)] })
    }
}
