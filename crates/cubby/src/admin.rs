//! A running server, steered over its `/admin/v1`: where it is, the token that lets in, and in words why it did not do what was asked. What
//! is asked of it is not known here.

use crate::config::{Config, Place, Source, admin_token};
use crate::http::{Base, Followed, HttpError};
use crate::running;
use crate::secret::Secret;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt::Display;
use std::fs;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the surface begins.
const ROOT: &str = "/admin/v1";
/// How long a reply that goes on may be silent: the server says something every 15 seconds.
const LIVE_SILENT_FOR: Duration = Duration::from_secs(60);

/// Why a server was not steered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AdminError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("{}: {error}", path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    #[error("{}: {why}", path.display())]
    BadTokenFile { path: PathBuf, why: String },
    #[error("{}: no server runs over this directory; start one with `cubby serve --data-dir`, or name one with --url", .0.display())]
    NoServer(PathBuf),
    #[error(
        "{server} wants its admin token, and none was given: --admin-token TOKEN, CUBBY_ADMIN_TOKEN or CUBBY_ADMIN_TOKEN_FILE; \
         a server over a directory keeps it in DIR/admin-token, and --data-dir DIR takes it from there"
    )]
    NoToken { server: String },
    #[error("{server} does not take the admin token of {of}")]
    WrongToken { server: String, of: String },
    #[error("{server} answers with HTTP status {status} and not as /admin/v1 does: is it a Cubby of this version?")]
    NotAdmin { server: String, status: u16 },
    /// The server's own words, which name the field.
    #[error("{0}")]
    Refused(String),
}

/// A server, and what lets in.
#[derive(Debug)]
pub(crate) struct Admin {
    base: Base,
    token: Option<Token>,
}

/// The token, and where it came from.
#[derive(Debug)]
struct Token {
    text: Secret,
    of: String,
}

impl Admin {
    /// The server that is configured: by its URL; else the one that runs over the data directory; else the one where a server usually is.
    pub(crate) fn of(config: &Config) -> Result<Self, AdminError> {
        let directory_is_named = matches!(config.source("store.url"), Source::Flag(_));
        let url_is_given = *config.source("client.url") != Source::Default;
        if let Place::Directory(directory) = &config.store.place
            && (directory_is_named || !url_is_given)
        {
            match Self::over(directory, config)? {
                Some(found) => return Ok(found),
                None if directory_is_named => return Err(AdminError::NoServer(directory.clone())),
                None => {}
            }
        }
        Self::at(&config.client.url, config)
    }

    /// The server at the configured URL.
    pub(crate) fn at(url: &str, config: &Config) -> Result<Self, AdminError> {
        Ok(Self { base: Base::parse(url)?, token: configured(config) })
    }

    /// The server that runs over a directory, with the directory's own token where none is configured; none where none runs.
    pub(crate) fn over(directory: &Path, config: &Config) -> Result<Option<Self>, AdminError> {
        let unreadable = |error| AdminError::Unreadable { path: running::file(directory), error };
        let Some(url) = running::url(directory).map_err(unreadable)? else { return Ok(None) };
        let token = match configured(config) {
            Some(token) => Some(token),
            None => kept(directory)?,
        };
        Ok(Some(Self { base: Base::parse(&url)?, token }))
    }

    pub(crate) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, AdminError> {
        self.told("GET", path, b"")
    }

    /// Asks for something with a body; what the reply tells.
    pub(crate) fn send<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, AdminError> {
        // What is sent is made here, and is always JSON.
        self.told(method, path, &serde_json::to_vec(body).unwrap_or_default())
    }

    /// Asks for something whose reply tells nothing.
    pub(crate) fn ask(&self, method: &str, path: &str) -> Result<(), AdminError> {
        self.sent(method, path, b"").map(drop)
    }

    /// Sends these bytes as they are; what the reply tells.
    pub(crate) fn told<T: DeserializeOwned>(&self, method: &str, path: &str, body: &[u8]) -> Result<T, AdminError> {
        let (status, body) = self.sent(method, path, body)?;
        serde_json::from_slice(&body).map_err(|_| self.not_admin(status))
    }

    fn sent(&self, method: &str, path: &str, body: &[u8]) -> Result<(u16, Vec<u8>), AdminError> {
        let bearer = self.bearer();
        let reply = self.base.send_with(method, &format!("{ROOT}/{path}"), &headers(bearer.as_deref()), body)?;
        self.check(reply.status, &reply.body)?;
        Ok((reply.status, reply.body))
    }

    /// Hears of what a live path tells, a line of data at a time, until the server ends it or `each` does not want more.
    pub(crate) fn follow(&self, path: &str, mut each: impl FnMut(Event<'_>)) -> Result<(), AdminError> {
        let bearer = self.bearer();
        let target = format!("{ROOT}/{path}");
        let Followed { reply, mut body } = self.base.follow(&target, &headers(bearer.as_deref()), LIVE_SILENT_FOR)?;
        let broken = |error| HttpError::Broken { authority: self.base.authority().to_owned(), error };
        if reply.status != 200 {
            let mut bytes = Vec::new();
            io::Read::read_to_end(&mut body, &mut bytes).map_err(broken)?;
            return self.check(reply.status, &bytes);
        }
        let mut name = String::new();
        for line in body.lines() {
            let line = line.map_err(broken)?;
            match line.split_once(": ") {
                Some(("event", event)) => event.clone_into(&mut name),
                Some(("data", data)) => each(Event { name: &name, data }),
                _ => {}
            }
        }
        Ok(())
    }

    fn check(&self, status: u16, body: &[u8]) -> Result<(), AdminError> {
        if (200..300).contains(&status) {
            return Ok(());
        }
        let server = self.base.authority().to_owned();
        let problem: Option<Value> = serde_json::from_slice(body).ok();
        let detail = problem.as_ref().and_then(|problem| problem.get("detail")?.as_str());
        match (status, detail, &self.token) {
            (401, Some(_), None) => Err(AdminError::NoToken { server }),
            (401, Some(_), Some(token)) => Err(AdminError::WrongToken { server, of: token.of.clone() }),
            (_, Some(detail), _) => Err(AdminError::Refused(detail.to_owned())),
            (_, None, _) => Err(self.not_admin(status)),
        }
    }

    fn not_admin(&self, status: u16) -> AdminError {
        AdminError::NotAdmin { server: self.base.authority().to_owned(), status }
    }

    fn bearer(&self) -> Option<String> {
        self.token.as_ref().map(|token| format!("Bearer {}", token.text.reveal()))
    }

    /// The server's address, which is where its calls are sent too.
    pub(crate) fn base(&self) -> &Base {
        &self.base
    }
}

/// What a live path tells.
#[derive(Debug)]
pub(crate) struct Event<'a> {
    pub(crate) name: &'a str,
    pub(crate) data: &'a str,
}

fn headers(bearer: Option<&str>) -> Vec<(&'static str, &str)> {
    bearer.map(|bearer| ("Authorization", bearer)).into_iter().collect()
}

fn configured(config: &Config) -> Option<Token> {
    let text = config.admin.token.clone()?;
    Some(Token { text, of: config.source("admin.token").to_string() })
}

/// The token that the server of a directory made; none where it was given one.
fn kept(directory: &Path) -> Result<Option<Token>, AdminError> {
    let path = running::token_file(directory);
    match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(AdminError::Unreadable { path, error }),
        Ok(text) => match admin_token(text.trim_end()) {
            Ok(text) => Ok(Some(Token { text, of: format!("file {}", path.display()) })),
            Err(why) => Err(AdminError::BadTokenFile { path, why }),
        },
    }
}

/// A path of an application.
pub(crate) fn of_app(sdkappid: u64, below: impl Display) -> String {
    format!("apps/{sdkappid}/{below}")
}
