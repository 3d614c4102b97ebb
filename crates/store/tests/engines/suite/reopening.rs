//! What is kept beyond the process: for engines that promise it.

use crate::invariants::{Everything, Kept, check_chat_groups, check_user};
use crate::support::{
    asked, chat_group, create, create_chat_group, crowd, delete, delete_accounts, done, here, import, later, moves,
    pin, recents, recents_of, say, say_in, star, user, with, within_group,
};
use cubby_domain::commands::{
    ApplicationChange, ChangeApplication, ChatGroupIdWanted, CreateChatGroup, DeleteRecentContact, DestroyChatGroup,
    Move, ReadMessages, RemoveMembers, SetUnread,
};
use cubby_domain::queries::{
    ChatGroupInfo, ChatGroupPage, GetChatGroups, ListApplications, ListChatGroups, RecentContactsPage,
};
use cubby_domain::{Application, ChatGroupId, Context, CustomMark, MarkSet};
use cubby_store::Store;

/// The place of a store, which outlives it.
pub trait Home {
    type Store: Store;

    /// Opens the store; waits where one that was dropped has not let go yet.
    fn open(&self) -> impl Future<Output = Self::Store>;

    /// Closes it in order.
    fn close(&self, store: Self::Store) -> impl Future<Output = ()>;
}

const USERS: [&str; 5] = ["a", "ab", "a\0", "b", "c"];

/// Does something of everything: what stays, what is changed, and what is removed again.
pub async fn fill(store: &impl Store) {
    let context = here();
    done(store, &context, import(&USERS)).await;
    let changes = vec![ApplicationChange::Create("k".into()), ApplicationChange::Set("edition".into(), "pro".into())];
    done(store, &context, ChangeApplication { changes }).await.unwrap();
    for (id, owner, members) in [("g", Some("a"), ["ab", "b"]), ("h", None, ["b", "c"]), ("i", Some("c"), ["a", "b"])] {
        done(store, &context, create_chat_group(id, owner, &members)).await;
    }
    for of in USERS {
        done(store, &context, create(of, "x", vec![with("b"), within_group("g"), with("c")])).await;
        done(store, &context, create(of, "y", vec![with("b"), within_group("h")])).await;
    }
    let context = later(&context, 5);
    for of in ["a", "ab"] {
        done(store, &context, star(of, &[with("a"), within_group("g")])).await;
        done(store, &context, moves(of, "x", vec![Move::Remove(with("b")), Move::Remove(with("c"))])).await;
    }
    write(store, &context).await;
    done(store, &context, delete("a\0", "x")).await;
    done(store, &context, DestroyChatGroup { id: chat_group("h") }).await;
    done(store, &context, delete_accounts(&["c"])).await;
}

/// Messages, pins, unread ones, and what is deleted, left and dissolved of them.
async fn write(store: &impl Store, context: &Context) {
    for (n, (from, to)) in (0..).zip([("a", "b"), ("ab", "a"), ("b", "a"), ("a\0", "a"), ("c", "a"), ("b", "a")]) {
        done(store, &later(context, n), say(from, to)).await;
    }
    let context = later(context, 9);
    for id in ["g", "h", "i", "g"] {
        done(store, &context, say_in(id, "b")).await;
    }
    done(store, &context, pin("a", vec![with("ab"), within_group("g"), with("nobody")])).await;
    let read = ReadMessages { user: user("a"), peer: user("ab"), until: None };
    done(store, &context, read).await;
    done(store, &context, DeleteRecentContact { user: user("a"), id: with("b") }).await;
    done(store, &context, DeleteRecentContact { user: user("b"), id: within_group("g") }).await;
    done(store, &context, SetUnread { id: chat_group("g"), user: user("ab"), unread: 1 }).await;
    done(store, &context, RemoveMembers { id: chat_group("g"), users: vec![user("ab")] }).await;
    done(store, &context, say_in("g", "a")).await;
}

/// Everything that can be seen.
#[derive(Debug, PartialEq)]
pub struct Seen {
    users: Vec<Kept>,
    recents: Vec<RecentContactsPage>,
    chat_groups: ChatGroupPage,
    members: Vec<Option<ChatGroupInfo>>,
    applications: Vec<Application>,
}

pub async fn look(store: &impl Store) -> Seen {
    let context = here();
    let (mut users, mut recents) = (Vec::new(), Vec::new());
    for id in USERS {
        check_user(store, &context, &user(id)).await;
        users.push(asked(store, &context, Everything(user(id))).await);
    }
    for id in USERS.iter().filter(|id| **id != "c") {
        recents.push(asked(store, &context, recents_of(id)).await);
    }
    check_chat_groups(store, &context, &USERS.map(user)).await;
    Seen {
        users,
        recents,
        chat_groups: asked(store, &context, ListChatGroups { after: 0, limit: 99, kind: None }).await,
        members: asked(store, &context, GetChatGroups { ids: ["g", "h", "i"].map(chat_group).to_vec() }).await,
        applications: asked(store, &context, ListApplications).await,
    }
}

/// Given a store with something of everything, when it is closed and opened, then everything is as it was.
pub async fn everything_is_there_after_a_close(home: impl Home) {
    let store = home.open().await;
    fill(&store).await;
    let before = look(&store).await;
    let star = before.users[0].conversations.iter().find(|(id, _)| *id == with("a")).unwrap();
    assert_eq!((star.1.marks, star.1.custom_mark.as_ref().map(CustomMark::as_str)), (MarkSet(1), None));
    let of_a: Vec<_> = before.recents[0].recents.iter().map(|one| one.id.clone()).collect();
    let i = within_group("i");
    assert_eq!(of_a, [with("ab"), within_group("g"), with("a\0"), with("c"), i]);
    assert_eq!(before.users[0].head.unread, 2, "of a\\0 and c");
    home.close(store).await;
    assert_eq!(look(&home.open().await).await, before);
}

/// Given a store with something of everything, when it is dropped without being closed, then it opens with everything.
pub async fn everything_acknowledged_is_there_where_nobody_closed(home: impl Home) {
    let store = home.open().await;
    fill(&store).await;
    let before = look(&store).await;
    drop(store);
    let store = home.open().await;
    assert_eq!(look(&store).await, before);
    drop(store);
    assert_eq!(look(&home.open().await).await, before);
}

async fn generated(store: &impl Store, context: &Context) -> ChatGroupId {
    let command = create_chat_group("-", None, &[]);
    done(store, context, CreateChatGroup { id: ChatGroupIdWanted::Generated, ..command }).await
}

/// Given contact groups, conversations and chat groups that were removed, when the store is opened again, then their GroupIds, places and
/// generated ids are not given again.
pub async fn no_id_is_given_again_after_reopening(home: impl Home) {
    let context = here();
    let store = home.open().await;
    done(&store, &context, import(&["a", "b", "c"])).await;
    done(&store, &context, create("a", "x", vec![with("b"), with("c")])).await;
    done(&store, &context, delete("a", "x")).await;
    let first = generated(&store, &context).await;
    done(&store, &context, DestroyChatGroup { id: first.clone() }).await;
    home.close(store).await;
    let store = home.open().await;
    assert_eq!(done(&store, &context, create("a", "x", vec![with("c")])).await.group.id.0, 2);
    let kept = asked(&store, &context, Everything(user("a"))).await;
    assert_eq!(kept.conversations[0].1.entered, 3);
    assert_ne!(generated(&store, &context).await, first);
}

/// Given a store that is closed or dropped after every command, when all is done, then it is as one that stayed open.
pub async fn a_store_that_is_opened_again_and_again_stays_the_same(home: impl Home) {
    let context = here();
    let all: Vec<&str> = ["p1", "p2", "p3", "p4", "p5", "p6"].to_vec();
    let store = home.open().await;
    done(&store, &context, import(&[&all[..], &["a"]].concat())).await;
    home.close(store).await;
    for (n, id) in crowd(6).into_iter().enumerate() {
        let store = home.open().await;
        done(&store, &context, create("a", "x", vec![id])).await;
        if n % 2 == 0 { home.close(store).await } else { drop(store) }
    }
    let store = home.open().await;
    let kept = asked(&store, &context, Everything(user("a"))).await;
    assert_eq!(kept.conversations.into_iter().map(|(id, _)| id).collect::<Vec<_>>(), crowd(6));
    check_user(&store, &context, &user("a")).await;
    home.close(store).await;
}

/// Given a store that is closed or dropped after every message, when all were sent, then the list and its counters are those of one that
/// stayed open, and sequences go on.
pub async fn a_list_that_is_opened_again_after_each_message_stays_the_same(home: impl Home) {
    let mut context = here();
    let store = home.open().await;
    done(&store, &context, import(&["a", "p1", "p2", "p3"])).await;
    done(&store, &context, create_chat_group("g", Some("a"), &[])).await;
    home.close(store).await;
    for (n, from) in (0..).zip(["p1", "p2", "p3", "p1", "p2"]) {
        context = later(&context, 1);
        let store = home.open().await;
        done(&store, &context, say(from, "a")).await;
        assert_eq!(done(&store, &context, say_in("g", "a")).await.sequence, n + 1);
        assert_eq!(done(&store, &context, say(from, "a")).await.sequence, 2, "the second of its second");
        if n % 2 == 0 { home.close(store).await } else { drop(store) }
    }
    let store = home.open().await;
    assert_eq!(recents(&store, &context, "a").await, [with("p3"), with("p1"), with("p2"), within_group("g")]);
    assert_eq!(asked(&store, &context, Everything(user("a"))).await.head.unread, 10);
    check_user(&store, &context, &user("a")).await;
    home.close(store).await;
}
