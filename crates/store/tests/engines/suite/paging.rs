//! Paging through a user's conversations.

use crate::support::{create, crowd, done, everybody_exists, ids, later, moves, page, star, with};
use cubby_domain::ConversationId;
use cubby_domain::commands::Move;
use cubby_store::Store;
use std::sync::Arc;

/// Given a paging in hand, when between its pages conversations leave, enter, leave and enter again, and are marked, then each that is in
/// the data all the while comes exactly once.
pub async fn what_stays_comes_exactly_once_whatever_changes_between_the_pages(store: Arc<impl Store>) {
    let context = everybody_exists(|_| {});
    done(&*store, &context, create("a", "x", crowd(12))).await;
    let p = |n: usize| with(&format!("p{n}"));
    let changes: [Vec<Move>; 3] = [
        vec![Move::Remove(p(1)), Move::Remove(p(5)), Move::Add(with("q1"))],
        vec![Move::Remove(p(2)), Move::Add(p(2)), Move::Remove(p(9)), Move::Add(p(9))],
        vec![Move::Remove(p(4)), Move::Add(p(1)), Move::Add(with("q2"))],
    ];
    let mut changes = changes.into_iter();
    let (mut seen, mut after, mut now) = (Vec::new(), 0, 0);
    loop {
        let found = page(&*store, &context, "a", after, 3).await;
        let next = found.next;
        assert!(next.is_none() || found.contacts.conversations.len() == 3, "only the last page is not full");
        seen.extend(ids(found));
        let Some(next) = next else { break };
        after = next;
        now += 1;
        let context = later(&context, now);
        if let Some(items) = changes.next() {
            done(&*store, &context, moves("a", "x", items)).await;
        }
        done(&*store, &context, star("a", &[p(3), p(8), p(12)])).await;
    }
    let times = |id: &ConversationId| seen.iter().filter(|one| *one == id).count();
    for stayed in [3, 6, 7, 8, 10, 11, 12] {
        assert_eq!(times(&p(stayed)), 1, "p{stayed} in {seen:?}");
    }
    assert_eq!(times(&p(5)), 0, "it left before its page");
    assert_eq!(times(&with("q1")), 1, "it entered before the last page");
}

/// Given a user's data, when it is paged through with pages of any size, then the pages are its conversations in the order of entry, and
/// the last one says so even where it is full.
pub async fn pages_end_where_the_data_ends(store: Arc<impl Store>) {
    let context = everybody_exists(|_| {});
    assert_eq!(page(&*store, &context, "a", 0, 2).await.next, None, "no data is one empty page");
    done(&*store, &context, create("a", "x", crowd(6))).await;
    for limit in 1..=7 {
        let (mut seen, mut after) = (Vec::new(), Some(0));
        while let Some(from) = after {
            let found = page(&*store, &context, "a", from, limit).await;
            after = found.next;
            seen.push(ids(found));
        }
        assert_eq!(seen.len() as u64, 6_u64.div_ceil(limit));
        assert_eq!(seen.concat(), crowd(6));
    }
    for beyond in [6, 7, u64::MAX - 1, u64::MAX] {
        let found = page(&*store, &context, "a", beyond, 2).await;
        assert_eq!((found.next, ids(found)), (None, Vec::new()));
    }
}
