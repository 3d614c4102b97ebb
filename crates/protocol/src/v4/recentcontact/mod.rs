//! `recentcontact`: conversation groups and marks, and the list of recent contacts.

mod create_contact_group;
mod del_contact_group;
mod delete;
mod get_contact_group;
mod get_list;
mod mark_contact;
mod search_contact_group;
mod top;
mod update_contact_group;

pub use create_contact_group::CreateContactGroup;
pub use del_contact_group::DelContactGroup;
pub use delete::Delete;
pub use get_contact_group::GetContactGroup;
pub use get_list::GetList;
pub use mark_contact::MarkContact;
pub use search_contact_group::SearchContactGroup;
pub use top::Top;
pub use update_contact_group::UpdateContactGroup;

use crate::conversation;
use cubby_domain::{ContactGroup, Conversation, ConversationId, CustomMark};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// A contact group in a reply.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct GroupItem<'a> {
    group_name: &'a str,
    group_id: u64,
}

impl<'a> GroupItem<'a> {
    fn of(group: &'a ContactGroup) -> Self {
        Self { group_name: group.name.as_str(), group_id: group.id.0 }
    }

    fn all(groups: &'a [ContactGroup]) -> Vec<Self> {
        groups.iter().map(Self::of).collect()
    }
}

/// A conversation of a user's data in a reply: what it has none of is left out, but `StandardMark`, which is always there.
struct Entry<'a>(&'a (ConversationId, Conversation));

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (id, one) = self.0;
        let mut map = serializer.serialize_map(None)?;
        conversation::write(&mut map, id)?;
        map.serialize_entry("StandardMark", &one.marks.to_string())?;
        if let Some(custom_mark) = &one.custom_mark {
            map.serialize_entry("CustomMark", CustomMark::as_str(custom_mark))?;
        }
        if !one.contact_groups.is_empty() {
            let ids: Vec<u64> = one.contact_groups.iter().map(|id| id.0).collect();
            map.serialize_entry("ContactGroupId", &ids)?;
        }
        map.serialize_entry("Timestamp", &one.updated.0)?;
        map.end()
    }
}

fn entries(conversations: &[(ConversationId, Conversation)]) -> Vec<Entry<'_>> {
    conversations.iter().map(Entry).collect()
}
