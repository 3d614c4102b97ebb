//! `POST /v4/group_open_http_svc/add_group_member`: adds members to a chat group (269/1621).

use super::{member, required_group_id, within};
use crate::decode::{as_sent, malformed};
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use crate::json::Json;
use crate::openapi::{Doc, Kind, fields, required, text};
use cubby_domain::commands::{AddMembers, Added};
use serde::Serialize;

/// The command.
#[derive(Debug)]
pub struct AddGroupMember;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reply {
    member_list: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    #[serde(rename = "Member_Account")]
    member_account: String,
    #[serde(rename = "Result")]
    result: u8,
}

const DOC: Doc = Doc {
    summary: text("Add members to a chat group", "增加群成员"),
    details: text(
        "Adds members to a chat group. Where nobody could be added the whole request fails.",
        "向群组增加成员。若没有任何成员能够加入，则整个请求失败。",
    ),
    request: &[
        fields::CHAT_GROUP_ID,
        required(
            "MemberList",
            Kind::ListWithin(1, |limits| limits.members_per_add, &Kind::Object(&[fields::MEMBER_ACCOUNT])),
            text("The members to add.", "要增加的群成员。"),
        ),
    ],
    reply: &[required(
        "MemberList",
        Kind::List(&Kind::Object(&[
            required("Member_Account", Kind::Text, text("The member.", "群成员的 UserID。")),
            required(
                "Result",
                Kind::Choice(&[0, 1, 2]),
                text("0 failed, 1 added, 2 is a member already.", "加入结果：0 失败，1 成功，2 已是群成员。"),
            ),
        ])),
        text("A result for each, in their order.", "每个成员的加入结果，顺序与请求一致。"),
    )],
    sample_request: r#"{"GroupId":"@TGS#2J4SZEAEL","MemberList":[{"Member_Account":"tommy"},{"Member_Account":"jared"}]}"#,
    sample_reply: r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"MemberList":[{"Member_Account":"tommy","Result":1},{"Member_Account":"jared","Result":1}]}"#,
    codes: &[10005, 10010, 10014, 10015, 10019],
    item_codes: &[],
};

impl Endpoint for AddGroupMember {
    const META: Meta = Meta {
        path: "group_open_http_svc/add_group_member",
        family: Family::ChatGroup,
        error_display: false,
        call_rate: 200,
        source: "269/1621",
        doc: &DOC,
    };
    type Action = AddMembers;
    /// The accounts as they were sent.
    type Asked = Vec<String>;
    type Reply = Vec<Added>;

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let limits = &call.settings.limits;
        let id = required_group_id(body, limits)?;
        let items = body.objects("MemberList")?;
        within(body, "MemberList", items.len(), limits.members_per_add)?;
        let (mut asked, mut users, mut first_bad) = (Vec::new(), Vec::new(), None);
        for item in items {
            let one = member(body, item, limits);
            asked.push(as_sent(if let Json::Object(object) = item {
                object.get("Member_Account")
            } else {
                Some(item)
            }));
            users.push(one.map_err(|bad| {
                let refusal = malformed(&bad);
                first_bad.get_or_insert(bad);
                refusal
            }));
        }
        // One ill-formed id is its item's own error; where none is well formed there is nothing to do.
        if users.iter().all(Result::is_err) {
            return Err(first_bad.unwrap_or_else(|| body.bad("MemberList", Flaw::Required)));
        }
        Ok((asked, AddMembers { id, users }))
    }

    fn encode(asked: Self::Asked, reply: Self::Reply) -> Vec<u8> {
        let item = |(member_account, added)| {
            let result = match added {
                Added::Failed => 0,
                Added::Joined => 1,
                Added::AlreadyMember => 2,
            };
            Item { member_account, result }
        };
        envelope::success(&Self::META, &Reply { member_list: asked.into_iter().zip(reply).map(item).collect() })
    }
}
