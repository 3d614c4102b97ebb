//! `POST /v4/recentcontact/get_list`: a user's list of recent contacts, a page at a time (269/62118).

use crate::conversation;
use crate::decode::from_account;
use crate::endpoint::{Call, Endpoint, Family, Meta};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use crate::json::{Integer, Json};
use crate::openapi::{Doc, Kind, fields, required, text};
use cubby_domain::queries::{ListRecentContacts, Next, PinnedWanted, RecentContactsPage};
use cubby_domain::{Conversation, CustomMark, Profile, Recent};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// The command.
#[derive(Debug)]
pub struct GetList;

/// What `AssistFlags` asks for (269/62118). A client may fill it with anything, and is never refused for it (R-079).
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

    /// The pages of 2026 have it fixed at 63, whatever is sent (R-090).
    fn read(body: &Fields<'_>, profile: Profile) -> Result<Self, BadField> {
        let sent = match body.value("AssistFlags").map(Json::integer) {
            Some(Some(Integer::Fits(n))) => u64::from_ne_bytes(n.to_ne_bytes()),
            None | Some(Some(_)) => Self::ALL,
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

const DOC: Doc = Doc {
    summary: text("List the recent contacts of a user", "拉取会话列表"),
    details: text(
        "The pinned ones first, then the others, each by the time of the last message. The newest 100 conversations, or 500 in an edition that has conversation groups; those beyond are kept and come back.",
        "置顶会话在前，普通会话在后，各自按最后一条消息的时间升序。默认返回最近 100 个会话，支持会话分组的版本为 500 个；超出的会话会保留并在之后重新出现。",
    ),
    request: &[
        fields::FROM_ACCOUNT,
        required(
            "TimeStamp",
            Kind::Count,
            text(
                "0 for the first page, then what the page before said.",
                "普通会话的起始时间：第一页填 0，之后填上一页返回的值。",
            ),
        ),
        required(
            "StartIndex",
            Kind::Count,
            text(
                "0 for the first page, then what the page before said.",
                "普通会话的起始位置：第一页填 0，之后填上一页返回的值。",
            ),
        ),
        required(
            "TopTimeStamp",
            Kind::Count,
            text(
                "0 for the first page, then what the page before said.",
                "置顶会话的起始时间：第一页填 0，之后填上一页返回的值。",
            ),
        ),
        required(
            "TopStartIndex",
            Kind::Count,
            text(
                "0 for the first page, then what the page before said.",
                "置顶会话的起始位置：第一页填 0，之后填上一页返回的值。",
            ),
        ),
        required(
            "AssistFlags",
            Kind::Integer,
            text(
                "Bit 0: show the pinned ones as such; bit 1: those too whose last message is gone; bit 2: page the pinned ones; bits 3 to 5: show marks and groups. 63 for all.",
                "会话辅助标志位：bit 0 支持置顶，bit 1 返回空会话，bit 2 支持置顶分页，bit 3 至 5 返回标记与分组。填 63 获取完整数据。",
            ),
        ),
    ],
    reply: &[
        required(
            "SessionItem",
            Kind::List(&Kind::Shape(&fields::SESSION_ITEM)),
            text("The recent contacts.", "会话列表。"),
        ),
        required(
            "CompleteFlag",
            Kind::Choice(&[0, 1]),
            text("1 on the last page.", "结束标识：1 表示已返回全部会话，0 表示还有会话未拉取。"),
        ),
        required(
            "TimeStamp",
            Kind::Count,
            text("For the next page: the server's time.", "普通会话下一页拉取的起始时间。"),
        ),
        required("StartIndex", Kind::Count, text("For the next page.", "普通会话下一页拉取的起始位置。")),
        required(
            "TopTimeStamp",
            Kind::Count,
            text("For the next page: the server's time.", "置顶会话下一页拉取的起始时间。"),
        ),
        required("TopStartIndex", Kind::Count, text("For the next page.", "置顶会话下一页拉取的起始位置。")),
    ],
    sample_request: r#"{"From_Account":"id1","TimeStamp":0,"StartIndex":0,"TopTimeStamp":0,"TopStartIndex":0,"AssistFlags":7}"#,
    sample_reply: r#"{"SessionItem":[{"Type":1,"To_Account":"id2","MsgTime":1630997627,"TopFlag":1},{"Type":2,"GroupId":"id3","MsgTime":1630997628,"TopFlag":1},{"Type":1,"To_Account":"id4","MsgTime":1630997630,"TopFlag":0},{"Type":2,"GroupId":"id5","MsgTime":1630997650,"TopFlag":0}],"CompleteFlag":1,"TimeStamp":1631012800,"StartIndex":0,"TopTimeStamp":1631012800,"TopStartIndex":0,"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#,
    codes: &[50001],
    item_codes: &[],
};

impl Endpoint for GetList {
    const META: Meta = Meta {
        path: "recentcontact/get_list",
        family: Family::Contact,
        error_display: true,
        call_rate: 200,
        source: "269/62118",
        doc: &DOC,
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
