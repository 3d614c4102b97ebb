//! The values of the embedded engine, both ways. Each begins with its version and, in a user's data, the version of the user that wrote
//! it. A reader accepts every version that was ever released.

use super::keys;
use cubby_domain::{
    Account, Application, ApplicationKey, ChatGroup, ContactGroup, ContactGroupId, ContactGroupName, Conversation,
    ConversationId, CustomMark, Directory, Head, LastMessage, MarkSet, Member, Pin, Pins, RecentContact, SdkAppId,
    Settings, Timestamp, UserId,
};

/// The versions of values: heads, chat groups and members have a second one, which format 2 began.
const V1: u64 = 1;
const V2: u64 = 2;

/// Writes numbers as LEB128 and texts with their length before them.
struct Writer(Vec<u8>);

impl Writer {
    fn new() -> Self {
        Self::of_version(V1)
    }

    fn of_version(version: u64) -> Self {
        let mut writer = Self(Vec::with_capacity(64));
        writer.number(version);
        writer
    }

    fn number(&mut self, mut n: u64) {
        loop {
            let byte = u8::try_from(n & 0x7f).unwrap_or_default();
            n >>= 7;
            if n == 0 {
                self.0.push(byte);
                return;
            }
            self.0.push(byte | 0x80);
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn optional(&mut self, text: Option<&str>) {
        self.number(u64::from(text.is_some()));
        if let Some(text) = text {
            self.text(text);
        }
    }
}

/// Reads what [`Writer`] wrote; `None` where it is something else.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        Self::of_versions(bytes).and_then(|(version, reader)| (version == V1).then_some(reader))
    }

    /// Reads the version of a value that has two.
    fn of_versions(bytes: &'a [u8]) -> Option<(u64, Self)> {
        let mut reader = Self(bytes);
        let version = reader.number()?;
        (V1..=V2).contains(&version).then_some((version, reader))
    }

    fn number(&mut self) -> Option<u64> {
        let mut n = 0_u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            let part = u64::from(byte & 0x7f);
            if part.checked_shl(shift)? >> shift != part {
                return None;
            }
            n |= part << shift;
            if byte & 0x80 == 0 {
                return Some(n);
            }
        }
        None
    }

    fn flag(&mut self) -> Option<bool> {
        match self.number()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    #[expect(clippy::option_option, reason = "the outer one is whether it could be read, as in every method here")]
    fn optional(&mut self) -> Option<Option<&'a str>> {
        if self.flag()? { Some(Some(self.text()?)) } else { Some(None) }
    }

    /// Reads a list that has its length before it.
    fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let length = self.number()?;
        (0..length).map(|_| one(self)).collect()
    }

    /// The value, where nothing is left over.
    fn whole<T>(&self, value: T) -> Option<T> {
        self.0.is_empty().then_some(value)
    }
}

/// A user's head with the user's version: how often the user's data was changed. It survives the user, so that it never starts again.
pub(super) struct VersionedHead {
    pub(super) version: u64,
    /// `None` is the tombstone of a deleted user.
    pub(super) head: Option<Head>,
    /// Whether the head says how many conversations are in contact groups and how many bear marks: those of format 1 do not.
    pub(super) counted: bool,
}

pub(super) fn write_head(version: u64, head: Option<&Head>) -> Vec<u8> {
    let mut out = Writer::of_version(V2);
    out.number(version);
    out.number(u64::from(head.is_some()));
    let Some(head) = head else { return out.0 };
    out.number(u64::from(head.account.is_some()));
    if let Some(account) = &head.account {
        out.text(&account.nick);
        out.text(&account.face_url);
    }
    for n in [head.contact_group_id, head.entered, head.conversations, head.updated.0] {
        out.number(n);
    }
    out.number(head.contact_groups.len() as u64);
    for group in &head.contact_groups {
        out.number(group.id.0);
        out.text(group.name.as_str());
    }
    for n in [head.grouped, head.marked, head.unread] {
        out.number(n);
    }
    out.0
}

pub(super) fn read_head(bytes: &[u8]) -> Option<VersionedHead> {
    let (of, mut from) = Reader::of_versions(bytes)?;
    let version = from.number()?;
    if !from.flag()? {
        return from.whole(VersionedHead { version, head: None, counted: true });
    }
    let account =
        if from.flag()? { Some(Account { nick: from.text()?.into(), face_url: from.text()?.into() }) } else { None };
    let (contact_group_id, entered, conversations) = (from.number()?, from.number()?, from.number()?);
    let updated = Timestamp(from.number()?);
    let contact_groups = from.list(|from| {
        let id = ContactGroupId(from.number()?);
        Some(ContactGroup { id, name: ContactGroupName::new(from.text()?).ok()? })
    })?;
    let counted = of > V1;
    let (grouped, marked, unread) =
        if counted { (from.number()?, from.number()?, from.number()?) } else { Default::default() };
    let head =
        Head { account, contact_groups, contact_group_id, entered, conversations, grouped, marked, updated, unread };
    from.whole(VersionedHead { version, head: Some(head), counted })
}

/// A conversation's record; its place in the order of entry is in its key.
pub(super) fn write_conversation(version: u64, id: &ConversationId, one: &Conversation) -> Vec<u8> {
    let mut out = Writer::new();
    out.number(version);
    let mut name = Vec::with_capacity(64);
    keys::push_conversation(&mut name, id);
    out.bytes(&name);
    out.number(one.contact_groups.len() as u64);
    for group in &one.contact_groups {
        out.number(group.0);
    }
    out.number(one.marks.0);
    out.optional(one.custom_mark.as_ref().map(CustomMark::as_str));
    out.number(one.updated.0);
    out.0
}

pub(super) fn read_conversation(bytes: &[u8], entered: u64) -> Option<(u64, ConversationId, Conversation)> {
    let mut from = Reader::new(bytes)?;
    let version = from.number()?;
    let id = keys::read_conversation(from.bytes()?)?;
    let contact_groups = from.list(|from| from.number().map(ContactGroupId))?;
    let marks = MarkSet(from.number()?);
    let custom_mark = match from.optional()? {
        Some(text) => Some(CustomMark::new(text).ok()?),
        None => None,
    };
    let updated = Timestamp(from.number()?);
    from.whole((version, id, Conversation { entered, contact_groups, marks, custom_mark, updated }))
}

fn write_message(out: &mut Writer, message: Option<&LastMessage>) {
    out.number(u64::from(message.is_some()));
    if let Some(message) = message {
        for n in [message.time.0, message.sequence, message.random, message.expires.0] {
            out.number(n);
        }
    }
}

#[expect(clippy::option_option, reason = "the outer one is whether it could be read, as in every method here")]
fn read_message(from: &mut Reader<'_>) -> Option<Option<LastMessage>> {
    if !from.flag()? {
        return Some(None);
    }
    let (time, sequence, random) = (Timestamp(from.number()?), from.number()?, from.number()?);
    Some(Some(LastMessage { time, sequence, random, expires: Timestamp(from.number()?) }))
}

pub(super) fn write_recent(version: u64, one: &RecentContact) -> Vec<u8> {
    let mut out = Writer::new();
    out.number(version);
    write_message(&mut out, one.last.as_ref());
    for n in [one.unread, one.arrived.0, one.deleted, one.read] {
        out.number(n);
    }
    out.0
}

pub(super) fn read_recent(bytes: &[u8]) -> Option<(u64, RecentContact)> {
    let mut from = Reader::new(bytes)?;
    let version = from.number()?;
    let last = read_message(&mut from)?;
    let (unread, arrived) = (from.number()?, Timestamp(from.number()?));
    let (deleted, read) = (from.number()?, from.number()?);
    from.whole((version, RecentContact { last, unread, arrived, deleted, read }))
}

pub(super) fn write_pins(version: u64, pins: &Pins) -> Vec<u8> {
    let mut out = Writer::new();
    out.number(version);
    out.number(pins.given);
    out.number(pins.list.len() as u64);
    for pin in &pins.list {
        out.number(pin.number);
        let mut id = Vec::with_capacity(64);
        keys::push_conversation(&mut id, &pin.id);
        out.bytes(&id);
    }
    out.0
}

pub(super) fn read_pins(bytes: &[u8]) -> Option<(u64, Pins)> {
    let mut from = Reader::new(bytes)?;
    let (version, given) = (from.number()?, from.number()?);
    let list = from.list(|from| Some(Pin { number: from.number()?, id: keys::read_conversation(from.bytes()?)? }))?;
    from.whole((version, Pins { given, list }))
}

/// A bare number: a place in an order.
pub(super) fn write_number(n: u64) -> Vec<u8> {
    let mut out = Writer::new();
    out.number(n);
    out.0
}

pub(super) fn read_number(bytes: &[u8]) -> Option<u64> {
    let mut from = Reader::new(bytes)?;
    let n = from.number()?;
    from.whole(n)
}

pub(super) fn write_chat_group(one: &ChatGroup) -> Vec<u8> {
    let mut out = Writer::of_version(V2);
    out.number(one.sequence);
    out.text(&one.kind);
    out.text(&one.name);
    out.optional(one.owner.as_ref().map(UserId::as_str));
    for n in [one.created.0, one.members, one.members_max, one.messages] {
        out.number(n);
    }
    write_message(&mut out, one.last.as_ref());
    out.0
}

pub(super) fn read_chat_group(bytes: &[u8]) -> Option<ChatGroup> {
    let (of, mut from) = Reader::of_versions(bytes)?;
    let (sequence, kind, name) = (from.number()?, from.text()?.into(), from.text()?.into());
    let owner = match from.optional()? {
        Some(text) => Some(UserId::new(text).ok()?),
        None => None,
    };
    let created = Timestamp(from.number()?);
    let (members, members_max) = (from.number()?, from.number()?);
    let (messages, last) = if of > V1 { (from.number()?, read_message(&mut from)?) } else { (0, None) };
    from.whole(ChatGroup { sequence, kind, name, owner, created, members, members_max, messages, last })
}

pub(super) fn write_member(one: Member) -> Vec<u8> {
    let mut out = Writer::of_version(V2);
    out.number(u64::from(one.owner));
    out.number(one.joined.0);
    out.number(one.since);
    out.0
}

pub(super) fn read_member(bytes: &[u8]) -> Option<Member> {
    let (of, mut from) = Reader::of_versions(bytes)?;
    let (owner, joined) = (from.flag()?, Timestamp(from.number()?));
    let member = Member { owner, joined, since: if of > V1 { from.number()? } else { 0 } };
    from.whole(member)
}

pub(super) fn write_directory(one: Directory) -> Vec<u8> {
    let mut out = Writer::new();
    out.number(one.sequence);
    out.number(one.chat_groups);
    out.0
}

pub(super) fn read_directory(bytes: &[u8]) -> Option<Directory> {
    let mut from = Reader::new(bytes)?;
    let directory = Directory { sequence: from.number()?, chat_groups: from.number()? };
    from.whole(directory)
}

pub(super) fn write_application(one: &Application) -> Vec<u8> {
    let mut out = Writer::new();
    out.number(one.id.0);
    out.number(u64::from(one.disabled));
    out.number(one.keys.len() as u64);
    for key in &one.keys {
        out.text(&key.text);
        out.number(key.added.0);
    }
    let entries = one.settings.entries();
    out.number(entries.len() as u64);
    for (name, value) in entries {
        out.text(&name);
        out.text(&value);
    }
    out.0
}

pub(super) fn read_application(bytes: &[u8]) -> Option<Application> {
    let mut from = Reader::new(bytes)?;
    let id = SdkAppId(from.number()?);
    let disabled = from.flag()?;
    let keys = from.list(|from| {
        let text = from.text()?.into();
        Some(ApplicationKey { text, added: Timestamp(from.number()?) })
    })?;
    let mut settings = Settings::default();
    from.list(|from| {
        let (name, value) = (from.text()?, from.text()?);
        settings.set(name, value).ok()
    })?;
    from.whole(Application { id, keys, disabled, settings })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> ContactGroupName {
        ContactGroupName::new(text).unwrap()
    }

    /// Bytes of format 2, written down: a change that breaks them breaks every store there is.
    #[test]
    fn golden_bytes() {
        let head = Head {
            account: Some(Account { nick: "n".into(), face_url: "".into() }),
            contact_groups: vec![ContactGroup { id: ContactGroupId(2), name: name("x") }],
            contact_group_id: 2,
            entered: 300,
            conversations: 1,
            grouped: 1,
            marked: 0,
            updated: Timestamp(5),
            unread: 7,
        };
        assert_eq!(write_head(9, Some(&head)), [2, 9, 1, 1, 1, b'n', 0, 2, 0xac, 2, 1, 5, 1, 2, 1, b'x', 1, 0, 7]);
        assert_eq!(write_head(9, None), [2, 9, 0]);
        let one = Conversation {
            entered: 4,
            contact_groups: vec![ContactGroupId(2)],
            marks: MarkSet(5),
            custom_mark: Some(CustomMark::new("m").unwrap()),
            updated: Timestamp(6),
        };
        let id = ConversationId::User(UserId::new("p").unwrap());
        assert_eq!(write_conversation(9, &id, &one), [1, 9, 2, 1, b'p', 1, 2, 5, 1, 1, b'm', 6]);
        assert_eq!(write_member(Member { owner: true, joined: Timestamp(3), since: 4 }), [2, 1, 3, 4]);
        let last = LastMessage { time: Timestamp(3), sequence: 4, random: 300, expires: Timestamp(5) };
        let recent = RecentContact { last: Some(last), unread: 6, arrived: Timestamp(10), deleted: 7, read: 8 };
        assert_eq!(write_recent(9, &recent), [1, 9, 1, 3, 4, 0xac, 2, 5, 6, 10, 7, 8]);
        let pins = Pins { given: 3, list: vec![Pin { number: 2, id: id.clone() }] };
        assert_eq!(write_pins(9, &pins), [1, 9, 3, 1, 2, 2, 1, b'p']);
        let chat_group = ChatGroup {
            sequence: 1,
            kind: "k".into(),
            name: "n".into(),
            owner: None,
            created: Timestamp(2),
            members: 3,
            members_max: 4,
            messages: 5,
            last: None,
        };
        assert_eq!(write_chat_group(&chat_group), [2, 1, 1, b'k', 1, b'n', 0, 2, 3, 4, 5, 0]);
        assert_eq!(write_directory(Directory { sequence: 8, chat_groups: 7 }), [1, 8, 7]);
    }

    /// Bytes of format 1, which are never written again and always read.
    #[test]
    fn golden_bytes_of_format_1_are_read() {
        let read = read_head(&[1, 9, 1, 1, 1, b'n', 0, 2, 0xac, 2, 1, 5, 1, 2, 1, b'x']).unwrap();
        let head = read.head.unwrap();
        assert_eq!((read.version, read.counted, head.conversations, head.grouped), (9, false, 1, 0));
        assert!(read_head(&[1, 9, 0]).unwrap().head.is_none());
        assert_eq!(read_member(&[1, 1, 3]), Some(Member { owner: true, joined: Timestamp(3), since: 0 }));
        let chat_group = read_chat_group(&[1, 1, 1, b'k', 1, b'n', 0, 2, 3, 4]).unwrap();
        assert_eq!((chat_group.members_max, chat_group.messages, chat_group.last), (4, 0, None));
        assert!(read_member(&[3, 1, 3, 4]).is_none(), "a version that is not known");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(version: u64, entered: u64, marks: u64, updated: u64, text in ".{1,300}", groups: Vec<u64>) {
            let one = Conversation {
                entered,
                contact_groups: groups.into_iter().map(ContactGroupId).collect(),
                marks: MarkSet(marks),
                custom_mark: CustomMark::new(&text).ok(),
                updated: Timestamp(updated),
            };
            let id = ConversationId::User(UserId::new("p").unwrap());
            let bytes = write_conversation(version, &id, &one);
            prop_assert_eq!(read_conversation(&bytes, entered), Some((version, id, one)));
        }

        #[test]
        fn what_is_cut_off_or_altered_is_not_read_as_more_than_was_written(bytes: Vec<u8>) {
            // Nothing to compare with: that none of them panics or allocates without bound is what is held here.
            let _ = (read_head(&bytes).is_some(), read_conversation(&bytes, 1).is_some(), read_chat_group(&bytes).is_some());
            let _ = (read_recent(&bytes).is_some(), read_pins(&bytes).is_some());
            let _ = (read_member(&bytes).is_some(), read_directory(&bytes).is_some(), read_application(&bytes).is_some());
        }
    }

    #[test]
    fn an_application_is_read_as_it_was_written() {
        let mut settings = Settings::default();
        settings.set("call_rate.recentcontact/top", "3").unwrap();
        settings.set("edition", "pro").unwrap();
        let keys = vec![ApplicationKey { text: "k".into(), added: Timestamp(1) }];
        let one = Application { id: SdkAppId(14), keys, disabled: true, settings };
        assert_eq!(read_application(&write_application(&one)), Some(one));
    }
}
