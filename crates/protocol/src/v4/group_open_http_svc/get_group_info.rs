//! `POST /v4/group_open_http_svc/get_group_info`: some chat groups and their members; each entry has its own `ErrorCode` (269/1616).

use super::chat_group_id;
use crate::codes::{self, Failure};
use crate::decode::as_sent;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use crate::json::Json;
use crate::openapi::{Doc, Kind, fields, optional, required, text};
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

/// What is not kept here (texts of the group, messages) has its documented default (R-077).
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

const DOC: Doc = Doc {
    summary: text("Get chat groups", "获取群详细资料"),
    details: text(
        "Gets chat groups and their members. Each entry has its own `ErrorCode`.",
        "获取群组及其成员。每一项各有自己的 `ErrorCode`。",
    ),
    request: &[required(
        "GroupIdList",
        Kind::ListWithin(
            1,
            |limits| limits.chat_groups_per_info,
            &Kind::TextWithin(|limits| limits.chat_group_id_bytes),
        ),
        text("The ids of the chat groups.", "要查询的群组 ID。"),
    )],
    reply: &[required(
        "GroupInfo",
        Kind::List(&Kind::Object(&[
            required("GroupId", Kind::Text, text("The id that was asked for.", "请求中的群组 ID。")),
            required(
                "ErrorCode",
                Kind::ItemCode,
                text(
                    "0 where it was found. All that follows is there only then.",
                    "该群的查询结果：0 为成功。以下字段仅在成功时返回。",
                ),
            ),
            required(
                "ErrorInfo",
                Kind::Text,
                text("Why it was not found; empty where it was.", "查询失败的原因；成功时为空字符串。"),
            ),
            optional("Type", fields::CHAT_GROUP_TYPES, text("Its type.", "群组类型。")),
            optional("Name", Kind::Text, text("Its name.", "群名称。")),
            optional(
                "Introduction",
                Kind::Text,
                text("Always empty: not kept here.", "群简介，本服务不保存，始终为空。"),
            ),
            optional(
                "Notification",
                Kind::Text,
                text("Always empty: not kept here.", "群公告，本服务不保存，始终为空。"),
            ),
            optional(
                "FaceUrl",
                Kind::Text,
                text("Always empty: not kept here.", "群头像 URL，本服务不保存，始终为空。"),
            ),
            optional(
                "Owner_Account",
                Kind::Text,
                text("Its owner; empty where it has none.", "群主的 UserID；没有群主时为空。"),
            ),
            optional(
                "CreateTime",
                Kind::Count,
                text("When it was created, in Unix seconds.", "创建时间，Unix 时间戳。"),
            ),
            optional(
                "LastInfoTime",
                Kind::Count,
                text("When it last changed, in Unix seconds.", "群信息最后变更时间，Unix 时间戳。"),
            ),
            optional(
                "LastMsgTime",
                Kind::Count,
                text(
                    "When the last message that lists show was sent, in Unix seconds; 0 where none was.",
                    "最近联系人列表所显示的最后一条消息的时间，Unix 时间戳；没有则为 0。",
                ),
            ),
            optional(
                "NextMsgSeq",
                Kind::Count,
                text("The number that its next message gets.", "群内下一条消息的序号。"),
            ),
            optional("MemberNum", Kind::Count, text("How many members it has.", "当前群成员数量。")),
            optional("MaxMemberNum", Kind::Count, text("The most members it may have.", "最大群成员数量。")),
            optional(
                "ApplyJoinOption",
                Kind::Word(&["NeedPermission"]),
                text("Always NeedPermission.", "申请加群方式，始终为 NeedPermission。"),
            ),
            optional(
                "MemberList",
                Kind::List(&Kind::Object(&[
                    required("Member_Account", Kind::Text, text("The member.", "群成员的 UserID。")),
                    required(
                        "Role",
                        Kind::Word(&["Owner", "Member"]),
                        text("Their role.", "成员身份：Owner 群主，Member 普通成员。"),
                    ),
                    required(
                        "JoinTime",
                        Kind::Count,
                        text("When they joined, in Unix seconds.", "入群时间，Unix 时间戳。"),
                    ),
                ])),
                text("Its members.", "群成员列表。"),
            ),
        ])),
        text("The chat groups, in the order asked.", "群组资料，顺序与请求一致。"),
    )],
    sample_request: r#"{"GroupIdList":["@TGS#2J4SZEAEL"]}"#,
    sample_reply: r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"GroupInfo":[{"GroupId":"@TGS#2J4SZEAEL","ErrorCode":0,"ErrorInfo":"","Type":"Public","Name":"TestGroup","Introduction":"","Notification":"","FaceUrl":"","Owner_Account":"leckie","CreateTime":1426976500,"LastInfoTime":1426976500,"LastMsgTime":0,"NextMsgSeq":1,"MemberNum":1,"MaxMemberNum":200,"ApplyJoinOption":"NeedPermission","MemberList":[{"Member_Account":"leckie","Role":"Owner","JoinTime":1426976500}]}]}"#,
    codes: &[10018],
    item_codes: &[10004, 10010, 10015],
};

impl Endpoint for GetGroupInfo {
    const META: Meta = Meta {
        path: "group_open_http_svc/get_group_info",
        family: Family::ChatGroup,
        error_display: false,
        call_rate: 200,
        source: "269/1616",
        doc: &DOC,
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
        last_msg_time: chat_group.last.map(|last| last.time.0).unwrap_or_default(),
        next_msg_seq: chat_group.messages + 1,
        member_num: chat_group.members,
        max_member_num: chat_group.members_max,
        apply_join_option: "NeedPermission",
        member_list: members.into_iter().map(member).collect(),
    }
}
