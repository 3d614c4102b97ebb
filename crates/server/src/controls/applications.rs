//! Making, changing and deleting applications of a running server: in the store first, and then in what calls are checked by.

use super::seed::SettingValue;
use super::seeding::settings_changes;
use crate::app::App;
use crate::applications::Loaded;
use crate::secret::random_secret;
use crate::v4::COMMANDS;
use cubby_domain::commands::{ApplicationChange, ApplicationRefused, ChangeApplication, DeleteApplication, Deletion};
use cubby_domain::{Context, Refusal, SdkAppId, Settings};
use cubby_store::{Store, StoreError};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The first number that an application is given.
pub const FIRST_SDKAPPID: u64 = 1_400_000_000;
/// The most applications of a server: each is held in memory.
pub(crate) const APPLICATIONS_MAX: usize = 10_000;

/// Why an application was not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeFailed {
    /// The rules.
    #[error("{0}")]
    Refused(#[from] ApplicationRefused),
    #[error("{0}")]
    Rule(Refusal),
    #[error("edition: it is given twice")]
    EditionTwice,
    #[error("settings: call_rate.{0}: there is no command {0}")]
    NoCommand(String),
    /// The machine.
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("the system gives no randomness: {0}")]
    Randomness(#[from] getrandom::Error),
    #[error("sdkappid: none is left above {0}; give one")]
    NoNumberLeft(u64),
    #[error("there are {APPLICATIONS_MAX} applications already; delete some")]
    TooMany,
}

/// The number after the last one of its range.
///
/// # Errors
/// The last one, where there is none after it.
pub fn next_sdkappid(taken: impl IntoIterator<Item = SdkAppId>) -> Result<SdkAppId, u64> {
    let last = taken.into_iter().map(|id| id.0).filter(|id| *id >= FIRST_SDKAPPID).max();
    match last {
        None => Ok(SdkAppId(FIRST_SDKAPPID)),
        Some(last) => last.checked_add(1).map(SdkAppId).ok_or(last),
    }
}

/// Changes an application; with [`ApplicationChange::Create`] as the first, makes it.
pub(crate) async fn change<S: Store>(
    app: &App<S>,
    id: SdkAppId,
    changes: Vec<ApplicationChange>,
) -> Result<Arc<Loaded>, ChangeFailed> {
    // One after the other, so that what is held in memory is the last of them.
    let _turn = app.applications.changing.lock().await;
    changed(app, id, changes).await
}

async fn changed<S: Store>(
    app: &App<S>,
    id: SdkAppId,
    changes: Vec<ApplicationChange>,
) -> Result<Arc<Loaded>, ChangeFailed> {
    let answer = app.store.execute(ChangeApplication { changes }, context(app, id)).await?;
    let application = answer.map_err(ChangeFailed::Rule)??;
    Ok(app.applications.take(application))
}

/// Makes an application with that number, or the next, and that key, or a random one, which is told.
pub(crate) async fn create<S: Store>(
    app: &App<S>,
    id: Option<u64>,
    key: Option<String>,
    settings: Vec<ApplicationChange>,
) -> Result<(Arc<Loaded>, String), ChangeFailed> {
    let _turn = app.applications.changing.lock().await;
    if app.applications.count() >= APPLICATIONS_MAX {
        return Err(ChangeFailed::TooMany);
    }
    let key = key.map_or_else(random_secret, Ok)?;
    let changes = |key: &str| {
        let create = ApplicationChange::Create(key.into());
        std::iter::once(create).chain(settings.iter().cloned()).collect()
    };
    if let Some(id) = id {
        return Ok((changed(app, SdkAppId(id), changes(&key)).await?, key));
    }
    let mut next = next_sdkappid(app.applications.ids()).map_err(ChangeFailed::NoNumberLeft)?;
    loop {
        match changed(app, next, changes(&key)).await {
            // Another process made it a moment ago.
            Err(ChangeFailed::Refused(ApplicationRefused::Exists)) => {
                next = next.0.checked_add(1).map(SdkAppId).ok_or(ChangeFailed::NoNumberLeft(next.0))?;
            }
            made => return Ok((made?, key)),
        }
    }
}

/// The settings as changes, where each names what there is.
///
/// # Errors
/// The first that does not.
pub(crate) fn checked_settings(
    edition: Option<String>,
    settings: BTreeMap<String, SettingValue>,
) -> Result<Vec<ApplicationChange>, ChangeFailed> {
    if edition.is_some() && settings.contains_key("edition") {
        return Err(ChangeFailed::EditionTwice);
    }
    let unknown = settings.keys().filter_map(|name| name.strip_prefix("call_rate.")).find(|command| {
        // The rules take a rate of any command; a misspelt one is not to be kept in silence.
        !COMMANDS.iter().any(|meta| meta.path == *command)
    });
    match unknown {
        Some(command) => Err(ChangeFailed::NoCommand(command.to_owned())),
        None => Ok(settings_changes(edition, settings)),
    }
}

/// How many records of an application are deleted in one step.
const DELETED_AT_ONCE: u64 = 20_000;
/// How long calls in hand may take to end before their application is deleted.
const CALLS_WITHIN: Duration = Duration::from_secs(5);

/// Deletes an application with all its data. It is disabled first, and calls in hand end before its data goes; where that is cut short,
/// what is left is a disabled application, whose deletion can be repeated.
pub(crate) async fn delete<S: Store>(app: &App<S>, id: SdkAppId) -> Result<(), ChangeFailed> {
    let _turn = app.applications.changing.lock().await;
    let loaded = changed(app, id, vec![ApplicationChange::Disable(true)]).await?;
    loaded.controls.faults.end_all();
    let ended = async {
        while loaded.controls.calls_in_hand() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    if tokio::time::timeout(CALLS_WITHIN, ended).await.is_err() {
        tracing::warn!(application = %id, "calls in hand take long; the application is deleted all the same");
    }
    let delete = || DeleteApplication { records: DELETED_AT_ONCE };
    while app.store.execute(delete(), context(app, id)).await?.map_err(ChangeFailed::Rule)?? == Deletion::More {}
    app.applications.forget(id);
    Ok(())
}

pub(crate) fn context<S: Store>(app: &App<S>, id: SdkAppId) -> Context {
    let loaded = app.applications.get(id);
    let settings = loaded.as_ref().map_or_else(|| Arc::new(Settings::default()), |loaded| Arc::clone(&loaded.settings));
    let now = loaded.map_or_else(|| app.clock.now(), |loaded| loaded.controls.clock.now(&app.clock));
    Context { app: id, now, settings }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_application_gets_the_next_number_of_its_range() {
        let next = |taken: &[u64]| next_sdkappid(taken.iter().copied().map(SdkAppId)).map(|id| id.0);
        assert_eq!(next(&[]), Ok(FIRST_SDKAPPID));
        assert_eq!(next(&[7]), Ok(FIRST_SDKAPPID));
        assert_eq!(next(&[7, 1_400_000_009]), Ok(1_400_000_010));
        assert_eq!(next(&[u64::MAX]), Err(u64::MAX));
    }

    #[test]
    fn a_misspelt_command_and_a_second_edition_are_refused() {
        let given = |name: &str| [(name.to_owned(), SettingValue::Number(1))].into_iter().collect();
        assert!(checked_settings(None, given("call_rate.recentcontact/top")).is_ok());
        assert!(checked_settings(None, given("call_rate.recentcontact/tip")).is_err());
        assert!(checked_settings(Some("pro".to_owned()), given("edition")).is_err());
    }
}
