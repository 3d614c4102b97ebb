//! `create_group`: makes a chat group with its first members.

use super::members::require_account;
use crate::change::Change;
use crate::command::{Command, Context, Outcome};
use crate::footprint::Footprint;
use crate::ids::{ChatGroupId, UserId};
use crate::records::{ChatGroup, Directory, Member};
use crate::refusal::Refusal;
use crate::view::View;

/// How generated ids begin, and no others.
const GENERATED: &str = "@TGS#";

/// The id that a new chat group gets.
#[derive(Debug, Clone)]
pub enum ChatGroupIdWanted {
    /// One that the request gives.
    Given(ChatGroupId),
    /// One of ours: `@TGS#` and nine of 0-9 A-Z, never given again.
    Generated,
}

/// The command.
#[derive(Debug)]
pub struct CreateChatGroup {
    /// Its id.
    pub id: ChatGroupIdWanted,
    /// `Type`.
    pub kind: Box<str>,
    /// `Name`.
    pub name: Box<str>,
    /// `Owner_Account`, who joins.
    pub owner: Option<UserId>,
    /// `MaxMemberCount`, where it was given.
    pub members_max: Option<u64>,
    /// `MemberList`.
    pub members: Vec<UserId>,
}

impl CreateChatGroup {
    fn all_members(&self) -> impl Iterator<Item = &UserId> {
        self.owner.iter().chain(&self.members)
    }
}

impl Command for CreateChatGroup {
    type Reply = ChatGroupId;

    fn footprint(&self) -> Footprint {
        let chat_groups = match &self.id {
            ChatGroupIdWanted::Given(id) => vec![id.clone()],
            ChatGroupIdWanted::Generated => Vec::new(),
        };
        Footprint {
            chat_groups,
            accounts: self.all_members().cloned().collect(),
            directory: true,
            ..Footprint::default()
        }
    }

    fn apply(&self, view: &View, context: &Context) -> Result<Outcome<ChatGroupId>, Refusal> {
        let directory = view.directory();
        let sequence = directory.sequence + 1;
        let id = self.free_id(view, sequence)?;
        if let Some(owner) = &self.owner {
            require_account("Owner_Account", owner, view, context)?;
        }
        for user in &self.members {
            require_account("MemberList.Member_Account", user, view, context)?;
        }
        let limit = context.settings.limits.chat_group_members;
        let max = self.members_max.unwrap_or(limit).min(limit);
        let mut joining: Vec<&UserId> = self.all_members().collect();
        joining.sort();
        joining.dedup();
        if joining.len() as u64 > max {
            return Err(Refusal::ChatGroupFull { max });
        }
        let chat_group = ChatGroup {
            sequence,
            kind: self.kind.clone(),
            name: self.name.clone(),
            owner: self.owner.clone(),
            created: context.now,
            members: joining.len() as u64,
            members_max: max,
            messages: 0,
            last: None,
        };
        let mut changes = vec![
            Change::Directory(Some(Directory { sequence, chat_groups: directory.chat_groups + 1 })),
            Change::ChatGroup { id: id.clone(), before: None, after: Some(chat_group) },
        ];
        changes.extend(joining.into_iter().map(|user| Change::Member {
            chat_group: id.clone(),
            user: user.clone(),
            after: Some(Member { owner: self.owner.as_ref() == Some(user), joined: context.now, since: 0 }),
        }));
        Ok(Outcome { reply: id, changes })
    }
}

impl CreateChatGroup {
    fn free_id(&self, view: &View, sequence: u64) -> Result<ChatGroupId, Refusal> {
        match &self.id {
            ChatGroupIdWanted::Generated => Ok(generated_id(sequence)),
            ChatGroupIdWanted::Given(id) => match view.chat_group(id) {
                None => Ok(id.clone()),
                Some(taken) if taken.owner.is_some() && taken.owner == self.owner => {
                    Err(Refusal::ChatGroupIdTakenByOwner(id.clone()))
                }
                Some(_) => Err(Refusal::ChatGroupIdTaken(id.clone())),
            },
        }
    }
}

/// The id of the chat group that was created as the `sequence`th: different for each, and not one after the other, so that clients do
/// not come to read an order into it. Given ids cannot begin like it.
pub(crate) fn generated_id(sequence: u64) -> ChatGroupId {
    const SPACE: u64 = 36_u64.pow(9);
    // Odd, not a multiple of 3: prime to 36, so that the product runs through the whole space before it repeats.
    const STEP: u64 = 0x9E37_79B9_7F4B % SPACE;
    let mixed = u128::from(sequence) * u128::from(STEP) % u128::from(SPACE);
    let mut rest = u64::try_from(mixed).unwrap_or_default();
    let mut text = String::from(GENERATED);
    for _ in 0..9 {
        let digit = u32::try_from(rest % 36).unwrap_or_default();
        text.push(char::from_digit(digit, 36).unwrap_or('0').to_ascii_uppercase());
        rest /= 36;
    }
    ChatGroupId::new(&text).unwrap_or_else(|_| unreachable!("fourteen letters are an id"))
}

/// Whether an id that begins like those that are generated is that of the `sequence`th chat group; none of any other.
pub(crate) fn is_generated_id_of(id: &ChatGroupId, sequence: u64) -> Option<bool> {
    id.as_str().starts_with(GENERATED).then(|| *id == generated_id(sequence))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::DestroyChatGroup;
    use crate::testing::{World, chat_group, user};
    use std::collections::BTreeSet;

    fn create(id: Option<&str>, owner: Option<&str>, members: &[&str]) -> CreateChatGroup {
        CreateChatGroup {
            id: id.map_or(ChatGroupIdWanted::Generated, |id| ChatGroupIdWanted::Given(chat_group(id))),
            kind: "Public".into(),
            name: "g".into(),
            owner: owner.map(user),
            members_max: None,
            members: members.iter().map(|id| user(id)).collect(),
        }
    }

    #[test]
    fn generated_ids_are_nine_letters_and_all_different() {
        let ids: BTreeSet<String> = (1..20_000).map(|n| generated_id(n).to_string()).collect();
        assert_eq!(ids.len(), 19_999);
        let form = |id: &String| {
            let rest = id.strip_prefix("@TGS#").unwrap();
            rest.len() == 9 && rest.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
        };
        assert!(ids.iter().all(form));
    }

    #[test]
    fn an_id_is_taken_until_its_group_is_destroyed() {
        let mut world = World::with_accounts(&["a"]);
        world.run(&create(Some("g"), Some("a"), &[])).unwrap();
        assert_eq!(world.run(&create(Some("g"), None, &[])), Err(Refusal::ChatGroupIdTaken(chat_group("g"))));
        let by_owner = Err(Refusal::ChatGroupIdTakenByOwner(chat_group("g")));
        assert_eq!(world.run(&create(Some("g"), Some("a"), &[])), by_owner);
        world.run(&DestroyChatGroup { id: chat_group("g") }).unwrap();
        assert!(world.run(&create(Some("g"), None, &[])).is_ok());
    }

    #[test]
    fn the_owner_joins_and_every_member_is_imported() {
        let mut world = World::with_accounts(&["a", "b"]);
        world.run(&create(Some("g"), Some("a"), &["b", "a", "b"])).unwrap();
        assert_eq!(world.chat_group("g").unwrap().members, 2);
        let refused = world.run(&create(Some("h"), Some("a"), &["ghost"]));
        assert!(matches!(refused, Err(Refusal::NoSuchAccount { .. })), "{refused:?}");
        assert_eq!(world.chat_group("h"), None);
    }
}
