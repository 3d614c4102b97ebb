//! `POST /v4/group_open_http_svc/add_group_member`: adds members to a chat group (269/1621).

use super::{member_list, required_group_id};
use crate::endpoint::{Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use cubby_domain::commands::{AddMembers, Added};
use cubby_domain::{Settings, UserId};
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

impl Endpoint for AddGroupMember {
    const META: Meta = Meta {
        path: "group_open_http_svc/add_group_member",
        family: Family::ChatGroup,
        error_display: false,
        call_rate: 200,
        source: "269/1621",
    };
    type Action = AddMembers;
    type Asked = Vec<UserId>;
    type Reply = Vec<Added>;

    fn decode(body: &Fields<'_>, settings: &Settings) -> Result<(Self::Asked, Self::Action), BadField> {
        let limits = &settings.limits;
        let id = required_group_id(body, limits)?;
        let users = member_list(body, limits.members_per_add, limits)?;
        if users.is_empty() {
            return Err(body.bad("MemberList", Flaw::Required));
        }
        Ok((users.clone(), AddMembers { id, users }))
    }

    fn encode(asked: Self::Asked, reply: Self::Reply) -> Vec<u8> {
        let item = |(user, added): (UserId, Added)| {
            let result = match added {
                Added::Failed => 0,
                Added::Joined => 1,
                Added::AlreadyMember => 2,
            };
            Item { member_account: user.to_string(), result }
        };
        envelope::success(&Self::META, &Reply { member_list: asked.into_iter().zip(reply).map(item).collect() })
    }
}
