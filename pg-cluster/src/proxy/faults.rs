//! The faults that wait for their message, over all connections of a proxy.

use super::protocol::{Message, When};

/// What a message must be.
pub(crate) enum Trigger {
    /// Any message that contains these bytes.
    Contains(Vec<u8>),
    /// A Bind one of whose parameters contains these bytes.
    Binds(Vec<u8>),
    /// The n-th Execute from now.
    Execute(usize),
}

pub(crate) struct Fault {
    pub(crate) trigger: Trigger,
    pub(crate) when: When,
    /// How many more connections it cuts.
    pub(crate) times: usize,
}

impl Fault {
    fn strikes(&mut self, message: &Message) -> bool {
        match &mut self.trigger {
            Trigger::Contains(needle) => message.contains(needle),
            Trigger::Binds(needle) => message.binds(needle),
            Trigger::Execute(left) => {
                *left = left.saturating_sub(usize::from(message.kind == Some(b'E')));
                *left == 0
            }
        }
    }
}

/// The first fault that this message strikes; it is used up by that.
pub(crate) fn strike(faults: &mut Vec<Fault>, message: &Message) -> Option<When> {
    let fault = faults.iter_mut().find_map(|fault| fault.strikes(message).then_some(fault))?;
    let when = fault.when;
    fault.times = fault.times.saturating_sub(1);
    faults.retain(|fault| fault.times > 0);
    Some(when)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn execute() -> Message {
        Message { kind: Some(b'E'), bytes: b"E\0\0\0\x09\0\0\0\0\0".to_vec() }
    }

    fn query() -> Message {
        Message { kind: Some(b'Q'), bytes: b"Q\0\0\0\x0bSELECT\0".to_vec() }
    }

    #[test]
    fn the_nth_execute_is_struck_once() {
        let trigger = Trigger::Execute(2);
        let mut faults = vec![Fault { trigger, when: When::AfterForwarding, times: 1 }];
        let struck = [execute(), query(), execute(), execute()].map(|one| strike(&mut faults, &one));
        assert_eq!(struck, [None, None, Some(When::AfterForwarding), None]);
    }

    #[test]
    fn a_needle_strikes_as_often_as_it_was_asked_to() {
        let trigger = Trigger::Contains(b"SELECT".to_vec());
        let mut faults = vec![Fault { trigger, when: When::BeforeForwarding, times: 2 }];
        let struck = [query(), execute(), query(), query()].map(|one| strike(&mut faults, &one).is_some());
        assert_eq!(struck, [true, false, true, false]);
    }
}
