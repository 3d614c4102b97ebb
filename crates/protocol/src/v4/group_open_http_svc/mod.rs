//! `group_open_http_svc`: chat groups, as far as conversations need them.

mod add_group_member;
mod create_group;
mod delete_group_member;
mod destroy_group;
mod get_appid_group_list;
mod get_group_info;
mod get_joined_group_list;
mod import_group_msg;
mod send_group_msg;
mod set_unread_msg_num;

pub use add_group_member::AddGroupMember;
pub use create_group::CreateGroup;
pub use delete_group_member::DeleteGroupMember;
pub use destroy_group::DestroyGroup;
pub use get_appid_group_list::GetAppidGroupList;
pub use get_group_info::GetGroupInfo;
pub use get_joined_group_list::GetJoinedGroupList;
pub use import_group_msg::ImportGroupMsg;
pub use send_group_msg::SendGroupMsg;
pub use set_unread_msg_num::SetUnreadMsgNum;

use crate::decode::user;
use crate::field::{BadField, Fields, Flaw};
use crate::json::Json;
use cubby_domain::{ChatGroupId, Limits, UserId};
use serde::Serialize;

/// A chat group's id in a list of them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct IdItem {
    group_id: String,
}

/// What an id may be: 1 to 48 bytes of printable ASCII (269/1502); why it is not well formed where it is not.
fn chat_group_id(text: &str, limits: &Limits) -> Result<ChatGroupId, String> {
    let (bytes, max) = (text.len(), limits.chat_group_id_bytes);
    if bytes as u64 > max {
        return Err(format!("is {bytes} bytes; at most {max}"));
    }
    if !text.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) {
        return Err("is not printable ASCII".to_owned());
    }
    ChatGroupId::new(text).map_err(|why| why.to_string())
}

/// `GroupId` of a request that needs it.
fn required_group_id(body: &Fields<'_>, limits: &Limits) -> Result<ChatGroupId, BadField> {
    let text = body.required_text("GroupId")?;
    chat_group_id(text, limits).map_err(|why| body.bad("GroupId", Flaw::ChatGroupId(why)))
}

/// `MemberList`: `[{"Member_Account"}]`, at most so many.
fn member_list(body: &Fields<'_>, max: u64, limits: &Limits) -> Result<Vec<UserId>, BadField> {
    const NAME: &str = "MemberList";
    let items = body.objects(NAME)?;
    within(body, NAME, items.len(), max)?;
    items.into_iter().map(|item| member(body, item, limits)).collect()
}

/// One item of a `MemberList`.
fn member(body: &Fields<'_>, item: &Json<'_>, limits: &Limits) -> Result<UserId, BadField> {
    let Json::Object(object) = item else { return Err(body.bad("MemberList", Flaw::NotA("a list of objects"))) };
    let fields = Fields::new(object, "MemberList.");
    user(&fields, "Member_Account", limits)?.ok_or_else(|| fields.bad("Member_Account", Flaw::Required))
}

fn within(body: &Fields<'_>, name: &str, found: usize, max: u64) -> Result<(), BadField> {
    if found as u64 > max { Err(body.bad(name, Flaw::Members { found, max })) } else { Ok(()) }
}
