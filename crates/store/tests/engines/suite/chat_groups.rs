//! Chat groups: their listing, and memberships from both sides.

use crate::invariants::check_chat_groups;
use crate::support::{asked, chat_group, create_chat_group, done, here, import, refused, user};
use cubby_domain::commands::{AddMembers, Added, DestroyChatGroup, RemoveMembers};
use cubby_domain::queries::{GetChatGroups, JoinedChatGroups, ListChatGroups};
use cubby_domain::{Context, Refusal};
use cubby_store::Store;
use std::sync::Arc;

async fn list(store: &impl Store, context: &Context, after: u64, limit: u64) -> (Vec<String>, Option<u64>) {
    let page = asked(store, context, ListChatGroups { after, limit, kind: None }).await;
    (page.chat_groups.into_iter().map(|(id, _)| id.to_string()).collect(), page.next)
}

async fn destroy(store: &impl Store, context: &Context, id: &str) {
    done(store, context, DestroyChatGroup { id: chat_group(id) }).await;
}

async fn joined(store: &impl Store, context: &Context, of: &str) -> Vec<String> {
    let found = asked(store, context, JoinedChatGroups { user: user(of), kind: None }).await;
    found.into_iter().map(|(id, _, _)| id.to_string()).collect()
}

/// Given chat groups whose ids sort otherwise, when they are listed page by page, then they come in the order of creation, and one that
/// is destroyed and created again comes last.
pub async fn chat_groups_are_listed_in_the_order_of_creation(store: Arc<impl Store>) {
    let context = here();
    for id in ["z", "m", "mm", "a"] {
        done(&*store, &context, create_chat_group(id, None, &[])).await;
    }
    destroy(&*store, &context, "m").await;
    done(&*store, &context, create_chat_group("m", None, &[])).await;
    let (first, next) = list(&*store, &context, 0, 2).await;
    assert_eq!(first, ["z", "mm"]);
    let (second, next) = list(&*store, &context, next.unwrap(), 2).await;
    assert_eq!((second, next), (vec!["a".to_owned(), "m".to_owned()], None));
}

/// Given a listing in hand, when chat groups are destroyed and created between its pages, then those that stay come exactly once.
pub async fn the_listing_stands_while_chat_groups_come_and_go_between_the_pages(store: Arc<impl Store>) {
    let context = here();
    for n in 0..8 {
        done(&*store, &context, create_chat_group(&format!("g{n}"), None, &[])).await;
    }
    let (mut seen, next) = list(&*store, &context, 0, 3).await;
    for id in ["g0", "g2", "g4"] {
        destroy(&*store, &context, id).await;
    }
    done(&*store, &context, create_chat_group("g0", None, &[])).await;
    let (rest, last) = list(&*store, &context, next.unwrap(), 100).await;
    assert_eq!((last, &rest), (None, &["g3", "g5", "g6", "g7", "g0"].map(str::to_owned).to_vec()));
    seen.extend(rest);
    for stayed in ["g1", "g3", "g5", "g6", "g7"] {
        assert_eq!(seen.iter().filter(|id| *id == stayed).count(), 1, "{stayed}");
    }
}

/// Given a chat group, when members come and go, then it and they tell the same.
pub async fn a_membership_is_seen_from_both_sides(store: Arc<impl Store>) {
    let context = here();
    done(&*store, &context, import(&["a", "b", "c"])).await;
    done(&*store, &context, create_chat_group("g", Some("a"), &[])).await;
    done(&*store, &context, create_chat_group("h", None, &["b"])).await;
    let users = ["b", "a", "c"].map(|id| Ok(user(id))).to_vec();
    let added = done(&*store, &context, AddMembers { id: chat_group("g"), users }).await;
    assert_eq!(added, [Added::Joined, Added::AlreadyMember, Added::Joined]);
    done(&*store, &context, RemoveMembers { id: chat_group("g"), users: vec![user("c"), user("ghost")] }).await;
    let info = asked(&*store, &context, GetChatGroups { ids: vec![chat_group("g")] }).await.remove(0).unwrap();
    let members: Vec<_> = info.members.iter().map(|(user, member)| (user.as_str(), member.owner)).collect();
    assert_eq!((members, info.chat_group.members), (vec![("a", true), ("b", false)], 2));
    assert_eq!(joined(&*store, &context, "a").await, ["g"]);
    assert_eq!(joined(&*store, &context, "b").await, ["g", "h"]);
    assert_eq!(joined(&*store, &context, "c").await, [""; 0]);
    check_chat_groups(&*store, &context, &["a", "b", "c", "ghost"].map(user)).await;
}

/// Given a chat group with members, when it is destroyed, then nobody is in it, and who creates it anew begins without members.
pub async fn a_destroyed_chat_group_leaves_no_membership_and_its_id_free(store: Arc<impl Store>) {
    let context = here();
    done(&*store, &context, import(&["a", "b"])).await;
    done(&*store, &context, create_chat_group("g", Some("a"), &["b"])).await;
    let taken = refused(&*store, &context, create_chat_group("g", Some("b"), &[])).await;
    assert_eq!(taken, Refusal::ChatGroupIdTaken(chat_group("g")));
    destroy(&*store, &context, "g").await;
    assert_eq!(asked(&*store, &context, GetChatGroups { ids: vec![chat_group("g")] }).await, [None]);
    assert_eq!(joined(&*store, &context, "b").await, [""; 0]);
    done(&*store, &context, create_chat_group("g", Some("b"), &[])).await;
    assert_eq!(joined(&*store, &context, "a").await, [""; 0]);
    check_chat_groups(&*store, &context, &["a", "b"].map(user)).await;
}
