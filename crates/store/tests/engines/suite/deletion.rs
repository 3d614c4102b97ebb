//! What is deleted is gone, all of it, however much it was.

use crate::invariants::{Everything, check_chat_groups, check_user};
use crate::support::{
    asked, contact_groups, conversations, create, create_chat_group, crowd, delete, delete_accounts, done,
    everybody_exists, here, import, later, refused, star, user, with, within_group,
};
use cubby_domain::Refusal;
use cubby_domain::queries::{CheckAccounts, JoinedChatGroups};
use cubby_store::Store;
use std::sync::Arc;

/// Given a contact group of 3000 conversations, every second with a star, when it is deleted, then those with a star stay, in their
/// order and with the time of the deletion, and the others leave the data.
pub async fn a_contact_group_of_more_conversations_than_a_batch_has_room_for_goes_whole(store: Arc<impl Store>) {
    let context = everybody_exists(|limits| limits.conversations = 3000);
    let all = crowd(3000);
    let starred: Vec<_> = all.iter().skip(1).step_by(2).cloned().collect();
    done(&*store, &context, create("a", "x", all)).await;
    done(&*store, &context, star("a", &starred)).await;
    let context = later(&context, 9);
    assert_eq!(done(&*store, &context, delete("a", "x")).await.id.0, 1);
    assert_eq!(contact_groups(&*store, &context, "a").await, []);
    let kept = asked(&*store, &context, Everything(user("a"))).await;
    assert!(kept.conversations.iter().all(|(_, one)| one.updated == context.now && one.contact_groups.is_empty()));
    assert_eq!(conversations(&*store, &context, "a").await, starred);
    check_user(&*store, &context, &user("a")).await;
    // There is room for as many again as left.
    let more: Vec<_> = (0..1501).map(|n| with(&format!("q{n}"))).collect();
    let items = done(&*store, &context, create("a", "y", more)).await.items;
    assert_eq!(items.iter().filter(|item| item.is_ok()).count(), 1500);
}

/// Given an account with contact groups, conversations, marks and memberships, when it is deleted and imported again, then it has nothing
/// and begins at GroupId 1; what others keep of it stays.
pub async fn a_deleted_account_leaves_nothing_that_a_reimport_shows(store: Arc<impl Store>) {
    let context = here();
    done(&*store, &context, import(&["a", "b"])).await;
    done(&*store, &context, create_chat_group("g", Some("b"), &["a"])).await;
    done(&*store, &context, create("a", "x", vec![with("b"), within_group("g")])).await;
    done(&*store, &context, create("a", "y", vec![with("b")])).await;
    done(&*store, &context, star("a", &[with("b")])).await;
    done(&*store, &context, create("b", "x", vec![with("a")])).await;
    assert_eq!(done(&*store, &context, delete_accounts(&["a"])).await, [Ok(())]);
    assert_eq!(refused(&*store, &context, create("a", "x", Vec::new())).await, Refusal::NotImported(user("a")));
    let check = CheckAccounts { items: vec![Ok(user("a")), Ok(user("b"))] };
    assert_eq!(asked(&*store, &context, check).await, [Ok(false), Ok(true)]);
    done(&*store, &context, import(&["a"])).await;
    let kept = asked(&*store, &context, Everything(user("a"))).await;
    assert_eq!((kept.head.contact_groups.len(), kept.conversations.len(), kept.memberships.len()), (0, 0, 0));
    assert_eq!(asked(&*store, &context, JoinedChatGroups { user: user("a"), kind: None }).await, []);
    assert_eq!(done(&*store, &context, create("a", "y", vec![with("b")])).await.group.id.0, 1);
    assert_eq!(conversations(&*store, &context, "a").await, [with("b")]);
    assert_eq!(conversations(&*store, &context, "b").await, [with("a")]);
    check_user(&*store, &context, &user("a")).await;
    check_chat_groups(&*store, &context, &["a", "b"].map(user)).await;
}

/// Given many accounts that know each other, when half of them are deleted by one command, then the other half is whole.
pub async fn accounts_deleted_together_leave_the_others_whole(store: Arc<impl Store>) {
    let context = here();
    let ids: Vec<String> = (0..40).map(|n| format!("u{n}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    done(&*store, &context, import(&ids)).await;
    done(&*store, &context, create_chat_group("g", Some("u1"), &ids)).await;
    for id in &ids {
        done(&*store, &context, create(id, "x", ids.iter().map(|id| with(id)).collect())).await;
    }
    let (gone, kept) = ids.split_at(20);
    assert_eq!(done(&*store, &context, delete_accounts(gone)).await, vec![Ok(()); 20]);
    for id in kept {
        assert_eq!(conversations(&*store, &context, id).await, ids.iter().map(|id| with(id)).collect::<Vec<_>>());
        check_user(&*store, &context, &user(id)).await;
    }
    check_chat_groups(&*store, &context, &ids.iter().map(|id| user(id)).collect::<Vec<_>>()).await;
}
