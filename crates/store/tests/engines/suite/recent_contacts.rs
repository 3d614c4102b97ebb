//! Recent contacts: the list, its order, its pins and what is unread, whoever writes, leaves or is deleted.

use crate::invariants::{Everything, check_chat_groups, check_user};
use crate::support::{
    asked, conversations, create, create_chat_group, crowd, delete, delete_accounts, done, everybody_exists, here,
    import, later, pin, recents, recents_of, refused, say, say_in, star, user, with, within_group,
};
use cubby_domain::commands::{
    AddMembers, DeleteRecentContact, DestroyChatGroup, PinConversations, ReadMessages, RemoveMembers,
    SendChatGroupMessage,
};
use cubby_domain::queries::{CountUnread, ListRecentContacts, Next, Unread};
use cubby_domain::{Context, ConversationId, Refusal, SdkAppId};
use cubby_store::Store;
use std::sync::Arc;
use tokio::task::JoinSet;

/// So many peers write to a, a second after each other; the time after it.
async fn written_to(store: &impl Store, context: &Context, many: usize) -> Context {
    let mut now = context.clone();
    for n in 1..=many {
        now = later(&now, 1);
        done(store, &now, say(&format!("p{n}"), "a")).await;
    }
    later(&now, 1)
}

async fn unread(store: &impl Store, context: &Context, of: &str) -> Unread {
    asked(store, context, CountUnread { user: user(of), peers: None }).await
}

/// Given conversations, when a message comes into one, then it is the newest of both sides, once in each list.
pub async fn a_message_moves_its_conversation_to_the_end_of_both_lists(store: Arc<impl Store>) {
    let context = everybody_exists(|_| {});
    let context = written_to(&*store, &context, 4).await;
    assert_eq!(recents(&*store, &context, "a").await, crowd(4));
    done(&*store, &context, say("p2", "a")).await;
    done(&*store, &later(&context, 1), say("a", "p1")).await;
    let order = ["p3", "p4", "p2", "p1"].map(with);
    assert_eq!(recents(&*store, &context, "a").await, order);
    assert_eq!(recents(&*store, &context, "p1").await, [with("a")]);
    check_user(&*store, &context, &user("a")).await;
}

/// Given more conversations than the list has, when one of the old ones gets a message or a newer one is deleted, then it is back.
pub async fn those_beyond_the_number_are_kept_and_come_back(store: Arc<impl Store>) {
    let context = everybody_exists(|_| {});
    let context = written_to(&*store, &context, 30).await;
    let listed = |window: u64| {
        let (store, context) = (Arc::clone(&store), context.clone());
        async move {
            let page = asked(&*store, &context, ListRecentContacts { window, ..recents_of("a") }).await;
            page.recents.into_iter().map(|one| one.id.clone()).collect::<Vec<_>>()
        }
    };
    assert_eq!(listed(3).await, crowd(30)[27..]);
    done(&*store, &context, say("p1", "a")).await;
    assert_eq!(listed(3).await, ["p29", "p30", "p1"].map(with));
    for gone in ["p30", "p1"] {
        done(&*store, &context, DeleteRecentContact { user: user("a"), id: with(gone) }).await;
    }
    assert_eq!(listed(3).await, ["p27", "p28", "p29"].map(with));
    done(&*store, &context, pin("a", vec![with("p5")])).await;
    assert_eq!(listed(3).await, ["p5", "p28", "p29"].map(with));
    assert_eq!(listed(1000).await.len(), 28);
    check_user(&*store, &context, &user("a")).await;
}

/// Given a pin of one who never wrote, when the list is asked for, then there is nothing, and as soon as a message comes it is pinned.
pub async fn a_pin_makes_no_recent_contact_and_shows_as_soon_as_there_is_one(store: Arc<impl Store>) {
    let context = everybody_exists(|limits| limits.pins = 2);
    let context = written_to(&*store, &context, 2).await;
    done(&*store, &context, pin("a", vec![with("q"), with("p1")])).await;
    assert_eq!(recents(&*store, &context, "a").await, ["p1", "p2"].map(with));
    let full = refused(&*store, &context, pin("a", vec![with("p2")])).await;
    assert_eq!(full, Refusal::TooManyPins { max: 2 });
    done(&*store, &context, say("q", "a")).await;
    let page = asked(&*store, &context, recents_of("a")).await;
    let shown: Vec<_> = page.recents.into_iter().map(|one| (one.id, one.pinned)).collect();
    assert_eq!(shown, [(with("p1"), Some(2)), (with("q"), Some(1)), (with("p2"), None)]);
    let unpin = PinConversations { user: user("a"), pinned: false, ids: vec![with("q")] };
    done(&*store, &context, unpin).await;
    assert_eq!(recents(&*store, &context, "a").await, ["p1", "p2", "q"].map(with));
    assert_eq!(conversations(&*store, &context, "a").await, [], "a pin is no mark");
}

/// Given a chat group with messages, when one leaves and it is dissolved, then each keeps the last message that it saw, and who comes back
/// sees what is sent from then on.
pub async fn a_chat_group_stays_as_it_was_with_those_who_left_and_where_it_is_dissolved(store: Arc<impl Store>) {
    let context = here();
    done(&*store, &context, import(&["a", "b", "c"])).await;
    done(&*store, &context, create_chat_group("g", Some("a"), &["b"])).await;
    let last = |of: &'static str| {
        let (store, context) = (Arc::clone(&store), context.clone());
        async move {
            let page = asked(&*store, &context, recents_of(of)).await;
            page.recents.first().map(|one| one.last.sequence)
        }
    };
    done(&*store, &context, say_in("g", "a")).await;
    let group = || cubby_domain::ChatGroupId::new("g").unwrap();
    done(&*store, &context, RemoveMembers { id: group(), users: vec![user("b")] }).await;
    done(&*store, &context, say_in("g", "a")).await;
    done(&*store, &context, AddMembers { id: group(), users: vec![Ok(user("b")), Ok(user("c"))] }).await;
    assert_eq!((last("a").await, last("b").await, last("c").await), (Some(2), Some(1), None));
    let to = Some(vec![user("b")]);
    done(&*store, &context, SendChatGroupMessage { to, ..say_in("g", "a") }).await;
    assert_eq!((last("a").await, last("b").await, last("c").await), (Some(2), Some(3), None));
    done(&*store, &context, DeleteRecentContact { user: user("a"), id: within_group("g") }).await;
    done(&*store, &context, DestroyChatGroup { id: group() }).await;
    assert_eq!((last("a").await, last("b").await, last("c").await), (None, Some(3), None));
    // One of the same id is another: its members see its messages, and what they saw before where it has none.
    done(&*store, &context, create_chat_group("g", Some("c"), &["b"])).await;
    let context = later(&context, 1);
    assert_eq!(done(&*store, &context, say_in("g", "c")).await.sequence, 1);
    assert_eq!((last("a").await, last("b").await, last("c").await), (None, Some(1), Some(1)));
    for of in ["a", "b", "c"] {
        check_user(&*store, &context, &user(of)).await;
    }
}

/// Given a chat group of 500, when a message is sent to it, then it is in the list of each, and nothing is kept with any of them.
pub async fn a_message_to_a_chat_group_is_seen_by_every_member_however_many(store: Arc<impl Store>) {
    let context = everybody_exists(|_| {});
    let members: Vec<String> = (0..500).map(|n| format!("m{n}")).collect();
    let members: Vec<&str> = members.iter().map(String::as_str).collect();
    done(&*store, &context, create_chat_group("g", None, &members)).await;
    done(&*store, &context, say_in("g", "m0")).await;
    for of in &members {
        assert_eq!(recents(&*store, &context, of).await, [within_group("g")]);
        let kept = asked(&*store, &context, Everything(user(of))).await;
        assert_eq!(kept.recent_contacts, []);
    }
}

/// Given messages of several peers, when they are read, deleted and come again, then what is unread is right by peer and together.
pub async fn what_is_unread_is_counted_by_whom_and_together_and_read_at_once(store: Arc<impl Store>) {
    let context = everybody_exists(|_| {});
    for from in ["p1", "p2", "p1", "p3", "a"] {
        done(&*store, &context, say(from, "a")).await;
    }
    assert_eq!(unread(&*store, &context, "a").await, Unread::All(4));
    done(&*store, &context, ReadMessages { user: user("a"), peer: user("p1"), until: None }).await;
    done(&*store, &context, DeleteRecentContact { user: user("a"), id: with("p2") }).await;
    done(&*store, &context, say("p2", "a")).await;
    let peers = Some(["p1", "p2", "p3", "never"].map(user).to_vec());
    let each = asked(&*store, &context, CountUnread { user: user("a"), peers }).await;
    let expected = [("p1", 0), ("p2", 1), ("p3", 1), ("never", 0)].map(|(id, n)| (user(id), Some(n)));
    assert_eq!(each, Unread::Each(expected.to_vec()));
    assert_eq!(unread(&*store, &context, "a").await, Unread::All(2));
    check_user(&*store, &context, &user("a")).await;
}

/// Given a paging in hand, when between its pages messages come, conversations are pinned, deleted and made, then each that is in the list
/// all the while comes exactly once.
pub async fn what_stays_in_the_list_comes_exactly_once_while_messages_and_pins_arrive(store: Arc<impl Store>) {
    let context = everybody_exists(|_| {});
    let mut now = written_to(&*store, &context, 40).await;
    done(&*store, &now, pin("a", crowd(6)[..5].to_vec())).await;
    for page in [1, 2, 5, 7, 39, 40] {
        let (mut seen, mut after, mut pinned_after) = (Vec::new(), 0, 0);
        for n in 0_usize.. {
            let asking = ListRecentContacts { page, after, pinned_after, ..recents_of("a") };
            let found = asked(&*store, &now, asking).await;
            assert!(found.recents.len() as u64 <= page);
            seen.extend(found.recents.into_iter().map(|one| one.id));
            let Some(next) = found.next else { break };
            assert!(n < 200, "it ends");
            Next { after, pinned_after } = next;
            now = later(&now, 1);
            done(&*store, &now, say(&format!("p{}", n % 30 + 1), "a")).await;
            done(&*store, &now, pin("a", vec![with(&format!("p{}", n % 12 + 20))])).await;
            done(&*store, &now, say(&format!("q{}", n % 50), "a")).await;
            done(&*store, &now, DeleteRecentContact { user: user("a"), id: with(&format!("p{}", n % 3 + 38)) }).await;
        }
        let times = |id: &ConversationId| seen.iter().filter(|one| *one == id).count();
        for stayed in &crowd(37) {
            assert_eq!(times(stayed), 1, "{stayed:?} with pages of {page} in {seen:?}");
        }
        for n in 38..=40 {
            done(&*store, &now, say(&format!("p{n}"), "a")).await;
        }
        let pinned = (20..32).map(|n| with(&format!("p{n}"))).collect();
        done(&*store, &now, PinConversations { user: user("a"), pinned: false, ids: pinned }).await;
    }
    check_user(&*store, &now, &user("a")).await;
}

/// Given many who write to one at once, when all are acknowledged, then each message is counted and the list has each of them.
pub async fn messages_at_once_are_all_counted_and_the_lists_are_whole(store: Arc<impl Store>) {
    let context = everybody_exists(|_| {});
    done(&*store, &context, create_chat_group("g", None, &["a"])).await;
    let mut tasks = JoinSet::new();
    for n in 1..=8 {
        let (store, context, from) = (Arc::clone(&store), context.clone(), format!("p{n}"));
        tasks.spawn(async move {
            for _ in 0..10 {
                done(&*store, &context, say(&from, "a")).await;
                done(&*store, &context, say_in("g", &from)).await;
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(unread(&*store, &context, "a").await, Unread::All(80));
    let page = asked(&*store, &context, recents_of("a")).await;
    let sequences: Vec<u64> = page.recents.iter().map(|one| one.last.sequence).collect();
    assert_eq!(sequences, [vec![10; 8], vec![80]].concat());
    check_user(&*store, &context, &user("a")).await;
}

/// Given conversations that are both recent and sorted, when they are sorted otherwise or the list changes, then the other stays.
pub async fn recent_contacts_and_sorted_conversations_leave_each_other_alone(store: Arc<impl Store>) {
    let context = everybody_exists(|_| {});
    let context = written_to(&*store, &context, 3).await;
    done(&*store, &context, create("a", "x", ["p2", "q"].map(with).to_vec())).await;
    let before = asked(&*store, &context, Everything(user("a"))).await;
    let context = later(&context, 5);
    done(&*store, &context, star("a", &[with("p1"), with("r")])).await;
    done(&*store, &context, delete("a", "x")).await;
    let sorted = asked(&*store, &context, Everything(user("a"))).await;
    assert_eq!((&sorted.recent_contacts, sorted.head.unread), (&before.recent_contacts, before.head.unread));
    assert_eq!(recents(&*store, &context, "a").await, crowd(3));
    done(&*store, &context, say("p1", "a")).await;
    done(&*store, &context, pin("a", vec![with("p1")])).await;
    done(&*store, &context, DeleteRecentContact { user: user("a"), id: with("p1") }).await;
    let after = asked(&*store, &context, Everything(user("a"))).await;
    assert_eq!((after.conversations, after.head.entered), (sorted.conversations, sorted.head.entered));
    let page = asked(&*store, &context, recents_of("a")).await;
    assert!(page.recents.iter().all(|one| one.sorted.is_none()));
    check_user(&*store, &context, &user("a")).await;
}

/// Given an account with recent contacts, pins and unread messages, when it is deleted and imported again, then it has none, and others
/// keep it in their lists.
pub async fn a_deleted_account_leaves_no_recent_contacts_and_stays_in_the_lists_of_others(store: Arc<impl Store>) {
    let context = here();
    done(&*store, &context, import(&["a", "b", "ab"])).await;
    done(&*store, &context, create_chat_group("g", Some("b"), &["a"])).await;
    for (from, to) in [("a", "b"), ("b", "a"), ("ab", "a"), ("a", "ab")] {
        done(&*store, &context, say(from, to)).await;
    }
    let to = Some(vec![user("a")]);
    done(&*store, &context, SendChatGroupMessage { to, ..say_in("g", "b") }).await;
    done(&*store, &context, pin("a", vec![with("b")])).await;
    done(&*store, &context, pin("b", vec![with("a")])).await;
    done(&*store, &context, delete_accounts(&["a"])).await;
    let nobody = store.query(recents_of("a"), context.clone()).await.unwrap();
    assert_eq!(nobody, Err(Refusal::NotImported(user("a"))));
    assert_eq!(recents(&*store, &context, "b").await, [with("a")]);
    assert_eq!(unread(&*store, &context, "b").await, Unread::All(1));
    done(&*store, &context, import(&["a"])).await;
    let kept = asked(&*store, &context, Everything(user("a"))).await;
    assert_eq!((kept.recent_contacts, kept.pins, kept.head.unread), (Vec::new(), None, 0));
    assert_eq!(recents(&*store, &context, "a").await, []);
    done(&*store, &context, say("b", "a")).await;
    assert_eq!(asked(&*store, &context, recents_of("a")).await.recents[0].pinned, None);
    for of in ["a", "b", "ab"] {
        check_user(&*store, &context, &user(of)).await;
    }
    check_chat_groups(&*store, &context, &["a", "b", "ab"].map(user)).await;
}

/// Given users whose ids are prefixes of each other, in two applications, when one gets messages and pins, then no other has them.
pub async fn recent_contacts_of_users_whose_ids_are_prefixes_and_of_two_applications_are_apart(store: Arc<impl Store>) {
    let context = everybody_exists(|_| {});
    let other = Context { app: SdkAppId(context.app.0 + 1), ..context.clone() };
    for of in ["a", "ab", "a\0"] {
        done(&*store, &context, say(&format!("to-{of}"), of)).await;
        done(&*store, &context, pin(of, vec![with(&format!("pin-of-{of}"))])).await;
    }
    done(&*store, &other, say("elsewhere", "a")).await;
    for of in ["a", "ab", "a\0"] {
        assert_eq!(recents(&*store, &context, of).await, [with(&format!("to-{of}"))]);
        let kept = asked(&*store, &context, Everything(user(of))).await;
        assert_eq!(kept.pins.unwrap().list[0].id, with(&format!("pin-of-{of}")));
    }
    assert_eq!(recents(&*store, &other, "a").await, [with("elsewhere")]);
    assert_eq!(asked(&*store, &other, Everything(user("a"))).await.pins, None);
    done(&*store, &context, DeleteRecentContact { user: user("a"), id: with("to-a") }).await;
    assert_eq!(recents(&*store, &context, "ab").await, [with("to-ab")]);
}
