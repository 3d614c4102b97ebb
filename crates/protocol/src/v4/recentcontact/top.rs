//! `POST /v4/recentcontact/top`: pins conversations, or unpins them (269/103772).

use crate::conversation::conversation;
use crate::decode::from_account;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use crate::json::Json;
use cubby_domain::commands::PinConversations;
use cubby_domain::{ConversationId, Limits};

/// The command.
#[derive(Debug)]
pub struct Top;

const PIN: i64 = 1;
const UNPIN: i64 = 2;

impl Endpoint for Top {
    const META: Meta = Meta {
        path: "recentcontact/top",
        family: Family::Contact,
        error_display: true,
        call_rate: 200,
        source: "269/103772",
    };
    type Action = PinConversations;
    type Asked = ();
    type Reply = ();

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let limits = &call.settings.limits;
        let user = from_account(body, call.settings)?;
        let pinned = body.choice("OperationType", &[PIN, UNPIN], "1 (pin) or 2 (unpin)")? == PIN;
        let items = body.objects("RecentContactItem")?;
        let (found, max) = (items.len(), limits.pins_per_call);
        if found == 0 || found as u64 > max {
            return Err(body.bad("RecentContactItem", Flaw::Count { found, min: 1, max }));
        }
        let ids = items.into_iter().map(|item| read_item(body, item, limits)).collect::<Result<_, _>>()?;
        Ok(((), PinConversations { user, pinned, ids }))
    }

    fn encode((): Self::Asked, (): Self::Reply) -> Vec<u8> {
        envelope::bare(&Self::META)
    }
}

fn read_item(body: &Fields<'_>, item: &Json<'_>, limits: &Limits) -> Result<ConversationId, BadField> {
    let Json::Object(object) = item else { return Err(body.bad("RecentContactItem", Flaw::NotA("a list of objects"))) };
    conversation(&Fields::new(object, "RecentContactItem."), limits)
}
