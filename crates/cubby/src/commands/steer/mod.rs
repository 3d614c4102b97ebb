//! The commands that put a running server's application into any state, over `/admin/v1`: one a file. What they share is here: which server,
//! and which of its applications.

pub(crate) mod calls;
pub(crate) mod clock;
pub(crate) mod fault;
mod span;
pub(crate) mod state;

use super::Error;
use crate::admin::{Admin, AdminError, of_app};
use crate::config::{Config, Flags};
use crate::http::escaped;
use clap::Args;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Why nothing was asked of the server.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SteerError {
    #[error("the server has no application; `cubby app create` makes one")]
    NoApplication,
    #[error("the server has {0} applications: say which with --sdkappid N, or CUBBY_SDKAPPID")]
    WhichApplication(usize),
    #[error("{}: {error}", path.display())]
    Unreadable { path: std::path::PathBuf, error: std::io::Error },
    #[error("the server sends what this version does not know: {0}")]
    Unknown(#[from] serde_json::Error),
}

/// The flags of a server.
#[derive(Debug, Args)]
pub(crate) struct ServerFlags {
    /// The server; else the one that runs over the data directory, else `http://127.0.0.1:8787`
    #[arg(long, value_name = "URL", global = true, conflicts_with = "data_dir")]
    url: Option<String>,
    /// The server that runs over this directory, with its admin token; else `CUBBY_DATA_DIR`, else ./cubby-data
    #[arg(long, value_name = "DIR", global = true)]
    data_dir: Option<String>,
    /// The admin token; else `CUBBY_ADMIN_TOKEN` or `CUBBY_ADMIN_TOKEN_FILE`, else that of the directory; an emulator needs none
    #[arg(long, value_name = "TOKEN", global = true)]
    admin_token: Option<String>,
}

/// The flags of a server's application.
#[derive(Debug, Args)]
pub(crate) struct AppFlags {
    #[command(flatten)]
    server: ServerFlags,
    /// The application; else `CUBBY_SDKAPPID`, else the only one that the server has
    #[arg(long, value_name = "N", global = true)]
    sdkappid: Option<u64>,
}

/// An application of a running server.
#[derive(Debug)]
pub(crate) struct Steered {
    pub(crate) admin: Admin,
    pub(crate) sdkappid: u64,
}

/// An application as the server lists it.
#[derive(Debug, Deserialize)]
struct Listed {
    sdkappid: u64,
}

impl ServerFlags {
    fn flags(self) -> Flags {
        Flags::default().with("client.url", "--url", self.url).with("store.data_dir", "--data-dir", self.data_dir).with(
            "admin.token",
            "--admin-token",
            self.admin_token,
        )
    }

    pub(crate) fn open(self, file: Option<&Path>) -> Result<Admin, Error> {
        Ok(Admin::of(&Config::load(file, self.flags())?)?)
    }
}

impl AppFlags {
    pub(crate) fn open(self, file: Option<&Path>) -> Result<Steered, Error> {
        let config = Config::load(file, self.server.flags().with("client.sdkappid", "--sdkappid", self.sdkappid))?;
        let admin = Admin::of(&config)?;
        let sdkappid = match config.client.sdkappid {
            Some(sdkappid) => sdkappid,
            None => match admin.get::<Vec<Listed>>("apps")?.as_slice() {
                [] => return Err(SteerError::NoApplication.into()),
                [one] => one.sdkappid,
                several => return Err(SteerError::WhichApplication(several.len()).into()),
            },
        };
        Ok(Steered { admin, sdkappid })
    }
}

impl Steered {
    /// A path of the application.
    pub(crate) fn path(&self, below: &str) -> String {
        of_app(self.sdkappid, below)
    }

    pub(crate) fn get<T: DeserializeOwned>(&self, below: &str) -> Result<T, AdminError> {
        self.admin.get(&self.path(below))
    }

    pub(crate) fn send<T: DeserializeOwned>(
        &self,
        method: &str,
        below: &str,
        body: &impl Serialize,
    ) -> Result<T, AdminError> {
        self.admin.send(method, &self.path(below), body)
    }

    pub(crate) fn ask(&self, method: &str, below: &str) -> Result<(), AdminError> {
        self.admin.ask(method, &self.path(below))
    }
}

/// A query string of what was given.
fn query(pairs: &[(&str, Option<String>)]) -> String {
    let pairs: Vec<String> =
        pairs.iter().filter_map(|(name, value)| Some(format!("{name}={}", escaped(value.as_ref()?)))).collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}
