//! The records as the JSON of their rows, both ways. What is empty is left out. A field that this version does not know is refused and
//! never dropped: the record was written by a later version, and would lose it with the next change.

use super::names;
use cubby_domain::{
    Account, Application, ApplicationKey, ChatGroup, ContactGroup, ContactGroupId, ContactGroupName, Conversation,
    CustomMark, Directory, Head, LastMessage, MarkSet, Member, Pin, Pins, RecentContact, SdkAppId, Settings, Timestamp,
    UserId,
};
use serde::{Deserialize, Serialize};

/// A record that has a JSON form of its own.
pub(super) trait Value: Sized {
    /// What is wrong where it cannot be read.
    const NAME: &'static str;
    /// The record's JSON.
    fn write(&self) -> Vec<u8>;
    /// The record; `None` where the JSON is something else.
    fn read(json: &[u8]) -> Option<Self>;
}

fn json<T: Serialize>(value: &T) -> Vec<u8> {
    // Numbers, texts, lists and maps with text keys: nothing of it can fail to be written.
    serde_json::to_vec(value).unwrap_or_default()
}

fn of<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Option<T> {
    serde_json::from_slice(json).ok()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountJson {
    #[serde(default, skip_serializing_if = "str::is_empty")]
    nick: Box<str>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    face_url: Box<str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ContactGroupJson {
    id: u64,
    name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct HeadJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<AccountJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    contact_groups: Vec<ContactGroupJson>,
    #[serde(skip_serializing_if = "is_zero")]
    contact_group_id: u64,
    #[serde(skip_serializing_if = "is_zero")]
    entered: u64,
    #[serde(skip_serializing_if = "is_zero")]
    conversations: u64,
    #[serde(skip_serializing_if = "is_zero")]
    grouped: u64,
    #[serde(skip_serializing_if = "is_zero")]
    marked: u64,
    #[serde(skip_serializing_if = "is_zero")]
    unread: u64,
    #[serde(skip_serializing_if = "is_zero")]
    updated: u64,
}

impl Value for Head {
    const NAME: &'static str = "a head";

    fn write(&self) -> Vec<u8> {
        let Self {
            account,
            contact_groups,
            contact_group_id,
            entered,
            conversations,
            grouped,
            marked,
            updated,
            unread,
        } = self.clone();
        json(&HeadJson {
            account: account.map(|Account { nick, face_url }| AccountJson { nick, face_url }),
            contact_groups: contact_groups
                .into_iter()
                .map(|one| ContactGroupJson { id: one.id.0, name: one.name.as_str().to_owned() })
                .collect(),
            contact_group_id,
            entered,
            conversations,
            grouped,
            marked,
            unread,
            updated: updated.0,
        })
    }

    fn read(json: &[u8]) -> Option<Self> {
        let head: HeadJson = of(json)?;
        let group = |one: ContactGroupJson| {
            Some(ContactGroup { id: ContactGroupId(one.id), name: ContactGroupName::new(&one.name).ok()? })
        };
        Some(Self {
            account: head.account.map(|AccountJson { nick, face_url }| Account { nick, face_url }),
            contact_groups: head.contact_groups.into_iter().map(group).collect::<Option<_>>()?,
            contact_group_id: head.contact_group_id,
            entered: head.entered,
            conversations: head.conversations,
            grouped: head.grouped,
            marked: head.marked,
            updated: Timestamp(head.updated),
            unread: head.unread,
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConversationJson {
    entered: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<u64>,
    #[serde(default, skip_serializing_if = "is_zero")]
    marks: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    custom: Option<String>,
    updated: u64,
}

impl Value for Conversation {
    const NAME: &'static str = "a conversation";

    fn write(&self) -> Vec<u8> {
        json(&ConversationJson {
            entered: self.entered,
            groups: self.contact_groups.iter().map(|group| group.0).collect(),
            marks: self.marks.0,
            custom: self.custom_mark.as_ref().map(|mark| mark.as_str().to_owned()),
            updated: self.updated.0,
        })
    }

    fn read(json: &[u8]) -> Option<Self> {
        let one: ConversationJson = of(json)?;
        Some(Self {
            entered: one.entered,
            contact_groups: one.groups.into_iter().map(ContactGroupId).collect(),
            marks: MarkSet(one.marks),
            custom_mark: one.custom.map(|text| CustomMark::new(&text)).transpose().ok()?,
            updated: Timestamp(one.updated),
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageJson {
    time: u64,
    sequence: u64,
    random: u64,
    expires: u64,
}

impl From<LastMessage> for MessageJson {
    fn from(LastMessage { time, sequence, random, expires }: LastMessage) -> Self {
        Self { time: time.0, sequence, random, expires: expires.0 }
    }
}

impl From<MessageJson> for LastMessage {
    fn from(MessageJson { time, sequence, random, expires }: MessageJson) -> Self {
        Self { time: Timestamp(time), sequence, random, expires: Timestamp(expires) }
    }
}

#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RecentJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<MessageJson>,
    #[serde(skip_serializing_if = "is_zero")]
    unread: u64,
    #[serde(skip_serializing_if = "is_zero")]
    arrived: u64,
    #[serde(skip_serializing_if = "is_zero")]
    deleted: u64,
    #[serde(skip_serializing_if = "is_zero")]
    read: u64,
}

impl Value for RecentContact {
    const NAME: &'static str = "a recent contact";

    fn write(&self) -> Vec<u8> {
        let Self { last, unread, arrived, deleted, read } = *self;
        json(&RecentJson { last: last.map(Into::into), unread, arrived: arrived.0, deleted, read })
    }

    fn read(json: &[u8]) -> Option<Self> {
        let RecentJson { last, unread, arrived, deleted, read } = of(json)?;
        Some(Self { last: last.map(Into::into), unread, arrived: Timestamp(arrived), deleted, read })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PinJson {
    number: u64,
    id: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PinsJson {
    given: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    list: Vec<PinJson>,
}

impl Value for Pins {
    const NAME: &'static str = "the pins";

    fn write(&self) -> Vec<u8> {
        let pin = |pin: &Pin| PinJson { number: pin.number, id: names::conversation_text(&pin.id) };
        json(&PinsJson { given: self.given, list: self.list.iter().map(pin).collect() })
    }

    fn read(json: &[u8]) -> Option<Self> {
        let pins: PinsJson = of(json)?;
        let pin = |pin: PinJson| Some(Pin { number: pin.number, id: names::conversation_of(&pin.id)? });
        Some(Self { given: pins.given, list: pins.list.into_iter().map(pin).collect::<Option<_>>()? })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChatGroupJson {
    sequence: u64,
    kind: Box<str>,
    name: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    created: u64,
    members: u64,
    members_max: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    messages: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<MessageJson>,
}

impl Value for ChatGroup {
    const NAME: &'static str = "a chat group";

    fn write(&self) -> Vec<u8> {
        let Self { sequence, kind, name, owner, created, members, members_max, messages, last } = self.clone();
        json(&ChatGroupJson {
            sequence,
            kind,
            name,
            owner: owner.map(|owner| owner.as_str().to_owned()),
            created: created.0,
            members,
            members_max,
            messages,
            last: last.map(Into::into),
        })
    }

    fn read(json: &[u8]) -> Option<Self> {
        let ChatGroupJson { sequence, kind, name, owner, created, members, members_max, messages, last } = of(json)?;
        Some(Self {
            sequence,
            kind,
            name,
            owner: owner.map(|owner| UserId::new(&owner)).transpose().ok()?,
            created: Timestamp(created),
            members,
            members_max,
            messages,
            last: last.map(Into::into),
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MemberJson {
    #[serde(default, skip_serializing_if = "is_false")]
    owner: bool,
    joined: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    since: u64,
}

impl Value for Member {
    const NAME: &'static str = "a member";

    fn write(&self) -> Vec<u8> {
        json(&MemberJson { owner: self.owner, joined: self.joined.0, since: self.since })
    }

    fn read(json: &[u8]) -> Option<Self> {
        let MemberJson { owner, joined, since } = of(json)?;
        Some(Self { owner, joined: Timestamp(joined), since })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DirectoryJson {
    sequence: u64,
    chat_groups: u64,
}

impl Value for Directory {
    const NAME: &'static str = "a directory";

    fn write(&self) -> Vec<u8> {
        json(&DirectoryJson { sequence: self.sequence, chat_groups: self.chat_groups })
    }

    fn read(json: &[u8]) -> Option<Self> {
        let DirectoryJson { sequence, chat_groups } = of(json)?;
        Some(Self { sequence, chat_groups })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyJson {
    text: Box<str>,
    added: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ApplicationJson {
    id: u64,
    #[serde(default, skip_serializing_if = "is_false")]
    disabled: bool,
    keys: Vec<KeyJson>,
    /// Names and values in the order in which they are to be set.
    settings: Vec<(String, String)>,
}

impl Value for Application {
    const NAME: &'static str = "an application";

    fn write(&self) -> Vec<u8> {
        let keys = self.keys.iter().map(|key| KeyJson { text: key.text.clone(), added: key.added.0 });
        json(&ApplicationJson {
            id: self.id.0,
            disabled: self.disabled,
            keys: keys.collect(),
            settings: self.settings.entries(),
        })
    }

    fn read(json: &[u8]) -> Option<Self> {
        let ApplicationJson { id, disabled, keys, settings: entries } = of(json)?;
        let mut settings = Settings::default();
        for (name, value) in entries {
            settings.set(&name, &value).ok()?;
        }
        let keys = keys.into_iter().map(|KeyJson { text, added }| ApplicationKey { text, added: Timestamp(added) });
        Some(Self { id: SdkAppId(id), keys: keys.collect(), disabled, settings })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cubby_domain::{ChatGroupId, ConversationId};
    use proptest::prelude::*;

    fn text<V: Value>(value: &V) -> String {
        String::from_utf8(value.write()).unwrap()
    }

    /// The JSON of the records, written down: a change that breaks it breaks every database there is.
    #[test]
    fn golden_json() {
        let head = Head {
            account: Some(Account { nick: "n".into(), face_url: "".into() }),
            contact_groups: vec![ContactGroup { id: ContactGroupId(2), name: ContactGroupName::new("x").unwrap() }],
            contact_group_id: 2,
            entered: 300,
            conversations: 1,
            grouped: 1,
            marked: 0,
            updated: Timestamp(5),
            unread: 7,
        };
        assert_eq!(
            text(&head),
            r#"{"account":{"nick":"n"},"contact_groups":[{"id":2,"name":"x"}],"contact_group_id":2,"entered":300,"conversations":1,"grouped":1,"unread":7,"updated":5}"#
        );
        assert_eq!(text(&Head::default()), "{}");
        let conversation = Conversation {
            entered: 4,
            contact_groups: vec![ContactGroupId(2)],
            marks: MarkSet(5),
            custom_mark: Some(CustomMark::new("m\0").unwrap()),
            updated: Timestamp(6),
        };
        assert_eq!(text(&conversation), r#"{"entered":4,"groups":[2],"marks":5,"custom":"m\u0000","updated":6}"#);
        let last = LastMessage { time: Timestamp(1), sequence: 2, random: 3, expires: Timestamp(4) };
        let recent = RecentContact { last: Some(last), unread: 5, arrived: Timestamp(6), deleted: 7, read: 8 };
        assert_eq!(
            text(&recent),
            r#"{"last":{"time":1,"sequence":2,"random":3,"expires":4},"unread":5,"arrived":6,"deleted":7,"read":8}"#
        );
        let group = ConversationId::ChatGroup(ChatGroupId::new("g").unwrap());
        let pins = Pins { given: 9, list: vec![Pin { number: 3, id: group }] };
        assert_eq!(text(&pins), r#"{"given":9,"list":[{"number":3,"id":"gg"}]}"#);
        let chat_group = ChatGroup {
            sequence: 1,
            kind: "Public".into(),
            name: "g".into(),
            owner: Some(UserId::new("a").unwrap()),
            created: Timestamp(2),
            members: 3,
            members_max: 6000,
            messages: 4,
            last: Some(last),
        };
        assert_eq!(
            text(&chat_group),
            r#"{"sequence":1,"kind":"Public","name":"g","owner":"a","created":2,"members":3,"members_max":6000,"messages":4,"last":{"time":1,"sequence":2,"random":3,"expires":4}}"#
        );
        let member = Member { owner: true, joined: Timestamp(2), since: 3 };
        assert_eq!(text(&member), r#"{"owner":true,"joined":2,"since":3}"#);
        assert_eq!(text(&Directory { sequence: 1, chat_groups: 2 }), r#"{"sequence":1,"chat_groups":2}"#);
        let key = ApplicationKey { text: "k".into(), added: Timestamp(8) };
        let mut application =
            Application { id: SdkAppId(7), keys: vec![key], disabled: true, settings: Settings::default() };
        application.settings.set("profile", "2026").unwrap();
        application.settings.set("limit.conversations", "5").unwrap();
        assert!(
            text(&application).starts_with(r#"{"id":7,"disabled":true,"keys":[{"text":"k","added":8}],"settings":[["#)
        );
        assert_eq!(Application::read(&application.write()), Some(application), "settings are set in their order");
    }

    #[test]
    fn what_a_later_version_wrote_is_refused() {
        assert_eq!(Head::read(br#"{"entered":1,"folders":[]}"#), None);
        assert_eq!(Member::read(br#"{"joined":1,"muted":true}"#), None);
        assert_eq!(RecentContact::read(br#"{"last":{"time":1,"sequence":2,"random":3,"expires":4,"text":""}}"#), None);
        assert_eq!(Directory::read(b"{"), None);
    }

    proptest! {
        #[test]
        fn a_record_is_read_as_it_was_written(
            n in any::<[u64; 6]>(), name in "[^\u{1}]{1,20}", nick in ".{0,9}", account: bool, mark: bool, user: bool,
        ) {
            let group = ContactGroup { id: ContactGroupId(n[0]), name: ContactGroupName::new(&name).unwrap() };
            let head = Head {
                account: account.then(|| Account { nick: nick.clone().into(), face_url: name.clone().into() }),
                contact_groups: vec![group],
                contact_group_id: n[0],
                entered: n[1],
                conversations: n[2],
                grouped: n[3],
                marked: n[4],
                updated: Timestamp(n[5]),
                unread: n[1],
            };
            prop_assert_eq!(Head::read(&head.write()), Some(head));
            let conversation = Conversation {
                entered: n[0],
                contact_groups: n.map(ContactGroupId).to_vec(),
                marks: MarkSet(n[1]),
                custom_mark: mark.then(|| CustomMark::new(&name).unwrap()),
                updated: Timestamp(n[2]),
            };
            prop_assert_eq!(Conversation::read(&conversation.write()), Some(conversation));
            let last = LastMessage { time: Timestamp(n[0]), sequence: n[1], random: n[2], expires: Timestamp(n[3]) };
            let recent = RecentContact {
                last: mark.then_some(last), unread: n[4], arrived: Timestamp(n[5]), deleted: n[0], read: n[1],
            };
            prop_assert_eq!(RecentContact::read(&recent.write()), Some(recent));
            let id = if user {
                ConversationId::User(UserId::new(&name).unwrap())
            } else {
                ConversationId::ChatGroup(ChatGroupId::new(&name).unwrap())
            };
            let pins = Pins { given: n[0], list: vec![Pin { number: n[1], id }] };
            prop_assert_eq!(Pins::read(&pins.write()), Some(pins));
        }
    }
}
