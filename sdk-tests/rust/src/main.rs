//! Drives the crate tencent_im_rs, as it is published, through the calls that every SDK run makes, and prints each reply as a line of
//! JSON. It knows no address and no certificate: those are the crate's and the environment's.

use serde::Serialize;
use std::env::var;
use std::error::Error;
use tencent_im_rs::api::v4::TencentHelper;
use tencent_im_rs::api::v4::common::{
    AssistFlag, ContactItem, ConversationType, MarkOptType, MsgBody, MsgContent, UpdateGroupType, UpdateType,
};
use tencent_im_rs::api::v4::im_open_login_svc::account_check::{AccountCheckRequest, CheckItem, api_account_check};
use tencent_im_rs::api::v4::im_open_login_svc::account_delete::{AccountDeleteRequest, DeleteItem, api_account_delete};
use tencent_im_rs::api::v4::im_open_login_svc::account_import::{AccountImportRequest, api_account_import};
use tencent_im_rs::api::v4::open_im::send_msg::{SendMsgRequest, api_sendmsg};
use tencent_im_rs::api::v4::recent_contact::create_contact_group::{
    CreateContactGroupRequest, GroupContactItem, api_create_contact_group,
};
use tencent_im_rs::api::v4::recent_contact::del_contact_group::{DelContactGroupRequest, api_del_contact_group};
use tencent_im_rs::api::v4::recent_contact::delete::{DeleteRequest, api_delete};
use tencent_im_rs::api::v4::recent_contact::get_contact_group::{GetContactGroupRequest, api_get_contact_group};
use tencent_im_rs::api::v4::recent_contact::get_list::{GetListRequest, api_get_list};
use tencent_im_rs::api::v4::recent_contact::mark_contact::{MarkContactRequest, MarkItem, api_mark_contact};
use tencent_im_rs::api::v4::recent_contact::search_contact_group::{
    SearchContactGroupRequest, api_search_contact_group,
};
use tencent_im_rs::api::v4::recent_contact::update_contact_group::{
    UpdateContactGroupRequest, UpdateGroup, api_update_contact_group,
};
use tencent_im_rs::user_sig::hmac_sha256::TencentSig;

fn said(step: &str, reply: &impl Serialize) -> Result<(), serde_json::Error> {
    println!("{}", serde_json::json!({ step: serde_json::to_value(reply)? }));
    Ok(())
}

fn bob() -> ContactItem {
    let mut item = ContactItem::new(ConversationType::OneToOne);
    item.set_to_account(Some("bob"));
    item
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (app, administrator) = (var("SDKAPPID")?.parse()?, var("ADMINISTRATOR")?);
    let usersig = TencentSig::new(app, var("KEY")?).generate_user_sig(administrator.clone(), 86400);
    // The crate writes `https://` before the name it is given, and its own names for the regions have that already.
    let client =
        &mut TencentHelper::new("console.tim.qq.com".to_owned(), app, administrator, usersig.ok_or("no UserSig")?);

    for user in ["alice", "bob"] {
        let mut account = AccountImportRequest::new(user);
        account.set_nick(Some(user));
        said("import", &api_account_import(client, account).await?)?;
    }
    let group = GroupContactItem::new("work", vec![bob()]);
    said("create", &api_create_contact_group(client, CreateContactGroupRequest::new("alice", vec![group])).await?)?;
    let mut rename = UpdateGroup::new(UpdateGroupType::GroupName, vec![]);
    rename.set_old_group_name(Some("work")).set_new_group_name(Some("团队"));
    let update = UpdateContactGroupRequest::new("alice", UpdateType::AddOrDelete, rename);
    said("update", &api_update_contact_group(client, update).await?)?;
    let mut mark = MarkItem::new(MarkOptType::StandardAndCustom, bob());
    mark.set_set_mark(Some(vec![1, 2])).set_custom_mark(Some("vip"));
    said("mark", &api_mark_contact(client, MarkContactRequest::new("alice", vec![mark])).await?)?;
    said("search", &api_search_contact_group(client, SearchContactGroupRequest::new("alice", vec![bob()])).await?)?;
    said("get", &api_get_contact_group(client, GetContactGroupRequest::new("alice", 0)).await?)?;

    let text = MsgBody::new("TIMTextElem", MsgContent::TIMTextElem { text: "hello".to_owned() });
    let mut message = SendMsgRequest::new("alice", 7, vec![text]);
    message.set_from_account(Some("bob"));
    said("send", &api_sendmsg(client, message).await?)?;
    let first_page = || GetListRequest::new("alice", 0, 0, 0, 0, AssistFlag::all());
    said("get_list", &api_get_list(client, first_page()).await?)?;
    let mut delete = DeleteRequest::new("alice", ConversationType::OneToOne);
    delete.set_to_account(Some("bob")).set_clear_ramble(Some(true));
    said("delete", &api_delete(client, delete).await?)?;
    said("get_list", &api_get_list(client, first_page()).await?)?;

    said(
        "del_contact_group",
        &api_del_contact_group(client, DelContactGroupRequest::new("alice", vec!["团队"])).await?,
    )?;
    said("get", &api_get_contact_group(client, GetContactGroupRequest::new("alice", 0)).await?)?;
    said("check", &api_account_check(client, AccountCheckRequest::new(vec![CheckItem::new("alice")])).await?)?;
    let users = vec![DeleteItem::new("alice"), DeleteItem::new("bob")];
    said("account_delete", &api_account_delete(client, AccountDeleteRequest::new(users)).await?)?;
    Ok(())
}
