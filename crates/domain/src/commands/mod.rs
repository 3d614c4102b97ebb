//! The commands: a rule a file.

mod change_application;
mod create_chat_group;
mod create_contact_group;
mod delete_accounts;
mod delete_application;
mod delete_contact_group;
mod delete_recent_contact;
mod destroy_chat_group;
mod import_accounts;
mod mark_contacts;
mod members;
mod pin_conversations;
mod read_messages;
mod replace_application_state;
mod send_chat_group_message;
mod send_message;
mod update_contact_group;

pub use change_application::{ApplicationChange, ApplicationRefused, ChangeApplication};
pub use create_chat_group::{ChatGroupIdWanted, CreateChatGroup};
pub(crate) use create_chat_group::{generated_id, is_generated_id_of};
pub use create_contact_group::{ContactGroupCreated, CreateContactGroup};
pub use delete_accounts::DeleteAccounts;
pub use delete_application::{DeleteApplication, Deletion};
pub use delete_contact_group::DeleteContactGroup;
pub use delete_recent_contact::DeleteRecentContact;
pub use destroy_chat_group::DestroyChatGroup;
pub use import_accounts::{ImportAccounts, ImportedAccount};
pub use mark_contacts::{CustomMarking, MarkContacts, Marking};
pub use members::{AddMembers, Added, RemoveMembers};
pub use pin_conversations::PinConversations;
pub use read_messages::{ReadMessages, SetUnread};
pub use replace_application_state::{ReplaceApplicationState, Replaced};
pub use send_chat_group_message::{ImportChatGroupMessages, ImportedMessage, SendChatGroupMessage};
pub use send_message::{Message, SendMessage, SendMessages, SentToMany};
pub use update_contact_group::{ContactGroupUpdated, Move, UpdateContactGroup};

use crate::refusal::ItemRefusal;

/// Whether an item was accepted.
pub type ItemResult = Result<(), ItemRefusal>;
