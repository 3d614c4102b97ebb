//! Loading a file of applications with their data.

use super::applications::{ChangeFailed, change};
use super::seed::{Data, File, SeededApplication, SettingValue};
use super::signing::Signing;
use super::state::{StateFailed, seed, seed_where_empty};
use crate::app::App;
use cubby_domain::SdkAppId;
use cubby_domain::commands::ApplicationChange;
use cubby_store::Store;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};

/// A file of applications with their data, read.
#[derive(Debug, Clone)]
pub struct SeedFile(File);

/// Why a file is not one.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadSeedFile(String);

/// Why a file was not loaded. The applications before the one that is named are loaded; of that one nothing is.
#[derive(Debug, thiserror::Error)]
pub enum SeedingFailed {
    /// An application that is not there needs a key.
    #[error("application {0}, key: it is needed to make the application")]
    NoKey(SdkAppId),
    /// Something of an application.
    #[error("application {id}: {why}")]
    Application {
        /// Which.
        id: SdkAppId,
        /// What is wrong.
        why: String,
        /// Whether what was given is wrong, and not the machine.
        given: bool,
    },
}

/// What became of an application of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seeded {
    /// Which.
    pub id: SdkAppId,
    /// Whether its data is that of the file now.
    pub loaded: bool,
}

fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, BadSeedFile> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        BadSeedFile(format!("{path}: {}", error.into_inner()))
    })?;
    reader.end().map_err(|error| BadSeedFile(error.to_string()))?;
    Ok(read)
}

impl Data {
    /// Reads the data of an application.
    ///
    /// # Errors
    /// The field that is wrong.
    pub(crate) fn parse(text: &str) -> Result<Self, BadSeedFile> {
        read(text.as_bytes())
    }
}

impl SeedFile {
    /// Reads a file.
    ///
    /// # Errors
    /// The field that is wrong.
    pub fn parse(text: &[u8]) -> Result<Self, BadSeedFile> {
        Self::of(read(text)?)
    }

    /// Takes what was read.
    ///
    /// # Errors
    /// Where it names an application twice, or the checking of UserSigs by no word.
    pub(crate) fn of(file: File) -> Result<Self, BadSeedFile> {
        let mut seen = BTreeSet::new();
        for (n, one) in file.applications.iter().enumerate() {
            if !seen.insert(one.sdkappid) {
                return Err(BadSeedFile(format!("applications[{n}].sdkappid: {} is there twice", one.sdkappid)));
            }
            if one.signing.as_deref().is_some_and(|word| Signing::parse(word).is_none()) {
                return Err(BadSeedFile(format!("applications[{n}].signing: takes strict, lenient or off")));
            }
        }
        Ok(Self(file))
    }

    /// Loads it into a running server: the data of each application becomes that of the file, and a reset goes back to it.
    ///
    /// # Errors
    /// The first application that is not loaded.
    pub(crate) async fn load<S: Store>(&self, app: &App<S>) -> Result<Vec<Seeded>, SeedingFailed> {
        self.each(app, false).await
    }

    /// Loads it as a server starts: an application that has data keeps it, so that no start loses any; a reset goes back to the file.
    ///
    /// # Errors
    /// The first application that is not loaded.
    pub async fn load_at_start<S: Store>(&self, app: &App<S>) -> Result<Vec<Seeded>, SeedingFailed> {
        self.each(app, true).await
    }

    async fn each<S: Store>(&self, app: &App<S>, at_start: bool) -> Result<Vec<Seeded>, SeedingFailed> {
        let mut all = Vec::new();
        for one in &self.0.applications {
            let loaded = Box::pin(load(app, one, at_start)).await?;
            all.push(Seeded { id: SdkAppId(one.sdkappid), loaded });
        }
        Ok(all)
    }
}

async fn load<S: Store>(app: &App<S>, one: &SeededApplication, at_start: bool) -> Result<bool, SeedingFailed> {
    let id = SdkAppId(one.sdkappid);
    let known = app.applications.find(id).await;
    let failed = |failed: ChangeFailed| SeedingFailed::Application {
        id,
        given: matches!(failed, ChangeFailed::Refused(_) | ChangeFailed::Rule(_)),
        why: failed.to_string(),
    };
    let mut changes = Vec::new();
    match &one.key {
        Some(key) => changes.push(ApplicationChange::Register(key.as_str().into(), None)),
        None if known.is_some() => {}
        None => return Err(SeedingFailed::NoKey(id)),
    }
    changes.extend(settings_changes(one.edition.clone(), one.settings.clone()));
    let loaded = change(app, id, changes).await.map_err(failed)?;
    if let Some(signing) = one.signing.as_deref().and_then(Signing::parse) {
        loaded.controls.signing.set(signing);
    }
    let done = if at_start {
        seed_where_empty(app, &loaded, &one.data).await
    } else {
        seed(app, &loaded, &one.data).await.map(|_| true)
    };
    done.map_err(|failed| SeedingFailed::Application {
        id,
        given: !matches!(failed, StateFailed::Store(_)),
        why: failed.to_string(),
    })
}

/// Settings as changes, in an order in which none undoes another: the profile first, since it sets several of the limits.
pub(crate) fn settings_changes(
    edition: Option<String>,
    mut settings: BTreeMap<String, SettingValue>,
) -> Vec<ApplicationChange> {
    let profile = settings.remove_entry("profile");
    let edition = edition.map(|word| ("edition".to_owned(), SettingValue::Text(word)));
    let all = profile.into_iter().chain(settings).chain(edition);
    all.map(|(name, value)| ApplicationChange::Set(name, value.into_word())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profile_is_set_before_the_limits_that_it_sets_too() {
        let settings = ["limit.conversations", "profile", "strict_query"];
        let settings = settings.map(|name| (name.to_owned(), SettingValue::Number(1)));
        let changes = settings_changes(Some("pro".to_owned()), settings.into_iter().collect());
        let names: Vec<_> = changes
            .iter()
            .map(|change| match change {
                ApplicationChange::Set(name, _) => name.as_str(),
                _ => "",
            })
            .collect();
        assert_eq!(names, ["profile", "limit.conversations", "strict_query", "edition"]);
    }

    #[test]
    fn a_file_names_what_is_wrong_with_it() {
        for (text, says) in [
            ("{}", "applications"),
            (r#"{"applications":[{"sdkappid":1},{"sdkappid":1}]}"#, "applications[1].sdkappid"),
            (r#"{"applications":[{"sdkappid":1,"signing":"of"}]}"#, "applications[0].signing"),
            (r#"{"applications":[{"sdkappid":1,"data":{"users":[{"user":"a"}]}}]}"#, "applications[0].data.users[0]"),
            (r#"{"applications":[]} x"#, "trailing"),
        ] {
            let why = SeedFile::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(why.contains(says), "{why}");
        }
        assert!(
            SeedFile::parse(br#"{"applications":[{"sdkappid":1,"key":"k","data":{"users":[{"user_id":"a"}]}}]}"#)
                .is_ok()
        );
    }
}
