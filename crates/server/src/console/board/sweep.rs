//! Sweeping: conversations whose other side is gone are taken out of everything that sorts them, by the ordinary commands.

use super::Place;
use super::seen::Seen;
use crate::console::data::{Refused, execute};
use crate::console::visit::Visit;
use cubby_domain::commands::{
    CustomMarking, DeleteRecentContact, MarkContacts, Marking, Move, PinConversations, UpdateContactGroup,
};
use cubby_domain::{ConversationId, MarkSet};
use cubby_protocol::endpoint::Family;
use cubby_store::Store;

/// Conversations in one command, so that none holds the store for long.
const AT_ONCE: usize = 100;

/// Sweeps; how many there were.
pub(super) async fn sweep<S: Store>(visit: &Visit<S>, place: &Place, seen: &Seen) -> Result<usize, Refused> {
    let gone = seen.gone();
    for group in &seen.board.head.contact_groups {
        let is_in = |id: &&ConversationId| seen.sorted(id).is_some_and(|one| one.contact_groups.contains(&group.id));
        let members: Vec<_> = gone.iter().filter(is_in).cloned().collect();
        for some in members.chunks(AT_ONCE) {
            let items = some.iter().map(|id| Ok(Move::Remove(id.clone()))).collect();
            let (user, name) = (place.user.clone(), group.name.as_str().into());
            let command = UpdateContactGroup::Conversations { user, name, items };
            execute(visit, &place.of, Family::Contact, command).await?;
        }
    }
    let is_marked = |id: &&ConversationId| seen.sorted(id).is_some_and(cubby_domain::Conversation::is_marked);
    let marked: Vec<_> = gone.iter().filter(is_marked).collect();
    for some in marked.chunks(AT_ONCE) {
        let none = Marking { clear: MarkSet(u64::MAX), custom_mark: CustomMarking::Clear, ..Marking::default() };
        let items = some.iter().map(|id| Ok(((*id).clone(), none.clone()))).collect();
        execute(visit, &place.of, Family::Contact, MarkContacts { user: place.user.clone(), items }).await?;
    }
    let pinned: Vec<_> = gone.iter().filter(|id| seen.board.pinned.contains(id)).cloned().collect();
    if !pinned.is_empty() {
        let command = PinConversations { user: place.user.clone(), pinned: false, ids: pinned };
        execute(visit, &place.of, Family::Contact, command).await?;
    }
    for (id, _) in seen.board.recents.iter().filter(|(id, _)| seen.is_gone(id)) {
        let command = DeleteRecentContact { user: place.user.clone(), id: id.clone() };
        execute(visit, &place.of, Family::Contact, command).await?;
    }
    Ok(gone.len())
}
