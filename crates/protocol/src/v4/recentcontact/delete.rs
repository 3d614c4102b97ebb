//! `POST /v4/recentcontact/delete`: takes a conversation out of the list of recent contacts (269/62119).

use crate::conversation::read_deleted;
use crate::decode::from_account;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields};
use cubby_domain::commands::DeleteRecentContact;

/// The command.
#[derive(Debug)]
pub struct Delete;

impl Endpoint for Delete {
    const META: Meta = Meta {
        path: "recentcontact/delete",
        family: Family::Contact,
        error_display: true,
        call_rate: 200,
        source: "269/62119",
    };
    type Action = DeleteRecentContact;
    type Asked = ();
    type Reply = ();

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let user = from_account(body, call.settings)?;
        let id = read_deleted(body, &call.settings.limits)?;
        // Messages are not kept, so that there are none to be cleared: only the form is looked at.
        body.integer("ClearRamble", "0 or 1")?;
        Ok(((), DeleteRecentContact { user, id }))
    }

    fn encode((): Self::Asked, (): Self::Reply) -> Vec<u8> {
        envelope::bare(&Self::META)
    }
}
