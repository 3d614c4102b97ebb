//! `get_group_info`, `get_appid_group_list`, `get_joined_group_list`: the chat groups of an application.

use crate::command::{Context, Query};
use crate::edit::account_exists;
use crate::footprint::{Footprint, Range};
use crate::ids::{ChatGroupId, UserId};
use crate::records::{ChatGroup, Member};
use crate::refusal::Refusal;
use crate::view::View;

/// How many members one reply holds; more are refused (10018 is the documented code of a reply that is too large).
const MEMBERS_PER_REPLY_MAX: u64 = 10_000;

/// Asks for some chat groups and their members.
#[derive(Debug)]
pub struct GetChatGroups {
    /// Which.
    pub ids: Vec<ChatGroupId>,
}

/// A chat group and its members, by UserID.
#[derive(Debug, PartialEq, Eq)]
pub struct ChatGroupInfo {
    /// The chat group.
    pub chat_group: ChatGroup,
    /// Its members.
    pub members: Vec<(UserId, Member)>,
}

impl Query for GetChatGroups {
    type Reply = Vec<Option<ChatGroupInfo>>;

    fn footprint(&self) -> Footprint {
        let ranges = self.ids.iter().map(|id| Range::MembersOf(id.clone(), MEMBERS_PER_REPLY_MAX)).collect();
        Footprint { chat_groups: self.ids.clone(), ranges, ..Footprint::default() }
    }

    fn answer(&self, view: &View, _: &Context) -> Result<Self::Reply, Refusal> {
        let found = |id| view.chat_group(id).cloned();
        let members: u64 = self.ids.iter().filter_map(found).map(|chat_group| chat_group.members).sum();
        if members > MEMBERS_PER_REPLY_MAX {
            return Err(Refusal::ReplyTooLarge { max: MEMBERS_PER_REPLY_MAX });
        }
        let info = |id| {
            let members = view.members_of(id).map(|(user, member)| (user.clone(), *member)).collect();
            found(id).map(|chat_group| ChatGroupInfo { chat_group, members })
        };
        Ok(self.ids.iter().map(info).collect())
    }
}

/// Chat groups with their ids.
pub type ChatGroups = Vec<(ChatGroupId, ChatGroup)>;

/// Asks for a page of all chat groups.
#[derive(Debug)]
pub struct ListChatGroups {
    /// The sequence after which the page begins: 0, or what the page before said.
    pub after: u64,
    /// How many at most.
    pub limit: u64,
    /// Only those of this `Type`.
    pub kind: Option<Box<str>>,
}

/// A page of chat groups.
#[derive(Debug, PartialEq, Eq)]
pub struct ChatGroupPage {
    /// The chat groups, in the order of creation.
    pub chat_groups: ChatGroups,
    /// How many there are in the application.
    pub total: u64,
    /// After which sequence the next page begins; `None` on the last.
    pub next: Option<u64>,
}

impl Query for ListChatGroups {
    type Reply = ChatGroupPage;

    fn footprint(&self) -> Footprint {
        let range = Range::ChatGroupPage { after: self.after, limit: self.limit };
        Footprint { directory: true, ranges: vec![range], ..Footprint::default() }
    }

    fn answer(&self, view: &View, _: &Context) -> Result<ChatGroupPage, Refusal> {
        let (found, more) = &view.chat_group_page;
        let next = found.last().map(|(_, chat_group)| chat_group.sequence).filter(|_| *more);
        let wanted = |chat_group: &ChatGroup| self.kind.as_ref().is_none_or(|kind| *kind == chat_group.kind);
        let chat_groups = found.iter().filter(|(_, chat_group)| wanted(chat_group)).cloned().collect();
        Ok(ChatGroupPage { chat_groups, total: view.directory().chat_groups, next })
    }
}

/// Asks for the chat groups that a user is in.
#[derive(Debug)]
pub struct JoinedChatGroups {
    /// Who.
    pub user: UserId,
    /// Only those of this `Type`.
    pub kind: Option<Box<str>>,
}

impl Query for JoinedChatGroups {
    type Reply = Vec<(ChatGroupId, ChatGroup, Member)>;

    fn footprint(&self) -> Footprint {
        Footprint {
            accounts: vec![self.user.clone()],
            ranges: vec![Range::MembershipsOf(self.user.clone())],
            ..Footprint::default()
        }
    }

    fn answer(&self, view: &View, context: &Context) -> Result<Self::Reply, Refusal> {
        if !account_exists(&self.user, view, context) {
            return Err(Refusal::NoSuchAccount { field: "Member_Account", user: self.user.clone() });
        }
        let joined = view.memberships_of(&self.user);
        let found = joined.filter_map(|(id, member)| Some((id.clone(), view.chat_group(id)?.clone(), *member)));
        Ok(found.filter(|(_, one, _)| self.kind.as_ref().is_none_or(|kind| *kind == one.kind)).collect())
    }
}
