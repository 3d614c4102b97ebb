//! The record of an application's calls (R-122): the last of them, bounded by their number and their bytes, and whoever follows them. Signatures
//! are masked before a call comes here; what a call means is explained when it is looked at, and not before.

use crate::v4::COMMANDS;
use bytes::Bytes;
use cubby_domain::{Settings, Timestamp};
use cubby_protocol::codes::{Code, Failure};
use cubby_protocol::explain::{Check, Ignored, Tolerated, ignored, tolerated};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast;

/// The most calls of an application that are kept.
pub(crate) const CALLS_MAX: usize = 500;
/// The most bytes of them.
const BYTES_MAX: usize = 8 << 20;
/// The most bytes of a request's body, and of a reply's, that are kept.
pub(crate) const BODY_MAX: usize = 128 << 10;
/// What a call takes beside its bodies, about.
const CALL_BYTES: usize = 512;
/// The most bytes of all applications' calls together; where there are more, whoever records one gives up its own oldest.
const ALL_BYTES_MAX: usize = 256 << 20;
/// How many calls a follower may be behind; one that is further behind misses some, and is told.
const BEHIND_MAX: usize = 256;

/// A request as it came, the signature masked.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    /// The query string, masked.
    pub(crate) query: String,
    /// The first bytes of the body.
    pub(crate) body: Bytes,
    /// How many there are in all.
    pub(crate) body_bytes: usize,
}

/// The time that a call spent at each step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Steps {
    /// Rows 1 to 7.
    pub(crate) gate: Duration,
    /// Receiving the body.
    pub(crate) body: Duration,
    /// Rows 8 to 11.
    pub(crate) decode: Duration,
    /// The store: reading, the rules, the commit.
    pub(crate) execute: Duration,
    /// Writing the reply.
    pub(crate) encode: Duration,
    /// Waiting because of a fault.
    pub(crate) delay: Duration,
}

impl Steps {
    /// All together.
    pub(crate) fn total(&self) -> Duration {
        self.gate + self.body + self.decode + self.execute + self.encode + self.delay
    }
}

/// A call.
#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    /// 1, 2, 3 … of the application.
    pub(crate) id: u64,
    /// When it came, by the system's clock.
    pub(crate) at: Duration,
    /// What the application's clock showed, where that is another.
    pub(crate) shown: Option<Timestamp>,
    pub(crate) request: Request,
    /// The command, where the path has one.
    pub(crate) command: Option<&'static str>,
    /// The first bytes of the reply.
    pub(crate) reply: Bytes,
    /// How many there are in all.
    pub(crate) reply_bytes: usize,
    pub(crate) code: Code,
    /// Why it failed, where it did by itself.
    pub(crate) failure: Option<Failure>,
    /// The fault that struck it.
    pub(crate) fault: Option<u64>,
    pub(crate) steps: Steps,
}

impl Recorded {
    fn bytes(&self) -> usize {
        let texts = self.request.path.len() + self.request.query.len();
        CALL_BYTES + texts + self.request.body.len() + self.reply.len()
    }
}

/// What a call meant.
#[derive(Debug)]
pub(crate) struct Explained {
    /// The check that refused it, and what it found.
    pub(crate) refused_by: Option<(Check, String)>,
    pub(crate) ignored: Vec<Ignored>,
    pub(crate) tolerated: Vec<Tolerated>,
}

impl Recorded {
    /// Explains it, under the settings that the application has now.
    pub(crate) fn explained(&self, settings: &Settings) -> Explained {
        let meta = self.command.and_then(|path| COMMANDS.iter().find(|meta| meta.path == path).copied());
        // Of a body that is not kept whole nothing can be read.
        let body: &[u8] = if self.request.body.len() == self.request.body_bytes { &self.request.body } else { b"" };
        Explained {
            refused_by: self.failure.as_ref().map(|failure| (failure.check(), failure.to_string())),
            ignored: meta.map(|meta| ignored(meta, body)).unwrap_or_default(),
            tolerated: tolerated(meta, &self.request.method, &self.request.query, body, settings),
        }
    }
}

/// Which calls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// Of this command.
    pub(crate) command: Option<String>,
    /// With this code.
    pub(crate) code: Option<u32>,
    /// That failed.
    pub(crate) failed: bool,
    /// With this text in the request's body or the path.
    pub(crate) text: Option<String>,
}

impl Filter {
    pub(crate) fn takes(&self, call: &Recorded) -> bool {
        let has = |text: &str| {
            let within = |bytes: &[u8]| !text.is_empty() && bytes.windows(text.len()).any(|at| at == text.as_bytes());
            text.is_empty() || within(&call.request.body) || within(call.request.path.as_bytes())
        };
        self.command.as_deref().is_none_or(|command| call.command == Some(command))
            && self.code.is_none_or(|code| call.code.0 == code)
            && (!self.failed || call.code.0 != 0)
            && self.text.as_deref().is_none_or(has)
    }
}

/// What a follower hears.
#[derive(Debug)]
pub(crate) enum Heard {
    Call(Arc<Recorded>),
    /// So many were missed.
    Missed(u64),
}

#[derive(Debug, Default)]
struct Kept {
    last: u64,
    calls: VecDeque<Arc<Recorded>>,
    bytes: usize,
}

/// The record.
#[derive(Debug)]
pub(crate) struct Calls {
    /// Whether it was asked for where nothing is recorded by itself.
    asked: AtomicBool,
    kept: Mutex<Kept>,
    /// There once somebody has followed: its places take memory.
    followers: OnceLock<broadcast::Sender<Arc<Recorded>>>,
    /// The bytes of all applications' calls together.
    all_bytes: Arc<AtomicUsize>,
}

impl Default for Calls {
    fn default() -> Self {
        Self::counted_in(Arc::default())
    }
}

impl Calls {
    /// A record whose bytes count with those of others.
    pub(crate) fn counted_in(all_bytes: Arc<AtomicUsize>) -> Self {
        Self { asked: AtomicBool::default(), kept: Mutex::default(), followers: OnceLock::new(), all_bytes }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Nothing in between could panic.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether calls were asked to be recorded.
    pub(crate) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Asks for it, or no longer does.
    pub(crate) fn ask(&self, asked: bool) {
        self.asked.store(asked, Ordering::Relaxed);
    }

    /// Keeps a call, and tells whoever follows. It gets its number here.
    pub(crate) fn keep(&self, mut call: Recorded) {
        let bytes = call.bytes();
        let kept = &mut *self.lock();
        kept.last += 1;
        call.id = kept.last;
        let call = Arc::new(call);
        kept.calls.push_back(Arc::clone(&call));
        kept.bytes += bytes;
        let mut all = self.all_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        while kept.calls.len() > CALLS_MAX || kept.bytes > BYTES_MAX || all > ALL_BYTES_MAX {
            let Some(oldest) = kept.calls.pop_front() else { break };
            kept.bytes -= oldest.bytes();
            all = self.all_bytes.fetch_sub(oldest.bytes(), Ordering::Relaxed) - oldest.bytes();
        }
        if let Some(followers) = self.followers.get() {
            // An error says that nobody follows any longer.
            drop(followers.send(call));
        }
    }

    /// The newest calls that a filter takes, the newest first, of those before a number where one is given.
    pub(crate) fn newest(&self, filter: &Filter, before: Option<u64>, limit: usize) -> Vec<Arc<Recorded>> {
        // Looked at outside the lock, where calls wait for it.
        let all: Vec<Arc<Recorded>> = self.lock().calls.iter().cloned().collect();
        let of = all.into_iter().rev().filter(|call| before.is_none_or(|before| call.id < before));
        of.filter(|call| filter.takes(call)).take(limit).collect()
    }

    /// A call by its number.
    pub(crate) fn get(&self, id: u64) -> Option<Arc<Recorded>> {
        self.lock().calls.iter().find(|call| call.id == id).cloned()
    }

    /// Forgets all calls; their numbers go on.
    pub(crate) fn clear(&self) {
        let kept = &mut *self.lock();
        kept.calls.clear();
        self.all_bytes.fetch_sub(std::mem::take(&mut kept.bytes), Ordering::Relaxed);
    }

    /// Hears of the calls from now on.
    pub(crate) fn follow(&self) -> Follower {
        Follower(self.followers.get_or_init(|| broadcast::Sender::new(BEHIND_MAX)).subscribe())
    }
}

impl Drop for Calls {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Whoever follows the calls.
#[derive(Debug)]
pub(crate) struct Follower(broadcast::Receiver<Arc<Recorded>>);

impl Follower {
    /// Waits for the next call; none where the application is gone.
    pub(crate) async fn next(&mut self) -> Option<Heard> {
        match self.0.recv().await {
            Ok(call) => Some(Heard::Call(call)),
            Err(broadcast::error::RecvError::Lagged(missed)) => Some(Heard::Missed(missed)),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(body: &str, code: u32) -> Recorded {
        Recorded {
            id: 0,
            at: Duration::ZERO,
            shown: None,
            request: Request {
                method: "POST".to_owned(),
                path: "/v4/recentcontact/top".to_owned(),
                query: String::new(),
                body: body.to_owned().into(),
                body_bytes: body.len(),
            },
            command: Some("recentcontact/top"),
            reply: Bytes::new(),
            reply_bytes: 0,
            code: Code(code),
            failure: None,
            fault: None,
            steps: Steps::default(),
        }
    }

    fn ids(calls: &Calls, filter: &Filter) -> Vec<u64> {
        calls.newest(filter, None, 100).iter().map(|call| call.id).collect()
    }

    #[test]
    fn the_newest_are_kept_within_their_number() {
        let calls = Calls::default();
        (0..CALLS_MAX + 10).for_each(|_| calls.keep(call("", 0)));
        let all = calls.newest(&Filter::default(), None, usize::MAX);
        assert_eq!((all.len(), all[0].id, all[CALLS_MAX - 1].id), (CALLS_MAX, 510, 11));
        assert!(calls.get(11).is_some() && calls.get(10).is_none());
        assert_eq!(calls.newest(&Filter::default(), Some(13), 1)[0].id, 12);
    }

    #[test]
    fn the_newest_are_kept_within_their_bytes_and_those_of_all_applications() {
        let all = Arc::new(AtomicUsize::new(0));
        let calls = Calls::counted_in(Arc::clone(&all));
        let large = "a".repeat(BODY_MAX);
        (0..200).for_each(|_| calls.keep(call(&large, 0)));
        let kept = ids(&calls, &Filter::default()).len();
        assert!((BYTES_MAX - 2 * BODY_MAX..=BYTES_MAX).contains(&all.load(Ordering::Relaxed)), "{kept}");
        all.fetch_add(ALL_BYTES_MAX, Ordering::Relaxed);
        calls.keep(call(&large, 0));
        assert!(ids(&calls, &Filter::default()).is_empty());
        drop(calls);
        assert_eq!(all.load(Ordering::Relaxed), ALL_BYTES_MAX);
    }

    #[test]
    fn a_filter_takes_what_fits_all_of_it() {
        let calls = Calls::default();
        calls.keep(call(r#"{"From_Account":"alice"}"#, 0));
        calls.keep(call(r#"{"From_Account":"bob"}"#, 50001));
        let text = |text: &str| Some(text.to_owned());
        for (filter, wanted) in [
            (Filter::default(), &[2, 1][..]),
            (Filter { failed: true, ..Filter::default() }, &[2]),
            (Filter { code: Some(0), ..Filter::default() }, &[1]),
            (Filter { text: text("alice"), ..Filter::default() }, &[1]),
            (Filter { text: text(""), ..Filter::default() }, &[2, 1]),
            (Filter { command: text("recentcontact/top"), code: Some(1), ..Filter::default() }, &[]),
            (Filter { command: text("openim/sendmsg"), ..Filter::default() }, &[]),
        ] {
            assert_eq!(ids(&calls, &filter), wanted, "{filter:?}");
        }
        calls.clear();
        assert_eq!(ids(&calls, &Filter::default()), [0; 0]);
        calls.keep(call("", 0));
        assert_eq!(ids(&calls, &Filter::default()), [3]);
    }

    #[tokio::test]
    async fn a_follower_hears_of_each_call_or_that_it_missed_some() {
        let calls = Calls::default();
        let mut follower = calls.follow();
        calls.keep(call("", 7));
        assert!(matches!(follower.next().await, Some(Heard::Call(call)) if call.code == Code(7)));
        (0..BEHIND_MAX + 5).for_each(|_| calls.keep(call("", 0)));
        assert!(matches!(follower.next().await, Some(Heard::Missed(5))));
        drop(calls);
        while let Some(heard) = follower.next().await {
            assert!(matches!(heard, Heard::Call(_)));
        }
    }
}
