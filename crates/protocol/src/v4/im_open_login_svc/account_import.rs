//! `POST /v4/im_open_login_svc/account_import`: imports one account (269/1608). Older clients call its id `Identifier`.

use super::imported;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields};
use cubby_domain::commands::ImportAccounts;

/// The command.
#[derive(Debug)]
pub struct AccountImport;

impl Endpoint for AccountImport {
    const META: Meta = Meta {
        path: "im_open_login_svc/account_import",
        family: Family::Account,
        error_display: false,
        call_rate: 200,
        source: "269/1608",
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
