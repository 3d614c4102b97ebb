//! Each request is applied whole or not at all.

use crate::invariants::{Everything, check_chat_groups, check_user};
use crate::support::{
    asked, chat_group, contact_groups, conversations, create, create_chat_group, crowd, delete, delete_accounts, done,
    everybody_exists, here, import, page, refused, star, user, with,
};
use cubby_domain::queries::{GetChatGroups, JoinedChatGroups, ListChatGroups};
use cubby_domain::{ItemRefusal, Refusal};
use cubby_store::Store;
use std::sync::Arc;

/// Given a user, when one command brings a hundred conversations, then all are in the data, in their order, and in the group.
pub async fn a_command_with_many_items_is_kept_whole(store: Arc<impl Store>) {
    let context = everybody_exists(|_| {});
    let reply = done(&*store, &context, create("a", "x", crowd(100))).await;
    assert_eq!((reply.group.id.0, reply.items), (1, vec![Ok(()); 100]));
    let kept = page(&*store, &context, "a", 0, 1000).await;
    assert!(kept.contacts.conversations.iter().all(|(_, one)| one.contact_groups == [reply.group.id]));
    assert_eq!(conversations(&*store, &context, "a").await, crowd(100));
    check_user(&*store, &context, &user("a")).await;
}

/// Given a user with as many contact groups as may be, when another is created with conversations, then it is refused and none of the
/// conversations is in the data.
pub async fn a_refused_command_changes_nothing(store: Arc<impl Store>) {
    let context = everybody_exists(|limits| limits.contact_groups = 1);
    done(&*store, &context, create("a", "x", crowd(2))).await;
    let before = asked(&*store, &context, Everything(user("a"))).await;
    let why = refused(&*store, &context, create("a", "y", crowd(50))).await;
    assert_eq!(why, Refusal::TooManyContactGroups { max: 1 });
    assert_eq!(asked(&*store, &context, Everything(user("a"))).await, before);
}

/// Given three users with data in one chat group, when one command deletes two of them, beside items that fail, then these two are gone
/// with everything, and the third is whole.
pub async fn one_command_over_several_users_is_kept_whole(store: Arc<impl Store>) {
    let context = here();
    done(&*store, &context, import(&["a", "b", "c"])).await;
    done(&*store, &context, create_chat_group("g", Some("a"), &["b", "c"])).await;
    for (of, other) in [("a", "b"), ("b", "c"), ("c", "a")] {
        done(&*store, &context, create(of, "x", vec![with(other)])).await;
    }
    let mut command = delete_accounts(&["a", "ghost", "b"]);
    command.items.push(Err(ItemRefusal::Malformed("no text".to_owned())));
    let reply = done(&*store, &context, command).await;
    let ghost = ItemRefusal::NoSuchAccount(user("ghost"));
    assert_eq!(reply, [Ok(()), Err(ghost), Ok(()), Err(ItemRefusal::Malformed("no text".to_owned()))]);
    for gone in ["a", "b"] {
        let kept = asked(&*store, &context, Everything(user(gone))).await;
        assert_eq!((kept.head, kept.conversations, kept.memberships), Default::default());
    }
    assert_eq!(conversations(&*store, &context, "c").await, [with("a")]);
    let info = asked(&*store, &context, GetChatGroups { ids: vec![chat_group("g")] }).await.remove(0).unwrap();
    assert_eq!(info.members.iter().map(|(user, _)| user.as_str()).collect::<Vec<_>>(), ["c"]);
    check_chat_groups(&*store, &context, &["a", "b", "c"].map(user)).await;
}

/// Given two accounts, when a chat group is created for them and for one who is not imported, then nobody is in it and its id is free.
pub async fn a_refused_command_over_several_users_changes_none_of_them(store: Arc<impl Store>) {
    let context = here();
    done(&*store, &context, import(&["a", "b"])).await;
    let why = refused(&*store, &context, create_chat_group("g", Some("a"), &["b", "ghost"])).await;
    assert!(matches!(why, Refusal::NoSuchAccount { .. }), "{why:?}");
    for id in ["a", "b"] {
        let joined = asked(&*store, &context, JoinedChatGroups { user: user(id), kind: None }).await;
        assert_eq!(joined, []);
    }
    let list = asked(&*store, &context, ListChatGroups { after: 0, limit: 10, kind: None }).await;
    assert_eq!((list.total, list.chat_groups.len()), (0, 0));
    done(&*store, &context, create_chat_group("g", Some("a"), &["b"])).await;
    check_chat_groups(&*store, &context, &["a", "b", "ghost"].map(user)).await;
}

/// Given a writer that fills and empties a user's data, when others read meanwhile, then each sees it full or empty, with its contact
/// group or without.
pub async fn a_reader_sees_all_of_a_command_or_nothing_of_it(store: Arc<impl Store>) {
    let context = everybody_exists(|_| {});
    done(&*store, &context, star("a", &crowd(40))).await;
    done(&*store, &context, create("a", "x", crowd(40))).await;
    let writing = {
        let (store, context) = (Arc::clone(&store), context.clone());
        tokio::spawn(async move {
            for _ in 0..30 {
                done(&*store, &context, delete("a", "x")).await;
                done(&*store, &context, create("a", "x", crowd(40))).await;
            }
        })
    };
    let mut reads = 0;
    while !writing.is_finished() || reads == 0 {
        let seen = page(&*store, &context, "a", 0, 100).await.contacts;
        let sorted = seen.conversations.iter().filter(|(_, one)| !one.contact_groups.is_empty()).count();
        assert_eq!((seen.conversations.len(), sorted), (40, 40 * seen.contact_groups.len()));
        reads += 1;
    }
    writing.await.unwrap();
    assert_eq!(contact_groups(&*store, &context, "a").await, [("x".to_owned(), 31)]);
}
