//! `POST /v4/im_open_login_svc/account_check`: who is imported (269/38417).

use super::users;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields};
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

impl Endpoint for AccountCheck {
    const META: Meta = Meta {
        path: "im_open_login_svc/account_check",
        family: Family::Account,
        error_display: false,
        call_rate: 100,
        source: "269/38417",
    };
    type Action = CheckAccounts;
    type Asked = Vec<String>;
    type Reply = Vec<Result<bool, ItemRefusal>>;

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let (asked, items) = users(body, "CheckItem", &call.settings.limits)?;
        Ok((asked, CheckAccounts { items }))
    }

    fn encode(asked: Self::Asked, reply: Self::Reply) -> Vec<u8> {
        let item = |(user_id, imported)| {
            let account_status = if imported == Ok(true) { "Imported" } else { "NotImported" };
            Item { user_id, result: ResultFields::of(Family::Account, &imported), account_status }
        };
        envelope::success(&Self::META, &Reply { result_item: asked.into_iter().zip(reply).map(item).collect() })
    }
}
