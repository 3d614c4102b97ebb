//! The settings of an application: what its users may do and how its calls are checked. One table names them all, so that the command
//! line, the store and the documentation read and write the same words.

use crate::ids::UserId;
use crate::limits::{Limits, UNLIMITED};
use std::collections::BTreeMap;
use std::fmt;

/// The edition (price list) an application plays. Names as documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Edition {
    /// 体验版.
    Trial,
    /// 专业版.
    Pro,
    /// 旗舰版, the default: everything is unlocked.
    #[default]
    Ultimate,
    /// 企业版.
    Enterprise,
}

impl Edition {
    /// All of them, in rising order.
    pub const ALL: [Self; 4] = [Self::Trial, Self::Pro, Self::Ultimate, Self::Enterprise];

    /// The word used in settings and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trial => "trial",
            Self::Pro => "pro",
            Self::Ultimate => "ultimate",
            Self::Enterprise => "enterprise",
        }
    }

    /// The edition of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|edition| edition.as_str() == word)
    }
}

/// What the documentation said in a year: names of limits and editions changed between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// The pages of 2023: one limit of 1000 conversations, names of 32 bytes, contact groups from the ultimate edition on.
    #[default]
    Y2023,
    /// The pages of 2026: one limit for contact groups and one for marks, names of 64 bytes, contact groups from the pro edition on,
    /// `AssistFlags` fixed.
    Y2026,
}

impl Profile {
    /// All of them, in the order of their years.
    pub const ALL: [Self; 2] = [Self::Y2023, Self::Y2026];

    /// The word used in settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Y2023 => "2023",
            Self::Y2026 => "2026",
        }
    }

    /// The profile of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.as_str() == word)
    }

    /// Sets the limits that differ from year to year, and no others.
    fn set_limits(self, limits: &mut Limits) {
        let of_2023 = Limits::default();
        let dated = match self {
            Self::Y2023 => of_2023,
            Self::Y2026 => Limits {
                contact_group_name_bytes: 64,
                conversations: UNLIMITED,
                grouped_conversations: 1000,
                marked_conversations: 1000,
                ..of_2023
            },
        };
        limits.contact_group_name_bytes = dated.contact_group_name_bytes;
        limits.conversations = dated.conversations;
        limits.grouped_conversations = dated.grouped_conversations;
        limits.marked_conversations = dated.marked_conversations;
    }
}

/// Where a directory (of users, or of chat groups) is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DirectoryKept {
    /// Here: who is not imported, or not created, does not exist.
    #[default]
    Here,
    /// In another system: every well-formed id counts as existing.
    Elsewhere,
}

/// The settings of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The edition.
    pub edition: Edition,
    /// The year of the documentation that is played.
    pub profile: Profile,
    /// Who may call the API: 1 to 10 accounts; they exist without an import.
    pub administrators: Vec<UserId>,
    /// Where the users are kept.
    pub users: DirectoryKept,
    /// Where the chat groups are kept.
    pub chat_groups: DirectoryKept,
    /// Calls a second, by command ("recentcontact/top") or "*" for all; 0 is off. A command's own entry wins.
    pub call_rates: BTreeMap<String, u32>,
    /// Calls a second of the whole application; 0, the default, is off.
    pub total_call_rate: u32,
    /// Whether `random` is checked to be a 32-bit unsigned number.
    pub strict_query: bool,
    /// The numbers.
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            edition: Edition::default(),
            profile: Profile::default(),
            administrators: UserId::new("administrator").into_iter().collect(),
            users: DirectoryKept::Here,
            chat_groups: DirectoryKept::Here,
            call_rates: BTreeMap::new(),
            total_call_rate: 0,
            strict_query: false,
            limits: Limits::default(),
        }
    }
}

/// Why a setting was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSetting {
    /// No setting has that name.
    #[error("there is no setting {0}; `cubby app set --help` lists them")]
    Unknown(String),
    /// The value is not one of this setting.
    #[error("{name} takes {wants}, not {value:?}")]
    Value {
        /// The setting.
        name: String,
        /// What it takes.
        wants: &'static str,
        /// What was given.
        value: String,
    },
}

/// One row of the table of settings.
pub struct Setting {
    /// Its name, as in `cubby app set NAME=VALUE`; `call_rate` may be followed by `.` and a command.
    pub name: &'static str,
    /// What it takes, in words.
    pub takes: &'static str,
    /// What it is for.
    pub about: &'static str,
    read: fn(&Settings) -> String,
    write: fn(&mut Settings, &str) -> bool,
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The most administrators an application has (269/1519).
const ADMINISTRATORS_MAX: usize = 10;
/// The greatest rate; more than one machine serves, so it is as good as off.
const RATE_MAX: u32 = 1_000_000;

/// A limit and the most that it may be set to, so that no page, list or reply grows beyond what one request can carry.
macro_rules! limit {
    ($name:literal, $field:ident, $max:literal, $about:literal) => {
        Setting {
            name: concat!("limit.", $name),
            takes: concat!("a number from 1 to ", $max),
            about: $about,
            read: |s| s.limits.$field.to_string(),
            write: |s, value| number(value, $max).filter(|n| *n > 0).is_some_and(|n| set(&mut s.limits.$field, n)),
        }
    };
}

/// All settings but the call rates of single commands, in the order in which they are shown.
pub static SETTINGS: &[Setting] = &[
    Setting {
        name: "edition",
        takes: "trial, pro, ultimate or enterprise",
        about: "the edition whose features the application has",
        read: |s| s.edition.as_str().to_owned(),
        write: |s, value| Edition::parse(value).is_some_and(|edition| set(&mut s.edition, edition)),
    },
    Setting {
        name: "profile",
        takes: "2023 or 2026",
        about: "the year of the documentation: sets the limits that differ; set single limits after it",
        read: |s| s.profile.as_str().to_owned(),
        write: |s, value| Profile::parse(value).is_some_and(|profile| s.play(profile)),
    },
    Setting {
        name: "administrators",
        takes: "1 to 10 UserIDs with commas between",
        about: "who may call the API",
        read: |s| s.administrators.iter().map(UserId::as_str).collect::<Vec<_>>().join(","),
        write: |s, value| administrators(value).is_some_and(|list| set(&mut s.administrators, list)),
    },
    Setting {
        name: "users",
        takes: "here or elsewhere",
        about: "where the directory of users is kept; elsewhere: every well-formed UserID exists",
        read: |s| kept_word(s.users).to_owned(),
        write: |s, value| kept(value).is_some_and(|at| set(&mut s.users, at)),
    },
    Setting {
        name: "chat_groups",
        takes: "here or elsewhere",
        about: "where the directory of chat groups is kept; elsewhere: every well-formed id exists",
        read: |s| kept_word(s.chat_groups).to_owned(),
        write: |s, value| kept(value).is_some_and(|at| set(&mut s.chat_groups, at)),
    },
    Setting {
        name: "total_call_rate",
        takes: "calls a second, 0 for off",
        about: "the rate of all commands together (60011)",
        read: |s| s.total_call_rate.to_string(),
        write: |s, value| rate(value).is_some_and(|n| set(&mut s.total_call_rate, n)),
    },
    Setting {
        name: "strict_query",
        takes: "true or false",
        about: "whether `random` must be a 32-bit unsigned number (60002)",
        read: |s| s.strict_query.to_string(),
        write: |s, value| value.parse().is_ok_and(|on| set(&mut s.strict_query, on)),
    },
    limit!("conversations", conversations, 1_000_000, "conversations in a user's data (51008)"),
    limit!("grouped_conversations", grouped_conversations, 1_000_000, "conversations in contact groups (51008)"),
    limit!("marked_conversations", marked_conversations, 1_000_000, "conversations with marks (51008)"),
    limit!("contact_groups", contact_groups, 1000, "contact groups of a user (51010)"),
    limit!("contact_group_name_bytes", contact_group_name_bytes, 255, "bytes of a contact group's name (51011)"),
    limit!("conversations_per_update", conversations_per_update, 1000, "conversations in one create or update (51006)"),
    limit!("conversations_per_mark", conversations_per_mark, 1000, "conversations in one mark_contact (51006)"),
    limit!("conversations_per_search", conversations_per_search, 1000, "conversations in one search (50002)"),
    limit!("conversations_per_page", conversations_per_page, 1000, "conversations in one page of get_contact_group"),
    limit!("custom_mark_bytes", custom_mark_bytes, 4096, "bytes of a custom mark (item 50002)"),
    limit!("user_id_bytes", user_id_bytes, 255, "bytes of a UserID"),
    limit!("profile_bytes", profile_bytes, 4096, "bytes of Nick and of FaceUrl"),
    limit!("accounts_per_call", accounts_per_call, 1000, "accounts in one account command (70206)"),
    limit!("chat_group_id_bytes", chat_group_id_bytes, 255, "bytes of a chat group's id"),
    limit!("chat_group_name_bytes", chat_group_name_bytes, 1000, "bytes of a chat group's name"),
    limit!("chat_group_members", chat_group_members, 1_000_000, "members of a chat group (10014)"),
    limit!("members_per_create", members_per_create, 1000, "members given to create_group (10005)"),
    limit!("members_per_add", members_per_add, 1000, "members given to add_group_member (10005)"),
    limit!("members_per_delete", members_per_delete, 1000, "members given to delete_group_member (10005)"),
    Setting {
        name: "limit.recent_contacts",
        takes: "a number from 1 to 10000, or 0 for that of the edition",
        about: "recent contacts in the list; those beyond are kept and come back",
        read: |s| s.limits.recent_contacts.to_string(),
        write: |s, value| number(value, 10_000).is_some_and(|n| set(&mut s.limits.recent_contacts, n)),
    },
    limit!("recent_contacts_per_page", recent_contacts_per_page, 1000, "recent contacts in one page of get_list"),
    limit!("pins", pins, 1000, "pinned conversations of a user (51012)"),
    limit!("pins_per_call", pins_per_call, 1000, "conversations in one top (50002)"),
    limit!("message_seconds", message_seconds, 31_622_400, "seconds after which the last message is gone"),
    limit!("message_bytes", message_bytes, 524_288, "bytes of a MsgBody (80002, 90055)"),
    limit!("users_per_message", users_per_message, 1000, "users in one batchsendmsg (90011)"),
    limit!("members_per_message", members_per_message, 1000, "members to whom alone a message goes"),
    limit!("messages_per_import", messages_per_import, 100, "messages in one import_group_msg"),
    limit!("users_per_unread", users_per_unread, 100, "users in one get_c2c_unread_msg_num (90018)"),
    limit!("chat_groups_per_info", chat_groups_per_info, 1000, "chat groups in one get_group_info"),
    limit!("chat_groups_per_page", chat_groups_per_page, 10_000, "chat groups in one page of get_appid_group_list"),
    limit!("joined_per_page", joined_per_page, 10_000, "chat groups in one page of get_joined_group_list"),
];

const CALL_RATE: &str = "call_rate";

impl Settings {
    /// Sets one setting by its name.
    ///
    /// # Errors
    /// An unknown name, or a value that the setting does not take. Nothing is changed then.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), BadSetting> {
        let bad = |wants| BadSetting::Value { name: name.to_owned(), wants, value: value.to_owned() };
        if name == CALL_RATE || name.starts_with("call_rate.") {
            let command = name.strip_prefix("call_rate.").unwrap_or("*").to_owned();
            if value == "default" {
                self.call_rates.remove(&command);
            } else {
                let rate = rate(value).ok_or_else(|| bad("calls a second, 0 for off, or default"))?;
                self.call_rates.insert(command, rate);
            }
            return Ok(());
        }
        let setting = SETTINGS.iter().find(|s| s.name == name).ok_or_else(|| BadSetting::Unknown(name.to_owned()))?;
        if (setting.write)(self, value) { Ok(()) } else { Err(bad(setting.takes)) }
    }

    /// Every setting with its value, in the words that [`Self::set`] takes.
    pub fn entries(&self) -> Vec<(String, String)> {
        let rates = self.call_rates.iter().map(|(command, rate)| {
            let name = if command == "*" { CALL_RATE.to_owned() } else { format!("{CALL_RATE}.{command}") };
            (name, rate.to_string())
        });
        SETTINGS.iter().map(|s| (s.name.to_owned(), (s.read)(self))).chain(rates).collect()
    }

    fn play(&mut self, profile: Profile) -> bool {
        profile.set_limits(&mut self.limits);
        set(&mut self.profile, profile)
    }

    /// Whether the edition has contact groups and standard marks (else 51013).
    pub fn has_contact_groups(&self) -> bool {
        match self.edition {
            Edition::Trial => false,
            Edition::Pro => self.profile == Profile::Y2026,
            Edition::Ultimate | Edition::Enterprise => true,
        }
    }

    /// How many recent contacts the list has: 100, or 500 in an edition that has contact groups, unless it is set.
    pub fn recent_contacts(&self) -> u64 {
        match self.limits.recent_contacts {
            0 if self.has_contact_groups() => 500,
            0 => 100,
            set => set,
        }
    }

    /// Whether that account is an administrator.
    pub fn is_administrator(&self, user: &str) -> bool {
        self.administrators.iter().any(|one| one.as_str() == user)
    }

    /// The rate of a command, in calls a second; 0 is off.
    pub fn call_rate(&self, command: &str, documented: u32) -> u32 {
        self.call_rates.get(command).or_else(|| self.call_rates.get("*")).copied().unwrap_or(documented)
    }
}

fn set<T>(field: &mut T, value: T) -> bool {
    *field = value;
    true
}

fn number(value: &str, max: u64) -> Option<u64> {
    let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    value.parse().ok().filter(|n| digits && *n <= max)
}

fn rate(value: &str) -> Option<u32> {
    number(value, RATE_MAX.into()).and_then(|n| n.try_into().ok())
}

fn kept(value: &str) -> Option<DirectoryKept> {
    match value {
        "here" => Some(DirectoryKept::Here),
        "elsewhere" => Some(DirectoryKept::Elsewhere),
        _ => None,
    }
}

fn kept_word(kept: DirectoryKept) -> &'static str {
    match kept {
        DirectoryKept::Here => "here",
        DirectoryKept::Elsewhere => "elsewhere",
    }
}

fn administrators(value: &str) -> Option<Vec<UserId>> {
    let list: Vec<UserId> = value.split(',').map(UserId::new).collect::<Result<_, _>>().ok()?;
    (list.len() <= ADMINISTRATORS_MAX).then_some(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_can_be_set() {
        let mut changed = Settings::default();
        for (name, value) in [
            ("edition", "trial"),
            ("administrators", "root,admin"),
            ("users", "elsewhere"),
            ("chat_groups", "elsewhere"),
            ("call_rate", "0"),
            ("call_rate.recentcontact/mark_contact", "7"),
            ("total_call_rate", "9"),
            ("strict_query", "true"),
            ("limit.conversations", "5"),
            ("limit.contact_group_name_bytes", "64"),
            ("limit.recent_contacts", "7"),
        ] {
            changed.set(name, value).unwrap();
        }
        let mut again = Settings::default();
        for (name, value) in changed.entries() {
            again.set(&name, &value).unwrap();
        }
        assert_eq!(again, changed);
        assert_eq!(changed.call_rate("recentcontact/mark_contact", 200), 7);
        assert_eq!(changed.call_rate("recentcontact/get_contact_group", 200), 0);
    }

    #[test]
    fn what_is_not_taken_changes_nothing() {
        let mut settings = Settings::default();
        for (name, value) in [
            ("edition", "gold"),
            ("administrators", ""),
            ("administrators", "a,,b"),
            ("administrators", "1,2,3,4,5,6,7,8,9,10,11"),
            ("users", "there"),
            ("call_rate", "-1"),
            ("strict_query", "yes"),
            ("limit.conversations", "0"),
            ("limit.conversations", "+5"),
            ("limit.contact_group_name_bytes", "256"),
            ("limit.nothing", "1"),
        ] {
            assert!(settings.set(name, value).is_err(), "{name}={value}");
        }
        assert_eq!(settings, Settings::default());
    }

    fn numbers(settings: &Settings) -> (u64, u64, u64, u64) {
        let limits = &settings.limits;
        let apart = (limits.grouped_conversations, limits.marked_conversations);
        (limits.conversations, apart.0, apart.1, limits.contact_group_name_bytes)
    }

    #[test]
    fn r_090_a_profile_sets_the_limits_that_differ_and_single_ones_can_be_set_after_it() {
        let mut settings = Settings::default();
        let of_2023 = numbers(&settings);
        assert_eq!(of_2023, (1000, UNLIMITED, UNLIMITED, 32));
        settings.set("limit.pins", "7").unwrap();
        settings.set("limit.conversations", "5").unwrap();
        settings.set("profile", "2026").unwrap();
        assert_eq!(numbers(&settings), (UNLIMITED, 1000, 1000, 64));
        assert_eq!(settings.limits.pins, 7, "a limit that does not differ stays");
        settings.set("limit.marked_conversations", "9").unwrap();
        assert_eq!(numbers(&settings), (UNLIMITED, 1000, 9, 64));
        settings.set("profile", "2023").unwrap();
        assert_eq!(numbers(&settings), of_2023);
        assert!(settings.set("profile", "2024").is_err());
    }

    #[test]
    fn r_090_a_limit_set_after_the_profile_is_kept_as_it_is_shown() {
        let mut changed = Settings::default();
        changed.set("profile", "2026").unwrap();
        changed.set("limit.contact_group_name_bytes", "48").unwrap();
        changed.set("limit.conversations", "500").unwrap();
        let mut again = Settings::default();
        for (name, value) in changed.entries() {
            again.set(&name, &value).unwrap();
        }
        assert_eq!(again, changed);
    }

    #[test]
    fn r_081_the_list_has_100_or_in_an_edition_with_contact_groups_500_unless_it_is_set() {
        let of = |edition, profile| Settings { edition, profile, ..Settings::default() };
        for (edition, of_2023, of_2026) in [
            (Edition::Trial, 100, 100),
            (Edition::Pro, 100, 500),
            (Edition::Ultimate, 500, 500),
            (Edition::Enterprise, 500, 500),
        ] {
            for (profile, number) in [(Profile::Y2023, of_2023), (Profile::Y2026, of_2026)] {
                let mut settings = of(edition, profile);
                assert_eq!(settings.recent_contacts(), number, "{edition:?} {profile:?}");
                assert_eq!(settings.has_contact_groups(), number == 500);
                settings.set("limit.recent_contacts", "3").unwrap();
                assert_eq!(settings.recent_contacts(), 3);
            }
        }
    }
}
