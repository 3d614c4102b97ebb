//! A user's head: the one record that is read and written with every change of the user's data, and that orders the changes.

use crate::ids::{ContactGroupId, ContactGroupName};
use crate::time::Timestamp;

/// The profile that an import gave.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Account {
    /// `Nick`, "" where none was given.
    pub nick: Box<str>,
    /// `FaceUrl`, "" where none was given.
    pub face_url: Box<str>,
}

/// A contact group: a folder of conversations.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ContactGroup {
    /// Its GroupId.
    pub id: ContactGroupId,
    /// Its GroupName.
    pub name: ContactGroupName,
}

/// A user's head. The default is that of a user of whom nothing was ever heard.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Head {
    /// The account, where it is imported.
    pub account: Option<Account>,
    /// The contact groups, by GroupId.
    pub contact_groups: Vec<ContactGroup>,
    /// The last GroupId given; none is given again.
    pub contact_group_id: u64,
    /// The last place given in the order of entry.
    pub entered: u64,
    /// How many conversations are in the data.
    pub conversations: u64,
    /// How many of them are in a contact group.
    pub grouped: u64,
    /// How many of them bear a mark.
    pub marked: u64,
    /// The latest Timestamp given, which no later one goes below.
    pub updated: Timestamp,
    /// Messages of other users that were not read, in all recent contacts together.
    pub unread: u64,
}

impl Head {
    /// The contact group of that name.
    pub fn contact_group(&self, name: &str) -> Option<&ContactGroup> {
        self.contact_groups.iter().find(|group| group.name.as_str() == name)
    }

    /// What must be true of every head; the first thing that is not.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn check(&self) -> Result<(), &'static str> {
        let ids = || self.contact_groups.iter().map(|group| group.id.0);
        if !ids().zip(ids().skip(1)).all(|(a, b)| a < b) {
            return Err("the contact groups are not in the order of their ids");
        }
        if ids().any(|id| id == 0 || id > self.contact_group_id) {
            return Err("a contact group has an id that was never given");
        }
        let mut names: Vec<_> = self.contact_groups.iter().map(|group| &group.name).collect();
        names.sort();
        names.dedup();
        if names.len() != self.contact_groups.len() {
            return Err("two contact groups have one name");
        }
        if self.grouped.max(self.marked) > self.conversations || self.grouped + self.marked < self.conversations {
            return Err("the conversations are not those in contact groups and those with marks");
        }
        if self.conversations > self.entered {
            return Err("more conversations are in the data than ever entered it");
        }
        Ok(())
    }
}
