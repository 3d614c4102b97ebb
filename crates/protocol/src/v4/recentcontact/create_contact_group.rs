//! `POST /v4/recentcontact/create_contact_group`: creates one contact group with its first conversations (269/85791).

use super::GroupItem;
use crate::conversation::Echo;
use crate::decode::{conversation_item, from_account, malformed, new_name};
use crate::endpoint::{Call, Endpoint, Family, ItemFault, Meta, Need};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use crate::json::Json;
use crate::openapi::{Doc, Kind, fields, optional, required, text};
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

const DOC: Doc = Doc {
    summary: text("Create a conversation group", "创建会话分组"),
    details: text(
        "Creates one conversation group of a user, with its first conversations. Where the group exists it answers with its GroupId and adds the conversations to it, so a retry is harmless.",
        "为用户创建一个会话分组，并可同时放入会话。若分组已存在，则返回其 GroupId 并把会话加入其中，因此重试是安全的。",
    ),
    request: &[
        fields::FROM_ACCOUNT,
        required(
            "GroupContactItem",
            Kind::ListWithin(
                1,
                |_| 1,
                &Kind::Object(&[
                    required(
                        "GroupName",
                        Kind::TextWithin(fields::GROUP_NAME_BYTES),
                        text("The name of the new group.", "新会话分组的名称。"),
                    ),
                    optional(
                        "ContactItem",
                        Kind::ListWithin(
                            0,
                            |limits| limits.conversations_per_update,
                            &Kind::Shape(&fields::CONVERSATION),
                        ),
                        text("Its first conversations.", "创建时放入分组的会话。"),
                    ),
                ]),
            ),
            text("The group to create; exactly one.", "要创建的会话分组，只能有一个。"),
        ),
    ],
    reply: &[required(
        "GroupResultItem",
        Kind::List(&Kind::Object(&[
            required("GroupItem", Kind::Shape(&fields::GROUP_ITEM), text("The group.", "会话分组。")),
            required(
                "ResultItem",
                Kind::List(&Kind::Object(&[fields::CONTACT_ITEM_ECHO, fields::RESULT_CODE, fields::RESULT_INFO])),
                text("A result for each conversation, in their order.", "每个会话的处理结果，顺序与请求一致。"),
            ),
        ])),
        text("The group and its conversations.", "创建结果。"),
    )],
    sample_request: r#"{"From_Account":"user15","GroupContactItem":[{"GroupName":"test0","ContactItem":[{"Type":1,"To_Account":"user0"}]}]}"#,
    sample_reply: r#"{"GroupResultItem":[{"GroupItem":{"GroupName":"test2","GroupId":2},"ResultItem":[{"ContactItem":{"Type":1,"To_Account":"user1"},"ResultCode":0,"ResultInfo":""}]}],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#,
    codes: &[50001, 51006, 51010, 51011, 51013],
    item_codes: &[50001, 50002, 51007, 51008],
};

impl Endpoint for CreateContactGroup {
    const META: Meta = Meta {
        path: "recentcontact/create_contact_group",
        family: Family::Contact,
        error_display: true,
        call_rate: 200,
        source: "269/85791",
        doc: &DOC,
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

    fn strike(action: &mut Self::Action, fault: &ItemFault) -> Vec<usize> {
        fault.strike(&mut action.items, |id| id.as_str())
    }

    fn tell(reply: &mut Self::Reply, fault: &ItemFault, places: &[usize]) {
        fault.tell(&mut reply.items, places);
    }

    fn encode(asked: Self::Asked, reply: Self::Reply) -> Vec<u8> {
        let item = |(contact_item, result)| Item { contact_item, result: ResultFields::of(Family::Contact, &result) };
        let result_item = asked.into_iter().zip(reply.items).map(item).collect();
        let result = GroupResult { group_item: GroupItem::of(&reply.group), result_item };
        envelope::success(&Self::META, &Reply { group_result_item: [result] })
    }
}
