//! A command from reading to its durable write, as often as it takes: again after a conflict, and after a lost connection only where the
//! heads tell that it was not done. It is the only place that decides to write.

use super::Shared;
use super::fetch;
use super::fetched::Fetched;
use super::flight::Flight;
use super::names::Partition;
use super::pool::{Fault, Lease};
use super::requests::{self, RequestId, Told};
use super::rows::NewRows;
use super::write::write;
use crate::Answer;
use crate::error::StoreError;
use cubby_domain::{Command, Context, Footprint, Query};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long a command may write that nobody waits for any more.
const WRITE_WITHIN: Duration = Duration::from_secs(30);

/// A write of which nothing was heard.
struct Sent<R> {
    request: RequestId,
    reply: R,
    /// The partitions that it writes, with the versions that it was decided on.
    partitions: Vec<(Partition, u64)>,
}

/// What the heads tell of the writes of which nothing was heard.
enum Found<R> {
    Done(R),
    NotDone,
    /// One of them may be on its way still; it fails where another is written before it.
    NotYet,
    Unknown,
}

/// What an attempt came to.
enum Attempt<R> {
    Answered(Answer<R>),
    /// Another writer came first.
    Conflict,
    /// What was believed of another partition is not enough: all is to be read.
    Stale,
}

/// One request on its way.
#[derive(Clone)]
pub(super) struct Running {
    pub(super) shared: Arc<Shared>,
    /// How often it begins anew after conflicts.
    pub(super) attempts: u32,
    pub(super) flight: Arc<Flight>,
}

/// A command's own state over its attempts.
struct Intent<'a, C: Command> {
    command: &'a C,
    context: &'a Context,
    footprint: Footprint,
    sent: Vec<Sent<C::Reply>>,
    /// Whether facts may be believed that were found a moment ago.
    believing: bool,
}

/// The partitions that a command may write to and that others write to as well.
fn writable(footprint: &Footprint, context: &Context) -> Vec<Partition> {
    let users = footprint.users.iter().map(|user| Partition::user(context.app, user));
    let chat_groups = footprint.chat_groups.iter().map(|id| Partition::chat_group(context.app, id));
    let directory = footprint.directory.then(|| Partition::directory(context.app));
    let registry = footprint.application.then(Partition::registry);
    users.chain(chat_groups).chain(directory).chain(registry).collect()
}

impl Running {
    /// Runs a command to its end, or until it is given up before it writes.
    pub(super) async fn command<C: Command>(self, command: C, context: Context) -> Answer<C::Reply> {
        let mut running = pin!(self.to_its_end(&command, &context));
        tokio::select! {
            biased;
            () = self.flight.given_up() => {
                if self.flight.is_writing() {
                    tokio::time::timeout(WRITE_WITHIN, running).await.unwrap_or(Err(StoreError::TimedOut))
                } else {
                    Err(StoreError::TimedOut)
                }
            }
            answer = &mut running => answer,
        }
    }

    async fn to_its_end<C: Command>(&self, command: &C, context: &Context) -> Answer<C::Reply> {
        let footprint = command.footprint();
        let _turns = self.shared.turns.wait(&writable(&footprint, context)).await;
        let mut intent = Intent { command, context, footprint, sent: Vec::new(), believing: true };
        let mut conflicts = 0;
        loop {
            if self.flight.is_given_up() {
                return Err(StoreError::TimedOut);
            }
            let lease = self.lease().await?;
            match self.attempt(&lease, &mut intent).await {
                Ok(Attempt::Answered(answer)) => {
                    lease.done();
                    return answer;
                }
                Ok(Attempt::Stale) => {
                    lease.done();
                    intent.believing = false;
                }
                Ok(Attempt::Conflict) => {
                    lease.done();
                    conflicts += 1;
                    self.give_way(conflicts).await.map_err(|error| intent.told(error))?;
                }
                Err(fault) => {
                    lease.discard();
                    self.after(fault, &mut conflicts).await.map_err(|error| intent.told(error))?;
                }
            }
        }
    }

    /// Runs a query to its end; whoever calls it bounds its time.
    pub(super) async fn query<Q: Query>(&self, query: &Q, context: &Context) -> Answer<Q::Reply> {
        let footprint = query.footprint();
        let mut conflicts = 0;
        loop {
            let lease = self.lease().await?;
            match fetch::read(&lease, self.shared.reading(context, true), &footprint, true).await {
                Ok((view, _)) => {
                    lease.done();
                    return Ok(query.answer(&view, context));
                }
                Err(fault) => {
                    lease.discard();
                    self.after(fault, &mut conflicts).await?;
                }
            }
        }
    }

    async fn lease(&self) -> Result<Lease, StoreError> {
        loop {
            match self.shared.connections.get().await {
                Ok(lease) => {
                    self.flight.begin();
                    return Ok(lease);
                }
                Err(fault) => {
                    if let Fault::Unreachable(why) = &fault {
                        self.flight.begin();
                        self.shared.unreachable(why);
                    }
                    self.after(fault, &mut 0).await?;
                }
            }
        }
    }

    /// Waits a while after a fault after which the request may go on.
    async fn after(&self, fault: Fault, conflicts: &mut u32) -> Result<(), StoreError> {
        match fault {
            Fault::Store(error) => Err(error),
            Fault::Conflict => {
                *conflicts += 1;
                self.give_way(*conflicts).await
            }
            Fault::Unreachable(why) => {
                tracing::debug!(why, "a connection was lost");
                self.shared.connections.tally().lost.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(20 + fastrand::u64(..30))).await;
                Ok(())
            }
        }
    }

    /// Gives way to the writer that came first, longer each time and never as long as another that does the same.
    async fn give_way(&self, conflicts: u32) -> Result<(), StoreError> {
        self.shared.connections.tally().conflicts.fetch_add(1, Ordering::Relaxed);
        if conflicts >= self.attempts {
            return Err(StoreError::Overloaded);
        }
        let longest = 1000_u64 << conflicts.min(5);
        tokio::time::sleep(Duration::from_micros(fastrand::u64(..longest))).await;
        Ok(())
    }

    async fn attempt<C: Command>(&self, lease: &Lease, intent: &mut Intent<'_, C>) -> Result<Attempt<C::Reply>, Fault> {
        let reading = self.shared.reading(intent.context, intent.believing);
        let (view, mut fetched) = fetch::read(lease, reading, &intent.footprint, false).await?;
        let mut on_its_way = false;
        if !intent.sent.is_empty() {
            let written = intent.sent.iter().flat_map(|one| &one.partitions);
            let written: Vec<Partition> = written.map(|(partition, _)| partition.clone()).collect();
            fetch::read_heads(lease, &mut fetched, &written).await?;
            match intent.look_back(&fetched) {
                Found::Done(reply) => return Ok(Attempt::Answered(Ok(Ok(reply)))),
                Found::Unknown => return Ok(Attempt::Answered(Err(StoreError::TimedOut))),
                Found::NotDone => {}
                Found::NotYet => on_its_way = true,
            }
        }
        let outcome = match intent.command.apply(&view, intent.context) {
            Ok(outcome) if !outcome.changes.is_empty() => outcome,
            // Nothing is to be written that would keep out what is on its way.
            _ if on_its_way => return Ok(Attempt::Answered(Err(StoreError::TimedOut))),
            answer => return Ok(Attempt::Answered(Ok(answer.map(|outcome| outcome.reply)))),
        };
        let rows = NewRows::of(intent.context.app, outcome.changes);
        if rows.partitions().any(|partition| !fetched.has_head(partition)) {
            if intent.believing && fetched.believed() {
                return Ok(Attempt::Stale);
            }
            // Nothing in them was asked for, such as a chat group's whose id was made up just now.
            let written: Vec<Partition> = rows.partitions().cloned().collect();
            fetch::read_heads(lease, &mut fetched, &written).await?;
        }
        let partitions = rows.versions(&fetched);
        let removed = rows.removed();
        let request = RequestId(fastrand::u64(..));
        let rows = rows.ordered(&fetched, request);
        if !self.flight.write() {
            return Ok(Attempt::Answered(Err(StoreError::TimedOut)));
        }
        match write(lease, &rows).await {
            Ok(()) => {
                self.shared.written(&partitions, removed);
                Ok(Attempt::Answered(Ok(Ok(outcome.reply))))
            }
            Err(Fault::Conflict) => Ok(Attempt::Conflict),
            Err(fault) => {
                if matches!(fault, Fault::Unreachable(_)) {
                    intent.sent.push(Sent { request, reply: outcome.reply, partitions });
                }
                Err(fault)
            }
        }
    }
}

impl<C: Command> Intent<'_, C> {
    /// What is told where it is given up: that nothing was done only where nothing was sent.
    fn told(&self, error: StoreError) -> StoreError {
        if self.sent.is_empty() { error } else { StoreError::TimedOut }
    }

    /// Looks in the heads for a write of which nothing was heard. One request writes all of its partitions or none, so that the first
    /// head that tells is enough, and one that has gone on is enough to keep the whole out. What is on its way still fails once something is
    /// written, whoever writes it.
    fn look_back(&mut self, fetched: &Fetched) -> Found<C::Reply> {
        let (mut unknown, mut on_its_way) = (false, false);
        for place in 0..self.sent.len() {
            let Some(one) = self.sent.get(place) else { break };
            let mut moved_on = false;
            for (partition, before) in &one.partitions {
                let head = fetched.head_of(partition);
                let (list, version) = head.map_or((&[][..], 0), |head| (&head.requests, head.version));
                match requests::look(list, version, one.request, *before) {
                    Told::Done => return Found::Done(self.sent.swap_remove(place).reply),
                    Told::NotDone => moved_on = true,
                    Told::NotYet => {}
                    Told::Unknown => unknown = true,
                }
            }
            on_its_way |= !moved_on;
        }
        match (unknown, on_its_way) {
            (true, _) => Found::Unknown,
            (false, true) => Found::NotYet,
            (false, false) => Found::NotDone,
        }
    }
}
