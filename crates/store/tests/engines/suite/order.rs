//! Commands of one user, sent at once, are as if one came after the other.

use crate::invariants::{check_chat_groups, check_user};
use crate::support::{
    chat_group, contact_groups, conversations, create, create_chat_group, crowd, delete, done, everybody_exists, here,
    import, moves, star, user, with,
};
use cubby_domain::ItemRefusal;
use cubby_domain::commands::{AddMembers, Move, RemoveMembers};
use cubby_store::Store;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Given a user, when sixteen tasks create contact groups for it at once, then the GroupIds are 1 to n, without a gap or a repeat.
pub async fn group_ids_are_1_to_n_whoever_asks_at_once(store: Arc<impl Store>) {
    let context = everybody_exists(|limits| limits.contact_groups = 1000);
    let mut tasks = JoinSet::new();
    for task in 0..16 {
        let (store, context) = (Arc::clone(&store), context.clone());
        tasks.spawn(async move {
            let mut given = Vec::new();
            for n in 0..8 {
                let created = done(&*store, &context, create("a", &format!("{task}.{n}"), Vec::new())).await;
                given.push((created.group.name.to_string(), created.group.id.0));
            }
            assert!(given.is_sorted_by_key(|(_, id)| *id), "a task's own commands are in its order");
            given
        });
    }
    let mut given: Vec<_> = tasks.join_all().await.concat();
    given.sort_by_key(|(_, id)| *id);
    assert_eq!(given.iter().map(|(_, id)| *id).collect::<Vec<_>>(), (1..=128).collect::<Vec<_>>());
    assert_eq!(contact_groups(&*store, &context, "a").await, given);
}

/// Given a user with room for six conversations, when twelve tasks add one each at once, then six are accepted and six hear that the data
/// is full.
pub async fn a_limit_holds_whoever_asks_at_once(store: Arc<impl Store>) {
    let context = everybody_exists(|limits| limits.conversations = 6);
    done(&*store, &context, create("a", "x", Vec::new())).await;
    let mut tasks = JoinSet::new();
    for id in crowd(12) {
        let (store, context) = (Arc::clone(&store), context.clone());
        tasks.spawn(async move {
            done(&*store, &context, moves("a", "x", vec![Move::Add(id.clone())])).await.items.remove(0).map(|()| id)
        });
    }
    let (accepted, refused): (Vec<_>, Vec<_>) = tasks.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!(refused, vec![Err(ItemRefusal::TooManyConversations { max: 6 }); 6]);
    let mut accepted: Vec<_> = accepted.into_iter().flatten().collect();
    let mut kept = conversations(&*store, &context, "a").await;
    accepted.sort();
    kept.sort();
    assert_eq!(kept, accepted);
}

/// Given a user, when many tasks add, remove, mark and delete over the same conversations at once, then every counter equals the records
/// and every way to a conversation leads to the same.
pub async fn commands_of_one_user_at_once_leave_counters_that_equal_the_records(store: Arc<impl Store>) {
    let context = everybody_exists(|limits| limits.conversations = 8);
    let mut tasks = JoinSet::new();
    for task in 0..12_usize {
        let (store, context) = (Arc::clone(&store), context.clone());
        tasks.spawn(async move {
            for n in 0..12 {
                let group = ["x", "y", "z"][(task + n) % 3];
                let some = [n, task + n, 3 * task + n].map(|k| with(&format!("p{}", k % 10)));
                done(&*store, &context, create("a", group, some.to_vec())).await;
                let [one, two, three] = some;
                let back_and_forth = vec![Move::Remove(one), Move::Remove(two.clone()), Move::Add(two)];
                // The group may have been deleted in between by another task.
                drop(store.execute(moves("a", group, back_and_forth), context.clone()).await.unwrap());
                if task % 3 == 0 {
                    done(&*store, &context, star("a", &[three])).await;
                }
                if task % 6 == 1 {
                    drop(store.execute(delete("a", group), context.clone()).await.unwrap());
                }
            }
        });
    }
    tasks.join_all().await;
    check_user(&*store, &context, &user("a")).await;
}

/// Given a chat group, when many tasks add and remove members at once, then it counts those who are in it.
pub async fn commands_on_one_chat_group_at_once_leave_counters_that_equal_the_records(store: Arc<impl Store>) {
    let context = here();
    let ids = ["a", "b", "c", "d", "e"];
    done(&*store, &context, import(&ids)).await;
    done(&*store, &context, create_chat_group("g", None, &[])).await;
    let mut tasks = JoinSet::new();
    for task in 0..10_usize {
        let (store, context) = (Arc::clone(&store), context.clone());
        tasks.spawn(async move {
            for n in 0..6 {
                let some = [task, task + n].map(|k| user(ids[k % 5]));
                done(&*store, &context, AddMembers { id: chat_group("g"), users: some.clone().map(Ok).to_vec() }).await;
                if n % 2 == 0 {
                    done(&*store, &context, RemoveMembers { id: chat_group("g"), users: some.to_vec() }).await;
                }
            }
        });
    }
    tasks.join_all().await;
    check_chat_groups(&*store, &context, &ids.map(user)).await;
}
