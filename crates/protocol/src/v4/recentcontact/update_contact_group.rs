//! `POST /v4/recentcontact/update_contact_group`: renames a contact group, or moves conversations into and out of it (269/85793).

use crate::conversation::Echo;
use crate::decode::{echoed_number, from_account, item_conversation, malformed, new_name};
use crate::endpoint::{Call, Endpoint, Family, ItemFault, Meta, Need};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use crate::json::Json;
use crate::openapi::{Doc, Field, Kind, fields, optional, required, text};
use crate::v4::ResultFields;
use cubby_domain::commands::{self, ContactGroupUpdated, Move};
use cubby_domain::{Limits, UserId};
use serde::Serialize;

/// The command.
#[derive(Debug)]
pub struct UpdateContactGroup;

/// What the reply repeats.
#[derive(Debug)]
pub struct Asked {
    update_group_type: i64,
    old_group_name: String,
    items: Vec<(i64, Echo)>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reply<'a> {
    update_type: u8,
    update_group_result: GroupResult<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GroupResult<'a> {
    update_group_type: i64,
    group_name: &'a str,
    group_id: u64,
    old_group_name: String,
    contact_result_item: Vec<Moved>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Moved {
    contact_opt_type: i64,
    contact_item: Echo,
    #[serde(flatten)]
    result: ResultFields,
}

const RENAME: i64 = 1;
const CONVERSATIONS: i64 = 2;

const UPDATE_GROUP_TYPE: Field = required(
    "UpdateGroupType",
    Kind::Choice(&[RENAME, CONVERSATIONS]),
    text("1: rename the group; 2: change its conversations.", "更新内容：1 修改会话分组名，2 更新分组内的会话。"),
);

const DOC: Doc = Doc {
    summary: text("Update a conversation group", "更新会话分组"),
    details: text(
        "Renames a conversation group of a user, or adds conversations to it and removes them from it; a request does one of the two. Additions and removals may be mixed.",
        "修改用户的会话分组名，或向分组添加、从分组移除会话；一次请求只做其中一种。添加与移除可以混在同一请求中。",
    ),
    request: &[
        fields::FROM_ACCOUNT,
        required("UpdateType", Kind::Choice(&[1]), text("Always 1.", "更新类型，固定为 1。")),
        required(
            "UpdateGroup",
            Kind::Object(&[
                UPDATE_GROUP_TYPE,
                required(
                    "OldGroupName",
                    Kind::TextWithin(fields::GROUP_NAME_BYTES),
                    text("The group.", "要更新的会话分组名。"),
                ),
                optional(
                    "NewGroupName",
                    Kind::TextWithin(fields::GROUP_NAME_BYTES),
                    text("UpdateGroupType 1: its new name.", "UpdateGroupType 为 1 时必填：新的会话分组名。"),
                ),
                optional(
                    "ContactUpdateItem",
                    Kind::ListWithin(
                        1,
                        |limits| limits.conversations_per_update,
                        &Kind::Object(&[
                            required(
                                "ContactOptType",
                                Kind::Choice(&[1, 2]),
                                text("1: add to the group; 2: remove from it.", "操作类型：1 加入分组，2 移出分组。"),
                            ),
                            fields::CONTACT_ITEM,
                        ]),
                    ),
                    text(
                        "UpdateGroupType 2: the conversations to add and remove.",
                        "UpdateGroupType 为 2 时必填：要加入或移出的会话。",
                    ),
                ),
            ]),
            text("What is changed.", "更新的内容。"),
        ),
    ],
    reply: &[
        required("UpdateType", Kind::Choice(&[1]), text("That of the request.", "请求中的 UpdateType。")),
        required(
            "UpdateGroupResult",
            Kind::Object(&[
                UPDATE_GROUP_TYPE,
                required(
                    "GroupName",
                    Kind::Text,
                    text("The name of the group after the call.", "更新之后的会话分组名。"),
                ),
                required("GroupId", Kind::Count, text("The GroupId of the group.", "会话分组的 GroupId。")),
                required("OldGroupName", Kind::Text, text("That of the request.", "请求中的会话分组名。")),
                required(
                    "ContactResultItem",
                    Kind::List(&Kind::Object(&[
                        required("ContactOptType", Kind::Integer, text("That of the item.", "该项的操作类型。")),
                        fields::CONTACT_ITEM_ECHO,
                        fields::RESULT_CODE,
                        fields::RESULT_INFO,
                    ])),
                    text(
                        "A result for each item, in their order; empty after a rename.",
                        "每一项的处理结果，顺序与请求一致；修改分组名时为空数组。",
                    ),
                ),
            ]),
            text("What was changed.", "更新结果。"),
        ),
    ],
    sample_request: r#"{"From_Account":"user20","UpdateType":1,"UpdateGroup":{"UpdateGroupType":2,"OldGroupName":"test1","ContactUpdateItem":[{"ContactOptType":1,"ContactItem":{"Type":1,"To_Account":"user1"}}]}}"#,
    sample_reply: r#"{"UpdateType":1,"UpdateGroupResult":{"UpdateGroupType":2,"GroupName":"test1","GroupId":1,"OldGroupName":"test1","ContactResultItem":[{"ContactOptType":1,"ContactItem":{"Type":1,"To_Account":"user1"},"ResultCode":0,"ResultInfo":""}]},"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#,
    codes: &[50001, 51006, 51009, 51011, 51013],
    item_codes: &[50001, 50002, 51007, 51008],
};

impl Endpoint for UpdateContactGroup {
    const META: Meta = Meta {
        path: "recentcontact/update_contact_group",
        family: Family::Contact,
        error_display: false,
        call_rate: 200,
        source: "269/85793",
        doc: &DOC,
    };
    type Action = commands::UpdateContactGroup;
    type Asked = Asked;
    type Reply = ContactGroupUpdated;

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let user = from_account(body, call.settings)?;
        body.choice("UpdateType", &[1], "1")?;
        let group = body.object("UpdateGroup")?.ok_or_else(|| body.bad("UpdateGroup", Flaw::Required))?;
        let group = Fields::new(group, "UpdateGroup.");
        let wants = "1 (rename) or 2 (change the conversations)";
        match group.choice("UpdateGroupType", &[RENAME, CONVERSATIONS], wants)? {
            RENAME => rename(user, &group, &call.settings.limits),
            _ => conversations(user, &group, &call.settings.limits),
        }
    }

    fn need(_: &Self::Asked) -> Need {
        Need::ContactGroups
    }

    fn strike(action: &mut Self::Action, fault: &ItemFault) -> Vec<usize> {
        match action {
            commands::UpdateContactGroup::Conversations { items, .. } => {
                fault.strike(items, |(Move::Add(id) | Move::Remove(id))| id.as_str())
            }
            commands::UpdateContactGroup::Rename { .. } => Vec::new(),
        }
    }

    fn tell(reply: &mut Self::Reply, fault: &ItemFault, places: &[usize]) {
        fault.tell(&mut reply.items, places);
    }

    fn encode(asked: Self::Asked, reply: Self::Reply) -> Vec<u8> {
        let item = |((contact_opt_type, contact_item), result)| {
            let result = ResultFields::of(Family::Contact, &result);
            Moved { contact_opt_type, contact_item, result }
        };
        let update_group_result = GroupResult {
            update_group_type: asked.update_group_type,
            group_name: reply.group.name.as_str(),
            group_id: reply.group.id.0,
            old_group_name: asked.old_group_name,
            contact_result_item: asked.items.into_iter().zip(reply.items).map(item).collect(),
        };
        envelope::success(&Self::META, &Reply { update_type: 1, update_group_result })
    }
}

fn rename(
    user: UserId,
    group: &Fields<'_>,
    limits: &Limits,
) -> Result<(Asked, commands::UpdateContactGroup), BadField> {
    let from = group.required_text("OldGroupName")?;
    let to = new_name(group, "NewGroupName", limits)?;
    if !group.objects("ContactUpdateItem")?.is_empty() {
        return Err(group.bad("ContactUpdateItem", Flaw::NotEmpty));
    }
    let asked = Asked { update_group_type: RENAME, old_group_name: from.to_owned(), items: Vec::new() };
    Ok((asked, commands::UpdateContactGroup::Rename { user, from: from.into(), to }))
}

/// `NewGroupName` is not looked at (R-053).
fn conversations(
    user: UserId,
    group: &Fields<'_>,
    limits: &Limits,
) -> Result<(Asked, commands::UpdateContactGroup), BadField> {
    let name = group.required_text("OldGroupName")?;
    let items = group.objects("ContactUpdateItem")?;
    let (found, max) = (items.len(), limits.conversations_per_update);
    if found == 0 || found as u64 > max {
        return Err(group.bad("ContactUpdateItem", Flaw::Conversations { found, max }));
    }
    let mut echoes = Vec::with_capacity(found);
    let mut moves = Vec::with_capacity(found);
    for item in items {
        let (echo, one) = read_move(item, limits);
        echoes.push(echo);
        moves.push(one.map_err(|bad| malformed(&bad)));
    }
    let asked = Asked { update_group_type: CONVERSATIONS, old_group_name: name.to_owned(), items: echoes };
    Ok((asked, commands::UpdateContactGroup::Conversations { user, name: name.into(), items: moves }))
}

fn read_move(item: &Json<'_>, limits: &Limits) -> ((i64, Echo), Result<Move, BadField>) {
    let Json::Object(object) = item else {
        let bad = BadField { path: "ContactUpdateItem".to_owned(), flaw: Flaw::NotA("an object") };
        return ((0, Echo::Nothing), Err(bad));
    };
    let item = Fields::new(object, "");
    let (echo, id) = item_conversation(&item, limits);
    let add = item.choice("ContactOptType", &[1, 2], "1 (add) or 2 (remove)");
    let moved = add.and_then(|add| if add == 1 { id.map(Move::Add) } else { id.map(Move::Remove) });
    ((echoed_number(&item, "ContactOptType"), echo), moved)
}
