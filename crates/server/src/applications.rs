//! The applications in memory: what the gate looks at with every call, and the state of their rates. When they are read anew is in
//! `hearing.rs`.

use crate::clock::Clock;
use crate::controls::{Controls, Held, Turn, TurnRefused};
use crate::exact::Exact;
use crate::hearing::Hearing;
use crate::rate::Buckets;
use cubby_domain::queries::ListApplications;
use cubby_domain::{Application, Context, SdkAppId, Settings, Timestamp};
use cubby_protocol::usersig;
use cubby_store::{Store, StoreError};
use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Which rates hold, on this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CallRates {
    /// This many calls a second for every command of every application, instead of those of their settings; 0 is off.
    pub instead: Option<u32>,
    /// How they hold over several servers.
    pub share: Share,
}

impl CallRates {
    /// None, on any server.
    pub const OFF: Self = Self { instead: Some(0), share: Share::PerServer };
}

/// How call rates hold over several servers of one store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Share {
    /// Every server gives the whole rate by itself.
    #[default]
    PerServer,
    /// This server is one of so many, and gives its part of the rate by itself: at least 1 call a second, and rounded up.
    OneOf(NonZeroU32),
    /// All servers give the rate together, through the store. Over a store of one process that one gives it by itself, which is the same.
    Exact,
}

impl Share {
    /// What this server gives by itself of a rate. 0 is off, whatever the share.
    fn of(self, rate: u32) -> u32 {
        match self {
            Self::PerServer | Self::Exact => rate,
            Self::OneOf(servers) => rate.div_ceil(servers.get()),
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PerServer => f.write_str("per-server"),
            Self::OneOf(servers) => write!(f, "share:{servers}"),
            Self::Exact => f.write_str("exact"),
        }
    }
}

/// One application, ready to check calls with.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// Its record.
    pub(crate) application: Application,
    /// Its settings, shared with the commands that run.
    pub(crate) settings: Arc<Settings>,
    call_rates: CallRates,
    /// The state of the rates, which outlives a change of the record.
    pub(crate) buckets: Arc<Buckets>,
    /// What operators steer, which outlives it too.
    pub(crate) controls: Arc<Controls>,
}

/// All applications.
#[derive(Debug)]
pub struct Applications {
    by_id: RwLock<HashMap<SdkAppId, Arc<Loaded>>>,
    call_rates: CallRates,
    /// The registry's version that `by_id` is of, or an older one.
    version: Mutex<Option<u64>>,
    /// Where another process can change them.
    hearing: Option<Hearing>,
    /// Where all servers give the rates together.
    exact: Option<Exact>,
    /// What all controls hold together.
    held: Held,
    /// Held while an application is changed here.
    pub(crate) changing: tokio::sync::Mutex<()>,
}

impl Applications {
    /// Reads all applications of a store.
    ///
    /// # Errors
    /// As the store fails.
    pub async fn load<S: Store>(store: &S, call_rates: CallRates) -> Result<Self, StoreError> {
        // The version first: what is changed in between is then read once more, and never missed.
        let version = store.registry_version().await?;
        let shared = version.is_some();
        let applications = Self {
            by_id: RwLock::default(),
            call_rates,
            version: Mutex::new(version),
            hearing: shared.then(Hearing::default),
            exact: (shared && call_rates.share == Share::Exact).then(Exact::default),
            held: Held::default(),
            changing: tokio::sync::Mutex::default(),
        };
        applications.replace(all_of(store).await?);
        Ok(applications)
    }

    /// Reads them anew where the store says that one was changed.
    pub(crate) async fn refresh<S: Store>(&self, store: &S) -> Result<(), StoreError> {
        let version = store.registry_version().await?;
        if version != *self.version.lock().unwrap_or_else(PoisonError::into_inner) {
            self.replace(all_of(store).await?);
            *self.version.lock().unwrap_or_else(PoisonError::into_inner) = version;
        }
        Ok(())
    }

    /// Takes these as all that there are.
    fn replace(&self, all: Vec<Application>) {
        let mut by_id = self.by_id.write().unwrap_or_else(PoisonError::into_inner);
        *by_id = all
            .into_iter()
            .map(|application| (application.id, self.loaded(by_id.get(&application.id), application)))
            .collect();
    }

    /// Takes an application as it was just kept.
    pub(crate) fn take(&self, application: Application) -> Arc<Loaded> {
        let mut by_id = self.by_id.write().unwrap_or_else(PoisonError::into_inner);
        let loaded = self.loaded(by_id.get(&application.id), application);
        by_id.insert(loaded.application.id, Arc::clone(&loaded));
        loaded
    }

    /// Forgets an application that is gone.
    pub(crate) fn forget(&self, id: SdkAppId) {
        self.by_id.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    /// One whose record is as before stays as it is, and one that was changed keeps its rates' state and its controls.
    fn loaded(&self, known: Option<&Arc<Loaded>>, application: Application) -> Arc<Loaded> {
        match known {
            Some(known) if known.application == application => Arc::clone(known),
            known => {
                let buckets = known.map(|known| Arc::clone(&known.buckets)).unwrap_or_default();
                let new = || Arc::new(Controls::counted_in(&self.held));
                let controls = known.map_or_else(new, |known| Arc::clone(&known.controls));
                Arc::new(Loaded::new(application, self.call_rates, buckets, controls))
            }
        }
    }

    /// An application by its number. Where it is not known and another process may have made it, the store is asked first.
    pub(crate) async fn find(&self, id: SdkAppId) -> Option<Arc<Loaded>> {
        let known = self.get(id);
        if known.is_some() {
            return known;
        }
        self.hearing.as_ref()?.anew().await;
        self.get(id)
    }

    /// An application that is known here.
    pub(crate) fn get(&self, id: SdkAppId) -> Option<Arc<Loaded>> {
        self.by_id.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// All of them, in the order of their numbers.
    pub(crate) fn all(&self) -> Vec<Arc<Loaded>> {
        let by_id = self.by_id.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = by_id.values().cloned().collect();
        all.sort_unstable_by_key(|one| one.application.id);
        all
    }

    /// Their numbers.
    pub(crate) fn ids(&self) -> Vec<SdkAppId> {
        self.by_id.read().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.by_id.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// How changes of them are heard of, where another process can make some.
    pub(crate) fn hearing(&self) -> Option<&Hearing> {
        self.hearing.as_ref()
    }

    /// How all servers give the rates together, where they do.
    pub(crate) fn exact(&self) -> Option<&Exact> {
        self.exact.as_ref()
    }
}

async fn all_of<S: Store>(store: &S) -> Result<Vec<Application>, StoreError> {
    let context = Context { app: SdkAppId(0), now: Timestamp::default(), settings: Arc::new(Settings::default()) };
    Ok(store.query(ListApplications, context).await?.unwrap_or_default())
}

impl Loaded {
    fn new(application: Application, call_rates: CallRates, buckets: Arc<Buckets>, controls: Arc<Controls>) -> Self {
        let settings = Arc::new(application.settings.clone());
        Self { application, settings, call_rates, buckets, controls }
    }

    /// Calls a second of a command whose documented rate is that, on this server; 0 is off.
    pub(crate) fn call_rate(&self, command: &str, documented: u32) -> u32 {
        let rate = self.call_rates.instead.unwrap_or_else(|| self.settings.call_rate(command, documented));
        self.call_rates.share.of(rate)
    }

    /// Turns its clock. What the rates counted by another time is forgotten.
    ///
    /// # Errors
    /// Where the clock would show what is no time.
    pub(crate) fn turn_clock(&self, turn: Turn, clock: &Clock) -> Result<(), TurnRefused> {
        if self.controls.clock.turn(turn, clock)? {
            self.buckets.fill();
        }
        Ok(())
    }

    /// A UserSig for an account, signed with the newest key; none where there is no key.
    pub(crate) fn mint(&self, identifier: &str, expire: i64, clock: &Clock) -> Option<String> {
        let key = self.application.keys.last()?;
        let now = i64::try_from(self.controls.clock.now(clock).0).unwrap_or(i64::MAX);
        Some(usersig::make(self.application.id.0, key.text.as_bytes(), identifier, expire, now, None))
    }

    /// Calls a second of the application, on this server; 0 is off. Where all rates are off, this one is too.
    pub(crate) fn total_call_rate(&self) -> u32 {
        if self.call_rates.instead == Some(0) { 0 } else { self.call_rates.share.of(self.settings.total_call_rate) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const NOW: Duration = Duration::from_secs(5);

    fn application(id: u64, settings: &[(&str, &str)]) -> Application {
        let mut application =
            Application { id: SdkAppId(id), keys: Vec::new(), disabled: false, settings: Settings::default() };
        for (name, value) in settings {
            application.settings.set(name, value).unwrap();
        }
        application
    }

    fn of(all: Vec<Application>) -> Applications {
        let applications = Applications {
            by_id: RwLock::default(),
            call_rates: CallRates::default(),
            version: Mutex::default(),
            hearing: None,
            exact: None,
            held: Held::default(),
            changing: tokio::sync::Mutex::default(),
        };
        applications.replace(all);
        applications
    }

    fn rates(share: Share, instead: Option<u32>, settings: &[(&str, &str)]) -> (u32, u32) {
        let loaded =
            Loaded::new(application(1, settings), CallRates { instead, share }, Arc::default(), Arc::default());
        (loaded.call_rate("recentcontact/top", 200), loaded.total_call_rate())
    }

    #[test]
    fn r_111_one_of_n_servers_gives_its_part_rounded_up_and_at_least_one_call() {
        let one_of = |servers| Share::OneOf(NonZeroU32::new(servers).unwrap());
        let total: &[_] = &[("total_call_rate", "1000")];
        assert_eq!(rates(Share::PerServer, None, total), (200, 1000));
        assert_eq!(rates(Share::Exact, None, total), (200, 1000));
        assert_eq!(rates(one_of(1), None, total), (200, 1000));
        assert_eq!(rates(one_of(3), None, total), (67, 334));
        assert_eq!(rates(one_of(500), None, total), (1, 2));
        assert_eq!(rates(one_of(3), Some(10), total), (4, 334));
    }

    #[test]
    fn r_111_a_rate_that_is_off_is_off_on_every_server() {
        let three = Share::OneOf(NonZeroU32::new(3).unwrap());
        assert_eq!(rates(three, None, &[("call_rate", "0")]), (0, 0));
        assert_eq!(rates(three, Some(0), &[("total_call_rate", "9")]), (0, 0));
    }

    #[test]
    fn r_003_a_bucket_outlives_a_change_of_the_settings_and_holds_the_new_rate() {
        let applications = of(vec![application(1, &[])]);
        let take = |rate: u32| applications.get(SdkAppId(1)).unwrap().buckets.take(0, rate, NOW);
        assert!((0..4).all(|_| take(4)));
        applications.replace(vec![application(1, &[("total_call_rate", "7")])]);
        assert_eq!(applications.get(SdkAppId(1)).unwrap().total_call_rate(), 7);
        assert!(!take(4), "what was taken before the change is still taken");
        assert!(applications.get(SdkAppId(1)).unwrap().buckets.take(0, 4, NOW + Duration::from_secs(1)));
    }

    #[test]
    fn only_what_was_changed_is_made_anew_and_what_is_gone_is_taken_out() {
        let applications = of(vec![application(1, &[]), application(2, &[]), application(3, &[])]);
        let get = |id| applications.get(SdkAppId(id));
        let (first, second) = (get(1).unwrap(), get(2).unwrap());
        applications.replace(vec![
            application(1, &[]),
            application(2, &[("strict_query", "true")]),
            application(4, &[]),
        ]);
        assert!(Arc::ptr_eq(&first, &get(1).unwrap()));
        assert!(!second.settings.strict_query && get(2).unwrap().settings.strict_query);
        assert_eq!((get(3).is_some(), get(4).is_some(), applications.count()), (false, true, 3));
    }
}
