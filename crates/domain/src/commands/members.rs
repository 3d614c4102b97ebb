//! `add_group_member`, `delete_group_member`: who is in a chat group.

use crate::change::Change;
use crate::command::{Command, Context, Outcome};
use crate::edit::account_exists;
use crate::footprint::Footprint;
use crate::ids::{ChatGroupId, ConversationId, UserId};
use crate::recent_edit::RecentEdit;
use crate::records::{ChatGroup, Member};
use crate::refusal::{Correspondent, ItemRefusal, Refusal};
use crate::view::View;
use std::collections::BTreeSet;

/// An account that a request names must exist (10019).
pub(super) fn require_account(
    field: &'static str,
    user: &UserId,
    view: &View,
    context: &Context,
) -> Result<(), Refusal> {
    if account_exists(user, view, context) { Ok(()) } else { Err(Refusal::NoSuchAccount { field, user: user.clone() }) }
}

/// What became of one who was to be added: `Result` of `add_group_member` (269/1621).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// Not added: no such account, or the group is full (0).
    Failed,
    /// Added (1).
    Joined,
    /// A member already (2).
    AlreadyMember,
}

/// Adds members.
#[derive(Debug)]
pub struct AddMembers {
    /// To which chat group.
    pub id: ChatGroupId,
    /// Who. An item that was malformed on the wire keeps its place as its refusal.
    pub users: Vec<Result<UserId, ItemRefusal>>,
}

/// Removes members. Removing one who is no member succeeds; the owner stays.
#[derive(Debug)]
pub struct RemoveMembers {
    /// From which chat group.
    pub id: ChatGroupId,
    /// Who.
    pub users: Vec<UserId>,
}

fn footprint<'a>(id: &ChatGroupId, users: impl Iterator<Item = &'a UserId> + Clone) -> Footprint {
    Footprint {
        chat_groups: vec![id.clone()],
        members: users.clone().map(|user| (id.clone(), user.clone())).collect(),
        accounts: users.cloned().collect(),
        ..Footprint::default()
    }
}

/// Whether a message's sender or recipient exists.
pub(super) fn require_correspondent(
    field: Correspondent,
    user: &UserId,
    view: &View,
    context: &Context,
) -> Result<(), Refusal> {
    let unknown = || Refusal::NoSuchCorrespondent { field, user: user.clone() };
    if account_exists(user, view, context) { Ok(()) } else { Err(unknown()) }
}

pub(super) fn existing(id: &ChatGroupId, view: &View) -> Result<ChatGroup, Refusal> {
    view.chat_group(id).cloned().ok_or_else(|| Refusal::NoSuchChatGroup(id.clone()))
}

fn changes(
    id: &ChatGroupId,
    view: &View,
    after: ChatGroup,
    members: impl Iterator<Item = (UserId, Option<Member>)>,
) -> Vec<Change> {
    let mut changes: Vec<Change> =
        members.map(|(user, after)| Change::Member { chat_group: id.clone(), user, after }).collect();
    if !changes.is_empty() {
        changes.push(Change::ChatGroup { id: id.clone(), before: view.chat_group(id).cloned(), after: Some(after) });
    }
    changes
}

impl Command for AddMembers {
    type Reply = Vec<Added>;

    fn footprint(&self) -> Footprint {
        footprint(&self.id, self.users.iter().flatten())
    }

    fn apply(&self, view: &View, context: &Context) -> Result<Outcome<Self::Reply>, Refusal> {
        let mut chat_group = existing(&self.id, view)?;
        let mut joining: BTreeSet<UserId> = BTreeSet::new();
        let mut refused = None;
        let mut reply = Vec::with_capacity(self.users.len());
        for user in &self.users {
            let Ok(user) = user else {
                reply.push(Added::Failed);
                continue;
            };
            reply.push(if joining.contains(user) || view.member(&self.id, user).is_some() {
                Added::AlreadyMember
            } else if let Err(refusal) = may_join(user, &chat_group, view, context) {
                refused.get_or_insert(refusal);
                Added::Failed
            } else {
                joining.insert(user.clone());
                chat_group.members += 1;
                Added::Joined
            });
        }
        // One that failed beside others that did not says so in its own result; where all failed, the request says why.
        if let Some(refusal) = refused
            && reply.iter().all(|one| *one == Added::Failed)
        {
            return Err(refusal);
        }
        let member = Some(Member { owner: false, joined: context.now, since: chat_group.messages });
        let changes = changes(&self.id, view, chat_group, joining.into_iter().map(|user| (user, member)));
        Ok(Outcome { reply, changes })
    }
}

fn may_join(user: &UserId, chat_group: &ChatGroup, view: &View, context: &Context) -> Result<(), Refusal> {
    require_account("MemberList.Member_Account", user, view, context)?;
    if chat_group.members >= chat_group.members_max {
        return Err(Refusal::ChatGroupFull { max: chat_group.members_max });
    }
    Ok(())
}

impl Command for RemoveMembers {
    type Reply = ();

    fn footprint(&self) -> Footprint {
        let with = ConversationId::ChatGroup(self.id.clone());
        Footprint {
            users: self.users.clone(),
            recent_contacts: self.users.iter().map(|user| (user.clone(), with.clone())).collect(),
            ..footprint(&self.id, self.users.iter())
        }
    }

    fn apply(&self, view: &View, _: &Context) -> Result<Outcome<()>, Refusal> {
        let mut chat_group = existing(&self.id, view)?;
        let mut leaving: BTreeSet<UserId> = BTreeSet::new();
        let mut recents = RecentEdit::new(view);
        for user in &self.users {
            match view.member(&self.id, user) {
                Some(member) if member.owner => return Err(Refusal::OwnerStays(user.clone())),
                Some(member) if leaving.insert(user.clone()) => {
                    recents.leave(user, &self.id, &chat_group, member);
                }
                _ => {}
            }
        }
        chat_group.members = chat_group.members.saturating_sub(leaving.len() as u64);
        let mut changes = changes(&self.id, view, chat_group, leaving.into_iter().map(|user| (user, None)));
        changes.extend(recents.finish());
        Ok(Outcome { reply: (), changes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{ChatGroupIdWanted, CreateChatGroup, DeleteAccounts};
    use crate::testing::{World, chat_group, user};

    fn world() -> World {
        let mut world = World::with_accounts(&["a", "b", "c", "d"]);
        world
            .run(&CreateChatGroup {
                id: ChatGroupIdWanted::Given(chat_group("g")),
                kind: "Public".into(),
                name: "g".into(),
                owner: Some(user("a")),
                members_max: None,
                members: Vec::new(),
            })
            .unwrap();
        world
    }

    fn add(world: &mut World, users: &[&str]) -> Result<Vec<Added>, Refusal> {
        world.run(&AddMembers { id: chat_group("g"), users: users.iter().map(|id| Ok(user(id))).collect() })
    }

    #[test]
    fn each_has_a_result_and_the_request_fails_only_where_all_do() {
        use Added::{AlreadyMember, Failed, Joined};
        let mut world = world();
        assert_eq!(add(&mut world, &["a", "b", "b", "ghost"]), Ok(vec![AlreadyMember, Joined, AlreadyMember, Failed]));
        assert!(matches!(add(&mut world, &["ghost"]), Err(Refusal::NoSuchAccount { .. })));
        assert_eq!(add(&mut world, &["c", "d"]), Ok(vec![Joined, Failed]), "three are a full group here");
        assert_eq!(add(&mut world, &["d"]), Err(Refusal::ChatGroupFull { max: 3 }));
        assert_eq!(world.chat_group("g").unwrap().members, 3);
    }

    #[test]
    fn removing_one_who_is_no_member_succeeds_and_the_owner_stays() {
        let mut world = world();
        add(&mut world, &["b"]).unwrap();
        let remove =
            |users: &[&str]| RemoveMembers { id: chat_group("g"), users: users.iter().map(|id| user(id)).collect() };
        assert_eq!(world.run(&remove(&["a", "b"])), Err(Refusal::OwnerStays(user("a"))));
        world.run(&remove(&["b", "ghost", "b"])).unwrap();
        assert_eq!(world.chat_group("g").unwrap().members, 1);
    }

    #[test]
    fn a_deleted_account_leaves_its_chat_groups() {
        let mut world = world();
        add(&mut world, &["b", "c"]).unwrap();
        world.run(&DeleteAccounts { items: vec![Ok(user("b")), Ok(user("c"))] }).unwrap();
        assert_eq!(world.chat_group("g").unwrap().members, 1);
    }
}
