//! `im_open_login_svc`: accounts.

mod account_check;
mod account_delete;
mod account_import;
mod multiaccount_import;

pub use account_check::AccountCheck;
pub use account_delete::AccountDelete;
pub use account_import::AccountImport;
pub use multiaccount_import::MultiaccountImport;

use crate::decode::{as_sent, malformed};
use crate::field::{BadField, Fields, Flaw};
use crate::json::Json;
use cubby_domain::commands::ImportedAccount;
use cubby_domain::{ItemRefusal, Limits, UserId};

/// A UserID that is to be an account's: 1 to 32 bytes of printable ASCII (code 7003 of 269/1671).
fn user_id(fields: &Fields<'_>, name: &str, limits: &Limits) -> Result<UserId, BadField> {
    let text = fields.text_within(name, limits.user_id_bytes)?;
    let id = text.and_then(|text| UserId::new(text).ok()).ok_or_else(|| fields.bad(name, Flaw::Required))?;
    if id.as_str().bytes().all(|byte| matches!(byte, 0x20..=0x7e)) {
        Ok(id)
    } else {
        Err(fields.bad(name, Flaw::Unknown { wants: "printable ASCII" }))
    }
}

/// An account to import, its id under that name.
fn imported(fields: &Fields<'_>, id: &str, limits: &Limits) -> Result<ImportedAccount, BadField> {
    let profile = |name| fields.text_within(name, limits.profile_bytes).map(|text| text.map(Into::into));
    Ok(ImportedAccount { user: user_id(fields, id, limits)?, nick: profile("Nick")?, face_url: profile("FaceUrl")? })
}

/// A list of accounts: of `found`, 1 to so many as one call takes.
fn within_batch(body: &Fields<'_>, name: &str, found: usize, limits: &Limits) -> Result<(), BadField> {
    let max = limits.accounts_per_call;
    match found {
        0 => Err(body.bad(name, Flaw::Required)),
        _ if found as u64 > max => Err(body.bad(name, Flaw::Accounts { found, max })),
        _ => Ok(()),
    }
}

/// `[{"UserID"}]`: the ids as they were sent, for the echo, and as they are understood. An ill-formed one is that item's own error
///
type Users = (Vec<String>, Vec<Result<UserId, ItemRefusal>>);

fn users(body: &Fields<'_>, name: &str, limits: &Limits) -> Result<Users, BadField> {
    let items = body.objects(name)?;
    within_batch(body, name, items.len(), limits)?;
    let one = |item: &Json<'_>| {
        let Json::Object(object) = item else {
            let bad = body.bad(name, Flaw::NotA("a list of objects"));
            return (String::new(), Err(malformed(&bad)));
        };
        let fields = Fields::new(object, "");
        (as_sent(fields.raw("UserID")), user_id(&fields, "UserID", limits).map_err(|bad| malformed(&bad)))
    };
    Ok(items.into_iter().map(one).unzip())
}
