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
/// whole paging comes exactly once (R-082). It is FNV-1a over the kind and the id.
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
        // None that came before: as pinned, or among the others before it was pinned.
        let number = |one: &Recent| one.pinned.unwrap_or_default();
        let still = |one: &&Recent| number(one) > self.pinned_after && place(&one.id) > self.after;
        let most = if self.pinned == PinnedWanted::First { u64::MAX } else { self.page };
        let (pinned, pinned_next) = cut(pinned.into_iter().filter(still).collect(), number, most);
        let left = self.page.saturating_sub(pinned.len() as u64);
        let others = others.into_iter().filter(|one| place(&one.id) > self.after).collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{DeleteRecentContact, Message, PinConversations, ReadMessages, SendMessage};
    use crate::records::LastMessage;
    use crate::testing::{World, user, with};
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn recent(id: &str, time: u64, pinned: Option<u64>) -> Recent {
        let last = LastMessage { time: Timestamp(time), sequence: 1, random: 1, expires: Timestamp(time + 100) };
        Recent { id: with(id), last, pinned, sorted: None }
    }

    /// Cuts by the times, as if they were places.
    fn cut_times(times: &[u64], max: u64) -> (Vec<u64>, Option<u64>) {
        let all: Vec<Recent> = times.iter().map(|time| recent("p", *time, None)).collect();
        let (found, rest) = cut(all.iter().collect(), |one| one.last.time.0, max);
        (found.into_iter().map(|one| one.last.time.0).collect(), rest)
    }

    #[test]
    fn a_page_that_is_exactly_full_has_no_rest() {
        assert_eq!(cut_times(&[3, 1, 2], 3), (vec![1, 2, 3], None));
        assert_eq!(cut_times(&[3, 1, 2], 4), (vec![1, 2, 3], None));
        assert_eq!(cut_times(&[3, 1, 2], 2), (vec![1, 2], Some(2)));
        assert_eq!(cut_times(&[], 2), (vec![], None));
        assert_eq!(cut_times(&[5], u64::MAX), (vec![5], None));
    }

    #[test]
    fn equal_places_stay_together_and_where_there_is_no_room_the_rest_begins_before_the_first() {
        assert_eq!(cut_times(&[2, 1, 2, 2, 3], 2), (vec![1, 2, 2, 2], Some(2)));
        assert_eq!(cut_times(&[2, 2, 2], 1), (vec![2, 2, 2], None));
        assert_eq!(cut_times(&[7, 9], 0), (vec![], Some(6)));
        assert_eq!(cut_times(&[], 0), (vec![], None));
    }

    proptest! {
        #[test]
        fn pages_cut_one_after_the_other_are_everything_once(times in vec(1..40_u64, 0..40), max in 1..9_u64) {
            let (mut seen, mut after) = (Vec::new(), 0);
            loop {
                let rest: Vec<u64> = times.iter().copied().filter(|time| *time > after).collect();
                let (found, next) = cut_times(&rest, max);
                seen.extend(found);
                let Some(next) = next else { break };
                prop_assert!(next > after, "each page goes on");
                after = next;
            }
            let mut all = times;
            all.sort_unstable();
            prop_assert_eq!(seen, all);
        }
    }

    fn list() -> ListRecentContacts {
        let (window, page, after, pinned_after) = (100, 100, 0, 0);
        ListRecentContacts {
            user: user("a"),
            window,
            page,
            after,
            pinned_after,
            pinned: PinnedWanted::Paged,
            empty: true,
        }
    }

    fn ids(page: &RecentContactsPage) -> Vec<&str> {
        let mut ids = Vec::new();
        for one in &page.recents {
            match &one.id {
                ConversationId::User(user) => ids.push(user.as_str()),
                ConversationId::ChatGroup(id) => ids.push(id.as_str()),
            }
        }
        ids
    }

    /// A world in which these wrote to a, a second after each other.
    fn written_to_by(peers: &[&str]) -> World {
        let mut world = World::with_accounts(&[&["a"], peers].concat());
        world.set("limit.pins", "9");
        for peer in peers {
            world.advance(1);
            world.say(peer, "a");
        }
        world
    }

    fn pin(world: &mut World, ids: &[&str], pinned: bool) {
        world.run(&PinConversations { user: user("a"), pinned, ids: ids.iter().map(|id| with(id)).collect() }).unwrap();
    }

    #[test]
    fn r_082_the_pinned_ones_come_first_and_each_part_has_the_oldest_first() {
        let mut world = written_to_by(&["p", "q", "r", "s"]);
        pin(&mut world, &["s", "q"], true);
        let page = world.ask(&list()).unwrap();
        assert_eq!(ids(&page), ["q", "s", "p", "r"]);
        assert_eq!(page.recents.iter().map(|one| one.pinned).collect::<Vec<_>>(), [Some(2), Some(1), None, None]);
        assert_eq!((page.next, page.now), (None, world.now()));
    }

    #[test]
    fn r_079_the_pinned_ones_come_among_the_others_all_first_or_a_page_at_a_time() {
        let mut world = written_to_by(&["p", "q", "r", "s"]);
        pin(&mut world, &["s", "q", "r"], true);
        let among = world.ask(&ListRecentContacts { pinned: PinnedWanted::AmongOthers, ..list() }).unwrap();
        assert_eq!(ids(&among), ["p", "q", "r", "s"]);
        assert!(among.recents.iter().all(|one| one.pinned.is_none()));
        let first = ListRecentContacts { pinned: PinnedWanted::First, page: 2, ..list() };
        let page = world.ask(&first).unwrap();
        assert_eq!(ids(&page), ["q", "r", "s"], "all of them, however few a page has");
        let Next { after, pinned_after } = page.next.unwrap();
        let page = world.ask(&ListRecentContacts { after, pinned_after, ..first }).unwrap();
        assert_eq!((ids(&page), page.next), (vec!["p"], None));
        let paged = world.ask(&ListRecentContacts { page: 2, ..list() }).unwrap();
        assert_eq!(ids(&paged), ["q", "s"], "the first two that were pinned");
        assert_eq!(paged.next, Some(Next { after: 0, pinned_after: 2 }));
    }

    #[test]
    fn where_the_pinned_ones_fill_a_page_exactly_the_others_begin_on_the_next() {
        let mut world = written_to_by(&["p", "q", "r"]);
        pin(&mut world, &["p", "q"], true);
        let page = world.ask(&ListRecentContacts { page: 2, ..list() }).unwrap();
        assert_eq!(ids(&page), ["p", "q"]);
        let Next { after, pinned_after } = page.next.unwrap();
        assert_eq!(pinned_after, 2);
        let page = world.ask(&ListRecentContacts { page: 2, after, pinned_after, ..list() }).unwrap();
        assert_eq!((ids(&page), page.next), (vec!["r"], None));
        pin(&mut world, &["r"], true);
        let page = world.ask(&ListRecentContacts { page: 3, ..list() }).unwrap();
        assert_eq!((page.recents.len(), page.next), (3, None), "there are no others");
    }

    #[test]
    fn r_081_the_list_has_the_newest_and_all_that_are_pinned_and_the_others_come_back() {
        let mut world = written_to_by(&["p", "q", "r", "s"]);
        let few = |pinned| ListRecentContacts { window: 2, pinned, ..list() };
        assert_eq!(ids(&world.ask(&few(PinnedWanted::Paged)).unwrap()), ["r", "s"]);
        pin(&mut world, &["p"], true);
        assert_eq!(ids(&world.ask(&few(PinnedWanted::First)).unwrap()), ["p", "s"]);
        assert_eq!(ids(&world.ask(&few(PinnedWanted::AmongOthers)).unwrap()), ["p", "s"], "the same, shown otherwise");
        pin(&mut world, &["p"], false);
        world.say("q", "a");
        assert_eq!(ids(&world.ask(&few(PinnedWanted::Paged)).unwrap()), ["q", "s"]);
        world.run(&DeleteRecentContact { user: user("a"), id: with("q") }).unwrap();
        assert_eq!(ids(&world.ask(&few(PinnedWanted::Paged)).unwrap()), ["r", "s"]);
    }

    #[test]
    fn who_of_one_second_is_in_the_list_does_not_hang_on_pins_of_others() {
        let mut world = World::with_accounts(&["a", "p", "q", "r"]);
        for peer in ["p", "q", "r"] {
            world.say(peer, "a");
        }
        let few = ListRecentContacts { window: 2, ..list() };
        assert_eq!(ids(&world.ask(&few).unwrap()), ["p", "q"]);
        pin(&mut world, &["r"], true);
        assert_eq!(ids(&world.ask(&few).unwrap()), ["r", "p"]);
    }

    #[test]
    fn r_080_a_conversation_whose_last_message_has_lived_its_time_is_shown_where_empty_ones_are_wanted() {
        let mut world = written_to_by(&["p"]);
        let short = Message { seconds: Some(10), ..crate::testing::message() };
        world.run(&SendMessage { from: user("p"), to: user("a"), message: short }).unwrap();
        let filled = ListRecentContacts { empty: false, ..list() };
        world.advance(9);
        assert_eq!(ids(&world.ask(&filled).unwrap()), ["p"]);
        world.advance(1);
        assert_eq!(ids(&world.ask(&filled).unwrap()), [""; 0]);
        assert_eq!(ids(&world.ask(&list()).unwrap()), ["p"]);
    }

    #[test]
    fn who_is_not_imported_has_no_list_and_no_count() {
        let world = World::with_accounts(&[]);
        assert_eq!(world.ask(&list()), Err(Refusal::NotImported(user("a"))));
        let field = Correspondent::Owner;
        let refused = Err(Refusal::NoSuchCorrespondent { field, user: user("a") });
        assert_eq!(world.ask(&CountUnread { user: user("a"), peers: None }), refused);
    }

    #[test]
    fn unread_messages_are_counted_by_peer_and_together() {
        let mut world = written_to_by(&["p", "q", "p"]);
        let each = CountUnread { user: user("a"), peers: Some(["q", "ghost", "p"].map(user).to_vec()) };
        let expected = [(user("q"), Some(1)), (user("ghost"), None), (user("p"), Some(2))].to_vec();
        assert_eq!(world.ask(&each), Ok(Unread::Each(expected)));
        assert_eq!(world.ask(&CountUnread { user: user("a"), peers: None }), Ok(Unread::All(3)));
        world.run(&ReadMessages { user: user("a"), peer: user("p"), until: None }).unwrap();
        assert_eq!(world.ask(&CountUnread { user: user("a"), peers: None }), Ok(Unread::All(1)));
    }

    const PEERS: [&str; 7] = ["b", "c", "d", "e", "f", "g", "h"];

    /// What happens between two pages: a message of a peer, a pin or an unpin of one.
    fn happens(world: &mut World, (what, peer): (u8, usize)) {
        world.advance(1);
        match what {
            0 => world.say(PEERS[peer], "a"),
            1 => pin(world, &[PEERS[peer]], true),
            _ => pin(world, &[PEERS[peer]], false),
        }
    }

    proptest! {
        #[test]
        fn r_082_what_is_in_the_list_during_the_whole_paging_comes_exactly_once(
            before in vec((0..3_u8, 0..PEERS.len()), 0..8),
            between in vec(vec((0..3_u8, 0..PEERS.len()), 0..4), 0..12),
            page in 1..5_u64,
            pinned in prop_oneof![Just(PinnedWanted::AmongOthers), Just(PinnedWanted::First), Just(PinnedWanted::Paged)],
        ) {
            let mut world = written_to_by(&PEERS);
            for one in before {
                happens(&mut world, one);
            }
            let (mut between, mut seen, mut unpinned) = (between.into_iter(), Vec::new(), Vec::new());
            let mut asked = ListRecentContacts { page, pinned, ..list() };
            while let answer = world.ask(&asked).unwrap()
                && let Some(Next { after, pinned_after }) = { seen.extend(answer.recents); answer.next }
            {
                prop_assert!((after, pinned_after) != (asked.after, asked.pinned_after), "each page goes on");
                asked = ListRecentContacts { page, after, pinned_after, pinned, ..list() };
                for one in between.next().unwrap_or_default() {
                    unpinned.extend((one.0 == 2).then_some(PEERS[one.1]));
                    happens(&mut world, one);
                }
            }
            for peer in PEERS {
                let times = seen.iter().filter(|one| one.id == with(peer)).count();
                let twice = pinned != PinnedWanted::AmongOthers && unpinned.contains(&peer);
                prop_assert!(times == 1 || (twice && times > 1), "{peer} came {times} times");
            }
        }
    }
}
