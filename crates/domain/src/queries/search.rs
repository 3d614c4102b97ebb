//! What an operator looks for in an application: accounts and chat groups by a part of their ids or names, page by page. No wire command of
//! `/v4` does this. So many are looked at in one query that one which finds nothing ends all the same: a page may be short, or empty,
//! while there are more.

use super::ChatGroupPage;
use crate::command::{Context, Query};
use crate::footprint::{Footprint, Range};
use crate::head::Account;
use crate::ids::UserId;
use crate::refusal::Refusal;
use crate::view::View;

/// How many users or chat groups one query looks at.
const LOOKED_AT_MAX: u64 = 10_000;

/// Asks for a page of the accounts, by UserID.
#[derive(Debug)]
pub struct ListAccounts {
    /// After whom the page begins: nobody, or what the page before said.
    pub after: Option<UserId>,
    /// How many at most.
    pub limit: u64,
    /// Only those with this in their UserID or `Nick`, in capitals or not.
    pub text: Option<Box<str>>,
}

/// An account as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedAccount {
    /// Who.
    pub user: UserId,
    /// The profile.
    pub account: Account,
    /// How many contact groups it has.
    pub contact_groups: u64,
    /// How many conversations are in its data.
    pub conversations: u64,
    /// Messages of other users that it has not read.
    pub unread: u64,
}

/// A page of accounts.
#[derive(Debug, PartialEq, Eq)]
pub struct AccountPage {
    /// The accounts, by UserID.
    pub accounts: Vec<ListedAccount>,
    /// After whom the next page begins; `None` on the last.
    pub next: Option<UserId>,
}

/// Asks for a page of the chat groups that have a text in their ids or names.
#[derive(Debug)]
pub struct FindChatGroups {
    /// The sequence after which the page begins: 0, or what the page before said.
    pub after: u64,
    /// How many at most.
    pub limit: u64,
    /// The text, in capitals or not.
    pub text: Box<str>,
}

/// How many are looked at for so many: without a text the first are the ones.
fn looked_at(limit: u64, text: Option<&str>) -> u64 {
    if text.is_some() { LOOKED_AT_MAX } else { limit.clamp(1, LOOKED_AT_MAX) }
}

/// Those of a page that are wanted, so many at most, and the one after which the next page begins.
fn taken<'a, T, R>(
    (looked_at, more): (&'a [T], bool),
    limit: u64,
    wanted: impl Fn(&'a T) -> Option<R>,
) -> (Vec<R>, Option<&'a T>) {
    let (mut found, mut last) = (Vec::new(), None);
    let mut left = looked_at.iter();
    for one in left.by_ref() {
        last = Some(one);
        found.extend(wanted(one));
        if found.len() as u64 >= limit.max(1) {
            break;
        }
    }
    (found, last.filter(|_| more || left.len() > 0))
}

/// Whether one of the texts has the other in it.
fn found_in(texts: [&str; 2], wanted: &str) -> bool {
    let wanted = wanted.to_lowercase();
    texts.iter().any(|text| text.to_lowercase().contains(&wanted))
}

impl Query for ListAccounts {
    type Reply = AccountPage;

    fn footprint(&self) -> Footprint {
        let limit = looked_at(self.limit, self.text.as_deref());
        let ranges = vec![Range::UserPage { after: self.after.clone(), limit }];
        Footprint { ranges, ..Footprint::default() }
    }

    fn answer(&self, view: &View, _: &Context) -> Result<AccountPage, Refusal> {
        let (users, more) = &view.user_page;
        let (accounts, last) = taken((users, *more), self.limit, |(user, head)| {
            let head = head.as_ref()?;
            let account = head.account.clone()?;
            let wanted = |text: &str| found_in([user.as_str(), &account.nick], text);
            self.text.as_deref().is_none_or(wanted).then(|| ListedAccount {
                user: user.clone(),
                account,
                contact_groups: head.contact_groups.len() as u64,
                conversations: head.conversations,
                unread: head.unread,
            })
        });
        Ok(AccountPage { accounts, next: last.map(|(user, _)| user.clone()) })
    }
}

impl Query for FindChatGroups {
    type Reply = ChatGroupPage;

    fn footprint(&self) -> Footprint {
        let range = Range::ChatGroupPage { after: self.after, limit: LOOKED_AT_MAX };
        Footprint { directory: true, ranges: vec![range], ..Footprint::default() }
    }

    fn answer(&self, view: &View, _: &Context) -> Result<ChatGroupPage, Refusal> {
        let (found, more) = &view.chat_group_page;
        let (chat_groups, last) = taken((found, *more), self.limit, |(id, one)| {
            found_in([id.as_str(), &one.name], &self.text).then(|| (id.clone(), one.clone()))
        });
        Ok(ChatGroupPage {
            chat_groups,
            total: view.directory().chat_groups,
            next: last.map(|(_, chat_group)| chat_group.sequence),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{ChatGroupIdWanted, CreateChatGroup, ImportAccounts, ImportedAccount};
    use crate::testing::{World, chat_group, user};

    fn list(world: &World, after: Option<&str>, limit: u64, text: Option<&str>) -> (Vec<String>, Option<UserId>) {
        let page = world.ask(&ListAccounts { after: after.map(user), limit, text: text.map(Into::into) }).unwrap();
        (page.accounts.into_iter().map(|one| one.user.to_string()).collect(), page.next)
    }

    #[test]
    fn accounts_come_page_by_page_by_their_ids_and_those_who_are_not_imported_do_not() {
        let mut world = World::with_accounts(&["a", "b", "c", "d"]);
        world.say("administrator", "a");
        assert_eq!(list(&world, None, 2, None), (vec!["a".into()], Some(user("administrator"))), "a page may be short");
        assert_eq!(list(&world, Some("administrator"), 2, None), (vec!["b".into(), "c".into()], Some(user("c"))));
        assert_eq!(list(&world, Some("c"), 2, None), (vec!["d".into()], None));
        assert_eq!(list(&world, Some("d"), 2, None), (vec![], None));
        assert_eq!(list(&world, Some("d"), 0, None), (vec![], None));
    }

    #[test]
    fn a_text_is_looked_for_in_ids_and_nicks_whatever_the_case() {
        let mut world = World::with_accounts(&["Anna", "bob", "joanna"]);
        let accounts = vec![ImportedAccount { user: user("bob"), nick: Some("HANNES".into()), face_url: None }];
        world.run(&ImportAccounts { accounts }).unwrap();
        assert_eq!(list(&world, None, 9, Some("aNN")).0, ["Anna", "bob", "joanna"]);
        assert_eq!(list(&world, None, 1, Some("ann")), (vec!["Anna".into()], Some(user("Anna"))));
        assert_eq!(list(&world, Some("Anna"), 2, Some("ann")), (vec!["bob".into(), "joanna".into()], None));
        assert_eq!(list(&world, None, 9, Some("nobody")), (vec![], None));
    }

    #[test]
    fn chat_groups_are_found_by_ids_and_names() {
        let mut world = World::with_accounts(&[]);
        for (id, name) in [("g1", "Tea"), ("tea2", "x"), ("g3", "coffee")] {
            let (id, kind, name) = (ChatGroupIdWanted::Given(chat_group(id)), "Public".into(), name.into());
            world.run(&CreateChatGroup { id, kind, name, owner: None, members_max: None, members: vec![] }).unwrap();
        }
        let find = |after, limit, text: &str| {
            let page = world.ask(&FindChatGroups { after, limit, text: text.into() }).unwrap();
            (page.chat_groups.into_iter().map(|(id, _)| id.to_string()).collect::<Vec<_>>(), page.total, page.next)
        };
        assert_eq!(find(0, 9, "TEA"), (vec!["g1".into(), "tea2".into()], 3, None));
        assert_eq!(find(0, 1, "tea"), (vec!["g1".into()], 3, Some(1)));
        assert_eq!(find(1, 9, "tea"), (vec!["tea2".into()], 3, None));
    }
}
