//! `POST /v4/group_open_http_svc/destroy_group`: dissolves a chat group (269/1624).

use super::required_group_id;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields};
use cubby_domain::commands::DestroyChatGroup;

/// The command.
#[derive(Debug)]
pub struct DestroyGroup;

impl Endpoint for DestroyGroup {
    const META: Meta = Meta {
        path: "group_open_http_svc/destroy_group",
        family: Family::ChatGroup,
        error_display: false,
        call_rate: 200,
        source: "269/1624",
    };
    type Action = DestroyChatGroup;
    type Asked = ();
    type Reply = ();

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        Ok(((), DestroyChatGroup { id: required_group_id(body, &call.settings.limits)? }))
    }

    fn encode((): (), (): ()) -> Vec<u8> {
        envelope::bare(&Self::META)
    }
}
