//! A store that the release before wrote, with format 1: it is read as it was, counted where its heads do not count, and is of this format
//! from then on. `tests/fixtures/README.md` says what it holds.

use super::Directory;
use super::raw::{self, Raw};
use crate::invariants::{Everything, Kept, check_chat_groups, check_user};
use crate::support::{
    asked, chat_group, create, delete, delete_accounts, done, everybody_exists, here, import, later, pin, recents, say,
    say_in, star, user, with, within_group,
};
use cubby_domain::queries::{CheckAccounts, GetChatGroups, ListChatGroups};
use cubby_domain::{CustomMark, ItemRefusal, Limits, MarkSet};
use cubby_store::{FORMAT, Store};
use std::path::Path;
use std::process::Command;

const USERS: [&str; 3] = ["ann", "bob", "cat"];

fn app() -> u64 {
    here().app.0
}

fn unpacked() -> Directory {
    let directory = Directory::new();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/format-1.tar.gz");
    let mut tar = Command::new("tar");
    tar.arg("-xzf").arg(fixture).arg("-C").arg(directory.path()).arg("--strip-components=1");
    assert!(tar.status().unwrap().success());
    directory
}

async fn check(store: &impl Store) {
    for id in USERS {
        check_user(store, &here(), &user(id)).await;
    }
    check_chat_groups(store, &here(), &USERS.map(user)).await;
}

async fn of_ann(store: &impl Store) -> Kept {
    asked(store, &here(), Everything(user("ann"))).await
}

/// Given a store of format 1, when it is opened, then everything in it is as it was, its counters are right, and nothing is recent.
#[tokio::test]
async fn everything_in_an_older_store_is_as_it_was() {
    let directory = unpacked();
    let store = directory.open().await;
    check(&store).await;
    let kept = of_ann(&store).await;
    let groups: Vec<_> = kept.head.contact_groups.iter().map(|group| (group.id.0, group.name.as_str())).collect();
    assert_eq!((groups, kept.head.contact_group_id), (vec![(1, "work")], 2));
    assert_eq!((kept.head.conversations, kept.head.grouped, kept.head.marked, kept.head.unread), (3, 2, 2, 0));
    let one = |id| kept.conversations.iter().find(|(other, _)| *other == id).unwrap().1.clone();
    let groups = |id| one(id).contact_groups.iter().map(|group| group.0).collect::<Vec<_>>();
    assert_eq!((groups(with("bob")), groups(within_group("room")), groups(with("cat"))), (vec![1], vec![1], vec![]));
    assert_eq!(one(with("bob")).marks, MarkSet(1 | 1 << 32));
    assert_eq!(one(with("bob")).custom_mark.as_ref().map(CustomMark::as_str), Some("friend"));
    assert_eq!((one(with("cat")).marks, one(within_group("room")).marks), (MarkSet(2), MarkSet::EMPTY));
    let accounts = CheckAccounts { items: USERS.map(|id| Ok(user(id))).to_vec() };
    assert_eq!(asked(&store, &here(), accounts).await, [Ok(true), Ok(true), Ok(false)]);
    let room = asked(&store, &here(), GetChatGroups { ids: vec![chat_group("room")] }).await.remove(0).unwrap();
    assert_eq!((room.chat_group.owner, room.chat_group.messages, room.chat_group.last), (Some(user("ann")), 0, None));
    let members: Vec<_> = room.members.iter().map(|(id, member)| (id.as_str(), member.owner, member.since)).collect();
    assert_eq!(members, [("ann", true, 0), ("bob", false, 0)]);
    let all = asked(&store, &here(), ListChatGroups { after: 0, limit: 9, kind: None }).await;
    assert_eq!((all.total, all.next), (1, None));
    assert_eq!((kept.recent_contacts, kept.pins), (Vec::new(), None));
    assert_eq!(recents(&store, &here(), "ann").await, []);
}

/// Given a head of format 1, which does not say how many conversations are in groups and how many have marks, when limits of the two are
/// reached, then they hold, though the head was never written again.
#[tokio::test]
async fn the_limits_of_2026_hold_on_a_head_that_was_never_written_again() {
    let directory = unpacked();
    let store = directory.open().await;
    let with_room_for = |grouped, marked| {
        everybody_exists(move |limits: &mut Limits| {
            (limits.grouped_conversations, limits.marked_conversations) = (grouped, marked);
        })
    };
    let full = || vec![Err(ItemRefusal::TooManyConversations { max: 2 })];
    let next = |id| create("ann", "work", vec![with(id)]);
    assert_eq!(done(&store, &with_room_for(2, 9), next("cat")).await.items, full(), "two are in groups");
    assert_eq!(
        done(&store, &with_room_for(9, 2), star("ann", &[within_group("room")])).await,
        full(),
        "two have marks"
    );
    store.close().await.unwrap();
    let head = Raw::open(directory.path()).get(&raw::head(app(), "ann")).unwrap();
    assert_eq!(head[0], 1, "a head of format 1 still");
    let store = directory.open().await;
    assert_eq!(done(&store, &with_room_for(3, 9), next("cat")).await.items, [Ok(())], "a third has room");
    assert_eq!(done(&store, &with_room_for(9, 3), star("ann", &[within_group("room")])).await, [Ok(())]);
    let head = of_ann(&store).await.head;
    assert_eq!((head.conversations, head.grouped, head.marked), (3, 3, 3));
    store.close().await.unwrap();
    let head = Raw::open(directory.path()).get(&raw::head(app(), "ann")).unwrap();
    assert_eq!(head[0], 2);
    check(&directory.open().await).await;
}

/// Given a store of format 1, when it is opened and nothing is changed, then its format number is this version's: an older server, which
/// refuses what is above its own, does not open it, for what is written from here on is what it cannot read.
#[tokio::test]
async fn an_older_store_is_of_this_format_once_it_is_opened() {
    let directory = unpacked();
    let format = |directory: &Directory| Raw::open(directory.path()).get(raw::FORMAT).unwrap();
    assert_eq!(format(&directory), [1, 1]);
    directory.open().await.close().await.unwrap();
    assert_eq!(FORMAT, 2);
    assert_eq!(format(&directory), [1, 2]);
    directory.open().await.close().await.unwrap();
    assert_eq!(format(&directory), [1, 2]);
}

/// Given a store of format 1, when it is changed, and closed or dropped, then it opens with the changes and with what was not changed.
#[tokio::test]
async fn an_older_store_is_changed_and_opened_again() {
    let directory = unpacked();
    let store = directory.open().await;
    let context = later(&here(), 1_000_000_000);
    done(&store, &context, say("bob", "ann")).await;
    done(&store, &context, say_in("room", "ann")).await;
    done(&store, &context, pin("ann", vec![within_group("room")])).await;
    assert_eq!(done(&store, &context, create("ann", "more", vec![with("bob")])).await.group.id.0, 3, "2 was given");
    drop(store);
    let store = directory.open().await;
    check(&store).await;
    assert_eq!(recents(&store, &context, "ann").await, [within_group("room"), with("bob")]);
    assert_eq!(recents(&store, &context, "bob").await.len(), 2);
    let before = of_ann(&store).await;
    assert_eq!((before.head.grouped, before.head.marked, before.head.unread), (2, 2, 1));
    store.close().await.unwrap();
    let store = directory.open().await;
    assert_eq!(of_ann(&store).await, before);
    done(&store, &context, delete("ann", "work")).await;
    let head = of_ann(&store).await.head;
    assert_eq!((head.conversations, head.grouped, head.marked), (2, 1, 2), "room is in nothing now");
    done(&store, &context, delete_accounts(&["ann"])).await;
    done(&store, &context, import(&["ann", "cat"])).await;
    assert_eq!(done(&store, &context, create("ann", "work", Vec::new())).await.group.id.0, 1);
    check(&store).await;
}
