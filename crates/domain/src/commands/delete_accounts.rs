//! `account_delete`: deletes accounts with all their conversation data and memberships, in every edition. What others keep of a
//! deleted account stays until they remove it.

use super::ItemResult;
use crate::change::Change;
use crate::command::{Command, Context, Outcome};
use crate::edit::account_exists;
use crate::footprint::{Footprint, Range};
use crate::head::Head;
use crate::ids::{ChatGroupId, UserId};
use crate::records::ChatGroup;
use crate::refusal::{ItemRefusal, Refusal};
use crate::settings::DirectoryKept;
use crate::view::View;
use std::collections::{BTreeMap, BTreeSet};

/// The command. An item that was malformed on the wire keeps its place as its refusal.
#[derive(Debug)]
pub struct DeleteAccounts {
    /// The accounts.
    pub items: Vec<Result<UserId, ItemRefusal>>,
}

impl Command for DeleteAccounts {
    type Reply = Vec<ItemResult>;

    fn footprint(&self) -> Footprint {
        let users: Vec<UserId> = self.items.iter().flatten().cloned().collect();
        let ranges = users.iter().cloned().map(Range::AllOfUser).collect();
        Footprint { users, ranges, ..Footprint::default() }
    }

    fn apply(&self, view: &View, context: &Context) -> Result<Outcome<Self::Reply>, Refusal> {
        let mut deleted: BTreeSet<&UserId> = BTreeSet::new();
        let mut reply = Vec::with_capacity(self.items.len());
        for item in &self.items {
            reply.push(match item {
                Err(refusal) => Err(refusal.clone()),
                Ok(user) if context.settings.is_administrator(user.as_str()) => {
                    Err(ItemRefusal::Administrator(user.clone()))
                }
                // Where the users are kept elsewhere the account still exists there, however often it was deleted here.
                Ok(user)
                    if !account_exists(user, view, context)
                        || (deleted.contains(user) && context.settings.users == DirectoryKept::Here) =>
                {
                    Err(ItemRefusal::NoSuchAccount(user.clone()))
                }
                Ok(user) => {
                    deleted.insert(user);
                    Ok(())
                }
            });
        }
        Ok(Outcome { reply, changes: changes(&deleted, view) })
    }
}

fn changes(deleted: &BTreeSet<&UserId>, view: &View) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut chat_groups: BTreeMap<&ChatGroupId, ChatGroup> = BTreeMap::new();
    for user in deleted {
        for (id, conversation) in view.conversations_of(user) {
            let (id, before) = (id.clone(), Some(conversation.clone()));
            changes.push(Change::Conversation { user: (*user).clone(), id, before, after: None });
        }
        for (id, recent) in view.recent_contacts_of(user) {
            let (id, before) = (id.clone(), Some(*recent));
            changes.push(Change::RecentContact { user: (*user).clone(), id, before, after: None });
        }
        if view.pins(user).is_some() {
            changes.push(Change::Pins((*user).clone(), None));
        }
        for (id, _) in view.memberships_of(user) {
            changes.push(Change::Member { chat_group: id.clone(), user: (*user).clone(), after: None });
            if let Some(chat_group) = view.chat_group(id) {
                let kept = chat_groups.entry(id).or_insert_with(|| chat_group.clone());
                kept.members = kept.members.saturating_sub(1);
            }
        }
        if view.head(user) != Head::default() {
            changes.push(Change::UserGone((*user).clone()));
        }
    }
    changes.extend(chat_groups.into_iter().map(|(id, after)| Change::ChatGroup {
        id: id.clone(),
        before: view.chat_group(id).cloned(),
        after: Some(after),
    }));
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{CreateContactGroup, ImportAccounts, ImportedAccount};
    use crate::ids::ContactGroupName;
    use crate::testing::{World, user, with};

    #[test]
    fn each_item_has_its_own_result_and_an_administrator_is_not_deleted() {
        let mut world = World::with_accounts(&["a"]);
        let items = ["a", "ghost", "administrator", "a"].map(|id| Ok(user(id))).into();
        let reply = world.run(&DeleteAccounts { items }).unwrap();
        let gone = |id| Err(ItemRefusal::NoSuchAccount(user(id)));
        assert_eq!(reply, [Ok(()), gone("ghost"), Err(ItemRefusal::Administrator(user("administrator"))), gone("a")]);
    }

    #[test]
    fn what_others_keep_of_a_deleted_account_stays() {
        let mut world = World::with_accounts(&["a", "b"]);
        for (owner, other) in [("a", "b"), ("b", "a")] {
            let name = ContactGroupName::new("x").unwrap();
            world.run(&CreateContactGroup { user: user(owner), name, items: vec![Ok(with(other))] }).unwrap();
        }
        world.run(&DeleteAccounts { items: vec![Ok(user("a"))] }).unwrap();
        assert!(world.conversation("b", "a").is_some());
        let accounts = vec![ImportedAccount { user: user("a"), nick: None, face_url: None }];
        world.run(&ImportAccounts { accounts }).unwrap();
        assert_eq!(world.conversation("a", "b"), None);
        assert_eq!(world.head("a").conversations, 0);
    }
}
