//! The subcommands: one a file. Each takes its flags, does its work and says with which status the process ends.

pub(crate) mod app;
pub(crate) mod ca;
pub(crate) mod call;
pub(crate) mod config;
pub(crate) mod conformance;
pub(crate) mod copy;
mod credentials;
pub(crate) mod doctor;
pub(crate) mod health;
pub(crate) mod migrate_store;
pub(crate) mod openapi;
pub(crate) mod serve;
pub(crate) mod steer;
pub(crate) mod usersig;

use crate::admin::AdminError;
use crate::config::ConfigError;
use crate::http::HttpError;
use crate::offline::OfflineError;

/// Why a subcommand failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Serve(#[from] serve::ServeError),
    #[error(transparent)]
    Offline(#[from] OfflineError),
    #[error(transparent)]
    Credentials(#[from] credentials::CredentialsError),
    #[error(transparent)]
    App(#[from] app::AppError),
    #[error(transparent)]
    Usersig(#[from] usersig::UsersigError),
    #[error(transparent)]
    Ca(#[from] ca::CaError),
    #[error(transparent)]
    MigrateStore(#[from] migrate_store::MigrateStoreError),
    #[error(transparent)]
    Copy(#[from] copy::CopyingError),
    #[error(transparent)]
    Steer(#[from] steer::SteerError),
    #[error(transparent)]
    Admin(#[from] AdminError),
    #[error(transparent)]
    Http(#[from] HttpError),
}
