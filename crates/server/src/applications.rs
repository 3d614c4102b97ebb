//! The applications in memory: what the gate looks at with every call, and the state of their rates.

use crate::rate::Buckets;
use cubby_domain::queries::ListApplications;
use cubby_domain::{Application, Context, SdkAppId, Settings, Timestamp};
use cubby_store::{Store, StoreError};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Which rates hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CallRates {
    /// Those of the applications' settings.
    #[default]
    OfSettings,
    /// This many calls a second for every command of every application; 0 is off.
    All(u32),
}

/// One application, ready to check calls with.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// Its record.
    pub(crate) application: Application,
    /// Its settings, shared with the commands that run.
    pub(crate) settings: Arc<Settings>,
    call_rates: CallRates,
    /// The state of the rates.
    pub(crate) buckets: Buckets,
}

/// All applications.
#[derive(Debug)]
pub struct Applications {
    by_id: RwLock<HashMap<SdkAppId, Arc<Loaded>>>,
    call_rates: CallRates,
}

impl Applications {
    /// Reads all applications of a store.
    ///
    /// # Errors
    /// As the store fails.
    pub async fn load<S: Store>(store: &S, call_rates: CallRates) -> Result<Self, StoreError> {
        let settings = Arc::new(Settings::default());
        let context = Context { app: SdkAppId(0), now: Timestamp::default(), settings };
        let all = store.query(ListApplications, context).await?.unwrap_or_default();
        let loaded =
            all.into_iter().map(|application| (application.id, Arc::new(Loaded::new(application, call_rates))));
        Ok(Self { by_id: RwLock::new(loaded.collect()), call_rates })
    }

    /// An application by its number.
    pub(crate) fn get(&self, id: SdkAppId) -> Option<Arc<Loaded>> {
        self.by_id.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.by_id.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Takes an application as the store has it now. Its rates begin anew.
    pub fn put(&self, application: Application) {
        let loaded = Arc::new(Loaded::new(application, self.call_rates));
        self.by_id.write().unwrap_or_else(PoisonError::into_inner).insert(loaded.application.id, loaded);
    }
}

impl Loaded {
    fn new(application: Application, call_rates: CallRates) -> Self {
        let settings = Arc::new(application.settings.clone());
        Self { application, settings, call_rates, buckets: Buckets::default() }
    }

    /// Calls a second of a command whose documented rate is that; 0 is off.
    pub(crate) fn call_rate(&self, command: &str, documented: u32) -> u32 {
        match self.call_rates {
            CallRates::OfSettings => self.settings.call_rate(command, documented),
            CallRates::All(rate) => rate,
        }
    }

    /// Calls a second of the application; 0 is off. Where all rates are off, this one is too.
    pub(crate) fn total_call_rate(&self) -> u32 {
        if self.call_rates == CallRates::All(0) { 0 } else { self.settings.total_call_rate }
    }
}
