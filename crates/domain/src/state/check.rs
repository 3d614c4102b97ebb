//! What must be true of an application's data, so that data written by hand cannot leave a store that contradicts itself.

use super::{ApplicationState, ChatGroupState, UserState};
use crate::commands::is_generated_id_of;
use crate::ids::{ChatGroupId, ConversationId, UserId};
use crate::records::RecentContact;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The greatest number that counts something: there is always a next one.
const NUMBER_MAX: u64 = u64::MAX >> 1;

/// Data that was checked, its numbers counted: the only data that a store takes. It is shared, so that to reset again and again copies
/// nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedState(Arc<ApplicationState>);

impl CheckedState {
    /// Counts what follows from the records, and checks the rest.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn new(mut state: ApplicationState, records_max: u64) -> Result<Self, BadState> {
        if state.records() > records_max {
            return Err(BadState::TooManyRecords { max: records_max });
        }
        state.count();
        check(&state)?;
        Ok(Self(Arc::new(state)))
    }

    /// The data.
    pub fn state(&self) -> &ApplicationState {
        &self.0
    }
}

/// Why data is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadState {
    /// It is more than can be replaced at once.
    #[error("there are over {max} records")]
    TooManyRecords {
        /// How many there may be.
        max: u64,
    },
    /// A user's data contradicts itself.
    #[error("user \"{user}\": {flaw}")]
    User {
        /// Who.
        user: UserId,
        /// What is wrong.
        flaw: Flaw,
    },
    /// A user's conversation, recent contact or pin contradicts the rest.
    #[error("user \"{user}\", {}: {flaw}", named(id))]
    Conversation {
        /// Who.
        user: UserId,
        /// Which.
        id: ConversationId,
        /// What is wrong.
        flaw: Flaw,
    },
    /// A chat group contradicts itself or the others.
    #[error("chat group \"{id}\": {flaw}")]
    ChatGroup {
        /// Which.
        id: ChatGroupId,
        /// What is wrong.
        flaw: Flaw,
    },
    /// A member contradicts the chat group.
    #[error("chat group \"{id}\", member \"{user}\": {flaw}")]
    Member {
        /// Of which chat group.
        id: ChatGroupId,
        /// Who.
        user: UserId,
        /// What is wrong.
        flaw: Flaw,
    },
}

/// A conversation as it is named to people.
fn named(id: &ConversationId) -> String {
    match id {
        ConversationId::User(user) => format!("conversation with \"{user}\""),
        ConversationId::ChatGroup(id) => format!("conversation in chat group \"{id}\""),
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// A number of contact groups or the order of entry.
    #[error("{0}")]
    Head(&'static str),
    /// A number is so great that there is no next one.
    #[error("{field}: {number} is too great")]
    TooGreat {
        /// Which.
        field: &'static str,
        /// The number.
        number: u64,
    },
    /// A number that was given is beyond the last one.
    #[error("{field}: {number} was never given; 1 to {last} were")]
    NeverGiven {
        /// Which.
        field: &'static str,
        /// The number.
        number: u64,
        /// The last.
        last: u64,
    },
    /// A number was given twice.
    #[error("{field}: {number} is another's already")]
    GivenTwice {
        /// Which.
        field: &'static str,
        /// The number.
        number: u64,
    },
    /// It is in no contact group and has no mark.
    #[error("it is in no contact group and has no mark, and so is not in the data")]
    Bare,
    /// The contact groups are not in their order, or one is named twice.
    #[error("contact_groups: they are not ascending")]
    NotAscending,
    /// A contact group is not there.
    #[error("contact_groups: there is no contact group {0}")]
    NoSuchContactGroup(u64),
    /// It changed after the user's data did.
    #[error("updated: it is later than the last change of the user's data")]
    LaterThanHead,
    /// It says nothing.
    #[error("the recent contact is empty")]
    Empty,
    /// A field that conversations of the other kind have.
    #[error("{0}: a conversation of this kind does not have it")]
    OfOtherKind(&'static str),
    /// It is pinned twice.
    #[error("pins: it is pinned twice")]
    PinnedTwice,
    /// More members than may be.
    #[error("members: there are {members}, and at most {max} may be")]
    TooManyMembers {
        /// How many there are.
        members: u64,
        /// How many there may be.
        max: u64,
    },
    /// Its id is one that the server would give to another.
    #[error("the id begins like those that are given to chat groups without one, and is not the one of its place")]
    ReservedId,
    /// It owns the chat group and the chat group says otherwise.
    #[error("it owns the chat group, and the chat group has another owner")]
    NotTheOwner,
}

fn number(field: &'static str, number: u64) -> Result<(), Flaw> {
    if number > NUMBER_MAX { Err(Flaw::TooGreat { field, number }) } else { Ok(()) }
}

fn given(field: &'static str, number: u64, last: u64) -> Result<(), Flaw> {
    if (1..=last).contains(&number) { Ok(()) } else { Err(Flaw::NeverGiven { field, number, last }) }
}

fn check(state: &ApplicationState) -> Result<(), BadState> {
    for (user, data) in &state.users {
        head(data).map_err(|flaw| BadState::User { user: user.clone(), flaw })?;
        let of =
            |(id, flaw): (&ConversationId, Flaw)| BadState::Conversation { user: user.clone(), id: id.clone(), flaw };
        conversations(data).map_err(of)?;
        recent_contacts(data).map_err(of)?;
        pins(data).map_err(of)?;
    }
    let mut places = BTreeMap::new();
    for (id, chat_group) in &state.chat_groups {
        let wrong = |flaw| BadState::ChatGroup { id: id.clone(), flaw };
        let sequence = chat_group.record.sequence;
        given("sequence", sequence, state.directory.sequence).map_err(wrong)?;
        number("sequence", state.directory.sequence).map_err(wrong)?;
        if places.insert(sequence, id).is_some() {
            return Err(wrong(Flaw::GivenTwice { field: "sequence", number: sequence }));
        }
        if is_generated_id_of(id, sequence) == Some(false) {
            return Err(wrong(Flaw::ReservedId));
        }
        record(chat_group).map_err(wrong)?;
        members(chat_group).map_err(|(user, flaw)| BadState::Member { id: id.clone(), user: user.clone(), flaw })?;
    }
    Ok(())
}

fn head(user: &UserState) -> Result<(), Flaw> {
    let head = &user.head;
    number("entered", head.entered)?;
    number("contact_group_id", head.contact_group_id)?;
    number("unread", head.unread)?;
    number("pins", user.pins.as_ref().map_or(0, |pins| pins.given))?;
    head.check().map_err(Flaw::Head)
}

fn conversations(user: &UserState) -> Result<(), (&ConversationId, Flaw)> {
    let mut places = BTreeSet::new();
    let groups: BTreeSet<_> = user.head.contact_groups.iter().map(|group| group.id).collect();
    for (id, one) in &user.conversations {
        let wrong = |flaw| (id, flaw);
        given("entered", one.entered, user.head.entered).map_err(wrong)?;
        if !places.insert(one.entered) {
            return Err(wrong(Flaw::GivenTwice { field: "entered", number: one.entered }));
        }
        if one.is_bare() {
            return Err(wrong(Flaw::Bare));
        }
        if !one.contact_groups.is_sorted_by(|a, b| a < b) {
            return Err(wrong(Flaw::NotAscending));
        }
        if let Some(group) = one.contact_groups.iter().find(|group| !groups.contains(group)) {
            return Err(wrong(Flaw::NoSuchContactGroup(group.0)));
        }
        if one.updated > user.head.updated {
            return Err(wrong(Flaw::LaterThanHead));
        }
    }
    Ok(())
}

fn recent_contacts(user: &UserState) -> Result<(), (&ConversationId, Flaw)> {
    for (id, one) in &user.recent_contacts {
        let wrong = |flaw| (id, flaw);
        if *one == RecentContact::default() {
            return Err(wrong(Flaw::Empty));
        }
        let fields = match id {
            ConversationId::User(_) => [("deleted", one.deleted), ("read", one.read)],
            ConversationId::ChatGroup(_) => [("unread", one.unread), ("arrived", one.arrived.0)],
        };
        if let Some((field, _)) = fields.iter().find(|(_, number)| *number > 0) {
            return Err(wrong(Flaw::OfOtherKind(field)));
        }
    }
    Ok(())
}

fn pins(user: &UserState) -> Result<(), (&ConversationId, Flaw)> {
    let Some(pins) = &user.pins else { return Ok(()) };
    let mut pinned = BTreeSet::new();
    let mut before = 0;
    for pin in &pins.list {
        given("pins", pin.number, pins.given).map_err(|flaw| (&pin.id, flaw))?;
        if pin.number <= before {
            return Err((&pin.id, Flaw::GivenTwice { field: "pins", number: pin.number }));
        }
        before = pin.number;
        if !pinned.insert(&pin.id) {
            return Err((&pin.id, Flaw::PinnedTwice));
        }
    }
    Ok(())
}

fn record(chat_group: &ChatGroupState) -> Result<(), Flaw> {
    let record = &chat_group.record;
    number("messages", record.messages)?;
    if record.members > record.members_max {
        return Err(Flaw::TooManyMembers { members: record.members, max: record.members_max });
    }
    record.last.map_or(Ok(()), |last| given("last", last.sequence, record.messages))
}

fn members(chat_group: &ChatGroupState) -> Result<(), (&UserId, Flaw)> {
    let record = &chat_group.record;
    for (user, member) in &chat_group.members {
        if member.owner && record.owner.as_ref() != Some(user) {
            return Err((user, Flaw::NotTheOwner));
        }
        if member.since > record.messages {
            let (number, last) = (member.since, record.messages);
            return Err((user, Flaw::NeverGiven { field: "since", number, last }));
        }
    }
    Ok(())
}
