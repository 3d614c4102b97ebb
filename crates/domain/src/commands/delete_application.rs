//! Deletes an application with all its data, in steps that have a bound each. Data that is small goes with the application's record in one
//! step. Of larger data the first step disables the application, and the last one takes the record: whatever comes between, the deletion
//! can be repeated, and an application of the same number can be made once it is done.
//!
//! Calls of the application that were let in before it was disabled may write until they are answered: who wants nothing of them left
//! disables it first, and lets every server hear of it.

use super::ApplicationRefused;
use crate::application::Application;
use crate::change::Change;
use crate::command::{Command, Context, Outcome};
use crate::footprint::{Footprint, Range};
use crate::refusal::Refusal;
use crate::state::{ApplicationState, changes};
use crate::view::View;

/// The command: one step.
#[derive(Debug)]
pub struct DeleteApplication {
    /// How many records one step takes; fewer than two are as two, so that each step takes something.
    pub records: u64,
}

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// Nothing is left of the application.
    Done,
    /// It is disabled, and has more data: the next step is to follow.
    More,
}

impl Command for DeleteApplication {
    type Reply = Result<Deletion, ApplicationRefused>;

    fn footprint(&self) -> Footprint {
        let ranges = vec![Range::Everything(self.records.max(2))];
        Footprint { application: true, ranges, ..Footprint::default() }
    }

    fn apply(&self, view: &View, context: &Context) -> Result<Outcome<Self::Reply>, Refusal> {
        let Some(application) = &view.application else {
            return Ok(Outcome { reply: Err(ApplicationRefused::Unknown), changes: Vec::new() });
        };
        let part = view.everything();
        if part.unfinished.is_none() {
            let mut changes = changes(&part.state, &ApplicationState::default());
            changes.push(Change::Application(context.app, None));
            return Ok(Outcome { reply: Ok(Deletion::Done), changes });
        }
        let mut changes = changes(&part.state, &part.rest());
        if !application.disabled {
            let disabled = Application { disabled: true, ..application.clone() };
            changes.push(Change::Application(context.app, Some(disabled)));
        }
        Ok(Outcome { reply: Ok(Deletion::More), changes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{ApplicationChange, ChangeApplication, CreateContactGroup};
    use crate::ids::ContactGroupName;
    use crate::testing::{World, user, with};

    fn delete(world: &mut World, records: u64) -> Result<Deletion, ApplicationRefused> {
        world.run(&DeleteApplication { records }).unwrap()
    }

    fn change(world: &mut World, change: ApplicationChange) -> Result<Application, ApplicationRefused> {
        world.run(&ChangeApplication { changes: vec![change] }).unwrap()
    }

    #[test]
    fn one_that_is_not_there_is_unknown_and_one_that_was_deleted_can_be_made_again() {
        let mut world = World::with_accounts(&["a"]);
        assert_eq!(delete(&mut world, 100), Err(ApplicationRefused::Unknown));
        change(&mut world, ApplicationChange::Create("k".into())).unwrap();
        assert_eq!(delete(&mut world, 100), Ok(Deletion::Done));
        assert_eq!(world.head("a").account, None);
        assert_eq!(change(&mut world, ApplicationChange::Disable(true)), Err(ApplicationRefused::Unknown));
        assert!(change(&mut world, ApplicationChange::Create("k".into())).is_ok());
    }

    #[test]
    fn each_step_takes_something_and_leaves_counters_that_fit_and_the_application_disabled() {
        let mut world = World::with_accounts(&["a", "b", "c"]);
        change(&mut world, ApplicationChange::Create("k".into())).unwrap();
        let (name, items) = (ContactGroupName::new("x").unwrap(), vec![Ok(with("b")), Ok(with("c"))]);
        world.run(&CreateContactGroup { user: user("a"), name, items }).unwrap();
        world.say("b", "a");
        let mut steps = 0;
        while delete(&mut world, 0).unwrap() == Deletion::More {
            steps += 1;
            let in_data = ["b", "c"].iter().filter(|id| world.conversation("a", id).is_some()).count() as u64;
            let unread = world.recent_contact("a", &with("b")).unread;
            let head = world.head("a");
            assert_eq!((head.conversations, head.grouped, head.unread), (in_data, in_data, unread));
            assert!(change(&mut world, ApplicationChange::AddKey("k".into())).unwrap().disabled);
            assert!(steps < 20);
        }
        assert!(steps > 3, "{steps}");
        assert_eq!(delete(&mut world, 0), Err(ApplicationRefused::Unknown));
    }
}
