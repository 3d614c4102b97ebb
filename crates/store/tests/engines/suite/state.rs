//! All data of an application read, and made other data, at once.

use crate::invariants::{check_chat_groups, check_user};
use crate::support::{
    asked, chat_group, contact_groups, conversations, create, create_chat_group, crowd, delete, delete_accounts, done,
    here, import, later, moves, pin, recents, replace, say, say_in, star, state, user, with, within_group,
};
use cubby_domain::commands::{
    AddMembers, DeleteRecentContact, DestroyChatGroup, Move, RemoveMembers, ReplaceApplicationState, SetUnread,
};
use cubby_domain::queries::{FindChatGroups, ListAccounts, ReadApplicationState, StateTooLarge};
use cubby_domain::state::{ApplicationState, CheckedState, RECORDS_MAX};
use cubby_domain::{Context, SdkAppId};
use cubby_store::Store;
use std::sync::Arc;

const USERS: [&str; 6] = ["a", "ab", "b", "c", "d", "new"];

/// Something of everything.
pub async fn fill(store: &impl Store, context: &Context) {
    done(store, context, import(&["a", "ab", "b", "c"])).await;
    done(store, context, create_chat_group("g", Some("a"), &["b", "c"])).await;
    done(store, context, create_chat_group("h", None, &["a"])).await;
    done(store, context, create("a", "x", vec![with("b"), within_group("g"), with("c")])).await;
    done(store, context, create("a", "y", vec![with("c"), with("ab")])).await;
    done(store, context, create("ab", "x", vec![with("a")])).await;
    done(store, context, star("a", &[with("b"), within_group("h")])).await;
    done(store, context, pin("a", vec![with("b"), within_group("g"), with("c")])).await;
    done(store, context, say("b", "a")).await;
    done(store, &later(context, 3), say("c", "a")).await;
    done(store, &later(context, 4), say("administrator", "a")).await;
    done(store, &later(context, 5), say_in("g", "a")).await;
    done(store, context, SetUnread { id: chat_group("g"), user: user("b"), unread: 0 }).await;
}

/// What others do to it in the meantime.
async fn stir(store: &impl Store, context: &Context) {
    let context = &later(context, 60);
    done(store, context, import(&["d", "new"])).await;
    done(store, context, delete("a", "x")).await;
    done(store, context, create("a", "z", crowd(0))).await;
    let again = vec![Move::Remove(with("c")), Move::Add(with("d")), Move::Add(with("c"))];
    done(store, context, moves("a", "y", again)).await;
    done(store, context, create("new", "x", vec![with("a")])).await;
    done(store, context, DestroyChatGroup { id: chat_group("h") }).await;
    done(store, context, create_chat_group("h", Some("b"), &[])).await;
    done(store, context, create_chat_group("i", Some("d"), &["new"])).await;
    done(store, context, RemoveMembers { id: chat_group("g"), users: vec![user("b")] }).await;
    done(store, context, AddMembers { id: chat_group("g"), users: vec![Ok(user("d"))] }).await;
    done(store, context, delete_accounts(&["ab", "c"])).await;
    done(store, context, say("d", "a")).await;
    done(store, context, say_in("g", "d")).await;
    done(store, context, DeleteRecentContact { user: user("a"), id: with("b") }).await;
}

pub async fn check(store: &impl Store, context: &Context) {
    let users = USERS.map(user);
    for user in &users {
        check_user(store, context, user).await;
    }
    check_chat_groups(store, context, &users).await;
}

/// Given data that was read, when all of it was changed and it is put back, then it is as it was read, by every way that leads to it, and
/// commands go on from there.
pub async fn what_was_read_comes_back_whatever_was_done_since(store: Arc<impl Store>) {
    let context = here();
    fill(&*store, &context).await;
    let before = state(&*store, &context).await;
    let seen = recents(&*store, &context, "a").await;
    assert_eq!(before.users.len(), 5, "the administrator, who sent a message, is one of them");
    for _ in 0..2 {
        stir(&*store, &context).await;
        assert_ne!(state(&*store, &context).await, before);
        assert!(replace(&*store, &context, &before).await > 0);
        assert_eq!(state(&*store, &context).await, before);
        check(&*store, &context).await;
    }
    assert_eq!(recents(&*store, &context, "a").await, seen);
    let in_order = [with("b"), within_group("g"), with("c"), with("ab"), within_group("h")];
    assert_eq!(conversations(&*store, &context, "a").await, in_order);
    assert_eq!(contact_groups(&*store, &context, "a").await, [("x".to_owned(), 1), ("y".to_owned(), 2)]);
    assert_eq!(done(&*store, &context, create("a", "z", vec![with("a")])).await.group.id.0, 3);
    check(&*store, &context).await;
}

/// Given data, when it is replaced by none, then nothing is there, and all comes back where it is put back.
pub async fn everything_goes_and_comes_back(store: Arc<impl Store>) {
    let context = here();
    fill(&*store, &context).await;
    let before = state(&*store, &context).await;
    replace(&*store, &context, &ApplicationState::default()).await;
    assert_eq!(state(&*store, &context).await, ApplicationState::default());
    check(&*store, &context).await;
    replace(&*store, &context, &before).await;
    assert_eq!(state(&*store, &context).await, before);
    check(&*store, &context).await;
}

/// Given data, when it is replaced by what it is, then nothing is written; where one message came, only what it touched is.
pub async fn what_is_as_wanted_is_not_written(store: Arc<impl Store>) {
    let context = here();
    fill(&*store, &context).await;
    let before = state(&*store, &context).await;
    assert_eq!(replace(&*store, &context, &before).await, 0);
    done(&*store, &later(&context, 9), say("b", "a")).await;
    assert_eq!(replace(&*store, &context, &before).await, 4, "two recent contacts and two heads");
    assert_eq!(state(&*store, &context).await, before);
}

/// Given conversations and chat groups in their order, when they are to stand in another, then each stands where it is to be.
pub async fn places_are_exchanged(store: Arc<impl Store>) {
    let context = here();
    fill(&*store, &context).await;
    let mut wanted = state(&*store, &context).await;
    let of_a = wanted.users.get_mut(&user("a")).unwrap();
    for one in of_a.conversations.values_mut() {
        one.entered = 6 - one.entered;
    }
    for one in wanted.chat_groups.values_mut() {
        one.record.sequence = 3 - one.record.sequence;
    }
    replace(&*store, &context, &wanted).await;
    assert_eq!(state(&*store, &context).await, wanted);
    let turned = [within_group("h"), with("ab"), with("c"), within_group("g"), with("b")];
    assert_eq!(conversations(&*store, &context, "a").await, turned);
    check(&*store, &context).await;
}

/// Given a user who was deleted, when data with the user is put back again and again, then the user is whole each time.
pub async fn a_user_who_was_deleted_comes_back_and_goes_again(store: Arc<impl Store>) {
    let context = here();
    fill(&*store, &context).await;
    let before = state(&*store, &context).await;
    for _ in 0..3 {
        done(&*store, &context, star("ab", &[with("c")])).await;
        done(&*store, &context, delete_accounts(&["ab"])).await;
        replace(&*store, &context, &before).await;
        assert_eq!(conversations(&*store, &context, "ab").await, [with("a")]);
        check(&*store, &context).await;
    }
    assert_eq!(state(&*store, &context).await, before);
}

/// Given data of so many records, when fewer may be read, then nothing is read and nothing is replaced.
pub async fn what_is_larger_than_the_bound_is_neither_read_nor_replaced(store: Arc<impl Store>) {
    let context = here();
    fill(&*store, &context).await;
    let before = state(&*store, &context).await;
    let records = before.records();
    for max in [0, 1, records - 1] {
        let read = asked(&*store, &context, ReadApplicationState { records_max: max }).await;
        assert_eq!(read.err(), Some(StateTooLarge { max }));
        let nothing = CheckedState::new(ApplicationState::default(), RECORDS_MAX).unwrap();
        let replacing = ReplaceApplicationState { state: nothing, records_max: max };
        assert_eq!(done(&*store, &context, replacing).await, Err(StateTooLarge { max }));
    }
    let read = asked(&*store, &context, ReadApplicationState { records_max: records }).await;
    assert_eq!(*read.unwrap(), before);
}

/// Given two applications with the same users, when one is replaced, then the other is as it was.
pub async fn another_application_is_left_alone(store: Arc<impl Store>) {
    let (context, greatest) = (here(), Context { app: SdkAppId(u64::MAX), ..here() });
    for context in [&context, &greatest] {
        fill(&*store, context).await;
    }
    let before = state(&*store, &greatest).await;
    replace(&*store, &context, &ApplicationState::default()).await;
    assert_eq!(state(&*store, &greatest).await, before);
    check(&*store, &greatest).await;
    replace(&*store, &greatest, &ApplicationState::default()).await;
    assert_eq!(state(&*store, &greatest).await, ApplicationState::default());
}

/// Given readers, when the data goes from one to another and back, then each sees one of the two.
pub async fn a_reader_sees_the_data_before_or_after_and_nothing_between(store: Arc<impl Store>) {
    let context = here();
    fill(&*store, &context).await;
    let one = state(&*store, &context).await;
    stir(&*store, &context).await;
    let other = state(&*store, &context).await;
    let reading = async {
        for _ in 0..30 {
            let seen = state(&*store, &context).await;
            assert!(seen == one || seen == other);
        }
    };
    let writing = async {
        for _ in 0..10 {
            replace(&*store, &context, &one).await;
            replace(&*store, &context, &other).await;
        }
    };
    tokio::join!(reading, writing);
    assert_eq!(state(&*store, &context).await, other);
    check(&*store, &context).await;
}

/// Given accounts whose ids are of every length, some of which begin as others do, and users who are deleted, not imported, or of another
/// application, when they are listed page by page, then the accounts come by their ids, each once.
pub async fn accounts_are_listed_by_their_ids_whatever_their_length(store: Arc<impl Store>) {
    let context = here();
    fill(&*store, &context).await;
    let longest = "z".repeat(255);
    let ids = ["aa", "aaa", "ab\u{e9}", "B", "m", "mm", "z", &longest, "\u{10ffff}"];
    done(&*store, &context, import(&ids)).await;
    done(&*store, &context, delete_accounts(&["mm", "c"])).await;
    done(&*store, &Context { app: SdkAppId(here().app.0 + 1), ..here() }, import(&["a", "other"])).await;
    done(&*store, &Context { app: SdkAppId(here().app.0 - 1), ..here() }, import(&["zz", "other"])).await;
    let mut expected: Vec<&str> = ["a", "ab", "b"].into_iter().chain(ids).filter(|id| *id != "mm").collect();
    expected.sort_unstable();
    for limit in [1, 2, 3, 100] {
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let page = asked(&*store, &context, ListAccounts { after, limit, text: None }).await;
            assert!(page.accounts.len() as u64 <= limit);
            seen.extend(page.accounts.into_iter().map(|one| one.user.to_string()));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, expected);
    }
    let text = Some("A".into());
    let page = asked(&*store, &context, ListAccounts { after: Some(user("aa")), limit: 2, text }).await;
    assert_eq!(page.accounts.iter().map(|one| one.user.as_str()).collect::<Vec<_>>(), ["aaa", "ab"]);
    assert_eq!((page.accounts[1].contact_groups, page.accounts[1].conversations), (1, 1));
    assert_eq!(page.next, Some(user("ab")));
    let found = asked(&*store, &context, FindChatGroups { after: 1, limit: 9, text: "H".into() }).await;
    assert_eq!(found.chat_groups.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["h"]);
    let (store, nothing) = (&*store, Context { app: SdkAppId(5), ..here() });
    let page = asked(store, &nothing, ListAccounts { after: None, limit: 9, text: None }).await;
    assert_eq!((page.accounts.len(), page.next), (0, None));
}
