//! Applications: made, shown, changed.

use super::asked::{Asked, Told, done, tell};
use super::problem::Problem;
use crate::applications::Loaded;
use crate::controls::{
    SettingValue, change as change_application, create as create_application, delete as delete_application,
    settings_changes,
};
use crate::secret::{masked, random_secret};
use crate::v4::COMMANDS;
use cubby_domain::commands::ApplicationChange;
use cubby_store::Store;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An application to make.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Create {
    /// Its SDKAppID; else the next from 1400000000 up.
    sdkappid: Option<u64>,
    /// Its key; else a random one.
    key: Option<String>,
    /// Its edition: trial, pro, ultimate (the default) or enterprise.
    edition: Option<String>,
    /// Its settings, by the names that `cubby app set --help` lists.
    settings: BTreeMap<String, SettingValue>,
}

/// An application that was made. Its key is not shown again.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Created {
    sdkappid: u64,
    key: String,
    edition: &'static str,
}

/// An application, in short.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Listed {
    sdkappid: u64,
    edition: &'static str,
    disabled: bool,
    /// How many active keys it has.
    keys: usize,
}

/// An application.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Shown {
    sdkappid: u64,
    disabled: bool,
    /// Its active keys, masked.
    keys: Vec<ShownKey>,
    /// Its settings, each in the words that a change takes.
    settings: BTreeMap<String, String>,
    /// How UserSigs are checked: strict, lenient or off.
    signing: &'static str,
    /// How many faults it has.
    faults: usize,
    /// Whether its clock is another than the system's.
    clock_turned: bool,
}

/// A key, masked.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ShownKey {
    key: String,
    /// When it was added, in Unix seconds.
    added: u64,
}

/// Changes of an application; those that are left out are not made.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Change {
    /// Whether its calls are refused (60016).
    disabled: Option<bool>,
    /// Its edition.
    edition: Option<String>,
    /// Settings by their names.
    settings: BTreeMap<String, SettingValue>,
    /// A key to add: `true` for a random one, or its text. The old ones stay active.
    add_key: Option<AddKey>,
    /// `true` retires every key but the newest.
    retire_old_keys: bool,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "takes true, or a key")]
enum AddKey {
    Random(bool),
    Given(String),
}

/// An application after its change.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Changed {
    #[serde(flatten)]
    application: Shown,
    /// The key that was added, where it was a random one. It is not shown again.
    #[serde(skip_serializing_if = "Option::is_none")]
    added_key: Option<String>,
}

/// A call rate with what is left of it on this server.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Rate {
    /// service/command, or `*` for all together.
    command: &'static str,
    /// Calls a second; 0 is off.
    per_second: u32,
    /// How many calls are left now; none where it is off.
    left: Option<u32>,
}

pub(super) fn list<S: Store>(asked: &Asked<S>) -> Told {
    let listed = |loaded: &Loaded| Listed {
        sdkappid: loaded.application.id.0,
        edition: loaded.settings.edition.as_str(),
        disabled: loaded.application.disabled,
        keys: loaded.application.keys.len(),
    };
    tell(200, &asked.app.applications.all().iter().map(|loaded| listed(loaded)).collect::<Vec<_>>())
}

pub(super) async fn create<S: Store>(asked: Asked<S>) -> Told {
    let Create { sdkappid, key, edition, settings } = asked.json()?;
    let changes = checked_settings(edition, settings)?;
    let (loaded, key) = create_application(&asked.app, sdkappid, key, changes).await?;
    tracing::info!(application = %loaded.application.id, "an application was made");
    let edition = loaded.settings.edition.as_str();
    tell(201, &Created { sdkappid: loaded.application.id.0, key, edition })
}

pub(super) async fn show<S: Store>(asked: Asked<S>) -> Told {
    tell(200, &shown(&*asked.loaded().await?))
}

pub(super) async fn change<S: Store>(asked: Asked<S>) -> Told {
    let id = asked.loaded().await?.application.id;
    let Change { disabled, edition, settings, add_key, retire_old_keys } = asked.json()?;
    let (added, random) = match add_key {
        None | Some(AddKey::Random(false)) => (None, false),
        Some(AddKey::Random(true)) => {
            let key = random_secret().map_err(|error| Problem::new(500, error.to_string()))?;
            (Some(key), true)
        }
        Some(AddKey::Given(key)) => (Some(key), false),
    };
    let mut changes = checked_settings(edition, settings)?;
    changes.extend(disabled.map(ApplicationChange::Disable));
    changes.extend(added.as_deref().map(|key| ApplicationChange::AddKey(key.into())));
    changes.extend(retire_old_keys.then_some(ApplicationChange::RetireOldKeys));
    let loaded = change_application(&asked.app, id, changes).await?;
    tracing::info!(application = %id, "an application was changed");
    tell(200, &Changed { application: shown(&loaded), added_key: added.filter(|_| random) })
}

pub(super) async fn delete<S: Store>(asked: Asked<S>) -> Told {
    let id = asked.loaded().await?.application.id;
    delete_application(&asked.app, id).await?;
    tracing::info!(application = %id, "an application was deleted, with its data");
    Ok(done())
}

/// The settings as changes, where each names what there is.
fn checked_settings(
    edition: Option<String>,
    settings: BTreeMap<String, SettingValue>,
) -> Result<Vec<ApplicationChange>, Problem> {
    if edition.is_some() && settings.contains_key("edition") {
        return Err(Problem::bad("edition: it is given twice"));
    }
    let unknown = settings.keys().filter_map(|name| name.strip_prefix("call_rate.")).find(|command| {
        // The rules take a rate of any command; a misspelt one is not to be kept in silence.
        !COMMANDS.iter().any(|meta| meta.path == *command)
    });
    match unknown {
        Some(command) => Err(Problem::bad(format!("settings: call_rate.{command}: there is no command {command}"))),
        None => Ok(settings_changes(edition, settings)),
    }
}

fn shown(loaded: &Loaded) -> Shown {
    let application = &loaded.application;
    let key = |key: &cubby_domain::ApplicationKey| ShownKey { key: masked(&key.text), added: key.added.0 };
    Shown {
        sdkappid: application.id.0,
        disabled: application.disabled,
        keys: application.keys.iter().map(key).collect(),
        settings: application.settings.entries().into_iter().collect(),
        signing: loaded.controls.signing.get().as_str(),
        faults: loaded.controls.faults.all().len(),
        clock_turned: loaded.controls.clock.is_turned(),
    }
}

pub(super) async fn rates<S: Store>(asked: Asked<S>) -> Told {
    let loaded = asked.loaded().await?;
    let now = loaded.controls.clock.for_rates(&asked.app.clock);
    let total = loaded.total_call_rate();
    let all = Rate { command: "*", per_second: total, left: loaded.buckets.left_total(total, now) };
    let of_command = |(index, meta): (usize, &&'static cubby_protocol::endpoint::Meta)| {
        let per_second = loaded.call_rate(meta.path, meta.call_rate);
        Rate { command: meta.path, per_second, left: loaded.buckets.left(index, per_second, now) }
    };
    let rates: Vec<_> = std::iter::once(all).chain(COMMANDS.iter().enumerate().map(of_command)).collect();
    tell(200, &rates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_command_and_a_second_edition_are_refused() {
        let given = |name: &str| [(name.to_owned(), SettingValue::Number(1))].into_iter().collect();
        assert!(checked_settings(None, given("call_rate.recentcontact/top")).is_ok());
        assert!(checked_settings(None, given("call_rate.recentcontact/tip")).is_err());
        assert!(checked_settings(Some("pro".to_owned()), given("edition")).is_err());
    }
}
