//! `POST /v4/im_open_login_svc/account_delete`: deletes accounts with all their conversation data (269/36443).

use super::users;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields};
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

impl Endpoint for AccountDelete {
    const META: Meta = Meta {
        path: "im_open_login_svc/account_delete",
        family: Family::Account,
        error_display: false,
        call_rate: 100,
        source: "269/36443",
    };
    type Action = DeleteAccounts;
    type Asked = Vec<String>;
    type Reply = Vec<ItemResult>;

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let (asked, items) = users(body, "DeleteItem", &call.settings.limits)?;
        Ok((asked, DeleteAccounts { items }))
    }

    fn encode(asked: Self::Asked, reply: Self::Reply) -> Vec<u8> {
        let item = |(user_id, result)| Item { result: ResultFields::of(Family::Account, &result), user_id };
        envelope::success(&Self::META, &Reply { result_item: asked.into_iter().zip(reply).map(item).collect() })
    }
}
