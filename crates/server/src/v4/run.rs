//! One call behind the gate: its body is read, its command is run, its reply is written. Every command goes this way.

use super::gate::Caller;
use super::{Answered, failed};
use crate::app::App;
use crate::applications::Loaded;
use bytes::Bytes;
use cubby_domain::{Command, Context, Query};
use cubby_protocol::codes::{Denied, Failure, OK};
use cubby_protocol::endpoint::{Call, Endpoint};
use cubby_protocol::{Body, require_account_types};
use cubby_store::{Answer, Store, StoreError};
use std::pin::Pin;
use std::sync::Arc;

/// Runs one call. A plain function, so that the table is one.
pub(super) type Run<S> = fn(Arc<App<S>>, Caller, Bytes) -> Running;
type Running = Pin<Box<dyn Future<Output = Answered> + Send>>;

pub(super) fn run_command<S: Store, E: Endpoint>(app: Arc<App<S>>, caller: Caller, body: Bytes) -> Running
where
    E::Action: Command<Reply = E::Reply>,
{
    Box::pin(async move {
        match decode::<E>(&caller, &body) {
            Ok((asked, command)) => {
                let answer = app.store.execute(command, context(&app, &caller.loaded)).await;
                reply::<E>(asked, answer)
            }
            Err(failure) => failed(Some(&E::META), &failure),
        }
    })
}

pub(super) fn run_query<S: Store, E: Endpoint>(app: Arc<App<S>>, caller: Caller, body: Bytes) -> Running
where
    E::Action: Query<Reply = E::Reply>,
{
    Box::pin(async move {
        match decode::<E>(&caller, &body) {
            Ok((asked, query)) => {
                let answer = app.store.query(query, context(&app, &caller.loaded)).await;
                reply::<E>(asked, answer)
            }
            Err(failure) => failed(Some(&E::META), &failure),
        }
    })
}

/// Rows 8 to 11.
fn decode<E: Endpoint>(caller: &Caller, body: &[u8]) -> Result<(E::Asked, E::Action), Failure> {
    let body = Body::parse(body).map_err(Denied::from)?;
    let fields = body.fields();
    require_account_types(&fields).map_err(Failure::Field)?;
    let settings = &caller.loaded.settings;
    let call = Call { caller: &caller.identifier, settings };
    let (asked, action) = E::decode(&fields, &call).map_err(Failure::Field)?;
    if E::need(&asked).is_met_by(settings) { Ok((asked, action)) } else { Err(Failure::Edition) }
}

fn context<S: Store>(app: &App<S>, loaded: &Loaded) -> Context {
    Context { app: loaded.application.id, now: app.clock.now(), settings: Arc::clone(&loaded.settings) }
}

fn reply<E: Endpoint>(asked: E::Asked, answer: Answer<E::Reply>) -> Answered {
    match answer {
        Ok(Ok(reply)) => Answered { code: OK, body: E::encode(asked, reply) },
        Ok(Err(refusal)) => failed(Some(&E::META), &refusal.into()),
        Err(error) => failed(Some(&E::META), &machine_failure(E::META.path, &error)),
    }
}

/// What a client hears of a failure of the machine. The rest is for the log.
fn machine_failure(command: &str, error: &StoreError) -> Failure {
    match error {
        // A store that was moved away has done nothing: repeated, the request comes to a server on the new place sooner or later.
        StoreError::Overloaded | StoreError::Moved => Failure::Overloaded,
        StoreError::TimedOut => {
            tracing::warn!(command, %error, "a request was not answered in time");
            Failure::TimedOut
        }
        _ => {
            tracing::error!(command, %error, "a request failed");
            Failure::Internal
        }
    }
}
