//! `top`: pins conversations and unpins them. Pins are kept apart from the recent contacts: one makes no recent contact, and is shown as
//! soon as there is one.

use crate::change::Change;
use crate::command::{Command, Context, Outcome};
use crate::edit::require_imported;
use crate::footprint::Footprint;
use crate::ids::{ConversationId, UserId};
use crate::records::Pin;
use crate::refusal::Refusal;
use crate::view::View;

/// The command.
#[derive(Debug)]
pub struct PinConversations {
    /// Whose.
    pub user: UserId,
    /// Whether they are pinned, or unpinned.
    pub pinned: bool,
    /// Which. What is pinned already keeps its place.
    pub ids: Vec<ConversationId>,
}

impl Command for PinConversations {
    type Reply = ();

    fn footprint(&self) -> Footprint {
        Footprint { users: vec![self.user.clone()], pins: vec![self.user.clone()], ..Footprint::default() }
    }

    fn apply(&self, view: &View, context: &Context) -> Result<Outcome<()>, Refusal> {
        let head = view.head(&self.user);
        require_imported(&self.user, &head, context)?;
        let before = view.pins(&self.user).cloned().unwrap_or_default();
        let mut pins = before.clone();
        for id in &self.ids {
            if !self.pinned {
                pins.list.retain(|pin| pin.id != *id);
            } else if pins.number(id).is_none() {
                pins.given += 1;
                pins.list.push(Pin { number: pins.given, id: id.clone() });
            }
        }
        let max = context.settings.limits.pins;
        // A request that takes pins away is welcome whatever a limit that was lowered says.
        if pins.list.len() as u64 > max && pins.list.len() > before.list.len() {
            return Err(Refusal::TooManyPins { max });
        }
        let changes = if pins == before {
            Vec::new()
        } else {
            vec![Change::Pins(self.user.clone(), Some(pins)), Change::Head(self.user.clone(), head)]
        };
        Ok(Outcome { reply: (), changes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{World, user, with};

    fn pin(ids: &[&str], pinned: bool) -> PinConversations {
        PinConversations { user: user("a"), pinned, ids: ids.iter().map(|id| with(id)).collect() }
    }

    #[test]
    fn r_086_over_the_number_of_pins_nothing_is_pinned_and_what_is_pinned_twice_counts_once() {
        let mut world = World::with_accounts(&["a"]);
        assert_eq!(world.run(&pin(&["p", "q", "r"], true)), Err(Refusal::TooManyPins { max: 2 }));
        assert!(world.pins("a").list.is_empty());
        world.run(&pin(&["p", "q", "p"], true)).unwrap();
        world.run(&pin(&["q"], true)).unwrap();
        assert_eq!(world.pins("a").list.iter().map(|pin| pin.number).collect::<Vec<_>>(), [1, 2]);
        world.run(&pin(&["p", "never"], false)).unwrap();
        world.run(&pin(&["r"], true)).unwrap();
        assert_eq!(world.pins("a").list.iter().map(|pin| pin.number).collect::<Vec<_>>(), [2, 3]);
    }

    #[test]
    fn pinning_makes_no_recent_contact_and_enters_nothing_into_the_data() {
        let mut world = World::with_accounts(&["a", "p"]);
        world.run(&pin(&["p"], true)).unwrap();
        assert!(world.recents("a").list.is_empty());
        assert_eq!((world.head("a").conversations, world.conversation("a", "p")), (0, None));
        let nobody = PinConversations { user: user("x"), ..pin(&["p"], true) };
        assert_eq!(world.run(&nobody), Err(Refusal::NotImported(user("x"))));
    }
}
