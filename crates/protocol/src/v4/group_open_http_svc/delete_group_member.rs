//! `POST /v4/group_open_http_svc/delete_group_member`: removes members from a chat group (269/1622).

use super::{required_group_id, within};
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use crate::openapi::{Doc, Kind, fields, required, text};
use cubby_domain::UserId;
use cubby_domain::commands::RemoveMembers;

/// The command.
#[derive(Debug)]
pub struct DeleteGroupMember;

const DOC: Doc = Doc {
    summary: text("Remove members from a chat group", "删除群成员"),
    details: text(
        "Removes members from a chat group. Removing one who is no member succeeds; the owner cannot be removed.",
        "从群组中删除成员。被删除的用户原本不在群中时同样返回成功；群主不可删除。",
    ),
    request: &[
        fields::CHAT_GROUP_ID,
        required(
            "MemberToDel_Account",
            Kind::ListWithin(1, |limits| limits.members_per_delete, &Kind::TextWithin(|limits| limits.user_id_bytes)),
            text("The members to remove.", "要删除的群成员。"),
        ),
    ],
    reply: &[],
    sample_request: r#"{"GroupId":"@TGS#2J4SZEAEL","MemberToDel_Account":["tommy","jared"]}"#,
    sample_reply: r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#,
    codes: &[10005, 10007, 10010, 10015],
    item_codes: &[],
};

impl Endpoint for DeleteGroupMember {
    const META: Meta = Meta {
        path: "group_open_http_svc/delete_group_member",
        family: Family::ChatGroup,
        error_display: false,
        call_rate: 200,
        source: "269/1622",
        doc: &DOC,
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
