//! `account_check`: who is imported.

use crate::command::{Context, Query};
use crate::edit::account_exists;
use crate::footprint::Footprint;
use crate::ids::UserId;
use crate::refusal::{ItemRefusal, Refusal};
use crate::view::View;

/// The query. An item that was malformed on the wire keeps its place as its refusal.
#[derive(Debug)]
pub struct CheckAccounts {
    /// Who.
    pub items: Vec<Result<UserId, ItemRefusal>>,
}

impl Query for CheckAccounts {
    type Reply = Vec<Result<bool, ItemRefusal>>;

    fn footprint(&self) -> Footprint {
        Footprint { accounts: self.items.iter().flatten().cloned().collect(), ..Footprint::default() }
    }

    fn answer(&self, view: &View, context: &Context) -> Result<Self::Reply, Refusal> {
        let one = |item: &Result<UserId, ItemRefusal>| item.clone().map(|user| account_exists(&user, view, context));
        Ok(self.items.iter().map(one).collect())
    }
}
