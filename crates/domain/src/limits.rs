//! The contract's numbers, one field each, with its default and source. They are settings of each application; the process's own bounds
//! (queues, buffers, time-outs) are not here but where they hold.

/// As much as can be set: as good as no limit.
pub const UNLIMITED: u64 = 1_000_000;

/// How much of everything an application's users may have and a request may ask. Each is a setting `limit.<field>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Conversations in a user's data: 1000, then item 51008 (269/85791).
    pub conversations: u64,
    /// Of them, those in a contact group: no limit of their own, or 1000 by the profile of 2026, then item 51008 (269/85791 of 2025).
    pub grouped_conversations: u64,
    /// Of them, those with a mark: no limit of their own, or 1000 by the profile of 2026, then item 51008 (269/85792 of 2025).
    pub marked_conversations: u64,
    /// Contact groups of a user: 20, then 51010 (269/85791).
    pub contact_groups: u64,
    /// Bytes of a contact group's name: 32, then 51011 (269/85791; 64 on the page of 2026).
    pub contact_group_name_bytes: u64,
    /// Conversations in one create or update: 100, then 51006 (269/85793).
    pub conversations_per_update: u64,
    /// Conversations in one mark: 100, then 51006 (269/85792).
    pub conversations_per_mark: u64,
    /// Conversations in one search: 300, then 50002 (1047/53442).
    pub conversations_per_search: u64,
    /// Conversations in one page of `get_contact_group`: 100.
    pub conversations_per_page: u64,
    /// Bytes of a custom mark: 256, then item 50002 (269/85792).
    pub custom_mark_bytes: u64,
    /// Bytes of a UserID: 32 (269/1608).
    pub user_id_bytes: u64,
    /// Bytes of an account's `Nick` and `FaceUrl`, each: 500, then 70402 (code 40601 of 269/1608 names the number).
    pub profile_bytes: u64,
    /// Accounts in one account command: 100, then 70206 (269/4919).
    pub accounts_per_call: u64,
    /// Bytes of a chat group's id: 48, then 10015 (269/1502).
    pub chat_group_id_bytes: u64,
    /// Bytes of a chat group's name: 100, then 10004 (30 on the pages of 2022, which later ones raise).
    pub chat_group_name_bytes: u64,
    /// Members of a chat group: 6000, then 10014.
    pub chat_group_members: u64,
    /// Members given to `create_group`: 100, then 10005 (269/1615).
    pub members_per_create: u64,
    /// Members given to `add_group_member`: 300, then 10005 (269/1621).
    pub members_per_add: u64,
    /// Members given to `delete_group_member`: 100, then 10005 (269/1622).
    pub members_per_delete: u64,
    /// Recent contacts in the list: by the edition where this is 0.
    pub recent_contacts: u64,
    /// Recent contacts in one page of `get_list`: 500.
    pub recent_contacts_per_page: u64,
    /// Pinned conversations of a user: 50, then 51012 (269/1671).
    pub pins: u64,
    /// Conversations in one `top`: 100, then 50002.
    pub pins_per_call: u64,
    /// Seconds for which the last message keeps its conversation from being empty: 7 days (1047/48322).
    pub message_seconds: u64,
    /// Bytes of a `MsgBody`: 12 KiB, then 80002 or 90055 (269/1671 says 8 KiB, newer pages 12).
    pub message_bytes: u64,
    /// Users in one `batchsendmsg`: 500, then 90011 (1047/34920).
    pub users_per_message: u64,
    /// Members to whom alone a message of a chat group goes: 50, then 10004 (1047/34959).
    pub members_per_message: u64,
    /// Messages in one `import_group_msg`: 7 (269/1635).
    pub messages_per_import: u64,
    /// Users in one `get_c2c_unread_msg_num`: 10, then 90018 (269/56043).
    pub users_per_unread: u64,
    /// Chat groups in one `get_group_info`: 50, then 10004 (269/1616).
    pub chat_groups_per_info: u64,
    /// Chat groups in one page of `get_appid_group_list`: 10000 (269/1614).
    pub chat_groups_per_page: u64,
    /// Chat groups in one page of `get_joined_group_list`: 5000 (269/1625).
    pub joined_per_page: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            conversations: 1000,
            grouped_conversations: UNLIMITED,
            marked_conversations: UNLIMITED,
            contact_groups: 20,
            contact_group_name_bytes: 32,
            conversations_per_update: 100,
            conversations_per_mark: 100,
            conversations_per_search: 300,
            conversations_per_page: 100,
            custom_mark_bytes: 256,
            user_id_bytes: 32,
            profile_bytes: 500,
            accounts_per_call: 100,
            chat_group_id_bytes: 48,
            chat_group_name_bytes: 100,
            chat_group_members: 6000,
            members_per_create: 100,
            members_per_add: 300,
            members_per_delete: 100,
            recent_contacts: 0,
            recent_contacts_per_page: 500,
            pins: 50,
            pins_per_call: 100,
            message_seconds: 7 * 24 * 60 * 60,
            message_bytes: 12 * 1024,
            users_per_message: 500,
            members_per_message: 50,
            messages_per_import: 7,
            users_per_unread: 10,
            chat_groups_per_info: 50,
            chat_groups_per_page: 10_000,
            joined_per_page: 5000,
        }
    }
}

impl Limits {
    /// Small numbers, so that a test reaches an edge with a handful of items.
    pub fn for_testing() -> Self {
        Self {
            conversations: 6,
            contact_groups: 3,
            conversations_per_page: 2,
            chat_group_members: 3,
            pins: 2,
            recent_contacts: 4,
            chat_groups_per_page: 2,
            ..Self::default()
        }
    }
}
