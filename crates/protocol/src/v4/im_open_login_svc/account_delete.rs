//! `POST /v4/im_open_login_svc/account_delete`: deletes accounts with all their conversation data (269/36443).

use super::users;
use crate::endpoint::{Call, Endpoint, Family, ItemFault, Meta};
use crate::envelope;
use crate::field::{BadField, Fields};
use crate::openapi::{Doc, Kind, fields, required, text};
use crate::v4::ResultFields;
use cubby_domain::commands::{DeleteAccounts, ItemResult};
use serde::Serialize;

/// The command.
#[derive(Debug)]
pub struct AccountDelete;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reply {
    result_item: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    #[serde(flatten)]
    result: ResultFields,
    #[serde(rename = "UserID")]
    user_id: String,
}

const DOC: Doc = Doc {
    summary: text("Delete accounts", "删除帐号"),
    details: text(
        "Deletes accounts with all their conversation data. An administrator is not deleted.",
        "删除帐号及其全部会话分组标记数据。管理员帐号不可删除。",
    ),
    request: &[required(
        "DeleteItem",
        Kind::ListWithin(1, |limits| limits.accounts_per_call, &Kind::Object(&[fields::USER_ID])),
        text("The accounts.", "要删除的帐号。"),
    )],
    reply: &[required(
        "ResultItem",
        Kind::List(&Kind::Object(&[fields::RESULT_CODE, fields::RESULT_INFO, fields::USER_ID_ECHO])),
        text("A result for each account, in their order.", "每个帐号的删除结果，顺序与请求一致。"),
    )],
    sample_request: r#"{"DeleteItem":[{"UserID":"UserID_1"},{"UserID":"UserID_2"}]}"#,
    sample_reply: r#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ResultItem":[{"ResultCode":0,"ResultInfo":"","UserID":"UserID_1"},{"ResultCode":70107,"ResultInfo":"Err_TLS_PT_Open_Login_Account_Not_Exist","UserID":"UserID_2"}]}"#,
    codes: &[70206],
    item_codes: &[70107, 70402],
};

impl Endpoint for AccountDelete {
    const META: Meta = Meta {
        path: "im_open_login_svc/account_delete",
        family: Family::Account,
        error_display: false,
        call_rate: 100,
        source: "269/36443",
        doc: &DOC,
    };
    type Action = DeleteAccounts;
    type Asked = Vec<String>;
    type Reply = Vec<ItemResult>;

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let (asked, items) = users(body, "DeleteItem", &call.settings.limits)?;
        Ok((asked, DeleteAccounts { items }))
    }

    fn strike(action: &mut Self::Action, fault: &ItemFault) -> Vec<usize> {
        fault.strike(&mut action.items, |user| user.as_str())
    }

    fn tell(reply: &mut Self::Reply, fault: &ItemFault, places: &[usize]) {
        fault.tell(reply, places);
    }

    fn encode(asked: Self::Asked, reply: Self::Reply) -> Vec<u8> {
        let item = |(user_id, result)| Item { result: ResultFields::of(Family::Account, &result), user_id };
        envelope::success(&Self::META, &Reply { result_item: asked.into_iter().zip(reply).map(item).collect() })
    }
}
