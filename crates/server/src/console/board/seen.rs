//! What a board is made of, read in one look, and a number that is another one whenever a look would show something else.

use crate::app::App;
use cubby_domain::queries::{Board, OtherSide, OtherSides, ReadBoard};
use cubby_domain::{Context, ConversationId, Refusal, UserId};
use cubby_store::{Store, StoreError};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Conversations of the data that a board reads, at most. No profile allows more by itself.
const CONVERSATIONS_MAX: u64 = 10_000;

/// A user's board and who is on the other sides.
pub(super) struct Seen {
    pub(super) board: Board,
    pub(super) sides: BTreeMap<ConversationId, OtherSide>,
}

/// Looks.
pub(super) async fn look<S: Store>(
    app: &App<S>,
    context: &Context,
    user: &UserId,
) -> Result<Result<Seen, Refusal>, StoreError> {
    let window = context.settings.recent_contacts();
    let read = ReadBoard { user: user.clone(), limit: CONVERSATIONS_MAX, window };
    let board = match app.store.query(read, context.clone()).await? {
        Ok(board) => board,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let ids = board.all();
    let sides = match app.store.query(OtherSides { ids: ids.clone() }, context.clone()).await? {
        Ok(sides) => sides,
        Err(refusal) => return Ok(Err(refusal)),
    };
    Ok(Ok(Seen { board, sides: ids.into_iter().zip(sides).collect() }))
}

impl Seen {
    /// Its number, as text. Two servers of one version give the same for the same.
    pub(super) fn version(&self) -> String {
        let mut hasher = DefaultHasher::new();
        self.board.hash(&mut hasher);
        self.sides.hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    /// Whether the other side of a conversation is gone.
    pub(super) fn is_gone(&self, id: &ConversationId) -> bool {
        self.sides.get(id).is_some_and(|side| !side.exists)
    }

    /// The conversations whose other sides are gone.
    pub(super) fn gone(&self) -> Vec<ConversationId> {
        self.sides.iter().filter(|(_, side)| !side.exists).map(|(id, _)| id.clone()).collect()
    }

    /// What the user's data says of a conversation.
    pub(super) fn sorted(&self, id: &ConversationId) -> Option<&cubby_domain::Conversation> {
        self.board.conversations.iter().find(|(one, _)| one == id).map(|(_, sorted)| sorted)
    }
}
