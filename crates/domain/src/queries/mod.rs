//! The queries: each answers from one instant and changes nothing.

mod applications;
mod chat_groups;
mod check_accounts;
mod contacts;

pub use applications::ListApplications;
pub use chat_groups::{ChatGroupInfo, ChatGroupPage, ChatGroups, GetChatGroups, JoinedChatGroups, ListChatGroups};
pub use check_accounts::CheckAccounts;
pub use contacts::{ContactPage, Contacts, ListContacts, SearchContacts};
