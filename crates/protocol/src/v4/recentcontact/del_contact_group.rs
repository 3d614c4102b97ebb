//! `POST /v4/recentcontact/del_contact_group`: deletes one contact group (269/85795).

use super::GroupItem;
use crate::decode::from_account;
use crate::endpoint::{Call, Endpoint, Family, Meta, Need};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use crate::openapi::{Doc, Kind, fields, required, text};
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

const DOC: Doc = Doc {
    summary: text("Delete a conversation group", "删除会话分组"),
    details: text(
        "Deletes one conversation group of a user. Its conversations leave it; those without another group and without a mark leave the user's data.",
        "删除用户的一个会话分组。分组内的会话随之移出；不在其他分组中且没有标记的会话不再保留在会话数据中。",
    ),
    request: &[
        fields::FROM_ACCOUNT,
        required(
            "GroupName",
            Kind::ListWithin(1, |_| 1, &Kind::TextWithin(fields::GROUP_NAME_BYTES)),
            text("The name of the group to delete; exactly one.", "要删除的会话分组名，只能有一个。"),
        ),
    ],
    reply: &[required(
        "GroupItem",
        Kind::List(&Kind::Shape(&fields::GROUP_ITEM)),
        text("The group that was deleted.", "已删除的会话分组。"),
    )],
    sample_request: r#"{"From_Account":"user15","GroupName":["test0"]}"#,
    sample_reply: r#"{"GroupItem":[{"GroupName":"test0","GroupId":2}],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#,
    codes: &[50001, 51009, 51013],
    item_codes: &[],
};

impl Endpoint for DelContactGroup {
    const META: Meta = Meta {
        path: "recentcontact/del_contact_group",
        family: Family::Contact,
        error_display: false,
        call_rate: 200,
        source: "269/85795",
        doc: &DOC,
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
