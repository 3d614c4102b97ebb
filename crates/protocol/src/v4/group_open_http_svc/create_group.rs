//! `POST /v4/group_open_http_svc/create_group`: makes a chat group (269/1615).

use super::{chat_group_id, member_list};
use crate::decode::user;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use crate::openapi::{Doc, Kind, fields, optional, required, text};
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

const DOC: Doc = Doc {
    summary: text("Create a chat group", "创建群组"),
    details: text(
        "Creates a chat group, with the id that is given or a new one. An AVChatRoom is created without members.",
        "创建群组，群组 ID 可自定义，也可由服务端生成。创建 AVChatRoom 时不能带初始成员。",
    ),
    request: &[
        optional(
            "Owner_Account",
            Kind::TextWithin(|limits| limits.user_id_bytes),
            text("The owner, imported; a member too.", "群主，须已导入，自动成为群成员。"),
        ),
        required("Type", fields::CHAT_GROUP_TYPES, text("The type of the chat group.", "群组类型。")),
        optional(
            "GroupId",
            Kind::TextWithin(|limits| limits.chat_group_id_bytes),
            text(
                "Its id: printable ASCII that does not begin with @TGS#; made by the server where left out.",
                "自定义群组 ID：可打印 ASCII 字符，不能以 @TGS# 开头；不填则由服务端生成。",
            ),
        ),
        required("Name", Kind::TextWithin(|limits| limits.chat_group_name_bytes), text("Its name.", "群名称。")),
        optional("MaxMemberCount", Kind::Count, text("The most members it may have.", "最大群成员数量。")),
        optional(
            "MemberList",
            Kind::ListWithin(0, |limits| limits.members_per_create, &Kind::Object(&[fields::MEMBER_ACCOUNT])),
            text("Its first members.", "初始群成员。"),
        ),
    ],
    reply: &[required("GroupId", Kind::Text, text("The id of the chat group.", "群组 ID。"))],
    sample_request: r#"{"Owner_Account":"leckie","Type":"Public","Name":"TestGroup"}"#,
    sample_reply: r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"GroupId":"@TGS#2J4SZEAEL"}"#,
    codes: &[10005, 10007, 10014, 10015, 10019, 10021, 10025],
    item_codes: &[],
};

impl Endpoint for CreateGroup {
    const META: Meta = Meta {
        path: "group_open_http_svc/create_group",
        family: Family::ChatGroup,
        error_display: false,
        call_rate: 200,
        source: "269/1615",
        doc: &DOC,
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
