//! `POST /v4/im_open_login_svc/multiaccount_import`: imports accounts (269/4919). Ill-formed ids come back, the others are imported (R-070).

use super::{imported, user_id, within_batch};
use crate::decode::as_sent;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use crate::json::{Json, Object};
use crate::openapi::{Doc, Kind, fields, optional, required, text};
use cubby_domain::Limits;
use cubby_domain::commands::{ImportAccounts, ImportedAccount};
use serde::Serialize;

/// The command.
#[derive(Debug)]
pub struct MultiaccountImport;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reply {
    fail_accounts: Vec<String>,
}

const DOC: Doc = Doc {
    summary: text("Import accounts", "批量导入帐号"),
    details: text(
        "Imports accounts, in one of two forms: `AccountList` or `Accounts`. Ill-formed ids come back in `FailAccounts`; the others are imported.",
        "批量导入帐号，`AccountList` 与 `Accounts` 两种写法任选其一。格式不合法的帐号列在 `FailAccounts` 中，其余帐号照常导入。",
    ),
    request: &[
        optional(
            "AccountList",
            Kind::ListWithin(
                1,
                |limits| limits.accounts_per_call,
                &Kind::Object(&[fields::USER_ID, fields::NICK, fields::FACE_URL]),
            ),
            text("The accounts, with their profiles.", "要导入的帐号，可带资料。"),
        ),
        optional(
            "Accounts",
            Kind::ListWithin(1, |limits| limits.accounts_per_call, &Kind::TextWithin(|limits| limits.user_id_bytes)),
            text("The UserIDs alone; read where there is no AccountList.", "仅列 UserID；没有 AccountList 时读取。"),
        ),
    ],
    reply: &[required(
        "FailAccounts",
        Kind::List(&Kind::Text),
        text("The accounts that were not imported.", "导入失败的帐号。"),
    )],
    sample_request: r#"{"Accounts":["test1","test2","test3","test4","test5"]}"#,
    sample_reply: r#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","FailAccounts":["test3","test4"]}"#,
    codes: &[70206],
    item_codes: &[],
};

impl Endpoint for MultiaccountImport {
    const META: Meta = Meta {
        path: "im_open_login_svc/multiaccount_import",
        family: Family::Account,
        error_display: false,
        call_rate: 100,
        source: "269/4919",
        doc: &DOC,
    };
    type Action = ImportAccounts;
    /// The accounts that were not well formed.
    type Asked = Vec<String>;
    type Reply = ();

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let limits = &call.settings.limits;
        let newer = body.value("AccountList").is_some() || body.value("Accounts").is_none();
        let (name, items) =
            if newer { ("AccountList", body.objects("AccountList")?) } else { ("Accounts", list(body)?) };
        within_batch(body, name, items.len(), limits)?;
        let mut failed = Vec::new();
        let mut accounts = Vec::with_capacity(items.len());
        for item in items {
            let read = match item {
                Json::Object(object) if newer => well_formed(&Fields::new(object, ""), limits),
                Json::String(_) if !newer => well_formed(&Fields::new(&Object::from_pair("UserID", item), ""), limits),
                _ => None,
            };
            match (read, item) {
                (Some(account), _) => accounts.push(account),
                (None, Json::Object(object)) => failed.push(as_sent(object.get("UserID"))),
                (None, other) => failed.push(as_sent(Some(other))),
            }
        }
        Ok((failed, ImportAccounts { accounts }))
    }

    fn encode(fail_accounts: Self::Asked, (): ()) -> Vec<u8> {
        envelope::success(&Self::META, &Reply { fail_accounts })
    }
}

/// An account whose id is well formed: only the id decides. A profile that is not is left out, as if it had not been sent.
fn well_formed(fields: &Fields<'_>, limits: &Limits) -> Option<ImportedAccount> {
    let id_alone =
        || user_id(fields, "UserID", limits).map(|user| ImportedAccount { user, nick: None, face_url: None });
    imported(fields, "UserID", limits).or_else(|_| id_alone()).ok()
}

fn list<'a>(body: &Fields<'a>) -> Result<Vec<&'a Json<'a>>, BadField> {
    match body.value("Accounts") {
        Some(Json::Array(items)) => Ok(items.iter().collect()),
        _ => Err(body.bad("Accounts", Flaw::NotA("a list of strings"))),
    }
}
