//! Who is logged in with a browser: sessions under ids that nobody can guess, bounded in number and in time. They live in this process; what
//! they are good for is the business of the console.

use crate::secret::random_secret;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

/// Sessions at once, at most. One more, and the one that was not used for longest is logged out.
const SESSIONS_MAX: usize = 64;
/// How long a session that is not used lasts.
pub(crate) const IDLE_WITHIN: Duration = Duration::from_secs(12 * 3600);
/// Attempts to log in that are looked at within the time that a wrong one takes.
const ATTEMPTS_MAX: usize = 8;
/// Live replies to those who are logged in, at once.
const FOLLOWERS_MAX: usize = 64;
/// How long a wrong attempt takes.
const WRONG_TAKES: Duration = Duration::from_secs(1);

/// One who is logged in.
#[derive(Clone)]
pub(crate) struct Session {
    /// What a form of this session sends along, so that no other site can send it.
    pub(crate) csrf: Arc<str>,
    used: Duration,
}

/// The sessions of this process.
pub(crate) struct Sessions {
    by_id: Mutex<HashMap<Box<str>, Session>>,
    attempts: Semaphore,
    followers: Arc<Semaphore>,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

impl Default for Sessions {
    fn default() -> Self {
        let followers = Arc::new(Semaphore::new(FOLLOWERS_MAX));
        Self { by_id: Mutex::default(), attempts: Semaphore::new(ATTEMPTS_MAX), followers }
    }
}

impl Sessions {
    /// A place for an attempt to log in; none where too many are looked at already.
    pub(crate) fn attempt(&self) -> Option<SemaphorePermit<'_>> {
        self.attempts.try_acquire().ok()
    }

    /// Waits for as long as a wrong attempt takes.
    pub(crate) async fn was_wrong(place: SemaphorePermit<'_>) {
        tokio::time::sleep(WRONG_TAKES).await;
        drop(place);
    }

    /// Begins a session; its id.
    ///
    /// # Errors
    /// Where there is no randomness.
    pub(crate) fn begin(&self, now: Duration) -> Result<String, getrandom::Error> {
        let (id, csrf) = (random_secret()?, random_secret()?);
        let mut by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        by_id.retain(|_, session| lasts(session, now));
        if by_id.len() >= SESSIONS_MAX {
            let oldest = by_id.iter().min_by_key(|(_, session)| session.used).map(|(id, _)| id.clone());
            oldest.and_then(|id| by_id.remove(&id));
        }
        by_id.insert(id.as_str().into(), Session { csrf: csrf.into(), used: now });
        Ok(id)
    }

    /// The session of this id, which is used now.
    pub(crate) fn find(&self, id: &str, now: Duration) -> Option<Session> {
        let mut by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        let session = by_id.get_mut(id).filter(|session| lasts(session, now))?;
        session.used = now;
        Some(session.clone())
    }

    /// The session of this id. Unlike [`Self::find`] it does not count as a use: a page asks again and again, though nobody sits there.
    pub(crate) fn look(&self, id: &str, now: Duration) -> Option<Session> {
        let by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        by_id.get(id).filter(|session| lasts(session, now)).cloned()
    }

    /// Whether the session of this id goes on, which is no use of it either.
    pub(crate) fn lasts(&self, id: &str, now: Duration) -> bool {
        self.look(id, now).is_some()
    }

    /// A place for a live reply; none where there are too many already.
    pub(crate) fn follow(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.followers).try_acquire_owned().ok()
    }

    /// Ends the session of this id.
    pub(crate) fn end(&self, id: &str) {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

fn lasts(session: &Session, now: Duration) -> bool {
    now.saturating_sub(session.used) < IDLE_WITHIN
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(100);

    #[test]
    fn a_session_lasts_while_it_is_used_and_until_it_is_ended() {
        let sessions = Sessions::default();
        let id = sessions.begin(NOW).unwrap();
        let almost = IDLE_WITHIN.checked_sub(Duration::from_secs(1)).unwrap();
        let csrf = sessions.find(&id, NOW + almost).unwrap().csrf;
        assert_eq!(sessions.find(&id, NOW + almost + almost).unwrap().csrf, csrf);
        assert!(sessions.find(&id, NOW + almost + almost + IDLE_WITHIN).is_none());
        let other = sessions.begin(NOW).unwrap();
        assert!(sessions.find("", NOW).is_none() && sessions.find("nobody", NOW).is_none());
        sessions.end(&other);
        assert!(sessions.find(&other, NOW).is_none());
    }

    #[test]
    fn no_two_sessions_share_a_secret() {
        let sessions = Sessions::default();
        let (one, other) = (sessions.begin(NOW).unwrap(), sessions.begin(NOW).unwrap());
        assert_ne!(one, other);
        assert_ne!(sessions.find(&one, NOW).unwrap().csrf, sessions.find(&other, NOW).unwrap().csrf);
    }

    #[test]
    fn one_session_too_many_ends_the_one_that_was_not_used_for_longest() {
        let sessions = Sessions::default();
        let ids: Vec<String> = (0..SESSIONS_MAX).map(|_| sessions.begin(NOW).unwrap()).collect();
        let later = NOW + Duration::from_secs(1);
        for id in ids.iter().skip(1) {
            assert!(sessions.find(id, later).is_some());
        }
        let one_more = sessions.begin(later).unwrap();
        assert!(sessions.find(&ids[0], later).is_none());
        assert!(ids.iter().skip(1).chain([&one_more]).all(|id| sessions.find(id, later).is_some()));
    }

    #[test]
    fn only_so_many_attempts_are_looked_at_at_once() {
        let sessions = Sessions::default();
        let places: Vec<_> = (0..ATTEMPTS_MAX).map_while(|_| sessions.attempt()).collect();
        assert_eq!(places.len(), ATTEMPTS_MAX);
        assert!(sessions.attempt().is_none());
        drop(places);
        assert!(sessions.attempt().is_some());
    }
}
