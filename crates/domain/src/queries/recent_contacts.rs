//! `recentcontact/get_list`, `get_c2c_unread_msg_num`: a user's recent contacts and what of them is unread.

use crate::command::{Context, Query};
use crate::edit::{account_exists, require_imported};
use crate::footprint::{Footprint, Range};
use crate::ids::{ConversationId, UserId};
use crate::recent::Recent;
use crate::refusal::{Correspondent, Refusal};
use crate::time::Timestamp;
use crate::view::View;

/// Asks for a page of the list of recent contacts.
#[derive(Debug)]
pub struct ListRecentContacts {
    /// Whose.
    pub user: UserId,
    /// How many the list has; those beyond are kept and come back.
    pub window: u64,
    /// How many come in one page.
    pub page: u64,
    /// After which place the page begins: 0, or what the page before said.
    pub after: u64,
    /// After which pin it begins: 0, or what the page before said.
    pub pinned_after: u64,
    /// What becomes of the pinned ones.
    pub pinned: PinnedWanted,
    /// Whether conversations are wanted whose last message is gone.
    pub empty: bool,
}

/// What becomes of the pinned ones (bits 0 and 2 of `AssistFlags`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinnedWanted {
    /// They come among the others and are not said to be pinned.
    AmongOthers,
    /// They come first, all in the first page.
    First,
    /// They come first, a page at a time.
    Paged,
}

/// A page of recent contacts.
#[derive(Debug, PartialEq, Eq)]
pub struct RecentContactsPage {
    /// The pinned ones and then the others, each by the time of their last messages, the oldest first.
    pub recents: Vec<Recent>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Next>,
    /// The server's time.
    pub now: Timestamp,
}

/// Where the next page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// After which place.
    pub after: u64,
    /// After which pin.
    pub pinned_after: u64,
}

/// The place of a conversation in the order of pages, 1 to 2^31-1: one that no message changes, so that what stays in the list during a
/// whole paging comes exactly once. It is FNV-1a over the kind and the id.
fn place(id: &ConversationId) -> u64 {
    let (kind, text) = match id {
        ConversationId::User(user) => (1_u8, user.as_str()),
        ConversationId::ChatGroup(id) => (2, id.as_str()),
    };
    let bytes = std::iter::once(kind).chain(text.bytes());
    let hash = bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    (hash >> 33).max(1)
}

impl Query for ListRecentContacts {
    type Reply = RecentContactsPage;

    fn footprint(&self) -> Footprint {
        Footprint {
            users: vec![self.user.clone()],
            ranges: vec![Range::Recents(self.user.clone(), self.window)],
            ..Footprint::default()
        }
    }

    fn answer(&self, view: &View, context: &Context) -> Result<RecentContactsPage, Refusal> {
        require_imported(&self.user, &view.head(&self.user), context)?;
        let all = view.recents.list.iter().filter(|one| self.empty || one.last.expires > context.now);
        let (pinned, others): (Vec<&Recent>, Vec<&Recent>) =
            all.partition(|one| one.pinned.is_some() && self.pinned != PinnedWanted::AmongOthers);
        let room = usize::try_from(self.window).unwrap_or(usize::MAX).saturating_sub(pinned.len());
        let pinned = self.pinned_part(pinned);
        let pinned_page = if self.pinned == PinnedWanted::Paged { self.page } else { u64::MAX };
        let (pinned, pinned_next) = cut(pinned, |one| one.pinned.unwrap_or_default(), pinned_page);
        let left = self.page.saturating_sub(pinned.len() as u64);
        let others = others.into_iter().take(room).filter(|one| place(&one.id) > self.after).collect();
        let (others, others_next) = match pinned_next {
            Some(_) => (Vec::new(), Some(self.after)),
            None => cut(others, |one| place(&one.id), left),
        };
        let pinned_after = pinned_next.unwrap_or(view.recents.pins_given);
        let next = others_next.map(|after| Next { after, pinned_after });
        let recents = by_time(pinned).into_iter().chain(by_time(others));
        let shown = |one: &Recent| match self.pinned {
            PinnedWanted::AmongOthers => Recent { pinned: None, ..one.clone() },
            _ => one.clone(),
        };
        Ok(RecentContactsPage { recents: recents.map(shown).collect(), next, now: context.now })
    }
}

impl ListRecentContacts {
    /// Of the pinned ones, those that this page and later ones have: none that came before, as pinned or among the others. All are new to
    /// the first page; to a later one, also where all came with the first, those that were pinned since.
    fn pinned_part<'a>(&self, pinned: Vec<&'a Recent>) -> Vec<&'a Recent> {
        let still = |one: &&Recent| one.pinned.unwrap_or_default() > self.pinned_after && place(&one.id) > self.after;
        pinned.into_iter().filter(still).collect()
    }
}

/// The first of them in the order of `key`, and the key after which the rest begins. Those of one key stay together, so that no page
/// begins between them.
fn cut(mut all: Vec<&Recent>, key: impl Fn(&Recent) -> u64, max: u64) -> (Vec<&Recent>, Option<u64>) {
    all.sort_by_key(|one| key(one));
    let max = usize::try_from(max).unwrap_or(usize::MAX);
    let Some(last) = max.checked_sub(1).and_then(|last| all.get(last)).map(|one| key(one)) else {
        // Either all fit, or there is no room: then the rest begins before the first of them.
        let rest = all.first().filter(|_| max == 0).map(|one| key(one).saturating_sub(1));
        return if rest.is_some() { (Vec::new(), rest) } else { (all, None) };
    };
    let within = all.partition_point(|one| key(one) <= last);
    let more = within < all.len();
    all.truncate(within);
    (all, more.then_some(last))
}

fn by_time(mut some: Vec<&Recent>) -> Vec<&Recent> {
    some.sort_by(|a, b| (a.last.time, a.last.sequence, &a.id).cmp(&(b.last.time, b.last.sequence, &b.id)));
    some
}

/// Asks how many messages of other users a user has not read.
#[derive(Debug)]
pub struct CountUnread {
    /// Whose.
    pub user: UserId,
    /// Of these users, or of all.
    pub peers: Option<Vec<UserId>>,
}

/// How many messages were not read.
#[derive(Debug, PartialEq, Eq)]
pub enum Unread {
    /// Of all users together.
    All(u64),
    /// Of each; `None` where there is no such account.
    Each(Vec<(UserId, Option<u64>)>),
}

impl Query for CountUnread {
    type Reply = Unread;

    fn footprint(&self) -> Footprint {
        let peers = || self.peers.iter().flatten();
        let with = |peer: &UserId| (self.user.clone(), ConversationId::User(peer.clone()));
        Footprint {
            users: vec![self.user.clone()],
            accounts: peers().cloned().collect(),
            recent_contacts: peers().map(with).collect(),
            ..Footprint::default()
        }
    }

    fn answer(&self, view: &View, context: &Context) -> Result<Unread, Refusal> {
        if !account_exists(&self.user, view, context) {
            let (field, user) = (Correspondent::Owner, self.user.clone());
            return Err(Refusal::NoSuchCorrespondent { field, user });
        }
        let Some(peers) = &self.peers else { return Ok(Unread::All(view.head(&self.user).unread)) };
        let of = |peer: &UserId| {
            let own = view.recent_contact(&self.user, &ConversationId::User(peer.clone()));
            account_exists(peer, view, context).then_some(own.unread)
        };
        Ok(Unread::Each(peers.iter().map(|peer| (peer.clone(), of(peer))).collect()))
    }
}
