//! The settings of an application as a form. What they are and take stands in one table of the rules, in English; the Chinese of it is here.

use crate::console::words::Lang;
use cubby_domain::{Edition, Profile, SETTINGS, Setting, Settings};
use cubby_protocol::openapi::Text;

/// A setting in a form.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) value: String,
    pub(super) about: &'static str,
    pub(super) takes: String,
    /// What it can be, where that is one of a few words.
    pub(super) choices: Vec<&'static str>,
}

/// The settings, and the limits among them.
pub(super) fn fields(settings: &Settings, lang: Lang) -> (Vec<Field>, Vec<Field>) {
    let values = settings.entries();
    let field = |setting: &'static Setting| Field {
        name: setting.name,
        value: values.iter().find(|(name, _)| name == setting.name).map(|(_, value)| value.clone()).unwrap_or_default(),
        about: about(setting, lang),
        takes: takes(setting, lang),
        choices: choices(setting.name),
    };
    SETTINGS.iter().map(field).partition(|field| !field.name.starts_with("limit."))
}

fn choices(name: &str) -> Vec<&'static str> {
    match name {
        "edition" => Edition::ALL.iter().map(|edition| edition.as_str()).collect(),
        "profile" => Profile::ALL.iter().map(|profile| profile.as_str()).collect(),
        "users" | "chat_groups" => vec!["here", "elsewhere"],
        "strict_query" => vec!["false", "true"],
        _ => Vec::new(),
    }
}

fn about(setting: &'static Setting, lang: Lang) -> &'static str {
    let zh = CHINESE.iter().find(|(name, _)| *name == setting.name).map_or(setting.about, |(_, zh)| zh);
    lang.say(Text { en: setting.about, zh })
}

fn takes(setting: &Setting, lang: Lang) -> String {
    let Lang::Zh = lang else { return setting.takes.to_owned() };
    match setting.name {
        "administrators" => "1 至 10 个 UserID，以逗号分隔".to_owned(),
        "total_call_rate" => "每秒调用次数，0 为不限".to_owned(),
        "limit.recent_contacts" => "1 至 10000，0 表示按版本".to_owned(),
        name if name.starts_with("limit.") => {
            let max = setting.takes.rsplit(' ').next().unwrap_or_default();
            format!("1 至 {max}")
        }
        _ => setting.takes.replace(" or ", " 或 ").replace(", ", "、"),
    }
}

/// What each setting is for.
const CHINESE: &[(&str, &str)] = &[
    ("edition", "应用版本，决定可用的功能"),
    ("profile", "所遵循文档的年份；会同时设置相应的配额"),
    ("administrators", "可以调用 API 的管理员帐号"),
    ("users", "用户目录的存放位置；elsewhere：任何合法的 UserID 都视为存在"),
    ("chat_groups", "群组目录的存放位置；elsewhere：任何合法的群组 ID 都视为存在"),
    ("total_call_rate", "所有接口合计的调用频率（60011）"),
    ("strict_query", "random 是否必须为 32 位无符号整数（60002）"),
    ("limit.conversations", "单个用户的会话数（51008）"),
    ("limit.grouped_conversations", "会话分组中的会话数（51008）"),
    ("limit.marked_conversations", "带标记的会话数（51008）"),
    ("limit.contact_groups", "单个用户的会话分组数（51010）"),
    ("limit.contact_group_name_bytes", "会话分组名的字节数（51011）"),
    ("limit.conversations_per_update", "一次创建或更新的会话数（51006）"),
    ("limit.conversations_per_mark", "一次 mark_contact 的会话数（51006）"),
    ("limit.conversations_per_search", "一次搜索的会话数（50002）"),
    ("limit.conversations_per_page", "get_contact_group 每页的会话数"),
    ("limit.custom_mark_bytes", "自定义标记的字节数（条目 50002）"),
    ("limit.user_id_bytes", "UserID 的字节数"),
    ("limit.profile_bytes", "Nick 与 FaceUrl 的字节数"),
    ("limit.accounts_per_call", "一次帐号接口的帐号数（70206）"),
    ("limit.chat_group_id_bytes", "群组 ID 的字节数"),
    ("limit.chat_group_name_bytes", "群组名称的字节数"),
    ("limit.chat_group_members", "群成员数（10014）"),
    ("limit.members_per_create", "create_group 一次给出的成员数（10005）"),
    ("limit.members_per_add", "add_group_member 一次给出的成员数（10005）"),
    ("limit.members_per_delete", "delete_group_member 一次给出的成员数（10005）"),
    ("limit.recent_contacts", "最近联系人列表的长度；超出部分仍保留，之后会重新出现"),
    ("limit.recent_contacts_per_page", "get_list 每页的最近联系人数"),
    ("limit.pins", "单个用户的置顶会话数（51012）"),
    ("limit.pins_per_call", "一次 top 的会话数（50002）"),
    ("limit.message_seconds", "最后一条消息的保留秒数"),
    ("limit.message_bytes", "MsgBody 的字节数（80002、90055）"),
    ("limit.users_per_message", "一次 batchsendmsg 的用户数（90011）"),
    ("limit.members_per_message", "群消息可指定的接收成员数"),
    ("limit.messages_per_import", "一次 import_group_msg 的消息数"),
    ("limit.users_per_unread", "一次 get_c2c_unread_msg_num 的用户数（90018）"),
    ("limit.chat_groups_per_info", "一次 get_group_info 的群组数"),
    ("limit.chat_groups_per_page", "get_appid_group_list 每页的群组数"),
    ("limit.joined_per_page", "get_joined_group_list 每页的群组数"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_told_in_chinese_and_no_other_is() {
        let names: Vec<_> = SETTINGS.iter().map(|setting| setting.name).collect();
        let told: Vec<_> = CHINESE.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, told);
    }

    #[test]
    fn a_setting_can_be_set_to_each_of_its_choices() {
        let (settings, limits) = fields(&Settings::default(), Lang::Zh);
        assert_eq!((settings.len() + limits.len(), limits[0].takes.as_str()), (SETTINGS.len(), "1 至 1000000"));
        for field in settings {
            assert!(field.choices.is_empty() || field.choices.contains(&field.value.as_str()), "{}", field.name);
            for choice in field.choices {
                Settings::default().set(field.name, choice).unwrap();
            }
        }
    }
}
