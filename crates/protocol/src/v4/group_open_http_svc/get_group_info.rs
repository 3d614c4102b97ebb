//! `POST /v4/group_open_http_svc/get_group_info`: some chat groups and their members; each entry has its own `ErrorCode` (269/1616).

use super::chat_group_id;
use crate::codes::{self, Failure};
use crate::decode::as_sent;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use crate::json::Json;
use cubby_domain::queries::{ChatGroupInfo, GetChatGroups};
use cubby_domain::{ChatGroupId, Member, Refusal, UserId};
use serde::Serialize;

/// The command.
#[derive(Debug)]
pub struct GetGroupInfo;

/// The entries asked for, in their order: an id, or what is wrong with it.
type Asked = Vec<(String, Result<ChatGroupId, BadField>)>;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reply {
    group_info: Vec<Entry>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Entry {
    Found(Box<Info>),
    Failed(EntryHead),
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct EntryHead {
    group_id: String,
    error_code: u32,
    error_info: String,
}

/// What is not kept here (texts of the group, messages) has its documented default.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Info {
    #[serde(flatten)]
    head: EntryHead,
    #[serde(rename = "Type")]
    kind: Box<str>,
    name: Box<str>,
    introduction: &'static str,
    notification: &'static str,
    face_url: &'static str,
    #[serde(rename = "Owner_Account")]
    owner_account: String,
    create_time: u64,
    last_info_time: u64,
    last_msg_time: u64,
    next_msg_seq: u64,
    member_num: u64,
    max_member_num: u64,
    apply_join_option: &'static str,
    member_list: Vec<MemberItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct MemberItem {
    #[serde(rename = "Member_Account")]
    member_account: String,
    role: &'static str,
    join_time: u64,
}

impl Endpoint for GetGroupInfo {
    const META: Meta = Meta {
        path: "group_open_http_svc/get_group_info",
        family: Family::ChatGroup,
        error_display: false,
        call_rate: 200,
        source: "269/1616",
    };
    type Action = GetChatGroups;
    type Asked = Asked;
    type Reply = Vec<Option<ChatGroupInfo>>;

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        const NAME: &str = "GroupIdList";
        let items = match body.value(NAME) {
            None => &[],
            Some(Json::Array(items)) => items.as_slice(),
            Some(_) => return Err(body.bad(NAME, Flaw::NotA("a list of strings"))),
        };
        let (found, max) = (items.len(), call.settings.limits.chat_groups_per_info);
        if found == 0 || found as u64 > max {
            return Err(body.bad(NAME, Flaw::Count { found, min: 1, max }));
        }
        let one = |item: &Json<'_>| {
            let id = match item {
                Json::String(text) => {
                    chat_group_id(text, &call.settings.limits).map_err(|why| body.bad(NAME, Flaw::ChatGroupId(why)))
                }
                _ => Err(body.bad(NAME, Flaw::NotA("a list of strings"))),
            };
            (as_sent(Some(item)), id)
        };
        let asked: Asked = items.iter().map(one).collect();
        let ids = asked.iter().filter_map(|(_, id)| id.as_ref().ok().cloned()).collect();
        Ok((asked, GetChatGroups { ids }))
    }

    fn encode(asked: Self::Asked, reply: Self::Reply) -> Vec<u8> {
        let mut found = reply.into_iter();
        let entry = |(group_id, id): (String, Result<ChatGroupId, BadField>)| {
            let failure = match id {
                Err(bad) => Failure::Field(bad),
                Ok(id) => match found.next().flatten() {
                    Some(one) => return Entry::Found(Box::new(info(group_id, one))),
                    None => Failure::Refused(Refusal::NoSuchChatGroup(id)),
                },
            };
            let error_code = codes::code(Family::ChatGroup, &failure).0;
            Entry::Failed(EntryHead { group_id, error_code, error_info: failure.to_string() })
        };
        envelope::success(&Self::META, &Reply { group_info: asked.into_iter().map(entry).collect() })
    }
}

fn info(group_id: String, one: ChatGroupInfo) -> Info {
    let ChatGroupInfo { chat_group, members } = one;
    let member = |(user, member): (UserId, Member)| MemberItem {
        member_account: user.to_string(),
        role: if member.owner { "Owner" } else { "Member" },
        join_time: member.joined.0,
    };
    Info {
        head: EntryHead { group_id, error_code: 0, error_info: String::new() },
        kind: chat_group.kind,
        name: chat_group.name,
        introduction: "",
        notification: "",
        face_url: "",
        owner_account: chat_group.owner.map(|owner| owner.to_string()).unwrap_or_default(),
        create_time: chat_group.created.0,
        last_info_time: chat_group.created.0,
        last_msg_time: 0,
        next_msg_seq: 1,
        member_num: chat_group.members,
        max_member_num: chat_group.members_max,
        apply_join_option: "NeedPermission",
        member_list: members.into_iter().map(member).collect(),
    }
}
