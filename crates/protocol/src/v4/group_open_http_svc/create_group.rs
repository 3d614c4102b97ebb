//! `POST /v4/group_open_http_svc/create_group`: makes a chat group (269/1615).

use super::{chat_group_id, member_list};
use crate::decode::user;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use cubby_domain::commands::{ChatGroupIdWanted, CreateChatGroup};
use cubby_domain::{ChatGroupId, Limits};
use serde::Serialize;

/// The command.
#[derive(Debug)]
pub struct CreateGroup;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reply<'a> {
    group_id: &'a str,
}

/// The beginning of the ids that the server makes; one given may not have it (269/1502, R-073).
const GENERATED: &str = "@TGS#";

impl Endpoint for CreateGroup {
    const META: Meta = Meta {
        path: "group_open_http_svc/create_group",
        family: Family::ChatGroup,
        error_display: false,
        call_rate: 200,
        source: "269/1615",
    };
    type Action = CreateChatGroup;
    type Asked = ();
    type Reply = ChatGroupId;

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let limits = &call.settings.limits;
        let owner = user(body, "Owner_Account", limits)?;
        let kind = kind(body)?;
        let id = wanted_id(body, limits)?;
        let name = body.text_within("Name", limits.chat_group_name_bytes)?;
        let name = name.ok_or_else(|| body.bad("Name", Flaw::Required))?;
        let members_max = body.count("MaxMemberCount")?.filter(|max| *max > 0);
        let members = member_list(body, limits.members_per_create, limits)?;
        if kind == "AVChatRoom" && !members.is_empty() {
            return Err(body.bad("MemberList", Flaw::NotAllowed("an AVChatRoom is created without members")));
        }
        Ok(((), CreateChatGroup { id, kind: kind.into(), name: name.into(), owner, members_max, members }))
    }

    fn encode((): (), id: Self::Reply) -> Vec<u8> {
        envelope::success(&Self::META, &Reply { group_id: id.as_str() })
    }
}

fn kind<'a>(body: &Fields<'a>) -> Result<&'a str, BadField> {
    const KINDS: [&str; 7] = ["Private", "Work", "Public", "ChatRoom", "Meeting", "AVChatRoom", "Community"];
    let kind = body.required_text("Type")?;
    let wants = "Private, Work, Public, ChatRoom, Meeting, AVChatRoom or Community";
    if KINDS.contains(&kind) { Ok(kind) } else { Err(body.bad("Type", Flaw::Unknown { wants })) }
}

fn wanted_id(body: &Fields<'_>, limits: &Limits) -> Result<ChatGroupIdWanted, BadField> {
    let Some(text) = body.text("GroupId")? else { return Ok(ChatGroupIdWanted::Generated) };
    let bad = |why| body.bad("GroupId", Flaw::ChatGroupId(why));
    if text.starts_with(GENERATED) {
        return Err(bad(format!("begins with {GENERATED}, which is kept for ids that the server makes")));
    }
    Ok(ChatGroupIdWanted::Given(chat_group_id(text, limits).map_err(bad)?))
}
