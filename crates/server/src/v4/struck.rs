//! A call that the gate let in, run with the fault that strikes it, where one does.

use super::gate::Admitted;
use super::{Answered, Laps};
use crate::app::App;
use crate::controls::{Effect, Hit, Moment, Steps};
use bytes::Bytes;
use cubby_protocol::codes::{Code, OK, asked_info};
use cubby_protocol::endpoint::{ItemFault, Meta};
use cubby_protocol::envelope;
use cubby_store::Store;
use std::sync::Arc;

/// What becomes of a reply on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is sent.
    Whole,
    /// So many bytes of it are.
    Truncated(usize),
    /// Nothing is.
    Dropped,
}

/// A call that was answered.
pub(super) struct Called {
    pub(super) answered: Answered,
    pub(super) steps: Steps,
    /// The fault that struck it.
    pub(super) fault: Option<u64>,
    pub(super) fate: Fate,
}

impl Called {
    /// A call without a fault.
    pub(super) fn plain(answered: Answered, steps: Steps) -> Self {
        Self { answered, steps, fault: None, fate: Fate::Whole }
    }
}

/// Runs a call. `steps` are those that it has behind it.
pub(super) async fn call<S: Store>(app: &Arc<App<S>>, call: Admitted<S>, body: Bytes, steps: Steps) -> Called {
    let controls = Arc::clone(&call.caller.loaded.controls);
    let now = controls.clock.now(&app.clock).0;
    let Some(hit) = controls.faults.strike(call.route.meta.path, &body, now) else {
        let (answered, ran) = call.route.run(Arc::clone(app), call.caller, body, None).await;
        return Called::plain(answered, behind(steps, ran));
    };
    Box::pin(strike(app, call, body, steps, hit)).await
}

fn behind(steps: Steps, ran: Steps) -> Steps {
    Steps { gate: steps.gate, body: steps.body, ..ran }
}

async fn strike<S: Store>(app: &Arc<App<S>>, call: Admitted<S>, body: Bytes, mut steps: Steps, hit: Hit) -> Called {
    let (meta, controls) = (call.route.meta, Arc::clone(&call.caller.loaded.controls));
    let Hit { id, moment, delay, effect, item } = hit;
    let mut laps = Laps::start(&app.clock);
    let mut waited = std::time::Duration::ZERO;
    let mut runs = true;
    if moment == Moment::Before {
        runs = controls.faults.wait(delay).await;
        waited = laps.lap();
    }
    let instead = match (&effect, moment) {
        // It was ended while it waited: nothing is done.
        _ if !runs => Some(as_asked(meta, &Effect::Drop)),
        (Some(Effect::Item { .. }) | None, _) | (_, Moment::After) => None,
        (Some(effect), Moment::Before) => Some(as_asked(meta, effect)),
    };
    let ran_by_itself = instead.is_none();
    let mut answered = if let Some(answered) = instead {
        answered
    } else {
        let before = moment == Moment::Before;
        let items = match effect {
            Some(Effect::Item { code }) => Some(ItemFault { id: item, code, before }),
            _ => None,
        };
        let (answered, ran) = call.route.run(Arc::clone(app), call.caller, body, items).await;
        steps = behind(steps, ran);
        laps.lap();
        answered
    };
    if moment == Moment::After {
        controls.faults.wait(delay).await;
        waited = laps.lap();
    }
    steps.delay = waited;
    let told = !ran_by_itself || answered.code == OK;
    let fate = match effect {
        Some(Effect::Drop) if told => Fate::Dropped,
        Some(Effect::Truncate(at)) if told => Fate::Truncated(at),
        Some(effect @ Effect::Error { .. }) if told => {
            answered = as_asked(meta, &effect);
            Fate::Whole
        }
        _ => Fate::Whole,
    };
    Called { answered, steps, fault: Some(id), fate }
}

/// The reply that a fault gives. A connection that is cut before the command ran would have told of an internal error.
fn as_asked(meta: &Meta, effect: &Effect) -> Answered {
    let (code, info) = match effect {
        Effect::Error { code, info } => (Code(*code), info.clone()),
        Effect::Item { .. } | Effect::Drop | Effect::Truncate(_) => (meta.internal_error(), None),
    };
    let info = info.unwrap_or_else(|| asked_info(code));
    Answered { code, body: envelope::failure(Some(meta), code, &info), failure: None }
}
