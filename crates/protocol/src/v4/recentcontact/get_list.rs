//! `POST /v4/recentcontact/get_list`: a user's list of recent contacts, a page at a time (269/62118).

use crate::conversation;
use crate::decode::from_account;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use crate::json::{Integer, Json};
use cubby_domain::queries::{ListRecentContacts, Next, PinnedWanted, RecentContactsPage};
use cubby_domain::{Conversation, CustomMark, Profile, Recent};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// The command.
#[derive(Debug)]
pub struct GetList;

/// What `AssistFlags` asks for (269/62118). A client may fill it with anything, and is never refused for it.
#[derive(Debug, Clone, Copy)]
pub struct AssistFlags(u64);

impl AssistFlags {
    const PINNED: u64 = 1;
    const EMPTY: u64 = 1 << 1;
    const PINNED_PAGES: u64 = 1 << 2;
    const STANDARD_MARK: u64 = 1 << 3;
    const CUSTOM_MARK: u64 = 1 << 4;
    const CONTACT_GROUPS: u64 = 1 << 5;
    const ALL: u64 = 63;

    /// The pages of 2026 have it fixed at 63, whatever is sent.
    fn read(body: &Fields<'_>, profile: Profile) -> Result<Self, BadField> {
        let sent = match body.value("AssistFlags").map(Json::integer) {
            None => Self::ALL,
            Some(Some(Integer::Fits(n))) => u64::from_ne_bytes(n.to_ne_bytes()),
            Some(Some(_)) => Self::ALL,
            Some(None) => return Err(body.bad("AssistFlags", Flaw::NotA("an integer"))),
        };
        Ok(Self(if profile == Profile::Y2026 { Self::ALL } else { sent }))
    }

    fn has(self, bit: u64) -> bool {
        self.0 & bit != 0
    }

    fn pinned(self) -> PinnedWanted {
        match (self.has(Self::PINNED), self.has(Self::PINNED_PAGES)) {
            (false, _) => PinnedWanted::AmongOthers,
            (true, false) => PinnedWanted::First,
            (true, true) => PinnedWanted::Paged,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reply {
    session_item: Vec<Item>,
    complete_flag: u8,
    time_stamp: u64,
    start_index: u64,
    top_time_stamp: u64,
    top_start_index: u64,
}

struct Item {
    recent: Recent,
    flags: AssistFlags,
}

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { recent, flags } = self;
        let mut map = serializer.serialize_map(None)?;
        conversation::write_recent(&mut map, &recent.id)?;
        map.serialize_entry("MsgTime", &recent.last.time.0)?;
        map.serialize_entry("TopFlag", &u8::from(recent.pinned.is_some()))?;
        if let Some(sorted) = &recent.sorted {
            write_sorted(&mut map, sorted, *flags)?;
        }
        map.end()
    }
}

/// How the user sorts it, on the items that have it.
fn write_sorted<M: SerializeMap>(map: &mut M, sorted: &Conversation, flags: AssistFlags) -> Result<(), M::Error> {
    if flags.has(AssistFlags::STANDARD_MARK) && !sorted.marks.is_empty() {
        map.serialize_entry("StandardMark", &sorted.marks.to_string())?;
    }
    if let Some(custom_mark) = sorted.custom_mark.as_ref().filter(|_| flags.has(AssistFlags::CUSTOM_MARK)) {
        map.serialize_entry("CustomMark", CustomMark::as_str(custom_mark))?;
    }
    if flags.has(AssistFlags::CONTACT_GROUPS) && !sorted.contact_groups.is_empty() {
        let ids: Vec<u64> = sorted.contact_groups.iter().map(|id| id.0).collect();
        map.serialize_entry("ContactGroupId", &ids)?;
    }
    Ok(())
}

impl Endpoint for GetList {
    const META: Meta = Meta {
        path: "recentcontact/get_list",
        family: Family::Contact,
        error_display: true,
        call_rate: 200,
        source: "269/62118",
    };
    type Action = ListRecentContacts;
    type Asked = AssistFlags;
    type Reply = RecentContactsPage;

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let user = from_account(body, call.settings)?;
        // The times say when a paging began, which nothing depends on: only their form is looked at.
        body.count("TimeStamp")?;
        let after = body.count("StartIndex")?.unwrap_or_default();
        body.count("TopTimeStamp")?;
        let pinned_after = body.count("TopStartIndex")?.unwrap_or_default();
        let flags = AssistFlags::read(body, call.settings.profile)?;
        let (window, page) = (call.settings.recent_contacts(), call.settings.limits.recent_contacts_per_page);
        let (pinned, empty) = (flags.pinned(), flags.has(AssistFlags::EMPTY));
        Ok((flags, ListRecentContacts { user, window, page, after, pinned_after, pinned, empty }))
    }

    fn encode(flags: Self::Asked, reply: Self::Reply) -> Vec<u8> {
        let next = reply.next.unwrap_or(Next { after: 0, pinned_after: 0 });
        let reply = Reply {
            session_item: reply.recents.into_iter().map(|recent| Item { recent, flags }).collect(),
            complete_flag: u8::from(reply.next.is_none()),
            time_stamp: reply.now.0,
            start_index: next.after,
            top_time_stamp: reply.now.0,
            top_start_index: next.pinned_after,
        };
        envelope::success(&Self::META, &reply)
    }
}
