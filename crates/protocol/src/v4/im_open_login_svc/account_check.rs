//! `POST /v4/im_open_login_svc/account_check`: who is imported (269/38417).

use super::users;
use crate::endpoint::{Call, Endpoint, Family, ItemFault, Meta};
use crate::envelope;
use crate::field::{BadField, Fields};
use crate::openapi::{Doc, Kind, fields, required, text};
use crate::v4::ResultFields;
use cubby_domain::ItemRefusal;
use cubby_domain::queries::CheckAccounts;
use serde::Serialize;

/// The command.
#[derive(Debug)]
pub struct AccountCheck;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reply {
    result_item: Vec<Item>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    #[serde(rename = "UserID")]
    user_id: String,
    #[serde(flatten)]
    result: ResultFields,
    account_status: &'static str,
}

const DOC: Doc = Doc {
    summary: text("Check accounts", "查询帐号"),
    details: text(
        "Tells for each account whether it is imported. An administrator is, without an import.",
        "查询各帐号是否已导入。管理员帐号无须导入即视为已导入。",
    ),
    request: &[required(
        "CheckItem",
        Kind::ListWithin(1, |limits| limits.accounts_per_call, &Kind::Object(&[fields::USER_ID])),
        text("The accounts.", "要查询的帐号。"),
    )],
    reply: &[required(
        "ResultItem",
        Kind::List(&Kind::Object(&[
            fields::USER_ID_ECHO,
            fields::RESULT_CODE,
            fields::RESULT_INFO,
            required(
                "AccountStatus",
                Kind::Word(&["Imported", "NotImported"]),
                text("Whether it is imported.", "帐号状态：Imported 已导入，NotImported 未导入。"),
            ),
        ])),
        text("A result for each account, in their order.", "每个帐号的查询结果，顺序与请求一致。"),
    )],
    sample_request: r#"{"CheckItem":[{"UserID":"UserID_1"},{"UserID":"UserID_2"}]}"#,
    sample_reply: r#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ResultItem":[{"UserID":"UserID_1","ResultCode":0,"ResultInfo":"","AccountStatus":"NotImported"},{"UserID":"UserID_2","ResultCode":0,"ResultInfo":"","AccountStatus":"Imported"}]}"#,
    codes: &[70206],
    item_codes: &[70402],
};

impl Endpoint for AccountCheck {
    const META: Meta = Meta {
        path: "im_open_login_svc/account_check",
        family: Family::Account,
        error_display: false,
        call_rate: 100,
        source: "269/38417",
        doc: &DOC,
    };
    type Action = CheckAccounts;
    type Asked = Vec<String>;
    type Reply = Vec<Result<bool, ItemRefusal>>;

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let (asked, items) = users(body, "CheckItem", &call.settings.limits)?;
        Ok((asked, CheckAccounts { items }))
    }

    fn strike(action: &mut Self::Action, fault: &ItemFault) -> Vec<usize> {
        fault.strike(&mut action.items, |user| user.as_str())
    }

    fn tell(reply: &mut Self::Reply, fault: &ItemFault, places: &[usize]) {
        fault.tell(reply, places);
    }

    fn encode(asked: Self::Asked, reply: Self::Reply) -> Vec<u8> {
        let item = |(user_id, imported)| {
            let account_status = if imported == Ok(true) { "Imported" } else { "NotImported" };
            Item { user_id, result: ResultFields::of(Family::Account, &imported), account_status }
        };
        envelope::success(&Self::META, &Reply { result_item: asked.into_iter().zip(reply).map(item).collect() })
    }
}
