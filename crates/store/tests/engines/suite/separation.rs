//! What belongs to one user, chat group or application is never seen or changed through another, however alike their ids are.

use crate::invariants::{Everything, check_chat_groups, check_user};
use crate::support::{
    asked, chat_group, contact_groups, conversations, create, create_chat_group, delete, delete_accounts, done,
    everybody_exists, here, import, star, user, with, within_group,
};
use cubby_domain::commands::DestroyChatGroup;
use cubby_domain::queries::{CheckAccounts, GetChatGroups, ListChatGroups, SearchContacts};
use cubby_domain::{Context, SdkAppId};
use cubby_store::Store;
use std::sync::Arc;

/// Ids that begin alike, or look like parts of each other's keys.
const ALIKE: [&str; 11] = ["a", "ab", "a\0", "a\0b", "a\u{1}", "a\u{2}", "a\u{4}", "\u{1}a", "a\u{10ffff}", "b", "A"];

/// Given users whose ids are prefixes of each other, each with data of its own, when one changes or is deleted, then the others are as
/// they were.
pub async fn users_whose_ids_are_prefixes_of_each_other_share_nothing(store: Arc<impl Store>) {
    let context = here();
    done(&*store, &context, import(&ALIKE)).await;
    for (n, id) in ALIKE.iter().enumerate() {
        for (group, other) in ALIKE[..=n].iter().enumerate() {
            done(&*store, &context, create(id, &format!("{n}.{group}"), vec![with(id), with(other)])).await;
        }
    }
    let mut before = Vec::new();
    for id in ALIKE {
        check_user(&*store, &context, &user(id)).await;
        before.push(asked(&*store, &context, Everything(user(id))).await);
    }
    for (n, kept) in before.iter().enumerate() {
        assert_eq!(kept.head.contact_groups.len(), n + 1);
        assert_eq!(kept.conversations.len(), n + 1);
    }
    done(&*store, &context, delete("ab", "1.0")).await;
    done(&*store, &context, delete_accounts(&["a"])).await;
    for (id, before) in ALIKE.iter().zip(before).skip(2) {
        assert_eq!(asked(&*store, &context, Everything(user(id))).await, before, "{id:?}");
    }
    assert_eq!(contact_groups(&*store, &context, "ab").await, [("1.1".to_owned(), 2)]);
    assert_eq!(conversations(&*store, &context, "ab").await, [with("ab")]);
}

/// Given chat groups whose ids are prefixes of each other, when one is destroyed, then the others keep their members.
pub async fn chat_groups_whose_ids_are_prefixes_of_each_other_share_nothing(store: Arc<impl Store>) {
    let context = here();
    done(&*store, &context, import(&ALIKE)).await;
    for (n, id) in ALIKE.iter().enumerate() {
        done(&*store, &context, create_chat_group(id, None, &ALIKE[n..])).await;
    }
    done(&*store, &context, DestroyChatGroup { id: chat_group("a") }).await;
    let found = asked(&*store, &context, GetChatGroups { ids: ALIKE.map(chat_group).to_vec() }).await;
    assert_eq!(found[0], None);
    for (n, info) in found.iter().enumerate().skip(1) {
        assert_eq!(info.as_ref().unwrap().members.len(), ALIKE.len() - n, "{:?}", ALIKE[n]);
    }
    check_chat_groups(&*store, &context, &ALIKE.map(user)).await;
}

/// Given a user and a chat group of one id, when the conversations with both are sorted, then they are two.
pub async fn a_user_and_a_chat_group_of_one_id_are_two_conversations(store: Arc<impl Store>) {
    let context = everybody_exists(|_| {});
    done(&*store, &context, create("a", "x", vec![with("g"), within_group("g")])).await;
    done(&*store, &context, star("a", &[within_group("g")])).await;
    done(&*store, &context, delete("a", "x")).await;
    let ids = vec![with("g"), within_group("g")];
    let found = asked(&*store, &context, SearchContacts { user: user("a"), ids }).await.conversations;
    assert_eq!(found.into_iter().map(|(id, _)| id).collect::<Vec<_>>(), [within_group("g")]);
}

/// Given two applications with users and chat groups of the same ids, when one of them changes all it has, then the other is as it was.
pub async fn two_applications_with_the_same_users_share_nothing(store: Arc<impl Store>) {
    let one = here();
    // The number next to it, and one whose bytes begin alike.
    for other in [one.app.0 + 1, one.app.0 << 8] {
        let other = Context { app: SdkAppId(other), ..here() };
        done(&*store, &one, import(&["a", "b"])).await;
        let check = || CheckAccounts { items: vec![Ok(user("a"))] };
        assert_eq!(asked(&*store, &other, check()).await, [Ok(false)]);
        for (context, group) in [(&one, "x"), (&other, "y")] {
            done(&*store, context, import(&["a", "b"])).await;
            done(&*store, context, create("a", group, vec![with("b")])).await;
            done(&*store, context, create_chat_group("g", Some("a"), &[])).await;
        }
        let before = asked(&*store, &other, Everything(user("a"))).await;
        done(&*store, &one, DestroyChatGroup { id: chat_group("g") }).await;
        done(&*store, &one, delete_accounts(&["a"])).await;
        assert_eq!(asked(&*store, &other, Everything(user("a"))).await, before);
        assert_eq!(contact_groups(&*store, &other, "a").await, [("y".to_owned(), 1)]);
        let list = asked(&*store, &other, ListChatGroups { after: 0, limit: 9, kind: None }).await;
        assert_eq!((list.total, list.chat_groups.len()), (1, 1));
        check_user(&*store, &other, &user("a")).await;
    }
}
