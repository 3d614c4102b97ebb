//! `POST /v4/recentcontact/get_contact_group`: a user's conversation data, a page at a time (269/85794).

use super::{Entry, GroupItem, entries};
use crate::decode::from_account;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields};
use cubby_domain::queries::{ContactPage, ListContacts};
use serde::Serialize;

/// The command.
#[derive(Debug)]
pub struct GetContactGroup;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reply<'a> {
    contact_item: Vec<Entry<'a>>,
    group_item: Vec<GroupItem<'a>>,
    complete_flag: u8,
    next_start_index: u64,
}

impl Endpoint for GetContactGroup {
    const META: Meta = Meta {
        path: "recentcontact/get_contact_group",
        family: Family::Contact,
        error_display: true,
        call_rate: 200,
        source: "269/85794",
    };
    type Action = ListContacts;
    type Asked = ();
    type Reply = ContactPage;

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let user = from_account(body, call.settings)?;
        let after = body.count("StartIndex")?.unwrap_or_default();
        Ok(((), ListContacts { user, after, limit: call.settings.limits.conversations_per_page }))
    }

    fn encode((): Self::Asked, reply: Self::Reply) -> Vec<u8> {
        let reply = Reply {
            contact_item: entries(&reply.contacts.conversations),
            group_item: GroupItem::all(&reply.contacts.contact_groups),
            complete_flag: u8::from(reply.next.is_none()),
            next_start_index: reply.next.unwrap_or_default(),
        };
        envelope::success(&Self::META, &reply)
    }
}
