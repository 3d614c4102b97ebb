//! Engines that break a promise on purpose: the sequences must find each of them out. They exist in these tests and nowhere else.

use super::some_sequences;
use cubby_domain::{Change, Command, Context, Footprint, Outcome, Query, Refusal, View};
use cubby_store::{Answer, Health, Memory, Store};

/// Alters what a command changes.
type Break = fn(&mut Vec<Change>, &Context);

struct Broken {
    memory: Memory,
    broken: Break,
}

struct Altered<C> {
    inner: C,
    broken: Break,
}

impl<C: Command> Command for Altered<C> {
    type Reply = C::Reply;

    fn footprint(&self) -> Footprint {
        self.inner.footprint()
    }

    fn apply(&self, view: &View, context: &Context) -> Result<Outcome<C::Reply>, Refusal> {
        let mut outcome = self.inner.apply(view, context)?;
        (self.broken)(&mut outcome.changes, context);
        Ok(outcome)
    }
}

impl Store for Broken {
    async fn execute<C: Command>(&self, command: C, context: Context) -> Answer<C::Reply> {
        self.memory.execute(Altered { inner: command, broken: self.broken }, context).await
    }

    async fn query<Q: Query>(&self, query: Q, context: Context) -> Answer<Q::Reply> {
        self.memory.query(query, context).await
    }

    fn health(&self) -> Health {
        self.memory.health()
    }

    async fn failed(&self) {
        self.memory.failed().await;
    }
}

fn is_found_out(broken: Break) {
    let found = std::panic::catch_unwind(|| some_sequences(20, || Broken { memory: Memory::default(), broken }).0);
    assert!(!matches!(found, Ok(Ok(()))), "nothing was noticed");
}

/// Given an engine that gives the GroupId of a deleted contact group again, when the sequences run, then it is found out.
#[test]
fn a_group_id_given_again_is_found_out() {
    is_found_out(|changes, _| {
        for change in changes {
            if let Change::Head(_, head) = change {
                head.contact_group_id = head.contact_groups.last().map_or(0, |group| group.id.0);
            }
        }
    });
}

/// Given an engine that loses what leaves the data, when the sequences run, then it is found out.
#[test]
fn a_lost_removal_is_found_out() {
    is_found_out(|changes, _| changes.retain(|change| !matches!(change, Change::Conversation { after: None, .. })));
}

/// Given an engine that forgets memberships of deleted accounts, when the sequences run, then it is found out.
#[test]
fn a_membership_that_stays_is_found_out() {
    is_found_out(|changes, _| {
        if changes.iter().any(|change| matches!(change, Change::UserGone(_))) {
            changes.retain(|change| !matches!(change, Change::Member { .. }));
        }
    });
}

/// Given an engine whose Timestamps step back with the clock, when the sequences run, then it is found out.
#[test]
fn a_timestamp_that_steps_back_is_found_out() {
    is_found_out(|changes, context| {
        for change in changes {
            match change {
                Change::Conversation { after: Some(one), .. } => one.updated = context.now,
                Change::Head(_, head) => head.updated = context.now,
                _ => {}
            }
        }
    });
}

/// Given an engine that leaves a deleted account's head as it was, when the sequences run, then it is found out.
#[test]
fn a_head_that_survives_its_account_is_found_out() {
    is_found_out(|changes, _| changes.retain(|change| !matches!(change, Change::UserGone(_))));
}

/// Given an engine that leaves a recent contact at the place that its older messages had too, when the sequences run, then it is found
/// out.
#[test]
fn a_stale_place_in_the_order_of_messages_is_found_out() {
    is_found_out(|changes, _| {
        for change in changes {
            if let Change::RecentContact { before, after: Some(_), .. } = change {
                *before = None;
            }
        }
    });
}

/// Given an engine that forgets to take what is unread off the head, when the sequences run, then it is found out.
#[test]
fn a_stale_number_of_unread_messages_is_found_out() {
    is_found_out(|changes, _| {
        if changes.iter().any(|change| matches!(change, Change::RecentContact { after: None, .. })) {
            changes.retain(|change| !matches!(change, Change::Head(..)));
        }
    });
}
