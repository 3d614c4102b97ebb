//! Seeds and what is refused of them, data that contradicts itself, and the changes from one state to another.

use super::*;
use crate::command::Context;
use crate::commands::{ChatGroupIdWanted, CreateChatGroup, CreateContactGroup, ReplaceApplicationState, SetUnread};
use crate::head::Account;
use crate::ids::{ContactGroupId, ContactGroupName, SdkAppId};
use crate::limits::Limits;
use crate::marks::CustomMark;
use crate::queries::ReadApplicationState;
use crate::records::{LastMessage, Pin};
use crate::settings::{DirectoryKept, Settings};
use crate::testing::{World, chat_group, marks, user, with};
use crate::time::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

fn context() -> Context {
    let settings = Settings { limits: Limits::for_testing(), ..Settings::default() };
    Context { app: SdkAppId(1), now: Timestamp(1_000_000), settings: Arc::new(settings) }
}

fn within(id: &str) -> ConversationId {
    ConversationId::ChatGroup(chat_group(id))
}

fn folder(name: &str, conversations: Vec<ConversationId>) -> SeedContactGroup {
    SeedContactGroup { name: ContactGroupName::new(name).unwrap(), conversations }
}

fn seed_user(id: &str) -> SeedUser {
    SeedUser {
        user: user(id),
        account: Some(Account::default()),
        contact_groups: Vec::new(),
        marked: Vec::new(),
        pins: Vec::new(),
        recent_contacts: Vec::new(),
    }
}

fn seed_group(id: Option<&str>, owner: Option<&str>, members: &[&str]) -> SeedChatGroup {
    SeedChatGroup {
        id: id.map(chat_group),
        kind: "Public".into(),
        name: "g".into(),
        owner: owner.map(user),
        members_max: None,
        members: members.iter().map(|id| user(id)).collect(),
        messages: 3,
        last: Some(SeedMessage::default()),
    }
}

fn recent(id: ConversationId, last: Option<SeedMessage>, unread: u64) -> SeedRecentContact {
    SeedRecentContact { id, last, unread }
}

/// A seed with something of everything.
fn seed() -> Seed {
    let star = |id| SeedMarks { id, marks: marks(&[1]), custom_mark: None };
    let a = SeedUser {
        account: Some(Account { nick: "Ann".into(), face_url: "".into() }),
        contact_groups: vec![folder("x", vec![with("b"), within("g")]), folder("y", vec![within("g"), with("c")])],
        marked: vec![star(with("b")), star(with("administrator"))],
        pins: vec![with("c"), within("g")],
        recent_contacts: vec![
            recent(with("b"), Some(SeedMessage { time: Some(Timestamp(900)), ..SeedMessage::default() }), 2),
            recent(within("g"), None, 1),
        ],
        ..seed_user("a")
    };
    Seed {
        users: vec![a, seed_user("b"), seed_user("c")],
        chat_groups: vec![seed_group(Some("g"), Some("a"), &["b"]), seed_group(None, None, &[])],
        gone: BTreeSet::new(),
    }
}

fn made(seed: &Seed) -> ApplicationState {
    seed.state(&context()).unwrap()
}

#[test]
fn a_seed_becomes_what_the_commands_would_have_made() {
    let state = made(&seed());
    let UserState { head, conversations, recent_contacts, pins } = &state.users[&user("a")];
    assert_eq!(&*head.account.as_ref().unwrap().nick, "Ann");
    assert_eq!((head.contact_group_id, head.entered, head.updated), (2, 4, Timestamp(1_000_000)));
    assert_eq!((head.conversations, head.grouped, head.marked, head.unread), (4, 3, 2, 2));
    let order = |id: &ConversationId| (conversations[id].entered, conversations[id].contact_groups.clone());
    let group = |id| ContactGroupId(id);
    assert_eq!(order(&with("b")), (1, vec![group(1)]));
    assert_eq!(order(&within("g")), (2, vec![group(1), group(2)]));
    assert_eq!(order(&with("administrator")), (4, vec![]));
    let of_b = recent_contacts[&with("b")];
    assert_eq!((of_b.unread, of_b.arrived, of_b.last.unwrap().sequence), (2, Timestamp(900), 1));
    assert_eq!(of_b.last.unwrap().expires, Timestamp(900 + Limits::default().message_seconds));
    assert_eq!(recent_contacts[&within("g")].read, 2, "one of three is not read");
    let list: Vec<_> = pins.as_ref().unwrap().list.iter().map(|pin| (pin.number, pin.id.clone())).collect();
    assert_eq!(list, [(1, with("c")), (2, within("g"))]);
    let g = &state.chat_groups[&chat_group("g")];
    assert_eq!((g.record.members, g.record.sequence, g.record.last.unwrap().sequence), (2, 1, 3));
    assert!(g.members[&user("a")].owner && !g.members[&user("b")].owner);
    assert_eq!((state.directory.sequence, state.directory.chat_groups), (2, 2));
    CheckedState::new(state, RECORDS_MAX).unwrap();
}

#[test]
fn a_world_that_is_replaced_by_a_seed_is_read_back_as_it_and_goes_on() {
    let mut world = World::with_accounts(&["a", "z"]);
    world.say("z", "a");
    let name = ContactGroupName::new("old").unwrap();
    world.run(&CreateContactGroup { user: user("a"), name, items: vec![Ok(with("z"))] }).unwrap();
    let wanted = made(&seed());
    let state = CheckedState::new(wanted.clone(), RECORDS_MAX).unwrap();
    let replace = ReplaceApplicationState { state, records_max: RECORDS_MAX };
    assert!(world.run(&replace).unwrap().unwrap().changes > 0);
    let read = |world: &World| world.ask(&ReadApplicationState { records_max: RECORDS_MAX }).unwrap().unwrap();
    assert_eq!(*read(&world), wanted);
    assert_eq!(world.run(&replace).unwrap().unwrap().changes, 0);
    world.run(&SetUnread { id: chat_group("g"), user: user("b"), unread: 0 }).unwrap();
    world.say("c", "a");
    let (kind, name) = ("Public".into(), "new".into());
    let create = CreateChatGroup {
        id: ChatGroupIdWanted::Generated,
        kind,
        name,
        owner: None,
        members_max: None,
        members: vec![],
    };
    let id = world.run(&create).unwrap();
    assert!(
        !wanted.chat_groups.contains_key(&id),
        "an id that was given to the seed's second chat group is not given again"
    );
    world.run(&replace).unwrap().unwrap();
    assert_eq!(*read(&world), wanted);
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn a_seed_that_the_rules_do_not_allow_is_refused_by_its_field() {
    type Change = fn(&mut Seed);
    let cases: &[(Change, &str)] = &[
        (|s| s.users.push(seed_user("a")), "user \"a\", user: \"a\" is named twice"),
        (
            |s| s.users[0].contact_groups[1].name = ContactGroupName::new("x").unwrap(),
            "user \"a\", contact_groups.name: \"x\" is named twice",
        ),
        (
            |s| s.users[0].contact_groups[0].conversations.push(within("g")),
            "user \"a\", contact_groups.conversations: \"g\" is named twice",
        ),
        (
            |s| s.users[0].contact_groups[0].conversations.push(with("ghost")),
            "user \"a\", contact_groups.conversations: the account \"ghost\" is not imported",
        ),
        (
            |s| s.users[0].contact_groups[0].conversations.push(within("nope")),
            "user \"a\", contact_groups.conversations: there is no chat group \"nope\"",
        ),
        (
            |s| s.users[1].contact_groups = ["1", "2", "3", "4"].map(|name| folder(name, vec![])).into(),
            "user \"b\", contact_groups: there are 4; at most 3",
        ),
        (
            |s| s.users[1].contact_groups = vec![folder(&"n".repeat(33), vec![])],
            &format!("user \"b\", contact_groups.name: \"{}\" has 33 bytes; at most 32", "n".repeat(33)),
        ),
        (
            |s| s.users[0].marked.push(SeedMarks { id: with("b"), marks: marks(&[2]), custom_mark: None }),
            "user \"a\", marked: \"b\" is named twice",
        ),
        (|s| s.users[0].marked[0].marks = marks(&[]), "user \"a\", marked: the conversation with \"b\" has no mark"),
        (
            |s| s.users[0].marked[0].custom_mark = Some(CustomMark::new(&"m".repeat(257)).unwrap()),
            &format!("user \"a\", marked.custom_mark: \"{}\" has 257 bytes; at most 256", "m".repeat(257)),
        ),
        (|s| s.users[0].pins.push(with("c")), "user \"a\", pins: there are 3; at most 2"),
        (|s| s.users[0].pins[1] = with("c"), "user \"a\", pins: \"c\" is named twice"),
        (
            |s| s.users[0].recent_contacts.push(recent(with("b"), None, 1)),
            "user \"a\", recent_contacts: \"b\" is named twice",
        ),
        (
            |s| s.users[0].recent_contacts.push(recent(with("c"), None, 0)),
            "user \"a\", recent_contacts: \"c\" has neither a last message nor unread messages",
        ),
        (|s| s.users[0].recent_contacts[1].unread = 4, "user \"a\", recent_contacts.unread: there are 4; at most 3"),
        (|s| s.chat_groups.push(seed_group(Some("g"), None, &[])), "chat group \"g\", id: \"g\" is named twice"),
        (|s| s.chat_groups[0].members.push(user("b")), "chat group \"g\", members: \"b\" is named twice"),
        (
            |s| s.chat_groups[0].members.push(user("ghost")),
            "chat group \"g\", members: the account \"ghost\" is not imported",
        ),
        (|s| s.chat_groups[0].members_max = Some(1), "chat group \"g\", members: there are 2; at most 1"),
        (
            |s| s.chat_groups[0].last = Some(SeedMessage { sequence: Some(4), ..SeedMessage::default() }),
            "chat group \"g\", last: 4 is no message of the chat group; it has 3",
        ),
        (
            |s| s.chat_groups[0].id = Some(chat_group("@TGS#000000001")),
            "chat group \"@TGS#000000001\", id: ids that begin with @TGS# are given to chat groups that name none",
        ),
    ];
    for (change, expected) in cases {
        let mut seed = seed();
        change(&mut seed);
        assert_eq!(seed.state(&context()).unwrap_err().to_string(), *expected);
    }
    let many: Vec<ConversationId> = (0..7).map(|n| with(&format!("p{n}"))).collect();
    let mut seed = seed();
    seed.users[1].contact_groups = vec![folder("x", many.clone())];
    seed.gone.extend(many);
    assert_eq!(seed.state(&context()).unwrap_err().to_string(), "user \"b\", conversations: there are 7; at most 6");
}

#[test]
fn other_sides_that_are_gone_or_kept_elsewhere_may_be_named() {
    let mut seed = seed();
    seed.users[0].contact_groups[0].conversations = vec![with("ghost"), within("nope")];
    seed.gone = [with("ghost"), within("nope")].into();
    assert_eq!(made(&seed).users[&user("a")].head.grouped, 4);
    seed.gone.clear();
    let mut context = context();
    let elsewhere = Arc::make_mut(&mut context.settings);
    (elsewhere.users, elsewhere.chat_groups) = (DirectoryKept::Elsewhere, DirectoryKept::Elsewhere);
    assert_eq!(seed.state(&context).unwrap().users[&user("a")].head.grouped, 4);
}

#[test]
fn what_follows_from_the_records_is_counted_and_never_believed() {
    let mut state = made(&seed());
    let counted = state.clone();
    let head = &mut state.users.get_mut(&user("a")).unwrap().head;
    (head.conversations, head.grouped, head.marked, head.unread) = (9, 9, 9, 9);
    state.chat_groups.get_mut(&chat_group("g")).unwrap().record.members = 0;
    state.directory.chat_groups = 77;
    assert_eq!(*CheckedState::new(state, RECORDS_MAX).unwrap().state(), counted);
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn data_that_contradicts_itself_is_refused_with_who_and_what() {
    fn a(state: &mut ApplicationState) -> &mut UserState {
        state.users.get_mut(&user("a")).unwrap()
    }
    fn b(state: &mut ApplicationState) -> &mut Conversation {
        a(state).conversations.get_mut(&with("b")).unwrap()
    }
    fn g(state: &mut ApplicationState) -> &mut ChatGroupState {
        state.chat_groups.get_mut(&chat_group("g")).unwrap()
    }
    type Change = fn(&mut ApplicationState);
    let cases: &[(Change, &str)] = &[
        (|s| a(s).head.contact_groups.swap(0, 1), "user \"a\": the contact groups are not in the order of their ids"),
        (|s| a(s).head.contact_group_id = 1, "user \"a\": a contact group has an id that was never given"),
        (|s| a(s).head.entered = u64::MAX, "user \"a\": entered: 18446744073709551615 is too great"),
        (|s| b(s).entered = 0, "user \"a\", conversation with \"b\": entered: 0 was never given; 1 to 4 were"),
        (|s| b(s).entered = 5, "user \"a\", conversation with \"b\": entered: 5 was never given; 1 to 4 were"),
        (|s| b(s).entered = 3, "user \"a\", conversation with \"c\": entered: 3 is another's already"),
        (
            |s| b(s).contact_groups = vec![ContactGroupId(3)],
            "user \"a\", conversation with \"b\": contact_groups: there is no contact group 3",
        ),
        (
            |s| b(s).contact_groups = vec![ContactGroupId(2), ContactGroupId(1)],
            "user \"a\", conversation with \"b\": contact_groups: they are not ascending",
        ),
        (
            |s| b(s).updated = Timestamp(1_000_001),
            "user \"a\", conversation with \"b\": updated: it is later than the last change of the user's data",
        ),
        (
            |s| a(s).pins.as_mut().unwrap().given = 1,
            "user \"a\", conversation in chat group \"g\": pins: 2 was never given; 1 to 1 were",
        ),
        (
            |s| a(s).pins.as_mut().unwrap().list[1].number = 1,
            "user \"a\", conversation in chat group \"g\": pins: 1 is another's already",
        ),
        (
            |s| a(s).pins.as_mut().unwrap().list[1] = Pin { number: 2, id: with("c") },
            "user \"a\", conversation with \"c\": pins: it is pinned twice",
        ),
        (
            |s| a(s).recent_contacts.extend([(with("c"), RecentContact::default())]),
            "user \"a\", conversation with \"c\": the recent contact is empty",
        ),
        (
            |s| a(s).recent_contacts.get_mut(&with("b")).unwrap().read = 1,
            "user \"a\", conversation with \"b\": read: a conversation of this kind does not have it",
        ),
        (
            |s| a(s).recent_contacts.get_mut(&within("g")).unwrap().unread = 1,
            "user \"a\", conversation in chat group \"g\": unread: a conversation of this kind does not have it",
        ),
        (
            |s| a(s).recent_contacts.get_mut(&with("b")).unwrap().unread = u64::MAX,
            "user \"a\": unread: 18446744073709551615 is too great",
        ),
        (|s| g(s).record.sequence = 2, "chat group \"g\": sequence: 2 is another's already"),
        (|s| g(s).record.sequence = 9, "chat group \"g\": sequence: 9 was never given; 1 to 2 were"),
        (|s| g(s).record.messages = 2, "chat group \"g\": last: 3 was never given; 1 to 2 were"),
        (|s| g(s).record.members_max = 1, "chat group \"g\": members: there are 2, and at most 1 may be"),
        (
            |s| g(s).members.get_mut(&user("b")).unwrap().owner = true,
            "chat group \"g\", member \"b\": it owns the chat group, and the chat group has another owner",
        ),
        (
            |s| g(s).members.get_mut(&user("b")).unwrap().since = 4,
            "chat group \"g\", member \"b\": since: 4 was never given; 1 to 3 were",
        ),
    ];
    for (change, expected) in cases {
        let mut state = made(&seed());
        change(&mut state);
        assert_eq!(CheckedState::new(state, RECORDS_MAX).unwrap_err().to_string(), *expected);
    }
    let mut bare = made(&seed());
    let last = bare.users.get_mut(&user("a")).unwrap().conversations.get_mut(&with("administrator")).unwrap();
    last.marks = marks(&[]);
    let refused = CheckedState::new(bare, RECORDS_MAX).unwrap_err();
    assert!(matches!(refused, BadState::Conversation { flaw: Flaw::Bare, .. }), "{refused}");
}

#[test]
fn a_chat_group_takes_no_id_that_another_would_be_given() {
    let mut state = made(&seed());
    let taken = crate::commands::generated_id(3);
    let moved = state.chat_groups.remove(&chat_group("g")).unwrap();
    state.chat_groups.insert(taken.clone(), moved);
    let refused = CheckedState::new(state, RECORDS_MAX).unwrap_err();
    assert_eq!(refused, BadState::ChatGroup { id: taken, flaw: Flaw::ReservedId });
}

#[test]
fn there_is_a_bound_on_the_records() {
    let state = made(&seed());
    let records = state.records();
    assert_eq!(records, 3 + 4 + 2 + 1 + 2 + 2);
    assert!(CheckedState::new(state.clone(), records).is_ok());
    let max = records - 1;
    assert_eq!(CheckedState::new(state, max).unwrap_err(), BadState::TooManyRecords { max });
}

#[test]
fn a_part_ends_at_its_bound_and_says_with_whom() {
    let head = |id| Record::Head(user(id), Head::default());
    let last = LastMessage { time: Timestamp(1), sequence: 1, random: 0, expires: Timestamp(2) };
    let one = RecentContact { last: Some(last), ..RecentContact::default() };
    let records = || [head("a"), Record::RecentContact(user("a"), with("b"), one), head("b")].map(Ok::<_, ()>);
    let part = |limit| Part::gather(Directory::default(), records().into_iter(), limit).unwrap();
    let unfinished = |limit| part(limit).unfinished;
    let (of_a, none) = (Some(Owner::User(user("a"))), None);
    assert_eq!([0, 1, 2, 3, 4].map(unfinished), [of_a.clone(), of_a.clone(), of_a, none.clone(), none]);
    assert_eq!(part(2).state.records(), 2);
}
