//! `POST /v4/group_open_http_svc/delete_group_member`: removes members from a chat group (269/1622).

use super::{required_group_id, within};
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use cubby_domain::UserId;
use cubby_domain::commands::RemoveMembers;

/// The command.
#[derive(Debug)]
pub struct DeleteGroupMember;

impl Endpoint for DeleteGroupMember {
    const META: Meta = Meta {
        path: "group_open_http_svc/delete_group_member",
        family: Family::ChatGroup,
        error_display: false,
        call_rate: 200,
        source: "269/1622",
    };
    type Action = RemoveMembers;
    type Asked = ();
    type Reply = ();

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        const NAME: &str = "MemberToDel_Account";
        let limits = &call.settings.limits;
        let id = required_group_id(body, limits)?;
        let names = body.texts(NAME)?;
        if names.is_empty() {
            return Err(body.bad(NAME, Flaw::Required));
        }
        within(body, NAME, names.len(), limits.members_per_delete)?;
        let one = |text: &str| {
            let (bytes, max) = (text.len(), limits.user_id_bytes);
            let id = UserId::new(text).ok().filter(|_| bytes as u64 <= max);
            id.ok_or_else(|| body.bad(NAME, if bytes == 0 { Flaw::Required } else { Flaw::TooLong { bytes, max } }))
        };
        let users = names.into_iter().map(one).collect::<Result<_, _>>()?;
        Ok(((), RemoveMembers { id, users }))
    }

    fn encode((): (), (): ()) -> Vec<u8> {
        envelope::bare(&Self::META)
    }
}
