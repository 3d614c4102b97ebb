//! The queries: each answers from one instant and changes nothing.

mod applications;
mod board;
mod chat_groups;
mod check_accounts;
mod contacts;
mod read_application_state;
mod recent_contacts;
mod search;

pub use applications::ListApplications;
pub use board::{Board, OtherSide, OtherSides, ReadBoard};
pub use chat_groups::{ChatGroupInfo, ChatGroupPage, ChatGroups, GetChatGroups, JoinedChatGroups, ListChatGroups};
pub use check_accounts::CheckAccounts;
pub use contacts::{ContactPage, Contacts, ListContacts, SearchContacts};
pub(crate) use read_application_state::whole;
pub use read_application_state::{ReadApplicationState, StateTooLarge};
pub use recent_contacts::{CountUnread, ListRecentContacts, Next, PinnedWanted, RecentContactsPage, Unread};
pub use search::{AccountPage, FindChatGroups, ListAccounts, ListedAccount};
