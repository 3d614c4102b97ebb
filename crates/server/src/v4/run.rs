//! One call behind the gate: its body is read, its command is run, its reply is written. Every command goes this way.

use super::gate::Caller;
use super::{Answered, Laps, failed};
use crate::app::App;
use crate::controls::Steps;
use bytes::Bytes;
use cubby_domain::{Command, Context, Query};
use cubby_protocol::codes::{Failure, OK};
use cubby_protocol::endpoint::{self, Call, Endpoint, ItemFault};
use cubby_store::{Answer, Store, StoreError};
use std::pin::Pin;
use std::sync::Arc;
use tracing::{Instrument, debug_span};

/// Runs one call. A plain function, so that the table is one.
pub(super) type Run<S> = fn(Arc<App<S>>, Caller, Bytes, Option<ItemFault>) -> Running;
type Running = Pin<Box<dyn Future<Output = (Answered, Steps)> + Send>>;

pub(super) fn run_command<S: Store, E: Endpoint>(
    app: Arc<App<S>>,
    caller: Caller,
    body: Bytes,
    fault: Option<ItemFault>,
) -> Running
where
    E::Action: Command<Reply = E::Reply>,
{
    Box::pin(async move {
        let (mut laps, mut steps) = (Laps::start(&app.clock), Steps::default());
        let prepared = match debug_span!("decode").in_scope(|| prepare::<E>(&caller, &body, fault)) {
            Ok(prepared) => prepared,
            Err(failure) => return refused::<E>(&failure, laps, steps),
        };
        steps.decode = laps.lap();
        let answer =
            app.store.execute(prepared.action, context(&app, &caller)).instrument(debug_span!("execute")).await;
        steps.execute = laps.lap();
        let answered = debug_span!("encode").in_scope(|| prepared.told.reply(answer));
        steps.encode = laps.lap();
        (answered, steps)
    })
}

pub(super) fn run_query<S: Store, E: Endpoint>(
    app: Arc<App<S>>,
    caller: Caller,
    body: Bytes,
    fault: Option<ItemFault>,
) -> Running
where
    E::Action: Query<Reply = E::Reply>,
{
    Box::pin(async move {
        let (mut laps, mut steps) = (Laps::start(&app.clock), Steps::default());
        let prepared = match debug_span!("decode").in_scope(|| prepare::<E>(&caller, &body, fault)) {
            Ok(prepared) => prepared,
            Err(failure) => return refused::<E>(&failure, laps, steps),
        };
        steps.decode = laps.lap();
        let answer = app.store.query(prepared.action, context(&app, &caller)).instrument(debug_span!("execute")).await;
        steps.execute = laps.lap();
        let answered = debug_span!("encode").in_scope(|| prepared.told.reply(answer));
        steps.encode = laps.lap();
        (answered, steps)
    })
}

/// A call that was read.
struct Prepared<E: Endpoint> {
    action: E::Action,
    told: Told<E>,
}

/// What its reply tells beside what the command answers.
struct Told<E: Endpoint> {
    asked: E::Asked,
    /// The fault of its items, and their places.
    struck: Option<(ItemFault, Vec<usize>)>,
}

fn prepare<E: Endpoint>(caller: &Caller, body: &[u8], fault: Option<ItemFault>) -> Result<Prepared<E>, Failure> {
    let call = Call { caller: &caller.identifier, settings: &caller.loaded.settings };
    let (asked, mut action) = endpoint::read::<E>(body, &call)?;
    let struck = fault.map(|fault| {
        let places = E::strike(&mut action, &fault);
        (fault, places)
    });
    Ok(Prepared { action, told: Told { asked, struck } })
}

fn refused<E: Endpoint>(failure: &Failure, mut laps: Laps<'_>, mut steps: Steps) -> (Answered, Steps) {
    steps.decode = laps.lap();
    (failed(Some(&E::META), failure), steps)
}

fn context<S: Store>(app: &App<S>, caller: &Caller) -> Context {
    let loaded = &caller.loaded;
    let now = loaded.controls.clock.now(&app.clock);
    Context { app: loaded.application.id, now, settings: Arc::clone(&loaded.settings) }
}

impl<E: Endpoint> Told<E> {
    fn reply(self, answer: Answer<E::Reply>) -> Answered {
        match answer {
            Ok(Ok(mut reply)) => {
                if let Some((fault, places)) = &self.struck {
                    E::tell(&mut reply, fault, places);
                }
                Answered { code: OK, body: E::encode(self.asked, reply), failure: None }
            }
            Ok(Err(refusal)) => failed(Some(&E::META), &refusal.into()),
            Err(error) => failed(Some(&E::META), &machine_failure(E::META.path, &error)),
        }
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
