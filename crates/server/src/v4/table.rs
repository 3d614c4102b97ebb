//! The table of commands: one line each, sorted by path. Everything that knows the commands reads it.

use super::Answered;
use super::gate::Caller;
use super::run::{Run, run_command, run_query};
use crate::app::App;
use crate::controls::Steps;
use bytes::Bytes;
use cubby_domain::{Command, Query};
use cubby_protocol::endpoint::{Endpoint, ItemFault, Meta};
use cubby_protocol::v4::group_open_http_svc as group;
use cubby_protocol::v4::im_open_login_svc as login;
use cubby_protocol::v4::openim as message;
use cubby_protocol::v4::recentcontact as contact;
use cubby_store::Store;
use std::marker::PhantomData;
use std::sync::Arc;

/// A command: what is true of every call of it, and what runs one.
pub(super) struct Route<S: Store> {
    pub(super) meta: &'static Meta,
    run: Run<S>,
}

impl<S: Store> Route<S> {
    const fn command<E: Endpoint>() -> Self
    where
        E::Action: Command<Reply = E::Reply>,
    {
        Self { meta: &E::META, run: run_command::<S, E> }
    }

    const fn query<E: Endpoint>() -> Self
    where
        E::Action: Query<Reply = E::Reply>,
    {
        Self { meta: &E::META, run: run_query::<S, E> }
    }

    /// Runs a call; a fault of its items is one that was asked for.
    pub(super) async fn run(
        &self,
        app: Arc<App<S>>,
        caller: Caller,
        body: Bytes,
        fault: Option<ItemFault>,
    ) -> (Answered, Steps) {
        (self.run)(app, caller, body, fault).await
    }
}

/// The table of a server over one kind of store.
struct Table<S>(PhantomData<S>);

impl<S: Store> Table<S> {
    const ROUTES: &'static [Route<S>] = &[
        Route::command::<group::AddGroupMember>(),
        Route::command::<group::CreateGroup>(),
        Route::command::<group::DeleteGroupMember>(),
        Route::command::<group::DestroyGroup>(),
        Route::query::<group::GetAppidGroupList>(),
        Route::query::<group::GetGroupInfo>(),
        Route::query::<group::GetJoinedGroupList>(),
        Route::command::<group::ImportGroupMsg>(),
        Route::command::<group::SendGroupMsg>(),
        Route::command::<group::SetUnreadMsgNum>(),
        Route::query::<login::AccountCheck>(),
        Route::command::<login::AccountDelete>(),
        Route::command::<login::AccountImport>(),
        Route::command::<login::MultiaccountImport>(),
        Route::command::<message::AdminSetMsgRead>(),
        Route::command::<message::Batchsendmsg>(),
        Route::query::<message::GetC2cUnreadMsgNum>(),
        Route::command::<message::Importmsg>(),
        Route::command::<message::Sendmsg>(),
        Route::command::<contact::CreateContactGroup>(),
        Route::command::<contact::DelContactGroup>(),
        Route::command::<contact::Delete>(),
        Route::query::<contact::GetContactGroup>(),
        Route::query::<contact::GetList>(),
        Route::command::<contact::MarkContact>(),
        Route::query::<contact::SearchContactGroup>(),
        Route::command::<contact::Top>(),
        Route::command::<contact::UpdateContactGroup>(),
    ];
}

const fn metas<const N: usize>(routes: &[Route<cubby_store::Memory>]) -> [&'static Meta; N] {
    let mut metas = [&<contact::GetContactGroup as Endpoint>::META; N];
    let (mut from, mut n) = (routes, 0);
    while let [route, rest @ ..] = from {
        #[expect(clippy::indexing_slicing, reason = "evaluated while compiling, where an index too far is an error")]
        {
            metas[n] = route.meta;
        }
        from = rest;
        n += 1;
    }
    metas
}

/// The commands, in the table's order.
pub static COMMANDS: &[&Meta] =
    &metas::<{ Table::<cubby_store::Memory>::ROUTES.len() }>(Table::<cubby_store::Memory>::ROUTES);

/// The command of a path under `/v4/`, byte for byte, and its place in the table.
pub(super) fn route<S: Store>(path: &str) -> Option<(usize, &'static Route<S>)> {
    let routes = Table::<S>::ROUTES;
    let index = routes.binary_search_by(|route| route.meta.path.cmp(path)).ok()?;
    Some((index, routes.get(index)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_every_command_is_found() {
        assert!(COMMANDS.len() <= crate::rate::COMMANDS_MAX);
        assert!(COMMANDS.windows(2).all(|pair| pair[0].path < pair[1].path));
        for (n, meta) in COMMANDS.iter().enumerate() {
            assert_eq!(route::<cubby_store::Memory>(meta.path).map(|(index, _)| index), Some(n));
        }
    }
}
