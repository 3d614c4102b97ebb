//! What is acknowledged is seen, at once and by everybody.

use crate::support::{asked, create, done, everybody_exists, moves, star, user, with};
use cubby_domain::commands::{MarkContacts, Marking, Move};
use cubby_domain::queries::SearchContacts;
use cubby_domain::{Context, MarkSet};
use cubby_store::Store;
use std::sync::Arc;
use tokio::task::JoinSet;

async fn is_there(store: &impl Store, context: &Context, of: &str) -> bool {
    let found = asked(store, context, SearchContacts { user: user(of), ids: vec![with("p")] }).await;
    found.conversations.len() == 1
}

/// Given many users at once, when each change of theirs is acknowledged, then a query that follows sees it, removals too.
pub async fn what_is_acknowledged_is_seen_by_the_next_query(store: Arc<impl Store>) {
    let context = everybody_exists(|_| {});
    let mut tasks = JoinSet::new();
    for task in 0..8 {
        let (store, context, of) = (Arc::clone(&store), context.clone(), format!("u{task}"));
        tasks.spawn(async move {
            for _ in 0..12 {
                done(&*store, &context, star(&of, &[with("p")])).await;
                assert!(is_there(&*store, &context, &of).await);
                let marking = Marking { clear: MarkSet(1), ..Marking::default() };
                let unmark = MarkContacts { user: user(&of), items: vec![Ok((with("p"), marking))] };
                done(&*store, &context, unmark).await;
                assert!(!is_there(&*store, &context, &of).await);
            }
        });
    }
    tasks.join_all().await;
}

/// Given two tasks that take turns over one user, when one's change is acknowledged, then the other's next command builds on it.
pub async fn what_is_acknowledged_is_seen_by_the_next_command(store: Arc<impl Store>) {
    let context = everybody_exists(|limits| limits.conversations = 1);
    done(&*store, &context, create("a", "x", Vec::new())).await;
    for n in 0..20 {
        let id = with(&format!("p{n}"));
        let (store, context) = (Arc::clone(&store), context.clone());
        // With room for one conversation, each add is accepted only where the removal before it is seen.
        let turn = async move {
            for one in [Move::Add(id.clone()), Move::Remove(id)] {
                assert_eq!(done(&*store, &context, moves("a", "x", vec![one])).await.items, [Ok(())]);
            }
        };
        tokio::spawn(turn).await.unwrap();
    }
}
