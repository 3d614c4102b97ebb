//! The commands: a rule a file.

mod change_application;
mod create_chat_group;
mod create_contact_group;
mod delete_accounts;
mod delete_contact_group;
mod destroy_chat_group;
mod import_accounts;
mod mark_contacts;
mod members;
mod update_contact_group;

pub use change_application::{ApplicationChange, ApplicationRefused, ChangeApplication};
pub use create_chat_group::{ChatGroupIdWanted, CreateChatGroup};
pub use create_contact_group::{ContactGroupCreated, CreateContactGroup};
pub use delete_accounts::DeleteAccounts;
pub use delete_contact_group::DeleteContactGroup;
pub use destroy_chat_group::DestroyChatGroup;
pub use import_accounts::{ImportAccounts, ImportedAccount};
pub use mark_contacts::{CustomMarking, MarkContacts, Marking};
pub use members::{AddMembers, Added, RemoveMembers};
pub use update_contact_group::{ContactGroupUpdated, Move, UpdateContactGroup};

use crate::refusal::ItemRefusal;

/// Whether an item was accepted.
pub type ItemResult = Result<(), ItemRefusal>;
