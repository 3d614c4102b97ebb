//! `POST /v4/im_open_login_svc/account_import`: imports one account (269/1608). Older clients call its id `Identifier`.

use super::imported;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields};
use crate::openapi::{Doc, fields, text};
use cubby_domain::commands::ImportAccounts;

/// The command.
#[derive(Debug)]
pub struct AccountImport;

const DOC: Doc = Doc {
    summary: text("Import an account", "导入单个帐号"),
    details: text("Imports one account. Importing it again succeeds.", "导入一个帐号。重复导入同一帐号同样返回成功。"),
    request: &[fields::USER_ID.also(&["Identifier"]), fields::NICK, fields::FACE_URL],
    reply: &[],
    sample_request: r#"{"UserID":"test","Nick":"test","FaceUrl":"http://www.qq.com"}"#,
    sample_reply: r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#,
    codes: &[],
    item_codes: &[],
};

impl Endpoint for AccountImport {
    const META: Meta = Meta {
        path: "im_open_login_svc/account_import",
        family: Family::Account,
        error_display: false,
        call_rate: 200,
        source: "269/1608",
        doc: &DOC,
    };
    type Action = ImportAccounts;
    type Asked = ();
    type Reply = ();

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let older = body.value("UserID").is_none() && body.value("Identifier").is_some();
        let id = if older { "Identifier" } else { "UserID" };
        Ok(((), ImportAccounts { accounts: vec![imported(body, id, &call.settings.limits)?] }))
    }

    fn encode((): (), (): ()) -> Vec<u8> {
        envelope::bare(&Self::META)
    }
}
