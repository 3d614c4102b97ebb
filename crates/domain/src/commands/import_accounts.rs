//! `account_import`, `multiaccount_import`: makes accounts known. Importing twice succeeds.

use crate::change::Change;
use crate::command::{Command, Context, Outcome};
use crate::footprint::Footprint;
use crate::head::Head;
use crate::ids::UserId;
use crate::refusal::Refusal;
use crate::view::View;
use std::collections::BTreeMap;

/// One account to import.
#[derive(Debug, Clone)]
pub struct ImportedAccount {
    /// Who.
    pub user: UserId,
    /// `Nick`, where it was given.
    pub nick: Option<Box<str>>,
    /// `FaceUrl`, where it was given.
    pub face_url: Option<Box<str>>,
}

/// The command.
#[derive(Debug)]
pub struct ImportAccounts {
    /// The accounts.
    pub accounts: Vec<ImportedAccount>,
}

impl Command for ImportAccounts {
    type Reply = ();

    fn footprint(&self) -> Footprint {
        Footprint { users: self.accounts.iter().map(|one| one.user.clone()).collect(), ..Footprint::default() }
    }

    fn apply(&self, view: &View, _: &Context) -> Result<Outcome<()>, Refusal> {
        let mut heads: BTreeMap<&UserId, Head> = BTreeMap::new();
        for one in &self.accounts {
            let head = heads.entry(&one.user).or_insert_with(|| view.head(&one.user));
            let account = head.account.get_or_insert_default();
            if let Some(nick) = &one.nick {
                account.nick.clone_from(nick);
            }
            if let Some(face_url) = &one.face_url {
                account.face_url.clone_from(face_url);
            }
        }
        let changed = heads.into_iter().filter(|(user, head)| view.head(user) != *head);
        Ok(Outcome { reply: (), changes: changed.map(|(user, head)| Change::Head(user.clone(), head)).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{CreateContactGroup, DeleteAccounts};
    use crate::ids::ContactGroupName;
    use crate::testing::{World, user};

    fn import(world: &mut World, id: &str, nick: Option<&str>) {
        let accounts = vec![ImportedAccount { user: user(id), nick: nick.map(Into::into), face_url: None }];
        world.run(&ImportAccounts { accounts }).unwrap();
    }

    #[test]
    fn importing_twice_succeeds_and_keeps_what_is_not_given_again() {
        let mut world = World::with_accounts(&[]);
        import(&mut world, "a", Some("Ann"));
        import(&mut world, "a", None);
        assert_eq!(&*world.head("a").account.unwrap().nick, "Ann");
    }

    #[test]
    fn an_account_that_is_deleted_and_imported_again_starts_at_1_with_nothing() {
        let mut world = World::with_accounts(&["a"]);
        let create =
            || CreateContactGroup { user: user("a"), name: ContactGroupName::new("x").unwrap(), items: Vec::new() };
        world.run(&create()).unwrap();
        world.run(&DeleteAccounts { items: vec![Ok(user("a"))] }).unwrap();
        assert_eq!(world.run(&create()), Err(Refusal::NotImported(user("a"))));
        import(&mut world, "a", None);
        assert_eq!(world.head("a").contact_groups.len(), 0);
        assert_eq!(world.run(&create()).unwrap().group.id.0, 1);
    }
}
