//! Who holds the applications that `cubby app` is about: a store that this process opens, or a server, which is asked over its `/admin/v1`.
//! Either tells the same.

use super::super::Error;
use super::AppError;
use crate::admin::Admin;
use crate::config::{Config, Flags, Place};
use crate::offline::{Missing, Offline, OfflineError};
use crate::secret::masked;
use clap::Args;
use cubby_domain::commands::ApplicationChange;
use cubby_domain::{Application, ApplicationKey, Edition, SdkAppId};
use cubby_server::{Clock, next_sdkappid};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Debug, Args)]
pub(super) struct HolderFlags {
    /// The directory of the store; else `CUBBY_DATA_DIR`, else ./cubby-data. A server that holds it is asked
    #[arg(long, value_name = "DIR", conflicts_with = "store")]
    data_dir: Option<String>,
    /// The store as a URL: `postgres://USER@HOST/DATABASE` or embedded:DIR
    #[arg(long, value_name = "URL")]
    store: Option<String>,
    /// A server, whatever store it has
    #[arg(long, value_name = "URL", conflicts_with_all = ["data_dir", "store"])]
    url: Option<String>,
    /// Its admin token; else `CUBBY_ADMIN_TOKEN` or `CUBBY_ADMIN_TOKEN_FILE`, else that of the directory
    #[arg(long, value_name = "TOKEN")]
    admin_token: Option<String>,
}

/// Who holds the applications.
#[derive(Debug)]
pub(super) enum Holder {
    Store(Offline),
    Server(Admin),
}

/// An application in short, as scripts read it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Listed {
    pub(super) sdkappid: u64,
    pub(super) edition: String,
    pub(super) disabled: bool,
    pub(super) keys: usize,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Shown {
    pub(super) sdkappid: u64,
    pub(super) disabled: bool,
    pub(super) keys: Vec<ShownKey>,
    pub(super) settings: BTreeMap<String, String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ShownKey {
    /// Masked.
    pub(super) key: String,
    pub(super) added: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Created {
    pub(super) sdkappid: u64,
    pub(super) key: String,
    pub(super) edition: String,
}

/// What is changed of an application.
#[derive(Debug)]
pub(super) enum Change<'a> {
    Disable(bool),
    AddKey(&'a str),
    RetireOldKeys,
    Set(Vec<(String, String)>),
}

impl HolderFlags {
    pub(super) fn open(self, file: Option<&Path>, missing: Missing) -> Result<Holder, Error> {
        let flags = Flags::default()
            .with("store.data_dir", "--data-dir", self.data_dir)
            .with("store.url", "--store", self.store)
            .with("client.url", "--url", self.url.as_deref())
            .with("admin.token", "--admin-token", self.admin_token);
        let config = Config::load(file, flags)?;
        if self.url.is_some() {
            return Ok(Holder::Server(Admin::at(&config.client.url, &config)?));
        }
        match (Offline::open(&config.store, missing), &config.store.place) {
            (Err(OfflineError::Held(_)), Place::Directory(directory)) => match Admin::over(directory, &config)? {
                Some(admin) => Ok(Holder::Server(admin)),
                None => Err(OfflineError::Held(directory.clone()).into()),
            },
            (opened, _) => Ok(Holder::Store(opened?)),
        }
    }
}

impl Holder {
    pub(super) fn list(self) -> Result<Vec<Listed>, Error> {
        match self {
            Self::Server(admin) => Ok(admin.get("apps")?),
            Self::Store(store) => Ok(all_of(store)?.iter().map(listed).collect()),
        }
    }

    pub(super) fn show(self, id: u64) -> Result<Shown, Error> {
        match self {
            Self::Server(admin) => Ok(admin.get(&format!("apps/{id}"))?),
            Self::Store(store) => {
                let found = all_of(store)?.into_iter().find(|one| one.id.0 == id);
                Ok(shown(&found.ok_or(AppError::Unknown(SdkAppId(id)))?))
            }
        }
    }

    /// Makes an application of that number, or of the next.
    pub(super) fn create(self, id: Option<u64>, key: &str, edition: Option<Edition>) -> Result<Created, Error> {
        match self {
            Self::Server(admin) => {
                let edition = edition.map(Edition::as_str);
                Ok(admin.send("POST", "apps", &json!({"sdkappid": id, "key": key, "edition": edition}))?)
            }
            Self::Store(store) => {
                let created = create(&store, id, key, edition);
                store.close()?;
                let created = created?;
                let edition = created.settings.edition.as_str().to_owned();
                Ok(Created { sdkappid: created.id.0, key: key.to_owned(), edition })
            }
        }
    }

    /// Deletes an application with its data.
    pub(super) fn delete(self, id: u64) -> Result<(), Error> {
        match self {
            Self::Server(admin) => Ok(admin.ask("DELETE", &format!("apps/{id}"))?),
            Self::Store(store) => {
                let deleted = store.delete(SdkAppId(id), Clock::system().now());
                store.close()?;
                Ok(deleted?)
            }
        }
    }

    /// Changes an application; what it is then.
    pub(super) fn change(self, id: u64, change: &Change<'_>) -> Result<Shown, Error> {
        match self {
            Self::Server(admin) => Ok(admin.send("PATCH", &format!("apps/{id}"), &change.asked())?),
            Self::Store(store) => {
                let changed = store.change(SdkAppId(id), Clock::system().now(), change.changes());
                store.close()?;
                Ok(shown(&changed?))
            }
        }
    }
}

impl Change<'_> {
    fn asked(&self) -> Value {
        match self {
            Self::Disable(disabled) => json!({"disabled": disabled}),
            Self::AddKey(key) => json!({"add_key": key}),
            Self::RetireOldKeys => json!({"retire_old_keys": true}),
            Self::Set(settings) => json!({"settings": settings.iter().cloned().collect::<BTreeMap<_, _>>()}),
        }
    }

    fn changes(&self) -> Vec<ApplicationChange> {
        match self {
            Self::Disable(disabled) => vec![ApplicationChange::Disable(*disabled)],
            Self::AddKey(key) => vec![ApplicationChange::AddKey((*key).into())],
            Self::RetireOldKeys => vec![ApplicationChange::RetireOldKeys],
            Self::Set(settings) => {
                settings.iter().map(|(name, value)| ApplicationChange::Set(name.clone(), value.clone())).collect()
            }
        }
    }
}

fn all_of(store: Offline) -> Result<Vec<Application>, Error> {
    let all = store.applications();
    store.close()?;
    Ok(all?)
}

fn create(store: &Offline, id: Option<u64>, key: &str, edition: Option<Edition>) -> Result<Application, Error> {
    let id = match id {
        Some(id) => id,
        None => next_sdkappid(store.applications()?.iter().map(|one| one.id)).map_err(AppError::NoNumberLeft)?.0,
    };
    let set = |edition: Edition| ApplicationChange::Set("edition".to_owned(), edition.as_str().to_owned());
    let changes = std::iter::once(ApplicationChange::Create(key.into())).chain(edition.map(set)).collect();
    Ok(store.change(SdkAppId(id), Clock::system().now(), changes)?)
}

fn listed(application: &Application) -> Listed {
    Listed {
        sdkappid: application.id.0,
        edition: application.settings.edition.as_str().to_owned(),
        disabled: application.disabled,
        keys: application.keys.len(),
    }
}

fn shown(application: &Application) -> Shown {
    let key = |key: &ApplicationKey| ShownKey { key: masked(&key.text), added: key.added.0 };
    Shown {
        sdkappid: application.id.0,
        disabled: application.disabled,
        keys: application.keys.iter().map(key).collect(),
        settings: application.settings.entries().into_iter().collect(),
    }
}
